//! Codes by mail: a factor that nobody enrols. It is there for whoever has an address in the directory, as long as there is a
//! mail server and policy lets mail open doors; never for whoever has a role.
//!
//! It is worth no more than the mailbox, which is often behind the same password, and so it proves nothing about who had
//! the account before.

#[cfg(test)]
pub(crate) mod tests;

use sallyport_model::{Factor, Proof, Settings, User, id::FactorId};

use crate::mail;

/// The mail factor of a person. Whether it counts anywhere is for policy to say.
pub(crate) fn of(person: &User, settings: &Settings) -> Option<Factor> {
    if !person.roles.is_empty() || !settings.mail.is_on() {
        return None;
    }
    let address = mail::address_of(person)?.to_owned();
    Some(Factor {
        // As long as the person is there, it is the same.
        id: FactorId::new(person.id.uuid()),
        user: person.id,
        name: mail::masked(&address),
        proof: Proof::Mail { address },
        duo_id: format!("DM{}", person.duo_id.get(2..).unwrap_or_default()),
        created: person.created,
    })
}
