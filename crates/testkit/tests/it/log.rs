//! The log of the real server at its most talkative: no secret that passed through it is in there.

use std::{
    io::Write as _,
    net::{Ipv4Addr, TcpStream},
};

use sallyport_testkit::{
    authenticator::Authenticator,
    story::{House, text, until},
};

const PASSWORD: &str = "canary-walnut-ferry-umbrella";
const NEW_PASSWORD: &str = "canary-gravel-heron-lantern";
const WRONG_PASSWORD: &str = "canary-wrong-thimble-orchard";

#[test]
fn no_secret_reaches_the_log_however_much_is_logged() {
    let mut house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    house.server.kill().unwrap();
    house.server.filter = "trace";
    house.server.start_again().unwrap();
    let mut secrets: Vec<String> =
        [PASSWORD, NEW_PASSWORD, WRONG_PASSWORD].into_iter().map(str::to_owned).collect();
    secrets.push(house.set_up.token.clone());

    house.person("alice", PASSWORD).unwrap();
    let code = house.cli.json(&["user", "enrollment-code", "alice"]).unwrap();
    secrets.push(text(&code, "code"));
    let token = house.cli.json(&["token", "create", "--name", "spare", "--role", "auditor"]).unwrap();
    secrets.push(text(&token, "token"));
    let application =
        house.cli.json(&["application", "create", "--type", "duo-auth-api", "--name", "vpn"]).unwrap();
    secrets.push(text(&application, "skey"));
    let device = house.cli.json(&["enrollment-token", "create"]).unwrap();
    secrets.push(text(&device, "token"));

    let browser = house.browser().unwrap();
    let page = browser.open(&format!("/enroll?code={}", text(&code, "code"))).unwrap();
    let page = browser.submit(&page, "code", &[("code", &text(&code, "code"))]).unwrap().ok().unwrap();
    let seed = page.text_of("seed").unwrap();
    secrets.extend([seed.clone(), seed.replace(' ', "")]);
    let phone = Authenticator::from_text(&seed).unwrap();
    let first = phone.code(-1);
    browser.submit(&page, "passcode", &[("passcode", &first)]).unwrap().ok().unwrap();
    let page = browser.open("/sign-in").unwrap();
    let page = browser.submit(&page, "password", &[("name", "alice"), ("password", WRONG_PASSWORD)]).unwrap();
    let page = browser.submit(&page, "password", &[("name", "alice"), ("password", PASSWORD)]).unwrap();
    let second = phone.code(0);
    browser.submit(&page, "passcode", &[("passcode", &second)]).unwrap().ok().unwrap();
    let page = browser.open("/password").unwrap();
    let typed =
        [("old_password", PASSWORD), ("new_password", NEW_PASSWORD), ("new_password_again", NEW_PASSWORD)];
    browser.submit(&page, "old_password", &typed).unwrap().ok().unwrap();

    // What only the most talkative log has.
    let mut rude = TcpStream::connect(house.server.url.trim_start_matches("https://")).unwrap();
    rude.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();

    let log = house.server.log.clone();
    let failed = || Ok(std::fs::read_to_string(&log)?.contains("TLS handshake failed").then_some(()));
    until("a log as talkative as it was told to be", failed).unwrap();
    house.server.stop().unwrap();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("/sign-in/second"), "what happened is logged");
    let found: Vec<&String> = secrets.iter().filter(|secret| log.contains(secret.as_str())).collect();
    assert!(found.is_empty(), "{} secrets of {} are in the log: {found:?}", found.len(), secrets.len());
    for code in [first, second] {
        let spoken = log.lines().find(|line| line.contains(&format!("passcode={code}")));
        assert_eq!(spoken, None);
    }
}
