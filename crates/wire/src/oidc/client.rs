//! How a relying party proves at our endpoints who it is (OpenID Connect Core, section 9; RFC 7523).

use data_encoding::BASE64;
use sallyport_crypto::Secret;

use super::{
    LEEWAY,
    error::{ErrorCode, OAuthError},
    jwk::JwkSet,
    jwt::{JwtError, Token},
};
use crate::params::{ParamError, Params};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const MAX_CLIENT: usize = 64;
const MAX_SECRET: usize = 256;
const MAX_TOKEN: usize = 16 * 1024;
/// How long after now an assertion may end, in seconds.
const LONGEST: i64 = 3600;

/// What a relying party brings.
#[derive(Debug, Clone)]
pub enum ClientAuth {
    /// Signed with a key of its own (`private_key_jwt`).
    Assertion { client_id: String, assertion: String },
    /// In a header (`client_secret_basic`).
    Basic { client_id: String, secret: Secret },
    /// Its name and nothing else (`none`).
    None { client_id: String },
    /// Among the parameters (`client_secret_post`).
    Post { client_id: String, secret: Secret },
}

impl ClientAuth {
    #[must_use]
    pub fn client_id(&self) -> &str {
        match self {
            Self::Assertion { client_id, .. }
            | Self::Basic { client_id, .. }
            | Self::None { client_id }
            | Self::Post { client_id, .. } => client_id,
        }
    }
}

/// Why nobody can be told from a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientAuthError {
    #[error("{0}")]
    Refused(&'static str),
    #[error(transparent)]
    Param(#[from] ParamError),
}

impl From<ClientAuthError> for OAuthError {
    fn from(error: ClientAuthError) -> Self {
        match error {
            ClientAuthError::Refused(text) => Self::new(ErrorCode::InvalidClient, text),
            ClientAuthError::Param(error) => error.into(),
        }
    }
}

/// Reads who asks. A client proves itself in one way and not in two.
///
/// # Errors
/// Nobody says who, or in two ways.
pub fn client_auth(authorization: Option<&str>, params: &Params) -> Result<ClientAuth, ClientAuthError> {
    let named = params.line("client_id", MAX_CLIENT)?;
    let secret = params.line("client_secret", MAX_SECRET)?;
    let assertion = params.line("client_assertion", MAX_TOKEN)?;
    let kind = params.line("client_assertion_type", 128)?;
    let refused = ClientAuthError::Refused;
    match (authorization, secret, assertion) {
        (Some(header), None, None) => {
            let (client_id, secret) =
                basic(header).ok_or(refused("the Authorization header is no Basic one that can be read"))?;
            if named.is_some_and(|named| named != client_id) {
                return Err(refused("client_id is another one than that of the Authorization header"));
            }
            Ok(ClientAuth::Basic { client_id, secret })
        }
        (None, Some(secret), None) => {
            let client_id = named.ok_or(ParamError::Missing("client_id"))?;
            Ok(ClientAuth::Post { client_id, secret: Secret::new(secret) })
        }
        (None, None, Some(assertion)) => {
            if kind.as_deref() != Some(ASSERTION_TYPE) {
                return Err(refused("client_assertion_type must be that of a JWT bearer"));
            }
            let token =
                Token::read(&assertion).map_err(|_| refused("the client assertion cannot be read"))?;
            let claims = token.unverified().map_err(|_| refused("the client assertion cannot be read"))?;
            let client_id = claims.required_line("sub", MAX_CLIENT)?;
            if named.is_some_and(|named| named != client_id) {
                return Err(refused("client_id is another one than that of the assertion"));
            }
            Ok(ClientAuth::Assertion { client_id, assertion })
        }
        (None, None, None) => {
            let client_id = named.ok_or(refused("the client does not say who it is"))?;
            Ok(ClientAuth::None { client_id })
        }
        _ => Err(refused("the client proves itself in more than one way")),
    }
}

/// The two halves of a Basic header, which are form-encoded each (RFC 6749, section 2.3.1).
fn basic(header: &str) -> Option<(String, Secret)> {
    let (scheme, rest) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || rest.len() > 2 * (MAX_CLIENT + 3 * MAX_SECRET) {
        return None;
    }
    let plain = String::from_utf8(BASE64.decode(rest.trim().as_bytes()).ok()?).ok()?;
    let (id, secret) = plain.split_once(':')?;
    let decoded = |half: &str| {
        let pairs = crate::urlencoded::decode_pairs(format!("x={half}").as_bytes(), 1)?;
        String::from_utf8(pairs.into_iter().next()?.1).ok()
    };
    let (id, secret) = (decoded(id)?, decoded(secret)?);
    (id.len() <= MAX_CLIENT && secret.len() <= MAX_SECRET).then(|| (id, Secret::new(secret)))
}

/// Why an assertion proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    #[error("the client assertion is for somebody else; its audience must be {0}")]
    Audience(String),
    #[error("the client assertion is not by and about the client itself")]
    Party,
    #[error("the client assertion is over, not good yet, or good for more than an hour")]
    Time,
    #[error(transparent)]
    Token(#[from] JwtError),
    #[error(transparent)]
    Claims(#[from] ParamError),
}

/// An assertion that is good, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientAssertion {
    pub jti: String,
    /// Unix seconds.
    pub expires: i64,
}

impl ClientAssertion {
    /// Verifies an assertion of this client (RFC 7523, section 3): for us alone, by one of `audiences`, of which the first is
    /// how we want to be called.
    ///
    /// # Errors
    /// Whatever is not as it should be.
    pub fn verify(
        assertion: &str,
        client_id: &str,
        keys: &JwkSet,
        audiences: &[&str],
        now: i64,
    ) -> Result<Self, AssertionError> {
        let token = Token::read(assertion)?;
        let candidates = keys.candidates(token.alg(), token.kid());
        let claims = token.verified(&[None, Some("JWT"), Some("client-authentication+jwt")], candidates)?;
        if claims.required_line("iss", MAX_CLIENT)? != client_id
            || claims.required_line("sub", MAX_CLIENT)? != client_id
        {
            return Err(AssertionError::Party);
        }
        match claims.audiences()?.as_slice() {
            [only] if audiences.contains(&only.as_str()) => {}
            _ => {
                return Err(AssertionError::Audience(
                    audiences.first().map(|&us| us.to_owned()).unwrap_or_default(),
                ));
            }
        }
        let (expires, begins) = (claims.required_time("exp")?, claims.time("nbf")?);
        let issued = claims.time("iat")?;
        let is_timely = expires.saturating_add(LEEWAY) > now
            && expires <= now.saturating_add(LONGEST + LEEWAY)
            && begins.is_none_or(|begins| begins <= now.saturating_add(LEEWAY))
            && issued.is_none_or(|issued| issued <= now.saturating_add(LEEWAY));
        if !is_timely {
            return Err(AssertionError::Time);
        }
        Ok(Self { jti: claims.required_line("jti", 256)?, expires })
    }
}
