//! What a form brought. Fields are read by name, blank ones count as not given, and what is read goes into the same
//! input types as the REST API's.

use sallyport_app::{AppError, Secret};

/// The fields of a form, in order.
#[derive(Default)]
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    fn all<'f>(&'f self, name: &str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The field as it came; empty if it did not.
    pub(crate) fn raw<'f>(&'f self, name: &str) -> &'f str {
        self.all(name).next().unwrap_or_default()
    }

    /// The field without blanks around it; empty if it did not come.
    pub(crate) fn text(&self, name: &str) -> String {
        self.raw(name).trim().to_owned()
    }

    /// The field, unless blank.
    pub(crate) fn optional(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    pub(crate) fn secret(&self, name: &str) -> Secret {
        Secret::from(self.raw(name))
    }

    /// Whether a box of this name was ticked.
    pub(crate) fn ticked(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Every value of the name, but blank ones.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        self.all(name).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
    }

    /// Every value of the name as it came, blank ones too, for lists whose places belong together.
    pub(crate) fn every(&self, name: &str) -> Vec<&str> {
        self.all(name).collect()
    }

    /// The lines of a text area, but blank ones.
    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        self.raw(name).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// A number, or `None` where the field is blank or no number in range.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name).parse().ok()
    }

    /// A number, `None` where the field is blank.
    ///
    /// # Errors
    /// Something else stands there, which must not be taken for nothing.
    pub(crate) fn number_if_given<T: std::str::FromStr>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, AppError> {
        let number = |text: String| text.parse().map_err(|_| AppError::invalid(name, "must be a number"));
        self.optional(name).map(number).transpose()
    }

    /// One of the words of an enum of ours, as JSON spells it.
    pub(crate) fn word<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        word(&self.text(name))
    }

    /// Several of them; unknown words are left out.
    pub(crate) fn words<T: serde::de::DeserializeOwned>(&self, name: &str) -> Vec<T> {
        self.list(name).iter().filter_map(|text| word(text)).collect()
    }
}

fn word<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

/// `text` as part of a query string.
pub(crate) fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            write!(encoded, "%{byte:02X}").ok();
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use sallyport_model::Role;

    use super::*;

    #[test]
    fn blank_fields_are_not_given_and_unknown_words_are_nothing() {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields = Fields(vec![
            field("name", "  Ada "),
            field("shell", " "),
            field("roles", "owner"),
            field("roles", "emperor"),
            field("mails", "a@example.com\r\n\r\n b@example.com"),
        ]);
        assert_eq!(fields.text("name"), "Ada");
        assert_eq!(fields.optional("shell"), None);
        assert_eq!(fields.words::<Role>("roles"), [Role::Owner]);
        assert_eq!(fields.lines("mails"), ["a@example.com", "b@example.com"]);
        assert!(!fields.ticked("active"));
    }

    #[test]
    fn a_query_value_cannot_end_early() {
        assert_eq!(encode("a b&c=ä/"), "a%20b%26c%3D%C3%A4%2F");
    }
}
