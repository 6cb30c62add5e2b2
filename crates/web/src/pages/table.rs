//! The administrators' tables, all made of the same pieces: columns that people choose and sort by, filters, pages, and the
//! same as a file. All of it stands in the address, so a table can be sent to somebody, and works without script.

pub(crate) mod asked;
pub(crate) mod cell;
pub(crate) mod filter;
mod noun;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::response::Response;
use sallyport_app::{AppError, listing::Listing};
use sallyport_model::Time;

pub(crate) use self::{asked::Asked, cell::Cell, filter::Filter, noun::marks};
use self::{cell::Part, filter::Field};
use super::{filters, mark::Shape, page::Csv};
use crate::language::sentence;

/// Lines on one page.
pub(crate) const PAGE: usize = 50;
/// Nouns read at once for a file.
pub(crate) const AT_ONCE: usize = 500;

/// A column of a table whose rows are made of `R`s.
pub(crate) struct Column<R: 'static> {
    /// In addresses, and above the file.
    name: &'static str,
    title: &'static str,
    /// Whether it is shown where nobody chose.
    usual: bool,
    cell: fn(&R) -> Cell,
    /// What stands in the file, where it is more than the page shows.
    file: Option<fn(&R) -> String>,
}

impl<R> Column<R> {
    pub(crate) const fn new(name: &'static str, title: &'static str, cell: fn(&R) -> Cell) -> Self {
        Self { name, title, usual: true, cell, file: None }
    }

    /// One that is shown only to who chose it.
    pub(crate) const fn unusual(name: &'static str, title: &'static str, cell: fn(&R) -> Cell) -> Self {
        Self { name, title, usual: false, cell, file: None }
    }

    /// One that says more, or the same in other words, in the file.
    pub(crate) const fn filed(
        name: &'static str,
        title: &'static str,
        cell: fn(&R) -> Cell,
        file: fn(&R) -> String,
    ) -> Self {
        Self { name, title, usual: true, cell, file: Some(file) }
    }
}

/// What a tick says to its form, and what it is called.
type Tick = (String, String);

/// What all tables of a kind have in common. The first column always stays.
pub(crate) struct TableOf<R: 'static> {
    /// Of the page, its file and the cookie that remembers its columns.
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    pub(crate) columns: &'static [Column<R>],
    /// Names of columns that sort everything there is.
    pub(crate) sorts: &'static [&'static str],
    /// What it is sorted by where nobody said; with a `-` before it, falling.
    pub(crate) usual_sort: &'static str,
    /// What one row is, in the plural.
    pub(crate) noun: &'static str,
    /// What teaches where there is nothing.
    pub(crate) empty: &'static str,
    /// What a tick says and is called, of rows that can be ticked.
    pub(crate) tick: Option<fn(&R) -> Option<Tick>>,
    /// What can be done to a row at once.
    pub(crate) act: Option<fn(&R) -> Option<Act>>,
}

/// A table as a page shows it.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) noun: &'static str,
    pub(crate) path: &'static str,
    pub(crate) empty: &'static str,
    /// What can be done where there is nothing: address and words.
    pub(crate) begin: Option<(&'static str, &'static str)>,
    pub(crate) filters: Vec<Filter>,
    /// What the forms of filter and columns keep: name and value.
    pub(crate) kept_by_filter: Vec<(String, String)>,
    pub(crate) kept_by_columns: Vec<(String, String)>,
    pub(crate) columns: Vec<Shown>,
    pub(crate) rows: Vec<Line>,
    pub(crate) is_filtered: bool,
    /// Why there can be no rows.
    pub(crate) problem: Option<String>,
    /// Whether somebody chose the columns.
    pub(crate) is_chosen: bool,
    /// The address of the same with the usual columns.
    pub(crate) usual: String,
    pub(crate) file: Option<String>,
    pub(crate) pager: Pager,
    pub(crate) ticks: Option<Ticks>,
}

/// Where ticked rows go.
pub(crate) struct Ticks {
    /// The id of the form.
    pub(crate) form: &'static str,
    /// The name of its field.
    pub(crate) name: &'static str,
}

/// A column and whether it is shown.
pub(crate) struct Shown {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) is_shown: bool,
    /// The address of the same sorted by it, where it can be.
    pub(crate) sort: Option<String>,
    /// How it is sorted by it now.
    pub(crate) direction: Option<&'static str>,
}

