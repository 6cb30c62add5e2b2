//! What a node does when PostgreSQL hangs up, has no room, or when its URL goes astray.

use std::sync::{
    Arc, Barrier, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use sallyport_model::Group;

use super::{
    Place,
    nouns::create,
    samples::{group_id, nth, stamp},
};
use crate::{Db, Location, StoreError, readers};

/// Ends every session of this database but the asking one; how many.
const HANG_UP: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

fn hang_up(place: &Place) -> i64 {
    place.connection().query_one(HANG_UP, &[], |row| row.int(0)).unwrap().unwrap()
}

#[test]
fn a_node_goes_on_after_the_server_hung_up() {
    let Some(place) = Place::postgres() else { return };
    let db = place.node();
    for n in 1..=5 {
        create(&db, nth(n)).unwrap();
        assert!(hang_up(&place) >= 2);
        // Reads and writes notice only when they use their connection, and must not hand that to the caller.
        if n % 2 == 0 {
            create(&db, nth(100 + n)).unwrap();
        }
        assert!(db.read_blocking(|reader| reader.find::<Group>(group_id(n))).unwrap().is_some());
    }
    assert_eq!(db.feed().len(), 7);
}

#[test]
fn a_write_whose_connection_is_lost_before_its_commit_is_run_again() {
    let Some(place) = Place::postgres() else { return };
    let db = place.node();
    let location = place.location.clone();
    let runs = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&runs);
    db.run(move |tx| {
        let created = tx.create(nth(1))?;
        tx.record(created, "create", &stamp());
        *counted.lock().unwrap() += 1;
        if *counted.lock().unwrap() == 1 {
            let mut other = crate::db::connect(&location)?;
            other.query_one(HANG_UP, &[], |row| row.int(0))?;
        }
        tx.put_edge(crate::Edge::Member, "grp_1", "usr_1")
    })
    .unwrap();
    assert_eq!(*runs.lock().unwrap(), 2);
    assert_eq!(db.feed().len(), 1);
}

#[test]
fn a_read_whose_connection_is_lost_fails_and_the_next_does_not() {
    let Some(place) = Place::postgres() else { return };
    let db = place.node();
    let lost = db.read_blocking(|reader| {
        reader.count::<Group>()?;
        hang_up(&place);
        reader.count::<Group>()
    });
    assert!(matches!(lost, Err(StoreError::Engine(_))), "{lost:?}");
    assert_eq!(db.read_blocking(|reader| reader.count::<Group>()).unwrap(), 0);
}

#[test]
fn many_readers_share_few_connections() {
    let Some(place) = Place::postgres() else { return };
    let db = place.node();
    // As many as there may be are inside together before any of them leaves.
    let (all_inside, inside, most) = (Barrier::new(readers::MOST), AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..readers::MOST * 3 {
            scope.spawn(|| {
                db.read_blocking(|reader| -> Result<(), StoreError> {
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    reader.count::<Group>()?;
                    all_inside.wait();
                    inside.fetch_sub(1, Ordering::SeqCst);
                    Ok(())
                })
                .unwrap();
            });
        }
    });
    assert_eq!(most.into_inner(), readers::MOST);
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let open = place.connection().query_one(open, &[], |row| row.int(0)).unwrap().unwrap();
    assert_eq!(usize::try_from(open).unwrap(), readers::MOST + 1, "the readers and the writer");
}

#[test]
fn a_place_of_a_reader_that_panicked_is_free_again() {
    let Some(place) = Place::postgres() else { return };
    let db = place.node();
    for _ in 0..=readers::MOST {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            db.read_blocking(|_| -> Result<(), StoreError> { panic!("said by the test") })
        }));
        assert!(caught.is_err());
    }
    assert_eq!(db.read_blocking(|reader| reader.count::<Group>()).unwrap(), 0);
}

#[test]
fn every_session_is_durable_and_lets_go_of_what_it_holds() {
    let Some(place) = Place::postgres() else { return };
    place.node();
    let Location::Postgres(url) = &place.location else { panic!("not PostgreSQL") };
    let name = url.rsplit_once('/').unwrap().1;
    super::run_sql(url, &format!("ALTER DATABASE {name} SET synchronous_commit = off"));
    let mut connection = place.connection();
    let settings = connection
        .query_one(
            "SELECT current_setting('synchronous_commit'), current_setting('idle_in_transaction_session_timeout')",
            &[],
            |row| Ok((row.text(0)?, row.text(1)?)),
        )
        .unwrap();
    assert_eq!(settings, Some(("on".into(), "30s".into())));
}

#[test]
fn the_password_of_a_location_is_not_printed() {
    let location = Location::Postgres("postgres://sallyport:hunter2@db/house".into());
    assert_eq!(format!("{location:?}"), "Postgres(..)");
    for url in
        ["postgres://sallyport:hunter2@127.0.0.1:1/house", "postgres://sallyport:hunter2@:x/?y=hunter2z"]
    {
        let error = Db::open(Location::Postgres(url.into())).map(|_| ()).unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
