//! The break-glass code of a device: opens a login there when the server is gone.
//!
//! It is made when the device becomes active, rests sealed, is shown to whoever may reveal it, and is replaced once
//! it was used. The device knows only a salted hash.

use sallyport_api::agent::{Report, StateVersion};
use sallyport_crypto::{Secret, digest, random};
use sallyport_model::{Action, Device, DeviceState, id::DeviceId};
use sallyport_store::Reader;

use crate::{AppError, Ctx, Tx, ctx::open_secret};

/// Secret of a device: salt and digits, sealed.
const BREAK_GLASS: &str = "break_glass";

/// Digits of a code: more than 66 bits, so the hash on the device says nothing about it.
const DIGITS: usize = 20;

/// Name of the aspect under which a device reports that its code was used.
const USED: &str = "break_glass";

pub(crate) struct BreakGlass {
    pub(crate) salt: String,
    digits: Secret,
}

impl BreakGlass {
    /// The form in which the device knows the code.
    pub(crate) fn hash(&self) -> String {
        digest::hex(&digest::sha256(format!("{}{}", self.salt, self.digits.expose()).as_bytes()))
    }

    /// The digits as people read them out, in groups of four.
    fn grouped(&self) -> Secret {
        let digits = self.digits.expose();
        let groups: Vec<&str> = (0..DIGITS).step_by(4).filter_map(|at| digits.get(at..at + 4)).collect();
        Secret::new(groups.join("-"))
    }
}

/// Gives the device a new code; the caller records what that means.
pub(crate) fn renew(tx: &mut Tx<'_, '_>, device: DeviceId) -> Result<(), AppError> {
    let source = &*tx.ctx.org.random;
    let salt = digest::hex(&random::bytes::<16>(source)?);
    let digits = zeroize::Zeroizing::new(random::digits(source, DIGITS)?);
    let plain = zeroize::Zeroizing::new(format!("{salt}:{}", *digits));
    tx.seal_secret(&device.to_string(), BREAK_GLASS, plain.as_bytes())
}

pub(crate) fn find(reader: &mut Reader, ctx: &Ctx, device: DeviceId) -> Result<Option<BreakGlass>, AppError> {
    let Some(plain) = open_secret(reader, ctx, &device.to_string(), BREAK_GLASS)? else { return Ok(None) };
    let damaged = || AppError::Internal("a break-glass code does not read as one".into());
    let (salt, digits) =
        std::str::from_utf8(&plain).ok().and_then(|text| text.split_once(':')).ok_or_else(damaged)?;
    Ok(Some(BreakGlass { salt: salt.to_owned(), digits: Secret::from(digits) }))
}

/// Shows the code of a device, and records that it was shown.
///
/// # Errors
/// Denied, no such device, or it has none because it is not active.
pub async fn reveal(ctx: &Ctx, id: DeviceId) -> Result<Secret, AppError> {
    ctx.write(move |tx| {
        let device = tx.device_for(Action::RevealBreakGlass, id)?;
        let ctx = tx.ctx;
        match find(tx, ctx, id)? {
            Some(code) if device.state == DeviceState::Active => {
                tx.record_touched(&device.value, "reveal_break_glass");
                Ok(code.grouped())
            }
            Some(_) | None => Err(AppError::Conflict(
                format!("device `{}` is not active and has no break-glass code", device.name).into(),
            )),
        }
    })
    .await
}

/// Replaces the code when the device says, of the state it should have, that the code was used.
pub(crate) fn renew_if_used(
    tx: &mut Tx<'_, '_>,
    device: &Device,
    report: &Report,
    current: StateVersion,
) -> Result<(), AppError> {
    let used =
        report.accounts.iter().flat_map(|account| &account.failures).any(|failure| failure.aspect == USED);
    if !used || report.version != current || device.state != DeviceState::Active {
        return Ok(());
    }
    renew(tx, device.id)?;
    tx.record_touched(device, "break_glass_used");
    Ok(())
}
