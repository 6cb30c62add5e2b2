//! Passwords that another system hashed. They are checked as that system would until their owners type them here, and are
//! then hashed as ours are.

use std::num::NonZeroU32;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::{digest, pbkdf2};
use sha_crypt::{PasswordVerifier as _, ShaCrypt};
use zeroize::Zeroizing;

use super::{MAX_MEMORY_KIB, MAX_PASSES};
use crate::constant_time_eq;

/// What a hash may cost to check, about half a second of a current core: whoever knows a name may have it checked.
const MAX_LANES: u32 = 16;
const MAX_BCRYPT_COST: u32 = 14;
const MAX_PBKDF2_ITERATIONS: u32 = 1_000_000;
const MAX_SHA_CRYPT_ROUNDS: u32 = 1_000_000;

/// Longest hash that is looked at, in bytes.
const MAX_BYTES: usize = 512;

/// Shortest digest that is a digest, and shortest salt that is one, in bytes.
const LEAST_DIGEST: usize = 16;
const LEAST_SALT: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    #[error(
        "no hash of a kind that is taken over: bcrypt ($2a$, $2b$, $2y$), $argon2id$, $argon2i$, PBKDF2 ($pbkdf2-sha256$, \
         pbkdf2_sha256$, {{PBKDF2-SHA256}}), {{SSHA}}, {{SSHA256}}, {{SSHA512}}, $5$ or $6$"
    )]
    Unknown,
    #[error("the hash is damaged")]
    Damaged,
    #[error("the hash costs too much to check: at most bcrypt 14, a million iterations or rounds, or 64 MiB")]
    TooCostly,
}

/// A hash of somebody else's, taken apart.
pub struct Imported(Scheme);

enum Scheme {
    Argon2 {
        algorithm: Algorithm,
        version: Version,
        params: Params,
        salt: Vec<u8>,
        hash: Vec<u8>,
    },
    Bcrypt(String),
    Pbkdf2 {
        algorithm: pbkdf2::Algorithm,
        iterations: NonZeroU32,
        salt: Vec<u8>,
        hash: Vec<u8>,
    },
    /// One round of a digest over the password and the salt (RFC 2307, as LDAP servers extended it).
    Salted {
        algorithm: &'static digest::Algorithm,
        salt: Vec<u8>,
        hash: Vec<u8>,
    },
    ShaCrypt(String),
}

impl Imported {
    /// Reads a hash as `/etc/shadow`, an LDAP server's `userPassword`, PHC strings, passlib and Django write it.
    ///
    /// # Errors
    /// It is of no kind that is taken over, damaged, or costs too much to check.
    pub fn parse(text: &str) -> Result<Self, ImportError> {
        let text = text.trim();
        if text.len() > MAX_BYTES {
            return Err(ImportError::Unknown);
        }
        let (mark, rest) = match text.strip_prefix('{').and_then(|text| text.split_once('}')) {
            Some((mark, rest)) => (mark.to_ascii_uppercase(), rest),
            None => (String::new(), text),
        };
        let scheme = match mark.as_str() {
            "" | "ARGON2" | "BCRYPT" | "CRYPT" => crypt(rest)?,
            "SSHA" => salted(&digest::SHA1_FOR_LEGACY_USE_ONLY, rest)?,
            "SSHA256" => salted(&digest::SHA256, rest)?,
            "SSHA512" => salted(&digest::SHA512, rest)?,
            "PBKDF2" | "PBKDF2-SHA1" => pbkdf2(pbkdf2::PBKDF2_HMAC_SHA1, rest)?,
            "PBKDF2-SHA256" => pbkdf2(pbkdf2::PBKDF2_HMAC_SHA256, rest)?,
            "PBKDF2-SHA512" => pbkdf2(pbkdf2::PBKDF2_HMAC_SHA512, rest)?,
            _ => return Err(ImportError::Unknown),
        };
        Ok(Self(scheme))
    }

