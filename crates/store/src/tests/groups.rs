//! Who is in a group through how many others, whatever the groups look like.

use std::collections::BTreeSet;

use super::{Place, on_both_engines};
use crate::{Db, Edge};

on_both_engines!(
    members_are_found_through_groups_in_groups,
    a_cycle_of_groups_ends,
    nesting_is_followed_64_deep,
    edges_of_one_kind_are_not_edges_of_another,
    a_secret_is_replaced_and_removed,
);

fn join(db: &Db, pairs: &[(&str, &str)]) {
    let pairs: Vec<(String, String)> = pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
    db.run(move |tx| {
        for (group, member) in &pairs {
            tx.put_edge(Edge::Member, group, member)?;
        }
        Ok(())
    })
    .unwrap();
}

fn within(db: &Db, group: &str) -> Vec<String> {
    ids(db.read_blocking(|reader| reader.members_within(group)).unwrap())
}

fn has_user(db: &Db, group: &str) -> bool {
    db.read_blocking(|reader| reader.has_user_within(group)).unwrap()
}

fn around(db: &Db, member: &str) -> Vec<String> {
    ids(db.read_blocking(|reader| reader.groups_around(member)).unwrap())
}

fn ids(found: BTreeSet<String>) -> Vec<String> {
    found.into_iter().collect()
}

fn members_are_found_through_groups_in_groups(place: &Place) {
    let db = place.node();
    join(
        &db,
        &[
            ("grp_all", "grp_eng"),
            ("grp_all", "grp_ops"),
            ("grp_all", "usr_1"),
            ("grp_eng", "usr_2"),
            ("grp_eng", "grp_web"),
            ("grp_ops", "grp_web"),
            ("grp_web", "usr_3"),
            ("grp_rack", "dev_1"),
        ],
    );
    assert_eq!(within(&db, "grp_all"), ["grp_eng", "grp_ops", "grp_web", "usr_1", "usr_2", "usr_3"]);
    assert_eq!(within(&db, "grp_web"), ["usr_3"]);
    assert_eq!(within(&db, "grp_none"), Vec::<String>::new());
    assert!(has_user(&db, "grp_all") && has_user(&db, "grp_ops"));
    assert!(!has_user(&db, "grp_rack") && !has_user(&db, "grp_none"));
    assert_eq!(around(&db, "usr_3"), ["grp_all", "grp_eng", "grp_ops", "grp_web"]);
    assert_eq!(around(&db, "dev_1"), ["grp_rack"]);
    assert_eq!(around(&db, "grp_all"), Vec::<String>::new());
}

fn a_cycle_of_groups_ends(place: &Place) {
    let db = place.node();
    join(
        &db,
        &[
            ("grp_a", "grp_b"),
            ("grp_b", "grp_c"),
            ("grp_c", "grp_a"),
            ("grp_c", "usr_1"),
            ("grp_self", "grp_self"),
        ],
    );
    assert_eq!(within(&db, "grp_a"), ["grp_a", "grp_b", "grp_c", "usr_1"]);
    assert_eq!(around(&db, "usr_1"), ["grp_a", "grp_b", "grp_c"]);
    assert_eq!(within(&db, "grp_self"), ["grp_self"]);
    assert!(has_user(&db, "grp_a") && !has_user(&db, "grp_self"));
    assert_eq!(around(&db, "grp_self"), ["grp_self"]);
}

fn nesting_is_followed_64_deep(place: &Place) {
    let db = place.node();
    let name = |n: usize| format!("grp_{n:03}");
    let chain: Vec<(String, String)> = (0..100).map(|n| (name(n), name(n + 1))).collect();
    let pairs: Vec<(&str, &str)> = chain.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    join(&db, &pairs);
    assert_eq!(within(&db, &name(0)), (1..=64).map(name).collect::<Vec<_>>());
    assert_eq!(around(&db, &name(100)), (36..100).map(name).collect::<Vec<_>>());
}

fn edges_of_one_kind_are_not_edges_of_another(place: &Place) {
    let db = place.node();
    let kinds = [
        Edge::BindingSubject,
        Edge::BindingTarget,
        Edge::Member,
        Edge::UserFactor,
        Edge::DeviceRun,
        Edge::CommandRun,
    ];
    for (n, edge) in kinds.into_iter().enumerate() {
        for (right, fresh) in [(format!("b{n}"), true), (format!("a{n}"), true), (format!("b{n}"), false)] {
            assert_eq!(db.run(move |tx| tx.put_edge(edge, "left", &right)).unwrap(), fresh);
        }
    }
    for (n, edge) in kinds.into_iter().enumerate() {
        let rights = db.read_blocking(|reader| reader.rights_of(edge, "left")).unwrap();
        assert_eq!(rights, [format!("a{n}"), format!("b{n}")]);
        let lefts = |right: &str| db.read_blocking(|reader| reader.lefts_of(edge, right)).unwrap();
        assert_eq!(lefts(&format!("a{n}")), ["left"]);
        assert_eq!(lefts("left"), Vec::<String>::new());
    }
}

fn a_secret_is_replaced_and_removed(place: &Place) {
    let db = place.node();
    let find = |purpose: &str| db.read_blocking(|reader| reader.find_secret("usr_1", purpose)).unwrap();
    let every_byte: Vec<u8> = (0..=255).collect();
    for value in [vec![], every_byte.clone()] {
        let put = value.clone();
        db.run(move |tx| tx.put_secret("usr_1", "key", &put)).unwrap();
        assert_eq!(find("key"), Some(value));
    }
    assert_eq!(find("other"), None);
    assert!(db.run(|tx| tx.delete_secret("usr_1", "key")).unwrap());
    assert!(!db.run(|tx| tx.delete_secret("usr_1", "key")).unwrap());
    assert_eq!(find("key"), None);
}
