//! Holding back who guesses, without giving attackers a way to lock people out.
//!
//! Wrong passwords are counted for a name from one network, for one network, and for a name from all networks
//! it never signed in from before. A network a person did sign in from keeps a budget of its own, so a storm
//! elsewhere does not touch them, nor does the tighter budget that strangers' networks have during a spray. Wrong codes
//! at the second door are counted for the person alone, across all front doors. All counts rest in the store and outlive
//! restarts.

use std::net::IpAddr;

use sallyport_api::rest::HeldBack;
use sallyport_model::{Span, Time, User, id::UserId, policy::Lockout};
use sallyport_store::{Reader, Throttle, Versioned};

use super::{NOBODY, challenge::budget as pushes, counted_name, spray};
use crate::{
    AppError, Ctx, Tx,
    budget::{self, Cap},
    user::age::SIGNED_IN,
};

/// So many failures are free; each further one doubles the wait.
struct Rule {
    free: i64,
    /// After so long a quiet they are forgotten. `None`: only a success makes them so.
    window: Option<Span>,
    /// So much longer, whatever rule the next failure is counted by.
    kept: Span,
    first_wait: Span,
    longest_wait: Span,
}

const NAME_FROM_NETWORK: Rule = Rule {
    free: 5,
    window: Some(Span::minutes(15)),
    kept: Span(0),
    first_wait: Span::seconds(30),
    longest_wait: Span::minutes(15),
};
const NETWORK: Rule = Rule {
    free: 50,
    window: Some(Span::minutes(15)),
    kept: Span(0),
    first_wait: Span::minutes(1),
    longest_wait: Span::minutes(15),
};
/// For one network while passwords are sprayed.
const NETWORK_IN_A_SPRAY: Rule = Rule { free: 5, ..NETWORK };
const NAME_FROM_ANYWHERE: Rule = Rule {
    free: MOST_GUESSES - 1,
    window: Some(Span::days(1)),
    kept: Span(0),
    first_wait: Span::minutes(15),
    longest_wait: Span::hours(6),
};
/// For a person: whoever guesses slowly guesses too. Nobody waits by it, or an old storm would tell a name that somebody
/// has from one that nobody has.
const STRANGERS_GUESSES: Rule =
    Rule { free: i64::MAX, window: None, kept: Span(0), first_wait: Span(0), longest_wait: Span(0) };

const SHORTEST_SHUT: Span = Span::minutes(Lockout::SHORTEST as i64);

/// Never looser than what is built in.
fn second_door_rule(lockout: &Lockout) -> Rule {
    let wrong = lockout.wrong_codes.clamp(1, Lockout::MOST_WRONG);
    let shut = Span::minutes(i64::from(lockout.minutes.clamp(Lockout::SHORTEST, Lockout::LONGEST)));
    Rule {
        free: i64::from(wrong) - 1,
        window: Some(SHORTEST_SHUT),
        // The next wrong code may be typed at a door whose policy would forget this one sooner.
        kept: Span(shut.0 - SHORTEST_SHUT.0),
        first_wait: shut,
        longest_wait: Span(shut.0.max(Span::hours(1).0)),
    }
}

/// Verb in the feed by which the person hears that their second door is shut; see [`crate::user::news`].
pub(crate) const SECOND_DOOR_SHUT: &str = "shut_second_door";
/// How often they hear of it in a day.
const MOST_TOLD: u32 = 3;

/// So many wrong passwords in a row are checked for a name from networks it never signed in from.
const MOST_GUESSES: i64 = 100;

/// Counter of a user that says they signed in from a network before.
const KNOWN_NETWORK: &str = "known";

/// The budgets an attempt at the first door draws on.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    name: String,
    network: String,
}

impl Held {
    pub(crate) fn for_first_door(ctx: &Ctx, name: &str) -> Self {
        Self::at(name, ctx.source)
    }

    /// For somebody who comes from this address.
    pub(crate) fn at(name: &str, source: Option<IpAddr>) -> Self {
        Self { name: counted_name(name), network: network(source) }
    }

    /// Of the name here, of the network, of the name from networks it was never at.
    fn buckets(&self) -> [String; 3] {
        [
            format!("name {} from {}", self.name, self.network),
            format!("network {}", self.network),
            format!("name {}", self.name),
        ]
    }

    /// How long this attempt must wait, if it must.
    pub(crate) fn wait(&self, reader: &mut Reader, known: bool, now: Time) -> Result<Option<Span>, AppError> {
        let mut longest = None;
        let [here, network, anywhere] = self.buckets();
        // A known network has the budget of its own only.
        let counted = if known { vec![here] } else { vec![here, network, anywhere] };
        for bucket in counted {
            longest = longest.max(wait(reader.throttle(&bucket)?, now));
        }
        Ok(longest)
    }

