//! The simulated devices. They prove themselves, check the server's proof and the signature of what they are told,
//! and report it as done without doing anything.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use data_encoding::HEXLOWER;
use sallyport_api::agent::{
    ActualAccount, AgentMessage, CHANNEL_PATH, ComponentState, Condition, DesiredState, ENROLL_PATH,
    EXPORTER_LABEL, EnrollRequest, EnrollResponse, EnrollmentSecret, INTERNAL_NAME, MAX_FRAME, Report,
    ServerMessage, context, hello_bytes, welcome_bytes,
};
use sallyport_connect::{
    Connection, ServerAddress, Tls,
    http::{self, Limits},
    websocket::{Received, WebSocket},
};
use sallyport_crypto::{
    SystemRandom, random,
    sign::{PublicKey, SigningKey},
};
use sallyport_model::Platform;
use tokio::{
    sync::{Semaphore, mpsc},
    task::{JoinHandle, JoinSet},
    time::timeout_at,
};

use super::token;
use crate::house::{Api, AsyncEach, House};

const PATIENCE: Duration = Duration::from_secs(30);
const LIMITS: Limits = Limits { time: PATIENCE, bytes: 1 << 20 };
/// Connections being opened at once.
const DOORS: usize = 16;

/// A device's place in the organisation.
struct Agent {
    key: SigningKey,
    enrolled: EnrollResponse,
}

/// A desired state that came in.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) agent: usize,
    pub(super) at: Instant,
    /// Names of the accounts, and whether they are suspended.
    accounts: Vec<(String, bool)>,
}

impl Heard {
    pub(super) fn has(&self, name: &str) -> bool {
        self.accounts.iter().any(|(account, _)| account == name)
    }

    pub(super) fn suspended(&self, name: &str) -> bool {
        self.accounts.iter().any(|(account, suspended)| account == name && *suspended)
    }
}

pub(super) struct Fleet {
    agents: Vec<Arc<Agent>>,
    channels: Vec<JoinHandle<()>>,
    tell: mpsc::UnboundedSender<Heard>,
    heard: mpsc::UnboundedReceiver<Heard>,
}

impl Fleet {
    pub(super) async fn enroll(house: &House, count: usize) -> anyhow::Result<Self> {
        let enroll = Enroll { address: house.url()?.parse()?, tls: Tls::pinned(&house.ca, INTERNAL_NAME)? };
        let agents = house.for_each((0..count).collect(), enroll).await?;
        let (tell, heard) = mpsc::unbounded_channel();
        Ok(Self { agents, channels: Vec::new(), tell, heard })
    }

    pub(super) fn len(&self) -> usize {
        self.agents.len()
    }

    pub(super) fn device(&self, agent: usize) -> Option<String> {
        self.agents.get(agent).map(|agent| agent.enrolled.device.to_string())
    }

    /// Opens all channels and waits until each device was told its state once.
    pub(super) async fn connect(&mut self, house: &House) -> anyhow::Result<()> {
        let (address, doors): (ServerAddress, _) = (house.url()?.parse()?, Arc::new(Semaphore::new(DOORS)));
        let mut opening = JoinSet::new();
        for (number, agent) in self.agents.iter().enumerate() {
            let (agent, address, doors) = (Arc::clone(agent), address.clone(), Arc::clone(&doors));
            opening.spawn(async move {
                let _door = doors.acquire().await?;
                anyhow::Ok((number, open(&agent, &address).await?))
            });
        }
        while let Some(opened) = opening.join_next().await {
            let (number, socket) = opened.context("a device broke")??;
            let agent = self.agents.get(number).context("no such device")?;
            self.channels.push(tokio::spawn(follow(number, Arc::clone(agent), socket, self.tell.clone())));
        }
        let all = self.len();
        self.hear(all, Instant::now() + PATIENCE, |_| true).await.map(drop)
    }

    /// Waits until so many devices were told a state of this kind; the first of each.
    pub(super) async fn hear(
        &mut self,
        count: usize,
        deadline: Instant,
        wanted: impl Fn(&Heard) -> bool,
    ) -> anyhow::Result<Vec<Heard>> {
        let (mut found, mut agents) = (Vec::with_capacity(count), BTreeSet::new());
        while found.len() < count {
            let Ok(heard) = timeout_at(deadline.into(), self.heard.recv()).await else {
                bail!("only {} of {count} devices heard of it in time", found.len());
            };
            found.extend(heard.filter(&wanted).filter(|heard| agents.insert(heard.agent)));
        }
        Ok(found)
    }

    /// What came in until now does not count.
    pub(super) fn forget(&mut self) {
        while self.heard.try_recv().is_ok() {}
    }

    pub(super) fn disband(self) {
        self.channels.iter().for_each(JoinHandle::abort);
    }
}

