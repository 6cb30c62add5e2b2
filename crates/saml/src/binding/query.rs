//! The query of an address with a message in it: deflated, in base64, escaped; signed over the octets as they stand there
//! (bindings section 3.4.4.1).

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::{Detached, Kind, RelayState};
use crate::{
    base64,
    dsig::{Signer, SigningError, algorithm_named, name_of},
    message::Refused,
    names::DEFLATE,
    xml::Limits,
};

/// Longest query that is looked at.
const LONGEST: usize = 128 << 10;
/// Parameters that mean something, each of which may be there once.
const KNOWN: [&str; 6] = ["SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature", "SAMLEncoding"];

/// What stood in a query.
pub(super) struct Query {
    pub(super) kind: Kind,
    pub(super) message: Vec<u8>,
    pub(super) relay_state: Option<String>,
    pub(super) detached: Option<Detached>,
}

impl Query {
    pub(super) fn read(raw: &str) -> Result<Self, Refused> {
        if raw.len() > LONGEST {
            return Err(Refused::Encoding);
        }
        let mut found: [Option<&str>; KNOWN.len()] = [None; KNOWN.len()];
        for pair in raw.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let place = KNOWN.iter().zip(&mut found).find(|(known, _)| **known == name);
            if let Some((_, place)) = place
                && place.replace(value).is_some()
            {
                return Err(Refused::Parameter);
            }
        }
        let [request, response, state, algorithm, signature, encoding] = found;
        let (kind, message) = match (request, response) {
            (Some(message), None) => (Kind::Request, message),
            (None, Some(message)) => (Kind::Response, message),
            (Some(_), Some(_)) | (None, None) => return Err(Refused::Parameter),
        };
        if let Some(encoding) = encoding
            && unescaped(encoding)? != DEFLATE
        {
            return Err(Refused::Encoding);
        }
        let detached = match (algorithm, signature) {
            (Some(algorithm), Some(signature)) => {
                let value = base64::decoded(&unescaped(signature)?, 1024).ok_or(Refused::Encoding)?;
                let state = state.map(|state| format!("&RelayState={state}")).unwrap_or_default();
                let signed = format!("{}={message}{state}&SigAlg={algorithm}", kind.parameter());
                let algorithm = algorithm_named(&unescaped(algorithm)?);
                Some(Detached { signed: signed.into_bytes(), algorithm, value })
            }
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(Refused::Parameter),
        };
        let deflated = base64::decoded(&unescaped(message)?, LONGEST).ok_or(Refused::Encoding)?;
        let relay_state = state.map(unescaped).transpose()?;
        Ok(Self { kind, message: inflated(&deflated)?, relay_state, detached })
    }
}

/// What was deflated (RFC 1951), all of it and nothing behind it, up to the size of a message.
fn inflated(deflated: &[u8]) -> Result<Vec<u8>, Refused> {
    // As much as it can become, and no more than is allowed.
    let room = deflated.len().saturating_mul(1032).saturating_add(64).min(Limits::MESSAGE.bytes);
    let mut out = Vec::with_capacity(room);
    let mut stream = Decompress::new(false);
    let status = stream.decompress_vec(deflated, &mut out, FlushDecompress::Finish);
    let all = usize::try_from(stream.total_in()) == Ok(deflated.len());
    match status {
        Ok(Status::StreamEnd) if all => Ok(out),
        Ok(Status::StreamEnd | Status::Ok | Status::BufError) | Err(_) => Err(Refused::Encoding),
    }
}

/// Text of a query as it is meant.
fn unescaped(raw: &str) -> Result<String, Refused> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next().unwrap_or_default(), bytes.next().unwrap_or_default()];
                let decoded = data_encoding::HEXLOWER_PERMISSIVE.decode(&digits).ok();
                decoded.and_then(|decoded| decoded.first().copied()).ok_or(Refused::Encoding)?
            }
            byte => byte,
        });
    }
    String::from_utf8(out).map_err(|_| Refused::Encoding)
}

/// The other way: everything but what needs no escape anywhere (RFC 3986 section 2.3).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&data_encoding::HEXUPPER.encode(&[byte]));
        }
    }
    out
}

pub(super) fn written(
    kind: Kind,
    message: &[u8],
    relay_state: Option<&RelayState>,
    signer: Option<&Signer<'_>>,
) -> Result<String, SigningError> {
    let mut query = format!("{}={}", kind.parameter(), escaped(&base64::encoded(&deflated(message)?)));
    if let Some(state) = relay_state {
        query.push_str("&RelayState=");
        query.push_str(&escaped(state.as_str()));
    }
    if let Some(signer) = signer {
        query.push_str("&SigAlg=");
        query.push_str(&escaped(name_of(signer.algorithm)));
        let signature = signer.key.sign(signer.algorithm, query.as_bytes()).ok_or(SigningError)?;
        query.push_str("&Signature=");
        query.push_str(&escaped(&base64::encoded(&signature)));
    }
    Ok(query)
}

fn deflated(message: &[u8]) -> Result<Vec<u8>, SigningError> {
    // Stored blocks of what does not shrink take five bytes for each 32 KiB and a few around.
    let mut out = Vec::with_capacity(message.len() + message.len() / 1024 + 64);
    let mut stream = Compress::new(Compression::default(), false);
    match stream.compress_vec(message, &mut out, FlushCompress::Finish) {
        Ok(Status::StreamEnd) => Ok(out),
        Ok(Status::Ok | Status::BufError) | Err(_) => Err(SigningError),
    }
}
