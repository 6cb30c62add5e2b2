//! What the two halves say to each other beyond the tags that `ipc` names.

use sallyport_api::agent::StateVersion;
use sallyport_model::id::DeviceId;
use serde::{Deserialize, Serialize};

use crate::trust::Trust;

/// To the network half: a [`NetConfig`] as JSON. First on the line, and again whenever it changes.
pub const CONFIG: u8 = 17;

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
}

impl NetConfig {
    #[must_use]
    pub fn new(trust: &Trust, desired: Option<StateVersion>) -> Self {
        Self {
            device: trust.device,
            signing_key: trust.signing_key.clone(),
            server: trust.server.clone(),
            ca: trust.ca.clone(),
            desired,
        }
    }
}
