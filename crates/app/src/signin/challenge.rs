//! The second door opened from elsewhere: somebody at the door asks, the person answers on a page of their phone, and the
//! door hears of it. The door shows a number that the person must bring, so that nobody says yes to somebody else's sign-in.

pub(crate) mod budget;

use std::time::Duration;

use sallyport_crypto::{Secret, random};
use sallyport_model::{
    Challenge, ChallengeState, Factor, FactorKind, Method, Span, Telephony, Time, User,
    challenge::Reach,
    id::{ChallengeId, FactorId, SignInId, UserId},
    name::printable,
    signin::{Reason, Resource, SecondDoor, SignIn},
};
use sallyport_policy::EffectivePolicy;
use sallyport_store::{Reader, StoredSignIn, Versioned};

use super::{
    Answer, Denial, SecondDoorStep, Step,
    call::{self, Ringing},
    handle_hash,
    second_door::{self, At, There},
    throttle,
};
use crate::{AppError, Ctx, Phrase, Tx, factor, push};

/// How long an answer may take.
pub(crate) const LIFE: Span = Span::seconds(60);
/// How long a door that waits for the one answer there is goes on when the server stops: as long as running requests have, but
/// for what it takes to say that nobody answered.
const LAST_WORD: Duration = Duration::from_secs(8);
/// So long after it was made, whatever was asked is over, and whoever waited for the answer has heard of it: a help desk takes
/// its time.
pub(crate) const LONGEST_LIFE: Span = Span::minutes(Telephony::CODE_MINUTES);
/// So long after it was made, nothing that was asked can be answered any more.
const LONGEST_OPEN: Span = call::LIFE;
pub(crate) const NO_ANSWER: Phrase = Phrase::NoAnswer;

/// What a door shows while it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The factor that was asked,
    pub factor: FactorId,
    pub kind: FactorKind,
    /// and its name, which may be another's too.
    pub name: String,
    /// What the person must bring.
    pub number: Option<String>,
    pub expires: Time,
}

/// Whether the door can show a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shows {
    Nothing,
    Number,
    /// It can tell one while it waits, and does where policy lets nothing be pushed without.
    NumberIfNeeded,
    /// It has shown this one already.
    This(String),
}

/// Asks one of the person's phones, or the first.
///
/// # Errors
/// Something of ours failed. Where it cannot be asked, that is a [`Step`] with a problem.
pub async fn ask(
    ctx: &Ctx,
    handle: &Secret,
    wanted: Option<FactorId>,
    shows: Shows,
) -> Result<Step, AppError> {
    let digits = random::digits(&*ctx.org.random, call::DIGITS)?;
    let (id, handle) = (ctx.id(ChallengeId::new)?, handle.clone());
    let hash = handle_hash(ctx, &handle);
    if !super::is_known(ctx, &hash).await? {
        return Ok(Step::Denied(Denial::start_again()));
    }
    let (step, made) = ctx
        .write(move |tx| {
            let Some(stored) = tx.find_sign_in_by_handle(&hash)? else {
                return Ok((Step::Denied(Denial::start_again()), None));
            };
            let at = At {
                sign_in: stored.sign_in,
                handle: &handle,
                handle_hash: &hash,
                asked_of: &hash,
                wish: None,
            };
            let There { user, policy, .. } =
                match second_door::person_at(tx, &at.sign_in, &Answer::Elsewhere)? {
                    Ok(there) => there,
                    Err(denial) => return Ok((second_door::turn_away(tx, at.sign_in, denial)?, None)),
                };
            let made = make(tx, &at.sign_in, (&user, &policy), wanted, (id, &digits), &shows)?;
            let (made, problem) = match made {
                Ok(made) => (Some(made), None),
                Err(problem) => (None, Some(problem)),
            };
            Ok((second_door::still_open(tx, &at, &user, &policy, problem)?, made))
        })
        .await?;
    match (made, step) {
        (Some(Made::Push(challenge)), step) => {
            ctx.org.bells.ring(&challenge.user.to_string());
            push::wake(ctx, &challenge);
            Ok(step)
        }
        (Some(Made::Call(challenge, ringing)), Step::SecondDoor(step)) => {
            let problem = ringing.place(ctx, &challenge).await?;
            let waiting = step.waiting.filter(|_| problem.is_none());
            Ok(Step::SecondDoor(SecondDoorStep { problem, waiting, ..step }))
        }
        (Some(Made::Call(..)) | None, step) => Ok(step),
    }
}

