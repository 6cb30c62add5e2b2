//! Names, numbers and keys of people, which end in files and commands of devices, and in requests to others.

use sallyport_crypto::{sign::PublicKey, token};
use sallyport_model::{
    Aaguid, Alias, CallingCode, HostName, Member, PhoneNumber, RedirectUri, Time, UserName,
    access_rule::DayTime,
    id::{DeviceId, UserId},
    name::{display_name, printable, without_domain},
    policy::Country,
    user::SshKey,
};
use sallyport_wire::webpush::Contact;

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
    if let Ok(time) = text.parse::<DayTime>() {
        assert!(time.to_string() == text && time.minutes() < 24 * 60);
    }
    if let Ok(country) = text.parse::<Country>() {
        assert_eq!(country.as_str().parse(), Ok(country));
    }
    let numbers = [moment(text), model(text), typed(text), key_or_member(text)];
    if let Some(bare) = without_domain(text) {
        assert!(!bare.is_empty() && text.contains(bare) && without_domain(bare).is_none(), "{bare:?}");
    }
    let contact = Contact::parse(text);
    // A page is an address to come back to as well.
    let mail = contact.is_ok() && text.starts_with("mailto:");
    assert!(contact.is_err() || text.bytes().all(|b| b.is_ascii_graphic()));
    let shown = printable(text, 64);
    assert!(plain(&shown) && shown.chars().count() <= 64);
    let (person, device) = (text.parse::<UserId>(), text.parse::<DeviceId>());
    assert!(person.is_err() || device.is_err());
    // One label is many other things as well.
    let is_host = text.contains('.') && text.parse::<HostName>().is_ok();
    let said = [
        mail,
        user.is_ok(),
        key.is_ok(),
        person.is_ok(),
        device.is_ok(),
        number.is_ok(),
        uri.is_ok(),
        is_host,
    ];
    said.contains(&true) || numbers.contains(&true)
}

/// A moment is written so that it reads as the same, to the second and as a form has it.
fn moment(text: &str) -> bool {
    let Ok(time) = text.parse::<Time>() else { return false };
    assert_eq!(time.to_string().parse(), Ok(time));
    let to_the_minute = time.unix_seconds().div_euclid(60) * 60;
    assert_eq!(time.in_form().parse(), Ok(Time::from_unix_seconds(to_the_minute)), "{}", time.in_form());
    true
}

fn model(text: &str) -> bool {
    text.parse::<Aaguid>().is_ok_and(|aaguid| {
        assert_eq!(aaguid.to_string().parse(), Ok(aaguid));
        assert_eq!(Aaguid::from_bytes(aaguid.bytes()), aaguid);
        true
    })
}

/// What names a key of a device, and who is in a group, is what these write of themselves.
fn key_or_member(text: &str) -> bool {
    let (key, member) = (PublicKey::from_hex(text), Member::from_key(text));
    assert!(key.is_none_or(|key| key.to_hex() == text));
    assert!(member.is_none_or(|member| Member::from_key(&member.key()) == Some(member)));
    key.is_some() || member.is_some()
}

/// Digits that people type, and the beginnings of numbers. They are many other things as well.
fn typed(text: &str) -> bool {
    if let Some(digits) = token::typed_digits(text) {
        assert!((1..=64).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
        assert_eq!(token::typed_digits(&digits).as_ref(), Some(&digits));
    }
    text.parse::<CallingCode>().is_ok_and(|code| {
        let text = String::from(code.clone());
        assert!((2..=8).contains(&text.len()), "{text}");
        assert_eq!(text.parse(), Ok(code));
        true
    })
}
