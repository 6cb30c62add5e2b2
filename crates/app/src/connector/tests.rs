use sallyport_api::rest::{CreateGroup, CreateUser, GroupMember};
use sallyport_model::{ConnectorKind, GroupKind, Span};

use super::*;
use crate::{feed, group, testing, testing::TestOrg, user};

const SKEY: &str = "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep";

/// A connector that is on, to where nobody answers.
pub(crate) async fn unreachable(test: &TestOrg) -> ConnectorId {
    let ctx = test.system();
    let input = CreateConnector {
        name: "duo".into(),
        kind: ConnectorKind::DuoExport,
        host: "http://127.0.0.1:1".into(),
        ikey: "DIWJ8X6AEYOR5OMC6TQ1".into(),
    };
    let id = create(&ctx, input, &SKEY.into()).await.unwrap().connector.id;
    let on = UpdateConnector { enabled: Some(true), ..UpdateConnector::default() };
    update(&ctx, id, None, on, None).await.unwrap();
    id
}

async fn person(ctx: &Ctx, name: &str) -> String {
    let input = CreateUser { name: name.into(), active: true, ..CreateUser::default() };
    user::create(ctx, input).await.unwrap().id.to_string()
}

async fn team(ctx: &Ctx, name: &str) -> GroupId {
    let (description, kind) = (String::new(), GroupKind::Users);
    group::create(ctx, CreateGroup { name: name.into(), description, kind }).await.unwrap().id
}

/// Whom the projection has the connector look at.
async fn marked(test: &TestOrg, id: ConnectorId) -> Vec<String> {
    feed::catch_up(&test.org).await.unwrap();
    let dirty = test.system().read(move |reader| Ok(reader.dirty(id, 100)?)).await.unwrap();
    dirty.into_iter().map(|(subject, _)| subject).collect()
}

async fn standing(test: &TestOrg, id: ConnectorId) -> Standing {
    show(&test.system(), id).await.unwrap().standing
}

/// As if everybody had been compared just now.
async fn compared(test: &TestOrg, id: ConnectorId) {
    let ctx = test.system();
    let done = ctx.write(move |tx| {
        let now = tx.ctx.now;
        tx.clean_all(id, i64::MAX)?;
        tx.restand(id, |standing| standing.succeeded(true, false, now))
    });
    done.await.unwrap();
}

#[tokio::test]
async fn the_feed_says_whom_a_change_reached() {
    let test = testing::org().await;
    let (ctx, id) = (test.system(), unreachable(&test).await);
    let ada = person(&ctx, "ada").await;
    let (staff, all) = (team(&ctx, "staff").await, team(&ctx, "all").await);
    assert_eq!(marked(&test, id).await, std::slice::from_ref(&ada));
    compared(&test, id).await;

    let member = |user: &str| GroupMember { user: Some(user.into()), ..GroupMember::default() };
    group::add_member(&ctx, staff, member("ada")).await.unwrap();
    assert_eq!(marked(&test, id).await, std::slice::from_ref(&ada));
    compared(&test, id).await;
    // A group within a group moves more than can be said here.
    let nested = GroupMember { group: Some("staff".into()), ..GroupMember::default() };
    group::add_member(&ctx, all, nested).await.unwrap();
    assert_eq!((marked(&test, id).await, standing(&test, id).await.full_due.0), (Vec::new(), 0));
    compared(&test, id).await;

    user::suspend(&ctx, ada.parse().unwrap()).await.unwrap();
    assert_eq!(marked(&test, id).await, std::slice::from_ref(&ada));
    // One that is off is told nothing, and compares everybody when it is switched on.
    let switch = |on| UpdateConnector { enabled: Some(on), ..UpdateConnector::default() };
    update(&ctx, id, None, switch(false), None).await.unwrap();
    compared(&test, id).await;
    user::activate(&ctx, ada.parse().unwrap()).await.unwrap();
    assert_eq!(marked(&test, id).await, Vec::<String>::new());
    update(&ctx, id, None, switch(true), None).await.unwrap();
    assert_eq!(standing(&test, id).await.full_due.0, 0);
}

#[tokio::test]
async fn where_nobody_answers_is_tried_again_later_each_time_and_nothing_is_lost() {
    let test = testing::org().await;
    let (ctx, id) = (test.system(), unreachable(&test).await);
    let ada = person(&ctx, "ada").await;
    let refused = catch_up(&test.org).await.unwrap_err().to_string();
    assert!(refused.contains("not reached"), "{refused}");
    assert_eq!(standing(&test, id).await.problem, Some(refused));
    // Not before its time, whatever changes.
    catch_up(&test.org).await.unwrap();
    for wait in [30, 60, 120] {
        test.clock.advance(Span::seconds(wait - 1));
        catch_up(&test.org).await.unwrap();
        test.clock.advance(Span::seconds(1));
        catch_up(&test.org).await.unwrap_err();
    }
    assert_eq!(marked(&test, id).await, [ada]);
    let (runs, _) = runs(&ctx, id, None, 10).await.unwrap();
    assert_eq!(runs.len(), 1, "the same trouble is noted once");
    assert_eq!(runs.first().map(|run| run.state), Some(ExportRunState::Failed));
}

#[tokio::test]
async fn a_run_is_released_while_it_waits_and_is_the_newest() {
    let test = testing::org().await;
    let (ctx, id) = (test.system(), unreachable(&test).await);
    let mut runs = Vec::new();
    for state in [ExportRunState::Done, ExportRunState::Held, ExportRunState::Previewed] {
        test.clock.advance(Span::seconds(1));
        let ctx = test.system();
        let run = ExportRun {
            id: ctx.id(ExportRunId::new).unwrap(),
            connector: id,
            kind: ExportRunKind::Full,
            by: None,
            state,
            started: ctx.now,
            ended: Some(ctx.now),
            reason: String::new(),
            counts: Default::default(),
        };
        runs.push(run.id);
        ctx.write(move |tx| Ok(tx.put_export_run(&run)?)).await.unwrap();
    }
    let nobodys = ExportRunId::new(uuid::Uuid::from_u128(7));
    for refused in [runs[0], runs[1], nobodys] {
        assert!(release(&ctx, id, refused).await.is_err());
    }
    release(&ctx, id, runs[2]).await.unwrap();
    assert!(release(&ctx, id, runs[2]).await.is_err());
    let now = test.system().now;
    let standing = standing(&test, id).await;
    assert_eq!(standing.released(now), Some(runs[2]));
    assert_eq!(standing.released(now.plus(Span::days(1))), None, "somebody's word is good for a day");
}

#[tokio::test]
async fn nothing_of_a_deleted_connector_is_left_and_its_secret_was_never_in_the_open() {
    let test = testing::org().await;
    let (ctx, id) = (test.system(), unreachable(&test).await);
    person(&ctx, "ada").await;
    catch_up(&test.org).await.unwrap_err();
    let dump = test.dump();
    assert!(!dump.windows(SKEY.len()).any(|window| window == SKEY.as_bytes()));
    delete(&ctx, id, None).await.unwrap();
    assert_eq!(marked(&test, id).await, Vec::<String>::new());
    let left = ctx.read(move |reader| Ok(reader.export_runs(id, None, 10)?)).await.unwrap();
    assert_eq!(left, []);
    catch_up(&test.org).await.unwrap();
}
