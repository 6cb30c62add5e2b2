//! Whom other settings would leave with nothing that opens the portal, told before they are saved.

#[cfg(test)]
mod tests;

use sallyport_model::{Action, FactorKind, Settings, User};
use sallyport_store::Reader;

use super::{check, check_policies};
use crate::{AppError, Ctx, ctx, factor::opening};

/// How many are named; of the others it is said how many there are.
const NAMED: usize = 20;

/// People who could come in now by something that lasts, and could not any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stranded {
    pub count: usize,
    /// The first of them in order of names.
    pub names: Vec<String>,
}

/// Whom these settings would strand in place of the present ones. Writes nothing.
///
/// # Errors
/// Denied, or settings that cannot hold.
pub async fn preview(ctx: &Ctx, settings: Settings) -> Result<Stranded, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    check(&settings)?;
    let asking = ctx.clone();
    ctx.read_many(move |reader| {
        check_policies(reader, &settings)?;
        of(reader, &asking, &settings)
    })
    .await
}

fn of(reader: &mut Reader, ctx: &Ctx, after: &Settings) -> Result<Stranded, AppError> {
    let before = ctx::settings(reader)?;
    // Nobody's factors are read for what has nothing to do with them.
    if opens_as_much(&before, after) {
        return Ok(Stranded::default());
    }
    let mut names = Vec::new();
    for person in reader.list_all::<User>()?.into_iter().filter(|person| person.is_active()) {
        if comes_in(reader, ctx, &person, &before)? && !comes_in(reader, ctx, &person, after)? {
            names.push(person.value.name.to_string());
        }
    }
    names.sort();
    let count = names.len();
    names.truncate(NAMED);
    Ok(Stranded { count, names })
}

fn comes_in(reader: &mut Reader, ctx: &Ctx, person: &User, settings: &Settings) -> Result<bool, AppError> {
    let offers = opening::under(reader, ctx, person, settings)?;
    Ok(offers.iter().any(|offer| offer.kind() != FactorKind::BypassCode))
}

/// Whether nothing is different by which factors count at the portal.
fn opens_as_much(before: &Settings, after: &Settings) -> bool {
    let of = |settings: &Settings| {
        (
            settings.factors.clone(),
            settings.policy.methods.clone(),
            settings.portal_policies.clone(),
            settings.passkeys.models.clone(),
            (settings.telephony.has_texts(), settings.telephony.has_calls()),
            (settings.mail.is_on(), settings.duo.is_set_up()),
        )
    };
    of(before) == of(after)
}
