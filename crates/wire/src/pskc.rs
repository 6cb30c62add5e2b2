//! Files of hardware tokens in PSKC (RFC 6030): plain, or encrypted under a key that both sides have (section 6.1).
//!
//! One bad key spoils no other. What cannot be authenticated is not decrypted, documents with a document type are
//! refused, and so nothing in them expands.

mod secret;
#[cfg(test)]
mod tests;

use roxmltree::{Document, Node, ParsingOptions};
use zeroize::Zeroizing;

use self::secret::Keys;

/// Most nodes of a document: as many as some 20,000 tokens have.
const MOST_NODES: u32 = 1_000_000;
const LARGEST_FILE: usize = 10 << 20;
const NAMESPACE: &str = "urn:ietf:params:xml:ns:keyprov:pskc";
const PRIVATE_ID: usize = 6;
const YUBIKEY: &str = "http://www.yubico.com/#yubikey-aes";

/// One key of a file.
pub struct Package {
    /// The line it begins in, counted from 1.
    pub line: u64,
    /// The serial number of its device, else the id of the key; may be empty.
    pub serial: String,
    pub key: Result<Key, KeyError>,
}

/// A key that makes one-time codes.
pub struct Key {
    pub kind: Kind,
    /// The digest under its codes, as its suite names it, in lower case and without punctuation; empty if it names
    /// none.
    pub digest: String,
    pub digits: u8,
    pub secret: Zeroizing<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Hotp {
        counter: i64,
    },
    Totp {
        interval: u32,
    },
    /// As Yubico's own tool writes them. The secret is the private id, and behind it the key.
    Yubikey,
}

/// Why a file as a whole cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PskcError {
    #[error("is larger than {} MiB", LARGEST_FILE >> 20)]
    TooLarge,
    #[error("cannot be read as XML: {0}")]
    Xml(String),
    #[error("is no key container of RFC 6030")]
    NoContainer,
    #[error("is encrypted; give the key it was made with")]
    KeyNeeded,
    #[error("is encrypted under a key of 16 or 32 bytes; that is none")]
    KeyLength,
    #[error("is encrypted with a password or certificate; only keys that both sides have are read")]
    OtherKey,
    #[error("the key given is not the one this file was made with")]
    WrongKey,
    #[error("has no usable way to see whether it was altered")]
    NoMac,
}

/// Why a key of a file cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("the key is neither of HOTP, of TOTP nor of a YubiKey")]
    Algorithm,
    #[error("the codes are not decimal digits")]
    Encoding,
    #[error("the number of digits is missing or none")]
    Digits,
    #[error("the counter is none")]
    Counter,
    #[error("the interval is none")]
    Interval,
    #[error("the private id of the YubiKey is missing or none")]
    PrivateId,
    #[error("the secret is missing or cannot be read")]
    Secret,
    #[error("the secret was altered, or made with another key")]
    Altered,
}

/// Reads a file. `key` is what both sides have, if anything.
///
/// # Errors
/// The file as a whole cannot be read.
pub fn read(text: &str, key: Option<&[u8]>) -> Result<Vec<Package>, PskcError> {
    if text.len() > LARGEST_FILE {
        return Err(PskcError::TooLarge);
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options)
        .map_err(|error| PskcError::Xml(error.to_string().chars().take(200).collect()))?;
    let container = document.root_element();
    if container.tag_name().name() != "KeyContainer" || !is_ours(container) {
        return Err(PskcError::NoContainer);
    }
    let keys = Keys::of(container, key)?;
    let (mut packages, mut line, mut counted) = (Vec::new(), 1, 0);
    for package in children(container, "KeyPackage") {
        let start = package.range().start;
        line += text
            .as_bytes()
            .get(counted..start)
            .unwrap_or_default()
            .iter()
            .map(|b| u64::from(*b == b'\n'))
            .sum::<u64>();
        counted = start;
        packages.push(read_package(package, line, &keys));
    }
    Ok(packages)
}

