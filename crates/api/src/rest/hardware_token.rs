//! Hardware tokens.

use serde::{Deserialize, Serialize};

/// Whose a token becomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignHardwareToken {
    /// Name or id.
    pub user: String,
}

/// What a token shows, one code after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ResyncHardwareToken {
    /// From 2 to 5 codes.
    pub codes: Vec<String>,
}
