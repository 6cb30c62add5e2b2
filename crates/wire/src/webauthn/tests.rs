use proptest::prelude::*;

use super::{
    soft::{SoftAuthenticator, TOUCHED},
    *,
};

const CHALLENGE: &[u8] = b"thirty-two bytes of a challenge.";
const ORIGIN: &str = "https://example.com:8443";

fn rp() -> RelyingParty {
    RelyingParty::of_url("https://Example.com:8443/").unwrap()
}

fn soft() -> SoftAuthenticator {
    SoftAuthenticator::new("example.com", ORIGIN)
}

fn create(soft: &SoftAuthenticator) -> Result<Registered, WebAuthnError> {
    Attestation::parse(&soft.create(CHALLENGE))?.verify(CHALLENGE, &rp(), UserVerification::Required)
}

fn get(soft: &SoftAuthenticator) -> Result<Asserted, WebAuthnError> {
    Assertion::parse(&soft.get(CHALLENGE))?.verify(&soft.cose(), CHALLENGE, &rp(), UserVerification::Required)
}

#[test]
fn what_is_made_is_registered_and_answers() {
    let soft = soft();
    let made = create(&soft).unwrap();
    assert_eq!((&made.credential, &made.key), (&soft.credential, &soft.cose()));
    assert_eq!(made.transports, ["hybrid", "internal"]);
    assert_eq!(
        get(&soft),
        Ok(Asserted { counter: 0, user_verified: true, backup_eligible: false, backed_up: false })
    );
    let assertion = Assertion::parse(&soft.get(CHALLENGE)).unwrap();
    assert_eq!(assertion.claimed_challenge().as_deref(), Some(CHALLENGE));
}

#[test]
fn every_lie_is_refused() {
    type Bend = fn(&mut SoftAuthenticator);
    let lies: [(Bend, WebAuthnError); 8] = [
        (|soft| soft.rp_id = "badexample.com".into(), WebAuthnError::WrongRelyingParty),
        (|soft| soft.origin = "https://badexample.com:8443".into(), WebAuthnError::WrongOrigin),
        (|soft| soft.origin = "https://example.com".into(), WebAuthnError::WrongOrigin),
        (|soft| soft.origin = "https://login.example.com:8443".into(), WebAuthnError::WrongOrigin),
        (|soft| soft.cross_origin = true, WebAuthnError::WrongOrigin),
        (|soft| soft.flags = 0, WebAuthnError::NobodyPresent),
        (|soft| soft.flags = TOUCHED, WebAuthnError::NotVerified),
        // Backed up, and not of a kind that can be.
        (|soft| soft.flags |= 1 << 4, WebAuthnError::Malformed),
    ];
    for (n, (bend, error)) in lies.into_iter().enumerate() {
        let mut soft = soft();
        bend(&mut soft);
        assert_eq!(create(&soft), Err(error), "{n}");
        assert_eq!(get(&soft), Err(error), "{n}");
    }
}

#[test]
fn an_answer_is_to_one_question() {
    let mut soft = soft();
    soft.kind = Some("webauthn.get");
    assert_eq!(create(&soft), Err(WebAuthnError::WrongType));
    soft.kind = Some("webauthn.create");
    assert_eq!(get(&soft), Err(WebAuthnError::WrongType));
    soft.kind = Some("payment.get");
    assert_eq!(get(&soft), Err(WebAuthnError::WrongType));
}

