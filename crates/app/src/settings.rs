//! What the organisation decided once for everybody.

mod stranded;

use sallyport_crypto::Secret;
use sallyport_model::{
    Action, Settings,
    name::display_name,
    path,
    settings::{POSIX_NUMBERS, are_for_people},
};
use sallyport_store::{Noun as _, Reader, Versioned};

use crate::{
    AppError, Ctx, Tx, branding, ctx,
    device::login_settings,
    factor::duo,
    mail,
    passkey::models,
    policy::{self, Spared},
    telephony,
};

pub use self::stranded::{Stranded, preview};

/// The settings.
///
/// # Errors
/// Denied.
pub async fn show(ctx: &Ctx) -> Result<Versioned<Settings>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.read(ctx::settings).await
}

/// The settings as they were replaced, and what whoever did it should know.
#[derive(Debug, Clone)]
pub struct Replaced {
    pub settings: Versioned<Settings>,
    pub notice: Option<&'static str>,
}

/// Said to whoever lets people pass without the second door.
pub const PASSWORDS_ALONE: &str = "Whoever is no longer asked for the second door keeps the present password, and \
    the next one needs at least 15 characters.";

/// Said to whoever has texts and calls, or mail, carried by somebody else.
pub const SECRET_FORGOTTEN: &str =
    "The secret was for the provider before and is forgotten. Give the new one's.";

/// Said to whoever has another client at Duo, or another host, asked.
pub const DUO_SECRET_FORGOTTEN: &str =
    "The client secret was for the client at Duo before and is forgotten. Give the new one's.";

/// Replaces the settings.
///
/// # Errors
/// Denied, invalid, or changed by somebody else since `version`.
pub async fn update(ctx: &Ctx, version: Option<i64>, settings: Settings) -> Result<Replaced, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    check(&settings)?;
    ctx.write(move |tx| replace(tx, version, &settings)).await
}

/// The same, within a write that changes more.
pub(crate) fn replace(
    tx: &mut Tx<'_, '_>,
    version: Option<i64>,
    settings: &Settings,
) -> Result<Replaced, AppError> {
    tx.ctx.allow(Action::ChangeSettings)?;
    check(settings)?;
    let before = ctx::settings(tx)?;
    crate::user::expect_version(&before, version)?;
    check_policies(tx, settings)?;
    login_settings::check_organization(&settings.device_login, tx)?;
    let devalued = models::takes_worth(&before.passkeys, &settings.passkeys);
    let spared = Spared::of(tx, settings)?.more_than(&Spared::of(tx, &before)?);
    let forgotten = telephony::keep_secret_from(tx, &before.telephony, &settings.telephony)?
        | mail::keep_password_from(tx, &before.mail, &settings.mail)?;
    let duo_forgotten = duo::keep_secret_from(tx, &before.duo, &settings.duo)?;
    duo::refuse_on_without_set_up(tx, settings)?;
    // The picture comes and goes by itself.
    let mut after = settings.clone();
    after.branding.logo.clone_from(&before.branding.logo);
    let changed = tx.update(&before, after)?;
    let settings = tx.record(changed, "update");
    policy::refuse_own_lockout(tx)?;
    let notice = spared.then_some(PASSWORDS_ALONE).or(forgotten.then_some(SECRET_FORGOTTEN));
    let notice = notice.or(devalued.then_some(models::FEWER_COUNT));
    let notice = notice.or(duo_forgotten.then_some(DUO_SECRET_FORGOTTEN));
    Ok(Replaced { settings, notice })
}

/// Whose the secrets are that rest sealed beside the settings.
pub(crate) fn owner() -> String {
    Settings::default().id().to_string()
}

/// The secret of a part of the settings: its kind, and what putting another is called in the log.
pub(crate) struct PartSecret {
    pub(crate) kind: &'static str,
    pub(crate) set: &'static str,
}

/// Replaces a part of the settings, which `part` gives, and its secret where there is a new one.
pub(crate) fn replace_part(
    tx: &mut Tx<'_, '_>,
    version: Option<i64>,
    of: &PartSecret,
    secret: Option<&Secret>,
    part: impl FnOnce(&mut Tx<'_, '_>, &Settings) -> Result<Settings, AppError>,
) -> Result<(), AppError> {
    let before = ctx::settings(tx)?;
    crate::user::expect_version(&before, version)?;
    let after = part(tx, &before)?;
    if let Some(secret) = secret {
        tx.seal_secret(&owner(), of.kind, secret.expose().as_bytes())?;
    }
    let changed = tx.update(&before, after)?;
    tx.record(changed, if secret.is_some() { of.set } else { "update" });
    Ok(())
}

/// What names policies, groups and factors, by what is there.
fn check_policies(reader: &mut Reader, settings: &Settings) -> Result<(), AppError> {
    policy::check_sections(reader, &settings.policy)?;
    policy::check_rows(reader, &settings.factors)?;
    for (field, applied) in policy::of_settings(settings) {
        policy::check_applied(reader, field, applied)?;
    }
    Ok(())
}

pub(crate) fn check(settings: &Settings) -> Result<(), AppError> {
    display_name(&settings.organization)
        .map_err(|error| AppError::invalid("organization", error.to_string()))?;
    let passwords = &settings.passwords;
    if !(8..=128).contains(&passwords.shortest) {
        return Err(AppError::invalid("passwords.shortest", "from 8 to 128 characters"));
    }
    if passwords.expire_after_days > 3650 {
        return Err(AppError::invalid("passwords.expire_after_days", "from 1 to 3650 days, or 0 for never"));
    }
    if !(1..=3650).contains(&settings.accounts.idle_days) {
        return Err(AppError::invalid("accounts.idle_days", "from 1 to 3650 days"));
    }
    if let (Some(from), Some(until)) = (settings.enrollment.from, settings.enrollment.until)
        && until <= from
    {
        return Err(AppError::invalid("enrollment.until", "must lie after the beginning"));
    }
    let posix = &settings.posix;
    if !are_for_people(posix.first_uid, posix.last_uid) {
        let ranges =
            POSIX_NUMBERS.map(|range| format!("{} to {}", range.start(), range.end())).join(", or within ");
        let reason = format!("the range of user numbers must lie within {ranges}");
        return Err(AppError::invalid("posix", reason));
    }
    if !path::is_plain(&posix.shell) {
        return Err(AppError::invalid("posix.shell", "must be a plain absolute path"));
    }
    if !posix.home.contains("{name}") || !path::is_home(&posix.home.replace("{name}", "name")) {
        let reason = "must be a plain absolute path with {name} in it, in no folder of the system";
        return Err(AppError::invalid("posix.home", reason));
    }
    branding::check(&settings.branding)?;
    models::check(&settings.passkeys)?;
    telephony::check_settings(&settings.telephony)?;
    mail::check_settings(&settings.mail)?;
    duo::check_settings(&settings.duo)
}
