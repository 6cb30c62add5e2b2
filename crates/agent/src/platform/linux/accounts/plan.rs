//! From what is desired and what is there to what is to be done; a function of its arguments.

use std::collections::{BTreeMap, BTreeSet};

use sallyport_api::agent::{DesiredAccount, Failure};
use sallyport_model::{Right, id::UserId};

use super::validate;
use crate::{
    accounts::{Ledger, Owned},
    platform::linux::passwd::{Database, User},
};

pub(super) const ACCOUNT: &str = "account";
const GROUP: &str = "group";
const HOME: &str = "home";
const LOCK: &str = "lock";
const PASSWORD: &str = "password";
pub(super) const RIGHT: &str = "right";
const SESSIONS: &str = "sessions";
const SSH_KEYS: &str = "ssh_keys";

/// Whoever is in one of these administers the machine.
const ADMINISTRATORS: [&str; 3] = ["sudo", "wheel", "admin"];
const PRIMARY: &str = "it administers this machine by its primary group";
/// All accounts of the directory, so that sshd can ask them for more than a key.
pub(in crate::platform::linux) const DIRECTORY_GROUP: &str = "sallyport-users";
/// `useradd` numbers people from here.
const FIRST_PERSON: u32 = 1000;
/// Of systemd's dynamic users and nobody.
const NOT_PEOPLE: std::ops::RangeInclusive<u32> = 61_184..=65_535;
/// The second day of 1970, as shadow has it: an account that expired then opens no door, keys included.
pub(super) const EXPIRED: &str = "1";

/// What is there.
#[derive(Debug, Clone, Default)]
pub(super) struct System {
    pub(super) database: Database,
    pub(super) sudoers: BTreeMap<UserId, String>,
    pub(super) ssh_keys: BTreeMap<String, String>,
    /// Users who have processes.
    pub(super) present: BTreeSet<u32>,
    /// Homes and shells that exist, and who owns them.
    pub(super) files: BTreeMap<String, u32>,
    /// sshd is told where the keys are.
    pub(super) ssh_keys_configured: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    Active,
    Locked,
    /// Active, as soon as there is a password.
    Waiting,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AccountPlan {
    pub(super) user: UserId,
    pub(super) name: String,
    pub(super) want: Want,
    pub(super) steps: Vec<(&'static str, Step)>,
    pub(super) failures: Vec<Failure>,
}

/// One change of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Tell sshd where the keys are.
    ConfigureSshKeys,
    CreateDirectoryGroup,
    CreateGroup {
        name: String,
        gid: u32,
    },
    CreateUser {
        name: String,
        uid: u32,
        gid: u32,
        gecos: String,
        home: String,
        shell: String,
    },
    EndSessions {
        name: String,
        uid: u32,
    },
    Expire {
        name: String,
    },
    JoinGroup {
        name: String,
        group: String,
    },
    LeaveGroup {
        name: String,
        group: String,
    },
    LockPassword {
        name: String,
    },
    Modify {
        name: String,
        gecos: String,
        shell: String,
    },
    /// Write down whose the account is, before anything is done to it.
    Own(Owned),
    RemoveSshKeys {
        name: String,
    },
    RemoveSudoers,
    SetPassword {
        name: String,
        hash: String,
    },
    Unexpire {
        name: String,
    },
    WriteSshKeys {
        name: String,
        file: String,
    },
    WriteSudoers {
        name: String,
    },
}

/// The plan for a person who should have an account here.
pub(super) fn desired(desired: &DesiredAccount, ledger: &Ledger, system: &System) -> AccountPlan {
    let mut plan = AccountPlan {
        user: desired.user,
        name: desired.name.clone(),
        want: if desired.suspended {
            Want::Locked
        } else if desired.password.is_none() {
            Want::Waiting
        } else {
            Want::Active
        },
        steps: Vec::new(),
        failures: Vec::new(),
    };
    let owned = ledger.accounts.get(&desired.user);
    if let (Some(owned), Want::Locked) = (owned, plan.want) {
        plan.name.clone_from(&owned.name);
        plan.lock(owned, system);
        return plan;
    }
    if let Err(reason) = plan.account(desired, owned, ledger, system) {
        plan.fail(ACCOUNT, reason);
        return plan;
    }
    if plan.want == Want::Locked {
        // Nobody here to shut out, and nobody is let in to be shut out.
        return plan;
    }
    plan.opening(desired, system);
    plan.right(desired, system);
    plan.keys(desired, system);
    plan
}

/// The plan for an account whose person is no longer bound: locked, and there.
pub(super) fn unbound(user: UserId, ledger: &Ledger, system: &System) -> Option<AccountPlan> {
    let owned = ledger.accounts.get(&user)?;
    let mut plan = AccountPlan {
        user,
        name: owned.name.clone(),
        want: Want::Locked,
        steps: Vec::new(),
        failures: Vec::new(),
    };
    plan.lock(owned, system);
    Some(plan)
}

impl AccountPlan {
    /// The account itself: there, and the directory's.
    fn account(
        &mut self,
        desired: &DesiredAccount,
        owned: Option<&Owned>,
        ledger: &Ledger,
        system: &System,
    ) -> Result<(), String> {
        validate::account(desired)?;
        if let Some((other, _)) = ledger.by_name(&desired.name)
            && other != desired.user
        {
            return Err("the account of this name is another person's".to_owned());
        }
        if let Some(owned) = owned.filter(|owned| owned.name != desired.name) {
            let former = owned.name.clone();
            return Err(format!("the account is called `{former}` here, and accounts are not renamed"));
        }
        match (system.database.user(&desired.name), owned) {
            (Some(user), Some(owned)) if user.uid == owned.uid => self.keep(desired, owned, user),
            (Some(_), Some(_)) => {
                return Err("somebody gave the name of this account to another one".to_owned());
            }
            _ if self.want == Want::Locked => {}
            (Some(user), None) => self.take_over(desired, user, ledger, system)?,
            (None, _) => self.create(desired, system)?,
        }
        if self.want != Want::Locked {
            self.join_directory_group(system);
        }
        Ok(())
    }

