//! The sign-in log: who, where, how, and why it ended as it did.

use askama::Template;
use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use sallyport_app::{
    AppError, Versioned, alarm,
    audit::{self, LogPage, LogWanted},
    signin::spray,
};
use sallyport_model::{Alarm, Spray, Time};

use crate::{
    State,
    language::sentence,
    pages::{
        filters,
        guard::Admin,
        page::{Page, download},
        refusal::Refusal,
        shell::Shell,
        sign_in_row::SignInRow,
        table::{Asked, Cell, Column, Filter, PAGE, Table, TableOf, cell::Part},
    },
};

const HERE: &str = "/admin/sign-ins";

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/sign-ins", get(list)).route("/admin/sign-ins.csv", get(export))
}

#[derive(Template)]
#[template(path = "admin/sign_ins.html")]
struct SignInsPage {
    shell: Shell,
    table: Table,
    /// What people said was not them, and nobody has looked into.
    alarms: Vec<Versioned<Alarm>>,
    /// The attack that goes on.
    spray: Option<Spray>,
}

const TABLE: TableOf<SignInRow> = TableOf {
    name: "sign-ins",
    path: HERE,
    columns: &[
        Column::new("when", "When", |row| Cell::time(row.at)),
        Column::new("who", "Who", |row| match row.user {
            Some(id) => Cell::link(format!("/admin/users/{id}"), &*row.name),
            None => Cell::text(&*row.name),
        }),
        Column::new("where", "Where", |row| Cell::text(&*row.resource)),
        Column::new("from", "From", |row| Cell::text(&*row.source)),
        Column::new("doors", "Doors", |row| Cell::text(&*row.doors)),
        Column::new("result", "Result", |row| Cell::state(row.state)),
        Column::new("why", "Why", |row| {
            let reasons: Vec<String> = row.reasons.iter().map(ToString::to_string).collect();
            Cell(vec![Part::Sentence(reasons.join("; "))])
        }),
    ],
    sorts: &[],
    usual_sort: "",
    noun: "sign-ins",
    empty: "Nobody has signed in so far, or tried to. Every attempt is written down here, with how it ended and why.",
    tick: None,
    act: None,
};

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let (found, problem) = match audit::log(ctx, wanted(&asked)).await {
        Ok(found) => (found, None),
        Err(error @ AppError::NotFound { .. }) => (LogPage::default(), Some(sentence(&error.to_string()))),
        Err(error) => return Err(error.into()),
    };
    let table = TABLE.asked(&asked, filters_of(&asked)).logged(&asked, found.next.map(|id| id.to_string()));
    let table = table.looked_back_to(found.looked_back_to).without(problem);
    let rows = SignInRow::all(found.items).iter().map(|row| TABLE.line(&table, row)).collect();
    let page = SignInsPage {
        shell: Shell::admin(&admin, HERE),
        table: table.rows(rows),
        alarms: alarm::open(ctx).await?,
        spray: spray::going_on(ctx).await?,
    };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let csv = audit::export_log(&admin.0.ctx, wanted(&asked)).await?;
    Ok(download("sign-ins.csv", "text/csv; charset=utf-8", csv))
}

fn wanted(asked: &Asked) -> LogWanted {
    // A time that cannot be read asks for none.
    let time = |name| asked.text(name).parse::<Time>().ok();
    LogWanted {
        text: asked.text("text"),
        state: asked.optional("state"),
        place: asked.optional("place").or_else(|| asked.optional("application")),
        since: time("since"),
        until: time("until"),
        before: asked.text("after").parse().ok(),
        limit: PAGE,
    }
}

fn filters_of(asked: &Asked) -> Vec<Filter> {
    let places = [("portal", "at the portal"), ("api", "at the REST API"), ("device_login", "at devices")];
    vec![
        Filter::words(asked, "Name, address or result"),
        Filter::states(asked, "Any result", ["allowed", "denied", "first_door", "second_door"]),
        Filter::choice(asked, "place", ("Where", "Anywhere"), places),
        Filter::named(asked, "application", "Application"),
        Filter::moment(asked, "since", "From (UTC)"),
        Filter::moment(asked, "until", "Before (UTC)"),
    ]
}
