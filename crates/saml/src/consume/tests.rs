use std::{
    collections::HashSet,
    sync::{Mutex, atomic::AtomicUsize, atomic::Ordering},
};

use sallyport_crypto::{SystemRandom, saml_key::Oaep};

use super::*;
use crate::{
    dsig::{SignatureError, Signer},
    enc::Cipher,
    response::{EncryptFor, Protection, Statement, Status, failure},
    testing::{
        ACS, APPLICATION, IDP, NOW, PROVIDER, SP, STRANGER, ada, expected, part, posted, protection,
        statement, text,
    },
    xml::XmlError,
};

mod wrapping;

fn mail() -> Vec<Attribute> {
    vec![Attribute { name: "mail".into(), values: vec!["ada@example.test".into(), "a&b <c>".into()] }]
}

/// The genuine answer.
fn answer(sign_response: bool) -> String {
    let response =
        statement(&ada(), &mail()).response(&protection(sign_response, None), &SystemRandom::new());
    text(&response.unwrap())
}

fn consumed(message: &str) -> Result<Assertion, Refused> {
    consumed_as(message, &expected(&[&PROVIDER.public], &[&APPLICATION.key]), NOW)
}

fn consumed_as(message: &str, expected: &Expected<'_>, now: Time) -> Result<Assertion, Refused> {
    consume(&posted(Kind::Response, message)?, expected, now)?.spend(|_, _, _| true)
}

/// An answer that says something else, signed by whom it is expected from.
fn signed_otherwise(change: impl Fn(String) -> String) -> String {
    let whole = answer(false);
    let signature = part(&whole, "<ds:Signature ", "</ds:Signature>");
    let bare = change(whole.replace(signature, ""));
    let assertion = part(&bare, "<saml2:Assertion", "</saml2:Assertion>").to_owned();
    let read = crate::xml::read(assertion.as_bytes(), crate::xml::Limits::MESSAGE).unwrap();
    let signed = PROVIDER.signer().sign(read, Place::AfterIssuer).unwrap();
    bare.replace(&assertion, &text(&signed))
}

#[test]
fn what_was_signed_is_read_as_it_was_said() {
    for sign_response in [false, true] {
        let said = consumed(&answer(sign_response)).unwrap();
        assert_eq!((said.name_id, said.attributes), (ada(), mail()));
        assert_eq!(said.session_index.as_deref(), Some("_session"));
        assert_eq!(said.signed_in, NOW.minus(Span::minutes(3)));
        assert_eq!(said.context.as_deref(), Some(crate::response::context::TWO_FACTORS));
    }
    assert!(consumed(&signed_otherwise(|bare| bare)).is_ok());
}

#[test]
fn what_was_encrypted_is_verified_behind_its_cover() {
    for (sign_response, cipher) in [(false, Cipher::Aes128Gcm), (true, Cipher::Aes256Gcm)] {
        let to = EncryptFor { key: &APPLICATION.public, cipher, oaep: Oaep::Sha1 };
        let protection = protection(sign_response, Some(to));
        let (ada, mail) = (ada(), mail());
        let response = statement(&ada, &mail).response(&protection, &SystemRandom::new()).unwrap();
        let message = text(&response);
        assert!(!message.contains(">ada<"));
        assert_eq!(consumed(&message).unwrap().name_id, ada);
        let keys = [&PROVIDER.public];
        let closed = Expected { decryption: &[&STRANGER.key], ..expected(&keys, &[]) };
        assert!(matches!(consumed_as(&message, &closed, NOW), Err(Refused::Encryption(_))));
        // Encrypted by whoever likes, for the key that everybody knows.
        let forger = Protection { signer: STRANGER.signer(), sign_response: false, encrypt: Some(to) };
        let forged = text(&statement(&ada, &mail).response(&forger, &SystemRandom::new()).unwrap());
        assert_eq!(consumed(&forged), Err(SignatureError::NoKey.into()));
    }
}

