//! `sallyport-agent enroll`: the network half makes the key and asks the server; the privileged half checks what it
//! brings back and only then writes it down.

use std::path::Path;
#[cfg(unix)]
use std::{
    io::{Read as _, Write as _},
    net::Shutdown,
    process::{ExitCode, Stdio},
};

use anyhow::{Context as _, bail};
use sallyport_api::agent::{EnrollResponse, EnrollmentSecret};
use sallyport_connect::{ServerAddress, has_fingerprint};
use sallyport_crypto::{SystemRandom, sign::PublicKey};
use serde::{Deserialize, Serialize};

use super::{require_root, say};
#[cfg(unix)]
use crate::child::Task;
use crate::{child, device_key, durable, net, paths::Paths, platform, standalone, trust::Trust};

const LONGEST_TOKEN: u64 = 4096;
const LONGEST_CA: u64 = 64 * 1024;
#[cfg(unix)]
const LONGEST_TALK: u64 = 512 * 1024;

/// What the network half needs for this.
#[derive(Serialize, Deserialize)]
struct Request {
    server: String,
    token: String,
    ca: Option<String>,
    host_name: String,
}

#[derive(Serialize, Deserialize)]
enum Answer {
    Enrolled(EnrollResponse),
    Failed(String),
}

pub(super) fn run(server: &str, token_file: &Path, ca: Option<&Path>, paths: &Paths) -> anyhow::Result<()> {
    require_root()?;
    let address: ServerAddress = server.parse()?;
    if let Some(trust) = Trust::load(&paths.trust())? {
        bail!(
            "this device is enrolled with {} already; `sallyport-agent unenroll` makes it forget that",
            trust.organization_name
        );
    }
    if standalone::is_active(paths) {
        bail!(
            "this machine asks for the second door by itself, and would stop doing so; `sallyport-agent login forget` \
             ends that first"
        );
    }
    let (token, secret) = read_token(token_file)?;
    let ca = ca.map(read_ca).transpose()?;
    let request =
        Request { server: address.to_string(), token, ca, host_name: platform::inventory::host_name(paths) };
    let response = match ask(&request, paths)? {
        Answer::Enrolled(response) => response,
        Answer::Failed(reason) => bail!("not enrolled: {reason}"),
    };
    let trust = checked(response, &secret, &address)?;
    trust.save(&paths.trust()).context("the enrolment cannot be kept; the token is used up")?;
    say(&format!("enrolled with {} as {}", trust.organization_name, trust.device));
    if let Some(caveat) = device_key::caveat() {
        say(caveat);
    }
    Ok(())
}

fn read_token(path: &Path) -> anyhow::Result<(String, EnrollmentSecret)> {
    let text = durable::read_text(path, LONGEST_TOKEN)
        .and_then(|text| text.ok_or_else(|| std::io::Error::other("there is no such file")))
        .with_context(|| format!("the token file `{}` cannot be read", path.display()))?;
    let text = text.trim().to_owned();
    if text.is_empty() {
        bail!("the token file `{}` is empty", path.display());
    }
    let secret = EnrollmentSecret::parse(&text)
        .with_context(|| format!("the file `{}` holds no enrolment token", path.display()))?;
    Ok((text, secret))
}

fn read_ca(path: &Path) -> anyhow::Result<String> {
    durable::read_text(path, LONGEST_CA)?
        .with_context(|| format!("there is no certificate authority at `{}`", path.display()))
}

#[cfg(unix)]
fn ask(request: &Request, paths: &Paths) -> anyhow::Result<Answer> {
    let (mut child, mut stream) =
        child::start(Task::Enroll, paths, Stdio::null()).context("the network half cannot be started")?;
    stream.write_all(&serde_json::to_vec(request)?)?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = Vec::new();
    stream.take(LONGEST_TALK).read_to_end(&mut answer)?;
    let status = child.wait()?;
    serde_json::from_slice(&answer)
        .with_context(|| format!("the network half ended without an answer ({status})"))
}

/// Without a network half as a process of its own it is done here.
#[cfg(not(unix))]
fn ask(request: &Request, paths: &Paths) -> anyhow::Result<Answer> {
    child::prepare(paths)?;
    enroll(request, paths)
}

/// The network half is not believed: what it brings must fit the token, which it cannot have chosen.
fn checked(
    response: EnrollResponse,
    secret: &EnrollmentSecret,
    address: &ServerAddress,
) -> anyhow::Result<Trust> {
    anyhow::ensure!(
        has_fingerprint(&response.ca, &secret.ca_fingerprint)?,
        "the certificate authority is not the one the token was made for"
    );
    anyhow::ensure!(PublicKey::from_hex(&response.signing_key).is_some(), "the organisation's key is none");
    Ok(Trust {
        device: response.device,
        organization: response.organization,
        organization_name: sallyport_model::name::printable(&response.organization_name, 120),
        signing_key: response.signing_key,
        server: address.to_string(),
        ca: response.ca,
    })
}

/// The network half's part.
#[cfg(unix)]
pub(super) fn child(paths: &Paths) -> ExitCode {
    let answer = read_request()
        .and_then(|request| enroll(&request, paths))
        .unwrap_or_else(|error| Answer::Failed(format!("{error:#}")));
    let written = net::process::stdin().map(std::fs::File::from).and_then(|mut stream| {
        stream.write_all(&serde_json::to_vec(&answer)?)?;
        stream.flush()
    });
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(unix)]
fn read_request() -> anyhow::Result<Request> {
    #[cfg(target_os = "linux")]
    platform::privileges::harden()?;
    let mut text = Vec::new();
    std::io::stdin().take(LONGEST_TALK).read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

fn enroll(request: &Request, paths: &Paths) -> anyhow::Result<Answer> {
    let secret = EnrollmentSecret::parse(&request.token).context("no token")?;
    let (key, seed) = device_key::generate(&SystemRandom::new())?;
    // Before the token is spent: a key that cannot be kept must not use it up.
    device_key::save(&paths.device_key(), &seed).context("the device key cannot be written")?;
    #[cfg(target_os = "linux")]
    platform::syscalls::confine()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let address = request.server.parse()?;
    let response = runtime.block_on(net::enroll(
        &address,
        &secret,
        request.ca.as_deref(),
        &request.host_name,
        key.public(),
    ))?;
    Ok(Answer::Enrolled(response))
}
