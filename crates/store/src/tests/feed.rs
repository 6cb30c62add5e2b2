//! The feed has no hole and no disorder, even for a reader who follows it while two nodes write.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{
    Place, on_both_engines,
    samples::{nth, stamp},
};
use crate::{Db, StoreError};

on_both_engines!(a_reader_who_follows_two_writing_nodes_misses_nothing);

const THREADS: u32 = 3;
const WRITES: u32 = 60;

fn a_reader_who_follows_two_writing_nodes_misses_nothing(place: &Place) {
    let one = place.node();
    // A file has one node.
    let another = || if one.is_shared() { place.node() } else { one.clone() };
    let (two, reader) = (another(), another());
    let done = AtomicBool::new(false);
    let (seen, written) = std::thread::scope(|scope| {
        let follower = scope.spawn(|| follow(&reader, &done));
        let writers: Vec<_> = (0..THREADS * 2)
            .map(|thread| {
                let db = if thread % 2 == 0 { &one } else { &two };
                scope.spawn(move || write(db, thread))
            })
            .collect();
        // A writer that fails must not leave the follower waiting.
        let written: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
        done.store(true, Ordering::SeqCst);
        let written: u32 = written.into_iter().map(|written| written.unwrap()).sum();
        (follower.join().unwrap(), i64::from(written))
    });
    let expected: Vec<i64> = (1..=written).collect();
    let missed: Vec<&i64> = expected.iter().filter(|seq| !seen.contains(seq)).collect();
    assert!(missed.is_empty(), "missed {missed:?} of 1..={written}");
    assert_eq!(seen, expected);
}

/// Reads what comes after a cursor until nothing more can come; the places seen.
fn follow(db: &Db, done: &AtomicBool) -> Vec<i64> {
    let mut cursor = 0;
    let mut seen = Vec::new();
    loop {
        let last_round = done.load(Ordering::SeqCst);
        let changes = db.read_blocking(|reader| reader.changes_after(cursor, 7)).unwrap();
        if changes.is_empty() && last_round {
            return seen;
        }
        for change in changes {
            seen.push(change.seq);
            cursor = change.seq;
        }
    }
}

/// Writes one to three changes at a time, and every few times changes its mind; how many it wrote.
fn write(db: &Db, thread: u32) -> u32 {
    let mut written = 0;
    for n in 0..WRITES {
        let (count, fails) = (1 + n % 3, n % 7 == 3);
        let outcome = db.run(move |tx| {
            for i in 0..count {
                let created = tx.create(nth(thread * 10_000 + n * 10 + i))?;
                tx.record(created, "create", &stamp());
            }
            if fails { Err(StoreError::Stopped) } else { Ok(()) }
        });
        assert_eq!(outcome.is_err(), fails, "{outcome:?}");
        written += if fails { 0 } else { count };
    }
    written
}
