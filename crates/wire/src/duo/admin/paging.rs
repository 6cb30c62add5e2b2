//! Lists in pages of `limit` from `offset`.

use super::super::{
    envelope::Page,
    params::{ParamError, Params},
};

const USUAL: u64 = 100;

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    pub limit: u64,
    pub offset: u64,
}

/// Part of a list, and how long the whole is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice<T> {
    pub items: Vec<T>,
    pub total: u64,
}

impl Paging {
    /// Most users on one page.
    pub const MOST_USERS: u64 = 300;
    /// Most of anything else.
    pub const MOST: u64 = 500;

    /// A limit beyond `most` becomes that: some clients always ask for more than there is.
    pub fn read(params: &Params, most: u64) -> Result<Self, ParamError> {
        let number = |name| match params.int(name)? {
            Some(number) => u64::try_from(number).map(Some).map_err(|_| ParamError::Invalid(name)),
            None => Ok(None),
        };
        let limit = number("limit")?.filter(|limit| *limit > 0).unwrap_or(USUAL).min(most);
        Ok(Self { limit, offset: number("offset")?.unwrap_or(0) })
    }

    /// What is said beside this page of `total` things. The last page has no next one: clients ask on until then.
    #[must_use]
    pub fn metadata(self, total: u64) -> Page {
        let end = self.offset.saturating_add(self.limit);
        Page {
            total_objects: total,
            next_offset: (end < total).then_some(end),
            prev_offset: (self.offset > 0).then(|| self.offset.saturating_sub(self.limit)),
        }
    }

    /// This page of things that are all at hand.
    #[must_use]
    pub fn of<T>(self, all: Vec<T>) -> Slice<T> {
        let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
        let (skip, take) = (usize::try_from(self.offset), usize::try_from(self.limit));
        let (skip, take) = (skip.unwrap_or(usize::MAX), take.unwrap_or(usize::MAX));
        Slice { items: all.into_iter().skip(skip).take(take).collect(), total }
    }
}
