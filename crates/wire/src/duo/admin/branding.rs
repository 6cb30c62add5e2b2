//! How pages look, which is not set here: what is told is what everybody has.

use serde::Serialize;

/// Colours and pictures of the organisation's own, of which there are none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct BrandingObject {
    pub page_background_color: Option<String>,
    pub card_accent_color: Option<String>,
    pub background_img: Option<String>,
    pub logo: Option<String>,
    pub powered_by_duo: bool,
    pub sso_custom_username_label: String,
}

/// Words of the organisation's own beside the prompt, of which there are none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct MessagingObject {
    pub help_links: Vec<String>,
    pub help_text: String,
    pub locale: &'static str,
}
