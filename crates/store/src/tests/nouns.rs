//! What is written reads back, in order, and nothing is overwritten unseen.

use std::fmt::Debug;

use sallyport_model::{Group, GroupKind, User, UserState};

use super::{
    Place, on_both_engines,
    samples::{self, group, nth, stamp, user},
};
use crate::{Db, Edge, Noun, PageRequest, StoreError, Versioned};

on_both_engines!(
    every_noun_reads_back_as_it_was_written,
    a_listing_pages_in_the_order_of_keys,
    a_listing_has_at_least_one_and_at_most_500_items_a_page,
    a_search_takes_every_character_for_itself,
    a_search_that_no_row_can_match_is_no_error,
    a_listing_shows_one_state,
    a_noun_that_changed_meanwhile_is_neither_updated_nor_deleted,
    a_taken_key_is_refused_and_the_transaction_goes_on,
    an_update_keeps_the_id,
    a_deleted_noun_leaves_nothing_behind,
    a_damaged_row_names_its_noun_and_id,
    a_key_from_another_time_does_not_lead_a_listing_astray,
    text_that_cannot_be_stored_is_refused,
);

pub(crate) fn create<T: Noun + Send + Sync + 'static>(db: &Db, value: T) -> Result<Versioned<T>, StoreError> {
    db.run(move |tx| {
        let created = tx.create(value.clone())?;
        Ok(tx.record(created, "create", &stamp()))
    })
}

pub(crate) fn update<T: Noun + Send + Sync + 'static>(
    db: &Db,
    before: &Versioned<T>,
    after: T,
) -> Result<Versioned<T>, StoreError> {
    let before = before.clone();
    db.run(move |tx| {
        let updated = tx.update(&before, after.clone())?;
        Ok(tx.record(updated, "update", &stamp()))
    })
}

pub(crate) fn delete<T: Noun + Send + Sync + 'static>(
    db: &Db,
    noun: &Versioned<T>,
) -> Result<(), StoreError> {
    let noun = noun.clone();
    db.run(move |tx| {
        let deleted = tx.delete(&noun)?;
        tx.record(deleted, "delete", &stamp());
        Ok(())
    })
}

fn find<T: Noun>(db: &Db, id: T::Id) -> Option<Versioned<T>> {
    db.read_blocking(|reader| reader.find::<T>(id)).unwrap()
}

fn list(db: &Db, request: &PageRequest) -> Vec<String> {
    let page = db.read_blocking(|reader| reader.list::<Group>(request)).unwrap();
    page.items.into_iter().map(|item| item.value.name).collect()
}

fn search(db: &Db, text: &str) -> Vec<String> {
    list(db, &PageRequest { text: text.into(), limit: 100, ..PageRequest::default() })
}

/// Create, find both ways, update, list, count, delete.
fn round_trip<T: Noun + PartialEq + Debug + Send + Sync + 'static>(db: &Db, value: T) {
    let (id, key) = (value.id(), value.key());
    let created = create(db, value.clone()).unwrap();
    assert_eq!(created, Versioned { value: value.clone(), version: 1 });
    assert_eq!(find::<T>(db, id).as_ref(), Some(&created));
    let by_key = db.read_blocking(|reader| reader.find_by_key::<T>(&key)).unwrap();
    assert_eq!(by_key.as_ref(), Some(&created));

    let updated = update(db, &created, value.clone()).unwrap();
    assert_eq!(updated.version, 2);
    let all = db.read_blocking(|reader| reader.list_all::<T>()).unwrap();
    assert_eq!(all, std::slice::from_ref(&updated));
    assert_eq!(db.read_blocking(|reader| reader.count::<T>()).unwrap(), 1);

    delete(db, &updated).unwrap();
    assert_eq!(find::<T>(db, id), None);
    let missing = db.read_blocking(|reader| reader.expect::<T>(id)).unwrap_err();
    assert!(matches!(missing, StoreError::Missing { table, .. } if table == T::NOUN), "{missing}");
}

