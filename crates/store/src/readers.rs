//! The connections that reads run on: lent one by one, kept for the next, replaced when lost.
//!
//! A file of SQLite's has one writer, this process's. So between two of its commits every snapshot shows the same, and a
//! connection to it is kept with its snapshot open: the next read goes on in it, without the locks that beginning one
//! takes. No idle connection has a snapshot while a write runs, or the write-ahead log could never be emptied.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::{Location, Reader, StoreError, conn::Place as FeedPlace, db::connect};

/// Connections to SQLite kept open; more are opened under load and closed after.
const KEPT: usize = 4;

/// Most connections on which one node reads from PostgreSQL, whose server counts them: further reads wait.
pub(crate) const MOST: usize = 16;

/// How long a read waits for a connection before it is told that the database is busy.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Readers {
    location: Location,
    state: Mutex<State>,
    returned: Condvar,
    asked: Arc<AtomicU64>,
}

struct State {
    idle: Vec<Reader>,
    lent: usize,
    /// Raised when a write begins and when it ends, so odd while one runs. What was begun at another count is no longer
    /// the newest.
    writes: u64,
}

impl Readers {
    pub(crate) fn new(location: Location, first: Reader) -> Self {
        let asked = first.asked();
        let state = State { idle: vec![first], lent: 0, writes: 0 };
        Self { location, state: Mutex::new(state), returned: Condvar::new(), asked }
    }

    /// What the engine was asked so far, writes included.
    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    pub(crate) fn location(&self) -> &Location {
        &self.location
    }

    /// Runs `f` on a snapshot.
    pub(crate) fn run<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut Reader) -> Result<T, E>,
    ) -> Result<T, E> {
        let (place, idle) = self.take()?;
        let mut reader = self.begin(idle, place.writes)?;
        let result = f(&mut reader);
        place.give_back(reader);
        result
    }

    /// Ends the snapshots of idle connections, and lets none have one until [`Self::writing_ended`].
    pub(crate) fn writing_begins(&self) {
        let mut state = self.lock();
        state.writes += 1;
        state.idle.retain_mut(|reader| !reader.in_snapshot || end(reader));
    }

    pub(crate) fn writing_ended(&self) {
        self.lock().writes += 1;
    }

    /// A place among the lent, and a kept connection if there is one.
    fn take(&self) -> Result<(Place<'_>, Option<Reader>), StoreError> {
        let (mut state, waited) = self
            .returned
            .wait_timeout_while(self.lock(), PATIENCE, |state| self.is_limited() && state.lent >= MOST)
            .unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return Err(StoreError::Busy);
        }
        state.lent += 1;
        Ok((Place { readers: self, writes: state.writes }, state.idle.pop()))
    }

    /// A connection in a snapshot. `writes`: when `idle` was taken.
    fn begin(&self, idle: Option<Reader>, writes: u64) -> Result<Reader, StoreError> {
        if let Some(mut kept) = idle {
            if kept.in_snapshot {
                // SQLite takes a snapshot at the first look into it. This one was looked into before, and no write has
                // begun since; of any other nobody knows what may be written before it is.
                kept.edition = matches!(kept.place, FeedPlace::At(_)).then_some(writes);
                return Ok(kept);
            }
            match begin(&mut kept) {
                Ok(()) => return Ok(kept),
                // The server has hung up since. Nothing has run yet, so a new connection is as good.
                Err(_) if kept.is_closed() => {}
                Err(error) => return Err(error),
            }
        }
        let mut fresh = connect(&self.location)?.counted_with(&self.asked);
        begin(&mut fresh)?;
        Ok(fresh)
    }

    fn is_limited(&self) -> bool {
        matches!(self.location, Location::Postgres(_))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The PostgreSQL client waits for its goodbye to be sent, which it cannot do on a thread of an async runtime,
/// where the last handle of a database may well be dropped.
impl Drop for Readers {
    fn drop(&mut self) {
        let idle = std::mem::take(&mut self.lock().idle);
        if self.is_limited() {
            std::thread::spawn(move || drop(idle));
        }
    }
}

/// One of the connections in use; becomes free whatever happens to whoever has it.
struct Place<'a> {
    readers: &'a Readers,
    /// Found in [`State::writes`] when it was taken.
    writes: u64,
}

impl Place<'_> {
    /// Keeps the connection for the next read, in its snapshot if that is still the newest.
    fn give_back(self, mut reader: Reader) {
        let is_limited = self.readers.is_limited();
        let mut state = self.readers.lock();
        let is_newest = state.writes == self.writes && state.writes.is_multiple_of(2);
        if is_limited || !is_newest || reader.failure().is_some() {
            drop(state);
            if !end(&mut reader) {
                return;
            }
            state = self.readers.lock();
        }
        if state.idle.len() < if is_limited { MOST } else { KEPT } {
            state.idle.push(reader);
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.readers.lock().lent -= 1;
        // Telling is a system call, and where nothing is limited nobody waits.
        if self.readers.is_limited() {
            self.readers.returned.notify_one();
        }
    }
}

fn begin(reader: &mut Reader) -> Result<(), StoreError> {
    reader.place = FeedPlace::Unasked;
    reader.edition = None;
    reader.begin(if reader.is_postgres() {
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    } else {
        "BEGIN"
    })?;
    reader.in_snapshot = true;
    Ok(())
}

/// Ends the snapshot; whether the connection can be used again.
fn end(reader: &mut Reader) -> bool {
    reader.in_snapshot = false;
    reader.control("ROLLBACK").is_ok() && !reader.is_closed()
}
