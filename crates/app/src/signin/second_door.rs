//! The second door: whoever stands there is looked at anew with every answer, and what does not open is counted.

use sallyport_crypto::Secret;
use sallyport_model::{
    FactorKind, Time, User,
    signin::{FirstDoor, Passed, Reason, SecondDoor, SignIn, SignInState},
};
use sallyport_store::Versioned;

use super::{
    Answer, Denial, NO_ACCESS, SecondDoorStep, Step, USED_CODE, WRONG_PASSKEY, admit,
    challenge::{self, Outcome},
    decide, duo, text, throttle,
};
use crate::{
    AppError, Tx,
    factor::{self, Verdict},
    passkey, user,
};
use sallyport_policy::Decision;

/// A sign-in at its second door.
pub(super) struct At<'a> {
    pub(super) sign_in: SignIn,
    /// What the next answer must bring.
    pub(super) handle: &'a Secret,
    pub(super) handle_hash: &'a str,
    /// What was asked here: of whom a passkey, as [`passkey::ask_at_second_door`] was told, and where a texted code is good.
    pub(super) asked_of: &'a str,
}

/// Tries an answer. What it opens is spent with the same commit.
pub(super) fn answer(tx: &mut Tx<'_, '_>, at: At<'_>, answer: &Answer) -> Result<Step, AppError> {
    let (user, asked) = match person_at(tx, &at.sign_in, answer)? {
        Ok(found) => found,
        Err(denial) => return turn_away(tx, at.sign_in, denial),
    };
    let verdict = match answer {
        Answer::Elsewhere => return elsewhere(tx, at, &user, asked),
        // Whoever asks is answered elsewhere, and later.
        Answer::Ask { .. } => return still_open(tx, &at, &user, None),
        Answer::Duo(stated) => duo::accept(tx, &at.sign_in, &user, stated)?,
        Answer::Passcode(passcode) => {
            let later = text::later_place(&at.sign_in.resource);
            let places = [Some(at.asked_of), later.as_deref()];
            factor::accept(tx, &user, passcode, &places.into_iter().flatten().collect::<Vec<_>>())?
        }
        Answer::Passkey(assertion) => passkey::accept(tx, &user, assertion, at.asked_of)?,
    };
    match verdict {
        Verdict::Accepted { factor, kind } => open(tx, at.sign_in, &user, SecondDoor { factor, kind }, asked),
        Verdict::Copied => once_more(tx, at, &user, answer, WRONG_PASSKEY, Reason::FactorCopied),
        Verdict::Used => once_more(tx, at, &user, answer, USED_CODE, Reason::FactorUsed),
        Verdict::Wrong => once_more(tx, at, &user, answer, answer.wrong(), Reason::FactorWrong),
    }
}

/// What was answered elsewhere, if it was.
fn elsewhere(
    tx: &mut Tx<'_, '_>,
    at: At<'_>,
    user: &Versioned<User>,
    asked: Vec<Reason>,
) -> Result<Step, AppError> {
    match challenge::outcome(tx, &at.sign_in)? {
        Outcome::Approved { factor, kind } => {
            let asked = [asked, vec![Reason::AnsweredElsewhere]].concat();
            open(tx, at.sign_in, user, SecondDoor { factor, kind }, asked)
        }
        Outcome::Waiting => still_open(tx, &at, user, None),
        Outcome::Not(problem, reason) => {
            tx.put_sign_in(&SignIn { reasons: vec![reason], ..at.sign_in.clone() }, at.handle_hash)?;
            still_open(tx, &at, user, Some(problem))
        }
        Outcome::NotMe => deny(tx, at.sign_in, Denial::new(NO_ACCESS, vec![Reason::PushNotMe])),
    }
}

/// Refuses somebody at the second door, if that is not over already.
pub(super) fn turn_away(tx: &mut Tx<'_, '_>, sign_in: SignIn, denial: Denial) -> Result<Step, AppError> {
    if sign_in.state.is_over() { Ok(Step::Denied(denial)) } else { deny(tx, sign_in, denial) }
}

/// A person at a second door, and why they are asked.
type Asked = (Versioned<User>, Vec<Reason>);

