//! What is asked of a table: by the address, and by a cookie of ours which columns this browser likes to see.

use std::{collections::BTreeSet, convert::Infallible, fmt::Write as _};

use axum::{
    extract::{FromRequestParts, Query},
    http::{HeaderMap, request::Parts},
    response::Response,
};
use sallyport_app::listing::{Sort, Wanted};

use super::{Column, PAGE, TableOf};
use crate::pages::{
    cookie,
    fields::{Fields, encode},
};

/// Before the name of the table.
const COOKIE: &str = "__Host-sallyport-columns-";
/// How long a browser remembers, in seconds.
const REMEMBERED: u32 = 365 * 24 * 3600;
/// Between the names of columns in the cookie.
const BETWEEN: char = '.';

/// The query of a table's address, and what the browser remembers.
pub(crate) struct Asked {
    query: Fields,
    headers: HeaderMap,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    /// An address that cannot be read asks for nothing in particular.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let query = Fields(query.map(|query| query.0).unwrap_or_default());
        Ok(Self { query, headers: parts.headers.clone() })
    }
}

impl Asked {
    /// What the query of an address asks for, by a browser that remembers nothing.
    pub(crate) fn of_query(query: &str) -> Self {
        let uri = format!("/?{}", query.trim_start_matches('?')).parse();
        let query = uri.ok().and_then(|uri| Query::<Vec<(String, String)>>::try_from_uri(&uri).ok());
        Self { query: Fields(query.map(|query| query.0).unwrap_or_default()), headers: HeaderMap::new() }
    }

    /// A value of the address; empty if it did not come.
    pub(crate) fn text(&self, name: &str) -> String {
        self.query.text(name)
    }

    /// The same, unless blank.
    pub(crate) fn optional(&self, name: &str) -> Option<String> {
        self.query.optional(name)
    }

    /// `yes` or `no`.
    pub(crate) fn yes_or_no(&self, name: &str) -> Option<bool> {
        match self.query.raw(name) {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        }
    }

    /// A page of nouns that have these marks, where the address names them.
    pub(crate) fn wanted<R>(&self, kind: &TableOf<R>, marks: &[&'static str]) -> Wanted {
        let marks = marks.iter().filter_map(|mark| Some((*mark, self.optional(mark)?)));
        Wanted {
            text: self.query.raw("text").to_owned(),
            state: self.optional("state"),
            marks: marks.collect(),
            sort: self.sort(kind),
            after: self.query.raw("after").to_owned(),
            limit: PAGE,
        }
    }

    /// By what it is sorted.
    pub(super) fn sort<R>(&self, kind: &TableOf<R>) -> Sort {
        let given = self.query.raw("sort");
        let known = |given: &str| kind.sorts.contains(&given.trim_start_matches('-'));
        let said = if known(given) { given } else { kind.usual_sort };
        Sort { by: said.trim_start_matches('-').to_owned(), descending: said.starts_with('-') }
    }

    /// The columns that are chosen: by the address, or else by the cookie.
    pub(super) fn columns<R>(&self, kind: &TableOf<R>) -> Option<Vec<&'static str>> {
        if self.query.ticked("columns") {
            return self.columns_in_address(kind);
        }
        let name = format!("{COOKIE}{}", kind.name);
        known(cookie::find(&self.headers, &name)?.split(BETWEEN), kind.columns)
    }

    pub(super) fn columns_in_address<R>(&self, kind: &TableOf<R>) -> Option<Vec<&'static str>> {
        known(self.query.every("columns").into_iter(), kind.columns)
    }

    /// The same address sorted by a column: rising, or falling if it rises now.
    pub(super) fn sorted_by(&self, column: &str, now: &Sort) -> String {
        let falls = now.by == column && !now.descending;
        let sort = if falls { format!("-{column}") } else { column.to_owned() };
        self.address(&["sort", "after"], &[("sort", &sort)])
    }

    /// The query of the same address without some names and with others.
    pub(crate) fn address(&self, without: &[&str], with: &[(&str, &str)]) -> String {
        let kept = self.kept_all(without);
        let kept = kept.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        query(kept.chain(with.iter().copied()))
    }

    /// The query of the file: filter and sort, and the columns that were chosen.
    pub(super) fn file(&self, chosen: Option<&[&str]>) -> String {
        let columns: Vec<(&str, &str)> =
            chosen.unwrap_or_default().iter().map(|column| ("columns", *column)).collect();
        self.address(&["columns", "after"], &columns)
    }

    /// The query of everything that fits, for whoever does something to all of it.
    pub(crate) fn filter(&self) -> String {
        self.address(&["columns", "after"], &[])
    }

    /// What a form of the table keeps hidden: all but the place, and what it asks itself.
    pub(super) fn kept(&self, without: &[&str]) -> Vec<(String, String)> {
        let without: Vec<&str> = without.iter().copied().chain(["after"]).collect();
        self.kept_all(&without)
    }

    /// Whether something else is asked for that no filter of the page shows.
    pub(super) fn is_filtered_unseen(&self, filters: &[&str]) -> bool {
        let without: Vec<&str> = filters.iter().copied().chain(["after", "sort", "columns"]).collect();
        !self.kept_all(&without).is_empty()
    }

    fn kept_all(&self, without: &[&str]) -> Vec<(String, String)> {
        // What the page before achieved is said once.
        let once = ["done", "undo"];
        let stays = |(name, value): &&(String, String)| {
            let name = name.as_str();
            let says = !value.is_empty() || name == "columns";
            says && !without.contains(&name) && !once.contains(&name)
        };
        self.query.0.iter().filter(stays).cloned().collect()
    }

    /// The answer, which has the browser remember the columns that the address chose.
    pub(crate) fn remember<R>(&self, kind: &TableOf<R>, mut response: Response) -> Response {
        if self.query.ticked("columns") {
            let name = format!("{COOKIE}{}", kind.name);
            match self.columns_in_address(kind) {
                Some(columns) => {
                    let value = columns.join(&BETWEEN.to_string());
                    cookie::set_for(response.headers_mut(), &name, &value, REMEMBERED);
                }
                None => cookie::clear(response.headers_mut(), &name),
            }
        }
        response
    }
}

/// Those of the names that are columns, in the order of the table. None where nobody named any.
fn known<'n, R>(
    names: impl Iterator<Item = &'n str>,
    columns: &'static [Column<R>],
) -> Option<Vec<&'static str>> {
    let names: BTreeSet<&str> = names.collect();
    let found: Vec<_> =
        columns.iter().map(|column| column.name).filter(|name| names.contains(name)).collect();
    if found.is_empty() { None } else { Some(found) }
}

fn query<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> String {
    let mut query = String::from("?");
    for (name, value) in pairs {
        let and = if query.len() > 1 { "&" } else { "" };
        // Writing to a String cannot fail.
        write!(query, "{and}{}={}", encode(name), encode(value)).ok();
    }
    query
}
