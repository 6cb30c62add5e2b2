//! Messages to the push services of browser vendors.
//!
//! Where such a service is, the phone says, and a phone may be anybody's. So what administrators list for their own gateways
//! counts for nothing here: unless the configuration says otherwise for pushes alone, only public addresses are reached, over
//! TLS, with the authorities that browsers trust.

use std::time::Duration;

use sallyport_wire::webpush::{self, Refused, Request};

use crate::{
    ConnectError,
    http::{Call, Limits, Method},
    outbound::{Outbound, Url},
};

/// Services answer at once and with a few words.
const LIMITS: Limits = Limits { time: Duration::from_secs(10), bytes: 4096 };

/// The way to push services.
#[derive(Debug, Clone, Default)]
pub struct WebPush {
    outbound: Outbound,
}

/// Why a message did not reach its service.
#[derive(Debug, thiserror::Error)]
pub enum WebPushError {
    /// Nothing was sent.
    #[error("the address of the push service is internal, where no phone sends this server")]
    Internal,
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("the push service was not reached: {0}")]
    Unreached(ConnectError),
}

impl WebPush {
    /// To services that `outbound` reaches. For development and tests, which have theirs on this machine; never with what
    /// is listed for other purposes.
    #[must_use]
    pub const fn through(outbound: Outbound) -> Self {
        Self { outbound }
    }

    /// Hands one message to its service at `now` (Unix seconds).
    ///
    /// # Errors
    /// The service is internal, not reached, or does not take the message. [`Refused::Gone`] is for good.
    pub async fn send(&self, request: Request, now: i64) -> Result<(), WebPushError> {
        let url: Url = request.url.parse().map_err(WebPushError::Unreached)?;
        if !url.is_secure() {
            return Err(WebPushError::Unreached(ConnectError::Url(url.host().to_owned())));
        }
        let headers: Vec<(&str, &str)> =
            request.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body = Some((request.content_type, request.body));
        let call = Call { method: Method::POST, path: url.path(), headers: &headers, body };
        let answer = self.outbound.send(&url, call, LIMITS).await.map_err(|error| {
            let internal = matches!(error, ConnectError::Internal { .. });
            if internal { WebPushError::Internal } else { WebPushError::Unreached(error) }
        })?;
        Ok(webpush::outcome(answer.status, answer.retry_after.as_deref(), &answer.body, now)?)
    }
}
