//! How a machine becomes a device: a token that is good once, and the device's own key.

use sallyport_api::{
    agent::{EnrollRequest, EnrollResponse},
    rest::CreateEnrollmentToken,
};
use sallyport_crypto::{Secret, sign::PublicKey, token};
use sallyport_model::{
    Action, Device, DeviceState, EnrollmentToken, Group, GroupKind, Member, Span,
    id::{DeviceId, EnrollmentTokenId},
    name::printable,
};
use sallyport_store::{Once, Page, PageRequest, Versioned};

use super::{LONGEST_NAME, break_glass};
use crate::{
    AppError, Caller, Ctx, Tx,
    ctx::settings,
    group::{join, named_of_kind},
    package,
};

/// Prefix of the secret part, and what its hash is for.
const BEARER: &str = "spe";

/// What is good once.
const ONCE: &str = "enrollment";

/// Alias of a device: its public key.
const DEVICE_KEY: &str = "device_key";

/// Longest life of a token.
const MOST_HOURS: u32 = 24;

/// Most groups a token joins.
const MOST_GROUPS: usize = 32;

const LONGEST_DESCRIPTION: usize = 120;

/// A new token with the only sight of its secret.
#[derive(Debug, Clone)]
pub struct CreatedToken {
    pub token: Versioned<EnrollmentToken>,
    /// `<secret>.<fingerprint of the certificate authority>`, as people hand it to the agent.
    pub secret: Secret,
    /// What to type on the machine, if there is an agent package to install.
    pub install: Option<Secret>,
}

/// Permits one machine to enrol.
///
/// # Errors
/// Denied, more than 24 hours, or groups that are none of devices.
pub async fn create_token(ctx: &Ctx, input: CreateEnrollmentToken) -> Result<CreatedToken, AppError> {
    ctx.allow(Action::EnrollDevices)?;
    let hours = input.hours.unwrap_or(MOST_HOURS);
    if !(1..=MOST_HOURS).contains(&hours) {
        return Err(AppError::invalid("hours", format!("must be from 1 to {MOST_HOURS}")));
    }
    if input.groups.len() > MOST_GROUPS {
        return Err(AppError::invalid("groups", format!("at most {MOST_GROUPS} groups")));
    }
    let description = printable(input.description.trim(), LONGEST_DESCRIPTION);
    let id = ctx.id(EnrollmentTokenId::new)?;
    let (secret, hash) = ctx.bearer(BEARER)?;
    let shown = Secret::new(format!("{}.{}", secret.expose(), ctx.org.config.ca_fingerprint));
    let install = package::install_line(ctx, &shown).await?.map(Secret::new);
    let expires = ctx.now.plus(Span::hours(i64::from(hours)));
    let token = ctx
        .write(move |tx| {
            let mut groups = Vec::new();
            for given in &input.groups {
                let group = named_of_kind(tx, given, GroupKind::Devices)?;
                if !groups.contains(&group.id) {
                    groups.push(group.id);
                }
            }
            let description = description.clone();
            let token =
                EnrollmentToken { id, description, groups, expires, used_by: None, created: tx.ctx.now };
            let created = tx.create(token)?;
            let created = tx.record(created, "create");
            let once = Once { owner: id.to_string(), expires, used: None, doc: id.to_string() };
            tx.put_once(ONCE, &hash, &once)?;
            Ok(created)
        })
        .await?;
    Ok(CreatedToken { token, secret: shown, install })
}

/// A page of tokens, the oldest first.
///
/// # Errors
/// Denied.
pub async fn list_tokens(ctx: &Ctx, page: PageRequest) -> Result<Page<EnrollmentToken>, AppError> {
    ctx.allow(Action::EnrollDevices)?;
    ctx.read_many(move |reader| Ok(reader.list::<EnrollmentToken>(&page)?)).await
}

/// Takes a token back that was not used yet.
///
/// # Errors
/// Denied, no such token, or used already.
pub async fn revoke_token(ctx: &Ctx, id: EnrollmentTokenId) -> Result<(), AppError> {
    ctx.allow(Action::EnrollDevices)?;
    ctx.write(move |tx| {
        let token =
            tx.find::<EnrollmentToken>(id)?.ok_or_else(|| AppError::not_found("enrollment token", id))?;
        if let Some(device) = token.used_by {
            return Err(AppError::Conflict(
                format!("it was used by `{device}`; revoke the device instead").into(),
            ));
        }
        tx.void_once(&id.to_string(), ONCE)?;
        let deleted = tx.delete(&token)?;
        tx.record(deleted, "revoke");
        Ok(())
    })
    .await
}

