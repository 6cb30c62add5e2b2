//! What applications said of pushes before policies did: that they may go without a number. It is moved, once, into the
//! policies that hold there, so that all it meant still holds and stands where everything else stands.

use sallyport_model::{
    Action, Application, Policy,
    id::{ApplicationId, PolicyId},
    name::printable,
    policy::{Applied, NumberWhen, Sections, VerifiedPush},
};

use super::saying;
use crate::{AppError, Ctx, Tx, ctx::settings};

const NAME: &str = "Push without a number";
/// Characters of another policy's name in that of a policy made from it.
const NAMED: usize = 80;

/// Moves it, before anybody is asked. How many applications said it. One whose policies cannot take it keeps none of it, so
/// that pushes without a number are refused there, and the next start tries again.
///
/// # Errors
/// Denied, or the applications cannot be read.
pub async fn move_plain_pushes(ctx: &Ctx) -> Result<usize, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    let all = ctx.read_many(|reader| Ok(reader.list_all::<Application>()?)).await?;
    let mut moved = 0;
    for before in all.into_iter().filter(|application| application.plain_push) {
        let id = before.id;
        match ctx.write(move |tx| move_one(tx, id)).await {
            Ok(()) => moved += 1,
            Err(error) => {
                let name = &before.name;
                tracing::error!(application = ?name, %error, "its pushes without a number stay refused: apply a policy to it");
            }
        }
    }
    Ok(moved)
}

fn move_one(tx: &mut Tx<'_, '_>, id: ApplicationId) -> Result<(), AppError> {
    let Some(before) = tx.find::<Application>(id)?.filter(|found| found.plain_push) else { return Ok(()) };
    let policies = with_plain(tx, &before.policies)?;
    let after = Application { plain_push: false, policies, ..before.value.clone() };
    let changed = tx.update(&before, after)?;
    tx.record(changed, "update");
    Ok(())
}

/// The same policies with the mark in each: one that says nothing of pushes inherits it from the one for everybody.
fn with_plain(tx: &mut Tx<'_, '_>, applied: &Applied) -> Result<Applied, AppError> {
    let mut applied = applied.clone();
    for of in &mut applied.groups {
        if let Some(policy) = tx.find::<Policy>(of.policy)?
            && let Some(push) = &policy.sections.verified_push
            && !push.allows_plain()
        {
            of.policy = saying_plain(tx, Some(&policy), push.clone())?;
        }
    }
    let policy = match applied.policy {
        Some(id) => match tx.find::<Policy>(id)? {
            Some(found) => Some(found.value),
            // Nobody knows what it said, so nobody is let in there.
            None => return Ok(applied),
        },
        None => None,
    };
    let said = policy.as_ref().and_then(|policy| policy.sections.verified_push.clone());
    let push = match said {
        Some(push) => push,
        None => settings(tx)?.value.policy.verified_push.unwrap_or_default(),
    };
    if !push.allows_plain() {
        applied.policy = Some(saying_plain(tx, policy.as_ref(), push)?);
    }
    Ok(applied)
}

/// A policy that says what `policy` says, and this of pushes, without a number where none can be shown.
fn saying_plain(
    tx: &mut Tx<'_, '_>,
    policy: Option<&Policy>,
    push: VerifiedPush,
) -> Result<PolicyId, AppError> {
    let push = VerifiedPush { when: NumberWhen::WhereShown, ..push };
    let before = policy.map(|policy| policy.sections.clone()).unwrap_or_default();
    let name = policy.map_or_else(
        || NAME.to_owned(),
        |policy| format!("{}: {}", printable(&policy.name, NAMED), NAME.to_lowercase()),
    );
    saying(tx, &name, Sections { verified_push: Some(push), ..before })
}
