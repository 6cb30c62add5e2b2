//! Activation codes: what an answer carries of an enrolment code, and what a camera or an application brings of it.
//!
//! The protocol's own are `duo://CODE-HOST`, the host in base64. Ours carry the digits of an enrolment code in it, and those for the page
//! of a phone say so.

use data_encoding::BASE64;
use sallyport_crypto::token;

const SCHEME: &str = "duo://";
/// Before the digits of a code that is for the page of a phone.
const PHONE: &str = "phone";
/// Longest code that is looked at.
const LONGEST: usize = 512;

/// An activation code with all that is around it.
#[derive(Clone, PartialEq, Eq)]
pub struct Activation {
    pub digits: String,
    /// For the page of a phone.
    pub is_phone: bool,
    /// The host that made it, by its own word.
    pub host: String,
}

impl Activation {
    /// `None` for what no server of ours could have written.
    #[must_use]
    pub fn read(code: &str) -> Option<Self> {
        let (digits, host) = code.strip_prefix(SCHEME).filter(|_| code.len() <= LONGEST)?.rsplit_once('-')?;
        let host =
            String::from_utf8(BASE64.decode(host.as_bytes()).ok()?).ok().filter(|host| !host.is_empty())?;
        let (digits, is_phone) = match digits.strip_prefix(PHONE) {
            Some(digits) => (digits, true),
            None => (digits, false),
        };
        Some(Self { digits: token::typed_digits(digits)?, is_phone, host })
    }

    #[must_use]
    pub fn write(&self) -> String {
        let kind = if self.is_phone { PHONE } else { "" };
        format!("{SCHEME}{kind}{}-{}", self.digits, BASE64.encode(self.host.as_bytes()))
    }
}

/// The digits of an enrolment code, with or without what an activation code puts around them.
#[must_use]
pub fn enrollment_digits(code: &str) -> Option<String> {
    match Activation::read(code) {
        Some(activation) => Some(activation.digits).filter(|_| !activation.is_phone),
        None => token::typed_digits(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_was_written() {
        let code =
            Activation { digits: "12345678".into(), is_phone: false, host: "mfa.example.org:8443".into() };
        let phone = Activation { is_phone: true, ..code.clone() };
        assert_eq!(code.write(), "duo://12345678-bWZhLmV4YW1wbGUub3JnOjg0NDM=");
        assert!(phone.write().starts_with("duo://phone12345678-"));
        for code in [&code, &phone] {
            assert!(Activation::read(&code.write()).as_ref() == Some(code));
        }
        for written in [code.write().as_str(), "12345678", "1234-5678", " 1234 5678"] {
            assert_eq!(enrollment_digits(written).as_deref(), Some("12345678"), "{written}");
        }
        assert_eq!(enrollment_digits(&phone.write()), None);
        for bad in
            ["", "duo://", "duo://1-", "duo://12345678", "duo://-YQ==", "duo://12a-YQ==", "12345678-YQ=="]
        {
            assert!(Activation::read(bad).is_none(), "{bad}");
            assert_eq!(enrollment_digits(bad), None, "{bad}");
        }
    }
}
