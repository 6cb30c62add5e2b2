//! What server and agent say to each other.
//!
//! One WebSocket over TLS, opened by the agent to the organisation's fixed internal name; text frames of JSON.
//! The server proves itself with the organisation's key, the device with its own, both over the TLS exporter,
//! so neither proof is worth anything on another connection. Whatever makes a device act (desired state, a run,
//! an allowed login) travels as a [`Signed`] whose bytes the agent's privileged half verifies by itself.

use std::collections::BTreeMap;

use sallyport_model::{
    Interpreter, Platform, Right,
    id::{BindingId, DeviceId, OrgId, RunId, UserId},
    settings::SshKeys,
    time::Time,
};
use serde::{Deserialize, Serialize};

/// The TLS server name under which agents are served, whatever certificate people see.
pub const INTERNAL_NAME: &str = "agents.sallyport.internal";

/// Label of the TLS exporter (RFC 5705) both proofs are bound to; 32 bytes, no context.
pub const EXPORTER_LABEL: &str = "EXPORTER-sallyport-agent-v1";

/// Path of the WebSocket.
pub const CHANNEL_PATH: &str = "/agent/v1/channel";

/// Path an enrolment is posted to.
pub const ENROLL_PATH: &str = "/agent/v1/enroll";

/// Folder packages are fetched from; `index.json` there is a [`Signed`] [`PackageIndex`].
pub const PACKAGES_PATH: &str = "/agent/v1/packages";

/// Longest text frame either side takes, in bytes.
pub const MAX_FRAME: usize = 1 << 20;

/// Contexts of signatures: one made for one of them is worth nothing for another.
pub mod context {
    /// The device signs [`super::hello_bytes`].
    pub const HELLO: &str = "sallyport agent hello v1";
    /// The organisation signs [`super::welcome_bytes`].
    pub const WELCOME: &str = "sallyport agent welcome v1";
    /// The organisation signs a [`super::DesiredState`].
    pub const DESIRED_STATE: &str = "sallyport desired state v1";
    /// The organisation signs a [`super::RunOrder`].
    pub const RUN: &str = "sallyport run v1";
    /// The organisation signs a [`super::LoginDecision`].
    pub const LOGIN: &str = "sallyport login decision v1";
    /// The organisation signs a [`super::ContactProof`].
    pub const CONTACT: &str = "sallyport contact v1";
    /// The organisation signs a [`super::PackageIndex`].
    pub const PACKAGES: &str = "sallyport packages v1";
    /// The device signs [`super::device_proof_bytes`].
    pub const DEVICE_PROOF: &str = "sallyport device proof v1";
}

/// Bytes of JSON with the organisation's Ed25519 signature over exactly these bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    pub payload: String,
    /// 128 hexadecimal digits.
    pub signature: String,
}

// ---- Enrolment ----

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollRequest {
    /// The token's secret part; see [`EnrollmentSecret`].
    pub token: String,
    pub host_name: String,
    pub platform: Platform,
    /// The device's Ed25519 public key, hexadecimal; its secret half never leaves the device.
    pub public_key: String,
    pub agent_version: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollResponse {
    pub device: DeviceId,
    pub organization: OrgId,
    pub organization_name: String,
    /// The organisation's signing key, hexadecimal: the device's trust from now on.
    pub signing_key: String,
    /// The organisation's certificate authority, PEM: the only root the channel trusts.
    pub ca: String,
}

/// An enrolment token as people copy it: `<secret>.<first 32 hexadecimal digits of the SHA-256 of the CA
/// certificate (DER)>`. The second part lets the agent recognise the server before it trusts anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrollmentSecret {
    pub secret: String,
    pub ca_fingerprint: String,
}

impl EnrollmentSecret {
    /// Splits a token; `None` if it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (secret, fingerprint) = text.trim().split_once('.')?;
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (!secret.is_empty() && fingerprint.len() == 32 && fingerprint.bytes().all(hex))
            .then(|| Self { secret: secret.to_owned(), ca_fingerprint: fingerprint.to_owned() })
    }
}

// ---- The channel ----

/// What the device signs: organisation key, device, server nonce, agent nonce, TLS exporter.
#[must_use]
pub fn hello_bytes(
    organization_key: &str,
    device: DeviceId,
    challenge: &str,
    nonce: &str,
    exporter: &[u8; 32],
) -> Vec<u8> {
    let mut out = format!("{organization_key}\n{device}\n{challenge}\n{nonce}\n").into_bytes();
    out.extend_from_slice(exporter);
    out
}

/// What the organisation signs back: the same, so that it cannot be a signature made for another connection.
#[must_use]
pub fn welcome_bytes(
    organization_key: &str,
    device: DeviceId,
    challenge: &str,
    nonce: &str,
    exporter: &[u8; 32],
) -> Vec<u8> {
    hello_bytes(organization_key, device, challenge, nonce, exporter)
}

