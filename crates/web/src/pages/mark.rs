//! What an application is recognised by: its icon or its first letters on its colour, or the picture that an administrator gave
//! it. Icons are drawings of our own sheet; no page has a colour in a style, which the content security policy forbids.

use sallyport_app::catalogue::{self, Entry};
use sallyport_model::Application;

pub(crate) struct Mark {
    pub(crate) shape: Shape,
    pub(crate) colour: String,
    /// What is drawn on that colour.
    pub(crate) ink: &'static str,
}

pub(crate) enum Shape {
    Icon(&'static str),
    Letters(String),
    Picture(String),
}

/// Colours of applications that have none; white is readable on all of them.
const COLOURS: [&str; 8] =
    ["#1F6FB2", "#7A4FB5", "#B03A63", "#2B7A4B", "#A4551E", "#0F7B83", "#5A6472", "#8A3FA0"];

impl Mark {
    pub(crate) fn of(application: &Application) -> Self {
        if let Some(logo) = &application.logo {
            let at = format!("/applications/{}/logo?v={}", application.id, logo.digest);
            return Self { shape: Shape::Picture(at), colour: String::new(), ink: "" };
        }
        let made_from = application.made_from.as_ref();
        match made_from.and_then(|made_from| catalogue::find(&made_from.entry)) {
            Some(entry) => Self::of_entry(entry),
            None => Self::lettered(&application.name, colour_of(&application.name).to_owned()),
        }
    }

    pub(crate) fn of_entry(entry: &'static Entry) -> Self {
        match entry.icon() {
            Some(icon) => {
                let (colour, ink) = (entry.colour.clone(), ink(&entry.colour));
                Self { shape: Shape::Icon(icon), colour, ink }
            }
            None => Self::lettered(&entry.name, entry.colour.clone()),
        }
    }

    fn lettered(name: &str, colour: String) -> Self {
        Self { shape: Shape::Letters(letters(name)), ink: ink(&colour), colour }
    }
}

/// The first letters of the first two words, or of one.
fn letters(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(2).filter_map(|word| word.chars().next()).flat_map(char::to_uppercase).collect()
}

fn colour_of(name: &str) -> &'static str {
    let sum = name.bytes().fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
    COLOURS.get(sum % COLOURS.len()).copied().unwrap_or("#5A6472")
}

/// White, or dark where white could not be seen (WCAG 2.2, 1.4.11: three to one).
fn ink(colour: &str) -> &'static str {
    let part = |at: usize| {
        let value = colour.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
        let value = f64::from(value) / 255.0;
        if value <= 0.039_28 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let light = 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
    if 1.05 / (light + 0.05) >= 3.0 { "#FFFFFF" } else { "#182433" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_that_the_catalogue_names_is_in_the_sheet() {
        let path = format!("{}/assets/vendor/applications.svg", std::env::var("CARGO_MANIFEST_DIR").unwrap());
        let sheet = std::fs::read_to_string(path).unwrap();
        for icon in catalogue::entries().iter().filter_map(Entry::icon) {
            let symbol = format!("<symbol id=\"{icon}\" ");
            assert!(sheet.contains(&symbol), "{icon}: run `npm run build` in crates/web/ui");
        }
        assert!(!sheet.contains("script") && !sheet.contains("href"));
    }

    #[test]
    fn letters_are_those_of_the_first_two_words_and_ink_can_be_seen() {
        assert_eq!(letters("AWS account (IAM)"), "AA");
        assert_eq!(letters("wiki"), "W");
        assert_eq!(letters("---"), "");
        assert_eq!((ink("#FFD400"), ink("#181717"), ink("nonsense")), ("#182433", "#FFFFFF", "#FFFFFF"));
        assert!(COLOURS.iter().all(|colour| ink(colour) == "#FFFFFF"));
    }
}
