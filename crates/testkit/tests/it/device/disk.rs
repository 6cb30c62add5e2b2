//! No space where the agent keeps its state: nothing is half done, nobody slips in, and it goes on when there is room.

use std::collections::BTreeMap;

use sallyport_testkit::{
    sandbox::Signal,
    story::{DeviceHouse, items, text, until},
};

use super::{PASSWORD, let_in, own, refused};

const FOLDER: &str = "/var/lib/sallyport";

/// Puts the agent's state on a small file system of its own.
fn move_to_small_disk(house: &mut DeviceHouse) {
    house.end_agent(Signal::TERM).unwrap();
    let script = format!(
        "cp -a {FOLDER} /root/state && mount -t tmpfs -o mode=0700,size=1m small {FOLDER} && cp -a /root/state/. {FOLDER}"
    );
    house.sandbox.check(["sh", "-c", &script]).unwrap();
    house.start_agent().unwrap();
    house.in_step().unwrap();
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
    house.sandbox.run(["sh", "-c", &format!("cat /dev/zero >{FOLDER}/filler")]).unwrap();
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

    house.sandbox.check(["rm", &format!("{FOLDER}/filler")]).unwrap();
    house.in_step().unwrap();
    house.house.person("lisa", PASSWORD).unwrap();
    house.bind("lisa", &[]).unwrap();
    assert_eq!(text(&house.account("kaja").unwrap(), "difference"), "none");
    house.cli().run(&["command", "run", "Touch", "--follow"], None).unwrap();
    assert!(house.sandbox.run(["test", "-e", "/root/ran"]).unwrap().status.success());
    sound(&house);
    let_in(&house, &house.ssh("jutta", PASSWORD, &[&codes[1]]).unwrap(), "jutta");
}
