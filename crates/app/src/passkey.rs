//! Passkeys: what browsers are asked, and what their answers open. Whether an answer holds is
//! [`sallyport_wire::webauthn`]'s to say; here stands whose it is.
//!
//! A challenge is kept nowhere until it is answered. It carries a code of ours over what it is for and whom it was given to,
//! and its end; the answer spends it, with the commit of what it opens.

pub(crate) mod challenge;
pub mod models;
#[cfg(test)]
pub(crate) mod tests;

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::{Secret, digest};
use sallyport_model::{
    Attested, Factor, FactorKind, Method, Proof, Settings, Span, User,
    id::{FactorId, UserId},
    name::printable,
    settings::PasskeyPolicy,
};
use sallyport_store::{Reader, Session, Versioned};
pub use sallyport_wire::webauthn::{Assertion, Attestation, CreationOptions, RequestOptions, WebAuthnError};
use sallyport_wire::webauthn::{Descriptor, Registered, RelyingParty, UserVerification};

use self::challenge::Purpose;
use crate::{
    AppError, Ctx, Phrase, Tx,
    ctx::{open_secret, settings},
    factor::{self, Begun, Verdict, enrollable::refuse_useless},
    policy::counts_for_somebody,
    signin::{self, Offer},
};

const KEY: &str = "passkey_key";
const COUNTER: &str = "passkey_counter";
const CREDENTIAL: &str = "passkey";

/// Most passkeys of a person.
const MOST: usize = 20;
/// How long a browser lets people look for their key, in seconds.
const TIMEOUT: u32 = 5 * 60;
/// Longest name of a passkey.
const LONGEST_NAME: usize = 64;

/// What a browser is asked at the second door of a sign-in; none if there is no passkey among `offers`, or browsers make
/// none for an address like ours.
///
/// # Errors
/// No randomness.
pub async fn ask_at_second_door(
    ctx: &Ctx,
    handle: &Secret,
    offers: &[Offer],
) -> Result<Option<RequestOptions>, AppError> {
    ask(ctx, &signin::handle_hash(ctx, handle), offers).await
}

/// The same for somebody who is signed in and passes the second door once more.
///
/// # Errors
/// No randomness.
pub async fn ask_once_more(
    ctx: &Ctx,
    session: &Session,
    offers: &[Offer],
) -> Result<Option<RequestOptions>, AppError> {
    ask(ctx, &session.hash, offers).await
}

async fn ask(ctx: &Ctx, of: &str, offers: &[Offer]) -> Result<Option<RequestOptions>, AppError> {
    let known: Vec<Descriptor> = offers.iter().filter_map(|offer| descriptor(&offer.proof)).collect();
    let Some(rp) = relying_party(ctx).filter(|_| !known.is_empty()) else { return Ok(None) };
    let asking = ctx.clone();
    let wanted = ctx.read(move |reader| Ok(wanted(&asking.org.view.settings(reader)?.passkeys))).await?;
    let challenge = challenge::set(ctx, Purpose::SecondDoor, of)?;
    Ok(Some(RequestOptions::new(&challenge, &rp, known, wanted, TIMEOUT)))
}

/// What a browser is asked at the first door, where no name is known yet; none where that is not done. `door` is the token
/// of the forms at the door.
///
/// # Errors
/// No randomness, or the store's.
pub async fn ask_at_first_door(ctx: &Ctx, door: &Secret) -> Result<Option<RequestOptions>, AppError> {
    let Some(rp) = relying_party(ctx) else { return Ok(None) };
    let asking = ctx.clone();
    let wanted = ctx
        .read(move |reader| {
            let settings = asking.org.view.settings(reader)?;
            // Where passkeys count for nobody, an offer would only lead to a denial.
            Ok(opens_first_door(&settings)
                && counts_for_somebody(reader, &asking, &settings, Method::Passkey)?)
        })
        .await;
    if !wanted.unwrap_or(false) {
        return Ok(None);
    }
    let challenge = challenge::set(ctx, Purpose::FirstDoor, door.expose())?;
    Ok(Some(RequestOptions::new(&challenge, &rp, Vec::new(), UserVerification::Required, TIMEOUT)))
}

