//! Nouns of the directory, all kept in one shape: a unique folded key, text to search, a state, a version, and
//! the noun itself as JSON. Five queries serve them all.

mod edge;
mod impls;
mod words;

use std::{fmt, ops::Deref, str::FromStr};

use sallyport_model::change::{ChangeKind, Subject};
use serde::{Serialize, de::DeserializeOwned};

pub use edge::Edge;
#[cfg(test)]
pub(crate) use edge::QUERIES as EDGE_QUERIES;
pub use words::Words;

use crate::{Reader, StoreError, Tx, sql::contains_pattern, tx::Changed};

/// Something of the directory that is kept, changed and recorded.
pub trait Noun: Serialize + DeserializeOwned + Clone {
    /// The name of it in the feed, in routes and in messages.
    const NOUN: &'static str;
    /// Its queries; made by `queries!`.
    const SQL: &'static Sql;
    type Id: Copy + Eq + fmt::Display + FromStr;

    fn id(&self) -> Self::Id;
    /// Folded, unique among its kind, and the order of listings.
    fn key(&self) -> String;
    /// What people read.
    fn label(&self) -> String;
    /// Folded text that searches look through.
    fn search(&self) -> String;
    fn state(&self) -> &'static str {
        ""
    }
}

/// The queries of one noun.
pub struct Sql {
    pub(crate) insert: &'static str,
    pub(crate) update: &'static str,
    pub(crate) delete: &'static str,
    pub(crate) find: &'static str,
    pub(crate) find_by_key: &'static str,
    pub(crate) list: &'static str,
    pub(crate) list_in_state: &'static str,
    pub(crate) list_rights_of: &'static str,
    pub(crate) count: &'static str,
    pub(crate) count_in_state: &'static str,
    pub(crate) count_by_state: &'static str,
    pub(crate) slice: &'static str,
    pub(crate) slice_in_state: &'static str,
    pub(crate) between: &'static str,
    pub(crate) words: &'static str,
    pub(crate) words_of: &'static str,
}

macro_rules! queries {
    ($table:literal) => {
        &$crate::noun::Sql {
            insert: concat!(
                "INSERT INTO ", $table,
                " (id, key, search, state, version, doc) VALUES ($1, $2, $3, $4, 1, $5) ON CONFLICT DO NOTHING"
            ),
            update: concat!(
                "UPDATE ", $table,
                " SET key = $3, search = $4, state = $5, version = version + 1, doc = $6 WHERE id = $1 AND version = $2",
                " AND NOT EXISTS (SELECT 1 FROM ", $table, " AS other WHERE other.key = $3 AND other.id <> $1)"
            ),
            delete: concat!("DELETE FROM ", $table, " WHERE id = $1 AND version = $2"),
            find: concat!("SELECT id, key, version, doc FROM ", $table, " WHERE id = $1"),
            find_by_key: concat!("SELECT id, key, version, doc FROM ", $table, " WHERE key = $1"),
            list: concat!(
                "SELECT id, key, version, doc FROM ", $table,
                " WHERE key > $1 AND search LIKE $2 ESCAPE '!' ORDER BY key LIMIT $3"
            ),
            list_in_state: concat!(
                "SELECT id, key, version, doc FROM ", $table,
                " WHERE key > $1 AND search LIKE $2 ESCAPE '!' AND state = $4 ORDER BY key LIMIT $3"
            ),
            list_rights_of: concat!(
                "SELECT noun.id, noun.key, noun.version, noun.doc FROM edge JOIN ", $table,
                " AS noun ON noun.id = edge.right_id WHERE edge.left_id = $1 AND edge.kind = $2 ORDER BY edge.right_id"
            ),
            count: concat!("SELECT COUNT(*) FROM ", $table),
            count_in_state: concat!("SELECT COUNT(*) FROM ", $table, " WHERE state = $1"),
            count_by_state: concat!("SELECT state, COUNT(*) FROM ", $table, " GROUP BY state ORDER BY state"),
            slice: concat!("SELECT id, key, version, doc FROM ", $table, " ORDER BY id LIMIT $1 OFFSET $2"),
            slice_in_state: concat!(
                "SELECT id, key, version, doc FROM ", $table,
                " WHERE state = $3 ORDER BY id LIMIT $1 OFFSET $2"
            ),
            between: concat!(
                "SELECT id, key, version, doc FROM ", $table, " WHERE id >= $1 AND id <= $2 ORDER BY id LIMIT 2"
            ),
            words: concat!("SELECT id, search FROM ", $table, " WHERE id > $1 ORDER BY id LIMIT $2"),
            words_of: concat!("SELECT id, search FROM ", $table, " WHERE id = $1"),
        }
    };
}
pub(crate) use queries;

/// A noun as it was read, with the version an update must still find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    pub value: T,
    /// Rises by one with every update; the entity tag of the REST API.
    pub version: i64,
}

impl<T> Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Which part of a listing to show.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// The key after which the page begins.
    pub after: String,
    /// Text that must occur, as typed.
    pub text: String,
    /// Only those in this state.
    pub state: Option<String>,
    pub limit: usize,
}

