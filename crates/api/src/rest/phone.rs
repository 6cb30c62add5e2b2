//! Phones of users.

use serde::{Deserialize, Serialize};

/// A telephone number that becomes a factor.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AddPhone {
    /// With the country's calling code, such as `+49 30 1234567`.
    pub number: String,
    /// What it is called towards its owner; its last digits if not given.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether codes are texted to it; yes if not given.
    #[serde(default)]
    pub texts: Option<bool>,
    /// Whether it is called; yes if not given.
    #[serde(default)]
    pub calls: Option<bool>,
}
