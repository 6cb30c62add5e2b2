//! Single sign-on: from a session that is open to an application that trusts us, without asking for anything that was proved
//! already. Policy is asked about the application each time, and what it wants more is asked for at its second door, by
//! [`crate::session::step_up`]. Whoever has no session signs in at the application itself: the portal is one resource and the
//! application another, each with a policy of its own.

#[cfg(test)]
mod tests;
pub mod trial;

use sallyport_model::{
    Application, FactorKind, PasswordStatus, Time, User,
    id::{ApplicationId, SessionId, SignInId},
    signin::{FirstDoor, Passed, Reason, Resource, SecondDoor, SignIn},
};
use sallyport_policy::{Decision, EffectivePolicy};
use sallyport_store::{Once, Proved, Reader, Session, StoreError, Versioned};

use crate::{
    AppError, Ctx, Phrase, Tx, factor,
    session::{is_alive, step_up},
    signin::{self, Asking, Denial, NO_ACCESS, Offer, Ruling, challenge::Waiting, rule},
    view::View,
};

/// Kind of what says that a session has led to the application that it was opened for.
const ARRIVED: &str = "arrived";

/// How much was proved. The order is from less to more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    OneDoor,
    BothDoors,
    /// Both, the second by a passkey, whose answer is good nowhere else.
    PhishingResistant,
}

/// What is wanted of a session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// To what.
    pub(crate) to: &'a Resource,
    /// Both doors since then.
    pub(crate) since: Option<Time>,
    pub(crate) level: Level,
}

/// Where somebody with a session stands before an application.
pub(crate) enum Standing {
    Through(Box<Passage>),
    Ask(Ask),
    Denied(Denial),
}

/// What a person is asked on a page of ours before they pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// A new password.
    NewPassword,
    /// To sign in to an application; `again`: although they are signed in.
    SignIn { again: bool, application: Option<ApplicationId> },
    /// The second door once more, with what counts there. No application is the portal.
    StepUp { application: Option<ApplicationId>, level: Level },
}

impl Ask {
    pub(crate) const fn sign_in(to: &Application) -> Self {
        Self::SignIn { again: false, application: Some(to.id) }
    }

    pub(crate) const fn sign_in_again(to: &Application) -> Self {
        Self::SignIn { again: true, application: Some(to.id) }
    }
}

/// Somebody who may pass to an application, with what they proved.
pub(crate) struct Passage {
    pub(crate) user: Versioned<User>,
    pub(crate) session: SessionId,
    pub(crate) level: Level,
    pub(crate) first_door: FirstDoor,
    pub(crate) second_door: Option<Proved>,
    /// When the doors were passed, and when the session ends by itself.
    pub(crate) authenticated: Time,
    pub(crate) expires: Time,
    opened_for: Option<ApplicationId>,
    asked: Vec<Reason>,
}

impl Passage {
    /// What policy said.
    pub(crate) fn asked(&self) -> &[Reason] {
        &self.asked
    }
}

/// Whether this is signed in to on pages of ours: people answer there themselves, and read what is said.
pub(crate) fn is_ours(reader: &mut Reader, view: &View, resource: &Resource) -> Result<bool, AppError> {
    Ok(match resource {
        Resource::Portal => true,
        Resource::Application { application, .. } => {
            view.application(reader, *application)?.is_some_and(|found| found.kind.takes_our_word())
        }
        Resource::Api | Resource::DeviceLogin { .. } => false,
    })
}

/// What somebody signs in to who is on the way to an application; whatever does not take our word is the portal.
///
/// # Errors
/// The store's.
pub async fn on_the_way(ctx: &Ctx, application: Option<ApplicationId>) -> Result<Resource, AppError> {
    let Some(id) = application else { return Ok(Resource::Portal) };
    let asking = ctx.clone();
    let found = ctx.read(move |reader| asking.org.view.application(reader, id)).await?;
    Ok(found.filter(|found| found.kind.takes_our_word()).map_or(Resource::Portal, |found| resource(&found)))
}

