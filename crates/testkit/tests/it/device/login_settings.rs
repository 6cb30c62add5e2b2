//! Login settings of a group of devices, changed on the server and followed by the device by itself.

use sallyport_testkit::{
    ssh::{self, SshLogin, SshOutcome},
    story::{DeviceHouse, text, until},
};

use super::{PASSWORD, let_in, newest, outage::is_connected, own, refused};

const GROUP: &str = "laptops";

/// Changes the settings and waits until the device says that it looks so.
fn set(house: &DeviceHouse, settings: &[&str]) {
    house.cli().json(&[&["group", "login-settings", GROUP], settings].concat()).unwrap();
    house.in_step().unwrap();
}

/// Whether the module stands in the file of this service.
fn stands(house: &DeviceHouse, service: &str) -> bool {
    let file = house.sandbox.read_file(format!("/etc/pam.d/{service}")).unwrap();
    String::from_utf8(file).unwrap().contains("pam_sallyport.so")
}

/// A login over ssh, once an ssh server that reads its configuration again listens.
fn login(login: &SshLogin) -> SshOutcome {
    until("the ssh server", || {
        let outcome = ssh::login(login)?;
        Ok((!outcome.shown().contains("Connection refused")).then_some(outcome))
    })
    .unwrap()
}

fn sudo(house: &DeviceHouse, user: &str, typed: &[&str]) -> (bool, String) {
    let input: String = typed.iter().map(|line| format!("{line}\n")).collect();
    let out =
        house.sandbox.run_with_input(["pamtester", "sudo", user, "authenticate"], input.as_bytes()).unwrap();
    (out.status.success(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned())
}

#[test]
fn a_change_of_the_services_reaches_pam_by_itself_and_what_fails_leaves_the_doors_as_they_were() {
    let Some(house) = own("laptop-42") else { return };
    let codes = house.bound_person("ada", PASSWORD, 3).unwrap();
    let drop_in = || house.sandbox.run(["grep", "-rl", "keyboard-interactive", "/etc/ssh/sshd_config.d"]);
    assert!(stands(&house, "sshd") && stands(&house, "sudo") && stands(&house, "su"));

    set(&house, &["--service", "sudo"]);
    assert!(
        !stands(&house, "sshd")
            && stands(&house, "sudo")
            && stands(&house, "sudo-i")
            && !stands(&house, "su")
    );
    assert!(!drop_in().unwrap().status.success());
    let alone = login(&house.login("ada", PASSWORD, &[]));
    let_in(&house, &alone, "ada");
    assert_eq!(alone.prompts_seen.len(), 1, "{alone:?}");
    let (ok, said) = sudo(&house, "ada", &[PASSWORD, &codes[0]]);
    assert!(ok && said.contains("Passcode for the second door"), "{said}\n{}", house.logs());

    set(&house, &["--service", "sshd"]);
    assert!(stands(&house, "sshd") && !stands(&house, "sudo") && drop_in().unwrap().status.success());
    refused(&house, &login(&house.login("ada", PASSWORD, &[])), "");
    let_in(&house, &login(&house.login("ada", PASSWORD, &[&codes[1]])), "ada");
    let (ok, said) = sudo(&house, "ada", &[PASSWORD]);
    assert!(ok && !said.contains("Passcode"), "{said}\n{}", house.logs());
    let state = house.state().unwrap();
    assert_eq!(
        (text(&state, "login_component"), text(&state, "login_failure")),
        ("enabled".into(), String::new())
    );

    // A file that would go round the second door is not edited, and neither is anything else.
    let su = "auth sufficient pam_unix.so\n@include common-account\n";
    house.sandbox.write_file("/etc/pam.d/su", 0o644, su.as_bytes()).unwrap();
    set(&house, &["--service", "sudo", "--service", "su"]);
    let state = house.state().unwrap();
    assert!(text(&state, "login_failure").contains("would go round the second door"), "{state}");
    assert_eq!(text(&state, "login_component"), "installed");
    assert!(stands(&house, "sshd") && !stands(&house, "sudo") && !stands(&house, "su"));
    let_in(&house, &login(&house.login("ada", PASSWORD, &[&codes[2]])), "ada");

    // Taken out by hand it stays out, whatever is wanted.
    house.sandbox.check(["sallyport-agent", "login", "disable"]).unwrap();
    set(&house, &["--service", "sshd", "--service", "sudo"]);
    assert!(!stands(&house, "sshd") && !stands(&house, "sudo"));
    assert_eq!(text(&house.state().unwrap(), "login_component"), "installed");
}

#[test]
fn who_is_outside_the_scope_comes_in_by_password_alone_and_so_without_the_server() {
    let Some(mut house) = own("laptop-43") else { return };
    let codes = house.bound_person("bea", PASSWORD, 1).unwrap();
    house.bound_person("cleo", PASSWORD, 0).unwrap();
    house.cli().json(&["group", "create", "--name", "ops", "--kind", "users"]).unwrap();
    set(&house, &["--asked-group", "ops"]);
    // Nobody is in it: everybody is asked.
    refused(&house, &login(&house.login("cleo", PASSWORD, &[])), "You have nothing yet");

    house.cli().json(&["group", "add-member", "ops", "--user", "bea"]).unwrap();
    house.in_step().unwrap();
    let outside = login(&house.login("cleo", PASSWORD, &[]));
    let_in(&house, &outside, "cleo");
    assert_eq!(outside.prompts_seen.len(), 1, "{outside:?}");
    assert_eq!(newest(&house, "cleo"), ("allowed".to_owned(), vec!["outside_login_groups".to_owned()]));
    refused(&house, &login(&house.login("cleo", "not it", &[])), "Permission denied");
    let inside = login(&house.login("bea", PASSWORD, &[&codes[0]]));
    let_in(&house, &inside, "bea");
    assert_eq!(inside.prompts_seen.len(), 2, "{inside:?}");

    house.house.server.kill().unwrap();
    until("the agent to notice", || Ok((!is_connected(&house)).then_some(()))).unwrap();
    let outside = login(&house.login("cleo", PASSWORD, &[]));
    let_in(&house, &outside, "cleo");
    assert_eq!(outside.prompts_seen.len(), 1, "{outside:?}");
    refused(&house, &login(&house.login("cleo", "not it", &[])), "Permission denied");
    let inside = login(&house.login("bea", PASSWORD, &["000000", "000000", "000000"]));
    refused(&house, &inside, "Wrong code.");

    house.house.server.start_again().unwrap();
    until("the agent to come back", || Ok(is_connected(&house).then_some(()))).unwrap();
    house.cli().json(&["user", "suspend", "cleo"]).unwrap();
    house.account("cleo").unwrap();
    refused(&house, &login(&house.login("cleo", PASSWORD, &[])), "Permission denied");
}

#[test]
fn a_key_is_worth_what_the_settings_say() {
    let Some(house) = own("laptop-44") else { return };
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "dora@home", "-f"])
        .arg(&key)
        .status()
        .unwrap();
    assert!(made.success());
    let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    house.house.person("dora", PASSWORD).unwrap();
    house.cli().json(&["user", "update", "dora", "--ssh-key", public.trim()]).unwrap();
    house.bind("dora", &[]).unwrap();
    let with_key = || {
        let plain = SshLogin::new(house.sandbox.address(), "dora").command("id -un");
        login(&SshLogin { identity: Some(key.clone()), ..plain })
    };
    refused(&house, &with_key(), "");
    set(&house, &["--ssh-keys", "key_alone"]);
    let alone = with_key();
    let_in(&house, &alone, "dora");
    assert!(alone.prompts_seen.is_empty(), "{alone:?}");
    // Without a key both doors are asked for as before.
    refused(&house, &login(&house.login("dora", PASSWORD, &[])), "You have nothing yet");
    set(&house, &["--use-organization"]);
    refused(&house, &with_key(), "");
}

