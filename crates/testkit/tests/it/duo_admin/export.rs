//! One house exports to the Admin API of another, as it would to Duo's, over TLS; the vendor's client looks at what came
//! of it there.

use std::time::{Duration, Instant};

use sallyport_testkit::story::{self, House};
use serde_json::{Value, json};

use super::Admin;

/// How long a suspension may take to arrive.
const AT_ONCE: Duration = Duration::from_secs(10);

/// What the vendor's client sees of a user, once it is so.
fn seen(admin: &Admin, name: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    story::until(what, || {
        let found = admin.one("get_users_by_name", json!({ "username": name }));
        Ok(found.get(0).filter(|user| is_so(user)).cloned())
    })
    .unwrap()
}

#[test]
fn the_vendors_client_sees_what_our_export_did() {
    let admin = Admin::open(&["read_resource", "write_resource"]);
    let ours = House::open_calling(&admin.house.ca_file()).unwrap();
    let staff = ours.cli.json(&["group", "create", "--name", "staff", "--kind", "users"]).unwrap();
    let ada = ours.cli.json(&["user", "create", "ada", "--active", "--display-name", "Ada L."]).unwrap();
    let id = ada["id"].as_str().unwrap();
    ours.cli.json(&["group", "add-member", "staff", "--user", "ada"]).unwrap();
    let port = admin.house.server.url.rsplit_once(':').unwrap().1;
    let host = format!("localhost:{port}");
    let create = ["connector", "create", "--name", "duo", "--host", &host, "--ikey", &admin.ikey];
    ours.cli.run(&[&create[..], &["--skey-file", "-"]].concat(), Some(&admin.skey)).unwrap();
    let checked = ours.cli.json(&["connector", "check", "duo"]).unwrap();
    assert_eq!(checked["known"], true, "{checked}");
    let staff = staff["id"].as_str().unwrap();
    ours.cli.json(&["connector", "update", "duo", "--group", staff]).unwrap();
    ours.cli.json(&["connector", "enable", "duo"]).unwrap();

    let is_in = |user: &Value| user["groups"][0]["name"] == "staff";
    let ada = seen(&admin, "ada", "ada to be there", is_in);
    assert_eq!((&ada["status"], &ada["realname"]), (&json!("active"), &json!("Ada L.")));

    // Both houses have an olga who is nobody's export.
    let connector = ours.cli.json(&["connector", "show", "duo"]).unwrap();
    assert_eq!(connector["conflicts"][0]["label"], "olga", "{connector}");

    ours.cli.json(&["user", "suspend", "ada"]).unwrap();
    let began = Instant::now();
    seen(&admin, "ada", "ada to be disabled", |user| user["status"] == "disabled");
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    ours.cli.json(&["user", "activate", "ada"]).unwrap();
    seen(&admin, "ada", "ada to be let in again", |user| user["status"] == "active");

    let update = ["connector", "update", "duo", "--leavers", "trash", "--people-group", staff];
    ours.cli.json(&update).unwrap();
    ours.cli.json(&["group", "remove-member", "staff", id]).unwrap();
    seen(&admin, "ada", "ada to lie in the trash", |user| user["status"] == "pending deletion");
}
