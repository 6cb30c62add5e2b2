//! Several nodes on one database: no update is lost, and once means once.

use std::sync::{
    Barrier,
    atomic::{AtomicUsize, Ordering},
};

use super::{
    Place,
    nouns::create,
    on_both_engines,
    samples::{NOW, group, nth, stamp},
};
use crate::{Db, Once, StoreError};

on_both_engines!(
    two_nodes_that_read_and_write_back_lose_no_update,
    four_nodes_that_all_write_are_all_served,
    of_fifty_redeemers_on_two_nodes_one_succeeds,
    what_is_good_three_times_is_counted_down_three_times_by_fifty_on_two_nodes,
    of_two_nodes_that_take_a_key_one_gets_it,
    nodes_that_start_at_once_on_an_empty_database_all_start,
);

fn increment(db: &Db, counter: &'static str) -> Result<i64, StoreError> {
    db.run(move |tx| {
        let next = tx.counter("house", counter)?.unwrap_or(0) + 1;
        assert!(tx.raise_counter("house", counter, next)?);
        Ok(next)
    })
}

fn two_nodes_that_read_and_write_back_lose_no_update(place: &Place) {
    let nodes = [place.node(), place.node()];
    std::thread::scope(|scope| {
        for thread in 0..6 {
            let db = &nodes[thread % 2];
            scope.spawn(move || {
                for _ in 0..40 {
                    increment(db, "n").unwrap();
                }
            });
        }
    });
    assert_eq!(nodes[0].read_blocking(|reader| reader.counter("house", "n")).unwrap(), Some(240));
}

/// Nobody is turned away as busy while the others get through.
fn four_nodes_that_all_write_are_all_served(place: &Place) {
    let nodes = [place.node(), place.node(), place.node(), place.node()];
    std::thread::scope(|scope| {
        for (thread, db) in (0..).zip(&nodes) {
            scope.spawn(move || {
                for n in 0..100 {
                    create(db, nth(thread * 1000 + n)).unwrap();
                }
            });
        }
    });
    let places: Vec<i64> = nodes[0].feed().iter().map(|change| change.seq).collect();
    assert_eq!(places, (1..=400).collect::<Vec<i64>>());
}

fn of_fifty_redeemers_on_two_nodes_one_succeeds(place: &Place) {
    let nodes = [place.node(), place.node()];
    for code in ["a", "b", "c"] {
        let once = Once { owner: "usr_1".into(), expires: NOW, used: None, doc: "{}".into() };
        nodes[0].run(move |tx| tx.put_once("bypass", code, &once)).unwrap();
        let (barrier, redeemed) = (Barrier::new(50), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for thread in 0..50 {
                let (db, barrier, redeemed) = (&nodes[thread % 2], &barrier, &redeemed);
                scope.spawn(move || {
                    barrier.wait();
                    let used = db.run(move |tx| tx.use_once("bypass", code, NOW)).unwrap();
                    redeemed.fetch_add(usize::from(used), Ordering::SeqCst);
                });
            }
        });
        assert_eq!(redeemed.into_inner(), 1, "{code}");
    }
}

fn what_is_good_three_times_is_counted_down_three_times_by_fifty_on_two_nodes(place: &Place) {
    let nodes = [place.node(), place.node()];
    let once = Once { owner: "usr_1".into(), expires: NOW, used: None, doc: "3".into() };
    nodes[0].run(move |tx| tx.put_once("bypass", "code", &once)).unwrap();
    let (barrier, counted) = (Barrier::new(50), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for thread in 0..50 {
            let (db, barrier, counted) = (&nodes[thread % 2], &barrier, &counted);
            scope.spawn(move || {
                barrier.wait();
                let taken = db.run(|tx| {
                    let once = tx.find_once("bypass", "code")?.unwrap();
                    match once.doc.parse::<u32>().unwrap() {
                        0 => Ok(false),
                        left => tx.note_once("bypass", "code", &once.doc, &(left - 1).to_string()),
                    }
                });
                counted.fetch_add(usize::from(taken.unwrap()), Ordering::SeqCst);
            });
        }
    });
    assert_eq!(counted.into_inner(), 3);
}

fn of_two_nodes_that_take_a_key_one_gets_it(place: &Place) {
    let nodes = [place.node(), place.node()];
    for round in 0..20 {
        let barrier = Barrier::new(2);
        let outcomes = std::thread::scope(|scope| {
            let threads = [0, 1].map(|i| {
                let (db, barrier) = (&nodes[i as usize], &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    create(db, group(round * 10 + i, &format!("name {round}")))
                })
            });
            threads.map(|thread| thread.join().unwrap())
        });
        let got = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let taken =
            outcomes.iter().filter(|outcome| matches!(outcome, Err(StoreError::Taken { .. }))).count();
        assert_eq!((got, taken), (1, 1), "{outcomes:?}");
    }
    // The same by renaming.
    let pair = [create(&nodes[0], group(900, "x")).unwrap(), create(&nodes[1], group(901, "y")).unwrap()];
    let barrier = Barrier::new(2);
    let outcomes = std::thread::scope(|scope| {
        let threads = [0, 1].map(|i| {
            let (db, barrier, before) = (&nodes[i], &barrier, pair[i].clone());
            scope.spawn(move || {
                barrier.wait();
                db.run(move |tx| {
                    let mut after = before.value.clone();
                    after.name = "z".into();
                    let updated = tx.update(&before, after)?;
                    Ok(tx.record(updated, "rename", &stamp()))
                })
            })
        });
        threads.map(|thread| thread.join().unwrap())
    });
    let taken = outcomes.iter().filter(|outcome| matches!(outcome, Err(StoreError::Taken { .. }))).count();
    assert_eq!(taken, 1, "{outcomes:?}");
}

fn nodes_that_start_at_once_on_an_empty_database_all_start(place: &Place) {
    let barrier = Barrier::new(8);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let (place, barrier) = (&place, &barrier);
            scope.spawn(move || {
                barrier.wait();
                create(&place.node(), nth(n)).unwrap();
            });
        }
    });
    assert_eq!(place.node().feed().len(), 8);
}

/// Nobody but its one node writes to a file.
#[test]
fn a_node_sees_what_another_wrote() {
    let Some(place) = Place::postgres() else { return };
    let (one, two) = (place.node(), place.node());
    for n in 1..=5 {
        create(if n % 2 == 0 { &one } else { &two }, nth(n)).unwrap();
        assert_eq!(one.feed().len(), n as usize);
        assert_eq!(two.feed().len(), n as usize);
    }
    assert!(one.is_shared());
}
