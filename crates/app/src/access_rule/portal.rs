//! The administrators' portal, whose pages ask the rules each time: it has no sign-in of its own.

use sallyport_model::{
    User,
    signin::{Reason, Resource},
};
use sallyport_store::Proved;

use super::From;
use crate::{AppError, Ctx, Session, factor, policy, session::step_up};

/// What the rules say of somebody with a role at an administrators' page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtAdminPortal {
    Open,
    /// The second door was passed too long ago, or with what does not count here.
    StepUp,
    Shut(Vec<Reason>),
}

/// Asks the rules about whoever has this session at the administrators' portal, from where they are now.
///
/// # Errors
/// The store's, or a rule that cannot be read: then nobody is let in.
pub async fn at_admin_portal(ctx: &Ctx, user: &User, session: &Session) -> Result<AtAdminPortal, AppError> {
    let (asking, user, session) = (ctx.clone(), user.id, session.clone());
    ctx.read(move |reader| {
        if asking.org.view.access_rules(reader)?.is_empty() {
            return Ok(AtAdminPortal::Open);
        }
        let place = asking.org.places.of(asking.source);
        let device = asking.device_of(user);
        let from = From { place, device, admin_portal: true, ..From::default() };
        let held = policy::in_force_from(reader, &asking, user, &Resource::Portal, &from, false)?;
        if !held.said.against().is_empty() {
            return Ok(AtAdminPortal::Shut(held.said.against().to_vec()));
        }
        if held.said.obligation.is_nothing() {
            return Ok(AtAdminPortal::Open);
        }
        let here = step_up::here(&asking);
        let counts = |proof: &Proved| {
            here.as_ref() == Some(&proof.network)
                && factor::counts(&held.policy, proof.kind)
                && held.said.obligation.is_fresh(proof.at, asking.now)
        };
        Ok(if session.proofs.iter().any(counts) { AtAdminPortal::Open } else { AtAdminPortal::StepUp })
    })
    .await
}
