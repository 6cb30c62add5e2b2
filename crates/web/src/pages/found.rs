//! What a search found, as both portals show it: a page by itself, and a list under the field while somebody types.

use askama::Template;
use axum::response::{IntoResponse as _, Response};

use super::{page::Page, shell::Shell};
use crate::language::Language;

/// What is shown of one kind.
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) lines: Vec<Line>,
    /// Where all of it is listed, if there is more.
    pub(crate) all: Option<String>,
}

/// A line that leads somewhere.
pub(crate) struct Line {
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) icon: &'static str,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    shell: Shell,
    sections: Vec<Section>,
}

/// The list under the field.
#[derive(Template)]
#[template(path = "search_list.html")]
struct SearchList {
    say: Language,
    text: String,
    sections: Vec<Section>,
    count: usize,
}

/// The page that answers a search.
pub(super) fn page(shell: Shell, text: &str, sections: Vec<Section>) -> Response {
    Page(SearchPage { shell: shell.searching(text), sections }).into_response()
}

/// What fits so far.
pub(super) fn list(say: Language, text: &str, sections: Vec<Section>) -> Response {
    let count = sections.iter().map(|section| section.lines.len()).sum();
    Page(SearchList { say, text: text.trim().to_owned(), sections, count }).into_response()
}
