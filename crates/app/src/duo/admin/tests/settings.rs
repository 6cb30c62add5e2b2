//! Settings.

use super::*;

#[tokio::test]
async fn settings_without_an_equal_are_refused_and_the_others_hold() {
    let house = house().await;
    let path = "/admin/v1/settings";
    let told = house.ok("POST", path, json!({ "name": "Fortress", "minimum_password_length": "15" })).await;
    assert_eq!((&told["name"], &told["minimum_password_length"]), (&json!("Fortress"), &json!(15)));
    let kept: Settings = crate::settings::show(&house.test.system()).await.unwrap().value;
    assert_eq!((kept.organization.as_str(), kept.passwords.shortest), ("Fortress", 15));
    for refused in [
        json!({ "lockout_threshold": 50 }),
        json!({ "lockout_expire_duration": 1 }),
        json!({ "lockout_expire_duration": "" }),
        json!({ "sms_batch": 11 }),
        json!({ "sms_expiration": 90, "sms_batch": 2 }),
        json!({ "sms_expiration": 60 }),
        json!({ "telephony_warning_min": 5 }),
        json!({ "helpdesk_bypass": "deny", "name": "Never" }),
        json!({ "minimum_password_length": 4 }),
        json!({ "minimum_password_length": -1 }),
        json!({ "inactive_user_expiration": 0 }),
    ] {
        assert_eq!(house.code_of_refusal("POST", path, refused.clone()).await, 40002, "{refused}");
    }
}

#[tokio::test]
async fn how_often_somebody_may_be_wrong_and_what_a_text_brings_are_ours() {
    let house = house().await;
    let path = "/admin/v1/settings";
    let given = json!({ "lockout_threshold": "3", "lockout_expire_duration": "30", "sms_batch": 4, "sms_expiration": 180 });
    let told = house.ok("POST", path, given).await;
    assert_eq!(
        (
            &told["lockout_threshold"],
            &told["lockout_expire_duration"],
            &told["sms_batch"],
            &told["sms_expiration"]
        ),
        (&json!(3), &json!(30), &json!(4), &json!(180))
    );
    assert_eq!(told["user_telephony_cost_max"], 20, "one call");
    let kept: Settings = crate::settings::show(&house.test.system()).await.unwrap().value;
    let lockout = kept.policy.lockout.clone().unwrap();
    assert_eq!(
        (lockout.wrong_codes, lockout.minutes, kept.telephony.codes, kept.telephony.batch_hours),
        (3, 30, 4, 3)
    );
    let told = house.ok("POST", path, json!({ "lockout_threshold": 2 })).await;
    assert_eq!((&told["lockout_threshold"], &told["lockout_expire_duration"]), (&json!(2), &json!(30)));

    let alice = person(&house.test, "alice").await;
    for _ in 0..2 {
        let step = to_second_door(&house.test.nobody(), "alice").await;
        signin::passcode(&house.test.nobody(), &step.handle, &"000000".into()).await.unwrap();
    }
    let told = house.ok("GET", &house.at("alice", "").await, json!({})).await;
    assert_eq!((&told["status"], &told["lockout_reason"]), (&json!("locked out"), &json!("Failed Attempts")));
    house.test.clock.advance(Span::minutes(31));
    assert_eq!(house.ok("GET", &house.at("alice", "").await, json!({})).await["status"], "active");
    assert_eq!(told["user_id"], house.duo_id("alice").await);
    assert!(alice.id == user::resolve(&house.test.system(), "alice").await.unwrap().id);
}
