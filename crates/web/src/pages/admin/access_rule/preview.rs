//! Whom a change of a rule would have reached, shown before it is made: what is on, or was, is saved with the second word.

use askama::Template;
use axum::response::{IntoResponse, Response};
use sallyport_api::rest::PreviewAccessRule;
use sallyport_app::access_rule::{self, Radius};
use sallyport_model::RuleMode;

use super::HERE;
use crate::pages::{fields::Fields, filters, guard::Admin, page::Page, refusal::Refusal, shell::Shell};

/// The field by which a change is sent that was looked at, and the one by which it is only to be.
const SURE: &str = "sure";
pub(super) const LOOK: &str = "look";

#[derive(Template)]
#[template(path = "admin/access_rule_preview.html")]
struct PreviewPage {
    shell: Shell,
    name: String,
    sentence: Option<String>,
    action: String,
    deletes: bool,
    radius: Radius,
    /// What was sent, to be sent once more.
    fields: Vec<(String, String)>,
}

impl PreviewPage {
    fn nobody(&self) -> bool {
        self.radius.differences.is_empty()
    }
}

/// Whether a change is looked at first: one of a rule that decides, and whatever somebody wants to look at.
pub(super) fn is_looked_at(fields: &Fields, modes: &[RuleMode]) -> bool {
    !fields.ticked(SURE) && (fields.ticked(LOOK) || modes.contains(&RuleMode::On))
}

/// The page that shows it.
pub(super) async fn look(
    admin: &Admin,
    fields: Fields,
    asked: PreviewAccessRule,
    action: &str,
    name: String,
) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let sentence = match asked.says.clone() {
        Some(says) => Some(access_rule::sentence(ctx, says).await?),
        None => None,
    };
    let deletes = asked.delete;
    let radius = access_rule::radius(ctx, asked).await?;
    let sent = |name: &str| name != "form_token" && name != LOOK;
    let page = PreviewPage {
        shell: Shell::admin(admin, HERE),
        name,
        sentence,
        action: action.to_owned(),
        deletes,
        radius,
        fields: fields.0.into_iter().filter(|(name, _)| sent(name)).collect(),
    };
    Ok(Page(page).into_response())
}
