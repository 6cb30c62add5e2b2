//! Writes that are made durable together stand and fall alone.

use std::sync::{Arc, mpsc};

use sallyport_model::Group;

use super::{
    Gate, Place,
    nouns::create,
    on_both_engines,
    samples::{group_id, nth, stamp},
};
use crate::{Db, Location, StoreError, Tx, writer::LONGEST_QUEUE};

on_both_engines!(
    many_writers_at_once_all_get_through,
    what_waits_together_is_made_durable_together,
    a_write_that_fails_takes_nobody_along,
    a_write_stands_at_a_place_until_anything_is_changed,
    a_full_queue_says_busy,
    a_write_is_visible_when_it_is_answered,
    a_reader_sees_one_moment,
);

fn put(tx: &mut Tx<'_>, n: u32) -> Result<(), StoreError> {
    let created = tx.create(nth(n))?;
    tx.record(created, "create", &stamp());
    Ok(())
}

fn exists(db: &Db, n: u32) -> bool {
    db.read_blocking(|reader| reader.find::<Group>(group_id(n))).unwrap().is_some()
}

/// The names in the feed, after checking that its places are 1, 2, 3 and so on.
fn labels(db: &Db) -> Vec<String> {
    let feed = db.feed();
    for (place, change) in (1..).zip(&feed) {
        assert_eq!(change.seq, place, "the feed has a hole");
    }
    feed.into_iter().map(|change| change.subject.label).collect()
}

fn many_writers_at_once_all_get_through(place: &Place) {
    let db = place.node();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let db = &db;
            scope.spawn(move || {
                for n in 0..25 {
                    create(db, nth(thread * 100 + n)).unwrap();
                }
            });
        }
    });
    let mut labels = labels(&db);
    labels.sort();
    let mut expected: Vec<String> =
        (0..8).flat_map(|thread| (0..25).map(move |n| nth(thread * 100 + n).name)).collect();
    expected.sort();
    assert_eq!(labels, expected);
    assert_eq!(*db.head().borrow(), 200);
}

fn what_waits_together_is_made_durable_together(place: &Place) {
    let db = place.node();
    let gate = Gate::close(&db);
    let first = db.enqueue(|tx| put(tx, 1));
    let outside = db.clone();
    let second = db.enqueue(move |tx| {
        let inside = tx.find::<Group>(group_id(1))?.is_some();
        Ok((inside, exists(&outside, 1)))
    });
    gate.open();
    assert_eq!(second.blocking_recv().unwrap().unwrap(), (true, false));
    first.blocking_recv().unwrap().unwrap();
    assert!(exists(&db, 1));
}

fn a_write_that_fails_takes_nobody_along(place: &Place) {
    let db = place.node();
    create(&db, nth(1)).unwrap();
    let gate = Gate::close(&db);
    let good = [2, 4, 6, 8, 10].map(|n| {
        let answer = db.enqueue(move |tx| put(tx, n));
        let bad = match n {
            2 => db.enqueue(|tx| put(tx, 3).and(Err(StoreError::Stopped))),
            4 => db.enqueue(|tx| {
                put(tx, 5)?;
                panic!("said by the test")
            }),
            6 => db.enqueue(|tx| tx.create(nth(7)).map(|_| ())),
            8 => db.enqueue(|tx| put(tx, 9).and_then(|()| put(tx, 1))),
            // It does not even notice.
            _ => db.enqueue(|tx| put(tx, 11).map(|()| drop(tx.execute("SELECT nonsense", &[])))),
        };
        (n, answer, bad)
    });
    gate.open();
    for (n, answer, bad) in good {
        answer.blocking_recv().unwrap().unwrap();
        let error = bad.blocking_recv().unwrap().unwrap_err();
        let as_it_failed = match n {
            2 => matches!(error, StoreError::Stopped),
            4 => matches!(&error, StoreError::Engine(text) if text == "a write panicked"),
            6 => matches!(error, StoreError::Unrecorded(1)),
            8 => matches!(error, StoreError::Taken { .. }),
            _ => matches!(error, StoreError::Engine(_)),
        };
        assert!(as_it_failed, "{n}: {error}");
        assert!(exists(&db, n));
        assert!(!exists(&db, n + 1), "{}", n + 1);
    }
    assert_eq!(labels(&db), [1, 2, 4, 6, 8, 10].map(|n| nth(n).name));
    // The writer lives.
    create(&db, nth(12)).unwrap();
    assert_eq!(*db.head().borrow(), 7);
}

