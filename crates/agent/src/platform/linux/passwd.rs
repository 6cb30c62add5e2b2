//! `/etc/passwd`, `/etc/shadow` and `/etc/group`, read. They are written by shadow-utils only.

use std::{collections::BTreeMap, io};

use crate::{durable, paths::Paths};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) gecos: String,
    pub(super) home: String,
    pub(super) shell: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shadow {
    pub(super) hash: String,
    /// Days since 1970, or nothing.
    pub(super) expire: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) gid: u32,
    pub(super) members: Vec<String>,
}

/// The three files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Database {
    pub(super) users: Vec<User>,
    pub(super) shadow: BTreeMap<String, Shadow>,
    pub(super) groups: Vec<Group>,
}

const LONGEST_FILE: u64 = 16 * 1024 * 1024;

impl Shadow {
    /// Whether a password opens this account.
    pub(super) fn is_usable(&self) -> bool {
        !self.hash.starts_with(['!', '*', 'x'])
    }
}

impl Database {
    pub(super) fn load(paths: &Paths) -> io::Result<Self> {
        let text = |path| Ok::<_, io::Error>(durable::read_text(path, LONGEST_FILE)?.unwrap_or_default());
        Ok(Self::parse(&text(&paths.passwd())?, &text(&paths.shadow())?, &text(&paths.group())?))
    }

    /// Lines that are none of this format (comments, NIS) name nobody.
    pub(super) fn parse(passwd: &str, shadow: &str, group: &str) -> Self {
        Self {
            users: passwd.lines().filter_map(user).collect(),
            shadow: shadow.lines().filter_map(secret).collect(),
            groups: group.lines().filter_map(members).collect(),
        }
    }

    pub(super) fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    pub(super) fn group(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.name == name)
    }

    /// By the list of the group or as their primary group: the system makes no difference.
    pub(super) fn is_member(&self, name: &str, group: &str) -> bool {
        self.is_listed(name, group) || self.is_primary(name, group)
    }

    /// Whether the list of the group has this name.
    pub(super) fn is_listed(&self, name: &str, group: &str) -> bool {
        self.group(group).is_some_and(|group| group.members.iter().any(|member| member == name))
    }

    /// Whether this is the group of their entry in `/etc/passwd`.
    pub(super) fn is_primary(&self, name: &str, group: &str) -> bool {
        self.group(group).zip(self.user(name)).is_some_and(|(group, user)| group.gid == user.gid)
    }
}

fn user(line: &str) -> Option<User> {
    let mut fields = line.split(':');
    let (name, _password) = (fields.next()?, fields.next()?);
    let (uid, gid) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    let (gecos, home, shell) = (fields.next()?, fields.next()?, fields.next()?);
    Some(User {
        name: name.to_owned(),
        uid,
        gid,
        gecos: gecos.to_owned(),
        home: home.to_owned(),
        shell: shell.to_owned(),
    })
}

fn secret(line: &str) -> Option<(String, Shadow)> {
    let fields: Vec<&str> = line.split(':').collect();
    let (name, hash) = (fields.first()?, fields.get(1)?);
    let expire = fields.get(7).copied().unwrap_or_default();
    Some(((*name).to_owned(), Shadow { hash: (*hash).to_owned(), expire: expire.to_owned() }))
}

fn members(line: &str) -> Option<Group> {
    let mut fields = line.split(':');
    let (name, _password, gid) = (fields.next()?, fields.next()?, fields.next()?.parse().ok()?);
    let members = fields.next()?.split(',').filter(|member| !member.is_empty()).map(str::to_owned);
    Some(Group { name: name.to_owned(), gid, members: members.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_in_a_group_by_its_list_or_as_their_primary_group_is_a_member() {
        let database = Database::parse(
            "joe:x:1000:1000::/:/bin/sh\nann:x:1001:27::/:/bin/sh\nmax:x:1002:1002::/:/bin/sh\n",
            "",
            "sudo:x:27:joe,gone\nmax:x:1002:\n",
        );
        let member = |name| database.is_member(name, "sudo");
        assert!(member("joe") && member("ann") && !member("max") && !member("nobody"));
        assert!(database.is_listed("joe", "sudo") && !database.is_listed("ann", "sudo"));
        assert!(database.is_primary("ann", "sudo") && !database.is_primary("joe", "sudo"));
        // Of a group that is not there nobody is a member.
        assert!(!database.is_member("ann", "wheel"));
    }
}
