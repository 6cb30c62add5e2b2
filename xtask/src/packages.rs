//! `cargo xtask packages`: what a device installs, built and put into `target/packages`.
//!
//! The device programs are built by a cargo call of their own. Built together with the server they would get every
//! feature that the server asks of a shared dependency, and with it code that has no business on a device.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use sallyport_installers::{
    AgentParts, Architecture, Deb, LoginParts, agent_package, artifact, login_package,
};

use crate::metadata::Metadata;
use crate::workspace::{self, Workspace};

/// The packages whose artefacts go to devices.
pub(crate) const DEVICE_PACKAGES: &[&str] = &["sallyport-agent", "sallyport-pam"];

/// The profile of the root manifest they are built with, which is also the folder they end up in.
const PROFILE: &str = "agent";

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    build(workspace)?;
    let target = Metadata::load(workspace)?.target_directory;
    let (artefacts, packages) = (target.join(PROFILE), target.join("packages"));
    std::fs::create_dir_all(&packages)?;
    for deb in debs(&artefacts)? {
        let saved = artifact::save(&packages, &deb)?;
        println!("{}  {}", saved.sha256_hex(), packages.join(&saved.file_name).display());
    }
    Ok(())
}

/// The packages of this machine's architecture, made of what was built.
fn debs(artefacts: &Path) -> Result<[Deb; 2]> {
    let read = |name: &str| {
        let path = artefacts.join(name);
        std::fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))
    };
    let (agent_binary, pam_module) = (read("sallyport-agent")?, read("libpam_sallyport.so")?);
    let pam_check = read("sallyport-pam-check")?;
    let version = env!("CARGO_PKG_VERSION");
    let architecture = match std::env::consts::ARCH {
        "x86_64" => Architecture::Amd64,
        "aarch64" => Architecture::Arm64,
        other => bail!("no packages are made for {other} yet"),
    };
    let agent = AgentParts { agent_binary: &agent_binary, version, architecture, mtime: MTIME };
    let login =
        LoginParts { pam_module: &pam_module, pam_check: &pam_check, version, architecture, mtime: MTIME };
    Ok([agent_package(&agent)?, login_package(&login)?])
}

/// Time of every file in a package, so that the same sources make the same bytes: 1 January 2026.
const MTIME: u32 = 1_767_225_600;

fn build(workspace: &Workspace) -> Result<()> {
    let mut command = workspace.cargo();
    command.args(["build", "--locked", "--profile", PROFILE]);
    command.args(DEVICE_PACKAGES.iter().flat_map(|name| ["--package", name]));
    if !workspace::succeeds(&mut command)? {
        bail!("{} failed", workspace::shown(&command));
    }
    Ok(())
}
