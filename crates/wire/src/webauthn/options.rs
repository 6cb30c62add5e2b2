//! What browsers are asked: the JSON form of the options of `navigator.credentials` (WebAuthn Level 3 sections 5.4 and 5.10).

use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;

use super::{RelyingParty, UserVerification, authenticator::ALGORITHMS};

/// A question to a browser, for `navigator.credentials.get`: the JSON form of its options (section 5.10.2).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    challenge: String,
    rp_id: String,
    /// Milliseconds.
    timeout: u32,
    user_verification: UserVerification,
    /// Those that may answer; with none of them, whichever the person chooses.
    allow_credentials: Vec<Descriptor>,
}

/// A question to a browser, for `navigator.credentials.create`: the JSON form of its options (section 5.4).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions {
    challenge: String,
    rp: Named,
    user: UserEntity,
    pub_key_cred_params: Vec<Parameters>,
    /// Milliseconds.
    timeout: u32,
    exclude_credentials: Vec<Descriptor>,
    authenticator_selection: Selection,
    attestation: &'static str,
}

/// A credential that is known.
#[derive(Debug, Clone, Serialize)]
pub struct Descriptor {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    transports: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Named {
    id: String,
    name: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct UserEntity {
    id: String,
    name: String,
    display_name: String,
}

#[derive(Debug, Clone, Serialize)]
struct Parameters {
    #[serde(rename = "type")]
    kind: &'static str,
    alg: i64,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Selection {
    #[serde(skip_serializing_if = "Option::is_none")]
    authenticator_attachment: Option<&'static str>,
    resident_key: &'static str,
    user_verification: UserVerification,
}

impl Descriptor {
    #[must_use]
    pub fn new(credential: &[u8], transports: &[String]) -> Self {
        Self { kind: "public-key", id: BASE64URL_NOPAD.encode(credential), transports: transports.to_vec() }
    }
}

impl RequestOptions {
    #[must_use]
    pub fn new(
        challenge: &[u8],
        rp: &RelyingParty,
        allowed: Vec<Descriptor>,
        user_verification: UserVerification,
        timeout_seconds: u32,
    ) -> Self {
        Self {
            challenge: BASE64URL_NOPAD.encode(challenge),
            rp_id: rp.id.clone(),
            timeout: timeout_seconds.saturating_mul(1000),
            user_verification,
            allow_credentials: allowed,
        }
    }
}

impl CreationOptions {
    /// Asks for a credential that can be found without a name, where the authenticator can keep one.
    ///
    /// `handle` is what the authenticator remembers the person by; it must tell nothing about them (section 14.6.1).
    #[must_use]
    pub fn new(
        challenge: &[u8],
        rp: &RelyingParty,
        organization: &str,
        (handle, name, display_name): (&[u8], &str, &str),
        known: Vec<Descriptor>,
        timeout_seconds: u32,
    ) -> Self {
        Self {
            challenge: BASE64URL_NOPAD.encode(challenge),
            rp: Named { id: rp.id.clone(), name: organization.to_owned() },
            user: UserEntity {
                id: BASE64URL_NOPAD.encode(handle),
                name: name.to_owned(),
                display_name: display_name.to_owned(),
            },
            pub_key_cred_params: ALGORITHMS.map(|alg| Parameters { kind: "public-key", alg }).to_vec(),
            timeout: timeout_seconds.saturating_mul(1000),
            exclude_credentials: known,
            authenticator_selection: Selection {
                authenticator_attachment: None,
                resident_key: "preferred",
                user_verification: UserVerification::Preferred,
            },
            attestation: "none",
        }
    }

    /// The same, with what the authenticator's maker says of it (section 5.4.7). People may be asked whether they want
    /// that told.
    #[must_use]
    pub fn attested(self) -> Self {
        Self { attestation: "direct", ..self }
    }

    /// The same, of an authenticator that is wanted to verify who uses it, or is not.
    #[must_use]
    pub fn verifying(self, user_verification: UserVerification) -> Self {
        let authenticator_selection = Selection { user_verification, ..self.authenticator_selection };
        Self { authenticator_selection, ..self }
    }

    /// The same for a credential of this very device, which verifies who uses it. It need not be found without a name.
    #[must_use]
    pub fn on_this_device(self) -> Self {
        let authenticator_selection = Selection {
            authenticator_attachment: Some("platform"),
            resident_key: "discouraged",
            user_verification: UserVerification::Required,
        };
        Self { authenticator_selection, ..self }
    }
}
