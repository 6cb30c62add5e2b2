//! Duo as the second door of people who come in by the portal: a service of somebody else's that we ask.

use serde::{Deserialize, Serialize};

/// How this organisation uses Duo. Its client secret is kept apart, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Duo {
    /// Of the application (Web SDK) that this server is at Duo.
    pub client_id: String,
    /// Where Duo is asked, such as `api-1234abcd.duosecurity.com`.
    pub host: String,
    /// Under which name Duo knows people.
    pub name: DuoName,
    /// That name where it is made of the user name: what stands around `{name}`, as in `{name}@example.com` or
    /// `EXAMPLE\{name}`.
    pub name_template: String,
    /// What becomes of people who have nothing but Duo when it cannot be asked.
    pub when_down: DuoDown,
    /// Where people look after their devices at Duo, if there is such a place besides its prompt.
    pub self_service: String,
}

/// Under which name Duo knows people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DuoName {
    /// The mail address of record: the first that was verified, or the first.
    Mail,
    /// The user name in what the template has around it.
    Template,
    #[default]
    Username,
}

/// What stands for the user name in a template.
pub const DUO_NAME_PLACE: &str = "{name}";

/// What becomes of people who may use nothing but Duo when it cannot be asked. Nobody ever passes without a second door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DuoDown {
    /// The door stays shut but for what else is allowed there, such as bypass codes.
    #[default]
    Closed,
    /// At this door, this once, they may use whatever factors of their own are on for them, even where policy allows Duo
    /// alone.
    OwnFactors,
}

impl Duo {
    /// Whether it is said whom to ask and as whom.
    #[must_use]
    pub const fn is_set_up(&self) -> bool {
        !self.client_id.is_empty() && !self.host.is_empty()
    }

    /// Whether a secret meant for one must not go to the other.
    #[must_use]
    pub fn is_elsewhere_than(&self, other: &Self) -> bool {
        self.client_id != other.client_id || self.host != other.host
    }
}

impl DuoName {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Template => "template",
            Self::Username => "username",
        }
    }
}

impl DuoDown {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::OwnFactors => "own_factors",
        }
    }
}
