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

#[cfg(test)]
mod tests {
    use sallyport_crypto::password::normalize;

    /// What the module makes of a password at a device is what the server made of it, whatever was typed.
    #[test]
    fn the_module_composes_as_the_server_does() {
        for character in '\0'..=char::MAX {
            for typed in [format!("{character}"), format!("e{character}\u{301}\u{323}")] {
                let ours = pam_sallyport::composed(&typed);
                let ours = ours.as_deref().unwrap_or(&typed);
                let server = normalize(&typed.as_str().into()).unwrap();
                assert_eq!(ours, server.expose(), "U+{:04X}", u32::from(character));
                assert!(ours.len() <= typed.len() * 3);
            }
        }
    }
}
