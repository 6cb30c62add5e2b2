//! Windows: enrols, is known by its inventory, and says of everything else that it cannot do it yet.
//!
//! This was seen to run under Wine and nowhere else. What protects nothing yet: files of the agent, the device key
//! among them, have the access list that they inherit from `ProgramData`, which lets every account of the machine
//! read them; and the network half is a thread of the privileged one, with all its rights.

pub mod inventory;

pub use super::unsupported::{accounts, commands, login, network, packages};
