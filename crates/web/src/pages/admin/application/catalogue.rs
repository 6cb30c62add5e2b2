//! The catalogue: what there is, what one of it asks, and what is to be done at the application itself.

use std::collections::BTreeMap;

use askama::{Template, filters::HtmlSafeOutput};
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use sallyport_api::rest::{Category, CreateFromCatalogue, UpdateApplication};
use sallyport_app::{
    AppError, Secret, application,
    catalogue::{self, Entry, Guide, Piece},
};
use sallyport_model::{Action, Application, id::ApplicationId};
use serde::Deserialize;

use super::{HERE, keys};
use crate::{
    language::{Markup, shown},
    pages::{
        fields::Fields,
        filters,
        guard::{Admin, Posted},
        mark::{Mark, Shape},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
    },
};

#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    text: String,
    #[serde(default)]
    category: String,
}

impl Wanted {
    fn fits(&self, entry: &Entry) -> bool {
        let text = self.text.trim().to_lowercase();
        let named = [&entry.name, &entry.vendor, &entry.summary];
        let is_of = self.category.is_empty() || entry.category.as_str() == self.category;
        is_of && named.iter().any(|named| named.to_lowercase().contains(&text))
    }
}

#[derive(Template)]
#[template(path = "admin/catalogue.html")]
struct CataloguePage {
    shell: Shell,
    entries: Vec<(&'static Entry, Mark)>,
    wanted: Wanted,
    may_manage: bool,
    may_manage_admin_api: bool,
}

#[derive(Template)]
#[template(path = "admin/catalogue_entry.html")]
struct EntryPage {
    shell: Shell,
    entry: &'static Entry,
    mark: Mark,
    /// The application that it was made into, where its answers are given anew.
    application: Option<(ApplicationId, i64)>,
    /// What stands in the fields.
    name: String,
    answers: BTreeMap<String, String>,
    may_manage: bool,
}

impl EntryPage {
    fn answer(&self, key: &str) -> &str {
        self.answers.get(key).map_or("", String::as_str)
    }
}

#[derive(Template)]
#[template(path = "admin/instructions.html")]
struct InstructionsPage {
    shell: Shell,
    application: Application,
    mark: Mark,
    guide: Guide,
    /// Shown this once.
    secret: Option<String>,
}

impl InstructionsPage {
    /// A text with its markup.
    fn said(pieces: &[Piece]) -> Markup {
        let piece = |piece: &Piece| match piece {
            Piece::Bold(text) => format!("<strong>{}</strong>", shown(text).0),
            Piece::Code(text) => format!("<code>{}</code>", shown(text).0),
            Piece::Plain(text) => shown(text).0.into_owned(),
        };
        HtmlSafeOutput(pieces.iter().map(piece).collect::<String>().into())
    }
}

pub(super) async fn list(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    ctx.allow(Action::ReadDirectory)?;
    let fitting = catalogue::entries().iter().filter(|entry| wanted.fits(entry));
    let page = CataloguePage {
        shell: Shell::admin(&admin, HERE),
        entries: fitting.map(|entry| (entry, Mark::of_entry(entry))).collect(),
        may_manage: may(ctx, Action::ManageApplications),
        may_manage_admin_api: may(ctx, Action::ManageTokens),
        wanted,
    };
    Ok(Page(page).into_response())
}

pub(super) async fn show(admin: Admin, Path(entry): Path<String>) -> Result<Response, Refusal> {
    admin.0.ctx.allow(Action::ReadDirectory)?;
    let entry = catalogue::entry(&entry)?;
    let page = EntryPage {
        shell: Shell::admin(&admin, HERE),
        entry,
        mark: Mark::of_entry(entry),
        application: None,
        name: entry.name.clone(),
        answers: BTreeMap::new(),
        may_manage: may(&admin.0.ctx, Action::ManageApplications),
    };
    Ok(Page(page).into_response())
}

/// What was answered to the questions of an entry.
fn answers(entry: &Entry, fields: &Fields) -> BTreeMap<String, String> {
    entry.ask.iter().map(|ask| (ask.key.clone(), fields.text(&format!("answer_{}", ask.key)))).collect()
}

pub(super) async fn create(
    Path(id): Path<String>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Response, Refusal> {
    let entry = catalogue::entry(&id)?;
    let input = CreateFromCatalogue {
        catalogue: id,
        name: fields.optional("name"),
        answers: answers(entry, &fields),
    };
    let (application, credentials) = catalogue::create(&admin.0.ctx, input).await?;
    if !application.has_secret() {
        return Ok(
            Redirect::to(&format!("{HERE}/{}/instructions?done=created", application.id)).into_response()
        );
    }
    Ok(keys(&admin, &application, &credentials))
}

/// What is to be done at the application, with the answers, which may be given anew.
pub(super) async fn instructions(admin: Admin, Path(id): Path<ApplicationId>) -> Result<Response, Refusal> {
    let application = application::show(&admin.0.ctx, id).await?;
    if application.made_from.is_none() {
        return Err(AppError::not_found("page of instructions", id).into());
    }
    Ok(told(&admin, &application, None))
}

/// The page of instructions of an application that the catalogue made.
pub(super) fn told(admin: &Admin, application: &Application, secret: Option<&Secret>) -> Response {
    let ctx = &admin.0.ctx;
    let Some(guide) = catalogue::guide(ctx, application, secret) else {
        return Redirect::to(&format!("{HERE}/{}", application.id)).into_response();
    };
    let page = InstructionsPage {
        shell: Shell::admin(admin, HERE),
        mark: Mark::of(application),
        application: application.clone(),
        guide,
        secret: secret.map(|secret| secret.expose().to_owned()),
    };
    Page(page).into_response()
}

pub(super) async fn ask_again(admin: Admin, Path(id): Path<ApplicationId>) -> Result<Response, Refusal> {
    let application = application::show(&admin.0.ctx, id).await?;
    let unknown = || AppError::not_found("entry of the catalogue", id);
    let made_from = application.made_from.clone().ok_or_else(unknown)?;
    let entry = catalogue::entry(&made_from.entry)?;
    let page = EntryPage {
        shell: Shell::admin(&admin, HERE),
        entry,
        mark: Mark::of(&application),
        application: Some((id, application.version)),
        name: application.name.clone(),
        answers: made_from.answers,
        may_manage: may(&admin.0.ctx, Action::ManageApplications),
    };
    Ok(Page(page).into_response())
}

pub(super) async fn answer(
    Path(id): Path<ApplicationId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let application = application::show(&admin.0.ctx, id).await?;
    let unknown = || AppError::not_found("entry of the catalogue", id);
    let entry = catalogue::entry(&application.made_from.as_ref().ok_or_else(unknown)?.entry)?;
    let input = UpdateApplication { answers: Some(answers(entry, &fields)), ..UpdateApplication::default() };
    application::update(&admin.0.ctx, id, fields.number("version"), input).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}/instructions?done=saved")))
}
