//! Step-up: a session counts as behind both doors only from the networks that was proved from, so that a stolen cookie
//! opens no administration elsewhere. Who comes from another network passes the second door once more, and so may who came in
//! by one door, in a browser that is remembered for instance, and who passed it too long ago for a new password.
//!
//! It is passed on the way to something, by the policy there. What is proved on the way to an application counts at the portal too
//! as far as the portal's own policy takes it.

#[cfg(test)]
mod tests;

use std::time::Duration;

use sallyport_crypto::Secret;
use sallyport_model::{
    User,
    id::{FactorId, SignInId},
    signin::Resource,
};
use sallyport_policy::Decision;
use sallyport_store::{Proved, Session, Versioned};

use super::{person_behind, proved, renewed};
use crate::{
    AppError, Ctx, Phrase, Tx, factor,
    policy::in_force,
    signin::{
        self, Admission, Answer, Asking, Denial, Offer, Ruling, SecondDoorStep, Step, WRONG_CODE,
        challenge::{self, Shows, Waiting},
        duo::{self, Brings, Going},
        rule, throttle,
    },
};

/// A session keeps so many networks: a browser with two kinds of addresses has two at each of two places.
const MOST_NETWORKS: usize = 4;
/// And so many proofs.
const MOST_PROOFS: usize = 8;

/// Said to somebody of whom it is not known where they are.
const NOWHERE: Phrase = Phrase::Nowhere;

/// What a session has passed, as it counts where it is used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doors {
    One,
    Both,
    /// Both, but from another network than this one.
    Elsewhere,
}

/// What came of an answer.
#[derive(Debug)]
pub enum SteppedUp {
    /// The session goes on under this secret, and under no former one.
    Through(Secret),
    NotYet {
        text: Phrase,
        retry_after_seconds: Option<u32>,
    },
    /// A phone is asked.
    Waiting,
}

/// Where the browser goes next.
#[derive(Debug)]
pub enum Leaves {
    Not(SteppedUp),
    /// To Duo.
    To(String),
}

/// What this session counts as at the portal from here. Where it is not known from where a call comes, that is another network.
#[must_use]
pub fn doors(ctx: &Ctx, session: &Session) -> Doors {
    match here(ctx) {
        _ if !session.both_doors || session.opened_for.is_some() => Doors::One,
        Some(here) if session.networks.contains(&here) => Doors::Both,
        Some(_) | None => Doors::Elsewhere,
    }
}

/// The network a call comes from, if that is known.
pub(crate) fn here(ctx: &Ctx) -> Option<String> {
    ctx.source.map(|source| throttle::network(Some(source)))
}

/// With what the person of this session could pass the second door there, once more if they have, and what their phone is being
/// asked for it.
///
/// # Errors
/// The store's.
pub async fn offers(
    ctx: &Ctx,
    session: &Session,
    to: &Resource,
) -> Result<(Vec<Offer>, Option<Waiting>), AppError> {
    let (session, asking, to) = (session.clone(), ctx.clone(), to.clone());
    ctx.read(move |reader| {
        let policy = in_force(reader, &asking, session.user, &to, false)?.policy;
        let policy = signin::step_up::policy_at(reader, &asking, &session, &to, policy)?;
        let waiting = match signin::step_up::opened(reader, &asking, &session, &to)? {
            Some(open) => challenge::waiting(reader, &open, asking.now)?,
            None => None,
        };
        Ok((factor::offers(reader, session.user, &policy, asking.now)?, waiting))
    })
    .await
}

/// Where a session is at home, whatever it was opened for.
pub(crate) fn resource(session: &Session) -> Resource {
    if session.bearer { Resource::Api } else { Resource::Portal }
}

