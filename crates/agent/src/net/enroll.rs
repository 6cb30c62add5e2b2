//! First contact: a token for a place in the organisation.

use std::time::Duration;

use sallyport_api::agent::{ENROLL_PATH, EnrollRequest, EnrollResponse, EnrollmentSecret, INTERNAL_NAME};
use sallyport_connect::{
    ConnectError, Connection, ServerAddress, Tls, has_fingerprint,
    http::{self, Limits, Response},
};
use sallyport_crypto::sign::PublicKey;
use sallyport_model::{Platform, name::printable};
use serde::Deserialize;

const CONNECT: Duration = Duration::from_secs(20);
const LIMITS: Limits = Limits { time: Duration::from_secs(30), bytes: 256 * 1024 };

#[derive(Debug, thiserror::Error)]
pub enum EnrollError {
    #[error("the certificate authority in the file is not the one the token was made for")]
    OtherAuthority,
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("the server answered with something else than an enrolment")]
    NotAnEnrollment,
    /// In the server's words.
    #[error("the server refused: {0}")]
    Refused(String),
}

/// What a server says when it refuses (RFC 9457).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Problem {
    title: String,
    detail: String,
}

/// Enrols this device with the server at `address`, recognised by the fingerprint in the token and, if there is one,
/// by `ca`.
///
/// # Errors
/// Nothing was changed here; whether the token is used up, the message says.
pub async fn enroll(
    address: &ServerAddress,
    secret: &EnrollmentSecret,
    ca: Option<&str>,
    host_name: &str,
    public_key: PublicKey,
) -> Result<EnrollResponse, EnrollError> {
    let tls = match ca {
        Some(ca) if has_fingerprint(ca, &secret.ca_fingerprint)? => Tls::pinned(ca, INTERNAL_NAME)?,
        Some(_) => return Err(EnrollError::OtherAuthority),
        None => Tls::by_fingerprint(&secret.ca_fingerprint, INTERNAL_NAME)?,
    };
    let connection = Connection::open(address, &tls, CONNECT).await?;
    let request = EnrollRequest {
        token: secret.secret.clone(),
        host_name: host_name.to_owned(),
        platform: platform(),
        public_key: public_key.to_hex(),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let json = serde_json::to_vec(&request).map_err(|_| EnrollError::NotAnEnrollment)?;
    let response = http::post_json(connection, ENROLL_PATH, json, LIMITS).await?;
    if !response.is_success() {
        return Err(EnrollError::Refused(words(&response)));
    }
    let enrolled: EnrollResponse =
        serde_json::from_slice(&response.body).map_err(|_| EnrollError::NotAnEnrollment)?;
    // The authority the device will trust from now on is the one it was told of by the token.
    if !has_fingerprint(&enrolled.ca, &secret.ca_fingerprint)? {
        return Err(EnrollError::OtherAuthority);
    }
    if PublicKey::from_hex(&enrolled.signing_key).is_none() {
        return Err(EnrollError::NotAnEnrollment);
    }
    Ok(enrolled)
}

const fn platform() -> Platform {
    if cfg!(target_os = "windows") {
        Platform::Windows
    } else if cfg!(target_os = "macos") {
        Platform::Macos
    } else {
        Platform::Linux
    }
}

pub(super) fn words(response: &Response) -> String {
    let problem: Problem = serde_json::from_slice(&response.body).unwrap_or_default();
    let words = match (problem.title.as_str(), problem.detail.as_str()) {
        ("", "") => format!("status {}", response.status),
        (title, "") => title.to_owned(),
        ("", detail) => detail.to_owned(),
        (title, detail) => format!("{title}: {detail}"),
    };
    printable(&words, 400)
}
