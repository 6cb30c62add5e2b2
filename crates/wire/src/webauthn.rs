//! Passkeys and security keys: the relying party's half of Web Authentication (WebAuthn Level 3), from what the browser
//! hands over to what may be believed.
//!
//! Written here because a challenge of ours may be the hash of what is being approved, which a library that draws its
//! challenges itself cannot check. Where no model of authenticator is named, attestation is not asked for (conveyance
//! *none*), and a statement that comes all the same is read past and believed in nothing; [`Attestation::verify_model`]
//! is for where it counts.

mod authenticator;
mod cbor;
pub mod certificate;
pub mod metadata;
mod options;
#[cfg(any(test, feature = "soft"))]
pub mod soft;
mod statement;
#[cfg(test)]
mod tests;
mod tpm;

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::{constant_time_eq, digest::sha256, foreign::ForeignKey};
use serde::{Deserialize, Serialize};

use self::{
    authenticator::{AuthenticatorData, public_key},
    cbor::Value,
    statement::Statement,
};
pub use self::{
    options::{CreationOptions, Descriptor, RequestOptions},
    statement::{Model, NotAttested},
};

/// Longest answer of a browser that is looked at, in bytes.
const LONGEST_ANSWER: usize = 64 << 10;
/// Longest client data that is looked at, in bytes.
const LONGEST_CLIENT_DATA: usize = 8 << 10;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    /// The name credentials are scoped to: a host name.
    pub id: String,
    /// The origins that may ask, each exactly as browsers write it.
    pub origins: Vec<String>,
}

impl RelyingParty {
    /// That of a URL such as `https://sallyport.example.com:8443`; none for an address, which browsers make no
    /// credentials for.
    #[must_use]
    pub fn of_url(url: &str) -> Option<Self> {
        let host_and_port = url.strip_prefix("https://")?.split('/').next()?;
        let (host, port) = match host_and_port.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse::<u16>().ok()?)),
            None => (host_and_port, None),
        };
        let host = host.to_ascii_lowercase();
        let named = !host.is_empty()
            && host.parse::<std::net::IpAddr>().is_err()
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
        // Browsers leave the usual port out of an origin (RFC 6454 section 6.2).
        let origin = match port {
            Some(port) if port != 443 => format!("https://{host}:{port}"),
            Some(_) | None => format!("https://{host}"),
        };
        named.then(|| Self { id: host, origins: vec![origin] })
    }
}

/// What is to be proved about the person at the authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UserVerification {
    /// By touch alone, where it can do no more.
    Preferred,
    /// By PIN, finger or face.
    Required,
}

/// Why an answer is not believed. People are told one sentence for all of these; logs say which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebAuthnError {
    #[error("the answer of the browser cannot be read")]
    Malformed,
    #[error("the answer is to another question")]
    WrongType,
    #[error("the challenge is not the one that was set")]
    WrongChallenge,
    #[error("the answer comes from another origin")]
    WrongOrigin,
    #[error("the credential is for another relying party")]
    WrongRelyingParty,
    #[error("nobody was at the authenticator")]
    NobodyPresent,
    #[error("the authenticator did not verify who used it")]
    NotVerified,
    #[error("the key is of no algorithm that was offered")]
    Algorithm,
    #[error("the signature is wrong")]
    Signature,
    #[error("it is not attested: {0}")]
    NotAttested(NotAttested),
}

/// What a browser hands over after `navigator.credentials.create` (section 5.2.1).
#[derive(Debug, Clone)]
pub struct Attestation {
    client_data: Vec<u8>,
    attestation_object: Vec<u8>,
    transports: Vec<String>,
}

/// What a browser hands over after `navigator.credentials.get` (section 5.2.2).
#[derive(Debug, Clone)]
pub struct Assertion {
    /// The id of the credential.
    pub credential: Vec<u8>,
    /// Whose credential it is, as the authenticator remembers; only of credentials that are found without a name.
    pub user_handle: Option<Vec<u8>>,
    client_data: Vec<u8>,
    authenticator_data: Vec<u8>,
    signature: Vec<u8>,
}

/// A credential that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub credential: Vec<u8>,
    /// The public key in COSE form, for [`Assertion::verify`].
    pub key: Vec<u8>,
    /// The model of the authenticator, by its own word.
    pub aaguid: [u8; 16],
    pub counter: u32,
    pub user_verified: bool,
    /// Whether it may come to be on other devices too.
    pub backup_eligible: bool,
    pub backed_up: bool,
    /// How the authenticator can be reached, for the next question.
    pub transports: Vec<String>,
}