#[derive(Clone)]
struct Enroll {
    address: ServerAddress,
    tls: Tls,
}

impl AsyncEach<usize, Arc<Agent>> for Enroll {
    async fn each(&self, api: &mut Api, n: usize) -> anyhow::Result<Arc<Agent>> {
        let secret = EnrollmentSecret::parse(&token(api).await?).context("no token")?;
        let key =
            SigningKey::from_seed(&*SigningKey::generate_seed(&SystemRandom::new())?).context("no key")?;
        let request = EnrollRequest {
            token: secret.secret,
            host_name: format!("device-{n}"),
            platform: Platform::Linux,
            public_key: key.public().to_hex(),
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let connection = Connection::open(&self.address, &self.tls, PATIENCE).await?;
        let response =
            http::post_json(connection, ENROLL_PATH, serde_json::to_vec(&request)?, LIMITS).await?;
        ensure!(response.is_success(), "not enrolled: {}", String::from_utf8_lossy(&response.body));
        Ok(Arc::new(Agent { key, enrolled: serde_json::from_slice(&response.body)? }))
    }
}

/// Connects and proves both sides.
async fn open(agent: &Agent, address: &ServerAddress) -> anyhow::Result<WebSocket> {
    let Agent { key, enrolled } = agent;
    let tls = Tls::pinned(&enrolled.ca, INTERNAL_NAME)?;
    let connection = Connection::open(address, &tls, PATIENCE).await?;
    let exporter = connection.exporter(EXPORTER_LABEL)?;
    let mut socket = WebSocket::open(connection, CHANNEL_PATH, MAX_FRAME, PATIENCE).await?;
    let Some(ServerMessage::Challenge { nonce: challenge }) = next(&mut socket).await? else {
        bail!("no challenge");
    };
    let nonce = HEXLOWER.encode(&random::bytes::<32>(&SystemRandom::new())?);
    let signed = hello_bytes(&enrolled.signing_key, enrolled.device, &challenge, &nonce, &exporter);
    let hello = AgentMessage::Hello {
        device: enrolled.device,
        nonce: nonce.clone(),
        signature: HEXLOWER.encode(&key.sign(context::HELLO, &signed)),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        desired: None,
    };
    socket.send(serde_json::to_string(&hello)?).await?;
    let Some(ServerMessage::Welcome { signature, now: _ }) = next(&mut socket).await? else {
        bail!("not welcome");
    };
    let expected = welcome_bytes(&enrolled.signing_key, enrolled.device, &challenge, &nonce, &exporter);
    ensure!(verifies(enrolled, context::WELCOME, &expected, &signature), "the server did not prove itself");
    Ok(socket)
}

/// Listens until the channel ends.
async fn follow(number: usize, agent: Arc<Agent>, mut socket: WebSocket, tell: mpsc::UnboundedSender<Heard>) {
    while let Ok(received) = next(&mut socket).await {
        let at = Instant::now();
        let Some(ServerMessage::Desired { state }) = received else { continue };
        if !verifies(&agent.enrolled, context::DESIRED_STATE, state.payload.as_bytes(), &state.signature) {
            return;
        }
        let Ok(desired) = serde_json::from_str::<DesiredState>(&state.payload) else { return };
        let accounts =
            desired.accounts.iter().map(|account| (account.name.clone(), account.suspended)).collect();
        let report = AgentMessage::Report(Box::new(report(desired)));
        tell.send(Heard { agent: number, at, accounts }).ok();
        let Ok(text) = serde_json::to_string(&report) else { return };
        if socket.send(text).await.is_err() {
            return;
        }
    }
}

/// All as desired.
fn report(desired: DesiredState) -> Report {
    let accounts = desired
        .accounts
        .into_iter()
        .map(|account| ActualAccount {
            user: account.user,
            name: account.name,
            condition: if account.suspended { Condition::Locked } else { Condition::InPlace },
            failures: Vec::new(),
        })
        .collect();
    Report {
        version: desired.version,
        accounts,
        login_component: ComponentState::Absent,
        login_failure: None,
    }
}

fn verifies(enrolled: &EnrollResponse, context: &str, bytes: &[u8], signature: &str) -> bool {
    PublicKey::from_hex(&enrolled.signing_key)
        .zip(HEXLOWER.decode(signature.as_bytes()).ok())
        .is_some_and(|(key, signature)| key.verifies(context, bytes, &signature))
}

/// The next message; nothing for a sign of life.
async fn next(socket: &mut WebSocket) -> anyhow::Result<Option<ServerMessage>> {
    match socket.receive().await? {
        Received::Alive => Ok(None),
        Received::Closed => bail!("the server closed the channel"),
        Received::Text(text) => Ok(Some(serde_json::from_str(&text)?)),
    }
}