/// The resource that an application is to policy.
pub(crate) fn resource(application: &Application) -> Resource {
    Resource::Application { application: application.id, name: application.name.clone() }
}

/// Looks at a session from where this call comes. Nothing is written.
pub(crate) fn stand(
    reader: &mut Reader,
    ctx: &Ctx,
    session: &Session,
    wanted: Wanted<'_>,
) -> Result<Standing, AppError> {
    let found = reader.find_session(&session.hash)?.filter(|found| !found.bearer);
    let application = match wanted.to {
        Resource::Application { application, .. } => Some(*application),
        Resource::Api | Resource::DeviceLogin { .. } | Resource::Portal => None,
    };
    let anew = Standing::Ask(Ask::SignIn { again: true, application });
    let Some(session) = found else { return Ok(anew) };
    let user = reader.find::<User>(session.user)?.filter(|user| is_alive(ctx, &session, user));
    let (Some(user), Some(id), Some(first_door)) = (user, session.id, session.first_door.clone()) else {
        return Ok(anew);
    };
    if wanted.since.is_some_and(|since| session.created < since) {
        return Ok(anew);
    }
    if user.password_status == PasswordStatus::Expired {
        return Ok(Standing::Ask(Ask::NewPassword));
    }
    let own_password = first_door == FirstDoor::Password;
    let asking = Asking { own_password, ..Asking::here(ctx, user.id, wanted.to) };
    let Ruling { decision, policy } = rule(reader, ctx, &user, asking)?;
    let (asked, needs) = match decision {
        Decision::Deny(reasons) => return Ok(Standing::Denied(Denial::new(NO_ACCESS, reasons))),
        Decision::Allow(reasons) => (reasons, Level::OneDoor),
        Decision::SecondDoor(reasons) => (reasons, Level::BothDoors),
    };
    let proof = best_proof(ctx, &session, &policy);
    let level = proof.map_or(Level::OneDoor, |proof| level_of(proof.kind));
    if level < needs.max(wanted.level) {
        let can = !offers_for(reader, ctx, &session, wanted.to, needs.max(wanted.level))?.is_empty();
        return Ok(match can {
            true => Standing::Ask(Ask::StepUp { application, level: wanted.level }),
            false if level < needs => {
                Standing::Denied(Denial::new(Phrase::NoFactorHere, vec![Reason::NoFactor]))
            }
            // More is wished for than they have, and policy does not need it.
            false => through(user, &session, (id, first_door, proof.cloned()), asked, level),
        });
    }
    let proof = proof.cloned();
    Ok(through(user, &session, (id, first_door, proof), asked, level))
}

fn through(
    user: Versioned<User>,
    session: &Session,
    (id, first_door, second_door): (SessionId, FirstDoor, Option<Proved>),
    asked: Vec<Reason>,
    level: Level,
) -> Standing {
    Standing::Through(Box::new(Passage {
        user,
        session: id,
        level,
        first_door,
        second_door,
        authenticated: session.created,
        expires: session.expires,
        opened_for: session.opened_for,
        asked,
    }))
}

/// The best of what was proved from here, lately enough for the access rules, and counts at a door with this policy.
pub(crate) fn best_proof<'a>(
    ctx: &Ctx,
    session: &'a Session,
    policy: &EffectivePolicy,
) -> Option<&'a Proved> {
    let here = step_up::here(ctx)?;
    let is_fresh = |proof: &Proved| policy.obligation.is_fresh(proof.at, ctx.now);
    let counts =
        |proof: &&Proved| proof.network == here && factor::counts(policy, proof.kind) && is_fresh(proof);
    session.proofs.iter().filter(counts).max_by_key(|proof| (level_of(proof.kind), proof.at))
}

