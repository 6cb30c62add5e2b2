//! Bindings.

use sallyport_model::Right;
use serde::{Deserialize, Serialize};

use super::present;

/// Binds a user or a group of users to a device or a group of devices; each by id or name, exactly one on either
/// side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateBinding {
    pub user: Option<String>,
    pub user_group: Option<String>,
    pub device: Option<String>,
    pub device_group: Option<String>,
    /// The right this binding gives; without one, `standard`.
    pub right: Option<Right>,
    /// Whether an existing account of the same name may be taken over.
    #[serde(default)]
    pub take_over: bool,
}

/// Changes to a binding; what is not given stays. `null` takes the right away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateBinding {
    #[serde(default, skip_serializing_if = "Option::is_none", with = "present")]
    pub right: Option<Option<Right>>,
    pub take_over: Option<bool>,
}
