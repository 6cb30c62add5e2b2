//! What a browser brings from an application: a signed request object (RFC 9101) that says who passed the first door,
//! and where the answer goes.
//!
//! It is read in two steps. Until the signature is checked and the redirect URI is known to be registered, a fault can
//! only be shown; afterwards it can be told to the application.

use std::fmt;

use sallyport_crypto::Secret;
use serde::Serialize;

use super::super::params::{ParamError, Params};
use super::{
    MAX_HOST, MAX_TOKEN, MAX_URI, OWN_LIFE, host_of, is_timely,
    jwt::{Claims, Hs512, JwtError},
    path, with_query,
};

const MAX_CLIENT: usize = 64;
const MAX_USER: usize = 256;
const MAX_SCOPE: usize = 256;
/// The lengths of `state` and `nonce` that some SDK allows.
const SHORTEST_STATE: usize = 16;
const LONGEST_STATE: usize = 1024;

/// Why a request is not an application's, or not for now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizeError {
    #[error("the request is for another server")]
    Audience,
    #[error("the request names another client")]
    Client,
    #[error("the request has expired")]
    Expired,
    #[error(transparent)]
    Jwt(#[from] JwtError),
}

impl From<ParamError> for AuthorizeError {
    fn from(error: ParamError) -> Self {
        Self::Jwt(error.into())
    }
}

/// What is wrong with a request whose application is known, in the words of RFC 6749, section 4.1.2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestError {
    pub error: &'static str,
    pub description: &'static str,
}

/// The parameters of the request, before anybody knows who made it. Those that the request object has too are not looked
/// at, for nobody signed them.
#[derive(Clone)]
pub struct Sent {
    pub client_id: String,
    request: Secret,
    nonce: Option<String>,
}

/// A request that its application has signed, for this server and for now.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestObject {
    claims: Claims,
    nonce: Option<String>,
    redirect_uri: String,
}

/// Who is to pass the second door, and where the answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizeRequest {
    pub redirect_uri: String,
    /// Given back unchanged: the application knows its own request by it.
    pub state: String,
    /// As the application writes it, to be given back byte for byte.
    pub username: String,
    /// Repeated in the ID token.
    pub nonce: Option<String>,
    /// Whether the code comes back as `duo_code` and not as `code`.
    pub use_duo_code_attribute: bool,
}

impl Sent {
    /// Reads the parameters, which came in a query or in a form.
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        params.says_nothing_twice()?;
        let client_id = params.required_line("client_id", MAX_CLIENT)?;
        let request = params.text("request", MAX_TOKEN)?.ok_or(ParamError::Missing("request"))?;
        let nonce = params.line("nonce", LONGEST_STATE)?;
        Ok(Self { client_id, request: request.into(), nonce })
    }

    /// Checks that whoever has `secret` made this request, for one of `hosts`.
    pub fn open(&self, secret: &Secret, hosts: &[&str], now: i64) -> Result<RequestObject, AuthorizeError> {
        let claims = Hs512::new(secret).open(self.request.expose())?;
        let issuer = claims.optional_line("iss", MAX_CLIENT)?;
        let client = claims.line("client_id", MAX_CLIENT)?;
        if client != self.client_id || issuer.is_some_and(|issuer| issuer != client) {
            return Err(AuthorizeError::Client);
        }
        // One SDK names the endpoint, one nobody.
        if let Some(audience) = claims.optional_line("aud", MAX_HOST + path::AUTHORIZE.len())? {
            let named = ["", "/", path::AUTHORIZE];
            if !named.iter().any(|path| host_of(&audience, path, hosts).is_some()) {
                return Err(AuthorizeError::Audience);
            }
        }
        if !is_timely(claims.time("exp")?, now) {
            return Err(AuthorizeError::Expired);
        }
        let redirect_uri = claims.line("redirect_uri", MAX_URI)?;
        Ok(RequestObject { claims, nonce: self.nonce.clone(), redirect_uri })
    }
}

