mod policies;

use std::collections::BTreeSet;

use sallyport_api::rest::{CreateApplication, CreateUser, UpdateApplication, UpdateUser};
use sallyport_crypto::{Secret, totp};
use sallyport_model::{
    Action, ApplicationKind, GroupKind, PasswordLock, Right, Role, Settings, Span, UserState,
};
use sallyport_wire::duo::Params;
use serde_json::{Value, json};

use super::*;
use crate::{
    application, binding,
    device::testing::{binding as bound, user_member},
    factor,
    signin::{
        self, Step,
        tests::{PASSWORD, passcode_of, person, to_second_door, with_password},
    },
    telephony::testing::{Company, twilio},
    testing::{self, TestOrg},
    user,
};

struct House {
    test: TestOrg,
    id: ApplicationId,
}

async fn house() -> House {
    let test = testing::org().await;
    let input = CreateApplication { name: "Sync".into(), kind: ApplicationKind::DuoAdminApi };
    let (made, _) = application::create(&test.system(), input).await.unwrap();
    assert!(made.grants.is_empty(), "it may do nothing yet");
    House { id: made.id, test }
}

impl House {
    fn ctx(&self, grants: &[Grant]) -> Ctx {
        let grants = grants.iter().copied().collect();
        self.test.nobody().with_caller(Caller::AdminApi { id: self.id, name: "Sync".into(), grants })
    }

    /// Answer or refusal of a call, as it travels.
    async fn call(&self, grants: &[Grant], method: &str, path: &str, params: Value) -> Value {
        let endpoint = Endpoint::at(method, path).unwrap();
        let params = Params::from_json(params.to_string().as_bytes()).unwrap();
        let reply = respond(&self.ctx(grants), &endpoint, &params).await;
        serde_json::from_str(&reply.body).unwrap()
    }

    /// The answer to a call, by somebody who may make any.
    async fn ok(&self, method: &str, path: &str, params: Value) -> Value {
        let told = self.call(&Grant::ALL, method, path, params).await;
        assert_eq!(told["stat"], "OK", "{method} {path}: {told}");
        told["response"].clone()
    }

    async fn code_of_refusal(&self, method: &str, path: &str, params: Value) -> i64 {
        let told = self.call(&Grant::ALL, method, path, params).await;
        told["code"].as_i64().unwrap_or_else(|| panic!("{method} {path}: {told}"))
    }

    async fn duo_id(&self, name: &str) -> String {
        user::resolve(&self.test.system(), name).await.unwrap().duo_id.clone()
    }

    async fn at(&self, name: &str, rest: &str) -> String {
        format!("/admin/v1/users/{}{rest}", self.duo_id(name).await)
    }
}

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
        Action::ManageApplications,
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
async fn an_alias_signs_in_as_the_name_does_and_counts_with_it() {
    let House { test, .. } = house().await;
    let alice = person(&test, "alice").await;
    let set = |aliases: &[&str]| UpdateUser {
        aliases: Some(aliases.iter().map(|alias| (*alias).to_owned()).collect()),
        ..UpdateUser::default()
    };
    user::update(&test.system(), alice.id, None, set(&["al", "EXAMPLE\\Alice"])).await.unwrap();
    let ctx = test.nobody();
    let step = to_second_door(&ctx, "Example\\ALICE").await;
    let Step::Allowed(admission) = passcode_of(&ctx, &step, &alice, &test).await else { panic!("not in") };
    assert_eq!(admission.user().id, alice.id);

    // Guesses at any of the names are guesses at the person.
    let far = Ctx { source: Some([203, 0, 113, 9].into()), ..test.nobody() };
    let mut held = 0;
    for n in 0..8 {
        let name = ["alice", "al", "example\\alice"][n % 3];
        let Step::Denied(denial) = signin::begin(&far, with_password(name, "wrong")).await.unwrap() else {
            panic!("{name} got in")
        };
        held += usize::from(denial.retry_after_seconds.is_some());
    }
    assert_eq!(held, 2, "five are free, the sixth makes the seventh wait");

    // One person or nobody: no name is two people's, whichever came first.
    let input = |name: &str| CreateUser { name: name.into(), ..CreateUser::default() };
    assert!(matches!(user::create(&test.system(), input("al")).await, Err(AppError::Conflict(_))));
    let bob = user::create(&test.system(), input("bob")).await.unwrap();
    for taken in ["alice", "AL", "Example\\alice", "bob", "root", "a b", ""] {
        let result = user::update(&test.system(), bob.id, None, set(&[taken])).await;
        let nothing = taken.is_empty();
        let refused = matches!(result, Err(AppError::Conflict(_) | AppError::Invalid { .. }));
        assert!(refused, "{taken:?} {nothing}");
    }
    user::update(&test.system(), alice.id, None, set(&["example\\alice"])).await.unwrap();
    user::update(&test.system(), bob.id, None, set(&["al"])).await.unwrap();
    assert_eq!(user::resolve(&test.system(), "al").await.unwrap().id, bob.id);
}

