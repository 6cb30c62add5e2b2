//! Packages for devices: building them, describing them, and keeping them where the server hosts them.
//!
//! Everything is made in process and from its inputs alone, so the same agent gives the same package bit for
//! bit on any machine, and nobody needs packaging tools on the server.

pub mod agent;
pub mod artifact;
pub mod binary;
pub mod deb;
pub mod login;
#[cfg(test)]
mod sandbox;
pub mod script;

pub use agent::{AgentParts, agent_package};
pub use artifact::{Artifact, ArtifactError};
pub use deb::{Architecture, Deb, DebError};
pub use login::{LoginParts, login_package};
pub use script::{InstallScript, ScriptError, install_script};
