//! The other two in tests: a browser that subscribes and reads, and a service that looks who sends.

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::{Random, foreign::ForeignKey, gcm, p256::AgreementKey, random, random::NoRandomness};
use serde::Deserialize;

use super::encryption::{Ends, LAST, POINT, SALT};

/// A browser with one subscription.
pub struct Browser {
    key: AgreementKey,
    auth: [u8; SALT],
}

impl Browser {
    /// One with fresh keys.
    ///
    /// # Errors
    /// No randomness.
    pub fn new(random: &dyn Random) -> Result<Self, NoRandomness> {
        Ok(Self { key: AgreementKey::generate(random)?, auth: random::bytes(random)? })
    }

    /// The browser of these secrets; none if the first is no key.
    #[must_use]
    pub fn of(private: &[u8; 32], auth: [u8; SALT]) -> Option<Self> {
        AgreementKey::from_scalar(private).map(|key| Self { key, auth })
    }

    /// What `PushSubscription.toJSON()` gives.
    #[must_use]
    pub fn subscription(&self, endpoint: &str) -> String {
        let [p256dh, auth] = [self.key.public().as_slice(), &self.auth].map(|b| BASE64URL_NOPAD.encode(b));
        serde_json::json!({
            "endpoint": endpoint,
            "expirationTime": null,
            "keys": { "p256dh": p256dh, "auth": auth },
        })
        .to_string()
    }

    /// Reads a message (RFC 8291 section 4); none if it is not for this browser.
    #[must_use]
    pub fn read(&self, body: &[u8]) -> Option<Vec<u8>> {
        let (salt, rest) = body.split_first_chunk::<SALT>()?;
        let (record_size, rest) = rest.split_first_chunk::<4>()?;
        let (&length, rest) = rest.split_first()?;
        let (sender, sealed) = rest.split_first_chunk::<POINT>()?;
        let record_size = usize::try_from(u32::from_be_bytes(*record_size)).ok()?;
        if usize::from(length) != POINT || sealed.len() >= record_size {
            return None;
        }
        let secret = self.key.agree(sender)?;
        let ends = Ends { browser: self.key.public(), sender, auth: &self.auth, salt };
        let record = ends.record_key(&secret)?;
        let plain = gcm::opened(record.key.as_slice(), &record.nonce, sealed)?;
        let end = plain.iter().rposition(|byte| *byte != 0)?;
        let (payload, padding) = plain.split_at(end);
        (padding.first() == Some(&LAST)).then(|| payload.to_vec())
    }
}

/// What a sender says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Claims {
    pub aud: String,
    pub exp: i64,
    pub sub: String,
}

/// What the value of an `Authorization` header claims, if it is signed by `key` and by no other.
#[must_use]
pub fn claims(authorization: &str, key: &[u8; POINT]) -> Option<Claims> {
    #[derive(Deserialize)]
    struct Header {
        typ: String,
        alg: String,
    }
    let (token, named) = authorization.strip_prefix("vapid t=")?.split_once(", k=")?;
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let [named, signature, header, claims] =
        [named, signature, header, claims].map(|part| BASE64URL_NOPAD.decode(part.as_bytes()).ok());
    let header: Header = serde_json::from_slice(&header?).ok()?;
    let holds = header.typ == "JWT"
        && header.alg == "ES256"
        && named? == key
        && ForeignKey::Es256(*key).verifies_fixed(signed.as_bytes(), &signature?);
    holds.then(|| serde_json::from_slice(&claims?).ok())?
}
