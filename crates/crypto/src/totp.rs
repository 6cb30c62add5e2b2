//! Time-based one-time codes: RFC 6238 with SHA-1, six digits and steps of 30 seconds, which is what every
//! authenticator application understands.

use crate::{
    constant_time_eq,
    otp::{Codes, Digest},
};

/// Length of a step in seconds.
pub const STEP_SECONDS: i64 = 30;

/// The step that `unix_seconds` falls into.
#[must_use]
pub const fn step_at(unix_seconds: i64) -> i64 {
    unix_seconds.div_euclid(STEP_SECONDS)
}

/// The six-digit code of a step (RFC 4226, section 5.3).
#[must_use]
pub fn code(seed: &[u8], step: i64) -> String {
    Codes { seed, digest: Digest::Sha1, digits: 6 }.at(step)
}

/// The step whose code was given: the current one, the one before, or one of so many `ahead`; never at or below `last_used`.
///
/// Every candidate is computed and compared in constant time, whatever matches.
#[must_use]
pub fn accept(
    seed: &[u8],
    given: &str,
    unix_seconds: i64,
    ahead: i64,
    last_used: Option<i64>,
) -> Option<i64> {
    let now = step_at(unix_seconds);
    let mut accepted = None;
    for step in now - 1..=now + ahead {
        let matches = constant_time_eq(code(seed, step).as_bytes(), given.as_bytes());
        if matches && last_used.is_none_or(|used| step > used) {
            accepted = Some(step);
        }
    }
    accepted
}

/// The `otpauth` URI that authenticator applications read from a QR code.
#[must_use]
pub fn uri(issuer: &str, account: &str, seed: &[u8]) -> String {
    let secret = data_encoding::BASE32_NOPAD.encode(seed);
    let (issuer, account) = (percent_encode(issuer), percent_encode(account));
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
    )
}

fn percent_encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &[u8] = b"12345678901234567890";

    #[test]
    fn rfc_6238_vectors() {
        // The RFC prints eight digits; ours are the last six of them.
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SEED, step_at(seconds)), expected);
        }
    }

    #[test]
    fn the_window_is_this_step_and_the_one_before_and_as_many_ahead_as_are_allowed() {
        let now = 1_000_000_000;
        let step = step_at(now);
        for (ahead, offsets) in [(0, -1..=0), (1, -1..=1)] {
            for offset in -3..=3 {
                let accepted = accept(SEED, &code(SEED, step + offset), now, ahead, None);
                let expected = offsets.contains(&offset).then_some(step + offset);
                assert_eq!(accepted, expected, "{ahead} {offset}");
            }
        }
    }

    #[test]
    fn a_used_step_and_those_before_it_are_dead() {
        let now = 1_000_000_000;
        let step = step_at(now);
        assert_eq!(accept(SEED, &code(SEED, step), now, 0, Some(step)), None);
        assert_eq!(accept(SEED, &code(SEED, step - 1), now, 0, Some(step)), None);
        assert_eq!(accept(SEED, &code(SEED, step), now, 0, Some(step - 1)), Some(step));
    }

    #[test]
    fn the_uri_escapes_names() {
        let uri = uri("A & B", "alice@example.com", SEED);
        assert!(uri.starts_with("otpauth://totp/A%20%26%20B:alice%40example.com?secret=GEZDGNBV"), "{uri}");
    }
}
