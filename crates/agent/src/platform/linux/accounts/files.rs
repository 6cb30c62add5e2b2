//! What is there beside the password files: rights, keys, homes, shells.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    os::unix::fs::MetadataExt as _,
};

use sallyport_api::agent::DesiredAccount;

use super::{plan::System, validate};
use crate::{accounts::Ledger, durable, paths::Paths, platform::linux::passwd::Database};

const LONGEST_FILE: u64 = 1024 * 1024;

/// Tells sshd that keys are also where users cannot write; the first mention of an option counts.
pub(super) const SSH_KEYS_CONFIG: &str = "\
# Written by sallyport-agent: keys from the directory lie beside people's own, where only root can write.
AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/sallyport-keys/%u
";

pub(super) fn look(
    paths: &Paths,
    database: Database,
    desired: &[DesiredAccount],
    ledger: &Ledger,
    present: BTreeSet<u32>,
) -> io::Result<System> {
    let mut system = System { database, present, ..System::default() };
    let users = ledger.accounts.keys().copied().chain(desired.iter().map(|account| account.user));
    for user in users {
        if let Some(text) = durable::read_text(&paths.sudoers(user), LONGEST_FILE)? {
            system.sudoers.insert(user, text);
        }
    }
    let owned = ledger.accounts.values().map(|owned| owned.name.as_str());
    let names: BTreeSet<&str> = owned.chain(desired.iter().map(|account| account.name.as_str())).collect();
    for name in names.into_iter().filter(|name| validate::is_name(name)) {
        if let Some(text) = durable::read_text(&paths.ssh_keys(name), LONGEST_FILE)? {
            system.ssh_keys.insert(name.to_owned(), text);
        }
    }
    system.files = owners(paths, desired);
    let config = durable::read_text(&paths.ssh_keys_config(), LONGEST_FILE)?;
    // Without an ssh server there is nobody to tell.
    system.ssh_keys_configured = config.as_deref() == Some(SSH_KEYS_CONFIG) || !paths.sshd_config().exists();
    Ok(system)
}

fn owners(paths: &Paths, desired: &[DesiredAccount]) -> BTreeMap<String, u32> {
    let checked = desired.iter().filter(|account| validate::account(account).is_ok());
    checked
        .flat_map(|account| [&account.shell, &account.home])
        .filter_map(|path| {
            // A home that is a link leads somebody else's files to a new owner; its own owner counts.
            let found = fs::symlink_metadata(paths.absolute(path)).ok()?;
            Some((path.clone(), found.uid()))
        })
        .collect()
}