/// Passes the second door once more: this network is one of the session's from now on, what needs the second door passed
/// lately is open for a while, and the session has another secret. What was wrong is counted and logged as at every second door.
///
/// # Errors
/// The session has ended in the meantime, or no randomness.
pub async fn pass(
    ctx: &Ctx,
    session: &Session,
    to: &Resource,
    answer: Answer,
) -> Result<SteppedUp, AppError> {
    if here(ctx).is_none() {
        return Ok(not_yet(NOWHERE, None));
    }
    if let Answer::Ask { phone, shows } = answer {
        return ask(ctx, session, to, phone, shows).await;
    }
    let (secret, renewed) = renewed(ctx, session)?;
    let (id, former, to) = (ctx.id(SignInId::new)?, session.clone(), to.clone());
    let step = ctx
        .write(move |tx| {
            let person = person_behind(tx, &former)?;
            let step = signin::step_up::answer(tx, id, &person, &former, &to, &answer)?;
            if let Step::Allowed(admission) = &step
                && admission.both_doors()
            {
                let next = after(tx, &person, renewed.clone(), admission)?;
                tx.end_session(&former.hash)?;
                tx.put_session(&next)?;
            }
            // A failure must be counted, so it is not an error of the transaction.
            Ok(step)
        })
        .await?;
    Ok(match step {
        Step::Allowed(admission) if admission.both_doors() => SteppedUp::Through(secret),
        step @ (Step::Allowed(_) | Step::Denied(_) | Step::EnrollmentNeeded { .. } | Step::SecondDoor(_)) => {
            not_through(step)
        }
    })
}

/// The session with what was proved just now. At the portal it counts where the portal's own policy takes it.
fn after(
    tx: &mut Tx<'_, '_>,
    person: &Versioned<User>,
    session: Session,
    admission: &Admission,
) -> Result<Session, AppError> {
    let ctx = tx.ctx;
    let proof = proved(ctx, admission);
    let session = Session { proofs: with_proof(&session.proofs, proof.clone()), ..session };
    let home = resource(&session);
    let counts = if *admission.resource() == home {
        true
    } else if session.opened_for.is_some() {
        // Where it has not been let in, nothing counts yet.
        false
    } else {
        let asking = Asking::here(ctx, person.id, &home);
        let Ruling { decision, policy } = rule(tx, ctx, person, asking)?;
        let is_shut = matches!(decision, Decision::Deny(_));
        !is_shut && proof.is_some_and(|proof| factor::counts(&policy, proof.kind))
    };
    Ok(match here(ctx).filter(|_| counts) {
        None => session,
        Some(here) => Session {
            both_doors: true,
            networks: with(&session.networks, here),
            proved: Some(ctx.now),
            opened_for: None,
            ..session
        },
    })
}

/// Asks a phone of the person of this session, or calls it. What it answers is looked for by [`Answer::Elsewhere`].
async fn ask(
    ctx: &Ctx,
    session: &Session,
    to: &Resource,
    phone: Option<FactorId>,
    shows: Shows,
) -> Result<SteppedUp, AppError> {
    open(ctx, session, to).await?;
    Ok(not_through(challenge::ask(ctx, &signin::step_up::handle(ctx, session), phone, shows).await?))
}

/// Opens a sign-in of this session in which somebody else can be asked.
async fn open(ctx: &Ctx, session: &Session, to: &Resource) -> Result<(), AppError> {
    let (id, of, to) = (ctx.id(SignInId::new)?, session.clone(), to.clone());
    ctx.write(move |tx| {
        let person = person_behind(tx, &of)?;
        signin::step_up::open(tx, id, &person, &of, &to)
    })
    .await
}

/// Sends the person of this session to Duo, to pass the second door once more there. `next`: where they wanted to go.
///
/// # Errors
/// The session has ended in the meantime, no randomness, or the store's.
pub async fn go_to_duo(ctx: &Ctx, session: &Session, to: &Resource, next: &str) -> Result<Leaves, AppError> {
    if here(ctx).is_none() {
        return Ok(Leaves::Not(not_yet(NOWHERE, None)));
    }
    open(ctx, session, to).await?;
    Ok(match duo::go(ctx, &signin::step_up::handle(ctx, session), next).await? {
        Going::To(url) => Leaves::To(url),
        Going::Not(step) => Leaves::Not(not_through(step)),
    })
}

