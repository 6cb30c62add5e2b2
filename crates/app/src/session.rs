//! Signed-in browsers, and programs: a browser brings its secret in a cookie, a program in a header, and neither passes
//! for the other.

pub mod entry;
pub mod live;
pub mod step_up;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use sallyport_crypto::{Secret, digest, token};
use sallyport_model::{
    Action, PasswordStatus, Span, User,
    id::{SessionId, UserId},
    name::printable,
    signin::{Reason, Resource},
};
use sallyport_policy::{Decision, EffectivePolicy, Enrolled};
use sallyport_store::{Proved, Reader, Session, Versioned};

use self::step_up::{Doors, doors};
use crate::{
    AppError, Caller, Ctx, Phrase, Tx,
    ctx::settings,
    event,
    factor::{self, Verdict},
    oidc::backchannel,
    policy::in_force,
    remembered,
    signin::{Admission, Asking, Ruling, rule, throttle},
    sso,
    user::password::{self, Stored},
};

/// Prefix of the cookie's secret, of the secret that programs bring, and of the token in forms.
const COOKIE: &str = "sps";
const BEARER: &str = "spb";
const FORM: &str = "spf";

/// Idle and absolute life of people's sessions, and of administrators'.
const IDLE: Span = Span::hours(8);
const ABSOLUTE: Span = Span::hours(24);
const ADMIN_IDLE: Span = Span::minutes(15);
const ADMIN_ABSOLUTE: Span = Span::hours(8);

/// Use is noted at most this often.
const SEEN_EVERY: Span = Span::minutes(1);

/// Prefix of the token in forms that are shown before there is a session.
const DOOR: &str = "spd";

/// A token for forms at the front door, which carry it in a cookie and in the form.
///
/// # Errors
/// No randomness.
pub fn door_token(ctx: &Ctx) -> Result<Secret, AppError> {
    Ok(ctx.bearer(DOOR)?.0)
}

/// Whether `token` has the shape of one of [`door_token`].
#[must_use]
pub fn is_door_token(token: &str) -> bool {
    token::is_well_formed(DOOR, token)
}

/// Opens a session for somebody who was admitted to the portal, or to an application that takes our word. The secret goes
/// into the browser's cookie and nowhere else.
///
/// # Errors
/// [`AppError::Unauthenticated`] for somebody who was admitted to something else; no randomness, or the store's.
pub async fn open(ctx: &Ctx, admission: &Admission, user_agent: &str) -> Result<(Secret, Session), AppError> {
    put(ctx, admission, user_agent, false).await
}

/// The same for somebody who was admitted to the API. The secret goes to the program that asked.
///
/// # Errors
/// As [`open`].
pub async fn open_bearer(
    ctx: &Ctx,
    admission: &Admission,
    user_agent: &str,
) -> Result<(Secret, Session), AppError> {
    put(ctx, admission, user_agent, true).await
}

async fn put(
    ctx: &Ctx,
    admission: &Admission,
    user_agent: &str,
    bearer: bool,
) -> Result<(Secret, Session), AppError> {
    // What was begun at one front door ends there.
    let opened_for = match admission.resource() {
        Resource::Portal if !bearer => None,
        Resource::Api if bearer => None,
        Resource::Application { application, .. } if !bearer => {
            let (asking, to) = (ctx.clone(), admission.resource().clone());
            let is_ours = ctx.read(move |reader| sso::is_ours(reader, &asking.org.view, &to)).await?;
            Some(*application).filter(|_| is_ours).ok_or(AppError::Unauthenticated).map(Some)?
        }
        Resource::Api | Resource::Application { .. } | Resource::DeviceLogin { .. } | Resource::Portal => {
            return Err(AppError::Unauthenticated);
        }
    };
    let (secret, hash) = ctx.bearer(kind(bearer))?;
    let (form_token, _) = ctx.bearer(FORM)?;
    let user = admission.user();
    let absolute = if user.roles.is_empty() { ABSOLUTE } else { ADMIN_ABSOLUTE };
    // Who passed both doors, or one because of where they are, did so from here.
    let from_here = admission.both_doors() || admission.reasons().iter().any(Reason::spares_by_place);
    let proved_from = if from_here { step_up::here(ctx) } else { None };
    let session = Session {
        hash,
        user: user.id,
        id: Some(ctx.id(SessionId::new)?),
        first_door: admission.first_door().cloned(),
        proofs: proved(ctx, admission).into_iter().collect(),
        bearer,
        opened_for,
        both_doors: admission.both_doors(),
        epoch: user.credential_epoch,
        networks: proved_from.into_iter().collect(),
        form_token: form_token.expose().to_owned(),
        source: ctx.source.map(|source| source.to_string()),
        user_agent: printable(user_agent, 200),
        created: ctx.now,
        proved: None,
        expires: ctx.now.plus(absolute),
        seen: ctx.now,
    };
    let put = session.clone();
    ctx.write(move |tx| Ok(tx.put_session(&put)?)).await?;
    Ok((secret, session))
}

