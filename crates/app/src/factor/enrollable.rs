//! What a person may enrol, so that nobody sets up what opens no door of theirs: methods that are on for them and that the
//! policy counts where they stand, or, on their own pages, anywhere.

#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeSet;

use sallyport_model::{
    Application, FactorKind, Method, User, id::UserId, policy::MethodRow, signin::Resource,
};
use sallyport_store::Reader;

use super::{at_door::Vouching, counts, phone::Lines};
use crate::{
    AppError, Ctx, Phrase,
    ctx::settings,
    passkey,
    policy::{in_force, in_force_for, of_settings},
};

/// The ways that somebody may add by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enrollable {
    /// A telephone number, by a code that is texted to it; never of whoever has a role.
    pub number: bool,
    pub passkey: bool,
    pub push: bool,
    pub totp: bool,
}

/// Where what is enrolled has to open a door.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Where<'a> {
    /// At any door: who is inside adds what another one may want.
    Anywhere,
    /// At the portal, by a code; where nothing does that can be enrolled, at any other door.
    Portal,
    /// At the prompt of this application.
    Prompt(&'a Vouching),
}

impl Enrollable {
    fn of(
        reader: &mut Reader,
        ctx: &Ctx,
        user: UserId,
        counts: impl Fn(FactorKind) -> bool,
    ) -> Result<Self, AppError> {
        let settings = ctx.org.view.settings(reader)?;
        let person = reader.find::<User>(user)?.filter(|person| !person.dormant);
        let texts = person.is_some_and(|person| Lines::of(&person, &settings).texts);
        Ok(Self {
            number: texts && counts(FactorKind::Phone),
            passkey: counts(FactorKind::Passkey) && passkey::can_be_made(ctx),
            push: counts(FactorKind::Push),
            totp: counts(FactorKind::Totp),
        })
    }

    /// Whether there is a first factor to enrol; a number is added behind both doors alone.
    #[must_use]
    pub const fn has_a_first(self) -> bool {
        self.passkey || self.push || self.totp
    }

    /// Refuses a factor that would open nothing.
    ///
    /// # Errors
    /// [`AppError::Conflict`], which says so.
    pub(crate) fn refuse_without(self, kind: FactorKind) -> Result<(), AppError> {
        let has = match kind {
            FactorKind::Passkey => self.passkey,
            FactorKind::Phone => self.number,
            FactorKind::Push => self.push,
            FactorKind::Totp => self.totp,
            FactorKind::BypassCode | FactorKind::Duo | FactorKind::HardwareToken | FactorKind::Mail => false,
        };
        if has { Ok(()) } else { Err(AppError::Conflict(Phrase::OpensNothing.into())) }
    }
}

/// What somebody may add on their own pages.
///
/// # Errors
/// The store's.
pub async fn own(ctx: &Ctx) -> Result<Enrollable, AppError> {
    let (user, asking) = (ctx.person()?, ctx.clone());
    ctx.read(move |reader| of(reader, &asking, user, Where::Anywhere)).await
}

/// What this person may enrol there.
pub(crate) fn of(
    reader: &mut Reader,
    ctx: &Ctx,
    user: UserId,
    at: Where<'_>,
) -> Result<Enrollable, AppError> {
    let here = match at {
        Where::Anywhere => return anywhere(reader, ctx, user),
        Where::Portal => at_resource(reader, ctx, user, &Resource::Portal)?,
        Where::Prompt(vouched) => at_resource(reader, ctx, user, &vouched.resource())?,
    };
    match at {
        Where::Portal if !here.has_a_first() => anywhere(reader, ctx, user),
        Where::Anywhere | Where::Portal | Where::Prompt(_) => Ok(here),
    }
}

/// Refuses what would open no door at all for this person, who adds it to what they have.
///
/// # Errors
/// [`AppError::Conflict`], which says so.
pub(crate) fn refuse_useless(
    reader: &mut Reader,
    ctx: &Ctx,
    user: UserId,
    kind: FactorKind,
) -> Result<(), AppError> {
    anywhere(reader, ctx, user)?.refuse_without(kind)
}

fn at_resource(
    reader: &mut Reader,
    ctx: &Ctx,
    user: UserId,
    resource: &Resource,
) -> Result<Enrollable, AppError> {
    let policy = in_force(reader, ctx, user, resource, false)?.policy;
    Enrollable::of(reader, ctx, user, |kind| counts(&policy, kind))
}

/// What counts at the portal, at logins at devices, or at one of the applications, which are not read where the former two
/// take all that is on.
fn anywhere(reader: &mut Reader, ctx: &Ctx, user: UserId) -> Result<Enrollable, AppError> {
    let settings = settings(reader)?;
    let groups = ctx.org.view.groups_around(reader, user)?;
    let rows = MethodRow::complete(&settings.factors);
    let on = rows.iter().filter(|row| row.is_for(&groups)).map(|row| row.method).collect::<BTreeSet<_>>();
    let mut counted = BTreeSet::new();
    for (_, applied) in of_settings(&settings) {
        counted.extend(in_force_for(reader, ctx, &settings, applied, &groups)?.0.usable());
    }
    if !on.is_subset(&counted) {
        for application in reader.list_all::<Application>()? {
            if on.is_subset(&counted) {
                break;
            }
            counted.extend(in_force_for(reader, ctx, &settings, &application.policies, &groups)?.0.usable());
        }
    }
    Enrollable::of(reader, ctx, user, |kind| {
        Method::of_kind(kind).iter().any(|method| counted.contains(method))
    })
}
