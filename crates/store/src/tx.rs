//! A write transaction, and the rule that no mutation escapes the feed.

use std::ops::{Deref, DerefMut};

use sallyport_model::{
    change::{Actor, ChangeKind, Subject},
    time::Time,
};

use crate::{Reader, StoreError, conn::Place};

/// Who writes, when, from where, in which request.
#[derive(Debug, Clone)]
pub struct Stamp {
    pub at: Time,
    pub actor: Actor,
    pub source: Option<String>,
    pub request: String,
}

/// A change on its way into the feed.
pub(crate) struct Draft {
    pub(crate) stamp: Stamp,
    pub(crate) kind: ChangeKind,
    pub(crate) verb: &'static str,
    pub(crate) subject: Subject,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// What a mutation returns: the value inside can only be had by recording the change.
#[must_use = "a change that is not recorded does not commit"]
pub struct Changed<T> {
    pub(crate) value: T,
    pub(crate) kind: ChangeKind,
    pub(crate) subject: Subject,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// A write transaction, alive for the length of one closure.
pub struct Tx<'a> {
    conn: &'a mut Reader,
    /// Whether nothing was changed before it that has no place in the feed yet.
    is_first: bool,
    mutations: usize,
    recorded: Vec<Draft>,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(conn: &'a mut Reader, is_first: bool) -> Self {
        conn.place = Place::Writing;
        Self { conn, is_first, mutations: 0, recorded: Vec::new() }
    }

    /// Has [`Reader::place`] say this place, if the directory stands there: then what a snapshot read there that has ended is
    /// what would be read here, until this write changes something itself. `place`: one that such a snapshot stood at. Others'
    /// changes that only become durable together with this write have no place, so behind them there is none.
    ///
    /// # Errors
    /// The engine's.
    pub fn stand_at(&mut self, place: i64) -> Result<bool, StoreError> {
        let stands = self.is_first && self.mutations == 0 && self.feed_head()? == place;
        if stands {
            self.conn.place = Place::At(place);
        }
        Ok(stands)
    }

    /// Records the change and hands out what was changed. `verb` is the use case in one word.
    pub fn record<T>(&mut self, changed: Changed<T>, verb: &'static str, stamp: &Stamp) -> T {
        let Changed { value, kind, subject, before, after } = changed;
        self.recorded.push(Draft { stamp: stamp.clone(), kind, verb, subject, before, after });
        value
    }

    /// Counts a mutation that must be recorded before the closure ends.
    pub(crate) fn mutated<T>(&mut self, changed: Changed<T>) -> Changed<T> {
        self.mutations += 1;
        self.conn.place = Place::Writing;
        changed
    }

    pub(crate) fn unrecorded(&self) -> usize {
        self.mutations.saturating_sub(self.recorded.len())
    }

    pub(crate) fn into_recorded(self) -> Vec<Draft> {
        self.recorded
    }
}

impl Deref for Tx<'_> {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        self.conn
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Reader {
        self.conn
    }
}