/// The same session, seen now, under another secret; the former one opens nothing once this is put in its place.
fn renewed(ctx: &Ctx, session: &Session) -> Result<(Secret, Session), AppError> {
    let ((secret, hash), (form_token, _)) = (ctx.bearer(kind(session.bearer))?, ctx.bearer(FORM)?);
    let form_token = form_token.expose().to_owned();
    Ok((secret, Session { hash, form_token, seen: ctx.now, ..session.clone() }))
}

/// The second door as it was passed just now, if that was from somewhere that is known.
fn proved(ctx: &Ctx, admission: &Admission) -> Option<Proved> {
    let (passed, network) = (admission.second_door()?, step_up::here(ctx)?);
    Some(Proved { kind: passed.kind, factor: passed.factor, at: ctx.now, network })
}

/// Prefix of a session's secret.
const fn kind(bearer: bool) -> &'static str {
    if bearer { BEARER } else { COOKIE }
}

/// How long a session of this person lives without being used.
#[must_use]
pub fn idle(user: &User) -> Span {
    if user.roles.is_empty() { IDLE } else { ADMIN_IDLE }
}

/// Who a cookie belongs to: the session and the person are read from the store each time, so whoever was
/// suspended a moment ago is nobody now.
///
/// # Errors
/// [`AppError::Unauthenticated`] for anything that is not a live session of an active person, and
/// [`AppError::PasswordExpired`] while that person has to set a new password.
pub async fn authenticate(ctx: &Ctx, cookie: &str) -> Result<(Ctx, User, Session), AppError> {
    let found = authenticate_to_change_password(ctx, cookie).await?;
    refuse_expired_password(&found.1)?;
    Ok(found)
}

/// Refuses somebody who has to set a new password first.
///
/// # Errors
/// [`AppError::PasswordExpired`].
pub const fn refuse_expired_password(user: &User) -> Result<(), AppError> {
    match user.password_status {
        PasswordStatus::Expired => Err(AppError::PasswordExpired),
        PasswordStatus::Pending | PasswordStatus::Active | PasswordStatus::Locked => Ok(()),
    }
}

/// The same where somebody whose password has expired may still go: to set a new one, or away.
///
/// # Errors
/// [`AppError::Unauthenticated`] for anything that is not a live session of an active person.
pub async fn authenticate_to_change_password(
    ctx: &Ctx,
    cookie: &str,
) -> Result<(Ctx, User, Session), AppError> {
    find(ctx, COOKIE, cookie).await
}

/// The same for a page that looks again by itself: nobody stays signed in by that.
///
/// # Errors
/// [`AppError::Unauthenticated`] for anything that is not a live session of an active person.
pub async fn authenticate_unused(ctx: &Ctx, cookie: &str) -> Result<(Ctx, User, Session), AppError> {
    look_up(ctx, COOKIE, cookie).await
}

/// Whether the session with this hash is still good, from where the caller is, without using it.
///
/// # Errors
/// The store's.
pub async fn is_good(ctx: &Ctx, hash: &str) -> Result<bool, AppError> {
    let (checking, hash) = (ctx.clone(), hash.to_owned());
    ctx.read(move |reader| {
        let Some(session) = reader.find_session(&hash)? else { return Ok(false) };
        let user = reader.find::<User>(session.user)?;
        Ok(user.is_some_and(|user| {
            is_alive(&checking, &session, &user) && doors(&checking, &session) == Doors::Both
        }))
    })
    .await
}

