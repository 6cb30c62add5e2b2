//! API tokens.

use sallyport_model::Role;
use serde::{Deserialize, Serialize};

/// A token to create. It ends by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    pub name: String,
    pub role: Role,
    /// Days until it ends, at most 366.
    pub days: u32,
}
