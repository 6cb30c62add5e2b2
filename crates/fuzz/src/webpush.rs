//! Web Push: what a phone says of itself, and what a push service answers.

use sallyport_connect::outbound::Url;
use sallyport_crypto::{Random, random::NoRandomness};
use sallyport_wire::webpush::{
    Contact, Message, Refused, Subscription, Vapid, VapidKey, outcome, push_message,
};

use crate::parts::line;

const NOW: i64 = 1_800_000_000;
const LENGTH: usize = 86 + 2048 + 17;

/// A subscription: kept as it was read, called where it says, and good enough to encrypt for.
pub(crate) fn subscription(bytes: &[u8]) -> bool {
    let Ok(subscription) = Subscription::parse(bytes) else { return false };
    assert_eq!(Subscription::parse(subscription.to_json().as_bytes()).as_ref(), Ok(&subscription));
    let endpoint = subscription.endpoint();
    let url = endpoint.as_str().parse::<Url>();
    assert!(url.is_ok_and(|url| {
        let host = url.host_header().to_ascii_lowercase();
        // The two may differ in how they write an address of IPv6, and in nothing else.
        url.is_secure() && (host.starts_with('[') || endpoint.origin() == format!("https://{host}"))
    }));
    let vapid = VapidKey::generate(&Counting).ok().and_then(|key| VapidKey::from_pkcs8(&key));
    let contact = Contact::parse("mailto:admin@example.com");
    let (Some(key), Ok(contact)) = (vapid, contact) else { return false };
    let message = Message::urgent(b"hello");
    let request = push_message(&subscription, &Vapid { key, contact }, &message, NOW, &Counting);
    assert!(request.is_ok_and(|request| request.body.len() == LENGTH));
    true
}

/// Status, `Retry-After`, body. Understood is what says for how long to wait, or that all is well.
pub(crate) fn answer(bytes: &[u8]) -> bool {
    let Some((status, rest)) = line(bytes) else { return false };
    let Some((retry_after, body)) = line(rest) else { return false };
    let Ok(status) = status.parse() else { return false };
    match outcome(status, Some(retry_after), body, NOW) {
        Ok(()) => true,
        Err(Refused::Later { seconds: Some(seconds), .. }) => {
            assert!(seconds <= 24 * 3600);
            true
        }
        Err(Refused::Key { said, .. } | Refused::Other { said, .. }) => {
            assert!(!said.chars().any(char::is_control));
            false
        }
        Err(Refused::Gone | Refused::Later { seconds: None, .. } | Refused::TooLong) => false,
    }
}

/// Bytes that are always the same, so that what was found is found again.
struct Counting;

impl Random for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandomness> {
        out.iter_mut().zip(1..=u8::MAX).for_each(|(byte, count)| *byte = count);
        Ok(())
    }
}
