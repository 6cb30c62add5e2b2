//! A machine that no organisation has: installed by hand, with a host and two keys, it asks for the second door by the
//! Auth API. Here it asks our server, which knows it as a protected application and nothing else.

use std::process::Output;

use sallyport_testkit::{
    browser::Browser,
    phone_page::PhonePage,
    server::packages_folder,
    ssh::{self, SshLogin, SshOutcome},
    story::{self, DeviceHouse, text, until},
};
use serde_json::Value;

use super::{PASSWORD, let_in, may_raise, refused};

const LOCAL: &str = "of this machine alone 3";

struct Keys {
    host: String,
    ikey: String,
    skey: String,
}

/// A machine with the agent's package and sshd, and people of its own; a server that knows some of them by name.
fn machine(name: &str) -> Option<(DeviceHouse, Keys)> {
    if !may_raise() {
        return None;
    }
    let mut house = DeviceHouse::raise(name).unwrap();
    let created =
        house.cli().json(&["application", "create", "--type", "duo-auth-api", "--name", name]).unwrap();
    let keys =
        Keys { host: text(&created, "host"), ikey: text(&created, "ikey"), skey: text(&created, "skey") };
    install(&house, "sallyport-agent");
    house.start_agent().unwrap();
    Some((house, keys))
}

fn install(house: &DeviceHouse, package: &str) {
    let folder = packages_folder().unwrap();
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let begins = format!("{package}_");
    let is_it = |path: &std::path::PathBuf| {
        path.extension().is_some_and(|extension| extension == "deb")
            && path.file_name().unwrap().to_str().unwrap().starts_with(&begins)
    };
    let deb = std::fs::read(files.into_iter().find(is_it).unwrap()).unwrap();
    house.sandbox.write_file("/root/package.deb", 0o644, &deb).unwrap();
    house.sandbox.check(["dpkg", "--install", "/root/package.deb"]).unwrap();
}

