//! Policies.

use sallyport_model::policy::Sections;
use serde::{Deserialize, Serialize};

/// A policy to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreatePolicy {
    pub name: String,
    /// What it says; a section that is not there is inherited.
    #[serde(default)]
    pub sections: Sections,
}

/// Changes to a policy; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdatePolicy {
    pub name: Option<String>,
    /// All that it says from now on; a section that is not there is inherited.
    pub sections: Option<Sections>,
}