/// What is asked of an authenticator besides a touch, wherever a password may stand beside it.
const fn wanted(policy: &PasskeyPolicy) -> UserVerification {
    if policy.always_verified { UserVerification::Required } else { UserVerification::Preferred }
}

pub(crate) const fn opens_first_door(settings: &Settings) -> bool {
    settings.passkeys.instead_of_password
}

/// What a browser is asked to make a passkey for somebody who passed both doors; none where browsers make none.
///
/// # Errors
/// The session is not behind both doors, passkeys open nothing for the person, no randomness, or the store's.
pub async fn ask_for_own(ctx: &Ctx, session: &Session) -> Result<Option<CreationOptions>, AppError> {
    let (user, asking) = (factor::behind_both_doors(ctx, session)?, ctx.clone());
    if !can_be_made(ctx) {
        return Ok(None);
    }
    ctx.read(move |reader| refuse_useless(reader, &asking, user, FactorKind::Passkey)).await?;
    creation(ctx, user, &session.hash).await
}

/// The same for somebody who enrols with a code; `pending` is the enrolment's.
///
/// # Errors
/// The enrolment took too long, no randomness, or the store's.
pub async fn ask_for_first(ctx: &Ctx, pending: &Secret) -> Result<Option<CreationOptions>, AppError> {
    let hash = factor::pending_hash(ctx, pending);
    let (of, asking) = (hash.clone(), ctx.clone());
    let user = ctx.read(move |reader| Ok(Begun::find(reader, &asking, &hash)?.user.id)).await?;
    creation(ctx, user, &of).await
}

async fn creation(ctx: &Ctx, id: UserId, of: &str) -> Result<Option<CreationOptions>, AppError> {
    let Some(rp) = relying_party(ctx) else { return Ok(None) };
    let now = ctx.now;
    let (user, known, settings) = ctx
        .read(move |reader| {
            let user = reader.find::<User>(id)?.ok_or(AppError::Unauthenticated)?;
            let mut known = factor::of(reader, id, now)?;
            // An authenticator whose passkey does not count may make another in its place.
            models::leave_those_that_count(reader, &mut known)?;
            Ok((user, known, settings(reader)?))
        })
        .await?;
    let known = known.iter().filter_map(|factor| descriptor(&factor.proof)).collect();
    let challenge = challenge::set(ctx, Purpose::Enrollment, of)?;
    // Names may come from elsewhere, and browsers show them in a dialog of their own.
    let (name, shown) = (printable(user.name.as_str(), 64), printable(&user.display_name, 64));
    let who = (user_handle(id), name.as_str(), shown.as_str());
    let organization = &settings.organization;
    let options = CreationOptions::new(&challenge, &rp, organization, (&who.0, who.1, who.2), known, TIMEOUT)
        .verifying(wanted(&settings.passkeys));
    Ok(Some(if settings.passkeys.models.is_empty() { options } else { options.attested() }))
}

/// Enrols a passkey for somebody who passed both doors.
///
/// # Errors
/// The session is not behind both doors, the person is dormant, has many already, passkeys open nothing for them, or the
/// browser's answer does not hold.
pub async fn enroll_own(
    ctx: &Ctx,
    session: &Session,
    name: &str,
    attestation: &Attestation,
) -> Result<Factor, AppError> {
    let user = factor::behind_both_doors(ctx, session)?;
    // Whoever is behind both doors of ours came in by their password, or by a passkey that stands for it.
    let draft = Draft::new(ctx, &session.hash, name, attestation, true).await?;
    ctx.write(move |tx| {
        let person = tx.find::<User>(user)?.ok_or(AppError::Unauthenticated)?;
        factor::refuse_dormant(&person)?;
        let ctx = tx.ctx;
        refuse_useless(tx, ctx, user, FactorKind::Passkey)?;
        let factor = draft.check(tx, user)?;
        let factor = factor::insert(tx, factor)?;
        draft.keep(tx, factor)
    })
    .await
}

