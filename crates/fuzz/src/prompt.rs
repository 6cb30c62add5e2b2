//! The OIDC prompt. Its tokens are signed here, so that what the key protects is reached as well.

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::{Secret, mac::hmac_sha512};
use sallyport_wire::duo::{
    Params,
    prompt::{
        Callback, ClientAssertion, HealthCheck, Hs512, Redeem, RedeemReply, Sent, path, verify_id_token,
    },
};

use crate::parts::line;

const CLIENT: &str = "DIWJ8X6AEYOR5OMC6TQ1";
const SKEY: &str = "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep";
const HOST: &str = "sso.example.com";
const NOW: i64 = 1_800_000_000;

/// What is asked in a query, or in a form behind its content type: a line for the query, one for the type, the body.
pub(crate) fn requests(bytes: &[u8]) -> bool {
    let Some((query, rest)) = line(bytes) else { return false };
    let Some((content_type, body)) = line(rest) else { return false };
    let content_type = Some(content_type).filter(|given| !given.is_empty());
    let Ok(params) = sallyport_wire::duo::prompt::params(query, content_type, body) else { return false };
    let sent = Sent::read(&params);
    if let Ok(sent) = &sent {
        let secret = Secret::from(SKEY);
        if let Ok(object) = sent.open(&secret, &[HOST], NOW) {
            let _ = (object.state(), object.read());
        }
        assert!(sent.open(&Secret::from("another"), &[HOST], NOW).is_err());
    }
    let health = HealthCheck::read(&params).is_ok();
    let (redeem, callback) = (Redeem::read(&params).is_ok(), Callback::read(&params).is_ok());
    sent.is_ok() || health || redeem || callback
}

/// A token: a line for its header, then its claims, both as JSON; or three parts as they are, behind an empty line.
/// Understood is what opens a door: a request, an assertion, a statement.
pub(crate) fn tokens(bytes: &[u8]) -> bool {
    let Some((header, claims)) = line(bytes) else { return false };
    let token = match header {
        "" => String::from_utf8_lossy(claims).into_owned(),
        _ => signed(header.as_bytes(), claims),
    };
    let (secret, other) = (Secret::from(SKEY), Secret::from("another"));
    let opened = Hs512::new(&secret).open(&token).is_ok();
    assert!(Hs512::new(&other).open(&token).is_err());
    let _ = ClientAssertion::claimed_client(&token);
    let asserted = [path::HEALTH_CHECK, path::TOKEN]
        .map(|path| ClientAssertion::verify(&token, (CLIENT, &secret), path, &[HOST], NOW).is_ok());
    let stated = verify_id_token(&token, (CLIENT, &secret), HOST, ("ada", "nonce"), NOW).is_ok();
    let params = Params::from_form(format!("client_id={CLIENT}&request={token}").as_bytes());
    let sent = params.and_then(|params| Sent::read(&params)).ok();
    let object = sent.and_then(|sent| sent.open(&secret, &[HOST], NOW).ok());
    let asked = object.is_some_and(|object| {
        let (answer, state) = (object.read(), object.state());
        if let Ok(request) = &answer {
            assert_eq!(Some(&request.state), state.as_ref());
            assert_eq!(request.redirect_uri, object.redirect_uri());
        }
        answer.is_ok()
    });
    let held = asked || stated || asserted.contains(&true);
    assert!(opened || !held);
    held
}

/// What a service answers to a code: status, then body.
pub(crate) fn answers(bytes: &[u8]) -> bool {
    let Some((status, body)) = line(bytes) else { return false };
    let Ok(status) = status.parse() else { return false };
    match RedeemReply::parse(status, body) {
        Ok(_) => true,
        Err(said) => {
            assert!(!said.chars().any(char::is_control));
            false
        }
    }
}

fn signed(header: &[u8], claims: &[u8]) -> String {
    let text = [header, claims].map(|part| BASE64URL_NOPAD.encode(part)).join(".");
    let code = hmac_sha512(SKEY.as_bytes(), text.as_bytes());
    format!("{text}.{}", BASE64URL_NOPAD.encode(&code))
}
