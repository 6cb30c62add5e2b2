//! Search on a person's own pages: the pages, their applications and their factors, in their language.

use axum::{extract::Query, response::Response};
use sallyport_app::{
    application, factor, search,
    session::step_up::{Doors, doors},
};
use serde::Deserialize;

use super::application::Shown;
use crate::{
    language::{Language, Text},
    pages::{
        found::{self, Line, Section},
        guard::Portal,
        refusal::Refusal,
        shell::Shell,
    },
};

const HERE: &str = "/search";

/// What the pages are called, and the parts of the front page.
type Place = (&'static str, fn(Language) -> Text, &'static str);
const PLACES: [Place; 8] = [
    ("/", Language::my_doors, "key"),
    ("/#factors", Language::my_factors, "shield"),
    ("/#devices", Language::my_devices, "device"),
    ("/#sessions", Language::where_signed_in, "session"),
    ("/#remembered", Language::where_remembered, "session"),
    ("/applications", Language::applications, "apps"),
    ("/sign-ins", Language::my_sign_ins, "door"),
    ("/password", Language::password, "lock"),
];

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    text: String,
}

pub(super) async fn show(portal: Portal, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let sections = sections(&portal, &wanted.text).await?;
    Ok(found::page(Shell::portal(&portal, HERE), &wanted.text, sections))
}

pub(super) async fn list(portal: Portal, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let sections = sections(&portal, &wanted.text).await?;
    Ok(found::list(portal.language, &wanted.text, sections))
}

async fn sections(portal: &Portal, text: &str) -> Result<Vec<Section>, Refusal> {
    let (say, fits) = (portal.language, |words: &str| search::fits(text, words));
    let both_doors = doors(&portal.ctx, &portal.session) == Doors::Both;
    // The rest of the front page is there behind both doors alone.
    let places = PLACES.iter().filter(|(href, _, _)| both_doors || !href.contains('#'));
    let pages = places.filter(|(_, title, _)| fits(&title(say))).map(|(href, title, icon)| Line {
        href: (*href).to_owned(),
        name: title(say).into_owned(),
        about: String::new(),
        icon,
    });
    let pages: Vec<Line> = pages.collect();
    let tiles =
        application::tiles(&portal.ctx).await?.into_iter().filter(|tile| fits(&tile.application.name));
    let applications = tiles.map(Shown::new).map(|shown| Line {
        href: shown.href(),
        name: shown.tile.application.name,
        about: String::new(),
        icon: "apps",
    });
    let factors = if both_doors { factor::list(&portal.ctx, portal.user.id).await? } else { Vec::new() };
    let factors = factors.into_iter().map(|factor| (say.factor(factor.kind()), factor.name));
    let factors = factors.filter(|(kind, name)| fits(&format!("{name} {kind}"))).map(|(kind, name)| Line {
        href: "/#factors".into(),
        name,
        about: kind.into_owned(),
        icon: "shield",
    });
    let sections = [
        (say.applications(), applications.collect()),
        (say.my_factors(), factors.collect()),
        (say.search_pages(), pages),
    ];
    let section = |(title, lines): (Text, Vec<Line>)| Section { title: title.into_owned(), lines, all: None };
    Ok(sections.into_iter().filter(|(_, lines)| !lines.is_empty()).map(section).collect())
}
