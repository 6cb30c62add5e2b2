//! Twilio's API: what comes back during calls, what a provider answers, what is to happen in a call.

use sallyport_crypto::Secret;
use sallyport_wire::twilio::{self, Call, Callback, Form, Message, signature, twiml::Twiml};

use crate::parts::line;

/// A request of the provider's: the line of its URL, then its form. Signed here, it holds under its token alone.
pub(crate) fn callback(bytes: &[u8]) -> bool {
    let Some((url, body)) = line(bytes) else { return false };
    let Ok(form) = Form::parse(body) else { return false };
    assert_eq!(Form::parse(form.encode().as_bytes()).as_ref(), Ok(&form));
    let (token, other) = (Secret::from("token"), Secret::from("another"));
    let signed = signature::sign(&token, url, &form);
    assert!(signature::verify(&token, url, &form, &signed));
    assert!(!signature::verify(&other, url, &form, &signed));
    let more = form.clone().with("Digits", "1234567890");
    assert!(!signature::verify(&token, url, &more, &signed) || form.find("Digits").is_some());
    let callback = Callback::read(&form);
    if let Ok(callback) = &callback {
        assert_eq!(Callback::read(&callback.form()).as_ref(), Ok(callback));
    }
    let (call, message) = (Call::read(&form), Message::read(&form));
    if let Ok(call) = &call {
        assert_eq!(Call::read(&call.form()).as_ref(), Ok(call));
    }
    if let Ok(message) = &message {
        assert_eq!(Message::read(&message.form()).as_ref(), Ok(message));
    }
    callback.is_ok() || call.is_ok() || message.is_ok()
}

/// What the provider answers: status, then body.
pub(crate) fn answer(bytes: &[u8]) -> bool {
    let Some((status, body)) = line(bytes) else { return false };
    let Ok(status) = status.parse() else { return false };
    match twilio::outcome(status, body) {
        Ok(accepted) => twilio::is_identifier(&accepted.sid),
        Err(refused) => {
            assert!(!refused.reason.chars().any(char::is_control));
            let _ = (refused.kind(), refused.to_string());
            false
        }
    }
}

/// Instructions are read as what was written.
pub(crate) fn instructions(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(read) = Twiml::parse(text) else { return false };
    let written = read.write();
    // What is read may be as long as is read at all, and grows by being escaped.
    let Ok(again) = Twiml::parse(&written) else {
        assert!(written.len() > text.len());
        return false;
    };
    assert_eq!(again.write(), written);
    !read.0.is_empty()
}
