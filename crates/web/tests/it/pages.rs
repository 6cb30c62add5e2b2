//! The pages in one process, through a browser that keeps cookies, fills in forms and runs no scripts.

mod access;
mod admin_api;
mod alarm;
mod browser;
mod doors;
mod factor;
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
mod probes;
mod prompt;
mod reset;
mod routes;
mod step_up;
mod tricks;
mod user_form;
