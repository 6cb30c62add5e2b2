//! Password spraying, seen across the whole organisation.
//!
//! One password tried on ten thousand names from three hundred networks stays below the budget of every name and
//! every network. What gives it away stands in the sign-in log: many names that failed at the first door from where
//! their owners never were, and did not get in from there afterwards. Whoever mistypes does, a moment later; and on a
//! morning when everybody comes, those who give up are few beside those who pass. So the log is looked at once a
//! minute, on every node: nothing is kept for an attempt that is not kept anyway, and a restart forgets nothing.
//!
//! While a spray goes on, networks from which a person never signed in have a tighter budget ([`throttle`]).

use std::collections::{BTreeMap, HashSet};

use sallyport_model::{
    Action, Span, Spray, SprayNetwork, Time, fold,
    id::{SprayId, UserId},
    signin::{FirstDoor, Reason, SignIn},
};
use sallyport_store::{Page, PageRequest, Reader, Throttle};

use super::throttle;
use crate::{AppError, Ctx, Tx};

/// How far back a look goes, and so the time within which names are counted together.
const WINDOW: Span = Span::minutes(15);
/// So many names failing within the window, and
const FEWEST_NAMES: u64 = 50;
/// at least one for so many who passed, are a spray.
const PASSED_FOR_ONE_FAILED: u64 = 5;
/// With so many names failing it still goes on. Fewer than it takes to begin, for the tighter budget has an effect.
const FEWEST_TO_GO_ON: u64 = 10;
/// How long it is taken to go on after the last look that saw it.
const HOLD: Span = Span::minutes(10);

/// Most sign-ins one look reads, the newest, in so many parts; beyond that, what is counted is counted at least.
const MOST_PARTS: usize = 20;
const PART: i64 = 500;

/// Names how long the spray that goes on is taken to; kept with the waits of guessers.
const BUCKET: &str = "spray";

/// What the log shows.
#[derive(Default)]
struct Look {
    /// Names that failed from strangers' networks since the beginning of the look,
    names: HashSet<String>,
    /// and those among them within the window.
    names_lately: HashSet<String>,
    passed_lately: HashSet<String>,
    attempts: u64,
    /// Attempts by network.
    networks: BTreeMap<String, u64>,
    first: Option<Time>,
}

/// What a look came to, to be told once it is written.
enum Found {
    Began(Spray),
    Ended(Spray),
    Nothing,
}

/// Sprays, the one that goes on first and then the newest.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Page<Spray>, AppError> {
    ctx.allow(Action::ReadSignIns)?;
    ctx.read_many(move |reader| Ok(reader.list::<Spray>(&page)?)).await
}

/// The spray that goes on, if there is one.
///
/// # Errors
/// Denied.
pub async fn going_on(ctx: &Ctx) -> Result<Option<Spray>, AppError> {
    ctx.allow(Action::ReadSignIns)?;
    ctx.read(|reader| Ok(reader.find_by_key::<Spray>(Spray::GOES_ON)?.map(|spray| spray.value))).await
}

/// How many names are being tried in a spray; 0 when there is none.
///
/// # Errors
/// The store's.
pub fn names_tried(reader: &mut Reader, now: Time) -> Result<i64, AppError> {
    let held = reader.throttle(BUCKET)?;
    Ok(if held.until >= now { held.failures } else { 0 })
}

pub(crate) fn goes_on(reader: &mut Reader, now: Time) -> Result<bool, AppError> {
    Ok(names_tried(reader, now)? > 0)
}

/// Looks whether one begins, grows or is over.
///
/// # Errors
/// The store's.
pub(crate) async fn watch(ctx: &Ctx) -> Result<(), AppError> {
    let now = ctx.now;
    let (known, look) = ctx
        .read_many(move |reader| {
            let known = reader.find_by_key::<Spray>(Spray::GOES_ON)?;
            let lately = now.minus(WINDOW);
            let since = known.as_ref().map_or(lately, |spray| spray.began.min(lately));
            Ok((known.is_some(), Look::at(reader, since, lately)?))
        })
        .await?;
    if !known && !look.shows_a_spray() {
        return Ok(());
    }
    let id = ctx.id(SprayId::new)?;
    match ctx.write(move |tx| note(tx, id, &look)).await? {
        Found::Began(spray) => tracing::error!(
            spray = %spray.id,
            names = spray.names,
            networks = spray.all_networks,
            "passwords are being tried on many names from many networks; strangers are held back harder"
        ),
        Found::Ended(spray) => tracing::error!(
            spray = %spray.id,
            names = spray.names,
            networks = spray.all_networks,
            "the password spray is over"
        ),
        Found::Nothing => {}
    }
    Ok(())
}