#[test]
fn a_stack_that_libpam_cannot_load_is_taken_back_before_anybody_comes_to_it() {
    let Some(house) = own("laptop-62") else { return };
    let codes = house.bound_person("gesa", PASSWORD, 1).unwrap();
    house.sandbox.check(["sallyport-agent", "login", "disable"]).unwrap();
    // A program for this machine, root's and nobody else's: only libpam sees that it is no module.
    let change =
        |what: &str| house.sandbox.check(["sh", "-ec", &format!("cd /lib/*/security; {what}")]).unwrap();
    change("cp pam_sallyport.so /root/kept.so; cat /bin/true > pam_sallyport.so");
    let refused = house.sandbox.run(["sallyport-agent", "login", "enable"]).unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("a login through the new stack of"), "{said}");
    for service in ["login", "sshd", "su", "sudo", "sudo-i"] {
        assert!(!stands(&house, service), "{service}");
    }
    assert!(house.sandbox.read_file("/etc/pam.d/sallyport-rehearsal").is_err());
    let_in(&house, &login(&house.login("gesa", PASSWORD, &[])), "gesa");

    change("cat /root/kept.so > pam_sallyport.so");
    house.sandbox.check(["sallyport-agent", "login", "enable"]).unwrap();
    assert!(stands(&house, "sshd") && stands(&house, "sudo"));
    let_in(&house, &login(&house.login("gesa", PASSWORD, &[&codes[0]])), "gesa");
}