/// A row: a cell for each column that is shown.
pub(crate) struct Line {
    pub(crate) cells: Vec<Cell>,
    /// What its tick says and is called; none where it cannot be ticked.
    pub(crate) tick: Option<Tick>,
    /// What can be done to it at once.
    pub(crate) act: Option<Act>,
}

/// A button in a row.
pub(crate) struct Act {
    /// Where its form goes.
    pub(crate) action: String,
    pub(crate) words: &'static str,
    /// The same with the name of what it is done to.
    pub(crate) label: String,
    /// What follows from it for good, to be read before.
    pub(crate) warning: Option<&'static str>,
}

/// Where else there are rows.
#[derive(Default)]
pub(crate) struct Pager {
    pub(crate) first: Option<String>,
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
    /// How many stand before, and how many there are, where that is known.
    pub(crate) counted: Option<(usize, usize)>,
    /// How far back was looked, where that was not everything.
    pub(crate) looked: Option<Time>,
}

impl<R> TableOf<R> {
    /// The table that is asked for, without rows.
    pub(crate) fn asked(&self, asked: &Asked, filters: Vec<Filter>) -> Table {
        let (chosen, sort) = (asked.columns(self), asked.sort(self));
        let shown = |(n, column): (usize, &Column<R>)| Shown {
            name: column.name,
            title: column.title,
            is_shown: n == 0 || chosen.as_ref().map_or(column.usual, |names| names.contains(&column.name)),
            sort: self.sorts.contains(&column.name).then(|| asked.sorted_by(column.name, &sort)),
            direction: (sort.by == column.name).then_some(if sort.descending {
                "descending"
            } else {
                "ascending"
            }),
        };
        let kept = |left_out: &[&str]| asked.kept(left_out);
        let names: Vec<&str> = filters.iter().map(|filter| filter.name).collect();
        Table {
            name: self.name,
            noun: self.noun,
            path: self.path,
            empty: self.empty,
            begin: None,
            kept_by_filter: kept(&names),
            kept_by_columns: kept(&["columns"]),
            columns: self.columns.iter().enumerate().map(shown).collect(),
            rows: Vec::new(),
            is_filtered: names.iter().any(|name| !asked.text(name).is_empty())
                || asked.is_filtered_unseen(&names),
            problem: None,
            is_chosen: chosen.is_some(),
            usual: asked.address(&["columns"], &[("columns", "")]),
            file: Some(format!("{}.csv{}", self.path, asked.file(chosen.as_deref()))),
            pager: Pager::default(),
            ticks: None,
            filters,
        }
    }

    /// The cells of one row.
    pub(crate) fn line(&self, table: &Table, row: &R) -> Line {
        let shown = self.columns.iter().zip(&table.columns).filter(|(_, shown)| shown.is_shown);
        let cells = shown.map(|(column, _)| (column.cell)(row)).collect();
        let tick = self.tick.filter(|_| table.ticks.is_some()).and_then(|tick| tick(row));
        Line { cells, tick, act: self.act.and_then(|act| act(row)) }
    }

    /// A file with the columns that the address names, or all of them.
    pub(crate) fn file(&self, asked: &Asked) -> File<R> {
        let chosen = asked.columns_in_address(self);
        let columns: Vec<&'static Column<R>> = self
            .columns
            .iter()
            .enumerate()
            .filter(|(n, column)| *n == 0 || chosen.as_ref().is_none_or(|names| names.contains(&column.name)))
            .map(|(_, column)| column)
            .collect();
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        File { name: self.name, csv: Csv::new(&names), columns }
    }
}

/// A table on its way into a file.
pub(crate) struct File<R: 'static> {
    name: &'static str,
    csv: Csv,
    columns: Vec<&'static Column<R>>,
}

impl<R> File<R> {
    pub(crate) fn row(&mut self, row: &R) {
        let text = |column: &&Column<R>| match column.file {
            Some(file) => file(row),
            None => (column.cell)(row).plain(),
        };
        self.csv.row(&self.columns.iter().map(text).collect::<Vec<_>>());
    }

    pub(crate) fn into_response(self) -> Response {
        self.csv.into_response(self.name)
    }
}

