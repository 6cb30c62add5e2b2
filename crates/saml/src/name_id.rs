//! Who somebody is to an application (core sections 2.2 and 8.3).

use serde::{Deserialize, Serialize};

use crate::{
    message::{LONGEST_ENTITY, Refused},
    names::ASSERTION,
    xml::Element,
};

/// Longest identifier of a person.
const LONGEST: usize = 1024;

/// How people are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameIdFormat {
    EmailAddress,
    /// One that stays, and is another at every application.
    Persistent,
    /// One that is good for one session.
    Transient,
    Unspecified,
}

impl NameIdFormat {
    pub const ALL: [Self; 4] = [Self::EmailAddress, Self::Persistent, Self::Transient, Self::Unspecified];

    /// How messages name it.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::EmailAddress => "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            Self::Persistent => "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            Self::Transient => "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
            Self::Unspecified => "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
        }
    }

    /// The format that messages name so. Some write the later version of the two that have only the earlier.
    #[must_use]
    pub fn named(uri: &str) -> Option<Self> {
        let earlier = uri.replacen("SAML:2.0:nameid-format:u", "SAML:1.1:nameid-format:u", 1);
        let earlier = earlier.replacen("SAML:2.0:nameid-format:e", "SAML:1.1:nameid-format:e", 1);
        Self::ALL.into_iter().find(|format| format.uri() == earlier)
    }
}

/// A person, as an application knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameId {
    /// None where it is of a format that we do not give.
    pub format: Option<NameIdFormat>,
    pub value: String,
    /// The entity within which it is unique, and the one it was made for.
    pub name_qualifier: Option<String>,
    pub sp_name_qualifier: Option<String>,
}

impl NameId {
    #[must_use]
    pub fn new(format: NameIdFormat, value: impl Into<String>) -> Self {
        Self { format: Some(format), value: value.into(), name_qualifier: None, sp_name_qualifier: None }
    }

    pub(crate) fn read(element: &Element) -> Result<Self, Refused> {
        let value = element.only_text().filter(|value| !value.is_empty() && value.len() <= LONGEST);
        let value = value.filter(|_| element.is(ASSERTION, "NameID")).ok_or(Refused::Subject)?;
        let qualifier = |name: &str| match element.attribute(name) {
            Some(value) if value.len() > LONGEST_ENTITY => Err(Refused::Subject),
            value => Ok(value.map(str::to_owned)),
        };
        let format = match element.attribute("Format") {
            None => Some(NameIdFormat::Unspecified),
            Some(format) => NameIdFormat::named(format),
        };
        Ok(Self {
            format,
            value: value.to_owned(),
            name_qualifier: qualifier("NameQualifier")?,
            sp_name_qualifier: qualifier("SPNameQualifier")?,
        })
    }

    pub(crate) fn written(&self) -> Element {
        Element::new(ASSERTION, "NameID")
            .with_some("Format", self.format.map(NameIdFormat::uri))
            .with_some("NameQualifier", self.name_qualifier.as_deref())
            .with_some("SPNameQualifier", self.sp_name_qualifier.as_deref())
            .text(&self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_known_by_its_name_of_either_version() {
        for format in NameIdFormat::ALL {
            assert_eq!(NameIdFormat::named(format.uri()), Some(format));
        }
        let later = "urn:oasis:names:tc:SAML:2.0:nameid-format:emailAddress";
        assert_eq!(NameIdFormat::named(later), Some(NameIdFormat::EmailAddress));
        assert_eq!(NameIdFormat::named("urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted"), None);
    }
}
