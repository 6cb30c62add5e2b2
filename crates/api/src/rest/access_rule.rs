//! Access rules.

use sallyport_model::{
    access_rule::{RuleMode, RuleSays},
    id::AccessRuleId,
};
use serde::{Deserialize, Serialize};

/// An access rule to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateAccessRule {
    pub name: String,
    /// Why it is there.
    #[serde(default)]
    pub note: String,
    /// A dry run, unless it says otherwise.
    #[serde(default)]
    pub mode: RuleMode,
    /// What is not said is not minded.
    pub says: RuleSays,
}

/// Changes to an access rule; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateAccessRule {
    pub name: Option<String>,
    pub note: Option<String>,
    pub mode: Option<RuleMode>,
    /// All that it says from now on.
    pub says: Option<RuleSays>,
}

/// A version of an access rule to return to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReturnToVersion {
    /// The number of the change that made it, as the history lists it.
    pub change: i64,
}

/// A change of access rules that is not made yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PreviewAccessRule {
    /// The rule that would change; without it, a new one.
    #[serde(default)]
    pub rule: Option<AccessRuleId>,
    /// Whether it would be deleted.
    #[serde(default)]
    pub delete: bool,
    /// As it would be from then on; without it, as it is.
    #[serde(default)]
    pub mode: Option<RuleMode>,
    /// All that it would say from then on; without it, what it says.
    #[serde(default)]
    pub says: Option<RuleSays>,
}
