//! Headers of HTTP that our own library leaves as text, and that anybody may send.

pub mod cookie;
pub mod forwarded;
pub mod language;