fn without_signatures(message: &str, assertion: bool, response: bool) -> String {
    let mut message = message.to_owned();
    let inner = part(&message, "<saml2:Assertion", "</saml2:Assertion>").to_owned();
    if assertion {
        let bare = inner.replace(part(&inner, "<ds:Signature ", "</ds:Signature>"), "");
        message = message.replace(&inner, &bare);
    }
    if response {
        // The first in the document is the one of the answer.
        message = message.replacen(part(&message.clone(), "<ds:Signature ", "</ds:Signature>"), "", 1);
    }
    message
}

#[test]
fn an_answer_without_the_signatures_that_are_asked_for_is_refused() {
    let both = answer(true);
    let keys = [&PROVIDER.public];
    let of = |signed| Expected { signed, ..expected(&keys, &[]) };
    for (assertion, response) in [(false, false), (true, false), (false, true), (true, true)] {
        let message = without_signatures(&both, assertion, response);
        for (signed, good) in [
            (Signed::Assertion, !assertion && !response),
            (Signed::Both, !assertion && !response),
            (Signed::Either, !(assertion || response)),
            (Signed::Response, !assertion && !response),
        ] {
            // Without the inner signature the outer one is over something else, and the other way round it still holds.
            let good =
                good || (!assertion && response && matches!(signed, Signed::Assertion | Signed::Either));
            let taken = consumed_as(&message, &of(signed), NOW);
            assert_eq!(taken.is_ok(), good, "{assertion} {response} {signed:?} {taken:?}");
        }
    }
}

#[test]
fn a_key_that_a_message_brings_along_counts_for_nothing() {
    let forger = Protection { signer: STRANGER.signer(), sign_response: true, encrypt: None };
    let forged = text(&statement(&ada(), &[]).response(&forger, &SystemRandom::new()).unwrap());
    assert!(forged.contains(&STRANGER.certificate.base64()));
    assert_eq!(STRANGER.certificate.subject, PROVIDER.certificate.subject);
    assert_eq!(consumed(&forged), Err(SignatureError::NoKey.into()));
    // Nor does the right certificate beside the wrong signature.
    let dressed = forged.replace(&STRANGER.certificate.base64(), &PROVIDER.certificate.base64());
    assert_eq!(consumed(&dressed), Err(SignatureError::NoKey.into()));
}

#[test]
fn an_answer_has_one_assertion() {
    for sign_response in [false, true] {
        let genuine = answer(sign_response);
        let assertion = part(&genuine, "<saml2:Assertion", "</saml2:Assertion>").to_owned();
        let signature = part(&assertion, "<ds:Signature ", "</ds:Signature>");
        let forged =
            assertion.replace(signature, "").replace(">ada<", ">admin<").replacen("ID=\"_", "ID=\"_evil", 1);
        for both in [
            format!("{forged}{assertion}"),
            format!("{assertion}{forged}"),
            assertion.repeat(2),
            String::new(),
        ] {
            assert_eq!(consumed(&genuine.replace(&assertion, &both)), Err(Refused::OneAssertion));
        }
    }
}

#[test]
fn a_comment_in_a_name_ends_the_reading() {
    for genuine in [answer(false), answer(true)] {
        for (from, to) in [(">ada<", ">a<!-- -->da<"), (">ada@example", ">ada<!---->@example")] {
            let commented = genuine.replace(from, to);
            assert_ne!(commented, genuine);
            assert_eq!(consumed(&commented), Err(Refused::Xml(XmlError::Comment)));
        }
    }
    // And one that is not there any more when it is signed is text before and behind it.
    let whole = signed_otherwise(|bare| bare.replace(">ada<", ">ada.evil<"));
    assert_eq!(consumed(&whole).unwrap().name_id.value, "ada.evil");
}

