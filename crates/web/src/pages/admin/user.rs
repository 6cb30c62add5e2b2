//! Users: the list, the page of one, and what can be done to them.

mod credential;
mod edit;
mod list;
mod show;
mod state;

use axum::{
    Router,
    routing::{get, post},
};

pub(super) use self::list::wanted;
use crate::State;

/// Where the menu stands.
const HERE: &str = "/admin/users";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/users", get(list::show))
        .route("/admin/users.csv", get(list::export))
        .route("/admin/users/new", get(edit::blank).post(edit::create))
        .route("/admin/users/{id}", get(show::show).post(edit::update))
        .route("/admin/users/{id}/activate", post(state::activate))
        .route("/admin/users/{id}/suspend", post(state::suspend))
        .route("/admin/users/{id}/delete", post(state::delete))
        .route("/admin/users/{id}/roles", post(state::set_roles))
        .route("/admin/users/{id}/end-sessions", post(state::end_sessions))
        .route("/admin/users/{id}/sessions/{session}/end", post(state::end_session))
        .route("/admin/users/{id}/remembered/{browser}/forget", post(state::forget))
        .route("/admin/users/{id}/forget-remembered", post(state::forget_all))
        .route("/admin/users/{id}/password", post(credential::set_password))
        .route("/admin/users/{id}/lock-password", post(credential::lock_password))
        .route("/admin/users/{id}/unlock", post(credential::unlock))
        .route("/admin/users/{id}/enrollment-code", post(credential::enrollment_code))
        .route("/admin/users/{id}/enrollment-link", post(credential::enrollment_link))
        .route("/admin/users/{id}/bypass-codes", post(credential::bypass_codes))
        .route("/admin/users/{id}/phones", post(credential::add_phone))
        .route("/admin/users/{id}/hardware-token", post(credential::assign_token))
        .route("/admin/users/{id}/factors/{factor}/rename", post(credential::rename_factor))
        .route("/admin/users/{id}/factors/{factor}/reactivate", post(credential::reactivate))
        .route("/admin/users/{id}/factors/{factor}/remove", post(credential::remove_factor))
}
