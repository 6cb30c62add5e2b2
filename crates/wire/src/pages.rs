//! What the scripts of our own pages send before anybody is known to be somebody, or in place of being asked: so whatever
//! can reach the server can send it too.

pub mod phone;
pub mod remembered;