// ---- The device behind a browser ----

/// Where the agent of a device listens for the browsers on it, on `127.0.0.1` alone.
pub const DEVICE_PROOF_PORT: u16 = 47_653;

/// Where the agent leads a browser back to, below the origin that it was asked for.
pub const DEVICE_PROOF_BACK: &str = "/this-device/back";

/// What the device signs: organisation key, device, the person whose account asked, the origin that it leads back to, and what it was
/// asked, in hexadecimal.
#[must_use]
pub fn device_proof_bytes(
    organization_key: &str,
    device: DeviceId,
    user: UserId,
    origin: &str,
    challenge: &str,
) -> Vec<u8> {
    format!("{organization_key}\n{device}\n{user}\n{origin}\n{challenge}\n").into_bytes()
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// First on every connection.
    Challenge { nonce: String },
    /// Proves the organisation; nothing before it may be believed. `now` is signed with it by being inside the
    /// authenticated connection.
    Welcome { signature: String, now: Time },
    /// The connection ends; come back after a while.
    Reconnect { after_seconds: u32 },
    /// The device was revoked: stop for ever.
    Revoked,
    /// A [`DesiredState`].
    Desired { state: Signed },
    /// A [`RunOrder`].
    Run { order: Signed },
    /// Stop a run.
    CancelRun { run: RunId },
    /// The server has this much of a run for good: the device may forget it.
    RunAcknowledged { run: RunId, seq: u64 },
    /// The next step of a login conversation.
    Login { conversation: String, step: LoginStep },
    /// A [`ContactProof`].
    Contact { proof: Signed },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AgentMessage {
    /// Answers [`ServerMessage::Challenge`].
    Hello {
        device: DeviceId,
        nonce: String,
        signature: String,
        agent_version: String,
        desired: Option<StateVersion>,
    },
    /// What the device really looks like, after trying to be what was desired.
    Report(Box<Report>),
    Inventory(Box<Inventory>),
    RunEvent(RunEvent),
    LoginBegin(LoginBegin),
    LoginAnswer {
        conversation: String,
        text: String,
    },
    LoginCancel {
        conversation: String,
    },
    /// Asks for a [`ContactProof`].
    Contact(Contact),
}

// ---- Desired state ----

/// Numbered so that a device never goes back: a higher epoch wins, then a higher number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StateVersion {
    pub epoch: u64,
    pub n: u64,
}

/// What a device should look like. Level-triggered: applying it twice does nothing the second time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesiredState {
    pub device: DeviceId,
    pub version: StateVersion,
    pub issued: Time,
    pub accounts: Vec<DesiredAccount>,
    pub login: DesiredLogin,
    /// Where people sign in, as browsers write its origin: whoever asks there which device they are on is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesiredAccount {
    pub user: UserId,
    pub name: String,
    pub display_name: String,
    pub uid: u32,
    pub gid: u32,
    pub shell: String,
    pub home: String,
    /// crypt(5) hash; without one the account waits for a password and takes none.
    pub password: Option<String>,
    pub ssh_keys: Vec<String>,
    pub right: Right,
    /// Suspended: locked, sessions ended, keys removed, nothing deleted.
    pub suspended: bool,
    /// Whether an account of this name that is there already may be taken over.
    pub take_over: bool,
    /// Whether this person is asked for the second door here; who is not passes without the server as well. A state
    /// that does not say asks.
    #[serde(default = "asked")]
    pub second_door: bool,
    /// Whether this person may pass by the first door alone while the server cannot be reached. A state that does not
    /// say closes.
    #[serde(default)]
    pub fail_open: bool,
    /// The bindings that put this person here.
    pub bindings: Vec<BindingId>,
}

const fn asked() -> bool {
    true
}

/// How people log in here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DesiredLogin {
    /// PAM services the second door stands in front of.
    pub services: Vec<String>,
    /// How many wrong answers one login may give.
    pub prompts: u8,
    /// What a key is worth to the ssh server.
    #[serde(default)]
    pub ssh_keys: SshKeys,
    /// Hash of the break-glass code: hexadecimal SHA-256 of its digits with `break_glass_salt` in front.
    pub break_glass_hash: Option<String>,
    pub break_glass_salt: String,
}

