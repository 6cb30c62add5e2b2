//! The audit trail: every change, with who, what, from where, before and after.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use sallyport_app::audit;
use sallyport_model::{
    Action, Time,
    change::{Actor, Change, ChangeKind, Subject},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    answer::{Answer, PageOf},
    input::{Parameters, limit},
    route::{Gives, LISTING, Needs::Right, Parameter, ParameterKind, Route, shape},
};
use crate::call::ApiCall;

/// One recorded change.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RecordedChange {
    /// Place in the feed: gapless, starting at 1.
    seq: i64,
    at: Time,
    actor: Actor,
    /// The actor for people to read.
    who: String,
    source: Option<String>,
    /// Id of the request, as in the logs.
    request: String,
    kind: ChangeKind,
    verb: String,
    subject: Subject,
    /// Names of what changed.
    changed: Vec<String>,
    /// The noun before and after, without secrets.
    #[schema(value_type = Object, nullable)]
    before: Option<Value>,
    #[schema(value_type = Object, nullable)]
    after: Option<Value>,
}

impl From<Change> for RecordedChange {
    fn from(change: Change) -> Self {
        let read = |doc: &Option<String>| doc.as_deref().and_then(|doc| serde_json::from_str(doc).ok());
        Self {
            seq: change.seq,
            at: change.at,
            who: change.actor.label(),
            changed: audit::changed_fields(&change),
            before: read(&change.before),
            after: read(&change.after),
            actor: change.actor,
            source: change.source,
            request: change.request,
            kind: change.kind,
            verb: change.verb,
            subject: change.subject,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichChanges {
    #[serde(default)]
    text: String,
    subject: Option<String>,
    after: Option<i64>,
    limit: Option<usize>,
}

impl WhichChanges {
    fn wanted(self) -> Answer<audit::ChangesWanted> {
        let limit = limit(self.limit)?;
        Ok(audit::ChangesWanted { text: self.text, subject: self.subject, before: self.after, limit })
    }
}

pub(super) fn routes() -> Vec<Route> {
    const SUBJECT: Parameter = Parameter {
        name: "subject",
        about: "Only changes of the noun with this id.",
        kind: ParameterKind::Text,
    };
    let read = Right(Action::ReadAudit);
    let [text, after, limit] = LISTING;
    vec![
        Route::get("/changes", list, read, "Lists recorded changes, the newest first.")
            .with(&[text, SUBJECT, after, limit])
            .gives(Gives::Page(shape::<RecordedChange>())),
        Route::get("/changes/export", export, read, "Exports recorded changes, the newest first.")
            .with(&[text, SUBJECT, after])
            .gives(Gives::Csv),
    ]
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(which): Parameters<WhichChanges>,
) -> Answer<PageOf<RecordedChange>> {
    let page = audit::changes(&ctx, which.wanted()?).await?;
    let next = page.next.map(|next| next.to_string());
    Ok(PageOf { items: page.items.into_iter().map(RecordedChange::from).collect(), next })
}

async fn export(ApiCall(ctx): ApiCall, Parameters(which): Parameters<WhichChanges>) -> Answer<Response> {
    Ok(csv("changes.csv", audit::export_changes(&ctx, which.wanted()?).await?))
}

/// A file of rows for a spreadsheet.
pub(super) fn csv(name: &'static str, rows: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, rows).into_response()
}
