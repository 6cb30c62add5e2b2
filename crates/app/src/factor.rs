//! Factors: enrolled with proof, shown, removed, and accepted at the second door.

#[cfg(test)]
mod tests;

use sallyport_crypto::{Secret, token, totp};
use sallyport_model::{
    Action, Factor, FactorKind, Proof, Span, Time, User,
    id::{FactorId, UserId},
};
use sallyport_store::{Edge, Once, Reader, Session, Versioned};
use serde::{Deserialize, Serialize};

use crate::{
    AppError, Ctx, Tx,
    ctx::{open_secret, settings},
    hardware_token,
    session::step_up::{Doors, doors},
    signin::{Offer, throttle},
};

const TOTP_SEED: &str = "totp_seed";
const TOTP_STEP: &str = "totp_step";
const BYPASS: &str = "bypass";
const ENROLLMENT_CODE: &str = "enrollment_code";
const PENDING_TOTP: &str = "pending_totp";

/// How long somebody may take from the QR code to the first code.
const PENDING_LIFE: Span = Span::minutes(15);
/// Longest life of an enrolment code.
const LONGEST_ENROLLMENT: i64 = 24 * 3600;
/// Longest life of a bypass code.
const LONGEST_BYPASS: i64 = 30 * 24 * 3600;
/// Most bypass codes in one batch.
const MOST_BYPASS_CODES: usize = 10;

/// An authenticator application about to be enrolled.
#[derive(Debug, Clone)]
pub struct PendingTotp {
    /// Must be brought with the first code.
    pub handle: Secret,
    /// For the QR code.
    pub uri: Secret,
    /// For typing.
    pub seed: Secret,
    pub user_name: String,
}

/// What a code turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passcode {
    Accepted {
        factor: FactorId,
        kind: FactorKind,
    },
    /// It was right and is spent.
    Used,
    Wrong,
}

/// What stands behind the handle of a pending enrolment.
#[derive(Serialize, Deserialize)]
struct Pending {
    user: UserId,
    /// The person's credential epoch when it began: what voids sessions voids this too.
    epoch: i64,
    /// The enrolment code that let it begin; it is spent together with this. Without one, the person themselves
    /// must complete it.
    code_hash: Option<String>,
    /// The seed, sealed, in hexadecimal.
    sealed: String,
}

/// A person's factors.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, user: UserId) -> Result<Vec<Factor>, AppError> {
    if !ctx.is_person(user) {
        ctx.allow(Action::ReadDirectory)?;
    }
    let now = ctx.now;
    ctx.read(move |reader| of(reader, user, now)).await
}

/// Issues a code with which a person may enrol their first factor. Former ones are void, and it is void itself as soon
/// as anything is that the person proved before: with a new password, a suspension, a removed factor.
///
/// # Errors
/// Denied, or no such user.
pub async fn issue_enrollment_code(ctx: &Ctx, user: UserId, valid_secs: i64) -> Result<Secret, AppError> {
    let code = EnrollmentCode::draw(ctx, valid_secs)?;
    let secret = code.secret.clone();
    ctx.write(move |tx| {
        let user = tx.user_for(Action::ManageFactors, user)?;
        code.issue(tx, &user)
    })
    .await?;
    Ok(secret)
}

/// An enrolment code that nobody has yet, drawn before the write, which may run more than once.
pub(crate) struct EnrollmentCode {
    pub(crate) secret: Secret,
    hash: String,
    expires: Time,
}

impl EnrollmentCode {
    /// # Errors
    /// No randomness.
    pub(crate) fn draw(ctx: &Ctx, valid_secs: i64) -> Result<Self, AppError> {
        let secret = token::grouped_digits(4, &*ctx.org.random)?;
        let hash = code_hash(ctx, ENROLLMENT_CODE, secret.expose()).unwrap_or_default();
        let expires = ctx.now.plus(Span::seconds(valid_secs.clamp(60, LONGEST_ENROLLMENT)));
        Ok(Self { secret, hash, expires })
    }

