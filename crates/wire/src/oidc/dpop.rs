//! Demonstrating Proof of Possession (RFC 9449): a request is signed with the key that its tokens are bound to.

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::{constant_time_eq, digest};

use super::{
    LEEWAY,
    jwk::{Jwk, JwkError, thumbprint},
    jwt::{JwtError, Token},
};
use crate::params::ParamError;

/// How old a proof may be, in seconds.
const LIFE: i64 = 60;

/// Why a proof is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DpopError {
    #[error("the DPoP proof is for another access token")]
    AccessToken,
    #[error(transparent)]
    Claims(#[from] ParamError),
    #[error(transparent)]
    Key(#[from] JwkError),
    #[error("the DPoP proof has no key in its header")]
    NoKey,
    #[error("the DPoP proof is for another request")]
    Request,
    #[error("the DPoP proof is too old, or from the future")]
    Time,
    #[error(transparent)]
    Token(#[from] JwtError),
}

/// A proof that is good, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DpopProof {
    /// Thumbprint of the key.
    pub jkt: String,
    pub jti: String,
    /// Until when it has to be remembered that it was used, in Unix seconds.
    pub expires: i64,
}

impl DpopProof {
    /// Verifies a proof for a request by `method` to `uri`, without its query; at a resource, with the access token.
    ///
    /// # Errors
    /// Whatever is not as it should be.
    pub fn verify(
        proof: &str,
        method: &str,
        uri: &str,
        access_token: Option<&str>,
        now: i64,
    ) -> Result<Self, DpopError> {
        let token = Token::read(proof)?;
        let jwk = Jwk::read(&token.brought_key().ok_or(DpopError::NoKey)?)?;
        let claims = token.verified(&[Some("dpop+jwt")], [&jwk.key])?;
        let asked = claims.required_line("htu", 2048)?;
        let without_query = asked.split(['?', '#']).next().unwrap_or_default();
        if claims.required_line("htm", 16)? != method || !is_same(without_query, uri) {
            return Err(DpopError::Request);
        }
        let issued = claims.required_time("iat")?;
        let expires = issued.saturating_add(LIFE + LEEWAY);
        if issued > now.saturating_add(LEEWAY) || now > expires {
            return Err(DpopError::Time);
        }
        if let Some(access_token) = access_token {
            let ath = claims.required_line("ath", 64)?;
            let hash = BASE64URL_NOPAD.encode(&digest::sha256(access_token.as_bytes()));
            if !constant_time_eq(ath.as_bytes(), hash.as_bytes()) {
                return Err(DpopError::AccessToken);
            }
        }
        Ok(Self { jkt: thumbprint(&jwk.key), jti: claims.required_line("jti", 256)?, expires })
    }
}

/// Whether two addresses of ours are one (RFC 3986, section 6.2.2): scheme and host in any case, and the port that is usual.
fn is_same(given: &str, ours: &str) -> bool {
    let normal = |uri: &str| {
        let (scheme, rest) = uri.split_once("://")?;
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (scheme, host) = (scheme.to_ascii_lowercase(), host.to_ascii_lowercase());
        let host =
            if scheme == "https" { host.strip_suffix(":443").unwrap_or(&host).to_owned() } else { host };
        Some((scheme, host, path.to_owned()))
    };
    normal(given).is_some() && normal(given) == normal(ours)
}
