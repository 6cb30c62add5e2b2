//! A phone becomes a factor: by a code that a page of its owner shows, good once and for a quarter of an hour.

use sallyport_crypto::Secret;
use sallyport_model::{
    Factor, FactorKind, Span, Time, User,
    id::{FactorId, UserId},
    name::printable,
};
use sallyport_store::{Once, Session};
use sallyport_wire::{
    pages::phone::Key,
    webauthn::{CreationOptions, RelyingParty, UserVerification},
};
use serde::{Deserialize, Serialize};

use super::{KEY, PHONE, PhoneKey, factor, hash_of, phone_secret, reactivation::Again};
use crate::{
    AppError, Ctx, Phrase, Tx,
    factor::{self as factors, Begun as Enrollment, enrollable::refuse_useless},
    signin::throttle,
};

const ACTIVATION: &str = "push_activation";
pub(super) const LIFE: Span = Span::minutes(15);
/// Most phones of a person.
const MOST: usize = 5;
const LONGEST_NAME: usize = 64;
/// Seconds in which a phone makes its key.
const TIMEOUT: u32 = 120;

/// A phone about to be activated.
#[derive(Debug, Clone)]
pub struct Begun {
    /// Typed on the phone, or scanned with the address.
    pub code: Secret,
    pub url: Secret,
    /// Until when it is good.
    pub expires: Time,
}

/// What a phone brings to be activated.
pub struct Bring {
    pub(super) name: String,
    pub(super) platform: String,
    pub(super) key: Key,
}

/// A phone that was activated, and the secret that its browser keeps.
pub struct Activation {
    pub factor: Factor,
    pub secret: Secret,
}

/// What stands behind an activation code.
#[derive(Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) user: UserId,
    pub(super) epoch: i64,
    /// The enrolment that it completes, where it is somebody's first factor.
    pub(super) enrollment: Option<String>,
    /// The phone that it is, where there is one already.
    #[serde(default)]
    pub(super) again: Option<Again>,
}

impl Bring {
    /// `platform` is what the phone says of itself, `name` what its owner calls it.
    #[must_use]
    pub fn new(name: &str, platform: &str, key: Key) -> Self {
        let name = Some(printable(name.trim(), LONGEST_NAME)).filter(|name| !name.is_empty());
        Self { name: name.unwrap_or_else(|| "Phone".into()), platform: printable(platform, 120), key }
    }
}

/// Begins to activate one more phone, by somebody who passed both doors.
///
/// # Errors
/// The session is not behind both doors, the person is dormant or has many phones, pushes open nothing for them, or no
/// randomness.
pub async fn begin_own(ctx: &Ctx, session: &Session) -> Result<Begun, AppError> {
    let id = factors::behind_both_doors(ctx, session)?;
    begin(ctx, LIFE, move |tx| {
        let user = tx.find::<User>(id)?.ok_or(AppError::Unauthenticated)?;
        factors::refuse_dormant(&user)?;
        let ctx = tx.ctx;
        refuse_useless(tx, ctx, id, FactorKind::Push)?;
        Ok(Pending { user: id, epoch: user.credential_epoch, enrollment: None, again: None })
    })
    .await
}

/// The same for somebody who enrols their first factor with a code; `pending` is the enrolment's handle.
///
/// # Errors
/// The enrolment took too long, pushes open nothing there, or no randomness.
pub async fn begin_first(ctx: &Ctx, pending: &Secret) -> Result<Begun, AppError> {
    let hash = factors::pending_hash(ctx, pending);
    begin(ctx, LIFE, move |tx| {
        let ctx = tx.ctx;
        let begun = Enrollment::find(tx, ctx, &hash)?;
        begun.refuse_useless(tx, ctx, FactorKind::Push)?;
        let user = begun.user;
        let (epoch, enrollment) = (user.credential_epoch, Some(hash.clone()));
        Ok(Pending { user: user.id, epoch, enrollment, again: None })
    })
    .await
}

