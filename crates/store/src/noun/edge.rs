//! What joins nouns: memberships, the ends of bindings, aliases to find a noun by; its secrets, and its picture.

use std::collections::BTreeSet;

use sallyport_model::change::ChangeKind;

use super::{Noun, subject};
use crate::{Reader, StoreError, Tx, tx::Changed};

const INSERT: &str = "INSERT INTO edge (kind, left_id, right_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const DELETE: &str = "DELETE FROM edge WHERE kind = $1 AND left_id = $2 AND right_id = $3";
const RIGHTS: &str = "SELECT right_id FROM edge WHERE kind = $1 AND left_id = $2 ORDER BY right_id";
const ANY_RIGHT: &str =
    "SELECT right_id FROM edge WHERE kind = $1 AND left_id = $2 AND right_id LIKE $3 ESCAPE '!' LIMIT 1";
const LEFTS: &str = "SELECT left_id FROM edge WHERE kind = $1 AND right_id = $2 ORDER BY left_id";
const FORGET_EDGES: &str = "DELETE FROM edge WHERE left_id = $1 OR right_id = $1";
const PUT_ALIAS: &str = "INSERT INTO alias (kind, value, owner) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const FIND_ALIAS: &str = "SELECT owner FROM alias WHERE kind = $1 AND value = $2";
const DELETE_ALIAS: &str = "DELETE FROM alias WHERE kind = $1 AND value = $2 AND owner = $3";
const ALIASES_OF: &str = "SELECT value FROM alias WHERE owner = $1 AND kind = $2 ORDER BY value";
const FORGET_ALIASES: &str = "DELETE FROM alias WHERE owner = $1";
const PUT_SECRET: &str = "INSERT INTO secret (owner, purpose, value) VALUES ($1, $2, $3) ON CONFLICT (owner, purpose) DO UPDATE SET value = excluded.value";
const FIND_SECRET: &str = "SELECT value FROM secret WHERE owner = $1 AND purpose = $2";
const DELETE_SECRET: &str = "DELETE FROM secret WHERE owner = $1 AND purpose = $2";
const FORGET_SECRETS: &str = "DELETE FROM secret WHERE owner = $1";
const PUT_PICTURE: &str = "INSERT INTO picture (owner, value) VALUES ($1, $2) ON CONFLICT (owner) DO UPDATE SET value = excluded.value";
const FIND_PICTURE: &str = "SELECT value FROM picture WHERE owner = $1";
const FORGET_PICTURE: &str = "DELETE FROM picture WHERE owner = $1";

#[cfg(test)]
pub(crate) const QUERIES: &[&str] = &[
    INSERT,
    DELETE,
    RIGHTS,
    ANY_RIGHT,
    LEFTS,
    FORGET_EDGES,
    PUT_ALIAS,
    FIND_ALIAS,
    DELETE_ALIAS,
    ALIASES_OF,
    FORGET_ALIASES,
    PUT_SECRET,
    FIND_SECRET,
    DELETE_SECRET,
    FORGET_SECRETS,
    PUT_PICTURE,
    FIND_PICTURE,
    FORGET_PICTURE,
];

/// A kind of edge; left and right are ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// Binding (left) to the group or user it binds (right).
    BindingSubject,
    /// Binding (left) to the device or group of devices it binds to (right).
    BindingTarget,
    /// Group (left) to its direct members (right).
    Member,
    /// User (left) to their factors (right).
    UserFactor,
    /// User (left) to the resets that concern them (right).
    UserReset,
    /// User (left) to the applications that they keep at hand (right). Theirs alone, and no change.
    UserFavourite,
    /// Device (left) to its runs (right).
    DeviceRun,
    /// Command (left) to its runs (right).
    CommandRun,
}

impl Edge {
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::BindingSubject => "binding_subject",
            Self::BindingTarget => "binding_target",
            Self::Member => "member",
            Self::UserFactor => "user_factor",
            Self::UserReset => "user_reset",
            Self::UserFavourite => "user_favourite",
            Self::DeviceRun => "device_run",
            Self::CommandRun => "command_run",
        }
    }
}

/// Deepest nesting of groups that is followed.
const DEEPEST: usize = 64;