#[tokio::test]
async fn a_device_knows_people_by_their_names_alone() {
    let House { test, .. } = house().await;
    let alice = person(&test, "alice").await;
    let aliases = UpdateUser { aliases: Some(vec!["al".into()]), ..UpdateUser::default() };
    user::update(&test.system(), alice.id, None, aliases).await.unwrap();
    let device = test.active_device("laptop").await.device;
    test.bind("alice", "laptop").await;
    let login = |name: &str| signin::Begin {
        name: name.into(),
        resource: sallyport_model::signin::Resource::DeviceLogin {
            device: device.id,
            name: "laptop".into(),
            service: "sshd".into(),
        },
        first_door: signin::FirstDoorProof::Vouched { by: "pam_unix".into() },
    };
    let step = signin::begin(&test.nobody(), login("alice")).await.unwrap();
    assert!(matches!(step, Step::SecondDoor(_)), "{step:?}");
    // Somebody else may have a local account of this name there.
    assert!(matches!(signin::begin(&test.nobody(), login("al")).await.unwrap(), Step::Denied(_)));
}

#[tokio::test]
async fn an_alias_that_goes_to_somebody_else_takes_no_proof_along() {
    let House { test, .. } = house().await;
    let (alice, bob) = (person(&test, "alice").await, person(&test, "bob").await);
    let set = |aliases: &[&str]| UpdateUser {
        aliases: Some(aliases.iter().map(|alias| (*alias).to_owned()).collect()),
        ..UpdateUser::default()
    };
    user::update(&test.system(), alice.id, None, set(&["shared"])).await.unwrap();
    let step = to_second_door(&test.nobody(), "shared").await;
    user::update(&test.system(), alice.id, None, set(&[])).await.unwrap();
    user::update(&test.system(), bob.id, None, set(&["shared"])).await.unwrap();
    let told = signin::passcode(&test.nobody(), &step.handle, &bob.code(&test, 0)).await.unwrap();
    assert!(matches!(told, Step::SecondDoor(_)), "bob's code is wrong for alice: {told:?}");
}

