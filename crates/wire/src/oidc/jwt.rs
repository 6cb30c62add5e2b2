//! Signed tokens (RFC 7519, with the advice of RFC 8725): an algorithm belongs to a key, a type is asked for and checked, what
//! a header calls critical is refused, and no key is ever taken from where a header points.

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::{
    digest,
    foreign::ForeignKey,
    jws::{JwsAlgorithm, JwsKey, verifies},
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    compact::{CompactError, Parts},
    params::{ParamError, Params},
};

/// Most values of `aud`.
const MOST_AUDIENCES: usize = 16;

/// Why a token says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    #[error("the token is signed in a way that is not used here, or wants more of its reader")]
    Header,
    #[error("the token is not three parts of base64url")]
    Malformed,
    #[error("the token's claims cannot be read: {0}")]
    Claims(#[from] ParamError),
    #[error("the token is not signed with a key that is known for this")]
    Signature,
    #[error("the token is of another type")]
    Type,
}

impl From<CompactError> for JwtError {
    fn from(_: CompactError) -> Self {
        Self::Malformed
    }
}

/// A token with these claims, signed by a key of ours; none if the library cannot.
#[must_use]
pub fn signed(key: &JwsKey, kid: &str, typ: &str, claims: &impl Serialize) -> Option<String> {
    let header = json!({ "alg": key.algorithm().as_str(), "kid": kid, "typ": typ });
    let mut text = BASE64URL_NOPAD.encode(header.to_string().as_bytes());
    text.push('.');
    BASE64URL_NOPAD.encode_append(&serde_json::to_vec(claims).ok()?, &mut text);
    let signature = key.sign(text.as_bytes())?;
    text.push('.');
    BASE64URL_NOPAD.encode_append(&signature, &mut text);
    Some(text)
}

/// The left half of a digest, by which an ID token names what was issued with it (OpenID Connect Core, section 3.3.2.11). All
/// algorithms here go with SHA-256, Ed25519 by what clients of it do.
#[must_use]
pub fn left_half_hash(alg: JwsAlgorithm, token: &str) -> String {
    match alg {
        JwsAlgorithm::Es256 | JwsAlgorithm::Ps256 | JwsAlgorithm::Rs256 => {
            let digest = digest::sha256(token.as_bytes());
            BASE64URL_NOPAD.encode(digest.get(..16).unwrap_or_default())
        }
        JwsAlgorithm::EdDsa => {
            let digest = digest::sha512(token.as_bytes());
            BASE64URL_NOPAD.encode(digest.get(..32).unwrap_or_default())
        }
    }
}

/// A token of which nobody knows yet who signed it.
pub struct Token<'a> {
    parts: Parts<'a>,
    header: Params,
    alg: JwsAlgorithm,
}

impl<'a> Token<'a> {
    /// # Errors
    /// No token, or one by an algorithm that is not used here.
    pub fn read(text: &'a str) -> Result<Self, JwtError> {
        let parts = Parts::of(text)?;
        let header = parts.header()?.map_err(|_| JwtError::Header)?;
        let Ok(Some(Value::String(alg))) = header.json("alg") else { return Err(JwtError::Header) };
        let alg = JwsAlgorithm::named(alg).ok_or(JwtError::Header)?;
        // What a token calls critical has to be understood (RFC 7515, section 4.1.11), and nothing is.
        if header.names().any(|name| name == "crit" || name == "b64") {
            return Err(JwtError::Header);
        }
        Ok(Self { parts, header, alg })
    }

    #[must_use]
    pub const fn alg(&self) -> JwsAlgorithm {
        self.alg
    }