#[test]
fn what_was_made_for_another_is_refused() {
    for (from, to, error) in [
        (SP, "https://other.example/metadata", Refused::Audience),
        (
            "<saml2:AudienceRestriction><saml2:Audience>https://app.example/metadata</saml2:Audience></saml2:AudienceRestriction>",
            "",
            Refused::Audience,
        ),
        (
            "Recipient=\"https://app.example/acs\"",
            "Recipient=\"https://other.example/acs\"",
            Refused::Recipient,
        ),
        (" Recipient=\"https://app.example/acs\"", "", Refused::Recipient),
        (
            "Destination=\"https://app.example/acs\"",
            "Destination=\"https://other.example/acs\"",
            Refused::Destination,
        ),
        (
            "urn:oasis:names:tc:SAML:2.0:cm:bearer",
            "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key",
            Refused::Recipient,
        ),
        ("<saml2:Issuer>https://idp.example/saml<", "<saml2:Issuer>https://idp.other/saml<", Refused::Issuer),
        (
            "<saml2:AudienceRestriction>",
            "<saml2:Condition></saml2:Condition><saml2:AudienceRestriction>",
            Refused::Shape,
        ),
        ("<saml2:AuthnStatement", "<saml2:Advice></saml2:Advice><saml2:AuthnStatement", Refused::Shape),
        (" Version=\"2.0\"", " Version=\"1.1\"", Refused::Shape),
        (">ada<", "><", Refused::Subject),
    ] {
        let otherwise = signed_otherwise(|bare| {
            assert!(bare.contains(from), "{from}");
            bare.replace(from, to)
        });
        assert_eq!(consumed(&otherwise), Err(error), "{to}");
    }
    let twice = "<saml2:AudienceRestriction><saml2:Audience>urn:other</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions>";
    let narrowed = signed_otherwise(|bare| bare.replace("</saml2:Conditions>", twice));
    assert_eq!(consumed(&narrowed), Err(Refused::Audience));
}

#[test]
fn an_assertion_counts_once_however_many_come_at_the_same_time() {
    let message = answer(true);
    let (used, good) = (Mutex::new(HashSet::new()), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                let unspent = consume(
                    &posted(Kind::Response, &message).unwrap(),
                    &expected(&[&PROVIDER.public], &[]),
                    NOW,
                );
                let spent = unspent.unwrap().spend(|issuer, id, until| {
                    assert_eq!(issuer, IDP);
                    // Remembered for as long as it could be brought again.
                    assert!(until >= NOW.plus(Span::minutes(5)).plus(SKEW));
                    used.lock().unwrap().insert(id.to_owned())
                });
                match spent {
                    Ok(_) => _ = good.fetch_add(1, Ordering::SeqCst),
                    Err(error) => assert_eq!(error, Refused::Replayed),
                }
            });
        }
    });
    assert_eq!(good.into_inner(), 1);
}

#[test]
fn an_answer_is_to_the_request_that_this_browser_carried() {
    let keys = [&PROVIDER.public];
    let of = |answers| Expected { answers, ..expected(&keys, &[]) };
    let genuine = answer(true);
    let unasked = {
        let (ada, said) = (ada(), statement(&ada(), &[]).now);
        let statement = Statement { in_response_to: None, now: said, ..statement(&ada, &[]) };
        text(&statement.response(&protection(true, None), &SystemRandom::new()).unwrap())
    };
    for (message, answers, good) in [
        (&genuine, Answers::Request("_request"), true),
        (&genuine, Answers::Request("_another"), false),
        (&genuine, Answers::Unasked, false),
        (&unasked, Answers::Request("_request"), false),
        (&unasked, Answers::Request(""), false),
        (&unasked, Answers::Unasked, true),
    ] {
        let taken = consumed_as(message, &of(answers), NOW).map(|_| ());
        assert_eq!(taken, if good { Ok(()) } else { Err(Refused::InResponseTo) });
    }
    // Both places have to say so, and the one of the answer alone is not even signed.
    let halves =
        signed_otherwise(|bare| bare.replacen("InResponseTo=\"_request\"", "InResponseTo=\"_other\"", 1));
    assert_eq!(consumed(&halves), Err(Refused::InResponseTo));
    let inner =
        signed_otherwise(|bare| bare.replace("InResponseTo=\"_request\" NotOnOrAfter", "NotOnOrAfter"));
    assert_eq!(consumed(&inner), Err(Refused::InResponseTo));
}