    fn keep(&mut self, desired: &DesiredAccount, owned: &Owned, user: &User) {
        if owned.locked {
            self.step(ACCOUNT, Step::Own(Owned { locked: false, ..owned.clone() }));
        }
        let gecos = validate::gecos(&desired.display_name);
        let first = user.gecos.split(',').next().unwrap_or_default();
        // What people made of their own account before stays.
        if owned.taken_over {
            return;
        }
        // Files lie there, and belong to it: that is told and left to people.
        if user.home != desired.home {
            self.fail(HOME, format!("it is `{}` here, and homes are not moved", user.home));
        }
        if user.gid != desired.gid {
            self.fail(
                GROUP,
                format!("its number is {} here, and groups of accounts are not changed", user.gid),
            );
        }
        if first != gecos || user.shell != desired.shell {
            let (name, shell) = (desired.name.clone(), desired.shell.clone());
            self.step(ACCOUNT, Step::Modify { name, gecos, shell });
        }
    }

    fn take_over(
        &mut self,
        desired: &DesiredAccount,
        user: &User,
        ledger: &Ledger,
        system: &System,
    ) -> Result<(), String> {
        if !desired.take_over {
            return Err(
                "an account of this name is there already and the binding does not take it over".to_owned()
            );
        }
        if user.uid < FIRST_PERSON || NOT_PEOPLE.contains(&user.uid) {
            return Err("the account of this name is the system's".to_owned());
        }
        if system.database.users.iter().any(|other| other.uid == user.uid && other.name != user.name) {
            return Err("another account has the same number as the one of this name".to_owned());
        }
        if is_last_administrator(user, ledger, &system.database) {
            return Err("it is the last local administrator".to_owned());
        }
        let (name, uid) = (user.name.clone(), user.uid);
        self.step(ACCOUNT, Step::Own(Owned { name, uid, taken_over: true, locked: false }));
        Ok(())
    }

    fn create(&mut self, desired: &DesiredAccount, system: &System) -> Result<(), String> {
        validate::numbers(desired)?;
        let database = &system.database;
        if let Some(other) = database.users.iter().find(|user| user.uid == desired.uid) {
            return Err(format!("its number {} is taken by the account `{}`", desired.uid, other.name));
        }
        if !system.files.contains_key(&desired.shell) {
            return Err(format!("there is no shell `{}` here", desired.shell));
        }
        if system.files.get(&desired.home).is_some_and(|owner| *owner != desired.uid) {
            return Err(format!("the home `{}` is there already and somebody else's", desired.home));
        }
        let (name, uid, gid) = (desired.name.clone(), desired.uid, desired.gid);
        let by_number = database.groups.iter().find(|group| group.gid == gid);
        match (by_number, database.group(&name)) {
            (Some(group), _) if group.name == name => {}
            (Some(group), _) => {
                return Err(format!("its group number {gid} is taken by the group `{}`", group.name));
            }
            (None, Some(_)) => return Err("a group of this name is there already".to_owned()),
            (None, None) => {
                self.step(ACCOUNT, Step::CreateGroup { name: name.clone(), gid });
            }
        }
        self.steps.insert(
            0,
            (ACCOUNT, Step::Own(Owned { name: name.clone(), uid, taken_over: false, locked: false })),
        );
        self.step(
            ACCOUNT,
            Step::CreateUser {
                name,
                uid,
                gid,
                gecos: validate::gecos(&desired.display_name),
                home: desired.home.clone(),
                shell: desired.shell.clone(),
            },
        );
        Ok(())
    }

    fn join_directory_group(&mut self, system: &System) {
        let group = DIRECTORY_GROUP.to_owned();
        if system.database.group(DIRECTORY_GROUP).is_none() {
            self.step(ACCOUNT, Step::CreateDirectoryGroup);
        }
        if !system.database.is_member(&self.name, DIRECTORY_GROUP) {
            self.step(ACCOUNT, Step::JoinGroup { name: self.name.clone(), group });
        }
    }