/// Draws a code for what `pending` finds, which is good for so long.
pub(super) async fn begin(
    ctx: &Ctx,
    life: Span,
    pending: impl Fn(&mut Tx<'_, '_>) -> Result<Pending, AppError> + Send + 'static,
) -> Result<Begun, AppError> {
    let code = sallyport_crypto::token::grouped_digits(4, &*ctx.org.random)?;
    let (hash, expires) = (code_hash(ctx, code.expose())?, ctx.now.plus(life));
    ctx.write(move |tx| {
        let (pending, now) = (pending(tx)?, tx.ctx.now);
        let phones = factors::of(tx, pending.user, now)?;
        let phones = phones.iter().filter(|factor| factor.kind() == FactorKind::Push).count();
        if pending.again.is_none() && phones >= MOST {
            return Err(AppError::Conflict(Phrase::TooManyPhones(MOST).into()));
        }
        let (owner, doc) = (pending.user.to_string(), serde_json::to_string(&pending)?);
        // Whoever asks for another code has no use for the former.
        tx.void_once(&owner, ACTIVATION)?;
        tx.put_once(ACTIVATION, &hash, &Once { owner, expires, used: None, doc })?;
        Ok(())
    })
    .await?;
    let digits: String = code.expose().chars().filter(char::is_ascii_digit).collect();
    Ok(Begun { url: page_for(ctx, &digits).into(), code, expires })
}

/// The page that takes a code, with it.
pub(crate) fn page_for(ctx: &Ctx, digits: &str) -> String {
    format!("{}/phone#{digits}", ctx.org.config.external_url.trim_end_matches('/'))
}

/// What a phone with this code signs to show that it has its key: a text for a key of the browser, and the same as the
/// challenge of a passkey, where browsers make one.
///
/// # Errors
/// The code is not right, or too many were wrong.
pub async fn question(ctx: &Ctx, code: &Secret) -> Result<(String, Option<CreationOptions>), AppError> {
    let hash = code_hash(ctx, code.expose())?;
    refuse_guessers(ctx).await?;
    let found = ctx
        .write(move |tx| {
            let ctx = tx.ctx;
            if throttle::guess_wait(tx, ctx)?.is_some() {
                return Err(AppError::Busy);
            }
            match pending(tx, &hash)? {
                Some((user, _)) => {
                    let organization = crate::ctx::settings(tx)?.organization.clone();
                    Ok(Some((user, organization)))
                }
                // The failure must be counted, so it is not an error of the transaction.
                None => throttle::guess_failed(tx).map(|()| None),
            }
        })
        .await?;
    let (user, organization) = found.ok_or_else(wrong_code)?;
    let text = proof_text(code.expose());
    let options = RelyingParty::of_url(&ctx.org.config.external_url).map(|rp| {
        let name = format!("{} (answers of this phone)", printable(user.name.as_str(), 64));
        let challenge = hash_of(&text);
        // A handle of its own: a second credential under the person's would take the place of their passkey.
        let who = (&challenge[..16], name.as_str(), name.as_str());
        CreationOptions::new(&challenge, &rp, &organization, who, Vec::new(), TIMEOUT).on_this_device()
    });
    Ok((text, options))
}

