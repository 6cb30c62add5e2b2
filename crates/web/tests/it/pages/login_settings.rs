//! The forms of login settings: the organisation's, and a group of devices' own.

use sallyport_api::rest::{CreateGroup, GroupMember};
use sallyport_app::{group, settings};
use sallyport_model::{
    GroupKind, Role,
    settings::{DeviceLogin, FailMode, SshKeys},
};

use super::house::{House, PASSWORD};

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
        ("fail_mode", "open"),
    ];
    assert_eq!(browser.submit(&form, &fields).await.location(), format!("{page}?done=saved"));
    let found = group::show(&ctx, racks.id).await.unwrap().value.device_login.unwrap();
    let expected = DeviceLogin {
        services: vec!["sshd".into(), "sudo".into()],
        groups: vec![ops.id],
        auto_push: true,
        prompts: 2,
        ssh_keys: SshKeys::KeyAlone,
        fail_mode: FailMode::Open,
    };
    assert_eq!(found, expected);
    assert!(browser.get(&page).await.body.contains(&format!("value=\"{asked}\" checked")));
    // Each of these is left out once, and refused.
    for missing in ["own", "prompts", "ssh_keys", "fail_mode"] {
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
        ("passkey_always_verified", "yes"),
        ("code_drift", "yes"),
    ];
    assert_eq!(browser.submit("/admin/settings", &fields).await.status, 303);
    let found = settings::show(&ctx).await.unwrap().value;
    assert_eq!((found.passkeys.always_verified, found.codes.drift), (true, true));
    let page = browser.get("/admin/settings").await.body;
    for ticked in ["passkey_always_verified", "code_drift"] {
        assert!(page.contains(&format!(r#"name="{ticked}" value="yes" checked"#)), "{ticked}");
    }
    let found = found.device_login;
    let expected =
        DeviceLogin { services: vec![], groups: vec![ops.id], prompts: 1, ..DeviceLogin::default() };
    assert_eq!(found, expected);

    // Whoever lets people pass by one door is told what their passwords need, and so are they.
    let bob = house.person("bob", &[]).await;
    let user_page = format!("/admin/users/{}", bob.id);
    assert!(browser.get(&user_page).await.body.contains("At least 12 characters.</small>"));
    browser.get("/admin/policies/organization").await;
    let never = [("said", "second_door"), ("second_door", "never")];
    let saved = browser.submit("/admin/policies/organization", &never).await;
    assert_eq!(saved.location(), "/admin/policies/organization?done=saved-passwords-alone");
    let notice = browser.get(saved.location()).await;
    assert!(notice.body.contains(settings::PASSWORDS_ALONE), "{}", notice.body);
    let hint = browser.get(&user_page).await;
    assert!(hint.body.contains("At least 15 characters, because no second door is asked of this user"));
    let mut bobs = house.browser();
    bobs.get("/sign-in").await;
    assert_eq!(bobs.submit("/sign-in", &[("name", "bob"), ("password", PASSWORD)]).await.status, 303);
    let page = bobs.get("/password").await;
    assert!(page.body.contains("At least 15 characters, because no second door is asked of you"));
    let new = [
        ("old_password", PASSWORD),
        ("new_password", "gravel tulip"),
        ("new_password_again", "gravel tulip"),
    ];
    let code = house.fresh_code(&bob);
    let new: Vec<_> = new.into_iter().chain([("passcode", code.as_str())]).collect();
    let refused = bobs.submit("/password", &new).await;
    assert!(
        refused.body.contains("at least 15 characters, because no second door is asked for"),
        "{}",
        refused.body
    );
}
