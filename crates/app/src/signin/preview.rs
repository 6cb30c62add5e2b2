//! What would happen at a door, for whoever asks before anybody stands there.

use std::sync::Arc;

use sallyport_crypto::Secret;
use sallyport_model::{
    User,
    id::UserId,
    policy::VerifiedPush,
    signin::{Reason, Resource},
};
use sallyport_policy::{Decision, EffectivePolicy};
use sallyport_store::{Reader, Versioned};

use super::{Asking, Offer, Ruling, names, rule, throttle};
use crate::{AppError, Ctx, factor, remembered, view::Person};

/// What would happen to somebody, without trying.
#[derive(Debug, Clone)]
pub enum Preview {
    SecondDoor {
        person: Arc<Person>,
        offers: Vec<Offer>,
        /// What a push is to show, and whether it may do without.
        push: VerifiedPush,
    },
    Allow,
    EnrollmentNeeded,
    Unknown,
    Denied {
        reasons: Vec<Reason>,
    },
}

/// The same, with who it is about.
#[derive(Debug, Clone)]
pub struct Looked {
    pub preview: Preview,
    pub(super) person: Option<UserId>,
}

/// What would happen to `name` at `resource` if the first door were vouched for. Writes nothing.
///
/// # Errors
/// Something of ours failed.
pub async fn preview(ctx: &Ctx, name: &str, resource: &Resource) -> Result<Preview, AppError> {
    Ok(look(ctx, name, resource, None).await?.preview)
}

/// The same on a device that whoever asks has a token for, if they have one. Whoever ends a sign-in upon it has that
/// written down, by [`super::keep_unasked`].
///
/// # Errors
/// As [`preview`].
pub async fn look(
    ctx: &Ctx,
    name: &str,
    resource: &Resource,
    token: Option<&Secret>,
) -> Result<Looked, AppError> {
    let (name, resource, asking) = (name.to_owned(), resource.clone(), ctx.clone());
    let token = token.cloned();
    ctx.read(move |reader| {
        let name = names::meant(reader, &asking.org.view, &resource, &name)?;
        let Some(person) = asking.org.view.person(reader, name)? else {
            return Ok(Looked { preview: Preview::Unknown, person: None });
        };
        let Ruling { decision, policy } =
            rule_with(reader, &asking, &person.user, &resource, token.as_ref())?;
        let id = Some(person.user.id);
        let preview = match decision {
            Decision::Deny(reasons) => Preview::Denied { reasons },
            Decision::Allow(_) => Preview::Allow,
            Decision::SecondDoor(_) => at_second_door(reader, &asking, person, &policy)?,
        };
        Ok(Looked { preview, person: id })
    })
    .await
}

/// What policy says of somebody who is vouched for, on a device that whoever asks may have a token for.
pub(super) fn rule_with(
    reader: &mut Reader,
    ctx: &Ctx,
    user: &Versioned<User>,
    resource: &Resource,
    token: Option<&Secret>,
) -> Result<Ruling, AppError> {
    let from = Asking::here(ctx, user.id, resource);
    let ruling = rule(reader, ctx, user, from)?;
    if let (Decision::SecondDoor(_), Some(token)) = (&ruling.decision, token)
        && remembered::token::counts(reader, ctx, token, user, resource, &ruling.policy)?
    {
        return rule(reader, ctx, user, Asking { remembered: true, ..from });
    }
    Ok(ruling)
}

/// With what somebody would be asked, if they have anything and their second door is not shut.
fn at_second_door(
    reader: &mut Reader,
    ctx: &Ctx,
    person: Arc<Person>,
    policy: &EffectivePolicy,
) -> Result<Preview, AppError> {
    let shut_until = person.second_door_shut_until(reader)?;
    if throttle::left(shut_until, ctx.now).is_some() {
        return Ok(Preview::Denied { reasons: vec![Reason::Throttled] });
    }
    let settings = ctx.org.view.settings(reader)?;
    let offers = factor::offered_under(&settings, &person.user, person.factors.clone(), policy, ctx.now);
    Ok(if offers.is_empty() {
        Preview::EnrollmentNeeded
    } else {
        Preview::SecondDoor { person, offers, push: policy.verified_push.value.clone() }
    })
}
