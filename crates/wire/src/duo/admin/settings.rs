//! Settings of the whole.

use serde::Serialize;

use super::{
    super::{
        envelope::{ApiError, Code},
        params::Params,
    },
    MAX_TEXT,
};

/// The settings a caller may change; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsFields {
    pub name: Option<String>,
    pub minimum_password_length: Option<i64>,
    pub inactive_user_expiration: Option<i64>,
    pub lockout_threshold: Option<i64>,
    /// In minutes.
    pub lockout_expire_duration: Option<i64>,
    pub sms_batch: Option<i64>,
    /// In minutes.
    pub sms_expiration: Option<i64>,
}

/// Settings of the protocol that decide about security or money, and have no equal here, with what is said instead: to take
/// them and do nothing would let somebody believe that they hold.
const WITHOUT_EQUAL: [(&str, &str); 19] = [
    ("caller_id", "texts come from it too; set the sender of texts and calls"),
    ("fraud_email", "whoever is told of what happens to accounts is not said by a program"),
    ("fraud_email_enabled", "whoever is told of what happens to accounts is not said by a program"),
    ("helpdesk_bypass", "what a help desk may do is said by its role"),
    ("helpdesk_bypass_expiration", "every bypass code says itself how long it is good"),
    ("helpdesk_can_send_enroll_email", "what a help desk may do is said by its role"),
    ("helpdesk_message", "nothing of the kind is shown"),
    ("keypress_confirm", "whoever is called types the digits shown where they sign in"),
    ("keypress_fraud", "whoever is called types the digits shown where they sign in"),
    ("log_retention_days", "logs stay"),
    ("password_requires_lower_alpha", "passwords are judged by their length and by lists of common ones"),
    ("password_requires_numeric", "passwords are judged by their length and by lists of common ones"),
    ("password_requires_special", "passwords are judged by their length and by lists of common ones"),
    ("password_requires_upper_alpha", "passwords are judged by their length and by lists of common ones"),
    ("pending_deletion_days", "nobody is deleted by time"),
    ("telephony_warning_min", "nobody is warned; at the ceiling there are no more texts and calls"),
    ("unenrolled_user_lockout_threshold", "there is none"),
    ("user_managers_can_put_users_in_bypass", "nobody passes without a second door by being told so"),
    ("user_telephony_cost_max", "set how many texts and calls there may be, and the ceiling"),
];

impl SettingsFields {
    /// # Errors
    /// What cannot hold here, by name and with a reason.
    pub fn read(params: &Params) -> Result<Self, ApiError> {
        for (name, why) in WITHOUT_EQUAL {
            // Empty is what there is here of each of them: nothing.
            if params.json(name)?.is_some_and(|value| value.as_str() != Some("")) {
                return Err(invalid(name, why));
            }
        }
        if params.is_set("sms_refresh")? {
            return Err(invalid("sms_refresh", "codes are texted when they are asked for"));
        }
        // Empty means something to the protocol.
        for (name, why) in [
            (
                "lockout_expire_duration",
                "who was shut out for wrong codes is let in again after some minutes",
            ),
            ("sms_expiration", "texted codes expire"),
        ] {
            let text = params.string(name)?;
            if text.is_some_and(|text| text.is_empty() || text == "0") {
                return Err(invalid(name, why));
            }
        }
        Ok(Self {
            name: params.line("name", MAX_TEXT)?,
            minimum_password_length: params.int("minimum_password_length")?,
            inactive_user_expiration: params.int("inactive_user_expiration")?,
            lockout_threshold: params.int("lockout_threshold")?,
            lockout_expire_duration: params.int("lockout_expire_duration")?,
            sms_batch: params.int("sms_batch")?,
            sms_expiration: params.int("sms_expiration")?,
        })
    }
}

fn invalid(name: &'static str, why: &str) -> ApiError {
    ApiError::new(Code::InvalidParameters).with_detail(format!("{name}: {why}"))
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
    /// Where texts and calls come from, if that is a number.
    pub caller_id: String,
    pub keypress_confirm: String,
    pub keypress_fraud: String,
    /// How many codes a text brings.
    pub sms_batch: u8,
    /// How long they are good, in minutes.
    pub sms_expiration: i64,
    pub sms_refresh: bool,
    pub telephony_warning_min: i64,
    /// The most that one text or call costs.
    pub user_telephony_cost_max: i64,
    pub duo_mobile_otp_type: &'static str,
}