fn a_write_stands_at_a_place_until_anything_is_changed(place: &Place) {
    let db = place.node();
    create(&db, nth(1)).unwrap();
    let stood = db.run(|tx| {
        let (before, elsewhere) = (tx.place()?, [tx.stand_at(0)?, tx.stand_at(2)?]);
        let there = (tx.stand_at(1)?, tx.place()?);
        put(tx, 2)?;
        Ok((before, elsewhere, there, (tx.place()?, tx.stand_at(1)?)))
    });
    assert_eq!(stood.unwrap(), (None, [false, false], (true, Some(1)), (None, false)));
    assert_eq!(db.run(|tx| tx.place()).unwrap(), None, "the next write begins anew");
    // What was changed before it, and is made durable together with it, has no place yet.
    for (undone, stands) in [(false, false), (true, true)] {
        let head = *db.head().borrow();
        let gate = Gate::close(&db);
        let first = db.enqueue(move |tx| {
            put(tx, 3 + u32::from(undone))?;
            if undone { Err(StoreError::Stopped) } else { Ok(()) }
        });
        let second = db.enqueue(move |tx| tx.stand_at(head));
        gate.open();
        assert_eq!(first.blocking_recv().unwrap().is_err(), undone);
        assert_eq!(second.blocking_recv().unwrap().unwrap(), stands);
    }
}

fn a_full_queue_says_busy(place: &Place) {
    let db = place.node();
    let gate = Gate::close(&db);
    for _ in 0..LONGEST_QUEUE {
        drop(db.enqueue(|_| Ok(())));
    }
    let refused = db.run(|tx| put(tx, 1));
    assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
    gate.open();
    // It empties, and nobody was hurt.
    while let Err(error) = create(&db, nth(2)) {
        assert!(matches!(error, StoreError::Busy), "{error}");
    }
    assert_eq!(labels(&db), [nth(2).name]);
}

fn a_write_is_visible_when_it_is_answered(place: &Place) {
    let db = place.node();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut head = db.head();
        for n in 1..=20 {
            let written: Result<(), StoreError> = db.write(move |tx| put(tx, n)).await;
            written.unwrap();
            let found: Result<_, StoreError> = db.read(move |reader| reader.find::<Group>(group_id(n))).await;
            assert!(found.unwrap().is_some());
            assert_eq!(*head.borrow_and_update(), i64::from(n));
        }
    });
    // The last handle may go away on a thread of a runtime.
    runtime.block_on(async move { drop(db) });
}

fn a_reader_sees_one_moment(place: &Place) {
    let db = Arc::new(place.node());
    create(&db, nth(1)).unwrap();
    let (ask, asked) = mpsc::channel();
    let writer = Arc::clone(&db);
    let (done, written) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        asked.recv().unwrap();
        create(&writer, nth(2)).unwrap();
        done.send(()).unwrap();
    });
    let counts = db
        .read_blocking(|reader| -> Result<_, StoreError> {
            let before = reader.count::<Group>()?;
            ask.send(()).unwrap();
            written.recv().unwrap();
            Ok((before, reader.count::<Group>()?))
        })
        .unwrap();
    assert_eq!(counts, (1, 1));
    assert_eq!(db.read_blocking(|reader| reader.count::<Group>()).unwrap(), 2);
    thread.join().unwrap();
}

/// Idle connections keep their snapshots, but none while something is written.
#[test]
fn reads_between_writes_do_not_let_the_log_of_a_file_grow() {
    let place = Place::sqlite();
    let Location::Sqlite(file) = &place.location else { panic!("no file") };
    let db = place.node();
    for n in 0..600 {
        create(&db, nth(n)).unwrap();
        // One read inside the other, so that two connections are idle after.
        db.read_blocking(|reader| -> Result<_, StoreError> {
            assert!(reader.find::<Group>(group_id(n))?.is_some() && exists(&db, n));
            Ok(())
        })
        .unwrap();
    }
    let log = std::fs::metadata(file.with_extension("db-wal")).unwrap().len();
    assert!(log < 8 << 20, "the log has {log} bytes");
}

#[test]
fn a_snapshot_in_which_a_read_failed_is_not_read_again() {
    let db = Place::sqlite().node();
    create(&db, nth(1)).unwrap();
    db.read_blocking(|reader| reader.query("SELECT nonsense", &[], |_| Ok(()))).unwrap_err();
    assert!(exists(&db, 1));
}

#[test]
fn an_edition_ends_with_the_next_write_whatever_is_written() {
    let db = Place::sqlite().node();
    let edition = || {
        db.read_blocking(|reader| -> Result<_, StoreError> {
            reader.place()?;
            Ok(reader.edition())
        })
        .unwrap()
    };
    let mut before = None;
    for n in 0..3 {
        create(&db, nth(n)).unwrap();
        assert_eq!(edition(), None, "the first read after a write began its snapshot by itself");
        let now = edition();
        assert!(now.is_some() && now > before);
        assert_eq!(edition(), now);
        // Within a write nothing is known, and what is in no feed ends an edition too.
        let within = db.write_blocking(move |tx| -> Result<_, StoreError> {
            tx.raise_counter("somebody", "seen", i64::from(n) + 1)?;
            Ok(tx.edition())
        });
        assert_eq!(within.unwrap(), None);
        assert_ne!(edition(), now);
        before = now;
    }
}
