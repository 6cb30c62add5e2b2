//! Duo, or whoever answers as it does, as the service that is asked about somebody: the client of its OIDC prompt (Web
//! SDK v4).
//!
//! A browser goes there with a request that we signed and comes back with a code; in between and afterwards two calls go
//! out: whether the service is there and knows us, and what the code is worth. What it states counts only under our own
//! key, for the name that was sent and for the request it belongs to. Every failure says what somebody can do about it.

use std::time::Duration;

use sallyport_crypto::Secret;
use sallyport_wire::duo::{
    ResponseError,
    prompt::{
        AuthorizeRequest, HealthCheck, Healthy, IdTokenError, LEEWAY, RedeemReply, RedeemRequest, path,
        verify_id_token,
    },
};

use crate::{
    ConnectError,
    http::{Call, Limits, Method, Response},
    outbound::{Outbound, Url},
};

/// Somebody waits at a door meanwhile, and answers are small.
const PATIENCE: Limits = Limits { time: Duration::from_secs(5), bytes: 64 * 1024 };
const FORM: &str = "application/x-www-form-urlencoded";

/// An application of the service's, which we are.
#[derive(Debug, Clone, Copy)]
pub struct Client<'a> {
    pub id: &'a str,
    pub secret: &'a Secret,
    /// `host[:port]`, as [`plain_host`] gives it.
    pub host: &'a str,
}

/// What a browser brought back, and what it has to be worth.
#[derive(Debug, Clone, Copy)]
pub struct Brought<'a> {
    pub code: &'a str,
    /// Where the browser was to come back, as it was said when it left.
    pub redirect_uri: &'a str,
    /// Whom we asked about, byte for byte.
    pub username: &'a str,
    /// Of this request and no other.
    pub nonce: &'a str,
    /// When that was sent, in Unix seconds.
    pub since: i64,
}

/// Why the service is of no use now, told apart by what somebody can do about it.
#[derive(Debug, thiserror::Error)]
pub enum DuoError {
    /// It is there, and wants to be asked less often.
    #[error("`{0}` is asked too often; try again in a minute")]
    Busy(String),
    #[error(
        "the clock of this server and the clock of `{host}` are {seconds} seconds apart; set this server's, for nothing \
         signed by it holds there"
    )]
    Clock { host: String, seconds: u64 },
    /// The code that the browser brought is worth nothing there.
    #[error("`{host}` does not take the code: {said}")]
    Code { host: String, said: String },
    #[error(
        "the API host `{0}` is none; it looks like `api-1234abcd.duosecurity.com`, as the application's page at Duo says it"
    )]
    Host(String),
    #[error("`{host}` does not know this client id with this client secret: {said}")]
    Key { host: String, said: String },
    #[error("what answers at `{host}` is not Duo's API: {said}; compare the API host")]
    NotDuo { host: String, said: String },
    #[error("what `{host}` states does not hold: {why}")]
    Statement { host: String, why: IdTokenError },
    /// It is there and cannot answer now.
    #[error("`{host}` is out of order: {said}")]
    Unavailable { host: String, said: String },
    #[error("the way to Duo is not open: {0}")]
    Unreachable(ConnectError),
}

/// The host as it stands in everything that is signed: without scheme, path and the port that everybody means, in lower
/// case.
///
/// # Errors
/// It is none.
pub fn plain_host(given: &str) -> Result<String, DuoError> {
    let none = || DuoError::Host(given.chars().filter(|c| !c.is_control()).take(120).collect());
    let text = given.trim().to_ascii_lowercase();
    let text = text.strip_prefix("https://").unwrap_or(&text);
    let text = text.strip_suffix('/').unwrap_or(text);
    let url: Url = format!("https://{text}").parse().map_err(|_| none())?;
    if text.contains(['/', '?']) {
        return Err(none());
    }
    Ok(url.host_header())
}

