//! How the organisation looks: its name, its logo, its colours and its own words.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Router,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::UpdateBranding;
use sallyport_app::{
    Versioned,
    branding::{self, Look},
};
use sallyport_model::Action;

use crate::{
    State,
    language::Language,
    pages::{
        fields::Fields,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
    },
};

const HERE: &str = "/admin/branding";
/// Sallyport's own colour, where a picker begins.
const OURS: &str = "#066fd1";

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/branding", get(show).post(update)).route("/admin/branding/logo", post(draw))
}

#[derive(Template)]
#[template(path = "admin/branding.html")]
struct BrandingPage {
    shell: Shell,
    look: Versioned<Look>,
    may_change: bool,
}

impl BrandingPage {
    /// The colours, as the form shows them.
    fn accent(&self) -> (String, String) {
        self.look.branding.accent.map_or_else(
            || (String::new(), String::new()),
            |accent| (accent.light.to_string(), accent.dark.to_string()),
        )
    }

    fn welcome(&self, language: &Language) -> &str {
        self.look.branding.welcome.get(language.tag()).map_or("", String::as_str)
    }

    fn help(&self, language: &Language) -> &str {
        self.look.branding.help.get(language.tag()).map_or("", String::as_str)
    }
}

async fn show(admin: Admin) -> Result<Response, Refusal> {
    let look = branding::show(&admin.0.ctx).await?;
    let may_change = may(&admin.0.ctx, Action::ChangeSettings);
    Ok(Page(BrandingPage { shell: Shell::admin(&admin, HERE), look, may_change }).into_response())
}

async fn update(Posted { who: admin, fields }: Posted<Admin>) -> Result<Redirect, Refusal> {
    let input = UpdateBranding {
        organization: Some(fields.text("organization")),
        accent: Some(fields.text("accent")),
        accent_dark: Some(fields.text("accent_dark")),
        logo: None,
        welcome: Some(texts(&fields, "welcome")),
        help: Some(texts(&fields, "help")),
    };
    branding::update(&admin.0.ctx, fields.number("version"), input).await?;
    Ok(Redirect::to("/admin/branding?done=saved"))
}

fn texts(fields: &Fields, name: &str) -> BTreeMap<String, String> {
    let given = Language::ALL.into_iter().map(|language| {
        let tag = language.tag();
        (tag.to_owned(), fields.text(&format!("{name}_{tag}")))
    });
    given.filter(|(_, text)| !text.is_empty()).collect()
}

async fn draw(Posted { who: admin, fields }: Posted<Admin>) -> Result<Redirect, Refusal> {
    let input = UpdateBranding { logo: Some(fields.text("logo")), ..UpdateBranding::default() };
    branding::update(&admin.0.ctx, fields.number("version"), input).await?;
    Ok(Redirect::to("/admin/branding?done=saved"))
}
