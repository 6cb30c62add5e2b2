//! Short-lived state: what it remembers, what it forgets, and that it is not in the feed.

use sallyport_model::{Span, Time, signin::SignIn};

use super::{
    Place, on_both_engines,
    samples::{NOW, session, sign_in, user_id},
};
use crate::{Db, DeviceStatus, Once, Session, StoreError, Throttle};

on_both_engines!(
    a_session_reads_back_until_it_ends,
    a_sign_in_is_found_by_its_id_and_its_handle,
    sign_ins_are_listed_newest_first,
    a_throttle_counts_until_it_is_lifted,
    throttles_are_deleted_by_how_they_begin_and_no_others,
    sweeping_gives_nobody_fresh_attempts,
    what_is_good_once_is_used_once_in_time_and_by_its_kind,
    a_counter_only_rises,
    a_device_status_reads_back,
    what_a_run_said_is_kept_once_and_in_order,
    a_damaged_session_is_named_without_its_secret,
    none_of_it_is_in_the_feed,
);

const SECOND: Span = Span::seconds(1);

fn sessions(db: &Db, owner: u32) -> Vec<String> {
    let found = db.read_blocking(|reader| reader.sessions_of(user_id(owner))).unwrap();
    found.into_iter().map(|session| session.hash).collect()
}

fn a_session_reads_back_until_it_ends(place: &Place) {
    let db = place.node();
    for n in 1..=4 {
        db.run(move |tx| tx.put_session(&session(n, 1))).unwrap();
    }
    db.run(|tx| tx.put_session(&session(5, 2))).unwrap();
    let find = |hash: &str| db.read_blocking(|reader| reader.find_session(hash)).unwrap();
    assert_eq!(find("hash-1"), Some(session(1, 1)));
    assert_eq!((find(""), find("hash"), find("\0")), (None, None, None));

    let twice = db.run(|tx| tx.put_session(&session(1, 2))).unwrap_err();
    assert!(matches!(twice, StoreError::Taken { table: "session", .. }), "{twice}");
    assert!(!twice.to_string().contains("hash-1"));
    assert_eq!(find("hash-1"), Some(session(1, 1)), "another's session is not taken over");

    db.run(|tx| tx.see_session("hash-3", NOW.plus(SECOND))).unwrap();
    assert_eq!(find("hash-3").map(|session| session.seen), Some(NOW.plus(SECOND)));
    assert_eq!(sessions(&db, 1), ["hash-3", "hash-1", "hash-2", "hash-4"]);

    db.run(|tx| tx.end_session("hash-4")).unwrap();
    assert_eq!(db.run(|tx| tx.end_sessions_of(user_id(1), Some("hash-2"))).unwrap(), 2);
    assert_eq!(sessions(&db, 1), ["hash-2"]);
    assert_eq!(db.run(|tx| tx.end_sessions_of(user_id(1), None)).unwrap(), 1);
    assert_eq!(sessions(&db, 2), ["hash-5"]);

    db.run(|tx| tx.sweep(NOW)).unwrap();
    assert_eq!(sessions(&db, 2), ["hash-5"], "it is good up to its last moment");
    db.run(|tx| tx.sweep(NOW.plus(Span(1)))).unwrap();
    assert_eq!(sessions(&db, 2), Vec::<String>::new());
}

