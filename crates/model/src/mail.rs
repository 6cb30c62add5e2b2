//! Mail: which server takes it, how much there may be, and what is written.
//!
//! Nothing is sent as long as no server is named. What is written is a template with a few words in braces; a word that
//! nobody knows is refused when the template is set, so that it never arrives at somebody as it stands.

use serde::{Deserialize, Serialize};

/// The organisation's mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct MailSettings {
    /// Who takes our mail; its password is kept apart, sealed.
    pub server: Option<MailServer>,
    /// The address it comes from. The organisation's name stands beside it.
    pub sender: String,
    /// Whether people are told by mail what happened to their factors and their password.
    pub notices: bool,
    pub limits: MailLimits,
    /// The mail that brings somebody a link to set up their second factor.
    pub enrollment: MailTemplate,
}

impl MailSettings {
    /// Whether mail can be sent as things are set.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.server.is_some()
    }
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            server: None,
            sender: String::new(),
            notices: true,
            limits: MailLimits::default(),
            enrollment: MailTemplate::enrollment(),
        }
    }
}

/// A server that takes our mail by SMTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailServer {
    pub host: String,
    /// 465 for TLS and 587 for STARTTLS, mostly.
    pub port: u16,
    #[serde(default)]
    pub security: MailSecurity,
    /// Who we are there; nobody in particular if empty.
    #[serde(default)]
    pub user: String,
    /// The only certificate authorities trusted there, PEM; those that browsers trust if empty.
    #[serde(default)]
    pub ca: String,
}

impl MailServer {
    /// Whether a password meant for one must not go to the other.
    #[must_use]
    pub fn is_elsewhere_than(&self, other: &Self) -> bool {
        let weaker = self.security != MailSecurity::None && other.security == MailSecurity::None;
        let of = |server: &Self| (server.host.clone(), server.port, server.user.clone(), server.ca.clone());
        weaker || of(self) != of(other)
    }
}

/// How a connection to a mail server is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MailSecurity {
    /// Not at all: only to an address that the server's configuration lists.
    None,
    /// TLS after the first words, and no mail without it (RFC 3207).
    Starttls,
    /// TLS from the first byte (RFC 8314).
    #[default]
    Tls,
}

impl MailSecurity {
    pub const ALL: [Self; 3] = [Self::Tls, Self::Starttls, Self::None];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Starttls => "starttls",
            Self::Tls => "tls",
        }
    }
}

/// How much there may be. A day begins with the first mail that is counted in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct MailLimits {
    /// To one address in a day.
    pub per_address: u32,
    /// For one person in a day, whatever the address.
    pub per_person: u32,
    /// For the whole organisation in a day.
    pub per_day: u32,
}

impl Default for MailLimits {
    fn default() -> Self {
        Self { per_address: 20, per_person: 20, per_day: 2000 }
    }
}

/// A mail with words in braces, which stand for something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailTemplate {
    pub subject: String,
    pub text: String,
}

/// Why a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("a link in a subject is read by whoever looks over a shoulder; put `{{link}}` into the text")]
    LinkInSubject,
    #[error("has a control character in it")]
    Control,
    #[error("from 1 to {0} characters")]
    Length(usize),
    #[error("the text must have `{{link}}` in it")]
    NoLink,
    #[error(
        "`{0}` stands for nothing; there are `{{name}}`, `{{link}}`, `{{organization}}` and `{{expires}}`"
    )]
    Unknown(String),
}

/// What the words of a template stand for.
#[derive(Debug, Clone, Copy)]
pub struct Filling<'a> {
    pub name: &'a str,
    pub link: &'a str,
    pub organization: &'a str,
    pub expires: &'a str,
}

const LONGEST_SUBJECT: usize = 150;
const LONGEST_TEXT: usize = 8000;

impl MailTemplate {
    /// What an enrolment link comes with where nothing else is set.
    #[must_use]
    pub fn enrollment() -> Self {
        Self {
            subject: "Set up your second factor at {organization}".into(),
            text: "Hello {name},\n\nsigning in at {organization} takes a second factor besides your password. Open this \
                   page and set up yours: an authenticator app, a passkey or the page of your phone.\n\n{link}\n\nThe \
                   link is good once, until {expires}. It opens nothing without your password. If you did not \
                   expect this mail, tell your administrator.\n"
                .into(),
        }
    }

