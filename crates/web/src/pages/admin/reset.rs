//! Resets: what was asked for, by whom, and what it waits for.

use std::time::Duration;

use askama::Template;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::{AskReset, CallBackBy};
use sallyport_app::{
    Versioned,
    listing::Listed as _,
    recovery::{self, Way},
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
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
        table::{Asked, Cell, Column, Filter, Table, TableOf, cell::Part},
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
    table: Table,
}

const TABLE: TableOf<Reset> = TableOf {
    name: "resets",
    path: HERE,
    columns: &[
        Column::new("user", "User", |reset| Cell::link(format!("{HERE}/{}", reset.id), &*reset.user_name)),
        Column::new("what", "What", |reset| {
            Cell::text(reset.what.kind().text()).with(Part::Quiet(reset.detail.clone()))
        }),
        Column::new("state", "State", |reset| Cell::state(reset.state.as_str())),
        Column::new("author", "Asked for by", |reset| {
            Cell::text(reset.author.label()).with(Part::Note(reset.reason.clone()))
        }),
        Column::new("created", "When", |reset| Cell::time(reset.created)),
        Column::unusual("id", "Id", |reset| Cell::code(reset.id.to_string())),
    ],
    sorts: Reset::SORTS,
    usual_sort: "-created",
    noun: "resets",
    empty: "Nobody has asked for one. Whoever has had a factor is given another way in only after they answered a call back, or after \
            a second person said yes; somebody with a role, after a day. It is asked for on the user's page.",
    tick: None,
    act: None,
};

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
    asked: Option<recovery::Asked>,
    may_act: bool,
}

impl ResetPage {
    /// What became of it, or is to become.
    fn state(&self) -> &ResetState {
        &self.reset.state
    }
}

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let page = ResetsPage {
        shell: Shell::admin(&admin, HERE),
        table: TABLE.table::<Reset>(ctx, &asked, filters_of(&asked), |reset| reset.as_of(ctx.now)).await?,
    };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let (ctx, filters) = (&admin.0.ctx, filters_of(&asked));
    Ok(TABLE.download::<Reset>(ctx, &asked, &filters, |reset| reset.as_of(ctx.now)).await?)
}

fn filters_of(asked: &Asked) -> Vec<Filter> {
    vec![
        Filter::words(asked, "User, reason, or who asked"),
        Filter::states(asked, "Any state", ResetState::ALL),
    ]
}

async fn show(admin: Admin, Path(id): Path<ResetId>) -> Result<Response, Refusal> {
    page(&admin, id, None).await
}

async fn page(admin: &Admin, id: ResetId, asked: Option<recovery::Asked>) -> Result<Response, Refusal> {
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
