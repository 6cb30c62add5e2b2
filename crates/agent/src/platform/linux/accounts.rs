//! Accounts as desired: what is there is compared first, and only what differs is touched.

mod files;
mod plan;
mod step;
mod sudo;
mod validate;

use std::{collections::BTreeSet, io};

use sallyport_api::agent::{ActualAccount, Condition, DesiredAccount, DesiredState, Failure};
use sallyport_model::{Right, id::UserId};

use self::plan::{AccountPlan, System, Want};
pub use self::sudo::Answers;
use super::passwd::Database;
use crate::{accounts::Ledger, core::Standing, paths::Paths, platform::PlatformError};

/// Makes the accounts of this device as desired; tells what they are then.
///
/// # Errors
/// It cannot even be seen what is there. Everything smaller stands in the answer.
pub fn apply(
    state: &DesiredState,
    paths: &Paths,
    answers: &mut Answers,
) -> Result<Vec<ActualAccount>, PlatformError> {
    let mut ledger = Ledger::load(&paths.accounts())?;
    let desired = validate::within_limits(&state.accounts)?;
    let gone: Vec<UserId> = ledger
        .accounts
        .keys()
        .filter(|id| desired.iter().all(|account| account.user != **id))
        .copied()
        .collect();
    let mut actual = Vec::new();
    // Whoever is to be shut out comes first.
    let (locked, active): (Vec<_>, Vec<_>) = desired.iter().partition(|account| account.suspended);
    for user in gone {
        let system = look(paths, desired, &ledger)?;
        actual.extend(plan::unbound(user, &ledger, &system).map(|plan| carry_out(plan, paths, &mut ledger)));
    }
    for account in locked.into_iter().chain(active) {
        // Looked at anew for each: the one before may have taken a number or a name.
        let system = look(paths, desired, &ledger)?;
        let plan = plan::desired(account, &ledger, &system);
        actual.push(carry_out(plan, paths, &mut ledger));
    }
    if sudo::is_installed() {
        let standard = standard(desired, &actual);
        let objections =
            answers.objections(standard.iter().map(String::as_str), state.version, paths, sudo::lets_run);
        for (name, reason) in objections {
            object(name, reason, &mut actual);
        }
    }
    Ok(actual)
}

/// The names of those who should have no more than the right of a standard user, and have an account.
fn standard(desired: &[DesiredAccount], actual: &[ActualAccount]) -> Vec<String> {
    let is_there = |wanted: &&DesiredAccount| {
        let found = actual.iter().find(|account| account.user == wanted.user);
        found.is_some_and(|account| account.failures.iter().all(|failure| failure.aspect != plan::ACCOUNT))
    };
    let standard = |account: &&DesiredAccount| match account.right {
        Right::Standard => !account.suspended,
        Right::Administrator => false,
    };
    desired.iter().filter(standard).filter(is_there).map(|account| account.name.clone()).collect()
}

fn object(name: &str, reason: String, actual: &mut [ActualAccount]) {
    for account in actual.iter_mut().filter(|account| account.name == name) {
        account.condition = Condition::Failed;
        account.failures.push(Failure { aspect: plan::RIGHT.to_owned(), reason: reason.clone() });
    }
}

/// What the account of this name is to the directory.
#[must_use]
pub fn standing(name: &str, paths: &Paths) -> Standing {
    let (Ok(database), Ok(ledger)) = (Database::load(paths), Ledger::load(&paths.accounts())) else {
        // Nobody can say; the one account that is never the directory's still gets in.
        return if name == "root" { Standing::Local } else { Standing::Unknown };
    };
    let uid = match database.user(name) {
        Some(user) => Some(user.uid),
        None => foreign_uid(name),
    };
    let Some(uid) = uid else { return Standing::Unknown };
    match (ledger.by_name(name), ledger.by_uid(uid)) {
        (Some((_, owned)), Some(_)) if owned.uid == uid => {
            if owned.locked {
                Standing::Locked
            } else {
                Standing::Active
            }
        }
        // Another name for an account of ours, or another account under a name of ours.
        (Some(_), _) | (None, Some(_)) => Standing::Unknown,
        (None, None) => Standing::Local,
    }
}

/// Whether this is an account of the directory that may log in, by the files alone. This is asked before anybody has
/// proved anything, so it takes no longer for a name that nobody has, and starts no program.
#[must_use]
pub fn is_active(name: &str, paths: &Paths) -> bool {
    let (Ok(database), Ok(ledger)) = (Database::load(paths), Ledger::load(&paths.accounts())) else {
        return false;
    };
    let owned = ledger.by_name(name).filter(|(_, owned)| !owned.locked);
    owned.zip(database.user(name)).is_some_and(|((_, owned), user)| owned.uid == user.uid)
}

/// The uid of an account that another directory brings to this machine.
fn foreign_uid(name: &str) -> Option<u32> {
    if !validate::is_name(name) {
        return None;
    }
    let line = super::tool::run_with("getent", &["passwd", "--", name], b"", LOOKUP).ok()?;
    let mut fields = line.lines().next()?.split(':');
    (fields.next()? == name).then_some(())?;
    fields.nth(1)?.parse().ok()
}

const LOOKUP: std::time::Duration = std::time::Duration::from_secs(5);

fn look(paths: &Paths, desired: &[DesiredAccount], ledger: &Ledger) -> io::Result<System> {
    let database = Database::load(paths)?;
    let uids: BTreeSet<u32> = ledger.accounts.values().map(|owned| owned.uid).collect();
    let present = uids.into_iter().filter(|uid| super::sessions::is_present(paths, *uid)).collect();
    files::look(paths, database, desired, ledger, present)
}

/// Carries a plan out step by step. A step that fails is told with its reason; where the account itself is not as it
/// should be, nothing is built upon it.
fn carry_out(plan: AccountPlan, paths: &Paths, ledger: &mut Ledger) -> ActualAccount {
    let AccountPlan { user, name, want, steps, mut failures } = plan;
    let mut sound = failures.iter().all(|failure| failure.aspect != plan::ACCOUNT);
    for (aspect, step) in steps {
        if !sound && want != Want::Locked {
            break;
        }
        if let Err(error) = step::carry_out(&step, user, paths, ledger) {
            sound &= aspect != plan::ACCOUNT;
            failures.push(Failure { aspect: aspect.to_owned(), reason: error.to_string() });
        }
    }
    let condition = match want {
        _ if !failures.is_empty() => Condition::Failed,
        Want::Active => Condition::InPlace,
        Want::Waiting => Condition::WaitingForPassword,
        Want::Locked => Condition::Locked,
    };
    ActualAccount { user, name, condition, failures }
}

#[cfg(test)]
mod tests;
