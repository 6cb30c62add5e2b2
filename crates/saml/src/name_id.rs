//! Who somebody is to an application (core sections 2.2 and 8.3).

pub use sallyport_model::saml::NameIdFormat;

use crate::{
    message::{LONGEST_ENTITY, Refused},
    names::ASSERTION,
    xml::Element,
};

/// Longest identifier of a person.
const LONGEST: usize = 1024;

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