impl Client<'_> {
    /// Whether the service is there, knows us, and has the same time. `jti` is for this question and no other.
    ///
    /// # Errors
    /// What stands in the way.
    pub async fn health_check(&self, jti: &str, now: i64, outbound: &Outbound) -> Result<(), DuoError> {
        let form = HealthCheck::form((self.id, self.secret), self.host, jti, now);
        let answer = self.post(path::HEALTH_CHECK, form, outbound).await?;
        match Healthy::parse(answer.status, &answer.body) {
            Ok(healthy) => self.same_time(healthy.timestamp, now),
            Err(ResponseError::Refused(refused)) => {
                if let Some(theirs) = Healthy::clock_of_refusal(&answer.body) {
                    self.same_time(theirs, now)?;
                }
                let said = refused.detail.unwrap_or_else(|| refused.message.into_owned());
                Err(DuoError::Key { host: self.host.to_owned(), said })
            }
            Err(error) => Err(self.no_answer(&answer, error.to_string())),
        }
    }

    /// Where to send the browser. The name and the nonce have to come back in what the service states.
    #[must_use]
    pub fn address(&self, request: &AuthorizeRequest, now: i64) -> String {
        request.url((self.id, self.secret), self.host, now)
    }

    /// Redeems what the browser brought. Nothing but a statement that holds in every part is a success. `jti` is for
    /// this request and no other.
    ///
    /// # Errors
    /// The service is not there, does not take the code, or states something else.
    pub async fn redeem(
        &self,
        brought: Brought<'_>,
        jti: &str,
        now: i64,
        outbound: &Outbound,
    ) -> Result<(), DuoError> {
        let Brought { code, redirect_uri, username, nonce, since } = brought;
        let request = RedeemRequest { code, redirect_uri, jti };
        let form = request.form((self.id, self.secret), self.host, now);
        let answer = self.post(path::TOKEN, form, outbound).await?;
        if answer.status == 429 || answer.status >= 500 {
            return Err(self.no_answer(&answer, format!("status {}", answer.status)));
        }
        let reply = RedeemReply::parse(answer.status, &answer.body)
            .map_err(|said| DuoError::Code { host: self.host.to_owned(), said })?;
        let client = (self.id, self.secret);
        verify_id_token(&reply.id_token, client, self.host, (username, nonce), (since, now))
            .map_err(|why| DuoError::Statement { host: self.host.to_owned(), why })
    }

    async fn post(&self, path: &str, form: String, outbound: &Outbound) -> Result<Response, DuoError> {
        let url: Url =
            format!("https://{}", self.host).parse().map_err(|_| DuoError::Host(self.host.to_owned()))?;
        let body = Some((FORM, form.into_bytes()));
        let call = Call { method: Method::POST, path, headers: &[], body };
        outbound.send(&url, call, PATIENCE).await.map_err(|error| self.failed(error))
    }

    fn same_time(&self, theirs: i64, now: i64) -> Result<(), DuoError> {
        let seconds = theirs.abs_diff(now);
        if seconds <= LEEWAY.unsigned_abs() {
            return Ok(());
        }
        Err(DuoError::Clock { host: self.host.to_owned(), seconds })
    }

    /// Something answered, but not with what was asked for.
    fn no_answer(&self, answer: &Response, said: String) -> DuoError {
        let host = self.host.to_owned();
        match answer.status {
            429 => DuoError::Busy(host),
            500.. => DuoError::Unavailable { host, said },
            _ => DuoError::NotDuo { host, said },
        }
    }

    fn failed(&self, error: ConnectError) -> DuoError {
        match error {
            ConnectError::Impostor { .. } | ConnectError::Protocol(_) | ConnectError::TooLong(_) => {
                DuoError::NotDuo { host: self.host.to_owned(), said: error.to_string() }
            }
            ConnectError::BadRoot(_)
            | ConnectError::Broken(_)
            | ConnectError::Internal { .. }
            | ConnectError::TooSlow(_)
            | ConnectError::Unreachable { .. }
            | ConnectError::Url(_) => DuoError::Unreachable(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_taken_however_it_is_pasted_and_nothing_else_is() {
        for (given, plain) in [
            ("api-1234abcd.duosecurity.com", "api-1234abcd.duosecurity.com"),
            (" https://API-1234abcd.duosecurity.com/ ", "api-1234abcd.duosecurity.com"),
            ("duo.example:443", "duo.example"),
            ("localhost:8443", "localhost:8443"),
        ] {
            assert_eq!(plain_host(given).unwrap(), plain);
        }
        for bad in
            ["", "http://a.example", "a.example/path", "a@b.example", "a.example?x", "a b", "a.example:x"]
        {
            assert!(matches!(plain_host(bad), Err(DuoError::Host(_))), "{bad}");
        }
    }
}
