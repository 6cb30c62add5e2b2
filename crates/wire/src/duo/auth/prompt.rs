//! The text prompt: a menu for clients that can only print and read lines.
//!
//! The server writes the whole text and says what each number stands for; the client sends back either that
//! or what was typed. The words of an answer are therefore ours on both sides, and people know them by heart
//! (`push`, `phone2`), so they are read without regard to case.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sallyport_crypto::Secret;

use super::super::text::{printable_line, printable_lines};
use super::device::{Capability, Device, DeviceKind};
use super::{MAX_ID, MAX_SHOWN};

/// The most options a menu shows; a person with more devices types the word.
const MAX_OPTIONS: usize = 20;
/// Clients keep factor words in 256 bytes.
pub(in crate::duo) const MAX_ANSWER: usize = 255;

/// Says that nothing was chosen.
const NOTHING: &str = "passcode";

/// Digits that a menu shows beside a choice, for whoever answers on a phone to type there, and the id under which the
/// choice brings them back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuDigits {
    pub digits: String,
    pub txid: String,
}

/// The digits of a menu.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    pub calls: Option<MenuDigits>,
    pub pushes: Option<MenuDigits>,
}

/// What the client prints, and the words behind the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    pub text: String,
    /// `"1"` and so on, and `"default"` for the client that asks nobody.
    pub factors: BTreeMap<String, String>,
}

impl Prompt {
    /// The menu for a user's devices. Numbers in the words count phones in the order of the list.
    #[must_use]
    pub fn menu(user: &str, devices: &[Device], is_push_verified: bool, shown: &Shown) -> Self {
        let options = options(devices, is_push_verified, shown);
        let mut text = format!("Two-factor sign-in for {}\n\n", printable_line(user, 256));
        let mut factors = BTreeMap::from([("default".to_owned(), unasked(&options).word())]);
        if options.is_empty() {
            text.push_str("Enter a passcode: ");
            return Self { text, factors };
        }
        text.push_str("Enter a passcode or select one of the following options:\n\n");
        for (number, (label, word)) in (1..).zip(&options) {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, " {number}. {label}");
            factors.insert(number.to_string(), word.clone());
        }
        let _ = write!(text, "\nPasscode or option (1-{}): ", options.len());
        Self { text, factors }
    }

    /// The answer to send for what a person typed: the word behind a number, else the text itself.
    #[must_use]
    pub fn resolve(&self, typed: &str) -> PromptAnswer {
        let typed = typed.trim();
        let is_number = !typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit());
        let word = if is_number { self.factors.get(typed) } else { None };
        PromptAnswer::parse(word.map_or(typed, String::as_str))
    }

    /// The answer to send without asking, if the server offers one that leads anywhere.
    #[must_use]
    pub fn default_answer(&self) -> Option<PromptAnswer> {
        let answer = self.factors.get("default").map(|word| PromptAnswer::parse(word));
        answer.filter(|answer| !matches!(answer, PromptAnswer::Nothing))
    }

    pub(super) fn from_service(text: &str, factors: Option<BTreeMap<String, String>>) -> Self {
        Self { text: printable_lines(text, MAX_SHOWN), factors: factors.unwrap_or_default() }
    }
}

/// What a client sends that asks nobody: the first that is answered on a phone. It has not shown the menu, nor any digits in
/// it. A text is of no use where nobody types what is in it, and is paid for.
fn unasked(options: &[(String, String)]) -> PromptAnswer {
    let first = options.first().map(|(_, word)| PromptAnswer::parse(word).without_digits());
    let is_answered = |first: &PromptAnswer| match first {
        PromptAnswer::Phone { .. } | PromptAnswer::Push(_) | PromptAnswer::VerifiedPush { .. } => true,
        PromptAnswer::Nothing | PromptAnswer::Passcode(_) | PromptAnswer::Sms(_) => false,
    };
    first.filter(is_answered).unwrap_or(PromptAnswer::Nothing)
}

