//! Things people sign in to.

use serde::{Deserialize, Serialize};

use crate::{id::ApplicationId, redirect_uri::RedirectUri, time::Time};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ApplicationKind {
    /// Asks us for the second door by Duo's Auth API, or sends browsers here as Duo's Web SDK does.
    DuoAuthApi,
}

impl ApplicationKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DuoAuthApi => "duo-auth-api",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Application {
    pub id: ApplicationId,
    pub name: String,
    pub kind: ApplicationKind,
    /// The 20-character integration key by which a protected application names itself.
    pub ikey: String,
    /// Where browsers may be sent back to from the prompt, byte for byte. Without any there is no prompt.
    #[serde(default)]
    pub redirect_uris: Vec<RedirectUri>,
    pub enabled: bool,
    /// Whether requests without a date are believed, which older clients of `/rest/v1` sign. Whoever sees one can
    /// send it again, for ever.
    #[serde(default)]
    pub accepts_undated: bool,
    /// Whether a push may have no number to bring, because the application cannot show one. Whoever knows a password can
    /// then only be kept out by a person who never says yes to what they did not ask for.
    #[serde(default)]
    pub plain_push: bool,
    pub created: Time,
}