#[tokio::test]
async fn the_trash_shuts_out_at_once_and_gives_back_nobody_by_itself() {
    let house = house().await;
    let test = &house.test;
    let alice = person(test, "alice").await;
    let between = to_second_door(&test.nobody(), "alice").await;
    let path = house.at("alice", "").await;
    assert_eq!(house.ok("DELETE", &path, json!({})).await, "");
    let told = signin::passcode(&test.nobody(), &between.handle, &alice.code(test, 0)).await.unwrap();
    assert!(matches!(told, Step::Denied(_)), "{told:?}");
    assert_eq!(house.ok("GET", &path, json!({})).await["status"], "pending deletion");
    assert_eq!(house.ok("GET", "/admin/v1/info/summary", json!({})).await["user_pending_deletion_count"], 1);
    let id = house.duo_id("alice").await;
    let both = json!({ "user_id_list": json!([id, "DUXXXXXXXXXXXXXXXXXX"]).to_string() });
    let outcomes = house.ok("POST", "/admin/v1/users/bulk_restore", both.clone()).await;
    assert_eq!((&outcomes[0]["success"], &outcomes[1]["success"]), (&json!(true), &json!(false)));
    assert_eq!(house.ok("GET", &path, json!({})).await["status"], "disabled");
    house.ok("POST", "/admin/v1/users/bulk_send_to_trash", both).await;
    assert_eq!(house.ok("POST", &path, json!({ "status": "active" })).await["status"], "active");
    let user = user::resolve(&test.system(), "alice").await.unwrap();
    assert_eq!((user.state, user.trashed, user.dormant), (UserState::Active, None, true));
}

