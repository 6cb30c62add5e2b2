//! What relying parties send. Tokens are signed in here, so that the fuzzer gets to what they say.

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::jws::{JwsAlgorithm, JwsKey};
use sallyport_crypto::p256::EcdsaKey;
use sallyport_crypto::random::{NoRandomness, Random};
use sallyport_wire::oidc::{
    Answered, Challenge, ClaimsRequest, ClientAssertion, ClientAuth, DpopProof, GrantRequest, Jwk, JwkSet,
    Params, ResponseMode, Revocation, Scope, Sent, Token, Verifier, client_auth, thumbprint,
};

use crate::parts::line;

const AT: &str = "https://sallyport.example.com/oidc/token";
const US: &str = "https://sallyport.example.com";
const CLIENT: &str = "SP1";
const NOW: i64 = 1_767_225_600;

/// A request that is understood is answered at the one address it may be answered at, and is kept as it came.
pub(crate) fn authorize(bytes: &[u8]) -> bool {
    let Ok(params) = Params::from_form(bytes) else { return false };
    let twice = params.says_nothing_twice().is_err();
    let pushed = Sent::pushed(params.clone(), CLIENT).is_ok();
    let Ok(sent) = Sent::read(params) else { return false };
    assert!(!twice, "something was said twice");
    let Ok(request) = sent.request(AT.into()) else { return false };
    assert!(pushed || sent.client_id != CLIENT);
    let kept = serde_json::to_string(&request).ok().and_then(|kept| serde_json::from_str(&kept).ok());
    assert_eq!(kept.as_ref(), Some(&request));
    let back =
        Answered::code(&request.redirect_uri, ResponseMode::Query, request.state.as_deref(), US, "x").url();
    let plain = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}#".contains(c);
    assert!(back.starts_with(AT) && back.chars().all(plain), "{back}");
    true
}

/// A header (or nothing) in the first line, and a form.
pub(crate) fn client(bytes: &[u8]) -> bool {
    let Some((header, form)) = line(bytes) else { return false };
    let Ok(params) = Params::from_form(form) else { return false };
    let grant = GrantRequest::read(&params).is_ok() || Revocation::read(&params).is_ok();
    let header = Some(header).filter(|header| !header.is_empty());
    match client_auth(header, &params) {
        Ok(auth) => {
            assert!(auth.client_id().len() <= 64);
            assert_eq!(header.is_some(), matches!(auth, ClientAuth::Basic { .. }));
            grant
        }
        Err(_) => false,
    }
}

/// What it is, and then the text: a set of keys, a scope, single claims, or what a request begins with.
pub(crate) fn texts(bytes: &[u8]) -> bool {
    let Some((what, rest)) = line(bytes) else { return false };
    let text = String::from_utf8_lossy(rest);
    match what {
        "keys" => JwkSet::read(rest).is_ok_and(|set| {
            let again = JwkSet::read(set.write().to_string().as_bytes());
            assert_eq!(again.as_ref(), Ok(&set));
            !set.0.is_empty()
        }),
        "key" => Params::from_json(rest).is_ok_and(|key| {
            Jwk::read(&key).is_ok_and(|key| {
                assert_eq!(thumbprint(&key.key).len(), 43);
                true
            })
        }),
        "scope" => Scope::read(&text).is_ok_and(|scope| {
            assert_eq!(Scope::read(&scope.to_string()).as_ref(), Ok(&scope));
            !scope.is_empty()
        }),
        "claims" => ClaimsRequest::read(&text).is_ok_and(|claims| !claims.is_empty()),
        "challenge" => Challenge::read(&text).is_some(),
        "verifier" => Verifier::read(&text).is_some_and(|verifier| verifier.challenge().is_of(&verifier)),
        _ => false,
    }
}

/// What it is for, its header in a line, and its claims.
pub(crate) fn token(bytes: &[u8]) -> bool {
    let Some((what, rest)) = line(bytes) else { return false };
    let Some((header, claims)) = line(rest) else { return false };
    let Some(keys) = keys() else { return false };
    let text = signed(&keys.0, header, claims);
    let other = signed(&keys.1, header, claims);
    let known = JwkSet(keys.0.public().map(|key| Jwk { kid: None, alg: None, key }).into_iter().collect());
    match what {
        "any" => {
            let types = [None, Some("JWT"), Some("at+jwt")];
            let read = |text: &str| {
                let token = Token::read(text).ok()?;
                token.verified(&types, known.candidates(token.alg(), token.kid())).ok()
            };
            assert!(read(&other).is_none(), "another's signature");
            read(&text)
                .is_some_and(|claims| claims.audiences().is_ok() && claims.required_time("exp").is_ok())
        }
        "assertion" => {
            let verify = |text: &str, now| ClientAssertion::verify(text, CLIENT, &known, &[US], now);
            assert!(verify(&other, NOW).is_err());
            verify(&text, NOW).is_ok_and(|read| {
                assert!(verify(&text, NOW + 86_400).is_err() && !read.jti.is_empty());
                true
            })
        }
        "proof" => {
            let brought = format!("{{{},{}", jwk_member(&keys.0), header.trim_start_matches('{'));
            let verify = |text: &str, method| DpopProof::verify(text, method, AT, None, NOW);
            assert!(verify(&signed(&keys.1, &brought, claims), "POST").is_err());
            verify(&signed(&keys.0, &brought, claims), "POST").is_ok_and(|read| {
                assert!(verify(&signed(&keys.0, &brought, claims), "GET").is_err());
                assert_eq!(known.0.first().map(|key| thumbprint(&key.key)), Some(read.jkt));
                true
            })
        }
        _ => false,
    }
}

/// The same two keys each time.
fn keys() -> Option<(JwsKey, JwsKey)> {
    struct Same(u8);
    impl Random for Same {
        fn fill(&self, out: &mut [u8]) -> Result<(), NoRandomness> {
            out.fill(self.0);
            Ok(())
        }
    }
    let key = |byte| {
        let pkcs8 = EcdsaKey::generate(&Same(byte)).ok()?;
        JwsKey::from_pkcs8(JwsAlgorithm::Es256, &pkcs8)
    };
    Some((key(1)?, key(2)?))
}

fn jwk_member(key: &JwsKey) -> String {
    let jwk = key.public().map(|key| Jwk { kid: None, alg: None, key }.write());
    format!("\"jwk\":{}", jwk.unwrap_or_default())
}

fn signed(key: &JwsKey, header: &str, claims: &[u8]) -> String {
    let part = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let text = format!("{}.{}", part(header.as_bytes()), part(claims));
    format!("{text}.{}", part(&key.sign(text.as_bytes()).unwrap_or_default()))
}
