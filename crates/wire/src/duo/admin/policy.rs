//! Policies: what they say by sections, and where they are applied. What is not understood is refused by name: to take it
//! and do nothing would let somebody believe that it holds.

mod sections;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    super::{
        envelope::{ApiError, Code},
        params::{ParamError, Params},
        text::is_printable,
    },
    MAX_ID, MAX_TEXT,
};

pub use self::sections::{
    AnonymousSection, AuthenticationMethods, AuthenticationPolicy, AuthorizedNetworks, Behavior, Blocks,
    BrowserApps, LocationAction, NewUserSection, NoSecondFactor, RememberMethod, RememberedDevices,
    SectionName, Sections, Span, UserLocation, WindowsLogon,
};

/// The word for the policy of the whole organisation, where a key may stand.
pub const GLOBAL: &str = "global";

/// Most of anything that one request names.
const MOST: usize = 500;

/// What is said about a policy; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyFields {
    pub name: Option<String>,
    pub sections: Sections,
    /// Sections that it says no more.
    pub without: Vec<SectionName>,
    /// Applications that it is applied to from now on, by their integration keys.
    pub apply_to: Vec<String>,
    /// The same for groups, at one application each.
    pub apply_to_groups: Vec<(String, Vec<String>)>,
    pub take_from: Vec<String>,
    pub take_from_groups: Vec<(String, Vec<String>)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplyToApps {
    apply_list: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnapplyFromApps {
    unapply_list: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupsInApp {
    app_integration_key: String,
    group_id_list: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplyToGroups {
    apply_group_policies_list: Vec<GroupsInApp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnapplyFromGroups {
    unapply_group_policies_list: Vec<GroupsInApp>,
}

impl PolicyFields {
    /// # Errors
    /// What cannot hold here, by name.
    pub fn read(params: &Params) -> Result<Self, ApiError> {
        let apps: Option<ApplyToApps> = member(params, "apply_to_apps")?;
        let groups: Option<ApplyToGroups> = member(params, "apply_to_groups_in_apps")?;
        let no_apps: Option<UnapplyFromApps> = member(params, "unapply_from_apps")?;
        let no_groups: Option<UnapplyFromGroups> = member(params, "unapply_from_groups_in_apps")?;
        let in_apps = |all: Vec<GroupsInApp>| {
            few("apply_to_groups_in_apps", all.iter().map(|some| some.group_id_list.len().max(1)).sum())?;
            Ok::<_, ApiError>(
                all.into_iter().map(|some| (some.app_integration_key, some.group_id_list)).collect(),
            )
        };
        let apply_to = apps.map(|apps| apps.apply_list).unwrap_or_default();
        let take_from = no_apps.map(|apps| apps.unapply_list).unwrap_or_default();
        few("apply_to_apps", apply_to.len().max(take_from.len()))?;
        Ok(Self {
            name: params.line("policy_name", MAX_TEXT)?,
            sections: sections(params.json("sections")?)?,
            without: names_of(params.list("sections_to_delete")?.unwrap_or_default())?,
            apply_to,
            apply_to_groups: in_apps(groups.map(|of| of.apply_group_policies_list).unwrap_or_default())?,
            take_from,
            take_from_groups: in_apps(
                no_groups.map(|of| of.unapply_group_policies_list).unwrap_or_default(),
            )?,
        })
    }
}

/// The same change of several policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkChange {
    /// `None`: all but the organisation's own.
    pub policies: Option<Vec<String>>,
    pub sections: Sections,
    pub without: Vec<SectionName>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PoliciesToUpdate {
    #[serde(default)]
    edit_all_policies: bool,
    #[serde(default)]
    edit_list: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyChanges {
    #[serde(default)]
    sections: Option<Value>,
    #[serde(default)]
    sections_to_delete: Option<Vec<String>>,
}

impl BulkChange {
    /// # Errors
    /// What cannot hold here, by name.
    pub fn read(params: &Params) -> Result<Self, ApiError> {
        let which: PoliciesToUpdate =
            member(params, "policies_to_update")?.ok_or(ParamError::Missing("policies_to_update"))?;
        let changes: PolicyChanges =
            member(params, "policy_changes")?.ok_or(ParamError::Missing("policy_changes"))?;
        let listed = which.edit_list.unwrap_or_default();
        few("policies_to_update", listed.len())?;
        if !which.edit_all_policies && listed.is_empty() {
            return Err(ParamError::Missing("edit_list").into());
        }
        Ok(Self {
            policies: (!which.edit_all_policies).then_some(listed),
            sections: sections(changes.sections.as_ref())?,
            without: names_of(changes.sections_to_delete.unwrap_or_default())?,
        })
    }
}

/// Copies of a policy under other names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyPolicy {
    /// [`GLOBAL`] where none is named.
    pub policy: String,
    pub names: Vec<String>,
}

impl CopyPolicy {
    /// # Errors
    /// No name, or too many.
    pub fn read(params: &Params) -> Result<Self, ApiError> {
        let names = params.list("new_policy_names_list")?.unwrap_or_default();
        few("new_policy_names_list", names.len())?;
        if names.is_empty() {
            return Err(ParamError::Missing("new_policy_names_list").into());
        }
        let policy = params.line("policy_key", MAX_ID)?.unwrap_or_else(|| GLOBAL.to_owned());
        Ok(Self { policy, names })
    }
}

/// A policy as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyObject {
    pub policy_key: String,
    pub policy_name: String,
    pub is_global_policy: bool,
    pub sections: Sections,
}

/// What holds for somebody somewhere, and which policy says each section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CalculatedPolicy {
    pub policy_elements: BTreeMap<&'static str, Origin>,
    pub sections: Sections,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Origin {
    pub policy_key: String,
    pub policy_name: String,
    /// `global`, `app` or `group_app`.
    pub apply_type: &'static str,
}

/// Which policies there are, and where they are applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub policies: Vec<PolicySummary>,
    pub policy_count: u64,
    pub response_is_truncated: bool,
    pub warnings: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicySummary {
    pub policy_key: String,
    pub policy_name: String,
    pub policy_applies_to: Vec<AppliedTo>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppliedTo {
    pub app_integration_key: String,
    pub app_name: String,
    /// `app` or `group_app`.
    pub apply_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
}

/// The sections of a request, each read by itself, so that a refusal names the one it is about.
fn sections(given: Option<&Value>) -> Result<Sections, ApiError> {
    let members = match given {
        None => return Ok(Sections::default()),
        Some(Value::Object(members)) => members.clone(),
        // The vendor's form-encoding clients send an object as text.
        Some(Value::String(text)) => object_in("sections", text)?,
        Some(_) => return Err(ParamError::Invalid("sections").into()),
    };
    for name in members.keys() {
        SectionName::of(name)?;
    }
    // One by one: the whole at once would not say in which of them something is wrong.
    let mut whole = Sections::default();
    for (name, section) in members {
        let one = Map::from_iter([(name.clone(), section)]);
        let read: Sections = serde_json::from_value(Value::Object(one))
            .map_err(|error| refuse(&format!("sections.{name}"), &error.to_string()))?;
        whole.take(read);
    }
    Ok(whole)
}

fn names_of(given: Vec<String>) -> Result<Vec<SectionName>, ApiError> {
    given.iter().map(|name| SectionName::of(name)).collect()
}

/// A member that is an object, or one written as text.
fn member<T: DeserializeOwned>(params: &Params, name: &'static str) -> Result<Option<T>, ApiError> {
    let value = match params.json(name)? {
        None => return Ok(None),
        Some(Value::String(text)) => Value::Object(object_in(name, text)?),
        Some(value) => value.clone(),
    };
    serde_json::from_value(value).map(Some).map_err(|error| refuse(name, &error.to_string()))
}

fn object_in(name: &'static str, text: &str) -> Result<Map<String, Value>, ApiError> {
    serde_json::from_str(text).map_err(|_| ParamError::Invalid(name).into())
}

fn few(name: &'static str, count: usize) -> Result<(), ApiError> {
    if count > MOST { Err(refuse(name, &format!("at most {MOST}"))) } else { Ok(()) }
}

/// A refusal that says what about, and why. What came with the request is cut short and cannot end a line.
pub(super) fn refuse(what: &str, why: &str) -> ApiError {
    let text = format!("{what}: {why}");
    let text: String = text.chars().filter(|c| is_printable(*c)).take(400).collect();
    ApiError::new(Code::InvalidParameters).with_detail(text)
}
