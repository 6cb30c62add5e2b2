//! The audit trail: every change of the directory with what it was before and after.

use askama::Template;
use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use sallyport_app::audit::{self, ChangesWanted};
use sallyport_model::Change;
use serde_json::{Map, Value};

use crate::{
    State,
    pages::{
        filters,
        guard::Admin,
        page::{Page, download},
        refusal::Refusal,
        shell::Shell,
        table::{Asked, Cell, Column, Filter, PAGE, Table, TableOf, cell::Part},
    },
};

const HERE: &str = "/admin/audit";

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/audit", get(list)).route("/admin/audit.csv", get(export))
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage {
    shell: Shell,
    table: Table,
}

struct ChangeRow {
    change: Change,
    actor: String,
    /// Name, before and after of every field that differs.
    fields: Vec<(String, String, String)>,
}

/// What a change changed.
#[derive(Template)]
#[template(path = "admin/audit_fields.html")]
struct FieldsCell<'r> {
    row: &'r ChangeRow,
}

const TABLE: TableOf<ChangeRow> = TableOf {
    name: "audit",
    path: HERE,
    columns: &[
        Column::new("place", "No.", |row| Cell::text(row.change.seq.to_string())),
        Column::new("when", "When", |row| Cell::time(row.change.at)),
        Column::new("who", "Who", |row| {
            let cell = Cell::text(&*row.actor);
            match &row.change.source {
                Some(source) => cell.with(Part::Note(source.clone())),
                None => cell,
            }
        }),
        Column::new("what", "What", what),
        Column::new("fields", "Before and after", fields),
    ],
    sorts: &[],
    usual_sort: "",
    noun: "changes",
    empty: "Nothing was changed so far.",
    tick: None,
    act: None,
};

fn what(row: &ChangeRow) -> Cell {
    let change = &row.change;
    let tone = filters::tone_of(change.kind.as_str());
    // A link without words is none to whoever hears the page.
    let label = &change.subject.label;
    let text = if label.is_empty() { "without a name".to_owned() } else { label.clone() };
    Cell(vec![
        Part::badge(tone, change.verb.replace('_', " ")),
        Part::Text(change.subject.noun.replace('_', " ")),
        Part::Link { href: format!("?subject={}", change.subject.id), text },
    ])
}

fn fields(row: &ChangeRow) -> Cell {
    let html = FieldsCell { row }.render().unwrap_or_default();
    let plain = row.fields.iter().map(|(name, _, _)| name.as_str()).collect::<Vec<_>>().join(" ");
    Cell(vec![Part::Html { html, plain }])
}

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let found = audit::changes(&admin.0.ctx, wanted(&asked)).await?;
    let filters = vec![Filter::words(&asked, "Who, what or whom")];
    let table = TABLE.asked(&asked, filters).logged(&asked, found.next.map(|seq| seq.to_string()));
    let rows = found.items.into_iter().map(|change| TABLE.line(&table, &row(change))).collect();
    let page = AuditPage { shell: Shell::admin(&admin, HERE), table: table.rows(rows) };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let csv = audit::export_changes(&admin.0.ctx, wanted(&asked)).await?;
    Ok(download("audit.csv", "text/csv; charset=utf-8", csv))
}

fn wanted(asked: &Asked) -> ChangesWanted {
    ChangesWanted {
        text: asked.text("text"),
        subject: asked.optional("subject"),
        before: asked.text("after").parse().ok(),
        limit: PAGE,
    }
}

fn row(change: Change) -> ChangeRow {
    let (before, after) = (document(change.before.as_deref()), document(change.after.as_deref()));
    let shown = |document: &Map<String, Value>, name: &str| match document.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let names = audit::changed_fields(&change);
    let fields =
        names.into_iter().map(|name| (name.clone(), shown(&before, &name), shown(&after, &name))).collect();
    ChangeRow { actor: change.actor.label(), fields, change }
}

fn document(json: Option<&str>) -> Map<String, Value> {
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}
