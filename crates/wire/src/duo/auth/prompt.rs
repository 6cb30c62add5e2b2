//! The text prompt: a menu for clients that can only print and read lines.
//!
//! The server writes the whole text and says what each number stands for; the client sends back either that
//! or what was typed. The words of an answer are therefore ours on both sides, and people know them by heart
//! (`push`, `phone2`), so they are read without regard to case.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sallyport_crypto::Secret;

use super::super::text::{printable_line, printable_lines};
use super::MAX_SHOWN;
use super::device::{Capability, Device, DeviceKind};

/// The most options a menu shows; a person with more devices types the word.
const MAX_OPTIONS: usize = 20;
/// Clients keep factor words in 256 bytes.
pub(in crate::duo) const MAX_ANSWER: usize = 255;

/// What the client prints, and the words behind the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    pub text: String,
    /// `"1"` and so on, and `"default"` for the client that asks nobody. Empty if only a passcode will do.
    pub factors: BTreeMap<String, String>,
}

impl Prompt {
    /// The menu for a user's devices. Numbers in the words count phones in the order of the list.
    #[must_use]
    pub fn menu(user: &str, devices: &[Device], is_push_verified: bool) -> Self {
        let options = options(devices, is_push_verified);
        let mut text = format!("Two-factor sign-in for {}\n\n", printable_line(user, 256));
        if options.is_empty() {
            text.push_str("Enter a passcode: ");
            return Self { text, factors: BTreeMap::new() };
        }
        text.push_str("Enter a passcode or select one of the following options:\n\n");
        let mut factors = BTreeMap::new();
        for (number, (label, word)) in (1..).zip(&options) {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, " {number}. {label}");
            factors.insert(number.to_string(), word.clone());
        }
        let _ = write!(text, "\nPasscode or option (1-{}): ", options.len());
        factors.extend(options.into_iter().next().map(|(_, word)| ("default".to_owned(), word)));
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

    /// The answer to send without asking, if the server offers one.
    #[must_use]
    pub fn default_answer(&self) -> Option<PromptAnswer> {
        self.factors.get("default").map(|word| PromptAnswer::parse(word))
    }

    pub(super) fn from_service(text: &str, factors: Option<BTreeMap<String, String>>) -> Self {
        Self { text: printable_lines(text, MAX_SHOWN), factors: factors.unwrap_or_default() }
    }
}

/// Labels and words, grouped by factor as people are used to.
fn options(devices: &[Device], is_push_verified: bool) -> Vec<(String, String)> {
    let phones: Vec<_> = (1..=u8::MAX)
        .zip(devices.iter().filter(|device| matches!(device.kind, DeviceKind::Phone { .. })))
        .map(|(number, device)| (number, device, printable_line(device.shown_name(), 80)))
        .collect();
    let able = |capability| phones.iter().filter(move |(_, device, _)| device.can(capability));
    let push = |number| {
        if is_push_verified { PromptAnswer::VerifiedPush(number) } else { PromptAnswer::Push(number) }
    };

    let mut options = Vec::new();
    options.extend(able(Capability::Push).map(|(n, _, name)| (format!("Push to {name}"), push(*n).word())));
    options.extend(
        able(Capability::Phone)
            .map(|(n, _, name)| (format!("Phone call to {name}"), PromptAnswer::Phone(*n).word())),
    );
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
    Passcode(Secret),
    Phone(u8),
    Push(u8),
    Sms(u8),
    VerifiedPush(u8),
}

impl PromptAnswer {
    /// Reads an answer. Whatever is no known word is a passcode.
    #[must_use]
    pub fn parse(answer: &str) -> Self {
        let answer = answer.trim();
        let lower = answer.to_ascii_lowercase();
        let word = lower.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = match lower.strip_prefix(word) {
            None | Some("") => Some(1),
            Some(digits) => digits.parse().ok().filter(|number| *number > 0),
        };
        match (word, number) {
            ("push", Some(number)) => Self::Push(number),
            ("verified_push", Some(number)) => Self::VerifiedPush(number),
            ("phone" | "voice", Some(number)) => Self::Phone(number),
            ("sms" | "smsrefresh", Some(number)) => Self::Sms(number),
            _ => Self::Passcode(Secret::from(answer)),
        }
    }

    /// The text that travels.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Passcode(passcode) => passcode.expose().to_owned(),
            Self::Phone(number) => format!("phone{number}"),
            Self::Push(number) => format!("push{number}"),
            Self::Sms(number) => format!("sms{number}"),
            Self::VerifiedPush(number) => format!("verified_push{number}"),
        }
    }
}
