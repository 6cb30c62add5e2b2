//! What other systems keep of passwords.

use sallyport_crypto::password::Imported;

/// A hash as it stands in a file. It is read and not compared with anything, which costs what its writer thought right.
pub(crate) fn imported(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let read = Imported::parse(text).is_ok();
    let around = [format!(" {text}"), format!("{text}\n")];
    assert!(around.iter().all(|text| text.len() > 512 || Imported::parse(text).is_ok() == read));
    read
}
