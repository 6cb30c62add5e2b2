//! What others are told of: the feed and what happens besides, put into one order, and who has been told up to where.
//!
//! Webhooks and event streams are the readers, each with a place and a standing of its own, so none waits for another. While there
//! is no reader nothing is put into order and nothing noted. What everybody has been told of is forgotten, and so is what is
//! a week old: a reader that was away for longer is told how much it missed.

pub(crate) mod standing;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub(crate) mod worker;

use std::sync::Arc;

use sallyport_model::{
    Event, Happening, Span, Time,
    change::Actor,
    event::SessionEnded,
    id::{EventId, UserId},
};
use sallyport_store::{NewEvent, PlacedEvent, Reader, Session};
use sallyport_wire::events::Reporter;

pub use self::{
    standing::Standing,
    worker::{catch_up, run},
};
use crate::{AppError, Ctx, Org, Tx, ctx::uuid_at, session};

/// The cursor in the feed.
const CURSOR: &str = "events";
/// Put into order in one transaction.
const AT_ONCE: i64 = 500;
/// For how long events are kept for readers that are away.
pub const KEPT: Span = Span::days(7);
/// Rung when there may be something to tell.
pub(crate) const BELL: &str = "events";

/// A reader begins with what happens from now on.
pub(crate) fn begin(tx: &mut Tx<'_, '_>, id: &str) -> Result<(), AppError> {
    if tx.least_event_reader()?.is_none() {
        let head = tx.feed_head()?;
        tx.move_feed_cursor(CURSOR, head)?;
    }
    let head = tx.event_head()?;
    Ok(tx.put_event_reader(id, head, &Standing::default())?)
}

/// Notes that a session was ended before its time.
pub(crate) fn session_ended(tx: &mut Tx<'_, '_>, session: &Session, name: &str) -> Result<(), AppError> {
    ended_by(tx, session, name, tx.ctx.actor())
}

fn ended_by(tx: &mut Tx<'_, '_>, session: &Session, name: &str, by: Actor) -> Result<(), AppError> {
    let ended = SessionEnded {
        session: session::id(session),
        user: session.user,
        name: name.to_owned(),
        by,
        source: session.source.clone(),
        opened: session.created,
    };
    let (id, now) = (format!("session {}", ended.session), tx.ctx.now);
    Ok(tx.note_happening(&id, now, &Happening::SessionEnded(ended))?)
}

/// The same of all of a person's but the one with this hash.
pub(crate) fn sessions_ended(
    tx: &mut Tx<'_, '_>,
    user: UserId,
    name: &str,
    keep: Option<&str>,
) -> Result<(), AppError> {
    for session in tx.sessions_of(user)? {
        if Some(session.hash.as_str()) != keep {
            session_ended(tx, &session, name)?;
        }
    }
    Ok(())
}

/// Who tells.
pub(crate) fn reporter(org: &Org) -> Reporter {
    let host = org.config.host();
    // Without the port, whichever way the host is written.
    let host =
        host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(host, _)| host);
    Reporter { organization: org.id.to_string(), host: host.to_owned(), version: env!("CARGO_PKG_VERSION") }
}

/// Puts into order what has no place yet; whether there was something.
pub(crate) async fn collect(org: &Arc<Org>) -> Result<bool, AppError> {
    let ctx = Ctx::system(org, CURSOR);
    if !ctx.read(has_unplaced).await? {
        return Ok(false);
    }
    ctx.write(|tx| {
        let cursor = tx.feed_cursor(CURSOR)?;
        let changes = tx.changes_to_place(cursor, AT_ONCE)?;
        let happened = tx.new_events(AT_ONCE)?;
        let last = changes.last().map(|(seq, _)| *seq);
        let mut events = Vec::new();
        for new in by_time(changes.into_iter().map(|(_, new)| new).collect(), happened) {
            let random = sallyport_crypto::random::bytes(&*tx.ctx.org.random)?;
            events.push((EventId::new(uuid_at(new.at, &random)), new));
        }
        if events.is_empty() {
            return Ok(false);
        }
        tx.place_events(&events)?;
        if let Some(last) = last {
            tx.move_feed_cursor(CURSOR, last)?;
        }
        Ok(true)
    })
    .await
}

fn has_unplaced(reader: &mut Reader) -> Result<bool, AppError> {
    if reader.least_event_reader()?.is_none() {
        return Ok(false);
    }
    Ok(reader.feed_cursor(CURSOR)? < reader.feed_head()? || !reader.new_events(1)?.is_empty())
}

/// Both in the order of their times, and each in its own order whatever the times say.
fn by_time(changes: Vec<NewEvent>, happened: Vec<NewEvent>) -> Vec<NewEvent> {
    let mut merged = Vec::with_capacity(changes.len() + happened.len());
    let mut happened = happened.into_iter().peekable();
    for change in changes {
        while let Some(earlier) = happened.next_if(|new| new.at < change.at) {
            merged.push(earlier);
        }
        merged.push(change);
    }
    merged.extend(happened);
    merged
}

/// The next events of a reader at place `cursor`, how far they reach, and how many it will never be told of: what was kept no
/// longer, and what cannot be read any more.
pub(crate) fn next(reader: &mut Reader, cursor: i64, limit: i64) -> Result<(Vec<Event>, i64, i64), AppError> {
    let found = reader.events_after(cursor, limit)?;
    let head = if found.is_empty() { reader.event_head()? } else { 0 };
    // The feed of events has no gaps, so what is missing at its beginning was forgotten.
    let first = found.first().map_or(head + 1, |placed| placed.seq);
    let mut lost = (first - cursor - 1).max(0);
    let reached = found.last().map_or(head.max(cursor), |placed| placed.seq);
    let mut events = Vec::with_capacity(found.len());
    for PlacedEvent { seq, event } in found {
        match event {
            Ok(event) => events.push(event),
            Err(error) => {
                tracing::error!(seq, %error, "an event cannot be read and is told to nobody");
                lost += 1;
            }
        }
    }
    Ok((events, reached, lost))
}

/// Forgets what is told, and what is too old.
pub(crate) fn sweep(tx: &mut Tx<'_, '_>) -> Result<(), AppError> {
    let before = Time(tx.ctx.now.0).minus(KEPT);
    Ok(tx.sweep_events(before)?)
}
