//! The audit trail: every change of the directory with what it was before and after.

use askama::Template;
use axum::{
    Router,
    extract::Query,
    response::{IntoResponse, Response},
    routing::get,
};
use sallyport_app::audit::{self, ChangesWanted};
use sallyport_model::Change;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    State,
    pages::{
        fields::encode,
        filters,
        guard::Admin,
        listing::PAGE,
        page::{Page, download},
        refusal::Refusal,
        shell::Shell,
    },
};

const HERE: &str = "/admin/audit";

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/audit", get(list)).route("/admin/audit.csv", get(export))
}

#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    text: String,
    /// Id of the one noun to speak of.
    #[serde(default)]
    subject: String,
    #[serde(default)]
    before: String,
}

impl Wanted {
    fn request(&self) -> ChangesWanted {
        ChangesWanted {
            text: self.text.clone(),
            subject: Some(self.subject.clone()).filter(|subject| !subject.is_empty()),
            before: self.before.parse().ok(),
            limit: PAGE,
        }
    }

    fn query(&self) -> String {
        format!("?text={}&subject={}", encode(&self.text), encode(&self.subject))
    }
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage {
    shell: Shell,
    changes: Vec<ChangeRow>,
    wanted: Wanted,
    next: Option<String>,
}

struct ChangeRow {
    change: Change,
    actor: String,
    /// Name, before and after of every field that differs.
    fields: Vec<(String, String, String)>,
}

async fn list(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let found = audit::changes(&admin.0.ctx, wanted.request()).await?;
    let page = AuditPage {
        shell: Shell::admin(&admin, HERE),
        next: found.next.map(|seq| format!("{}&before={seq}", wanted.query())),
        changes: found.items.into_iter().map(row).collect(),
        wanted,
    };
    Ok(Page(page).into_response())
}

async fn export(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let csv = audit::export_changes(&admin.0.ctx, wanted.request()).await?;
    Ok(download("audit.csv", "text/csv; charset=utf-8", csv))
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
