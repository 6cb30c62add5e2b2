//! A server of the agent's protocol that knows all about it, and signs with a key of its own.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::{
    Extension, Router,
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    response::Response,
    routing::get,
};
use data_encoding::HEXLOWER;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use sallyport_api::agent::{
    AgentMessage, CHANNEL_PATH, ContactProof, DesiredLogin, DesiredState, EXPORTER_LABEL, INTERNAL_NAME,
    LoginDecision, LoginStep, ServerMessage, Signed, StateVersion, context, welcome_bytes,
};
use sallyport_crypto::sign::SigningKey;
use sallyport_model::Time;
use sallyport_testkit::tls;
use serde::Serialize;
use tokio::{net::TcpListener, runtime::Runtime};
use tokio_rustls::TlsAcceptor;

const CHALLENGE: &str = "c0ffee";

/// Stands until dropped.
pub(super) struct Liar {
    /// The authority of its certificate.
    pub(super) ca: String,
    deeds: Arc<Deeds>,
    _runtime: Runtime,
}

struct Deeds {
    /// The organisation it claims to be, by its public key.
    organization: String,
    key: SigningKey,
    visits: AtomicUsize,
    heard: Mutex<Vec<AgentMessage>>,
}

impl Liar {
    pub(super) fn stand(address: SocketAddr, organization: &str) -> Self {
        let deeds = Arc::new(Deeds {
            organization: organization.to_owned(),
            key: SigningKey::from_seed(&[8; 32]).unwrap(),
            visits: AtomicUsize::new(0),
            heard: Mutex::default(),
        });
        let (acceptor, ca) = tls::acceptor(INTERNAL_NAME).unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind(address)).unwrap();
        runtime.spawn(serve(listener, acceptor, Arc::clone(&deeds)));
        Self { ca, deeds, _runtime: runtime }
    }

    /// How many connections came.
    pub(super) fn visits(&self) -> usize {
        self.deeds.visits.load(Ordering::Acquire)
    }

    /// All it was told.
    pub(super) fn heard(&self) -> Vec<AgentMessage> {
        self.deeds.heard.lock().unwrap().clone()
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, deeds: Arc<Deeds>) {
    let router = Router::new().route(CHANNEL_PATH, get(channel));
    while let Ok((socket, _)) = listener.accept().await {
        deeds.visits.fetch_add(1, Ordering::AcqRel);
        let (acceptor, router, deeds) = (acceptor.clone(), router.clone(), Arc::clone(&deeds));
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(socket).await else { return };
            let exporter =
                stream.get_ref().1.export_keying_material([0; 32], EXPORTER_LABEL.as_bytes(), None);
            let router = router.layer(Extension(Visit { deeds, exporter: exporter.unwrap() }));
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
            drop(connection.with_upgrades().await);
        });
    }
}

#[derive(Clone)]
struct Visit {
    deeds: Arc<Deeds>,
    exporter: [u8; 32],
}

async fn channel(Extension(visit): Extension<Visit>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| async move {
        visit.deeds.lie(socket, &visit.exporter).await;
    })
}

impl Deeds {
    /// Ends when the device hangs up.
    async fn lie(&self, mut socket: WebSocket, exporter: &[u8; 32]) -> Option<()> {
        say(&mut socket, &ServerMessage::Challenge { nonce: CHALLENGE.into() }).await?;
        let mut device = None;
        loop {
            let Message::Text(text) = socket.recv().await?.ok()? else { continue };
            let message: AgentMessage = serde_json::from_str(&text).unwrap();
            self.heard.lock().unwrap().push(message.clone());
            match message {
                AgentMessage::Hello { device: id, nonce, .. } => {
                    device = Some(id);
                    let proof = welcome_bytes(&self.organization, id, CHALLENGE, &nonce, exporter);
                    let signature = HEXLOWER.encode(&self.key.sign(context::WELCOME, &proof));
                    say(&mut socket, &ServerMessage::Welcome { signature, now: Time(i64::MAX / 2) }).await?;
                    // No second door in front of anything any more.
                    let state = DesiredState {
                        device: id,
                        version: StateVersion { epoch: 1 << 40, n: 1 },
                        issued: Time(0),
                        accounts: Vec::new(),
                        login: DesiredLogin::default(),
                        portal: None,
                    };
                    let state = self.sign(context::DESIRED_STATE, &state);
                    say(&mut socket, &ServerMessage::Desired { state }).await?;
                }
                AgentMessage::LoginBegin(begin) => {
                    let conversation = begin.conversation.clone();
                    let decision = LoginDecision {
                        device: device?,
                        conversation: begin.conversation,
                        user: begin.user,
                        service: begin.service,
                        allow: true,
                        exempt: true,
                        text: String::new(),
                        not_after: Time(i64::MAX),
                    };
                    let step = LoginStep::Decided { decision: self.sign(context::LOGIN, &decision) };
                    say(&mut socket, &ServerMessage::Login { conversation, step }).await?;
                }
                AgentMessage::Contact(contact) => {
                    let proof = ContactProof { device: device?, nonce: contact.nonce };
                    let proof = self.sign(context::CONTACT, &proof);
                    say(&mut socket, &ServerMessage::Contact { proof }).await?;
                }
                AgentMessage::Report(_)
                | AgentMessage::Inventory(_)
                | AgentMessage::RunEvent(_)
                | AgentMessage::LoginAnswer { .. }
                | AgentMessage::LoginCancel { .. } => {}
            }
        }
    }

    fn sign(&self, context: &str, content: &impl Serialize) -> Signed {
        let payload = serde_json::to_string(content).unwrap();
        let signature = HEXLOWER.encode(&self.key.sign(context, payload.as_bytes()));
        Signed { payload, signature }
    }
}

async fn say(socket: &mut WebSocket, message: &ServerMessage) -> Option<()> {
    socket.send(Message::text(serde_json::to_string(message).unwrap())).await.ok()
}
