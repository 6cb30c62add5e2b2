//! No mutation without its change, no change without its mutation.

use sallyport_model::{Change, ChangeKind, Group, User};

use super::{
    Place,
    nouns::{create, delete, update},
    on_both_engines,
    samples::{self, NOW, group, nth, stamp, user},
};
use crate::{ChangeFilter, Db, StoreError};

on_both_engines!(
    a_mutation_that_is_not_recorded_is_undone,
    every_mutation_is_one_change,
    memberships_are_changes_of_the_group,
    what_failed_halfway_is_undone_even_if_ignored,
    changes_are_found_by_subject_place_and_text,
    a_damaged_change_names_its_place,
    a_cursor_stays_where_it_was_put,
    a_place_in_the_feed_is_never_given_twice,
);

fn a_mutation_that_is_not_recorded_is_undone(place: &Place) {
    let db = place.node();
    let ops = create(&db, group(1, "ops")).unwrap();
    let (ops1, ops2, ops3, ops4) = (ops.clone(), ops.clone(), ops.clone(), ops.clone());
    let outcomes = [
        db.run(|tx| tx.create(nth(2)).map(|_| ())),
        db.run(move |tx| tx.update(&ops1, group(1, "dev")).map(|_| ())),
        db.run(move |tx| tx.delete(&ops2).map(|_| ())),
        db.run(move |tx| tx.add_member(&ops3.value, "usr_1").map(|_| ())),
        db.run(move |tx| {
            let _ = tx.touched(&ops4.value);
            Ok(())
        }),
        // One of two is not enough.
        db.run(|tx| {
            let created = tx.create(nth(2))?;
            tx.record(created, "create", &stamp());
            tx.create(nth(3)).map(|_| ())
        }),
    ];
    for outcome in outcomes {
        assert!(matches!(outcome, Err(StoreError::Unrecorded(1))), "{outcome:?}");
    }
    // Nor does handing the change out help.
    let smuggled = db.run(|tx| tx.create(nth(2)));
    assert!(matches!(smuggled, Err(StoreError::Unrecorded(1))));

    let all = db.read_blocking(|reader| reader.list_all::<Group>()).unwrap();
    assert_eq!(all, std::slice::from_ref(&ops));
    let members = db.read_blocking(|reader| reader.members_within(&ops.id.to_string())).unwrap();
    assert!(members.is_empty());
    assert_eq!(db.feed().len(), 1);
}

fn every_mutation_is_one_change(place: &Place) {
    let db = place.node();
    let alice = create(&db, user(1, "alice")).unwrap();
    let later = update(&db, &alice, alice.value.clone().suspend().unwrap()).unwrap();
    let touched = later.value.clone();
    db.run(move |tx| {
        let touched = tx.touched(&touched);
        tx.record(touched, "set-password", &stamp());
        Ok(())
    })
    .unwrap();
    delete(&db, &later).unwrap();

    let json = |user: &User| Some(serde_json::to_string(user).unwrap());
    let (before, after) = (json(&alice), json(&later));
    let expected = [
        (ChangeKind::Created, "create", None, before.clone()),
        (ChangeKind::Updated, "update", before, after.clone()),
        (ChangeKind::Updated, "set-password", None, None),
        (ChangeKind::Deleted, "delete", after, None),
    ];
    let feed = db.feed();
    assert_eq!(feed.len(), expected.len());
    for ((seq, change), (kind, verb, before, after)) in (1..).zip(feed).zip(expected) {
        let stamp = stamp();
        let subject =
            sallyport_model::Subject { noun: "user".into(), id: alice.id.to_string(), label: "alice".into() };
        let expected = Change {
            seq,
            at: NOW,
            actor: stamp.actor,
            source: stamp.source,
            request: stamp.request,
            kind,
            verb: verb.into(),
            subject,
            before,
            after,
        };
        assert_eq!(change, expected);
    }
    assert_eq!(db.read_blocking(|reader| reader.feed_head()).unwrap(), 4);
    assert_eq!(*db.head().borrow(), 4);
}