/// Who a program's secret belongs to, as [`authenticate_to_change_password`] says it of a cookie.
///
/// # Errors
/// [`AppError::Unauthenticated`] for anything that is not a live session of an active person.
pub async fn authenticate_bearer(ctx: &Ctx, secret: &str) -> Result<(Ctx, User, Session), AppError> {
    find(ctx, BEARER, secret).await
}

async fn find(ctx: &Ctx, kind: &'static str, secret: &str) -> Result<(Ctx, User, Session), AppError> {
    let found = look_up(ctx, kind, secret).await?;
    let now = ctx.now;
    if now.since(found.2.seen) > SEEN_EVERY {
        let hash = found.2.hash.clone();
        ctx.write(move |tx| Ok(tx.see_session(&hash, now)?)).await?;
    }
    Ok(found)
}

async fn look_up(ctx: &Ctx, kind: &'static str, secret: &str) -> Result<(Ctx, User, Session), AppError> {
    if !token::is_well_formed(kind, secret) {
        return Err(AppError::Unauthenticated);
    }
    let hash = ctx.org.keys.hash_token(kind, secret);
    let (session, user) = ctx
        .read(move |reader| {
            let session = reader.find_session(&hash)?.ok_or(AppError::Unauthenticated)?;
            let user = reader.find::<User>(session.user)?.ok_or(AppError::Unauthenticated)?;
            Ok((session, user.value))
        })
        .await?;
    if !is_alive(ctx, &session, &user) {
        return Err(AppError::Unauthenticated);
    }
    let roles = match doors(ctx, &session) {
        Doors::Both => user.roles.clone(),
        Doors::Elsewhere | Doors::One => BTreeSet::new(),
    };
    let caller = Caller::Person { id: user.id, name: user.name.to_string(), roles };
    Ok((ctx.with_caller(caller), user, session))
}

/// Whether a session of this person is good for anything, now and from here.
pub(crate) fn is_alive(ctx: &Ctx, session: &Session, user: &User) -> bool {
    let now = ctx.now;
    let alive = user.is_active()
        && session.epoch == user.credential_epoch
        && now <= session.expires
        && now <= session.seen.plus(idle(user));
    // What was opened for the sake of a place is open there.
    let is_elsewhere = !session.both_doors
        && !session.networks.is_empty()
        && step_up::here(ctx).is_none_or(|here| !session.networks.contains(&here));
    alive && !is_elsewhere
}

/// Ends one session, by its hash.
///
/// # Errors
/// The store's.
pub async fn end(ctx: &Ctx, session: &Session) -> Result<(), AppError> {
    let session = session.clone();
    ctx.write(move |tx| {
        if let Some(person) = tx.find::<User>(session.user)? {
            event::session_ended(tx, &session, person.name.as_str())?;
        }
        Ok(tx.end_session(&session.hash)?)
    })
    .await?;
    ctx.org.bells.ring(backchannel::BELL);
    Ok(())
}

/// Ends all of a person's sessions: one's own but `keep`, or as an administrator anybody's. Nothing of theirs is remembered
/// after it either.
///
/// # Errors
/// Denied.
pub async fn end_all(ctx: &Ctx, user: UserId, keep: Option<&Session>) -> Result<u64, AppError> {
    let keep = keep.map(|session| session.hash.clone());
    ctx.write(move |tx| end_all_in(tx, user, keep.as_deref())).await
}

pub(crate) fn end_all_in(tx: &mut Tx<'_, '_>, user: UserId, keep: Option<&str>) -> Result<u64, AppError> {
    let person = if tx.ctx.is_person(user) {
        tx.find::<User>(user)?.ok_or(AppError::Unauthenticated)?
    } else {
        // Half-finished sign-ins and enrolments go with the sessions: the epoch voids them all.
        let found = tx.user_for(Action::SuspendUser, user)?;
        let changed = tx.update(&found, found.value.clone().with_next_epoch())?;
        tx.record(changed, "end_sessions")
    };
    event::sessions_ended(tx, user, person.name.as_str(), keep)?;
    remembered::forget_all_of(tx, user)?;
    Ok(tx.end_sessions_of(user, keep)?)
}

