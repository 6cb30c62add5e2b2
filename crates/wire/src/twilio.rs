//! The REST API of Twilio and of those who answer as it does: texts, calls, what happens in a call, and the requests
//! that come back from there.
//!
//! As a client, to send codes; as a server, so that the simulator is spoken to in the same words. A provider is no
//! friend: what it posts counts only under a signature made with the account's token, and what it answers is read with
//! a budget.

mod answer;
mod call;
mod callback;
mod form;
mod message;
pub mod signature;
#[cfg(test)]
mod tests;
pub mod twiml;

pub use self::{
    answer::{Accepted, Refusal, Refused, outcome},
    call::{Call, CallState},
    callback::Callback,
    form::{CONTENT_TYPE, Form, FormError},
    message::{Message, Sender},
};

use data_encoding::BASE64;
use sallyport_crypto::Secret;

/// Where the public service answers.
pub const PUBLIC: &str = "https://api.twilio.com";

const VERSION: &str = "/2010-04-01";

/// The most that is read of any answer or request of this protocol.
pub const MOST_BYTES: usize = 64 * 1024;

/// Something that the API makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    Calls,
    Messages,
}

impl Resource {
    const fn name(self) -> &'static str {
        match self {
            Self::Calls => "Calls",
            Self::Messages => "Messages",
        }
    }

    /// Where one is made in this account, which is a plain identifier.
    #[must_use]
    pub fn path(self, account: &str) -> String {
        format!("{VERSION}/Accounts/{account}/{}.json", self.name())
    }

    /// What is made at this path, and in which account.
    #[must_use]
    pub fn at(path: &str) -> Option<(Self, &str)> {
        let (account, name) = path.strip_prefix(VERSION)?.strip_prefix("/Accounts/")?.split_once('/')?;
        let resource = match name {
            "Calls.json" => Self::Calls,
            "Messages.json" => Self::Messages,
            _ => return None,
        };
        is_identifier(account).then_some((resource, account))
    }
}

/// Where an account says what it is, which shows whether its token is right and costs nothing.
#[must_use]
pub fn account_path(account: &str) -> String {
    format!("{VERSION}/Accounts/{account}.json")
}

/// Whether this could name an account, a service or a message: letters and digits, as they are in paths.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The `Authorization` header of an account.
#[must_use]
pub fn authorization(account: &str, token: &Secret) -> Secret {
    let both = Secret::new(format!("{account}:{}", token.expose()));
    Secret::new(format!("Basic {}", BASE64.encode(both.expose().as_bytes())))
}

/// Account and token of an `Authorization` header.
#[must_use]
pub fn credentials(header: &str) -> Option<(String, Secret)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > 1024 {
        return None;
    }
    let both = Secret::new(String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?);
    let (account, token) = both.expose().split_once(':')?;
    Some((account.to_owned(), Secret::from(token)))
}