    /// The name of the key, as the token has it.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        match self.header.json("kid") {
            Ok(Some(Value::String(kid))) => Some(kid),
            Ok(_) | Err(_) => None,
        }
    }

    /// The key that a token brings itself, for protocols in which it proves nothing but that whoever made it has it.
    pub(super) fn brought_key(&self) -> Option<Params> {
        match self.header.json("jwk") {
            Ok(Some(jwk @ Value::Object(_))) => serde_json::from_value(jwk.clone()).ok(),
            Ok(_) | Err(_) => None,
        }
    }

    /// Its type, without what may stand in front of it (RFC 7515, section 4.1.9).
    fn typ(&self) -> Option<String> {
        match self.header.json("typ") {
            Ok(Some(Value::String(typ))) => {
                let typ = typ.to_ascii_lowercase();
                Some(typ.strip_prefix("application/").unwrap_or(&typ).to_owned())
            }
            Ok(_) | Err(_) => None,
        }
    }

    /// What a token claims, if it is of one of these types and one of these keys has signed it. `None` among the types: it may
    /// have none.
    ///
    /// # Errors
    /// Another type, another signer, or claims that cannot be read.
    pub fn verified<'k>(
        &self,
        types: &[Option<&str>],
        keys: impl IntoIterator<Item = &'k ForeignKey>,
    ) -> Result<Claims, JwtError> {
        let typ = self.typ();
        if !types.iter().any(|wanted| wanted.map(str::to_ascii_lowercase) == typ) {
            return Err(JwtError::Type);
        }
        let signature = self.parts.signature()?;
        let signed = self.parts.signed.as_bytes();
        if !keys.into_iter().any(|key| verifies(self.alg, key, signed, &signature)) {
            return Err(JwtError::Signature);
        }
        Ok(Claims(self.parts.claims()??))
    }

    /// What a token says of itself: good for finding the key and for nothing else.
    ///
    /// # Errors
    /// Claims that cannot be read.
    pub fn unverified(&self) -> Result<Claims, JwtError> {
        Ok(Claims(self.parts.claims()??))
    }
}

/// What a token claims. No name stands in it twice.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(Params);

impl Claims {
    /// A text, which may be absent. A claim of another kind is none.
    ///
    /// # Errors
    /// No text of at most `max` bytes without control characters.
    pub fn line(&self, name: &'static str, max: usize) -> Result<Option<String>, ParamError> {
        match self.0.json(name)? {
            None | Some(Value::String(_)) => self.0.line(name, max),
            Some(_) => Err(ParamError::Invalid(name)),
        }
    }

    /// The same, where it has to be there.
    ///
    /// # Errors
    /// Absent, or as [`Self::line`].
    pub fn required_line(&self, name: &'static str, max: usize) -> Result<String, ParamError> {
        self.line(name, max)?.ok_or(ParamError::Missing(name))
    }

    /// A moment in Unix seconds: a whole number that is not negative, and no text.
    ///
    /// # Errors
    /// Of another kind.
    pub fn time(&self, name: &'static str) -> Result<Option<i64>, ParamError> {
        match self.0.json(name)? {
            None => Ok(None),
            Some(Value::Number(number)) => {
                let whole = number.as_i64().filter(|seconds| (0..=LATEST).contains(seconds));
                whole.map(Some).ok_or(ParamError::Invalid(name))
            }
            Some(_) => Err(ParamError::Invalid(name)),
        }
    }

    /// The same, where it has to be there.
    ///
    /// # Errors
    /// Absent, or as [`Self::time`].
    pub fn required_time(&self, name: &'static str) -> Result<i64, ParamError> {
        self.time(name)?.ok_or(ParamError::Missing(name))
    }

    /// For whom it is: one, or several.
    ///
    /// # Errors
    /// Absent, empty, or of another kind.
    pub fn audiences(&self) -> Result<Vec<String>, ParamError> {
        let invalid = ParamError::Invalid("aud");
        let found = match self.0.json("aud")? {
            None => return Err(ParamError::Missing("aud")),
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(several)) if several.len() <= MOST_AUDIENCES => {
                let texts: Option<Vec<String>> =
                    several.iter().map(|one| one.as_str().map(str::to_owned)).collect();
                texts.ok_or_else(|| invalid.clone())?
            }
            Some(_) => return Err(invalid),
        };
        if found.is_empty() || found.iter().any(String::is_empty) { Err(invalid) } else { Ok(found) }
    }

    #[must_use]
    pub const fn params(&self) -> &Params {
        &self.0
    }
}

/// The last second of the year 9999.
const LATEST: i64 = 253_402_300_799;
