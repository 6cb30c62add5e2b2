//! AES in CBC mode, for reading what others encrypted in a file format of theirs. Nothing of ours is sealed like this.

use aws_lc_rs::{
    cipher::{AES_128, AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey},
    iv::FixedLength,
};
use zeroize::Zeroizing;

const BLOCK: usize = 16;

/// What was encrypted under a key of 16 or 32 bytes by XML Encryption (section 5.2): the vector stands before the blocks,
/// and the last byte says how many to leave off. `None` if it is nothing of that kind. Nothing here says that it was not
/// altered.
#[must_use]
pub fn decrypted(key: &[u8], vector_and_blocks: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let algorithm = match key.len() {
        16 => &AES_128,
        32 => &AES_256,
        _ => return None,
    };
    let (vector, blocks) = vector_and_blocks.split_first_chunk::<BLOCK>()?;
    if blocks.is_empty() || !blocks.len().is_multiple_of(BLOCK) {
        return None;
    }
    let key = DecryptingKey::cbc(UnboundCipherKey::new(algorithm, key).ok()?).ok()?;
    let mut plain = Zeroizing::new(blocks.to_vec());
    key.decrypt(&mut plain, DecryptionContext::Iv128(FixedLength::from(vector))).ok()?;
    let padding = usize::from(*plain.last()?);
    let length = plain.len().checked_sub(padding).filter(|_| (1..=BLOCK).contains(&padding))?;
    plain.truncate(length);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_such_thing_is_none_and_never_a_panic() {
        for (key, sealed) in [(15, 32), (16, 0), (16, 15), (16, 16), (16, 33), (32, 40)] {
            assert!(decrypted(&vec![1; key], &vec![2; sealed]).is_none(), "{key} {sealed}");
        }
    }
}
