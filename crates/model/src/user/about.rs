//! What is told about a person, and nothing follows from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Most attributes of one person.
const MOST_ATTRIBUTES: usize = 32;
/// Longest texts, in bytes.
const LONGEST_NAME: usize = 120;
const LONGEST_NOTES: usize = 4096;
const LONGEST_VALUE: usize = 1024;
const LONGEST_ATTRIBUTE: usize = 64;

/// What somebody wrote down about a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct About {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub given_name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub family_name: String,
    /// For administrators to read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// Further facts, by names of the organisation's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

/// Why something cannot be written down, and which field it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {reason}")]
pub struct AboutError {
    pub field: &'static str,
    pub reason: String,
}

impl About {
    /// As it is, if all of it is fit to be shown.
    ///
    /// # Errors
    /// The first field that is not.
    pub fn checked(self) -> Result<Self, AboutError> {
        line("given_name", &self.given_name, LONGEST_NAME)?;
        line("family_name", &self.family_name, LONGEST_NAME)?;
        let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if self.notes.len() > LONGEST_NOTES || self.notes.chars().any(control) {
            return Err(error("notes", format!("takes printable text of at most {LONGEST_NOTES} bytes")));
        }
        if self.attributes.len() > MOST_ATTRIBUTES {
            return Err(error("attributes", format!("takes at most {MOST_ATTRIBUTES}")));
        }
        for (name, value) in &self.attributes {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
            if name.is_empty() || name.len() > LONGEST_ATTRIBUTE || !name.chars().all(plain) {
                let text = format!(
                    "takes names of at most {LONGEST_ATTRIBUTE} letters, digits, `_`, `-` and `.`; `{}` is none",
                    crate::name::printable(name, LONGEST_ATTRIBUTE)
                );
                return Err(error("attributes", text));
            }
            line("attributes", value, LONGEST_VALUE)?;
        }
        Ok(self)
    }
}

fn line(field: &'static str, text: &str, most: usize) -> Result<(), AboutError> {
    if text.len() <= most && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(error(field, format!("takes one printable line of at most {most} bytes")))
}

const fn error(field: &'static str, reason: String) -> AboutError {
    AboutError { field, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_is_bounded_and_printable() {
        let attribute = |name: &str, value: &str| About {
            attributes: [(name.to_owned(), value.to_owned())].into(),
            ..About::default()
        };
        let notes = |text: &str| About { notes: text.into(), ..About::default() };
        for good in [About::default(), attribute("cost-center", "4711"), notes("two\nlines")] {
            assert_eq!(good.clone().checked(), Ok(good));
        }
        let many = (0..33).map(|n| (format!("a{n}"), String::new())).collect();
        for (bad, field) in [
            (attribute("", "x"), "attributes"),
            (attribute("a b", "x"), "attributes"),
            (attribute("a", "x\ny"), "attributes"),
            (About { attributes: many, ..About::default() }, "attributes"),
            (notes("\u{1b}[2J"), "notes"),
            (notes(&"x".repeat(5000)), "notes"),
            (About { family_name: "a\tb".into(), ..About::default() }, "family_name"),
        ] {
            assert_eq!(bad.checked().unwrap_err().field, field);
        }
    }
}
