//! Enrolling a factor, which is itself an authentication: with a code that an administrator handed out, or by somebody
//! who passed both doors. A code is spent together with the proof that the factor works.

use sallyport_crypto::{Secret, token, totp};
use sallyport_model::{
    Action, Factor, FactorKind, Proof, ResetOf, Span, Time, User,
    id::{FactorId, UserId},
};
use sallyport_store::{Once, Reader, Session, Versioned};
use serde::{Deserialize, Serialize};

use super::{
    TOTP_SEED, TOTP_STEP,
    at_door::Vouching,
    code_hash,
    enrollable::{self, Enrollable, Where},
    insert,
};
use crate::{
    AppError, Ctx, Phrase, Tx,
    ctx::settings,
    recovery,
    session::step_up::{Doors, doors},
    signin::throttle,
};

pub(super) const ENROLLMENT_CODE: &str = "enrollment_code";
const PENDING_TOTP: &str = "pending_totp";
/// Most authenticator applications of a person: each is one more whose code a guess could hit.
const MOST_APPS: usize = 5;

/// How long somebody may take from the QR code to the first code.
const PENDING_LIFE: Span = Span::minutes(15);
/// Longest life of an enrolment code.
pub(crate) const LONGEST_ENROLLMENT: i64 = 24 * 3600;

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
    /// What may be enrolled; an application may be none of it.
    pub ways: Enrollable,
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
    /// The application at whose prompt it began.
    #[serde(default)]
    vouched: Option<Vouching>,
    /// The seed, sealed, in hexadecimal.
    sealed: String,
}

/// What let an enrolment begin that its owner could not begin by themselves.
#[derive(Debug, Clone)]
pub(super) struct ByCode {
    pub(super) hash: String,
    /// The application at whose prompt it was typed.
    pub(super) vouched: Option<Vouching>,
}

impl Pending {
    /// Where what is enrolled has to open a door.
    const fn place(&self) -> Where<'_> {
        match (&self.code_hash, &self.vouched) {
            (_, Some(vouched)) => Where::Prompt(vouched),
            (Some(_), None) => Where::Portal,
            (None, None) => Where::Anywhere,
        }
    }
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
        recovery::permit(tx, &user, &ResetOf::EnrollmentCode)?;
        code.issue(tx, &user, "issue_enrollment_code")
    })
    .await?;
    Ok(secret)
}

/// An enrolment code that nobody has yet, drawn before the write, which may run more than once.
pub(crate) struct EnrollmentCode {
    pub(crate) secret: Secret,
    pub(super) hash: String,
    pub(super) expires: Time,
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

    /// Gives it to this person; former ones are void. The verb says how.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn issue(
        &self,
        tx: &mut Tx<'_, '_>,
        user: &Versioned<User>,
        verb: &'static str,
    ) -> Result<(), AppError> {
        let (owner, doc) = (user.id.to_string(), user.credential_epoch.to_string());
        tx.void_once(&owner, ENROLLMENT_CODE)?;
        let once = Once { owner, expires: self.expires, used: None, doc };
        tx.put_once(ENROLLMENT_CODE, &self.hash, &once)?;
        tx.record_touched(&user.value, verb);
        Ok(())
    }
}

/// Begins to enrol an authenticator application, by an enrolment code. The code is not spent yet, so that a
/// link that is merely opened loses nothing.
///
/// # Errors
/// The code is not right, too many were wrong, or there is nothing that the person could enrol.
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
                Some(user) => {
                    let by = hash.clone().map(|hash| ByCode { hash, vouched: None });
                    Ok(Some(draft.begin(tx, &user, by)?))
                }
                // The failure must be counted, so it is not an error of the transaction.
                None => throttle::guess_failed(tx).map(|()| None),
            }
        })
        .await?;
    begun.ok_or_else(|| AppError::invalid("code", Phrase::EnrollmentCodeWrong))
}

/// The person an enrolment code was made for, if nothing has voided it since.
pub(crate) fn person_behind(reader: &mut Reader, code: &Once) -> Result<Option<Versioned<User>>, AppError> {
    let Ok(id) = code.owner.parse::<UserId>() else { return Ok(None) };
    Ok(reader.find::<User>(id)?.filter(|user| code.doc == user.credential_epoch.to_string()))
}

