//! The pages in one process, through a browser that keeps cookies, fills in forms and runs no scripts.

mod access;
mod admin_api;
mod alarm;
mod browser;
mod doors;
mod duo;
mod factor;
mod form;
mod half_way;
mod hardware_token;
mod hostile;
mod house;
mod language;
mod login_settings;
mod mail;
mod matrix;
mod methods;
mod pick;
mod policy;
mod probes;
mod prompt;
mod reset;
mod routes;
mod step_up;
mod tricks;
mod user_form;