/// Part of a listing, in order of keys.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub items: Vec<Versioned<T>>,
    /// The key after which the next page begins, if there is one.
    pub next: Option<String>,
}

/// Most items a page holds, whatever is asked for.
const LARGEST_PAGE: usize = 500;

impl Reader {
    /// The noun with this id.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn find<T: Noun>(&mut self, id: T::Id) -> Result<Option<Versioned<T>>, StoreError> {
        self.query_one(T::SQL.find, &[(&id.to_string()).into()], |row| Ok(keyed(row)?.1))
    }

    /// The noun with this folded key.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub fn find_by_key<T: Noun>(&mut self, key: &str) -> Result<Option<Versioned<T>>, StoreError> {
        self.query_one(T::SQL.find_by_key, &[key.into()], |row| Ok(keyed(row)?.1))
    }

    /// The noun with this id, which must be there.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or as [`Self::find`].
    pub fn expect<T: Noun>(&mut self, id: T::Id) -> Result<Versioned<T>, StoreError> {
        self.find(id)?.ok_or_else(|| StoreError::Missing { table: T::NOUN, id: id.to_string() })
    }

    /// The nouns at the right ends of the edges that leave `left`, in the order of their ids.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub fn list_rights_of<T: Noun>(
        &mut self,
        edge: Edge,
        left: &str,
    ) -> Result<Vec<Versioned<T>>, StoreError> {
        self.query(T::SQL.list_rights_of, &[left.into(), edge.kind().into()], |row| Ok(keyed(row)?.1))
    }

    /// One page of a listing.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub fn list<T: Noun>(&mut self, request: &PageRequest) -> Result<Page<T>, StoreError> {
        let limit = request.limit.clamp(1, LARGEST_PAGE);
        let pattern = contains_pattern(&request.text);
        let fetch = i64::try_from(limit).unwrap_or(1) + 1;
        let mut items: Vec<(String, Versioned<T>)> = match &request.state {
            None => {
                self.query(T::SQL.list, &[(&request.after).into(), (&pattern).into(), fetch.into()], keyed)?
            }
            Some(state) => self.query(
                T::SQL.list_in_state,
                &[(&request.after).into(), (&pattern).into(), fetch.into(), state.into()],
                keyed,
            )?,
        };
        let more = items.len() > limit;
        items.truncate(limit);
        // The key as it is stored: what a newer program would fold it to may stand elsewhere in the order.
        let next = if more { items.last().map(|(key, _)| key.clone()) } else { None };
        Ok(Page { items: items.into_iter().map(|(_, item)| item).collect(), next })
    }

    /// Everything of this kind, page by page.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub fn list_all<T: Noun>(&mut self) -> Result<Vec<Versioned<T>>, StoreError> {
        let mut request = PageRequest { limit: LARGEST_PAGE, ..PageRequest::default() };
        let mut all = Vec::new();
        loop {
            let page = self.list::<T>(&request)?;
            all.extend(page.items);
            match page.next {
                Some(next) => request.after = next,
                None => return Ok(all),
            }
        }
    }

    /// Those of this kind, and in this state if one is given, from place `offset` on in the order they were made in; and
    /// how many there are in all.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub fn slice<T: Noun>(
        &mut self,
        state: Option<&str>,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<Versioned<T>>, u64), StoreError> {
        let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let (limit, offset) = (whole(limit), whole(offset));
        let item = |row: &crate::sql::Row<'_>| Ok(keyed(row)?.1);
        let (items, total) = match state {
            None => (self.query(T::SQL.slice, &[limit.into(), offset.into()], item)?, self.count::<T>()?),
            Some(state) => {
                let items =
                    self.query(T::SQL.slice_in_state, &[limit.into(), offset.into(), state.into()], item)?;
                (items, self.count_in_state::<T>(state)?)
            }
        };
        Ok((items, u64::try_from(total).unwrap_or(0)))
    }

    /// The only noun with an id from `first` to `last`; none where there are several.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub fn find_between<T: Noun>(
        &mut self,
        first: T::Id,
        last: T::Id,
    ) -> Result<Option<Versioned<T>>, StoreError> {
        let (first, last) = (first.to_string(), last.to_string());
        let mut found =
            self.query(T::SQL.between, &[(&first).into(), (&last).into()], |row| Ok(keyed(row)?.1))?;
        Ok(if found.len() == 1 { found.pop() } else { None })
    }

    /// How many there are.
    ///
    /// # Errors
    /// The engine's.
    pub fn count<T: Noun>(&mut self) -> Result<i64, StoreError> {
        Ok(self.query_one(T::SQL.count, &[], |row| row.int(0))?.unwrap_or(0))
    }

    /// How many there are in this state.
    ///
    /// # Errors
    /// The engine's.
    pub fn count_in_state<T: Noun>(&mut self, state: &str) -> Result<i64, StoreError> {
        Ok(self.query_one(T::SQL.count_in_state, &[state.into()], |row| row.int(0))?.unwrap_or(0))
    }

    /// How many there are in each state that any is in.
    ///
    /// # Errors
    /// The engine's.
    pub fn count_by_state<T: Noun>(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        self.query(T::SQL.count_by_state, &[], |row| Ok((row.text(0)?, row.int(1)?)))
    }
}

