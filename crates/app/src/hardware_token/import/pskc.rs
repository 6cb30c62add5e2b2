//! The PSKC form (RFC 6030), as vendors send it; the codec is in `wire`.

use sallyport_crypto::Secret;
use sallyport_model::HardwareTokenKind;
use sallyport_wire::pskc::{self, Key, Kind};

use super::{Draft, Row, table};
use crate::{AppError, import::Problem};

/// Whether a file is XML, and so none of rows.
pub(super) fn is_pskc(file: &str) -> bool {
    file.trim_start_matches('\u{feff}').trim_start().starts_with('<')
}

/// Reads a whole file. `key` is in hexadecimal. Keys that cannot be used are rows with a problem.
pub(super) fn read(file: &str, key: Option<&Secret>) -> Result<Vec<Row>, AppError> {
    let key = match key.map(Secret::expose).map(str::trim).filter(|key| !key.is_empty()) {
        Some(key) => {
            Some(table::hexadecimal(key).ok_or_else(|| AppError::invalid("key", "is not hexadecimal"))?)
        }
        None => None,
    };
    let file = file.trim_start_matches('\u{feff}');
    let packages = pskc::read(file, key.as_ref().map(|key| key.as_slice()))
        .map_err(|error| AppError::invalid("file", error.to_string()))?;
    Ok(packages
        .into_iter()
        .map(|package| {
            let serial = table::usable_serial(&package.serial);
            let token = serial.and_then(|()| match package.key {
                Ok(key) => draft(key),
                Err(error) => Err(("key", error.to_string())),
            });
            Row { line: package.line, serial: package.serial, token }
        })
        .collect())
}

fn draft(key: Key) -> Result<Draft, Problem> {
    let kind = match key.kind {
        Kind::Hotp { counter } => HardwareTokenKind::Hotp { counter: table::usable_counter(counter)? },
        Kind::Totp { interval } => HardwareTokenKind::Totp { interval: table::usable_interval(interval)? },
        Kind::Yubikey => return table::usable_yubikey(key.secret),
    };
    let digest = Some(key.digest.as_str()).filter(|digest| !digest.is_empty());
    let (digest, digits) = (table::usable_digest(digest)?, table::usable_digits(key.digits)?);
    Ok(Draft { kind, digest, digits, seed: table::usable(key.secret)? })
}
