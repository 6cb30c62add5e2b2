//! How templates show things.

#![expect(unreachable_pub, reason = "the macro makes its own public items of these functions")]

use std::fmt::Display;

use askama::{Values, filters::HtmlSafeOutput};
use sallyport_model::{Time, signin::Resource};

/// A time, in UTC until the page's script puts it into the reader's zone.
#[askama::filter_fn]
pub(crate) fn when(time: &Time, _: &dyn Values) -> askama::Result<HtmlSafeOutput<String>> {
    let stamp = time.to_string();
    let day = stamp.get(..10).unwrap_or_default();
    let minute = stamp.get(11..16).unwrap_or_default();
    Ok(HtmlSafeOutput(format!("<time datetime=\"{stamp}\">{day} {minute}</time>")))
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
    let state = state.to_string();
    Ok(match state.as_str() {
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
        "suspended" | "denied" | "failed" | "revoked" | "locked" | "unknown" | "deleted" | "disabled" => {
            "bg-red-lt"
        }
        _ => "bg-secondary-lt",
    })
}

/// What a browser calls itself, shortened to what its owner calls it.
#[askama::filter_fn]
pub(crate) fn browser(user_agent: &str, _: &dyn Values) -> askama::Result<String> {
    let first_of = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = first_of(&[
        ("Firefox/", "Firefox"),
        ("Edg/", "Edge"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
        ("sallyport/", "Command line"),
    ]);
    let system = first_of(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    Ok(match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) if user_agent.is_empty() => "unknown browser".to_owned(),
        (None, None) => user_agent.chars().take(40).collect(),
    })
}

/// What somebody signed in to.
#[askama::filter_fn]
pub(crate) fn place(resource: &Resource, _: &dyn Values) -> askama::Result<String> {
    Ok(super::sign_in_row::resource(resource))
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
