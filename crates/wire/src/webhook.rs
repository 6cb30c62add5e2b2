//! Standard Webhooks (version 1): how a call is signed, and the secrets it is signed with.
//!
//! What is signed is the id of the message, the time of the call and the body, so none of them can be taken to another call.
//! While a secret is replaced a call carries two signatures, and whoever has either secret is content.

use std::fmt::Write as _;

use data_encoding::BASE64;
use sallyport_crypto::{Secret, mac::hmac_sha256};

/// Before a secret as it is shown.
const PREFIX: &str = "whsec_";
/// How much of a secret is random: from 24 to 64 bytes, the specification says.
pub const SECRET_BYTES: usize = 32;

/// Names of the headers.
pub const ID: &str = "webhook-id";
pub const TIMESTAMP: &str = "webhook-timestamp";
pub const SIGNATURE: &str = "webhook-signature";

/// A secret that is not written as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a webhook's secret is `whsec_` and base64 of 24 to 64 bytes")]
pub struct WebhookSecretError;

/// A secret of these bytes, as it is shown.
#[must_use]
pub fn secret_of(bytes: &[u8; SECRET_BYTES]) -> Secret {
    Secret::new(format!("{PREFIX}{}", BASE64.encode(bytes)))
}

/// The header of a call: a signature by each of these secrets.
///
/// # Errors
/// One of them is none.
pub fn signature(
    secrets: &[Secret],
    id: &str,
    unix_seconds: i64,
    body: &str,
) -> Result<String, WebhookSecretError> {
    let signed = format!("{id}.{unix_seconds}.{body}");
    let mut header = String::new();
    for secret in secrets {
        let mac = hmac_sha256(&key(secret)?, signed.as_bytes());
        let gap = if header.is_empty() { "" } else { " " };
        // Writing to a String cannot fail.
        write!(header, "{gap}v1,{}", BASE64.encode(&mac)).ok();
    }
    Ok(header)
}

fn key(secret: &Secret) -> Result<Vec<u8>, WebhookSecretError> {
    let encoded = secret.expose().strip_prefix(PREFIX).ok_or(WebhookSecretError)?;
    let bytes = BASE64.decode(encoded.as_bytes()).map_err(|_| WebhookSecretError)?;
    if (24..=64).contains(&bytes.len()) { Ok(bytes) } else { Err(WebhookSecretError) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_the_specification_comes_out() {
        let secret = Secret::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let header = signature(std::slice::from_ref(&secret), id, 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(header.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn two_secrets_make_two_signatures_and_no_other_text_is_one() {
        let secrets = [secret_of(&[1; 32]), secret_of(&[2; 32])];
        let both = signature(&secrets, "evt_1", 1, "{}").unwrap();
        let each: Vec<String> = secrets
            .iter()
            .map(|one| signature(std::slice::from_ref(one), "evt_1", 1, "{}").unwrap())
            .collect();
        assert_eq!(both, each.join(" "));
        for bad in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAA", "whsec_*"] {
            assert!(signature(&[Secret::from(bad)], "evt_1", 1, "{}").is_err(), "{bad}");
        }
    }
}
