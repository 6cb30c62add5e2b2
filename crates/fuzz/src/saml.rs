//! SAML: documents, messages of browsers, answers of others, metadata.

use sallyport_crypto::saml_key::PublicKey;
use sallyport_model::time::{Span, Time};
use sallyport_saml::{
    binding::{Kind, Received, RelayState},
    certificate::Certificate,
    consume::{Answers, Expected, Signed, consume},
    logout::{LogoutRequest, LogoutResponse},
    metadata::{ServiceProvider, default_consumer},
    request::AuthnRequest,
    ws_federation::{Asked, AskedError},
    xml::{self, Limits},
};

/// When the seeds were written, and where they were sent.
const NOW: Time = Time::from_unix_seconds(1_900_000_000);
const HERE: &str = "https://idp.example/saml/sso";
/// The key that the good answers among the seeds were signed with.
const KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE3iYVDcC9l3//c/bn6uDrEL2Muqhjw+7tZfAAuB/woyMb98RaahPOGlJw/txDwl5mBHvcBzq1DiGWFuoFeDrnMg==";

/// A document. Understood is one that a message may be; what it is reads back from its canonical form.
pub(crate) fn document(bytes: &[u8]) -> bool {
    let (message, file) = (xml::read(bytes, Limits::MESSAGE), xml::read(bytes, Limits::METADATA));
    if let Ok(file) = &file {
        let written = xml::canonical(file, &[]);
        let limits = Limits { bytes: usize::MAX, comments: false, ..Limits::METADATA };
        let again = xml::read(&written, limits).ok();
        assert_eq!(again.map(|again| xml::canonical(&again, &[])).as_ref(), Some(&written));
    }
    let Ok(message) = message else { return false };
    assert_eq!(file.as_ref(), Ok(&message));
    true
}

/// A request or an answer about the end of a session, as the text of a form or as a query. Understood is one that can be
/// acted on; nothing is signed, so nothing that has to be counts.
pub(crate) fn message(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let received = if text.starts_with('<') {
        let encoded = data_encoding::BASE64.encode(bytes);
        Received::from_form(Kind::Request, &encoded, None)
    } else {
        Received::from_query(text)
    };
    let Ok(received) = received else { return false };
    if let Some(state) = &received.relay_state {
        assert_eq!(RelayState::parse(state.as_str()).as_ref(), Ok(state));
    }
    assert!(received.open(&[], true).is_err());
    let Ok(opened) = received.open(&[], false) else { return false };
    assert!(LogoutRequest::read(&opened, HERE, NOW).is_err());
    assert!(LogoutResponse::read(&opened, HERE, "_asked", NOW).is_err());
    AuthnRequest::read(&opened, HERE, NOW).is_ok_and(|request| {
        assert_eq!(received.alleged_issuer().as_ref(), Ok(&request.header.issuer));
        true
    })
}

/// What an application asks by WS-Federation, as pairs. Understood is what is asked to be signed in.
pub(crate) fn ws_federation(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let pairs = text.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let pairs: Vec<_> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    match Asked::read(&pairs) {
        Ok(Asked::SignIn(asked)) => {
            assert!(!asked.realm.is_empty() && !asked.realm.chars().any(char::is_control));
            // What is said twice is not chosen from.
            let again = [pairs.clone(), vec![("wtrealm".into(), asked.realm)]].concat();
            assert_eq!(Asked::read(&again), Err(AskedError::Twice));
            true
        }
        Ok(Asked::SignOut) | Err(_) => false,
    }
}

/// An answer to us. Understood is one that holds, which none does under another key.
pub(crate) fn answer(bytes: &[u8]) -> bool {
    let encoded = data_encoding::BASE64.encode(bytes);
    let Ok(received) = Received::from_form(Kind::Response, &encoded, None) else { return false };
    let key = data_encoding::BASE64.decode(KEY.as_bytes()).ok().and_then(|key| PublicKey::from_spki(&key));
    let keys: Vec<&PublicKey> = key.iter().collect();
    let expected = Expected {
        entity_id: "https://app.example/metadata",
        acs: "https://app.example/acs",
        issuer: "https://idp.example/saml",
        keys: &keys,
        decryption: &[],
        answers: Answers::Request("_request"),
        signed: Signed::Either,
    };
    assert!(consume(&received, &Expected { keys: &[], ..expected }, NOW).is_err());
    assert!(consume(&received, &expected, NOW.plus(Span::hours(1))).is_err());
    consume(&received, &expected, NOW).is_ok_and(|unspent| unspent.spend(|_, _, _| true).is_ok())
}

/// Metadata of an application, or a certificate alone. It is kept as JSON and comes back as the same.
pub(crate) fn metadata(bytes: &[u8]) -> bool {
    let certificate = std::str::from_utf8(bytes).ok().and_then(|text| Certificate::parse(text).ok());
    if let Some(certificate) = &certificate {
        assert_eq!(Certificate::parse(&certificate.pem()).as_ref(), Ok(certificate));
    }
    let provider = ServiceProvider::read(bytes, &[], NOW).ok();
    if let Some(provider) = &provider {
        assert!(default_consumer(&provider.acs).is_some());
        let kept = serde_json::to_vec(provider).unwrap_or_default();
        assert_eq!(serde_json::from_slice::<ServiceProvider>(&kept).ok().as_ref(), Some(provider));
    }
    certificate.is_some() || provider.is_some()
}
