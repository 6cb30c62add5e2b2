use sallyport_model::Role;

use super::*;
use crate::{
    device::testing::{binding as input, device_member, group_member, user_member},
    testing,
};

#[tokio::test]
async fn the_same_two_ends_are_bound_once() {
    let test = testing::org().await;
    test.user("alice").await;
    test.active_device("laptop").await;
    test.bind("alice", "laptop").await;
    let twice = create(&test.system(), input("alice", "laptop")).await.unwrap_err();
    assert_eq!(twice.to_string(), "`alice` is bound to `laptop` already");
}

#[tokio::test]
async fn ends_must_be_there_and_of_the_right_kind() {
    let test = testing::org().await;
    test.user("alice").await;
    test.group("Staff", GroupKind::Users).await;
    test.group("Machines", GroupKind::Devices).await;
    let laptop = test.active_device("laptop").await.device;
    for wrong in [
        input("nobody", "laptop"),
        input("alice", "desktop"),
        input("@machines", "laptop"),
        input("alice", "@staff"),
        CreateBinding { user_group: Some("staff".into()), ..input("alice", "laptop") },
        CreateBinding { device: None, ..input("alice", "laptop") },
        CreateBinding { user: Some("  ".into()), ..input("alice", "laptop") },
    ] {
        assert!(create(&test.system(), wrong.clone()).await.is_err(), "{wrong:?}");
    }
    device::revoke(&test.system(), laptop.id).await.unwrap();
    let revoked = create(&test.system(), input("alice", "laptop")).await.unwrap_err();
    assert!(matches!(revoked, AppError::Conflict(_)), "{revoked:?}");
}

#[tokio::test]
async fn the_right_comes_through_groups_on_both_sides_and_says_where_from() {
    let test = testing::org().await;
    let system = test.system();
    let alice = test.user("alice").await;
    let (all, staff) =
        (test.group("All", GroupKind::Users).await, test.group("Staff", GroupKind::Users).await);
    let (fleet, desks) =
        (test.group("Fleet", GroupKind::Devices).await, test.group("Desks", GroupKind::Devices).await);
    let laptop = test.active_device("laptop").await.device;
    test.join(&staff, user_member("alice")).await;
    test.join(&all, group_member("staff")).await;
    test.join(&desks, device_member("laptop")).await;
    test.join(&fleet, group_member("desks")).await;
    assert_eq!(effective(&system, alice.id, laptop.id).await.unwrap(), None);

    let through = test.bind("@all", "@fleet").await;
    let direct = test.bind("alice", "laptop").await;
    let found = effective(&system, alice.id, laptop.id).await.unwrap().unwrap();
    assert_eq!((found.right, found.from), (Right::Standard, RightSource::Binding { binding: direct.id }));
    assert_eq!(found.sources.len(), 2);

    let raise = UpdateBinding { right: Some(Some(Right::Administrator)), take_over: Some(true) };
    let raised = update(&system, through.id, Some(1), raise.clone()).await.unwrap();
    assert!(raised.take_over);
    assert!(matches!(update(&system, through.id, Some(1), raise.clone()).await, Err(AppError::Stale)));
    assert!(matches!(update(&system, through.id, None, raise).await, Err(AppError::Invalid { .. })));
    let found = effective(&system, alice.id, laptop.id).await.unwrap().unwrap();
    let source = RightSource::GroupBinding { binding: through.id, group: all.id };
    assert_eq!((found.right, found.from), (Right::Administrator, source));

    assert_eq!(list_of_device(&system, laptop.id).await.unwrap().len(), 2);
    assert_eq!(list_of_user(&system, alice.id).await.unwrap().len(), 2);
    let devices = devices_of(&system, alice.id).await.unwrap();
    assert_eq!(devices.len(), 1);
    assert_eq!((devices[0].device.id, devices[0].right.right), (laptop.id, Right::Administrator));
    let names = list(&system, PageRequest { limit: 10, ..PageRequest::default() }).await.unwrap().items;
    assert!(
        names
            .iter()
            .any(|named| (named.subject_name.as_str(), named.target_name.as_str()) == ("All", "Fleet"))
    );
}

#[tokio::test]
async fn people_see_their_own_bindings_and_nobody_elses() {
    let test = testing::org().await;
    let (alice, bob) = (test.user("alice").await, test.user("bob").await);
    let laptop = test.active_device("laptop").await.device;
    test.bind("alice", "laptop").await;
    let as_alice = test.person(alice.id, &[]);
    assert_eq!(devices_of(&as_alice, alice.id).await.unwrap().len(), 1);
    assert!(effective(&as_alice, alice.id, laptop.id).await.unwrap().is_some());
    assert!(matches!(devices_of(&as_alice, bob.id).await, Err(AppError::Denied(_))));
    assert!(matches!(list_of_device(&as_alice, laptop.id).await, Err(AppError::Denied(_))));
    assert!(matches!(devices_of(&test.nobody(), bob.id).await, Err(AppError::Unauthenticated)));
}

#[tokio::test]
async fn nobody_brings_a_hash_of_somebody_above_them_to_a_device() {
    let test = testing::org().await;
    let owner = test.user("olga").await;
    crate::user::set_roles(&test.system(), owner.id, [Role::Owner].into()).await.unwrap();
    let adam = test.user("adam").await;
    test.active_device("laptop").await;
    let administrator = test.person(adam.id, &[Role::Administrator]);
    let refused = create(&administrator, input("olga", "laptop")).await.unwrap_err();
    assert!(matches!(refused, AppError::AboveOwnRights), "{refused:?}");
    let own = create(&administrator, input("adam", "laptop")).await.unwrap();
    delete(&administrator, own.id).await.unwrap();
    assert!(matches!(delete(&administrator, own.id).await, Err(AppError::NotFound { .. })));
}