    /// Counts a failure; whether guessing at this person from unknown networks has to end. `known`: the person was at
    /// this network before.
    pub(crate) fn failed(
        &self,
        tx: &mut Tx<'_, '_>,
        known: bool,
        user: Option<UserId>,
    ) -> Result<bool, AppError> {
        let [here, network, anywhere] = self.buckets();
        let now = tx.ctx.now;
        let in_a_spray = !known && spray::goes_on(tx, now)?;
        fail(tx, &here, &NAME_FROM_NETWORK)?;
        fail(tx, &network, if in_a_spray { &NETWORK_IN_A_SPRAY } else { &NETWORK })?;
        // What a person mistypes at home is no stranger's guess.
        if known {
            return Ok(false);
        }
        fail(tx, &anywhere, &NAME_FROM_ANYWHERE)?;
        // What is counted for a person is counted for nobody too, and so takes as long.
        let guesses = fail(tx, &guesses_bucket(user.unwrap_or(NOBODY)), &STRANGERS_GUESSES)?;
        Ok(user.is_some() && guesses >= MOST_GUESSES)
    }

    pub(crate) fn succeeded(&self, tx: &mut Tx<'_, '_>, user: &User) -> Result<(), AppError> {
        let [here, _, anywhere] = self.buckets();
        for bucket in [here, anywhere, guesses_bucket(user.id)] {
            tx.delete_throttle(&bucket)?;
        }
        know_network(tx, user.id, &self.network)?;
        let today = tx.ctx.now.0;
        tx.raise_counter(&user.id.to_string(), SIGNED_IN, today)?;
        Ok(())
    }
}

/// Whether this person signed in from the attempt's network before.
pub(crate) fn is_known_source(
    reader: &mut Reader,
    user: Option<&Versioned<User>>,
    held: &Held,
) -> Result<bool, AppError> {
    // Nobody was never anywhere, which is looked up all the same.
    is_known_network(reader, user.map_or(NOBODY, |user| user.id), &held.network)
}

/// Whether this person signed in from a network before.
pub(crate) fn is_known_network(reader: &mut Reader, user: UserId, network: &str) -> Result<bool, AppError> {
    let kind = format!("{KNOWN_NETWORK} {network}");
    Ok(reader.counter(&user.to_string(), &kind)?.is_some())
}

/// The same of the network that an address belongs to, as sign-ins and challenges keep addresses.
pub(crate) fn is_known_address(
    reader: &mut Reader,
    user: UserId,
    address: Option<&str>,
) -> Result<bool, AppError> {
    is_known_network(reader, user, &network(address.and_then(|address| address.parse().ok())))
}

/// Notes that this person signed in from a network.
pub(crate) fn know_network(tx: &mut Tx<'_, '_>, user: UserId, network: &str) -> Result<(), AppError> {
    let today = tx.ctx.now.0;
    tx.raise_counter(&user.to_string(), &format!("{KNOWN_NETWORK} {network}"), today)?;
    Ok(())
}

/// How long the second door stays shut for a person, if it does.
pub(crate) fn second_door_wait(
    reader: &mut Reader,
    user: UserId,
    now: Time,
) -> Result<Option<Span>, AppError> {
    Ok(left(second_door_shut_until(reader, user)?, now))
}

/// Until when the second door stays shut for a person; long ago if it does not.
pub(crate) fn second_door_shut_until(reader: &mut Reader, user: UserId) -> Result<Time, AppError> {
    Ok(reader.throttle(&second_door_bucket(user))?.until)
}

/// Counts a wrong code at the second door, which is shut for so long as policy says after so many.
pub(crate) fn second_door_failed(
    tx: &mut Tx<'_, '_>,
    user: UserId,
    lockout: &Lockout,
) -> Result<(), AppError> {
    let rule = second_door_rule(lockout);
    // While it is shut no code is looked at, so each of these shuts it anew; other doors may have counted to more.
    let shuts = fail(tx, &second_door_bucket(user), &rule)? > rule.free;
    // Whatever the first door was, and though somebody may try for days.
    let told = Cap::daily(format!("told of the second door of {user}"), MOST_TOLD, ());
    if shuts
        && budget::count(tx, [told])?.is_ok()
        && let Some(user) = tx.find::<User>(user)?
    {
        tx.record_touched(&user.value, SECOND_DOOR_SHUT);
    }
    Ok(())
}

pub(crate) fn second_door_passed(tx: &mut Tx<'_, '_>, user: UserId) -> Result<(), AppError> {
    Ok(tx.delete_throttle(&second_door_bucket(user))?)
}

/// Until when something of this person's is held back, as administrators see it.
pub(crate) fn held_back(reader: &mut Reader, user: &User, now: Time) -> Result<HeldBack, AppError> {
    // From every network, and from all that they were never at.
    let password = reader.latest_throttle(&format!("name {}", counted_name(user.name.as_str())))?;
    let second_door = second_door_shut_until(reader, user.id)?;
    let ahead = |until: Time| Some(until).filter(|until| *until > now);
    Ok(HeldBack { second_door_until: ahead(second_door), password_until: ahead(password) })
}