#[tokio::test]
async fn somebody_locked_out_is_let_in_but_not_past_an_administrators_lock() {
    let house = house().await;
    let test = &house.test;
    let alice = person(test, "alice").await;
    for _ in 0..5 {
        let step = to_second_door(&test.nobody(), "alice").await;
        signin::passcode(&test.nobody(), &step.handle, &"000000".into()).await.unwrap();
    }
    let path = house.at("alice", "").await;
    let told = house.ok("GET", &path, json!({})).await;
    assert_eq!((&told["status"], &told["lockout_reason"]), (&json!("locked out"), &json!("Failed Attempts")));
    assert_eq!(house.ok("POST", &path, json!({ "status": "active" })).await["status"], "active");
    let step = to_second_door(&test.nobody(), "alice").await;
    assert!(matches!(passcode_of(&test.nobody(), &step, &alice, test).await, Step::Allowed(_)));

    user::lock_password(&test.system(), alice.id).await.unwrap();
    let told = house.ok("GET", &path, json!({})).await;
    assert_eq!((&told["status"], &told["lockout_reason"]), (&json!("locked out"), &json!("Admin disabled")));
    assert_eq!(house.code_of_refusal("POST", &path, json!({ "status": "active" })).await, 40002);
    let lock = user::resolve(&test.system(), "alice").await.unwrap().password_lock;
    assert_eq!(lock, Some(PasswordLock::Everybody));
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

#[tokio::test]
async fn codes_replace_unused_ones_and_end_nobodys_session() {
    let house = house().await;
    let test = &house.test;
    let alice = person(test, "alice").await;
    let path = house.at("alice", "/bypass_codes").await;
    let epoch = async || user::resolve(&test.system(), "alice").await.unwrap().credential_epoch;
    let before = epoch().await;
    let first = house.ok("POST", &path, json!({ "count": 3 })).await;
    let second = house.ok("POST", &path, json!({ "count": 1 })).await;
    assert_eq!(house.ok("GET", &path, json!({})).await.as_array().unwrap().len(), 1);
    assert_eq!(epoch().await, before);
    let open = async |code: &Value| {
        let step = to_second_door(&test.nobody(), "alice").await;
        let code = Secret::from(code.as_str().unwrap());
        matches!(signin::passcode(&test.nobody(), &step.handle, &code).await.unwrap(), Step::Allowed(_))
    };
    assert!(!open(&first[0]).await, "it was replaced");
    assert!(open(&second[0]).await);
    assert!(!open(&second[0]).await, "once");
    // Ten at a time, and no more than a hundred that are open.
    for _ in 0..10 {
        house.ok("POST", &path, json!({ "preserve_existing": "true" })).await;
    }
    assert_eq!(house.code_of_refusal("POST", &path, json!({ "preserve_existing": true })).await, 40002);
    let far = house.ok("GET", &path, json!({})).await[0]["expiration"].as_i64().unwrap();
    assert_eq!(far - test.system().now.unix_seconds(), 30 * 24 * 3600, "never is a month");
    let dump = String::from_utf8_lossy(&test.dump()).into_owned();
    assert!(!dump.contains(second[0].as_str().unwrap()), "a code rests as a hash");
    drop(alice);
}

#[tokio::test]
async fn the_log_waits_for_whoever_still_stands_before_the_second_door() {
    let house = house().await;
    let test = &house.test;
    let alice = person(test, "alice").await;
    let log = async |sort: &str, more: Value| {
        let now = test.system().now.0 / 1000;
        let mut asked = json!({ "mintime": now - 3_600_000, "maxtime": now + 1000, "sort": sort });
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        house.ok("GET", "/admin/v2/logs/authentication", asked).await
    };
    let in_once = async || {
        test.clock.advance(Span::seconds(30));
        let step = to_second_door(&test.nobody(), "alice").await;
        assert!(matches!(passcode_of(&test.nobody(), &step, &alice, test).await, Step::Allowed(_)));
    };
    in_once().await;
    test.clock.advance(Span::seconds(1));
    let waiting = to_second_door(&test.nobody(), "alice").await;
    in_once().await;
    test.clock.advance(Span::seconds(10));
    let told = log("ts:asc", json!({})).await;
    assert_eq!(told["authlogs"].as_array().unwrap().len(), 1, "nothing behind the one that is open");
    test.clock.advance(Span::minutes(6));
    drop(waiting);
    let told = log("ts:asc", json!({})).await;
    let ends: Vec<&Value> = told["authlogs"].as_array().unwrap().iter().map(|one| &one["reason"]).collect();
    assert_eq!(ends, ["valid_passcode", "no_response", "valid_passcode"]);
    // Backwards and in pages it is the same.
    let mut walked = Vec::new();
    let mut next = json!({});
    loop {
        let mut asked = json!({ "limit": 1 });
        asked.as_object_mut().unwrap().extend(next.as_object().unwrap().clone());
        let part = log("ts:desc", asked).await;
        walked.extend(part["authlogs"].as_array().unwrap().clone());
        let pair = &part["metadata"]["next_offset"];
        if pair.is_null() {
            break;
        }
        next = json!({ "next_offset": pair });
    }
    walked.reverse();
    assert_eq!(&walked, told["authlogs"].as_array().unwrap());
    for (filter, found) in [
        (json!({ "reasons": "no_response" }), 1),
        (json!({ "results": ["success"] }), 2),
        (json!({ "factors": "passcode" }), 2),
        (json!({ "users": house.duo_id("alice").await }), 3),
        (json!({ "applications": "DIXXXXXXXXXXXXXXXXXX" }), 0),
    ] {
        assert_eq!(
            log("ts:asc", filter.clone()).await["authlogs"].as_array().unwrap().len(),
            found,
            "{filter}"
        );
    }
}

#[tokio::test]
async fn every_change_is_in_the_logs_under_the_applications_name() {
    let house = house().await;
    house.ok("POST", "/admin/v1/users", json!({ "username": "ada", "email": "ada@example.com" })).await;
    let path = house.at("ada", "").await;
    house.ok("POST", &path, json!({ "realname": "Ada L.", "alias2": "al" })).await;
    assert_eq!(
        house.ok("GET", "/admin/v1/logs/administrator", json!({})).await,
        json!([]),
        "not yet settled"
    );
    house.test.clock.advance(Span::seconds(10));
    let log = house.ok("GET", "/admin/v1/logs/administrator", json!({ "mintime": 0 })).await;
    let made = log.as_array().unwrap().iter().find(|one| one["action"] == "user_create").unwrap();
    assert_eq!((&made["username"], &made["object"]), (&json!("application Sync"), &json!("ada")));
    let changed = log.as_array().unwrap().iter().find(|one| one["action"] == "user_update").unwrap();
    let description: Value = serde_json::from_str(changed["description"].as_str().unwrap()).unwrap();
    assert_eq!(description["fields"], json!(["aliases", "display_name"]));
    assert!(!log.to_string().contains("ada@example.com"), "values stay in the audit trail");
    let last = log.as_array().unwrap().last().unwrap()["timestamp"].clone();
    assert_eq!(house.ok("GET", "/admin/v1/logs/administrator", json!({ "mintime": last })).await, json!([]));
    let now = house.test.system().now.0 / 1000;
    let asked = json!({ "mintime": 0, "maxtime": now });
    let items = house.ok("GET", "/admin/v2/logs/activity", asked).await["items"].clone();
    assert_eq!(
        (&items[0]["action"]["name"], &items[0]["actor"]["type"]),
        (&json!("user_update"), &json!("api"))
    );
}

#[tokio::test]
async fn many_are_made_in_one_write_or_none() {
    let house = house().await;
    let all = |names: &[&str]| {
        let users: Vec<Value> = names.iter().map(|name| json!({ "username": name })).collect();
        json!({ "users": Value::from(users).to_string() })
    };
    let path = "/admin/v1/users/bulk_create";
    assert_eq!(house.code_of_refusal("POST", path, all(&["ada", "bob", "ada"])).await, 40002);
    assert_eq!(house.ok("GET", "/admin/v1/users", json!({})).await, json!([]));
    let made = house.ok("POST", path, all(&["ada", "bob"])).await;
    assert_eq!((&made[0]["username"], &made[1]["username"]), (&json!("ada"), &json!("bob")));
}

#[tokio::test]
async fn a_token_goes_from_hand_to_hand_and_its_codes_with_nobody() {
    let house = house().await;
    let test = &house.test;
    for name in ["ada", "bob"] {
        test.user_with_password(name, PASSWORD).await;
    }
    let seed = b"12345678901234567890";
    let secret = data_encoding::HEXLOWER.encode(seed);
    let made = house
        .ok("POST", "/admin/v1/tokens", json!({ "type": "t6", "serial": "T-1", "secret": secret }))
        .await;
    let token = json!({ "token_id": made["token_id"] });
    house.ok("POST", &house.at("ada", "/tokens").await, token.clone()).await;
    assert_eq!(house.code_of_refusal("POST", &house.at("bob", "/tokens").await, token.clone()).await, 40002);
    let open = async |name: &str| {
        let step = to_second_door(&test.nobody(), name).await;
        let code = totp::code(seed, totp::step_at(test.system().now.unix_seconds()));
        matches!(
            signin::passcode(&test.nobody(), &step.handle, &code.into()).await.unwrap(),
            Step::Allowed(_)
        )
    };
    assert!(open("ada").await);
    let path = format!("/tokens/{}", made["token_id"].as_str().unwrap());
    house.ok("DELETE", &house.at("bob", &path).await, json!({})).await;
    assert_eq!(
        house.ok("GET", &house.at("ada", "/tokens").await, json!({})).await.as_array().unwrap().len(),
        1
    );
    house.ok("DELETE", &house.at("ada", &path).await, json!({})).await;
    house.ok("POST", &house.at("bob", "/tokens").await, token).await;
    assert!(!open("bob").await, "spent while it was ada's");
    let path = format!("/admin/v1/tokens/{}", made["token_id"].as_str().unwrap());
    house.ok("DELETE", &path, json!({})).await;
    assert_eq!(house.code_of_refusal("GET", &path, json!({})).await, 40401);
    assert_eq!(house.ok("GET", &house.at("bob", "").await, json!({})).await["is_enrolled"], false);
}

#[tokio::test]
async fn a_link_goes_to_no_address_that_is_not_the_persons() {
    let house = house().await;
    let input = CreateUser {
        name: "ada".into(),
        active: true,
        mails: Some(vec!["ada@example.com".into()]),
        ..CreateUser::default()
    };
    let ada = user::create(&house.test.system(), input).await.unwrap();
    let path = "/admin/v1/users/enroll";
    let mail = |mail: &str| json!({ "username": "ada", "email": mail });
    assert_eq!(house.code_of_refusal("POST", path, mail("mallory@example.com")).await, 40002);
    let link = house.ok("POST", path, mail("ADA@example.com")).await;
    let code = link.as_str().unwrap().rsplit_once("code=").unwrap().1.to_owned();
    let pending = factor::begin_totp(&house.test.nobody(), &code.into()).await.unwrap();
    assert_eq!(pending.user_name, "ada");
    let roles = BTreeSet::from([Role::HelpDesk]);
    user::set_roles(&house.test.system(), ada.id, roles).await.unwrap();
    assert_eq!(house.code_of_refusal("POST", path, mail("ada@example.com")).await, 40301);
}

#[tokio::test]
async fn a_link_is_mailed_too_and_stays_good_when_nobody_takes_the_mail() {
    let house = house().await;
    let office = crate::mail::testing::Office::of(&house.test).await;
    let path = "/admin/v1/users/enroll";
    let asked = |name: &str| json!({ "username": name, "email": format!("{name}@example.com") });
    let code_in = |text: &str| -> String {
        let (_, code) = text.split_once("code=").unwrap();
        code.chars().take_while(|c| c.is_ascii_digit() || *c == '-').filter(|c| *c != '-').collect()
    };
    let link = house.ok("POST", path, asked("ada")).await;
    let mail = office.last();
    assert_eq!(mail.to, "ada@example.com");
    assert_eq!(code_in(&mail.text), code_in(link.as_str().unwrap()));
    office.refuse_with(Some("550 nobody here"));
    let link = house.ok("POST", path, asked("bob")).await;
    let code = code_in(link.as_str().unwrap());
    let pending = factor::begin_totp(&house.test.nobody(), &code.into()).await.unwrap();
    assert_eq!((pending.user_name.as_str(), office.arrived().len()), ("bob", 1));
}

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
        json!({ "minimum_password_length": 4 }),
        json!({ "minimum_password_length": -1 }),
        json!({ "inactive_user_expiration": 0 }),
    ] {
        assert_eq!(house.code_of_refusal("POST", path, refused.clone()).await, 40002, "{refused}");
    }
}

