//! What those who are connected see when the server is told to stop.

use std::{path::Path, time::Duration};

use data_encoding::HEXLOWER;
use sallyport_api::agent::{
    AgentMessage, CHANNEL_PATH, ENROLL_PATH, EXPORTER_LABEL, EnrollRequest, EnrollResponse, EnrollmentSecret,
    INTERNAL_NAME, MAX_FRAME, ServerMessage, context, hello_bytes,
};
use sallyport_connect::{
    Connection, ServerAddress, Tls,
    http::{self, Limits},
    websocket::{Received, WebSocket},
};
use sallyport_crypto::sign::SigningKey;
use sallyport_model::Platform;
use serde_json::Value;

use super::{PASSWORD, Running, err, run, sallyport};

const PATIENCE: Duration = Duration::from_secs(20);
const LIMITS: Limits = Limits { time: PATIENCE, bytes: 1 << 20 };

/// A server that is set up: where it is, its authority, and a token to enrol one device.
fn house(data: &Path) -> (ServerAddress, String, EnrollmentSecret) {
    let password = data.join("password");
    std::fs::write(&password, PASSWORD).unwrap();
    let (folder, password) = (data.to_str().unwrap(), password.to_str().unwrap());
    let setup =
        ["setup", "--data", folder, "--organization", "X", "--admin", "olga", "--json", "--password-file"];
    let done = run(&[&setup[..], &[password]].concat());
    let done: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{}", err(&done)));
    let text = |name: &str| done[name].as_str().unwrap().to_owned();
    let ca_file = data.join("ca.pem");
    std::fs::write(&ca_file, text("ca")).unwrap();
    let made = sallyport(&["enrollment-token", "create", "--json"])
        .env("SALLYPORT_URL", text("url"))
        .env("SALLYPORT_TOKEN", text("token"))
        .env("SALLYPORT_CA", &ca_file)
        .output()
        .unwrap();
    let made: Value = serde_json::from_slice(&made.stdout).unwrap_or_else(|_| panic!("{}", err(&made)));
    let secret = EnrollmentSecret::parse(made["token"].as_str().unwrap()).unwrap();
    (text("url").parse().unwrap(), text("ca"), secret)
}

/// A device's open channel: both sides have proved who they are.
async fn channel(address: &ServerAddress, ca: &str, secret: EnrollmentSecret) -> WebSocket {
    let (key, tls) = (SigningKey::from_seed(&[1; 32]).unwrap(), Tls::pinned(ca, INTERNAL_NAME).unwrap());
    let request = EnrollRequest {
        token: secret.secret,
        host_name: "d1".into(),
        platform: Platform::Linux,
        public_key: key.public().to_hex(),
        agent_version: "0.1.0".into(),
    };
    let connection = Connection::open(address, &tls, PATIENCE).await.unwrap();
    let body = serde_json::to_vec(&request).unwrap();
    let answer = http::post_json(connection, ENROLL_PATH, body, LIMITS).await.unwrap();
    let enrolled: EnrollResponse = serde_json::from_slice(&answer.body).unwrap();
    let connection = Connection::open(address, &tls, PATIENCE).await.unwrap();
    let exporter = connection.exporter(EXPORTER_LABEL).unwrap();
    let mut socket = WebSocket::open(connection, CHANNEL_PATH, MAX_FRAME, PATIENCE).await.unwrap();
    let Some(ServerMessage::Challenge { nonce: challenge }) = next(&mut socket).await else {
        panic!("no challenge")
    };
    let nonce = HEXLOWER.encode(&[2; 32]);
    let signed = hello_bytes(&enrolled.signing_key, enrolled.device, &challenge, &nonce, &exporter);
    let hello = AgentMessage::Hello {
        device: enrolled.device,
        nonce,
        signature: HEXLOWER.encode(&key.sign(context::HELLO, &signed)),
        agent_version: "0.1.0".into(),
        desired: None,
    };
    socket.send(serde_json::to_string(&hello).unwrap()).await.unwrap();
    assert!(matches!(next(&mut socket).await, Some(ServerMessage::Welcome { .. })));
    socket
}

/// The next message; nothing when the channel was closed in order.
async fn next(socket: &mut WebSocket) -> Option<ServerMessage> {
    loop {
        match tokio::time::timeout(PATIENCE, socket.receive()).await.unwrap().unwrap() {
            Received::Alive => {}
            Received::Closed => return None,
            Received::Text(text) => return Some(serde_json::from_str(&text).unwrap()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_told_to_come_back_when_the_server_is_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    // The address that devices are told is fixed before the server listens, so the port must be one that is known.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (mut server, _) = Running::start_at(&data, &free.to_string());
    let (address, ca, secret) = house(&data);
    let mut socket = channel(&address, &ca, secret).await;
    server.terminate();
    let mut reconnect = None;
    while let Some(message) = next(&mut socket).await {
        assert!(reconnect.is_none(), "nothing comes after the word to come back: {message:?}");
        if let ServerMessage::Reconnect { after_seconds } = message {
            reconnect = Some(after_seconds);
        }
    }
    let after = reconnect.unwrap();
    assert!((1..=60).contains(&after), "{after}");
    let ended = tokio::task::spawn_blocking(move || server.0.wait().unwrap()).await.unwrap();
    assert!(ended.success(), "a clean stop: {ended}");
}
