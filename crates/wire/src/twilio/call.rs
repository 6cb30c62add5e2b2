//! `Calls.json`: one call to one number, with all that is said in it.

use super::form::{Form, FormError};

/// Fewest and most seconds that a phone may ring.
const RINGING: std::ops::RangeInclusive<u16> = 5..=600;
/// The most characters of instructions that come along, as the public service takes them.
const LONGEST_TWIML: usize = 4000;

/// A call to be placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// In E.164.
    pub to: String,
    /// In E.164.
    pub from: String,
    /// What happens once it is answered.
    pub twiml: String,
    /// Told that somebody answered, and how the call ended.
    pub status_callback: Option<String>,
    /// How many seconds it rings.
    pub rings: u16,
}

impl Call {
    #[must_use]
    pub fn form(&self) -> Form {
        let form = Form::default()
            .with("To", &self.to)
            .with("From", &self.from)
            .with("Twiml", &self.twiml)
            .with("Timeout", self.rings.to_string());
        match &self.status_callback {
            None => form,
            Some(url) => form
                .with("StatusCallback", url)
                .with("StatusCallbackEvent", "answered")
                .with("StatusCallbackEvent", "completed")
                .with("StatusCallbackMethod", "POST"),
        }
    }

    /// # Errors
    /// A field is missing, or one that says nothing usable.
    pub fn read(form: &Form) -> Result<Self, FormError> {
        let twiml = form.required("Twiml")?;
        if twiml.chars().count() > LONGEST_TWIML {
            return Err(FormError::Unusable("Twiml"));
        }
        let rings = match form.find("Timeout") {
            None => 60,
            Some(text) => text
                .parse()
                .ok()
                .filter(|seconds| RINGING.contains(seconds))
                .ok_or(FormError::Unusable("Timeout"))?,
        };
        Ok(Self {
            to: form.required("To")?.to_owned(),
            from: form.required("From")?.to_owned(),
            twiml: twiml.to_owned(),
            status_callback: form.find("StatusCallback").map(str::to_owned),
            rings,
        })
    }
}

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallState {
    Busy,
    Canceled,
    Completed,
    Failed,
    InProgress,
    NoAnswer,
    Queued,
    Ringing,
}

impl CallState {
    const ALL: [Self; 8] = [
        Self::Busy,
        Self::Canceled,
        Self::Completed,
        Self::Failed,
        Self::InProgress,
        Self::NoAnswer,
        Self::Queued,
        Self::Ringing,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Canceled => "canceled",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::InProgress => "in-progress",
            Self::NoAnswer => "no-answer",
            Self::Queued => "queued",
            Self::Ringing => "ringing",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether nothing comes after it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        match self {
            Self::Busy | Self::Canceled | Self::Completed | Self::Failed | Self::NoAnswer => true,
            Self::InProgress | Self::Queued | Self::Ringing => false,
        }
    }
}
