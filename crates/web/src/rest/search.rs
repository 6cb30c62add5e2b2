//! Search across everything the caller may read.

use sallyport_app::search::{self, Kind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::Answer,
    input::{Parameters, unacceptable},
    route::{Gives, Needs::Token, Parameter, ParameterKind, Route, shape},
};
use crate::{
    call::ApiCall,
    pages::{admin::search::shown, menu},
};

/// Of each kind, where nothing is said.
const USUAL: usize = 10;

/// Something that was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct SearchHit {
    /// Such as `user` or `page`.
    kind: &'static str,
    /// There is none of a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    name: String,
    /// What else tells it from others.
    about: String,
    /// Where it is in the administrators' portal.
    path: String,
}

/// What was found, kind by kind, the best of each first.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct SearchResults {
    items: Vec<SearchHit>,
    /// The kinds of which there is more.
    more: Vec<&'static str>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    #[serde(default)]
    text: String,
    limit: Option<usize>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/search",
            search,
            Token,
            "Searches everything the caller may read: the best few of each kind.",
        )
        .with(&[
            Parameter { name: "text", about: "What to look for.", kind: ParameterKind::Text },
            Parameter {
                name: "limit",
                about: "Most of each kind, from 1 to 50; 10 if not given.",
                kind: ParameterKind::Number,
            },
        ])
        .gives(Gives::One(shape::<SearchResults>())),
    ]
}

async fn search(
    ApiCall(ctx): ApiCall,
    Parameters(Search { text, limit }): Parameters<Search>,
) -> Answer<axum::Json<SearchResults>> {
    let most = limit.unwrap_or(USUAL);
    if !(1..=search::MOST).contains(&most) {
        return Err(unacceptable(format!("limit: from 1 to {}", search::MOST)));
    }
    let mut results = SearchResults { items: Vec::new(), more: Vec::new() };
    for found in search::search(&ctx, &text, most).await? {
        let (kind, (_, listing, _)) = (name(found.kind), shown(found.kind));
        results.items.extend(found.hits.into_iter().map(|hit| SearchHit {
            kind,
            path: format!("{listing}/{}", hit.id),
            id: Some(hit.id),
            name: hit.name,
            about: hit.about,
        }));
        results.more.extend(found.more.then_some(kind));
    }
    let pages = menu::find(&ctx, &text).into_iter().take(most).map(|page| SearchHit {
        kind: "page",
        id: None,
        name: page.title.to_owned(),
        about: String::new(),
        path: page.href.to_owned(),
    });
    results.items.extend(pages);
    Ok(axum::Json(results))
}

const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::AccessRule => "access_rule",
        Kind::Application => "application",
        Kind::Command => "command",
        Kind::Connector => "connector",
        Kind::Device => "device",
        Kind::EventStream => "event_stream",
        Kind::Group => "group",
        Kind::HardwareToken => "hardware_token",
        Kind::Policy => "policy",
        Kind::User => "user",
        Kind::Webhook => "webhook",
    }
}