/// Completes an enrolment that was begun with a code by a passkey, in place of an authenticator application.
///
/// # Errors
/// The enrolment took too long, or the browser's answer does not hold.
pub async fn enroll_first(
    ctx: &Ctx,
    pending: &Secret,
    name: &str,
    attestation: &Attestation,
) -> Result<Factor, AppError> {
    let hash = factor::pending_hash(ctx, pending);
    let draft = Draft::new(ctx, &hash, name, attestation, false).await?;
    ctx.write(move |tx| {
        let ctx = tx.ctx;
        let begun = Begun::find(tx, ctx, &hash)?;
        let factor = draft.check(tx, begun.user.id)?;
        let factor = begun.complete(tx, factor)?;
        draft.keep(tx, factor)
    })
    .await
}

/// A passkey about to be enrolled.
struct Draft {
    id: FactorId,
    duo_id: String,
    name: String,
    challenge: Vec<u8>,
    made: Registered,
    attested: Option<Attested>,
    opens_first_door: bool,
}

impl Draft {
    async fn new(
        ctx: &Ctx,
        of: &str,
        name: &str,
        attestation: &Attestation,
        opens_first_door: bool,
    ) -> Result<Self, AppError> {
        let refused = || AppError::invalid("passkey", Phrase::PasskeyDoesNotHold);
        let rp = relying_party(ctx).ok_or_else(refused)?;
        let challenge = attestation
            .claimed_challenge()
            .filter(|challenge| challenge::is_ours(ctx, Purpose::Enrollment, of, challenge))
            .ok_or_else(refused)?;
        let asking = ctx.clone();
        let policy = ctx.read(move |reader| asking.org.view.settings(reader)).await?.passkeys.clone();
        let (made, attested) =
            models::verified(ctx, attestation, &challenge, &rp, &policy).map_err(|error| {
                tracing::info!(request = &*ctx.request, %error, "a passkey was not enrolled");
                let unattested = matches!(error, WebAuthnError::NotAttested(_));
                if unattested { models::refused(&policy) } else { refused() }
            })?;
        let name = Some(printable(name.trim(), LONGEST_NAME)).filter(|name| !name.is_empty());
        let (id, duo_id) = (ctx.id(FactorId::new)?, ctx.duo_id("WA")?);
        let name = name.unwrap_or_else(|| "Passkey".into());
        Ok(Self { id, duo_id, name, challenge, made, attested, opens_first_door })
    }

    /// The factor it will be, once it is certain that it may.
    fn check(&self, tx: &mut Tx<'_, '_>, user: UserId) -> Result<Factor, AppError> {
        let now = tx.ctx.now;
        if !challenge::spend(tx, Purpose::Enrollment, &self.challenge)? {
            return Err(AppError::Conflict(Phrase::PasskeyUsed.into()));
        }
        if tx.find_alias(CREDENTIAL, &alias(&self.made.credential))?.is_some() {
            return Err(AppError::Conflict(Phrase::PasskeyTaken.into()));
        }
        let has = factor::of(tx, user, now)?.iter().filter(|f| f.kind() == FactorKind::Passkey).count();
        if has >= MOST {
            return Err(AppError::Conflict(Phrase::TooManyPasskeys(MOST).into()));
        }
        let proof = Proof::Passkey {
            credential: BASE64URL_NOPAD.encode(&self.made.credential),
            transports: self.made.transports.clone(),
            aaguid: digest::hex(&self.made.aaguid),
            synced: self.made.backup_eligible,
            opens_first_door: self.opens_first_door,
            attested: self.attested.clone(),
        };
        // Models may have been named since it was looked at.
        let policy = &settings(tx)?.passkeys;
        if !models::counts(policy, &proof) {
            return Err(models::refused(policy));
        }
        Ok(Factor {
            id: self.id,
            user,
            proof,
            name: self.name.clone(),
            duo_id: self.duo_id.clone(),
            created: now,
        })
    }

    fn keep(&self, tx: &mut Tx<'_, '_>, factor: Factor) -> Result<Factor, AppError> {
        let id = factor.id.to_string();
        tx.put_alias(CREDENTIAL, &alias(&self.made.credential), &id)?;
        tx.seal_secret(&id, KEY, &self.made.key)?;
        tx.raise_counter(&id, COUNTER, i64::from(self.made.counter))?;
        Ok(factor)
    }
}

