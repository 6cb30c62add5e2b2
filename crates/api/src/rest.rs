//! Bodies of the REST API, which the portals' forms share: one input type for each use case.

mod user;

pub use user::*;
