//! Single sign-on: from a session that is open to an application that trusts us, without asking for anything that was proved
//! already. Policy is asked about the application each time, and what it wants more is asked for at the session's own
//! second door, by [`crate::session::step_up`].

#[cfg(test)]
mod tests;

use sallyport_model::{
    Application, FactorKind, Method, PasswordStatus, Time, User,
    id::{ApplicationId, SessionId, SignInId},
    signin::{FirstDoor, Passed, Reason, Resource, SecondDoor, SignIn},
};
use sallyport_policy::{Decision, EffectivePolicy};
use sallyport_store::{Proved, Reader, Session, Versioned};

use crate::{
    AppError, Ctx, Phrase, Tx, factor,
    session::{is_alive, step_up},
    signin::{self, Asking, Denial, NO_ACCESS, Offer, Ruling, challenge::Waiting, rule},
};

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
    pub(crate) application: &'a Application,
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
    /// To sign in; `again`: although they are signed in.
    SignIn { again: bool },
    /// The second door once more, with what counts there.
    StepUp { application: ApplicationId, level: Level },
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
    asked: Vec<Reason>,
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
    let anew = Standing::Ask(Ask::SignIn { again: true });
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
    let resource = resource(wanted.application);
    let own_password = first_door == FirstDoor::Password;
    let asking = Asking { resource: &resource, own_password, source: ctx.source, remembered: false };
    let Ruling { decision, policy } = rule(reader, ctx, &user, asking)?;
    let (asked, needs) = match decision {
        Decision::Deny(reasons) => return Ok(Standing::Denied(Denial::new(NO_ACCESS, reasons))),
        Decision::Allow(reasons) => (reasons, Level::OneDoor),
        Decision::SecondDoor(reasons) => (reasons, Level::BothDoors),
    };
    let proof = best_proof(ctx, &session, &policy);
    let level = proof.map_or(Level::OneDoor, |proof| level_of(proof.kind));
    if level < needs.max(wanted.level) {
        let can = !offers_for(reader, ctx, &session, &policy, needs.max(wanted.level))?.is_empty();
        return Ok(match can {
            true => Standing::Ask(Ask::StepUp { application: wanted.application.id, level: wanted.level }),
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
        asked,
    }))
}

/// The best of what was proved from here, lately enough for the access rules, and counts at a door with this policy.
fn best_proof<'a>(ctx: &Ctx, session: &'a Session, policy: &EffectivePolicy) -> Option<&'a Proved> {
    let here = step_up::here(ctx)?;
    let is_fresh = |proof: &Proved| policy.obligation.is_fresh(proof.at, ctx.now);
    let counts = |proof: &&Proved| proof.network == here && counts(policy, proof.kind) && is_fresh(proof);
    session.proofs.iter().filter(counts).max_by_key(|proof| (level_of(proof.kind), proof.at))
}

/// Whether a factor of this kind opens the second door where this policy holds, in one way or another.
fn counts(policy: &EffectivePolicy, kind: FactorKind) -> bool {
    Method::of_kind(kind).iter().any(|method| policy.allows(*method))
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

/// With what the person of this session could pass its second door, so that it counts where this policy holds.
fn offers_for(
    reader: &mut Reader,
    ctx: &Ctx,
    session: &Session,
    policy: &EffectivePolicy,
    level: Level,
) -> Result<Vec<Offer>, AppError> {
    let mut offers = factor::offers_at(reader, ctx, session.user, &step_up::resource(session))?;
    offers.retain(|offer| counts(policy, offer.kind()) && level_of(offer.kind()) >= level);
    Ok(offers)
}

/// Those of a session's ways to pass its second door once more that count at an application, and what a phone is being asked.
///
/// # Errors
/// The store's.
pub async fn offers(
    ctx: &Ctx,
    session: &Session,
    application: ApplicationId,
    level: Level,
) -> Result<(Vec<Offer>, Option<Waiting>), AppError> {
    let (mut offers, waiting) = step_up::offers(ctx, session).await?;
    let (asking, user) = (ctx.clone(), session.user);
    let policy = ctx
        .read(move |reader| {
            let Some(application) = asking.org.view.application(reader, application)? else {
                return Ok(None);
            };
            let resource = resource(&application);
            Ok(Some(crate::policy::in_force(reader, &asking, user, &resource, false)?.policy))
        })
        .await?;
    if let Some(policy) = policy {
        offers.retain(|offer| counts(&policy, offer.kind()) && level_of(offer.kind()) >= level);
    }
    Ok((offers, waiting))
}

/// Notes that somebody passed to an application, as a sign-in of its own.
pub(crate) fn note(
    tx: &mut Tx<'_, '_>,
    id: SignInId,
    application: &Application,
    passage: &Passage,
) -> Result<(), AppError> {
    let now = tx.ctx.now;
    let sign_in = begun(tx.ctx, id, application, &passage.user);
    let sign_in = sign_in.open_second_door(FirstDoor::Session, now)?;
    let passed = match &passage.second_door {
        Some(proof) => Passed::SecondDoor(SecondDoor::here(proof.factor, proof.kind)),
        None => Passed::NoneNeeded,
    };
    let reasons = [vec![Reason::SessionOpen], passage.asked.clone()].concat();
    Ok(tx.put_sign_in(&sign_in.allow(passed, reasons, now)?, "")?)
}

/// Notes that somebody with a session was not let in to an application.
pub(crate) fn note_denial(
    tx: &mut Tx<'_, '_>,
    id: SignInId,
    application: &Application,
    session: &Session,
    denial: &Denial,
) -> Result<(), AppError> {
    let Some(user) = tx.find::<User>(session.user)? else { return Ok(()) };
    let sign_in = begun(tx.ctx, id, application, &user);
    let now = tx.ctx.now;
    let sign_in = sign_in.open_second_door(FirstDoor::Session, now)?;
    Ok(tx.put_sign_in(&sign_in.deny(denial.reasons.clone(), now)?, "")?)
}

fn begun(ctx: &Ctx, id: SignInId, application: &Application, user: &User) -> SignIn {
    signin::new_sign_in(ctx, id, user.name.as_str(), Some(user), resource(application))
}
