//! Tokens by which programs call the API.

use serde::{Deserialize, Serialize};

use crate::{access::Role, id::TokenId, time::Time};

/// An API token of a service identity. The secret itself is shown once and kept as a hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiToken {
    pub id: TokenId,
    pub name: String,
    pub role: Role,
    pub expires: Time,
    pub revoked: bool,
    pub created: Time,
}
