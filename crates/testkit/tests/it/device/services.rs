//! The services of PAM with the stacks that the login component installs, by `pamtester` and by the programs
//! themselves.

use std::sync::{Mutex, Weak};

use sallyport_testkit::{
    sandbox::Terminal,
    ssh,
    story::{DeviceHouse, text},
};

use super::{PASSWORD, Shared, newest, shared};

static HOUSE: Shared = Mutex::new(Weak::new());

/// Services that Debian has for people to come in by or to become somebody else, and whether the second door stands
/// in their own file or in the file they include.
const SERVICES: [(&str, bool); 6] =
    [("login", true), ("sshd", true), ("su", true), ("su-l", false), ("sudo", true), ("sudo-i", true)];

/// What pamtester says of one login at this service.
fn pam(house: &DeviceHouse, service: &str, user: &str, typed: &[&str]) -> (bool, String) {
    let input: String = typed.iter().map(|line| format!("{line}\n")).collect();
    let arguments = ["pamtester", service, user, "authenticate", "acct_mgmt"];
    let out = house.sandbox.run_with_input(arguments, input.as_bytes()).unwrap();
    let said = [out.stdout, out.stderr].concat();
    (out.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn every_service_asks_for_both_doors() {
    let Some(house) = shared(&HOUSE, "laptop-28") else { return };
    let codes = house.bound_person("yara", PASSWORD, SERVICES.len()).unwrap();
    // su lets root through without any door, and pamtester is run by root here: that line is not what is tested.
    house.sandbox.check(["sed", "-i", "/pam_rootok/d", "/etc/pam.d/su"]).unwrap();
    for ((service, own), code) in SERVICES.into_iter().zip(&codes) {
        let file = house.sandbox.read_file(format!("/etc/pam.d/{service}")).unwrap();
        assert_eq!(String::from_utf8(file).unwrap().contains("pam_sallyport.so"), own, "{service}");

        let (ok, said) = pam(&house, service, "yara", &[PASSWORD, "000000", code]);
        assert!(ok, "{service}: {said}\n{}", house.logs());
        assert!(said.contains("Passcode for the second door"), "{service}: {said}");
        assert!(said.contains("That code is not right."), "{service}: {said}");
        assert_eq!(house.sign_ins("yara").unwrap()[0]["resource"]["service"], service);

        let (ok, said) = pam(&house, service, "yara", &["not it", code]);
        assert!(!ok && !said.contains("Passcode"), "{service}: {said}");
    }
}

#[test]
fn every_service_refuses_who_is_locked_or_nobody_and_lets_local_accounts_be() {
    let Some(house) = shared(&HOUSE, "laptop-28") else { return };
    let codes = house.bound_person("zoe", PASSWORD, 1).unwrap();
    house.local_person("localanja", "of this machine").unwrap();
    house.cli().json(&["user", "suspend", "zoe"]).unwrap();
    assert_eq!(text(&house.account("zoe").unwrap(), "actual"), "locked");
    // su lets root through, and pamtester is run by root here.
    for (service, _) in SERVICES.into_iter().filter(|(service, _)| !matches!(*service, "su" | "su-l")) {
        for name in ["zoe", "nobody-at-all"] {
            let (ok, said) = pam(&house, service, name, &[PASSWORD, &codes[0]]);
            assert!(!ok && !said.contains("Passcode"), "{service} {name}: {said}");
        }
        let (ok, said) = pam(&house, service, "localanja", &["of this machine"]);
        assert!(ok && !said.contains("Passcode"), "{service}: {said}\n{}", house.logs());
    }
}

/// The account line holds by itself, for whatever comes in without the auth lines: cron, keys of before, su by root.
#[test]
fn the_account_of_a_locked_person_is_closed_at_every_service() {
    let Some(house) = shared(&HOUSE, "laptop-28") else { return };
    house.bound_person("birte", PASSWORD, 0).unwrap();
    for state in ["activate", "suspend"] {
        house.cli().json(&["user", state, "birte"]).ok();
        house.account("birte").unwrap();
        for (service, _) in SERVICES {
            let out = house.sandbox.run(["pamtester", service, "birte", "acct_mgmt"]).unwrap();
            assert_eq!(out.status.success(), state == "activate", "{service} {state}: {out:?}");
        }
    }
}

/// sudo has a PAM service of its own for `sudo -i`, and it is no way round.
#[test]
fn a_root_shell_by_sudo_asks_too() {
    let Some(house) = shared(&HOUSE, "laptop-28") else { return };
    house.house.person("carla", PASSWORD).unwrap();
    house.bind("carla", &["--administrator"]).unwrap();
    let codes = house.house.bypass_codes("carla", 3).unwrap();
    let sudo = |code: &str, typed: &str| {
        let command = format!("printf '%s\\n' '{PASSWORD}' {typed} | sudo -S -p 'Password: ' -i id -u");
        ssh::login(&house.login("carla", PASSWORD, &[code]).command(&command)).unwrap()
    };
    let without = sudo(&codes[0], "");
    assert!(without.stdout.trim() != "0" && !without.is_success(), "{without:?}");
    let with = sudo(&codes[1], &codes[2]);
    assert_eq!(with.stdout.trim(), "0", "{with:?}\n{}", house.logs());
}

#[test]
fn su_asks_for_both_doors() {
    let Some(house) = shared(&HOUSE, "laptop-28") else { return };
    let codes = house.bound_person("doris", PASSWORD, 3).unwrap();
    let su = |shell: &str, code: &str| {
        let typed = format!("{PASSWORD}\n{code}\n");
        let arguments = ["setpriv", "--reuid=65534", "--clear-groups", "su", shell, "doris", "-c", "id -un"];
        house.sandbox.run_with_input(arguments, typed.as_bytes()).unwrap()
    };
    for (shell, code) in [("--shell=/bin/sh", &codes[0]), ("--login", &codes[1])] {
        let out = su(shell, code);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(
            String::from_utf8(out.stdout).unwrap().trim(),
            "doris",
            "{shell}: {said}\n{}",
            house.logs()
        );
        assert!(said.contains("Passcode for the second door"), "{said}");
        assert!(!su(shell, code).status.success(), "{shell}: a used code opened");
    }
}

fn answer(console: &mut Terminal, shown: &str, typed: &str) {
    console.wait_for(shown).unwrap();
    console.type_line(typed).unwrap();
}

/// login(1) itself at a terminal of its own, as somebody at the console sees it.
#[test]
fn login_at_a_terminal_asks_for_both_doors_and_refuses_a_wrong_code() {
    let Some(house) = shared(&HOUSE, "laptop-28") else { return };
    let codes = house.bound_person("emma", PASSWORD, 1).unwrap();
    let mut console = house.sandbox.at_terminal(&["login"]).unwrap();
    let both_doors = |console: &mut Terminal, code: &str| {
        answer(console, "laptop-28 login:", "emma");
        answer(console, "Password:", PASSWORD);
        answer(console, "Passcode for the second door", code);
    };
    both_doors(&mut console, "000000");
    answer(&mut console, "That code is not right.", "111111");
    answer(&mut console, "That code is not right.", "222222");
    console.wait_for("Too many wrong codes.").unwrap();
    console.wait_for("Login incorrect").unwrap();
    let (state, reasons) = newest(&house, "emma");
    assert_ne!(state, "allowed");
    assert_eq!(reasons, ["factor_wrong"]);

    both_doors(&mut console, &codes[0]);
    answer(&mut console, "$", "echo this is $(id -un) at $(tty)");
    console.wait_for("this is emma at /dev/pts/").unwrap();
    let entry = house.sign_ins("emma").unwrap().remove(0);
    assert_eq!(entry["resource"]["service"], "login", "{entry}");
    assert_eq!(text(&entry, "state"), "allowed");
}

/// In a stack that an administrator wrote: the agent carries the password to the server, which has its own hash of it.
#[test]
fn where_the_agent_is_the_first_door_the_directory_checks_the_password() {
    let Some(house) = shared(&HOUSE, "laptop-28") else { return };
    let codes = house.bound_person("erna", PASSWORD, 2).unwrap();
    house.local_person("localfrida", "of this machine").unwrap();
    let stack = "auth required pam_sallyport.so first_door=agent\naccount required pam_sallyport.so\n";
    house.sandbox.write_file("/etc/pam.d/by-agent", 0o644, stack.as_bytes()).unwrap();

    let (ok, said) = pam(&house, "by-agent", "erna", &["not it", &codes[0]]);
    assert!(!ok && !said.contains("Passcode"), "{said}\n{}", house.logs());
    assert_eq!(newest(&house, "erna"), ("denied".to_owned(), vec!["password_wrong".to_owned()]));
    let (ok, said) = pam(&house, "by-agent", "erna", &[PASSWORD, &codes[0]]);
    assert!(ok && said.contains("Passcode for the second door"), "{said}\n{}", house.logs());
    let entry = &house.sign_ins("erna").unwrap()[0];
    assert_eq!(
        (&entry["first_door"]["kind"], &entry["state"]),
        (&"password".into(), &"allowed".into()),
        "{entry}"
    );
    // What the shadow file knows has no say: there it is the old password now.
    house.sandbox.check_with_input(["chpasswd"], b"erna:of the shadow file\n").unwrap();
    let (ok, said) = pam(&house, "by-agent", "erna", &["of the shadow file", &codes[1]]);
    assert!(!ok && !said.contains("Passcode"), "{said}");
    // Of accounts that are none of the directory's the module says nothing, and here nobody else does.
    assert!(!pam(&house, "by-agent", "localfrida", &["of this machine"]).0);
}
