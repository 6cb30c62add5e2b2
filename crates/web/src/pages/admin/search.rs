//! Search across everything an administrator may read, the pages included.

use axum::{Router, extract::Query, response::Response, routing::get};
use sallyport_app::{
    Ctx,
    search::{self, Found, Kind},
};
use serde::Deserialize;

use crate::{
    State,
    language::Language,
    pages::{
        fields::encode,
        found::{self, Line, Section},
        guard::Admin,
        menu,
        refusal::Refusal,
        shell::Shell,
    },
};

const HERE: &str = "/admin/search";
/// So many of each kind on the page, and so many while somebody types.
const ON_PAGE: usize = 10;
const WHILE_TYPING: usize = 5;

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/search", get(show)).route("/admin/search/list", get(list))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    text: String,
}

async fn show(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let sections = sections(&admin.0.ctx, &wanted.text, ON_PAGE).await?;
    Ok(found::page(Shell::admin(&admin, HERE), &wanted.text, sections))
}

async fn list(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let sections = sections(&admin.0.ctx, &wanted.text, WHILE_TYPING).await?;
    Ok(found::list(Language::En, &wanted.text, sections))
}

async fn sections(ctx: &Ctx, text: &str, most: usize) -> Result<Vec<Section>, Refusal> {
    let pages = menu::find(ctx, text).into_iter().take(most).map(|page| Line {
        href: page.href.to_owned(),
        name: page.title.to_owned(),
        about: String::new(),
        icon: page.icon,
    });
    let pages = Section { title: "Pages".into(), lines: pages.collect(), all: None };
    let found = search::search(ctx, text, most).await?;
    let sections = std::iter::once(pages).chain(found.into_iter().map(|found| section(found, text)));
    Ok(sections.filter(|section| !section.lines.is_empty()).collect())
}

fn section(found: Found, text: &str) -> Section {
    let (title, listing, icon) = shown(found.kind);
    let lines = found.hits.into_iter().map(|hit| Line {
        href: format!("{listing}/{}", hit.id),
        name: hit.name,
        about: hit.about,
        icon,
    });
    let all = found.more.then(|| format!("{listing}?text={}", encode(text.trim())));
    Section { title: title.into(), lines: lines.collect(), all }
}

/// What a kind is called, where it is listed, and its picture. What is found is a page below the listing.
pub(crate) const fn shown(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::AccessRule => ("Access rules", "/admin/access-rules", "rule"),
        Kind::Application => ("Applications", "/admin/applications", "apps"),
        Kind::Command => ("Commands", "/admin/commands", "terminal"),
        Kind::Connector => ("Connectors", "/admin/connectors", "plug"),
        Kind::Device => ("Devices", "/admin/devices", "device"),
        Kind::EventStream => ("Event streams", "/admin/event-streams", "stream"),
        Kind::Group => ("Groups", "/admin/groups", "users"),
        Kind::HardwareToken => ("Hardware tokens", "/admin/hardware-tokens", "fob"),
        Kind::Policy => ("Policies", "/admin/policies", "policy"),
        Kind::User => ("Users", "/admin/users", "user"),
        Kind::Webhook => ("Webhooks", "/admin/webhooks", "hook"),
    }
}
