//! People: their names, their states, and the links by which they enrol.

use super::*;

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
async fn what_is_told_about_a_person_is_kept_and_can_be_taken_away() {
    let house = house().await;
    let made = json!({ "username": "ada", "firstname": "Ada", "lastname": "Lovelace", "notes": "counts\nwell",
        "custom_attributes.badge": "17", "custom_attributes.site": "London" });
    let made = house.ok("POST", "/admin/v1/users", made).await;
    assert_eq!(
        (&made["realname"], &made["firstname"], &made["lastname"], &made["notes"]),
        (&json!("Ada Lovelace"), &json!("Ada"), &json!("Lovelace"), &json!("counts\nwell"))
    );
    assert_eq!(made["custom_attributes"], json!({ "badge": "17", "site": "London" }));
    let path = house.at("ada", "").await;
    let change = json!({ "notes": "", "custom_attributes.badge": "", "custom_attributes.desk": 4 });
    let changed = house.ok("POST", &path, change).await;
    assert_eq!((&changed["notes"], &changed["firstname"]), (&json!(""), &json!("Ada")));
    assert_eq!(changed["custom_attributes"], json!({ "desk": "4", "site": "London" }));
    // A part of the name that is not given stays, and one that is taken away leaves no gap.
    let changed = house.ok("POST", &path, json!({ "firstname": "Grace" })).await;
    assert_eq!((&changed["realname"], &changed["lastname"]), (&json!("Grace Lovelace"), &json!("Lovelace")));
    let changed = house.ok("POST", &path, json!({ "lastname": "" })).await;
    assert_eq!(changed["realname"], "Grace");
    let person = user::resolve(&house.test.system(), "ada").await.unwrap();
    assert_eq!(person.about.attributes.get("site").map(String::as_str), Some("London"));
    for bad in [
        json!({ "custom_attributes.a b": "x" }),
        json!({ "custom_attributes.list": ["x"] }),
        json!({ "notes": "x".repeat(5000) }),
        json!({ "firstname": "a\tb" }),
    ] {
        assert_eq!(house.code_of_refusal("POST", &path, bad.clone()).await, 40002, "{bad}");
    }
}

#[tokio::test]
async fn many_calls_in_one_are_each_done_and_answered_and_nothing_large_is_among_them() {
    let house = house().await;
    house.test.user("bob").await;
    let bob = house.at("bob", "").await;
    let operations = json!([
        { "method": "POST", "path": "/admin/v1/users", "body": { "username": "ada" } },
        { "method": "post", "path": "/admin/v1/users", "body": { "username": "ada" } },
        { "method": "GET", "path": "/admin/v1/settings" },
        { "method": "GET", "path": "/admin/v1/nothing" },
        { "method": "POST", "path": "/admin/v1/bulk", "body": { "operations": [] } },
        { "method": "GET", "path": "/admin/v1/users", "body": { "username": "ada" } },
        { "method": "POST", "path": "/admin/v1/policies", "body": {} },
        { "method": "POST", "path": bob, "body": { "realname": "Bob" } },
    ]);
    let grants = [Grant::ReadResource, Grant::WriteResource];
    for given in [operations.clone(), json!(operations.to_string())] {
        let told = house.call(&grants, "POST", "/admin/v1/bulk", json!({ "operations": given })).await;
        let codes: Vec<i64> = told["response"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["code"].as_i64().unwrap_or(0))
            .collect();
        let codes: Vec<i64> = codes.into_iter().skip(1).collect();
        assert_eq!(codes[..5], [40002, 40002, 40401, 40002, 40002], "{told}");
        assert_ne!(codes[5], 0, "{told}");
        assert_eq!(told["response"][7]["response"]["realname"], "Bob", "{told}");
    }
    let told =
        house.call(&[Grant::ReadResource], "POST", "/admin/v1/bulk", json!({ "operations": [] })).await;
    assert_eq!(told["code"], 40301, "{told}");
    let twice =
        r#"[{ "method": "POST", "path": "/admin/v1/users", "body": { "username": "a", "username": "b" } }]"#;
    assert_eq!(house.code_of_refusal("POST", "/admin/v1/bulk", json!({ "operations": twice })).await, 40002);
    let many: Vec<Value> = (0..51).map(|_| json!({ "method": "GET", "path": "/admin/v1/users" })).collect();
    for bad in
        [json!({}), json!({ "operations": [] }), json!({ "operations": many }), json!({ "operations": [1] })]
    {
        assert!([40001, 40002].contains(&house.code_of_refusal("POST", "/admin/v1/bulk", bad).await));
    }
}

#[tokio::test]
async fn what_is_not_to_be_had_here_says_so_in_the_words_of_the_protocol() {
    let house = house().await;
    let all: Vec<Grant> = Grant::ALL.into();
    let sync = "/admin/v1/users/directorysync/DKXXXXXXXXXXXXXXXXXX/syncuser";
    let told = house.call(&all, "POST", sync, json!({ "username": "ada" })).await;
    assert_eq!(told["code"], 40002, "{told}");
    assert!(told["message_detail"].as_str().unwrap().contains("no directory is synchronised"), "{told}");
    assert_eq!(house.call(&all, "POST", sync, json!({})).await["code"], 40001);
    for path in ["/admin/v1/branding", "/admin/v1/branding/draft", "/admin/v1/branding/custom_messaging"] {
        assert_eq!(house.call(&all, "GET", path, json!({})).await["stat"], "OK", "{path}");
        let told = house.call(&all, "POST", path, json!({ "page_background_color": "#fff" })).await;
        assert_eq!(told["code"], 40002, "{path}: {told}");
    }
    for (method, path, code) in [
        ("POST", "/admin/v1/branding/draft/publish", 40002),
        ("POST", "/admin/v1/logo", 40002),
        ("GET", "/admin/v1/logo", 40401),
    ] {
        assert_eq!(house.call(&all, method, path, json!({})).await["code"], code, "{path}");
    }
    assert_eq!(house.call(&all, "DELETE", "/admin/v1/logo", json!({})).await["response"], "");
}
