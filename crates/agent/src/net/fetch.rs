//! Files of the server, over the channel's trust.

use std::{io::Write, time::Duration};

use sallyport_api::agent::{INTERNAL_NAME, PACKAGES_PATH};
use sallyport_connect::{
    AddressError, ConnectError, Connection, Tls,
    http::{self, Limits},
};

const CONNECT: Duration = Duration::from_secs(20);
const TIME: Duration = Duration::from_secs(900);

#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("the server answered with status {0}")]
    Status(u16),
}

/// Writes the file of this name in the folder of packages to `out`, at most `longest` bytes.
///
/// # Errors
/// It did not come whole; what was written is worth nothing.
pub async fn fetch(
    server: &str,
    ca: &str,
    file: &str,
    longest: u64,
    out: &mut impl Write,
) -> Result<(), FetchError> {
    let tls = Tls::pinned(ca, INTERNAL_NAME)?;
    let connection = Connection::open(&server.parse()?, &tls, CONNECT).await?;
    let limits = Limits { time: TIME, bytes: longest };
    let path = format!("{PACKAGES_PATH}/{file}");
    let status = http::download(connection, &path, limits, out).await?;
    if status == 200 { Ok(()) } else { Err(FetchError::Status(status)) }
}
