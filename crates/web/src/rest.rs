//! The REST API of administrators: JSON under `/api/v1`, called with an API token, or by people
//! who signed in at it.
//!
//! Every route stands in one table with the right it needs. The router, the OpenAPI document and the test that
//! tries every kind of caller are made from that table, so none of them can forget a route.

mod access_rule;
mod alarm;
mod answer;
mod application;
mod audit;
mod binding;
mod branding;
mod bulk;
mod command;
mod connector;
mod device;
mod duo;
mod enrollment_token;
mod event_stream;
mod first_hour;
mod group;
mod hardware_token;
mod import;
mod input;
mod live_session;
mod mail;
mod mailing;
mod me;
pub mod openapi;
mod overview;
mod passkey_model;
mod policy;
mod reset;
mod route;
mod run;
mod search;
mod session;
mod settings;
mod sign_in;
mod signing_key;
mod spray;
mod telephony;
mod token;
mod user;
mod webhook;

use axum::{Router, http::header, middleware, response::Response};

pub(crate) use input::expect_content_type;
pub use route::{Needs, Route};

use crate::{State, problem::Problem};

/// Where the API begins.
pub const PREFIX: &str = "/api/v1";

/// Every route there is, in the order in which the document shows them.
#[must_use]
pub fn table() -> Vec<Route> {
    [
        session::routes(),
        me::routes(),
        search::routes(),
        overview::routes(),
        first_hour::routes(),
        user::routes(),
        bulk::routes(),
        live_session::routes(),
        reset::routes(),
        import::routes(),
        group::routes(),
        hardware_token::routes(),
        device::routes(),
        enrollment_token::routes(),
        binding::routes(),
        application::routes(),
        signing_key::routes(),
        connector::routes(),
        webhook::routes(),
        event_stream::routes(),
        policy::routes(),
        access_rule::routes(),
        command::routes(),
        run::routes(),
        passkey_model::routes(),
        settings::routes(),
        branding::routes(),
        mail::routes(),
        mailing::routes(),
        telephony::routes(),
        duo::routes(),
        token::routes(),
        audit::routes(),
        sign_in::routes(),
        spray::routes(),
        alarm::routes(),
        openapi::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(crate) fn routes() -> Router<State> {
    let api = table()
        .into_iter()
        .fold(Router::new(), |router, route| router.route(route.path, route.serve))
        .fallback(|| async { Problem::not_found() })
        .layer(middleware::map_response(as_problem));
    Router::new().nest(PREFIX, api)
}

/// Refusals of the framework itself, such as a method that a path does not have, are problems too.
async fn as_problem(response: Response) -> Response {
    let status = response.status();
    let problem = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes() == b"application/problem+json");
    if problem || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut refusal = axum::response::IntoResponse::into_response(input::refusal_of(status));
    if let Some(allow) = allow {
        refusal.headers_mut().insert(header::ALLOW, allow);
    }
    refusal
}
