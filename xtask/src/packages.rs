//! `cargo xtask packages`: what a device installs, built and put into `target/packages`.
//!
//! The device programs are built by a cargo call of their own. Built together with the server they would get every
//! feature that the server asks of a shared dependency, and with it code that has no business on a device.

use anyhow::{Result, bail};

use crate::metadata::Metadata;
use crate::workspace::{self, Workspace};

/// The packages whose artefacts go to devices.
pub(crate) const DEVICE_PACKAGES: &[&str] = &["sallyport-agent", "sallyport-pam"];

/// The profile of the root manifest they are built with, which is also the folder they end up in.
const PROFILE: &str = "agent";

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    build(workspace)?;
    let target = Metadata::load(workspace)?.target_directory;
    let artefacts = target.join(PROFILE);
    let packages = target.join("packages");
    bail!(
        "the artefacts are in `{}`, but nothing puts packages into `{}` yet",
        artefacts.display(),
        packages.display()
    );
}

fn build(workspace: &Workspace) -> Result<()> {
    let mut command = workspace.cargo();
    command.args(["build", "--locked", "--profile", PROFILE]);
    command.args(DEVICE_PACKAGES.iter().flat_map(|name| ["--package", name]));
    if !workspace::succeeds(&mut command)? {
        bail!("{} failed", workspace::shown(&command));
    }
    Ok(())
}