    /// Gives it to this person; former ones are void.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn issue(&self, tx: &mut Tx<'_, '_>, user: &Versioned<User>) -> Result<(), AppError> {
        let (owner, doc) = (user.id.to_string(), user.credential_epoch.to_string());
        tx.void_once(&owner, ENROLLMENT_CODE)?;
        let once = Once { owner, expires: self.expires, used: None, doc };
        tx.put_once(ENROLLMENT_CODE, &self.hash, &once)?;
        tx.record_touched(&user.value, "issue_enrollment_code");
        Ok(())
    }
}

/// Begins to enrol an authenticator application, by an enrolment code. The code is not spent yet, so that a
/// link that is merely opened loses nothing.
///
/// # Errors
/// The code is not right, or too many were wrong.
pub async fn begin_totp(ctx: &Ctx, code: &Secret) -> Result<PendingTotp, AppError> {
    let draft = TotpDraft::new(ctx)?;
    let hash = code_hash(ctx, ENROLLMENT_CODE, code.expose());
    let begun = ctx
        .write(move |tx| {
            let ctx = tx.ctx;
            if throttle::guess_wait(tx, ctx)?.is_some() {
                return Err(AppError::Busy);
            }
            let found = match &hash {
                Some(hash) => tx.find_once(ENROLLMENT_CODE, hash)?,
                None => None,
            };
            let now = tx.ctx.now;
            let found = found.filter(|once| once.used.is_none() && once.expires >= now);
            let user = match &found {
                Some(once) => person_behind(tx, once)?.filter(|user| user.is_active()),
                None => None,
            };
            match user {
                Some(user) => Ok(Some(draft.begin(tx, &user, hash.clone())?)),
                // The failure must be counted, so it is not an error of the transaction.
                None => throttle::guess_failed(tx).map(|()| None),
            }
        })
        .await?;
    begun.ok_or_else(|| AppError::invalid("code", "that enrolment code is not right or no longer good"))
}

/// The person an enrolment code was made for, if nothing has voided it since.
pub(crate) fn person_behind(reader: &mut Reader, code: &Once) -> Result<Option<Versioned<User>>, AppError> {
    let Ok(id) = code.owner.parse::<UserId>() else { return Ok(None) };
    Ok(reader.find::<User>(id)?.filter(|user| code.doc == user.credential_epoch.to_string()))
}

/// Begins to enrol one more authenticator application, by somebody who passed both doors.
///
/// # Errors
/// The session is not behind both doors, or the person is dormant and came in by an administrator's bypass code.
pub async fn begin_own_totp(ctx: &Ctx, session: &Session) -> Result<PendingTotp, AppError> {
    let (id, draft) = (behind_both_doors(ctx, session)?, TotpDraft::new(ctx)?);
    ctx.write(move |tx| {
        let user = tx.find::<User>(id)?.ok_or(AppError::Unauthenticated)?;
        if user.dormant {
            let text = "this account was not used for long; ask your administrator for an enrolment code";
            return Err(AppError::Conflict(text.into()));
        }
        draft.begin(tx, &user, None)
    })
    .await
}

/// The person whose session this is, if it is behind both doors here.
fn behind_both_doors(ctx: &Ctx, session: &Session) -> Result<UserId, AppError> {
    let id = ctx.person()?;
    match doors(ctx, session) {
        Doors::Both if session.user == id => Ok(id),
        Doors::Both | Doors::Elsewhere | Doors::One => Err(AppError::Unauthenticated),
    }
}

