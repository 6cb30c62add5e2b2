//! The one-line installer: a shell script that fetches the agent, checks it, installs it and enrols.
//!
//! The text is `packaging/install.sh`. Values come from the server's settings, yet are checked here as if they
//! came from outside, because what they become is run as root: each is of a closed alphabet without quotes,
//! and the certificate is rewritten from what was understood of it.

use data_encoding::HEXLOWER;

use crate::agent::PACKAGE;
use crate::deb::Architecture;

#[cfg(test)]
mod tests;

/// What differs from one installer to the next.
#[derive(Debug, Clone, Copy)]
pub struct InstallScript<'a> {
    /// Where people and devices reach the server: `https://host` or `https://host:port`.
    pub server_url: &'a str,
    /// The name in the server's certificate for devices, whatever certificate people see.
    pub internal_name: &'a str,
    /// The organisation's own authority, the only one a device believes.
    pub ca_pem: &'a str,
    pub agent_deb_sha256: [u8; 32],
    pub version: &'a str,
    pub architecture: Architecture,
}

/// Why there is no installer for these values.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    #[error("the authority is not a list of PEM certificates")]
    Authority,
    #[error("`{0}` is not a host name")]
    InternalName(String),
    #[error("`{0}` is not of the form `https://host` or `https://host:port`")]
    ServerUrl(String),
    #[error("`{0}` is not a version")]
    Version(String),
}

/// Fills in the installer.
pub fn install_script(parts: &InstallScript<'_>) -> Result<String, ScriptError> {
    let (host, port) =
        authority(parts.server_url).ok_or_else(|| ScriptError::ServerUrl(parts.server_url.to_owned()))?;
    if !is_host_name(parts.internal_name) {
        return Err(ScriptError::InternalName(parts.internal_name.to_owned()));
    }
    if !crate::deb::is_version(parts.version) {
        return Err(ScriptError::Version(parts.version.to_owned()));
    }
    let ca = certificates(parts.ca_pem).ok_or(ScriptError::Authority)?;
    let file_name = crate::deb::file_name(PACKAGE, parts.version, parts.architecture);
    let values = [
        ("@SERVER@", format!("https://{host}:{port}")),
        ("@SERVER_HOST@", host.to_owned()),
        ("@SERVER_PORT@", port.to_string()),
        ("@INTERNAL_NAME@", parts.internal_name.to_owned()),
        ("@VERSION@", parts.version.to_owned()),
        ("@ARCHITECTURE@", parts.architecture.debian().to_owned()),
        ("@PACKAGE@", file_name.clone()),
        ("@PACKAGE_PATH@", format!("{PACKAGES_PATH}{file_name}")),
        ("@SHA256@", HEXLOWER.encode(&parts.agent_deb_sha256)),
        ("@CA_PEM@", ca),
    ];
    // No value holds `@`, so none can be taken for a place of another.
    Ok(values.iter().fold(TEMPLATE.to_owned(), |text, (place, value)| text.replace(place, value)))
}

/// Host and port of an address without path, user or anything else.
fn authority(url: &str) -> Option<(&str, u16)> {
    let rest = url.strip_prefix("https://")?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.rsplit_once(':') {
        // The colon of `[::1]` without a port is inside the brackets.
        Some((host, port)) if !port.ends_with(']') => (host, parse_port(port)?),
        Some(_) | None => (rest, 443),
    };
    (is_host_name(host) || is_ipv6(host)).then_some((host, port))
}

fn parse_port(text: &str) -> Option<u16> {
    // `parse` alone would take a sign.
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| plain && *port != 0)
}

/// A DNS name or an IPv4 address.
fn is_host_name(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

fn is_ipv6(host: &str) -> bool {
    let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok())
}

/// The certificates of `pem` and nothing else of it, one line each for the lines between braces and base64.
fn certificates(pem: &str) -> Option<String> {
    if pem.len() > PEM_MAX {
        return None;
    }
    let mut lines: Vec<&str> = Vec::new();
    let mut inside = false;
    for line in pem.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match (inside, line) {
            (false, BEGIN) => inside = true,
            // An empty certificate is no certificate.
            (true, END) if lines.last() != Some(&BEGIN) => inside = false,
            (true, line) if is_base64(line) => {}
            (true | false, _) => return None,
        }
        lines.push(line);
    }
    (!inside && !lines.is_empty()).then(|| lines.join("\n"))
}

fn is_base64(line: &str) -> bool {
    line.len() <= 76 && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
}

/// Where the server hosts packages.
pub const PACKAGES_PATH: &str = "/packages/";

const TEMPLATE: &str = include_str!("../../../packaging/install.sh");
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
const PEM_MAX: usize = 64 * 1024;
