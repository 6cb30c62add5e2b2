//! The OIDC prompt (Web SDK v4), both ways: an application that checked a password sends the browser here, and gets a
//! code back that it exchanges for a statement about the second door.
//!
//! Everything either side says is a JSON Web Token under the application's secret key, so `jwt` decides who speaks;
//! the other modules give what was said a type. The SDKs disagree in small things: where parameters stand, whether a
//! time is a number, which claims there are. Reading tolerates all of that, and nothing that makes it less certain who
//! means whom.

mod assertion;
mod authorize;
mod form;
mod health;
mod id_token;
mod jwt;
mod token;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use super::urlencoded::with_query;

pub use assertion::{AssertionError, ClientAssertion};
pub use authorize::{AuthorizeError, AuthorizeRequest, Callback, RequestError, RequestObject, Sent};
pub use form::params;
pub use health::{HealthCheck, Healthy};
pub use id_token::{
    AccessDevice, AuthContext, AuthDevice, AuthResult, IdTokenError, Location, NamedKey, Person, Statement,
    Unjudged, UnjudgedMachine, isotimestamp, verify as verify_id_token,
};
pub use jwt::{Hs512, JwtError, MAX_TOKEN};
pub use token::{OAuthError, Redeem, RedeemReply, RedeemRequest, TokenError, TokenType};

/// The paths of the prompt.
pub mod path {
    pub const HEALTH_CHECK: &str = "/oauth/v1/health_check";
    pub const AUTHORIZE: &str = "/oauth/v1/authorize";
    pub const TOKEN: &str = "/oauth/v1/token";
}

/// How far clocks may be apart, in seconds; the SDKs grant us as much.
pub const LEEWAY: i64 = 60;
/// How long after now a token may end. Most SDKs say five minutes, the Java one an hour.
const LONGEST: i64 = 3600 + LEEWAY;
/// How long a token of our own making is good, in seconds.
const OWN_LIFE: i64 = 300;

const MAX_HOST: usize = 256;
const MAX_URI: usize = 1024;

/// A form with these fields.
fn form_body(pairs: &[(&str, &str)]) -> String {
    with_query("", pairs).trim_start_matches('?').to_owned()
}

/// The host in an address `https://HOST<path>`, as it was written there, if it is one of `hosts`.
fn host_of<'a>(address: &'a str, path: &str, hosts: &[&str]) -> Option<&'a str> {
    let host = address.strip_prefix("https://")?.strip_suffix(path)?;
    let bare = without_443(host);
    hosts.iter().any(|known| without_443(known).eq_ignore_ascii_case(&bare)).then_some(host)
}

fn without_443(host: &str) -> Cow<'_, str> {
    host.strip_suffix(":443").unwrap_or(host).into()
}

/// When a token ends, in whole Unix seconds, if that is neither over nor unreasonably far away.
fn is_timely(expires: i64, now: i64) -> bool {
    expires.saturating_add(LEEWAY) >= now && expires <= now.saturating_add(LONGEST)
}
