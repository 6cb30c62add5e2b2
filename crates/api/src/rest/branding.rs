//! How the organisation looks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Changes to how the organisation looks; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateBranding {
    /// What it is called.
    pub organization: Option<String>,
    /// The colour of buttons and links on light pages, such as `#1a6dd0`. An empty one takes both colours away.
    pub accent: Option<String>,
    /// The same on dark pages. An empty one, or none beside a new `accent`, is made from that.
    pub accent_dark: Option<String>,
    /// PNG or WebP of at most 64 KiB, in base64 or as a `data:` address. An empty one takes it away.
    pub logo: Option<String>,
    /// A line on the page where people sign in, by language, such as `en`. All of it is replaced.
    pub welcome: Option<BTreeMap<String, String>>,
    /// Whom to ask for help, by language. All of it is replaced.
    pub help: Option<BTreeMap<String, String>>,
}
