//! The CSV form: `serial`, `kind` and one of `secret` (hexadecimal) or `secret_base32`; where they differ from what is
//! usual `digits` (6), `digest` (sha1), `counter` (0) or `interval` (30); of a YubiKey its `private_id` (hexadecimal), and as the
//! secret its AES key.

use sallyport_crypto::yubikey::{KEY, PRIVATE_ID};
use sallyport_model::{
    CodeDigest, HardwareTokenKind,
    name::{display_name, printable},
};
use sallyport_wire::sheet::{self, SheetError};
use zeroize::Zeroizing;

use super::{Draft, Row};
use crate::import::Problem;

/// Shortest seed, in bytes (RFC 4226, requirement R6), and longest: the block of the largest digest.
const SEED_BYTES: std::ops::RangeInclusive<usize> = 16..=128;
/// Largest counter: as far as JSON counts.
const MOST: i64 = (1 << 53) - 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Counter,
    Digest,
    Digits,
    Interval,
    Kind,
    PrivateId,
    Secret,
    SecretBase32,
    Serial,
}

impl Column {
    fn named(name: &str) -> Option<Self> {
        let name: String = name.trim().to_lowercase().replace([' ', '-'], "_");
        Some(match name.as_str() {
            "counter" => Self::Counter,
            "algorithm" | "digest" => Self::Digest,
            "digits" => Self::Digits,
            "interval" | "time_step" => Self::Interval,
            "kind" | "type" => Self::Kind,
            "private_id" => Self::PrivateId,
            "aes_key" | "secret" => Self::Secret,
            "secret_base32" => Self::SecretBase32,
            "serial" | "serial_number" => Self::Serial,
            _ => return None,
        })
    }
}

/// The cells of a row that are not empty, as text.
#[derive(Default)]
struct Cells<'a> {
    counter: Option<&'a str>,
    digest: Option<&'a str>,
    digits: Option<&'a str>,
    interval: Option<&'a str>,
    kind: Option<&'a str>,
    private_id: Option<&'a str>,
    secret: Option<&'a str>,
    secret_base32: Option<&'a str>,
    serial: Option<&'a str>,
}

/// Reads a whole file. Rows that cannot be used are rows with a problem.
pub(super) fn read(file: &[u8]) -> Result<(Vec<Row>, Vec<String>), SheetError> {
    sheet::read(file, Column::named, &[("serial", Column::Serial), ("kind", Column::Kind)], row)
}

fn row(line: u64, columns: &[Option<Column>], record: &csv::ByteRecord) -> Row {
    let (mut cells, mut problem) = (Cells::default(), sheet::ragged(columns, record).map(Problem::from));
    for (column, cell) in columns.iter().zip(record) {
        let Some(column) = column else { continue };
        match sheet::text(cell) {
            Ok("") => {}
            Ok(text) => *cells.at(*column) = Some(text),
            Err(wrong) => problem = problem.or(Some(wrong.into())),
        }
    }
    let serial = cells.serial.unwrap_or_default().to_owned();
    let token = match problem {
        Some(problem) => Err(problem),
        None => cells.draft(),
    };
    Row { line, serial, token }
}

impl<'a> Cells<'a> {
    fn at(&mut self, column: Column) -> &mut Option<&'a str> {
        match column {
            Column::Counter => &mut self.counter,
            Column::Digest => &mut self.digest,
            Column::Digits => &mut self.digits,
            Column::Interval => &mut self.interval,
            Column::Kind => &mut self.kind,
            Column::PrivateId => &mut self.private_id,
            Column::Secret => &mut self.secret,
            Column::SecretBase32 => &mut self.secret_base32,
            Column::Serial => &mut self.serial,
        }
    }

    fn draft(&self) -> Result<Draft, Problem> {
        usable_serial(self.serial.unwrap_or_default())?;
        if let Some("yk" | "yubikey") = self.kind.map(str::to_lowercase).as_deref() {
            return self.yubikey();
        }
        if self.private_id.is_some() {
            return Err(("private_id", "is for yubikey alone".into()));
        }
        let (kind, named_digits) = self.kind()?;
        let digits = match self.digits {
            None => named_digits.unwrap_or(6),
            Some(given) => usable_digits(number("digits", given)?)?,
        };
        if named_digits.is_some_and(|named| named != digits) {
            return Err(("digits", "are not those that the kind names".into()));
        }
        Ok(Draft { kind, digest: self.digest()?, digits, seed: self.seed()? })
    }

    /// The kind, and how many digits its name says it has.
    fn kind(&self) -> Result<(HardwareTokenKind, Option<u8>), Problem> {
        let word = self.kind.ok_or_else(|| ("kind", "is missing".to_owned()))?;
        let (button, digits) = match word.to_lowercase().as_str() {
            "hotp" => (true, None),
            "h6" => (true, Some(6)),
            "h8" => (true, Some(8)),
            "totp" => (false, None),
            "t6" => (false, Some(6)),
            "t8" => (false, Some(8)),
            _ => {
                return Err(("kind", format!("`{}` is neither hotp, totp nor yubikey", printable(word, 20))));
            }
        };
        Ok((if button { self.hotp()? } else { self.totp()? }, digits))
    }

    fn yubikey(&self) -> Result<Draft, Problem> {
        let others = [
            ("counter", self.counter),
            ("digest", self.digest),
            ("digits", self.digits),
            ("interval", self.interval),
            ("secret_base32", self.secret_base32),
        ];
        match others.into_iter().find(|(_, cell)| cell.is_some()) {
            Some((column, _)) => Err((column, "is not for yubikey".into())),
            None => yubikey(self.private_id, self.secret),
        }
    }

    fn hotp(&self) -> Result<HardwareTokenKind, Problem> {
        if self.interval.is_some() {
            return Err(("interval", "is for totp alone".into()));
        }
        let counter = match self.counter {
            None => 0,
            Some(text) => usable_counter(number("counter", text)?)?,
        };
        Ok(HardwareTokenKind::Hotp { counter })
    }

    fn totp(&self) -> Result<HardwareTokenKind, Problem> {
        if self.counter.is_some() {
            return Err(("counter", "is for hotp alone".into()));
        }
        let interval = match self.interval {
            None => 30,
            Some(text) => usable_interval(number("interval", text)?)?,
        };
        Ok(HardwareTokenKind::Totp { interval })
    }

    fn digest(&self) -> Result<CodeDigest, Problem> {
        usable_digest(self.digest)
    }

    /// The seed. What is wrong with it never quotes it.
    fn seed(&self) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let seed = match (self.secret, self.secret_base32) {
            (Some(_), Some(_)) => return Err(("secret", "is given twice".into())),
            (None, None) => return Err(("secret", "is missing".into())),
            (Some(hex), None) => {
                hexadecimal(hex).ok_or_else(|| ("secret", "is not hexadecimal".to_owned()))?
            }
            (None, Some(base32)) => data_encoding::BASE32_NOPAD
                .decode(compact(base32).trim_end_matches('=').as_bytes())
                .map(Zeroizing::new)
                .map_err(|_| ("secret", "is not base32".to_owned()))?,
        };
        usable(seed)
    }
}

