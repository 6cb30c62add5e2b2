//! What the two halves say to each other beyond the tags that `ipc` names.

use std::collections::BTreeMap;

use sallyport_api::agent::{DesiredState, StateVersion};
use sallyport_model::id::{DeviceId, UserId};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize as _;

use crate::{accounts::Ledger, trust::Trust};

/// To the network half: a [`NetConfig`] as JSON. First on the line, and again whenever it changes.
pub const CONFIG: u8 = 17;

/// Longest frame between the privileged half and a network half that speaks the Auth API.
pub const AUTH_API_FRAME: usize = 512 * 1024;

/// All that the network half needs to know. It cannot read the privileged half's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetConfig {
    pub device: DeviceId,
    /// The organisation's signing key, hexadecimal.
    pub signing_key: String,
    pub server: String,
    pub ca: String,
    /// The desired state this device has.
    pub desired: Option<StateVersion>,
    /// Where people sign in, whose origin alone is told who asks from here.
    #[serde(default)]
    pub portal: Option<String>,
    /// Whose the accounts of this machine are that the directory owns, by their numbers.
    #[serde(default)]
    pub people: BTreeMap<u32, UserId>,
}

impl NetConfig {
    #[must_use]
    pub fn new(trust: &Trust, desired: Option<&DesiredState>, ledger: &Ledger) -> Self {
        let owned = ledger.accounts.iter().filter(|(_, owned)| !owned.locked);
        Self {
            device: trust.device,
            signing_key: trust.signing_key.clone(),
            server: trust.server.clone(),
            ca: trust.ca.clone(),
            desired: desired.map(|state| state.version),
            portal: desired.and_then(|state| state.portal.clone()),
            people: owned.map(|(user, owned)| (owned.uid, *user)).collect(),
        }
    }
}

/// A service that speaks the Auth API, as a network half is told of it. No `Debug`: it holds the secret key.
#[derive(Serialize, Deserialize)]
pub struct Service {
    /// `https://host:port`.
    pub address: String,
    pub ikey: String,
    pub skey: String,
    /// PEM; without it the authorities that browsers trust.
    pub ca: Option<String>,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.skey.zeroize();
    }
}

/// What a network half is started for that speaks the Auth API: the first frame on its line.
#[derive(Serialize, Deserialize)]
pub enum AuthApiRequest {
    /// Whether the service is there and the keys are its own; answered with one [`AuthApiWord::Decided`].
    Check { service: Service },
    /// One login from its first word to its last.
    Login { service: Service, login: AuthApiLogin },
}

/// A login whose first door this machine has checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthApiLogin {
    pub user: String,
    pub host_name: String,
    pub remote_host: Option<String>,
    pub prompts: u8,
    pub auto_push: bool,
}

/// What such a network half says. After a prompt it waits for one frame, the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthApiWord {
    Decided {
        allow: bool,
        text: String,
    },
    Inform {
        text: String,
    },
    Prompt {
        text: String,
    },
    /// The service cannot be asked: it is away, is somebody else, or does not know our keys.
    Unavailable {
        reason: String,
    },
}
