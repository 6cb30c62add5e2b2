use sallyport_api::rest::UpdateGroup;
use sallyport_model::{Role, settings::SecondDoorPolicy};

use super::{nesting::DEEPEST, *};
use crate::{
    device::testing::{device_member, group_member, user_member},
    settings as org_settings, testing,
};

fn page() -> PageRequest {
    PageRequest { limit: 100, ..PageRequest::default() }
}

fn names(members: &Members) -> Vec<&str> {
    members.items.iter().map(|member| member.name.as_str()).collect()
}

#[tokio::test]
async fn a_circle_is_refused_and_its_path_is_named() {
    let test = testing::org().await;
    let (all, backend, database) = (
        test.group("All", GroupKind::Users).await,
        test.group("Backend", GroupKind::Users).await,
        test.group("Database", GroupKind::Users).await,
    );
    test.join(&all, group_member("backend")).await;
    test.join(&backend, group_member("database")).await;
    let refused = add_member(&test.system(), database.id, group_member("all")).await.unwrap_err();
    assert!(refused.to_string().contains("All > Backend > Database"), "{refused}");
    let itself = add_member(&test.system(), all.id, group_member("all")).await.unwrap_err();
    assert!(matches!(itself, AppError::Conflict(_)), "{itself:?}");
}

#[tokio::test]
async fn nesting_ends_before_anything_could_be_overlooked() {
    let test = testing::org().await;
    let mut inner = test.group("0", GroupKind::Users).await;
    for n in 1..DEEPEST {
        let outer = test.group(&n.to_string(), GroupKind::Users).await;
        test.join(&outer, group_member(&inner.name)).await;
        inner = outer;
    }
    let one_more = test.group("top", GroupKind::Users).await;
    let refused = add_member(&test.system(), one_more.id, group_member(&inner.name)).await.unwrap_err();
    assert!(refused.to_string().contains("deep"), "{refused}");
}

#[tokio::test]
async fn a_group_holds_one_kind_only() {
    let test = testing::org().await;
    let (people, machines) =
        (test.group("People", GroupKind::Users).await, test.group("Machines", GroupKind::Devices).await);
    test.user("alice").await;
    test.enroll("laptop", &[]).await.unwrap();
    for (group, member) in [
        (&people, device_member("laptop")),
        (&people, group_member("machines")),
        (&machines, user_member("alice")),
        (&machines, group_member("people")),
    ] {
        let refused = add_member(&test.system(), group.id, member).await.unwrap_err();
        assert!(matches!(refused, AppError::Conflict(_)), "{refused:?}");
    }
    for nothing in
        [GroupMember::default(), GroupMember { device: Some("laptop".into()), ..user_member("alice") }]
    {
        let refused = add_member(&test.system(), people.id, nothing).await.unwrap_err();
        assert!(matches!(refused, AppError::Invalid { field: "member", .. }), "{refused:?}");
    }
}

#[tokio::test]
async fn members_are_listed_with_names_directly_and_through_groups() {
    let test = testing::org().await;
    let (all, staff) =
        (test.group("All", GroupKind::Users).await, test.group("Staff", GroupKind::Users).await);
    let (alice, bob) = (test.user("alice").await, test.user("bob").await);
    test.join(&all, group_member("staff")).await;
    test.join(&all, user_member("bob")).await;
    test.join(&staff, user_member("alice")).await;

    let system = test.system();
    let direct = members(&system, all.id, page()).await.unwrap();
    assert_eq!(names(&direct), ["Staff", "bob"]);
    let effective = effective_members(&system, all.id, page()).await.unwrap();
    let mut everybody = names(&effective);
    everybody.sort_unstable();
    assert_eq!((everybody, effective.total), (vec!["alice", "bob"], 2));
    let first = effective_members(&system, all.id, PageRequest { limit: 1, ..page() }).await.unwrap();
    let rest = PageRequest { after: first.next.clone().unwrap(), ..page() };
    let rest = effective_members(&system, all.id, rest).await.unwrap();
    assert_eq!((first.items.len(), rest.items.len(), rest.next.as_deref()), (1, 1, None));
    assert_ne!(first.items, rest.items);

    let of_alice = groups_of(&system, Member::User(alice.id)).await.unwrap();
    let of_alice: Vec<_> = of_alice.iter().map(|m| (m.group.name.as_str(), m.direct)).collect();
    assert_eq!(of_alice, [("All", false), ("Staff", true)]);
    assert_eq!(groups_of(&system, Member::User(bob.id)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_group_is_resolved_changed_and_deleted_with_what_hangs_on_it() {
    let test = testing::org().await;
    let system = test.system();
    let staff = test.group("Staff", GroupKind::Users).await;
    test.user("alice").await;
    test.join(&staff, user_member("alice")).await;
    test.active_device("laptop").await;
    let bound = test.bind("@staff", "laptop").await;
    assert_eq!(resolve(&system, " STAFF ").await.unwrap().id, staff.id);

    let rename = UpdateGroup { name: Some("Crew".into()), ..UpdateGroup::default() };
    let stale = update(&system, staff.id, Some(7), rename.clone()).await.unwrap_err();
    assert!(matches!(stale, AppError::Stale), "{stale:?}");
    assert_eq!(update(&system, staff.id, Some(1), rename).await.unwrap().name, "Crew");

    let named = |groups: Vec<GroupId>| SecondDoorPolicy::Groups { groups };
    put_policy(&test, named(vec![staff.id])).await;
    let refused = delete(&system, staff.id).await.unwrap_err();
    assert!(refused.to_string().contains("second-door policy"), "{refused}");
    put_policy(&test, SecondDoorPolicy::Always).await;
    delete(&system, staff.id).await.unwrap();
    assert!(matches!(show(&system, staff.id).await, Err(AppError::NotFound { .. })));
    assert!(matches!(binding::show(&system, bound.id).await, Err(AppError::NotFound { .. })));
}

async fn put_policy(test: &testing::TestOrg, policy: SecondDoorPolicy) {
    let system = test.system();
    let settings = org_settings::show(&system).await.unwrap();
    let after = settings.value.clone().with_second_door(policy);
    org_settings::update(&system, Some(settings.version), after).await.unwrap();
}

#[tokio::test]
async fn nobody_moves_people_above_their_own_rights() {
    let test = testing::org().await;
    let staff = test.group("Staff", GroupKind::Users).await;
    let owner = test.user("olga").await;
    crate::user::set_roles(&test.system(), owner.id, [Role::Owner].into()).await.unwrap();
    let other = test.user("adam").await;
    let administrator = test.person(other.id, &[Role::Administrator]);
    let refused = add_member(&administrator, staff.id, user_member("olga")).await.unwrap_err();
    assert!(matches!(refused, AppError::AboveOwnRights), "{refused:?}");
    add_member(&administrator, staff.id, user_member("adam")).await.unwrap();
    let auditor = test.person(other.id, &[Role::Auditor]);
    let refused = remove_member(&auditor, staff.id, user_member("adam")).await.unwrap_err();
    assert!(matches!(refused, AppError::Denied(Action::ManageGroups)), "{refused:?}");
    remove_member(&administrator, staff.id, user_member("adam")).await.unwrap();
    assert!(remove_member(&administrator, staff.id, user_member("adam")).await.is_err());
}
