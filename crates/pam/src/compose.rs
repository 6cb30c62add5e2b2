//! In front of the first door: a password of the directory is brought into the form that its hash was made of.
//!
//! Whoever checks it behind us compares bytes, and an accented letter can be typed as one character or as two. This asks
//! the agent whether the person is one of the directory's here, takes the password as the next module would, and leaves
//! it composed where that module looks for it. It decides nothing: whatever happens, and for everybody else, the login
//! goes on as if the line were not there.

use std::{
    io::{Read, Write},
    time::Duration,
};

use sallyport_ipc::{
    login::{Conversation, ShimMessage, VERSION, Verdict, try_converse},
    wipe, wipe_bytes,
};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use crate::{
    arguments::Arguments,
    door::DoorError,
    flow,
    handle::{Handle, Priority},
};

/// Takes the password and puts it back composed, if it is one of the directory's and was not.
pub(crate) fn run<H: Handle, S: Read + Write>(
    arguments: &Arguments,
    handle: &mut H,
    connect: impl FnOnce(&Arguments) -> Result<S, DoorError>,
) {
    if !is_ours(arguments, handle, connect) {
        return;
    }
    let Some(mut typed) = handle.password().ok().and_then(flow::secret) else { return };
    if let Some(mut composed) = composed(&typed) {
        if let Err(error) = handle.set_password(composed.as_bytes()) {
            handle.log(Priority::Error, &format!("the password stays as it was typed: {error}"));
        }
        wipe(&mut composed);
    }
    wipe(&mut typed);
}

/// Whether the agent knows this person as one whom the directory lets in here. What it would show or ask is not for
/// this place.
fn is_ours<H: Handle, S: Read + Write>(
    arguments: &Arguments,
    handle: &mut H,
    connect: impl FnOnce(&Arguments) -> Result<S, DoorError>,
) -> bool {
    struct Mute;
    impl Conversation for Mute {
        fn prompt(&mut self, _: bool, _: &str) -> Option<String> {
            None
        }
        fn inform(&mut self, _: &str) {}
        fn warn(&mut self, _: &str) {}
    }
    let Ok(user) = flow::user(handle) else { return false };
    let opening = ShimMessage::Whose { version: VERSION, user };
    // Everybody's password waits behind this question.
    let hurried = Arguments { timeout: arguments.timeout.min(PATIENCE), ..arguments.clone() };
    let Ok(mut stream) = connect(&hurried) else { return false };
    matches!(try_converse(&mut stream, opening, &mut Mute), Ok(Verdict::Allow))
}

/// The text in Unicode NFC, as the server hashes it; `None` if it is that already.
pub(crate) fn composed(typed: &str) -> Option<String> {
    if is_nfc(typed) {
        return None;
    }
    // Room for the worst there is, so that no piece of it is left behind in a buffer that was too small.
    let mut composed = String::with_capacity(typed.len().saturating_mul(MOST_GROWTH));
    composed.extend(typed.nfc());
    Some(composed)
}

/// Calls `set` with the text as C has it, in a buffer that is wiped; `None` if C cannot have it.
pub(crate) fn terminated<T>(text: &[u8], set: impl FnOnce(&std::ffi::CStr) -> T) -> Option<T> {
    let mut bytes = Vec::with_capacity(text.len() + 1);
    bytes.extend_from_slice(text);
    bytes.push(0);
    let result = std::ffi::CStr::from_bytes_with_nul(&bytes).ok().map(set);
    wipe_bytes(&mut bytes);
    result
}

const PATIENCE: Duration = Duration::from_secs(5);
/// NFC makes three times as many bytes of a text at most (Unicode Standard Annex 15).
const MOST_GROWTH: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_composed_is_left_alone_and_what_is_not_is_composed() {
        for whole in ["", "correct horse", "gr\u{e4}vel", "\u{1f511}", "\u{3b1}\u{315}"] {
            assert_eq!(composed(whole), None, "{whole}");
        }
        for (typed, expected) in [
            ("gra\u{308}vel", "gr\u{e4}vel"),
            ("\u{1100}\u{1161}", "\u{ac00}"),
            ("a\u{315}\u{301}", "\u{e1}\u{315}"),
            // Signs that stand for others, and those that no character is made of.
            ("\u{212b}ngstrom", "\u{c5}ngstrom"),
            ("\u{1d160}", "\u{1d158}\u{1d165}\u{1d16e}"),
        ] {
            let composed = composed(typed).unwrap();
            assert_eq!(composed, expected);
            assert!(composed.capacity() >= typed.len() * MOST_GROWTH && super::composed(&composed).is_none());
        }
    }

    #[test]
    fn c_gets_the_text_and_nothing_that_would_end_it_early() {
        assert_eq!(terminated(b"horse", |text| text.to_bytes().to_vec()), Some(b"horse".to_vec()));
        assert_eq!(terminated(b"hor\0se", |_| ()), None);
    }
}