/// A request that was made, with what remains to be done for it.
enum Made {
    Call(Challenge, Box<Ringing>),
    Push(Challenge),
}

/// Waits until the answer is there, or for so long, and gives it to the door.
///
/// # Errors
/// Something of ours failed.
pub async fn wait(ctx: &Ctx, handle: &Secret, longest: Duration) -> Result<Step, AppError> {
    heard(ctx, handle, longest, LAST_WORD).await?;
    let ctx = Ctx { now: ctx.org.clock.now(), ..ctx.clone() };
    super::answer(&ctx, handle, Answer::Elsewhere).await
}

/// Whether there is nothing to wait for any more, after waiting for so long at most.
///
/// # Errors
/// Something of ours failed.
pub async fn is_over(ctx: &Ctx, handle: &Secret, longest: Duration) -> Result<bool, AppError> {
    // Whoever asks whether it is over asks again.
    heard(ctx, handle, longest, Duration::ZERO).await
}

/// How far the request has come that a sign-in waits for, after waiting until that is something else than what is `known`, for
/// so long at most. Nothing if there is nothing to wait for any more.
///
/// # Errors
/// Something of ours failed.
pub(crate) async fn reach(
    ctx: &Ctx,
    handle: &Secret,
    known: Reach,
    longest: Duration,
) -> Result<Option<Reach>, AppError> {
    let news = |open: Option<Reach>| (open != Some(known)).then_some(open);
    Ok(look(ctx, handle, (longest, Duration::ZERO), news).await?.unwrap_or(Some(known)))
}

async fn heard(ctx: &Ctx, handle: &Secret, longest: Duration, stays: Duration) -> Result<bool, AppError> {
    let over = |open: Option<Reach>| open.is_none().then_some(());
    Ok(look(ctx, handle, (longest, stays), over).await?.is_some())
}

/// Looks at the request that a sign-in waits for until `news` says something of it: of how far it has come, or that it is over.
async fn look<T: Send + 'static>(
    ctx: &Ctx,
    handle: &Secret,
    (longest, stays): (Duration, Duration),
    news: impl Fn(Option<Reach>) -> Option<T>,
) -> Result<Option<T>, AppError> {
    let hash = handle_hash(ctx, handle);
    let found = ctx.read(move |reader| Ok(reader.find_sign_in_by_handle(&hash)?)).await?;
    let Some(StoredSignIn { sign_in, .. }) = found else { return Ok(news(None)) };
    let listener = ctx.org.bells.listen_for(sign_in.id.to_string(), stays);
    let open = || async {
        let (id, now) = (sign_in.id, ctx.org.clock.now());
        let challenge = ctx.read(move |reader| Ok(reader.challenge_at(id)?)).await?;
        Ok(news(challenge.filter(|challenge| challenge.is_open(now)).map(|challenge| challenge.reach)))
    };
    listener.until(longest, ctx.org.db.is_shared(), open).await
}

/// Notes how far an open request has come, and tells whoever waits for it.
///
/// # Errors
/// The store's.
pub(crate) async fn reached(ctx: &Ctx, id: ChallengeId, reach: Reach) -> Result<(), AppError> {
    let waits = ctx
        .write(move |tx| {
            let now = tx.ctx.now;
            let found = tx.find_challenge(id)?.filter(|challenge| challenge.is_open(now));
            let Some(challenge) = found.filter(|challenge| challenge.reach != reach) else { return Ok(None) };
            let sign_in = challenge.sign_in;
            tx.put_challenge(&Challenge { reach, ..challenge })?;
            Ok(Some(sign_in))
        })
        .await?;
    if let Some(sign_in) = waits {
        ctx.org.bells.ring(&sign_in.to_string());
    }
    Ok(())
}

