//! The line of the login module in a file of the machine.

/// Words as libpam cuts them out of the line. Said twice, one is too much, and what is not known is never passed over.
pub(crate) fn arguments(bytes: &[u8]) -> bool {
    let words: Vec<&[u8]> =
        bytes.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty()).collect();
    if !pam_sallyport::obeys(&words) {
        return false;
    }
    for word in &words {
        assert!(!pam_sallyport::obeys(&[&words[..], &[word]].concat()));
    }
    assert!(!pam_sallyport::obeys(&[&words[..], &[b"anything".as_slice()]].concat()));
    true
}