#[tokio::test]
async fn a_phone_is_made_given_taken_back_and_given_to_somebody_else() {
    let house = house().await;
    let test = &house.test;
    let _company = Company::of(test, twilio()).await;
    for name in ["ada", "bob"] {
        test.user(name).await;
    }
    let made = json!({ "number": "+1 500 555 0010", "name": "Desk", "type": "mobile" });
    let made = house.ok("POST", "/admin/v1/phones", made).await;
    assert_eq!(
        (&made["number"], &made["type"], &made["users"]),
        (&json!("+15005550010"), &json!("Mobile"), &json!([]))
    );
    let id = made["phone_id"].as_str().unwrap().to_owned();
    let path = format!("/admin/v1/phones/{id}");
    assert_eq!(house.ok("POST", &path, json!({ "name": "Hall" })).await["name"], "Hall");
    assert_eq!(house.code_of_refusal("POST", &format!("{path}/activation_url"), json!({})).await, 40002);

    let give = json!({ "phone_id": id });
    let (ada, bob) = (house.at("ada", "/phones").await, house.at("bob", "/phones").await);
    house.ok("POST", &ada, give.clone()).await;
    house.ok("POST", &ada, give.clone()).await;
    assert_eq!(house.code_of_refusal("POST", &bob, give.clone()).await, 40002);
    let told = house.ok("GET", &path, json!({})).await;
    assert_eq!((&told["users"][0]["username"], &told["name"]), (&json!("ada"), &json!("Hall")));
    assert_eq!(told["capabilities"], json!(["sms", "phone"]));
    assert_eq!(
        house.ok("GET", &house.at("ada", "").await, json!({})).await["phones"][0]["phone_id"],
        json!(id)
    );
    let factors =
        factor::list(&test.system(), user::resolve(&test.system(), "ada").await.unwrap().id).await.unwrap();
    assert_eq!(factors[0].duo_id, id, "the same to every protocol");
    assert_eq!(house.code_of_refusal("POST", &path, json!({ "number": "+15005550011" })).await, 40002);
    assert_eq!(house.ok("POST", &path, json!({ "name": "Office" })).await["name"], "Office");
    let link = house.ok("POST", &format!("{path}/activation_url"), json!({ "valid_secs": 600 })).await;
    assert!(
        link["activation_url"].as_str().unwrap().contains("/enroll?code=") && link["valid_secs"] == 600,
        "{link}"
    );

    house.ok("DELETE", &format!("{bob}/{id}"), json!({})).await;
    house.ok("DELETE", &format!("{ada}/{id}"), json!({})).await;
    assert_eq!(house.ok("GET", &ada, json!({})).await, json!([]));
    house.ok("POST", &bob, give).await;
    let numbered = house.ok("GET", "/admin/v1/phones", json!({ "number": "+15005550010" })).await;
    assert_eq!(
        (numbered.as_array().unwrap().len(), &numbered[0]["users"][0]["username"]),
        (1, &json!("bob"))
    );
    house.ok("DELETE", &path, json!({})).await;
    assert_eq!(house.ok("GET", "/admin/v1/phones", json!({})).await, json!([]));
    for bad in
        [json!({}), json!({ "number": "5005550010" }), json!({ "number": "+15005550010", "extension": "1" })]
    {
        assert_eq!(house.code_of_refusal("POST", "/admin/v1/phones", bad.clone()).await, 40002, "{bad}");
    }
}

