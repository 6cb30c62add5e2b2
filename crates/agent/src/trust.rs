//! Whom this device is enrolled with, and the one way to believe something the server says.

use std::{io, path::Path};

use data_encoding::HEXLOWER;
use sallyport_api::agent::Signed;
use sallyport_crypto::sign::PublicKey;
use sallyport_model::id::{DeviceId, OrgId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::durable;

/// Written at enrolment, never changed after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    pub device: DeviceId,
    pub organization: OrgId,
    pub organization_name: String,
    /// The organisation's signing key, hexadecimal.
    pub signing_key: String,
    pub server: String,
    /// The organisation's certificate authority, PEM.
    pub ca: String,
}

#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    #[error("the signature does not hold")]
    BadSignature,
    #[error("the signed content cannot be read: {0}")]
    Malformed(serde_json::Error),
    #[error("{path} cannot be read: {reason}")]
    Unreadable { path: String, reason: String },
}

const LONGEST_FILE: u64 = 64 * 1024;

impl Trust {
    /// The enrolment at `path`; `None` if there is none.
    ///
    /// # Errors
    /// It is there and cannot be understood.
    pub fn load(path: &Path) -> Result<Option<Self>, TrustError> {
        let unreadable = |reason: String| TrustError::Unreadable { path: path.display().to_string(), reason };
        let Some(bytes) = durable::read(path, LONGEST_FILE).map_err(|error| unreadable(error.to_string()))?
        else {
            return Ok(None);
        };
        let trust: Self = serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?;
        match PublicKey::from_hex(&trust.signing_key) {
            Some(_) => Ok(Some(trust)),
            None => Err(unreadable("its signing key is none".to_owned())),
        }
    }

    /// # Errors
    /// What the file system says.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        durable::write(path, &serde_json::to_vec_pretty(self)?, 0o600)
    }

    /// What the organisation signed for `context`.
    ///
    /// # Errors
    /// It did not, or what it signed is something else.
    pub fn open<T: DeserializeOwned>(&self, signed: &Signed, context: &str) -> Result<T, TrustError> {
        let key = PublicKey::from_hex(&self.signing_key).ok_or(TrustError::BadSignature)?;
        let signature = HEXLOWER.decode(signed.signature.as_bytes()).map_err(|_| TrustError::BadSignature)?;
        if !key.verifies(context, signed.payload.as_bytes(), &signature) {
            return Err(TrustError::BadSignature);
        }
        serde_json::from_str(&signed.payload).map_err(TrustError::Malformed)
    }
}