impl Reader {
    /// The right ends of the edges that leave `left`, in order.
    ///
    /// # Errors
    /// The engine's.
    pub fn rights_of(&mut self, edge: Edge, left: &str) -> Result<Vec<String>, StoreError> {
        self.query(RIGHTS, &[edge.kind().into(), left.into()], |row| row.text(0))
    }

    /// The left ends of the edges that arrive at `right`, in order.
    ///
    /// # Errors
    /// The engine's.
    pub fn lefts_of(&mut self, edge: Edge, right: &str) -> Result<Vec<String>, StoreError> {
        self.query(LEFTS, &[edge.kind().into(), right.into()], |row| row.text(0))
    }

    /// Every group that `member` is in, directly or through other groups.
    ///
    /// # Errors
    /// The engine's.
    pub fn groups_around(&mut self, member: &str) -> Result<BTreeSet<String>, StoreError> {
        self.closure(member, |reader, id| reader.lefts_of(Edge::Member, id))
    }

    /// Everything in `group`, directly or through other groups, the groups between included.
    ///
    /// # Errors
    /// The engine's.
    pub fn members_within(&mut self, group: &str) -> Result<BTreeSet<String>, StoreError> {
        self.closure(group, |reader, id| reader.rights_of(Edge::Member, id))
    }

    /// Whether any user is in `group`, directly or through other groups. Costs what the groups between cost, not what
    /// is in them.
    ///
    /// # Errors
    /// The engine's.
    pub fn has_user_within(&mut self, group: &str) -> Result<bool, StoreError> {
        const USERS: &str = "usr!_%";
        let (mut seen, mut frontier) = (BTreeSet::new(), vec![group.to_owned()]);
        for _ in 0..DEEPEST {
            let mut next = Vec::new();
            for id in &frontier {
                let params = [Edge::Member.kind().into(), id.as_str().into(), USERS.into()];
                if self.query_one(ANY_RIGHT, &params, |row| row.text(0))?.is_some() {
                    return Ok(true);
                }
                // Only groups are left.
                next.extend(
                    self.rights_of(Edge::Member, id)?.into_iter().filter(|found| seen.insert(found.clone())),
                );
            }
            if next.is_empty() {
                break;
            }
            frontier = next;
        }
        Ok(false)
    }

