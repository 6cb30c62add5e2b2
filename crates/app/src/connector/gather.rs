//! What is at Duo, as far as a run needs it.
//!
//! Whoever is missing from a list is asked for by id before anybody believes it, and a list that leaves out somebody who is
//! there after all is not believed at all.

use std::collections::{BTreeSet, HashSet};

use sallyport_connect::duo_admin::{DuoAdmin, DuoAdminError};
use sallyport_model::{fold, id::UserId};
use sallyport_wire::duo::admin::client::{RemoteId, RemoteUser};

use super::{
    ours::MOST_PEOPLE,
    plan::{Links, Theirs, Wanted},
};

/// Users there besides those we manage.
const MOST_USERS: usize = 4 * MOST_PEOPLE;
const MOST_GROUPS: usize = 10_000;
/// Most people asked for by id because a list has not got them.
const MOST_MISSING: usize = 500;

/// Everybody, and every group.
pub(super) async fn everything(duo: &DuoAdmin<'_>, links: &Links) -> Result<Theirs, DuoAdminError> {
    let users = duo.users(MOST_USERS).await?;
    let groups = duo.groups(MOST_GROUPS).await?;
    let there: HashSet<&RemoteId> = users.iter().map(|user| &user.user_id).collect();
    let missing: Vec<&RemoteId> = links
        .users
        .values()
        .filter_map(|link| link.remote.as_ref())
        .filter(|remote| !there.contains(remote))
        .collect();
    if missing.len() > MOST_MISSING {
        return Err(DuoAdminError::List("too many of those we manage are missing from it"));
    }
    for remote in missing {
        if duo.user(remote).await?.is_some() {
            return Err(DuoAdminError::List("it leaves out somebody who is there"));
        }
    }
    Ok(Theirs { users, groups: Some(groups) })
}

/// Only these people, and whoever has a name there that one of them should have; those of ours join them.
pub(super) async fn some(
    duo: &DuoAdmin<'_>,
    people: &mut BTreeSet<UserId>,
    wanted: &Wanted,
    links: &Links,
) -> Result<Theirs, DuoAdminError> {
    let mut users: Vec<RemoteUser> = Vec::new();
    let keep = |found: RemoteUser, users: &mut Vec<RemoteUser>| {
        if users.iter().all(|known| known.user_id != found.user_id) {
            users.push(found);
        }
    };
    for id in people.clone() {
        let link = links.users.get(&id);
        if let Some(remote) = link.and_then(|link| link.remote.as_ref())
            && let Some(found) = duo.user(remote).await?
        {
            keep(found, &mut users);
        }
        let person = wanted.users.get(&id);
        let mut names: BTreeSet<&String> = BTreeSet::new();
        names.extend(link.filter(|link| link.remote.is_none()).map(|link| &link.username));
        names.extend(person.and_then(|person| person.username.as_ref()));
        names.extend(person.iter().flat_map(|person| &person.aliases));
        for name in names {
            if users.iter().any(|user| fold(&user.username) == fold(name)) {
                continue;
            }
            for found in duo.users_named(name).await? {
                let owner = links.users.iter().find(|(_, link)| link.remote.as_ref() == Some(&found.user_id));
                people.extend(owner.map(|(owner, _)| *owner));
                keep(found, &mut users);
            }
        }
    }
    Ok(Theirs { users, groups: None })
}