/// Labels and words, grouped by factor as people are used to.
fn options(devices: &[Device], is_push_verified: bool, shown: &Shown) -> Vec<(String, String)> {
    let phones: Vec<_> = (1..=u8::MAX)
        .zip(devices.iter().filter(|device| matches!(device.kind, DeviceKind::Phone { .. })))
        .map(|(number, device)| (number, device, printable_line(device.shown_name(), 80)))
        .collect();
    let able = |capability| phones.iter().filter(move |(_, device, _)| device.can(capability));
    let txid = |of: &Option<MenuDigits>| of.as_ref().map(|of| of.txid.clone());
    let typed = |of: &Option<MenuDigits>, when: &str| {
        of.as_ref().map(|of| format!(" (type {} {when})", of.digits)).unwrap_or_default()
    };
    let push = |number| match txid(&shown.pushes) {
        None if !is_push_verified => PromptAnswer::Push(number),
        txid => PromptAnswer::VerifiedPush { number, txid },
    };

    let mut options = Vec::new();
    options.extend(
        able(Capability::Push).map(|(n, _, name)| {
            (format!("Push to {name}{}", typed(&shown.pushes, "there")), push(*n).word())
        }),
    );
    options.extend(able(Capability::Phone).map(|(n, _, name)| {
        let call = PromptAnswer::Phone { number: *n, txid: txid(&shown.calls) };
        (format!("Phone call to {name}{}", typed(&shown.calls, "when asked")), call.word())
    }));
    options.extend(able(Capability::Sms).map(|(n, device, name)| {
        let label = format!("SMS passcodes to {name}{}", next_code(&device.kind));
        (label, PromptAnswer::Sms(*n).word())
    }));
    options.truncate(MAX_OPTIONS);
    options
}

fn next_code(kind: &DeviceKind) -> String {
    match kind {
        DeviceKind::Phone { sms_nextcode: Some(start), .. } => {
            format!(" (next code starts with: {})", printable_line(start, 8))
        }
        DeviceKind::Phone { sms_nextcode: None, .. } | DeviceKind::Token => String::new(),
    }
}

/// An answer to the prompt. The number says which phone, from one.
#[derive(Debug, Clone)]
pub enum PromptAnswer {
    /// There is a passcode to be typed, which this is not. Clients that ask nobody take a menu without a default for a broken
    /// one, upon which those that are old and set to fail safe let in.
    Nothing,
    Passcode(Secret),
    Phone {
        number: u8,
        /// Of the digits that the menu showed, if it was chosen there.
        txid: Option<String>,
    },
    Push(u8),
    Sms(u8),
    /// One that wants the number which the client shows, or the menu showed.
    VerifiedPush {
        number: u8,
        txid: Option<String>,
    },
}

impl PromptAnswer {
    /// Reads an answer. Whatever is no known word is a passcode.
    #[must_use]
    pub fn parse(answer: &str) -> Self {
        let answer = answer.trim();
        let lower = answer.to_ascii_lowercase();
        // Behind a choice may be what its digits are known by.
        let (lower, txid) = match lower.split_once('-') {
            Some((word, txid)) if shows_digits(word) && is_id(txid) => {
                (word.to_owned(), Some(txid.to_owned()))
            }
            Some(_) | None => (lower, None),
        };
        let word = lower.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = match lower.strip_prefix(word) {
            None | Some("") => Some(1),
            Some(digits) => digits.parse().ok().filter(|number| *number > 0),
        };
        match (word, number) {
            (NOTHING, _) if lower == NOTHING => Self::Nothing,
            ("push", Some(number)) => Self::Push(number),
            ("verified_push", Some(number)) => Self::VerifiedPush { number, txid },
            ("phone" | "voice", Some(number)) => Self::Phone { number, txid },
            ("sms" | "smsrefresh", Some(number)) => Self::Sms(number),
            _ => Self::Passcode(Secret::from(answer)),
        }
    }

    /// The text that travels.
    #[must_use]
    pub fn word(&self) -> String {
        let behind = |txid: &Option<String>| txid.as_ref().map(|txid| format!("-{txid}")).unwrap_or_default();
        match self {
            Self::Nothing => NOTHING.to_owned(),
            Self::Passcode(passcode) => passcode.expose().to_owned(),
            Self::Phone { number, txid } => format!("phone{number}{}", behind(txid)),
            Self::Push(number) => format!("push{number}"),
            Self::Sms(number) => format!("sms{number}"),
            Self::VerifiedPush { number, txid } => format!("verified_push{number}{}", behind(txid)),
        }
    }

    /// By what the digits are known that stood beside it in the menu, if it was chosen there.
    #[must_use]
    pub fn txid(&self) -> Option<&str> {
        match self {
            Self::Phone { txid, .. } | Self::VerifiedPush { txid, .. } => txid.as_deref(),
            Self::Nothing | Self::Passcode(_) | Self::Push(_) | Self::Sms(_) => None,
        }
    }

    /// The same as somebody chooses it who has seen no menu.
    fn without_digits(self) -> Self {
        match self {
            Self::Phone { number, .. } => Self::Phone { number, txid: None },
            Self::VerifiedPush { number, txid: Some(_) } => Self::Push(number),
            Self::Nothing | Self::Passcode(_) | Self::Push(_) | Self::Sms(_) | Self::VerifiedPush { .. } => {
                self
            }
        }
    }
}

fn shows_digits(word: &str) -> bool {
    ["phone", "verified_push", "voice"].contains(&word.trim_end_matches(|c: char| c.is_ascii_digit()))
}

fn is_id(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(inside)
}
