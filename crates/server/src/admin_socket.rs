//! The local admin socket: whoever holds the machine the server runs on may set it up without a browser.
//!
//! One line of JSON in, one line out. The kernel says who is calling; only root and the server's own account
//! are heard.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::{fs::PermissionsExt as _, net::UnixStream},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, bail};
use sallyport_app::{Caller, Ctx, Org, setup};
use sallyport_crypto::Secret;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixListener,
    sync::watch,
};

const NAME: &str = "admin.sock";
const LONGEST_REQUEST: u64 = 64 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Request {
    Recover { owner: String, lift_policies: bool },
    Setup { organization: String, admin: String, password: String },
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum Answer {
    Recovered(Recovered),
    Refused { reason: String },
    SetUp(SetUp),
}

/// With what an owner comes in again, shown once.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Recovered {
    pub(crate) url: String,
    pub(crate) owner: String,
    pub(crate) enrollment_code: String,
}

/// What setup gives back, shown once.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SetUp {
    pub(crate) url: String,
    pub(crate) organization: String,
    pub(crate) admin: String,
    /// An API token with the owner's role.
    pub(crate) token: String,
    /// With it the owner enrols the second factor.
    pub(crate) enrollment_code: String,
    /// The organisation's certificate authority, PEM.
    pub(crate) ca: String,
}

/// The socket's file, removed on a clean stop.
pub(crate) struct Socket(PathBuf);

impl Socket {
    pub(crate) fn remove(self) {
        std::fs::remove_file(self.0).ok();
    }
}

/// Asks the server that is running on this data folder.
pub(crate) fn ask(data: &Path, request: &Request) -> anyhow::Result<Answer> {
    let path = data.join(NAME);
    let mut stream = UnixStream::connect(&path).with_context(|| {
        format!("no server is running on `{}`; start one with `sallyport serve`", data.display())
    })?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    match serde_json::from_str(&answer).context("the server's answer cannot be read")? {
        Answer::Refused { reason } => bail!(reason),
        answer @ (Answer::Recovered(_) | Answer::SetUp(_)) => Ok(answer),
    }
}

/// Listens until told to stop.
pub(crate) fn listen(
    data: &Path,
    org: Arc<Org>,
    mut stopping: watch::Receiver<bool>,
) -> anyhow::Result<Socket> {
    let path = data.join(NAME);
    // The data folder is locked, so a socket that is there is left over.
    std::fs::remove_file(&path).ok();
    let listener = UnixListener::bind(&path).with_context(|| format!("cannot make `{}`", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stopping.wait_for(|stop| *stop) => return,
            };
            if let Ok((stream, _)) = accepted {
                let org = Arc::clone(&org);
                tokio::spawn(async move {
                    if let Err(error) = converse(stream, &org).await {
                        tracing::warn!(%error, "admin socket");
                    }
                });
            }
        }
    });
    Ok(Socket(path))
}

async fn converse(mut stream: tokio::net::UnixStream, org: &Arc<Org>) -> anyhow::Result<()> {
    let peer = stream.peer_cred()?.uid();
    if peer != 0 && peer != rustix::process::geteuid().as_raw() {
        bail!("refused uid {peer}");
    }
    let (read, mut write) = stream.split();
    let mut line = zeroize::Zeroizing::new(String::new());
    tokio::io::BufReader::new(read.take(LONGEST_REQUEST)).read_line(&mut line).await?;
    let answer = match serde_json::from_str(&line) {
        Ok(request) => answer(request, org).await,
        Err(error) => Answer::Refused { reason: format!("not a request: {error}") },
    };
    let mut out = serde_json::to_vec(&answer)?;
    out.push(b'\n');
    write.write_all(&out).await?;
    Ok(())
}

async fn answer(request: Request, org: &Arc<Org>) -> Answer {
    let ctx = Ctx::system(org, "admin socket").with_caller(Caller::LocalAdmin);
    let url = org.config.external_url.clone();
    let (organization, admin, password) = match request {
        Request::Setup { organization, admin, password } => (organization, admin, password),
        Request::Recover { owner, lift_policies } => {
            return match setup::recover(&ctx, &owner, lift_policies).await {
                Ok((owner, code)) => Answer::Recovered(Recovered {
                    url,
                    owner: owner.name.to_string(),
                    enrollment_code: code.expose().to_owned(),
                }),
                Err(error) => Answer::Refused { reason: error.to_string() },
            };
        }
    };
    let setup = setup::Setup {
        organization: organization.clone(),
        admin_name: admin,
        password: Secret::new(password),
    };
    match setup::by_local_admin(&ctx, setup).await {
        Ok(done) => Answer::SetUp(SetUp {
            url,
            organization,
            admin: done.owner.name.to_string(),
            token: done.token.map(|token| token.expose().to_owned()).unwrap_or_default(),
            enrollment_code: done.enrollment_code.expose().to_owned(),
            ca: org.config.ca_pem.clone(),
        }),
        Err(error) => Answer::Refused { reason: error.to_string() },
    }
}
