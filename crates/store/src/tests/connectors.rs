//! What connectors know and did: kept by connector, and gone with it.

use sallyport_model::{
    connector::{
        ExportCounts, ExportOutcome, ExportRun, ExportRunKind, ExportRunState, ExportStep, ExportStepKind,
    },
    id::{ConnectorId, ExportRunId},
};
use uuid::Uuid;

use super::{Place, on_both_engines, samples::NOW};
use crate::Db;

on_both_engines!(
    links_and_standing_are_each_connectors_own,
    who_is_looked_at_is_clean_unless_something_came_after,
    only_the_newest_runs_are_kept_with_their_steps,
);

fn connector(n: u128) -> ConnectorId {
    ConnectorId::new(Uuid::from_u128(n))
}

fn run(n: u128, of: ConnectorId) -> ExportRun {
    ExportRun {
        id: ExportRunId::new(Uuid::from_u128(n)),
        connector: of,
        kind: ExportRunKind::Full,
        by: None,
        state: ExportRunState::Done,
        started: NOW,
        ended: Some(NOW),
        reason: String::new(),
        counts: ExportCounts::default(),
    }
}

fn links(db: &Db, of: ConnectorId) -> Vec<(String, String)> {
    db.read_blocking(|reader| reader.connector_links(of)).unwrap()
}

fn links_and_standing_are_each_connectors_own(place: &Place) {
    let db = place.node();
    let (one, other) = (connector(1), connector(2));
    db.run(move |tx| tx.put_connector_link(one, "usr_1", &"a")).unwrap();
    db.run(move |tx| tx.put_connector_link(one, "usr_1", &"b")).unwrap();
    db.run(move |tx| tx.put_connector_link(one, "usr_2", &"c")).unwrap();
    db.run(move |tx| tx.put_connector_link(other, "usr_1", &"d")).unwrap();
    assert_eq!(links(&db, one), [("usr_1".into(), "b".into()), ("usr_2".into(), "c".into())]);
    db.run(move |tx| tx.delete_connector_link(one, "usr_1")).unwrap();
    db.run(move |tx| tx.put_connector_standing(one, &7_i64)).unwrap();
    let standing = |of| db.read_blocking(|reader| reader.connector_standing::<i64>(of)).unwrap();
    assert_eq!((standing(one), standing(other)), (7, 0));
    db.run(move |tx| tx.forget_connector(one)).unwrap();
    assert_eq!((links(&db, one), links(&db, other).len(), standing(one)), (Vec::new(), 1, 0));
}

fn who_is_looked_at_is_clean_unless_something_came_after(place: &Place) {
    let db = place.node();
    let one = connector(1);
    for (subject, seq) in [("usr_1", 4), ("usr_2", 5), ("usr_1", 9), ("usr_3", 6)] {
        db.run(move |tx| tx.mark_dirty(one, subject, seq)).unwrap();
    }
    let dirty = || db.read_blocking(|reader| reader.dirty(one, 10)).unwrap();
    assert_eq!(dirty(), [("usr_2".into(), 5), ("usr_3".into(), 6), ("usr_1".into(), 9)]);
    db.run(move |tx| tx.clean(one, "usr_1", 4)).unwrap();
    db.run(move |tx| tx.clean(one, "usr_2", 5)).unwrap();
    assert_eq!(dirty(), [("usr_3".into(), 6), ("usr_1".into(), 9)]);
    db.run(move |tx| tx.clean_all(one, 6)).unwrap();
    assert_eq!(dirty(), [("usr_1".into(), 9)]);
}

fn only_the_newest_runs_are_kept_with_their_steps(place: &Place) {
    let db = place.node();
    let (one, other) = (connector(1), connector(2));
    let step = ExportStep {
        subject: "usr_1".into(),
        label: "alice".into(),
        kind: ExportStepKind::Create,
        text: "create alice".into(),
        corrects: false,
        outcome: ExportOutcome::Failed { why: "no".into() },
    };
    for n in 1..=4 {
        let step = step.clone();
        db.run(move |tx| {
            tx.put_export_run(&run(n, if n == 1 { other } else { one }))?;
            tx.put_export_step(ExportRunId::new(Uuid::from_u128(n)), 0, &step)
        })
        .unwrap();
    }
    db.run(move |tx| tx.keep_export_runs(one, 2)).unwrap();
    let runs = |of, before| db.read_blocking(|reader| reader.export_runs(of, before, 10)).unwrap();
    assert_eq!(runs(one, None), [run(4, one), run(3, one)]);
    assert_eq!(runs(one, Some(run(4, one).id)), [run(3, one)]);
    assert_eq!(runs(other, None), [run(1, other)]);
    let steps = |n| {
        let id = ExportRunId::new(Uuid::from_u128(n));
        db.read_blocking(|reader| reader.export_steps(id, -1, 10)).unwrap().len()
    };
    assert_eq!([steps(1), steps(2), steps(3)], [1, 0, 1]);
    let found = db.read_blocking(|reader| reader.find_export_run(run(2, one).id)).unwrap();
    assert_eq!(found, None);
}
