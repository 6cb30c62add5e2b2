//! Names and keys of people, which end in files and commands of devices.

use sallyport_model::{
    UserName,
    id::{DeviceId, UserId},
    name::{display_name, printable},
    user::SshKey,
};

/// Whatever is taken is plain, and taken as the same again.
pub(crate) fn names(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let plain = |text: &str| !text.chars().any(char::is_control);
    let (user, key) = (text.parse::<UserName>(), SshKey::parse(text));
    if let Ok(name) = &user {
        let portable =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b'.');
        assert!((1..=32).contains(&name.as_str().len()) && name.as_str().bytes().all(portable));
        assert!(!name.as_str().starts_with(['-', '.']));
        assert_eq!(name.as_str().parse().as_ref(), Ok(name));
    }
    if let Ok(key) = &key {
        assert!(plain(key.as_str()) && key.as_str().contains(' '));
        assert_eq!(SshKey::parse(key.as_str()).as_ref(), Ok(key));
    }
    if let Ok(name) = display_name(text) {
        assert!(plain(&name) && display_name(&name).as_ref() == Ok(&name));
    }
    let shown = printable(text, 64);
    assert!(plain(&shown) && shown.chars().count() <= 64);
    let (person, device) = (text.parse::<UserId>(), text.parse::<DeviceId>());
    assert!(person.is_err() || device.is_err());
    user.is_ok() || key.is_ok() || person.is_ok() || device.is_ok()
}