#[test]
fn an_assertion_has_its_time_and_one_without_end_has_none() {
    let keys = [&PROVIDER.public];
    let expected = expected(&keys, &[]);
    let genuine = answer(false);
    for (seconds, good) in
        [(0, true), (299, true), (359, true), (360, false), (-60, true), (-61, false), (-119, false)]
    {
        let at = NOW.plus(Span::seconds(seconds));
        assert_eq!(consumed_as(&genuine, &expected, at).is_ok(), good, "{seconds}");
    }
    let until = crate::when::written(NOW.plus(Span::minutes(5)));
    let attribute = format!(" NotOnOrAfter=\"{until}\"");
    let moments = ["9999-12-31T23:59:59Z", "2030-03-19T00:00:00Z", "2030-03-17T17:45:39Z", "yesterday", ""];
    for moment in moments {
        for place in ["SubjectConfirmationData", "Conditions"] {
            let otherwise = signed_otherwise(|bare| {
                let tag = part(&bare, &format!("<saml2:{place}"), ">").to_owned();
                bare.replace(&tag, &tag.replace(&until, moment))
            });
            assert_eq!(consumed_as(&otherwise, &expected, NOW), Err(Refused::Time), "{place} {moment}");
            let endless = signed_otherwise(|bare| {
                let tag = part(&bare, &format!("<saml2:{place}"), ">").to_owned();
                bare.replace(&tag, &tag.replace(&attribute, ""))
            });
            assert_eq!(consumed_as(&endless, &expected, NOW), Err(Refused::Time), "{place}");
        }
    }
    let ahead = crate::when::written(NOW.plus(Span::seconds(61)));
    let begins = crate::when::written(NOW.minus(Span::minutes(1)));
    let early = signed_otherwise(|bare| {
        bare.replace(&format!("NotBefore=\"{begins}\""), &format!("NotBefore=\"{ahead}\""))
    });
    assert_eq!(consumed_as(&early, &expected, NOW), Err(Refused::Time));
    let future = signed_otherwise(|bare| {
        bare.replace(
            &crate::when::written(NOW.minus(Span::minutes(3))),
            &crate::when::written(NOW.plus(Span::minutes(3))),
        )
    });
    assert_eq!(consumed_as(&future, &expected, NOW), Err(Refused::Time));
}

#[test]
fn whoever_was_not_signed_in_is_nobody() {
    let refused = failure(
        IDP,
        ACS,
        Some("_request"),
        Status::REQUEST_DENIED,
        &PROVIDER.signer(),
        (NOW, &SystemRandom::new()),
    );
    assert_eq!(consumed(&text(&refused.unwrap())), Err(Refused::Status));
    let code = "<saml2p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\">";
    let failed = "<saml2p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:AuthnFailed\">";
    assert_eq!(consumed(&answer(false).replace(code, failed)), Err(Refused::Status));
    assert_eq!(consumed(&answer(true).replace(code, failed)), Err(SignatureError::Digest.into()));
}

#[test]
fn an_answer_comes_in_a_form_and_is_one() {
    let keys = [&PROVIDER.public];
    let message = posted(Kind::Request, &answer(true)).unwrap();
    assert_eq!(consume(&message, &expected(&keys, &[]), NOW), Err(Refused::Shape));
    let by_query = {
        let element = crate::xml::read(answer(true).as_bytes(), crate::xml::Limits::MESSAGE).unwrap();
        let signer = Signer::new(&PROVIDER.key, None);
        let url = crate::binding::redirect(ACS, Kind::Response, &element, None, Some(&signer)).unwrap();
        Received::from_query(url.split_once('?').unwrap().1).unwrap()
    };
    assert_eq!(consume(&by_query, &expected(&keys, &[]), NOW), Err(Refused::Shape));
}

#[test]
fn no_letter_of_an_answer_can_be_another() {
    let genuine = answer(true);
    let signed = consumed(&genuine).unwrap();
    let keys = [&PROVIDER.public];
    let both = Expected { signed: Signed::Both, ..expected(&keys, &[]) };
    for at in (0..genuine.len()).step_by(3) {
        let mut bytes = genuine.clone().into_bytes();
        bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
        // In what a signature says about its key there may be anything, for it is not read.
        if let Ok(taken) = consumed_as(&String::from_utf8(bytes).unwrap(), &both, NOW) {
            let before = &genuine[..at];
            assert!(
                before.rfind("<ds:KeyInfo") > before.rfind("</ds:KeyInfo"),
                "{}",
                &genuine[at - 20..at + 20]
            );
            assert_eq!(taken, signed);
        }
    }
}
