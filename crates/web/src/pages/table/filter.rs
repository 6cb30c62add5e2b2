//! What a table can be filtered by.

use super::Asked;

/// A field of the filter's form.
pub(crate) struct Filter {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) value: String,
    pub(crate) field: Field,
}

pub(crate) enum Field {
    Choice(Options),
    /// A time as browsers write it, taken as UTC.
    Moment,
    /// A name that is typed.
    Name,
    /// Any text that occurs.
    Words,
}

/// Values and their titles. The empty value, which is first, filters nothing.
pub(crate) type Options = Vec<(String, String)>;

impl Filter {
    pub(crate) fn words(asked: &Asked, label: &'static str) -> Self {
        Self { name: "text", label, value: asked.text("text"), field: Field::Words }
    }

    pub(crate) fn named(asked: &Asked, name: &'static str, label: &'static str) -> Self {
        Self { name, label, value: asked.text(name), field: Field::Name }
    }

    pub(crate) fn moment(asked: &Asked, name: &'static str, label: &'static str) -> Self {
        Self { name, label, value: asked.text(name), field: Field::Moment }
    }

    /// One of some values; `all` says that none is asked for.
    pub(crate) fn choice<'o>(
        asked: &Asked,
        name: &'static str,
        (label, all): (&'static str, &str),
        options: impl IntoIterator<Item = (&'o str, &'o str)>,
    ) -> Self {
        let options = options.into_iter().map(|(value, title)| (value.to_owned(), title.to_owned()));
        let all = (String::new(), all.to_owned());
        let field = Field::Choice(std::iter::once(all).chain(options).collect());
        Self { name, label, value: asked.text(name), field }
    }

    /// States that are shown as they are called.
    pub(crate) fn states<'o>(asked: &Asked, all: &str, states: impl IntoIterator<Item = &'o str>) -> Self {
        let titled = states.into_iter().map(|state| (state.to_owned(), state.replace(['_', '-'], " ")));
        let titled: Vec<_> = titled.collect();
        let pairs = titled.iter().map(|(state, title)| (state.as_str(), title.as_str()));
        Self::choice(asked, "state", ("State", all), pairs)
    }

    pub(crate) fn on_or_off(asked: &Asked) -> Self {
        Self::choice(asked, "state", ("State", "On or off"), [("enabled", "on"), ("disabled", "off")])
    }
}
