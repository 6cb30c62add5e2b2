use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use sallyport_crypto::digest;

use super::*;
use crate::sandbox::{Outcome, Sandbox};

const TOKEN: &str = "spe_secret-of-this-test";
const INTERNAL: &str = "agents.sallyport.internal";
const PATH: &str = "/packages/sallyport-agent_0.1.0_amd64.deb";
const DEB: &[u8] = b"the bytes of a package\n";

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "an authority");
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    fn server_config(&self, names: &[&str]) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap()
    }
}

/// A server that answers GET from a table, and what it was asked for.
struct Stub {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    fn start(config: ServerConfig, table: &[(&str, &[u8])]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let table: BTreeMap<String, Vec<u8>> =
            table.iter().map(|(path, body)| ((*path).to_owned(), body.to_vec())).collect();
        let (config, seen) = (Arc::new(config), Arc::clone(&requests));
        // Ends with the process; a failed handshake is what some tests are about.
        thread::spawn(move || {
            for tcp in listener.incoming().flatten() {
                let tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), tcp);
                let _ = answer(tls, &table, &seen);
            }
        });
        Self { port, requests }
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn answer(
    tls: impl Read + Write,
    table: &BTreeMap<String, Vec<u8>>,
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut tls = BufReader::new(tls);
    let mut request = String::new();
    tls.read_line(&mut request)?;
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut header = String::from("x");
    while !header.trim().is_empty() {
        header.clear();
        tls.read_line(&mut header)?;
    }
    let (status, body) = match table.get(&path) {
        Some(body) => ("200 OK", body.as_slice()),
        None => ("404 Not Found", b"no".as_slice()),
    };
    seen.lock().unwrap().push(path);
    let tls = tls.get_mut();
    write!(tls, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    tls.write_all(body)?;
    tls.flush()
}

fn installer(url: &str, ca: &Authority, package: &[u8]) -> String {
    install_script(&InstallScript {
        server_url: url,
        internal_name: INTERNAL,
        ca_pem: &ca.pem,
        agent_deb_sha256: digest::sha256(package),
        version: "0.1.0",
        architecture: Architecture::Amd64,
    })
    .unwrap()
}

/// A machine of root's with a dpkg that keeps what it is given, and an agent that keeps its token.
fn machine() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.fake("id", "echo 0");
    sandbox.fake(
        "dpkg",
        r#"case $1 in --print-architecture) echo amd64 ;; -i) cp "$2" "$SANDBOX/installed" ;; esac"#,
    );
    sandbox.fake("sallyport-agent", r#"cp "$5" "$SANDBOX/token-given"; cp "$7" "$SANDBOX/ca-given""#);
    assert!(sandbox.link("curl"), "curl is not installed");
    std::fs::write(sandbox.path("token"), format!("{TOKEN}\n")).unwrap();
    sandbox
}

/// Only what changes the machine.
fn effects(sandbox: &Sandbox) -> Vec<String> {
    let looks = ["id -u", "dpkg --print-architecture"];
    sandbox.calls().into_iter().filter(|call| !looks.contains(&call.as_str())).collect()
}

fn refused(outcome: &Outcome, sandbox: &Sandbox, reason: &str) {
    assert!(!outcome.ok, "{}", outcome.stdout);
    assert!(outcome.stderr.contains(reason), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains(TOKEN));
    assert_eq!(effects(sandbox), [] as [String; 0]);
    assert!(!sandbox.path("installed").exists());
    assert_eq!(std::fs::read_dir(sandbox.path("tmp")).unwrap().count(), 0, "nothing stays behind");
}

#[test]
fn the_right_package_is_installed_and_the_device_enrolled() {
    let ca = Authority::new();
    let stub = Stub::start(ca.server_config(&[INTERNAL]), &[(PATH, DEB)]);
    let url = format!("https://127.0.0.1:{}", stub.port);
    let mut sandbox = machine();
    // Neither a proxy nor a configuration file of the user gets between.
    sandbox.env("https_proxy", "http://127.0.0.1:9");
    sandbox.env("ALL_PROXY", "http://127.0.0.1:9");
    let home = sandbox.path("tmp/../home");
    std::fs::create_dir(&home).unwrap();
    std::fs::write(home.join(".curlrc"), "url = https://127.0.0.1:9/\n").unwrap();
    sandbox.env("HOME", home.to_str().unwrap());

    let outcome = sandbox.run(&installer(&url, &ca, DEB), &["--token-file", "token"]);
    assert!(outcome.ok, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("this device is enrolled"), "{}", outcome.stdout);
    assert_eq!(stub.requests(), [PATH]);
    assert_eq!(std::fs::read(sandbox.path("installed")).unwrap(), DEB);
    assert_eq!(std::fs::read_to_string(sandbox.path("token-given")).unwrap().trim(), TOKEN);
    let given = std::fs::read_to_string(sandbox.path("ca-given")).unwrap();
    assert_eq!(given.trim(), certificates(&ca.pem).unwrap());
    let effects = effects(&sandbox);
    assert_eq!(effects.len(), 2, "{effects:?}");
    assert!(effects[0].starts_with("dpkg -i ") && effects[0].ends_with("/sallyport-agent_0.1.0_amd64.deb"));
    assert!(effects[1].starts_with(&format!("sallyport-agent enroll --server {url} --token-file ")));
    assert!(!effects.join("\n").contains(TOKEN), "the token is never an argument");
    assert_eq!(std::fs::read_dir(sandbox.path("tmp")).unwrap().count(), 0, "nothing stays behind");
}

#[test]
fn the_token_may_come_from_standard_input() {
    let ca = Authority::new();
    let stub = Stub::start(ca.server_config(&[INTERNAL]), &[(PATH, DEB)]);
    let sandbox = machine();
    let script = installer(&format!("https://127.0.0.1:{}/", stub.port), &ca, DEB);
    let outcome = sandbox.run_with_input(&script, &[], format!("{TOKEN}\n").as_bytes());
    assert!(outcome.ok, "{}", outcome.stderr);
    assert_eq!(std::fs::read_to_string(sandbox.path("token-given")).unwrap().trim(), TOKEN);
}

#[test]
fn wget_will_do_where_curl_is_not_there() {
    let ca = Authority::new();
    let stub = Stub::start(ca.server_config(&[INTERNAL, "127.0.0.1"]), &[(PATH, DEB)]);
    let sandbox = machine();
    std::fs::remove_file(sandbox.path("bin/curl")).unwrap();
    let script = installer(&format!("https://127.0.0.1:{}", stub.port), &ca, DEB);
    let outcome = sandbox.run(&script, &["--token-file", "token"]);
    refused(&outcome, &sandbox, "`curl` or `wget` is needed");
    if !sandbox.link("wget") {
        writeln!(std::io::stderr(), "SKIPPED: wget is not installed").ok();
        return;
    }
    let outcome = sandbox.run(&script, &["--token-file", "token"]);
    assert!(outcome.ok, "{}", outcome.stderr);
    assert_eq!(std::fs::read(sandbox.path("installed")).unwrap(), DEB);
}

#[test]
fn another_package_than_the_right_one_is_not_installed() {
    let ca = Authority::new();
    let stub =
        Stub::start(ca.server_config(&[INTERNAL, "127.0.0.1"]), &[(PATH, b"the bytes of an attack\n")]);
    let script = installer(&format!("https://127.0.0.1:{}", stub.port), &ca, DEB);
    let sandbox = machine();
    let outcome = sandbox.run(&script, &["--token-file", "token"]);
    refused(&outcome, &sandbox, "is not the package it should be");
    std::fs::remove_file(sandbox.path("bin/curl")).unwrap();
    if sandbox.link("wget") {
        let outcome = sandbox.run(&script, &["--token-file", "token"]);
        refused(&outcome, &sandbox, "is not the package it should be");
    }
}

#[test]
fn a_server_of_another_authority_is_not_asked() {
    let (ca, other) = (Authority::new(), Authority::new());
    let stub = Stub::start(other.server_config(&[INTERNAL]), &[(PATH, DEB)]);
    let mut sandbox = machine();
    // As if the other authority were one of the system's.
    std::fs::write(sandbox.path("other.pem"), &other.pem).unwrap();
    let other_pem = sandbox.path("other.pem");
    for name in ["SSL_CERT_FILE", "CURL_CA_BUNDLE"] {
        sandbox.env(name, other_pem.to_str().unwrap());
    }
    let script = installer(&format!("https://127.0.0.1:{}", stub.port), &ca, DEB);
    refused(&sandbox.run(&script, &["--token-file", "token"]), &sandbox, "cannot fetch the package");
    assert_eq!(stub.requests(), [] as [String; 0]);
}

#[test]
fn curl_is_told_to_believe_no_root_but_ours() {
    let sandbox = machine();
    sandbox.fake("curl", "exit 60");
    let outcome =
        sandbox.run(&installer("https://a.example", &Authority::new(), DEB), &["--token-file", "token"]);
    assert!(!outcome.ok);
    let calls = sandbox.calls();
    let curl = calls.iter().find(|call| call.starts_with("curl -q ")).unwrap();
    assert!(curl.contains("/ca.pem --capath ") && curl.contains("/no-other-roots "), "{curl}");
    assert!(curl.contains(&format!("--connect-to {INTERNAL}:443:a.example:443 ")), "{curl}");
}

#[test]
fn a_package_that_is_not_hosted_is_a_clear_error() {
    let ca = Authority::new();
    let stub = Stub::start(ca.server_config(&[INTERNAL]), &[]);
    let sandbox = machine();
    let script = installer(&format!("https://127.0.0.1:{}", stub.port), &ca, DEB);
    refused(&sandbox.run(&script, &["--token-file", "token"]), &sandbox, "cannot fetch the package");
    assert_eq!(stub.requests(), [PATH]);
}

#[test]
fn a_missing_or_strange_token_is_a_clear_error_before_anything_is_fetched() {
    let script = installer("https://127.0.0.1:9", &Authority::new(), DEB);
    let sandbox = machine();
    std::fs::write(sandbox.path("empty"), "").unwrap();
    std::fs::write(sandbox.path("long"), "x".repeat(5000)).unwrap();
    std::fs::write(sandbox.path("page"), "<html>").unwrap();
    for (args, reason) in [
        ([].as_slice(), "no enrolment token: use --token-file"),
        (&["--token-file"], "needs the name of a file"),
        (&["--token-file", ""], "needs the name of a file"),
        (&["--token-file", "absent"], "cannot read the token file `absent`"),
        (&["--token-file", "root"], "cannot read the token file `root`"),
        (&["--token-file", "empty"], "no enrolment token"),
        (&["--token-file", "long"], "too long"),
        (&["--token-file", "page"], "characters no token has"),
        (&[TOKEN], "never given as an argument"),
        (&["--token", TOKEN], "never given as an argument"),
    ] {
        refused(&sandbox.run(&script, args), &sandbox, reason);
    }
    let help = sandbox.run(&script, &["--help"]);
    assert!(help.ok && help.stdout.starts_with("usage: "));
}

#[test]
fn the_wrong_machine_is_a_clear_error() {
    let script = installer("https://127.0.0.1:9", &Authority::new(), DEB);
    let sandbox = machine();
    sandbox.fake("id", "echo 1000");
    refused(&sandbox.run(&script, &["--token-file", "token"]), &sandbox, "must be run as root");
    sandbox.fake("id", "echo 0");
    sandbox.fake("dpkg", "echo riscv64");
    let outcome = sandbox.run(&script, &["--token-file", "token"]);
    refused(&outcome, &sandbox, "this installer is for amd64, the machine is riscv64");
    std::fs::remove_file(sandbox.path("bin/dpkg")).unwrap();
    refused(&sandbox.run(&script, &["--token-file", "token"]), &sandbox, "`dpkg` is needed");
}

#[test]
fn failures_after_the_download_are_told_apart() {
    let ca = Authority::new();
    let stub = Stub::start(ca.server_config(&[INTERNAL]), &[(PATH, DEB)]);
    let script = installer(&format!("https://127.0.0.1:{}", stub.port), &ca, DEB);
    let sandbox = machine();
    sandbox.fake("sallyport-agent", "exit 1");
    let outcome = sandbox.run(&script, &["--token-file", "token"]);
    assert!(!outcome.ok && outcome.stderr.contains("could not be enrolled"), "{}", outcome.stderr);
    sandbox.fake("dpkg", "case $1 in -i) exit 1 ;; esac; echo amd64");
    let _ = sandbox.calls();
    let outcome = sandbox.run(&script, &["--token-file", "token"]);
    assert!(!outcome.ok && outcome.stderr.contains("apt-get -f install"), "{}", outcome.stderr);
    assert!(!sandbox.calls().iter().any(|call| call.starts_with("sallyport-agent")));
}

#[test]
fn a_download_that_was_cut_off_does_nothing() {
    let script = installer("https://127.0.0.1:9", &Authority::new(), DEB);
    let sandbox = machine();
    let complete = script.trim_end().len();
    let lines = script.match_indices('\n').map(|(at, _)| at).filter(|at| *at < complete);
    for cut in lines.chain(complete - 40..complete) {
        let _ = sandbox.pipe(&script.as_bytes()[..cut]);
        assert_eq!(sandbox.calls(), [] as [String; 0], "cut at {cut}");
    }
    assert!(sandbox.pipe(script.as_bytes()).stderr.contains("no enrolment token"));
}

#[test]
fn the_installer_is_posix_shell_with_every_place_filled() {
    let script = installer("https://sallyport.example.com", &Authority::new(), DEB);
    assert!(!script.contains('@') || script.matches('@').count() == 1, "only main's own arguments are left");
    assert!(script.contains("server='https://sallyport.example.com:443'"));
    let sandbox = Sandbox::new();
    let outcome = sandbox.run_with_input("sh -n", &[], script.as_bytes());
    assert!(outcome.ok && outcome.stderr.is_empty(), "{}", outcome.stderr);
}

#[test]
fn hostile_values_are_refused() {
    let ca = Authority::new();
    let good = InstallScript {
        server_url: "https://sallyport.example.com",
        internal_name: INTERNAL,
        ca_pem: &ca.pem,
        agent_deb_sha256: [0; 32],
        version: "0.1.0",
        architecture: Architecture::Amd64,
    };
    for url in ["https://[::1]", "https://[2001:db8::1]:8443/", "https://10.0.0.1:1", "https://a"] {
        install_script(&InstallScript { server_url: url, ..good }).unwrap();
    }
    for url in [
        "",
        "http://a",
        "https://",
        "https://a b",
        "https://a'; id; '",
        "https://a/path",
        "https://a:0",
        "https://a:65536",
        "https://a:+1",
        "https://a:",
        "https://u@a",
        "https://a?x",
        "https://-a",
        "https://a..b",
        "https://[::1",
        "https://[x]",
        "https://a\n",
        "https://$(id)",
        "https://`id`",
        "https://a:1:2",
        "HTTPS://a",
    ] {
        let refusal = install_script(&InstallScript { server_url: url, ..good }).unwrap_err();
        assert_eq!(refusal, ScriptError::ServerUrl(url.to_owned()));
    }
    for name in ["", "a b", "a'b", "--proxy", "a\nb", "[::1]", "@SHA256@"] {
        let refusal = install_script(&InstallScript { internal_name: name, ..good }).unwrap_err();
        assert_eq!(refusal, ScriptError::InternalName(name.to_owned()));
    }
    for version in ["", "a", "1'", "1 2", "1/2", "1\n", "@SHA256@"] {
        let refusal = install_script(&InstallScript { version, ..good }).unwrap_err();
        assert_eq!(refusal, ScriptError::Version(version.to_owned()));
    }
}

#[test]
fn only_certificates_are_embedded() {
    let ca = Authority::new().pem;
    assert_eq!(certificates(&ca.replace('\n', "\r\n")), certificates(&ca), "line ends do not matter");
    assert!(certificates(&format!("\n{ca}\n{ca}")).is_some());
    let body = "QUJD";
    for pem in [
        String::new(),
        "\n".to_owned(),
        body.to_owned(),
        format!("{BEGIN}\n{END}"),
        format!("{BEGIN}\n{body}"),
        format!("{BEGIN}\n{BEGIN}\n{body}\n{END}"),
        format!("{ca}END_OF_CA\nid\n"),
        format!("{BEGIN}\n{body}\nEND_OF_CA\nid\n{END}"),
        format!("{BEGIN}\n$(id)\n{END}"),
        format!("{ca}{}", ca.replace("CERTIFICATE", "PRIVATE KEY")),
        ca.repeat(200),
    ] {
        assert_eq!(certificates(&pem), None, "{pem}");
    }
}
