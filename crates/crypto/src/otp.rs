//! One-time codes as hardware tokens show them: RFC 4226 and RFC 6238 with any of their digests, and the search for
//! where a token stands.

use std::ops::Range;

use crate::{
    constant_time_eq,
    mac::{hmac_sha1, hmac_sha256, hmac_sha512},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    Sha1,
    Sha256,
    Sha512,
}

/// A seed with the way its codes are made.
#[derive(Clone, Copy)]
pub struct Codes<'a> {
    pub seed: &'a [u8],
    pub digest: Digest,
    /// From 6 to 8.
    pub digits: u8,
}

impl Codes<'_> {
    /// The code of a counter, or of a step of time (RFC 4226, section 5.3; RFC 6238, section 4.2).
    #[must_use]
    pub fn at(&self, counter: i64) -> String {
        let message = counter.to_be_bytes();
        match self.digest {
            Digest::Sha1 => truncated(&hmac_sha1(self.seed, &message), self.digits),
            Digest::Sha256 => truncated(&hmac_sha256(self.seed, &message), self.digits),
            Digest::Sha512 => truncated(&hmac_sha512(self.seed, &message), self.digits),
        }
    }

    /// The first of these counters whose code was given. Every candidate is computed and compared in constant time,
    /// whatever matches.
    #[must_use]
    pub fn find(&self, counters: impl IntoIterator<Item = i64>, given: &str) -> Option<i64> {
        counters.into_iter().fold(None, |found, counter| {
            let matches = constant_time_eq(self.at(counter).as_bytes(), given.as_bytes());
            found.or(matches.then_some(counter))
        })
    }

    /// The last counter of a run of consecutive codes, the first of which is among these counters (RFC 4226,
    /// section 7.4).
    #[must_use]
    pub fn find_run(&self, first: Range<i64>, given: &[&str]) -> Option<i64> {
        let more = i64::try_from(given.len().checked_sub(1)?).ok()?;
        let first = first.into_iter().find(|first| {
            (*first..).zip(given).all(|(counter, code)| self.at(counter).as_bytes() == code.as_bytes())
        });
        first.map(|first| first + more)
    }
}

fn truncated(mac: &[u8], digits: u8) -> String {
    let offset = usize::from(mac.last().copied().unwrap_or(0) & 0x0f);
    let word = mac.iter().skip(offset).take(4).fold(0u32, |acc, byte| (acc << 8) | u32::from(*byte));
    let (digits, modulus) = (usize::from(digits), 10u32.pow(u32::from(digits.min(9))));
    format!("{:0digits$}", (word & 0x7fff_ffff) % modulus)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &[u8] = b"12345678901234567890";

    #[test]
    fn rfc_4226_appendix_d() {
        let codes = Codes { seed: SEED, digest: Digest::Sha1, digits: 6 };
        let expected = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (counter, code) in (0..).zip(expected) {
            assert_eq!(codes.at(counter), code);
        }
    }

    #[test]
    fn rfc_6238_appendix_b() {
        let seeds: [(Digest, &[u8]); 3] = [
            (Digest::Sha1, SEED),
            (Digest::Sha256, b"12345678901234567890123456789012"),
            (Digest::Sha512, b"1234567890123456789012345678901234567890123456789012345678901234"),
        ];
        let expected = [
            (59, ["94287082", "46119246", "90693936"]),
            (1_111_111_109, ["07081804", "68084774", "25091201"]),
            (1_111_111_111, ["14050471", "67062674", "99943326"]),
            (1_234_567_890, ["89005924", "91819424", "93441116"]),
            (2_000_000_000, ["69279037", "90698825", "38618901"]),
            (20_000_000_000, ["65353130", "77737706", "47863826"]),
        ];
        for (seconds, row) in expected {
            for ((digest, seed), code) in seeds.into_iter().zip(row) {
                let codes = Codes { seed, digest, digits: 8 };
                assert_eq!(codes.at(seconds / 30), code, "{digest:?} at {seconds}");
            }
        }
    }

    #[test]
    fn a_run_is_found_where_all_of_its_codes_follow_each_other() {
        let codes = Codes { seed: SEED, digest: Digest::Sha1, digits: 6 };
        assert_eq!(codes.find_run(0..10, &["969429", "338314", "254676"]), Some(5));
        assert_eq!(codes.find_run(0..10, &["969429", "254676"]), None);
        assert_eq!(codes.find_run(4..10, &["969429", "338314"]), None);
        assert_eq!(codes.find_run(0..10, &[]), None);
        assert_eq!(codes.find(2..10, "969429"), Some(3));
        assert_eq!(codes.find(4..10, "969429"), None);
        assert_eq!(codes.find(0..10, "96942"), None);
    }
}