/// What came of it at this door.
pub(super) enum Outcome {
    Approved(SecondDoor),
    Waiting,
    /// Another factor may be tried.
    Not(Phrase, Reason),
    /// Nothing more may be tried.
    NotMe,
}

/// What came of the newest challenge of a sign-in. An approval is spent in this transaction.
pub(super) fn outcome(tx: &mut Tx<'_, '_>, sign_in: &SignIn) -> Result<Outcome, AppError> {
    let now = tx.ctx.now;
    let Some(challenge) = tx.challenge_at(sign_in.id)? else {
        return Ok(Outcome::Not(Phrase::NotAsked, Reason::PushUnanswered));
    };
    let passed = SecondDoor {
        by_number: challenge.number.is_some(),
        source: challenge.answered_from.clone(),
        country: challenge.answered_in,
        ..SecondDoor::here(challenge.factor, challenge.kind)
    };
    Ok(match challenge.state {
        ChallengeState::Waiting if challenge.is_open(now) => Outcome::Waiting,
        ChallengeState::Approved => match challenge.spend(now) {
            // Whoever lost the phone in the meantime is not let in by it.
            Ok(spent) if tx.find::<Factor>(passed.factor)?.is_some() => {
                tx.put_challenge(&spent)?;
                Outcome::Approved(passed)
            }
            Ok(_) | Err(_) => Outcome::Not(NO_ANSWER, Reason::PushUnanswered),
        },
        ChallengeState::Waiting | ChallengeState::Spent | ChallengeState::Void => {
            Outcome::Not(NO_ANSWER, Reason::PushUnanswered)
        }
        ChallengeState::Denied => Outcome::Not(Phrase::SaidNo, Reason::PushDenied),
        ChallengeState::NotMe => Outcome::NotMe,
    })
}

/// What a door shows of a challenge that is open.
pub(crate) fn waiting(reader: &mut Reader, sign_in: &SignIn, now: Time) -> Result<Option<Waiting>, AppError> {
    let Some(challenge) = reader.challenge_at(sign_in.id)?.filter(|challenge| challenge.is_open(now)) else {
        return Ok(None);
    };
    let factor = reader.find::<Factor>(challenge.factor)?;
    Ok(factor.map(|factor| Waiting {
        factor: factor.id,
        kind: challenge.kind,
        name: factor.value.name,
        number: challenge.number,
        expires: challenge.expires,
    }))
}

/// Whether what was approved elsewhere opens a door where this policy holds.
pub(super) fn counts(policy: &EffectivePolicy, kind: FactorKind) -> bool {
    match kind {
        FactorKind::Phone => policy.allows(Method::Call),
        FactorKind::BypassCode
        | FactorKind::Duo
        | FactorKind::HardwareToken
        | FactorKind::Mail
        | FactorKind::Passkey
        | FactorKind::Push
        | FactorKind::Totp => factor::counts(policy, kind),
    }
}