/// Shows nothing of the request object: it is good for a while.
impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl RequestObject {
    /// Where the application wants the browser to go. Whether that is registered, the reader knows.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// What the application is to know its request by, if that much can be read.
    #[must_use]
    pub fn state(&self) -> Option<String> {
        let state = self.claims.line("state", LONGEST_STATE).ok();
        state.filter(|state| state.len() >= SHORTEST_STATE)
    }

    /// The request itself.
    pub fn read(&self) -> Result<AuthorizeRequest, RequestError> {
        let invalid = |description| RequestError { error: "invalid_request", description };
        let claims = &self.claims;
        match claims.line("response_type", MAX_CLIENT) {
            Ok(kind) if kind == "code" => {}
            Ok(_) => {
                let description = "response_type has to be `code`";
                return Err(RequestError { error: "unsupported_response_type", description });
            }
            Err(_) => return Err(invalid("response_type is missing")),
        }
        let scope = claims.line("scope", MAX_SCOPE);
        if !scope.is_ok_and(|scope| scope.split(' ').any(|word| word == "openid")) {
            return Err(RequestError { error: "invalid_scope", description: "scope has to be `openid`" });
        }
        let state = self.state().ok_or(invalid("state needs 16 to 1024 characters"))?;
        let username = claims.line("duo_uname", MAX_USER).map_err(|_| invalid("duo_uname is not usable"))?;
        let of_claims = claims.optional_line("nonce", LONGEST_STATE);
        let nonce = of_claims.map_err(|_| invalid("nonce is not usable"))?.or_else(|| self.nonce.clone());
        if nonce.as_ref().is_some_and(|nonce| nonce.len() < SHORTEST_STATE) {
            return Err(invalid("nonce needs 16 to 1024 characters"));
        }
        let flag = claims.params().is_set("use_duo_code_attribute");
        let use_duo_code_attribute = flag.map_err(|_| invalid("use_duo_code_attribute is no flag"))?;
        let redirect_uri = self.redirect_uri.clone();
        Ok(AuthorizeRequest { redirect_uri, state, username, nonce, use_duo_code_attribute })
    }
}

#[derive(Serialize)]
struct Written<'a> {
    iss: &'a str,
    aud: String,
    exp: i64,
    client_id: &'a str,
    response_type: &'static str,
    scope: &'static str,
    redirect_uri: &'a str,
    state: &'a str,
    duo_uname: &'a str,
    use_duo_code_attribute: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

impl AuthorizeRequest {
    /// Where to send the browser, as an application that asks `host`.
    #[must_use]
    pub fn url(&self, (client_id, secret): (&str, &Secret), host: &str, now: i64) -> String {
        let request = Hs512::new(secret).sign(&Written {
            iss: client_id,
            aud: format!("https://{host}"),
            exp: now.saturating_add(OWN_LIFE),
            client_id,
            response_type: "code",
            scope: "openid",
            redirect_uri: &self.redirect_uri,
            state: &self.state,
            duo_uname: &self.username,
            use_duo_code_attribute: self.use_duo_code_attribute,
            nonce: self.nonce.as_deref(),
        });
        let mut pairs = vec![("response_type", "code"), ("client_id", client_id), ("request", &request)];
        pairs.extend(self.nonce.as_deref().map(|nonce| ("nonce", nonce)));
        with_query(&format!("https://{host}{}", path::AUTHORIZE), &pairs)
    }

    /// Where the browser goes with the code.
    #[must_use]
    pub fn answered(&self, code: &str) -> String {
        let name = if self.use_duo_code_attribute { "duo_code" } else { "code" };
        with_query(&self.redirect_uri, &[("state", &self.state), (name, code)])
    }

    /// Where the browser goes without one.
    #[must_use]
    pub fn refused(&self, error: RequestError) -> String {
        error.sent_to(&self.redirect_uri, Some(&self.state))
    }
}

impl RequestError {
    /// The person did not want to, or may not.
    pub const ACCESS_DENIED: Self =
        Self { error: "access_denied", description: "The second door was not passed." };

    /// Tells it to the application at a redirect URI that is known to be its own.
    #[must_use]
    pub fn sent_to(self, redirect_uri: &str, state: Option<&str>) -> String {
        let mut pairs = vec![("error", self.error), ("error_description", self.description)];
        pairs.extend(state.map(|state| ("state", state)));
        with_query(redirect_uri, &pairs)
    }
}

/// What the browser brings back to an application of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callback {
    Code { code: String, state: String },
    Refused { error: String, state: Option<String> },
}

impl Callback {
    /// Reads the query of the redirect URI.
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        params.says_nothing_twice()?;
        let state = params.line("state", LONGEST_STATE)?;
        if let Some(error) = params.line("error", MAX_CLIENT)? {
            return Ok(Self::Refused { error, state });
        }
        let code = match params.line("duo_code", LONGEST_STATE)? {
            Some(code) => code,
            None => params.required_line("code", LONGEST_STATE)?,
        };
        Ok(Self::Code { code, state: state.ok_or(ParamError::Missing("state"))? })
    }
}
