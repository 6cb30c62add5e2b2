//! What comes back during a call: what somebody typed, that somebody answered, or how it ended.

use super::{
    call::CallState,
    form::{Form, FormError},
    is_identifier,
};

/// The most digits anybody is asked for.
const MOST_DIGITS: usize = 32;

/// One request of the provider's, whose signature was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    pub account: String,
    /// The call it is about.
    pub call: String,
    pub state: Option<CallState>,
    /// What was typed, if anything was: digits, `*` and `#`.
    pub digits: Option<String>,
}

impl Callback {
    /// # Errors
    /// A field is missing, or is none.
    pub fn read(form: &Form) -> Result<Self, FormError> {
        let identifier = |name| match form.required(name)? {
            text if is_identifier(text) => Ok(text.to_owned()),
            _ => Err(FormError::Unusable(name)),
        };
        let digits = form.find("Digits").filter(|digits| !digits.is_empty());
        let is_typed = |b: u8| b.is_ascii_digit() || b == b'*' || b == b'#';
        if digits.is_some_and(|digits| digits.len() > MOST_DIGITS || !digits.bytes().all(is_typed)) {
            return Err(FormError::Unusable("Digits"));
        }
        Ok(Self {
            account: identifier("AccountSid")?,
            call: identifier("CallSid")?,
            state: form.find("CallStatus").and_then(CallState::parse),
            digits: digits.map(str::to_owned),
        })
    }

    #[must_use]
    pub fn form(&self) -> Form {
        let form = Form::default().with("AccountSid", &self.account).with("CallSid", &self.call);
        let form = match self.state {
            Some(state) => form.with("CallStatus", state.as_str()),
            None => form,
        };
        match &self.digits {
            Some(digits) => form.with("Digits", digits),
            None => form,
        }
    }
}
