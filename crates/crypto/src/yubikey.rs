//! One-time codes as YubiKeys type them in Yubico's own form: one block of AES-128 behind a name of the key that everybody may
//! know, all of it in *modhex*, whose sixteen letters are where they are on every keyboard.
//!
//! The block holds a private id, two counters that only rise, a clock, noise and a checksum. It is authentic because nobody
//! without the key makes a block that opens to the private id.

use aws_lc_rs::cipher::{AES_128, DecryptingKey, DecryptionContext, UnboundCipherKey};
use zeroize::Zeroizing;

use crate::constant_time_eq;

pub const KEY: usize = 16;
pub const PRIVATE_ID: usize = 6;

/// Letters of the block, and most of what may stand before it.
const BLOCK_LETTERS: usize = 32;
const MOST_LETTERS: usize = 64;
const ALPHABET: &[u8; 16] = b"cbdefghijklnrtuv";
/// What the checksum over a block with its own checksum comes to (ISO 13239).
const RESIDUE: u16 = 0xf0b8;
/// The counter of use has fifteen bits; the sixteenth has said other things in old keys.
const USE_BITS: u16 = 0x7fff;

/// What the code of a key says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Press {
    /// How often the key was put in, and so began to count presses anew.
    pub uses: u16,
    /// How often it was pressed since.
    pub presses: u8,
}

impl Press {
    /// One number that rises with every press.
    #[must_use]
    pub fn place(self) -> i64 {
        (i64::from(self.uses) << 8) | i64::from(self.presses)
    }
}

/// The letters of a typed code, if it can be one: whatever stands before the block is not looked at. Keys with caps lock on type
/// capitals.
#[must_use]
pub fn typed(text: &str) -> Option<String> {
    let letters = text.trim().to_ascii_lowercase();
    let fits = (BLOCK_LETTERS..=MOST_LETTERS).contains(&letters.len()) && letters.len().is_multiple_of(2);
    (fits && letters.bytes().all(|letter| ALPHABET.contains(&letter))).then_some(letters)
}

/// What a code says that was typed by the key with this private id. `None` if it is no code of that key.
#[must_use]
pub fn opened(code: &str, private_id: &[u8; PRIVATE_ID], key: &[u8; KEY]) -> Option<Press> {
    let letters = typed(code)?;
    let block = from_modhex(letters.get(letters.len() - BLOCK_LETTERS..)?)?;
    let mut plain = Zeroizing::new(<[u8; KEY]>::try_from(block.as_slice()).ok()?);
    let key = DecryptingKey::ecb(UnboundCipherKey::new(&AES_128, key).ok()?).ok()?;
    key.decrypt(&mut *plain, DecryptionContext::None).ok()?;
    let is_whole = checksum(&*plain) == RESIDUE;
    let [id @ .., _, _, _, _, _, _, _, _, _, _] = &*plain;
    let [.., use_low, use_high, _, _, _, presses, _, _, _, _] = &*plain;
    let press = Press { uses: u16::from_le_bytes([*use_low, *use_high]) & USE_BITS, presses: *presses };
    (constant_time_eq(id, private_id) & is_whole).then_some(press)
}

fn from_modhex(letters: &str) -> Option<Zeroizing<Vec<u8>>> {
    let nibble =
        |letter: &u8| ALPHABET.iter().position(|known| known == letter).and_then(|at| u8::try_from(at).ok());
    let (pairs, rest) = letters.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some((nibble(high)? << 4) | nibble(low)?));
    let bytes: Option<Vec<u8>> = bytes.collect();
    bytes.filter(|_| rest.is_empty()).map(Zeroizing::new)
}

fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |sum, byte| {
        (0..8)
            .fold(sum ^ u16::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0x8408 } else { sum >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY_1: &str = "000102030405060708090a0b0c0d0e0f";

    fn hex<const N: usize>(text: &str) -> [u8; N] {
        data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap().try_into().unwrap()
    }

    fn press(code: &str, id: &str, key: &str) -> Option<(u16, u8)> {
        opened(code, &hex(id), &hex(key)).map(|press| (press.uses, press.presses))
    }

    /// Of the specification's page of test vectors, and of the test vectors of the C library.
    #[test]
    fn published_codes_say_what_is_published_of_them() {
        for (code, id, key, uses, presses) in [
            ("dvgtiblfkbgturecfllberrvkinnctnn", "010203040506", KEY_1, 1, 1),
            ("rnibcnfhdninbrdebccrndfhjgnhftee", "010203040506", KEY_1, 1, 2),
            ("iikkijbdknrrdhfdrjltvgrbkkjblcbh", "010203040506", KEY_1, 0xfff, 1),
            (
                "dcihgvrhjeucvrinhdfddbjhfjftjdei",
                "888888888888",
                "88888888888888888888888888888888",
                0x0888,
                0x88,
            ),
            ("kkkncjnvcnenkjvjgncjihljiibgbhbh", "000000000000", "00000000000000000000000000000000", 0, 0),
            ("iucvrkjiegbhidrcicvlgrcgkgurhjnj", "33c69e7f249e", "c4422890653076cde73d449b191b416a", 1, 0),
            (
                "dteffujehknhfjbrjnlnldnhcujvddbikngjrtgh",
                "8792ebfe26cc",
                "ecde18dbe76fbd0c33330f1c354871db",
                0x13,
                0x11,
            ),
        ] {
            assert_eq!(press(code, id, key), Some((uses, presses)), "{code}");
        }
    }

    #[test]
    fn a_code_is_its_own_keys_alone_and_changes_in_nothing() {
        let code = "cccccccccccbdvgtiblfkbgturecfllberrvkinnctnn";
        assert_eq!(press(code, "010203040506", KEY_1), Some((1, 1)));
        assert_eq!(press(&code.to_uppercase(), "010203040506", KEY_1), Some((1, 1)));
        assert_eq!(press(code, "010203040507", KEY_1), None);
        assert_eq!(press(code, "010203040506", "000102030405060708090a0b0c0d0e10"), None);
        assert_eq!(press(&code.replace("nn", "nc"), "010203040506", KEY_1), None);
    }

    #[test]
    fn what_no_key_types_is_no_code() {
        let block = "dvgtiblfkbgturecfllberrvkinnctnn";
        for text in ["", "123456", &block[1..], &block[2..], &block.replace('d', "a"), &format!("c{block}")] {
            assert_eq!(typed(text), None, "{text}");
        }
        assert_eq!(typed(&"c".repeat(66)), None);
        assert_eq!(typed(&format!(" {block}\n")).as_deref(), Some(block));
    }

    #[test]
    fn every_press_is_behind_the_one_before() {
        let place = |uses, presses| Press { uses, presses }.place();
        assert!(place(0, 0) < place(0, 255) && place(0, 255) < place(1, 0));
    }
}
