//! The administrators' pages, a file for each noun. Who may do what is asked by the use cases; pages only leave out
//! the buttons that would be refused.

mod access_rule;
mod alarm;
mod application;
mod audit;
mod binding;
mod branding;
mod bulk;
mod command;
mod connector;
mod device;
mod device_login;
mod duo;
mod enrollment_token;
mod event_stream;
mod first_hour;
mod group;
mod hardware_token;
mod home;
mod import;
pub(crate) mod live;
mod live_session;
mod mail;
mod mailing;
mod methods;
mod once;
mod passkey_model;
pub(crate) mod pick;
mod policy;
mod reset;
mod right;
mod run;
pub(crate) mod search;
mod settings;
mod sign_in;
mod signing_key;
mod stranded;
mod telephony;
mod token;
mod user;
mod webhook;

use axum::Router;

use crate::State;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .merge(home::routes())
        .merge(search::routes())
        .merge(first_hour::routes())
        .merge(user::routes())
        .merge(bulk::routes())
        .merge(reset::routes())
        .merge(alarm::routes())
        .merge(import::routes())
        .merge(group::routes())
        .merge(hardware_token::routes())
        .merge(device::routes())
        .merge(enrollment_token::routes())
        .merge(binding::routes())
        .merge(branding::routes())
        .merge(pick::routes())
        .merge(command::routes())
        .merge(run::routes())
        .merge(application::routes())
        .merge(signing_key::routes())
        .merge(connector::routes())
        .merge(webhook::routes())
        .merge(event_stream::routes())
        .merge(live::routes())
        .merge(live_session::routes())
        .merge(policy::routes())
        .merge(access_rule::routes())
        .merge(methods::routes())
        .merge(passkey_model::routes())
        .merge(sign_in::routes())
        .merge(audit::routes())
        .merge(settings::routes())
        .merge(mail::routes())
        .merge(mailing::routes())
        .merge(telephony::routes())
        .merge(duo::routes())
        .merge(token::routes())
}
