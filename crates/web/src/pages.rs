//! What people see: the doors, their own pages, and the administrators' pages.
//!
//! Pages are rendered here, work without scripts, and hold no logic: a handler reads its form into the input type
//! that the REST API has too, calls one use case, and renders what came back.

pub(crate) mod admin;
pub(crate) mod brand;
mod chart;
pub(crate) mod cookie;
mod device_code;
mod enroll;
mod enroll_by_mail;
pub(crate) mod fields;
pub(crate) mod filters;
mod forward_auth;
pub(crate) mod found;
pub(crate) mod guard;
mod listing;
mod mark;
pub(crate) mod menu;
mod next;
mod notice;
mod oidc;
pub(crate) mod origin;
pub(crate) mod page;
mod phone_code;
mod portal;
pub(crate) mod prompt;
mod qr;
pub(crate) mod refusal;
mod saml;
mod second_door;
mod setup;
pub(crate) mod shell;
mod sign_in;
mod sign_in_row;
mod step_up;
pub(crate) mod table;
mod this_device;
mod undo;
mod ws_federation;

use axum::{
    Router,
    http::HeaderMap,
    middleware,
    response::{IntoResponse as _, Response},
};

use crate::{
    State,
    call::Anyone,
    language::{self, Language},
};

pub(crate) fn routes(state: &State) -> Router<State> {
    Router::new()
        .merge(sign_in::routes())
        .merge(step_up::routes())
        .merge(this_device::routes())
        .merge(prompt::routes())
        .merge(oidc::routes())
        .merge(forward_auth::routes())
        .merge(device_code::routes())
        .merge(saml::routes())
        .merge(ws_federation::routes())
        .merge(setup::routes())
        .merge(enroll::routes())
        .merge(enroll_by_mail::routes())
        .merge(portal::routes())
        .merge(admin::routes())
        .merge(brand::routes())
        .layer(middleware::from_fn(refusal::in_words))
        .layer(middleware::from_fn_with_state(state.clone(), language::choose))
}

/// What a path that is nobody's answers.
pub(crate) async fn nothing_here(Anyone(ctx): Anyone, headers: HeaderMap) -> Response {
    let refused = refusal::Refusal::nothing_here().into_response();
    refusal::dressed(refused, &ctx, Language::of(&headers)).await
}
