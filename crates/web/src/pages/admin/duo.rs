//! Duo as the second door: client id, client secret and API host, and whether Duo can be asked with them.

use askama::Template;
use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_app::factor::duo::{self, Standing};
use sallyport_model::{Action, Duo, DuoDown, DuoName};

use crate::{
    State,
    language::sentence,
    pages::{
        fields::Fields,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
    },
};

/// The menu has no line for it: its row of the list leads here.
const HERE: &str = "/admin/factors";

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/duo", get(show).post(update)).route("/admin/duo/check", post(check))
}

#[derive(Template)]
#[template(path = "admin/duo.html")]
struct DuoPage {
    shell: Shell,
    standing: Standing,
    may_change: bool,
    /// What stands in the way of asking Duo.
    problem: Option<String>,
}

async fn page(admin: &Admin, problem: Option<String>) -> Result<Page<DuoPage>, Refusal> {
    let ctx = &admin.0.ctx;
    Ok(Page(DuoPage {
        shell: Shell::admin(admin, HERE),
        standing: duo::show(ctx).await?,
        may_change: may(ctx, Action::ChangeSettings),
        problem,
    }))
}

async fn show(admin: Admin) -> Result<Response, Refusal> {
    Ok(page(&admin, None).await?.into_response())
}

async fn update(Posted { who: admin, fields }: Posted<Admin>) -> Result<Redirect, Refusal> {
    let secret = Some(fields.secret("secret")).filter(|secret| !secret.is_empty());
    duo::update(&admin.0.ctx, fields.number("version"), read(&fields), secret).await?;
    Ok(Redirect::to("/admin/duo?done=saved"))
}

async fn check(Posted { who: admin, .. }: Posted<Admin>) -> Result<Response, Refusal> {
    match duo::check(&admin.0.ctx).await? {
        Ok(()) => Ok(Redirect::to("/admin/duo?done=duo-healthy").into_response()),
        Err(problem) => {
            let page = page(&admin, Some(sentence(&problem))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn read(fields: &Fields) -> Duo {
    Duo {
        client_id: fields.text("client_id"),
        host: fields.text("host"),
        name: fields.word("name").unwrap_or_default(),
        name_template: fields.text("name_template"),
        when_down: fields.word("when_down").unwrap_or_default(),
        self_service: fields.text("self_service"),
    }
}
