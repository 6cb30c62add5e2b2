//! What a Trusted Platform Module says of a key that it made (WebAuthn Level 3 section 8.3): the key in the module's own
//! form, and its word that it has it (TPM 2.0 Library, part 2, sections 10.12.8 and 12.2.4).
//!
//! Read is what platforms send: keys on P-256 and RSA, names and digests by SHA-256. Whatever is otherwise is refused.

use sallyport_crypto::{digest::sha256, foreign::ForeignKey};

/// Before everything that a module states by itself.
const GENERATED: u32 = 0xff54_4347;
/// What it states: that it has a key of this name.
const CERTIFIES: u16 = 0x8017;
const SHA_256: u16 = 0x000b;
const ECC: u16 = 0x0023;
const RSA: u16 = 0x0001;
const NULL: u16 = 0x0010;
const P_256: u16 = 0x0003;
/// The exponent that is meant where none is said.
const USUAL_EXPONENT: u32 = 65537;

/// Whether this is that key in a module's form (TPMT_PUBLIC).
pub(super) fn is_of_key(public: &[u8], key: &ForeignKey) -> bool {
    read_key(public).is_some_and(|found| found == *key)
}

/// Whether a module states that it has the key of this form, when it was asked about `digest` (TPMS_ATTEST).
pub(super) fn certifies(stated: &[u8], public: &[u8], digest: &[u8; 32]) -> bool {
    let name = [&SHA_256.to_be_bytes()[..], &sha256(public)].concat();
    read_stated(stated).is_some_and(|(asked, named)| asked == digest && named == name)
}

fn read_key(public: &[u8]) -> Option<ForeignKey> {
    let mut rest = Rest(public);
    let kind = rest.number_16()?;
    let by_sha_256 = rest.number_16()? == SHA_256;
    // What the key may be used for, and on which condition.
    rest.number_32()?;
    rest.sized()?;
    // No cipher goes with it.
    let plain = rest.number_16()? == NULL;
    rest.scheme()?;
    let key = match kind {
        ECC => {
            let on_p_256 = rest.number_16()? == P_256;
            rest.scheme()?;
            let (x, y) = (rest.coordinate()?, rest.coordinate()?);
            on_p_256.then(|| ForeignKey::es256(&x, &y))?
        }
        RSA => {
            rest.number_16()?;
            let exponent = match rest.number_32()? {
                0 => USUAL_EXPONENT,
                exponent => exponent,
            };
            let exponent = exponent.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            ForeignKey::Rs256 { modulus: rest.sized()?.to_vec(), exponent }
        }
        _ => return None,
    };
    (by_sha_256 && plain && rest.0.is_empty()).then_some(key)
}

/// What the module was asked about, and the name of the key that it has.
fn read_stated(stated: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = Rest(stated);
    let certifies = rest.number_32()? == GENERATED && rest.number_16()? == CERTIFIES;
    rest.sized()?;
    let asked = rest.sized()?;
    // Its clock, how often that was set back, and whether it is sure of it; the version of the module.
    rest.take(8 + 4 + 4 + 1 + 8)?;
    let named = rest.sized()?;
    rest.sized()?;
    (certifies && rest.0.is_empty()).then_some((asked, named))
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number_16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn number_32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// Bytes behind their number.
    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = self.number_16()?;
        self.take(usize::from(length))
    }

    /// How a key signs, where it says so: by which digest.
    fn scheme(&mut self) -> Option<()> {
        if self.number_16()? != NULL {
            self.number_16()?;
        }
        Some(())
    }

    /// A number of P-256, in front of which zeros may be left out.
    fn coordinate(&mut self) -> Option<[u8; 32]> {
        let given = self.sized()?;
        let mut padded = [0; 32];
        padded.get_mut(32_usize.checked_sub(given.len())?..)?.copy_from_slice(given);
        Some(padded)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sized(bytes: &[u8]) -> Vec<u8> {
        [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
    }

    #[test]
    fn a_key_is_read_with_and_without_what_it_may_leave_out() {
        let modulus = [0xc1; 256];
        let head = [&[0, 1, 0, 0x0b, 0, 4, 4, 0x72][..], &sized(&[7; 32]), &[0, 0x10]].concat();
        let key = |exponent: u32| ForeignKey::Rs256 {
            modulus: modulus.to_vec(),
            exponent: exponent.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect(),
        };
        for scheme in [&[0, 0x10][..], &[0, 0x14, 0, 0x0b]] {
            for (said, meant) in [(0, USUAL_EXPONENT), (3, 3)] {
                let public = [&head[..], scheme, &[8, 0], &u32::to_be_bytes(said), &sized(&modulus)].concat();
                assert!(is_of_key(&public, &key(meant)));
                assert!(!is_of_key(&public, &key(5)));
                assert!(!is_of_key(&[&public[..], &[0]].concat(), &key(meant)));
                assert!(!is_of_key(&public[..public.len() - 1], &key(meant)));
            }
        }
        let (x, mut y) = ([7; 32], [9; 32]);
        y[0] = 0;
        let head = [0, 0x23, 0, 0x0b, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0x10];
        let public = |curve: u8, y: &[u8]| [&head[..], &[0, curve, 0, 0x10], &sized(&x), &sized(y)].concat();
        let key = ForeignKey::es256(&x, &y);
        assert!(is_of_key(&public(3, &y), &key) && is_of_key(&public(3, &y[1..]), &key));
        assert!(!is_of_key(&public(4, &y), &key) && !is_of_key(&public(3, &[0; 33]), &key));
    }

    proptest! {
        #[test]
        fn no_input_panics(input in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (read_key(&input), read_stated(&input));
        }
    }
}
