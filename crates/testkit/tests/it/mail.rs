//! Our mail, taken by a mail server of other people's: TLS in both ways, a password, and what they read of it.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
};

use sallyport_testkit::{
    browser::Browser,
    story::{self, House},
};
use serde_json::Value;

const USER: &str = "sallyport";
const PASSWORD: &str = "a password with blanks";
const NAME: &str = "Zoë =?utf-8?q?of=20the=20bank?= Ångström";

/// A running server of theirs; ended when dropped.
struct Theirs {
    child: Child,
    said: BufReader<ChildStdout>,
    port: String,
    folder: tempfile::TempDir,
}

impl Theirs {
    fn start(security: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let file = |name: &str| folder.path().join(name);
        std::fs::write(file("certificate.pem"), own.cert.pem()).unwrap();
        std::fs::write(file("key.pem"), own.signing_key.serialize_pem()).unwrap();
        let python = std::env::var("TEST_PYTHON").expect("TEST_PYTHON is not set; run `make test`");
        let script = format!("{}/python/mail_server.py", std::env::var("CARGO_MANIFEST_DIR").unwrap());
        let mut child = Command::new(python)
            .arg(script)
            .args([file("certificate.pem"), file("key.pem")])
            .args([security, USER, PASSWORD])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut port = String::new();
        said.read_line(&mut port).unwrap();
        Self { child, said, port: port.trim().to_owned(), folder }
    }

    /// The next mail it took.
    fn mail(&mut self) -> Value {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Names it to the house as the server that takes its mail.
    fn take_mail_of(&self, house: &House, security: &str, password: &str) {
        let ca = self.folder.path().join("certificate.pem");
        let given = [
            ["--host", "127.0.0.1"],
            ["--port", &self.port],
            ["--security", security],
            ["--user", USER],
            ["--ca-file", ca.to_str().unwrap()],
            ["--sender", "it@example.com"],
            ["--password-file", "-"],
        ];
        house.cli.run(&[&["mail", "update"], given.as_flattened()].concat(), Some(password)).unwrap();
    }
}

impl Drop for Theirs {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn problem(house: &House) -> String {
    story::text(&house.cli.json(&["mail", "check"]).unwrap(), "problem")
}

#[test]
fn a_server_of_others_takes_our_mail_under_tls_and_with_a_password() {
    let house = House::open_with_loopback().unwrap();
    for (security, name) in [("starttls", "ada"), ("tls", "bob")] {
        let mut theirs = Theirs::start(security);
        theirs.take_mail_of(&house, security, PASSWORD);
        assert_eq!(problem(&house), "", "{security}");
        let address = format!("{name}@example.com");
        house.cli.json(&["mail", "update", "--subject", "For {name}: set up your second factor"]).unwrap();
        house
            .cli
            .json(&["user", "create", name, "--active", "--display-name", NAME, "--mail", &address])
            .unwrap();
        house.cli.json(&["user", "enrollment-link", name]).unwrap();
        let mail = theirs.mail();
        assert_eq!((&mail["tls"], &mail["proved"]), (&Value::Bool(true), &Value::Bool(true)), "{mail}");
        assert_eq!(
            (&mail["from"], &mail["to"][0]),
            (&"it@example.com".into(), &address.as_str().into()),
            "{mail}"
        );
        assert_eq!(mail["defects"], serde_json::json!([]), "{mail}");
        assert_eq!(mail["headers"]["from"], "Fortress & Sons <it@example.com>", "{mail}");
        assert_eq!(mail["headers"]["auto-submitted"], "auto-generated");
        assert!(mail["headers"]["message-id"].as_str().unwrap().ends_with("@localhost>"), "{mail}");
        // What their reader would make of a name that looks like one in the encoding of headers.
        assert_eq!(mail["headers"]["subject"], format!("For {NAME}: set up your second factor"), "{mail}");
        let text = mail["text"].as_str().unwrap();
        assert!(text.contains(&format!("Hello {NAME},")), "{text}");
        // And the link leads where it says.
        let code = text.split_once("/enroll?code=").unwrap().1.split_whitespace().next().unwrap();
        let browser: Browser = house.browser().unwrap();
        story::enroll(&browser, code).unwrap();
    }
}

#[test]
fn a_wrong_password_and_a_stranger_s_certificate_are_told_before_mail_is_needed() {
    let house = House::open_with_loopback().unwrap();
    let theirs = Theirs::start("starttls");
    theirs.take_mail_of(&house, "starttls", "another password");
    assert!(problem(&house).contains("535"), "{}", problem(&house));
    // It offers no TLS from the first byte, and takes nothing in the clear.
    theirs.take_mail_of(&house, "tls", PASSWORD);
    assert!(!problem(&house).is_empty());
    theirs.take_mail_of(&house, "none", PASSWORD);
    assert!(!problem(&house).is_empty());
    let other = Theirs::start("starttls");
    let ca = other.folder.path().join("certificate.pem");
    let given = [
        "--host",
        "127.0.0.1",
        "--port",
        &theirs.port,
        "--security",
        "starttls",
        "--ca-file",
        ca.to_str().unwrap(),
    ];
    house.cli.json(&[&["mail", "update"], &given[..]].concat()).unwrap();
    assert!(problem(&house).contains("not the expected server"), "{}", problem(&house));
}