fn a_sign_in_is_found_by_its_id_and_its_handle(place: &Place) {
    let db = place.node();
    let (first, other) = (sign_in(1, "alice"), sign_in(2, "bob"));
    let id = first.id.to_string();
    let put = |sign_in: &SignIn, handle: &'static str| {
        let sign_in = sign_in.clone();
        db.run(move |tx| tx.put_sign_in(&sign_in, handle)).unwrap();
    };
    let by_handle = |handle: &str| db.read_blocking(|reader| reader.find_sign_in_by_handle(handle)).unwrap();
    put(&first, "h1");
    put(&other, "");
    let found = db.read_blocking(|reader| reader.find_sign_in(&id)).unwrap().unwrap();
    assert_eq!((found.sign_in, found.handle.as_str()), (first.clone(), "h1"));
    assert_eq!(by_handle("h1").map(|found| found.sign_in), Some(first.clone()));
    assert_eq!(by_handle("").map(|found| found.sign_in), None, "no handle is nobody's");

    // The next step: the old handle is void.
    let denied = first.deny(Vec::new(), NOW).unwrap();
    put(&denied, "h2");
    assert!(by_handle("h1").is_none());
    assert_eq!(by_handle("h2").map(|found| found.sign_in), Some(denied.clone()));
    put(&denied, "");
    assert!(by_handle("h2").is_none());
    let all = db.read_blocking(|reader| reader.list_sign_ins(None, "", 9)).unwrap();
    assert_eq!(all, [other, denied]);
}

fn sign_ins_are_listed_newest_first(place: &Place) {
    let db = place.node();
    for (n, name) in [(1, "alice"), (2, "Bob_1"), (3, "ÄNNE"), (4, "alice")] {
        let mut sign_in = sign_in(n, name);
        sign_in.user = Some(user_id(if name == "alice" { 1 } else { n }));
        db.run(move |tx| tx.put_sign_in(&sign_in, "")).unwrap();
    }
    let id = |n: u32| sign_in(n, "").id.to_string();
    let ids = |found: Vec<SignIn>| found.into_iter().map(|found| found.id.to_string()).collect::<Vec<_>>();
    let list = |before: Option<u32>, text: &str, limit: i64| {
        let before = before.map(id);
        ids(db.read_blocking(|reader| reader.list_sign_ins(before.as_deref(), text, limit)).unwrap())
    };
    assert_eq!(list(None, "", 9), [4, 3, 2, 1].map(id));
    assert_eq!(list(None, "", 2), [4, 3].map(id));
    assert_eq!(list(None, "", -1), Vec::<String>::new());
    assert_eq!(list(Some(3), "", 9), [2, 1].map(id));
    for (text, found) in
        [("ALICE", vec![4, 1]), ("b_1", vec![2]), ("änne FIRST_DOOR", vec![3]), ("%", vec![])]
    {
        assert_eq!(list(None, text, 9), found.into_iter().map(id).collect::<Vec<_>>(), "{text}");
    }
    let of = |before: Option<String>| {
        ids(db.read_blocking(|reader| reader.sign_ins_of(user_id(1), before.as_deref(), 9)).unwrap())
    };
    assert_eq!(of(None), [4, 1].map(id));
    assert_eq!(of(Some(id(4))), [id(1)]);
    let since = |first: u32, before: Option<u32>, limit: i64| {
        let (first, before) = (sign_in(first, "").id, before.map(|n| sign_in(n, "").id));
        ids(db.read_blocking(|reader| reader.sign_ins_since(first, before, limit)).unwrap())
    };
    assert_eq!(since(2, None, 9), [4, 3, 2].map(id));
    assert_eq!(since(2, Some(4), 1), [3].map(id));
    assert_eq!(since(5, None, 9), Vec::<String>::new());
}

fn throttles_are_deleted_by_how_they_begin_and_no_others(place: &Place) {
    let db = place.node();
    let all = [
        "name a",
        "name a from ",
        "name a from 10.0.0.0/24",
        "name a from ÿ",
        "name a fron",
        "name b from x",
    ];
    let throttle = Throttle { failures: 1, since: NOW, until: NOW };
    db.run(move |tx| all.iter().try_for_each(|bucket| tx.put_throttle(bucket, throttle))).unwrap();
    let latest = |beginning: &str| db.read_blocking(|reader| reader.latest_throttle(beginning)).unwrap();
    assert_eq!((latest("name a from"), latest("name c")), (NOW, Time(0)));
    db.run(|tx| tx.delete_throttles("name a from ")).unwrap();
    let left = all
        .iter()
        .filter(|bucket| db.read_blocking(|reader| reader.throttle(bucket)).unwrap() != Throttle::default());
    assert_eq!(left.collect::<Vec<_>>(), [&"name a", &"name a fron", &"name b from x"]);
}