/// What a session is called when it is shown or ended: made from the hash of its secret, and good for nothing else.
#[must_use]
pub fn id(session: &Session) -> String {
    let digest = digest::hex(&digest::sha256(session.hash.as_bytes()));
    digest.chars().take(32).collect()
}

/// Ends one of a person's sessions by its id: one's own, or as an administrator anybody's.
///
/// # Errors
/// Denied, or no such session.
pub async fn end_one(ctx: &Ctx, user: UserId, wanted: &str) -> Result<(), AppError> {
    let (own, wanted) = (ctx.is_person(user), wanted.to_owned());
    ctx.write(move |tx| {
        let person = if own {
            tx.find::<User>(user)?.ok_or(AppError::Unauthenticated)?
        } else {
            tx.user_for(Action::SuspendUser, user)?
        };
        let found = tx.sessions_of(user)?.into_iter().find(|session| id(session) == wanted);
        let found = found.ok_or_else(|| AppError::not_found("session", printable(&wanted, 32)))?;
        if !own {
            tx.record_touched(&person.value, "end_session");
        }
        event::session_ended(tx, &found, person.name.as_str())?;
        Ok(tx.end_session(&found.hash)?)
    })
    .await
}

/// A person's sessions, the last used first.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, user: UserId) -> Result<Vec<Session>, AppError> {
    if !ctx.is_person(user) {
        ctx.allow(Action::ReadSignIns)?;
    }
    let now = ctx.now;
    ctx.read(move |reader| {
        let mut sessions = reader.sessions_of(user)?;
        sessions.retain(|session| session.expires >= now);
        Ok(sessions)
    })
    .await
}

/// So long a passed second door counts for a new password; later it is asked for again.
const FRESH: Span = Span::minutes(10);

/// What somebody types to change their own password.
pub struct NewPassword {
    pub old: Secret,
    pub new: Secret,
    /// A code for the second door, where [`asks_for_code`].
    pub passcode: Secret,
}

/// Whether a new password needs a code with it: a second door that was passed long ago, from another network, or
/// never, is asked for again from whoever has one.
///
/// # Errors
/// The store's.
pub async fn asks_for_code(ctx: &Ctx, session: &Session) -> Result<bool, AppError> {
    let (session, asking) = (session.clone(), ctx.clone());
    ctx.read(move |reader| needs_code(reader, &asking, &session)).await
}

fn needs_code(reader: &mut Reader, ctx: &Ctx, session: &Session) -> Result<bool, AppError> {
    let passed = session.proved.unwrap_or(session.created);
    if doors(ctx, session) == Doors::Both && ctx.now.since(passed) <= FRESH {
        return Ok(false);
    }
    // Whatever counts at the portal now: who has a factor has something to prove, or no new password.
    let resource = step_up::resource(session);
    let held = in_force(reader, ctx, session.user, &resource, false)?;
    let proof = sso::best_proof(ctx, session, &held.policy).filter(|_| session.opened_for.is_some());
    if proof.is_some_and(|proof| ctx.now.since(proof.at) <= FRESH) {
        return Ok(false);
    }
    let has = factor::enrolled(&factor::of(reader, session.user, ctx.now)?);
    Ok(has == Enrolled::Factor || !factor::offers(reader, session.user, &held.policy, ctx.now)?.is_empty())
}

/// The person behind a session, for what is done with it now: whatever happened since it was looked at (a reset, a
/// suspension, an ended session) voids that look.
fn person_behind(tx: &mut Tx<'_, '_>, session: &Session) -> Result<Versioned<User>, AppError> {
    let alive = tx.find_session(&session.hash)?.is_some();
    tx.find::<User>(session.user)?
        .filter(|person| alive && person.is_active() && person.credential_epoch == session.epoch)
        .ok_or(AppError::Unauthenticated)
}

/// What holds for somebody where their session is at home, where a password is changed: whoever is shut out there changes none,
/// though an application let them in.
fn home_policy(
    reader: &mut Reader,
    ctx: &Ctx,
    person: &Versioned<User>,
    session: &Session,
) -> Result<EffectivePolicy, AppError> {
    let resource = step_up::resource(session);
    let asking = Asking { own_password: true, ..Asking::here(ctx, person.id, &resource) };
    let Ruling { decision, policy } = rule(reader, ctx, person, asking)?;
    match decision {
        Decision::Deny(_) => Err(AppError::invalid("password", Phrase::NoAccess)),
        Decision::Allow(_) | Decision::SecondDoor(_) => Ok(policy),
    }
}