fn read_package(package: Node<'_, '_>, line: u64, keys: &Keys) -> Package {
    let key = child(package, "Key");
    let serial = child(package, "DeviceInfo").and_then(|info| text_of(info, "SerialNo"));
    let serial = serial.or_else(|| key.and_then(|key| key.attribute("Id"))).unwrap_or_default();
    let read = key.ok_or(KeyError::Algorithm).and_then(|key| read_key(key, keys));
    Package { line, serial: serial.trim().to_owned(), key: read }
}

fn read_key(key: Node<'_, '_>, keys: &Keys) -> Result<Key, KeyError> {
    let data = child(key, "Data").ok_or(KeyError::Secret)?;
    let algorithm = key.attribute("Algorithm").unwrap_or_default().to_ascii_lowercase();
    if algorithm == YUBIKEY {
        let mut secret = private_id(key)?;
        secret.extend_from_slice(&keys.open(child(data, "Secret").ok_or(KeyError::Secret)?)?);
        return Ok(Key { kind: Kind::Yubikey, digest: String::new(), digits: 0, secret });
    }
    let kind = match algorithm.strip_prefix(NAMESPACE).unwrap_or_default() {
        ":hotp" | "#hotp" => {
            let counter = number(data, "Counter", KeyError::Counter)?.unwrap_or(0);
            Kind::Hotp { counter }
        }
        ":totp" | "#totp" => {
            let interval = number(data, "TimeInterval", KeyError::Interval)?.unwrap_or(30);
            Kind::Totp { interval: u32::try_from(interval).map_err(|_| KeyError::Interval)? }
        }
        _ => return Err(KeyError::Algorithm),
    };
    let parameters = child(key, "AlgorithmParameters");
    let format = parameters.and_then(|parameters| child(parameters, "ResponseFormat"));
    let format = format.ok_or(KeyError::Digits)?;
    if format.attribute("Encoding").is_some_and(|encoding| encoding != "DECIMAL") {
        return Err(KeyError::Encoding);
    }
    let digits = format.attribute("Length").and_then(|length| length.parse().ok()).ok_or(KeyError::Digits)?;
    let suite = parameters.and_then(|parameters| text_of(parameters, "Suite")).unwrap_or_default();
    let digest: String = suite.chars().filter(char::is_ascii_alphanumeric).collect();
    let digest = digest.to_ascii_lowercase().trim_start_matches("hmac").to_owned();
    let secret = keys.open(child(data, "Secret").ok_or(KeyError::Secret)?)?;
    Ok(Key { kind, digest, digits, secret })
}

/// The private id stands where others name a user, as `CN=<public id>, UID=<private id>`.
fn private_id(key: Node<'_, '_>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut names = text_of(key, "UserId").unwrap_or_default().split(',');
    let digits = names.find_map(|name| name.trim().strip_prefix("UID=")).ok_or(KeyError::PrivateId)?;
    let digits = digits.replace(' ', "").to_ascii_lowercase();
    let private_id = data_encoding::HEXLOWER.decode(digits.as_bytes()).map(Zeroizing::new);
    private_id.ok().filter(|id| id.len() == PRIVATE_ID).ok_or(KeyError::PrivateId)
}

/// A number of the data, which is never encrypted where it is no secret.
fn number(data: Node<'_, '_>, name: &str, bad: KeyError) -> Result<Option<i64>, KeyError> {
    let Some(field) = child(data, name) else { return Ok(None) };
    let text = text_of(field, "PlainValue").ok_or(bad)?;
    text.trim().parse().map(Some).map_err(|_| bad)
}

fn is_ours(node: Node<'_, '_>) -> bool {
    node.tag_name().namespace().is_some_and(|namespace| namespace.starts_with(NAMESPACE))
}

fn children<'a, 'i>(node: Node<'a, 'i>, name: &str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    children(node, name).next()
}

fn text_of<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name)?.text()
}
