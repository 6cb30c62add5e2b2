//! Bodies of the REST API, which the portals' forms share: one input type for each use case.

mod access_rule;
mod application;
mod binding;
mod catalogue;
mod command;
mod connector;
mod device;
mod enrollment;
mod group;
mod hardware_token;
mod import;
mod passkey_model;
mod phone;
mod policy;
mod present;
mod reset;
mod token;
mod user;

pub use access_rule::*;
pub use application::*;
pub use binding::*;
pub use catalogue::*;
pub use command::*;
pub use connector::*;
pub use device::*;
pub use enrollment::*;
pub use group::*;
pub use hardware_token::*;
pub use import::*;
pub use passkey_model::*;
pub use phone::*;
pub use policy::*;
pub use reset::*;
pub use token::*;
pub use user::*;
