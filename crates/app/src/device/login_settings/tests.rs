use sallyport_api::rest::UpdateGroup;
use sallyport_model::{Role, id::UserId};

use super::*;
use crate::{
    Ctx, binding, desired, device,
    device::testing::{device_member, group_member, user_member},
    settings as org_settings,
    testing::{self, TestOrg},
    user,
};

/// A device in the groups *Desks* and *Racks*, of which *Racks* is in *Fleet*; alice in the users' group *Ops*, bob
/// in none; both bound.
async fn house() -> (TestOrg, DeviceId) {
    let test = testing::org().await;
    let fleet = test.group("Fleet", GroupKind::Devices).await;
    let desks = test.group("Desks", GroupKind::Devices).await;
    let racks = test.group("Racks", GroupKind::Devices).await;
    let ops = test.group("Ops", GroupKind::Users).await;
    test.group("Empty", GroupKind::Users).await;
    let device = test.active_device("a").await.device.id;
    test.join(&fleet, group_member("racks")).await;
    test.join(&racks, device_member("a")).await;
    test.join(&desks, device_member("a")).await;
    for name in ["alice", "bob"] {
        test.user(name).await;
        test.bind(name, "a").await;
    }
    test.join(&ops, user_member("alice")).await;
    (test, device)
}

fn given(groups: &[&str], services: &[&str], prompts: u8) -> SetDeviceLogin {
    let all = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    SetDeviceLogin {
        services: all(services),
        groups: all(groups),
        prompts: Some(prompts),
        ..SetDeviceLogin::default()
    }
}

async fn set(ctx: &Ctx, group: &str, login: Option<SetDeviceLogin>) -> Result<DeviceLogin, AppError> {
    let id = group::resolve(ctx, group).await?.id;
    let input = UpdateGroup { device_login: Some(login), ..UpdateGroup::default() };
    Ok(group::update(ctx, id, None, input).await?.value.device_login.unwrap_or_default())
}

/// Who of the device's people is asked for the second door, by the state it is told.
async fn asked(test: &TestOrg, device: DeviceId) -> Vec<String> {
    let ctx = test.system();
    let device = device::show(&ctx, device).await.unwrap().value;
    let call = ctx.clone();
    let content = ctx.read(move |reader| desired::compute(reader, &call, &device)).await.unwrap();
    content.accounts.into_iter().filter(|account| account.second_door).map(|account| account.name).collect()
}

fn names(sources: &[LoginSource]) -> Vec<&str> {
    sources.iter().map(|source| source.name.as_str()).collect()
}

#[tokio::test]
async fn settings_of_groups_replace_the_organisations_and_the_strictest_wins() {
    let (test, device) = house().await;
    let system = test.system();
    let shown = login_settings(&system, device).await.unwrap();
    assert_eq!((names(&shown.sources), shown.prompts.value), (vec!["Example"], 3));
    assert!(shown.everybody.value && shown.ssh_keys.value == SshKeys::KeyAndSecondDoor);

    let looser = SetDeviceLogin {
        ssh_keys: Some(SshKeys::KeyAlone),
        auto_push: Some(true),
        ..given(&["ops"], &["sshd"], 5)
    };
    set(&system, "fleet", Some(looser.clone())).await.unwrap();
    let shown = login_settings(&system, device).await.unwrap();
    assert_eq!((names(&shown.sources), shown.prompts.value), (vec!["Fleet"], 5));
    assert_eq!(
        (shown.ssh_keys.value, shown.auto_push.value, shown.everybody.value),
        (SshKeys::KeyAlone, true, false)
    );
    assert_eq!(shown.groups[0].value.name, "Ops");
    assert_eq!(asked(&test, device).await, ["alice"]);

    // Once more, from the other side: what is not given is as the organisation has it.
    set(&system, "desks", Some(given(&["ops"], &["sudo"], 2))).await.unwrap();
    let shown = login_settings(&system, device).await.unwrap();
    let services: Vec<_> =
        shown.services.iter().map(|each| (each.value.as_str(), names(&each.from))).collect();
    assert_eq!(services, [("sshd", vec!["Fleet"]), ("sudo", vec!["Desks"])]);
    assert_eq!((shown.prompts.value, names(&shown.prompts.from)), (2, vec!["Desks"]));
    assert_eq!(
        (shown.ssh_keys.value, names(&shown.ssh_keys.from)),
        (SshKeys::KeyAndSecondDoor, vec!["Desks"])
    );
    assert_eq!((shown.auto_push.value, names(&shown.auto_push.from)), (false, vec!["Desks"]));
    assert_eq!(names(&shown.groups[0].from), ["Desks", "Fleet"]);

    set(&system, "racks", Some(given(&[], &["sshd"], 4))).await.unwrap();
    let shown = login_settings(&system, device).await.unwrap();
    assert_eq!((shown.everybody.value, names(&shown.everybody.from)), (true, vec!["Racks"]));
    assert_eq!(asked(&test, device).await, ["alice", "bob"]);

    for group in ["fleet", "desks", "racks"] {
        set(&system, group, None).await.unwrap();
    }
    assert_eq!(names(&login_settings(&system, device).await.unwrap().sources), ["Example"]);
}