fn memberships_are_changes_of_the_group(place: &Place) {
    let db = place.node();
    let ops = create(&db, group(1, "ops")).unwrap();
    // Ids have no quotes; if one ever had, the change must still be JSON.
    for member in ["usr_1", "usr_\"}"] {
        let group = ops.value.clone();
        let steps = db.run(move |tx| {
            let mut steps = Vec::new();
            for add in [true, true, false, false] {
                let changed =
                    if add { tx.add_member(&group, member)? } else { tx.remove_member(&group, member)? };
                steps.push(changed.is_some());
                if let Some(changed) = changed {
                    tx.record(changed, if add { "add-member" } else { "remove-member" }, &stamp());
                }
            }
            Ok(steps)
        });
        assert_eq!(steps.unwrap(), [true, false, true, false]);
    }
    let feed = db.feed();
    let verbs: Vec<&str> = feed.iter().map(|change| change.verb.as_str()).collect();
    assert_eq!(verbs, ["create", "add-member", "remove-member", "add-member", "remove-member"]);
    assert_eq!(feed[1].after.as_deref(), Some(r#"{"member_added":"usr_1"}"#));
    assert_eq!(feed[2].before.as_deref(), Some(r#"{"member_removed":"usr_1"}"#));
    for change in &feed[1..] {
        assert_eq!(change.subject.id, ops.id.to_string());
        let json = change.before.as_ref().or(change.after.as_ref()).unwrap();
        assert!(serde_json::from_str::<serde_json::Value>(json).is_ok(), "{json}");
    }
}

fn what_failed_halfway_is_undone_even_if_ignored(place: &Place) {
    let db = place.node();
    let outcome = db.run(|tx| {
        let created = tx.create(nth(1))?;
        tx.record(created, "create", &stamp());
        // The engine's first refusal stands for all that follows.
        let first = tx.execute("INSERT INTO nowhere (id) VALUES (1)", &[]).unwrap_err();
        let second = tx.create(nth(2)).map(|_| ()).unwrap_err();
        assert_eq!(first.to_string(), second.to_string());
        Ok(())
    });
    assert!(matches!(outcome, Err(StoreError::Engine(_))), "{outcome:?}");
    assert_eq!(db.feed(), []);
    assert_eq!(db.read_blocking(|reader| reader.count::<Group>()).unwrap(), 0);
    create(&db, nth(1)).unwrap();
}

fn changes_are_found_by_subject_place_and_text(place: &Place) {
    let db = place.node();
    let ops = create(&db, group(1, "Ops 100%")).unwrap();
    create(&db, group(2, "Ärzte")).unwrap();
    update(&db, &ops, group(1, "Ops_2")).unwrap();
    let places = |filter: ChangeFilter| -> Vec<i64> {
        let changes = db.read_blocking(|reader| reader.list_changes(&filter)).unwrap();
        changes.iter().map(|change| change.seq).collect()
    };
    let all = ChangeFilter { limit: 9, ..ChangeFilter::default() };
    assert_eq!(places(all.clone()), [3, 2, 1]);
    assert_eq!(places(ChangeFilter { limit: 2, ..all.clone() }), [3, 2]);
    assert!(places(ChangeFilter { limit: -1, ..all.clone() }).is_empty());
    assert_eq!(places(ChangeFilter { before: Some(3), ..all.clone() }), [2, 1]);
    let of_ops = ChangeFilter { subject: Some(ops.id.to_string()), ..all.clone() };
    assert_eq!(places(of_ops.clone()), [3, 1]);
    assert_eq!(places(ChangeFilter { before: Some(3), ..of_ops.clone() }), [1]);
    assert_eq!(places(ChangeFilter { text: "100%".into(), ..of_ops }), [1]);
    // As typed, on both engines: SQLite's LIKE alone folds only ASCII, and PostgreSQL's nothing.
    for (text, found) in
        [("OPS", vec![3, 1]), ("ÄRZ", vec![2]), ("_", vec![3]), ("\0", vec![]), ("ALICE create", vec![2, 1])]
    {
        assert_eq!(places(ChangeFilter { text: text.into(), ..all.clone() }), found, "{text}");
    }
}

fn a_damaged_change_names_its_place(place: &Place) {
    let db = place.node();
    for n in 1..=2 {
        create(&db, nth(n)).unwrap();
    }
    for sql in [
        "UPDATE change SET doc = (SELECT doc FROM change WHERE seq = 1) WHERE seq = 2",
        "UPDATE change SET doc = 'x' WHERE seq = 2",
    ] {
        place.connection().execute(sql, &[]).unwrap();
        let error = db.read_blocking(|reader| reader.changes_after(1, 9)).unwrap_err();
        assert!(error.to_string().starts_with("change: row `2` is damaged"), "{error}");
    }
}

fn a_cursor_stays_where_it_was_put(place: &Place) {
    let db = place.node();
    let cursor = |db: &Db| db.read_blocking(|reader| reader.feed_cursor("sessions")).unwrap();
    assert_eq!(cursor(&db), 0);
    for seq in [7, 9] {
        db.run(move |tx| tx.move_feed_cursor("sessions", seq)).unwrap();
        assert_eq!(cursor(&db), seq);
    }
    assert!(db.run(|tx| tx.move_feed_cursor("sessions", 11).and(Err::<(), _>(StoreError::Busy))).is_err());
    drop(db);
    assert_eq!(cursor(&place.node()), 9);
}

/// As after a restore that lost the head row's last value.
fn a_place_in_the_feed_is_never_given_twice(place: &Place) {
    let db = place.node();
    for n in 1..=2 {
        create(&db, nth(n)).unwrap();
    }
    place.connection().execute("UPDATE feed_head SET seq = 1 WHERE id = 1", &[]).unwrap();
    let error = create(&db, nth(3)).unwrap_err();
    assert_eq!(error.to_string(), "feed_head: row `1` is damaged: there is a change at place 2 already");
    assert_eq!(db.feed().len(), 2);
    assert_eq!(db.read_blocking(|reader| reader.find::<Group>(samples::group_id(3))).unwrap(), None);
}