fn a_throttle_counts_until_it_is_lifted(place: &Place) {
    let db = place.node();
    let find = |bucket: &str| db.read_blocking(|reader| reader.throttle(bucket)).unwrap();
    assert_eq!(find("user alice"), Throttle::default());
    for failures in 1..=3 {
        let throttle = Throttle { failures, since: NOW, until: NOW.plus(SECOND) };
        db.run(move |tx| tx.put_throttle("user alice", throttle)).unwrap();
        assert_eq!(find("user alice"), throttle);
    }
    assert_eq!(find("user ALICE"), Throttle::default());
    db.run(|tx| tx.delete_throttle("user alice")).unwrap();
    assert_eq!(find("user alice"), Throttle::default());
}

fn sweeping_gives_nobody_fresh_attempts(place: &Place) {
    let db = place.node();
    let day = Span::days(1);
    let counting = Throttle { failures: 4, since: NOW, until: Time(0) };
    let holding = Throttle { failures: 99, since: NOW, until: NOW.plus(day).plus(day) };
    db.run(move |tx| {
        tx.put_throttle("counting", counting)?;
        tx.put_throttle("holding", holding)
    })
    .unwrap();
    let after = |now: Time| {
        db.run(move |tx| tx.sweep(now)).unwrap();
        ["counting", "holding"].map(|bucket| db.read_blocking(|reader| reader.throttle(bucket)).unwrap())
    };
    let none = Throttle::default();
    assert_eq!(after(NOW.plus(SECOND)), [counting, holding]);
    assert_eq!(after(NOW.plus(day)), [counting, holding]);
    assert_eq!(after(NOW.plus(day).plus(SECOND)), [none, holding]);
    assert_eq!(after(NOW.plus(day).plus(day)), [none, holding]);
    assert_eq!(after(NOW.plus(day).plus(day).plus(SECOND)), [none, none]);
}

fn what_is_good_once_is_used_once_in_time_and_by_its_kind(place: &Place) {
    let db = place.node();
    let once = Once { owner: "usr_1".into(), expires: NOW, used: None, doc: "{\"n\":1}".into() };
    let put = |kind: &'static str, hash: &'static str| {
        let once = once.clone();
        db.run(move |tx| tx.put_once(kind, hash, &once))
    };
    let redeem =
        |kind: &'static str, hash: &'static str, now| db.run(move |tx| tx.use_once(kind, hash, now)).unwrap();
    let find = |hash: &str| db.read_blocking(|reader| reader.find_once("bypass", hash)).unwrap();
    for hash in ["a", "b"] {
        put("bypass", hash).unwrap();
    }
    put("setup", "a").unwrap();
    assert!(matches!(put("bypass", "a"), Err(StoreError::Taken { table: "once", .. })));
    assert_eq!(find("a"), Some(once.clone()));

    assert!(!redeem("bypass", "c", NOW));
    assert!(!redeem("other", "a", NOW));
    assert!(!redeem("bypass", "a", NOW.plus(Span(1))), "too late");
    assert!(redeem("bypass", "a", NOW));
    assert_eq!(find("a"), Some(Once { used: Some(NOW), ..once.clone() }));
    // Neither an earlier clock nor putting it again makes it good again.
    assert!(!redeem("bypass", "a", Time(0)));
    assert!(put("bypass", "a").is_err());
    assert!(!redeem("bypass", "a", NOW));

    // A redemption that is undone did not happen.
    let undone = db.run(|tx| tx.use_once("bypass", "b", NOW).and(Err::<(), _>(StoreError::Busy)));
    assert!(undone.is_err());
    assert!(redeem("bypass", "b", NOW));

    db.run(|tx| tx.void_once("usr_1", "bypass")).unwrap();
    assert_eq!(find("a"), None);
    assert!(redeem("setup", "a", NOW), "of another kind");
    db.run(|tx| tx.sweep(NOW.plus(Span(1)))).unwrap();
    assert_eq!(db.read_blocking(|reader| reader.find_once("setup", "a")).unwrap(), None);
}