/// Lets one session of a person go on, if it was good before what voids the others.
pub(crate) fn carry_over(
    tx: &mut Tx<'_, '_>,
    hash: &str,
    before: &User,
    after: &User,
) -> Result<(), AppError> {
    let is_good = |found: &Session| found.user == before.id && found.epoch == before.credential_epoch;
    if let Some(session) = tx.find_session(hash)?.filter(is_good) {
        tx.end_session(hash)?;
        tx.put_session(&Session { epoch: after.credential_epoch, ..session })?;
    }
    Ok(())
}

/// Changes one's own password: the old one is asked for again, and every other session ends with the epoch.
/// The present one goes on under the new epoch and with another secret, for it may open more than before.
///
/// # Errors
/// The old password or the code is not right, the new one is refused by policy, or busy.
pub async fn change_own_password(
    ctx: &Ctx,
    session: &Session,
    given: &NewPassword,
) -> Result<(Secret, Session), AppError> {
    let id = ctx.person()?;
    let now = ctx.now;
    let asking = ctx.clone();
    let (person, stored, settings, length, wait) = ctx
        .read(move |reader| {
            let person = reader.find::<User>(id)?.ok_or(AppError::Unauthenticated)?;
            let stored = Stored::of(reader, &asking, id)?;
            let wait = throttle::old_password_wait(reader, id, now)?;
            let wait = wait.max(throttle::second_door_wait(reader, id, now)?);
            let settings = settings(reader)?;
            let length = password::Length::of(reader, &asking, &person, &settings)?;
            Ok((person, stored, settings, length, wait))
        })
        .await?;
    if wait.is_some() {
        return Err(AppError::Busy);
    }
    if !stored.is(ctx, id, &given.old).await? {
        ctx.write(move |tx| throttle::old_password_failed(tx, id)).await?;
        return Err(AppError::invalid("old_password", Phrase::PresentPasswordWrong));
    }
    if given.old.matches(given.new.expose()) {
        return Err(AppError::invalid("password", Phrase::PasswordAgain));
    }
    password::check(&given.new, &person.name, &settings, length)?;
    let derived = password::derive(ctx, &given.new).await?;
    let (session, passcode) = (session.clone(), given.passcode.clone());
    let (secret, renewed) = renewed(ctx, &session)?;
    let changed = ctx
        .write(move |tx| {
            let (ctx, person) = (tx.ctx, person_behind(tx, &session)?);
            // Many attempts at once all passed the first look; here they come one after the other.
            if throttle::old_password_wait(tx, id, ctx.now)?.is_some() {
                return Err(AppError::Busy);
            }
            let asks = needs_code(tx, ctx, &session)?;
            // Elsewhere the portal has let them in already.
            let held = (asks || session.opened_for.is_some())
                .then(|| home_policy(tx, ctx, &person, &session))
                .transpose()?;
            if let Some(held) = held.filter(|_| asks) {
                if throttle::second_door_wait(tx, id, ctx.now)?.is_some() {
                    return Err(AppError::Busy);
                }
                match factor::accept(tx, &person, &passcode, &[&session.hash], &held)? {
                    Verdict::Accepted { .. } => throttle::second_door_passed(tx, id)?,
                    // The failure must be counted, so it is not an error of the transaction.
                    Verdict::Copied | Verdict::NotAllowed | Verdict::Used | Verdict::Wrong => {
                        throttle::second_door_failed(tx, id, &held.lockout.value)?;
                        return Ok(None);
                    }
                }
            }
            let changed = password::put(tx, &person, &derived, "change_password")?;
            throttle::old_password_right(tx, id)?;
            event::sessions_ended(tx, id, person.name.as_str(), Some(&session.hash))?;
            tx.end_sessions_of(id, None)?;
            let next = Session { epoch: changed.credential_epoch, ..renewed.clone() };
            tx.put_session(&next)?;
            Ok(Some(next))
        })
        .await?;
    let next = changed.ok_or_else(|| AppError::invalid("passcode", Phrase::PasswordCodeWrong))?;
    Ok((secret, next))
}
