//! Headers of HTTP that our own library leaves as text, and that anybody may send.

pub mod cookie;
pub mod device_question;
pub mod forwarded;
pub mod language;
mod local_path;
pub mod retry_after;

pub use self::local_path::local_path;