    /// Whether it can be used: known words only, and the link where it belongs.
    ///
    /// # Errors
    /// What is wrong with it, and with which part.
    pub fn check(&self) -> Result<(), (&'static str, TemplateError)> {
        let part = |name: &'static str, text: &str, longest: usize, breaks: bool| {
            let control = |c: char| c.is_control() && !(breaks && matches!(c, '\n' | '\r' | '\t'));
            if text.trim().is_empty() || text.chars().count() > longest {
                return Err((name, TemplateError::Length(longest)));
            }
            if text.chars().any(control) {
                return Err((name, TemplateError::Control));
            }
            match pieces(text)
                .find_map(|piece| if let Piece::Unknown(word) = piece { Some(word) } else { None })
            {
                Some(word) => Err((name, TemplateError::Unknown(crate::name::printable(word, 40)))),
                None => Ok(()),
            }
        };
        part("subject", &self.subject, LONGEST_SUBJECT, false)?;
        part("text", &self.text, LONGEST_TEXT, true)?;
        if self.subject.contains(Word::Link.written()) {
            return Err(("subject", TemplateError::LinkInSubject));
        }
        if !self.text.contains(Word::Link.written()) {
            return Err(("text", TemplateError::NoLink));
        }
        Ok(())
    }

    /// Subject and text with everything in its place, in one pass: what is filled in is not looked at again.
    #[must_use]
    pub fn fill(&self, filling: Filling<'_>) -> (String, String) {
        let fill = |text: &str| -> String {
            pieces(text)
                .map(|piece| match piece {
                    Piece::Text(text) | Piece::Unknown(text) => text,
                    Piece::Word(Word::Expires) => filling.expires,
                    Piece::Word(Word::Link) => filling.link,
                    Piece::Word(Word::Name) => filling.name,
                    Piece::Word(Word::Organization) => filling.organization,
                })
                .collect()
        };
        (fill(&self.subject), fill(&self.text))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Expires,
    Link,
    Name,
    Organization,
}

impl Word {
    const ALL: [Self; 4] = [Self::Expires, Self::Link, Self::Name, Self::Organization];

    const fn written(self) -> &'static str {
        match self {
            Self::Expires => "{expires}",
            Self::Link => "{link}",
            Self::Name => "{name}",
            Self::Organization => "{organization}",
        }
    }
}

enum Piece<'a> {
    Text(&'a str),
    /// In braces, and nothing that we know.
    Unknown(&'a str),
    Word(Word),
}

/// A template, cut at its braces. A brace that is never closed is unknown too.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, ends) = match rest.find('{') {
            Some(0) => match Word::ALL.into_iter().find(|word| rest.starts_with(word.written())) {
                Some(word) => (Piece::Word(word), word.written().len()),
                None => {
                    let ends = rest.find('}').map_or(rest.len(), |at| at + 1);
                    (Piece::Unknown(rest.get(..ends).unwrap_or(rest)), ends)
                }
            },
            Some(at) => (Piece::Text(rest.get(..at).unwrap_or(rest)), at),
            None => (Piece::Text(rest), rest.len()),
        };
        rest = rest.get(ends..).unwrap_or_default();
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(subject: &str, text: &str) -> MailTemplate {
        MailTemplate { subject: subject.into(), text: text.into() }
    }

    #[test]
    fn words_stand_for_what_they_say_and_what_is_filled_in_is_left_alone() {
        let filling = Filling {
            name: "{link} Ada",
            link: "https://x.example/?code=1",
            organization: "Example",
            expires: "soon",
        };
        let (subject, text) =
            template("{organization} for {name}", "{name}: {link} until {expires}}").fill(filling);
        assert_eq!(subject, "Example for {link} Ada");
        assert_eq!(text, "{link} Ada: https://x.example/?code=1 until soon}");
    }

    #[test]
    fn a_template_that_cannot_be_used_is_refused_by_its_part() {
        assert_eq!(MailTemplate::enrollment().check(), Ok(()));
        assert_eq!(template("a", "{link}\n{name}").check(), Ok(()));
        for (subject, text, part, error) in [
            ("", "{link}", "subject", TemplateError::Length(LONGEST_SUBJECT)),
            ("a\r\nBcc: eve@example.com", "{link}", "subject", TemplateError::Control),
            ("{link}", "{link}", "subject", TemplateError::LinkInSubject),
            ("{nme}", "{link}", "subject", TemplateError::Unknown("{nme}".into())),
            ("a", "hello", "text", TemplateError::NoLink),
            ("a", "{link} {Name}", "text", TemplateError::Unknown("{Name}".into())),
            ("a", "{link} {", "text", TemplateError::Unknown("{".into())),
            ("a", "{link}\u{0}", "text", TemplateError::Control),
        ] {
            assert_eq!(template(subject, text).check(), Err((part, error)), "{subject:?} {text:?}");
        }
    }

    #[test]
    fn a_password_stays_with_whom_it_was_given_for() {
        let server = |host: &str, security| MailServer {
            host: host.into(),
            port: 587,
            security,
            user: "u".into(),
            ca: String::new(),
        };
        let (tls, plain) = (MailSecurity::Starttls, MailSecurity::None);
        assert!(!server("a", tls).is_elsewhere_than(&server("a", MailSecurity::Tls)));
        assert!(server("a", tls).is_elsewhere_than(&server("b", tls)));
        assert!(server("a", tls).is_elsewhere_than(&server("a", plain)), "in the clear");
        let trusting = MailServer { ca: "another".into(), ..server("a", tls) };
        assert!(server("a", tls).is_elsewhere_than(&trusting), "whoever that authority says it is");
        assert!(!server("a", plain).is_elsewhere_than(&server("a", tls)));
    }
}