/// Activates a phone. The code is spent, and with it the enrolment that it belongs to.
///
/// # Errors
/// The code is not right or no longer good, or the phone does not have the key it says.
pub async fn activate(ctx: &Ctx, code: &Secret, bring: Bring) -> Result<Activation, AppError> {
    refuse_guessers(ctx).await?;
    let key = proven(ctx, code.expose(), &bring.key)?;
    let key = serde_json::to_vec(&key)?;
    let hash = code_hash(ctx, code.expose())?;
    let (secret, secret_hash) = phone_secret(ctx)?;
    let (id, duo_id) = (ctx.id(FactorId::new)?, ctx.duo_id("DP")?);
    let made = ctx
        .write(move |tx| {
            let (ctx, now) = (tx.ctx, tx.ctx.now);
            if throttle::guess_wait(tx, ctx)?.is_some() {
                return Err(AppError::Busy);
            }
            let Some((user, Pending { enrollment, again, .. })) = pending(tx, &hash)? else {
                return throttle::guess_failed(tx).map(|()| None);
            };
            if !tx.use_once(ACTIVATION, &hash, now)? {
                return Err(wrong_code());
            }
            // A phone that is set up anew stays the one it was; another may be one that was made without a number.
            let given = if again.is_none() { crate::duo::admin::phones::claim(tx, user.id)? } else { None };
            let new = factor(id, user.id, &bring, given.unwrap_or_else(|| duo_id.clone()), now);
            let made = match (again, enrollment) {
                (Some(again), _) => again.complete(tx, &user, new.proof)?,
                (None, Some(enrollment)) => Enrollment::find(tx, ctx, &enrollment)?.complete(tx, new)?,
                (None, None) => {
                    refuse_useless(tx, ctx, user.id, FactorKind::Push)?;
                    factors::insert(tx, new)?
                }
            };
            tx.seal_secret(&made.id.to_string(), KEY, &key)?;
            tx.put_alias(PHONE, &secret_hash, &made.id.to_string())?;
            Ok(Some(made))
        })
        .await?;
    Ok(Activation { factor: made.ok_or_else(wrong_code)?, secret })
}

/// Whoever is held back costs no write.
async fn refuse_guessers(ctx: &Ctx) -> Result<(), AppError> {
    let asking = ctx.clone();
    match ctx.read(move |reader| throttle::guess_wait(reader, &asking)).await? {
        Some(_) => Err(AppError::Busy),
        None => Ok(()),
    }
}

/// Whose an activation code is, and what it completes.
type Owner = (sallyport_store::Versioned<User>, Pending);

/// Whose activation code this is, if nothing has voided it.
fn pending(tx: &mut Tx<'_, '_>, hash: &str) -> Result<Option<Owner>, AppError> {
    let now = tx.ctx.now;
    let once = tx.find_once(ACTIVATION, hash)?.filter(|once| once.used.is_none() && once.expires >= now);
    let Some(once) = once else { return Ok(None) };
    let pending: Pending = serde_json::from_str(&once.doc)?;
    if let Some(again) = &pending.again
        && !again.is_there(tx, pending.user)?
    {
        return Ok(None);
    }
    let user = tx.find::<User>(pending.user)?;
    let user = user.filter(|user| user.is_active() && user.credential_epoch == pending.epoch);
    Ok(user.map(|user| (user, pending)))
}

/// The key in the form in which it is kept, if the phone has shown that it has it.
fn proven(ctx: &Ctx, code: &str, key: &Key) -> Result<PhoneKey, AppError> {
    let refused = || AppError::invalid("key", Phrase::PhoneHasNoKey);
    let text = proof_text(code);
    match key {
        Key::BrowserKey { point, signature } => {
            let point = data_encoding::HEXLOWER.encode(point);
            let key = PhoneKey::browser_key(&point).ok_or_else(refused)?;
            let proven = key.verifies_fixed(text.as_bytes(), signature);
            if proven { Ok(PhoneKey::BrowserKey { point }) } else { Err(refused()) }
        }
        Key::Passkey(attestation) => {
            let rp = RelyingParty::of_url(&ctx.org.config.external_url).ok_or_else(refused)?;
            let made =
                attestation.verify(&hash_of(&text), &rp, UserVerification::Required).map_err(|error| {
                    tracing::info!(request = &*ctx.request, %error, "a phone was not activated");
                    refused()
                })?;
            Ok(PhoneKey::Passkey {
                cose: data_encoding::HEXLOWER.encode(&made.key),
                credential: data_encoding::BASE64URL_NOPAD.encode(&made.credential),
            })
        }
    }
}

/// What a phone signs when it is activated.
fn proof_text(code: &str) -> String {
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    format!("sallyport phone 1\n{digits}")
}

fn code_hash(ctx: &Ctx, code: &str) -> Result<String, AppError> {
    let digits = sallyport_crypto::token::typed_digits(code).ok_or_else(wrong_code)?;
    Ok(ctx.org.keys.hash_token(ACTIVATION, &digits))
}

fn wrong_code() -> AppError {
    AppError::invalid("code", Phrase::PhoneCodeWrong)
}