#[tokio::test]
async fn a_phone_of_somebody_with_a_role_is_not_given_nor_taken() {
    let house = house().await;
    let test = &house.test;
    let _company = Company::of(test, twilio()).await;
    let ada = test.user("ada").await;
    let made = house.ok("POST", "/admin/v1/phones", json!({ "number": "+15005550010" })).await;
    let give = json!({ "phone_id": made["phone_id"] });
    let path = house.at("ada", "/phones").await;
    house.ok("POST", &path, give.clone()).await;
    user::set_roles(&test.system(), ada.id, [Role::Auditor].into()).await.unwrap();
    let one = format!("{path}/{}", made["phone_id"].as_str().unwrap());
    assert_eq!(house.code_of_refusal("DELETE", &one, json!({})).await, 40301);
    let phone = format!("/admin/v1/phones/{}", made["phone_id"].as_str().unwrap());
    for (method, params) in [("DELETE", json!({})), ("POST", json!({ "name": "x" }))] {
        assert_eq!(house.code_of_refusal(method, &phone, params).await, 40301, "{method}");
    }
    assert_eq!(house.code_of_refusal("POST", &format!("{phone}/activation_url"), json!({})).await, 40301);
}

#[tokio::test]
async fn a_passkey_is_told_and_removed_and_what_it_proved_is_void() {
    let house = house().await;
    let test = &house.test;
    let ada = test.user("ada").await;
    let passkey = sallyport_model::Factor {
        id: test.system().id(sallyport_model::id::FactorId::new).unwrap(),
        user: ada.id,
        proof: sallyport_model::Proof::Passkey {
            credential: "abc".into(),
            transports: vec!["usb".into()],
            aaguid: "0".repeat(32),
            synced: false,
            opens_first_door: true,
            attested: None,
        },
        name: "Key ring".into(),
        duo_id: "WA0000000000000000AA".into(),
        created: test.system().now,
    };
    test.system().write(move |tx| factor::insert(tx, passkey.clone()).map(|_| ())).await.unwrap();
    let all = house.ok("GET", "/admin/v1/webauthncredentials", json!({})).await;
    assert_eq!(
        (&all[0]["credential_name"], &all[0]["user"]["username"]),
        (&json!("Key ring"), &json!("ada"))
    );
    assert_eq!(all[0]["label"], "Security Key");
    let of_user = house.ok("GET", &house.at("ada", "/webauthncredentials").await, json!({})).await;
    assert_eq!((of_user[0].get("user"), &of_user[0]["webauthnkey"]), (None, &json!("WA0000000000000000AA")));
    let told = house.ok("GET", &house.at("ada", "").await, json!({})).await;
    assert_eq!((&told["is_enrolled"], &told["webauthncredentials"]), (&json!(true), &of_user));
    let one = "/admin/v1/webauthncredentials/WA0000000000000000AA";
    assert_eq!(house.ok("GET", one, json!({})).await, all[0]);
    house.ok("DELETE", one, json!({})).await;
    assert_eq!(house.code_of_refusal("GET", one, json!({})).await, 40401);
    let after = user::resolve(&test.system(), "ada").await.unwrap();
    assert_eq!(after.credential_epoch, ada.credential_epoch + 1);
}