#[test]
fn another_challenge_key_or_signature_is_refused() {
    let (soft, other) = (soft(), soft());
    let answer = Assertion::parse(&soft.get(CHALLENGE)).unwrap();
    let verify =
        |key: &[u8], challenge: &[u8]| answer.verify(key, challenge, &rp(), UserVerification::Preferred);
    assert_eq!(verify(&soft.cose(), &[7; 32]), Err(WebAuthnError::WrongChallenge));
    assert_eq!(verify(&soft.cose(), b""), Err(WebAuthnError::WrongChallenge));
    assert_eq!(verify(&other.cose(), CHALLENGE), Err(WebAuthnError::Signature));
    assert_eq!(verify(b"", CHALLENGE), Err(WebAuthnError::Algorithm));
    let mut bent = answer.clone();
    // One more in the counter, which is signed.
    *bent.authenticator_data.last_mut().unwrap() += 1;
    let bent = bent.verify(&soft.cose(), CHALLENGE, &rp(), UserVerification::Preferred);
    assert_eq!(bent, Err(WebAuthnError::Signature));
}

#[test]
fn touch_alone_does_where_no_more_is_asked_for() {
    let mut soft = soft();
    soft.flags = TOUCHED;
    let answer = Assertion::parse(&soft.get(CHALLENGE)).unwrap();
    let asserted = answer.verify(&soft.cose(), CHALLENGE, &rp(), UserVerification::Preferred).unwrap();
    assert!(!asserted.user_verified);
}

#[test]
fn nothing_may_follow_what_an_authenticator_says() {
    let soft = soft();
    let mut answer = Attestation::parse(&soft.create(CHALLENGE)).unwrap();
    answer.attestation_object.push(0);
    let refused = answer.verify(CHALLENGE, &rp(), UserVerification::Required);
    assert_eq!(refused, Err(WebAuthnError::Malformed));
}

#[test]
fn a_relying_party_is_a_host_name() {
    let of = |url| RelyingParty::of_url(url).map(|rp| (rp.id, rp.origins.join(" ")));
    assert_eq!(of("https://a.example/x"), Some(("a.example".into(), "https://a.example".into())));
    assert_eq!(of("https://a.example:443"), Some(("a.example".into(), "https://a.example".into())));
    assert_eq!(of("https://localhost:8443"), Some(("localhost".into(), "https://localhost:8443".into())));
    for url in [
        "http://a.example",
        "https://10.0.0.1:8443",
        "https://[::1]:8443",
        "https://",
        "https://a:b",
        "https://a b",
    ] {
        assert_eq!(of(url), None, "{url}");
    }
}

#[test]
fn a_frame_on_a_page_of_somebody_else_is_no_place_to_sign_in() {
    let framed = |more: &str| {
        let challenge = BASE64URL_NOPAD.encode(CHALLENGE);
        let json = format!(
            r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"{ORIGIN}","crossOrigin":false{more}}}"#
        );
        client_data(json.as_bytes(), "webauthn.get", CHALLENGE, &rp())
    };
    assert_eq!(framed(""), Ok(()));
    assert_eq!(framed(r#","topOrigin":"https://example.com:8443""#), Err(WebAuthnError::WrongOrigin));
}

/// The answers of a real browser (Chromium with a virtual authenticator) hold too; see the tests of the whole.
#[test]
fn a_client_data_member_twice_is_refused() {
    let json = br#"{"type":"webauthn.get","type":"webauthn.get","challenge":"","origin":""}"#;
    assert_eq!(client_data(json, "webauthn.get", CHALLENGE, &rp()), Err(WebAuthnError::Malformed));
}

proptest! {
    #[test]
    fn no_answer_panics(text in ".{0,200}", data in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = (Attestation::parse(&text), Assertion::parse(&text));
        let _ = (AuthenticatorData::read(&data), public_key(&data));
    }

    #[test]
    fn no_byte_of_an_answer_can_be_another(place in 0..400_usize, bit in 0..8_u8) {
        let soft = soft();
        let mut answer = Assertion::parse(&soft.get(CHALLENGE)).unwrap();
        let length = answer.authenticator_data.len();
        let field = if place < length { &mut answer.authenticator_data } else { &mut answer.client_data };
        let place = if place < length { place } else { (place - length) % field.len() };
        field[place] ^= 1 << bit;
        prop_assert!(answer.verify(&soft.cose(), CHALLENGE, &rp(), UserVerification::Preferred).is_err());
    }
}
