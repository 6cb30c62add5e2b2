//! The organisation's settings that this protocol has words for.

use sallyport_model::{PhoneNumber, Settings as OurSettings, Telephony};
use sallyport_wire::duo::{
    ApiError, Code, Params, Reply,
    admin::{BrandingObject, MessagingObject, Settings, SettingsFields, SettingsObject},
};

use super::{super::DuoError, not_found};
use crate::{AppError, Ctx, settings};

pub(super) async fn answer(ctx: &Ctx, call: Settings, params: &Params) -> Result<Reply, DuoError> {
    match call {
        Settings::Brand => {
            let text = "pages look the same everywhere; there are no colours, pictures or words to set";
            Err(ApiError::new(Code::InvalidParameters).with_detail(text).into())
        }
        Settings::Branding { messages: false } => Ok(Reply::ok(&BrandingObject::default())),
        Settings::Branding { messages: true } => {
            Ok(Reply::ok(&MessagingObject { locale: "en_US", ..MessagingObject::default() }))
        }
        Settings::DeleteLogo => Ok(Reply::empty()),
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
    if given.lockout_threshold.is_some() || given.lockout_expire_duration.is_some() {
        let mut lockout = after.policy.lockout.clone().unwrap_or_default();
        if let Some(wrong) = given.lockout_threshold {
            lockout.wrong_codes = small("lockout_threshold", wrong)?;
        }
        if let Some(minutes) = given.lockout_expire_duration {
            lockout.minutes = whole("lockout_expire_duration", minutes)?;
        }
        after.policy.lockout = Some(lockout);
    }
    if let Some(codes) = given.sms_batch {
        after.telephony.codes = small("sms_batch", codes)?;
    }
    if let Some(minutes) = given.sms_expiration {
        set_expiration(&mut after.telephony, minutes)?;
    }
    if after == before.value {
        return Ok(Reply::ok(&object(&before)));
    }
    let replaced = settings::update(ctx, Some(before.version), after).await?;
    Ok(Reply::ok(&object(&replaced.settings)))
}

fn small(name: &'static str, number: i64) -> Result<u8, AppError> {
    u8::try_from(number).map_err(|_| AppError::invalid(name, "is no such number"))
}

/// How long the codes of one text are good: several for whole hours, a single one as long as it is built in.
fn set_expiration(telephony: &mut Telephony, minutes: i64) -> Result<(), AppError> {
    const NAME: &str = "sms_expiration";
    if telephony.codes < 2 {
        let text = format!("a single code is good for {} minutes", Telephony::CODE_MINUTES);
        return if minutes == Telephony::CODE_MINUTES { Ok(()) } else { Err(AppError::invalid(NAME, text)) };
    }
    let hours = small(NAME, minutes / 60)?;
    if minutes % 60 != 0 || !(1..=Telephony::MOST_BATCH_HOURS).contains(&hours) {
        let text = format!("several codes are good for whole hours, up to {}", Telephony::MOST_BATCH_HOURS);
        return Err(AppError::invalid(NAME, text));
    }
    telephony.batch_hours = hours;
    Ok(())
}

/// In minutes.
fn expiration(telephony: &Telephony) -> i64 {
    if telephony.codes < 2 { Telephony::CODE_MINUTES } else { i64::from(telephony.batch_hours) * 60 }
}

fn object(settings: &OurSettings) -> SettingsObject {
    let lockout = settings.policy.lockout.clone().unwrap_or_default();
    let telephony = &settings.telephony;
    let dearest = telephony.limits.text_price.max(telephony.limits.call_price);
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
        caller_id: telephony
            .sender
            .parse::<PhoneNumber>()
            .map(|number| number.to_string())
            .unwrap_or_default(),
        keypress_confirm: String::new(),
        keypress_fraud: String::new(),
        sms_batch: telephony.codes,
        sms_expiration: expiration(telephony),
        sms_refresh: false,
        telephony_warning_min: 0,
        user_telephony_cost_max: dearest.into(),
        duo_mobile_otp_type: "totp",
    }
}
