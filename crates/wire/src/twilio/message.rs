//! `Messages.json`: one text to one number.

use super::form::{Form, FormError};

/// The most characters of a text, as the public service takes them.
const LONGEST: usize = 1600;

/// A text to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// In E.164.
    pub to: String,
    pub from: Sender,
    pub body: String,
}

/// Whom a text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// A number in E.164, or a word where the country allows one.
    From(String),
    /// A messaging service, which has numbers of its own.
    Service(String),
}

impl Sender {
    /// As an administrator writes it: services are known by their form.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let service = text.len() == 34
            && text.strip_prefix("MG").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit()));
        if service { Self::Service(text.to_owned()) } else { Self::From(text.to_owned()) }
    }
}

impl Message {
    #[must_use]
    pub fn form(&self) -> Form {
        let form = Form::default().with("To", &self.to);
        let form = match &self.from {
            Sender::From(number) => form.with("From", number),
            Sender::Service(service) => form.with("MessagingServiceSid", service),
        };
        form.with("Body", &self.body)
    }

    /// # Errors
    /// A field is missing, or the text is too long.
    pub fn read(form: &Form) -> Result<Self, FormError> {
        let body = form.required("Body")?;
        if body.chars().count() > LONGEST {
            return Err(FormError::Unusable("Body"));
        }
        let from = match form.find("MessagingServiceSid") {
            Some(service) => Sender::Service(service.to_owned()),
            None => Sender::From(form.required("From")?.to_owned()),
        };
        Ok(Self { to: form.required("To")?.to_owned(), from, body: body.to_owned() })
    }
}
