//! Public keys as JSON (RFC 7517, RFC 7518 section 6, RFC 8037).

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::{digest, foreign::ForeignKey, jws::JwsAlgorithm};
use serde_json::{Value, json};

use crate::params::{ParamError, Params};

/// Most bytes of a set, and most keys in it.
const LONGEST: usize = 64 * 1024;
const MOST: usize = 50;
const LONGEST_NAME: usize = 256;

/// Why a key is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    #[error("the key cannot be read: {0}")]
    Key(#[from] ParamError),
    #[error("the key is not a point of its curve, or an RSA key of fewer than 2048 bits")]
    Unsound,
    #[error("the key is of a kind that is not used here; use P-256, Ed25519 or RSA")]
    Kind,
    #[error("a private key; give the public half, and use this one no more")]
    Private,
    #[error("the set is no JSON object with at most {MOST} keys in `keys`")]
    Set,
}

/// A public key of somebody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwk {
    pub kid: Option<String>,
    /// What it may be used with, if it says so.
    pub alg: Option<JwsAlgorithm>,
    pub key: ForeignKey,
}

impl Jwk {
    /// Reads one key. One that is for encryption is of no use, and refused as of another kind.
    ///
    /// # Errors
    /// As [`JwkError`] says.
    pub fn read(jwk: &Params) -> Result<Self, JwkError> {
        if ["d", "p", "q", "k"].iter().any(|name| jwk.names().any(|given| given == *name)) {
            return Err(JwkError::Private);
        }
        if jwk.line("use", 16)?.is_some_and(|used| used != "sig") {
            return Err(JwkError::Kind);
        }
        let (kind, curve) = (jwk.required_line("kty", 16)?, jwk.line("crv", 16)?);
        let key = match (kind.as_str(), curve.as_deref()) {
            ("EC", Some("P-256")) => ForeignKey::es256(&fixed(jwk, "x")?, &fixed(jwk, "y")?),
            ("OKP", Some("Ed25519")) => ForeignKey::Ed25519(fixed(jwk, "x")?),
            ("RSA", None) => ForeignKey::Rs256 { modulus: bytes(jwk, "n")?, exponent: bytes(jwk, "e")? },
            _ => return Err(JwkError::Kind),
        };
        if !key.is_sound() {
            return Err(JwkError::Unsound);
        }
        let alg = match jwk.line("alg", 16)? {
            Some(name) => Some(JwsAlgorithm::named(&name).ok_or(JwkError::Kind)?),
            None => None,
        };
        Ok(Self { kid: jwk.line("kid", LONGEST_NAME)?, alg, key })
    }

    /// As others read it.
    #[must_use]
    pub fn write(&self) -> Value {
        let mut jwk = public(&self.key);
        if let Some(members) = jwk.as_object_mut() {
            members.insert("use".into(), "sig".into());
            if let Some(kid) = &self.kid {
                members.insert("kid".into(), kid.as_str().into());
            }
            if let Some(alg) = self.alg {
                members.insert("alg".into(), alg.as_str().into());
            }
        }
        jwk
    }
}

/// Somebody's keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JwkSet(pub Vec<Jwk>);

impl JwkSet {
    /// Reads a set. Keys of kinds that are not used here are left out; one that is damaged is an error.
    ///
    /// # Errors
    /// As [`JwkError`] says.
    pub fn read(json: &[u8]) -> Result<Self, JwkError> {
        if json.len() > LONGEST {
            return Err(JwkError::Set);
        }
        let set = Params::from_json(json).map_err(|_| JwkError::Set)?;
        let Ok(Some(Value::Array(keys))) = set.json("keys") else { return Err(JwkError::Set) };
        if keys.len() > MOST {
            return Err(JwkError::Set);
        }
        let mut read = Vec::new();
        for key in keys {
            let key: Params = serde_json::from_value(key.clone()).map_err(|_| JwkError::Set)?;
            match Jwk::read(&key) {
                Ok(key) => read.push(key),
                Err(JwkError::Kind) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self(read))
    }

    #[must_use]
    pub fn write(&self) -> Value {
        json!({ "keys": self.0.iter().map(Jwk::write).collect::<Vec<_>>() })
    }

    /// The keys that may have signed with this algorithm under this name; without a name, all that could have.
    pub fn candidates<'a>(
        &'a self,
        alg: JwsAlgorithm,
        kid: Option<&'a str>,
    ) -> impl Iterator<Item = &'a ForeignKey> {
        self.0
            .iter()
            .filter(move |jwk| jwk.alg.is_none_or(|own| own == alg))
            .filter(move |jwk| kid.is_none() || jwk.kid.is_none() || jwk.kid.as_deref() == kid)
            .map(|jwk| &jwk.key)
    }
}

/// The members of a key that make it what it is, in the order of RFC 7638, section 3.2.
fn public(key: &ForeignKey) -> Value {
    let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    match key {
        ForeignKey::Ed25519(x) => json!({ "crv": "Ed25519", "kty": "OKP", "x": text(x) }),
        ForeignKey::Es256(point) => {
            let (x, y) = point.split_at(33);
            json!({ "crv": "P-256", "kty": "EC", "x": text(x.get(1..).unwrap_or_default()), "y": text(y) })
        }
        ForeignKey::Rs256 { modulus, exponent } => {
            json!({ "e": text(exponent), "kty": "RSA", "n": text(modulus) })
        }
    }
}

/// The name that a key has by itself: SHA-256 of its members (RFC 7638), in base64url.
#[must_use]
pub fn thumbprint(key: &ForeignKey) -> String {
    // Written without blanks, in the order above, as the RFC wants it.
    BASE64URL_NOPAD.encode(&digest::sha256(public(key).to_string().as_bytes()))
}

fn bytes(jwk: &Params, name: &'static str) -> Result<Vec<u8>, JwkError> {
    let text = jwk.required_line(name, 2048)?;
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| JwkError::Key(ParamError::Invalid(name)))
}

fn fixed(jwk: &Params, name: &'static str) -> Result<[u8; 32], JwkError> {
    bytes(jwk, name)?.try_into().map_err(|_| JwkError::Key(ParamError::Invalid(name)))
}
