//! Applications, which this protocol calls integrations.

use serde::Serialize;

/// An application as it is told, without its secret key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntegrationObject {
    pub integration_key: String,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub notes: String,
    pub enroll_policy: &'static str,
    pub greeting: String,
    pub groups_allowed: Vec<String>,
    /// `ALL_USERS` or, of a disabled one, `NO_USERS`.
    pub user_access: &'static str,
    pub networks_for_api_access: String,
    pub policy_key: Option<String>,
    pub self_service_allowed: bool,
    pub username_normalization_policy: &'static str,
    pub adminapi_admins: u8,
    pub adminapi_admins_read: u8,
    pub adminapi_allow_to_set_permissions: u8,
    pub adminapi_info: u8,
    pub adminapi_integrations: u8,
    pub adminapi_read_log: u8,
    pub adminapi_read_resource: u8,
    pub adminapi_settings: u8,
    pub adminapi_write_resource: u8,
}
