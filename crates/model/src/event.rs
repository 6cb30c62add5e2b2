//! What others are told of: changes of the directory, sign-ins that came to an end, and sessions that somebody ended. In one
//! order, each with an id that is the same for whoever is told and however often.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{
    as_text::as_text,
    change::{Actor, Change},
    id::{EventId, EventStreamId, UserId, WebhookId},
    signin::{SignIn, SignInState},
    time::Time,
};

/// Something that happened, at its place among all that others are told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub id: EventId,
    pub seq: i64,
    pub at: Time,
    pub what: Happening,
}

/// What happened. A change is kept in the feed; the others are written down in the transaction that makes them so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "happened", rename_all = "snake_case")]
pub enum Happening {
    Change(Change),
    SessionEnded(SessionEnded),
    SignIn(SignIn),
}

/// A session that was ended before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEnded {
    /// What the session is called where it is shown; good for nothing else.
    pub session: String,
    pub user: UserId,
    pub name: String,
    pub by: Actor,
    /// Where the session was opened from.
    #[serde(default)]
    pub source: Option<String>,
    pub opened: Time,
}

impl Happening {
    /// The kind of event, such as `user.suspend` or `sign_in.denied`.
    #[must_use]
    pub fn kind(&self) -> String {
        match self {
            Self::Change(change) => format!("{}.{}", change.subject.noun, change.verb),
            Self::SessionEnded(_) => "session.ended".into(),
            Self::SignIn(sign_in) => format!("sign_in.{}", sign_in.state.as_str()),
        }
    }

    /// Whom it is about: what is told of one subject is told in order.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Change(change) => change.subject.id.clone(),
            Self::SessionEnded(ended) => ended.user.to_string(),
            Self::SignIn(sign_in) => match sign_in.user {
                Some(user) => user.to_string(),
                None => sign_in.id.to_string(),
            },
        }
    }

    /// When it was so.
    #[must_use]
    pub const fn at(&self, noted: Time) -> Time {
        match self {
            Self::Change(change) => change.at,
            Self::SessionEnded(_) => noted,
            Self::SignIn(sign_in) => match sign_in.state {
                SignInState::Allowed { at } | SignInState::Denied { at } => at,
                SignInState::FirstDoor | SignInState::SecondDoor { .. } => sign_in.created,
            },
        }
    }
}

/// Kinds of events somebody wants: `user` for all of a noun, `user.suspend` for one verb of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "String", into = "String")]
pub struct EventKinds(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of event, which looks like `user` or `user.suspend`")]
pub struct EventKindsError(String);

impl FromStr for EventKinds {
    type Err = EventKindsError;

    fn from_str(given: &str) -> Result<Self, EventKindsError> {
        let is_word = |word: &str| {
            (1..=40).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        };
        let fits = match given.split_once('.') {
            Some((noun, verb)) => is_word(noun) && is_word(verb),
            None => is_word(given),
        };
        if fits {
            Ok(Self(given.to_owned()))
        } else {
            Err(EventKindsError(crate::name::printable(given, 80)))
        }
    }
}

as_text!(EventKinds: EventKindsError);

impl EventKinds {
    /// Whether an event of this kind is one of these.
    #[must_use]
    pub fn has(&self, kind: &str) -> bool {
        kind == self.0 || kind.split_once('.').is_some_and(|(noun, _)| noun == self.0)
    }
}

/// A URL that is told of events, signed (Standard Webhooks). Its secrets are kept apart, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Webhook {
    pub id: WebhookId,
    pub name: String,
    pub url: String,
    /// What it is told of; of everything where this is empty.
    pub kinds: Vec<EventKinds>,
    pub enabled: bool,
    /// Why the server switched it off by itself, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switched_off: Option<String>,
    pub created: Time,
}

impl Webhook {
    pub const MOST_KINDS: usize = 100;

    /// Whether it is told of this kind.
    #[must_use]
    pub fn wants(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|kinds| kinds.has(kind))
    }
}

/// What became of one delivery to a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    Delivered,
    /// Given up.
    Failed,
    /// Not tried yet, or to be tried again.
    Waiting,
}

impl DeliveryState {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
        }
    }
}

/// One call of a webhook's URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryAttempt {
    pub at: Time,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// The beginning of the answer, or why there was none.
    pub answer: String,
    /// How long it took.
    pub millis: u64,
}

/// One event on its way to one webhook, with the last calls that were made for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    pub event: EventId,
    /// Place among all events; 0 of a test.
    pub seq: i64,
    pub kind: String,
    pub subject: String,
    pub state: DeliveryState,
    /// When it is tried next, of one that waits.
    pub due: Time,
    /// When it was tried first.
    pub first: Option<Time>,
    pub tries: u32,
    /// Whether somebody asked for it once more: then it is tried once.
    #[serde(default)]
    pub by_hand: bool,
    /// The last calls, oldest first.
    pub attempts: Vec<DeliveryAttempt>,
    /// What is sent, as it is signed.
    pub body: String,
}

impl Delivery {
    /// Calls that are remembered of one delivery.
    pub const ATTEMPTS_KEPT: usize = 10;

    /// The last call.
    #[must_use]
    pub fn last(&self) -> Option<&DeliveryAttempt> {
        self.attempts.last()
    }
}

/// In which words events are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventFormat {
    /// `ArcSight` Common Event Format.
    Cef,
    /// Open Cybersecurity Schema Framework, JSON.
    #[default]
    Ocsf,
}

impl EventFormat {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cef => "cef",
            Self::Ocsf => "ocsf",
        }
    }
}

/// How syslog travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SyslogTransport {
    /// RFC 6587, each message after its length.
    Tcp,
    /// RFC 5425.
    Tls,
    /// RFC 5426. Nobody hears of what is lost.
    Udp,
}

impl SyslogTransport {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Udp => "udp",
        }
    }
}

/// How a collector takes events over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HttpShape {
    /// One event a line; the secret as `Authorization: Bearer`.
    Lines,
    /// As the HTTP Event Collector of Splunk; the secret as `Authorization: Splunk`.
    Splunk,
}

impl HttpShape {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Splunk => "splunk",
        }
    }
}

/// Where a stream of events goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StreamTarget {
    /// A file of the server's folder for events, which is turned when it is large.
    File {
        file: String,
    },
    Http {
        url: String,
        shape: HttpShape,
    },
    Syslog {
        host: String,
        port: u16,
        transport: SyslogTransport,
    },
}

impl StreamTarget {
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::File { .. } => "file",
            Self::Http { .. } => "http",
            Self::Syslog { .. } => "syslog",
        }
    }

    /// Where it goes, for people to read.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::File { file } => file.clone(),
            Self::Http { url, .. } => url.clone(),
            Self::Syslog { host, port, transport } => format!("{host}:{port} ({})", transport.as_str()),
        }
    }
}

/// All events, one after the other, to a system that watches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventStream {
    pub id: EventStreamId,
    pub name: String,
    pub target: StreamTarget,
    pub format: EventFormat,
    pub enabled: bool,
    pub created: Time,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_a_noun_or_one_verb_of_it() {
        let kinds = |text: &str| text.parse::<EventKinds>();
        let (user, suspend) = (kinds("user").unwrap(), kinds("user.suspend").unwrap());
        assert!(user.has("user.suspend") && user.has("user.create") && !user.has("user_x.create"));
        assert!(suspend.has("user.suspend") && !suspend.has("user.suspended") && !suspend.has("user"));
        for bad in ["", ".", "user.", ".suspend", "a.b.c", "User", "user suspend", "*", &"a".repeat(41)] {
            assert!(kinds(bad).is_err(), "{bad}");
        }
    }
}