/// Begins to enrol one more authenticator application, by somebody who passed both doors.
///
/// # Errors
/// The session is not behind both doors, the person is dormant and came in by an administrator's bypass code, has many
/// already, or such codes open nothing for them.
pub async fn begin_own_totp(ctx: &Ctx, session: &Session) -> Result<PendingTotp, AppError> {
    let (id, draft) = (behind_both_doors(ctx, session)?, TotpDraft::new(ctx)?);
    ctx.write(move |tx| {
        let user = tx.find::<User>(id)?.ok_or(AppError::Unauthenticated)?;
        refuse_dormant(&user)?;
        let begun = draft.begin(tx, &user, None)?;
        begun.ways.refuse_without(FactorKind::Totp)?;
        refuse_many(tx, id)?;
        Ok(begun)
    })
    .await
}

/// Who was not here for long must not come to a further factor by a bypass code.
///
/// # Errors
/// [`AppError::Conflict`], which says what to do.
pub(crate) fn refuse_dormant(user: &User) -> Result<(), AppError> {
    if user.dormant { Err(AppError::Conflict(Phrase::Dormant.into())) } else { Ok(()) }
}

/// The person whose session this is, if it is behind both doors here.
pub(crate) fn behind_both_doors(ctx: &Ctx, session: &Session) -> Result<UserId, AppError> {
    let id = ctx.person()?;
    match doors(ctx, session) {
        Doors::Both if session.user == id => Ok(id),
        Doors::Both | Doors::Elsewhere | Doors::One => Err(AppError::Unauthenticated),
    }
}

/// Completes the enrolment with the first code the application shows.
///
/// # Errors
/// The code is not right, the enrolment took too long, the person has many already, or such codes open nothing for them.
pub async fn confirm_totp(ctx: &Ctx, handle: &Secret, passcode: &Secret) -> Result<Factor, AppError> {
    let hash = pending_hash(ctx, handle);
    let (id, duo_id, passcode) = (ctx.id(FactorId::new)?, ctx.duo_id("DH")?, passcode.clone());
    ctx.write(move |tx| {
        let now = tx.ctx.now;
        let ctx = tx.ctx;
        let begun = Begun::find(tx, ctx, &hash)?;
        refuse_many(tx, begun.user.id)?;
        let seed = begun.seed(tx.ctx)?;
        let typed = token::typed_digits(passcode.expose()).unwrap_or_default();
        let ahead = super::steps_ahead(tx)?;
        let step = totp::accept(&seed, &typed, now.unix_seconds(), ahead, None)
            .ok_or_else(|| AppError::invalid("passcode", Phrase::EnrolledCodeWrong))?;
        let factor = Factor {
            id,
            user: begun.user.id,
            proof: Proof::Totp,
            name: "Authenticator app".into(),
            duo_id: duo_id.clone(),
            created: now,
        };
        let factor = begun.complete(tx, factor)?;
        tx.seal_secret(&id.to_string(), TOTP_SEED, &seed)?;
        tx.raise_counter(&id.to_string(), TOTP_STEP, step)?;
        Ok(factor)
    })
    .await
}

fn refuse_many(tx: &mut Tx<'_, '_>, user: UserId) -> Result<(), AppError> {
    let now = tx.ctx.now;
    let has = super::of(tx, user, now)?.iter().filter(|factor| factor.kind() == FactorKind::Totp).count();
    if has >= MOST_APPS { Err(AppError::Conflict(Phrase::TooManyApps(MOST_APPS).into())) } else { Ok(()) }
}

/// The form in which the handle of a pending enrolment rests.
pub(crate) fn pending_hash(ctx: &Ctx, handle: &Secret) -> String {
    ctx.org.keys.hash_token(PENDING_TOTP, handle.expose())
}

/// An enrolment that was begun and may still be completed.
pub(crate) struct Begun {
    pub(crate) user: Versioned<User>,
    pending: Pending,
    hash: String,
}

impl Begun {
    /// # Errors
    /// There is none, it took too long, or whatever voids a session has voided it.
    pub(crate) fn find(reader: &mut Reader, ctx: &Ctx, hash: &str) -> Result<Self, AppError> {
        let once = reader.find_once(PENDING_TOTP, hash)?;
        let once = once.filter(|once| once.used.is_none() && once.expires >= ctx.now).ok_or_else(too_late)?;
        let pending: Pending = serde_json::from_str(&once.doc)?;
        let own = pending.code_hash.is_some() || ctx.is_person(pending.user);
        let user = reader
            .find::<User>(pending.user)?
            .filter(|user| own && user.is_active() && user.credential_epoch == pending.epoch)
            .ok_or_else(too_late)?;
        Ok(Self { user, pending, hash: hash.to_owned() })
    }

