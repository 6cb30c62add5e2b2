//! The administrators' portal, whose pages ask the rules each time: it has no sign-in of its own.

use sallyport_model::{
    User,
    signin::{Reason, Resource},
};

use super::From;
use crate::{AppError, Ctx, Session, policy};

/// What the rules say of somebody with a role at an administrators' page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtAdminPortal {
    Open,
    /// The second door was passed too long ago.
    StepUp,
    Shut(Vec<Reason>),
}

/// Asks the rules about whoever has this session at the administrators' portal, from where they are now. What counts at the
/// second door was asked as they signed in, or came here from elsewhere.
///
/// # Errors
/// The store's, or a rule that cannot be read: then nobody is let in.
pub async fn at_admin_portal(ctx: &Ctx, user: &User, session: &Session) -> Result<AtAdminPortal, AppError> {
    let (asking, user) = (ctx.clone(), user.id);
    let passed = session.proved.unwrap_or(session.created);
    ctx.read(move |reader| {
        if asking.org.view.access_rules(reader)?.is_empty() {
            return Ok(AtAdminPortal::Open);
        }
        let place = asking.org.places.of(asking.source);
        let from = From { place, admin_portal: true, ..From::default() };
        let held = policy::in_force_from(reader, &asking, user, &Resource::Portal, &from, false)?;
        Ok(if !held.said.against().is_empty() {
            AtAdminPortal::Shut(held.said.against().to_vec())
        } else if held.said.obligation.is_fresh(passed, asking.now) {
            AtAdminPortal::Open
        } else {
            AtAdminPortal::StepUp
        })
    })
    .await
}
