//! The applications of a person, as tiles: what is kept at hand, what was used lately, and all of it.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use sallyport_app::{
    AppError,
    application::{self, Tile},
};
use sallyport_model::id::ApplicationId;
use serde::Deserialize;

use crate::{
    call::picture_alone,
    pages::{
        guard::{Portal, Posted},
        mark::{Mark, Shape},
        page::Page,
        refusal::Refusal,
        shell::Shell,
        undo::Undo,
    },
};

pub(super) const HERE: &str = "/applications";

/// From how many on there is something to search.
const SEARCHED: usize = 8;
/// How many the front page shows.
pub(super) const AT_HAND: usize = 6;

/// A tile as it is shown.
pub(crate) struct Shown {
    pub(crate) tile: Tile,
    pub(crate) mark: Mark,
}

impl Shown {
    pub(super) fn new(tile: Tile) -> Self {
        Self { mark: Mark::of(&tile.application), tile }
    }

    /// Where it leads. Only what leads somewhere is shown.
    pub(crate) fn href(&self) -> String {
        self.tile.application.leads_to().unwrap_or_default()
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    text: String,
}

#[derive(Template)]
#[template(path = "portal/applications.html")]
struct ApplicationsPage {
    shell: Shell,
    favourites: Vec<Shown>,
    recent: Vec<Shown>,
    all: Vec<Shown>,
    text: String,
    /// Whether there are so many that looking for one is easier.
    many: bool,
    /// Whether there is any, whatever is looked for.
    has_any: bool,
}

pub(super) async fn list(portal: Portal, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let tiles = application::tiles(&portal.ctx).await?;
    let text = wanted.text.trim().to_owned();
    let (has_any, many) = (!tiles.is_empty(), tiles.len() >= SEARCHED || !text.is_empty());
    let fits = |tile: &Tile| tile.application.name.to_lowercase().contains(&text.to_lowercase());
    // Who looks for one wants to see it once.
    let (favourites, recent) = match text.is_empty() {
        true => (favourites(&tiles), recent(&tiles)),
        false => (Vec::new(), Vec::new()),
    };
    let page = ApplicationsPage {
        favourites,
        recent,
        all: tiles.into_iter().filter(fits).map(Shown::new).collect(),
        text,
        many,
        has_any,
        shell: Shell::portal(&portal, HERE).chosen_at(HERE),
    };
    Ok(Page(page).into_response())
}

fn favourites(tiles: &[Tile]) -> Vec<Shown> {
    tiles.iter().filter(|tile| tile.is_favourite).cloned().map(Shown::new).collect()
}

fn recent(tiles: &[Tile]) -> Vec<Shown> {
    let mut recent: Vec<&Tile> = tiles.iter().filter(|tile| tile.recent.is_some()).collect();
    recent.sort_by_key(|tile| tile.recent);
    recent.into_iter().cloned().map(Shown::new).collect()
}

/// Those that the front page shows: what is kept at hand, then what was used lately, then others.
pub(super) fn at_hand(tiles: &[Tile]) -> Vec<Shown> {
    let mut shown: Vec<&Tile> = tiles.iter().collect();
    shown.sort_by_key(|tile| (!tile.is_favourite, tile.recent.unwrap_or(usize::MAX)));
    shown.into_iter().take(AT_HAND).cloned().map(Shown::new).collect()
}

pub(super) async fn favour(
    Path(id): Path<ApplicationId>,
    Posted { who: portal, fields }: Posted<Portal>,
) -> Result<Response, Refusal> {
    let keeps = fields.raw("favourite") == "yes";
    application::favour(&portal.ctx, id, keeps).await?;
    let page = if fields.raw("at") == "home" { "/?done=saved".into() } else { format!("{HERE}?done=saved") };
    let undo = Undo::new(format!("/applications/{id}/favourite")).with("at", fields.raw("at"));
    Ok(undo.with("favourite", if keeps { "no" } else { "yes" }).beside(&page))
}

/// The logo of an application, as a picture and nothing else.
pub(super) async fn logo(portal: Portal, Path(id): Path<ApplicationId>) -> Result<Response, Refusal> {
    match application::picture(&portal.ctx, id).await {
        Ok((kind, bytes)) => {
            let mut response = bytes.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.media_type()));
            // Its address changes with it.
            headers
                .insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=86400, immutable"));
            picture_alone(headers);
            Ok(response)
        }
        Err(AppError::NotFound { .. }) => Err(Refusal::nothing_here()),
        Err(error) => Err(error.into()),
    }
}
