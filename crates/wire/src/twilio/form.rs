//! Forms, in which requests travel both ways: names and values in the order received.

use crate::urlencoded;

pub const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";

const MOST_FIELDS: usize = 128;

/// Why a form cannot be read. Names come from the code, never from the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    #[error("the field `{0}` is missing")]
    Missing(&'static str),
    #[error("the form is not UTF-8")]
    NotUtf8,
    #[error("the form is too large")]
    TooLarge,
    #[error("the field `{0}` has an unusable value")]
    Unusable(&'static str),
}

/// Fields of a form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// # Errors
    /// Too large, or not text.
    pub fn parse(body: &[u8]) -> Result<Self, FormError> {
        if body.len() > super::MOST_BYTES {
            return Err(FormError::TooLarge);
        }
        let pairs = urlencoded::decode_pairs(body, MOST_FIELDS).ok_or(FormError::TooLarge)?;
        let text = |bytes| String::from_utf8(bytes).map_err(|_| FormError::NotUtf8);
        pairs
            .into_iter()
            .map(|(name, value)| Ok((text(name)?, text(value)?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// As it travels.
    #[must_use]
    pub fn encode(&self) -> String {
        let encode = |text: &str| urlencoded::encode(text.as_bytes());
        let fields: Vec<String> =
            self.0.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        fields.join("&")
    }

    /// The first value of this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// A value that must be there and say something.
    pub(super) fn required(&self, name: &'static str) -> Result<&str, FormError> {
        self.find(name).filter(|value| !value.is_empty()).ok_or(FormError::Missing(name))
    }

    pub(super) fn fields(&self) -> &[(String, String)] {
        &self.0
    }
}
