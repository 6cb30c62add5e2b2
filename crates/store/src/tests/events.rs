//! What others are told of comes into one order without gaps, whoever writes at the same time, and nothing is lost or told twice.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sallyport_model::{
    Happening, Span, Time,
    event::{Delivery, DeliveryState},
    id::{EventId, WebhookId},
    signin::SignInState,
};
use uuid::Uuid;

use super::{
    Place,
    nouns::{create, delete},
    on_both_engines,
    samples::{self, NOW, nth, sign_in},
};
use crate::{Db, StoreError};

on_both_engines!(
    nothing_is_noted_while_nobody_is_told,
    a_sign_in_is_noted_when_it_ends_and_not_before,
    what_two_nodes_do_at_once_comes_into_one_order_without_gaps,
    a_cursor_misses_nothing_while_others_write,
    of_each_subject_the_first_that_waits_is_due,
    what_everybody_was_told_is_forgotten,
    an_event_that_cannot_be_read_keeps_its_place,
);

fn fresh() -> EventId {
    static COUNT: AtomicU64 = AtomicU64::new(1000);
    EventId::new(Uuid::from_u128(COUNT.fetch_add(1, Ordering::SeqCst).into()))
}

/// Gives places to what waits, as a node does; how many.
fn place_events(db: &Db) -> usize {
    db.run(|tx| {
        let cursor = tx.feed_cursor("events")?;
        let changes = tx.changes_to_place(cursor, 50)?;
        let last = changes.last().map(|(seq, _)| *seq);
        let mut new: Vec<_> = changes.into_iter().map(|(_, new)| new).collect();
        new.extend(tx.new_events(50)?);
        if new.is_empty() {
            return Ok(0);
        }
        let events: Vec<_> = new.into_iter().map(|new| (fresh(), new)).collect();
        tx.place_events(&events)?;
        if let Some(last) = last {
            tx.move_feed_cursor("events", last)?;
        }
        Ok(events.len())
    })
    .unwrap()
}

fn ended(n: u32) -> sallyport_model::signin::SignIn {
    let state = SignInState::Denied { at: NOW.plus(Span::seconds(i64::from(n))) };
    sallyport_model::signin::SignIn { state, ..sign_in(n, "alice") }
}

fn end(db: &Db, n: u32) {
    db.run(move |tx| tx.put_sign_in(&ended(n), "")).unwrap();
}

fn told(db: &Db, cursor: i64) -> Vec<(i64, String)> {
    let found = db.read_blocking(|reader| reader.events_after(cursor, 10_000)).unwrap();
    found
        .into_iter()
        .map(|placed| {
            let event = placed.event.unwrap();
            assert_eq!(event.seq, placed.seq);
            (placed.seq, format!("{} {}", event.what.kind(), event.what.subject()))
        })
        .collect()
}

fn waiting(db: &Db) -> usize {
    db.read_blocking(|reader| reader.new_events(100_000)).unwrap().len()
}

fn nothing_is_noted_while_nobody_is_told(place: &Place) {
    let db = place.node();
    end(&db, 1);
    assert_eq!(waiting(&db), 0);
    let stream = create(&db, samples::event_stream(1)).unwrap();
    end(&db, 2);
    assert_eq!(waiting(&db), 1);
    delete(&db, &stream).unwrap();
    create(&db, samples::webhook(1)).unwrap();
    end(&db, 3);
    assert_eq!(waiting(&db), 2);
}

fn a_sign_in_is_noted_when_it_ends_and_not_before(place: &Place) {
    let db = place.node();
    create(&db, samples::event_stream(1)).unwrap();
    db.run(|tx| tx.put_sign_in(&sign_in(1, "alice"), "handle")).unwrap();
    assert_eq!(waiting(&db), 0);
    end(&db, 1);
    // Said twice it is one end.
    end(&db, 1);
    let found = db.read_blocking(|reader| reader.new_events(10)).unwrap();
    assert_eq!((found.len(), found[0].at), (1, NOW.plus(Span::seconds(1))));
    place_events(&db);
    let what = db.read_blocking(|reader| reader.events_after(1, 10)).unwrap();
    assert_eq!(what[0].event.as_ref().unwrap().what, Happening::SignIn(ended(1)));
}

fn what_two_nodes_do_at_once_comes_into_one_order_without_gaps(place: &Place) {
    let nodes = [place.node(), place.node()];
    create(&nodes[0], samples::event_stream(1)).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4_u32 {
            let db = &nodes[thread as usize % 2];
            scope.spawn(move || {
                for n in 0..25 {
                    end(db, thread * 1000 + n);
                    create(db, nth(thread * 1000 + n)).unwrap();
                    if n % 5 == 0 {
                        place_events(db);
                    }
                }
            });
        }
    });
    while place_events(&nodes[1]) > 0 {}
    let told = told(&nodes[0], 0);
    let places: Vec<i64> = told.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(places, (1..=201).collect::<Vec<i64>>());
    let mut what: Vec<_> = told.into_iter().map(|(_, what)| what).collect();
    what.sort();
    what.dedup();
    assert_eq!((what.len(), waiting(&nodes[0])), (201, 0));
}