/// The device's answer to a desired state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The state this speaks of.
    pub version: StateVersion,
    pub accounts: Vec<ActualAccount>,
    pub login_component: ComponentState,
    /// Why the login component does not stand as desired although it is there; what stood before still stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_failure: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActualAccount {
    pub user: UserId,
    pub name: String,
    pub condition: Condition,
    /// What differs and why; empty when all is as desired.
    pub failures: Vec<Failure>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// As desired.
    InPlace,
    /// As desired but without a password yet.
    WaitingForPassword,
    /// Locked because suspended or no longer bound.
    Locked,
    /// Not as desired.
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which aspect: `account`, `home`, `group`, `password`, `right`, `ssh_keys`, `lock`, `sessions`.
    pub aspect: String,
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentState {
    Absent,
    /// Installed, not standing in front of logins.
    Installed,
    Enabled,
    Unsupported,
}

// ---- Runs ----

/// The signed order to run something once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOrder {
    pub run: RunId,
    pub device: DeviceId,
    pub interpreter: Interpreter,
    pub body: String,
    pub run_as: String,
    pub timeout_seconds: u32,
    pub environment: BTreeMap<String, String>,
    pub not_before: Time,
    pub not_after: Time,
}

/// Something that happened to a run, numbered from 1 within it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEvent {
    pub run: RunId,
    pub seq: u64,
    pub at: Time,
    #[serde(flatten)]
    pub what: RunHappening,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "happening", rename_all = "snake_case")]
pub enum RunHappening {
    /// The intent is on disk and the program began.
    Started,
    /// Bytes it printed, base64; hostile text wherever it is shown.
    Output {
        stream: Stream,
        data: String,
    },
    /// Bytes in the middle of the output were dropped.
    Dropped {
        stream: Stream,
        bytes: u64,
    },
    Finished {
        exit_code: Option<i32>,
        reason: Option<String>,
    },
    /// It will not run: expired, refused, no such account.
    Refused {
        reason: String,
    },
    Cancelled,
    /// Begun once, end unknown; it will not run again.
    Unknown {
        reason: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    Stdout,
    Stderr,
}

// ---- Login ----

/// A login at the device asks to be let through. The conversation id is the agent's: 32 random bytes in
/// hexadecimal, the nonce the decision is bound to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginBegin {
    pub conversation: String,
    pub user: String,
    pub service: String,
    pub remote_host: Option<String>,
    pub first_door: LoginFirstDoor,
}

impl std::fmt::Debug for LoginBegin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginBegin")
            .field("user", &self.user)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LoginFirstDoor {
    /// Checked on the device, by this component.
    Vouched { by: String },
    /// To be checked by the server.
    Password { password: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LoginStep {
    /// Show and read an answer.
    Prompt {
        echo: bool,
        text: String,
    },
    Inform {
        text: String,
    },
    /// The end: a [`LoginDecision`].
    Decided {
        decision: Signed,
    },
}

/// The organisation's word on one login, good for that conversation on that device alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginDecision {
    pub device: DeviceId,
    pub conversation: String,
    pub user: String,
    pub service: String,
    pub allow: bool,
    /// Policy puts this person outside the second door.
    pub exempt: bool,
    /// For the person at the door.
    pub text: String,
    pub not_after: Time,
}

/// Asks for the organisation's word that it is there, and tells of the logins it has not heard of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// 32 random bytes of the agent's privileged half in hexadecimal, so that no earlier word can be its answer.
    pub nonce: String,
    /// Repeated until a proof came; the conversation tells them apart.
    pub logins: Vec<OfflineLogin>,
}

/// Somebody passed by the first door alone, because the server could not be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineLogin {
    /// As in [`LoginBegin`].
    pub conversation: String,
    pub user: UserId,
    /// Name of the account.
    pub name: String,
    pub service: String,
    /// What checked the first door.
    pub first_door: String,
    /// The server's time, as far as the device knew it.
    pub at: Time,
}

/// The organisation's word on a [`Contact`]: it was reached, and has the logins for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactProof {
    pub device: DeviceId,
    pub nonce: String,
}

// ---- Inventory ----

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Inventory {
    pub host_name: String,
    pub os: String,
    pub os_version: String,
    pub kernel: String,
    pub architecture: String,
    pub vendor: String,
    pub model: String,
    pub serial: String,
    pub cpus: u32,
    pub cpu_model: String,
    pub memory_bytes: u64,
    pub disks: Vec<Disk>,
    pub addresses: Vec<String>,
    pub boot_time: Option<Time>,
    pub agent_version: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Disk {
    pub mount_point: String,
    pub file_system: String,
    pub size_bytes: u64,
    pub free_bytes: u64,
    /// `None` when it cannot be told.
    pub encrypted: Option<bool>,
}

// ---- Packages ----

/// The packages the server offers, signed so that a device installs nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageIndex {
    pub issued: Time,
    pub packages: Vec<Package>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub platform: Platform,
    pub architecture: String,
    pub file: String,
    pub size: u64,
    /// Hexadecimal.
    pub sha256: String,
}