    /// Whether this is the password behind it.
    pub(super) fn verifies(&self, password: &[u8]) -> bool {
        match &self.0 {
            Scheme::Argon2 { algorithm, version, params, salt, hash } => {
                let mut found = Zeroizing::new(vec![0; hash.len()]);
                let argon2 = Argon2::new(*algorithm, *version, params.clone());
                argon2.hash_password_into(password, salt, &mut found).is_ok()
                    && constant_time_eq(&found, hash)
            }
            Scheme::Bcrypt(hash) => bcrypt::verify(password, hash).unwrap_or(false),
            Scheme::Pbkdf2 { algorithm, iterations, salt, hash } => {
                pbkdf2::verify(*algorithm, *iterations, salt, password, hash).is_ok()
            }
            Scheme::Salted { algorithm, salt, hash } => {
                let salted = Zeroizing::new([password, salt].concat());
                constant_time_eq(digest::digest(algorithm, &salted).as_ref(), hash)
            }
            Scheme::ShaCrypt(hash) => ShaCrypt::default().verify_password(password, hash.as_str()).is_ok(),
        }
    }
}

/// What stands behind `$`, and the form in which Django writes PBKDF2.
fn crypt(text: &str) -> Result<Scheme, ImportError> {
    if let Some((name, rest)) = text.strip_prefix("pbkdf2_").and_then(|text| text.split_once('$')) {
        return django(name, rest);
    }
    let (name, rest) =
        text.strip_prefix('$').and_then(|text| text.split_once('$')).ok_or(ImportError::Unknown)?;
    match name {
        "2a" | "2b" | "2y" => bcrypt_hash(text),
        "5" => sha_crypt(text, rest, 43),
        "6" => sha_crypt(text, rest, 86),
        "argon2d" => argon2(Algorithm::Argon2d, rest),
        "argon2i" => argon2(Algorithm::Argon2i, rest),
        "argon2id" => argon2(Algorithm::Argon2id, rest),
        "pbkdf2" => pbkdf2(pbkdf2::PBKDF2_HMAC_SHA1, rest),
        "pbkdf2-sha256" => pbkdf2(pbkdf2::PBKDF2_HMAC_SHA256, rest),
        "pbkdf2-sha512" => pbkdf2(pbkdf2::PBKDF2_HMAC_SHA512, rest),
        _ => Err(ImportError::Unknown),
    }
}

fn bcrypt_hash(text: &str) -> Result<Scheme, ImportError> {
    let parts: bcrypt::HashParts = text.parse().map_err(|_| ImportError::Damaged)?;
    match parts.get_cost() {
        4..=MAX_BCRYPT_COST => Ok(Scheme::Bcrypt(text.to_owned())),
        cost if cost > MAX_BCRYPT_COST => Err(ImportError::TooCostly),
        _ => Err(ImportError::Damaged),
    }
}

