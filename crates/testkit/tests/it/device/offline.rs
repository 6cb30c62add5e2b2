//! Without the server, in a group of devices that lets the password alone open then.

use sallyport_testkit::{
    sandbox::Signal,
    story::{DeviceHouse, text, until},
};
use serde_json::Value;

use super::{PASSWORD, outage::is_connected, own, strings};

/// What pamtester says of a login at this service, behind the right password unless another is given.
fn pam(house: &DeviceHouse, service: &str, user: &str, password: &str) -> (bool, String) {
    let arguments = ["pamtester", service, user, "authenticate", "acct_mgmt"];
    let out = house.sandbox.run_with_input(arguments, format!("{password}\n000000\n").as_bytes()).unwrap();
    let said = [out.stdout, out.stderr].concat();
    (out.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[track_caller]
fn passes(house: &DeviceHouse, service: &str, user: &str) {
    let (ok, said) = pam(house, service, user, PASSWORD);
    assert!(
        ok && said.contains("Your password alone was enough"),
        "{service} {user}: {said}\n{}",
        house.logs()
    );
}

#[track_caller]
fn stays_out(house: &DeviceHouse, service: &str, user: &str) {
    let (ok, said) = pam(house, service, user, PASSWORD);
    assert!(!ok && !said.contains("was enough"), "{service} {user}: {said}\n{}", house.logs());
}

fn set(house: &DeviceHouse, mode: &str) {
    house.cli().json(&["group", "login-settings", "laptops", "--fail-mode", mode]).unwrap();
    house.in_step().unwrap();
}

fn lose_the_server(house: &mut DeviceHouse) {
    house.house.server.kill().unwrap();
    until("the agent to notice", || Ok((!is_connected(house)).then_some(()))).unwrap();
}

fn find_it_again(house: &mut DeviceHouse) {
    cable(house, "up");
    house.house.server.start_again().unwrap();
    until("the agent to come back", || Ok(is_connected(house).then_some(()))).unwrap();
}

fn cable(house: &DeviceHouse, state: &str) {
    house.sandbox.check(["ip", "link", "set", "eth0", state]).unwrap();
}

/// What the agent has on disk.
fn remembered(house: &DeviceHouse) -> Option<Value> {
    let file = house.sandbox.read_file("/var/lib/sallyport/offline.json").ok()?;
    serde_json::from_slice(&file).ok()
}

/// Waits until the server has proved to the agent that it is there, and knows of everything.
fn proved(house: &DeviceHouse) {
    until("the server's proof", || {
        let all_told = |record: Value| {
            (!record["contact"].is_null() && record["logins"].as_array().is_some_and(Vec::is_empty))
                .then_some(())
        };
        Ok(remembered(house).and_then(all_told))
    })
    .unwrap_or_else(|error| panic!("{error}: {:?}\n{}", remembered(house), house.logs()));
}

#[test]
fn a_closed_device_lets_nobody_in_and_an_open_one_a_standard_user_in_front_of_it_three_times() {
    let Some(mut house) = own("laptop-61") else { return };
    house.bound_person("ada", PASSWORD, 0).unwrap();
    house.house.person("root-ish", PASSWORD).unwrap();
    house.bind("root-ish", &["--administrator"]).unwrap();

    // Closed, as it is where nobody says otherwise: neither with a network nor without.
    lose_the_server(&mut house);
    stays_out(&house, "login", "ada");
    cable(&house, "down");
    stays_out(&house, "login", "ada");
    find_it_again(&mut house);
    assert!(remembered(&house).is_none(), "a closed device asks for no proof");

    set(&house, "open");
    proved(&house);
    lose_the_server(&mut house);
    // Everything but the server can be reached: that may be a trick.
    stays_out(&house, "login", "ada");
    cable(&house, "down");
    // su lets root through without any door, and pamtester is run by root here.
    house.sandbox.check(["sed", "-i", "/pam_rootok/d", "/etc/pam.d/su"]).unwrap();
    for service in ["sshd", "sudo", "su"] {
        stays_out(&house, service, "ada");
    }
    stays_out(&house, "login", "root-ish");
    let (ok, said) = pam(&house, "login", "ada", "not it");
    assert!(!ok && !said.contains("was enough"), "{said}");

    passes(&house, "login", "ada");
    passes(&house, "login", "ada");
    // Neither an end in order nor one in the middle of everything makes the count begin anew.
    house.end_agent(Signal::KILL).unwrap();
    house.start_agent().unwrap();
    // It first has to see for itself that the account is as desired.
    until("the third login", || Ok(pam(&house, "login", "ada", PASSWORD).0.then_some(()))).unwrap();
    stays_out(&house, "login", "ada");

    find_it_again(&mut house);
    proved(&house);
    let told = house.sign_ins("ada").unwrap();
    let offline: Vec<_> =
        told.iter().filter(|entry| strings(&entry["reasons"]) == ["server_unreachable"]).collect();
    assert_eq!(offline.len(), 3, "{told:?}");
    for entry in offline {
        assert_eq!(
            (text(entry, "state"), &entry["resource"]["service"]),
            ("allowed".into(), &"login".into())
        );
        assert_eq!((&entry["first_door"]["by"], &entry["second_door"]), (&"pam_unix".into(), &Value::Null));
    }
    let device = house.state().unwrap();
    assert_eq!(device["offline_logins"].as_array().map(Vec::len), Some(3), "{device}");
    let changes = house.cli().json(&["audit", "list", "--text", "offline_login"]).unwrap();
    assert!(changes.to_string().contains("offline_login"), "{changes}");

    // Once they are told, and the server was there, it may happen again; closed, it may not.
    lose_the_server(&mut house);
    cable(&house, "down");
    passes(&house, "login", "ada");
    find_it_again(&mut house);
    proved(&house);
    set(&house, "closed");
    lose_the_server(&mut house);
    cable(&house, "down");
    stays_out(&house, "login", "ada");
}
