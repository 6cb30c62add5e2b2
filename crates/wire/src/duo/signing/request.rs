//! A request as it arrived, and what of it enters the canonical text.

use std::{borrow::Cow, fmt};

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};

use super::super::params::MAX_BODY;
use super::super::params::MAX_FORM;
use super::super::urlencoded::Pair;
use super::{MAX_PARAMS, ParamError, SignatureError, urlencoded};

/// Generous for any client; a target, a header or a list of headers beyond it is refused unread.
const MAX_TARGET: usize = 16 * 1024;
const MAX_HEADERS: usize = 128;
const MAX_HEADER_BYTES: usize = 64 * 1024;
const MAX_AUTHORIZATION: usize = 512;
const MAX_IKEY: usize = 64;
const MAX_HOST: usize = 300;

/// A request as the HTTP server received it. No `Debug`: it carries credentials and passcodes.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub method: &'a str,
    /// The request target as sent: neither decoded nor normalised, origin form or absolute form.
    pub target: &'a str,
    /// All headers, `Host` among them, values without surrounding blanks.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The exact bytes, with any transfer coding removed.
    pub body: &'a [u8],
}

/// The received signature; its length says which hash made it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    Sha1([u8; 20]),
    Sha512([u8; 64]),
}

/// Who a request claims to be from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The integration key.
    pub ikey: String,
    /// Nothing if the text is no signature at all; that is a mismatch, found after the key was looked up.
    pub signature: Option<Signature>,
}

impl Credentials {
    /// Reads the value of an `Authorization` header.
    pub fn parse(authorization: &str) -> Result<Self, SignatureError> {
        Self::read(authorization).ok_or(SignatureError::CredentialsMissing)
    }

    fn read(authorization: &str) -> Option<Self> {
        if authorization.len() > MAX_AUTHORIZATION {
            return None;
        }
        let (scheme, encoded) = authorization.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
        let (ikey, signature) = decoded.split_once(':')?;
        if ikey.is_empty() || ikey.len() > MAX_IKEY || !ikey.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        Some(Self { ikey: ikey.to_owned(), signature: Signature::parse(signature) })
    }
}

impl Signature {
    fn parse(hex: &str) -> Option<Self> {
        let bytes = HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok()?;
        let sha1 = bytes.as_slice().try_into().map(Self::Sha1);
        sha1.or_else(|_| bytes.as_slice().try_into().map(Self::Sha512)).ok()
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha1(_) => f.write_str("Sha1(..)"),
            Self::Sha512(_) => f.write_str("Sha512(..)"),
        }
    }
}

impl<'a> Request<'a> {
    /// Who the request claims to be from, to look up the secret key.
    pub fn credentials(&self) -> Result<Credentials, SignatureError> {
        self.check_headers()?;
        let header = self.header("authorization").map_err(|Repeated| SignatureError::CredentialsMissing)?;
        Credentials::parse(header.ok_or(SignatureError::CredentialsMissing)?)
    }

    /// The exact text of the date: `X-Duo-Date` if there is one, else `Date`.
    pub(super) fn date_text(&self) -> Result<Option<&'a str>, SignatureError> {
        let date = |name| self.header(name).map_err(|Repeated| SignatureError::DateInvalid);
        Ok(date("x-duo-date")?.or(date("date")?))
    }

    /// The one header of this name. A value that is not text reads as empty, which is valid for none.
    fn header(&self, name: &str) -> Result<Option<&'a str>, Repeated> {
        let mut values =
            self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
        let value = values.next();
        if values.next().is_some() {
            return Err(Repeated);
        }
        Ok(value.map(|bytes| std::str::from_utf8(bytes).unwrap_or_default()))
    }

    fn check_headers(&self) -> Result<(), ParamError> {
        let bytes: usize =
            self.headers.iter().map(|(name, value)| name.len().saturating_add(value.len())).sum();
        let is_within = self.headers.len() <= MAX_HEADERS && bytes <= MAX_HEADER_BYTES;
        if is_within { Ok(()) } else { Err(ParamError::TooLarge) }
    }

    /// GET and HEAD have no body, whatever was sent.
    fn effective_body(&self) -> &'a [u8] {
        if ["GET", "HEAD"].iter().any(|method| self.method.eq_ignore_ascii_case(method)) {
            &[]
        } else {
            self.body
        }
    }

    fn has_form(&self) -> bool {
        let Ok(Some(content_type)) = self.header("content-type") else { return false };
        let media_type = content_type.split(';').next().unwrap_or_default();
        media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }
}

struct Repeated;

/// A request taken apart, within its budgets.
pub(super) struct Message<'a> {
    pub(super) method: String,
    pub(super) path: &'a str,
    pub(super) query: Vec<Pair>,
    /// The pairs of the body if it is a form.
    pub(super) form: Option<Vec<Pair>>,
    pub(super) body: &'a [u8],
    pub(super) headers: &'a [(&'a str, &'a [u8])],
    /// The spellings of our name that a client may have signed.
    pub(super) hosts: Vec<Cow<'a, str>>,
}

