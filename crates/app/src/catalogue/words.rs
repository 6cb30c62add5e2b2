//! Instructions: text with a little markup, and what is filled in. What was typed is put in behind the markup, so it cannot
//! make any.

use super::entry::Step;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Bold(String),
    Code(String),
    Plain(String),
}

impl Piece {
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Bold(text) | Self::Code(text) | Self::Plain(text) => text,
        }
    }
}

/// A step, filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub text: Vec<Piece>,
    /// Fields, and what to fill in.
    pub table: Vec<(String, String)>,
    pub code: Option<String>,
}

impl Told {
    pub(super) fn of(step: &Step, value: &dyn Fn(&str) -> Option<String>) -> Self {
        let code = step.code.as_ref().map(|code| filled(code.trim_matches('\n'), value));
        let row = |(field, text): &(String, String)| (filled(field, value), filled(text, value));
        Self { text: pieces(&step.text, value), table: step.table.iter().map(row).collect(), code }
    }
}

/// A text in pieces: `**bold**`, and code between backticks.
pub(super) fn pieces(text: &str, value: &dyn Fn(&str) -> Option<String>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (nth, part) in text.split('`').enumerate() {
        if nth % 2 == 1 {
            pieces.push(Piece::Code(filled(part, value)));
            continue;
        }
        for (nth, part) in part.split("**").enumerate() {
            let part = filled(part, value);
            if !part.is_empty() {
                pieces.push(if nth % 2 == 1 { Piece::Bold(part) } else { Piece::Plain(part) });
            }
        }
    }
    pieces
}

/// A text with every `{name}` that has a value replaced; any other brace stands for itself. What is put in is not looked at again.
pub(super) fn filled(text: &str, value: &dyn Fn(&str) -> Option<String>) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        match placeholder(behind).and_then(|(name, after)| Some((value(name)?, after))) {
            Some((put, after)) => {
                out.push_str(&put);
                rest = after;
            }
            None => {
                out.push('{');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}

/// A name that a brace before it began, and what stands behind the brace that ends it.
pub(super) fn placeholder(behind: &str) -> Option<(&str, &str)> {
    let (name, after) = behind.split_once('}')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_name.then_some((name, after))
}