/// Who stands there, as things stand now.
pub(super) fn person_at(
    tx: &mut Tx<'_, '_>,
    sign_in: &SignIn,
    answer: &Answer,
) -> Result<Result<Asked, Denial>, AppError> {
    let now: Time = tx.ctx.now;
    let SignInState::SecondDoor { until } = sign_in.state else { return Ok(Err(Denial::start_again())) };
    let user = match sign_in.user {
        Some(id) => tx.find::<User>(id)?.filter(|user| user.credential_epoch == sign_in.epoch),
        None => None,
    };
    let Some(user) = user.filter(|_| now <= until) else { return Ok(Err(Denial::start_again())) };
    let own_password = sign_in.first_door == Some(FirstDoor::Password);
    let ctx = tx.ctx;
    let asked = match decide(tx, ctx, &user, &sign_in.resource, own_password)? {
        Decision::Deny(reasons) => return Ok(Err(Denial::new(NO_ACCESS, reasons))),
        Decision::Allow(reasons) | Decision::SecondDoor(reasons) => reasons,
    };
    Ok(match (answer, throttle::second_door_wait(tx, user.id, now)?) {
        (Answer::Ask { .. } | Answer::Passcode(_), Some(wait)) => Err(Denial::throttled(wait)),
        // Nobody can guess the answer of a passkey, so guessers at codes shut nobody out who has one.
        (
            Answer::Ask { .. }
            | Answer::Duo(_)
            | Answer::Elsewhere
            | Answer::Passcode(_)
            | Answer::Passkey(_),
            _,
        ) => Ok((user, asked)),
    })
}

pub(super) fn deny(tx: &mut Tx<'_, '_>, sign_in: SignIn, denial: Denial) -> Result<Step, AppError> {
    let denied = sign_in.deny(denial.reasons.clone(), tx.ctx.now)?;
    tx.put_sign_in(&denied, "")?;
    Ok(Step::Denied(denial))
}

fn open(
    tx: &mut Tx<'_, '_>,
    sign_in: SignIn,
    user: &Versioned<User>,
    second: SecondDoor,
    asked: Vec<Reason>,
) -> Result<Step, AppError> {
    passed(tx, user, second.kind, sign_in.source.as_deref())?;
    if second.kind == FactorKind::Passkey && sign_in.first_door == Some(FirstDoor::Password) {
        passkey::proved_with_password(tx, second.factor)?;
    }
    let (reason, asked) = match sign_in.first_door {
        Some(FirstDoor::Password) => (Reason::BothDoorsPassed, asked),
        // Asked for by the network, not by policy.
        Some(FirstDoor::Session) => (Reason::SteppedUp, Vec::new()),
        Some(FirstDoor::Passkey | FirstDoor::Vouched { .. }) | None => (Reason::VouchedDoorPassed, asked),
    };
    let reasons = [vec![reason], asked].concat();
    admit(tx, sign_in, user, Passed::SecondDoor(second), reasons)
}

/// Notes that somebody has proved who they are, from where their sign-in came: what was counted against them is forgotten.
/// Whoever brings the last word for them, such as an application that waited, may be elsewhere.
pub(super) fn passed(
    tx: &mut Tx<'_, '_>,
    user: &Versioned<User>,
    kind: FactorKind,
    source: Option<&str>,
) -> Result<(), AppError> {
    throttle::second_door_passed(tx, user.id)?;
    let source = source.and_then(|source| source.parse().ok());
    throttle::Held::at(user.name.as_str(), source).succeeded(tx, user)?;
    challenge::came_in(tx, user.id, kind)?;
    match kind {
        FactorKind::Duo
        | FactorKind::HardwareToken
        | FactorKind::Passkey
        | FactorKind::Push
        | FactorKind::Totp => user::age::awake(tx, user),
        // Proves that an administrator knows them now, or that they have a number, but not that they are who had the
        // account before.
        FactorKind::BypassCode | FactorKind::Phone => Ok(()),
    }
}

/// The answer did not open it; there may be another.
fn once_more(
    tx: &mut Tx<'_, '_>,
    at: At<'_>,
    user: &User,
    answer: &Answer,
    problem: &'static str,
    reason: Reason,
) -> Result<Step, AppError> {
    match answer {
        Answer::Passcode(_) => throttle::second_door_failed(tx, user.id)?,
        Answer::Ask { .. } | Answer::Duo(_) | Answer::Elsewhere | Answer::Passkey(_) => {}
    }
    tx.put_sign_in(&SignIn { reasons: vec![reason], ..at.sign_in.clone() }, at.handle_hash)?;
    still_open(tx, &at, user, Some(problem))
}

/// The door as it stands now, for another answer.
pub(super) fn still_open(
    tx: &mut Tx<'_, '_>,
    at: &At<'_>,
    user: &User,
    problem: Option<&'static str>,
) -> Result<Step, AppError> {
    let now = tx.ctx.now;
    Ok(Step::SecondDoor(SecondDoorStep {
        handle: at.handle.clone(),
        offers: duo::offers_at(tx, &at.sign_in.resource, user.id, now)?,
        waiting: challenge::waiting(tx, &at.sign_in, now)?,
        problem,
    }))
}
