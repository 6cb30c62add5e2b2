//! What browsers hand over of authenticators.

use data_encoding::HEXLOWER;
use sallyport_wire::webauthn::{
    Assertion, Attestation, Model, RelyingParty, UserVerification, certificate::Root, metadata,
};

use crate::parts::line;

const CHALLENGE: [u8; 32] = [7; 32];
/// In November 2026.
const NOW: i64 = 1_795_000_000;

/// `create`, or `get` and the key of the credential in hexadecimal, or `attested` with the number of a model and its root;
/// then the JSON of the browser. Or `metadata` and a statement of a maker, or `root` and a certificate as PEM.
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
        Some(("attested", model)) => attested(model, json, &rp).unwrap_or(false),
        None if first == "metadata" => metadata::read(json).is_ok(),
        None if first == "root" => Root::of_pem(json).is_ok_and(|root| {
            assert_eq!(Root::of_pem(&root.to_pem()).as_ref(), Ok(&root));
            true
        }),
        _ => {
            let Ok(attestation) = Attestation::parse(json) else { return false };
            let made = attestation.verify(&CHALLENGE, &rp, UserVerification::Preferred);
            assert!(made.is_err() || attestation.verify(&[8; 32], &rp, UserVerification::Preferred).is_err());
            made.is_ok()
        }
    }
}

/// What a maker vouches for, it vouches for of one model, at a time, and to one root.
fn attested(model: &str, json: &str, rp: &RelyingParty) -> Option<bool> {
    let (aaguid, root) = model.split_once(' ')?;
    let aaguid: [u8; 16] = HEXLOWER.decode(aaguid.as_bytes()).ok()?.try_into().ok()?;
    let root = Root::read(&HEXLOWER.decode(root.as_bytes()).ok()?).ok()?;
    let answer = Attestation::parse(json).ok()?;
    let verify = |models: &[Model], now: i64| {
        answer.verify_model(&CHALLENGE, rp, UserVerification::Preferred, models, now)
    };
    let digest = root.sha256();
    let model = Model { aaguid, roots: vec![root] };
    let other = Model { aaguid: aaguid.map(|byte| !byte), ..model.clone() };
    let made = verify(&[other.clone(), model.clone()], NOW);
    if let Ok((made, led_to)) = &made {
        assert_eq!((made.aaguid, *led_to), (aaguid, digest));
        assert!(verify(&[other], NOW).is_err() && verify(&[], NOW).is_err() && verify(&[model], -1).is_err());
    }
    Some(made.is_ok())
}
