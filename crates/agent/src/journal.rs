//! The journal of runs on disk: a file for each, whose first line is there before anything is started.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sallyport_api::agent::RunOrder;
use sallyport_model::{id::RunId, time::Time};

use crate::{
    core::{Entry, Record},
    durable, log,
};

#[derive(Debug, Clone)]
pub struct Journal {
    dir: PathBuf,
}

/// Far above what the output of a run can come to.
const LONGEST_FILE: u64 = 4 * 1024 * 1024;
const MODE: u32 = 0o600;

impl Journal {
    /// # Errors
    /// The directory cannot be made or is not ours.
    pub fn open(dir: &Path) -> io::Result<Self> {
        durable::directory(dir, 0o700)?;
        Ok(Self { dir: dir.to_owned() })
    }

    /// All runs that are remembered. What cannot be read was begun, for all anybody knows.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn load(&self, now: Time) -> io::Result<Vec<Record>> {
        let mut records = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            let Some(run) = run_of(&path) else { continue };
            let record = self.load_one(run, &path).unwrap_or_else(|error| {
                log::warn(format_args!("journal of {run} is damaged: {error}"));
                Record { run, begun: true, settled: false, not_after: now, events: Vec::new() }
            });
            records.push(record);
        }
        Ok(records)
    }

    /// Puts the intent to run this on disk.
    ///
    /// # Errors
    /// It may not be there; then nothing may start.
    pub fn begin(&self, order: &RunOrder) -> io::Result<()> {
        self.create(order.run, &Entry::intent(order))
    }

    /// # Errors
    /// The entry may not be there.
    pub fn add(&self, run: RunId, entry: &Entry) -> io::Result<()> {
        match entry {
            Entry::Event(_) => durable::append(&self.path(run), &line(entry)?),
            Entry::Intent { .. } | Entry::Known { .. } | Entry::Settled { .. } => self.create(run, entry),
        }
    }

    /// Replaces the journal of a run.
    ///
    /// # Errors
    /// It is as it was.
    pub fn settle(&self, run: RunId, record: &Record) -> io::Result<()> {
        let mut bytes = Vec::new();
        for entry in record.entries() {
            bytes.extend(line(&entry)?);
        }
        durable::write(&self.path(run), &bytes, MODE)
    }

    /// # Errors
    /// It may still be there.
    pub fn forget(&self, run: RunId) -> io::Result<()> {
        durable::remove(&self.path(run))
    }

    fn create(&self, run: RunId, entry: &Entry) -> io::Result<()> {
        durable::write(&self.path(run), &line(entry)?, MODE)
    }

    fn load_one(&self, run: RunId, path: &Path) -> io::Result<Record> {
        let bytes = durable::read(path, LONGEST_FILE)?.unwrap_or_default();
        let mut entries = Vec::new();
        let mut whole = true;
        for text in bytes.split_inclusive(|byte| *byte == b'\n') {
            match serde_json::from_slice::<Entry>(text) {
                Ok(entry) if text.ends_with(b"\n") => entries.push(entry),
                Ok(_) | Err(_) => {
                    whole = false;
                    break;
                }
            }
        }
        let record = Record::from_entries(entries).filter(|record| record.run == run);
        let record = record.ok_or_else(|| io::Error::other("it has no beginning"))?;
        if !whole {
            // A line that was cut off has not been told to anybody; the next one must not be glued to it.
            self.settle(run, &record)?;
        }
        Ok(record)
    }

    fn path(&self, run: RunId) -> PathBuf {
        self.dir.join(format!("{run}.json"))
    }
}

fn run_of(path: &Path) -> Option<RunId> {
    path.file_name()?.to_str()?.strip_suffix(".json")?.parse().ok()
}

fn line(entry: &Entry) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(entry)?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use sallyport_api::agent::{RunEvent, RunHappening};
    use sallyport_model::{Interpreter, id::DeviceId};
    use uuid::Uuid;

    use super::*;

    fn order() -> RunOrder {
        RunOrder {
            run: RunId::new(Uuid::from_u128(7)),
            device: DeviceId::new(Uuid::from_u128(1)),
            interpreter: Interpreter::Sh,
            body: "true".into(),
            run_as: "root".into(),
            timeout_seconds: 5,
            environment: BTreeMap::new(),
            not_before: Time(0),
            not_after: Time(9),
        }
    }

    fn event(seq: u64) -> Entry {
        Entry::Event(RunEvent { run: order().run, seq, at: Time(3), what: RunHappening::Started })
    }

    #[test]
    fn a_journal_reads_back_and_loses_only_a_line_that_was_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(&dir.path().join("j")).unwrap();
        journal.begin(&order()).unwrap();
        journal.add(order().run, &event(1)).unwrap();
        journal.add(order().run, &event(2)).unwrap();
        let path = journal.path(order().run);
        let whole = fs::read(&path).unwrap();
        for cut in 1..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let records = journal.load(Time(5)).unwrap();
            assert_eq!(records.len(), 1);
            assert!(records[0].begun);
            journal.add(order().run, &event(9)).unwrap();
            assert!(records[0].events.len() < 2 || cut == whole.len());
        }
        fs::write(&path, &whole).unwrap();
        assert_eq!(journal.load(Time(5)).unwrap()[0].events.len(), 2);
    }

    #[test]
    fn an_event_without_a_beginning_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(&dir.path().join("j")).unwrap();
        assert!(journal.add(order().run, &event(1)).is_err());
    }
}
