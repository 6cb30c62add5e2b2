//! Which part of a table somebody wants to see, as it stands in the address.

use std::fmt::Write as _;

use sallyport_app::PageRequest;
use serde::Deserialize;

use super::fields::encode;

/// Lines on one page.
pub(crate) const PAGE: usize = 50;

/// Part of a listing in order of keys.
#[derive(Default, Clone, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    pub(crate) after: String,
    #[serde(default)]
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) state: String,
}

impl Wanted {
    pub(crate) fn request(&self) -> PageRequest {
        self.request_of(PAGE)
    }

    pub(crate) fn request_of(&self, limit: usize) -> PageRequest {
        let state = Some(self.state.clone()).filter(|state| !state.is_empty());
        PageRequest { after: self.after.clone(), text: self.text.clone(), state, limit }
    }

    /// The query of the next page.
    pub(crate) fn next(&self, after: Option<&str>) -> Option<String> {
        after.map(|after| format!("{}&after={}", self.filter(), encode(after)))
    }

    /// The query of the same filter from its beginning, as for an export.
    pub(crate) fn filter(&self) -> String {
        filter(&self.text, &self.state)
    }

    pub(crate) fn is_filtered(&self) -> bool {
        !(self.text.is_empty() && self.state.is_empty() && self.after.is_empty())
    }
}

fn filter(text: &str, state: &str) -> String {
    let mut query = String::from("?");
    for (name, value) in [("text", text), ("state", state)] {
        // Writing to a String cannot fail.
        write!(query, "{}{name}={}", if query.len() > 1 { "&" } else { "" }, encode(value)).ok();
    }
    query
}

/// A page of everything, for lists to choose from.
pub(crate) fn everything() -> PageRequest {
    PageRequest { limit: 500, ..PageRequest::default() }
}