/// `rest`: `rounds=N$salt$digest`, or `salt$digest`; a digest is `len` characters long.
fn sha_crypt(text: &str, rest: &str, len: usize) -> Result<Scheme, ImportError> {
    let mut fields: Vec<&str> = rest.split('$').collect();
    if let Some(rounds) = fields.first().and_then(|field| field.strip_prefix("rounds=")) {
        match number(rounds)? {
            1000..=MAX_SHA_CRYPT_ROUNDS => {}
            rounds if rounds > MAX_SHA_CRYPT_ROUNDS => return Err(ImportError::TooCostly),
            _ => return Err(ImportError::Damaged),
        }
        fields.remove(0);
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/');
    match fields.as_slice() {
        [salt, digest] if (1..=16).contains(&salt.len()) && digest.len() == len => {
            let sound = salt.chars().all(|c| c.is_ascii_graphic()) && digest.chars().all(is_plain);
            if sound { Ok(Scheme::ShaCrypt(text.to_owned())) } else { Err(ImportError::Damaged) }
        }
        _ => Err(ImportError::Damaged),
    }
}

/// `rest`: `v=19$m=65536,t=3,p=4$salt$digest`; older writers left the version out.
fn argon2(algorithm: Algorithm, rest: &str) -> Result<Scheme, ImportError> {
    let (version, rest) = match rest.strip_prefix("v=").and_then(|rest| rest.split_once('$')) {
        Some(("19", rest)) => (Version::V0x13, rest),
        Some(("16", rest)) => (Version::V0x10, rest),
        Some(_) => return Err(ImportError::Damaged),
        None => (Version::V0x10, rest),
    };
    let [costs, salt, hash] = three(rest)?;
    let (mut memory, mut passes, mut lanes) = (None, None, None);
    for cost in costs.split(',') {
        let (name, value) = cost.split_once('=').ok_or(ImportError::Damaged)?;
        let place = match name {
            "m" => &mut memory,
            "t" => &mut passes,
            "p" => &mut lanes,
            // A key or data that only the other system has.
            _ => return Err(ImportError::Unknown),
        };
        if place.replace(number(value)?).is_some() {
            return Err(ImportError::Damaged);
        }
    }
    let (Some(memory), Some(passes), Some(lanes)) = (memory, passes, lanes) else {
        return Err(ImportError::Damaged);
    };
    if memory > MAX_MEMORY_KIB || passes > MAX_PASSES || lanes > MAX_LANES {
        return Err(ImportError::TooCostly);
    }
    let (salt, hash) = (bytes(salt, LEAST_SALT)?, bytes(hash, LEAST_DIGEST)?);
    let params = Params::new(memory, passes, lanes, Some(hash.len())).map_err(|_| ImportError::Damaged)?;
    Ok(Scheme::Argon2 { algorithm, version, params, salt, hash })
}

/// `rest`: `iterations$salt$digest`, both in Base64 as passlib and LDAP servers write it, or `i=iterations,l=length` in the
/// place of the number.
fn pbkdf2(algorithm: pbkdf2::Algorithm, rest: &str) -> Result<Scheme, ImportError> {
    let [iterations, salt, hash] = three(rest)?;
    let iterations = iterations.strip_prefix("i=").unwrap_or(iterations);
    let iterations = iterations.split_once(",l=").map_or(iterations, |(iterations, _)| iterations);
    derived(algorithm, iterations, bytes(salt, LEAST_SALT)?, bytes(hash, LEAST_DIGEST)?)
}

/// `rest`: `iterations$salt$digest`, where the salt is text.
fn django(name: &str, rest: &str) -> Result<Scheme, ImportError> {
    let algorithm = match name {
        "sha1" => pbkdf2::PBKDF2_HMAC_SHA1,
        "sha256" => pbkdf2::PBKDF2_HMAC_SHA256,
        "sha512" => pbkdf2::PBKDF2_HMAC_SHA512,
        _ => return Err(ImportError::Unknown),
    };
    let [iterations, salt, hash] = three(rest)?;
    if salt.len() < LEAST_SALT {
        return Err(ImportError::Damaged);
    }
    derived(algorithm, iterations, salt.as_bytes().to_vec(), bytes(hash, LEAST_DIGEST)?)
}

fn derived(
    algorithm: pbkdf2::Algorithm,
    iterations: &str,
    salt: Vec<u8>,
    hash: Vec<u8>,
) -> Result<Scheme, ImportError> {
    let iterations = number(iterations)?;
    if iterations > MAX_PBKDF2_ITERATIONS {
        return Err(ImportError::TooCostly);
    }
    let iterations = NonZeroU32::new(iterations).ok_or(ImportError::Damaged)?;
    Ok(Scheme::Pbkdf2 { algorithm, iterations, salt, hash })
}

/// `rest`: the digest and the salt behind it, together in Base64.
fn salted(algorithm: &'static digest::Algorithm, rest: &str) -> Result<Scheme, ImportError> {
    let both = bytes(rest, algorithm.output_len() + LEAST_SALT)?;
    let (hash, salt) = both.split_at(algorithm.output_len());
    Ok(Scheme::Salted { algorithm, salt: salt.to_vec(), hash: hash.to_vec() })
}

fn three(text: &str) -> Result<[&str; 3], ImportError> {
    let fields: Vec<&str> = text.split('$').collect();
    fields.try_into().map_err(|_| ImportError::Damaged)
}

fn number(text: &str) -> Result<u32, ImportError> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain {
        return Err(ImportError::Damaged);
    }
    // More digits than a number has is a number that is too large.
    text.parse().map_err(|_| ImportError::TooCostly)
}

/// Base64 with or without its padding, and with `.` for `+` as passlib writes it.
fn bytes(text: &str, least: usize) -> Result<Vec<u8>, ImportError> {
    let text = text.trim_end_matches('=').replace('.', "+");
    let found = data_encoding::BASE64_NOPAD.decode(text.as_bytes()).map_err(|_| ImportError::Damaged)?;
    if found.len() < least { Err(ImportError::Damaged) } else { Ok(found) }
}

#[cfg(test)]
mod tests;
