//! No space where the agent keeps its state, or where the system keeps its accounts: nothing is half done, nobody slips
//! in, the reason is told, and it goes on when there is room.

use std::collections::{BTreeMap, BTreeSet};

use sallyport_testkit::{
    sandbox::Signal,
    story::{DeviceHouse, items, text, until},
};

use super::{PASSWORD, let_in, own, refused};

const FOLDER: &str = "/var/lib/sallyport";

/// Puts the agent's state on a small file system of its own.
pub(super) fn move_to_small_disk(house: &mut DeviceHouse) {
    house.end_agent(Signal::TERM).unwrap();
    let script = format!(
        "cp -a {FOLDER} /root/state && mount -t tmpfs -o mode=0700,size=1m small {FOLDER} && cp -a /root/state/. {FOLDER}"
    );
    house.sandbox.check(["sh", "-c", &script]).unwrap();
    house.start_agent().unwrap();
    house.in_step().unwrap();
}

pub(super) fn fill_small_disk(house: &DeviceHouse) {
    let full = house.sandbox.run(["sh", "-c", &format!("cat /dev/zero >{FOLDER}/filler")]).unwrap();
    assert!(String::from_utf8_lossy(&full.stderr).contains("No space left"), "{full:?}");
}

pub(super) fn empty_small_disk(house: &DeviceHouse) {
    house.sandbox.check(["rm", &format!("{FOLDER}/filler")]).unwrap();
}

fn account_files(house: &DeviceHouse) -> BTreeMap<&'static str, Vec<u8>> {
    let files = ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid"];
    files.into_iter().map(|file| (file, house.sandbox.read_file(file).unwrap())).collect()
}

fn sound(house: &DeviceHouse) {
    for checker in ["pwck", "grpck"] {
        let output = house.sandbox.run([checker, "-r"]).unwrap();
        assert!(matches!(output.status.code(), Some(0 | 2)), "{output:?}");
    }
    house.sandbox.check(["visudo", "-c"]).unwrap();
}

#[test]
fn a_full_disk_stops_changes_whole_and_logins_go_on() {
    let Some(mut house) = own("laptop-37") else { return };
    let codes = house.bound_person("jutta", PASSWORD, 3).unwrap();
    let glass = text(&house.cli().json(&["device", "break-glass", "laptop-37"]).unwrap(), "code");
    move_to_small_disk(&mut house);
    fill_small_disk(&house);
    let before = account_files(&house);

    // Somebody with everything else in place, but nowhere to write down whose the account is.
    house.house.person("kaja", PASSWORD).unwrap();
    house
        .cli()
        .json(&["binding", "create", "--user", "kaja", "--device", "laptop-37", "--administrator"])
        .unwrap();
    let account = house.account("kaja").unwrap();
    assert_eq!(text(&account, "difference"), "failed", "{account}");
    assert!(account["reasons"].to_string().contains("No space left"), "{account}");
    assert_eq!(account_files(&house), before);
    sound(&house);

    // A run that cannot be journalled is not begun.
    let create =
        ["command", "create", "--name", "Touch", "--body", "touch /root/ran", "--device", "laptop-37"];
    house.cli().json(&create).unwrap();
    house.cli().json(&["command", "run", "Touch"]).unwrap();
    let run = until("the refusal", || {
        let runs = house.cli().json(&["run", "list", "--command", "Touch"])?;
        let run = items(&runs)[0].clone();
        Ok((!["queued", "started"].contains(&text(&run, "state").as_str())).then_some(run))
    })
    .unwrap();
    assert!(run.to_string().contains("the journal cannot be written"), "{run}");
    assert!(!house.sandbox.run(["test", "-e", "/root/ran"]).unwrap().status.success());

    // A login by both doors needs nothing written here.
    let_in(&house, &house.ssh("jutta", PASSWORD, &[&codes[0]]).unwrap(), "jutta");
    // A break-glass code that cannot be marked as used opens nothing.
    house.house.server.kill().unwrap();
    until("the agent to notice", || Ok(house.agent_log().contains("trying again").then_some(()))).unwrap();
    let outcome = house.ssh("jutta", PASSWORD, &[&glass]).unwrap();
    refused(&house, &outcome, "The code cannot be marked as used.");
    house.house.server.start_again().unwrap();

    empty_small_disk(&house);
    house.in_step().unwrap();
    house.house.person("lisa", PASSWORD).unwrap();
    house.bind("lisa", &[]).unwrap();
    assert_eq!(text(&house.account("kaja").unwrap(), "difference"), "none");
    house.cli().run(&["command", "run", "Touch", "--follow"], None).unwrap();
    assert!(house.sandbox.run(["test", "-e", "/root/ran"]).unwrap().status.success());
    sound(&house);
    let_in(&house, &house.ssh("jutta", PASSWORD, &[&codes[1]]).unwrap(), "jutta");
}

