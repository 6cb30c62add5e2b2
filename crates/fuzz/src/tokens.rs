//! Files that administrators get from others and hand in: hardware tokens, and tables.

use sallyport_crypto::yubikey as codec_of_yubikeys;
use sallyport_wire::{pskc as codec, sheet as codec_of_sheets};

/// The key that the encrypted example of RFC 6030 (section 6.1) was made with.
const KEY: [u8; 16] =
    [0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12];

/// A file of RFC 6030, plain or encrypted. Understood is one with a key in it that can be used.
pub(crate) fn pskc(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let lines = text.lines().count() as u64 + 1;
    let mut understood = false;
    for key in [None, Some(KEY.as_slice())] {
        let Ok(packages) = codec::read(text, key) else { continue };
        assert!(packages.iter().all(|package| (1..=lines).contains(&package.line)));
        understood |= packages.iter().any(|package| package.key.is_ok());
    }
    understood
}

/// The key and private id of Yubico's published test vectors.
const YUBIKEY: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const PRIVATE_ID: [u8; 6] = [1, 2, 3, 4, 5, 6];

/// What a YubiKey types. Understood is a code of the published key.
pub(crate) fn yubikey(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let press = codec_of_yubikeys::opened(text, &PRIVATE_ID, &YUBIKEY);
    let other = codec_of_yubikeys::opened(text, &[0; 6], &YUBIKEY);
    assert!(press.is_none() || other.is_none());
    if let Some(letters) = codec_of_yubikeys::typed(text) {
        assert_eq!(codec_of_yubikeys::typed(&letters).as_ref(), Some(&letters));
        let again = codec_of_yubikeys::opened(&letters, &PRIVATE_ID, &YUBIKEY);
        assert_eq!(again.map(|press| press.place()), press.map(|press| press.place()));
    }
    press.is_some_and(|press| (0..1 << 23).contains(&press.place()))
}

/// A table. Understood is one with a row whose cells are all text.
pub(crate) fn sheet(bytes: &[u8]) -> bool {
    let named = |name: &str| (name.trim() == "name").then_some(());
    let read = codec_of_sheets::read(bytes, named, &[("name", ())], |line, columns, record| {
        let fits = codec_of_sheets::ragged(columns, record).is_none();
        (line, fits && record.iter().all(|cell| codec_of_sheets::text(cell).is_ok()))
    });
    let Ok((rows, _)) = read else { return false };
    assert!(rows.is_sorted_by_key(|(line, _)| *line));
    rows.iter().any(|(_, usable)| *usable)
}
