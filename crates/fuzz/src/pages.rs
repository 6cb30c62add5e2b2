//! What scripts of our own pages send before anybody is known, and where browsers are sent.

use sallyport_wire::{
    http,
    pages::{
        phone::{Activating, Answer, Asking, Forgetting, Message, Proved},
        remembered::{Asked, Word},
    },
};
use serde_json::Value;

use crate::parts::line;

/// The word of a browser's key. Understood is one that its key has signed.
pub(crate) fn remembered(bytes: &[u8]) -> bool {
    let Ok(json) = std::str::from_utf8(bytes) else { return false };
    let Ok(word) = Word::parse(json) else { return false };
    assert_eq!(word.thumbprint().len(), 64);
    let answers = |word: &Word| [Asked::Remember, Asked::Remembered].map(|asked| word.answers(asked));
    let said = answers(&word);
    assert_ne!(said, [true, true], "one signature for two questions");
    let signed = said.contains(&true);
    if signed {
        let mut others = [word.clone(), word.clone(), word.clone()];
        let [challenge, key, signature] = &mut others;
        challenge.challenge.push(0);
        for (byte, flipped) in [(key.point.first_mut(), 1), (signature.signature.last_mut(), 1)] {
            if let Some(byte) = byte {
                *byte ^= flipped;
            }
        }
        assert!(others.iter().all(|other| answers(other) == [false, false]));
    }
    signed
}

/// `asking`, `activating`, `answer` or `forgetting`, then the message of a phone's page.
pub(crate) fn phone(bytes: &[u8]) -> bool {
    let Some((kind, json)) = line(bytes) else { return false };
    match kind {
        "activating" => strict::<Activating>(json).is_some(),
        "answer" => strict::<Answer>(json).is_some_and(|answer| {
            let word = serde_json::from_slice::<Value>(json).ok();
            let said = word.as_ref().and_then(|word| word.get("said")?.as_str());
            let is_yes = matches!(answer.said, Proved::Yes { .. });
            assert!(is_yes == (said == Some("yes")) && matches!(said, Some("yes" | "no" | "not_me")));
            true
        }),
        "asking" => strict::<Asking>(json).is_some(),
        "forgetting" => strict::<Forgetting>(json).is_some(),
        _ => false,
    }
}

/// Nothing is passed over: neither what nobody knows nor what is said twice.
fn strict<M: Message>(json: &[u8]) -> Option<M> {
    let message = M::read(json).ok()?;
    // Messages may come as lists too, which have no names.
    if let Ok(Value::Object(members)) = serde_json::from_slice(json) {
        let read = |members| M::read(Value::Object(members).to_string().as_bytes());
        let mut more = members.clone();
        more.insert("another".into(), Value::Null);
        assert!(read(more).is_err() && read(members).is_ok());
    }
    Some(message)
}

/// A way back, judged by what a browser makes of it: it stays on this server, and off the doors.
pub(crate) fn local_path(bytes: &[u8]) -> bool {
    let Ok(given) = std::str::from_utf8(bytes) else { return false };
    let Some(path) = http::local_path(given) else { return false };
    assert_eq!((path, http::local_path(path)), (given, Some(path)));
    for here in ["https://sallyport.example.com/sign-in?next=%2F", "https://sallyport.example.com:8443/a/b"] {
        let read = url::Url::parse(here).and_then(|here| Ok((here.join(path)?, here)));
        let Ok((there, here)) = read else { unreachable!("{path} is no address") };
        assert_eq!(there.origin(), here.origin(), "{path}");
        assert!(there.username().is_empty() && there.password().is_none());
        let first = there.path_segments().and_then(|mut all| all.next()).unwrap_or_default();
        assert!(!matches!(first, "sign-in" | "sign-out" | "step-up" | "setup" | "enroll"), "{path}");
    }
    true
}
