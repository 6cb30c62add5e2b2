//! The forms of login settings: the organisation's, and a group of devices' own.

use sallyport_api::rest::{CreateGroup, GroupMember};
use sallyport_app::{group, settings};
use sallyport_model::{
    GroupKind, Role,
    settings::{DeviceLogin, SshKeys},
};

use super::house::House;

#[tokio::test]
async fn a_group_of_devices_gets_settings_of_its_own_and_goes_back_to_the_organisations() {
    let (house, ada) = House::with_owner().await;
    let ctx = house.system();
    let made = |name: &str, kind| CreateGroup { name: name.into(), description: String::new(), kind };
    let ops = group::create(&ctx, made("Ops", GroupKind::Users)).await.unwrap().value;
    let member = GroupMember { user: Some("ada".into()), ..GroupMember::default() };
    group::add_member(&ctx, ops.id, member).await.unwrap();
    let racks = group::create(&ctx, made("Racks", GroupKind::Devices)).await.unwrap().value;
    let page = format!("/admin/groups/{}", racks.id);
    let mut browser = house.signed_in(&ada).await;
    assert!(browser.get(&page).await.body.contains("Login at these devices"));
    assert!(!browser.get(&format!("/admin/groups/{}", ops.id)).await.body.contains("Login at these devices"));

    let asked = ops.id.to_string();
    let form = format!("{page}/device-login");
    let fields = [
        ("own", "yes"),
        ("services", "sshd, sudo"),
        ("login_groups", asked.as_str()),
        ("prompts", "2"),
        ("ssh_keys", "key_alone"),
        ("auto_push", "yes"),
    ];
    assert_eq!(browser.submit(&form, &fields).await.location(), format!("{page}?done=saved"));
    let found = group::show(&ctx, racks.id).await.unwrap().value.device_login.unwrap();
    let expected = DeviceLogin {
        services: vec!["sshd".into(), "sudo".into()],
        groups: vec![ops.id],
        auto_push: true,
        prompts: 2,
        ssh_keys: SshKeys::KeyAlone,
    };
    assert_eq!(found, expected);
    assert!(browser.get(&page).await.body.contains(&format!("value=\"{asked}\" checked")));
    // Each of these is left out once, and refused.
    for missing in ["own", "prompts", "ssh_keys"] {
        let fields: Vec<_> = fields.into_iter().filter(|(name, _)| *name != missing).collect();
        assert_eq!(browser.submit(&form, &fields).await.status, 422, "{missing}");
    }
    assert_eq!(browser.submit(&form, &[("own", "no")]).await.status, 303);
    assert_eq!(group::show(&ctx, racks.id).await.unwrap().value.device_login, None);

    let helper = house.person("bob", &[Role::Administrator]).await;
    let mut browser = house.signed_in(&helper).await;
    assert!(browser.get(&page).await.body.contains("Only an owner can change that."));
    assert_eq!(browser.submit(&form, &fields).await.status, 403);
}

#[tokio::test]
async fn the_organisations_settings_are_saved_with_whom_they_ask() {
    let (house, ada) = House::with_owner().await;
    let ctx = house.system();
    let input = CreateGroup { name: "Ops".into(), description: String::new(), kind: GroupKind::Users };
    let ops = group::create(&ctx, input).await.unwrap().value;
    let mut browser = house.signed_in(&ada).await;
    assert!(browser.get("/admin/settings").await.body.contains("Services behind the second door"));
    let asked = ops.id.to_string();
    let fields = [
        ("organization", "Example"),
        ("second_door", "always"),
        ("idle_days", "90"),
        ("shortest", "12"),
        ("expire_after_days", "0"),
        ("first_uid", "20000"),
        ("last_uid", "59999"),
        ("shell", "/bin/bash"),
        ("home", "/home/{name}"),
        ("services", ""),
        ("login_groups", asked.as_str()),
        ("prompts", "1"),
        ("ssh_keys", "key_and_second_door"),
    ];
    assert_eq!(browser.submit("/admin/settings", &fields).await.status, 303);
    let found = settings::show(&ctx).await.unwrap().value.device_login;
    let expected =
        DeviceLogin { services: vec![], groups: vec![ops.id], prompts: 1, ..DeviceLogin::default() };
    assert_eq!(found, expected);
}
