//! What somebody answers to the questions of an entry.

use std::collections::BTreeMap;

use sallyport_api::rest::{AnswerKind, Question};
use sallyport_model::{HostName, RedirectUri, name::printable};

use super::Entry;
use crate::AppError;

const LONGEST_LINE: usize = 500;
const LONGEST_SLUG: usize = 100;
const LONGEST_METADATA: usize = 256 * 1024;
/// The question whose answer is put before paths.
pub(super) const BASE_URL: &str = "base_url";

/// The answers as they are kept, if each question has one that fits and nothing else is answered.
///
/// # Errors
/// The first that does not.
pub(super) fn checked(
    entry: &Entry,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, AppError> {
    if let Some(other) = given.keys().find(|key| !entry.ask.iter().any(|ask| ask.key == **key)) {
        let text = format!("`{}` is not asked by {}", printable(other, 64), entry.name);
        return Err(AppError::invalid("answers", text));
    }
    let mut kept = BTreeMap::new();
    for ask in &entry.ask {
        let answer = given.get(&ask.key).map_or("", |answer| answer.trim());
        let answer = one(ask, answer).map_err(|why| {
            let text = format!("`{}` ({}) {why}, such as `{}`", ask.key, ask.label, ask.example);
            AppError::invalid("answers", text)
        })?;
        kept.insert(ask.key.clone(), answer);
    }
    Ok(kept)
}

fn one(ask: &Question, answer: &str) -> Result<String, String> {
    if answer.is_empty() {
        return Err("is not answered".into());
    }
    match ask.kind {
        AnswerKind::Host => answer
            .parse::<HostName>()
            .map(String::from)
            .map_err(|error| format!("{error}; a host name is asked")),
        AnswerKind::Metadata if answer.starts_with('<') && answer.len() <= LONGEST_METADATA => {
            Ok(answer.into())
        }
        AnswerKind::Metadata => address(answer),
        AnswerKind::Origin => origin(answer),
        AnswerKind::Slug => {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            let is_slug = answer.len() <= LONGEST_SLUG
                && answer.bytes().all(plain)
                && answer.bytes().any(|byte| byte != b'.');
            is_slug.then(|| answer.to_owned()).ok_or_else(|| "takes letters, digits, `-`, `_` and `.`".into())
        }
        AnswerKind::Text => {
            let is_line = answer.len() <= LONGEST_LINE && !answer.chars().any(char::is_control);
            is_line.then(|| answer.to_owned()).ok_or_else(|| "takes one line of text".into())
        }
        AnswerKind::Url if ask.key == BASE_URL => address(answer).map(|url| without_slash(&url)),
        AnswerKind::Url => address(answer),
    }
}

fn address(answer: &str) -> Result<String, String> {
    let uri: RedirectUri = answer.parse().map_err(|error| format!("{error}"))?;
    if !uri.as_str().starts_with("https://") {
        return Err("takes an address that begins with `https://`".into());
    }
    Ok(uri.into())
}

/// An origin, however many slashes somebody pasted behind it.
fn origin(answer: &str) -> Result<String, String> {
    let answer = without_slash(answer);
    let rest = answer.strip_prefix("https://").unwrap_or_default();
    if rest.is_empty() || rest.contains(['/', '?']) {
        return Err("takes `https://`, a host, and nothing behind it".into());
    }
    address(&answer)
}

fn without_slash(address: &str) -> String {
    address.trim_end_matches('/').to_owned()
}
