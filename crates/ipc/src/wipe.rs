//! Overwriting secrets before their memory is given back, as well as safe code can.
//!
//! `black_box` makes the zeroes observable, so that the stores before the release are not optimised away.

use std::hint::black_box;

/// Overwrites a text with zeroes and leaves it empty.
pub fn wipe(text: &mut String) {
    let mut bytes = std::mem::take(text).into_bytes();
    wipe_bytes(&mut bytes);
}

/// Overwrites the whole slice with zeroes.
pub fn wipe_bytes(bytes: &mut [u8]) {
    bytes.fill(0);
    black_box(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wiping_leaves_zeroes_and_an_empty_text() {
        let mut bytes = *b"secret";
        wipe_bytes(&mut bytes);
        assert_eq!(bytes, [0; 6]);
        let mut text = "secret".to_owned();
        wipe(&mut text);
        assert_eq!(text, "");
    }
}
