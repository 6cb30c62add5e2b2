//! The sign-ins of a while, summed up. A quarter of an hour is summed once, when nothing of it can be decided any more, and kept
//! as a row; only what is newer is read from the log itself.

use sallyport_api::rest::{DeniedFor, DeniedPerson, SignInsOfAWhile, SignInsSum};
use sallyport_model::{Span, Time, User, id::SignInId, signin::SignIn};
use sallyport_store::Reader;

use super::{
    Window,
    tally::{ForReason, Tally, Tallying},
};
use crate::{
    AppError, Ctx, Tx,
    signin::{SECOND_DOOR_OPEN, id_at},
};

/// How long a time is summed up in one row.
const ROW: Span = Span::minutes(15);
/// How long a sign-in may take to be decided, and clocks of nodes may be apart.
const UNDECIDED: Span = Span(SECOND_DOOR_OPEN.0 + Span::minutes(2).0);
/// So long rows are kept: a week, and what it takes to say when it began.
const KEPT: Span = Span::days(8);
/// Up to when the log is summed up, in microseconds.
const SUMMED: &str = "sign_ins_summed";
/// When somebody was first seen to log in at a device, by the time until which it was looked.
const DEVICE_LOGIN: &str = "device_login_seen";

/// Sign-ins read at a time, in one pass of the job, and at most by whoever looks.
const AT_ONCE: i64 = 500;
const IN_A_PASS: usize = 100_000;
const MOST_LIVE: usize = 5_000;

const MOST_NAMED: usize = 8;
const MOST_REASONS: usize = 8;

/// Sums up what is over and was not yet. Done each minute, by every node; the same log gives the same sums.
///
/// # Errors
/// The store's.
pub(crate) async fn sum_up(ctx: &Ctx) -> Result<(), AppError> {
    let now = ctx.now;
    let (until, rows) = ctx.read_many(move |reader| summed(reader, now)).await?;
    ctx.write(move |tx| {
        for (since, tally) in &rows {
            tx.put_tally(*since, &serde_json::to_string(tally)?)?;
            if tally.device_logins > 0 {
                note_device_login(tx)?;
            }
        }
        tx.sweep_tallies(now.minus(KEPT))?;
        tx.raise_counter("org", SUMMED, until.0)?;
        Ok(())
    })
    .await
}

/// The rows that are due, and up to when that is.
fn summed(reader: &mut Reader, now: Time) -> Result<(Time, Vec<(Time, Tally)>), AppError> {
    let oldest = beginning(now.minus(KEPT));
    let end = beginning(now.minus(UNDECIDED));
    let mut since = reader.counter("org", SUMMED)?.map_or(oldest, |until| Time(until).max(oldest));
    let (mut rows, mut looked_at) = (Vec::new(), 0);
    while since < end && looked_at < IN_A_PASS {
        // Nothing may have happened for long.
        let Some(first) = reader.sign_ins_from(id_at(since), id_at(end), 1)?.pop() else {
            return Ok((end, rows));
        };
        since = beginning(first.created).max(since);
        let next = since.plus(ROW);
        let mut tallying = Tallying::default();
        looked_at += each(reader, id_at(since), id_at(next), usize::MAX, |sign_in| tallying.take(sign_in))?;
        let tally = tallying.done();
        if !tally.is_empty() {
            rows.push((since, tally));
        }
        since = next;
    }
    Ok((since, rows))
}

/// When the row begins in which this time is.
const fn beginning(at: Time) -> Time {
    Time(at.0 - at.0.rem_euclid(ROW.0))
}

/// The newest sign-ins from `first` on and before `end`, at most so many; how many there were.
fn each(
    reader: &mut Reader,
    first: SignInId,
    end: SignInId,
    most: usize,
    mut take: impl FnMut(&SignIn),
) -> Result<usize, AppError> {
    let (mut before, mut count) = (end, 0);
    while count < most {
        let page = reader.sign_ins_since(first, Some(before), AT_ONCE)?;
        page.iter().for_each(&mut take);
        count += page.len();
        match page.last() {
            Some(last) if i64::try_from(page.len()).is_ok_and(|found| found == AT_ONCE) => before = last.id,
            Some(_) | None => break,
        }
    }
    Ok(count)
}

