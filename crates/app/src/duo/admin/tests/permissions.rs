//! What a program may do, and what none may.

use super::*;

#[tokio::test]
async fn only_owners_make_and_change_applications_of_this_kind() {
    let House { test, id } = house().await;
    let olga = test.system().id(sallyport_model::id::UserId::new).unwrap();
    let wanted = || CreateApplication { name: "Mine".into(), kind: ApplicationKind::DuoAdminApi };
    let all = UpdateApplication { grants: Some(Grant::ALL.into()), ..UpdateApplication::default() };
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Owner) {
        let ctx = test.person(olga, &[role]);
        for denied in [
            application::create(&ctx, wanted()).await.map(|_| ()),
            application::update(&ctx, id, None, all.clone()).await.map(|_| ()),
            application::rotate_skey(&ctx, id).await.map(|_| ()),
            application::delete(&ctx, id, None).await,
        ] {
            assert!(matches!(denied, Err(AppError::Denied(_))), "{role:?}");
        }
    }
    let owner = test.person(olga, &[Role::Owner]);
    assert_eq!(application::update(&owner, id, None, all.clone()).await.unwrap().grants, Grant::ALL.into());
    let input = CreateApplication { name: "VPN".into(), kind: ApplicationKind::DuoAuthApi };
    let (vpn, _) = application::create(&owner, input).await.unwrap();
    let refused = application::update(&owner, vpn.id, None, all).await;
    assert!(matches!(refused, Err(AppError::Invalid { field: "grants", .. })));
    let itself = Caller::AdminApi { id, name: "Sync".into(), grants: Grant::ALL.into() };
    let ctx = test.nobody().with_caller(itself);
    assert!(matches!(application::rotate_skey(&ctx, id).await, Err(AppError::Denied(_))));
}

#[test]
fn no_grant_reaches_what_takes_over_people_devices_or_the_house() {
    for action in [
        Action::SetPassword,
        Action::GrantRole,
        Action::ManageBindings,
        Action::ManageDevices,
        Action::RevealBreakGlass,
        Action::ManageTokens,
        Action::LaunchCommands,
    ] {
        assert!(Grant::for_action(action).is_empty(), "{action:?}");
    }
}

#[tokio::test]
async fn a_call_needs_its_grant_and_the_use_case_looks_again() {
    let house = house().await;
    let users = "/admin/v1/users";
    assert_eq!(house.call(&[], "GET", users, json!({})).await["code"], 40301);
    let refused = house.call(&[Grant::ReadResource], "POST", users, json!({ "username": "ada" })).await;
    assert_eq!(
        (&refused["code"], &refused["message_detail"]),
        (&json!(40301), &json!("This application is not granted adminapi_write_resource."))
    );
    // Behind a call that was put under the wrong grant the use case still refuses.
    let ctx = house.ctx(&[Grant::ReadResource]);
    let input = CreateUser { name: "ada".into(), ..CreateUser::default() };
    assert!(matches!(user::create(&ctx, input).await, Err(AppError::Denied(Action::CreateUser))));
    let auth = house.test.nobody().with_caller(Caller::Application { id: house.id, name: "VPN".into() });
    let endpoint = Endpoint::at("GET", users).unwrap();
    let reply = respond(&auth, &endpoint, &Params::default()).await;
    assert!(reply.status == 403 && reply.body.contains(WRONG_KIND), "{}", reply.body);
}

#[tokio::test]
async fn who_administers_a_device_or_could_is_out_of_reach() {
    let house = house().await;
    let test = &house.test;
    test.user("alice").await;
    test.user("bob").await;
    test.active_device("laptop").await;
    let mut input = bound("alice", "laptop");
    input.right = Some(Right::Administrator);
    binding::create(&test.system(), input).await.unwrap();
    let codes = json!({ "count": 1 });
    assert_eq!(
        house.code_of_refusal("POST", &house.at("alice", "/bypass_codes").await, codes.clone()).await,
        40301
    );
    house.ok("POST", &house.at("bob", "/bypass_codes").await, codes).await;

    // Nor does anybody become one by a group.
    let (admins, staff) =
        (test.group("admins", GroupKind::Users).await, test.group("staff", GroupKind::Users).await);
    let mut input = bound("@admins", "laptop");
    input.right = Some(Right::Administrator);
    binding::create(&test.system(), input).await.unwrap();
    let join = |group: &sallyport_model::Group| json!({ "group_id": ids::of_group(group.id) });
    let path = house.at("bob", "/groups").await;
    assert_eq!(house.code_of_refusal("POST", &path, join(&admins)).await, 40301);
    let delete = format!("/admin/v1/groups/{}", ids::of_group(admins.id));
    assert_eq!(house.code_of_refusal("DELETE", &delete, json!({})).await, 40301);
    house.ok("POST", &path, join(&staff)).await;
    assert_eq!(house.ok("GET", &path, json!({})).await[0]["name"], "staff");
    // People with the right to bind still do.
    test.join(&admins, user_member("bob")).await;
}

#[tokio::test]
async fn devices_groups_are_none_of_its_business() {
    let house = house().await;
    let laptops = house.test.group("laptops", GroupKind::Devices).await;
    let path = format!("/admin/v1/groups/{}", ids::of_group(laptops.id));
    assert_eq!(house.ok("GET", "/admin/v1/groups", json!({})).await, json!([]));
    assert_eq!(house.code_of_refusal("GET", &path, json!({})).await, 40401);
    assert_eq!(house.code_of_refusal("DELETE", &path, json!({})).await, 40401);
}