    fn closure(
        &mut self,
        start: &str,
        step: impl Fn(&mut Self, &str) -> Result<Vec<String>, StoreError>,
    ) -> Result<BTreeSet<String>, StoreError> {
        let mut seen = BTreeSet::new();
        let mut frontier = vec![start.to_owned()];
        for _ in 0..DEEPEST {
            let mut next = Vec::new();
            for id in &frontier {
                for found in step(self, id)? {
                    if seen.insert(found.clone()) && !found.starts_with("usr_") && !found.starts_with("dev_")
                    {
                        next.push(found);
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            frontier = next;
        }
        Ok(seen)
    }

    /// Whose alias this is.
    ///
    /// # Errors
    /// The engine's.
    pub fn find_alias(&mut self, kind: &str, value: &str) -> Result<Option<String>, StoreError> {
        self.query_one(FIND_ALIAS, &[kind.into(), value.into()], |row| row.text(0))
    }

    /// The aliases of one kind that a noun has.
    ///
    /// # Errors
    /// The engine's.
    pub fn aliases_of(&mut self, owner: &str, kind: &str) -> Result<Vec<String>, StoreError> {
        self.query(ALIASES_OF, &[owner.into(), kind.into()], |row| row.text(0))
    }

    /// The picture of a noun.
    ///
    /// # Errors
    /// The engine's.
    pub fn picture(&mut self, owner: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.query_one(FIND_PICTURE, &[owner.into()], |row| row.bytes(0))
    }

    /// A secret of a noun, sealed or hashed as it was put.
    ///
    /// # Errors
    /// The engine's.
    pub fn find_secret(&mut self, owner: &str, purpose: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.query_one(FIND_SECRET, &[owner.into(), purpose.into()], |row| row.bytes(0))
    }
}

impl Tx<'_> {
    /// Adds a member to a group; recorded as a change of the group. `None` if it is a member already.
    ///
    /// # Errors
    /// The engine's.
    pub fn add_member<T: Noun>(
        &mut self,
        group: &T,
        member: &str,
    ) -> Result<Option<Changed<()>>, StoreError> {
        if !self.put_edge(Edge::Member, &group.id().to_string(), member)? {
            return Ok(None);
        }
        let subject = subject(group);
        let after = Some(serde_json::json!({ "member_added": member }).to_string());
        Ok(Some(self.mutated(Changed { value: (), kind: ChangeKind::Updated, subject, before: None, after })))
    }

    /// Takes a member out of a group. `None` if it is not a member.
    ///
    /// # Errors
    /// The engine's.
    pub fn remove_member<T: Noun>(
        &mut self,
        group: &T,
        member: &str,
    ) -> Result<Option<Changed<()>>, StoreError> {
        let id = group.id().to_string();
        let params = [Edge::Member.kind().into(), (&id).into(), member.into()];
        if self.execute(DELETE, &params)? == 0 {
            return Ok(None);
        }
        let subject = subject(group);
        let before = Some(serde_json::json!({ "member_removed": member }).to_string());
        Ok(Some(self.mutated(Changed { value: (), kind: ChangeKind::Updated, subject, before, after: None })))
    }

    /// Joins two ids; whether that is new. Part of creating the noun on its left, which is what gets recorded.
    ///
    /// # Errors
    /// The engine's.
    pub fn put_edge(&mut self, edge: Edge, left: &str, right: &str) -> Result<bool, StoreError> {
        Ok(self.execute(INSERT, &[edge.kind().into(), left.into(), right.into()])? == 1)
    }

    /// Makes a noun findable by something that is not its key. Part of creating it.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when it is somebody's already.
    pub fn put_alias(&mut self, kind: &'static str, value: &str, owner: &str) -> Result<(), StoreError> {
        if self.execute(PUT_ALIAS, &[kind.into(), value.into(), owner.into()])? == 0 {
            return Err(StoreError::Taken { table: "alias", key: kind.into() });
        }
        Ok(())
    }

    /// Takes an alias away from its owner. Part of updating the noun.
    ///
    /// # Errors
    /// The engine's.
    pub fn delete_alias(&mut self, kind: &str, value: &str, owner: &str) -> Result<(), StoreError> {
        self.execute(DELETE_ALIAS, &[kind.into(), value.into(), owner.into()]).map(|_| ())
    }

    /// Puts or replaces a secret of a noun. The caller records what that means: a creation, an update, or
    /// [`Tx::touched`].
    ///
    /// # Errors
    /// The engine's.
    pub fn put_secret(&mut self, owner: &str, purpose: &str, value: &[u8]) -> Result<(), StoreError> {
        self.execute(PUT_SECRET, &[owner.into(), purpose.into(), crate::sql::Param::Bytes(value)]).map(|_| ())
    }

    /// Removes a secret of a noun; whether there was one.
    ///
    /// # Errors
    /// The engine's.
    pub fn delete_secret(&mut self, owner: &str, purpose: &str) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE_SECRET, &[owner.into(), purpose.into()])? == 1)
    }

    /// Parts two ids; whether they were joined.
    ///
    /// # Errors
    /// The engine's.
    pub fn delete_edge(&mut self, edge: Edge, left: &str, right: &str) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE, &[edge.kind().into(), left.into(), right.into()])? == 1)
    }

    /// Puts or replaces the picture of a noun. Part of updating it.
    ///
    /// # Errors
    /// The engine's.
    pub fn put_picture(&mut self, owner: &str, value: &[u8]) -> Result<(), StoreError> {
        self.execute(PUT_PICTURE, &[owner.into(), crate::sql::Param::Bytes(value)]).map(|_| ())
    }

    /// Takes the picture of a noun away. Part of updating it.
    ///
    /// # Errors
    /// The engine's.
    pub fn delete_picture(&mut self, owner: &str) -> Result<(), StoreError> {
        self.execute(FORGET_PICTURE, &[owner.into()]).map(|_| ())
    }

    pub(crate) fn forget_owned(&mut self, id: &str) -> Result<(), StoreError> {
        for sql in [FORGET_EDGES, FORGET_ALIASES, FORGET_SECRETS, FORGET_PICTURE]
            .into_iter()
            .chain(crate::short::FORGET)
        {
            self.execute(sql, &[id.into()])?;
        }
        Ok(())
    }
}
