use std::collections::BTreeSet;

use sallyport_api::rest::{CreateCommand, CreateUser, DeviceAction, UserAction};
use sallyport_model::{GroupKind, Role, RunState, UserState, id::UserId};

use super::*;
use crate::{
    Caller, Ctx, command,
    device::fleet::DevicesWanted,
    listing::Wanted,
    run::{self, RunFilter},
    testing::{self, TestOrg},
    user::{self, people::PeopleWanted},
};

async fn person(test: &TestOrg, name: &str, active: bool) -> UserId {
    let input = CreateUser { name: name.into(), active, ..CreateUser::default() };
    user::create(&test.system(), input).await.unwrap().id
}

fn named(names: &[&str]) -> Vec<Target> {
    names.iter().map(|name| Target::new(*name)).collect()
}

fn work(action: UserAction) -> UserWork {
    UserWork { action, group: Some("staff".into()) }
}

async fn state(ctx: &Ctx, name: &str) -> UserState {
    user::resolve(ctx, name).await.unwrap().state
}

/// The outcomes with their reasons, and how many there were.
fn told(report: &BulkReport) -> Vec<(&str, bool, &str)> {
    assert_eq!(report.done + report.left_out, report.rows.len());
    let told = |row| {
        let BulkRow { name, outcome, detail, .. }: &BulkRow = row;
        (name.as_str(), *outcome == BulkOutcome::Done, detail.as_str())
    };
    report.rows.iter().map(told).collect()
}

#[tokio::test]
async fn a_preview_says_what_is_done_then_and_changes_nothing() {
    let test = testing::org().await;
    for (name, active) in [("ada", true), ("bob", true), ("cleo", false)] {
        person(&test, name, active).await;
    }
    let ctx = test.system();
    let owner = person(&test, "olga", true).await;
    user::set_roles(&ctx, owner, BTreeSet::from([Role::Owner])).await.unwrap();
    let admin = person(&test, "adam", true).await;
    user::set_roles(&ctx, admin, BTreeSet::from([Role::Administrator])).await.unwrap();
    user::suspend(&ctx, user::resolve(&ctx, "bob").await.unwrap().id).await.unwrap();
    let adam = test.person(admin, &[Role::Administrator]);
    let whom = || named(&["ada", "bob", "olga", "adam", "ADA", "nobody", "ada"]);
    let preview = users(&adam, work(UserAction::Suspend), whom(), true).await.unwrap();
    let expected = [
        ("ada", true, "no door opens for them"),
        ("bob", false, "user `bob` is suspended and cannot be suspended"),
        ("olga", false, "this is above your own rights"),
        ("adam", false, "that is you"),
    ];
    assert_eq!(told(&preview)[..1], expected[..1]);
    for (told, expected) in told(&preview).iter().zip(expected) {
        assert_eq!((told.0, told.1), (expected.0, expected.1), "{told:?}");
    }
    assert_eq!(told(&preview)[3].2, "that is you");
    assert!(told(&preview)[5].2.contains("nobody"), "{preview:?}");
    assert!(preview.dry_run);
    assert_eq!(state(&ctx, "ada").await, UserState::Active);
    let done = users(&adam, work(UserAction::Suspend), named(&["ada", "bob", "olga"]), false).await.unwrap();
    assert_eq!((done.done, done.left_out, done.dry_run), (1, 2, false));
    assert_eq!(state(&ctx, "ada").await, UserState::Suspended);
    assert_eq!(state(&ctx, "olga").await, UserState::Active);
}

#[tokio::test]
async fn one_that_is_refused_spoils_no_other_and_the_last_owner_stays() {
    let test = testing::org().await;
    let ctx = test.system();
    let mut names = Vec::new();
    for n in 0..60 {
        names.push(format!("user{n:02}"));
        person(&test, &format!("user{n:02}"), true).await;
    }
    for name in ["user10", "user59"] {
        let id = user::resolve(&ctx, name).await.unwrap().id;
        user::set_roles(&ctx, id, BTreeSet::from([Role::Owner])).await.unwrap();
    }
    let targets = names.iter().map(Target::new).collect();
    let done = users(&ctx, work(UserAction::Suspend), targets, false).await.unwrap();
    assert_eq!((done.done, done.left_out), (59, 1));
    let left = done.rows.iter().find(|row| row.outcome == BulkOutcome::LeftOut).unwrap();
    assert_eq!(left.name, "user59");
    assert_eq!(state(&ctx, "user59").await, UserState::Active);
    // What was done is taken back for those to whom nothing else happened since.
    let again = user::resolve(&ctx, "user03").await.unwrap().id;
    user::activate(&ctx, again).await.unwrap();
    user::suspend(&ctx, again).await.unwrap();
    let targets = done.rows.iter().filter(|row| row.version.is_some());
    let targets = targets.map(|row| Target { given: row.id.clone(), version: row.version }).collect();
    let undone = users(&ctx, work(UserAction::Activate), targets, false).await.unwrap();
    assert_eq!((undone.done, undone.left_out), (58, 1));
    let left: Vec<_> = told(&undone).into_iter().filter(|(_, done, _)| !done).collect();
    assert_eq!(left, [("user03", false, "it has changed since")]);
}

