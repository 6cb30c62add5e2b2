//! WebAuthn credentials.

use serde::Serialize;
use serde_json::Value;

use super::group::GroupMember;

/// A credential as it is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WebAuthnObject {
    pub webauthnkey: String,
    pub credential_name: String,
    pub label: &'static str,
    pub date_added: i64,
    pub date_last_used: Option<i64>,
    pub aaguid: String,
    pub credential_id: String,
    pub backup_eligible: bool,
    pub backup_status: bool,
    pub passwordless_authorized: bool,
    pub uv_capable: Option<bool>,
    pub registered_as: &'static str,
    pub transports: Vec<String>,
    /// Left out inside of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<GroupMember>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin: Option<Value>,
}
