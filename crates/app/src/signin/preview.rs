//! What would happen at a door, for whoever asks before anybody stands there.

use std::sync::Arc;

use sallyport_crypto::Secret;
use sallyport_model::{
    Factor,
    policy::VerifiedPush,
    signin::{Reason, Resource},
};
use sallyport_policy::Decision;

use super::{Asking, Offer, names, rule, throttle};
use crate::{AppError, Ctx, factor, passkey::models, remembered, view::Person};

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

/// What would happen to `name` at `resource` if the first door were vouched for. Writes nothing.
///
/// # Errors
/// Something of ours failed.
pub async fn preview(ctx: &Ctx, name: &str, resource: &Resource) -> Result<Preview, AppError> {
    preview_on_device(ctx, name, resource, None).await
}

/// The same on a device that whoever asks has a token for, if they have one.
///
/// # Errors
/// As [`preview`].
pub async fn preview_on_device(
    ctx: &Ctx,
    name: &str,
    resource: &Resource,
    token: Option<&Secret>,
) -> Result<Preview, AppError> {
    let (name, resource, now, asking) = (name.to_owned(), resource.clone(), ctx.now, ctx.clone());
    let token = token.cloned();
    ctx.read(move |reader| {
        let name = names::meant(reader, &asking.org.view, &resource, &name)?;
        let Some(person) = asking.org.view.person(reader, name)? else { return Ok(Preview::Unknown) };
        let from =
            Asking { resource: &resource, own_password: false, source: asking.source, remembered: false };
        let mut ruling = rule(reader, &asking, &person.user, from)?;
        if let (Decision::SecondDoor(_), Some(token)) = (&ruling.decision, &token)
            && remembered::token::counts(reader, &asking, token, &person.user, &resource, &ruling.policy)?
        {
            ruling = rule(reader, &asking, &person.user, Asking { remembered: true, ..from })?;
        }
        Ok(match ruling.decision {
            Decision::Deny(reasons) => Preview::Denied { reasons },
            Decision::Allow(_) => Preview::Allow,
            Decision::SecondDoor(_) => {
                let shut_until = person.second_door_shut_until(reader)?;
                if throttle::left(shut_until, now).is_some() {
                    return Ok(Preview::Denied { reasons: vec![Reason::Throttled] });
                }
                let settings = asking.org.view.settings(reader)?;
                let lines = factor::phone::Lines::of(&person.user, &settings);
                let mail = factor::mailed::of(&person.user, &settings);
                let counts = |factor: &&Factor| models::counts(&settings.passkeys, &factor.proof);
                let own = person.factors.iter().filter(counts).cloned();
                let factors: Vec<Factor> = own.chain(mail).collect();
                let offers = factor::offered(&factors, lines, &ruling.policy, now);
                if offers.is_empty() {
                    Preview::EnrollmentNeeded
                } else {
                    Preview::SecondDoor { person, offers, push: ruling.policy.verified_push.value }
                }
            }
        })
    })
    .await
}
