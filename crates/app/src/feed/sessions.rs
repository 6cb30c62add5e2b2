//! Ends the sessions of people who are shut out, or whose earlier proofs are void.
//!
//! A session is checked against the person each time it is used, so it is dead with the change itself; this takes
//! it out of the store and out of people's lists.

use std::collections::BTreeSet;

use sallyport_model::{Change, User, id::UserId};
use sallyport_store::Noun as _;

use super::Notice;
use crate::{AppError, Tx, event};

pub(super) fn apply(tx: &mut Tx<'_, '_>, changes: &[Change]) -> Result<Vec<Notice>, AppError> {
    let people: BTreeSet<UserId> = changes
        .iter()
        .filter(|change| change.subject.noun == User::NOUN)
        .filter_map(|change| change.subject.id.parse().ok())
        .collect();
    for id in people {
        let user = tx.find::<User>(id)?;
        let name = user.as_ref().map(|user| user.name.to_string()).unwrap_or_default();
        let epoch = user.filter(|user| user.is_active()).map(|user| user.credential_epoch);
        for session in tx.sessions_of(id)? {
            if Some(session.epoch) != epoch {
                event::session_ended(tx, &session, &name)?;
                tx.end_session(&session.hash)?;
            }
        }
    }
    Ok(Vec::new())
}