fn every_noun_reads_back_as_it_was_written(place: &Place) {
    let db = place.node();
    round_trip(&db, samples::access_rule(1));
    round_trip(&db, samples::alarm(1));
    round_trip(&db, samples::api_token(1));
    round_trip(&db, samples::application(1));
    round_trip(&db, samples::binding(1));
    round_trip(&db, samples::command(1));
    round_trip(&db, samples::connector(1));
    round_trip(&db, samples::device(1));
    round_trip(&db, samples::enrollment_token(1));
    round_trip(&db, samples::factor(1));
    round_trip(&db, nth(1));
    round_trip(&db, samples::hardware_token(1));
    round_trip(&db, samples::signing_key(1));
    round_trip(&db, samples::policy(1));
    round_trip(&db, samples::run(1));
    round_trip(&db, samples::settings());
    round_trip(&db, samples::spray(1));
    round_trip(&db, samples::reset(1));
    round_trip(&db, user(1, "alice"));
}

fn a_listing_pages_in_the_order_of_keys(place: &Place) {
    let db = place.node();
    // By bytes: neither by the alphabet of a language nor by when they came.
    let in_order = ["-", "10", "2", "_", "a", "a b", "ab", "b", "z", "ß", "ä", "日本", "\u{1f980}"];
    for (n, name) in (1..).zip(in_order.iter().rev()) {
        create(&db, group(n, name)).unwrap();
    }
    let mut request = PageRequest { limit: 4, ..PageRequest::default() };
    let mut seen = Vec::new();
    loop {
        let page = db.read_blocking(|reader| reader.list::<Group>(&request)).unwrap();
        assert!(page.items.len() <= 4);
        seen.extend(page.items.into_iter().map(|item| item.value.name));
        match page.next {
            Some(next) => request.after = next,
            None => break,
        }
    }
    assert_eq!(seen, in_order);
    let exactly = PageRequest { limit: in_order.len(), ..PageRequest::default() };
    let page = db.read_blocking(|reader| reader.list::<Group>(&exactly)).unwrap();
    assert_eq!(page.next, None);
}

fn a_listing_has_at_least_one_and_at_most_500_items_a_page(place: &Place) {
    let db = place.node();
    db.run(|tx| {
        for n in 0..501 {
            let created = tx.create(nth(n))?;
            tx.record(created, "create", &stamp());
        }
        Ok(())
    })
    .unwrap();
    for (limit, items) in [(0, 1), (usize::MAX, 500)] {
        assert_eq!(list(&db, &PageRequest { limit, ..PageRequest::default() }).len(), items);
    }
    assert_eq!(db.read_blocking(|reader| reader.list_all::<Group>()).unwrap().len(), 501);
}

fn a_search_takes_every_character_for_itself(place: &Place) {
    let db = place.node();
    let names = ["100% of us", "a_b", "axb", "hey!", "ÄRGER", "Straße", "日本", "it's \\ \"$1\" ?1"];
    for (n, name) in (1..).zip(names) {
        create(&db, group(n, name)).unwrap();
    }
    for (text, found) in [
        ("%", vec!["100% of us"]),
        ("0% O", vec!["100% of us"]),
        ("_", vec!["a_b"]),
        ("A_B", vec!["a_b"]),
        ("!", vec!["hey!"]),
        ("!!", vec![]),
        ("!%", vec![]),
        ("ärg", vec!["ÄRGER"]),
        ("ÄRGER", vec!["ÄRGER"]),
        ("straSSe", vec![]),
        ("aße", vec!["Straße"]),
        ("本", vec!["日本"]),
        ("'s \\ \"$1\" ?", vec!["it's \\ \"$1\" ?1"]),
        ("nobody", vec![]),
    ] {
        assert_eq!(search(&db, text), found, "{text}");
    }
    assert_eq!(search(&db, "").len(), names.len());
}

fn a_search_that_no_row_can_match_is_no_error(place: &Place) {
    let db = place.node();
    create(&db, nth(1)).unwrap();
    assert_eq!(search(&db, "\0"), Vec::<String>::new());
    assert_eq!(search(&db, "group\0"), Vec::<String>::new());
    assert_eq!(search(&db, &"%_!".repeat(100_000)), Vec::<String>::new());
    let beyond = PageRequest { after: "\0".into(), limit: 9, ..PageRequest::default() };
    assert_eq!(list(&db, &beyond), Vec::<String>::new());
    assert_eq!(db.read_blocking(|reader| reader.find_by_key::<Group>("\0")).unwrap(), None);
}