/// Who of the device's people may pass without the server, by the state it is told.
async fn fail_open(test: &TestOrg, device: DeviceId) -> Vec<String> {
    let ctx = test.system();
    let device = device::show(&ctx, device).await.unwrap().value;
    let call = ctx.clone();
    let content = ctx.read(move |reader| desired::compute(reader, &call, &device)).await.unwrap();
    content.accounts.into_iter().filter(|account| account.fail_open).map(|account| account.name).collect()
}

#[tokio::test]
async fn without_the_server_a_device_is_closed_unless_all_its_groups_open_it_and_only_to_standard_users() {
    let (test, device) = house().await;
    let system = test.system();
    let mode = |mode| Some(SetDeviceLogin { fail_mode: Some(mode), ..SetDeviceLogin::default() });
    let shown = login_settings(&system, device).await.unwrap().fail_mode;
    assert_eq!((shown.value, names(&shown.from)), (FailMode::Closed, vec!["Example"]));
    assert!(fail_open(&test, device).await.is_empty());

    // Settings that say nothing of it close.
    set(&system, "fleet", Some(given(&[], &["login"], 3))).await.unwrap();
    assert!(fail_open(&test, device).await.is_empty());
    set(&system, "fleet", mode(FailMode::Open)).await.unwrap();
    assert_eq!(fail_open(&test, device).await, ["alice", "bob"]);
    set(&system, "desks", mode(FailMode::Closed)).await.unwrap();
    assert!(fail_open(&test, device).await.is_empty());
    let shown = login_settings(&system, device).await.unwrap().fail_mode;
    assert_eq!((shown.value, names(&shown.from)), (FailMode::Closed, vec!["Desks"]));
    set(&system, "desks", mode(FailMode::Open)).await.unwrap();

    let alice = user::resolve(&system, "alice").await.unwrap().id;
    let bob = user::resolve(&system, "bob").await.unwrap().id;
    user::set_roles(&system, bob, [Role::Auditor].into()).await.unwrap();
    assert_eq!(fail_open(&test, device).await, ["alice"]);
    let administrator = Some(sallyport_model::Right::Administrator);
    let input = sallyport_api::rest::CreateBinding {
        right: administrator,
        ..device::testing::binding("@ops", "@fleet")
    };
    binding::create(&system, input).await.unwrap();
    assert!(fail_open(&test, device).await.is_empty());
    user::suspend(&system, alice).await.unwrap();
    assert!(fail_open(&test, device).await.is_empty());
}

