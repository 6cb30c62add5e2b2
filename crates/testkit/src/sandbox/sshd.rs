//! A real OpenSSH server inside a device, that asks PAM.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::child::SandboxChild;
use super::error::SandboxError;
use super::namespace::PATH;
use super::{Sandbox, require};

impl Sandbox {
    /// Starts the device's own sshd on port 22, and returns when it accepts connections. It takes keyboard-interactive
    /// through PAM and public keys, no plain passwords and no root; drop-ins in `/etc/ssh/sshd_config.d` come first, as
    /// Debian has it. It runs for as long as the answer is kept, and may be started again, with the same key.
    pub fn start_sshd(&self) -> Result<SandboxChild, SandboxError> {
        require::present(&require::SSHD, PATH.as_ref())?;
        self.check_with_input(["/bin/sh", "-euc", PREPARE], CONFIG)?;
        let mut sshd = self.spawn(["/usr/sbin/sshd", "-D", "-e"])?;
        self.wait_for_port(SSH_PORT, &mut sshd)?;
        Ok(sshd)
    }

    /// Returns when something on the device listens on `port`; fails when `server` ends before.
    pub fn wait_for_port(&self, port: u16, server: &mut SandboxChild) -> Result<(), SandboxError> {
        let address = SocketAddr::from((self.address(), port));
        let deadline = Instant::now() + super::PROMPT;
        loop {
            let Err(refused) = TcpStream::connect_timeout(&address, super::PROMPT) else { return Ok(()) };
            // The pause between two tries is spent watching the server, so its end is seen at once.
            let ended = server
                .wait(BETWEEN_TRIES)
                .map_err(SandboxError::io(format!("watching the server of {address}")))?;
            if ended.is_some() || Instant::now() >= deadline {
                let what = format!("connecting to {address}; the server says: {}", server.log().trim());
                return Err(SandboxError::Io { what, source: refused });
            }
        }
    }
}

const PREPARE: &str = "[ ! -e /etc/ssh/ssh_host_ed25519_key ] || exit 0
mkdir -p /etc/ssh/sshd_config.d
cat >/etc/ssh/sshd_config
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key";
const CONFIG: &[u8] = b"Include /etc/ssh/sshd_config.d/*.conf
HostKey /etc/ssh/ssh_host_ed25519_key
UsePAM yes
KbdInteractiveAuthentication yes
PasswordAuthentication no
PermitRootLogin no
PrintMotd no
Subsystem sftp /usr/lib/openssh/sftp-server
";
const SSH_PORT: u16 = 22;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);
