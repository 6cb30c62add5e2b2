//! Somebody else where the organisation's server was, who says yes to everybody: with a certificate of their own, and
//! with one that the device takes. Neither has the organisation's signing key, so neither lets anybody in.

mod liar;

use std::net::SocketAddr;

use sallyport_api::agent::AgentMessage;
use sallyport_testkit::{
    sandbox::Signal,
    story::{DeviceHouse, until},
};
use serde_json::Value;

use self::liar::Liar;
use super::{
    PASSWORD,
    doors::{BREAK_GLASS, DOORS, people},
    let_in,
    outage::is_connected,
    own, refused,
};

const TRUST: &str = "/var/lib/sallyport/trust.json";

fn trust(house: &DeviceHouse) -> Value {
    serde_json::from_slice(&house.sandbox.read_file(TRUST).unwrap()).unwrap()
}

/// Starts the agent anew with this enrolment.
fn restart_with(house: &mut DeviceHouse, trust: &Value) {
    house.end_agent(Signal::TERM).unwrap();
    house.sandbox.write_file(TRUST, 0o600, trust.to_string().as_bytes()).unwrap();
    house.start_agent().unwrap();
}

#[track_caller]
fn nobody_gets_in(house: &DeviceHouse, code: &str) {
    assert!(!is_connected(house), "{}", house.logs());
    refused(house, &house.ssh("sabine", PASSWORD, &[code, "000000", "111111"]).unwrap(), "Wrong code.");
    for door in &DOORS {
        let mut terminal = door.knock(house, BREAK_GLASS);
        for wrong in [code, "000000"] {
            terminal.type_line(wrong).unwrap();
            door.shows(&mut terminal, BREAK_GLASS, house);
        }
        terminal.type_line("111111").unwrap();
        door.refuses(terminal, "Wrong code.", house);
    }
}

#[test]
fn a_server_that_lies_lets_nobody_in() {
    let Some(mut house) = own("laptop-45") else { return };
    let codes = house.bound_person("sabine", PASSWORD, 1).unwrap();
    people(&house);
    let sudo = house.sandbox.read_file("/etc/pam.d/sudo").unwrap();
    let true_trust = trust(&house);
    let organization = true_trust["signing_key"].as_str().unwrap().to_owned();
    let address: SocketAddr = house.house.server.url.strip_prefix("https://").unwrap().parse().unwrap();
    house.house.server.kill().unwrap();
    until("the agent to notice", || Ok((!is_connected(&house)).then_some(()))).unwrap();

    // The device pins the authority: it does not get as far as saying who it is.
    let liar = Liar::stand(address, &organization);
    until("the device to come", || Ok((liar.visits() > 0).then_some(()))).unwrap();
    nobody_gets_in(&house, &codes[0]);
    assert!(liar.heard().is_empty(), "{:?}", liar.heard());

    // With an authority that the device takes, the organisation's key is still to be proved.
    let mut trust = true_trust.clone();
    trust["ca"] = liar.ca.as_str().into();
    restart_with(&mut house, &trust);
    until("the device to say who it is", || Ok((!liar.heard().is_empty()).then_some(()))).unwrap();
    until("the lie to be noticed", || {
        Ok(house.agent_log().contains("did not prove to be the organisation's").then_some(()))
    })
    .unwrap();
    nobody_gets_in(&house, &codes[0]);
    let said = liar.heard();
    assert!(said.iter().all(|message| matches!(message, AgentMessage::Hello { .. })), "{said:?}");
    assert_eq!(house.sandbox.read_file("/etc/pam.d/sudo").unwrap(), sudo);

    drop(liar);
    house.house.server.start_again().unwrap();
    restart_with(&mut house, &true_trust);
    house.in_step().unwrap();
    let_in(&house, &house.ssh("sabine", PASSWORD, &[&codes[0]]).unwrap(), "sabine");
}
