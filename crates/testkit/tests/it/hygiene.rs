//! What the real server must not say, however much it is asked to say, and what it must not believe.

use std::{net::Ipv4Addr, process::Command};

use sallyport_testkit::{
    browser::Browser,
    cli::Cli,
    server::{Server, packages_folder},
    story::{House, enroll, items, text},
};
use serde_json::Value;

const PASSWORD: &str = "lantern orbit marmalade 4";

/// Whatever was typed, shown or handed out once stands in no line of a log that tells everything.
#[test]
fn a_log_that_tells_everything_tells_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let loud = [("SALLYPORT_LOG", "trace")];
    let server =
        Server::start_with(Ipv4Addr::LOCALHOST.into(), &data, &packages_folder().unwrap(), &loud).unwrap();
    let owner_password = "gravel tulip hovercraft 9";
    let set_up = server.set_up("Fortress", "olga", owner_password).unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, &set_up.ca).unwrap();
    let cli = Cli { binary: server.binary.clone(), url: server.url.clone(), token: set_up.token.clone(), ca };
    cli.json(&["user", "create", "vera", "--active"]).unwrap();
    cli.run(&["user", "set-password", "vera", "--password-file", "-"], Some(PASSWORD)).unwrap();
    let code = text(&cli.json(&["user", "enrollment-code", "vera"]).unwrap(), "code");
    let browser = Browser::new(&server.url, &set_up.ca).unwrap();
    let phone = enroll(&browser, &code).unwrap();
    let bypass = cli.json(&["user", "bypass-codes", "vera", "--count", "1"]).unwrap();
    let bypass = bypass["codes"][0].as_str().unwrap().to_owned();
    let page = browser.open("/sign-in").unwrap().ok().unwrap();
    let wrong = "not her password at all";
    let page = browser.submit(&page, "password", &[("name", "vera"), ("password", wrong)]).unwrap();
    let page = browser.submit(&page, "password", &[("name", "vera"), ("password", PASSWORD)]).unwrap();
    let passcode = phone.code(0);
    let home = browser.submit(&page, "passcode", &[("passcode", &passcode)]).unwrap().ok().unwrap();
    assert_eq!(home.path, "/");
    let keys = cli.json(&["application", "create", "--type", "duo-auth-api", "--name", "VPN"]).unwrap();
    let enrolment = text(&cli.json(&["enrollment-token", "create", "--description", "x"]).unwrap(), "token");

    let log = server.log.clone();
    server.stop().unwrap();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.lines().count() > 10 && log.contains(r#""path":"/sign-in""#), "nothing was logged:\n{log}");
    let skey = text(&keys, "skey");
    for (what, secret) in [
        ("a password", PASSWORD),
        ("the owner's password", owner_password),
        ("a wrong password", wrong),
        ("an API token", &set_up.token),
        ("the owner's enrolment code", &set_up.enrollment_code),
        ("an enrolment code", &code),
        ("a bypass code", &bypass),
        ("a secret key", &skey),
        ("an enrolment token", enrolment.split_once('.').unwrap().0),
    ] {
        assert!(!log.contains(secret), "{what} is in the log");
    }
    let passcodes = log.split(|c: char| !c.is_ascii_digit()).filter(|digits| *digits == passcode);
    assert_eq!(passcodes.count(), 0, "a passcode is in the log");
}

/// Where a request says that it comes from, and which server it says it is for, is its own word.
#[test]
fn forwarding_headers_and_host_have_no_say() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    house.person("vera", PASSWORD).unwrap();
    let forwarded = [
        "X-Forwarded-For: 203.0.113.7",
        "X-Forwarded-For: a",
        "X-Real-IP: 203.0.113.8",
        "Forwarded: for=203.0.113.9;host=evil.example",
        "X-Forwarded-Host: evil.example",
        "Host: evil.example",
    ];
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--cacert"]).arg(house.ca_file());
    for header in forwarded {
        curl.args(["--header", header]);
    }
    let page = curl.arg(format!("{}/sign-in", house.server.url)).output().unwrap();
    let page = String::from_utf8(page.stdout).unwrap();
    assert!(page.contains("password") && !page.contains("evil.example"), "{page}");

    let token = format!("Authorization: Bearer {}", house.set_up.token);
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--json", "{}", "--cacert"]).arg(house.ca_file());
    for header in forwarded.iter().chain([&token.as_str()]) {
        curl.args(["--header", header]);
    }
    let answer =
        curl.arg(format!("{}/api/v1/users/vera/enrollment-code", house.server.url)).output().unwrap();
    assert!(answer.status.success(), "{answer:?}");
    let answer = String::from_utf8(answer.stdout).unwrap();
    assert!(!answer.contains("evil.example"), "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert!(answer["url"].as_str().is_none_or(|url| url.starts_with(&house.server.url)), "{answer}");

    let audit = house.cli.json(&["audit", "list", "--text", "vera"]).unwrap();
    let sources: Vec<String> = items(&audit).iter().map(|change| text(change, "source")).collect();
    assert!(!sources.is_empty() && sources.iter().all(|source| source == "127.0.0.1"), "{audit}");
}
