use sallyport_api::rest::{CreateBinding, UpdateUser};
use sallyport_model::{GroupKind, Right};

use super::*;
use crate::{
    binding as bindings,
    device::{
        self,
        testing::{binding as input, device_member, group_member, user_member},
    },
    group, testing, user as users,
};

const PASSWORD: &str = "tulip-gravel-hovercraft";

/// The content, its accounts in order of names: in one instant, ids have none.
async fn content(test: &testing::TestOrg, device: &Device) -> Content {
    let (ctx, id) = (test.system(), device.id);
    let call = ctx.clone();
    let found = ctx.read(move |reader| {
        let device = device::known(reader, id)?;
        compute(reader, &call, &device)
    });
    let mut found = found.await.unwrap();
    found.accounts.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn names(content: &Content) -> Vec<&str> {
    content.accounts.iter().map(|account| account.name.as_str()).collect()
}

#[tokio::test]
async fn accounts_come_through_nested_groups_on_both_sides() {
    let test = testing::org().await;
    test.user_with_password("alice", PASSWORD).await;
    test.user("bob").await;
    let (all, staff) =
        (test.group("All", GroupKind::Users).await, test.group("Staff", GroupKind::Users).await);
    let (fleet, desks) =
        (test.group("Fleet", GroupKind::Devices).await, test.group("Desks", GroupKind::Devices).await);
    let laptop = test.active_device("laptop").await.device;
    let other = test.active_device("other").await.device;
    test.join(&staff, user_member("alice")).await;
    test.join(&all, group_member("staff")).await;
    test.join(&desks, device_member("laptop")).await;
    test.join(&fleet, group_member("desks")).await;
    let of_group = CreateBinding { take_over: true, ..input("@all", "@fleet") };
    let of_group = bindings::create(&test.system(), of_group).await.unwrap();
    let direct = CreateBinding { right: Some(Right::Administrator), ..input("alice", "laptop") };
    let direct = bindings::create(&test.system(), direct).await.unwrap();
    test.bind("bob", "laptop").await;

    let found = content(&test, &laptop).await;
    assert_eq!(names(&found), ["alice", "bob"]);
    let alice = &found.accounts[0];
    assert_eq!((alice.right, alice.take_over, alice.suspended), (Right::Administrator, true, false));
    let mut ids = [of_group.id, direct.id];
    ids.sort();
    assert_eq!(alice.bindings, ids);
    assert!(alice.password.as_deref().unwrap().starts_with("$6$"));
    assert_eq!((found.accounts[1].right, found.accounts[1].password.as_deref()), (Right::Standard, None));
    assert!(found.login.services.contains(&"sshd".to_owned()) && found.login.break_glass_hash.is_some());
    assert_eq!(found.digest().unwrap(), content(&test, &laptop).await.digest().unwrap());
    assert_eq!(names(&content(&test, &other).await), Vec::<&str>::new());
}

#[tokio::test]
async fn the_suspended_are_locked_without_secrets_and_the_staged_are_left_out() {
    let test = testing::org().await;
    let system = test.system();
    let alice = test.user_with_password("alice", PASSWORD).await;
    let key = format!("ssh-ed25519 {} alice", "A".repeat(68));
    let keys = UpdateUser { ssh_keys: Some(vec![key]), ..UpdateUser::default() };
    users::update(&system, alice.id, None, keys).await.unwrap();
    let laptop = test.active_device("laptop").await.device;
    test.bind("alice", "laptop").await;
    let staged = sallyport_api::rest::CreateUser { name: "steve".into(), ..Default::default() };
    users::create(&system, staged).await.unwrap();
    test.bind("steve", "laptop").await;
    let before = content(&test, &laptop).await;
    assert_eq!((names(&before), before.accounts[0].ssh_keys.len()), (vec!["alice"], 1));

    users::suspend(&system, alice.id).await.unwrap();
    let after = content(&test, &laptop).await;
    let account = &after.accounts[0];
    assert!(account.suspended && account.password.is_none() && account.ssh_keys.is_empty());
    users::activate(&system, alice.id).await.unwrap();
    assert_eq!(content(&test, &laptop).await.digest().unwrap(), before.digest().unwrap());
}

#[tokio::test]
async fn a_device_that_is_not_active_is_told_nothing() {
    let test = testing::org().await;
    let alice = test.user_with_password("alice", PASSWORD).await;
    let waiting = test.enroll("laptop", &[]).await.unwrap().device;
    test.bind("alice", "laptop").await;
    let bound = |device: DeviceId| {
        let ctx = test.system();
        async move { ctx.read(move |reader| is_bound(reader, alice.id, device)).await.unwrap() }
    };
    let nothing = content(&test, &waiting).await;
    assert!(nothing.accounts.is_empty() && nothing.login == DesiredLogin::default());
    assert!(!bound(waiting.id).await);
    device::admit(&test.system(), waiting.id).await.unwrap();
    assert_eq!(names(&content(&test, &waiting).await), ["alice"]);
    assert!(bound(waiting.id).await);
    device::revoke(&test.system(), waiting.id).await.unwrap();
    assert!(content(&test, &waiting).await.accounts.is_empty());
    assert!(!bound(waiting.id).await);
}

#[tokio::test]
async fn a_number_rises_only_with_the_content_and_an_epoch_begins_after_a_restore() {
    let test = testing::org().await;
    test.user("alice").await;
    let laptop = test.active_device("laptop").await.device;
    let number = |agent_has: Option<StateVersion>| {
        let (ctx, device) = (test.system(), laptop.clone());
        async move {
            ctx.write(move |tx| {
                refresh(tx, &mut Directory::default(), &device, agent_has)?;
                Ok(version(&tx.device_status(&device.id.to_string())?))
            })
            .await
            .unwrap()
        }
    };
    let at = |epoch, n| StateVersion { epoch, n };
    assert_eq!(number(None).await, at(1, 1));
    assert_eq!(number(None).await, at(1, 1));
    test.bind("alice", "laptop").await;
    assert_eq!(number(None).await, at(1, 2));
    assert_eq!(number(Some(at(1, 2))).await, at(1, 2));
    // The device saw number 9 of this epoch from a server that no longer remembers it.
    assert_eq!(number(Some(at(1, 9))).await, at(2, 1));
    assert_eq!(number(Some(at(2, 1))).await, at(2, 1));
    // A device cannot drive the epoch to where nothing follows.
    assert_eq!(number(Some(at(u64::MAX, 9))).await, at(2, 1));
    assert_eq!(number(Some(at(i64::MAX.unsigned_abs(), 9))).await, at(2, 1));
}

#[tokio::test]
async fn one_damaged_secret_fails_one_account() {
    let test = testing::org().await;
    let alice = test.user_with_password("alice", PASSWORD).await;
    test.user_with_password("bob", PASSWORD).await;
    let laptop = test.active_device("laptop").await.device;
    let staff = test.group("Staff", GroupKind::Users).await;
    for name in ["alice", "bob"] {
        group::add_member(&test.system(), staff.id, user_member(name)).await.unwrap();
    }
    test.bind("@staff", "laptop").await;
    let id = alice.id.to_string();
    test.system().write(move |tx| Ok(tx.put_secret(&id, users::UNIX_PASSWORD, b"garbage")?)).await.unwrap();
    let found = content(&test, &laptop).await;
    let with_password: Vec<_> = found.accounts.iter().map(|account| account.password.is_some()).collect();
    assert_eq!((names(&found), with_password), (vec!["alice", "bob"], vec![false, true]));
}

#[tokio::test]
async fn what_is_applied_to_logins_at_devices_says_who_passes_the_second_door_there() {
    use sallyport_model::{
        policy::{Applied, GroupPolicy, Sections},
        settings::SecondDoorPolicy,
    };
    let test = testing::org().await;
    test.user_with_password("alice", PASSWORD).await;
    test.user_with_password("bob", PASSWORD).await;
    let staff = test.group("Staff", GroupKind::Users).await;
    test.join(&staff, user_member("alice")).await;
    let laptop = test.active_device("laptop").await.device;
    test.bind("alice", "laptop").await;
    test.bind("bob", "laptop").await;
    let sections = Sections { second_door: Some(SecondDoorPolicy::Never), ..Sections::default() };
    let input = sallyport_api::rest::CreatePolicy { name: "lax".into(), sections };
    let lax = crate::policy::create(&test.system(), input).await.unwrap().id;
    let mut settings = crate::settings::show(&test.system()).await.unwrap().value;
    settings.device_policies =
        Applied { policy: None, groups: vec![GroupPolicy { group: staff.id, policy: lax }] };
    crate::settings::update(&test.system(), None, settings).await.unwrap();
    let asked: Vec<bool> =
        content(&test, &laptop).await.accounts.iter().map(|account| account.second_door).collect();
    assert_eq!(asked, [false, true]);

    // Where a place or enrolment would matter, a device that knows of neither asks; where nobody is let in, nobody is.
    let blocked = sallyport_model::policy::AuthorizedNetworks {
        blocked: vec!["198.51.100.0/24".parse().unwrap()],
        ..Default::default()
    };
    let minding = Sections {
        second_door: Some(SecondDoorPolicy::Never),
        authorized_networks: Some(blocked),
        ..Sections::default()
    };
    let enrolled = Sections {
        second_door: Some(SecondDoorPolicy::Never),
        new_user: Some(sallyport_model::policy::NewUser::Deny),
        ..Sections::default()
    };
    let refusing = Sections { second_door: Some(SecondDoorPolicy::Refuse), ..Sections::default() };
    for (sections, expected) in [
        (minding, [(true, false), (true, false)]),
        (enrolled, [(true, false), (true, false)]),
        (refusing, [(true, true), (true, false)]),
    ] {
        let input = sallyport_api::rest::UpdatePolicy { name: None, sections: Some(sections) };
        crate::policy::update(&test.system(), lax, None, input).await.unwrap();
        let found = content(&test, &laptop).await;
        let found: Vec<_> =
            found.accounts.iter().map(|account| (account.second_door, account.suspended)).collect();
        assert_eq!(found, expected);
    }
}
