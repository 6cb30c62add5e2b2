//! Administrators.

use serde::Serialize;

/// An administrator as they are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdminObject {
    pub admin_id: String,
    pub name: String,
    pub email: String,
    pub phone: Option<String>,
    pub role: &'static str,
    /// `Active` or `Disabled`.
    pub status: &'static str,
    pub restricted_by_admin_units: bool,
    pub admin_units: Vec<String>,
    pub password_change_required: bool,
    /// Whether they have a hardware token.
    pub hardtoken: bool,
    pub subaccount_role: Option<String>,
    pub last_login: Option<i64>,
    pub created: i64,
}

/// What administrators may pass the second door with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdminMethods {
    pub hardware_token_enabled: bool,
    pub mobile_otp_enabled: bool,
    pub push_enabled: bool,
    pub sms_enabled: bool,
    pub verified_push_enabled: bool,
    /// Digits of the number that a push asks for.
    pub verified_push_length: u8,
    pub voice_enabled: bool,
    pub yubikey_enabled: bool,
}
