//! What was acknowledged is there after a kill, whole; and a disk that fails stops the writer.
//!
//! The tests run themselves again as a child that writes numbered facts and says each number once it is
//! acknowledged. It says so on standard error, for standard output belongs to the test harness.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

use sallyport_model::Group;

use super::samples::{nth, stamp};
use crate::{Db, Edge, Location, StoreError, db::connect};

const CHILD: &str = "STORE_TEST_CHILD";
const THREADS: u32 = 4;

#[test]
fn every_acknowledged_fact_survives_a_kill() {
    if let Some(path) = std::env::var_os(CHILD) {
        return write_facts(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("house.db");
    let mut acknowledged = Vec::new();
    // Where each kill strikes differs by what was acknowledged before it and by the scheduler.
    for strike in [1, 2, 33, 50, 64, 100, 7, 150, 21, 5] {
        let mut child = spawn("every_acknowledged_fact_survives_a_kill", &path);
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        for _ in 0..strike {
            line.clear();
            assert_ne!(said.read_line(&mut line).unwrap(), 0, "the child ended by itself");
            acknowledged.extend(fact(&line));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let mut rest = String::new();
        said.read_to_string(&mut rest).unwrap();
        // The last line may be cut.
        let whole = rest.rfind('\n').map_or("", |end| &rest[..end]);
        acknowledged.extend(whole.lines().filter_map(fact));
        check_facts(&path, &acknowledged);
    }
    assert!(acknowledged.len() > 300, "only {} facts were written", acknowledged.len());
}

#[test]
fn a_disk_that_fails_stops_the_writer_and_loses_nothing() {
    if let Some(path) = std::env::var_os(CHILD) {
        return write_facts(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("house.db");
    let location = Location::Sqlite(path.clone());
    drop(Db::open(location.clone()).unwrap());
    // Its writer may not be gone yet, and what made the tables still be in the log, which grows with every
    // migration and would leave no room below the limit.
    let left =
        connect(&location).unwrap().query_one("PRAGMA wal_checkpoint(TRUNCATE)", &[], |row| row.int(0));
    assert_eq!(left.unwrap(), Some(0), "somebody is in the way");
    // Files may grow to a limit and no further, and the signal that says so is ignored: writes fail.
    let test = std::env::current_exe().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 4096; exec \"$0\" \"$@\""]).arg(test);
    let child = arguments(&mut command, "a_disk_that_fails_stops_the_writer_and_loses_nothing", &path)
        .spawn()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let acknowledged: Vec<u32> = said.lines().filter_map(fact).collect();
    assert!(!acknowledged.is_empty(), "{said}");
    let refusals: Vec<&str> = said.lines().filter(|line| line.starts_with("refused ")).collect();
    assert_eq!(refusals.len(), 2 * THREADS as usize, "{said}");
    assert!(refusals.iter().any(|line| line.contains("disk I/O error")), "{said}");
    assert!(refusals.contains(&"refused the database writer has stopped"), "{said}");
    check_facts(&path, &acknowledged);
}

/// A kill leaves the system's cache alone, so that it cannot tell whether commits are flushed to the disk.
#[test]
fn every_commit_is_flushed() {
    let place = super::Place::sqlite();
    drop(place.node());
    let mut connection = place.connection();
    let mode = connection.query_one("PRAGMA journal_mode", &[], |row| row.text(0)).unwrap();
    let flush = connection.query_one("PRAGMA synchronous", &[], |row| row.int(0)).unwrap();
    assert_eq!((mode.as_deref(), flush), (Some("wal"), Some(2)));
}

fn spawn(test: &str, path: &Path) -> Child {
    arguments(&mut Command::new(std::env::current_exe().unwrap()), test, path).spawn().unwrap()
}

fn arguments<'a>(command: &'a mut Command, test: &str, path: &Path) -> &'a mut Command {
    command
        .args(["--exact", "--nocapture", &format!("tests::durability::{test}")])
        .env(CHILD, path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
}

fn fact(line: &str) -> Option<u32> {
    line.trim_end().strip_prefix("fact ")?.parse().ok()
}

/// In the child: writes facts from several threads until it is killed or refused.
fn write_facts(path: &Path) {
    let db = Db::open(Location::Sqlite(path.to_owned())).unwrap();
    let groups = db.read_blocking(|reader| reader.list_all::<Group>()).unwrap();
    let first =
        groups.last().map_or(1, |last| last.name.trim_start_matches("group ").parse::<u32>().unwrap() + 1);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let db = &db;
            scope.spawn(move || {
                let mut refusals = 0;
                for n in (first + thread..).step_by(THREADS as usize) {
                    let said = match write_fact(db, n) {
                        Ok(()) => format!("fact {n}\n"),
                        Err(error) => {
                            refusals += 1;
                            format!("refused {error}\n")
                        }
                    };
                    std::io::stderr().write_all(said.as_bytes()).unwrap();
                    if refusals == 2 {
                        break;
                    }
                }
            });
        }
    });
}

/// One fact is five rows.
fn write_fact(db: &Db, n: u32) -> Result<(), StoreError> {
    db.write_blocking(move |tx| {
        let group = nth(n);
        let id = group.id.to_string();
        tx.put_secret(&id, "seal", &n.to_be_bytes())?;
        let created = tx.create(group)?;
        tx.record(created, "create", &stamp());
        tx.put_alias("number", &n.to_string(), &id)?;
        tx.put_edge(Edge::Member, &id, "usr_1").map(|_| ())
    })
}

fn check_facts(path: &Path, acknowledged: &[u32]) {
    let db = Db::open(Location::Sqlite(path.to_owned())).unwrap();
    let feed = db.feed();
    for (place, change) in (1..).zip(&feed) {
        assert_eq!(change.seq, place, "the feed has a hole");
    }
    db.read_blocking(|reader| -> Result<(), StoreError> {
        let check = reader.query_one("PRAGMA integrity_check", &[], |row| row.text(0))?;
        assert_eq!(check.as_deref(), Some("ok"));
        assert_eq!(reader.feed_head()?, i64::try_from(feed.len()).unwrap());
        let groups = reader.list_all::<Group>()?;
        assert_eq!(groups.len(), feed.len(), "a fact without its change, or the other way round");
        for sql in ["SELECT COUNT(*) FROM secret", "SELECT COUNT(*) FROM alias", "SELECT COUNT(*) FROM edge"]
        {
            let rows = reader.query_one(sql, &[], |row| row.int(0))?;
            assert_eq!(rows, Some(i64::try_from(feed.len()).unwrap()), "{sql}: half a fact");
        }
        for n in acknowledged {
            assert!(reader.find::<Group>(nth(*n).id)?.is_some(), "fact {n} was acknowledged and is lost");
        }
        Ok(())
    })
    .unwrap();
}
