//! The phone page: a page of ours on somebody's phone, that is asked at the second door and answers with a key of the phone.
//!
//! A phone is activated by a code that its owner's page shows. From then on it is known by a secret in its browser, with
//! which it may look and say no; to say yes it signs what it was shown, with a passkey whose challenge is the hash of
//! that text, or with a key of the browser that cannot be exported. While its page is open it waits for requests here; else
//! it is woken through the service of its browser's vendor, which learns that something was sent and nothing more.

mod activation;
mod answer;
pub mod reactivation;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod verification;
mod waking;

use std::time::Duration;

use sallyport_crypto::{Secret, digest, foreign::ForeignKey};
use sallyport_model::{
    Challenge, ChallengeState, Factor, FactorKind, PhoneKeyKind, Proof, Time, User,
    id::{ChallengeId, FactorId, UserId},
};
use sallyport_store::{Reader, Versioned};
pub use sallyport_wire::{
    pages::phone::{By, Key, Proved},
    webpush::Subscription,
};
use serde::{Deserialize, Serialize};

pub(crate) use self::waking::{Told, is_subscribed, tell, wake};
pub(crate) use self::{activation::page_for, reactivation::refuse_other_kinds};
pub use self::{
    activation::{Activation, Begun, Bring, activate, begin_first, begin_own, question},
    answer::answer,
    waking::{application_server_key, subscribe},
};
use crate::{AppError, Ctx, ctx::open_secret, signin::challenge};

/// Prefix of the secret by which a phone's browser is known, and the kind of alias it is found by.
const PHONE: &str = "spp";
/// The public key with which a phone signs, sealed.
const KEY: &str = "push_key";

/// A phone that calls.
#[derive(Debug, Clone)]
pub struct Phone {
    pub factor: Factor,
    pub user: User,
}

/// What a phone's page has to know of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct About {
    pub name: String,
    pub user: String,
    pub signs_with: PhoneKeyKind,
    /// The id of its credential, as base64url, if it signs with a passkey.
    pub credential: Option<String>,
    /// Whether it can be woken.
    pub subscribed: bool,
}

/// Why a phone is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// Somebody stands at a second door.
    SignIn,
    /// A help desk asks whom it speaks with.
    Verification,
}

/// What a phone is asked, as it shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Request {
    pub id: ChallengeId,
    pub kind: RequestKind,
    /// What somebody signs in to, or which help desk asks.
    pub what: String,
    /// The address it comes from; empty where it is not known.
    pub place: String,
    /// The browser or machine that asks, as it names itself; empty where it is not known.
    pub device: String,
    /// When, in Unix seconds.
    pub at: i64,
    /// Until when it can be answered.
    pub until: i64,
    /// How many digits the person has to bring from the door.
    pub digits: usize,
}

/// What a phone was asked and cannot answer any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ended {
    #[serde(flatten)]
    pub request: Request,
    /// Whether its door was opened by it.
    pub opened: bool,
}

/// So many of these are shown.
const MOST_ENDED: usize = 10;

/// With what a phone signs.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum PhoneKey {
    /// An uncompressed point of P-256, in hexadecimal.
    BrowserKey { point: String },
    /// The key of a credential in COSE form, in hexadecimal, and the id of the credential in base64url.
    Passkey { cose: String, credential: String },
}

impl PhoneKey {
    fn browser_key(point: &str) -> Option<ForeignKey> {
        let point = data_encoding::HEXLOWER.decode(point.as_bytes()).ok()?;
        point.try_into().ok().map(ForeignKey::Es256).filter(ForeignKey::is_sound)
    }
}

/// Whose phone this is, by the secret of its browser.
///
/// # Errors
/// [`AppError::Unauthenticated`] for anything that is no phone of an active person.
pub async fn authenticate(ctx: &Ctx, secret: &str) -> Result<Phone, AppError> {
    if !sallyport_crypto::token::is_well_formed(PHONE, secret) {
        return Err(AppError::Unauthenticated);
    }
    let hash = ctx.org.keys.hash_token(PHONE, secret);
    ctx.read(move |reader| {
        let owner = reader.find_alias(PHONE, &hash)?.ok_or(AppError::Unauthenticated)?;
        let id = owner.parse::<FactorId>().map_err(|_| AppError::Unauthenticated)?;
        let (factor, user) = phone(reader, id)?.ok_or(AppError::Unauthenticated)?;
        Ok(Phone { factor: factor.value, user: user.value })
    })
    .await
}

/// What a phone's page has to know of itself.
///
/// # Errors
/// The store's.
pub async fn about(ctx: &Ctx, phone: &Phone) -> Result<About, AppError> {
    let (id, reading) = (phone.factor.id.to_string(), ctx.clone());
    let (key, subscribed) = ctx
        .read(move |reader| {
            let key = open_secret(reader, &reading, &id, KEY)?.ok_or(AppError::Unauthenticated)?;
            Ok((key, waking::is_subscribed(reader, &id)?))
        })
        .await?;
    let (name, user) = (phone.factor.name.clone(), phone.user.name.to_string());
    let (signs_with, credential) = match serde_json::from_slice(&key)? {
        PhoneKey::BrowserKey { .. } => (PhoneKeyKind::BrowserKey, None),
        PhoneKey::Passkey { credential, .. } => (PhoneKeyKind::Passkey, Some(credential)),
    };
    Ok(About { name, user, signs_with, credential, subscribed })
}

