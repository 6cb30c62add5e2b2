//! Everybody's sessions, for administrators: the last used first, and several ended at once.

use sallyport_api::rest::SessionOf;
use sallyport_model::{Action, Time, User, fold};
use sallyport_store::{Reader, Session};

use super::{id, idle};
use crate::{AppError, Ctx, Tx, event, oidc::backchannel};

/// Sessions read at once, and most that are looked at for one page: a filter that takes few goes on in the next.
const AT_ONCE: i64 = 500;
const MOST_LOOKED_AT: usize = 10_000;
/// Most sessions that are ended at once.
pub const MOST_ENDED: usize = 500;

/// Which sessions to show.
#[derive(Debug, Clone, Default)]
pub struct LiveWanted {
    /// Text that must occur in the name of whoever they are of, the address or the browser.
    pub text: String,
    /// The `next` of the page before.
    pub after: Option<String>,
    pub limit: usize,
}

/// A session that opens something now, and whose it is.
#[derive(Debug, Clone)]
pub struct Live {
    pub session: Session,
    pub user: User,
}

/// What became of sessions that were to be ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ended {
    pub ended: u64,
    /// Those of people with rights above the caller's, which go on.
    pub refused: u64,
}

/// A page of everybody's sessions; and where the next page begins, if there is one.
///
/// # Errors
/// Denied, or `after` is no place.
pub async fn list(ctx: &Ctx, wanted: LiveWanted) -> Result<(Vec<Live>, Option<String>), AppError> {
    ctx.allow(Action::ReadSignIns)?;
    let after = wanted.after.as_deref().map(Place::said).transpose()?;
    let (now, text, limit) = (ctx.now, fold(&wanted.text), wanted.limit.clamp(1, 500));
    ctx.read_many(move |reader| page(reader, now, &text, after.unwrap_or(Place::FIRST), limit)).await
}

/// Where a page begins: the last use, and how many used then stood on pages before. No hash of a session leaves the house.
#[derive(Debug, Clone, Copy)]
struct Place {
    seen: Time,
    past: usize,
}

impl Place {
    const FIRST: Self = Self { seen: Time(i64::MAX), past: 0 };

    fn said(given: &str) -> Result<Self, AppError> {
        let parts =
            given.split_once('.').and_then(|(seen, past)| Some((seen.parse().ok()?, past.parse().ok()?)));
        let (seen, past) =
            parts.ok_or_else(|| AppError::invalid("after", "is the `next` of the page before"))?;
        Ok(Self { seen: Time(seen), past })
    }

    /// Behind this session too.
    fn behind(self, session: &Session) -> Self {
        let past = if session.seen == self.seen { self.past + 1 } else { 1 };
        Self { seen: session.seen, past }
    }
}

fn page(
    reader: &mut Reader,
    now: Time,
    text: &str,
    after: Place,
    limit: usize,
) -> Result<(Vec<Live>, Option<String>), AppError> {
    let (mut found, mut place, mut looked) = (Vec::new(), after, 0);
    // Those with the same time that stood on pages before.
    let mut skip = after.past;
    let mut from: Option<(Time, String)> = Some((after.seen, String::new()));
    while let Some((seen, hash)) = from.take() {
        let some = reader.sessions_by_use(now, Some((seen, &hash)), AT_ONCE)?;
        let more = some.len() >= usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
        from = some.last().filter(|_| more).map(|(last, _)| (last.seen, last.hash.clone()));
        for (session, user) in some {
            if skip > 0 && session.seen == after.seen {
                skip -= 1;
                continue;
            }
            let is_one = is_live(&session, &user, now) && has(&session, &user, text);
            if (is_one && found.len() == limit) || looked == MOST_LOOKED_AT {
                return Ok((found, Some(format!("{}.{}", place.seen.0, place.past))));
            }
            looked += 1;
            place = place.behind(&session);
            if is_one {
                found.push(Live { session, user });
            }
        }
    }
    Ok((found, None))
}

fn is_live(session: &Session, user: &User, now: Time) -> bool {
    user.is_active() && session.epoch == user.credential_epoch && now <= session.seen.plus(idle(user))
}

fn has(session: &Session, user: &User, text: &str) -> bool {
    let source = session.source.as_deref().unwrap_or_default();
    let said = format!("{} {} {source} {}", user.name, user.display_name, session.user_agent);
    text.is_empty() || fold(&said).contains(text)
}

/// Ends these sessions. One that is over already is none.
///
/// # Errors
/// Denied, or too many.
pub async fn end(ctx: &Ctx, sessions: Vec<SessionOf>) -> Result<Ended, AppError> {
    ctx.allow(Action::SuspendUser)?;
    if sessions.len() > MOST_ENDED {
        return Err(AppError::invalid("sessions", format!("at most {MOST_ENDED} at once")));
    }
    let sum = ctx.write(move |tx| {
        let mut people: Vec<_> = sessions.iter().map(|one| one.user).collect();
        people.sort();
        people.dedup();
        let mut sum = Ended::default();
        for user in people {
            let wanted: Vec<&str> =
                sessions.iter().filter(|one| one.user == user).map(|one| one.session.as_str()).collect();
            let one = end_of(tx, user, &wanted)?;
            sum = Ended { ended: sum.ended + one.ended, refused: sum.refused + one.refused };
        }
        Ok(sum)
    });
    let sum = sum.await?;
    ctx.org.bells.ring(backchannel::BELL);
    Ok(sum)
}

fn end_of(
    tx: &mut Tx<'_, '_>,
    user: sallyport_model::id::UserId,
    wanted: &[&str],
) -> Result<Ended, AppError> {
    let mut sessions = tx.sessions_of(user)?;
    sessions.retain(|session| wanted.contains(&id(session).as_str()));
    let count = u64::try_from(sessions.len()).unwrap_or(0);
    if sessions.is_empty() {
        return Ok(Ended::default());
    }
    let person = match tx.user_for(Action::SuspendUser, user) {
        Ok(person) => person,
        Err(AppError::AboveOwnRights) => return Ok(Ended { ended: 0, refused: count }),
        Err(error) => return Err(error),
    };
    tx.record_touched(&person.value, "end_session");
    for session in sessions {
        event::session_ended(tx, &session, person.name.as_str())?;
        tx.end_session(&session.hash)?;
    }
    Ok(Ended { ended: count, refused: 0 })
}
