//! Ends the sessions of people who are shut out, or whose earlier proofs are void.
//!
//! A session is checked against the person each time it is used, so it is dead with the change itself; this takes
//! it out of the store and out of people's lists.

use std::collections::BTreeSet;

use sallyport_model::{Change, User, id::UserId};
use sallyport_store::Noun as _;

use super::Notice;
use crate::{AppError, Tx};

pub(super) fn apply(tx: &mut Tx<'_, '_>, changes: &[Change]) -> Result<Vec<Notice>, AppError> {
    let people: BTreeSet<UserId> = changes
        .iter()
        .filter(|change| change.subject.noun == User::NOUN)
        .filter_map(|change| change.subject.id.parse().ok())
        .collect();
    for id in people {
        match tx.find::<User>(id)?.filter(|user| user.is_active()) {
            None => {
                tx.end_sessions_of(id, None)?;
            }
            Some(user) => {
                for session in tx.sessions_of(id)? {
                    if session.epoch != user.credential_epoch {
                        tx.end_session(&session.hash)?;
                    }
                }
            }
        }
    }
    Ok(Vec::new())
}
