use std::collections::BTreeSet;

use sallyport_api::rest::{CreateGroup, CreateUser, UpdateUser};
use sallyport_model::{GroupKind, Role, id::UserId};
use uuid::Uuid;

use super::*;
use crate::{
    Caller, group,
    testing::{self, TestOrg},
    user,
};

async fn person(test: &TestOrg, name: &str, display_name: &str) -> UserId {
    let input = CreateUser {
        name: name.into(),
        display_name: (!display_name.is_empty()).then(|| display_name.into()),
        active: true,
        ..CreateUser::default()
    };
    user::create(&test.system(), input).await.unwrap().id
}

async fn group(test: &TestOrg, name: &str) {
    let input = CreateGroup { name: name.into(), description: String::new(), kind: GroupKind::Users };
    group::create(&test.system(), input).await.unwrap();
}

/// What is found, as `kind name`.
async fn found(ctx: &Ctx, text: &str, most: usize) -> Vec<String> {
    let found = search(ctx, text, most).await.unwrap();
    found.iter().flat_map(|of| of.hits.iter().map(|hit| format!("{:?} {}", of.kind, hit.name))).collect()
}

#[tokio::test]
async fn people_and_groups_are_found_by_what_they_are_called_now() {
    let test = testing::org().await;
    let ctx = test.system();
    let ada = person(&test, "ada", "Ada Lovelace").await;
    person(&test, "jada", "Jada Smith").await;
    group(&test, "Adalia").await;
    assert_eq!(found(&ctx, "ADA", 9).await, ["User ada", "User jada", "Group Adalia"]);
    assert_eq!(found(&ctx, "lovelace ada", 9).await, ["User ada"]);
    assert_eq!(found(&ctx, &ada.to_string(), 9).await, ["User ada"]);
    assert!(found(&ctx, "  ", 9).await.is_empty());

    // What changes afterwards is found under its new words and no more under the old.
    let update = UpdateUser { display_name: Some("Ada King".into()), ..UpdateUser::default() };
    user::update(&ctx, ada, None, update).await.unwrap();
    person(&test, "kingsley", "").await;
    assert_eq!(found(&ctx, "king", 9).await, ["User kingsley", "User ada"]);
    assert!(found(&ctx, "lovelace", 9).await.is_empty());
    let staged = CreateUser { name: "kingston".into(), ..CreateUser::default() };
    let staged = user::create(&ctx, staged).await.unwrap().id;
    assert_eq!(found(&ctx, "kingston", 9).await, ["User kingston"]);
    user::delete(&ctx, staged).await.unwrap();
    assert!(found(&ctx, "kingston", 9).await.is_empty());
}

#[tokio::test]
async fn another_node_finds_what_was_made_here() {
    let test = testing::org().await;
    if !test.has_nodes() {
        return;
    }
    let there = test.other_node();
    assert!(found(&there, "grace", 9).await.is_empty());
    person(&test, "grace", "").await;
    assert_eq!(found(&there, "grace", 9).await, ["User grace"]);
}

#[tokio::test]
async fn of_many_the_best_few_are_answered_and_that_there_are_more() {
    let test = testing::org().await;
    for n in 0..9 {
        person(&test, &format!("eve{n}"), "").await;
    }
    person(&test, "eve", "").await;
    let all = search(&test.system(), "eve", 3).await.unwrap();
    let names: Vec<_> = all[0].hits.iter().map(|hit| hit.name.as_str()).collect();
    assert_eq!((names, all[0].more), (vec!["eve", "eve0", "eve1"], true));
}

#[tokio::test]
async fn nobody_finds_what_they_may_not_read() {
    let test = testing::org().await;
    person(&test, "ada", "").await;
    let policy = sallyport_api::rest::CreatePolicy {
        name: "ada's".into(),
        sections: sallyport_model::policy::Sections::default(),
    };
    crate::policy::create(&test.system(), policy).await.unwrap();
    let as_role = |roles: &[Role]| {
        let (roles, id): (BTreeSet<_>, _) = (roles.iter().copied().collect(), UserId::new(Uuid::nil()));
        test.system().with_caller(Caller::Person { id, name: "somebody".into(), roles })
    };
    assert_eq!(found(&as_role(&[Role::Auditor]), "ada", 9).await, ["User ada", "Policy ada's"]);
    assert_eq!(found(&as_role(&[Role::HelpDesk]), "ada", 9).await, ["User ada"]);
    assert!(found(&as_role(&[]), "ada", 9).await.is_empty());
    assert!(found(&test.nobody(), "ada", 9).await.is_empty());
}
