//! Noun by noun: what goes well, what is refused, what is no input.

mod application;
mod binding;
mod command;
mod device;
mod group;
mod hardware_token;
mod house;
mod import;
mod reset;
mod user;
