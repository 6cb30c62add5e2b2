//! Every projection is idempotent and restartable: however it is fed, and wherever it is stopped, it ends where one ends
//! that was fed everything once.

use std::collections::BTreeSet;

use sallyport_crypto::Secret;
use sallyport_model::{Connector, Device, Run};

use super::*;
use crate::command;

/// Fewer than the changes of any chapter, so that every stop is in the middle of one.
const FEW: i64 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    AtOnce,
    /// Each change once more after the cursor passed it, as if the move of the cursor had been forgotten.
    EachTwice,
    /// Everything, and then everything again from the first change.
    FromTheStart,
    /// By a server that dies before each commit, and is started again after each.
    Interrupted,
}

/// What projections write, told by names: sessions, numbers of devices' states, runs, whom connectors look at, and mail
/// that waits.
async fn written(test: &TestOrg) -> BTreeSet<String> {
    test.system()
        .read(|reader| {
            let mut lines = BTreeSet::new();
            for user in reader.list_all::<User>()? {
                let sessions = reader.sessions_of(user.id)?;
                lines.extend(
                    sessions.iter().map(|session| format!("session {} of {}", session.hash, user.name)),
                );
            }
            let devices = reader.list_all::<Device>()?;
            for device in &devices {
                let StateVersion { epoch, n } =
                    desired::version(&reader.device_status(&device.id.to_string())?);
                lines.insert(format!("device {} at {epoch}.{n}", device.name));
            }
            let runs = reader.list_all::<Run>()?;
            lines.insert(format!("runs {}", runs.len()));
            for run in &runs {
                let device = devices.iter().find(|device| device.id == run.device).map(|device| &device.name);
                lines.insert(format!("run of {} on {device:?} is {:?}", run.command_name, run.state));
            }
            for connector in reader.list_all::<Connector>()? {
                let people = reader.dirty(connector.id, 100)?;
                lines.extend(people.iter().map(|(who, seq)| format!("{who} to look at since {seq}")));
            }
            lines.extend(notices::subjects(reader)?.into_iter().map(|subject| format!("mail `{subject}`")));
            Ok(lines)
        })
        .await
        .unwrap()
}

/// People and devices, two who signed in, and a command that waits for two devices. Something for everybody in it.
async fn first_chapter() -> TestOrg {
    let (test, alice) = house().await;
    let bob = user::resolve(&test.system(), "bob").await.unwrap().value;
    let sessions =
        [("old", &alice, 0), ("other", &bob, 0)].map(|(hash, user, epoch)| session(&test, hash, user, epoch));
    test.system()
        .write(move |tx| Ok(sessions.iter().try_for_each(|session| tx.put_session(session))?))
        .await
        .unwrap();
    let mails = Some(vec!["alice@example.com".to_owned()]);
    let reachable = sallyport_api::rest::UpdateUser { mails, ..Default::default() };
    user::update(&test.system(), alice.id, None, reachable).await.unwrap();
    let office = crate::mail::testing::Office::open().await;
    crate::mail::update(&test.system(), None, office.settings(), None).await.unwrap();
    user::set_password(&test.system(), alice.id, &Secret::from("gravel tulip hovercraft")).await.unwrap();
    crate::connector::tests::unreachable(&test).await;
    for name in ["c", "d"] {
        test.enroll(name, &[]).await.unwrap();
    }
    let hello = sallyport_api::rest::CreateCommand {
        trigger: Some(sallyport_model::Trigger::OnEnrollment),
        devices: vec!["c".into(), "d".into()],
        ..crate::run::tests::script("hello")
    };
    command::create(&test.system(), hello).await.unwrap();
    admit(&test, "c").await;
    test
}

/// The same again for other people and devices, behind where the projection has been.
async fn second_chapter(test: &TestOrg) {
    let bob = user::resolve(&test.system(), "bob").await.unwrap().id;
    user::suspend(&test.system(), bob).await.unwrap();
    let alice = user::resolve(&test.system(), "alice").await.unwrap().id;
    crate::factor::issue_bypass_codes(&test.system(), alice, 1, 3600).await.unwrap();
    test.bind("alice", "d").await;
    admit(test, "d").await;
}

async fn admit(test: &TestOrg, name: &str) {
    let device = device::resolve(&test.system(), name).await.unwrap().id;
    device::admit(&test.system(), device).await.unwrap();
}

async fn feed(test: &mut TestOrg, projection: Projection, way: Way) {
    match way {
        Way::AtOnce => while step(&test.org, projection, BATCH).await.unwrap().is_some() {},
        Way::EachTwice => loop {
            let next = next(test, projection, 1).await;
            if step(&test.org, projection, 1).await.unwrap().is_none() {
                break;
            }
            test.system().write(move |tx| (projection.apply)(tx, &next)).await.unwrap();
        },
        Way::FromTheStart => {
            while step(&test.org, projection, BATCH).await.unwrap().is_some() {}
            test.system().write(move |tx| Ok(tx.move_feed_cursor(projection.name, 0)?)).await.unwrap();
            while step(&test.org, projection, BATCH).await.unwrap().is_some() {}
        }
        Way::Interrupted => loop {
            let (next, before) = (next(test, projection, FEW).await, written(test).await);
            let system = test.system();
            let died = system.write(move |tx| {
                (projection.apply)(tx, &next)?;
                tx.move_feed_cursor(projection.name, i64::MAX)?;
                Err::<(), _>(AppError::Internal("the process ended".into()))
            });
            assert!(died.await.is_err());
            assert_eq!(written(test).await, before, "{}", projection.name);
            if step(&test.org, projection, FEW).await.unwrap().is_none() {
                break;
            }
            drop(system);
            test.restart();
        },
    }
}

/// What the projection will be fed.
async fn next(test: &TestOrg, projection: Projection, limit: i64) -> Vec<Change> {
    test.system()
        .read(move |reader| {
            let cursor = reader.feed_cursor(projection.name)?;
            Ok(reader.changes_after(cursor, limit)?)
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn every_projection_ends_in_the_same_place_however_it_is_fed() {
    for projection in PROJECTIONS {
        let mut once = None;
        for way in [Way::AtOnce, Way::EachTwice, Way::FromTheStart, Way::Interrupted] {
            let mut test = first_chapter().await;
            let mut ends = Vec::new();
            for chapter in 1..=2 {
                if chapter == 2 {
                    second_chapter(&test).await;
                }
                let before = written(&test).await;
                feed(&mut test, projection, way).await;
                let after = written(&test).await;
                assert_ne!(
                    before, after,
                    "the story has nothing for `{}`, or nobody looks at it",
                    projection.name
                );
                ends.push(after);
            }
            assert_eq!(&ends, once.get_or_insert_with(|| ends.clone()), "`{}`, fed {way:?}", projection.name);
        }
    }
}