fn a_counter_only_rises(place: &Place) {
    let db = place.node();
    let counter = || db.read_blocking(|reader| reader.counter("fct_1", "totp")).unwrap();
    assert_eq!(counter(), None);
    for (value, rises, stands) in [
        (5, true, 5),
        (5, false, 5),
        (4, false, 5),
        (i64::MIN, false, 5),
        (6, true, 6),
        (i64::MAX, true, i64::MAX),
    ] {
        let rose = db.run(move |tx| tx.raise_counter("fct_1", "totp", value)).unwrap();
        assert_eq!((rose, counter()), (rises, Some(stands)), "{value}");
    }
    assert!(db.run(|tx| tx.raise_counter("fct_1", "hotp", 0)).unwrap(), "of another kind");
    assert!(db.run(|tx| tx.raise_counter("fct_2", "totp", 0)).unwrap(), "of another owner");
}

fn a_device_status_reads_back(place: &Place) {
    let db = place.node();
    let find = || db.read_blocking(|reader| reader.device_status("dev_1")).unwrap();
    assert_eq!(find(), DeviceStatus::default());
    let mut status = DeviceStatus { seen: NOW, epoch: 1, n: 2, digest: "00ff".into(), ..Default::default() };
    for (report, inventory) in [(None, None), (Some("{}"), None), (None, Some("{\"os\":\"\u{1f427}\"}"))] {
        status.n += 1;
        status.report = report.map(Into::into);
        status.inventory = inventory.map(Into::into);
        let written = status.clone();
        db.run(move |tx| tx.put_device_status("dev_1", &written)).unwrap();
        assert_eq!(find(), status);
    }
}

fn what_a_run_said_is_kept_once_and_in_order(place: &Place) {
    let db = place.node();
    let said =
        |after: i64, limit: i64| db.read_blocking(|reader| reader.run_events("run_1", after, limit)).unwrap();
    assert_eq!(db.read_blocking(|reader| reader.last_run_event("run_1")).unwrap(), 0);
    for (seq, doc) in [(2, "two"), (1, "one"), (2, "again"), (10, "ten")] {
        db.run(move |tx| tx.put_run_event("run_1", seq, doc)).unwrap();
    }
    db.run(|tx| tx.put_run_event("run_2", 99, "other")).unwrap();
    assert_eq!(said(0, 9), ["one", "two", "ten"]);
    assert_eq!(said(1, 1), ["two"]);
    assert_eq!(said(10, 9), Vec::<String>::new());
    assert_eq!(said(0, -1), Vec::<String>::new());
    assert_eq!(db.read_blocking(|reader| reader.last_run_event("run_1")).unwrap(), 10);
}

fn a_damaged_session_is_named_without_its_secret(place: &Place) {
    let db = place.node();
    db.run(|tx| tx.put_session(&session(1, 1))).unwrap();
    place.connection().execute("UPDATE session SET doc = '[]'", &[]).unwrap();
    let error = db.read_blocking(|reader| reader.find_session("hash-1")).unwrap_err().to_string();
    assert!(error.starts_with(&format!("session: row `{}` is damaged", user_id(1))), "{error}");
    assert!(!error.contains("hash-1"), "{error}");
}

fn none_of_it_is_in_the_feed(place: &Place) {
    let db = place.node();
    db.run(|tx| {
        tx.put_session(&Session { user: user_id(7), ..session(1, 1) })?;
        tx.put_sign_in(&sign_in(1, "alice"), "h")?;
        tx.put_throttle("x", Throttle::default())?;
        tx.raise_counter("x", "y", 1)?;
        tx.put_run_event("x", 1, "{}")?;
        tx.sweep(NOW)
    })
    .unwrap();
    assert_eq!(db.feed(), []);
    assert_eq!(*db.head().borrow(), 0);
}
