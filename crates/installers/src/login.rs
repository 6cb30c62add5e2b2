//! The package `sallyport-login`: the PAM module, put into use by the agent.
//!
//! The package holds no PAM configuration. Its scripts ask the agent to edit the stack, which does so in two
//! phases and checks itself; removal refuses to go on while any stack still names the module.

use crate::agent::{MAINTAINER, PACKAGE as AGENT_PACKAGE, copyright, file, with_functions};
use crate::binary;
use crate::deb::{Architecture, Control, Deb, DebError, Package, Scripts};

/// What differs from one login package to the next.
#[derive(Debug, Clone, Copy)]
pub struct LoginParts<'a> {
    pub pam_module: &'a [u8],
    /// The program that takes a login through a stack that was just written.
    pub pam_check: &'a [u8],
    pub version: &'a str,
    pub architecture: Architecture,
    /// Seconds since the Unix epoch; the time of every entry, so use that of the source.
    pub mtime: u32,
}

/// Builds the package `sallyport-login`.
pub fn login_package(parts: &LoginParts<'_>) -> Result<Deb, DebError> {
    binary::check_machine(parts.pam_module, parts.architecture)?;
    binary::check_machine(parts.pam_check, parts.architecture)?;
    // At least, not exactly: the agent must be free to go ahead of the module in an upgrade.
    let mut depends = vec![format!("{AGENT_PACKAGE} (>= {})", parts.version), "libpam-runtime".to_owned()];
    depends.extend(binary::library_depends(parts.pam_module));
    // Not /usr/lib: libpam of Debian 12 looks in /lib, which is the same folder wherever /usr is merged.
    let module = format!("/lib/{}/security/pam_sallyport.so", parts.architecture.multiarch());
    Package {
        control: Control {
            package: PACKAGE.to_owned(),
            version: parts.version.to_owned(),
            architecture: parts.architecture,
            maintainer: MAINTAINER.to_owned(),
            section: "admin".to_owned(),
            depends,
            recommends: Vec::new(),
            synopsis: "Sallyport login component".to_owned(),
            description: DESCRIPTION.to_owned(),
        },
        scripts: Scripts {
            postinst: Some(with_functions(include_str!("../../../packaging/deb/sallyport-login/postinst"))),
            prerm: Some(with_functions(include_str!("../../../packaging/deb/sallyport-login/prerm"))),
            preinst: None,
            postrm: None,
        },
        conffiles: Vec::new(),
        files: vec![
            file(module, 0o644, parts.pam_module),
            file(PAM_CHECK.to_owned(), 0o755, parts.pam_check),
            copyright(PACKAGE),
        ],
        symlinks: Vec::new(),
        dirs: Vec::new(),
        mtime: parts.mtime,
    }
    .build()
}

const PACKAGE: &str = "sallyport-login";
/// Where the agent looks for it.
const PAM_CHECK: &str = "/usr/lib/sallyport/pam-check";

const DESCRIPTION: &str = "\
Asks for the second factor when somebody logs in to this device. Installing the
package puts it into use, removing the package takes it out of use.";
