//! How many requests may go out to a person's phones: so many, or somebody who knows the password tires them into saying yes.
//!
//! Who asks from where the person never signed in from has a part of it only. The rest is for networks that the person did
//! sign in from, so nobody who merely knows a password keeps its owner from their own phone. Too many at once wait. Too
//! many that came to nothing, or ever more that are asked for although there are none, switch requests off, until the person
//! comes in by something else; those of strangers alone switch off what strangers ask.

use sallyport_model::{Challenge, ChallengeState, FactorKind, Span, Time, id::UserId};
use sallyport_store::Throttle;

use crate::{AppError, Tx, signin::throttle};

/// So many requests in ten minutes, and in an hour.
struct Budget {
    lately: usize,
    in_an_hour: usize,
}

const OF_ALL: Budget = Budget { lately: 5, in_an_hour: 10 };
const OF_STRANGERS: Budget = Budget { lately: 3, in_an_hour: 6 };
const LATELY: Span = Span::minutes(10);
const AN_HOUR: Span = Span::minutes(60);

/// So many more, asked for lately although there were none, are a storm: nobody who waits for their own phone does that.
const IN_VAIN: i64 = 10;

/// So long there are none after the person said that it was not them.
const QUIET: Span = Span::minutes(15);
/// Until something else opened a door.
const OFF: Span = Span::days(3650);
/// Counter of a person: since when their requests are counted.
const COUNTED_SINCE: &str = "push_counted_since";

/// Whether requests to this person's phones are held back now, for whoever asks from this address.
pub(crate) fn is_held(tx: &mut Tx<'_, '_>, source: Option<&str>, user: UserId) -> Result<bool, AppError> {
    let now = tx.ctx.now;
    let is_known = throttle::is_known_address(tx, user, source)?;
    let own = if is_known { off_bucket(user) } else { strangers_off_bucket(user) };
    for bucket in [&off_bucket(user), &quiet_bucket(user), &own] {
        if tx.throttle(bucket)?.until > now {
            return Ok(true);
        }
    }
    let since = Time(tx.counter(&user.to_string(), COUNTED_SINCE)?.unwrap_or(0));
    let mut asked = tx.challenges_of(user, since.max(now.minus(AN_HOUR)))?;
    asked.retain(|challenge| challenge.kind == FactorKind::Push && challenge.created > since);
    let mut held = is_spent(tx, &asked, &OF_ALL, &off_bucket(user))?;
    let came_to_nothing = asked.iter().any(|challenge| is_fruitless(&challenge.state));
    if !is_known {
        let mut of_strangers = Vec::new();
        for challenge in asked {
            if !throttle::is_known_address(tx, user, challenge.source.as_deref())? {
                of_strangers.push(challenge);
            }
        }
        held |= is_spent(tx, &of_strangers, &OF_STRANGERS, &own)?;
    }
    if held && came_to_nothing {
        asked_in_vain(tx, &own)?;
    }
    Ok(held)
}

/// Counts a request that did not go out; too many of them switch requests off.
fn asked_in_vain(tx: &mut Tx<'_, '_>, off_bucket: &str) -> Result<(), AppError> {
    let (now, bucket) = (tx.ctx.now, in_vain_bucket(off_bucket));
    let before = tx.throttle(&bucket)?;
    let goes_on = before.failures > 0 && now.since(before.since) < LATELY;
    let (failures, since) = if goes_on { (before.failures + 1, before.since) } else { (1, now) };
    tx.put_throttle(&bucket, Throttle { failures, since, until: Time(0) })?;
    if failures >= IN_VAIN {
        tracing::warn!(bucket = off_bucket, "requests to a person's phone are asked for without end");
        hold(tx, off_bucket, now.plus(OFF))?;
    }
    Ok(())
}

const fn is_fruitless(state: &ChallengeState) -> bool {
    !matches!(state, ChallengeState::Approved | ChallengeState::Spent)
}

/// Whether these are all that there may be. Nobody answers a phone that lies elsewhere, so it takes an hour of those to
/// switch requests off; who says no again and again is being asked by somebody else.
fn is_spent(
    tx: &mut Tx<'_, '_>,
    asked: &[Challenge],
    budget: &Budget,
    off_bucket: &str,
) -> Result<bool, AppError> {
    let now = tx.ctx.now;
    let count = |within: Span, counts: &dyn Fn(&ChallengeState) -> bool| {
        let recent = asked.iter().filter(|one| one.created > now.minus(within));
        recent.filter(|one| counts(&one.state)).count()
    };
    let denied = |state: &ChallengeState| matches!(state, ChallengeState::Denied | ChallengeState::NotMe);
    if count(AN_HOUR, &is_fruitless) >= budget.in_an_hour || count(LATELY, &denied) >= budget.lately {
        tracing::warn!(bucket = off_bucket, "too many requests to a person's phone came to nothing");
        hold(tx, off_bucket, now.plus(OFF))?;
    }
    Ok(count(LATELY, &|_| true) >= budget.lately || count(AN_HOUR, &|_| true) >= budget.in_an_hour)
}

/// Notes that a person came in by this: requests are counted anew after anything but a request.
pub(in crate::signin) fn came_in(
    tx: &mut Tx<'_, '_>,
    user: UserId,
    kind: FactorKind,
) -> Result<(), AppError> {
    if kind == FactorKind::Push { Ok(()) } else { count_anew(tx, user) }
}

/// The person says that it was not them: there are no requests for a while.
pub(crate) fn quiet(tx: &mut Tx<'_, '_>, user: UserId) -> Result<(), AppError> {
    let until = tx.ctx.now.plus(QUIET);
    hold(tx, &quiet_bucket(user), until)
}

/// Whether the person said a moment ago that it was not them.
pub(in crate::signin) fn is_quiet(tx: &mut Tx<'_, '_>, user: UserId) -> Result<bool, AppError> {
    let now = tx.ctx.now;
    Ok(tx.throttle(&quiet_bucket(user))?.until > now)
}

/// Whether requests were switched off because somebody else seems to make them.
pub(crate) fn are_off(tx: &mut Tx<'_, '_>, user: UserId) -> Result<bool, AppError> {
    let now = tx.ctx.now;
    Ok(is_quiet(tx, user)? || tx.throttle(&off_bucket(user))?.until > now)
}

/// Lets requests go out again, at an administrator's word.
pub(in crate::signin) fn allow_again(tx: &mut Tx<'_, '_>, user: UserId) -> Result<(), AppError> {
    count_anew(tx, user)?;
    Ok(tx.delete_throttle(&quiet_bucket(user))?)
}

fn count_anew(tx: &mut Tx<'_, '_>, user: UserId) -> Result<(), AppError> {
    let now = tx.ctx.now;
    tx.raise_counter(&user.to_string(), COUNTED_SINCE, now.0)?;
    for bucket in [off_bucket(user), strangers_off_bucket(user)] {
        tx.delete_throttle(&in_vain_bucket(&bucket))?;
        tx.delete_throttle(&bucket)?;
    }
    Ok(())
}

fn hold(tx: &mut Tx<'_, '_>, bucket: &str, until: Time) -> Result<(), AppError> {
    let since = tx.ctx.now;
    Ok(tx.put_throttle(bucket, Throttle { failures: 1, since, until })?)
}

fn off_bucket(user: UserId) -> String {
    format!("push off {user}")
}

fn strangers_off_bucket(user: UserId) -> String {
    format!("push off for strangers {user}")
}

fn in_vain_bucket(off_bucket: &str) -> String {
    format!("asked in vain, {off_bucket}")
}

fn quiet_bucket(user: UserId) -> String {
    format!("push quiet {user}")
}
