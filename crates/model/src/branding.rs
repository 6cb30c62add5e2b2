//! How an organisation looks: its logo, its colours and its own words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Logo, color::Color};

/// What the pages look like. Nothing of it changes what anybody may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Branding {
    /// Shown in place of ours. It is given and taken away by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<Logo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<Accent>,
    /// A line on the page where people sign in.
    pub welcome: BTreeMap<String, String>,
    /// Whom to ask for help, on that page and on people's own.
    pub help: BTreeMap<String, String>,
}

/// The colour of buttons, links and what is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Accent {
    /// On light pages.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub light: Color,
    /// On dark pages.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub dark: Color,
}

impl Accent {
    /// What the accent stands on: of the grounds of light and of dark pages, those on which it is read worst.
    pub const LIGHT_GROUND: Color = Color::of(0xfa, 0xfa, 0xfa);
    pub const DARK_GROUND: Color = Color::of(0x26, 0x26, 0x26);
}

impl Branding {
    /// The longest text, in characters.
    pub const LONGEST_TEXT: usize = 300;
    /// Most languages of one.
    pub const MOST_LANGUAGES: usize = 40;

    /// A text for a reader: in their language, else in English, else in any.
    #[must_use]
    pub fn text<'a>(texts: &'a BTreeMap<String, String>, language: &str) -> Option<(&'a str, &'a str)> {
        let found = texts
            .get_key_value(language)
            .or_else(|| texts.get_key_value("en"))
            .or_else(|| texts.iter().next());
        found.map(|(language, text)| (language.as_str(), text.as_str()))
    }
}
