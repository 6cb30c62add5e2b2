//! That a browser is on a device of this organisation: the agent on it says so, asked by that very browser.
//!
//! The browser is led to the agent of the machine that it is on, by an address that no other machine reaches, and back. What it
//! brings is signed with the device's key: what was asked, which person's account asked, and where it is led back to. What was
//! asked is known by a cookie of this browser alone, so an answer is worth nothing in another one; and an answer that was led to
//! another site says so itself.

#[cfg(test)]
mod tests;

use sallyport_api::agent::{DEVICE_PROOF_PORT, context, device_proof_bytes};
use sallyport_crypto::{Secret, sign::PublicKey};
use sallyport_model::{
    Device, DeviceState, Span, User,
    id::{DeviceId, UserId},
};
use sallyport_store::{Once, Reader};
use sallyport_wire::http::device_question::address;
use serde::{Deserialize, Serialize};

use crate::{AppError, Ctx, desired, oidc::issuer};

/// Kind of what a browser is asked, and prefix of its secret.
const QUESTION: &str = "spdq";
/// Kind of what a browser is known by that has proved its device, and prefix of it.
const PROOF: &str = "spdp";
const QUESTION_LIFE: Span = Span::minutes(2);
/// How long a browser's proof is good. What the device is, and whose, is looked at each time.
const PROOF_LIFE: Span = Span::hours(8);
/// Owner of what belongs to nobody yet.
const NOBODY: &str = "device_proof";

/// Which device somebody's browser is on, and whose account of it that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnDevice {
    pub user: UserId,
    pub device: DeviceId,
}

/// Where somebody wanted to go.
#[derive(Serialize, Deserialize)]
struct Wanted {
    next: String,
}

/// A browser that is led to its agent.
#[derive(Debug)]
pub struct Asked {
    /// What it is known by when it comes back.
    pub question: Secret,
    /// The agent's address.
    pub url: String,
}

/// What a browser brings back from an agent.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub challenge: &'a str,
    pub device: DeviceId,
    pub user: UserId,
    /// Hexadecimal.
    pub signature: &'a str,
}

/// What came of it.
#[derive(Debug)]
pub enum Outcome {
    /// The browser's proof, and where to go on.
    Proved { proof: Secret, next: String },
    /// The question is too old, was answered already, or was another browser's.
    NotAsked,
    /// The answer is of no active device, or of none that is this person's.
    Unknown { next: String },
}

/// Whether any access rule asks on which device somebody is.
///
/// # Errors
/// The store's, or a rule that cannot be read.
pub async fn matters(ctx: &Ctx) -> Result<bool, AppError> {
    let asking = ctx.clone();
    ctx.read(move |reader| Ok(asking.org.view.access_rules(reader)?.ask_about_devices())).await
}

/// Asks the agent of whatever machine this browser is on. `next`: where somebody wants to go.
///
/// # Errors
/// No randomness, or the store's.
pub async fn ask(ctx: &Ctx, next: &str) -> Result<Asked, AppError> {
    let (question, challenge) = ctx.bearer(QUESTION)?;
    let doc = serde_json::to_string(&Wanted { next: next.to_owned() })?;
    let once = Once { owner: NOBODY.into(), expires: ctx.now.plus(QUESTION_LIFE), used: None, doc };
    let url = address(DEVICE_PROOF_PORT, &challenge, issuer(ctx));
    ctx.write(move |tx| Ok(tx.put_once(QUESTION, &challenge, &once)?)).await?;
    Ok(Asked { question, url })
}

/// Judges what a browser brought back. `question`: what it is known by; `None` for an agent that does not know whoever asked.
///
/// # Errors
/// No randomness, or the store's.
pub async fn hear(ctx: &Ctx, question: &str, answer: Option<Answer<'_>>) -> Result<Outcome, AppError> {
    let challenge = ctx.org.keys.hash_token(QUESTION, question);
    let (proof, hash) = ctx.bearer(PROOF)?;
    if answer.is_some_and(|answer| answer.challenge != challenge) {
        return Ok(Outcome::NotAsked);
    }
    let claimed = answer.map(|answer| OnDevice { user: answer.user, device: answer.device });
    let signature = answer.map(|answer| answer.signature.to_owned()).unwrap_or_default();
    ctx.write(move |tx| {
        let now = tx.ctx.now;
        let found = tx.find_once(QUESTION, &challenge)?.filter(|found| found.expires >= now);
        let Some(found) = found else { return Ok(Outcome::NotAsked) };
        if !tx.use_once(QUESTION, &challenge, now)? {
            return Ok(Outcome::NotAsked);
        }
        let Wanted { next } = serde_json::from_str(&found.doc)?;
        let ctx = tx.ctx;
        let Some(claimed) = claimed else { return Ok(Outcome::Unknown { next }) };
        if !holds(tx, ctx, claimed, &challenge, &signature)? {
            tracing::info!(request = &*ctx.request, device = %claimed.device, "a device's word did not hold");
            return Ok(Outcome::Unknown { next });
        }
        let doc = serde_json::to_string(&claimed)?;
        let once = Once { owner: claimed.user.to_string(), expires: now.plus(PROOF_LIFE), used: None, doc };
        tx.put_once(PROOF, &hash, &once)?;
        Ok(Outcome::Proved { proof: proof.clone(), next })
    })
    .await
}

/// Whether this device signed this, is one of the organisation's, and is this person's to use.
fn holds(
    reader: &mut Reader,
    ctx: &Ctx,
    claimed: OnDevice,
    challenge: &str,
    signature: &str,
) -> Result<bool, AppError> {
    let OnDevice { user, device } = claimed;
    let found = reader.find::<Device>(device)?.filter(|found| found.state == DeviceState::Active);
    let Some(found) = found else { return Ok(false) };
    let organization = ctx.org.keys.device_signing().public().to_hex();
    let signed = device_proof_bytes(&organization, device, user, issuer(ctx), challenge);
    let signature = data_encoding::HEXLOWER.decode(signature.as_bytes()).unwrap_or_default();
    let is_signed = PublicKey::from_hex(&found.public_key)
        .is_some_and(|key| key.verifies(context::DEVICE_PROOF, &signed, &signature));
    let is_active = reader.find::<User>(user)?.is_some_and(|user| user.is_active());
    Ok(is_signed && is_active && desired::is_bound(reader, user, device)?)
}

/// What a browser has proved that is known by this.
///
/// # Errors
/// The store's.
pub async fn proved(ctx: &Ctx, proof: &str) -> Result<Option<OnDevice>, AppError> {
    let (now, hash) = (ctx.now, ctx.org.keys.hash_token(PROOF, proof));
    ctx.read(move |reader| {
        let found = reader.find_once(PROOF, &hash)?.filter(|found| found.expires >= now);
        Ok(found.map(|found| serde_json::from_str(&found.doc)).transpose()?)
    })
    .await
}
