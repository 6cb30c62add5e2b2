//! Choosing people, groups and devices in forms, however many there are: the page asks the server while somebody types.
//!
//! Names are typed into a field whose list of suggestions follows what is typed. Where several things are chosen, what
//! is chosen goes along with each question, so it is never lost by looking for more. Both are plain form fields: they
//! work by keyboard and by touch, and what is typed or ticked counts without any script.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse as _, Response},
    routing::get,
};
use sallyport_app::{AppError, Ctx, PageRequest, device, group, user};
use sallyport_model::{Device, Group, User, name::printable};
use serde::Deserialize;

use crate::{
    State,
    pages::{guard::Admin, page::Page, refusal::Refusal},
};

/// So many are offered at a time; whoever misses one types more of its name.
const OFFERED: usize = 20;
/// So many may be chosen in one form.
const MOST_CHOSEN: usize = 500;
/// Name of the field that says what to look for among ticks.
const FIND: &str = "find";
/// Name of the field that says what the ticks are called in their form.
const FIELD: &str = "field";
/// Where nothing is chosen yet.
pub(super) const NONE: [Choice; 0] = [];

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/pick/{kind}", get(suggest)).route("/admin/pick/{kind}/ticks", get(ticks))
}

/// What is chosen from.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    DeviceGroups,
    Devices,
    UserGroups,
    Users,
}

pub(super) struct Choice {
    pub(super) id: String,
    pub(super) name: String,
    /// What else tells it from others.
    pub(super) about: String,
}

/// A list of suggestions.
#[derive(Template)]
#[template(path = "admin/pick_suggestions.html")]
struct Suggestions {
    choices: Vec<Choice>,
}

/// Boxes to tick, those that are ticked first.
#[derive(Template)]
#[template(path = "admin/pick_ticks.html")]
struct Ticks {
    field: String,
    chosen: Vec<Choice>,
    others: Vec<Choice>,
    more: bool,
}

/// What fits the text that stands in the field; it is the only one that is sent.
async fn suggest(
    admin: Admin,
    Path(kind): Path<Kind>,
    Query(sent): Query<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let text = sent.into_iter().next().map(|(_, text)| text).unwrap_or_default();
    let (choices, _) = find(&admin.0.ctx, kind, text).await?;
    Ok(Page(Suggestions { choices }).into_response())
}

/// What is ticked, and what fits the text that is looked for.
async fn ticks(
    admin: Admin,
    Path(kind): Path<Kind>,
    Query(sent): Query<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let all = |wanted: &str| {
        let values = sent.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.clone());
        values.collect::<Vec<String>>()
    };
    let (text, field) = (all(FIND).concat(), all(FIELD).concat());
    let ids = all(&field);
    let chosen = chosen(ctx, kind, &ids).await?;
    let (mut others, more) = find(ctx, kind, text).await?;
    others.retain(|choice| !ids.contains(&choice.id));
    Ok(Page(Ticks { field: name_of(&field), chosen, others, more }).into_response())
}

/// The field's name as a form of ours may have one.
fn name_of(field: &str) -> String {
    field.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(32).collect()
}

/// The first that fit a text, and whether there are more.
async fn find(ctx: &Ctx, kind: Kind, text: String) -> Result<(Vec<Choice>, bool), AppError> {
    let page = |state: Option<&str>| PageRequest {
        text: text.clone(),
        state: state.map(str::to_owned),
        limit: OFFERED,
        ..PageRequest::default()
    };
    Ok(match kind {
        Kind::Users => {
            let found = user::list(ctx, page(None)).await?;
            let choice = |user: &User| Choice {
                id: user.id.to_string(),
                name: user.name.to_string(),
                about: user.display_name.clone(),
            };
            (found.items.iter().map(|user| choice(user)).collect(), found.next.is_some())
        }
        Kind::Devices => {
            let found = device::list(ctx, page(None)).await?;
            let choice = |device: &Device| Choice {
                id: device.id.to_string(),
                name: device.name.clone(),
                about: device.state.as_str().into(),
            };
            (found.items.iter().map(|device| choice(device)).collect(), found.next.is_some())
        }
        Kind::UserGroups => groups(ctx, page(Some("users"))).await?,
        Kind::DeviceGroups => groups(ctx, page(Some("devices"))).await?,
    })
}

async fn groups(ctx: &Ctx, page: PageRequest) -> Result<(Vec<Choice>, bool), AppError> {
    let found = group::list(ctx, page).await?;
    let choice = |group: &Group| Choice {
        id: group.id.to_string(),
        name: group.name.clone(),
        about: group.description.clone(),
    };
    Ok((found.items.iter().map(|group| choice(group)).collect(), found.next.is_some()))
}

/// What has these ids, as boxes that are ticked. What is not there any more is shown by its id, so that it is seen and
/// can be taken out.
pub(super) async fn chosen<T: ToString>(ctx: &Ctx, kind: Kind, ids: &[T]) -> Result<Vec<Choice>, AppError> {
    let mut chosen = Vec::with_capacity(ids.len().min(MOST_CHOSEN));
    for id in ids.iter().take(MOST_CHOSEN).map(ToString::to_string) {
        let name = match kind {
            Kind::Users => user::resolve(ctx, &id).await.map(|user| user.name.to_string()),
            Kind::Devices => device::resolve(ctx, &id).await.map(|device| device.name.clone()),
            Kind::UserGroups | Kind::DeviceGroups => {
                group::resolve(ctx, &id).await.map(|group| group.name.clone())
            }
        };
        let name = match name {
            Ok(name) => name,
            Err(AppError::NotFound { .. } | AppError::Conflict(_)) => printable(&id, 64),
            Err(error) => return Err(error),
        };
        chosen.push(Choice { id, name, about: String::new() });
    }
    Ok(chosen)
}