/// Completes the enrolment with the first code the application shows.
///
/// # Errors
/// The code is not right, or the enrolment took too long.
pub async fn confirm_totp(ctx: &Ctx, handle: &Secret, passcode: &Secret) -> Result<Factor, AppError> {
    let hash = ctx.org.keys.hash_token(PENDING_TOTP, handle.expose());
    let (id, duo_id, passcode) = (ctx.id(FactorId::new)?, ctx.duo_id("DH")?, passcode.clone());
    ctx.write(move |tx| {
        let too_late = || AppError::Conflict("this enrolment has expired; start it again".into());
        let now = tx.ctx.now;
        let once = tx.find_once(PENDING_TOTP, &hash)?.ok_or_else(too_late)?;
        let pending: Pending = serde_json::from_str(&once.doc)?;
        let own = pending.code_hash.is_some() || tx.ctx.is_person(pending.user);
        let user = tx
            .find::<User>(pending.user)?
            .filter(|user| own && user.is_active() && user.credential_epoch == pending.epoch)
            .ok_or_else(too_late)?;
        let sealed = data_encoding::HEXLOWER
            .decode(pending.sealed.as_bytes())
            .map_err(|error| AppError::Internal(error.to_string()))?;
        let seed = tx.ctx.open(&pending.user.to_string(), PENDING_TOTP, &sealed)?;
        let typed = token::typed_digits(passcode.expose()).unwrap_or_default();
        let step = totp::accept(&seed, &typed, now.unix_seconds(), None).ok_or_else(|| {
            AppError::invalid(
                "passcode",
                "that code is not right; check the clock of your phone and try again",
            )
        })?;
        let spent = match &pending.code_hash {
            Some(code) => tx.use_once(ENROLLMENT_CODE, code, now)?,
            None => !user.dormant,
        };
        if !spent || !tx.use_once(PENDING_TOTP, &hash, now)? {
            return Err(too_late());
        }
        let factor = Factor {
            id,
            user: pending.user,
            proof: Proof::Totp,
            name: "Authenticator app".into(),
            duo_id: duo_id.clone(),
            created: now,
        };
        let factor = insert(tx, factor)?;
        crate::user::age::awake(tx, &user)?;
        tx.seal_secret(&id.to_string(), TOTP_SEED, &seed)?;
        tx.raise_counter(&id.to_string(), TOTP_STEP, step)?;
        Ok(factor)
    })
    .await
}

/// Makes a batch of bypass codes, each good once, all shown once.
///
/// # Errors
/// Denied, no such user, or too many at once.
pub async fn issue_bypass_codes(
    ctx: &Ctx,
    user: UserId,
    count: usize,
    valid_secs: i64,
) -> Result<Vec<Secret>, AppError> {
    ctx.allow(Action::ManageFactors)?;
    if !(1..=MOST_BYPASS_CODES).contains(&count) {
        return Err(AppError::invalid("count", format!("from 1 to {MOST_BYPASS_CODES}")));
    }
    let codes: Vec<Secret> =
        (0..count).map(|_| token::grouped_digits(3, &*ctx.org.random)).collect::<Result<_, _>>()?;
    let hashes: Vec<String> = codes.iter().filter_map(|code| code_hash(ctx, BYPASS, code.expose())).collect();
    let (id, duo_id) = (ctx.id(FactorId::new)?, ctx.duo_id("DB")?);
    let expires = ctx.now.plus(Span::seconds(valid_secs.clamp(60, LONGEST_BYPASS)));
    ctx.write(move |tx| {
        let user = tx.user_for(Action::ManageFactors, user)?;
        let factor = Factor {
            id,
            user: user.id,
            proof: Proof::BypassCode { expires: Some(expires) },
            name: "Bypass codes".into(),
            duo_id: duo_id.clone(),
            created: tx.ctx.now,
        };
        insert(tx, factor)?;
        for hash in &hashes {
            let once = Once { owner: user.id.to_string(), expires, used: None, doc: id.to_string() };
            tx.put_once(BYPASS, hash, &once)?;
        }
        Ok(())
    })
    .await?;
    Ok(codes)
}

/// Removes anybody's factor, as an administrator.
///
/// # Errors
/// Denied, above the caller's own rights, or no such factor.
pub async fn remove(ctx: &Ctx, user: UserId, factor: FactorId) -> Result<(), AppError> {
    ctx.write(move |tx| {
        let person = tx.user_for(Action::ManageFactors, user)?;
        let found = one_of(tx, user, factor)?;
        take_away(tx, &person, &found)
    })
    .await
}

