//! What stands in one cell of a table, for the page and for the file.

use sallyport_model::Time;

use crate::pages::mark::Mark;

/// A cell: some parts beside one another.
#[derive(Default)]
pub(crate) struct Cell(pub(crate) Vec<Part>);

pub(crate) enum Part {
    Badge {
        tone: &'static str,
        text: String,
    },
    Code(String),
    /// What a template of ours rendered, and the same in plain words.
    Html {
        html: String,
        plain: String,
    },
    Link {
        href: String,
        text: String,
    },
    /// A link beside what an application is recognised by.
    Marked {
        mark: Mark,
        href: String,
        text: String,
    },
    /// A second line, of less weight.
    Note(String),
    Quiet(String),
    /// Long text, which may break.
    Sentence(String),
    Text(String),
    /// Text with more behind it.
    Titled {
        text: String,
        title: String,
    },
    Time(Time),
    /// A time that leads somewhere.
    TimedLink {
        href: String,
        time: Time,
    },
}

impl Part {
    pub(crate) fn badge(tone: &'static str, text: impl Into<String>) -> Self {
        Self::Badge { tone, text: text.into() }
    }
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    pub(crate) fn quiet(text: impl Into<String>) -> Self {
        Self(vec![Part::Quiet(text.into())])
    }

    pub(crate) fn code(text: impl Into<String>) -> Self {
        Self(vec![Part::Code(text.into())])
    }

    pub(crate) fn sentence(text: impl Into<String>) -> Self {
        Self(vec![Part::Sentence(text.into())])
    }

    pub(crate) fn link(href: String, text: impl Into<String>) -> Self {
        Self(vec![Part::Link { href, text: text.into() }])
    }

    pub(crate) fn badge(tone: &'static str, text: impl Into<String>) -> Self {
        Self(vec![Part::badge(tone, text)])
    }

    /// A state in its colour.
    pub(crate) fn state(state: &str) -> Self {
        Self::badge(crate::pages::filters::tone_of(state), state.replace(['_', '-'], " "))
    }

    pub(crate) fn on_or_off(is_on: bool) -> Self {
        if is_on { Self::badge("bg-green-lt", "on") } else { Self::badge("bg-red-lt", "off") }
    }

    pub(crate) fn time(time: Time) -> Self {
        Self(vec![Part::Time(time)])
    }

    pub(crate) fn with(mut self, part: Part) -> Self {
        self.0.push(part);
        self
    }

    /// The same as text alone.
    pub(crate) fn plain(&self) -> String {
        let plain = |part: &Part| match part {
            Part::Badge { text, .. }
            | Part::Code(text)
            | Part::Html { plain: text, .. }
            | Part::Link { text, .. }
            | Part::Marked { text, .. }
            | Part::Note(text)
            | Part::Quiet(text)
            | Part::Sentence(text)
            | Part::Text(text)
            | Part::Titled { text, .. } => text.clone(),
            Part::Time(time) | Part::TimedLink { time, .. } => time.to_string(),
        };
        self.0.iter().map(plain).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    }
}
