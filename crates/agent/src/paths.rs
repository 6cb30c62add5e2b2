//! Every path the agent touches, under one root so that tests have a file system of their own.

use std::path::{Path, PathBuf};

use sallyport_model::id::UserId;

/// The file system as the agent sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    root: PathBuf,
}

macro_rules! paths {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(&self) -> PathBuf {
            self.root.join($path)
        }
    )*};
}

impl Paths {
    /// The machine itself.
    #[must_use]
    #[cfg(unix)]
    pub fn system() -> Self {
        Self { root: PathBuf::from("/") }
    }

    /// The folder of the machine's programs that is ours.
    #[must_use]
    #[cfg(not(unix))]
    pub fn system() -> Self {
        let data = std::env::var_os("ProgramData").unwrap_or_else(|| "C:\\ProgramData".into());
        Self { root: PathBuf::from(data).join("Sallyport") }
    }

    /// A tree that stands for a machine.
    #[must_use]
    pub fn under(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    paths! {
        /// State of the privileged half. Others may pass through to `net`, and see nothing.
        state_dir = "var/lib/sallyport";
        /// Whom this device is enrolled with.
        trust = "var/lib/sallyport/trust.json";
        /// Which accounts are the directory's.
        accounts = "var/lib/sallyport/accounts.json";
        /// The latest desired state, as signed.
        desired = "var/lib/sallyport/desired.json";
        /// That this machine asks for the second door without being enrolled.
        standalone = "var/lib/sallyport/standalone.json";
        /// Break-glass codes that were used.
        break_glass = "var/lib/sallyport/break-glass.json";
        /// When the server was last there, and who came in without it since.
        offline = "var/lib/sallyport/offline.json";
        /// Runs that were begun.
        journal_dir = "var/lib/sallyport/journal";
        /// Held while the login component changes something.
        login_lock = "var/lib/sallyport/login.lock";
        /// What the login component changed, until it is confirmed.
        login_pending = "var/lib/sallyport/login-pending.json";
        /// Packages on their way into the system.
        packages_dir = "var/lib/sallyport/packages";
        /// How new the newest list of packages was.
        packages_seen = "var/lib/sallyport/packages-seen.json";
        /// State of the network half, which owns it.
        net_dir = "var/lib/sallyport/net";
        /// The device's private key.
        device_key = "var/lib/sallyport/net/device.key";
        run_dir = "run/sallyport";
        login_socket = "run/sallyport/login.sock";
        /// Bodies of commands while they run.
        scripts_dir = "run/sallyport/scripts";
        status = "run/sallyport/status.json";
        config_dir = "etc/sallyport";
        /// Whom a machine that is not enrolled asks for the second door.
        login_config = "etc/sallyport/login.toml";
        /// The authorities its certificate must come from, where those are none that browsers trust.
        login_ca = "etc/sallyport/login-ca.pem";
        passwd = "etc/passwd";
        shadow = "etc/shadow";
        group = "etc/group";
        pam_dir = "etc/pam.d";
        sudoers_file = "etc/sudoers";
        sudoers_dir = "etc/sudoers.d";
        sshd_config = "etc/ssh/sshd_config";
        /// SSH keys of the directory's accounts: a place of root's, for homes belong to their users.
        ssh_keys_dir = "etc/ssh/sallyport-keys";
        ssh_keys_config = "etc/ssh/sshd_config.d/50-sallyport.conf";
        ssh_login_config = "etc/ssh/sshd_config.d/40-sallyport-login.conf";
        sshd_pid = "run/sshd.pid";
        systemd = "run/systemd/system";
        proc = "proc";
        sys = "sys";
        os_release = "etc/os-release";
        library_dir = "usr/lib";
        /// Takes a login through libpam and a stack.
        pam_check = "usr/lib/sallyport/pam-check";
    }

    #[must_use]
    pub fn sudoers(&self, user: UserId) -> PathBuf {
        self.sudoers_dir().join(format!("sallyport-{user}"))
    }

    /// `name` is a validated account name.
    #[must_use]
    pub fn ssh_keys(&self, name: &str) -> PathBuf {
        self.ssh_keys_dir().join(name)
    }

    /// `/x/y` of the system, under this root.
    #[must_use]
    pub fn absolute(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }
}
