//! An in-process server, a sandbox device, and the story played on them.

pub mod sandbox;
pub mod ssh;
