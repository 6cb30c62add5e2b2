//! OpenID Connect and OAuth 2 for applications: who may be asked about, by whom, and what tokens are worth.
//!
//! Everything that is handed out rests here as a hash, is bound to the application it was given to and to the proofs it rests
//! on, and is looked at anew with every use: the person, their credential epoch, the session, the application. So whoever is
//! suspended is nobody at once, whatever tokens are about.

mod authorize;
pub mod backchannel;
mod check;
mod claims;
mod client;
mod client_credentials;
mod code;
mod consent;
mod device;
mod exchange;
mod grant;
mod introspect;
mod logout;
mod pushed;
mod refresh;
mod remote_keys;
mod token;
pub mod trial;
mod userinfo;

#[cfg(test)]
pub(crate) mod tests;

use sallyport_model::Span;
use sallyport_wire::oidc::{ErrorCode, OAuthError};

pub use self::{
    authorize::{Consenting, Turn, agree, begin, go_on},
    claims::{STANDARD as STANDARD_CLAIMS, preview},
    client::Asker,
    device::{
        Confirming, DeviceReply, DeviceTurn, ask as device_ask, begin as device_begin,
        decide as device_decide,
    },
    introspect::{introspect, revoke},
    logout::{Leaving, leave},
    pushed::{Pushed, push},
    remote_keys::RemoteKeys,
    token::give as token,
    userinfo::{Scheme, userinfo},
};
pub(crate) use self::{
    check::checked,
    claims::{Person, group_names},
    client::{CLIENT_SECRET, Client, secret_hash},
    grant::REUSED,
};
use crate::{AppError, Ctx, Org, sso::Level};

/// How long an access token is good: so long may one that is read without asking us be good beyond its person.
const ACCESS_LIFE: Span = Span::minutes(5);
/// How long an ID token is good.
const ID_TOKEN_LIFE: Span = Span::minutes(5);
/// How long a code waits to be redeemed.
const CODE_LIFE: Span = Span::seconds(60);
/// How long a refresh token waits to be used, and how long what it stands for lasts however often it is.
const REFRESH_IDLE: Span = Span::days(30);
const GRANT_LIFE: Span = Span::days(90);

/// What is proved, in the words of `acr`. The third is of OpenID Connect EAP ACR Values 1.0.
const LEVELS: [(Level, &str); 3] = [
    (Level::OneDoor, "urn:sallyport:acr:one-door"),
    (Level::BothDoors, "urn:sallyport:acr:both-doors"),
    (Level::PhishingResistant, "phr"),
];

/// What `acr` says of a level.
#[must_use]
pub fn acr(level: Level) -> &'static str {
    LEVELS.iter().find(|(of, _)| *of == level).map_or("", |(_, name)| name)
}

/// All that `acr` may say, from less to more.
#[must_use]
pub fn acr_values() -> [&'static str; 3] {
    LEVELS.map(|(_, name)| name)
}

/// The level of this name.
#[must_use]
pub fn level(name: &str) -> Option<Level> {
    LEVELS.iter().find(|(_, of)| *of == name).map(|(level, _)| *level)
}

/// Our own name to applications.
#[must_use]
pub fn issuer(ctx: &Ctx) -> &str {
    issuer_of(&ctx.org)
}

/// The same, before anybody calls.
#[must_use]
pub fn issuer_of(org: &Org) -> &str {
    org.config.external_url.trim_end_matches('/')
}

/// Why an application is not given what it asks for.
#[derive(Debug)]
pub enum Refused {
    /// In the words of the protocol.
    OAuth(OAuthError),
    App(AppError),
}

impl Refused {
    fn new(error: ErrorCode, description: impl Into<String>) -> Self {
        Self::OAuth(OAuthError::new(error, description))
    }
}

impl<E: Into<OAuthError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::OAuth(error.into())
    }
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}
