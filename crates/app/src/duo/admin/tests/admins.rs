//! Administrators, read.

use super::*;

#[tokio::test]
async fn administrators_are_told_by_their_roles_and_changed_by_nobody_here() {
    let house = house().await;
    let test = &house.test;
    for (name, roles) in [
        ("olga", vec![Role::Owner, Role::Auditor]),
        ("hugo", vec![Role::HelpDesk]),
        ("rita", vec![Role::CommandRunner, Role::Auditor]),
        ("emil", vec![]),
    ] {
        let user = test.user(name).await;
        user::set_roles(&test.system(), user.id, roles.into_iter().collect()).await.unwrap();
    }
    let told = house.ok("GET", "/admin/v1/admins", json!({})).await;
    let mut roles: Vec<(&str, &str)> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["role"].as_str().unwrap()))
        .collect();
    roles.sort_unstable();
    assert_eq!(roles, [("hugo", "Help Desk"), ("olga", "Owner"), ("rita", "Command Runner")]);
    let id = told[0]["admin_id"].as_str().unwrap();
    assert!(id.len() == 20 && id.starts_with("DE"), "{id}");
    let path = format!("/admin/v1/admins/{id}");
    assert_eq!(house.ok("GET", &path, json!({})).await, told[0]);
    let unknown = "/admin/v1/admins/DEXXXXXXXXXXXXXXXXXX";
    assert_eq!(house.code_of_refusal("GET", unknown, json!({})).await, 40401);
    let emil = format!("/admin/v1/admins/DE{}", house.duo_id("emil").await.strip_prefix("DU").unwrap());
    assert_eq!(house.code_of_refusal("GET", &emil, json!({})).await, 40401, "has no role");
    for (method, path) in [
        ("POST", "/admin/v1/admins"),
        ("POST", path.as_str()),
        ("DELETE", path.as_str()),
        ("POST", "/admin/v1/admins/activations"),
        ("POST", "/admin/v1/admins/allowed_auth_methods"),
    ] {
        let params = json!({ "email": "m@example.com", "name": "Mallory", "role": "Owner" });
        assert_eq!(house.code_of_refusal(method, path, params).await, 40301, "{method} {path}");
    }
    assert_eq!(house.ok("GET", "/admin/v1/admins/activations", json!({})).await, json!([]));
    assert_eq!(house.ok("GET", "/admin/v1/administrative_units", json!({})).await, json!([]));
    let refused = house.call(&[Grant::ReadResource], "GET", "/admin/v1/admins", json!({})).await;
    assert_eq!(refused["message_detail"], "This application is not granted adminapi_admins_read.");
}

#[tokio::test]
async fn what_administrators_sign_in_with_is_what_holds_at_the_portal() {
    let house = house().await;
    let path = "/admin/v1/admins/allowed_auth_methods";
    let told = house.ok("GET", path, json!({})).await;
    assert_eq!(
        (&told["push_enabled"], &told["mobile_otp_enabled"], &told["sms_enabled"], &told["voice_enabled"]),
        (&json!(true), &json!(true), &json!(false), &json!(false))
    );
    let blocked = json!({ "sections": { "authentication_methods": {
        "allowed_auth_list": ["duo-push", "hardware-token", "sms"], "blocked_auth_list": [],
        "verified_push_digits": 4 } } });
    house.ok("PUT", "/admin/v2/policies/global", blocked).await;
    let told = house.ok("GET", path, json!({})).await;
    assert_eq!(
        (&told["push_enabled"], &told["mobile_otp_enabled"], &told["hardware_token_enabled"]),
        (&json!(true), &json!(false), &json!(true))
    );
    assert_eq!((&told["verified_push_length"], &told["sms_enabled"]), (&json!(4), &json!(false)));
}
