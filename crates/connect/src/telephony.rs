//! Whoever carries texts and calls: a provider that speaks as Twilio does, or a gateway that takes a text by one HTTP
//! request.
//!
//! What goes out is a number and a text that names nobody; what comes back is read with a budget, and is told to
//! administrators only. A request that may have been carried out is never sent again.

mod gateway;

use std::time::Duration;

use sallyport_crypto::Secret;
use sallyport_model::{PhoneNumber, telephony::Provider};
use sallyport_wire::twilio::{self, Call, Message, Refusal, Resource, Sender};

use crate::{
    ConnectError,
    http::{self, Limits, Method, Response},
    outbound::{Outbound, Url},
};

pub use gateway::check as check_gateway;

/// How long a provider may take. Somebody waits at a door meanwhile.
const PATIENCE: Limits = Limits { time: Duration::from_secs(15), bytes: twilio::MOST_BYTES as u64 };

/// A provider with its secret, ready to be asked. It has no `Debug`.
pub struct Carrier<'a> {
    pub provider: &'a Provider,
    pub sender: &'a str,
    pub secret: &'a Secret,
}

/// A call to be placed.
pub struct Ring<'a> {
    pub to: &'a PhoneNumber,
    /// What is said and asked in it.
    pub twiml: String,
    /// Told how it ended.
    pub status_callback: String,
}

/// Why nothing was carried, told apart by what can be done about it. The texts are for administrators.
#[derive(Debug, thiserror::Error)]
pub enum TelephonyError {
    /// An administrator has to look at account, secret or configuration.
    #[error("{0}")]
    Misconfigured(String),
    /// This number cannot be reached that way.
    #[error("{0}")]
    Refused(String),
    /// Nobody knows whether it was carried.
    #[error("{0}")]
    Uncertain(String),
    /// Not now.
    #[error("{0}")]
    Unavailable(String),
}

impl Carrier<'_> {
    /// Sends one text.
    ///
    /// # Errors
    /// It was not carried, or nobody knows.
    pub async fn text(
        &self,
        to: &PhoneNumber,
        text: &str,
        outbound: &Outbound,
    ) -> Result<(), TelephonyError> {
        match self.provider {
            Provider::Gateway { .. } => gateway::text(self, to, text, outbound).await,
            Provider::Twilio { url, account } => {
                let message =
                    Message { to: to.to_string(), from: Sender::read(self.sender), body: text.to_owned() };
                let body = message.form().encode();
                self.ask(url, account, Resource::Messages, body, outbound).await.map(|_| ())
            }
        }
    }

    /// Places one call, and gives its identifier.
    ///
    /// # Errors
    /// It was not placed, or nobody knows; a gateway cannot.
    pub async fn ring(&self, ring: Ring<'_>, outbound: &Outbound) -> Result<String, TelephonyError> {
        match self.provider {
            Provider::Gateway { .. } => {
                Err(TelephonyError::Misconfigured("a gateway carries texts and no calls".into()))
            }
            Provider::Twilio { url, account } => {
                let call = Call {
                    to: ring.to.to_string(),
                    from: self.sender.to_owned(),
                    twiml: ring.twiml,
                    status_callback: Some(ring.status_callback),
                    rings: RINGS,
                };
                self.ask(url, account, Resource::Calls, call.form().encode(), outbound).await
            }
        }
    }

    /// Asks the provider who we are, which costs nothing and shows whether account and secret are right. A gateway has no
    /// such question.
    ///
    /// # Errors
    /// The provider does not know us, or cannot be reached.
    pub async fn check(&self, outbound: &Outbound) -> Result<(), TelephonyError> {
        let Provider::Twilio { url, account } = self.provider else { return Ok(()) };
        let path = twilio::account_path(account);
        let response = self.call(url, account, Method::GET, &path, None, outbound).await?;
        if response.is_success() {
            return Ok(());
        }
        twilio::outcome(response.status, &response.body).map(|_| ()).map_err(refused)
    }

    async fn ask(
        &self,
        url: &str,
        account: &str,
        resource: Resource,
        form: String,
        outbound: &Outbound,
    ) -> Result<String, TelephonyError> {
        let path = resource.path(account);
        let body = Some((twilio::CONTENT_TYPE, form.into_bytes()));
        let response = self.call(url, account, Method::POST, &path, body, outbound).await?;
        twilio::outcome(response.status, &response.body).map(|accepted| accepted.sid).map_err(refused)
    }

    async fn call(
        &self,
        url: &str,
        account: &str,
        method: Method,
        path: &str,
        body: Option<(&str, Vec<u8>)>,
        outbound: &Outbound,
    ) -> Result<Response, TelephonyError> {
        let url: Url = (if url.is_empty() { twilio::PUBLIC } else { url }).parse().map_err(failed)?;
        // Whoever answers as Twilio does may do so below a path.
        let path = format!("{}{path}", url.path().trim_end_matches('/'));
        let authorization = twilio::authorization(account, self.secret);
        let headers = [("authorization", authorization.expose())];
        let call = http::Call { method, path: &path, headers: &headers, body };
        outbound.send(&url, call, PATIENCE).await.map_err(failed)
    }
}

/// How many seconds a phone rings before nobody is there.
const RINGS: u16 = 30;

fn refused(refused: twilio::Refused) -> TelephonyError {
    let text = refused.to_string();
    match refused.kind() {
        Refusal::Account => TelephonyError::Misconfigured(text),
        Refusal::Destination => TelephonyError::Refused(text),
        Refusal::Later => TelephonyError::Unavailable(text),
    }
}

fn failed(error: ConnectError) -> TelephonyError {
    let text = error.to_string();
    match error {
        ConnectError::BadRoot(_)
        | ConnectError::Impostor { .. }
        | ConnectError::Internal { .. }
        | ConnectError::Url(_) => TelephonyError::Misconfigured(text),
        ConnectError::Broken(_)
        | ConnectError::Protocol(_)
        | ConnectError::TooLong(_)
        | ConnectError::TooSlow(_) => TelephonyError::Uncertain(text),
        ConnectError::Unreachable { .. } => TelephonyError::Unavailable(text),
    }
}