#[tokio::test]
async fn what_somebody_says_was_not_them_is_told_as_fraud() {
    let house = house().await;
    let test = &house.test;
    let alice = person(test, "alice").await;
    let step = to_second_door(&test.nobody(), "alice").await;
    drop(step);
    test.system()
        .write(move |tx| {
            let open = tx.sign_ins_of(alice.id, None, 1)?.remove(0);
            let denied = open.deny(vec![sallyport_model::signin::Reason::PushNotMe], tx.ctx.now)?;
            Ok(tx.put_sign_in(&denied, "")?)
        })
        .await
        .unwrap();
    signin::begin(&test.nobody(), with_password("push_not_me", "wrong")).await.unwrap();
    test.clock.advance(Span::seconds(10));
    let now = test.system().now.0 / 1000;
    let asked = json!({ "mintime": now - 60_000, "maxtime": now, "results": "fraud" });
    let told = house.ok("GET", "/admin/v2/logs/authentication", asked).await;
    let records = told["authlogs"].as_array().unwrap();
    assert_eq!((records.len(), &records[0]["reason"]), (1, &json!("user_marked_fraud")));
    let counts = house.ok("GET", "/admin/v1/info/authentication_attempts", json!({})).await;
    let counts = &counts["authentication_attempts"];
    assert_eq!((&counts["FRAUD"], &counts["FAILURE"], &counts["SUCCESS"]), (&json!(1), &json!(1), &json!(0)));
}

#[tokio::test]
async fn a_record_names_the_country_of_the_address_where_that_is_known() {
    let House { test, id } = house().await;
    let countries = Some(crate::places::tests::database());
    let test = test.knowing(&crate::places::PlaceFiles { countries, anonymous_networks: None });
    let house = House { test, id };
    person(&house.test, "alice").await;
    for source in ["193.0.6.139", "192.0.2.7"] {
        let ctx = Ctx { source: Some(source.parse().unwrap()), ..house.test.nobody() };
        signin::begin(&ctx, with_password("alice", "wrong")).await.unwrap();
        house.test.clock.advance(Span::seconds(10));
    }
    let now = house.test.system().now.0 / 1000;
    let asked = json!({ "mintime": now - 60_000, "maxtime": now, "sort": "ts:asc" });
    let told = house.ok("GET", "/admin/v2/logs/authentication", asked).await;
    let at = |n: usize| &told["authlogs"][n]["access_device"]["location"]["country"];
    assert_eq!((at(0), at(1)), (&json!("NL"), &Value::Null));
    let older = house.ok("GET", "/admin/v1/logs/authentication", json!({ "mintime": 0 })).await;
    assert_eq!(older[0]["location"]["country"], "NL");
}
