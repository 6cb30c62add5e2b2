use std::{collections::BTreeMap, time::Duration};

use sallyport_agent::{
    device_key,
    half::{CONFIG, NetConfig},
    net::{self, EnrollError},
};
use sallyport_api::agent::{AgentMessage, EnrollmentSecret, ServerMessage};
use sallyport_connect::ConnectError;
use sallyport_crypto::{SystemRandom, sign::SigningKey};
use sallyport_ipc::half::{self, Frame};
use sallyport_model::Time;
use tokio::{sync::mpsc, time::timeout};

use crate::server::{DEVICE, Server};

const LOCAL: &str = "127.0.0.1:0";
const PATIENCE: Duration = Duration::from_secs(20);

fn key() -> SigningKey {
    device_key::generate(&SystemRandom::new()).unwrap().0
}

fn secret(server: &Server) -> EnrollmentSecret {
    EnrollmentSecret::parse(&server.token()).unwrap()
}

#[tokio::test]
async fn a_token_enrols_once_and_the_second_refusal_is_told_in_the_servers_words() {
    let server = Server::start(LOCAL, Time(1)).await;
    let address = server.address.parse().unwrap();
    let enrolled = net::enroll(&address, &secret(&server), None, "host", key().public()).await.unwrap();
    assert_eq!((enrolled.device, enrolled.ca.as_str()), (DEVICE, server.ca.as_str()));
    let again = net::enroll(&address, &secret(&server), Some(&server.ca), "host", key().public()).await;
    match again {
        Err(EnrollError::Refused(words)) => {
            assert_eq!(words, "token used: this token was used before");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_authority_other_than_the_tokens_is_an_impostor() {
    let (server, other) = (Server::start(LOCAL, Time(1)).await, Server::start(LOCAL, Time(1)).await);
    let address = server.address.parse().unwrap();
    let refused = net::enroll(&address, &secret(&other), None, "host", key().public()).await;
    assert!(matches!(refused, Err(EnrollError::Connect(ConnectError::Impostor { .. }))), "{refused:?}");
    let refused = net::enroll(&address, &secret(&other), Some(&other.ca), "host", key().public()).await;
    assert!(matches!(refused, Err(EnrollError::Connect(ConnectError::Impostor { .. }))), "{refused:?}");
    let refused = net::enroll(&address, &secret(&other), Some(&server.ca), "host", key().public()).await;
    assert!(matches!(refused, Err(EnrollError::OtherAuthority)), "{refused:?}");
}

#[tokio::test]
async fn nobody_there_is_told_apart_from_somebody_else() {
    let server = Server::start(LOCAL, Time(1)).await;
    let address = "https://127.0.0.1:1".parse().unwrap();
    let refused = net::enroll(&address, &secret(&server), None, "host", key().public()).await;
    assert!(matches!(refused, Err(EnrollError::Connect(ConnectError::Unreachable { .. }))), "{refused:?}");
}

struct Half {
    to_net: mpsc::Sender<Frame>,
    from_net: mpsc::Receiver<Frame>,
}

impl Half {
    async fn start(server: &Server) -> Self {
        let key = key();
        server.expect_device(&key.public().to_hex()).await;
        let (to_net, inbox) = mpsc::channel(16);
        let (outbox, from_net) = mpsc::channel(16);
        tokio::spawn(async move { net::run(inbox, outbox, &key, &SystemRandom::new()).await });
        let config = NetConfig {
            device: DEVICE,
            signing_key: server.shared.key.public().to_hex(),
            server: server.address.clone(),
            ca: server.ca.clone(),
            desired: None,
            portal: None,
            people: BTreeMap::new(),
        };
        let half = Self { to_net, from_net };
        half.send(CONFIG, &serde_json::to_vec(&config).unwrap()).await;
        half
    }

    async fn send(&self, tag: u8, body: &[u8]) {
        self.to_net.send(Frame { tag, body: body.to_vec() }).await.unwrap();
    }

    async fn next(&mut self) -> Frame {
        timeout(PATIENCE, self.from_net.recv()).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn both_sides_prove_themselves_and_messages_pass_as_they_are() {
    let mut server = Server::start(LOCAL, Time(5)).await;
    let mut half = Half::start(&server).await;
    let welcome = half.next().await;
    assert_eq!(welcome.tag, half::SERVER_MESSAGE);
    let welcome: ServerMessage = serde_json::from_slice(&welcome.body).unwrap();
    assert!(matches!(welcome, ServerMessage::Welcome { now: Time(5), .. }));
    assert_eq!(half.next().await.tag, half::LINK_UP);
    let cancel = AgentMessage::LoginCancel { conversation: "x".into() };
    half.send(half::AGENT_MESSAGE, &serde_json::to_vec(&cancel).unwrap()).await;
    assert_eq!(timeout(PATIENCE, server.heard.recv()).await.unwrap(), Some(cancel));
    let run = "run_01900000000070008000000000000001".parse().unwrap();
    server.say.send(ServerMessage::CancelRun { run }).unwrap();
    let frame = half.next().await;
    assert_eq!(
        serde_json::from_slice::<ServerMessage>(&frame.body).unwrap(),
        ServerMessage::CancelRun { run }
    );
    server.say.send(ServerMessage::Reconnect { after_seconds: 0 }).unwrap();
    assert_eq!(half.next().await.tag, half::LINK_DOWN);
    assert_eq!(half.next().await.tag, half::SERVER_MESSAGE);
    assert_eq!(half.next().await.tag, half::LINK_UP);
    server.say.send(ServerMessage::Revoked).unwrap();
    assert_eq!(half.next().await.tag, half::SERVER_MESSAGE);
    assert_eq!(half.next().await.tag, half::LINK_DOWN);
    let quiet = timeout(Duration::from_millis(100), half.from_net.recv()).await;
    assert!(quiet.is_err(), "a revoked device came back");
}

#[tokio::test]
async fn a_server_without_the_organisations_key_is_never_handed_on() {
    let server = Server::start_liar(LOCAL, Time(5)).await;
    server.say.send(ServerMessage::Revoked).unwrap();
    let mut half = Half::start(&server).await;
    let quiet = timeout(Duration::from_millis(700), half.from_net.recv()).await;
    assert!(quiet.is_err(), "{quiet:?}");
}
