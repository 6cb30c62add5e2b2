//! Listings that are filtered, sorted and counted over all there is of a kind, and not over the page that is shown.
//!
//! What a listing looks at (a few words of each noun) is kept in memory, kind by kind: it is read once and then follows the
//! feed from change to change. So any column sorts and any mark filters at the price of a walk through memory, no write pays
//! for an index, and both databases put things in the same order, which is that of folded text compared in Rust. What is
//! shown is read from the store by id, in the snapshot that asked.

mod index;
mod nouns;
#[cfg(test)]
mod tests;

use sallyport_model::{Action, Device, Factor, User, fold};
use sallyport_store::{Noun, Reader, Versioned};

use self::index::Cut;
pub(crate) use self::index::Listings;
use crate::{AppError, Ctx};

/// Most items on one page, whatever is asked for.
const LARGEST_PAGE: usize = 500;
/// Longest text that is searched for, in characters.
const LONGEST_TEXT: usize = 1000;

/// A noun that administrators see in a table.
pub trait Listed: Noun {
    /// What it takes to see them.
    const READ: Action;
    /// What they can be sorted by; the first is the usual order.
    const SORTS: &'static [&'static str];

    /// Folded text that takes this noun's place in that order.
    fn sort_value(&self, by: &str) -> String;

    /// What they can be filtered by, besides text and state: a few words with their values.
    fn marks(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// By what a listing is sorted. What nobody can sort by is the usual order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sort {
    pub by: String,
    pub descending: bool,
}

/// Which part of a listing to show.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Text that must occur, as typed.
    pub text: String,
    /// Only those in this state.
    pub state: Option<String>,
    /// Only those with all of these marks.
    pub marks: Vec<(&'static str, String)>,
    pub sort: Sort,
    /// The `next` of the page before, or a `previous`.
    pub after: String,
    pub limit: usize,
}

/// A page of a listing.
#[derive(Debug, Clone)]
pub struct Listing<T> {
    pub items: Vec<Versioned<T>>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
    /// Where the page before begins, if there is one; of the first page that is the empty text.
    pub previous: Option<String>,
    /// How many stand on the pages before.
    pub before: usize,
    /// How many fit in all.
    pub total: usize,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { items: Vec::new(), next: None, previous: None, before: 0, total: 0 }
    }
}

/// A page of all nouns of a kind.
///
/// # Errors
/// Denied.
pub async fn page<T: Listed + Send + 'static>(ctx: &Ctx, wanted: Wanted) -> Result<Listing<T>, AppError> {
    page_of(ctx, wanted, |_| Ok(|_: &str| true)).await
}

/// A page of those that `among` takes by their ids.
///
/// # Errors
/// Denied.
pub(crate) async fn page_of<T: Listed + Send + 'static, K: Fn(&str) -> bool>(
    ctx: &Ctx,
    wanted: Wanted,
    among: impl FnOnce(&mut Reader) -> Result<K, AppError> + Send + 'static,
) -> Result<Listing<T>, AppError> {
    ctx.allow(T::READ)?;
    let asking = ctx.clone();
    ctx.read_many(move |reader| {
        let keep = among(reader)?;
        let limit = wanted.limit.clamp(1, LARGEST_PAGE);
        let cut = cut::<T>(reader, &asking, &Wanted { limit, ..wanted }, keep)?;
        let Cut { ids, next, previous, before, total } = cut;
        Ok(Listing { items: known(reader, &ids)?, next, previous, before, total })
    })
    .await
}

/// The ids of everything that fits, in order, for whoever goes through all of it with [`by_ids`].
///
/// # Errors
/// Denied.
pub async fn all<T: Listed + Send + 'static>(ctx: &Ctx, wanted: Wanted) -> Result<Vec<String>, AppError> {
    all_of::<T, _>(ctx, wanted, |_| Ok(|_: &str| true)).await
}

/// The same of those that `among` takes.
///
/// # Errors
/// Denied.
pub(crate) async fn all_of<T: Listed, K: Fn(&str) -> bool>(
    ctx: &Ctx,
    wanted: Wanted,
    among: impl FnOnce(&mut Reader) -> Result<K, AppError> + Send + 'static,
) -> Result<Vec<String>, AppError> {
    ctx.allow(T::READ)?;
    let asking = ctx.clone();
    ctx.read_many(move |reader| {
        let keep = among(reader)?;
        ids::<T>(reader, &asking, &wanted, keep)
    })
    .await
}

/// The nouns with these ids, in this order; those that are gone are left out.
///
/// # Errors
/// Denied.
pub async fn by_ids<T: Listed + Send + 'static>(
    ctx: &Ctx,
    ids: Vec<String>,
) -> Result<Vec<Versioned<T>>, AppError> {
    ctx.allow(T::READ)?;
    ctx.read_many(move |reader| known(reader, &ids)).await
}

/// Reads what the largest listings look at, so that no page waits for all of it, after a start or after many changes.
///
/// # Errors
/// The store's.
pub(crate) async fn keep_up(ctx: &Ctx) -> Result<(), AppError> {
    let asking = ctx.clone();
    ctx.read_many(move |reader| {
        let listings = &asking.org.view.listings;
        listings.with::<User, _>(reader, |_| ())?;
        listings.with::<Factor, _>(reader, |_| ())?;
        listings.with::<Device, _>(reader, |_| ())
    })
    .await
}

/// The ids of everything that fits, in order, from the beginning on.
///
/// # Errors
/// The store's.
pub(crate) fn ids<T: Listed>(
    reader: &mut Reader,
    ctx: &Ctx,
    wanted: &Wanted,
    keep: impl Fn(&str) -> bool,
) -> Result<Vec<String>, AppError> {
    let whole = Wanted { after: String::new(), limit: usize::MAX, ..wanted.clone() };
    Ok(cut::<T>(reader, ctx, &whole, keep)?.ids)
}

/// The values of a mark that nouns of this kind have.
///
/// # Errors
/// The store's.
pub(crate) fn values_of<T: Listed>(
    reader: &mut Reader,
    ctx: &Ctx,
    mark: &str,
) -> Result<std::collections::HashSet<String>, AppError> {
    ctx.org.view.listings.with::<T, _>(reader, |index| index.values_of(mark))
}

fn cut<T: Listed>(
    reader: &mut Reader,
    ctx: &Ctx,
    wanted: &Wanted,
    keep: impl Fn(&str) -> bool,
) -> Result<Cut, AppError> {
    let column = T::SORTS.iter().position(|known| *known == wanted.sort.by).unwrap_or(0);
    let text: String = fold(&wanted.text).chars().take(LONGEST_TEXT).collect();
    ctx.org.view.listings.with::<T, _>(reader, |index| index.cut(wanted, column, &text, keep))
}

/// Those of them that the snapshot has: what is listed may be a moment newer.
fn known<T: Listed>(reader: &mut Reader, ids: &[String]) -> Result<Vec<Versioned<T>>, AppError> {
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        if let Ok(id) = id.parse() {
            items.extend(reader.find::<T>(id)?);
        }
    }
    Ok(items)
}
