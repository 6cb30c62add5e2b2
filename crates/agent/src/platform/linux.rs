//! Linux: accounts by shadow-utils, rights by sudo, logins by PAM.

pub mod accounts;
#[doc(hidden)]
pub mod codecs;
pub mod commands;
pub mod inventory;
pub mod login;
pub mod network;
pub mod packages;
mod passwd;
pub mod privileges;
pub mod scope;
mod sessions;
pub mod sockets;
pub mod supervisor;
pub mod syscalls;
mod tool;