impl<'a> Message<'a> {
    pub(super) fn read(request: &Request<'a>, public_hosts: &'a [String]) -> Result<Self, SignatureError> {
        let body = request.effective_body();
        let has_form = request.has_form();
        let max_body = if has_form { MAX_FORM } else { MAX_BODY };
        if request.target.len() > MAX_TARGET || body.len() > max_body {
            return Err(ParamError::TooLarge.into());
        }
        // A line feed inside a line would let one text stand for two different requests.
        let is_clean = request.target.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_clean || !request.method.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(SignatureError::Mismatch);
        }
        let (path, query) = split_target(request.target);
        let query = urlencoded::decode_pairs(query.as_bytes(), MAX_PARAMS).ok_or(ParamError::TooMany)?;
        let room = MAX_PARAMS.saturating_sub(query.len());
        let form = match has_form && !body.is_empty() {
            true => Some(urlencoded::decode_pairs(body, room).ok_or(ParamError::TooMany)?),
            false => None,
        };
        let hosts = host_spellings(request.header("host").ok().flatten(), public_hosts);
        let method = request.method.to_ascii_uppercase();
        Ok(Self { method, path, query, form, body, headers: request.headers, hosts })
    }

    /// Whether this is the old API, the only one with undated signatures. Escapes and dots have no business
    /// in its paths, and could make a router see another one.
    pub(super) fn is_rest_v1(&self) -> bool {
        self.path.starts_with("/rest/v1/") && !self.path.contains('%') && !self.path.contains("..")
    }
}

/// Path and query of a target in origin form (`/p?q`) or absolute form (`https://h/p?q`).
fn split_target(target: &str) -> (&str, &str) {
    let local = match target.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            rest.find(['/', '?']).and_then(|start| rest.get(start..)).unwrap_or_default()
        }
        _ => target,
    };
    local.split_once('?').unwrap_or((local, ""))
}

/// Clients with a port in their configuration sign the host with it or without it.
fn host_spellings<'a>(header: Option<&'a str>, public_hosts: &'a [String]) -> Vec<Cow<'a, str>> {
    let mut hosts = Vec::new();
    for host in header.into_iter().chain(public_hosts.iter().map(String::as_str)) {
        if host.is_empty() || host.len() > MAX_HOST || !host.bytes().all(|byte| byte.is_ascii_graphic()) {
            continue;
        }
        // Without the port first: clients that are given it apart sign the name alone, and most use none.
        for spelling in [without_port(host), host].map(lower_case) {
            if !hosts.contains(&spelling) {
                hosts.push(spelling);
            }
        }
    }
    hosts
}

fn lower_case(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// The host without its port; an IPv6 literal keeps its brackets.
pub(super) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => {
            if name.contains(':') && !name.ends_with(']') {
                host
            } else {
                name
            }
        }
        Some(_) | None => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_or_refused_as_a_whole() {
        let parse = |text: &str| Credentials::parse(&format!("Basic {}", BASE64.encode(text.as_bytes())));
        let sha1 = format!("DIX:{}", "ab".repeat(20));
        assert!(matches!(parse(&sha1).unwrap().signature, Some(Signature::Sha1(_))));
        assert!(matches!(
            parse(&format!("DIX:{}", "AB".repeat(64))).unwrap().signature,
            Some(Signature::Sha512(_))
        ));
        assert_eq!(parse("DIX:nonsense").unwrap(), Credentials { ikey: "DIX".into(), signature: None });
        assert_eq!(parse("DIX:").unwrap().signature, None);
        for bad in ["DIX", ":ab", "D X:ab", "D\nX:ab", "\u{fc}:ab"] {
            assert_eq!(parse(bad), Err(SignatureError::CredentialsMissing), "{bad:?}");
        }
        for bad in ["", "Basic", "Basic ", "Bearer RElYOmFi", "Basic !!!", "basicRElYOmFi"] {
            assert_eq!(Credentials::parse(bad), Err(SignatureError::CredentialsMissing), "{bad:?}");
        }
        assert!(Credentials::parse("bAsIc RElYOmFi").is_ok());
        assert!(Credentials::parse(&format!("Basic {}", "A".repeat(600))).is_err());
    }

    #[test]
    fn targets_in_both_forms() {
        assert_eq!(split_target("/auth/v2/check?"), ("/auth/v2/check", ""));
        assert_eq!(split_target("/a?b=c?d"), ("/a", "b=c?d"));
        assert_eq!(split_target("https://h:1/auth/v2/ping?x=1"), ("/auth/v2/ping", "x=1"));
        assert_eq!(split_target("https://h"), ("", ""));
        assert_eq!(split_target("/a?u=https://h/b"), ("/a", "u=https://h/b"));
    }

    #[test]
    fn hosts_with_and_without_port() {
        assert_eq!(host_spellings(Some("H.org:8443"), &[]), ["h.org", "h.org:8443"]);
        assert_eq!(host_spellings(Some("h.org"), &["h.org".into(), "x".into()]), ["h.org", "x"]);
        assert_eq!(host_spellings(Some("[::1]:443"), &[]), ["[::1]", "[::1]:443"]);
        assert_eq!(host_spellings(Some("[::1]"), &[]), ["[::1]"]);
        assert_eq!(host_spellings(Some("::1"), &[]), ["::1"]);
        assert!(host_spellings(Some("a\nb"), &[]).is_empty());
        assert!(host_spellings(None, &[]).is_empty());
    }
}