impl Tx<'_> {
    /// Creates a noun.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when its id or key is in use.
    pub fn create<T: Noun>(&mut self, value: T) -> Result<Changed<Versioned<T>>, StoreError> {
        let (id, key) = (value.id().to_string(), value.key());
        let doc = encode(T::NOUN, &value)?;
        let search = value.search();
        let params = [(&id).into(), (&key).into(), (&search).into(), value.state().into(), (&doc).into()];
        if self.execute(T::SQL.insert, &params)? == 0 {
            return Err(StoreError::Taken { table: T::NOUN, key });
        }
        let subject = subject(&value);
        let value = Versioned { value, version: 1 };
        Ok(self.mutated(Changed {
            value,
            kind: ChangeKind::Created,
            subject,
            before: None,
            after: Some(doc),
        }))
    }

    /// Replaces a noun with what has become of it.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when somebody else changed it since `before` was read, [`StoreError::Taken`] when
    /// its new key is in use.
    pub fn update<T: Noun>(
        &mut self,
        before: &Versioned<T>,
        after: T,
    ) -> Result<Changed<Versioned<T>>, StoreError> {
        let (id, key) = (before.value.id().to_string(), after.key());
        if after.id() != before.value.id() {
            return Err(damaged(T::NOUN, &id, "an update must keep the id"));
        }
        let (old, new) = (encode(T::NOUN, &before.value)?, encode(T::NOUN, &after)?);
        let search = after.search();
        let params = [
            (&id).into(),
            before.version.into(),
            (&key).into(),
            (&search).into(),
            after.state().into(),
            (&new).into(),
        ];
        if self.execute(T::SQL.update, &params)? == 0 {
            let now = self.query_one(T::SQL.find, &[(&id).into()], |row| row.int(2))?;
            return Err(if now == Some(before.version) {
                StoreError::Taken { table: T::NOUN, key }
            } else {
                StoreError::Stale { table: T::NOUN, id }
            });
        }
        let subject = subject(&after);
        let value = Versioned { value: after, version: before.version + 1 };
        Ok(self.mutated(Changed {
            value,
            kind: ChangeKind::Updated,
            subject,
            before: Some(old),
            after: Some(new),
        }))
    }

    /// Deletes a noun with its secrets, aliases, edges and short-lived state.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when somebody else changed it since it was read.
    pub fn delete<T: Noun>(&mut self, noun: &Versioned<T>) -> Result<Changed<()>, StoreError> {
        let id = noun.value.id().to_string();
        let before = Some(encode(T::NOUN, &noun.value)?);
        if self.execute(T::SQL.delete, &[(&id).into(), noun.version.into()])? == 0 {
            return Err(StoreError::Stale { table: T::NOUN, id });
        }
        self.forget_owned(&id)?;
        let subject = subject(&noun.value);
        Ok(self.mutated(Changed { value: (), kind: ChangeKind::Deleted, subject, before, after: None }))
    }

    /// Says in the feed that something about a noun changed that its JSON does not show, such as a secret.
    pub fn touched<T: Noun>(&mut self, noun: &T) -> Changed<()> {
        let subject = subject(noun);
        self.mutated(Changed { value: (), kind: ChangeKind::Updated, subject, before: None, after: None })
    }
}

pub(crate) fn subject<T: Noun>(noun: &T) -> Subject {
    Subject { noun: T::NOUN.to_owned(), id: noun.id().to_string(), label: noun.label() }
}

/// A noun as it is stored, with its key.
fn keyed<T: Noun>(row: &crate::sql::Row<'_>) -> Result<(String, Versioned<T>), StoreError> {
    let id = row.str(0)?;
    let unreadable = |error: StoreError| damaged(T::NOUN, id, &error.to_string());
    let key = row.text(1).map_err(unreadable)?;
    let version = row.int(2).map_err(unreadable)?;
    let value: T = decode(T::NOUN, id, row.str(3).map_err(unreadable)?)?;
    // Whoever asks for one noun must not be handed another.
    if value.id().to_string() != id {
        return Err(damaged(T::NOUN, id, "it holds another id"));
    }
    Ok((key, Versioned { value, version }))
}

pub(crate) fn encode<T: Serialize>(table: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| damaged(table, "(new)", &error.to_string()))
}

pub(crate) fn decode<T: DeserializeOwned>(table: &'static str, id: &str, doc: &str) -> Result<T, StoreError> {
    serde_json::from_str(doc).map_err(|error| damaged(table, id, &error.to_string()))
}

pub(crate) fn damaged(table: &'static str, id: &str, reason: &str) -> StoreError {
    StoreError::BadRow { table, id: id.chars().take(80).collect(), reason: reason.to_owned() }
}
