//! Settings of the whole.

use serde::Serialize;

use super::{
    super::params::{ParamError, Params},
    MAX_TEXT,
};

/// The settings a caller may change; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsFields {
    pub name: Option<String>,
    pub minimum_password_length: Option<i64>,
    pub inactive_user_expiration: Option<i64>,
}

/// Settings of the protocol that decide about security, and have no equal here: to take them and do nothing would
/// let somebody believe that they hold.
const WITHOUT_EQUAL: [&str; 14] = [
    "lockout_threshold",
    "lockout_expire_duration",
    "unenrolled_user_lockout_threshold",
    "pending_deletion_days",
    "log_retention_days",
    "fraud_email",
    "fraud_email_enabled",
    "helpdesk_bypass",
    "helpdesk_bypass_expiration",
    "password_requires_upper_alpha",
    "password_requires_lower_alpha",
    "password_requires_numeric",
    "password_requires_special",
    "user_telephony_cost_max",
];

impl SettingsFields {
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        for name in WITHOUT_EQUAL {
            if params.json(name)?.is_some() {
                return Err(ParamError::Invalid(name));
            }
        }
        Ok(Self {
            name: params.line("name", MAX_TEXT)?,
            minimum_password_length: params.int("minimum_password_length")?,
            inactive_user_expiration: params.int("inactive_user_expiration")?,
        })
    }
}

/// The settings as they are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettingsObject {
    pub name: String,
    pub timezone: &'static str,
    pub language: &'static str,
    pub lockout_threshold: i64,
    /// In minutes.
    pub lockout_expire_duration: i64,
    pub unenrolled_user_lockout_threshold: i64,
    /// In days.
    pub inactive_user_expiration: i64,
    /// 0: nobody is deleted by time.
    pub pending_deletion_days: i64,
    pub log_retention_days: Option<i64>,
    pub minimum_password_length: i64,
    pub password_requires_upper_alpha: bool,
    pub password_requires_lower_alpha: bool,
    pub password_requires_numeric: bool,
    pub password_requires_special: bool,
    pub helpdesk_bypass: &'static str,
    pub helpdesk_bypass_expiration: i64,
    pub helpdesk_message: String,
    pub helpdesk_can_send_enroll_email: bool,
    pub user_managers_can_put_users_in_bypass: bool,
    pub security_checkup_enabled: bool,
    pub email_activity_notification_enabled: bool,
    pub push_activity_notification_enabled: bool,
    pub enrollment_universal_prompt_enabled: bool,
    pub global_ssp_policy_enforced: bool,
    pub fraud_email: String,
    pub fraud_email_enabled: bool,
    pub caller_id: String,
    pub keypress_confirm: String,
    pub keypress_fraud: String,
    pub duo_mobile_otp_type: &'static str,
}