const fn level_of(kind: FactorKind) -> Level {
    match kind {
        FactorKind::Passkey => Level::PhishingResistant,
        FactorKind::BypassCode
        | FactorKind::Duo
        | FactorKind::HardwareToken
        | FactorKind::Mail
        | FactorKind::Phone
        | FactorKind::Push
        | FactorKind::Totp => Level::BothDoors,
    }
}

/// With what the person of this session could pass the second door there, and reach this level.
fn offers_for(
    reader: &mut Reader,
    ctx: &Ctx,
    session: &Session,
    to: &Resource,
    level: Level,
) -> Result<Vec<Offer>, AppError> {
    let mut offers = factor::offers_at(reader, ctx, session.user, to)?;
    offers.retain(|offer| level_of(offer.kind()) >= level);
    Ok(offers)
}

/// A session's ways to pass the second door there once more that reach this level, and what a phone is being asked.
///
/// # Errors
/// The store's.
pub async fn offers(
    ctx: &Ctx,
    session: &Session,
    to: &Resource,
    level: Level,
) -> Result<(Vec<Offer>, Option<Waiting>), AppError> {
    let (mut offers, waiting) = step_up::offers(ctx, session, to).await?;
    offers.retain(|offer| level_of(offer.kind()) >= level);
    Ok((offers, waiting))
}

/// Notes that somebody passed to an application, as a sign-in of its own. Whoever signed in at the application itself and arrives is
/// in the log already.
pub(crate) fn note(
    tx: &mut Tx<'_, '_>,
    id: SignInId,
    application: &Application,
    passage: &Passage,
) -> Result<(), AppError> {
    let in_the_log = passage.opened_for == Some(application.id)
        && passage.second_door.as_ref().is_none_or(|proof| proof.at <= passage.authenticated)
        && arrives(tx, passage)?;
    if in_the_log { Ok(()) } else { note_at(tx, id, resource(application), passage) }
}

/// Whether this is the first time that a session has led to the application that it was opened for.
fn arrives(tx: &mut Tx<'_, '_>, passage: &Passage) -> Result<bool, AppError> {
    let (owner, session) = (passage.user.id.to_string(), passage.session.to_string());
    let once = Once { owner, expires: passage.expires, used: None, doc: "{}".into() };
    match tx.put_once(ARRIVED, &session, &once) {
        Ok(()) => Ok(true),
        Err(StoreError::Taken { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The same of whatever they passed to.
pub(crate) fn note_at(
    tx: &mut Tx<'_, '_>,
    id: SignInId,
    to: Resource,
    passage: &Passage,
) -> Result<(), AppError> {
    let now = tx.ctx.now;
    let sign_in = begun(tx.ctx, id, to, &passage.user);
    let sign_in = sign_in.open_second_door(FirstDoor::Session, now)?;
    let passed = match &passage.second_door {
        Some(proof) => Passed::SecondDoor(SecondDoor::here(proof.factor, proof.kind)),
        None => Passed::NoneNeeded,
    };
    let reasons = [vec![Reason::SessionOpen], passage.asked.clone()].concat();
    Ok(tx.put_sign_in(&sign_in.allow(passed, reasons, now)?, "")?)
}

/// Notes that somebody with a session was not let in there.
pub(crate) fn note_denial(
    tx: &mut Tx<'_, '_>,
    id: SignInId,
    to: Resource,
    session: &Session,
    denial: &Denial,
) -> Result<(), AppError> {
    let Some(user) = tx.find::<User>(session.user)? else { return Ok(()) };
    let sign_in = begun(tx.ctx, id, to, &user);
    let now = tx.ctx.now;
    let sign_in = sign_in.open_second_door(FirstDoor::Session, now)?;
    Ok(tx.put_sign_in(&sign_in.deny(denial.reasons.clone(), now)?, "")?)
}

fn begun(ctx: &Ctx, id: SignInId, to: Resource, user: &User) -> SignIn {
    signin::new_sign_in(ctx, id, user.name.as_str(), Some(user), to)
}
