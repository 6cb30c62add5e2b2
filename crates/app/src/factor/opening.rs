//! What opens the portal for a person, as things are set or as they would be.

use sallyport_model::{FactorKind, Method, Settings, User, signin::Resource};
use sallyport_store::Reader;

use super::{of, offered_under, offers_at};
use crate::{AppError, Ctx, policy::in_force_for, signin::Offer};

/// Whether somebody has a factor of their own that opens the portal and lasts.
pub(crate) fn has_own(reader: &mut Reader, ctx: &Ctx, person: &User) -> Result<bool, AppError> {
    Ok(offers_at(reader, ctx, person.id, &Resource::Portal)?.iter().any(|offer| is_own(offer.kind())))
}

/// Whether it is one that people keep themselves: codes of an administrator end, a mailbox is worth no more than a password,
/// and what people have at Duo is not known here.
pub(crate) const fn is_own(kind: FactorKind) -> bool {
    match kind {
        FactorKind::BypassCode | FactorKind::Duo | FactorKind::Mail => false,
        FactorKind::HardwareToken
        | FactorKind::Passkey
        | FactorKind::Phone
        | FactorKind::Push
        | FactorKind::Totp => true,
    }
}

/// What would be offered to a person at the portal under these settings, be they in force or not.
pub(crate) fn under(
    reader: &mut Reader,
    ctx: &Ctx,
    person: &User,
    settings: &Settings,
) -> Result<Vec<Offer>, AppError> {
    let factors = of(reader, person.id, ctx.now)?;
    let asks_duo = settings.duo.is_set_up();
    if factors.is_empty() && !asks_duo && !settings.mail.is_on() {
        return Ok(Vec::new());
    }
    let groups = ctx.org.view.groups_around(reader, person.id)?;
    let policy = in_force_for(reader, ctx, settings, &settings.portal_policies, &groups)?.0;
    let policy = if asks_duo { policy } else { policy.without(Method::Duo) };
    Ok(offered_under(settings, person, factors, &policy, ctx.now))
}
