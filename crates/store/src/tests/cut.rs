//! A connection to PostgreSQL that is cut around a commit: what the caller is told, and what is durable then.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    thread,
};

use sallyport_model::Group;

use super::{
    Place,
    samples::{group_id, nth, stamp},
};
use crate::{Db, Location, StoreError};

/// A commit as the client's simple query protocol spells it.
const COMMIT: &[u8] = b"COMMIT\0";

const NOTHING: u8 = 0;
const BEFORE: u8 = 1;
const AFTER: u8 = 2;

/// Stands between a node and the server, and cuts the connection over which the next commit comes.
struct Wire {
    port: u16,
    /// What to do with the next commit: [`NOTHING`], cut [`BEFORE`] the server has it, or [`AFTER`] it answered.
    cut: Arc<AtomicU8>,
}

impl Wire {
    fn before(place: &Place) -> Self {
        let Location::Postgres(url) = &place.location else { panic!("not PostgreSQL") };
        let server = url.rsplit_once('@').unwrap().1.rsplit_once('/').unwrap().0.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let cut = Arc::new(AtomicU8::new(NOTHING));
        let shared = Arc::clone(&cut);
        thread::spawn(move || {
            for client in listener.incoming() {
                carry(client.unwrap(), TcpStream::connect(&server).unwrap(), &shared);
            }
        });
        Self { port, cut }
    }

    /// The node whose connections go through here.
    fn node(&self, place: &Place) -> Db {
        let Location::Postgres(url) = &place.location else { panic!("not PostgreSQL") };
        let (user, rest) = url.rsplit_once('@').unwrap();
        let name = rest.rsplit_once('/').unwrap().1;
        Db::open(Location::Postgres(format!("{user}@127.0.0.1:{}/{name}", self.port))).unwrap()
    }
}

/// Carries what both sides say on threads of their own, until one of them, or the test, has had enough.
fn carry(client: TcpStream, server: TcpStream, cut: &Arc<AtomicU8>) {
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let [mut from_client, mut to_client] = [client.try_clone().unwrap(), client];
    let [mut from_server, mut to_server] = [server.try_clone().unwrap(), server];
    let (cut, answer_is_lost) = (Arc::clone(cut), Arc::new(AtomicU8::new(NOTHING)));
    let lost = Arc::clone(&answer_is_lost);
    thread::spawn(move || {
        let mut buffer = [0; 16 << 10];
        while let Ok(length @ 1..) = from_client.read(&mut buffer) {
            let said = &buffer[..length];
            // The writer says one thing at a time and waits for the answer, so this is a whole message.
            if said.ends_with(COMMIT) {
                match cut.swap(NOTHING, Ordering::SeqCst) {
                    BEFORE => break,
                    what => lost.store(what, Ordering::SeqCst),
                }
            }
            if to_server.write_all(said).is_err() {
                break;
            }
        }
        from_client.shutdown(Shutdown::Both).ok();
        to_server.shutdown(Shutdown::Both).ok();
    });
    thread::spawn(move || {
        let mut buffer = [0; 16 << 10];
        while let Ok(length @ 1..) = from_server.read(&mut buffer) {
            if answer_is_lost.load(Ordering::SeqCst) == AFTER
                || to_client.write_all(&buffer[..length]).is_err()
            {
                break;
            }
        }
        to_client.shutdown(Shutdown::Both).ok();
        from_server.shutdown(Shutdown::Both).ok();
    });
}

/// Cuts the connection around a commit; what was told, and whether the write is durable.
fn cut_once(cut: u8) -> Option<(StoreError, bool)> {
    let place = Place::postgres()?;
    let wire = Wire::before(&place);
    let db = wire.node(&place);
    let runs = Arc::new(AtomicUsize::new(0));
    let create = |n| {
        let runs = Arc::clone(&runs);
        db.run(move |tx| {
            runs.fetch_add(1, Ordering::SeqCst);
            let created = tx.create(nth(n))?;
            tx.record(created, "create", &stamp());
            Ok(())
        })
    };
    create(1).unwrap();
    wire.cut.store(cut, Ordering::SeqCst);
    let told = create(2).unwrap_err();
    assert_eq!(runs.load(Ordering::SeqCst), 2, "nothing is run again whose fate is not known");
    // The node goes on over a new connection, and the feed has neither a gap nor the same twice.
    create(3).unwrap();
    let durable = place.node().read_blocking(|reader| reader.find::<Group>(group_id(2))).unwrap().is_some();
    let places: Vec<i64> = db.feed().iter().map(|change| change.seq).collect();
    assert_eq!(places, (1..=if durable { 3 } else { 2 }).collect::<Vec<_>>());
    Some((told, durable))
}

#[test]
fn a_commit_whose_answer_is_lost_is_called_uncertain_and_not_run_again() {
    let Some((told, durable)) = cut_once(AFTER) else { return };
    assert!(matches!(told, StoreError::FateUnknown), "{told:?}");
    assert!(durable);
}

#[test]
fn a_commit_that_the_server_never_saw_is_called_uncertain_too() {
    let Some((told, durable)) = cut_once(BEFORE) else { return };
    assert!(matches!(told, StoreError::FateUnknown), "{told:?}");
    assert!(!durable);
}
