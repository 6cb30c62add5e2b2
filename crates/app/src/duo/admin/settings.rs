//! The organisation's settings that this protocol has words for.

use sallyport_model::Settings as OurSettings;
use sallyport_wire::duo::{
    Params, Reply,
    admin::{Settings, SettingsFields, SettingsObject},
};

use super::{super::DuoError, not_found};
use crate::{AppError, Ctx, settings};

pub(super) async fn answer(ctx: &Ctx, call: Settings, params: &Params) -> Result<Reply, DuoError> {
    match call {
        // There is none of the organisation's own.
        Settings::Logo => Err(not_found()),
        Settings::Modify => modify(ctx, SettingsFields::read(params)?).await,
        Settings::Show => Ok(Reply::ok(&object(&settings::show(ctx).await?.value))),
    }
}

async fn modify(ctx: &Ctx, given: SettingsFields) -> Result<Reply, DuoError> {
    let before = settings::show(ctx).await?;
    let mut after = before.value.clone();
    let whole = |name: &'static str, number: i64| {
        u32::try_from(number).map_err(|_| AppError::invalid(name, "is no such number"))
    };
    if let Some(name) = given.name {
        after.organization = name;
    }
    if let Some(length) = given.minimum_password_length {
        after.passwords.shortest = whole("minimum_password_length", length)?;
    }
    if let Some(days) = given.inactive_user_expiration {
        after.accounts.idle_days = whole("inactive_user_expiration", days)?;
    }
    if after == before.value {
        return Ok(Reply::ok(&object(&before)));
    }
    let replaced = settings::update(ctx, Some(before.version), after).await?;
    Ok(Reply::ok(&object(&replaced.settings)))
}

fn object(settings: &OurSettings) -> SettingsObject {
    let lockout = settings.policy.lockout.clone().unwrap_or_default();
    SettingsObject {
        name: settings.organization.clone(),
        timezone: "UTC",
        language: "EN",
        lockout_threshold: i64::from(lockout.wrong_codes),
        lockout_expire_duration: i64::from(lockout.minutes),
        unenrolled_user_lockout_threshold: 0,
        inactive_user_expiration: settings.accounts.idle_days.into(),
        pending_deletion_days: 0,
        log_retention_days: None,
        minimum_password_length: settings.passwords.shortest.into(),
        password_requires_upper_alpha: false,
        password_requires_lower_alpha: false,
        password_requires_numeric: false,
        password_requires_special: false,
        helpdesk_bypass: "allow",
        helpdesk_bypass_expiration: 0,
        helpdesk_message: String::new(),
        helpdesk_can_send_enroll_email: false,
        user_managers_can_put_users_in_bypass: false,
        security_checkup_enabled: false,
        email_activity_notification_enabled: false,
        push_activity_notification_enabled: false,
        enrollment_universal_prompt_enabled: true,
        global_ssp_policy_enforced: true,
        fraud_email: String::new(),
        fraud_email_enabled: false,
        caller_id: String::new(),
        keypress_confirm: String::new(),
        keypress_fraud: String::new(),
        duo_mobile_otp_type: "totp",
    }
}
