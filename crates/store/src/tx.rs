//! A write transaction, and the rule that no mutation escapes the feed.

use std::ops::{Deref, DerefMut};

use sallyport_model::{
    change::{Actor, ChangeKind, Subject},
    time::Time,
};

use crate::{Reader, conn::Place};

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
    mutations: usize,
    recorded: Vec<Draft>,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(conn: &'a mut Reader) -> Self {
        conn.place = Place::Writing;
        Self { conn, mutations: 0, recorded: Vec::new() }
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
