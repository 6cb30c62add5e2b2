//! Settings that say what opens the portal are saved from several pages. Where a change would leave people with nothing to
//! come in by, each of them says so first, and saves with the second word.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use sallyport_app::settings::{self, PASSWORDS_ALONE, Stranded};
use sallyport_model::Settings;

use crate::pages::{fields::Fields, guard::Admin, page::Page, refusal::Refusal, shell::Shell};

/// The field by which a change is sent that was looked at.
const SURE: &str = "sure";

/// The form that a change came by.
pub(super) struct Form {
    /// Where it is sent,
    pub(super) action: &'static str,
    /// on which page it stands,
    pub(super) page: &'static str,
    /// and under what in the menu.
    pub(super) menu: &'static str,
}

#[derive(Template)]
#[template(path = "admin/stranded.html")]
struct StrandedPage {
    shell: Shell,
    form: Form,
    stranded: Stranded,
    /// What was sent, to be sent once more.
    fields: Vec<(String, String)>,
}

/// Saves what `fields` came to, or asks whether it is meant.
pub(super) async fn save(
    admin: &Admin,
    fields: Fields,
    after: Settings,
    form: Form,
) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    if !fields.ticked(SURE) {
        let stranded = settings::preview(ctx, after.clone()).await?;
        if stranded.count > 0 {
            let fields = fields.0.into_iter().filter(|(name, _)| name != "form_token").collect();
            let page = StrandedPage { shell: Shell::admin(admin, form.menu), form, stranded, fields };
            return Ok(Page(page).into_response());
        }
    }
    let replaced = settings::update(ctx, fields.number("version"), after).await?;
    Ok(Redirect::to(&format!("{}?done={}", form.page, saved(replaced.notice))).into_response())
}

/// The word by which the next page tells it.
pub(super) fn saved(notice: Option<&str>) -> &'static str {
    if notice == Some(PASSWORDS_ALONE) { "saved-passwords-alone" } else { "saved" }
}
