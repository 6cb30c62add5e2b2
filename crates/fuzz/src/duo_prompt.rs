//! The OIDC prompt, both ways. Tokens are signed in here, so that the fuzzer gets to what they say.

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::{Secret, mac::hmac_sha512};
use sallyport_wire::duo::{
    Params,
    prompt::{
        Callback, ClientAssertion, HealthCheck, Healthy, Hs512, JwtError, Redeem, RedeemReply, Sent, params,
        path, verify_id_token,
    },
};

use crate::parts::line;

const SECRET: &str = "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep";
const CLIENT: &str = "DIXXXXXXXXXXXXXXXXXX";
const HOST: &str = "mfa.example.org:8443";
const NOW: i64 = 1_345_570_158;

/// What it is, and then the thing itself.
pub(crate) fn prompt(bytes: &[u8]) -> bool {
    let Some((what, rest)) = line(bytes) else { return false };
    match what.split_once(' ').unwrap_or((what, "")) {
        ("token", header) => token(header, rest),
        ("assertion", _) => assertion(rest),
        ("request", nonce) => request(nonce, rest),
        ("statement", username) => statement(username, rest),
        ("form", kind) => form(kind, rest),
        ("redeemed", status) => status.parse().is_ok_and(|status| RedeemReply::parse(status, rest).is_ok()),
        ("clock", _) => Healthy::clock_of_refusal(rest).is_some_and(|clock| {
            // Where the service is well its clock stands elsewhere, and is not taken from here.
            let told = format!(r#"{{"stat":"FAIL","code":40002,"message":"x","timestamp":{clock}}}"#);
            assert_eq!(Healthy::clock_of_refusal(told.as_bytes()), Some(clock));
            assert!(Healthy::parse(400, told.as_bytes()).is_err());
            true
        }),
        ("healthy", status) => status.parse().is_ok_and(|status| Healthy::parse(status, rest).is_ok()),
        _ => false,
    }
}

/// A token with this header and these claims, signed with this key.
fn signed(header: &str, claims: &[u8], secret: &str) -> String {
    let part = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let text = format!("{}.{}", part(header.as_bytes()), part(claims));
    let code = hmac_sha512(secret.as_bytes(), text.as_bytes());
    format!("{text}.{}", part(&code))
}

/// No header makes another key's token good, or one that nobody signed.
fn token(header: &str, claims: &[u8]) -> bool {
    let secret = Secret::from(SECRET);
    let key = Hs512::new(&secret);
    let good = signed(header, claims, SECRET);
    assert!(key.open(&signed(header, claims, "another")).is_err());
    let unsigned = good.rsplit_once('.').map_or("", |(text, _)| text);
    assert!(key.open(&format!("{unsigned}.")).is_err() && key.open(unsigned).is_err());
    let opened = key.open(&good);
    assert!(!matches!(opened, Err(JwtError::Signature)));
    opened.is_ok()
}

const HEADER: &str = r#"{"alg":"HS512","typ":"JWT"}"#;

fn assertion(claims: &[u8]) -> bool {
    let (token, secret) = (signed(HEADER, claims, SECRET), Secret::from(SECRET));
    let verify = |client, path, now| ClientAssertion::verify(&token, (client, &secret), path, &[HOST], now);
    let Ok(read) = verify(CLIENT, path::TOKEN, NOW) else { return false };
    assert!(read.host.eq_ignore_ascii_case(HOST) && read.client_id == CLIENT && !read.jti.is_empty());
    assert!(verify("DIYYYYYYYYYYYYYYYYYY", path::TOKEN, NOW).is_err());
    assert!(verify(CLIENT, path::HEALTH_CHECK, NOW).is_err());
    assert!(verify(CLIENT, path::TOKEN, NOW + 86_400).is_err());
    assert_eq!(ClientAssertion::claimed_client(&token).as_deref(), Ok(CLIENT));
    true
}

/// A request that is understood is the same when it is made and read again.
fn request(nonce: &str, claims: &[u8]) -> bool {
    let secret = Secret::from(SECRET);
    let client = (CLIENT, &secret);
    let token = signed(HEADER, claims, SECRET);
    let mut query = format!("client_id={CLIENT}&request={token}");
    if !nonce.is_empty() {
        query = format!("{query}&nonce={nonce}");
    }
    let read = |query: &str| {
        let sent = Sent::read(&Params::from_query(query).ok()?).ok()?;
        sent.open(&secret, &[HOST], NOW).ok()?.read().ok()
    };
    let Some(asked) = read(&query) else { return false };
    let again = asked.url(client, HOST, NOW);
    let again = again.split_once('?').map(|(_, query)| query).unwrap_or_default();
    assert_eq!(read(again).as_ref(), Some(&asked));
    let back = asked.answered("a code");
    assert!(back.starts_with(&asked.redirect_uri) && !back.contains(['\r', '\n']));
    true
}

fn statement(username: &str, claims: &[u8]) -> bool {
    let (token, secret) = (signed(HEADER, claims, SECRET), Secret::from(SECRET));
    let verify =
        |who: &str, host| verify_id_token(&token, (CLIENT, &secret), host, (who, "nonce"), (0, NOW)).is_ok();
    assert!(!verify(username, "other.example.org") && !verify(&format!("{username}x"), HOST));
    verify(username, HOST)
}

/// Parameters of any content type: nothing is read twice.
fn form(kind: &str, body: &[u8]) -> bool {
    let Ok(read) = params("", Some(kind), body) else { return false };
    let (health, redeem) = (HealthCheck::read(&read).is_ok(), Redeem::read(&read).is_ok());
    let (sent, callback) = (Sent::read(&read).is_ok(), Callback::read(&read).is_ok());
    health || redeem || sent || callback
}