/// Forgets a person's wrong attempts, at an administrator's word.
pub(crate) fn forgive(tx: &mut Tx<'_, '_>, user: &User) -> Result<(), AppError> {
    second_door_passed(tx, user.id)?;
    pushes::allow_again(tx, user.id)?;
    old_password_right(tx, user.id)?;
    tx.delete_throttle(&own_code_bucket(user.id))?;
    // From each network they tried from, whichever of their names was typed.
    tx.delete_throttles(&format!("name {} from ", counted_name(user.name.as_str())))?;
    forget_guesses(tx, user)
}

/// Forgets the wrong passwords given for a person from all networks, as for a password nobody has guessed at yet.
pub(crate) fn forget_guesses(tx: &mut Tx<'_, '_>, user: &User) -> Result<(), AppError> {
    tx.delete_throttle(&format!("name {}", counted_name(user.name.as_str())))?;
    Ok(tx.delete_throttle(&guesses_bucket(user.id))?)
}

/// Counts a wrong guess at a code that is not bound to a name, such as an enrolment code.
pub(crate) fn guess_failed(tx: &mut Tx<'_, '_>) -> Result<(), AppError> {
    let bucket = guess_bucket(tx.ctx);
    fail(tx, &bucket, &NAME_FROM_NETWORK).map(|_| ())
}

/// How long guesses from this network must wait, if they must.
pub(crate) fn guess_wait(reader: &mut Reader, ctx: &Ctx) -> Result<Option<Span>, AppError> {
    Ok(wait(reader.throttle(&guess_bucket(ctx))?, ctx.now))
}

/// Counts a wrong present password, given by whoever holds a session of this person. It is theirs alone: nobody else in
/// their network waits for it.
pub(crate) fn old_password_failed(tx: &mut Tx<'_, '_>, user: UserId) -> Result<(), AppError> {
    fail(tx, &old_password_bucket(user), &NAME_FROM_NETWORK).map(|_| ())
}

pub(crate) fn old_password_right(tx: &mut Tx<'_, '_>, user: UserId) -> Result<(), AppError> {
    Ok(tx.delete_throttle(&old_password_bucket(user))?)
}

pub(crate) fn old_password_wait(
    reader: &mut Reader,
    user: UserId,
    now: Time,
) -> Result<Option<Span>, AppError> {
    Ok(left(reader.throttle(&old_password_bucket(user))?.until, now))
}

/// Counts a wrong code for something of one's own, given by whoever holds a session of this person; theirs alone as well.
pub(crate) fn own_code_failed(tx: &mut Tx<'_, '_>, user: UserId) -> Result<(), AppError> {
    fail(tx, &own_code_bucket(user), &NAME_FROM_NETWORK).map(|_| ())
}

pub(crate) fn own_code_wait(reader: &mut Reader, user: UserId, now: Time) -> Result<Option<Span>, AppError> {
    Ok(wait(reader.throttle(&own_code_bucket(user))?, now))
}

fn own_code_bucket(user: UserId) -> String {
    format!("own code of {user}")
}

pub(crate) fn old_password_bucket(user: UserId) -> String {
    format!("old password of {user}")
}

fn guess_bucket(ctx: &Ctx) -> String {
    format!("guesses from {}", network(ctx.source))
}

fn guesses_bucket(user: UserId) -> String {
    format!("strangers at {user}")
}

fn second_door_bucket(user: UserId) -> String {
    format!("second door {user}")
}

fn wait(throttle: Throttle, now: Time) -> Option<Span> {
    left(throttle.until, now)
}

pub(crate) fn left(until: Time, now: Time) -> Option<Span> {
    let left = until.since(now);
    (left > Span(0)).then_some(left)
}

/// The beginning of failures that are not forgotten by themselves: later than any sweep.
const NEVER_SWEPT: Time = Time(i64::MAX);

/// How many failures there are with this one.
fn fail(tx: &mut Tx<'_, '_>, bucket: &str, rule: &Rule) -> Result<i64, AppError> {
    let now = tx.ctx.now;
    let before = tx.throttle(bucket)?;
    // A wait that was sat out counts on: the next failure waits longer, until a whole window was quiet.
    let quiet_since = if before.until > before.since { before.until } else { before.since };
    let forgotten = rule.window.is_some_and(|window| now.since(quiet_since) > window);
    let (failures, first) =
        if before.failures == 0 || forgotten { (1, now) } else { (before.failures + 1, before.since) };
    let since = match rule.window {
        Some(_) => first.max(if rule.kept > Span(0) { now.plus(rule.kept) } else { first }),
        None => NEVER_SWEPT,
    };
    let over = failures - rule.free;
    let until = if over > 0 {
        let doubled = rule.first_wait.0.saturating_mul(1 << (over - 1).min(20));
        now.plus(Span(doubled.min(rule.longest_wait.0)))
    } else {
        Time(0)
    };
    tx.put_throttle(bucket, Throttle { failures, since, until })?;
    Ok(failures)
}

/// The network an address belongs to: people keep it, attackers have many addresses in it.
pub(crate) fn network(source: Option<IpAddr>) -> String {
    match source {
        Some(IpAddr::V4(v4)) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Some(IpAddr::V6(v6)) => {
            if let Some(v4) = v6.to_ipv4_mapped() {
                return network(Some(IpAddr::V4(v4)));
            }
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "unknown".into(),
    }
}
