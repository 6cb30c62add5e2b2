//! Rights on the device: where they come from, and what of them is there.

use std::sync::{Mutex, Weak};

use sallyport_testkit::story::{DeviceHouse, text};

use super::{PASSWORD, Shared, let_in, shared};

static HOUSE: Shared = Mutex::new(Weak::new());

/// Whether sudo lets this account do anything, once the device is in step; and that sudo's files are sound.
fn administers(house: &DeviceHouse, name: &str) -> bool {
    house.in_step().unwrap();
    house.sandbox.check(["visudo", "-c"]).unwrap();
    let out = house.sandbox.run(["sudo", "-l", "-U", name]).unwrap();
    String::from_utf8(out.stdout).unwrap().contains("(ALL")
}

fn effective(house: &DeviceHouse, name: &str) -> String {
    house.cli().json(&["user", "right", name, house.sandbox.name()]).unwrap().to_string()
}

#[test]
fn the_right_of_a_binding() {
    let Some(house) = shared(&HOUSE, "laptop-27") else { return };
    house.house.person("tara", PASSWORD).unwrap();
    let binding = house.bind("tara", &["--administrator"]).unwrap();
    assert!(administers(&house, "tara"));
    assert!(effective(&house, "tara").contains("administrator"));
    house.cli().json(&["binding", "update", &binding, "--right", "standard"]).unwrap();
    assert!(!administers(&house, "tara"));
}

#[test]
fn the_right_of_a_user() {
    let Some(house) = shared(&HOUSE, "laptop-27") else { return };
    house.house.person("ulla", PASSWORD).unwrap();
    house.bind("ulla", &[]).unwrap();
    assert!(!administers(&house, "ulla"));
    house.cli().json(&["user", "update", "ulla", "--device-right", "administrator"]).unwrap();
    assert!(administers(&house, "ulla"));
    assert!(effective(&house, "ulla").contains("user"), "{}", effective(&house, "ulla"));
    house.cli().json(&["user", "update", "ulla", "--no-device-right"]).unwrap();
    assert!(!administers(&house, "ulla"));
}

#[test]
fn the_right_of_a_group() {
    let Some(house) = shared(&HOUSE, "laptop-27") else { return };
    house.house.person("vera", PASSWORD).unwrap();
    house.cli().json(&["group", "create", "--name", "operators", "--kind", "users"]).unwrap();
    let bind =
        ["binding", "create", "--user-group", "operators", "--device-group", "laptops", "--administrator"];
    house.cli().json(&bind).unwrap();
    assert!(!house.sandbox.run(["getent", "passwd", "vera"]).unwrap().status.success());

    house.cli().json(&["group", "add-member", "operators", "--user", "vera"]).unwrap();
    assert_eq!(text(&house.account("vera").unwrap(), "difference"), "none");
    assert!(administers(&house, "vera"));
    let vera = text(&house.cli().json(&["user", "show", "vera"]).unwrap(), "id");
    house.cli().json(&["group", "remove-member", "operators", &vera]).unwrap();
    assert!(!administers(&house, "vera"));
    assert_eq!(text(&house.account("vera").unwrap(), "actual"), "locked");
}

#[test]
fn an_administrator_by_somebody_elses_entry_is_told_and_not_called_in_place() {
    let Some(house) = shared(&HOUSE, "laptop-27") else { return };
    let entry = "/etc/sudoers.d/90-cloud-init-users";
    house.sandbox.write_file(entry, 0o440, b"zora ALL=(ALL) NOPASSWD:ALL\n").unwrap();
    house.house.person("zora", PASSWORD).unwrap();
    let bind = ["binding", "create", "--user", "zora", "--device", house.sandbox.name()];
    let binding = text(&house.cli().json(&bind).unwrap(), "id");
    let account = house.account("zora").unwrap();
    assert_eq!(text(&account, "difference"), "failed", "{account}");
    assert!(account.to_string().contains("/etc/sudoers or /etc/sudoers.d"), "{account}");
    assert!(administers(&house, "zora"));

    // Whoever is to be an administrator is as desired, whatever else says so.
    house.cli().json(&["binding", "update", &binding, "--right", "administrator"]).unwrap();
    assert_eq!(text(&house.account("zora").unwrap(), "difference"), "none");
    house.sandbox.check(["rm", entry]).unwrap();
    house.cli().json(&["binding", "update", &binding, "--right", "standard"]).unwrap();
    assert!(!administers(&house, "zora"));
    assert_eq!(text(&house.account("zora").unwrap(), "difference"), "none");
}

