//! What an application is told about people, line by line: claims, or attributes.

use sallyport_app::AppError;
use sallyport_model::{
    name::printable,
    oidc::{GroupNames, ValueSource},
};

use crate::pages::fields::Fields;

/// Lines for further ones.
const MORE: usize = 2;

/// Where a value may come from: a word of the form, and what it is called.
pub(super) const SOURCES: [(&str, &str); 11] = [
    ("user_name", "user name"),
    ("display_name", "display name"),
    ("given_name", "given name"),
    ("family_name", "family name"),
    ("mail", "mail address"),
    ("phone", "telephone number"),
    ("groups", "groups, or those that begin with"),
    ("groups_cut", "groups that begin with, without that"),
    ("attribute", "attribute named"),
    ("literal", "always the text"),
    ("id", "id that never changes"),
];

/// A line of the form: what it is called there, where it comes from, and what else that needs.
pub(super) struct Row {
    pub(super) place: usize,
    pub(super) name: String,
    pub(super) from: &'static str,
    pub(super) of: String,
}

/// The lines for what it is told, and blank ones.
pub(super) fn rows<'a>(told: impl Iterator<Item = (&'a str, &'a ValueSource)>) -> Vec<Row> {
    let said = told.map(|(name, source)| {
        let (from, of) = said(source);
        (name.to_owned(), from, of)
    });
    let blank = std::iter::repeat_n((String::new(), "user_name", String::new()), MORE);
    let row = |(place, (name, from, of))| Row { place, name, from, of };
    said.chain(blank).enumerate().map(row).collect()
}

/// What the lines of a form say; a blank one is none.
pub(super) fn told(fields: &Fields, field: &'static str) -> Result<Vec<(String, ValueSource)>, AppError> {
    let (names, froms, ofs) = (fields.every("claim"), fields.every("claim_from"), fields.every("claim_of"));
    let mut told = Vec::with_capacity(names.len());
    for ((name, from), of) in names.into_iter().zip(froms).zip(ofs) {
        if !name.trim().is_empty() {
            told.push((name.trim().to_owned(), meant(from, of.trim(), field)?));
        }
    }
    Ok(told)
}

/// A value's source in the words of the form.
fn said(source: &ValueSource) -> (&'static str, String) {
    match source {
        ValueSource::Attribute(name) => ("attribute", name.clone()),
        ValueSource::DisplayName => ("display_name", String::new()),
        ValueSource::FamilyName => ("family_name", String::new()),
        ValueSource::GivenName => ("given_name", String::new()),
        ValueSource::Groups(GroupNames { prefix, cut: false }) => ("groups", prefix.clone()),
        ValueSource::Groups(GroupNames { prefix, cut: true }) => ("groups_cut", prefix.clone()),
        ValueSource::Id => ("id", String::new()),
        ValueSource::Literal(text) => ("literal", text.clone()),
        ValueSource::Mail => ("mail", String::new()),
        ValueSource::Phone => ("phone", String::new()),
        ValueSource::UserName => ("user_name", String::new()),
    }
}

fn meant(from: &str, of: &str, field: &'static str) -> Result<ValueSource, AppError> {
    let of = of.to_owned();
    Ok(match from {
        "attribute" => ValueSource::Attribute(of),
        "display_name" => ValueSource::DisplayName,
        "family_name" => ValueSource::FamilyName,
        "given_name" => ValueSource::GivenName,
        "groups" => ValueSource::Groups(GroupNames { prefix: of, cut: false }),
        "groups_cut" => ValueSource::Groups(GroupNames { prefix: of, cut: true }),
        "id" => ValueSource::Id,
        "literal" => ValueSource::Literal(of),
        "mail" => ValueSource::Mail,
        "phone" => ValueSource::Phone,
        "user_name" => ValueSource::UserName,
        other => {
            let text = format!("`{}` is nowhere that a value comes from", printable(other, 64));
            return Err(AppError::invalid(field, text));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_of_a_value_goes_through_the_form_and_comes_back() {
        for (from, _) in SOURCES {
            let source = meant(from, "x", "claims").unwrap();
            assert_eq!(said(&source).0, from);
            let (from, of) = said(&source);
            assert_eq!(meant(from, &of, "claims").unwrap(), source);
        }
        assert!(meant("shoe_size", "", "claims").is_err());
    }
}
