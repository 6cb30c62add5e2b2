//! Hardware tokens.

use serde::Serialize;
use serde_json::Value;

use super::{
    super::params::{ParamError, Params},
    group::GroupMember,
};

const MAX_SERIAL: usize = 128;
/// Longest secret, in hexadecimal digits.
const MAX_SECRET: usize = 512;

/// What makes the codes, and how many digits they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    Hotp6,
    Hotp8,
    Totp6,
    Totp8,
    Yubikey,
}

impl TokenKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hotp6 => "h6",
            Self::Hotp8 => "h8",
            Self::Totp6 => "t6",
            Self::Totp8 => "t8",
            Self::Yubikey => "yk",
        }
    }

    fn named(word: &str) -> Option<Self> {
        let all = [Self::Hotp6, Self::Hotp8, Self::Totp6, Self::Totp8, Self::Yubikey];
        all.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A token to be made known. Its secret is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct NewToken {
    pub kind: TokenKind,
    pub serial: String,
    /// In hexadecimal digits, as given; of a YubiKey its AES key.
    pub secret: String,
    /// What a YubiKey knows of itself, in hexadecimal digits; of no other token.
    pub private_id: Option<String>,
    pub counter: Option<i64>,
    pub totp_step: Option<i64>,
}

impl NewToken {
    /// Of the kinds that the protocol knows, those without a published algorithm are refused.
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        let kind = TokenKind::named(&params.required_line("type", 8)?).ok_or(ParamError::Invalid("type"))?;
        let (secret, private_id) = match kind {
            TokenKind::Hotp6 | TokenKind::Hotp8 | TokenKind::Totp6 | TokenKind::Totp8 => {
                (params.required_line("secret", MAX_SECRET)?, None)
            }
            TokenKind::Yubikey => (
                params.required_line("aes_key", MAX_SECRET)?,
                Some(params.required_line("private_id", MAX_SECRET)?),
            ),
        };
        Ok(Self {
            kind,
            serial: params.required_line("serial", MAX_SERIAL)?,
            secret,
            private_id,
            counter: params.int("counter")?,
            totp_step: params.int("totp_step")?,
        })
    }
}

/// Both or neither: a serial number alone is not enough, as it is one maker's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFilter {
    pub kind: TokenKind,
    pub serial: String,
}

impl TokenFilter {
    /// `Ok(None)` without a filter; a kind that nobody has here finds nothing.
    pub fn read(params: &Params) -> Result<Option<Self>, ParamError> {
        match (params.line("type", 8)?, params.line("serial", MAX_SERIAL)?) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(ParamError::Missing("type")),
            (Some(_), None) => Err(ParamError::Missing("serial")),
            (Some(kind), Some(serial)) => match TokenKind::named(&kind) {
                Some(kind) => Ok(Some(Self { kind, serial })),
                None => Err(ParamError::Invalid("type")),
            },
        }
    }
}

/// Three codes, one after the other.
pub fn codes_in_a_row(params: &Params) -> Result<Vec<String>, ParamError> {
    ["code1", "code2", "code3"].into_iter().map(|name| params.required_line(name, 16)).collect()
}

/// A token as it is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TokenObject {
    pub token_id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub serial: String,
    pub totp_step: Option<u32>,
    /// Left out inside of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<GroupMember>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admins: Option<Vec<Value>>,
}