fn note(tx: &mut Tx<'_, '_>, id: SprayId, look: &Look) -> Result<Found, AppError> {
    let now = tx.ctx.now;
    let names_lately = i64::try_from(look.names_lately.len()).unwrap_or(i64::MAX);
    let hold = |since| Throttle { failures: names_lately, since, until: now.plus(HOLD) };
    let Some(before) = tx.find_by_key::<Spray>(Spray::GOES_ON)? else {
        if !look.shows_a_spray() {
            return Ok(Found::Nothing);
        }
        let spray = look.spray(id, now);
        tx.put_throttle(BUCKET, hold(spray.began))?;
        let created = tx.create(spray)?;
        return Ok(Found::Began(tx.record(created, "begin").value));
    };
    let grown = look.grown(&before);
    if look.names_lately.len() as u64 >= FEWEST_TO_GO_ON {
        tx.put_throttle(BUCKET, hold(before.began))?;
    } else if tx.throttle(BUCKET)?.until < now {
        tx.delete_throttle(BUCKET)?;
        let changed = tx.update(&before, Spray { ended: Some(now), ..grown })?;
        return Ok(Found::Ended(tx.record(changed, "end").value));
    }
    // What it came to is recorded when it is over, and before that only when it is another order of things.
    if grown.names >= before.names.saturating_mul(2) {
        let changed = tx.update(&before, grown)?;
        tx.record(changed, "grow");
    }
    Ok(Found::Nothing)
}

impl Look {
    /// Reads the log back to `since`, newest first.
    fn at(reader: &mut Reader, since: Time, lately: Time) -> Result<Self, AppError> {
        let (mut look, mut passed, mut before) = (Self::default(), HashSet::new(), None);
        for _ in 0..MOST_PARTS {
            let sign_ins = reader.sign_ins_since(super::id_at(since), before, PART)?;
            let Some(last) = sign_ins.last() else { break };
            before = Some(last.id);
            for sign_in in &sign_ins {
                look.take(reader, sign_in, lately, &mut passed)?;
            }
        }
        Ok(look)
    }

    /// `passed` are names that came through the first door later than this one, each with where from.
    fn take(
        &mut self,
        reader: &mut Reader,
        sign_in: &SignIn,
        lately: Time,
        passed: &mut HashSet<(String, String)>,
    ) -> Result<(), AppError> {
        let place = (fold(&sign_in.name), throttle::network(source(sign_in)));
        let is_late = sign_in.created >= lately;
        match first_door(sign_in) {
            // Nobody guesses at our passwords there.
            AtFirstDoor::Elsewhere => return Ok(()),
            AtFirstDoor::Passed => {
                if is_late {
                    self.passed_lately.insert(place.0.clone());
                }
                passed.insert(place);
                return Ok(());
            }
            AtFirstDoor::Failed if passed.contains(&place) => return Ok(()),
            AtFirstDoor::Failed if is_at_home(reader, sign_in.user, &place.1)? => return Ok(()),
            AtFirstDoor::Failed => {}
        }
        let (name, network) = place;
        self.attempts += 1;
        self.first = Some(sign_in.created);
        *self.networks.entry(network).or_default() += 1;
        if is_late {
            self.names_lately.insert(name.clone());
        }
        self.names.insert(name);
        Ok(())
    }

    fn shows_a_spray(&self) -> bool {
        let (failed, passed) = (self.names_lately.len() as u64, self.passed_lately.len() as u64);
        failed >= FEWEST_NAMES && failed.saturating_mul(PASSED_FOR_ONE_FAILED) >= passed
    }

    fn spray(&self, id: SprayId, now: Time) -> Spray {
        let mut networks: Vec<SprayNetwork> = self
            .networks
            .iter()
            .map(|(network, attempts)| SprayNetwork { network: network.clone(), attempts: *attempts })
            .collect();
        networks.sort_by_key(|from| std::cmp::Reverse(from.attempts));
        networks.truncate(Spray::MOST_NETWORKS);
        Spray {
            id,
            began: self.first.unwrap_or(now),
            noticed: now,
            ended: None,
            names: self.names.len() as u64,
            attempts: self.attempts,
            networks,
            all_networks: self.networks.len() as u64,
        }
    }

    /// The spray as it shows now. The log of a long one is read in part only, so nothing shrinks.
    fn grown(&self, before: &Spray) -> Spray {
        let seen = self.spray(before.id, before.noticed);
        let networks = if seen.attempts > before.attempts { seen.networks } else { before.networks.clone() };
        Spray {
            id: before.id,
            began: before.began,
            noticed: before.noticed,
            ended: before.ended,
            names: seen.names.max(before.names),
            attempts: seen.attempts.max(before.attempts),
            networks,
            all_networks: seen.all_networks.max(before.all_networks),
        }
    }
}

enum AtFirstDoor {
    /// Somebody else checked it.
    Elsewhere,
    Failed,
    /// Whatever came of it.
    Passed,
}

fn first_door(sign_in: &SignIn) -> AtFirstDoor {
    match sign_in.first_door {
        Some(FirstDoor::Passkey | FirstDoor::Session | FirstDoor::Vouched { .. }) => AtFirstDoor::Elsewhere,
        Some(FirstDoor::Password) => AtFirstDoor::Passed,
        None if sign_in.reasons.contains(&Reason::NoFactor) => AtFirstDoor::Passed,
        None => AtFirstDoor::Failed,
    }
}

fn source(sign_in: &SignIn) -> Option<std::net::IpAddr> {
    sign_in.source.as_deref()?.parse().ok()
}

fn is_at_home(reader: &mut Reader, user: Option<UserId>, network: &str) -> Result<bool, AppError> {
    match user {
        Some(user) => throttle::is_known_network(reader, user, network),
        None => Ok(false),
    }
}

#[cfg(test)]
mod tests;