/// Removes one of one's own factors, but not the last. What was proved with it is void, this session included.
///
/// # Errors
/// The session is not behind both doors, no such factor, or it is the last.
pub async fn remove_own(ctx: &Ctx, session: &Session, factor: FactorId) -> Result<(), AppError> {
    let id = behind_both_doors(ctx, session)?;
    ctx.write(move |tx| {
        let person = tx.find::<User>(id)?.ok_or(AppError::Unauthenticated)?;
        let found = one_of(tx, id, factor)?;
        let now = tx.ctx.now;
        let lasting = of(tx, id, now)?.iter().filter(|f| f.kind() != FactorKind::BypassCode).count();
        if found.kind() != FactorKind::BypassCode && lasting <= 1 {
            return Err(AppError::Conflict("this is your last factor; enrol another one first".into()));
        }
        take_away(tx, &person, &found)
    })
    .await
}

fn one_of(reader: &mut Reader, user: UserId, factor: FactorId) -> Result<Versioned<Factor>, AppError> {
    let found = reader.find::<Factor>(factor)?.filter(|found| found.user == user);
    found.ok_or_else(|| AppError::not_found("factor", factor))
}

/// Removes a factor. What was proved with it is void.
pub(crate) fn take_away(
    tx: &mut Tx<'_, '_>,
    person: &Versioned<User>,
    factor: &Versioned<Factor>,
) -> Result<(), AppError> {
    let removed = tx.delete(factor)?;
    tx.record(removed, "remove");
    if let Some(token) = factor.token() {
        hardware_token::release(tx, token)?;
    }
    // What was proved with it must not count any more. Codes of a batch that is gone open nothing either.
    let changed = tx.update(person, person.value.clone().with_next_epoch())?;
    tx.record(changed, "factor_removed");
    Ok(())
}

/// What could open the second door for a person now.
pub(crate) fn offers(reader: &mut Reader, user: UserId, now: Time) -> Result<Vec<Offer>, AppError> {
    Ok(offered(&of(reader, user, now)?, now))
}

/// Those of a person's factors that could open the second door now.
pub(crate) fn offered(factors: &[Factor], now: Time) -> Vec<Offer> {
    let lasting = factors.iter().filter(|factor| lasts(factor, now));
    lasting
        .map(|factor| Offer {
            factor: factor.id,
            kind: factor.kind(),
            name: factor.name.clone(),
            duo_id: factor.duo_id.clone(),
        })
        .collect()
}

/// Tries a code on all factors of a person. What is accepted is spent in this transaction.
pub(crate) fn accept(
    tx: &mut Tx<'_, '_>,
    user: &Versioned<User>,
    passcode: &Secret,
) -> Result<Passcode, AppError> {
    let Some(typed) = token::typed_digits(passcode.expose()) else { return Ok(Passcode::Wrong) };
    let now = tx.ctx.now;
    let mut outcome = Passcode::Wrong;
    for factor in of(tx, user.id, now)? {
        let found = match factor.kind() {
            FactorKind::Totp => accept_totp(tx, factor.id, &typed)?,
            FactorKind::HardwareToken => hardware_token::accept(tx, &factor, &typed)?,
            FactorKind::BypassCode => accept_bypass(tx, user.id, factor.id, &typed)?,
        };
        match found {
            Passcode::Accepted { .. } => return Ok(found),
            Passcode::Used => outcome = Passcode::Used,
            Passcode::Wrong => {}
        }
    }
    Ok(outcome)
}

fn accept_totp(tx: &mut Tx<'_, '_>, factor: FactorId, typed: &str) -> Result<Passcode, AppError> {
    let id = factor.to_string();
    let ctx = tx.ctx;
    let Some(seed) = open_secret(tx, ctx, &id, TOTP_SEED)? else { return Ok(Passcode::Wrong) };
    let (now, last) = (ctx.now.unix_seconds(), tx.counter(&id, TOTP_STEP)?);
    match totp::accept(&seed, typed, now, last) {
        Some(step) if tx.raise_counter(&id, TOTP_STEP, step)? => {
            Ok(Passcode::Accepted { factor, kind: FactorKind::Totp })
        }
        Some(_) => Ok(Passcode::Used),
        None if totp::accept(&seed, typed, now, None).is_some() => Ok(Passcode::Used),
        None => Ok(Passcode::Wrong),
    }
}