/// Tries an answer to [`ask_at_second_door`] or [`ask_once_more`] on a person's passkeys. What is accepted is spent in
/// this transaction.
pub(crate) fn accept(
    tx: &mut Tx<'_, '_>,
    user: &User,
    assertion: &Assertion,
    asked_of: &str,
) -> Result<Verdict, AppError> {
    let found = by_credential(tx, &assertion.credential)?.filter(|factor| factor.user == user.id);
    let Some(factor) = found else { return Ok(Verdict::Wrong) };
    if assertion.user_handle.as_ref().is_some_and(|handle| **handle != user_handle(user.id)) {
        return Ok(Verdict::Wrong);
    }
    if !models::counts_now(tx, &factor.proof)? {
        return Ok(Verdict::NotAllowed);
    }
    let wanted = wanted(&settings(tx)?.passkeys);
    let (ctx, purpose) = (tx.ctx, Purpose::SecondDoor);
    match holds(tx, ctx, &factor, assertion, purpose, asked_of, wanted)? {
        Some(held) => spend(tx, &factor, purpose, &held),
        None => Ok(Verdict::Wrong),
    }
}

/// Whose passkey answers to [`ask_at_first_door`], and what came of it. What is accepted is spent in this transaction.
pub(crate) fn accept_of_anybody(
    tx: &mut Tx<'_, '_>,
    assertion: &Assertion,
    door: &Secret,
) -> Result<Option<(Versioned<User>, Verdict)>, AppError> {
    let ctx = tx.ctx;
    let Some((user, factor, held)) = holds_at_first_door(tx, ctx, assertion, door)? else { return Ok(None) };
    let counts = models::counts_now(tx, &factor.proof)?;
    let verdict = if counts { spend(tx, &factor, Purpose::FirstDoor, &held)? } else { Verdict::NotAllowed };
    Ok(Some((user, verdict)))
}

/// Whether an answer at the first door holds, as far as that can be told without spending it: what does not is no reason
/// to write.
pub(crate) async fn is_answer_at_first_door(
    ctx: &Ctx,
    assertion: &Assertion,
    door: &Secret,
) -> Result<bool, AppError> {
    let (asking, assertion, door) = (ctx.clone(), assertion.clone(), door.clone());
    ctx.read(move |reader| Ok(holds_at_first_door(reader, &asking, &assertion, &door)?.is_some())).await
}

type AtFirstDoor = (Versioned<User>, Versioned<Factor>, Held);

fn holds_at_first_door(
    reader: &mut Reader,
    ctx: &Ctx,
    assertion: &Assertion,
    door: &Secret,
) -> Result<Option<AtFirstDoor>, AppError> {
    let found = by_credential(reader, &assertion.credential)?;
    let Some(factor) = found.filter(|factor| opens_first(&factor.proof)) else { return Ok(None) };
    let user = reader.find::<User>(factor.user)?;
    let named = |user: &Versioned<User>| assertion.user_handle.as_deref() == Some(&user_handle(user.id)[..]);
    let Some(user) = user.filter(named) else { return Ok(None) };
    let (purpose, wanted) = (Purpose::FirstDoor, UserVerification::Required);
    let held = holds(reader, ctx, &factor, assertion, purpose, door.expose(), wanted)?;
    Ok(held.map(|held| (user, factor, held)))
}

const fn opens_first(proof: &Proof) -> bool {
    matches!(proof, Proof::Passkey { opens_first_door: true, .. })
}

/// The person has brought this passkey together with their password, so it may stand for both from now on.
pub(crate) fn proved_with_password(tx: &mut Tx<'_, '_>, id: FactorId) -> Result<(), AppError> {
    let Some(factor) = tx.find::<Factor>(id)?.filter(|factor| !opens_first(&factor.proof)) else {
        return Ok(());
    };
    let mut after = factor.value.clone();
    if let Proof::Passkey { opens_first_door, .. } = &mut after.proof {
        *opens_first_door = true;
    }
    let changed = tx.update(&factor, after)?;
    tx.record(changed, "open_first_door");
    Ok(())
}

/// An answer that holds.
struct Held {
    challenge: Vec<u8>,
    counter: u32,
}

