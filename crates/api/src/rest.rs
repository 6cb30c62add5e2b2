//! Bodies of the REST API, which the portals' forms share: one input type for each use case.

mod binding;
mod device;
mod group;
mod present;
mod token;
mod user;

pub use binding::*;
pub use device::*;
pub use group::*;
pub use token::*;
pub use user::*;
