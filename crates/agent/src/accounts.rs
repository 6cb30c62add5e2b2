//! Which accounts of this device are the directory's. An account that is not in here is never touched.

use std::{collections::BTreeMap, io, path::Path};

use sallyport_model::id::UserId;
use serde::{Deserialize, Serialize};

use crate::durable;

/// An account the directory owns, by the person's id: names change hands, ids do not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owned {
    pub name: String,
    pub uid: u32,
    /// It was there before the directory.
    pub taken_over: bool,
    /// Suspended or no longer bound.
    pub locked: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    pub accounts: BTreeMap<UserId, Owned>,
}

const LONGEST_FILE: u64 = 4 * 1024 * 1024;

impl Ledger {
    /// # Errors
    /// It is there and cannot be understood; then nothing may be concluded from its silence.
    pub fn load(path: &Path) -> io::Result<Self> {
        match durable::read(path, LONGEST_FILE)? {
            Some(bytes) => Ok(serde_json::from_slice(&bytes)?),
            None => Ok(Self::default()),
        }
    }

    /// # Errors
    /// The file is as it was.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        durable::write(path, &serde_json::to_vec_pretty(self)?, 0o600)
    }

    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<(UserId, &Owned)> {
        self.accounts.iter().find(|(_, owned)| owned.name == name).map(|(id, owned)| (*id, owned))
    }

    #[must_use]
    pub fn by_uid(&self, uid: u32) -> Option<(UserId, &Owned)> {
        self.accounts.iter().find(|(_, owned)| owned.uid == uid).map(|(id, owned)| (*id, owned))
    }
}
