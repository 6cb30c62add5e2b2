//! The client assertion (RFC 7523, section 3): an application proves that it has its secret key, for one endpoint and a
//! few minutes.

use sallyport_crypto::Secret;
use serde::Serialize;

use super::super::params::ParamError;
use super::{
    MAX_HOST, OWN_LIFE, host_of, is_timely,
    jwt::{Claims, Hs512, JwtError},
    path,
};

const MAX_CLIENT: usize = 64;
const MAX_JTI: usize = 256;

/// Why an assertion does not speak for an application.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    #[error("it is for another address than this one")]
    Audience,
    #[error("it names another client")]
    Client,
    #[error(transparent)]
    Jwt(#[from] JwtError),
    #[error("it has expired, or would for too long not")]
    Time,
}

impl From<ParamError> for AssertionError {
    fn from(error: ParamError) -> Self {
        Self::Jwt(error.into())
    }
}

/// What an application said with its key. Whether it said so once is for the reader to remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientAssertion {
    pub client_id: String,
    /// Unique to this assertion.
    pub jti: String,
    /// Our host, as the application writes it: with its port, in its case.
    pub host: String,
    /// Until when it may be used, in Unix seconds.
    pub expires: i64,
}

#[derive(Serialize)]
struct Written<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: String,
    exp: i64,
    iat: i64,
    jti: &'a str,
}

impl ClientAssertion {
    /// Who an assertion says it is from, before that is proved: one SDK names itself nowhere else.
    pub fn claimed_client(assertion: &str) -> Result<String, AssertionError> {
        Ok(Claims::unverified(assertion)?.line("iss", MAX_CLIENT)?)
    }

    /// Reads what `client_id` signed with `secret` for the endpoint `path` of one of `hosts`.
    pub fn verify(
        assertion: &str,
        (client_id, secret): (&str, &Secret),
        path: &str,
        hosts: &[&str],
        now: i64,
    ) -> Result<Self, AssertionError> {
        let claims = Hs512::new(secret).open(assertion)?;
        if claims.line("iss", MAX_CLIENT)? != client_id || claims.line("sub", MAX_CLIENT)? != client_id {
            return Err(AssertionError::Client);
        }
        let audience = claims.line("aud", MAX_HOST + path::HEALTH_CHECK.len())?;
        let host = host_of(&audience, path, hosts).ok_or(AssertionError::Audience)?;
        let expires = claims.time("exp")?;
        if !is_timely(expires, now) {
            return Err(AssertionError::Time);
        }
        let jti = claims.line("jti", MAX_JTI)?;
        Ok(Self { client_id: client_id.to_owned(), jti, host: host.to_owned(), expires })
    }

    /// Signs one for the endpoint `path` of `host`. `jti` is for this one and no other.
    #[must_use]
    pub fn sign((client_id, secret): (&str, &Secret), path: &str, host: &str, jti: &str, now: i64) -> String {
        Hs512::new(secret).sign(&Written {
            iss: client_id,
            sub: client_id,
            aud: format!("https://{host}{path}"),
            exp: now.saturating_add(OWN_LIFE),
            iat: now,
            jti,
        })
    }
}