fn a_listing_shows_one_state(place: &Place) {
    let db = place.node();
    create(&db, Group { kind: GroupKind::Devices, ..group(1, "racks") }).unwrap();
    create(&db, group(2, "ops")).unwrap();
    create(&db, group(3, "rackers")).unwrap();
    let users = PageRequest { state: Some("users".into()), limit: 9, ..PageRequest::default() };
    assert_eq!(list(&db, &users), ["ops", "rackers"]);
    assert_eq!(list(&db, &PageRequest { text: "RACK".into(), ..users.clone() }), ["rackers"]);
    assert_eq!(list(&db, &PageRequest { state: Some("'".into()), ..users }), Vec::<String>::new());
}

fn a_noun_that_changed_meanwhile_is_neither_updated_nor_deleted(place: &Place) {
    let db = place.node();
    let first = create(&db, user(1, "alice")).unwrap();
    let second = update(&db, &first, first.value.clone().suspend().unwrap()).unwrap();

    for error in [
        update(&db, &first, first.value.clone()).unwrap_err(),
        delete(&db, &first).unwrap_err(),
        update(&db, &Versioned { version: 3, ..second.clone() }, second.value.clone()).unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Stale { table: "user", .. }), "{error}");
    }
    let stands = find::<User>(&db, first.id).unwrap();
    assert_eq!((stands.version, stands.state), (2, UserState::Suspended));
    assert_eq!(db.feed().len(), 2);

    delete(&db, &second).unwrap();
    let error = delete(&db, &second).unwrap_err();
    assert!(matches!(error, StoreError::Stale { .. }), "{error}");
}

fn a_taken_key_is_refused_and_the_transaction_goes_on(place: &Place) {
    let db = place.node();
    let ops = create(&db, group(1, "ops")).unwrap();
    let dev = create(&db, group(2, "dev")).unwrap();
    let names = db
        .run(move |tx| {
            let same_key = tx.create(group(3, " OPS ")).err();
            let same_id = tx.create(group(1, "sre")).err();
            let renamed = tx.update(&dev, Group { name: "Ops".into(), ..dev.value.clone() }).err();
            let alias = [tx.put_alias("mail", "x", "a").err(), tx.put_alias("mail", "x", "b").err()];
            // Any refusal would have ended PostgreSQL's transaction, had it been an error there.
            let created = tx.create(group(4, "qa"))?;
            tx.record(created, "create", &stamp());
            let [fresh, taken] = alias;
            assert!(fresh.is_none());
            Ok([same_key, same_id, renamed, taken].map(|error| match error {
                Some(StoreError::Taken { table, key }) => format!("{table} {key}"),
                other => panic!("{other:?}"),
            }))
        })
        .unwrap();
    assert_eq!(names, ["group ops", "group sre", "group ops", "alias mail"]);
    assert_eq!(search(&db, ""), ["dev", "ops", "qa"]);
    assert_eq!(find::<Group>(&db, ops.id), Some(ops.clone()));
    // Its own key is not taken.
    update(&db, &ops, Group { name: "OPS".into(), ..ops.value.clone() }).unwrap();
}

fn an_update_keeps_the_id(place: &Place) {
    let db = place.node();
    let ops = create(&db, group(1, "ops")).unwrap();
    let error = update(&db, &ops, group(2, "ops")).unwrap_err();
    assert!(matches!(error, StoreError::BadRow { table: "group", .. }), "{error}");
    assert_eq!(find::<Group>(&db, ops.id), Some(ops));
}

