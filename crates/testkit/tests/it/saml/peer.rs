//! An application with a library of others, as a process that is told what to do line by line.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use data_encoding::BASE64;
use sallyport_crypto::{
    SystemRandom,
    saml_key::{KeyKind, SamlKey},
};
use sallyport_saml::certificate::Certificate;
use sallyport_testkit::unix_now;
use serde_json::{Value, json};

pub(super) const IDP: &str = "https://idp.example/saml/metadata";
pub(super) const SSO: &str = "https://idp.example/saml/sso";
pub(super) const SLO: &str = "https://idp.example/saml/slo";
pub(super) const ACS: &str = "https://app.example/acs";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    NodeSaml,
    Pysaml2,
    Python3Saml,
}

pub(crate) struct Peer {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Peer {
    /// With a key of its own and these options, of which some may say otherwise where everybody is.
    pub(super) fn start(kind: Kind, options: Value) -> Self {
        let pkcs8 = SamlKey::generate(KeyKind::Rsa2048).unwrap();
        let key = SamlKey::from_pkcs8(&pkcs8).unwrap();
        let valid = (unix_now() - 60, unix_now() + 86_400);
        let der = key.certificate("app.example", valid, &SystemRandom::new()).unwrap();
        let mut config = json!({
            "entity_id": "https://app.example/metadata", "acs": ACS, "slo": "https://app.example/slo",
            "idp": IDP, "sso": SSO, "idp_slo": SLO,
            "key": pem(&pkcs8), "certificate": Certificate::from_der(&der).unwrap().pem(),
        });
        config.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        Self::of(command(kind), &config)
    }

    /// Any such program, with this configuration as its first line.
    pub(crate) fn of(mut command: Command, config: &Value) -> Self {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (to, from) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        let mut peer = Self { process, to, from };
        writeln!(peer.to, "{config}").unwrap();
        peer
    }

    /// What came of it: an `answer` or an `error`.
    pub(crate) fn does(&mut self, what: &str, mut given: Value) -> Value {
        given["do"] = json!(what);
        writeln!(self.to, "{given}").unwrap();
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("`{what}` came to nothing: {line}"))
    }

    /// The answer, for there has to be one.
    pub(crate) fn answers(&mut self, what: &str, given: Value) -> Value {
        let told = self.does(what, given);
        assert!(told["error"].is_null(), "{what}: {told}");
        told["answer"].clone()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(kind: Kind) -> Command {
    let home = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let python = |library: &str| {
        let python = std::env::var("TEST_PYTHON").expect("TEST_PYTHON is not set; run `make test`");
        let mut command = Command::new(python);
        command.args([&format!("{home}/python/saml_service.py"), library]);
        command
    };
    match kind {
        Kind::NodeSaml => {
            let mut command = Command::new("node");
            command.arg(format!("{home}/node/saml_service.mjs"));
            command
        }
        Kind::Pysaml2 => python("pysaml2"),
        Kind::Python3Saml => python("python3-saml"),
    }
}

fn pem(pkcs8: &[u8]) -> String {
    let body = BASE64.encode(pkcs8);
    let lines: Vec<_> = body.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}
