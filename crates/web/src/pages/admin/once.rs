//! Secrets, shown this once.

use askama::Template;
use axum::response::{IntoResponse, Response};

use crate::pages::{guard::Admin, page::Page, shell::Shell};

/// A page of secrets that cannot be seen again.
#[derive(Template)]
#[template(path = "admin/once.html")]
pub(super) struct OncePage {
    pub(super) shell: Shell,
    pub(super) title: String,
    pub(super) text: String,
    /// What each is called, and the secret.
    pub(super) secrets: Vec<(&'static str, String)>,
    pub(super) back: String,
}

impl OncePage {
    pub(super) fn show(
        admin: &Admin,
        here: &str,
        (title, text): (String, String),
        secrets: Vec<(&'static str, String)>,
        back: String,
    ) -> Response {
        Page(Self { shell: Shell::admin(admin, here), title, text, secrets, back }).into_response()
    }
}
