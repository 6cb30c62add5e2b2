//! Texts and calls: who carries them, and how many there may be.
//!
//! They are the weakest factor and the only one that costs money with each use, so nothing is on by itself, no country
//! is allowed by itself, and whatever is counted ends.

use serde::{Deserialize, Serialize};

use crate::{
    id::{SignInId, TelephonyRecordId, UserId},
    phone::CallingCode,
    time::Time,
};

/// The organisation's telephony.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Telephony {
    /// Who carries texts and calls; its secret is kept apart, sealed.
    pub provider: Option<Provider>,
    /// The number they come from, in E.164; for texts also a word or a messaging service, where the provider has them.
    pub sender: String,
    /// Whether codes are texted.
    pub texts: bool,
    /// Whether phones are called. The gateway cannot.
    pub calls: bool,
    /// How many codes a text brings. One is good for ten minutes; several are numbered, and good for `batch_hours`.
    pub codes: u8,
    /// How many hours the codes of a batch are good.
    pub batch_hours: u8,
    /// Whose numbers may be texted and called; none by itself.
    pub countries: Vec<CallingCode>,
    pub limits: TelephonyLimits,
}

impl Telephony {
    /// How many minutes a single code is good.
    pub const CODE_MINUTES: i64 = 10;
    pub const MOST_CODES: u8 = 10;
    pub const MOST_BATCH_HOURS: u8 = 24;

    /// Whether codes can be texted as things are set.
    #[must_use]
    pub const fn has_texts(&self) -> bool {
        self.texts && self.provider.is_some()
    }

    /// Whether phones can be called as things are set.
    #[must_use]
    pub const fn has_calls(&self) -> bool {
        self.calls && matches!(self.provider, Some(Provider::Twilio { .. }))
    }
}

impl Default for Telephony {
    fn default() -> Self {
        Self {
            provider: None,
            sender: String::new(),
            texts: false,
            calls: false,
            codes: 1,
            batch_hours: 8,
            countries: Vec::new(),
            limits: TelephonyLimits::default(),
        }
    }
}

/// Who carries texts and calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Provider {
    /// Any service that takes a text by one HTTP request. `{to}`, `{text}`, `{from}` and `{secret}` stand for what they
    /// say; in the URL and the body they are written as these need it.
    Gateway {
        method: GatewayMethod,
        url: String,
        #[serde(default)]
        headers: Vec<Header>,
        #[serde(default)]
        content_type: GatewayContent,
        #[serde(default)]
        body: String,
    },
    /// Twilio, or who answers as it does.
    Twilio {
        /// Where the API is; the public service if empty.
        #[serde(default)]
        url: String,
        /// The account's identifier.
        account: String,
    },
}

impl Provider {
    /// Whether a secret meant for one must not go to the other.
    #[must_use]
    pub fn is_elsewhere_than(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Gateway { url, .. }, Self::Gateway { url: other, .. }) => origin(url) != origin(other),
            (Self::Twilio { url, account }, Self::Twilio { url: other, account: other_account }) => {
                origin(url) != origin(other) || account != other_account
            }
            (Self::Gateway { .. }, Self::Twilio { .. }) | (Self::Twilio { .. }, Self::Gateway { .. }) => true,
        }
    }
}

fn origin(url: &str) -> &str {
    let begins = url.find("://").map_or(0, |at| at + 3);
    let ends =
        url.get(begins..).and_then(|rest| rest.find(['/', '?', '#'])).map_or(url.len(), |at| begins + at);
    url.get(..ends).unwrap_or(url)
}

/// One header of a request to the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Header {
    pub name: String,
    pub value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GatewayMethod {
    Get,
    #[default]
    Post,
}

/// How the body of a request to the gateway is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GatewayContent {
    Form,
    #[default]
    Json,
    Text,
}