/// What a good assertion says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asserted {
    pub counter: u32,
    pub user_verified: bool,
    /// As when the credential was made, or it is not that one (section 6.1.3); for the caller to compare.
    pub backup_eligible: bool,
    pub backed_up: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<R> {
    raw_id: String,
    #[serde(rename = "type")]
    kind: String,
    response: R,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttestationResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    attestation_object: String,
    #[serde(default)]
    transports: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssertionResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    signature: String,
    #[serde(default)]
    user_handle: Option<String>,
}

/// Section 5.8.1; members that we do not know are allowed for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: Option<bool>,
    /// Whose page the frame is on, where it is on somebody else's.
    #[serde(default)]
    top_origin: Option<String>,
}

impl Attestation {
    /// Reads the JSON form of an answer (section 5.1, `toJSON`).
    ///
    /// # Errors
    /// [`WebAuthnError::Malformed`].
    pub fn parse(json: &str) -> Result<Self, WebAuthnError> {
        let Envelope { response, .. } = envelope::<AttestationResponse>(json)?;
        let known = |transport: &String| {
            ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"].contains(&transport.as_str())
        };
        let mut transports: Vec<String> = response.transports.into_iter().filter(known).collect();
        transports.sort();
        transports.dedup();
        Ok(Self {
            client_data: bytes(&response.client_data)?,
            attestation_object: bytes(&response.attestation_object)?,
            transports,
        })
    }

    /// The challenge it says it answers, for a caller that must find what it set; worth nothing before
    /// [`Self::verify`].
    #[must_use]
    pub fn claimed_challenge(&self) -> Option<Vec<u8>> {
        claimed_challenge(&self.client_data)
    }

    /// Checks the answer (section 7.1), to `challenge`, and believes in no statement about who made the authenticator.
    ///
    /// # Errors
    /// The first thing that is not as it should be.
    pub fn verify(
        &self,
        challenge: &[u8],
        rp: &RelyingParty,
        wanted: UserVerification,
    ) -> Result<Registered, WebAuthnError> {
        self.verified(challenge, rp, wanted).map(|(made, _)| made)
    }

    /// The same, and that the authenticator is of one of these models, as a certificate of its maker attests that is good
    /// at `now`, in seconds of Unix time. With it comes the SHA-256 of the root that this led to.
    ///
    /// # Errors
    /// The first thing that is not as it should be. What is not verified is [`WebAuthnError::NotAttested`].
    pub fn verify_model(
        &self,
        challenge: &[u8],
        rp: &RelyingParty,
        wanted: UserVerification,
        models: &[Model],
        now: i64,
    ) -> Result<(Registered, [u8; 32]), WebAuthnError> {
        let (made, statement) = self.verified(challenge, rp, wanted)?;
        let root = statement.verify(models, now).map_err(WebAuthnError::NotAttested)?;
        Ok((made, root))
    }

    fn verified(
        &self,
        challenge: &[u8],
        rp: &RelyingParty,
        wanted: UserVerification,
    ) -> Result<(Registered, Statement<'_>), WebAuthnError> {
        client_data(&self.client_data, "webauthn.create", challenge, rp)?;
        let object = Value::read_all(&self.attestation_object).ok_or(WebAuthnError::Malformed)?;
        let (format, about, raw) = members(&object).ok_or(WebAuthnError::Malformed)?;
        let data = AuthenticatorData::read(raw).ok_or(WebAuthnError::Malformed)?;
        presence(&data, rp, wanted)?;
        let attested = data.attested.ok_or(WebAuthnError::Malformed)?;
        public_key(attested.cose).ok_or(WebAuthnError::Algorithm)?;
        let made = Registered {
            credential: attested.id.to_vec(),
            key: attested.cose.to_vec(),
            aaguid: attested.aaguid,
            counter: data.counter,
            user_verified: data.user_verified,
            backup_eligible: data.backup_eligible,
            backed_up: data.backed_up,
            transports: self.transports.clone(),
        };
        let client_data_hash = sha256(&self.client_data);
        Ok((made, Statement { format, about, raw, rp_id_hash: data.rp_id_hash, attested, client_data_hash }))
    }
}

/// The members of an attestation object (section 6.5): the format of the statement, the statement, and what the
/// authenticator itself says.
fn members<'a>(object: &Value<'a>) -> Option<(&'a str, Value<'a>, &'a [u8])> {
    let about = object.at(&Value::Text("attStmt")).filter(|about| matches!(about, Value::Map(_)))?;
    Some((object.text_at("fmt")?, about.clone(), object.bytes_at(&Value::Text("authData"))?))
}