/// Turns a machine into a device. The token is spent in the transaction that creates the device, so it makes one
/// device or none.
///
/// # Errors
/// A key that is none or is enrolled already; one and the same refusal for a token that is unknown, used, taken
/// back or expired.
pub async fn enroll(ctx: &Ctx, request: EnrollRequest) -> Result<EnrollResponse, AppError> {
    let secret = Secret::new(request.token);
    if !token::is_well_formed(BEARER, secret.expose()) {
        return Err(refused());
    }
    let key = PublicKey::from_hex(&request.public_key.to_ascii_lowercase())
        .ok_or_else(|| AppError::invalid("public_key", "must be 64 hexadecimal digits"))?;
    let hash = ctx.org.keys.hash_token(BEARER, secret.expose());
    let id = ctx.id(DeviceId::new)?;
    let name = host_name(&request.host_name);
    let (public_key, platform) = (key.to_hex(), request.platform);
    let by_device = ctx.with_caller(Caller::Device { id, name: name.clone() });
    let organization_name = by_device
        .write(move |tx| {
            let token = spend(tx, &hash)?;
            let device = Device {
                id,
                name: name.clone(),
                platform,
                state: DeviceState::Quarantined,
                public_key: public_key.clone(),
                enrolled_with: token.id,
                created: tx.ctx.now,
            };
            insert(tx, device, &token)?;
            let used = EnrollmentToken { used_by: Some(id), ..token.value.clone() };
            let changed = tx.update(&token, used)?;
            tx.record(changed, "use");
            Ok(settings(tx)?.value.organization)
        })
        .await?;
    Ok(EnrollResponse {
        device: id,
        organization: ctx.org.id,
        organization_name,
        signing_key: ctx.org.keys.device_signing().public().to_hex(),
        ca: ctx.org.config.ca_pem.clone(),
    })
}

/// Redeems the token with this hash.
fn spend(tx: &mut Tx<'_, '_>, hash: &str) -> Result<Versioned<EnrollmentToken>, AppError> {
    let now = tx.ctx.now;
    if !tx.use_once(ONCE, hash, now)? {
        return Err(refused());
    }
    let once = tx.find_once(ONCE, hash)?.ok_or_else(refused)?;
    let id = once.doc.parse::<EnrollmentTokenId>()?;
    let token = tx.find::<EnrollmentToken>(id)?.ok_or_else(refused)?;
    if token.used_by.is_some() || token.expires < now { Err(refused()) } else { Ok(token) }
}

/// Writes the new device: active if it joins a group, else waiting in quarantine.
fn insert(tx: &mut Tx<'_, '_>, device: Device, token: &EnrollmentToken) -> Result<(), AppError> {
    let id = device.id;
    let mut groups = Vec::new();
    for group in &token.groups {
        // One that was deleted meanwhile is no reason to trust the machine; without any it waits.
        groups.extend(tx.find::<Group>(*group)?);
    }
    if tx.find_alias(DEVICE_KEY, &device.public_key)?.is_some() {
        return Err(AppError::Conflict("this key belongs to a device already; enrol with a new one".into()));
    }
    let device = if groups.is_empty() { device } else { device.admit()? };
    let (active, public_key) = (device.state == DeviceState::Active, device.public_key.clone());
    let created = tx.create(device)?;
    tx.record(created, "enroll");
    tx.put_alias(DEVICE_KEY, &public_key, &id.to_string())?;
    for group in &groups {
        join(tx, group, Member::Device(id))?;
    }
    if active { break_glass::renew(tx, id) } else { Ok(()) }
}

fn refused() -> AppError {
    AppError::invalid("token", "this enrolment token cannot be used; ask for a new one")
}

/// The name a machine gives itself, made harmless.
fn host_name(given: &str) -> String {
    let name = printable(given, LONGEST_NAME).trim().to_owned();
    if name.is_empty() { "unnamed".into() } else { name }
}
