//! Keys out of a secret, by HKDF with SHA-256 (RFC 5869).

use zeroize::Zeroizing;

use crate::backend::hkdf::{HKDF_SHA256, KeyType, Salt};

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// `N` bytes of `secret` for the purpose that the parts of `info` name, one after the other; none beyond 8,160 bytes.
#[must_use]
pub fn derived<const N: usize>(salt: &[u8], secret: &[u8], info: &[&[u8]]) -> Option<Zeroizing<[u8; N]>> {
    let mut out = Zeroizing::new([0; N]);
    Salt::new(HKDF_SHA256, salt).extract(secret).expand(info, Length(N)).ok()?.fill(&mut *out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    #[test]
    fn the_first_vector_of_rfc_5869() {
        let salt: Vec<u8> = (0..=0x0c).collect();
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        let (front, back) = info.split_at(3);
        let derived = derived::<42>(&salt, &[0x0b; 22], &[front, back]).unwrap();
        assert_eq!(
            HEXLOWER.encode(&*derived),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        );
    }

    #[test]
    fn nobody_is_given_more_than_there_is() {
        assert!(derived::<8160>(b"", b"secret", &[]).is_some());
        assert!(derived::<8161>(b"", b"secret", &[]).is_none());
    }
}
