//! The one writer: takes closures, runs as many as are waiting in one transaction, makes them durable together,
//! and only then answers.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
};

use tokio::sync::{oneshot, watch};

use crate::{Location, Reader, StoreError, Tx, db::connect, readers::Readers, tx::Draft};

/// Most closures in one commit: bounds how long the first of them waits.
const LARGEST_BATCH: usize = 64;

/// How often a batch is run again when other nodes were faster.
const MOST_ATTEMPTS: usize = 50;

/// Most closures that wait: beyond that, callers are told at once that the database is busy.
pub(crate) const LONGEST_QUEUE: usize = 8192;

pub(crate) struct Writer {
    queue: mpsc::SyncSender<Box<dyn Entry>>,
}

/// A waiting closure with the place its answer goes to.
trait Entry: Send {
    /// Runs it; whether what it wrote shall stay.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Answers, once the fate of the batch is known.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Waiting<T, E, F> {
    f: F,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Entry for Waiting<T, E, F>
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        // A panic in one closure must not take the writer, and with it everybody, down.
        let result = catch_unwind(AssertUnwindSafe(|| (self.f)(tx)))
            .unwrap_or_else(|_| Err(StoreError::Engine("a write panicked".into()).into()));
        let result = match (result, tx.failure(), tx.unrecorded()) {
            // What failed halfway stays undone, even if the closure thought nothing of it.
            (Ok(_), Some(failure), _) => Err(failure.clone().into()),
            (Ok(_), None, unrecorded @ 1..) => Err(StoreError::Unrecorded(unrecorded).into()),
            (result, _, _) => result,
        };
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let result = match (self.result, committed) {
            (Some(result), Ok(())) => result,
            (_, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(StoreError::Stopped.into()),
        };
        self.reply.send(result).ok();
    }
}

impl Writer {
    pub(crate) fn start(
        conn: Reader,
        readers: Arc<Readers>,
        announce: watch::Sender<i64>,
    ) -> Result<Self, StoreError> {
        let (queue, waiting) = mpsc::sync_channel(LONGEST_QUEUE);
        std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || write_batches(conn, &readers, &waiting, &announce))
            .map_err(|error| StoreError::Engine(error.to_string()))?;
        Ok(Self { queue })
    }

    pub(crate) async fn submit<T, E>(
        &self,
        f: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.enqueue(f)?.await.unwrap_or_else(|_| Err(StoreError::Stopped.into()))
    }

    pub(crate) fn submit_blocking<T, E>(
        &self,
        f: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.enqueue(f)?.blocking_recv().unwrap_or_else(|_| Err(StoreError::Stopped.into()))
    }

    /// Puts a closure into the queue; where its answer will come.
    pub(crate) fn enqueue<T, E>(
        &self,
        f: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T, E>>, StoreError>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let entry = Waiting { f, result: None, reply };
        self.queue.try_send(Box::new(entry)).map_err(|error| match error {
            mpsc::TrySendError::Full(_) => StoreError::Busy,
            mpsc::TrySendError::Disconnected(_) => StoreError::Stopped,
        })?;
        Ok(answer)
    }
}

fn write_batches(
    mut conn: Reader,
    readers: &Readers,
    waiting: &mpsc::Receiver<Box<dyn Entry>>,
    announce: &watch::Sender<i64>,
) {
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        batch.extend(waiting.try_iter().take(LARGEST_BATCH - 1));
        readers.writing_begins();
        let outcome = commit(&mut conn, readers.location(), &mut batch);
        readers.writing_ended();
        if let Ok(Some(head)) = outcome {
            announce.send_replace(head);
        }
        answer_all(batch, &outcome.map(|_| ()));
        if conn.is_broken() {
            // What the file holds is known only after a restart, which recovers it from what is durable.
            tracing::error!("the disk failed under the database; no more writes are taken");
            return;
        }
    }
}

fn answer_all(batch: Vec<Box<dyn Entry>>, outcome: &Result<(), StoreError>) {
    for entry in batch {
        entry.answer(outcome.clone());
    }
}

/// Runs the batch until it is durable; the new head of the feed, if it moved.
fn commit(
    conn: &mut Reader,
    location: &Location,
    batch: &mut [Box<dyn Entry>],
) -> Result<Option<i64>, StoreError> {
    for _ in 0..MOST_ATTEMPTS {
        if conn.is_closed() {
            *conn = connect(location)?.counted_with(&conn.asked());
        }
        conn.conflict = false;
        let error = match run_all(conn, batch) {
            Ok(head) => match conn.control("COMMIT") {
                Ok(()) => return Ok(head),
                Err(_) if conn.is_closed() => return Err(StoreError::FateUnknown),
                Err(error) => error,
            },
            Err(error) => error,
        };
        // Nothing of it is durable: SQLite may have rolled back by itself, and a lost connection has.
        conn.control("ROLLBACK").ok();
        if !conn.conflict && !conn.is_closed() {
            return Err(error);
        }
    }
    Err(StoreError::Busy)
}

/// Runs every closure of the batch in one transaction, each undone alone if it fails, and places their changes.
fn run_all(conn: &mut Reader, batch: &mut [Box<dyn Entry>]) -> Result<Option<i64>, StoreError> {
    conn.begin(if conn.is_postgres() { "BEGIN ISOLATION LEVEL SERIALIZABLE" } else { "BEGIN IMMEDIATE" })?;
    let mut recorded: Vec<Draft> = Vec::new();
    for entry in batch.iter_mut() {
        conn.begin("SAVEPOINT entry")?;
        let mut tx = Tx::new(conn, recorded.is_empty());
        let keep = entry.run(&mut tx);
        let drafts = tx.into_recorded();
        if conn.conflict || conn.is_closed() {
            return Err(StoreError::Busy);
        }
        if keep {
            recorded.extend(drafts);
        } else {
            conn.begin("ROLLBACK TO SAVEPOINT entry")?;
        }
        conn.control("RELEASE SAVEPOINT entry")?;
    }
    if recorded.is_empty() { Ok(None) } else { conn.append_to_feed(&recorded).map(Some) }
}