/// Whether a browser that is back from Duo with this query left from this session, and from no sign-in.
///
/// # Errors
/// The store's.
pub async fn left_for_duo(ctx: &Ctx, session: &Session, query: &str) -> Result<bool, AppError> {
    duo::left_from(ctx, &signin::step_up::handle(ctx, session), query).await
}

/// The browser of this session is back from Duo with this query. Gives what came of it, and where the person wanted to go.
///
/// # Errors
/// The session has ended in the meantime, no randomness, or the store's.
pub async fn back_from_duo(
    ctx: &Ctx,
    session: &Session,
    query: &str,
) -> Result<(SteppedUp, String), AppError> {
    match duo::brings(ctx, &signin::step_up::handle(ctx, session), query).await? {
        Brings::Word { stated, next } => {
            // Where it leads is known by the sign-in that was left from.
            let to = resource(session);
            Ok((pass(ctx, session, &to, Answer::Duo(stated)).await?, next))
        }
        Brings::Not { step, next } => Ok((not_through(step), next)),
        Brings::AtHome => Ok((not_yet(Phrase::DuoStale, None), String::new())),
    }
}

/// Whether the phone that was asked for this session has answered, after waiting for so long at most.
///
/// # Errors
/// Something of ours failed.
pub async fn is_over(ctx: &Ctx, session: &Session, longest: Duration) -> Result<bool, AppError> {
    challenge::is_over(ctx, &signin::step_up::handle(ctx, session), longest).await
}

fn not_through(step: Step) -> SteppedUp {
    match step {
        Step::SecondDoor(SecondDoorStep { problem: None, waiting: Some(_), .. }) => SteppedUp::Waiting,
        Step::SecondDoor(step) => not_yet(step.problem.unwrap_or(WRONG_CODE), None),
        Step::Denied(Denial { text, retry_after_seconds, .. }) => not_yet(text, retry_after_seconds),
        Step::Allowed(_) | Step::EnrollmentNeeded { .. } => not_yet(WRONG_CODE, None),
    }
}

/// Texts a code to a phone of whoever passes the second door once more. `None`: it is on its way.
///
/// # Errors
/// The session has ended in the meantime, no randomness, or the store's.
pub async fn text(
    ctx: &Ctx,
    session: &Session,
    to: &Resource,
    phone: FactorId,
) -> Result<Option<SteppedUp>, AppError> {
    Ok(signin::text_once_more(ctx, session, to, phone).await?.err())
}

const fn not_yet(text: Phrase, retry_after_seconds: Option<u32>) -> SteppedUp {
    SteppedUp::NotYet { text, retry_after_seconds }
}

/// The proofs with one more, the latest last; an older one of the same factor from the same network goes, and when there are too
/// many, the first.
fn with_proof(proofs: &[Proved], new: Option<Proved>) -> Vec<Proved> {
    let Some(new) = new else { return proofs.to_vec() };
    let is_same = |old: &&Proved| old.factor == new.factor && old.network == new.network;
    let others: Vec<Proved> = proofs.iter().filter(|old| !is_same(old)).cloned().collect();
    let gone = (others.len() + 1).saturating_sub(MOST_PROOFS);
    others.into_iter().skip(gone).chain([new]).collect()
}

/// The networks with one more, the latest last; when there are too many, the first goes.
fn with(networks: &[String], here: String) -> Vec<String> {
    let others: Vec<String> = networks.iter().filter(|network| **network != here).cloned().collect();
    let gone = (others.len() + 1).saturating_sub(MOST_NETWORKS);
    others.into_iter().skip(gone).chain([here]).collect()
}
