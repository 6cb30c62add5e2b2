//! The second door: whoever stands there is looked at anew with every answer, and what does not open is counted.

use sallyport_crypto::Secret;
use sallyport_model::{
    FactorKind, Method, Time, User,
    signin::{FirstDoor, Passed, Reason, Resource, SecondDoor, SignIn, SignInState},
};
use sallyport_store::Versioned;

use super::{
    Answer, Asking, Denial, NO_ACCESS, NOT_REMEMBERED, Ruling, SecondDoorStep, Step, USED_CODE,
    WRONG_PASSKEY, admit,
    challenge::{self, Outcome},
    duo, rule, text, throttle,
};
use crate::{
    AppError, Phrase, Tx,
    factor::{self, Verdict},
    passkey, recovery,
    remembered::browser::{self, Wish, Word},
    sso::is_ours,
    user,
};
use sallyport_policy::{Decision, EffectivePolicy};

/// Said for what was answered elsewhere by something that policy does not let count here any more.
const NOT_HERE: Phrase = Phrase::NotHere;

/// A sign-in at its second door.
pub(super) struct At<'a> {
    pub(super) sign_in: SignIn,
    /// What the next answer must bring.
    pub(super) handle: &'a Secret,
    pub(super) handle_hash: &'a str,
    /// What was asked here: of whom a passkey, as [`passkey::ask_at_second_door`] was told, and where a texted code is good.
    pub(super) asked_of: &'a str,
    /// To be remembered, by whoever opens it.
    pub(super) wish: Option<&'a Wish>,
}

/// Tries an answer. What it opens is spent with the same commit.
pub(super) fn answer(tx: &mut Tx<'_, '_>, at: At<'_>, answer: &Answer) -> Result<Step, AppError> {
    let (user, asked, policy) = match person_at(tx, &at.sign_in, answer)? {
        Ok(There { user, asked, policy }) => (user, asked, policy),
        Err(denial) => return turn_away(tx, at.sign_in, denial),
    };
    let at = tried(tx, at, answer)?;
    let verdict = match answer {
        Answer::Elsewhere => return elsewhere(tx, at, There { user, asked, policy }),
        // Whoever asks is answered elsewhere, and later.
        Answer::Again | Answer::Ask { .. } => return still_open(tx, &at, &user, &policy, None),
        Answer::Duo(_) if !policy.allows(Method::Duo) => Verdict::Wrong,
        Answer::Duo(stated) => duo::accept(tx, &user, stated)?,
        Answer::Passcode(passcode) => {
            let later = text::later_place(&at.sign_in.resource);
            let places = [Some(at.asked_of), later.as_deref()];
            factor::accept(tx, &user, passcode, &places.into_iter().flatten().collect::<Vec<_>>(), &policy)?
        }
        Answer::Passkey(_) if !policy.allows(Method::Passkey) => {
            return not_opened(tx, &at, &user, &policy, (NOT_HERE, Reason::FactorNotAllowed));
        }
        Answer::Passkey(assertion) => passkey::accept(tx, &user, assertion, at.asked_of)?,
        Answer::Remembered(word) => return remembered(tx, at, &There { user, asked, policy }, word),
    };
    match verdict {
        Verdict::Accepted { factor, kind } => {
            open(tx, at, There { user, asked, policy }, SecondDoor::here(factor, kind))
        }
        Verdict::Copied => once_more(tx, at, &user, &policy, answer, (WRONG_PASSKEY, Reason::FactorCopied)),
        Verdict::NotAllowed => {
            once_more(tx, at, &user, &policy, answer, (NOT_HERE, Reason::FactorNotAllowed))
        }
        Verdict::Used => once_more(tx, at, &user, &policy, answer, (USED_CODE, Reason::FactorUsed)),
        Verdict::Wrong => once_more(tx, at, &user, &policy, answer, answer.wrong()),
    }
}

/// Notes what was brought. A code is of no kind before it is right.
fn tried<'a>(tx: &mut Tx<'_, '_>, at: At<'a>, answer: &Answer) -> Result<At<'a>, AppError> {
    let tried = match answer {
        Answer::Again | Answer::Ask { .. } | Answer::Remembered(_) => return Ok(at),
        Answer::Duo(_) => Some(FactorKind::Duo),
        Answer::Elsewhere => tx.challenge_at(at.sign_in.id)?.map(|challenge| challenge.kind),
        Answer::Passcode(_) => None,
        Answer::Passkey(_) => Some(FactorKind::Passkey),
    };
    Ok(At { sign_in: SignIn { tried, ..at.sign_in }, ..at })
}

