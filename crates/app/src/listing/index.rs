//! What is kept in memory of each noun of a kind, and the cutting of pages out of it.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use sallyport_model::{Change, change::ChangeKind};
use sallyport_store::Reader;

use super::{Listed, Wanted};
use crate::AppError;

/// So many changes are followed one by one; behind more, everything is read anew.
const MOST_FOLLOWED: i64 = 20_000;

/// The index of every kind that somebody asked for.
#[derive(Default)]
pub(crate) struct Listings(Mutex<HashMap<&'static str, Slot>>);

type Slot = Arc<Mutex<Option<Index>>>;

/// All nouns of one kind, as they were at one place of the feed.
pub(crate) struct Index {
    place: i64,
    entries: HashMap<Box<str>, Entry>,
}

struct Entry {
    search: Box<str>,
    state: &'static str,
    sorts: Box<[Box<str>]>,
    marks: Box<[(&'static str, Box<str>)]>,
}

/// A page by ids.
pub(crate) struct Cut {
    pub(crate) ids: Vec<String>,
    pub(crate) next: Option<String>,
    pub(crate) previous: Option<String>,
    pub(crate) before: usize,
    pub(crate) total: usize,
}

/// A row as it is put in order: what it is sorted by, and its id where that is the same.
type Row<'i> = (&'i str, &'i str);

impl Listings {
    /// What `f` makes of the index of a kind. It is no older than the snapshot of `reader`.
    ///
    /// # Errors
    /// The store's, or `reader` writes: a write has no place.
    pub(crate) fn with<T: Listed, R>(
        &self,
        reader: &mut Reader,
        f: impl FnOnce(&Index) -> R,
    ) -> Result<R, AppError> {
        let place = reader.place()?.ok_or_else(|| AppError::Internal("a write reads no listing".into()))?;
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(T::NOUN).or_default())
        };
        let mut held = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let index = match held.take() {
            Some(index) => index.followed::<T>(reader, place)?,
            None => Index::read::<T>(reader, place)?,
        };
        let made = f(&index);
        *held = Some(index);
        Ok(made)
    }
}

impl Index {
    fn read<T: Listed>(reader: &mut Reader, place: i64) -> Result<Self, AppError> {
        let all = reader.list_all::<T>()?;
        let entries = all.iter().map(|noun| (noun.id().to_string().into(), Entry::of(&noun.value))).collect();
        Ok(Self { place, entries })
    }

    /// The same at `place`, if it is not further already.
    fn followed<T: Listed>(mut self, reader: &mut Reader, place: i64) -> Result<Self, AppError> {
        if self.place >= place {
            return Ok(self);
        }
        if place - self.place > MOST_FOLLOWED {
            return Self::read::<T>(reader, place);
        }
        for change in reader.changes_of_kind_after(T::NOUN, self.place, place)? {
            self.follow::<T>(&change)?;
        }
        self.place = place;
        Ok(self)
    }

    fn follow<T: Listed>(&mut self, change: &Change) -> Result<(), AppError> {
        match (change.kind, &change.after) {
            (ChangeKind::Created | ChangeKind::Updated, Some(after)) => {
                let noun: T = serde_json::from_str(after)?;
                self.entries.insert(change.subject.id.as_str().into(), Entry::of(&noun));
            }
            // Something about it that is no part of it.
            (ChangeKind::Created | ChangeKind::Updated, None) => {}
            (ChangeKind::Deleted, _) => {
                self.entries.remove(change.subject.id.as_str());
            }
        }
        Ok(())
    }

    /// The page that is wanted, sorted by this column.
    pub(super) fn cut(&self, wanted: &Wanted, column: usize, text: &str, keep: impl Fn(&str) -> bool) -> Cut {
        let named = self.entries.iter().map(|(id, entry)| (&**id, entry));
        let fitting = named.filter(|(id, entry)| entry.fits(wanted, text) && keep(id));
        let all: Vec<Row<'_>> = fitting.map(|(id, entry)| (entry.sort(column), id)).collect();
        let total = all.len();
        let order = |a: &Row<'_>, b: &Row<'_>| {
            let rising = a.cmp(b);
            if wanted.sort.descending { rising.reverse() } else { rising }
        };
        let (mut before, mut rest): (Vec<_>, Vec<_>) = match place(&wanted.after) {
            Some(place) => all.into_iter().partition(|row| order(row, &place) != Ordering::Greater),
            None => (Vec::new(), all),
        };
        let more = rest.len() > wanted.limit;
        if more {
            rest.select_nth_unstable_by(wanted.limit, order);
            rest.truncate(wanted.limit);
        }
        rest.sort_unstable_by(order);
        let next = rest.last().filter(|_| more).map(|row| said(*row));
        Cut {
            previous: previous(&mut before, wanted.limit, order),
            ids: rest.into_iter().map(|(_, id)| id.to_owned()).collect(),
            next,
            before: before.len(),
            total,
        }
    }

    pub(super) fn values_of(&self, mark: &str) -> HashSet<String> {
        let marks = self.entries.values().flat_map(|entry| &entry.marks);
        marks.filter(|(known, _)| *known == mark).map(|(_, value)| value.to_string()).collect()
    }
}

impl Entry {
    fn of<T: Listed>(noun: &T) -> Self {
        Self {
            search: noun.search().into(),
            state: noun.state(),
            sorts: T::SORTS.iter().map(|by| noun.sort_value(by).into()).collect(),
            marks: noun.marks().into_iter().map(|(mark, value)| (mark, value.into())).collect(),
        }
    }

    fn sort(&self, column: usize) -> &str {
        self.sorts.get(column).map_or("", |value| value)
    }

    fn fits(&self, wanted: &Wanted, text: &str) -> bool {
        let has = |(mark, value): &(&'static str, String)| {
            self.marks.iter().any(|(known, is)| known == mark && **is == **value)
        };
        wanted.state.as_deref().is_none_or(|state| state == self.state)
            && wanted.marks.iter().all(has)
            && (text.is_empty() || self.search.contains(text))
    }
}

/// A place in the order as it stands in an address: ids have no blank.
fn said((value, id): Row<'_>) -> String {
    format!("{id} {value}")
}

fn place(given: &str) -> Option<Row<'_>> {
    given.split_once(' ').map(|(id, value)| (value, id))
}

/// Where the page before begins: behind as many rows as do not fit on it.
fn previous(
    before: &mut [Row<'_>],
    limit: usize,
    order: impl Fn(&Row<'_>, &Row<'_>) -> Ordering,
) -> Option<String> {
    if before.is_empty() {
        return None;
    }
    let Some(last) = before.len().checked_sub(limit + 1) else { return Some(String::new()) };
    let (_, row, _) = before.select_nth_unstable_by(last, order);
    Some(said(*row))
}
