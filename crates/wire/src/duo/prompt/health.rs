//! Whether the service is there, asked before a browser is sent to it.
//!
//! An application that is set to fail open lets people in by their password alone wherever the answer is no success. So
//! a server answers a success unless it is asked something else than this.

use sallyport_crypto::Secret;
use serde::{Deserialize, Serialize};

use super::super::envelope::{self, ResponseError};
use super::super::params::{ParamError, Params};
use super::{ClientAssertion, MAX_TOKEN, form_body, path};

const MAX_CLIENT: usize = 64;

/// Who asks.
#[derive(Debug, Clone)]
pub struct HealthCheck {
    pub client_id: String,
    pub assertion: Secret,
}

impl HealthCheck {
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        params.says_nothing_twice()?;
        let client_id = params.required_line("client_id", MAX_CLIENT)?;
        let assertion = params.text("client_assertion", MAX_TOKEN)?;
        let assertion = assertion.ok_or(ParamError::Missing("client_assertion"))?.into();
        Ok(Self { client_id, assertion })
    }

    /// The form an application posts to `host`. `jti` is for this one and no other.
    #[must_use]
    pub fn form((client_id, secret): (&str, &Secret), host: &str, jti: &str, now: i64) -> String {
        let assertion = ClientAssertion::sign((client_id, secret), path::HEALTH_CHECK, host, jti, now);
        form_body(&[("client_id", client_id), ("client_assertion", &assertion)])
    }
}

/// The server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Healthy {
    pub timestamp: i64,
}

impl Healthy {
    pub fn parse(status: u16, body: &[u8]) -> Result<Self, ResponseError> {
        envelope::parse(status, body)
    }

    /// The clock of a service that refuses, which stands beside the refusal where it stands anywhere.
    #[must_use]
    pub fn clock_of_refusal(body: &[u8]) -> Option<i64> {
        serde_json::from_slice::<Self>(body).ok().map(|refused| refused.timestamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_tells_the_clock_of_the_service_where_it_has_one() {
        let body =
            br#"{"stat":"FAIL","code":40002,"message":"invalid_client","message_detail":"x","timestamp":17}"#;
        assert!(matches!(Healthy::parse(400, body), Err(ResponseError::Refused(_))));
        assert_eq!(Healthy::clock_of_refusal(body), Some(17));
        for other in ["", "{}", r#"{"timestamp":"17"}"#, r#"{"response":{"timestamp":17}}"#] {
            assert_eq!(Healthy::clock_of_refusal(other.as_bytes()), None, "{other}");
        }
    }
}