/// What was answered elsewhere, if it was.
fn elsewhere(tx: &mut Tx<'_, '_>, at: At<'_>, there: There) -> Result<Step, AppError> {
    let There { user, asked, policy } = there;
    match challenge::outcome(tx, &at.sign_in)? {
        Outcome::Approved(passed) if challenge::counts(&policy, passed.kind) => {
            let asked = [asked, vec![Reason::AnsweredElsewhere]].concat();
            open(tx, at, There { user, asked, policy }, passed)
        }
        Outcome::Waiting => still_open(tx, &at, &user, &policy, None),
        Outcome::Approved(_) => not_opened(tx, &at, &user, &policy, (NOT_HERE, Reason::FactorNotAllowed)),
        Outcome::Not(problem, reason) => not_opened(tx, &at, &user, &policy, (problem, reason)),
        Outcome::NotMe => deny(tx, at.sign_in, Denial::new(NO_ACCESS, vec![Reason::PushNotMe])),
    }
}

/// What a browser says that is remembered. Nobody can guess it, so it counts against nobody.
fn remembered(tx: &mut Tx<'_, '_>, at: At<'_>, there: &There, word: &Word) -> Result<Step, AppError> {
    let There { user, policy, .. } = there;
    let Some(reasons) = browser::accept(tx, &at.sign_in, user, policy, word, at.asked_of)? else {
        return still_open(tx, &at, user, policy, Some(NOT_REMEMBERED));
    };
    let source = at.sign_in.source.as_deref().and_then(|source| source.parse().ok());
    throttle::Held::at(user.name.as_str(), source).succeeded(tx, user)?;
    // Whatever was tried before is not what opened it.
    admit(tx, SignIn { tried: None, ..at.sign_in }, user, Passed::NoneNeeded, reasons)
}

/// Refuses somebody at the second door, if that is not over already.
pub(super) fn turn_away(tx: &mut Tx<'_, '_>, sign_in: SignIn, denial: Denial) -> Result<Step, AppError> {
    if sign_in.state.is_over() { Ok(Step::Denied(denial)) } else { deny(tx, sign_in, denial) }
}

/// A person at a second door.
pub(super) struct There {
    pub(super) user: Versioned<User>,
    /// Why they are asked.
    pub(super) asked: Vec<Reason>,
    /// What holds for them here.
    pub(super) policy: EffectivePolicy,
}

/// Who stands there, as things stand now.
pub(super) fn person_at(
    tx: &mut Tx<'_, '_>,
    sign_in: &SignIn,
    answer: &Answer,
) -> Result<Result<There, Denial>, AppError> {
    let now: Time = tx.ctx.now;
    let SignInState::SecondDoor { until } = sign_in.state else { return Ok(Err(Denial::start_again())) };
    let user = match sign_in.user {
        Some(id) => tx.find::<User>(id)?.filter(|user| user.credential_epoch == sign_in.epoch),
        None => None,
    };
    let Some(user) = user.filter(|_| now <= until) else { return Ok(Err(Denial::start_again())) };
    let ctx = tx.ctx;
    let Ruling { decision, policy } = rule(tx, ctx, &user, Asking::of(sign_in))?;
    let mut policy = duo::policy_while_down(tx, sign_in, policy)?;
    // At a page of ours the answer comes from where the person is; elsewhere whoever waits for it brings it.
    let is_ours = sign_in.resource == Resource::Api || is_ours(tx, &ctx.org.view, &sign_in.resource)?;
    let moved = is_ours && ctx.source.map(|source| source.to_string()) != sign_in.source;
    if moved {
        let here = Asking { source: ctx.source, ..Asking::of(sign_in) };
        let here = rule(tx, ctx, &user, here)?;
        if let Decision::Deny(reasons) = here.decision {
            return Ok(Err(Denial::new(NO_ACCESS, reasons)));
        }
        // What counts at one place and not at the other does not count.
        policy = policy.under(&here.policy.obligation);
    }
    let asked = match decision {
        Decision::Deny(reasons) => return Ok(Err(Denial::new(NO_ACCESS, reasons))),
        Decision::Allow(reasons) | Decision::SecondDoor(reasons) => reasons,
    };
    Ok(match (answer, throttle::second_door_wait(tx, user.id, now)?) {
        (Answer::Ask { .. } | Answer::Passcode(_), Some(wait)) => Err(Denial::throttled(wait)),
        // Nobody can guess the answer of a key, so guessers at codes shut nobody out who has one.
        (
            Answer::Again
            | Answer::Ask { .. }
            | Answer::Duo(_)
            | Answer::Elsewhere
            | Answer::Passcode(_)
            | Answer::Passkey(_)
            | Answer::Remembered(_),
            _,
        ) => Ok(There { user, asked, policy }),
    })
}

