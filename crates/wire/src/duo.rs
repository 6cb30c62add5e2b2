//! The public protocols of Duo: the signed Auth API and the OIDC prompt, in both directions, and the older API that Unix
//! clients speak.
//!
//! As a server, so that a stock Duo client works against Sallyport; as a client, so that a login component
//! or a company that has Duo can keep it. `signing` decides who speaks and what exactly was said, `params`
//! reads it, `auth` and `rest_v1` give it a type, `envelope` wraps the answer. `prompt` signs in another way.

pub mod admin;
pub mod auth;
pub mod call;
pub mod envelope;
pub mod prompt;
pub mod rest_v1;
pub mod signing;

pub use crate::params;
pub(crate) use crate::{text, urlencoded};

pub use call::{Call, Method};
pub use envelope::{ApiError, Code, Reply, ResponseError};
pub use params::{ParamError, Params};
pub use signing::{Credentials, Request, SignatureError, Verified, sign, verify};
