//! Bearer secrets: 256 random bits behind a prefix that says what they are and lets scanners find leaks.

use crate::{
    Secret,
    random::{self, NoRandomness, Random},
};

/// A fresh token `<prefix>_<52 characters of base32>`.
///
/// # Errors
/// No randomness.
pub fn generate(prefix: &str, random: &dyn Random) -> Result<Secret, NoRandomness> {
    let bytes = zeroize::Zeroizing::new(random::bytes::<32>(random)?);
    Ok(Secret::new(format!("{prefix}_{}", data_encoding::BASE32_NOPAD.encode(&*bytes).to_ascii_lowercase())))
}

/// Whether `text` could be a token of this prefix. Cheap, done before anything is looked up.
#[must_use]
pub fn is_well_formed(prefix: &str, text: &str) -> bool {
    text.strip_prefix(prefix).and_then(|t| t.strip_prefix('_')).is_some_and(|tail| {
        tail.len() == 52 && tail.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
    })
}

/// A code people type, `groups` groups of four digits joined by hyphens.
///
/// # Errors
/// No randomness.
pub fn grouped_digits(groups: usize, random: &dyn Random) -> Result<Secret, NoRandomness> {
    let digits = zeroize::Zeroizing::new(random::digits(random, groups * 4)?);
    let parts: Vec<&str> = (0..groups).filter_map(|i| digits.get(i * 4..i * 4 + 4)).collect();
    Ok(Secret::new(parts.join("-")))
}

/// The digits of a typed code: spaces and hyphens dropped. `None` if anything else is in it.
#[must_use]
pub fn typed_digits(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    (!digits.is_empty() && digits.len() <= 64 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    #[test]
    fn tokens_are_well_formed_and_differ() {
        let random = SystemRandom::new();
        let (a, b) = (generate("spt", &random).unwrap(), generate("spt", &random).unwrap());
        assert!(is_well_formed("spt", a.expose()));
        assert!(!is_well_formed("sps", a.expose()));
        assert!(!a.matches(b.expose()));
    }

    #[test]
    fn typed_codes_lose_their_grouping() {
        assert_eq!(typed_digits(" 1234-5678 "), Some("12345678".into()));
        assert_eq!(typed_digits("12a"), None);
        assert_eq!(typed_digits(""), None);
    }
}
