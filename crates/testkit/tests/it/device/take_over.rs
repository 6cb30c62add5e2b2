//! Accounts that are there already: taken over with the binding's consent, never touched without.

use std::sync::{Mutex, Weak};

use sallyport_testkit::story::{DeviceHouse, text};
use serde_json::Value;

use super::{PASSWORD, Shared, let_in, refused, shared};

static HOUSE: Shared = Mutex::new(Weak::new());

/// A local person with a file and a password of the machine.
fn local(house: &DeviceHouse, name: &str) -> String {
    house.local_person(name, OLD).unwrap();
    let keep = format!("/home/{name}/kept");
    house.sandbox.write_file(&keep, 0o600, b"of before").unwrap();
    house.sandbox.check(["chown", name, &keep]).unwrap();
    entry(house, name)
}

fn entry(house: &DeviceHouse, name: &str) -> String {
    String::from_utf8(house.sandbox.check(["getent", "passwd", name]).unwrap()).unwrap()
}

/// The line of the account in shadow.
fn shadow(house: &DeviceHouse, name: &str) -> String {
    let text = String::from_utf8(house.sandbox.read_file("/etc/shadow").unwrap()).unwrap();
    text.lines().find(|line| line.starts_with(&format!("{name}:"))).unwrap().to_owned()
}

fn bind(house: &DeviceHouse, name: &str, more: &[&str]) -> Value {
    house.house.person(name, PASSWORD).unwrap();
    let args = [&["binding", "create", "--user", name, "--device", house.sandbox.name()], more].concat();
    house.cli().json(&args).unwrap();
    house.account(name).unwrap()
}

#[test]
fn with_consent_number_home_and_files_stay() {
    let Some(house) = shared(&HOUSE, "laptop-21") else { return };
    let before = local(&house, "mara");
    let account = bind(&house, "mara", &["--take-over"]);
    assert_eq!(text(&account, "difference"), "none", "{account}");

    assert_eq!(entry(&house, "mara"), before);
    assert_eq!(house.sandbox.read_file("/home/mara/kept").unwrap(), b"of before");
    let owner = house.sandbox.check(["stat", "-c", "%U", "/home/mara/kept"]).unwrap();
    assert_eq!(owner, b"mara\n");
    refused(&house, &house.ssh("mara", OLD, &[]).unwrap(), "Permission denied");
    let codes = house.house.bypass_codes("mara", 1).unwrap();
    let_in(&house, &house.ssh("mara", PASSWORD, &[&codes[0]]).unwrap(), "mara");
}

#[test]
fn without_consent_nothing_is_touched_and_the_device_says_why() {
    let Some(house) = shared(&HOUSE, "laptop-21") else { return };
    let before = local(&house, "nele");
    let secret = shadow(&house, "nele");
    let account = bind(&house, "nele", &[]);
    assert_eq!(text(&account, "difference"), "failed", "{account}");
    assert!(account["reasons"].to_string().contains("does not take it over"), "{account}");
    assert_eq!(entry(&house, "nele"), before);
    assert_eq!(shadow(&house, "nele"), secret);
    let outcome = house.ssh("nele", OLD, &[]).unwrap();
    let_in(&house, &outcome, "nele");
    assert_eq!(outcome.prompts_seen.len(), 1);

    // Consent given later is as good.
    let bindings = house.cli().json(&["user", "bindings", "nele"]).unwrap();
    let id = text(&bindings["items"][0], "id");
    house.cli().json(&["binding", "update", &id, "--take-over", "true"]).unwrap();
    assert_eq!(text(&house.account("nele").unwrap(), "difference"), "none");
    assert_eq!(entry(&house, "nele"), before);
    refused(&house, &house.ssh("nele", OLD, &[]).unwrap(), "Permission denied");
}

#[test]
fn accounts_of_the_system_and_the_last_administrator_are_never_taken() {
    let Some(house) = shared(&HOUSE, "laptop-21") else { return };
    house.sandbox.check(["useradd", "--system", "scanner9"]).unwrap();
    let system = entry(&house, "scanner9");
    let account = bind(&house, "scanner9", &["--take-over"]);
    assert_eq!(text(&account, "difference"), "failed", "{account}");
    assert!(account["reasons"].to_string().contains("is the system's"), "{account}");
    assert_eq!(entry(&house, "scanner9"), system);

    let admin = local(&house, "olivia");
    house.sandbox.check(["usermod", "--append", "--groups", "sudo", "olivia"]).unwrap();
    house.sandbox.check(["passwd", "--lock", "root"]).unwrap();
    let account = bind(&house, "olivia", &["--take-over"]);
    assert!(account["reasons"].to_string().contains("last local administrator"), "{account}");
    assert_eq!(entry(&house, "olivia"), admin);
}

const OLD: &str = "of this machine 7";
