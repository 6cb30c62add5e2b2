//! The examples of the standard.

use super::*;
use crate::webauthn::Assertion;

/// The examples of the standard (Web Authentication Level 3, *Test Vectors*): what comes of each registration where its
/// model is named with the root that all of them have, and whether its credential answers.
#[test]
fn the_examples_of_the_standard_come_out_as_it_says() {
    let wanted = [
        ("none-es256", Ok(Err(NotAttested::Nothing))),
        ("packed-self-es256", Ok(Err(NotAttested::Itself))),
        // Frames on pages of others are no place to sign in, whoever is above them.
        ("none-es256-crossOrigin", Err(WebAuthnError::WrongOrigin)),
        ("none-es256-topOrigin", Err(WebAuthnError::WrongOrigin)),
        ("none-es256-long-credential-id", Ok(Err(NotAttested::Nothing))),
        ("packed-es256", Ok(Ok(()))),
        // Credentials of these algorithms are not asked for.
        ("packed-es384", Err(WebAuthnError::Algorithm)),
        ("packed-es512", Err(WebAuthnError::Algorithm)),
        ("packed-rs256", Ok(Ok(()))),
        ("packed-eddsa", Ok(Ok(()))),
        ("packed-ed448", Err(WebAuthnError::Algorithm)),
        ("tpm-es256", Ok(Ok(()))),
        ("android-key-es256", Ok(Err(NotAttested::Format))),
        ("apple-es256", Ok(Ok(()))),
        // The example names a model, which a key that speaks U2F alone cannot.
        ("fido-u2f-es256", Ok(Err(NotAttested::OtherModel))),
    ];
    let all: serde_json::Value = serde_json::from_str(include_str!("../../vectors.json")).unwrap();
    let hex = |value: &serde_json::Value| {
        data_encoding::HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
    };
    let rp = RelyingParty::of_url("https://example.org").unwrap();
    let root = Root::read(&hex(&all["root"])).unwrap();
    assert_eq!(all["credentials"].as_array().unwrap().len(), wanted.len());
    for (vector, (name, wanted)) in all["credentials"].as_array().unwrap().iter().zip(wanted) {
        assert_eq!(vector["name"], name);
        let [created, asserted] = ["created", "asserted"].map(|part| &vector[part]);
        let answer = Attestation {
            client_data: hex(&created["client_data"]),
            attestation_object: hex(&created["object"]),
            transports: Vec::new(),
        };
        let aaguid = hex(&vector["aaguid"]).try_into().unwrap();
        let models = [Model { aaguid, roots: vec![root.clone()] }];
        let challenge = hex(&created["challenge"]);
        let made = answer.verify(&challenge, &rp, UserVerification::Preferred);
        let come = answer.verify_model(&challenge, &rp, UserVerification::Preferred, &models, NOW);
        let come = match come {
            Ok((_, led_to)) => {
                assert_eq!(led_to, root.sha256());
                Ok(Ok(()))
            }
            Err(WebAuthnError::NotAttested(why)) => Ok(Err(why)),
            Err(other) => Err(other),
        };
        assert_eq!(come, wanted, "{name}");
        let Ok(made) = made else { continue };
        let answer = Assertion {
            credential: made.credential,
            user_handle: None,
            client_data: hex(&asserted["client_data"]),
            authenticator_data: hex(&asserted["data"]),
            signature: hex(&asserted["signature"]),
        };
        let challenge = hex(&asserted["challenge"]);
        let verified = answer.verify(&made.key, &challenge, &rp, UserVerification::Preferred);
        assert!(verified.is_ok(), "{name}: {verified:?}");
    }
}

/// Whatever is not as it was in what is signed is refused; the signature of a module covers all but the certificate.
#[test]
fn no_byte_of_what_a_module_states_can_be_another() {
    let all: serde_json::Value = serde_json::from_str(include_str!("../../vectors.json")).unwrap();
    let hex = |value: &serde_json::Value| {
        data_encoding::HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
    };
    let rp = RelyingParty::of_url("https://example.org").unwrap();
    let roots = vec![Root::read(&hex(&all["root"])).unwrap()];
    for name in ["tpm-es256", "apple-es256"] {
        let vector =
            all["credentials"].as_array().unwrap().iter().find(|vector| vector["name"] == name).unwrap();
        let models = [Model { aaguid: hex(&vector["aaguid"]).try_into().unwrap(), roots: roots.clone() }];
        let created = &vector["created"];
        let object = hex(&created["object"]);
        for place in 0..object.len() {
            let mut bent = object.clone();
            bent[place] ^= 1;
            let answer = Attestation {
                client_data: hex(&created["client_data"]),
                attestation_object: bent,
                transports: Vec::new(),
            };
            let challenge = hex(&created["challenge"]);
            let come = answer.verify_model(&challenge, &rp, UserVerification::Preferred, &models, NOW);
            assert!(come.is_err(), "{name}: {place}");
        }
    }
}