fn a_cursor_misses_nothing_while_others_write(place: &Place) {
    let nodes = [place.node(), place.node()];
    create(&nodes[0], samples::event_stream(1)).unwrap();
    let over = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let (mut seen, mut cursor) = (Vec::new(), 0);
            loop {
                let is_last = over.load(Ordering::SeqCst);
                place_events(&nodes[1]);
                let found = told(&nodes[1], cursor);
                cursor = found.last().map_or(cursor, |(seq, _)| *seq);
                let is_end = is_last && found.is_empty();
                seen.extend(found);
                if is_end {
                    return seen;
                }
            }
        });
        let writers: Vec<_> = (0..3_u32)
            .map(|thread| {
                let db = &nodes[thread as usize % 2];
                scope.spawn(move || (0..30).for_each(|n| end(db, thread * 1000 + n)))
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        over.store(true, Ordering::SeqCst);
        reading.join().unwrap()
    });
    assert_eq!(seen, told(&nodes[0], 0));
    assert_eq!(seen.len(), 91);
}

fn delivery(n: u128, seq: i64, subject: &str, due: i64) -> Delivery {
    Delivery {
        event: EventId::new(Uuid::from_u128(n)),
        seq,
        kind: "user.update".into(),
        subject: subject.into(),
        state: DeliveryState::Waiting,
        due: NOW.plus(Span::seconds(due)),
        first: None,
        tries: 0,
        by_hand: false,
        attempts: Vec::new(),
        body: "{}".into(),
    }
}

fn of_each_subject_the_first_that_waits_is_due(place: &Place) {
    let db = place.node();
    let (hook, other) = (WebhookId::new(Uuid::from_u128(1)), WebhookId::new(Uuid::from_u128(2)));
    let put = |hook, delivery: Delivery| db.run(move |tx| tx.put_delivery(hook, &delivery)).unwrap();
    let due = |hook, now: Time| {
        let due = db.read_blocking(|reader| reader.due_deliveries(hook, now, 10)).unwrap();
        due.into_iter().map(|delivery| delivery.seq).collect::<Vec<_>>()
    };
    for (n, seq, subject, after) in
        [(1, 1, "a", 60), (2, 2, "b", 0), (3, 3, "a", 0), (4, 4, "b", 0), (5, 5, "c", 0)]
    {
        put(hook, delivery(n, seq, subject, after));
    }
    put(other, delivery(6, 9, "a", 0));
    assert_eq!((due(hook, NOW), due(other, NOW)), (vec![2, 5], vec![9]));
    assert_eq!(due(hook, NOW.plus(Span::seconds(60))), [1, 2, 5]);
    put(hook, Delivery { state: DeliveryState::Failed, ..delivery(1, 1, "a", 60) });
    put(hook, Delivery { state: DeliveryState::Delivered, ..delivery(2, 2, "b", 0) });
    assert_eq!(due(hook, NOW), [3, 4, 5]);
    assert_eq!(db.read_blocking(|reader| reader.waiting_deliveries(hook)).unwrap(), 3);
    // Those that are over go, the oldest first; those that wait stay.
    db.run(move |tx| tx.keep_deliveries(hook, 1)).unwrap();
    let all = db.read_blocking(|reader| reader.deliveries(hook, None, 10)).unwrap();
    assert_eq!(all.iter().map(|delivery| delivery.seq).collect::<Vec<_>>(), [5, 4, 3, 2]);
    let before = db.read_blocking(|reader| reader.deliveries(hook, Some(all[1].event), 10)).unwrap();
    assert_eq!(before, all[2..]);
    db.run(move |tx| tx.hurry_deliveries(hook, NOW)).unwrap();
    db.run(move |tx| tx.forget_deliveries(hook)).unwrap();
    assert_eq!((due(hook, NOW), due(other, NOW)), (vec![], vec![9]));
}

fn what_everybody_was_told_is_forgotten(place: &Place) {
    let db = place.node();
    create(&db, samples::event_stream(1)).unwrap();
    for n in 1..=4 {
        end(&db, n);
    }
    place_events(&db);
    let stand = |id: &'static str, seq| db.run(move |tx| tx.put_event_reader(id, seq, &seq)).unwrap();
    let left = || told(&db, 0).into_iter().map(|(seq, _)| seq).collect::<Vec<_>>();
    stand("a", 5);
    stand("b", 2);
    db.run(|tx| tx.sweep_events(Time(0))).unwrap();
    assert_eq!(left(), [3, 4, 5]);
    // What is too old goes, whoever was told of it.
    db.run(|tx| tx.sweep_events(NOW.plus(Span::seconds(3)))).unwrap();
    assert_eq!(left(), [4, 5]);
    assert_eq!(db.read_blocking(|reader| reader.least_event_reader()).unwrap(), Some(2));
    assert_eq!(db.read_blocking(|reader| reader.event_reader::<i64>("b")).unwrap(), Some((2, 2)));
    end(&db, 9);
    db.run(|tx| tx.forget_event_reader("a").and(tx.forget_event_reader("b"))).unwrap();
    db.run(|tx| tx.sweep_events(Time(0))).unwrap();
    assert_eq!((left(), waiting(&db)), (vec![], 0));
}

fn an_event_that_cannot_be_read_keeps_its_place(place: &Place) {
    let db = place.node();
    create(&db, samples::event_stream(1)).unwrap();
    end(&db, 1);
    place_events(&db);
    place.connection().execute("UPDATE event SET doc = '{}' WHERE seq = 2", &[]).unwrap();
    let found = db.read_blocking(|reader| reader.events_after(0, 10)).unwrap();
    assert!(found[0].event.is_ok() && found[1].seq == 2);
    assert!(matches!(&found[1].event, Err(StoreError::BadRow { table: "event", .. })));
}
