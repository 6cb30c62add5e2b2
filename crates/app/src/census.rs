//! Who there is and what changed lately, in memory: what listings search through and overviews count, which a store would have
//! to read whole. A projection of the feed like the others, but each node has its own and makes it anew when it starts.
//!
//! Whoever asks brings a snapshot, and what came into the feed up to there is taken in first. So an answer is never older than
//! the snapshot it is given with; it may be newer, where another asked with a later one.

mod lately;
mod people;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, PoisonError};

use sallyport_model::{Span, Time};
use sallyport_store::{During, Reader};

pub(crate) use self::{
    lately::{Did, Lately},
    people::{Owners, People},
};
use crate::AppError;

/// Changes taken in at a time.
const AT_ONCE: i64 = 500;
/// With more to take in, it is quicker to begin anew.
const MOST_BEHIND: i64 = 50_000;
/// So many of the newest changes are looked at when it begins.
const MOST_LATE: usize = 50_000;

#[derive(Default)]
pub(crate) struct Census(Mutex<Option<Known>>);

/// What is known at one place of the feed.
pub(crate) struct Known {
    place: i64,
    pub(crate) people: People,
    pub(crate) lately: Lately,
}

impl Census {
    /// Asks what is known at the place of this snapshot, or later.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn ask<T>(
        &self,
        reader: &mut Reader,
        now: Time,
        question: impl FnOnce(&Known) -> T,
    ) -> Result<T, AppError> {
        let place = match reader.place()? {
            Some(place) => place,
            None => reader.feed_head()?,
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match kept.take() {
            Some(known) if known.place >= place => known,
            Some(known) if place - known.place <= MOST_BEHIND => known.moved_to(place, reader)?,
            Some(_) | None => Known::begin(place, reader, now)?,
        };
        let answer = question(&known);
        *kept = Some(known);
        Ok(answer)
    }
}

impl Known {
    fn begin(place: i64, reader: &mut Reader, now: Time) -> Result<Self, AppError> {
        let owners = reader.owners()?.into_iter().map(|owner| owner.id).collect();
        let people = People::new(reader.people()?, &reader.readable_factors()?, owners);
        let lately = lately(reader, now).unwrap_or_else(|error| {
            tracing::warn!(%error, "what changed lately cannot be read and is counted from now on");
            Lately::default()
        });
        Ok(Self { place, people, lately })
    }

    fn moved_to(mut self, place: i64, reader: &mut Reader) -> Result<Self, AppError> {
        while self.place < place {
            let changes = reader.changes_after(self.place, AT_ONCE.min(place - self.place))?;
            let Some(last) = changes.last() else { break };
            self.place = last.seq;
            for change in &changes {
                self.people.take(change)?;
                self.lately.take(change);
            }
        }
        Ok(self)
    }
}

/// The changes of the time that is told of, as far as there are not too many.
fn lately(reader: &mut Reader, now: Time) -> Result<Lately, AppError> {
    let (mut lately, mut looked_at, mut past) = (Lately::default(), 0, None);
    let during = |past| During {
        first: now.minus(Lately::KEPT),
        last: now.plus(Span::days(1)),
        newest_first: true,
        past,
        limit: AT_ONCE,
    };
    while looked_at < MOST_LATE {
        let changes = reader.changes_during(&during(past))?;
        let Some(last) = changes.last() else { break };
        past = Some(last.seq);
        looked_at += changes.len();
        changes.iter().for_each(|change| lately.take(change));
    }
    Ok(lately)
}
