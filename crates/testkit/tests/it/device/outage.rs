//! Without the server: nobody is let in, the words say so, and one code per device still opens one door once.

use sallyport_testkit::{
    ssh,
    story::{DeviceHouse, text, until},
};

use super::{PASSWORD, let_in, own, refused};

const ASKED: &str = "The server cannot be reached. Break-glass code:";

/// Whether the agent itself says that it has its channel.
pub(super) fn is_connected(house: &DeviceHouse) -> bool {
    let status = house.sandbox.check(["sallyport-agent", "status"]).unwrap();
    String::from_utf8(status)
        .unwrap()
        .lines()
        .any(|line| line.contains("channel") && !line.contains("not connected"))
}

pub(super) fn break_glass(house: &DeviceHouse) -> String {
    text(&house.cli().json(&["device", "break-glass", house.sandbox.name()]).unwrap(), "code")
}

#[test]
fn a_break_glass_code_opens_once_while_the_server_is_gone_and_it_comes_back_by_itself() {
    let Some(mut house) = own("laptop-22") else { return };
    let codes = house.bound_person("paula", PASSWORD, 2).unwrap();
    house.local_person("localrosa", "of this machine").unwrap();
    let glass = break_glass(&house);
    let with_server = house.ssh("paula", PASSWORD, &[&glass, &glass, &glass]).unwrap();
    refused(&house, &with_server, "Too many wrong codes.");

    house.house.server.kill().unwrap();
    until("the agent to notice", || Ok((!is_connected(&house)).then_some(()))).unwrap();

    let code = house.ssh("paula", PASSWORD, &[&codes[0], "000000", "12345678901234567890"]).unwrap();
    refused(&house, &code, "Wrong code.");
    assert!(code.prompts_seen[1].contains(ASKED), "{code:?}");
    refused(&house, &house.ssh("paula", "not it", &[&glass]).unwrap(), "Permission denied");
    let_in(&house, &house.ssh("localrosa", "of this machine", &[]).unwrap(), "localrosa");

    // As people read it out, with hyphens; and once, however many try it at the same moment.
    let login = || {
        let login = house.login("paula", PASSWORD, &[&glass]);
        std::thread::spawn(move || ssh::login(&login).unwrap())
    };
    let two = [login(), login()].map(|login| login.join().unwrap());
    assert_eq!(two.iter().filter(|outcome| outcome.is_success()).count(), 1, "{two:?}");
    let again = house.ssh("paula", PASSWORD, &[&glass]).unwrap();
    refused(&house, &again, "The server of the second door cannot be reached.");
    assert_eq!(again.prompts_seen.len(), 1, "{again:?}");

    house.house.server.start_again().unwrap();
    until("the agent to come back", || Ok(is_connected(&house).then_some(()))).unwrap();
    let_in(&house, &house.ssh("paula", PASSWORD, &[&codes[0]]).unwrap(), "paula");
    // The server hears of the use, writes it down and gives the device another code.
    until("the code to be replaced", || {
        let changes = house.cli().json(&["audit", "list", "--text", "break_glass_used"])?;
        Ok(changes.to_string().contains("break_glass_used").then_some(()))
    })
    .unwrap();
    let fresh = break_glass(&house);
    assert_ne!(fresh, glass);
    house.in_step().unwrap();

    house.house.server.kill().unwrap();
    until("the agent to notice", || Ok((!is_connected(&house)).then_some(()))).unwrap();
    refused(&house, &house.ssh("paula", PASSWORD, &[&glass, &glass, &glass]).unwrap(), "Wrong code.");
    let_in(&house, &house.ssh("paula", PASSWORD, &[&fresh]).unwrap(), "paula");
}

#[test]
fn a_used_break_glass_code_stays_used_when_the_agent_starts_anew() {
    let Some(mut house) = own("laptop-23") else { return };
    house.bound_person("quinn", PASSWORD, 0).unwrap();
    let glass = break_glass(&house);
    house.house.server.kill().unwrap();
    until("the agent to notice", || Ok((!is_connected(&house)).then_some(()))).unwrap();
    let_in(&house, &house.ssh("quinn", PASSWORD, &[&glass]).unwrap(), "quinn");
    house.end_agent(sallyport_testkit::sandbox::Signal::KILL).unwrap();
    house.start_agent().unwrap();
    let again = house.ssh("quinn", PASSWORD, &[&glass]).unwrap();
    refused(&house, &again, "The server of the second door cannot be reached.");
    assert_eq!(again.prompts_seen.len(), 1, "{again:?}");
}

#[test]
fn an_answer_to_a_server_that_restarted_meanwhile_is_refused_at_once() {
    let Some(mut house) = own("laptop-38") else { return };
    let codes = house.bound_person("ruth", PASSWORD, 1).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut login = house.login("ruth", PASSWORD, &[&codes[0]]);
    login.hold = Some(("code".to_owned(), folder.path().to_owned()));
    let waiting = std::thread::spawn(move || ssh::login(&login).unwrap());
    until("the prompt", || Ok(folder.path().join("held").exists().then_some(()))).unwrap();
    house.house.server.kill().unwrap();
    until("the agent to notice", || Ok((!is_connected(&house)).then_some(()))).unwrap();
    house.house.server.start_again().unwrap();
    until("the agent to come back", || Ok(is_connected(&house).then_some(()))).unwrap();
    std::fs::write(folder.path().join("go"), "").unwrap();
    let outcome = waiting.join().unwrap();
    assert!(!outcome.timed_out, "{outcome:?}\n{}", house.logs());
    refused(&house, &outcome, "The connection to the server was interrupted. Please log in again.");
    let_in(&house, &house.ssh("ruth", PASSWORD, &[&codes[0]]).unwrap(), "ruth");
}
