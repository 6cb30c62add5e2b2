//! Where settings come from, and a certificate that is not ours.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

use sallyport_api::agent::INTERNAL_NAME;
use sallyport_app::{Clock as _, SystemClock};
use sallyport_connect::{Connection, ServerAddress, Tls};
use sallyport_crypto::{SystemRandom, authority::Root};
use serde_json::Value;

use super::{PASSWORD, Running, err, run, sallyport};

#[test]
fn a_flag_goes_over_the_environment_and_that_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sallyport.toml");
    std::fs::write(&file, "external-url = \"https://file.example\"\nlisten = \"127.0.0.1:0\"\n").unwrap();
    let from_file = ["serve", "--config", file.to_str().unwrap()];
    for (arguments, environment, expected) in [
        (&from_file[..], &[][..], "https://file.example"),
        (
            &from_file[..],
            &[("SALLYPORT_EXTERNAL_URL", "https://environment.example")][..],
            "https://environment.example",
        ),
        (
            &["serve"][..],
            &[("SALLYPORT_EXTERNAL_URL", "https://environment.example"), ("SALLYPORT_LISTEN", "127.0.0.1:0")]
                [..],
            "https://environment.example",
        ),
        (
            &["serve", "--external-url", "https://flag.example", "--listen", "127.0.0.1:0"][..],
            &[("SALLYPORT_EXTERNAL_URL", "https://environment.example"), ("SALLYPORT_LISTEN", "192.0.2.1:1")]
                [..],
            "https://flag.example",
        ),
    ] {
        let mut command = sallyport(arguments);
        command.env("SALLYPORT_DATA", folder.path().join("data")).envs(environment.iter().copied());
        let (server, said) = Running::by(&mut command);
        assert_eq!(said, format!("Sallyport is running at {expected}"));
        server.stop();
    }
}

/// A chain for this machine under an authority of somebody else, with its key, as files; and the authority.
fn foreign(folder: &Path) -> (PathBuf, PathBuf, String) {
    let (now, random) = (SystemClock.now().unix_seconds(), SystemRandom::new());
    let root = Root::create(now, &random).unwrap();
    let leaf = root.issue(&["localhost".to_owned()], now, &random).unwrap();
    let (chain, key) = (folder.join("chain.pem"), folder.join("key.pem"));
    std::fs::write(&chain, &leaf.chain_pem).unwrap();
    std::fs::write(&key, &*leaf.key_pem).unwrap();
    (chain, key, root.certificate_pem)
}

#[tokio::test]
async fn a_certificate_of_ones_own_is_shown_to_people_and_agents_see_ours() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (chain, key, theirs) = foreign(folder.path());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (listen, url) = (format!("127.0.0.1:{port}"), format!("https://localhost:{port}"));
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (server, _) = Running::by(&mut sallyport(&[
        "serve",
        "--listen",
        &listen,
        "--external-url",
        &url,
        "--data",
        &text(&data),
        "--tls-cert",
        &text(&chain),
        "--tls-key",
        &text(&key),
    ]));
    let password = folder.path().join("password");
    std::fs::write(&password, PASSWORD).unwrap();
    let done = run(&[
        "setup",
        "--data",
        &text(&data),
        "--organization",
        "X",
        "--admin",
        "olga",
        "--json",
        "--password-file",
        &text(&password),
    ]);
    let done: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{}", err(&done)));
    let ours = done["ca"].as_str().unwrap();
    let patience = Duration::from_secs(20);
    let address: ServerAddress = url.parse().unwrap();
    for (authority, name, expected) in [
        (theirs.as_str(), "localhost", true),
        (ours, "localhost", false),
        (ours, INTERNAL_NAME, true),
        (theirs.as_str(), INTERNAL_NAME, false),
    ] {
        let tls = Tls::pinned(authority, name).unwrap();
        assert_eq!(Connection::open(&address, &tls, patience).await.is_ok(), expected, "{name}");
    }
    let pinned = folder.path().join("theirs.pem");
    std::fs::write(&pinned, &theirs).unwrap();
    let listed = sallyport(&["user", "list", "--json"])
        .env("SALLYPORT_URL", &url)
        .env("SALLYPORT_TOKEN", done["token"].as_str().unwrap())
        .env("SALLYPORT_CA", &pinned)
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", err(&listed));
    let made = sallyport(&["application", "create", "--type", "duo-auth-api", "--name", "vpn", "--json"])
        .env("SALLYPORT_URL", &url)
        .env("SALLYPORT_TOKEN", done["token"].as_str().unwrap())
        .env("SALLYPORT_CA", &pinned)
        .output()
        .unwrap();
    let made: Value = serde_json::from_slice(&made.stdout).unwrap_or_else(|_| panic!("{}", err(&made)));
    assert!(made["skey"].is_string() && made.get("ca").is_none(), "{made}");
    // A certificate that somebody else made has the names it has, and the doctor says which one it lacks.
    let doctor = || {
        let [data, chain, key] = [&data, &chain, &key].map(|path| text(path));
        let told = run(&[
            "doctor",
            "--data",
            &data,
            "--external-url",
            &url,
            "--tls-cert",
            &chain,
            "--tls-key",
            &key,
        ]);
        String::from_utf8_lossy(&told.stdout).into_owned()
    };
    assert!(doctor().contains("ok       certificate"), "{}", doctor());
    let named = sallyport(&["application", "update", "vpn", "--api-host", "VPN.example.com", "--json"])
        .env("SALLYPORT_URL", &url)
        .env("SALLYPORT_TOKEN", done["token"].as_str().unwrap())
        .env("SALLYPORT_CA", &pinned)
        .output()
        .unwrap();
    let named: Value = serde_json::from_slice(&named.stdout).unwrap_or_else(|_| panic!("{}", err(&named)));
    assert_eq!(named["host"], format!("vpn.example.com:{port}"));
    assert!(doctor().contains("PROBLEM  certificate: that of --tls-cert is not good for `vpn.example.com`"));
    server.stop();
}

#[test]
fn a_check_of_the_configuration_looks_into_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let (chain, key, _) = foreign(folder.path());
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let (_, foreign_key, _) = foreign(&other);
    let file = folder.path().join("sallyport.toml");
    for (chain, key, complaint) in [
        (&chain, &key, None),
        (&folder.path().join("missing.pem"), &key, Some("cannot read")),
        (&key, &key, Some("no certificate")),
        (&chain, &chain, Some("no private key")),
        (&chain, &foreign_key, Some("do not fit")),
    ] {
        let text = format!("tls-cert = {chain:?}\ntls-key = {key:?}\n");
        std::fs::write(&file, text).unwrap();
        let checked = run(&["config", "check", file.to_str().unwrap()]);
        assert_eq!(checked.status.success(), complaint.is_none(), "{}", err(&checked));
        assert!(err(&checked).contains(complaint.unwrap_or_default()), "{}", err(&checked));
    }
}