fn make(
    tx: &mut Tx<'_, '_>,
    sign_in: &SignIn,
    (user, policy): (&Versioned<User>, &EffectivePolicy),
    wanted: Option<FactorId>,
    (id, digits): (ChallengeId, &str),
    shows: &Shows,
) -> Result<Result<Made, Phrase>, AppError> {
    let now = tx.ctx.now;
    let phones = factor::of(tx, user.id, now)?;
    let can_be = |factor: &Factor| match factor.kind() {
        FactorKind::Push if !policy.allows(Method::Push) => false,
        FactorKind::Push => wanted.is_none_or(|wanted| wanted == factor.id),
        // A call costs money, so nobody is called who was not meant.
        FactorKind::Phone => wanted == Some(factor.id),
        FactorKind::BypassCode
        | FactorKind::Duo
        | FactorKind::HardwareToken
        | FactorKind::Mail
        | FactorKind::Passkey
        | FactorKind::Totp => false,
    };
    let Some(phone) = phones.into_iter().find(can_be) else { return Ok(Err(Phrase::NoPhoneToAsk)) };
    if phone.kind() == FactorKind::Phone {
        return call(tx, sign_in, (user, policy), phone.id, (id, digits), shows);
    }
    let number = match shows {
        Shows::NumberIfNeeded if policy.verified_push.value.allows_plain() => None,
        Shows::Number | Shows::NumberIfNeeded => {
            digits.get(..usize::from(policy.verified_push.value.digits)).map(str::to_owned)
        }
        // One that was shown before policy wanted more of it.
        Shows::This(number) if number.len() < usize::from(policy.verified_push.value.digits) => {
            return Ok(Err(NO_ANSWER));
        }
        Shows::This(number) => Some(number.clone()),
        Shows::Nothing if policy.verified_push.value.allows_plain() => None,
        Shows::Nothing => return Ok(Err(Phrase::CannotShowNumber)),
    };
    if let Some(problem) = make_room(tx, (sign_in.id, sign_in.source.as_deref()), user.id)? {
        return Ok(Err(problem));
    }
    let challenge = Challenge {
        id,
        sign_in: sign_in.id,
        user: user.id,
        factor: phone.id,
        kind: FactorKind::Push,
        state: ChallengeState::Waiting,
        number,
        wrong_numbers: 0,
        reach: Reach::OnItsWay,
        verifies: false,
        what: what(&sign_in.resource),
        source: sign_in.source.clone(),
        country: sign_in.country,
        device: sign_in.device.clone(),
        answered_from: None,
        answered_in: None,
        disowned: false,
        created: now,
        expires: now.plus(LIFE),
    };
    tx.put_challenge(&challenge)?;
    Ok(Ok(Made::Push(challenge)))
}

fn call(
    tx: &mut Tx<'_, '_>,
    sign_in: &SignIn,
    (user, policy): (&Versioned<User>, &EffectivePolicy),
    phone: FactorId,
    (id, digits): (ChallengeId, &str),
    shows: &Shows,
) -> Result<Result<Made, Phrase>, AppError> {
    if let Some(problem) = clear(tx, (sign_in.id, sign_in.source.as_deref()), user.id)? {
        return Ok(Err(problem));
    }
    let ringing = match call::prepare(tx, sign_in, user, phone, policy, shows)? {
        Ok(ringing) => ringing,
        Err(problem) => return Ok(Err(problem)),
    };
    let digits = match shows {
        Shows::This(shown) => shown,
        Shows::Nothing | Shows::Number | Shows::NumberIfNeeded => digits,
    };
    let what = what(&sign_in.resource);
    let challenge = call::new_challenge(id, sign_in, (user, phone), digits, what, tx.ctx.now);
    tx.put_challenge(&challenge)?;
    Ok(Ok(Made::Call(challenge, Box::new(ringing))))
}

/// Makes room for one more push, asked for from this address; or says why there is none.
pub(crate) fn make_room(
    tx: &mut Tx<'_, '_>,
    from: (SignInId, Option<&str>),
    user: UserId,
) -> Result<Option<Phrase>, AppError> {
    if budget::is_held(tx, from.1, user)? {
        return Ok(Some(Phrase::Held));
    }
    clear(tx, from, user)
}

/// Makes room for a new request: another of the same door is void, one of another door stands in the way. But nobody
/// keeps a person from their phone who asks from where that person never signed in from.
fn clear(
    tx: &mut Tx<'_, '_>,
    (sign_in, source): (SignInId, Option<&str>),
    user: UserId,
) -> Result<Option<Phrase>, AppError> {
    let now = tx.ctx.now;
    let open = tx.challenges_of(user, now.minus(LONGEST_OPEN))?;
    for open in open.into_iter().filter(|open| open.is_open(now)) {
        let is_strangers = throttle::is_known_address(tx, user, source)?
            && !throttle::is_known_address(tx, user, open.source.as_deref())?;
        if open.sign_in != sign_in && !is_strangers {
            return Ok(Some(Phrase::OneAtATime));
        }
        tx.put_challenge(&open.void())?;
    }
    Ok(None)
}

/// What the person signs in to, as they know it.
fn what(resource: &Resource) -> String {
    let what = match resource {
        Resource::Api => "The command line or another program".to_owned(),
        Resource::Application { name, .. } => name.clone(),
        Resource::DeviceLogin { name, service, .. } => format!("{name} ({service})"),
        Resource::Portal => "The portal".to_owned(),
    };
    printable(&what, 100)
}
