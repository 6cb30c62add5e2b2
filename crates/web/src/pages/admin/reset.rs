//! Resets: what was asked for, by whom, and what it waits for.

use std::time::Duration;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::{AskReset, CallBackBy};
use sallyport_app::{
    Versioned,
    recovery::{self, Asked, Way},
};
use sallyport_model::{
    Action, Clearance, Reset, ResetKind, ResetState,
    id::{FactorId, ResetId, UserId},
};

use crate::{
    State,
    pages::{
        fields::Fields,
        filters,
        guard::{Admin, Posted},
        listing::Wanted,
        page::{Csv, Page},
        refusal::Refusal,
        shell::{Shell, may},
    },
};

const HERE: &str = "/admin/resets";
/// How long a page waits for the answer of a phone.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/resets", get(list))
        .route("/admin/resets.csv", get(export))
        .route("/admin/resets/{id}", get(show))
        .route("/admin/resets/{id}/call-back", post(call_back))
        .route("/admin/resets/{id}/confirm", post(confirm))
        .route("/admin/resets/{id}/approve", post(approve))
        .route("/admin/resets/{id}/refuse", post(refuse))
        .route("/admin/users/{id}/resets", post(ask))
}

#[derive(Template)]
#[template(path = "admin/resets.html")]
struct ResetsPage {
    shell: Shell,
    resets: Vec<Versioned<Reset>>,
    wanted: Wanted,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/reset.html")]
struct ResetPage {
    shell: Shell,
    reset: Versioned<Reset>,
    /// Whether whoever looks asked for it.
    is_mine: bool,
    /// How the person could be called back.
    ways: Vec<Way>,
    /// That they were, just now.
    asked: Option<Asked>,
    may_act: bool,
}

impl ResetPage {
    /// What became of it, or is to become.
    fn state(&self) -> &ResetState {
        &self.reset.state
    }
}

async fn list(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let found = recovery::list(&admin.0.ctx, wanted.request()).await?;
    let page = ResetsPage {
        shell: Shell::admin(&admin, HERE),
        next: wanted.next(found.next.as_deref()),
        resets: found.items,
        wanted,
    };
    Ok(Page(page).into_response())
}

async fn export(admin: Admin, Query(mut wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let mut csv = Csv::new(&["created", "user", "what", "detail", "state", "author", "reason", "id"]);
    loop {
        let page = recovery::list(&admin.0.ctx, wanted.request_of(500)).await?;
        for reset in page.items {
            let (created, id, author) =
                (reset.created.to_string(), reset.id.to_string(), reset.author.label());
            let (what, state) = (reset.what.kind().as_str(), reset.state.as_str());
            csv.row(&[&created, &reset.user_name, what, &reset.detail, state, &author, &reset.reason, &id]);
        }
        match page.next {
            Some(next) => wanted.after = next,
            None => return Ok(csv.into_response("resets.csv")),
        }
    }
}

async fn show(admin: Admin, Path(id): Path<ResetId>) -> Result<Response, Refusal> {
    page(&admin, id, None).await
}

async fn page(admin: &Admin, id: ResetId, asked: Option<Asked>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let page = ResetPage {
        shell: Shell::admin(admin, HERE),
        ways: recovery::ways(ctx, id).await?,
        reset: recovery::show(ctx, id).await?,
        is_mine: false,
        asked,
        may_act: may(ctx, Action::ManageFactors),
    };
    let is_mine = page.reset.author.is_same_as(&ctx.actor());
    Ok(Page(ResetPage { is_mine, ..page }).into_response())
}

async fn ask(
    Path(user): Path<UserId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let reset = recovery::ask(&admin.0.ctx, user, asked_for(&fields)?).await?;
    Ok(back(reset.id, "reset-asked"))
}

fn asked_for(fields: &Fields) -> Result<AskReset, Refusal> {
    let what: ResetKind = fields.word("what").ok_or_else(|| Refusal::missing("Choose what to reset."))?;
    let factor = fields.optional("factor").map(|id| id.parse::<FactorId>());
    Ok(AskReset {
        what,
        reason: fields.text("reason"),
        factor: factor.transpose().map_err(|_| Refusal::missing("Choose the factor."))?,
        number: fields.optional("number"),
        token: fields.optional("token"),
        mails: fields.optional("mails").map(|_| fields.lines("mails")),
    })
}

/// The answer says what to read out to the person, which no address must carry.
async fn call_back(
    Path(id): Path<ResetId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Response, Refusal> {
    let by: CallBackBy = fields.word("by").ok_or_else(|| Refusal::missing("Choose how to ask them."))?;
    let factor = fields.optional("factor").map(|id| id.parse::<FactorId>());
    let factor = factor.transpose().map_err(|_| Refusal::missing("Choose the factor."))?;
    let asked = recovery::call_back(&admin.0.ctx, id, by, factor).await?;
    page(&admin, id, Some(asked)).await
}

async fn confirm(
    Path(id): Path<ResetId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let code = fields.optional("code").map(|_| fields.secret("code"));
    recovery::confirm(&admin.0.ctx, id, code.as_ref(), PATIENCE).await?;
    Ok(back(id, "reset-confirmed"))
}

async fn approve(Path(id): Path<ResetId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    recovery::approve(&form.who.0.ctx, id).await?;
    Ok(back(id, "reset-approved"))
}

async fn refuse(Path(id): Path<ResetId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    recovery::refuse(&form.who.0.ctx, id).await?;
    Ok(back(id, "reset-refused"))
}

fn back(id: ResetId, done: &str) -> Redirect {
    Redirect::to(&format!("{HERE}/{id}?done={done}"))
}
