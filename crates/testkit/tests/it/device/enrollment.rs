//! Machines that want to become devices: which tokens are good, what waits in quarantine, what a revoked device hears.

use std::{net::UdpSocket, process::Output, thread};

use sallyport_testkit::{
    sandbox::Signal,
    story::{DeviceHouse, text, until},
};

use super::{PASSWORD, may_raise};

fn raise(name: &str) -> Option<DeviceHouse> {
    if !may_raise() {
        return None;
    }
    Some(DeviceHouse::raise(name).unwrap())
}

fn said(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

fn status(house: &DeviceHouse) -> String {
    String::from_utf8(house.sandbox.check(["sallyport-agent", "status"]).unwrap()).unwrap()
}

#[test]
fn tokens_that_are_no_good_are_refused_in_clear_words() {
    let Some(house) = raise("laptop-32") else { return };
    let good = house.token(&[]).unwrap();
    let (secret, fingerprint) = good.split_once('.').unwrap();
    let last = secret.chars().next_back().unwrap();
    let altered =
        format!("{}{}.{fingerprint}", &secret[..secret.len() - 1], if last == 'A' { 'B' } else { 'A' });
    let other_authority = format!("{secret}.{}", "0".repeat(fingerprint.len()));
    let withdrawn = house.token(&[]).unwrap();
    let list = house.cli().json(&["enrollment-token", "list"]).unwrap();
    let newest = list["items"].as_array().unwrap().last().unwrap();
    house.cli().json(&["enrollment-token", "revoke", &text(newest, "id")]).unwrap();

    let cannot = "this enrolment token cannot be used; ask for a new one";
    for (token, words) in [
        ("", "no enrolment token"),
        ("open sesame", "has characters no token has"),
        ("opensesame", "holds no enrolment token"),
        (altered.as_str(), cannot),
        (withdrawn.as_str(), cannot),
        (other_authority.as_str(), "authority"),
    ] {
        let out = house.install(token).unwrap();
        assert!(
            !out.status.success() && said(&out).contains(words),
            "`{words}` was not said: {}",
            said(&out)
        );
        assert!(
            !house.sandbox.run(["test", "-e", "/var/lib/sallyport/trust.json"]).unwrap().status.success()
        );
    }
    assert_eq!(house.cli().json(&["device", "list"]).unwrap()["items"].as_array().unwrap().len(), 0);

    house.enroll_with(&good).unwrap();
    let again = house.install(&good).unwrap();
    assert!(said(&again).contains("enrolled with Fortress & Sons already"), "{}", said(&again));
    house.sandbox.check(["sallyport-agent", "unenroll"]).unwrap();
    let used = house.install(&good).unwrap();
    assert!(!used.status.success() && said(&used).contains(cannot), "{}", said(&used));
    assert_eq!(house.cli().json(&["device", "list"]).unwrap()["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_device_in_quarantine_is_trusted_with_nothing() {
    let Some(mut house) = raise("laptop-33") else { return };
    house.house.person("frida", PASSWORD).unwrap();
    house.enroll_with(&house.token(&[]).unwrap()).unwrap();
    house.start_agent().unwrap();
    let state = house.in_step().unwrap();
    assert_eq!(state["device"]["state"], "quarantined", "{state}");
    house.cli().json(&["binding", "create", "--user", "frida", "--device", "laptop-33"]).unwrap();
    let state = house.in_step().unwrap();
    assert_eq!(state["accounts"].as_array().unwrap().len(), 0, "{state}");
    assert!(!house.sandbox.run(["getent", "passwd", "frida"]).unwrap().status.success());
    let kept = house.sandbox.run(["grep", "-r", "frida", "/var/lib/sallyport"]).unwrap();
    assert!(!kept.status.success(), "{}", said(&kept));
    let glass = house.cli().json(&["device", "break-glass", "laptop-33"]).unwrap_err().to_string();
    assert!(glass.contains("is not active and has no break-glass code"), "{glass}");
    let command =
        ["command", "create", "--name", "Try", "--body", "touch /root/ran", "--device", "laptop-33"];
    house.cli().json(&command).unwrap();
    let launched = house.cli().json(&["command", "run", "Try"]).unwrap_err().to_string();
    assert!(launched.contains("there is no active device among the targets"), "{launched}");

    house.cli().json(&["device", "admit", "laptop-33"]).unwrap();
    until("the account", || {
        Ok(house.sandbox.run(["getent", "passwd", "frida"])?.status.success().then_some(()))
    })
    .unwrap();
    assert_eq!(text(&house.account("frida").unwrap(), "difference"), "none");
    let changes = house.cli().json(&["audit", "list", "--text", "laptop-33"]).unwrap().to_string();
    for verb in ["enroll", "admit"] {
        assert!(changes.contains(verb), "no `{verb}` in {changes}");
    }
}

#[test]
fn a_revoked_device_hears_so_and_keeps_its_accounts() {
    let Some(mut house) = super::own("laptop-34") else { return };
    let codes = house.bound_person("greta", PASSWORD, 2).unwrap();
    house.cli().json(&["device", "revoke", "laptop-34"]).unwrap();
    until("the status to say so", || {
        Ok(status(&house).contains("the server revoked this device").then_some(()))
    })
    .unwrap();
    assert!(status(&house).contains("not connected"), "{}", status(&house));
    assert!(house.sandbox.run(["getent", "passwd", "greta"]).unwrap().status.success());
    // The second door stays shut: nobody answers for it any more.
    let outcome = house.ssh("greta", PASSWORD, &[&codes[0]]).unwrap();
    super::refused(&house, &outcome, "The server cannot be reached.");

    // Asked again after a start it hears the same.
    house.end_agent(Signal::TERM).unwrap();
    house.start_agent().unwrap();
    until("the status to say so", || {
        Ok(status(&house).contains("the server revoked this device").then_some(()))
    })
    .unwrap_or_else(|error| panic!("{error}\n{}\n{}", status(&house), house.logs()));
    let state = house.state().unwrap();
    assert_eq!(state["connected"], false, "{state}");
}

/// Answers every question for an address with that of the server, until the test program ends.
fn name_server(house: &DeviceHouse) {
    let address = house.sandbox.host_address();
    let socket = UdpSocket::bind((address, 53)).unwrap();
    thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, asker)) = socket.recv_from(&mut question) {
            // RFC 1035: the question again and, if it is for A, one record that points to its name.
            let (header, rest) = question[..length].split_at(12);
            let name = rest.iter().position(|byte| *byte == 0).unwrap() + 1;
            let answers = u8::from(rest[name..name + 2] == [0, 1]);
            let mut answer = vec![header[0], header[1], 0x85, 0x80, 0, 1, 0, answers, 0, 0, 0, 0];
            answer.extend_from_slice(&rest[..name + 4]);
            if answers == 1 {
                answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
                answer.extend_from_slice(&address.octets());
            }
            socket.send_to(&answer, asker).unwrap();
        }
    });
}

#[test]
fn the_server_is_found_by_its_name() {
    let Some(mut house) = raise("laptop-42") else { return };
    // Leaves the agent installed.
    assert!(said(&house.install("opensesame").unwrap()).contains("holds no enrolment token"));
    name_server(&house);
    house.sandbox.check(["rm", "-f", "/etc/resolv.conf", "/etc/nsswitch.conf"]).unwrap();
    let resolver = format!("nameserver {}\n", house.sandbox.host_address());
    house.sandbox.write_file("/etc/resolv.conf", 0o644, resolver.as_bytes()).unwrap();
    house.sandbox.write_file("/etc/nsswitch.conf", 0o644, b"hosts: files dns\n").unwrap();
    let token = house.token(&[]).unwrap();
    house.sandbox.write_file("/root/token", 0o600, token.as_bytes()).unwrap();
    let port = house.house.server.url.rsplit_once(':').unwrap().1;
    let server = format!("https://sallyport.example:{port}");
    let enroll = ["sallyport-agent", "enroll", "--server", &server, "--token-file", "/root/token"];
    house.sandbox.check(enroll).unwrap();
    house.start_agent().unwrap();
    house.in_step().unwrap();
    assert!(status(&house).contains(&server), "{}", status(&house));
}