    /// The password, and the way in it opens.
    fn opening(&mut self, desired: &DesiredAccount, system: &System) {
        let shadow = system.database.shadow.get(&desired.name);
        let name = desired.name.clone();
        match &desired.password {
            Some(hash) if !validate::is_hash(hash) => {
                self.fail(PASSWORD, "the password hash is none".to_owned());
                self.lock_password(system);
            }
            Some(hash) if shadow.is_none_or(|shadow| shadow.hash != *hash) => {
                self.step(PASSWORD, Step::SetPassword { name: name.clone(), hash: hash.clone() });
            }
            Some(_) => {}
            None => self.lock_password(system),
        }
        if shadow.is_some_and(|shadow| shadow.expire == EXPIRED) {
            self.step(LOCK, Step::Unexpire { name });
        }
    }

    fn right(&mut self, desired: &DesiredAccount, system: &System) {
        let there = system.sudoers.get(&desired.user);
        match desired.right {
            Right::Administrator => {
                if there.map(String::as_str) != Some(sudoers(&desired.name).as_str()) {
                    self.step(RIGHT, Step::WriteSudoers { name: desired.name.clone() });
                }
            }
            Right::Standard => {
                if there.is_some() {
                    self.step(RIGHT, Step::RemoveSudoers);
                }
                for group in ADMINISTRATORS {
                    if system.database.is_listed(&desired.name, group) {
                        let (name, group) = (desired.name.clone(), group.to_owned());
                        self.step(RIGHT, Step::LeaveGroup { name, group });
                    }
                    if system.database.is_primary(&desired.name, group) {
                        // Which group is theirs instead, and whose their files are then, is for people to say.
                        self.fail(RIGHT, format!("{PRIMARY} `{group}`; give it another by `usermod --gid`"));
                    }
                }
            }
        }
    }

    fn keys(&mut self, desired: &DesiredAccount, system: &System) {
        let there = system.ssh_keys.get(&desired.name);
        let name = desired.name.clone();
        match validate::key_file(&desired.ssh_keys) {
            Err(reason) => self.fail(SSH_KEYS, reason),
            Ok(file) if file.is_empty() => {
                if there.is_some() {
                    self.step(SSH_KEYS, Step::RemoveSshKeys { name });
                }
            }
            Ok(file) => {
                if there != Some(&file) {
                    self.step(SSH_KEYS, Step::WriteSshKeys { name, file });
                }
                if !system.ssh_keys_configured {
                    self.step(SSH_KEYS, Step::ConfigureSshKeys);
                }
            }
        }
    }

    /// Shuts an account of ours: no password, no key, no right, nobody inside.
    fn lock(&mut self, owned: &Owned, system: &System) {
        if !owned.locked {
            self.step(LOCK, Step::Own(Owned { locked: true, ..owned.clone() }));
        }
        let name = owned.name.clone();
        if system.sudoers.contains_key(&self.user) {
            self.step(RIGHT, Step::RemoveSudoers);
        }
        if system.ssh_keys.contains_key(&name) {
            self.step(SSH_KEYS, Step::RemoveSshKeys { name: name.clone() });
        }
        // An account that is another one by now, or none, is not touched.
        if system.database.user(&name).is_none_or(|user| user.uid != owned.uid) {
            return;
        }
        if system.database.shadow.get(&name).is_none_or(|shadow| shadow.expire != EXPIRED) {
            self.step(LOCK, Step::Expire { name: name.clone() });
        }
        self.lock_password(system);
        if system.present.contains(&owned.uid) {
            self.step(SESSIONS, Step::EndSessions { name, uid: owned.uid });
        }
    }

    fn lock_password(&mut self, system: &System) {
        if system.database.shadow.get(&self.name).is_some_and(super::super::passwd::Shadow::is_usable) {
            self.step(LOCK, Step::LockPassword { name: self.name.clone() });
        }
    }

    fn step(&mut self, aspect: &'static str, step: Step) {
        self.steps.push((aspect, step));
    }

    fn fail(&mut self, aspect: &str, reason: String) {
        self.failures.push(Failure { aspect: aspect.to_owned(), reason });
    }
}

/// What stands in the file that makes somebody an administrator.
pub(super) fn sudoers(name: &str) -> String {
    format!(
        "# Written by sallyport-agent: the directory makes this person an administrator.\n{name} ALL=(ALL:ALL) ALL\n"
    )
}

/// Whether nobody else could administer the machine without the directory.
fn is_last_administrator(user: &User, ledger: &Ledger, database: &Database) -> bool {
    let administers = |name: &str| ADMINISTRATORS.iter().any(|group| database.is_member(name, group));
    let usable = |name: &str| {
        database.shadow.get(name).is_some_and(|shadow| shadow.is_usable() && !shadow.hash.is_empty())
    };
    let other = |other: &User| {
        other.name != user.name
            && (other.uid == 0 || administers(&other.name))
            && usable(&other.name)
            && ledger.by_name(&other.name).is_none()
    };
    administers(&user.name) && !database.users.iter().any(other)
}