fn a_deleted_noun_leaves_nothing_behind(place: &Place) {
    let db = place.node();
    let ops = create(&db, group(1, "ops")).unwrap();
    let (id, kept) = (ops.id.to_string(), samples::group_id(2).to_string());
    let session = samples::session(1, 1);
    let (owner, stays) = (id.clone(), kept.clone());
    db.run(move |tx| {
        for other in [&owner, &stays] {
            tx.put_edge(Edge::Member, other, "usr_1")?;
            tx.put_edge(Edge::Member, "grp_9", other)?;
            tx.put_edge(Edge::BindingSubject, "bnd_1", other)?;
            tx.put_alias("name", &format!("alias of {other}"), other)?;
            tx.put_secret(other, "key", b"\x00\xff")?;
            tx.raise_counter(other, "totp", 7)?;
            tx.put_run_event(other, 1, "{}")?;
            tx.put_device_status(other, &crate::DeviceStatus { n: 4, ..Default::default() })?;
        }
        tx.put_session(&session)
    })
    .unwrap();
    delete(&db, &ops).unwrap();

    db.read_blocking(|reader| -> Result<(), StoreError> {
        for (owner, left) in [(&id, 0), (&kept, 1)] {
            assert_eq!(reader.rights_of(Edge::Member, owner)?.len(), left);
            assert_eq!(reader.lefts_of(Edge::Member, owner)?.len(), left);
            assert_eq!(reader.lefts_of(Edge::BindingSubject, owner)?.len(), left);
            assert_eq!(reader.aliases_of(owner, "name")?.len(), left);
            assert_eq!(reader.find_alias("name", &format!("alias of {owner}"))?.is_some(), left == 1);
            assert_eq!(reader.find_secret(owner, "key")?.is_some(), left == 1);
            assert_eq!(reader.counter(owner, "totp")?.is_some(), left == 1);
            assert_eq!(reader.run_events(owner, 0, 9)?.len(), left);
            assert_eq!(reader.device_status(owner)?.n != 0, left == 1);
        }
        Ok(())
    })
    .unwrap();
}

fn a_damaged_row_names_its_noun_and_id(place: &Place) {
    let db = place.node();
    let alice = create(&db, user(1, "alice")).unwrap();
    create(&db, user(2, "bob")).unwrap();
    let id = alice.id.to_string();
    let other = serde_json::to_string(&user(3, "carol")).unwrap();
    for (doc, reason) in [
        ("", "EOF"),
        ("{\"id\":7", "invalid type"),
        ("null", "invalid type"),
        (other.as_str(), "it holds another id"),
    ] {
        place
            .connection()
            .execute("UPDATE app_user SET doc = $2 WHERE id = $1", &[(&id).into(), doc.into()])
            .unwrap();
        // A new one: of a file of its own a node does not expect that others write to it.
        let errors = place
            .node()
            .read_blocking(|reader| -> Result<_, StoreError> {
                Ok([
                    reader.find::<User>(alice.id).map(|_| ()).unwrap_err(),
                    reader.find_by_key::<User>("alice").map(|_| ()).unwrap_err(),
                    reader.list_all::<User>().map(|_| ()).unwrap_err(),
                ])
            })
            .unwrap();
        for error in errors {
            let text = error.to_string();
            assert!(text.starts_with(&format!("user: row `{id}` is damaged: ")), "{text}");
            assert!(text.contains(reason), "{text}");
        }
    }
    assert!(find::<User>(&db, samples::user_id(2)).is_some(), "the others are not touched by it");
}

/// Programs may fold names differently from one version to the next; the stored keys are what they are.
fn a_key_from_another_time_does_not_lead_a_listing_astray(place: &Place) {
    let db = place.node();
    for n in 1..=4 {
        create(&db, nth(n)).unwrap();
    }
    place
        .connection()
        .execute(
            "UPDATE app_group SET key = 'group 000002b' WHERE id = $1",
            &[(&nth(1).id.to_string()).into()],
        )
        .unwrap();
    let mut request = PageRequest { limit: 1, ..PageRequest::default() };
    let mut seen = Vec::new();
    while let Some(next) = {
        let page = db.read_blocking(|reader| reader.list::<Group>(&request)).unwrap();
        seen.extend(page.items.into_iter().map(|item| item.value.name));
        page.next
    } {
        request.after = next;
        assert!(seen.len() < 9, "the listing does not end: {seen:?}");
    }
    assert_eq!(seen, [2, 1, 3, 4].map(|n| nth(n).name));
}

fn text_that_cannot_be_stored_is_refused(place: &Place) {
    let db = place.node();
    let error = create(&db, group(1, "a\0b")).unwrap_err();
    assert_eq!(error.to_string(), "database: text holds the character U+0000");
    assert_eq!(db.feed(), []);
    assert_eq!(find::<Group>(&db, samples::group_id(1)), None);
}

#[test]
fn keys_are_compared_by_bytes_whatever_the_database_is_set_to() {
    let options = "LOCALE_PROVIDER icu ICU_LOCALE 'de' LC_COLLATE 'C' LC_CTYPE 'C'";
    if let Some(place) = Place::postgres_with(options) {
        a_listing_pages_in_the_order_of_keys(&place);
    }
}