#[tokio::test]
async fn the_whole_organisation_is_never_open() {
    let (test, device) = house().await;
    let system = test.system();
    let mut settings = org_settings::show(&system).await.unwrap().value;
    settings.device_login.fail_mode = FailMode::Open;
    let refused = org_settings::update(&system, None, settings.clone()).await.unwrap_err().to_string();
    assert!(refused.contains("for groups of devices alone"), "{refused}");
    // Should it stand there all the same, it counts for nothing, and for no group that begins with it.
    system
        .write(move |tx| {
            let before = crate::ctx::settings(tx)?;
            let changed = tx.update(&before, settings.clone())?;
            tx.record(changed, "test");
            Ok(())
        })
        .await
        .unwrap();
    assert!(fail_open(&test, device).await.is_empty());
    let begun = set(&system, "fleet", Some(given(&[], &["login"], 3))).await.unwrap();
    assert_eq!(begun.fail_mode, FailMode::Closed);
    assert!(fail_open(&test, device).await.is_empty());
}

#[tokio::test]
async fn a_scope_with_nobody_in_it_asks_everybody() {
    let (test, device) = house().await;
    let system = test.system();
    set(&system, "fleet", Some(given(&["empty"], &["sshd"], 3))).await.unwrap();
    assert_eq!(asked(&test, device).await, ["alice", "bob"]);
    set(&system, "fleet", Some(given(&["empty", "ops"], &["sshd"], 3))).await.unwrap();
    assert_eq!(asked(&test, device).await, ["alice"]);
    let ops = group::resolve(&system, "ops").await.unwrap().id;
    group::remove_member(&system, ops, user_member("alice")).await.unwrap();
    assert_eq!(asked(&test, device).await, ["alice", "bob"]);
    // The group cannot vanish under those who name it; should it be gone all the same, everybody is asked.
    let refused = group::delete(&system, ops).await.unwrap_err().to_string();
    assert!(refused.contains("the login settings of group `Fleet` name group `Ops`"), "{refused}");
    group::add_member(&system, ops, user_member("alice")).await.unwrap();
    system
        .write(move |tx| {
            let fleet = group::named(tx, "fleet")?;
            let gone = GroupId::new(uuid::Uuid::from_u128(404));
            let login = DeviceLogin { groups: vec![gone], ..DeviceLogin::default() };
            let changed = tx.update(&fleet, Group { device_login: Some(login), ..fleet.value.clone() })?;
            tx.record(changed, "test");
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(asked(&test, device).await, ["alice", "bob"]);
}

#[tokio::test]
async fn whoever_may_change_the_house_is_asked_outside_the_scope_too() {
    let (test, device) = house().await;
    let system = test.system();
    set(&system, "fleet", Some(given(&["ops"], &["sshd"], 3))).await.unwrap();
    let bob = user::resolve(&system, "bob").await.unwrap().id;
    user::set_roles(&system, bob, [Role::Auditor].into()).await.unwrap();
    assert_eq!(asked(&test, device).await, ["alice", "bob"]);
}

#[tokio::test]
async fn what_cannot_hold_is_refused_and_changes_nothing() {
    let (test, _) = house().await;
    let system = test.system();
    let bad = [
        given(&[], &["../sshd"], 3),
        given(&[], &["sshd"], 0),
        given(&[], &["sshd"], 6),
        given(&["nobody"], &["sshd"], 3),
        given(&["desks"], &["sshd"], 3),
        given(&[], &["sshd"; 33], 3),
    ];
    for login in bad {
        assert!(set(&system, "desks", Some(login.clone())).await.is_err(), "{login:?}");
    }
    assert!(set(&system, "ops", Some(given(&[], &["sshd"], 3))).await.is_err());
    assert_eq!(group::resolve(&system, "desks").await.unwrap().device_login, None);
    // It belongs to the second door, which is the owners'.
    let administrator = test.person(UserId::new(uuid::Uuid::from_u128(7)), &[Role::Administrator]);
    let refused = set(&administrator, "desks", Some(given(&[], &["sshd"], 3))).await.unwrap_err();
    assert!(matches!(refused, AppError::Denied(Action::ChangeSettings)), "{refused}");
    let mut settings = org_settings::show(&system).await.unwrap().value;
    settings.device_login.groups = vec![group::resolve(&system, "desks").await.unwrap().id];
    assert!(org_settings::update(&system, None, settings).await.is_err());
}