/// What this phone is asked now. With nothing to show it waits, up to `longest`, for something to come.
///
/// # Errors
/// The store's.
pub async fn requests(ctx: &Ctx, phone: &Phone, longest: Duration) -> Result<Vec<Request>, AppError> {
    let listener = ctx.org.bells.listen_for(phone.user.id.to_string(), Duration::ZERO);
    let look = || async {
        let found = open(ctx, phone).await?;
        Ok::<_, AppError>((!found.is_empty()).then_some(found))
    };
    Ok(listener.until(longest, ctx.org.db.is_shared(), look).await?.unwrap_or_default())
}

async fn open(ctx: &Ctx, phone: &Phone) -> Result<Vec<Request>, AppError> {
    let (now, factor) = (ctx.org.clock.now(), phone.factor.id);
    ctx.read(move |reader| {
        // A phone that was taken away while its page waits hears of nothing more.
        let Some((_, user)) = self::phone(reader, factor)? else { return Err(AppError::Unauthenticated) };
        let challenges = reader.challenges_of(user.id, now.minus(challenge::LIFE))?;
        let mine = challenges.iter().filter(|challenge| challenge.factor == factor && challenge.is_open(now));
        Ok(mine.map(shown).collect())
    })
    .await
}

/// What this phone was asked within the last hour and cannot answer any more, the newest first, of which its owner may yet say
/// that it was not them.
///
/// # Errors
/// The store's, or the phone is none any more.
pub async fn ended(ctx: &Ctx, phone: &Phone) -> Result<Vec<Ended>, AppError> {
    let (now, factor) = (ctx.now, phone.factor.id);
    ctx.read(move |reader| {
        let Some((_, user)) = self::phone(reader, factor)? else { return Err(AppError::Unauthenticated) };
        let asked = reader.challenges_of(user.id, now.minus(Challenge::SAID_WITHIN))?;
        let mine = asked.iter().filter(|challenge| challenge.factor == factor);
        let mut ended: Vec<Ended> = mine
            .filter(|challenge| !challenge.is_open(now) && challenge.may_be_disowned(now))
            .map(|challenge| Ended {
                request: shown(challenge),
                opened: challenge.state == ChallengeState::Spent,
            })
            .collect();
        ended.sort_by_key(|ended| std::cmp::Reverse(ended.request.at));
        ended.truncate(MOST_ENDED);
        Ok(ended)
    })
    .await
}

/// The page gives itself up: the factor is gone.
///
/// # Errors
/// It is the person's last, which nobody gives up by a tap.
pub async fn forget(ctx: &Ctx, phone: &Phone) -> Result<(), AppError> {
    let (factor, ctx) = (phone.factor.id, as_owner(ctx, phone));
    ctx.write(move |tx| {
        let (factor, user) = self::phone(tx, factor)?.ok_or(AppError::Unauthenticated)?;
        crate::factor::refuse_last(tx, &factor)?;
        crate::factor::take_away(tx, &user, &factor)
    })
    .await
}

/// The call as its owner's.
fn as_owner(ctx: &Ctx, phone: &Phone) -> Ctx {
    let (id, name) = (phone.user.id, phone.user.name.to_string());
    ctx.with_caller(crate::Caller::Person { id, name, roles: std::collections::BTreeSet::new() })
}

type Owned = (Versioned<Factor>, Versioned<User>);

/// A phone and whose it is, if both count.
fn phone(reader: &mut Reader, id: FactorId) -> Result<Option<Owned>, AppError> {
    let Some(factor) = reader.find::<Factor>(id)?.filter(|factor| factor.kind() == FactorKind::Push) else {
        return Ok(None);
    };
    let user = reader.find::<User>(factor.user)?.filter(|user| user.is_active());
    Ok(user.map(|user| (factor, user)))
}

fn shown(challenge: &Challenge) -> Request {
    Request {
        id: challenge.id,
        kind: if challenge.verifies { RequestKind::Verification } else { RequestKind::SignIn },
        what: challenge.what.clone(),
        place: challenge.place(),
        device: challenge.device.clone().unwrap_or_default(),
        at: challenge.created.unix_seconds(),
        until: challenge.expires.unix_seconds(),
        digits: challenge.number.as_ref().map_or(0, String::len),
    }
}

/// What a phone signs to say yes: all that it showed, and the number that was typed. The lines stand as they are shown, and
/// none of them can hold an end of line.
fn approval(challenge: &Challenge, number: &str) -> String {
    let Request { id, what, place, device, at, .. } = shown(challenge);
    format!("sallyport approve 2\n{id}\n{what}\n{place}\n{device}\n{at}\n{number}")
}

/// The same as the challenge of a passkey.
fn hash_of(text: &str) -> [u8; 32] {
    digest::sha256(text.as_bytes())
}

/// The secret of a phone's browser, with its hash.
fn phone_secret(ctx: &Ctx) -> Result<(Secret, String), AppError> {
    ctx.bearer(PHONE)
}

/// A factor for this phone.
fn factor(id: FactorId, user: UserId, bring: &Bring, duo_id: String, now: Time) -> Factor {
    let proof = Proof::Push { platform: bring.platform.clone(), signs_with: bring.key.kind() };
    Factor { id, user, proof, name: bring.name.clone(), duo_id, created: now }
}
