//! The compact form of what is signed as JSON Web Signature (RFC 7515 section 7.1): three parts of base64url, of which the
//! first two are JSON objects that say nothing twice. Nothing in here decides who signed it.

use data_encoding::BASE64URL_NOPAD;

use crate::params::{ParamError, Params};

/// The most bytes a token may have.
pub(crate) const MAX_TOKEN: usize = 16 * 1024;

/// Why a text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CompactError {
    Malformed,
    TooLong,
}

/// The parts of a token, as they came.
pub(crate) struct Parts<'a> {
    header: &'a str,
    claims: &'a str,
    signature: &'a str,
    /// Header and claims, as they were signed.
    pub(crate) signed: &'a str,
}

impl<'a> Parts<'a> {
    pub(crate) fn of(token: &'a str) -> Result<Self, CompactError> {
        if token.len() > MAX_TOKEN {
            return Err(CompactError::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(CompactError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(CompactError::Malformed)?;
        if claims.contains('.') {
            return Err(CompactError::Malformed);
        }
        Ok(Self { header, claims, signature, signed })
    }

    pub(crate) fn header(&self) -> Result<Result<Params, ParamError>, CompactError> {
        decoded(self.header).map(|json| unique(&json))
    }

    pub(crate) fn claims(&self) -> Result<Result<Params, ParamError>, CompactError> {
        decoded(self.claims).map(|json| unique(&json))
    }

    pub(crate) fn signature(&self) -> Result<Vec<u8>, CompactError> {
        decoded(self.signature)
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, CompactError> {
    BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| CompactError::Malformed)
}

/// A JSON object that says nothing twice.
fn unique(json: &[u8]) -> Result<Params, ParamError> {
    if json.is_empty() {
        return Err(ParamError::NotJson);
    }
    let params = Params::from_json(json)?;
    params.says_nothing_twice()?;
    Ok(params)
}