pub(super) fn sum(reader: &mut Reader, now: Time, window: Window) -> Result<SignInsSum, AppError> {
    let since = window.since(now);
    let summed = reader.counter("org", SUMMED)?.map_or(since, |until| Time(until).max(since));
    let mut parts = Parts::new(window, since);
    for (at, doc) in reader.tallies(since, summed)? {
        parts.at(at).add(&serde_json::from_str::<Tally>(&doc)?);
    }
    let end = id_at(now.plus(Span::minutes(5)));
    let live =
        each(reader, id_at(summed), end, MOST_LIVE, |sign_in| parts.at(sign_in.created).take(sign_in))?;
    parts.told(reader, since, live >= MOST_LIVE)
}

/// Whether somebody logged in at a device, ever.
///
/// # Errors
/// The store's.
pub(crate) fn was_device_login(reader: &mut Reader, now: Time) -> Result<bool, AppError> {
    if reader.counter("org", DEVICE_LOGIN)?.is_some() {
        return Ok(true);
    }
    let summed = reader.counter("org", SUMMED)?.map_or_else(|| now.minus(KEPT), Time);
    let mut live = Tallying::default();
    each(reader, id_at(summed), id_at(now.plus(Span::minutes(5))), MOST_LIVE, |sign_in| live.take(sign_in))?;
    Ok(live.done().device_logins > 0)
}

fn note_device_login(tx: &mut Tx<'_, '_>) -> Result<(), AppError> {
    if tx.counter("org", DEVICE_LOGIN)?.is_none() {
        let now = tx.ctx.now;
        tx.raise_counter("org", DEVICE_LOGIN, now.0)?;
    }
    Ok(())
}

/// A while, part by part.
struct Parts {
    since: Time,
    part: Span,
    each: Vec<Tallying>,
    /// What is from the future by somebody's clock, and not told.
    beyond: Tallying,
}

impl Parts {
    fn new(window: Window, since: Time) -> Self {
        let count = window.span().0 / window.part().0;
        let each = (0..count).map(|_| Tallying::default()).collect();
        Self { since, part: window.part(), each, beyond: Tallying::default() }
    }

    /// The part in which this time is.
    fn at(&mut self, time: Time) -> &mut Tallying {
        let place = time.since(self.since).0.div_euclid(self.part.0);
        let part = usize::try_from(place).ok().and_then(|place| self.each.get_mut(place));
        part.unwrap_or(&mut self.beyond)
    }

    fn told(self, reader: &mut Reader, since: Time, at_least: bool) -> Result<SignInsSum, AppError> {
        let (mut all, mut over_time) = (Tallying::default(), Vec::new());
        for (place, part) in (0..).zip(self.each) {
            let tally = part.done();
            over_time.push(SignInsOfAWhile {
                since: since.plus(Span(self.part.0 * place)),
                allowed: tally.allowed,
                denied: tally.denied,
            });
            all.add(&tally);
        }
        let all = all.done();
        let mut people = Vec::new();
        for person in all.people.iter().take(MOST_NAMED) {
            // Who is gone is nobody to look after.
            let Some(user) = reader.find::<User>(person.user)? else { continue };
            people.push(DeniedPerson {
                user: person.user,
                name: user.name.to_string(),
                count: person.count,
                last: person.last,
                reasons: told(&person.reasons),
            });
        }
        Ok(SignInsSum {
            since,
            allowed: all.allowed,
            denied: all.denied,
            over_time,
            reasons: told(&all.reasons),
            people,
            strangers: all.strangers,
            at_least,
        })
    }
}

fn told(reasons: &[ForReason]) -> Vec<DeniedFor> {
    let told = |of: &ForReason| DeniedFor {
        reason: of.reason.as_str().to_owned(),
        text: of.reason.text().into_owned(),
        count: of.count,
    };
    reasons.iter().take(MOST_REASONS).map(told).collect()
}
