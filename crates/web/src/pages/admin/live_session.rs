//! Everybody's sessions, the last used first; some of them ended together.

use askama::Template;
use axum::{
    Router,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::SessionOf;
use sallyport_app::session::live::{self, Live, LiveWanted};
use sallyport_model::Action;

use crate::{
    State,
    language::Language,
    pages::{
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
        table::{AT_ONCE, Asked, Cell, Column, Filter, PAGE, Table, TableOf, Ticks, cell::Part},
    },
};

const HERE: &str = "/admin/sessions";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/sessions", get(list))
        .route("/admin/sessions.csv", get(export))
        .route("/admin/sessions/end", post(end))
}

#[derive(Template)]
#[template(path = "admin/sessions.html")]
struct SessionsPage {
    shell: Shell,
    table: Table,
    /// What all sessions on this page but the one that looks are called in the form.
    others: Vec<String>,
    may_end: bool,
}

/// A session, and whether it is the one that looks.
struct Row {
    live: Live,
    is_present: bool,
}

const TABLE: TableOf<Row> = TableOf {
    name: "sessions",
    path: HERE,
    columns: &[
        Column::new("user", "User", |row| {
            Cell::link(format!("/admin/users/{}", row.live.user.id), row.live.user.name.to_string())
        }),
        Column::new("where", "Where", |row| {
            let browser = Language::En.browser(&row.live.session.user_agent).to_string();
            let cell = Cell(vec![Part::Titled { text: browser, title: row.live.session.user_agent.clone() }]);
            if row.is_present { cell.with(Part::badge("bg-green-lt", "you, here")) } else { cell }
        }),
        Column::new("from", "From", |row| Cell::text(row.live.session.source.clone().unwrap_or_default())),
        Column::new("what", "What", |row| Cell::text(if row.live.session.bearer { "API" } else { "portal" })),
        Column::new("doors", "Doors", |row| {
            Cell::text(if row.live.session.both_doors { "both" } else { "first" })
        }),
        Column::new("began", "Began", |row| Cell::time(row.live.session.created)),
        Column::new("seen", "Last used", |row| Cell::time(row.live.session.seen)),
    ],
    sorts: &[],
    usual_sort: "",
    noun: "sessions",
    empty: "Nobody is signed in.",
    tick: Some(|row| {
        let browser = Language::En.browser(&row.live.session.user_agent);
        let label = format!("The session of {} in {browser}", row.live.user.name);
        (!row.is_present).then(|| (named(&row.live), label))
    }),
    act: None,
};

/// What a session is called in the form.
fn named(live: &Live) -> String {
    format!("{}:{}", live.user.id, sallyport_app::session::id(&live.session))
}

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let (found, next) = live::list(ctx, wanted(&asked, PAGE)).await?;
    let rows: Vec<Row> = found.into_iter().map(|live| row(&admin, live)).collect();
    let may_end = may(ctx, Action::SuspendUser);
    let filters = vec![Filter::words(&asked, "User, address or browser")];
    let table = TABLE.asked(&asked, filters).logged(&asked, next);
    let table = if may_end { table.ticked_for(Ticks { form: "end", name: "session" }) } else { table };
    let lines = rows.iter().map(|row| TABLE.line(&table, row)).collect();
    let page = SessionsPage {
        shell: Shell::admin(&admin, HERE),
        table: table.rows(lines),
        others: rows.iter().filter(|row| !row.is_present).map(|row| named(&row.live)).collect(),
        may_end,
    };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let (mut file, mut wanted) = (TABLE.file(&asked), wanted(&asked, AT_ONCE));
    loop {
        let (found, next) = live::list(&admin.0.ctx, wanted.clone()).await?;
        for live in found {
            file.row(&row(&admin, live));
        }
        if next.is_none() {
            return Ok(file.into_response());
        }
        wanted.after = next;
    }
}

fn wanted(asked: &Asked, limit: usize) -> LiveWanted {
    LiveWanted { text: asked.text("text"), after: asked.optional("after"), limit }
}

fn row(admin: &Admin, live: Live) -> Row {
    Row { is_present: live.session.hash == admin.0.session.hash, live }
}

async fn end(Posted { who: admin, fields }: Posted<Admin>) -> Result<Redirect, Refusal> {
    // All that are shown are meant but the one that looks, which is not among them.
    let named = if fields.ticked("all") { fields.list("shown") } else { fields.list("session") };
    let sessions = named.iter().filter_map(|name| {
        let (user, session) = name.split_once(':')?;
        Some(SessionOf { user: user.parse().ok()?, session: session.to_owned() })
    });
    let ended = live::end(&admin.0.ctx, sessions.collect()).await?;
    let done = if ended.refused > 0 { "some-sessions-ended" } else { "those-sessions-ended" };
    Ok(Redirect::to(&format!("{HERE}?done={done}")))
}
