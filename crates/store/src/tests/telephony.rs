//! The log of texts and calls: in order, searched, summed, and swept.

use sallyport_model::{
    id::TelephonyRecordId,
    telephony::{TelephonyContext, TelephonyKind, TelephonyRecord, TelephonyState},
};
use uuid::Uuid;

use super::{
    Place, on_both_engines,
    samples::{NOW, user_id},
};
use crate::{Db, telephony::TelephonySum};

on_both_engines!(a_log_is_read_either_way_searched_summed_and_swept);

fn id(n: u128) -> TelephonyRecordId {
    TelephonyRecordId::new(Uuid::from_u128(n))
}

fn record(n: u128, name: &str, price: u32) -> TelephonyRecord {
    TelephonyRecord {
        id: id(n),
        at: NOW,
        kind: TelephonyKind::Text,
        context: TelephonyContext::SignIn,
        user: user_id(1),
        name: name.into(),
        number: format!("+4930123456{n}"),
        price,
        sign_in: None,
        state: TelephonyState::Sending,
    }
}

fn of(found: Vec<TelephonyRecord>) -> Vec<String> {
    found.into_iter().map(|record| record.name).collect()
}

fn listed(db: &Db, before: Option<u128>, text: &'static str, limit: i64) -> Vec<String> {
    of(db.read_blocking(move |reader| reader.list_telephony(before.map(id), text, limit)).unwrap())
}

fn a_log_is_read_either_way_searched_summed_and_swept(place: &Place) {
    let db = place.node();
    let sum = |first, end| db.read_blocking(move |reader| reader.sum_telephony(id(first), id(end))).unwrap();
    assert_eq!(sum(0, 9), TelephonySum::default());
    for record in [record(1, "ada", 10), record(3, "olga", 20), record(2, "ada", 0)] {
        db.run(move |tx| tx.put_telephony(&record)).unwrap();
    }
    assert_eq!(listed(&db, None, "", 9), ["olga", "ada", "ada"]);
    assert_eq!(
        (listed(&db, Some(3), "", 1), listed(&db, None, "Olga", 9)),
        (vec!["ada".into()], vec!["olga".into()])
    );
    assert_eq!((listed(&db, None, "301234562", 9).len(), listed(&db, None, "%", 9).len()), (1, 0));
    let between = |newest_first| {
        of(db.read_blocking(move |reader| reader.telephony_between(id(2), id(4), newest_first, 9)).unwrap())
    };
    assert_eq!(
        (between(true), between(false)),
        (vec!["olga".into(), "ada".into()], vec!["ada".into(), "olga".into()])
    );
    assert_eq!(
        (sum(0, 9), sum(2, 4)),
        (TelephonySum { count: 3, price: 30 }, TelephonySum { count: 2, price: 20 })
    );
    db.run(|tx| tx.settle_telephony(id(3), TelephonyState::Failed)).unwrap();
    db.run(|tx| tx.settle_telephony(id(7), TelephonyState::Failed)).unwrap();
    assert_eq!(
        (listed(&db, None, "failed", 9), listed(&db, None, "sending", 9).len()),
        (vec!["olga".into()], 2)
    );
    db.run(|tx| tx.sweep_telephony(id(3))).unwrap();
    assert_eq!((listed(&db, None, "", 9), sum(0, 9).price), (vec!["olga".into()], 20));
    assert_eq!(db.feed(), []);
}