/// The table on its page.
#[derive(Template)]
#[template(path = "admin/table.html")]
struct TableHtml<'t> {
    table: &'t Table,
    form_token: &'t str,
}

impl Table {
    /// It is part of a page of ours, whose forms carry this token.
    pub(crate) fn html(&self, form_token: &str) -> String {
        TableHtml { table: self, form_token }.render().unwrap_or_else(|error| {
            tracing::error!(%error, "a table could not be rendered");
            String::new()
        })
    }

    /// The same with these rows and what a listing says of the pages around.
    pub(crate) fn paged<T>(self, asked: &Asked, found: &Listing<T>) -> Self {
        let at = |after: &String| match after.is_empty() {
            true => asked.address(&["after"], &[]),
            false => asked.address(&["after"], &[("after", after)]),
        };
        let pager = Pager {
            first: found.previous.as_ref().map(|_| asked.address(&["after"], &[])),
            previous: found.previous.as_ref().map(at),
            next: found.next.as_ref().map(at),
            counted: Some((found.before, found.total)),
            looked: None,
        };
        Self { pager, ..self }
    }

    /// The same of a log, of which nobody counts how long it is.
    pub(crate) fn logged(self, asked: &Asked, next: Option<String>) -> Self {
        let is_first = asked.text("after").is_empty();
        let pager = Pager {
            first: (!is_first).then(|| asked.address(&["after"], &[])),
            next: next.map(|after| asked.address(&["after"], &[("after", &after)])),
            ..Pager::default()
        };
        Self { pager, ..self }
    }

    /// The same, of which not everything was looked through.
    pub(crate) fn looked_back_to(mut self, time: Option<Time>) -> Self {
        self.pager.looked = time;
        self
    }

    /// The same, which cannot have rows for this reason.
    pub(crate) fn without(self, problem: Option<String>) -> Self {
        Self { problem, ..self }
    }

    /// The same with a tick in every row that can have one.
    pub(crate) fn ticked_for(self, ticks: Ticks) -> Self {
        Self { ticks: Some(ticks), ..self }
    }

    pub(crate) fn rows(self, rows: Vec<Line>) -> Self {
        Self { rows, ..self }
    }

    pub(crate) fn begin(self, is_offered: bool, href: &'static str, words: &'static str) -> Self {
        Self { begin: is_offered.then_some((href, words)), ..self }
    }

    /// Whether any row can be ticked.
    pub(crate) fn has_ticks(&self) -> bool {
        self.rows.iter().any(|row| row.tick.is_some())
    }

    /// Whether any row has a button.
    pub(crate) fn has_acts(&self) -> bool {
        self.rows.iter().any(|row| row.act.is_some())
    }
}

impl Pager {
    pub(crate) const fn leads_anywhere(&self) -> bool {
        self.first.is_some() || self.previous.is_some() || self.next.is_some()
    }

    /// How many there are, where that is known.
    pub(crate) fn total(&self) -> Option<String> {
        self.counted.map(|(_, total)| grouped(total))
    }

    /// What stands on this page of how many, such as `51–100 of 1,234 users`.
    pub(crate) fn words(&self, rows: usize, noun: &str) -> String {
        match self.counted {
            Some((_, total)) if rows == total => counted(total, noun),
            Some((before, total)) => {
                let (first, last) = (grouped(before + 1), grouped(before + rows));
                format!("{first}–{last} of {} {noun}", grouped(total))
            }
            None => String::new(),
        }
    }
}

/// What was found; or nothing, and why, where the filter names what is not there.
pub(crate) fn or_nothing<T>(
    found: Result<Listing<T>, AppError>,
) -> Result<(Listing<T>, Option<String>), AppError> {
    match found {
        Ok(found) => Ok((found, None)),
        Err(error @ (AppError::Conflict(_) | AppError::NotFound { .. })) => {
            Ok((Listing::default(), Some(sentence(&error.to_string()))))
        }
        Err(error) => Err(error),
    }
}

/// `1 policy`, `2 policies`.
pub(crate) fn counted(n: usize, noun: &str) -> String {
    let one = match noun.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => noun.strip_suffix('s').unwrap_or(noun).to_owned(),
    };
    if n == 1 { format!("1 {one}") } else { format!("{} {noun}", grouped(n)) }
}

/// A number with a comma before every three digits.
fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
