//! The way into the portal with a session that was opened for an application: the portal has a policy of its own, which is asked
//! once, and counts what was proved already.

use sallyport_model::{
    id::SignInId,
    signin::{Reason, Resource},
};
use sallyport_store::Session;

use super::{person_behind, step_up};
use crate::{
    AppError, Ctx,
    sso::{self, Ask, Level, Standing, Wanted},
};

/// What the portal says to somebody with a session.
#[derive(Debug)]
pub enum AtPortal {
    /// They are in, with this session from now on.
    In(Box<Session>),
    /// It asks for a password once more, or for a new one.
    Ask(Ask),
    /// It asks for a second door, and they have nothing to pass it with.
    NoFactor,
    Shut,
}

/// Lets somebody in to the portal if its policy says so. Whoever signed in at the portal is in.
///
/// # Errors
/// The session has ended in the meantime, no randomness, or the store's.
pub async fn enter(ctx: &Ctx, session: &Session) -> Result<AtPortal, AppError> {
    if session.opened_for.is_none() {
        return Ok(AtPortal::In(Box::new(session.clone())));
    }
    let (id, of) = (ctx.id(SignInId::new)?, session.clone());
    ctx.write(move |tx| {
        person_behind(tx, &of)?;
        let (ctx, to) = (tx.ctx, Resource::Portal);
        let found = tx.find_session(&of.hash)?.ok_or(AppError::Unauthenticated)?;
        match sso::stand(tx, ctx, &found, Wanted { to: &to, since: None, level: Level::OneDoor })? {
            Standing::Ask(ask) => Ok(AtPortal::Ask(ask)),
            Standing::Denied(denial) if denial.reasons == [Reason::NoFactor] => Ok(AtPortal::NoFactor),
            Standing::Denied(denial) => {
                sso::note_denial(tx, id, to, &found, &denial)?;
                Ok(AtPortal::Shut)
            }
            Standing::Through(passage) => {
                sso::note_at(tx, id, to, &passage)?;
                let spared = passage.asked().iter().any(Reason::spares_by_place);
                let both_doors = passage.second_door.is_some();
                let here = step_up::here(ctx).filter(|_| both_doors || spared);
                let next = Session {
                    both_doors,
                    networks: here.into_iter().collect(),
                    proved: passage.second_door.map(|proof| proof.at),
                    opened_for: None,
                    ..found
                };
                tx.end_session(&of.hash)?;
                tx.put_session(&next)?;
                Ok(AtPortal::In(Box::new(next)))
            }
        }
    })
    .await
}