/// Puts /etc on a small file system of its own, and fills that.
fn fill_etc(house: &DeviceHouse) {
    let script =
        "cp -a /etc /root/etc && mount -t tmpfs -o mode=0755,size=32m small /etc && cp -a /root/etc/. /etc";
    house.sandbox.check(["sh", "-c", script]).unwrap();
    let full = house.sandbox.run(["sh", "-c", "cat /dev/zero >/etc/filler"]).unwrap();
    assert!(String::from_utf8_lossy(&full.stderr).contains("No space left"), "{full:?}");
}

/// Every file of /etc but the one that fills it, with its mode, owner and content.
fn etc(house: &DeviceHouse) -> BTreeSet<String> {
    let script = "cd /etc && find . -type f ! -name filler -exec stat -c '%n %a %u:%g' {} + \
                  -exec sha256sum {} +";
    let out = house.sandbox.check(["sh", "-c", script]).unwrap();
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

/// What the device's page says of an account that is not as it should be.
fn failure(house: &DeviceHouse, name: &str) -> String {
    let account = house.account(name).unwrap();
    assert_eq!(text(&account, "difference"), "failed", "{account}");
    account["reasons"].to_string()
}

#[test]
fn a_full_etc_leaves_every_old_file_and_the_reason_is_told() {
    let Some(house) = own("laptop-46") else { return };
    let codes = house.bound_person("mona", PASSWORD, 2).unwrap();
    let more = house.bound_person("nele", PASSWORD, 1).unwrap();
    house.house.person("olivia", PASSWORD).unwrap();
    let binding = house.bind("olivia", &[]).unwrap();
    fill_etc(&house);
    let before = etc(&house);
    assert!(before.iter().any(|line| line.starts_with("./pam.d/sudo ")), "{before:?}");

    // A new account, a password, a right, and the services the second door stands in front of.
    let cli = house.cli();
    house.house.person("pia", PASSWORD).unwrap();
    cli.json(&["binding", "create", "--user", "pia", "--device", "laptop-46"]).unwrap();
    cli.run(&["user", "set-password", "mona", "--password-file", "-"], Some("violet anchor teapot 11"))
        .unwrap();
    cli.json(&["binding", "update", &binding, "--right", "administrator"]).unwrap();
    cli.json(&["group", "login-settings", "laptops", "--service", "sudo"]).unwrap();
    for name in ["pia", "mona", "olivia"] {
        let reasons = failure(&house, name);
        assert!(reasons.contains("No space left"), "{name}: {reasons}");
    }
    let state = house.in_step().unwrap();
    assert!(text(&state, "login_failure").contains("No space left"), "{state}");
    assert_eq!(etc(&house), before);
    sound(&house);

    // Logins go by what is there, and who is suspended is refused although nothing can be locked.
    let_in(&house, &house.ssh("mona", PASSWORD, &[&codes[0]]).unwrap(), "mona");
    cli.json(&["user", "suspend", "nele"]).unwrap();
    let reasons = failure(&house, "nele");
    assert!(reasons.contains("No space left"), "{reasons}");
    refused(&house, &house.ssh("nele", PASSWORD, &[&more[0]]).unwrap(), "Permission denied");
    assert_eq!(etc(&house), before);

    house.sandbox.check(["rm", "/etc/filler"]).unwrap();
    cli.json(&["group", "login-settings", "laptops", "--service", "sshd"]).unwrap();
    for name in ["pia", "mona", "olivia", "nele"] {
        assert_eq!(text(&house.account(name).unwrap(), "difference"), "none", "{name}");
    }
    let state = house.in_step().unwrap();
    assert_eq!(text(&state, "login_failure"), "", "{state}");
    sound(&house);
    let new = house.ssh("mona", "violet anchor teapot 11", &[&codes[1]]).unwrap();
    let_in(&house, &new, "mona");
}
