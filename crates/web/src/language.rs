//! The languages of the pages that people meet: which one a browser is spoken to in, and what is said in it.
//!
//! What is said stands in `messages/`, one file of Project Fluent for each language, and is compiled in. Each message is
//! a method of [`Language`]. Administrators' pages, the REST API, devices and other people's protocols speak English.

mod choice;
mod said;
#[cfg(test)]
mod tests;
mod why;

use std::{borrow::Cow, sync::LazyLock};

use askama::filters::HtmlSafeOutput;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use sallyport_model::Time;

pub(crate) use self::{
    choice::{Chooser, choose},
    said::{Line, device, sentence},
};
use crate::pages::filters;

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

/// What is said, to be escaped where it goes into a page.
pub(crate) type Text = Cow<'static, str>;

/// What is said as it stands in a page: with markup in it, and everything else escaped.
pub(crate) type Markup = HtmlSafeOutput<Text>;

/// What a message is given to put in.
pub(crate) trait Given {
    fn value(&self) -> FluentValue<'_>;

    /// As it stands amid markup.
    fn escaped(&self) -> FluentValue<'_> {
        match self.value() {
            FluentValue::String(text) => shown(&text).0.into(),
            other @ (FluentValue::Custom(_)
            | FluentValue::Error
            | FluentValue::None
            | FluentValue::Number(_)) => other,
        }
    }
}

impl<T: Given + ?Sized> Given for &T {
    fn value(&self) -> FluentValue<'_> {
        (**self).value()
    }

    fn escaped(&self) -> FluentValue<'_> {
        (**self).escaped()
    }
}

/// An element of the page, which its script puts into the reader's zone.
impl Given for Time {
    fn value(&self) -> FluentValue<'_> {
        filters::time_element(self).into()
    }

    fn escaped(&self) -> FluentValue<'_> {
        self.value()
    }
}

impl Given for str {
    fn value(&self) -> FluentValue<'_> {
        self.into()
    }
}

impl Given for String {
    fn value(&self) -> FluentValue<'_> {
        self.as_str().into()
    }
}

impl Given for Text {
    fn value(&self) -> FluentValue<'_> {
        (**self).into()
    }
}

impl Given for u32 {
    fn value(&self) -> FluentValue<'_> {
        (*self).into()
    }
}

impl Given for usize {
    fn value(&self) -> FluentValue<'_> {
        (*self).into()
    }
}

impl Language {
    fn text(self, id: &str, given: &[(&'static str, &dyn Given)]) -> Text {
        self.say(id, given.iter().map(|(name, given)| (*name, given.value())).collect())
    }

    fn markup(self, id: &str, given: &[(&'static str, &dyn Given)]) -> Markup {
        HtmlSafeOutput(self.say(id, given.iter().map(|(name, given)| (*name, given.escaped())).collect()))
    }

    fn say(self, id: &str, args: FluentArgs<'_>) -> Text {
        // A translation that lacks something does not pass the tests; what is lacking all the same is said in English.
        self.find(id, &args).or_else(|| Self::En.find(id, &args)).unwrap_or_default()
    }

    fn find(self, id: &str, args: &FluentArgs<'_>) -> Option<Text> {
        let bundle = BUNDLES.get(self as usize)?;
        let pattern = bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        errors.is_empty().then_some(text.into())
    }

    fn bundle(self) -> FluentBundle<FluentResource> {
        let mut bundle = FluentBundle::new_concurrent(self.tag().parse().into_iter().collect());
        // Names stand in elements of their own where they matter.
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(self.source().to_owned()).unwrap_or_else(|(what, _)| what);
        // What is in it twice is found by the tests.
        bundle.add_resource(resource).ok();
        bundle
    }
}

/// In the order of [`Language::ALL`].
static BUNDLES: LazyLock<Vec<FluentBundle<FluentResource>>> =
    LazyLock::new(|| Language::ALL.into_iter().map(Language::bundle).collect());

/// Text as it stands in a page.
pub(crate) fn shown(text: &str) -> Markup {
    let Ok(escaped) = askama::filters::escape(text, askama::filters::Html);
    HtmlSafeOutput(escaped.to_string().into())
}
