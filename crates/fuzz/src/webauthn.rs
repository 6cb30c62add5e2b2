//! What browsers hand over of authenticators.

use data_encoding::HEXLOWER;
use sallyport_wire::webauthn::{Assertion, Attestation, RelyingParty, UserVerification};

use crate::parts::line;

const CHALLENGE: [u8; 32] = [7; 32];

/// `create`, or `get` and the key of the credential in hexadecimal; then the JSON of the browser.
pub(crate) fn answer(bytes: &[u8]) -> bool {
    let Some((first, rest)) = line(bytes) else { return false };
    let Ok(json) = std::str::from_utf8(rest) else { return false };
    let Some(rp) = RelyingParty::of_url("https://sallyport.example.com") else { return false };
    match first.split_once(' ') {
        Some(("get", key)) => {
            let Ok(key) = HEXLOWER.decode(key.as_bytes()) else { return false };
            let Ok(assertion) = Assertion::parse(json) else { return false };
            let claimed = assertion.claimed_challenge();
            let holds = assertion.verify(&key, &CHALLENGE, &rp, UserVerification::Required).is_ok();
            assert!(!holds || claimed.as_deref() == Some(&CHALLENGE));
            assert!(assertion.verify(&key, &[8; 32], &rp, UserVerification::Preferred).is_err() || !holds);
            holds
        }
        _ => {
            let Ok(attestation) = Attestation::parse(json) else { return false };
            let made = attestation.verify(&CHALLENGE, &rp, UserVerification::Preferred);
            assert!(made.is_err() || attestation.verify(&[8; 32], &rp, UserVerification::Preferred).is_err());
            made.is_ok()
        }
    }
}
