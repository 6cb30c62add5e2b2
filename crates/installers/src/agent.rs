//! The package `sallyport-agent`: the agent, its unit, its user and its directories.
//!
//! Removing it leaves every account as it is and takes the login component out of PAM first. Upgrading it
//! restarts the unit and touches nobody's session.

use crate::binary;
use crate::deb::{Architecture, Control, Deb, DebError, Dir, File, Package, Scripts};

#[cfg(test)]
mod tests;

/// What differs from one agent package to the next.
#[derive(Debug, Clone, Copy)]
pub struct AgentParts<'a> {
    pub agent_binary: &'a [u8],
    pub version: &'a str,
    pub architecture: Architecture,
    /// Seconds since the Unix epoch; the time of every entry, so use that of the source.
    pub mtime: u32,
}

/// Builds the package `sallyport-agent`.
pub fn agent_package(parts: &AgentParts<'_>) -> Result<Deb, DebError> {
    binary::check_machine(parts.agent_binary, parts.architecture)?;
    // useradd and usermod; visudo is only needed where somebody is bound as an administrator.
    let mut depends = vec!["passwd".to_owned()];
    depends.extend(binary::library_depends(parts.agent_binary));
    Package {
        control: Control {
            package: PACKAGE.to_owned(),
            version: parts.version.to_owned(),
            architecture: parts.architecture,
            maintainer: MAINTAINER.to_owned(),
            section: "admin".to_owned(),
            depends,
            recommends: vec!["adduser".to_owned(), "sudo".to_owned()],
            synopsis: "Sallyport device agent".to_owned(),
            description: DESCRIPTION.to_owned(),
        },
        scripts: Scripts {
            preinst: Some(with_functions(include_str!("../../../packaging/deb/sallyport-agent/preinst"))),
            postinst: Some(with_functions(include_str!("../../../packaging/deb/sallyport-agent/postinst"))),
            prerm: Some(with_functions(include_str!("../../../packaging/deb/sallyport-agent/prerm"))),
            postrm: Some(with_functions(include_str!("../../../packaging/deb/sallyport-agent/postrm"))),
        },
        conffiles: Vec::new(),
        files: vec![
            file("/usr/sbin/sallyport-agent", 0o755, parts.agent_binary),
            file("/lib/systemd/system/sallyport-agent.service", 0o644, UNIT.as_bytes()),
            copyright(PACKAGE),
        ],
        symlinks: Vec::new(),
        // `/var/lib/sallyport/net` belongs to a user whose number only the device knows: postinst makes it.
        dirs: vec![
            Dir { path: "/etc/sallyport".to_owned(), mode: 0o755 },
            Dir { path: "/var/lib/sallyport".to_owned(), mode: 0o711 },
        ],
        mtime: parts.mtime,
    }
    .build()
}

pub(crate) fn file(path: impl Into<String>, mode: u32, content: &[u8]) -> File {
    File { path: path.into(), mode, content: content.to_vec() }
}

pub(crate) fn copyright(package: &str) -> File {
    let text = include_bytes!("../../../packaging/deb/shared/copyright");
    file(format!("/usr/share/doc/{package}/copyright"), 0o644, text)
}

/// dpkg gives scripts nothing to share code with, so what they share is put into each.
pub(crate) fn with_functions(script: &str) -> String {
    script
        .replace("#UNIT#\n", include_str!("../../../packaging/deb/shared/unit.sh"))
        .replace("#LOGIN#\n", include_str!("../../../packaging/deb/shared/login.sh"))
}

pub(crate) const PACKAGE: &str = "sallyport-agent";
pub(crate) const MAINTAINER: &str = "The Sallyport authors <noreply@sallyport.invalid>";

const UNIT: &str = include_str!("../../../packaging/deb/sallyport-agent/sallyport-agent.service");

const DESCRIPTION: &str = "\
Keeps the accounts of the people bound to this device as the directory says,
reports what the device looks like, and runs the commands of administrators.

Removing the package changes no account.";
