//! Names, numbers and keys of people, which end in files and commands of devices, and in requests to others.

use sallyport_model::{
    Alias, HostName, PhoneNumber, RedirectUri, UserName,
    id::{DeviceId, UserId},
    name::{display_name, printable},
    policy::Country,
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
    if let Ok(alias) = text.parse::<Alias>() {
        assert!(plain(alias.as_str()) && alias.as_str().parse().as_ref() == Ok(&alias));
    }
    let (number, uri) = (text.parse::<PhoneNumber>(), text.parse::<RedirectUri>());
    if let Ok(number) = &number {
        let digits = number.as_str().strip_prefix('+').unwrap_or_default();
        assert!((1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
        assert_eq!(number.as_str().parse().as_ref(), Ok(number));
    }
    if let Ok(uri) = &uri {
        assert!(uri.as_str().bytes().all(|b| b.is_ascii_graphic() && b != b'\\' && b != b'#'), "{uri}");
    }
    if let Ok(host) = text.parse::<HostName>() {
        assert!(host.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.')));
        assert_eq!(host.as_str().parse().as_ref(), Ok(&host));
        assert!(text.parse::<std::net::IpAddr>().is_err());
    }
    if let Ok(country) = text.parse::<Country>() {
        assert_eq!(country.as_str().parse(), Ok(country));
    }
    let shown = printable(text, 64);
    assert!(plain(&shown) && shown.chars().count() <= 64);
    let (person, device) = (text.parse::<UserId>(), text.parse::<DeviceId>());
    assert!(person.is_err() || device.is_err());
    // One label is many other things as well.
    let is_host = text.contains('.') && text.parse::<HostName>().is_ok();
    let said =
        [user.is_ok(), key.is_ok(), person.is_ok(), device.is_ok(), number.is_ok(), uri.is_ok(), is_host];
    said.contains(&true)
}
