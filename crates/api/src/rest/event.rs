//! Webhooks, event streams, and sessions that are ended together.

use sallyport_model::{
    event::{EventFormat, EventKinds, StreamTarget},
    id::UserId,
};
use serde::{Deserialize, Serialize};

/// A webhook to make. It is on from the beginning, and told of what happens from then on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateWebhook {
    pub name: String,
    /// `https://…`, or `http://` to an internal address that the configuration lists.
    pub url: String,
    /// What it is told of, such as `user` or `sign_in.denied`; of everything where this is empty.
    #[serde(default)]
    pub kinds: Vec<EventKinds>,
}

/// Changes to a webhook; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateWebhook {
    pub name: Option<String>,
    pub url: Option<String>,
    pub kinds: Option<Vec<EventKinds>>,
    /// One that is switched on again goes on where it stopped, as far as events are kept.
    pub enabled: Option<bool>,
}

/// An event stream to make. It is on from the beginning, and told of what happens from then on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateEventStream {
    pub name: String,
    pub target: StreamTarget,
    #[serde(default)]
    pub format: EventFormat,
}

/// Changes to an event stream; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateEventStream {
    pub name: Option<String>,
    /// With another target the secret is forgotten.
    pub target: Option<StreamTarget>,
    pub format: Option<EventFormat>,
    /// One that is switched on again goes on where it stopped, as far as events are kept.
    pub enabled: Option<bool>,
}

/// A session of somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SessionOf {
    pub user: UserId,
    /// As sessions are listed.
    pub session: String,
}

/// Sessions to end: these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EndSessions {
    /// At most 500.
    pub sessions: Vec<SessionOf>,
}