fn accept_bypass(
    tx: &mut Tx<'_, '_>,
    user: UserId,
    factor: FactorId,
    typed: &str,
) -> Result<Passcode, AppError> {
    let Some(hash) = code_hash(tx.ctx, BYPASS, typed) else { return Ok(Passcode::Wrong) };
    let Some(once) = tx.find_once(BYPASS, &hash)? else { return Ok(Passcode::Wrong) };
    if once.owner != user.to_string() || once.doc != factor.to_string() {
        return Ok(Passcode::Wrong);
    }
    let now = tx.ctx.now;
    if tx.use_once(BYPASS, &hash, now)? {
        Ok(Passcode::Accepted { factor, kind: FactorKind::BypassCode })
    } else {
        Ok(if once.used.is_some() { Passcode::Used } else { Passcode::Wrong })
    }
}

/// A person's factors that have not expired.
pub(crate) fn of(reader: &mut Reader, user: UserId, now: Time) -> Result<Vec<Factor>, AppError> {
    let all = reader.list_rights_of::<Factor>(Edge::UserFactor, &user.to_string())?;
    Ok(all.into_iter().map(|factor| factor.value).filter(|factor| lasts(factor, now)).collect())
}

fn lasts(factor: &Factor, now: Time) -> bool {
    factor.expires().is_none_or(|expires| expires >= now)
}

/// A new factor of a person.
pub(crate) fn insert(tx: &mut Tx<'_, '_>, factor: Factor) -> Result<Factor, AppError> {
    let created = tx.create(factor)?;
    let factor = tx.record(created, "enroll").value;
    tx.put_edge(Edge::UserFactor, &factor.user.to_string(), &factor.id.to_string())?;
    Ok(factor)
}

/// The form in which a typed code rests; `None` if it is no code at all.
fn code_hash(ctx: &Ctx, kind: &str, typed: &str) -> Option<String> {
    token::typed_digits(typed).map(|digits| ctx.org.keys.hash_token(kind, &digits))
}

/// A pending enrolment whose randomness is drawn before the write, which may run more than once.
struct TotpDraft {
    handle: Secret,
    hash: String,
    seed: zeroize::Zeroizing<[u8; 20]>,
}

impl TotpDraft {
    fn new(ctx: &Ctx) -> Result<Self, AppError> {
        let (handle, hash) = ctx.bearer(PENDING_TOTP)?;
        let seed = zeroize::Zeroizing::new(sallyport_crypto::random::bytes::<20>(&*ctx.org.random)?);
        Ok(Self { handle, hash, seed })
    }

    fn begin(
        &self,
        tx: &mut Tx<'_, '_>,
        user: &User,
        code_hash: Option<String>,
    ) -> Result<PendingTotp, AppError> {
        let issuer = settings(tx)?.organization.clone();
        let owner = user.id.to_string();
        let sealed = data_encoding::HEXLOWER.encode(&tx.ctx.seal(&owner, PENDING_TOTP, &*self.seed)?);
        let doc = serde_json::to_string(&Pending {
            user: user.id,
            epoch: user.credential_epoch,
            code_hash,
            sealed,
        })?;
        let expires = tx.ctx.now.plus(PENDING_LIFE);
        tx.put_once(PENDING_TOTP, &self.hash, &Once { owner, expires, used: None, doc })?;
        Ok(PendingTotp {
            handle: self.handle.clone(),
            uri: totp::uri(&issuer, user.name.as_str(), &*self.seed).into(),
            seed: data_encoding::BASE32_NOPAD.encode(&*self.seed).into(),
            user_name: user.name.to_string(),
        })
    }
}