    /// Refuses what would open nothing for the person where they enrol it.
    ///
    /// # Errors
    /// [`AppError::Conflict`], which says so.
    pub(crate) fn refuse_useless(
        &self,
        reader: &mut Reader,
        ctx: &Ctx,
        kind: FactorKind,
    ) -> Result<(), AppError> {
        enrollable::of(reader, ctx, self.user.id, self.pending.place())?.refuse_without(kind)
    }

    fn seed(&self, ctx: &Ctx) -> Result<zeroize::Zeroizing<Vec<u8>>, AppError> {
        let sealed = data_encoding::HEXLOWER
            .decode(self.pending.sealed.as_bytes())
            .map_err(|error| AppError::Internal(error.to_string()))?;
        ctx.open(&self.pending.user.to_string(), PENDING_TOTP, &sealed)
    }

    /// Spends what let it begin; the person has the factor from now on.
    ///
    /// # Errors
    /// It took too long, somebody else was faster, or it would open nothing.
    pub(crate) fn complete(self, tx: &mut Tx<'_, '_>, factor: Factor) -> Result<Factor, AppError> {
        let (ctx, now) = (tx.ctx, tx.ctx.now);
        self.refuse_useless(tx, ctx, factor.kind())?;
        let spent = match &self.pending.code_hash {
            Some(code) => tx.use_once(ENROLLMENT_CODE, code, now)?,
            None => !self.user.dormant,
        };
        if !spent || !tx.use_once(PENDING_TOTP, &self.hash, now)? {
            return Err(too_late());
        }
        let factor = insert(tx, factor)?;
        crate::user::age::awake(tx, &self.user)?;
        Ok(factor)
    }
}

fn too_late() -> AppError {
    AppError::Conflict(Phrase::EnrollmentExpired.into())
}

/// Whether this person holds an enrolment code that is still good.
pub(super) fn has_code(reader: &mut Reader, user: &User, now: Time) -> Result<bool, AppError> {
    let epoch = user.credential_epoch.to_string();
    let all = reader.once_of(&user.id.to_string(), ENROLLMENT_CODE)?;
    Ok(all.iter().any(|once| once.used.is_none() && once.expires >= now && once.doc == epoch))
}

/// A pending enrolment whose randomness is drawn before the write, which may run more than once.
pub(super) struct TotpDraft {
    handle: Secret,
    hash: String,
    seed: zeroize::Zeroizing<[u8; 20]>,
}

impl TotpDraft {
    pub(super) fn new(ctx: &Ctx) -> Result<Self, AppError> {
        let (handle, hash) = ctx.bearer(PENDING_TOTP)?;
        let seed = zeroize::Zeroizing::new(sallyport_crypto::random::bytes::<20>(&*ctx.org.random)?);
        Ok(Self { handle, hash, seed })
    }

    pub(super) fn begin(
        &self,
        tx: &mut Tx<'_, '_>,
        user: &User,
        by: Option<ByCode>,
    ) -> Result<PendingTotp, AppError> {
        let ctx = tx.ctx;
        let (code_hash, vouched) = by.map(|by| (by.hash, by.vouched)).unzip();
        let issuer = settings(tx)?.organization.clone();
        let owner = user.id.to_string();
        let sealed = data_encoding::HEXLOWER.encode(&tx.ctx.seal(&owner, PENDING_TOTP, &*self.seed)?);
        let epoch = user.credential_epoch;
        let pending = Pending { user: user.id, epoch, code_hash, vouched: vouched.flatten(), sealed };
        let ways = enrollable::of(tx, ctx, user.id, pending.place())?;
        if !ways.has_a_first() {
            return Err(AppError::Conflict(Phrase::NothingToEnroll.into()));
        }
        let doc = serde_json::to_string(&pending)?;
        let expires = tx.ctx.now.plus(PENDING_LIFE);
        tx.put_once(PENDING_TOTP, &self.hash, &Once { owner, expires, used: None, doc })?;
        Ok(PendingTotp {
            handle: self.handle.clone(),
            uri: totp::uri(&issuer, user.name.as_str(), &*self.seed).into(),
            seed: data_encoding::BASE32_NOPAD.encode(&*self.seed).into(),
            user_name: user.name.to_string(),
            ways,
        })
    }
}