#[tokio::test]
async fn many_join_and_leave_a_group_and_those_never_let_in_are_deleted() {
    let test = testing::org().await;
    let ctx = test.system();
    for (name, active) in [("ada", true), ("bob", false)] {
        person(&test, name, active).await;
    }
    test.group("staff", GroupKind::Users).await;
    let both = || named(&["ada", "bob"]);
    let all = async |action| {
        let report = users(&ctx, work(action), both(), false).await.unwrap();
        (report.done, report.left_out)
    };
    assert_eq!(all(UserAction::AddToGroup).await, (2, 0));
    assert_eq!(all(UserAction::AddToGroup).await, (0, 2));
    let wanted = PeopleWanted { group: Some("staff".into()), ..PeopleWanted::default() };
    assert_eq!(users_that_fit(&ctx, wanted.clone()).await.unwrap().len(), 2);
    assert_eq!(all(UserAction::RemoveFromGroup).await, (2, 0));
    assert!(users_that_fit(&ctx, wanted).await.unwrap().is_empty());
    assert_eq!(all(UserAction::EndSessions).await, (2, 0));
    assert_eq!(all(UserAction::Delete).await, (1, 1));
    assert!(user::resolve(&ctx, "bob").await.is_err());
    let nowhere = UserWork { action: UserAction::AddToGroup, group: Some("nowhere".into()) };
    assert!(matches!(users(&ctx, nowhere, both(), true).await, Err(AppError::NotFound { .. })));
    let unsaid = UserWork { action: UserAction::AddToGroup, group: None };
    assert!(matches!(users(&ctx, unsaid, both(), true).await, Err(AppError::Invalid { .. })));
}

#[tokio::test]
async fn nobody_and_too_many_are_refused_and_so_is_whoever_may_not() {
    let test = testing::org().await;
    let ctx = test.system();
    assert!(users(&ctx, work(UserAction::Suspend), Vec::new(), true).await.is_err());
    let many = (0..=MOST).map(|n| Target::new(n.to_string())).collect();
    let Err(AppError::Conflict(words)) = users(&ctx, work(UserAction::Suspend), many, true).await else {
        panic!("not refused");
    };
    assert!(words.to_string().contains("5001 users are too many"), "{words}");
    let auditor = test.person(person(&test, "ada", true).await, &[Role::Auditor]);
    let refused = users(&auditor, work(UserAction::Suspend), named(&["ada"]), true).await;
    assert!(matches!(refused, Err(AppError::Denied(_))));
    let nobody = ctx.with_caller(Caller::Nobody);
    assert!(users_that_fit(&nobody, PeopleWanted::default()).await.is_err());
    assert!(devices_that_fit(&nobody, DevicesWanted::default()).await.is_err());
}

#[tokio::test]
async fn devices_are_admitted_run_a_command_and_are_revoked_together() {
    let test = testing::org().await;
    let ctx = test.system();
    for name in ["desk-1", "desk-2"] {
        test.active_device(name).await;
    }
    let waiting = test.enroll("desk-3", &[]).await.unwrap().device;
    test.group("desks", GroupKind::Devices).await;
    let hello = r#"{ "name": "hello", "interpreter": "sh", "body": "true" }"#;
    let hello: CreateCommand = serde_json::from_str(hello).unwrap();
    command::create(&ctx, hello).await.unwrap();
    let all = || named(&["desk-1", "desk-2", "desk-3"]);
    let work = |action| DeviceWork { action, group: Some("desks".into()), command: Some("hello".into()) };
    let preview = devices(&ctx, work(DeviceAction::Run), all(), true).await.unwrap();
    assert_eq!((preview.done, preview.left_out), (2, 1));
    let launched =
        async || run::list(&ctx, RunFilter { limit: 9, ..RunFilter::default() }).await.unwrap().items;
    assert!(launched().await.is_empty());
    devices(&ctx, work(DeviceAction::Run), all(), false).await.unwrap();
    assert_eq!(launched().await.iter().filter(|run| run.state == RunState::Queued).count(), 2);
    let report = devices(&ctx, work(DeviceAction::Admit), all(), false).await.unwrap();
    assert_eq!((report.done, report.rows[2].id.as_str()), (1, waiting.id.to_string().as_str()));
    assert_eq!(devices(&ctx, work(DeviceAction::AddToGroup), all(), false).await.unwrap().done, 3);
    let list = Wanted { text: "DESK".into(), ..Wanted::default() };
    let wanted = DevicesWanted { list, group: Some("desks".into()), connected: Some(false) };
    assert_eq!(devices_that_fit(&ctx, wanted).await.unwrap().len(), 3);
    assert_eq!(devices(&ctx, work(DeviceAction::RemoveFromGroup), all(), false).await.unwrap().done, 3);
    assert_eq!(devices(&ctx, work(DeviceAction::Revoke), all(), false).await.unwrap().done, 3);
    assert_eq!(devices(&ctx, work(DeviceAction::Revoke), all(), true).await.unwrap().left_out, 3);
}