#[test]
fn home_and_group_are_made_where_the_directory_says_and_then_stay() {
    let Some(house) = shared(&HOUSE, "laptop-27") else { return };
    let create = ["user", "create", "yara", "--active", "--gid", "67890", "--home", "/srv/people/yara"];
    house.cli().json(&create).unwrap();
    house.cli().run(&["user", "set-password", "yara", "--password-file", "-"], Some(PASSWORD)).unwrap();
    house.bind("yara", &[]).unwrap();
    let entry = || String::from_utf8(house.sandbox.check(["getent", "passwd", "yara"]).unwrap()).unwrap();
    let made = entry();
    assert!(made.contains(":67890:") && made.contains(":/srv/people/yara:"), "{made}");
    assert_eq!(house.sandbox.check(["getent", "group", "67890"]).unwrap(), b"yara:x:67890:\n");
    let owner = house.sandbox.check(["stat", "-c", "%U:%G", "/srv/people/yara"]).unwrap();
    assert_eq!(owner, b"yara:yara\n");

    house.cli().json(&["user", "update", "yara", "--home", "/home/yara"]).unwrap();
    let account = house.house.account(house.sandbox.name(), "yara").unwrap();
    assert_eq!(text(&account, "difference"), "failed", "{account}");
    assert!(account.to_string().contains("it is `/srv/people/yara` here"), "{account}");
    assert_eq!(entry(), made);
    house.cli().json(&["user", "update", "yara", "--home", "/srv/people/yara"]).unwrap();
    let account = house.house.account(house.sandbox.name(), "yara").unwrap();
    assert_eq!(text(&account, "difference"), "none", "{account}");
}

#[test]
fn unbinding_locks_and_keeps() {
    let Some(house) = shared(&HOUSE, "laptop-27") else { return };
    house.house.person("wanda", PASSWORD).unwrap();
    let binding = house.bind("wanda", &["--administrator"]).unwrap();
    let codes = house.house.bypass_codes("wanda", 2).unwrap();
    let_in(&house, &house.ssh("wanda", PASSWORD, &[&codes[0]]).unwrap(), "wanda");
    house.sandbox.write_file("/home/wanda/kept", 0o600, b"hers").unwrap();
    let uid = house.sandbox.check(["id", "-u", "wanda"]).unwrap();

    house.cli().json(&["binding", "delete", &binding]).unwrap();
    assert!(!administers(&house, "wanda"));
    let shadow = String::from_utf8(house.sandbox.read_file("/etc/shadow").unwrap()).unwrap();
    let line = shadow.lines().find(|line| line.starts_with("wanda:")).unwrap();
    assert!(line.starts_with("wanda:!"), "{line}");
    assert_eq!(line.split(':').nth(7), Some("1"), "the account is not expired: {line}");
    let outcome = house.ssh("wanda", PASSWORD, &[&codes[1]]).unwrap();
    assert_eq!(outcome.exit_code, Some(255), "{outcome:?}");
    assert_eq!(house.sandbox.read_file("/home/wanda/kept").unwrap(), b"hers");

    house.bind("wanda", &[]).unwrap();
    assert_eq!(house.sandbox.check(["id", "-u", "wanda"]).unwrap(), uid);
    let_in(&house, &house.ssh("wanda", PASSWORD, &[&codes[1]]).unwrap(), "wanda");
}

#[test]
fn sudo_asks_for_both_doors() {
    let Some(house) = shared(&HOUSE, "laptop-27") else { return };
    house.house.person("xenia", PASSWORD).unwrap();
    house.bind("xenia", &["--administrator"]).unwrap();
    let codes = house.house.bypass_codes("xenia", 4).unwrap();
    let sudo = |code: &str, for_sudo: &str| {
        let command = format!("printf '%s\\n' '{PASSWORD}' {for_sudo} | sudo -S -p 'Password: ' id -u");
        sallyport_testkit::ssh::login(&house.login("xenia", PASSWORD, &[code]).command(&command)).unwrap()
    };
    let wrong = sudo(&codes[0], "000000 000000 000000");
    assert!(!wrong.is_success() && !wrong.stdout.contains('0'), "{wrong:?}");
    let right = sudo(&codes[1], &codes[2]);
    assert_eq!(right.stdout.trim(), "0", "{right:?}\n{}", house.logs());
    let newest = house.sign_ins("xenia").unwrap().remove(0);
    assert_eq!(newest["resource"]["service"], "sudo", "{newest}");
}
