//! The provider by others, as a process: `crates/testkit/node-bench`.

use std::{
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::bail;
use sallyport_crypto::jws::JwsAlgorithm;

use super::provider::{Client, Provider};
use crate::http::Origin;

/// A running one; ended when dropped.
pub(super) struct Peer {
    child: Child,
    pub(super) provider: Provider,
}

impl Peer {
    pub(super) async fn start(algorithm: JwsAlgorithm) -> anyhow::Result<Self> {
        let folder = folder()?;
        let name = match algorithm {
            JwsAlgorithm::Rs256 => "RS256",
            JwsAlgorithm::EdDsa | JwsAlgorithm::Es256 | JwsAlgorithm::Ps256 => "ES256",
        };
        let mut child = Command::new("node")
            .arg(folder.join("provider.mjs"))
            .arg(name)
            .env("NODE_ENV", "production")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let issuer = line.trim().to_owned();
        let port = issuer.strip_prefix("http://localhost:").and_then(|port| port.parse().ok());
        let Some(port) = port else {
            child.kill().ok();
            child.wait().ok();
            bail!("it said `{issuer}` in place of an address");
        };
        let client = Client {
            id: "bench".to_owned(),
            secret: "a secret of the bench".to_owned(),
            redirect_uri: "https://app.example/callback".to_owned(),
        };
        // Whoever comes without a session is given one on the way.
        let provider = Provider::discover(
            Origin::plain(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port)),
            &issuer,
            client,
            Vec::new(),
        )
        .await?;
        Ok(Self { child, provider })
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The bench is run from the repository, as `make bench` does.
fn folder() -> anyhow::Result<PathBuf> {
    let folder = Path::new("crates/testkit/node-bench").to_owned();
    if !folder.join("node_modules").is_dir() {
        bail!("`{}` has no packages; run `make bench`", folder.display());
    }
    Ok(folder)
}
