//! People and groups, by every call of the client about them.

use serde_json::{Value, json};

use super::{Admin, EVERYTHING};

fn names(users: &Value) -> Vec<&str> {
    users.as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap()).collect()
}

#[test]
fn users_live_through_the_vendors_client() {
    let admin = Admin::open(&EVERYTHING);
    let ada = admin.one(
        "add_user",
        json!({ "username": "ada", "realname": "Ada L.", "email": "ada@example.com",
                "alias1": "EXAMPLE\\Ada", "alias3": "ada@corp.example" }),
    );
    assert_eq!(ada["user_id"].as_str().unwrap().len(), 20);
    assert_eq!(
        (&ada["status"], &ada["realname"], &ada["email"]),
        (&json!("active"), &json!("Ada L."), &json!("ada@example.com"))
    );
    assert_eq!(
        (&ada["alias1"], &ada["alias2"], &ada["alias3"]),
        (&json!("example\\ada"), &Value::Null, &json!("ada@corp.example"))
    );
    assert_eq!(ada["is_enrolled"], false);
    let id = json!({ "user_id": ada["user_id"] });
    let with = |more: Value| {
        let mut all = id.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let told = admin.all(&[
        ("get_user_by_id", id.clone()),
        ("get_users_by_name", json!({ "username": "ADA" })),
        ("get_users_by_name", json!({ "username": "ada@corp.example" })),
        ("get_users_by_names", json!({ "usernames": ["ada", "olga", "nobody"] })),
        ("get_users_by_ids", json!({ "user_ids": [ada["user_id"]] })),
        ("get_user_by_email", json!({ "email": "ADA@example.com" })),
        ("get_users_by_name", json!({ "username": "nobody" })),
        ("update_user", with(json!({ "realname": "Ada Lovelace", "alias1": "", "alias2": "al" }))),
        ("update_user", with(json!({ "aliases": "alias2=al&alias8=lovelace" }))),
        ("update_user", with(json!({ "status": "disabled" }))),
        ("update_user", with(json!({ "status": "active" }))),
        ("delete_user", id.clone()),
        ("delete_user", id.clone()),
        ("get_user_by_id", id.clone()),
        ("update_user", with(json!({ "status": "active" }))),
    ]);
    assert_eq!(told[0], ada);
    for (at, expected) in
        [(1, vec!["ada"]), (2, vec!["ada"]), (3, vec!["ada", "olga"]), (4, vec!["ada"]), (6, vec![])]
    {
        assert_eq!(names(&told[at]), expected, "{at}");
    }
    // The client gives the one user or the list of them, as its version has it.
    assert!(told[5].to_string().contains("\"ada\""), "{}", told[5]);
    assert_eq!(told[7]["realname"], "Ada Lovelace");
    assert_eq!(told[7]["aliases"], json!({ "alias2": "al", "alias3": "ada@corp.example" }));
    assert_eq!(told[8]["aliases"], json!({ "alias2": "al", "alias8": "lovelace" }));
    let statuses: Vec<&Value> = [9, 10, 13, 14].iter().map(|at| &told[*at]["status"]).collect();
    assert_eq!(statuses, ["disabled", "active", "pending deletion", "active"]);
    assert_eq!((&told[11], &told[12]), (&json!(""), &json!("")));
    // What changed is the application's doing.
    let audit = admin.house.cli.json(&["audit", "list", "--text", "ada"]).unwrap().to_string();
    assert!(audit.contains("\"kind\":\"application\"") && audit.contains("Admin API"), "{audit}");
}

#[test]
fn lists_are_read_page_by_page_to_their_end() {
    let admin = Admin::open(&EVERYTHING);
    for n in 0..7 {
        admin.house.cli.json(&["user", "create", &format!("user{n}"), "--active"]).unwrap();
        admin
            .house
            .cli
            .json(&["group", "create", "--name", &format!("Group {n}"), "--kind", "users"])
            .unwrap();
    }
    admin.house.cli.json(&["group", "create", "--name", "Laptops", "--kind", "devices"]).unwrap();
    let pages = admin.all_with(
        &json!({ "page": 3 }),
        &[
            ("get_users", json!({})),
            ("get_users_iterator", json!({})),
            ("get_users", json!({ "limit": 2, "offset": 6 })),
            ("get_users", json!({ "limit": 100_000 })),
            ("get_groups", json!({})),
            ("get_groups_generator", json!({})),
            ("get_integrations", json!({})),
            ("get_integrations_generator", json!({})),
        ],
    );
    let lengths: Vec<usize> = pages.iter().map(|page| page.as_array().unwrap().len()).collect();
    assert_eq!(lengths, [8, 8, 2, 8, 7, 7, 1, 1]);
    assert_eq!(names(&pages[0]), ["olga", "user0", "user1", "user2", "user3", "user4", "user5", "user6"]);
}

#[test]
fn groups_hold_users() {
    let admin = Admin::open(&EVERYTHING);
    let ada = admin.one("add_user", json!({ "username": "ada" }));
    let group =
        admin.one("create_group", json!({ "name": "Staff", "desc": "All of us", "push_enabled": true }));
    assert_eq!(
        (&group["name"], &group["desc"], &group["status"]),
        (&json!("Staff"), &json!("All of us"), &json!("Active"))
    );
    let (user, id) = (&ada["user_id"], &group["group_id"]);
    let told = admin.all(&[
        ("add_user_group", json!({ "user_id": user, "group_id": id })),
        ("add_user_group", json!({ "user_id": user, "group_id": id })),
        ("get_user_groups", json!({ "user_id": user })),
        ("get_user_groups_iterator", json!({ "user_id": user })),
        ("get_group", json!({ "group_id": id, "api_version": 1 })),
        ("get_group", json!({ "group_id": id, "api_version": 2 })),
        ("get_group_users", json!({ "group_id": id })),
        ("get_group_users_iterator", json!({ "group_id": id })),
        ("get_groups_by_group_ids", json!({ "group_ids": [id, "DGXXXXXXXXXXXXXXXXXX"] })),
        ("get_user_by_id", json!({ "user_id": user })),
        ("modify_group", json!({ "group_id": id, "name": "Everybody", "desc": "" })),
        ("delete_user_group", json!({ "user_id": user, "group_id": id })),
        ("delete_user_group", json!({ "user_id": user, "group_id": id })),
        ("get_user_groups", json!({ "user_id": user })),
        ("delete_group", json!({ "group_id": id })),
        ("get_groups", json!({})),
    ]);
    let member = json!([{ "user_id": user, "username": "ada" }]);
    assert_eq!(
        (&told[0], &told[1], &told[2], &told[3]),
        (&json!(""), &json!(""), &json!([group]), &json!([group]))
    );
    assert_eq!((&told[4]["users"], &told[5], &told[6], &told[7]), (&member, &group, &member, &member));
    assert_eq!((&told[8], &told[9]["groups"]), (&json!([group]), &json!([group])));
    assert_eq!((&told[10]["name"], &told[10]["desc"]), (&json!("Everybody"), &json!("")));
    assert_eq!(
        (&told[12], &told[13], &told[14], &told[15]),
        (&json!(""), &json!([]), &json!(""), &json!([]))
    );
}

#[test]
fn a_link_enrols_whoever_is_not_yet() {
    let admin = Admin::open(&EVERYTHING);
    let link = admin.one("enroll_user", json!({ "username": "vera", "email": "vera@example.com" }));
    let code = link.as_str().unwrap().rsplit_once("code=").unwrap().1.to_owned();
    sallyport_testkit::story::enroll(&admin.house.browser().unwrap(), &code).unwrap();
    let vera = admin.one("get_users_by_name", json!({ "username": "vera" }))[0].clone();
    assert_eq!((&vera["is_enrolled"], &vera["email"]), (&json!(true), &json!("vera@example.com")));
    // Another request than the one before: the very same, in the same second, is answered as it was.
    let again = json!({ "username": "vera", "email": "vera@example.com", "valid_secs": 60 });
    let again = admin.refusal("enroll_user", again);
    assert_eq!((again.0, again.1), (400, 40002), "{}", again.2);
    let elsewhere = json!({ "username": "vera", "email": "mallory@example.com" });
    assert_eq!(admin.refusal("enroll_user", elsewhere).1, 40002);
    let sync = json!({ "username": "vera", "directory_key": "XYZ" });
    assert_eq!(admin.refusal("sync_user", sync).1, 40002, "there is no directory");
}

#[test]
fn what_is_told_about_people_is_kept_and_many_calls_go_in_one() {
    let admin = Admin::open(&EVERYTHING);
    let grace = admin.one(
        "add_user",
        json!({ "username": "grace", "firstname": "Grace", "lastname": "Hopper", "notes": "rear admiral",
                "custom_attribute_map": { "badge": "17" } }),
    );
    assert_eq!(
        (&grace["realname"], &grace["firstname"], &grace["lastname"], &grace["notes"]),
        (&json!("Grace Hopper"), &json!("Grace"), &json!("Hopper"), &json!("rear admiral"))
    );
    assert_eq!(grace["custom_attributes"], json!({ "badge": "17" }));
    let shown = admin.house.cli.json(&["user", "show", "grace"]).unwrap();
    assert_eq!(shown["about"]["notes"], "rear admiral", "what people see is the same");
    admin.house.cli.json(&["user", "update", "grace", "--notes", "", "--attribute", "badge=18"]).unwrap();
    let told = admin.one("get_user_by_id", json!({ "user_id": grace["user_id"] }));
    assert_eq!((&told["notes"], &told["custom_attributes"]["badge"]), (&json!(""), &json!("18")));

    let operations = json!([
        { "method": "POST", "path": "/admin/v1/users", "body": { "username": "hedy" } },
        { "method": "POST", "path": "/admin/v1/users", "body": { "username": "hedy" } },
        { "method": "GET", "path": "/admin/v1/groups", "body": {} },
    ]);
    let call = json!({ "method": "POST", "path": "/admin/v1/bulk", "params": { "operations": operations } });
    let told = admin.one("json_api_call", call);
    let ends: Vec<&Value> = told.as_array().unwrap().iter().map(|one| &one["stat"]).collect();
    assert_eq!(ends, ["OK", "FAIL", "FAIL"], "{told}");
    assert_eq!((&told[0]["response"]["username"], &told[1]["code"]), (&json!("hedy"), &json!(40002)));
}

#[test]
fn a_tablet_without_a_number_is_made_and_given() {
    let admin = Admin::open(&EVERYTHING);
    let ada = admin.one("add_user", json!({ "username": "ada" }));
    let tablet =
        admin.one("add_phone", json!({ "name": "Tablet", "type": "mobile", "platform": "apple ios" }));
    assert_eq!((&tablet["number"], &tablet["activated"]), (&json!(""), &json!(false)));
    let (user, id) = (&ada["user_id"], &tablet["phone_id"]);
    let told = admin.all(&[
        ("add_user_phone", json!({ "user_id": user, "phone_id": id })),
        ("get_user_phones", json!({ "user_id": user })),
        ("create_activation_url", json!({ "phone_id": id, "valid_secs": "3600" })),
        ("delete_user_phone", json!({ "user_id": user, "phone_id": id })),
        ("get_user_phones", json!({ "user_id": user })),
        ("delete_phone", json!({ "phone_id": id })),
    ]);
    assert_eq!((&told[1][0]["phone_id"], &told[4]), (id, &json!([])));
    assert!(told[2]["activation_url"].as_str().unwrap().contains("code="), "{}", told[2]);
}

#[test]
fn what_is_not_to_be_had_here_is_refused_in_words() {
    let admin = Admin::open(&EVERYTHING);
    let sync = json!({ "username": "ada", "directory_key": "DKXXXXXXXXXXXXXXXXXX" });
    let (status, code, said) = admin.refusal("sync_user", sync);
    assert_eq!((status, code), (400, 40002));
    assert!(said.contains("no directory is synchronised"), "{said}");
    let branding = |method: &str| json!({ "method": method, "path": "/admin/v1/branding", "params": {} });
    assert_eq!(admin.one("json_api_call", branding("GET"))["logo"], Value::Null);
    assert_eq!(admin.refusal("json_api_call", branding("POST")).1, 40002);
    assert_eq!(admin.one("delete_logo", json!({})), "");
}