pub(super) fn deny(tx: &mut Tx<'_, '_>, sign_in: SignIn, denial: Denial) -> Result<Step, AppError> {
    let denied = sign_in.deny(denial.reasons.clone(), tx.ctx.now)?;
    tx.put_sign_in(&denied, "")?;
    Ok(Step::Denied(denial))
}

fn open(tx: &mut Tx<'_, '_>, at: At<'_>, there: There, second: SecondDoor) -> Result<Step, AppError> {
    let (At { sign_in, asked_of, wish, .. }, There { user, asked, policy }) = (at, there);
    let user = &user;
    passed(tx, user, second.kind, sign_in.source.as_deref())?;
    if second.kind == FactorKind::Phone {
        recovery::number_is_theirs(tx, second.factor)?;
    }
    if second.kind == FactorKind::Passkey && sign_in.first_door == Some(FirstDoor::Password) {
        passkey::proved_with_password(tx, second.factor)?;
    }
    if let Some(wish) = wish {
        browser::keep(tx, &sign_in, user, &second, &policy, wish, asked_of)?;
    }
    let (reason, asked) = match sign_in.first_door {
        Some(FirstDoor::Password) => (Reason::BothDoorsPassed, asked),
        // Asked for by the network, not by policy.
        Some(FirstDoor::Session) => {
            let is_how = |reason: &Reason| *reason == Reason::AnsweredElsewhere;
            (Reason::SteppedUp, asked.into_iter().filter(is_how).collect())
        }
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
    challenge::budget::came_in(tx, user.id, kind)?;
    // Nobody enrols these, so nothing else says that the person had them.
    if matches!(kind, FactorKind::Duo | FactorKind::Mail) {
        recovery::note_factor(tx, user.id, kind)?;
    }
    match kind {
        FactorKind::Duo
        | FactorKind::HardwareToken
        | FactorKind::Passkey
        | FactorKind::Push
        | FactorKind::Totp => user::age::awake(tx, user),
        // Proves that an administrator knows them now, or that they have a number or an address, but not that they are who had the
        // account before.
        FactorKind::BypassCode | FactorKind::Mail | FactorKind::Phone => Ok(()),
    }
}

/// The answer did not open it; there may be another.
fn once_more(
    tx: &mut Tx<'_, '_>,
    at: At<'_>,
    user: &Versioned<User>,
    policy: &EffectivePolicy,
    answer: &Answer,
    problem: Problem,
) -> Result<Step, AppError> {
    match answer {
        Answer::Passcode(_) => throttle::second_door_failed(tx, user.id, &policy.lockout.value)?,
        Answer::Again
        | Answer::Ask { .. }
        | Answer::Duo(_)
        | Answer::Elsewhere
        | Answer::Passkey(_)
        | Answer::Remembered(_) => {}
    }
    not_opened(tx, &at, user, policy, problem)
}

/// What is said at the door, and to administrators.
type Problem = (Phrase, Reason);

fn not_opened(
    tx: &mut Tx<'_, '_>,
    at: &At<'_>,
    user: &Versioned<User>,
    policy: &EffectivePolicy,
    (problem, reason): Problem,
) -> Result<Step, AppError> {
    tx.put_sign_in(&SignIn { reasons: vec![reason], ..at.sign_in.clone() }, at.handle_hash)?;
    still_open(tx, at, user, policy, Some(problem))
}

/// The door as it stands now, for another answer.
pub(super) fn still_open(
    tx: &mut Tx<'_, '_>,
    at: &At<'_>,
    user: &Versioned<User>,
    policy: &EffectivePolicy,
    problem: Option<Phrase>,
) -> Result<Step, AppError> {
    let (ctx, now) = (tx.ctx, tx.ctx.now);
    let offers = factor::offers(tx, user.id, policy, now)?;
    if offers.is_empty() {
        // What they came to the door with was taken away, or does not count here any more.
        deny(tx, at.sign_in.clone(), Denial::new(NO_ACCESS, vec![Reason::NoFactor]))?;
        return Ok(Step::EnrollmentNeeded { user: user.id, by_mail: None });
    }
    Ok(Step::SecondDoor(SecondDoorStep {
        handle: at.handle.clone(),
        offers,
        waiting: challenge::waiting(tx, &at.sign_in, now)?,
        remembering: browser::at_door(tx, ctx, &at.sign_in, user, policy)?,
        problem,
    }))
}