/// A text without what groups its letters.
fn compact(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.replace([' ', '-'], "").to_uppercase())
}

pub(super) fn hexadecimal(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    data_encoding::HEXUPPER.decode(compact(text).as_bytes()).ok().map(Zeroizing::new)
}

/// A YubiKey by its private id and its AES key, both in hexadecimal digits. Its seed is one behind the other.
pub(super) fn yubikey(private_id: Option<&str>, key: Option<&str>) -> Result<Draft, Problem> {
    let mut seed = part("private_id", private_id, PRIVATE_ID)?;
    seed.extend_from_slice(&part("secret", key, KEY)?);
    usable_yubikey(seed)
}

/// A YubiKey by its private id with its key behind it.
pub(super) fn usable_yubikey(seed: Zeroizing<Vec<u8>>) -> Result<Draft, Problem> {
    if seed.len() != PRIVATE_ID + KEY {
        return Err(("secret", format!("is not a key of {KEY} bytes")));
    }
    Ok(Draft { kind: HardwareTokenKind::Yubikey, digest: CodeDigest::Sha1, digits: 0, seed })
}

fn part(field: &'static str, given: Option<&str>, bytes: usize) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let text = given.ok_or_else(|| (field, "is missing".to_owned()))?;
    let part = hexadecimal(text).filter(|part| part.len() == bytes);
    part.ok_or_else(|| (field, format!("is not {} hexadecimal digits", bytes * 2)))
}

fn number<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| (field, format!("`{}` is no such number", printable(text, 20))))
}

pub(super) fn usable_serial(serial: &str) -> Result<(), Problem> {
    display_name(serial).map(|_| ()).map_err(|error| ("serial", error.to_string()))
}

pub(super) fn usable_digits(digits: u8) -> Result<u8, Problem> {
    if [6, 8].contains(&digits) {
        Ok(digits)
    } else {
        Err(("digits", format!("{digits} is neither 6 nor 8")))
    }
}

pub(super) fn usable_counter(counter: i64) -> Result<i64, Problem> {
    if (0..=MOST).contains(&counter) {
        Ok(counter)
    } else {
        Err(("counter", format!("{counter} is no counter")))
    }
}

pub(super) fn usable_interval(interval: u32) -> Result<u32, Problem> {
    if [30, 60].contains(&interval) {
        Ok(interval)
    } else {
        Err(("interval", format!("{interval} is neither 30 nor 60")))
    }
}

/// The digest of this name, the usual one where there is none.
pub(super) fn usable_digest(name: Option<&str>) -> Result<CodeDigest, Problem> {
    match name.map(|name| name.to_lowercase().replace('-', "")).as_deref() {
        None | Some("sha1") => Ok(CodeDigest::Sha1),
        Some("sha256") => Ok(CodeDigest::Sha256),
        Some("sha512") => Ok(CodeDigest::Sha512),
        Some(_) => Err(("digest", "is neither sha1, sha256 nor sha512".into())),
    }
}

/// A seed that is long enough to be one.
pub(super) fn usable(seed: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, Problem> {
    if SEED_BYTES.contains(&seed.len()) {
        return Ok(seed);
    }
    let (least, most) = SEED_BYTES.into_inner();
    Err(("secret", format!("has {} bytes; from {least} to {most} are taken", seed.len())))
}
