//! A person's own sign-ins, for them to spot what they did not do.

use askama::Template;
use axum::response::{IntoResponse, Response};
use sallyport_app::audit::{self, SignInsWanted};

use crate::pages::{
    filters,
    guard::BehindBothDoors,
    page::Page,
    refusal::Refusal,
    shell::Shell,
    sign_in_row::SignInRow,
    table::{Asked, PAGE},
};

#[derive(Template)]
#[template(path = "portal/sign_ins.html")]
struct SignInsPage {
    shell: Shell,
    sign_ins: Vec<SignInRow>,
    next: Option<String>,
}

pub(super) async fn show(
    BehindBothDoors(portal): BehindBothDoors,
    asked: Asked,
) -> Result<Response, Refusal> {
    let wanted =
        SignInsWanted { text: String::new(), before: asked.text("before").parse().ok(), limit: PAGE };
    let found = audit::sign_ins_of(&portal.ctx, portal.user.id, wanted).await?;
    let page = SignInsPage {
        shell: Shell::portal(&portal, "/sign-ins").chosen_at("/sign-ins"),
        sign_ins: SignInRow::own(found.items, portal.language),
        next: found.next.map(|id| format!("?before={id}")),
    };
    Ok(Page(page).into_response())
}