fn setup(house: &DeviceHouse, keys: &Keys, skey: &str, more: &[&str]) -> Output {
    house.sandbox.write_file("/root/skey", 0o600, format!("{skey}\n").as_bytes()).unwrap();
    let fixed = ["sallyport-agent", "login", "setup", "--host", &keys.host, "--ikey", &keys.ikey];
    let files = ["--skey-file", "/root/skey", "--ca", "/root/ca.pem"];
    house.sandbox.run([&fixed[..], &files, more].concat()).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// The code a set-up printed.
fn break_glass(said: &str) -> String {
    said.lines().find_map(|line| line.strip_prefix("break-glass code: ")).unwrap().to_owned()
}

/// Somebody with an account of the machine's own, known to the server under the same name, with bypass codes.
fn person(house: &DeviceHouse, name: &str, codes: usize) -> Vec<String> {
    house.local_person(name, LOCAL).unwrap();
    house.house.person(name, PASSWORD).unwrap();
    house.house.bypass_codes(name, codes).unwrap()
}

/// A new configuration makes sshd start anew, and for a moment it does not listen.
fn sshd_is_back(house: &DeviceHouse) {
    let probe = || house.ssh("nobody-here", "", &[]);
    until("sshd to listen", || Ok((!probe()?.stderr.contains("Connection refused")).then_some(()))).unwrap();
}

fn newest(house: &DeviceHouse, name: &str) -> Value {
    house.sign_ins(name).unwrap().into_iter().next().unwrap()
}

fn log_in(house: &DeviceHouse, name: &str, codes: &[&str]) -> SshOutcome {
    house.ssh(name, LOCAL, codes).unwrap()
}

#[test]
fn host_and_two_keys_put_the_second_door_in_front_of_a_machine_nobody_has() {
    let Some((mut house, keys)) = machine("workstation-1") else { return };
    let codes = person(&house, "ada", 2);
    house.local_person("stranger", LOCAL).unwrap();

    let wrong = setup(&house, &keys, "not-the-secret-key-of-this-application-x", &[]);
    assert!(!wrong.status.success() && said(&wrong).contains("does not take our keys"), "{}", said(&wrong));
    assert!(!house.sandbox.run(["test", "-e", "/etc/sallyport/login.toml"]).unwrap().status.success());

    let done = setup(&house, &keys, &keys.skey, &[]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(said(&done).contains("install the package sallyport-login"), "{}", said(&done));
    let glass = break_glass(&said(&done));
    let stat = house.sandbox.check(["stat", "-c", "%U %a", "/etc/sallyport/login.toml"]).unwrap();
    assert_eq!(String::from_utf8(stat).unwrap().trim(), "root 600");
    // The authority is a copy: whose file it was has no more say.
    house.sandbox.check(["cmp", "/root/ca.pem", "/etc/sallyport/login-ca.pem"]).unwrap();
    house.sandbox.check(["rm", "/root/ca.pem"]).unwrap();
    let_in(&house, &log_in(&house, "ada", &[]), "ada");
    install(&house, "sallyport-login");
    let status = house.sandbox.check(["sallyport-agent", "status"]).unwrap();
    assert!(String::from_utf8(status).unwrap().contains("asks by itself"));
    sshd_is_back(&house);

    let right = log_in(&house, "ada", &[&codes[0]]);
    let_in(&house, &right, "ada");
    assert!(right.prompts_seen[1].contains("Two-factor sign-in for ada"), "{right:?}");
    let entry = newest(&house, "ada");
    assert_eq!(
        (text(&entry, "state").as_str(), entry["second_door"]["kind"].as_str()),
        ("allowed", Some("bypass_code"))
    );
    assert_eq!(text(&entry, "source"), house.sandbox.host_address().to_string());

    let wrong = log_in(&house, "ada", &["000000", &codes[0], "111111"]);
    refused(&house, &wrong, "Permission denied");
    assert_eq!(wrong.prompts_seen.len(), 4, "the password and three codes: {wrong:?}");
    let unknown = log_in(&house, "stranger", &["000000"]);
    refused(&house, &unknown, "Permission denied");
    assert_eq!(unknown.prompts_seen.len(), 1, "{unknown:?}");
    let refused_password = house.ssh("ada", "not it", &[&codes[1]]).unwrap();
    assert_eq!(refused_password.prompts_seen.len(), 1, "{refused_password:?}");

    house.house.server.kill().unwrap();
    refused(&house, &log_in(&house, "ada", &[&codes[1], "000000", "111111"]), "Wrong code.");
    let_in(&house, &log_in(&house, "stranger", &[&glass]), "stranger");
    let spent = log_in(&house, "ada", &[&glass]);
    refused(&house, &spent, "The server of the second door cannot be reached.");
    let renewed = house.sandbox.check(["sallyport-agent", "login", "break-glass"]).unwrap();
    let glass = break_glass(&String::from_utf8(renewed).unwrap());
    let_in(&house, &log_in(&house, "ada", &[&glass]), "ada");
    house.house.server.start_again().unwrap();
    let_in(&house, &log_in(&house, "ada", &[&codes[1]]), "ada");

    // What is broken shuts the door.
    house.sandbox.check(["chmod", "644", "/etc/sallyport/login.toml"]).unwrap();
    refused(&house, &log_in(&house, "ada", &[]), "The server of the second door cannot be reached.");
    house.sandbox.check(["rm", "/etc/sallyport/login.toml"]).unwrap();
    refused(&house, &log_in(&house, "ada", &[]), "The server of the second door cannot be reached.");
    assert!(house.agent_log().contains("login.toml is missing"), "{}", house.logs());

    house.sandbox.check(["sallyport-agent", "login", "forget"]).unwrap();
    sshd_is_back(&house);
    let_in(&house, &log_in(&house, "ada", &[]), "ada");
    let pam = String::from_utf8(house.sandbox.read_file("/etc/pam.d/sshd").unwrap()).unwrap();
    assert!(!pam.contains("sallyport"), "{pam}");
}

#[test]
fn only_members_of_the_groups_that_are_named_are_asked() {
    let Some((house, keys)) = machine("workstation-2") else { return };
    install(&house, "sallyport-login");
    let codes = person(&house, "bea", 1);
    house.local_person("carl", LOCAL).unwrap();
    house.sandbox.check(["groupadd", "guarded"]).unwrap();
    house.sandbox.check(["usermod", "--append", "--groups", "guarded", "bea"]).unwrap();

    let done = setup(&house, &keys, &keys.skey, &["--group", "guarded", "--service", "sshd"]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(said(&done).contains("the second door stands in front of sshd"), "{}", said(&done));
    sshd_is_back(&house);
    let status = house.sandbox.check(["sallyport-agent", "login", "status"]).unwrap();
    let status = String::from_utf8(status).unwrap();
    assert!(status.contains("members of guarded"), "{status}");
    let_in(&house, &log_in(&house, "carl", &[]), "carl");
    let_in(&house, &log_in(&house, "bea", &[&codes[0]]), "bea");
    refused(&house, &log_in(&house, "bea", &["000000"]), "Permission denied");

    // A key does not go round it, for those who are asked.
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    let make = ["-q", "-t", "ed25519", "-N", "", "-f"];
    assert!(std::process::Command::new("ssh-keygen").args(make).arg(&key).status().unwrap().success());
    let public = std::fs::read(key.with_extension("pub")).unwrap();
    for (name, passes) in [("bea", false), ("carl", true)] {
        house.sandbox.write_file(format!("/home/{name}/.ssh/authorized_keys"), 0o644, &public).unwrap();
        let login = SshLogin::new(house.sandbox.address(), name).command("id -un");
        let outcome = ssh::login(&SshLogin { identity: Some(key.clone()), ..login }).unwrap();
        assert_eq!(outcome.is_success(), passes, "{name}: {outcome:?}\n{}", house.logs());
    }

    // A scope that fits nobody leaves nobody out.
    house.sandbox.check(["groupdel", "guarded"]).unwrap();
    let unmatched = log_in(&house, "carl", &[]);
    refused(&house, &unmatched, "Permission denied");

    // An organisation does not take such a machine over by the way.
    let token = house.token(&[]).unwrap();
    let enrolled = house.install(&token).unwrap();
    assert!(!enrolled.status.success() && said(&enrolled).contains("login forget"), "{}", said(&enrolled));
}

/// By what the service says of them: its own menu shows no digits, so the agent tells them while the phone is asked.
#[test]
fn a_push_with_its_number_opens_the_door() {
    let Some((house, keys)) = machine("workstation-3") else { return };
    install(&house, "sallyport-login");
    house.local_person("ada", LOCAL).unwrap();
    house.house.person("ada", PASSWORD).unwrap();
    let (url, ca) = (&house.cli().url, &house.house.set_up.ca);
    let code = text(&house.cli().json(&["user", "enrollment-code", "ada"]).unwrap(), "code");
    let ada = story::enroll(&Browser::new(url, ca).unwrap(), &code).unwrap();
    let phone = PhonePage::of(("ada", PASSWORD, &ada.code(0)), url, ca).unwrap();
    let done = setup(&house, &keys, &keys.skey, &["--service", "sshd"]);
    assert!(done.status.success(), "{}", said(&done));

    // What the door says while it waits, behind a choice of the menu.
    let chooses = |choice: &str, shown: &str, told: &str| {
        let pamtester = ["pamtester", "sshd", "ada", "authenticate"];
        let mut terminal = house.sandbox.at_terminal(&pamtester).unwrap();
        terminal.wait_for("assword:").unwrap();
        terminal.type_line(LOCAL).unwrap();
        terminal.wait_for(shown).unwrap();
        terminal.wait_for("Passcode or option (1-1)").unwrap();
        terminal.type_line(choice).unwrap();
        terminal.wait_for(told).unwrap();
        terminal.wait_for("\n").unwrap();
        let number = terminal.shown().rsplit_once(told).unwrap().1;
        let number = number.trim_start().chars().take_while(char::is_ascii_digit).collect::<String>();
        (terminal, number)
    };
    let opened_by = || newest(&house, "ada")["second_door"].clone();

    let (mut terminal, number) = chooses("1", "1. Push to Phone of ada", "Enter this code on your phone:");
    assert!(phone.say_yes(&number).unwrap().contains("workstation-3"));
    terminal.wait_for("successfully authenticated").unwrap();
    assert_eq!((&opened_by()["kind"], &opened_by()["by_number"]), (&"push".into(), &true.into()));
}
