//! How templates show things.

#![expect(unreachable_pub, reason = "the macro makes its own public items of these functions")]

use std::fmt::Display;

use askama::{Values, filters::HtmlSafeOutput};
use sallyport_model::Time;

use crate::language::{Language, Text};

/// A time, in UTC until the page's script puts it into the reader's zone.
#[askama::filter_fn]
pub(crate) fn when(time: &Time, _: &dyn Values) -> askama::Result<HtmlSafeOutput<String>> {
    Ok(HtmlSafeOutput(time_element(time)))
}

pub(crate) fn time_element(time: &Time) -> String {
    let stamp = time.to_string();
    let day = stamp.get(..10).unwrap_or_default();
    let minute = stamp.get(11..16).unwrap_or_default();
    format!("<time datetime=\"{stamp}\">{day} {minute}</time>")
}

/// A word of ours for people: `command_runner` becomes `command runner`.
#[askama::filter_fn]
pub(crate) fn words(word: impl Display, _: &dyn Values) -> askama::Result<String> {
    let text = word.to_string();
    Ok(text.replace(['_', '-'], " "))
}

/// The colour of a state.
#[askama::filter_fn]
pub(crate) fn tone(state: impl Display, _: &dyn Values) -> askama::Result<&'static str> {
    Ok(tone_of(&state.to_string()))
}

pub(crate) fn tone_of(state: &str) -> &'static str {
    match state {
        "active" | "allowed" | "finished" | "none" | "connected" | "enabled" | "in_place" | "created"
        | "sent" => "bg-green-lt",
        "staged"
        | "queued"
        | "pending"
        | "quarantined"
        | "second_door"
        | "waiting_for_password"
        | "expired"
        | "first_door"
        | "waiting"
        | "updated"
        | "on_enrollment" => "bg-yellow-lt",
        "sending" | "started" => "bg-blue-lt",
        "open" | "suspended" | "denied" | "failed" | "revoked" | "locked" | "unknown" | "deleted"
        | "disabled" => "bg-red-lt",
        _ => "bg-secondary-lt",
    }
}

/// What a browser calls itself, shortened to what its owner calls it.
#[askama::filter_fn]
pub(crate) fn browser(user_agent: &str, _: &dyn Values) -> askama::Result<Text> {
    Ok(Language::En.browser(user_agent))
}

/// A number of bytes, rounded.
#[askama::filter_fn]
pub(crate) fn size(bytes: &u64, _: &dyn Values) -> askama::Result<String> {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let (mut rest, mut unit) = (*bytes, 0);
    while rest >= 10 * 1024 && unit + 1 < UNITS.len() {
        rest /= 1024;
        unit += 1;
    }
    Ok(format!("{rest} {}", UNITS.get(unit).copied().unwrap_or_default()))
}