impl Assertion {
    /// Reads the JSON form of an answer (section 5.1, `toJSON`).
    ///
    /// # Errors
    /// [`WebAuthnError::Malformed`].
    pub fn parse(json: &str) -> Result<Self, WebAuthnError> {
        let Envelope { raw_id, response, .. } = envelope::<AssertionResponse>(json)?;
        let user_handle = response.user_handle.as_deref().filter(|handle| !handle.is_empty());
        Ok(Self {
            credential: bytes(&raw_id)?,
            user_handle: user_handle.map(bytes).transpose()?,
            client_data: bytes(&response.client_data)?,
            authenticator_data: bytes(&response.authenticator_data)?,
            signature: bytes(&response.signature)?,
        })
    }

    /// Checks the answer (section 7.2), to `challenge`, by the credential with this key in COSE form. That the
    /// credential is the person's, and what its counter says, is the caller's to judge.
    ///
    /// # Errors
    /// The first thing that is not as it should be.
    pub fn verify(
        &self,
        key: &[u8],
        challenge: &[u8],
        rp: &RelyingParty,
        wanted: UserVerification,
    ) -> Result<Asserted, WebAuthnError> {
        client_data(&self.client_data, "webauthn.get", challenge, rp)?;
        let data = AuthenticatorData::read(&self.authenticator_data).ok_or(WebAuthnError::Malformed)?;
        presence(&data, rp, wanted)?;
        let key: ForeignKey = public_key(key).ok_or(WebAuthnError::Algorithm)?;
        let signed = [&self.authenticator_data[..], &sha256(&self.client_data)].concat();
        if !key.verifies(&signed, &self.signature) {
            return Err(WebAuthnError::Signature);
        }
        Ok(Asserted {
            counter: data.counter,
            user_verified: data.user_verified,
            backup_eligible: data.backup_eligible,
            backed_up: data.backed_up,
        })
    }

    /// The challenge it says it answers, for a caller that must find what it set; worth nothing before
    /// [`Self::verify`].
    #[must_use]
    pub fn claimed_challenge(&self) -> Option<Vec<u8>> {
        claimed_challenge(&self.client_data)
    }
}

fn envelope<'a, R: Deserialize<'a>>(json: &'a str) -> Result<Envelope<R>, WebAuthnError> {
    if json.len() > LONGEST_ANSWER {
        return Err(WebAuthnError::Malformed);
    }
    let found: Envelope<R> = serde_json::from_str(json).map_err(|_| WebAuthnError::Malformed)?;
    if found.kind == "public-key" { Ok(found) } else { Err(WebAuthnError::Malformed) }
}

/// Browsers write base64url without padding, scripts of others with.
fn bytes(text: &str) -> Result<Vec<u8>, WebAuthnError> {
    BASE64URL_NOPAD.decode(text.trim_end_matches('=').as_bytes()).map_err(|_| WebAuthnError::Malformed)
}

fn claimed_challenge(json: &[u8]) -> Option<Vec<u8>> {
    let data: ClientData = serde_json::from_slice(json).ok()?;
    bytes(&data.challenge).ok()
}

fn client_data(json: &[u8], kind: &str, challenge: &[u8], rp: &RelyingParty) -> Result<(), WebAuthnError> {
    if json.len() > LONGEST_CLIENT_DATA {
        return Err(WebAuthnError::Malformed);
    }
    let data: ClientData = serde_json::from_slice(json).map_err(|_| WebAuthnError::Malformed)?;
    if data.kind != kind {
        return Err(WebAuthnError::WrongType);
    }
    if challenge.len() < 16 || !constant_time_eq(&bytes(&data.challenge)?, challenge) {
        return Err(WebAuthnError::WrongChallenge);
    }
    // A frame on somebody else's page is not a place to sign in.
    let framed = data.cross_origin == Some(true) || data.top_origin.is_some();
    if framed || !rp.origins.contains(&data.origin) {
        return Err(WebAuthnError::WrongOrigin);
    }
    Ok(())
}

fn presence(
    data: &AuthenticatorData<'_>,
    rp: &RelyingParty,
    wanted: UserVerification,
) -> Result<(), WebAuthnError> {
    if !constant_time_eq(data.rp_id_hash, &sha256(rp.id.as_bytes())) {
        return Err(WebAuthnError::WrongRelyingParty);
    }
    if !data.user_present {
        return Err(WebAuthnError::NobodyPresent);
    }
    match wanted {
        UserVerification::Required if !data.user_verified => Err(WebAuthnError::NotVerified),
        UserVerification::Required | UserVerification::Preferred => Ok(()),
    }
}