fn holds(
    reader: &mut Reader,
    ctx: &Ctx,
    factor: &Factor,
    assertion: &Assertion,
    purpose: Purpose,
    asked_of: &str,
    wanted: UserVerification,
) -> Result<Option<Held>, AppError> {
    let id = factor.id.to_string();
    let challenge = assertion.claimed_challenge();
    let challenge = challenge.filter(|challenge| challenge::is_ours(ctx, purpose, asked_of, challenge));
    let (Some(rp), Some(challenge)) = (relying_party(ctx), challenge) else { return Ok(None) };
    let Some(key) = open_secret(reader, ctx, &id, KEY)? else { return Ok(None) };
    let synced = matches!(factor.proof, Proof::Passkey { synced: true, .. });
    match assertion.verify(&key, &challenge, &rp, wanted) {
        // Whether a credential may be on other devices too is settled when it is made (WebAuthn section 7.2, steps 18 and 19).
        Ok(asserted) if asserted.backup_eligible != synced => {
            tracing::warn!(
                request = &*ctx.request,
                factor = id,
                "a passkey says of itself what it did not say before"
            );
            Ok(None)
        }
        Ok(asserted) => Ok(Some(Held { challenge, counter: asserted.counter })),
        Err(error) => {
            tracing::info!(request = &*ctx.request, factor = id, %error, "a passkey did not open a door");
            Ok(None)
        }
    }
}

fn spend(tx: &mut Tx<'_, '_>, factor: &Factor, purpose: Purpose, held: &Held) -> Result<Verdict, AppError> {
    let id = factor.id.to_string();
    if !challenge::spend(tx, purpose, &held.challenge)? {
        return Ok(Verdict::Used);
    }
    // Authenticators that do not count stay at nothing (WebAuthn section 6.1.1).
    let (counted, last) = (i64::from(held.counter), tx.counter(&id, COUNTER)?.unwrap_or(0));
    if (counted, last) != (0, 0) && !tx.raise_counter(&id, COUNTER, counted)? {
        tracing::warn!(factor = id, user = %factor.user, "a passkey has counted backwards: there may be a copy of it");
        // One that is meant to be on several devices may count on each of them.
        if !matches!(factor.proof, Proof::Passkey { synced: true, .. }) {
            return Ok(Verdict::Copied);
        }
    }
    Ok(Verdict::Accepted { factor: factor.id, kind: FactorKind::Passkey })
}

/// Whether browsers make passkeys for our address.
pub(crate) fn can_be_made(ctx: &Ctx) -> bool {
    relying_party(ctx).is_some()
}

/// Who we are to browsers; none at an address that they make no passkeys for.
fn relying_party(ctx: &Ctx) -> Option<RelyingParty> {
    RelyingParty::of_url(&ctx.org.config.external_url)
}

fn by_credential(reader: &mut Reader, credential: &[u8]) -> Result<Option<Versioned<Factor>>, AppError> {
    let Some(owner) = reader.find_alias(CREDENTIAL, &alias(credential))? else { return Ok(None) };
    let Ok(id) = owner.parse::<FactorId>() else { return Ok(None) };
    Ok(reader.find::<Factor>(id)?)
}

/// What a credential is found by; its id may be long.
fn alias(credential: &[u8]) -> String {
    digest::hex(&digest::sha256(credential))
}

/// What an authenticator remembers a person by.
fn user_handle(user: UserId) -> [u8; 16] {
    *user.uuid().as_bytes()
}

fn descriptor(proof: &Proof) -> Option<Descriptor> {
    match proof {
        Proof::Passkey { credential, transports, .. } => {
            let id = BASE64URL_NOPAD.decode(credential.as_bytes()).ok()?;
            Some(Descriptor::new(&id, transports))
        }
        Proof::BypassCode { .. }
        | Proof::Duo
        | Proof::HardwareToken { .. }
        | Proof::Mail { .. }
        | Proof::Phone { .. }
        | Proof::Push { .. }
        | Proof::Totp => None,
    }
}

/// How long a question may wait for its answer.
const fn life(purpose: Purpose) -> Span {
    match purpose {
        Purpose::Enrollment | Purpose::Remember | Purpose::Remembered | Purpose::SecondDoor => {
            Span::minutes(15)
        }
        // The page of the first door stands open for as long as its forms are good.
        Purpose::FirstDoor => Span::hours(12),
    }
}
