//! Further names that people sign in with. Nobody has a name or an alias that is somebody else's name or alias, so that
//! whatever is typed at a door is one person or nobody.

use std::collections::BTreeMap;

use sallyport_model::{Alias, User, fold};
use sallyport_store::{Reader, Versioned};

use crate::{AppError, Tx, signin::NOBODY};

/// Alias of a user, in the words of the store as well.
const USER_ALIAS: &str = "user_alias";

type Placed = BTreeMap<u8, Alias>;

/// These aliases in their places: who was there stays, the others take the first that are free.
pub(super) fn placed(before: &Placed, given: &[String]) -> Result<Placed, AppError> {
    let parsed = given.iter().filter(|alias| !alias.trim().is_empty()).map(|alias| parsed(alias));
    let mut left: Vec<Alias> = parsed.collect::<Result<_, _>>()?;
    let mut after = Placed::new();
    for (place, alias) in before {
        if let Some(at) = left.iter().position(|given| given == alias) {
            left.remove(at);
            after.insert(*place, alias.clone());
        }
    }
    for alias in left {
        let free = (1..=User::MOST_ALIASES).find(|place| !after.contains_key(place));
        let free = free.ok_or_else(|| {
            AppError::invalid("aliases", format!("a user has at most {} aliases", User::MOST_ALIASES))
        })?;
        after.insert(free, alias);
    }
    Ok(after)
}

/// # Errors
/// No usable alias.
pub(crate) fn parsed(given: &str) -> Result<Alias, AppError> {
    given.parse().map_err(|error: sallyport_model::NameError| AppError::invalid("aliases", error.to_string()))
}

/// Whose alias this is.
pub(super) fn owner(reader: &mut Reader, given: &str) -> Result<Option<Versioned<User>>, AppError> {
    // Nobody is looked up too, so that what is nobody's alias takes as long.
    let found = reader.find_alias(USER_ALIAS, &fold(given))?.and_then(|id| id.parse().ok());
    Ok(reader.find::<User>(found.unwrap_or(NOBODY))?)
}

/// Refuses a name for a new person that is somebody's alias.
pub(super) fn refuse_name(reader: &mut Reader, name: &str) -> Result<(), AppError> {
    match owner(reader, name)? {
        Some(user) => Err(AppError::Conflict(format!("`{name}` is an alias of user `{}`", user.name).into())),
        None => Ok(()),
    }
}

/// Takes the aliases that are new and lets go of those that are gone.
pub(super) fn claim(tx: &mut Tx<'_, '_>, id: &str, before: &Placed, after: &Placed) -> Result<(), AppError> {
    let mut seen: Vec<&Alias> = Vec::new();
    for alias in after.values() {
        if seen.contains(&alias) {
            return Err(AppError::invalid("aliases", format!("`{alias}` is given twice")));
        }
        seen.push(alias);
    }
    for gone in before.values().filter(|alias| !seen.contains(alias)) {
        tx.delete_alias(USER_ALIAS, gone.as_str(), id)?;
    }
    for new in seen.into_iter().filter(|alias| !before.values().any(|was| was == *alias)) {
        if tx.find_by_key::<User>(new.as_str())?.is_some() {
            return Err(AppError::Conflict(format!("`{new}` is the name of a user already").into()));
        }
        if owner(tx, new.as_str())?.is_some() {
            return Err(AppError::Conflict(format!("`{new}` is an alias of another user already").into()));
        }
        tx.put_alias(USER_ALIAS, new.as_str(), id)?;
    }
    Ok(())
}