/// How much there may be. A day begins with the first text or call that is counted in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct TelephonyLimits {
    /// To one number in a day.
    pub per_number: u32,
    /// For one person in a day, whatever the number.
    pub per_person: u32,
    /// To one of the allowed countries in a day.
    pub per_country: u32,
    /// For the whole organisation in a day.
    pub per_day: u32,
    /// What a text costs, in hundredths of whatever you pay in.
    pub text_price: u32,
    /// What a call costs, in hundredths.
    pub call_price: u32,
    /// The most that is spent in thirty days, in hundredths.
    pub ceiling: u32,
}

impl Default for TelephonyLimits {
    fn default() -> Self {
        Self {
            per_number: 15,
            per_person: 20,
            per_country: 500,
            per_day: 500,
            text_price: 10,
            call_price: 20,
            ceiling: 20_000,
        }
    }
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TelephonyKind {
    Call,
    Text,
}

impl TelephonyKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Text => "text",
        }
    }
}

/// What somebody was texted or called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TelephonyContext {
    /// A link to enrol with.
    Enrollment,
    /// A code by which a help desk knows whom it speaks with.
    HelpDesk,
    /// The code that proves a number which its owner adds.
    NewNumber,
    /// What happened to an account.
    Notice,
    /// Codes and calls at the second door.
    SignIn,
}

impl TelephonyContext {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enrollment => "enrollment",
            Self::HelpDesk => "help_desk",
            Self::NewNumber => "new_number",
            Self::Notice => "notice",
            Self::SignIn => "sign_in",
        }
    }
}

/// What became of a text or a call, as far as the provider said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TelephonyState {
    /// The provider did not take it.
    Failed,
    /// The provider has not answered yet, or the server ended before it did.
    Sending,
    Sent,
    /// The provider may have taken it.
    Unknown,
}

impl TelephonyState {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Unknown => "unknown",
        }
    }
}

/// One text or call that was counted, without its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TelephonyRecord {
    pub id: TelephonyRecordId,
    pub at: Time,
    pub kind: TelephonyKind,
    pub context: TelephonyContext,
    /// For whom.
    pub user: UserId,
    /// Their name at the time.
    pub name: String,
    /// In E.164; the last four digits alone for whoever may not read the directory.
    pub number: String,
    /// What it was counted as, in hundredths of whatever you pay in.
    pub price: u32,
    /// The sign-in that it was asked for at, where there was one.
    pub sign_in: Option<SignInId>,
    pub state: TelephonyState,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_on_by_itself() {
        let telephony = Telephony::default();
        assert!(!telephony.has_texts() && !telephony.has_calls() && telephony.countries.is_empty());
        let on = Telephony { texts: true, calls: true, ..Telephony::default() };
        assert!(!on.has_texts() && !on.has_calls(), "without a provider");
        let gateway = Provider::Gateway {
            method: GatewayMethod::Post,
            url: "https://sms.example/".into(),
            headers: Vec::new(),
            content_type: GatewayContent::Json,
            body: String::new(),
        };
        let gateway = Telephony { provider: Some(gateway), ..on };
        assert!(gateway.has_texts() && !gateway.has_calls(), "a gateway carries no voice");
    }

    #[test]
    fn a_secret_stays_with_whom_it_was_given_for() {
        let twilio = |url: &str, account: &str| Provider::Twilio { url: url.into(), account: account.into() };
        assert!(
            !twilio("https://a.example/x", "AC1").is_elsewhere_than(&twilio("https://a.example/y", "AC1"))
        );
        assert!(twilio("https://a.example", "AC1").is_elsewhere_than(&twilio("https://b.example", "AC1")));
        assert!(twilio("https://a.example", "AC1").is_elsewhere_than(&twilio("https://a.example", "AC2")));
        assert!(twilio("https://a.example", "AC1").is_elsewhere_than(&twilio("http://a.example", "AC1")));
        assert!(twilio("", "AC1").is_elsewhere_than(&twilio("https://a.example", "AC1")));
    }
}
