//! The sign-in log: who, where, how, and why it ended as it did.

use askama::Template;
use axum::{
    Router,
    extract::Query,
    response::{IntoResponse, Response},
    routing::get,
};
use sallyport_app::{
    Versioned, alarm,
    audit::{self, SignInsWanted},
    signin::spray,
};
use sallyport_model::{Alarm, Spray};

use crate::{
    State,
    pages::{
        filters,
        guard::Admin,
        listing::{Before, PAGE},
        page::{Page, download},
        refusal::Refusal,
        shell::Shell,
        sign_in_row::SignInRow,
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
    sign_ins: Vec<SignInRow>,
    /// What people said was not them, and nobody has looked into.
    alarms: Vec<Versioned<Alarm>>,
    /// The attack that goes on.
    spray: Option<Spray>,
    wanted: Before,
    next: Option<String>,
}

async fn list(admin: Admin, Query(wanted): Query<Before>) -> Result<Response, Refusal> {
    let found = audit::sign_ins(&admin.0.ctx, request(&wanted)).await?;
    let page = SignInsPage {
        shell: Shell::admin(&admin, HERE),
        sign_ins: SignInRow::all(found.items),
        alarms: alarm::open(&admin.0.ctx).await?,
        spray: spray::going_on(&admin.0.ctx).await?,
        next: wanted.next(found.next.map(|id| id.to_string())),
        wanted,
    };
    Ok(Page(page).into_response())
}

async fn export(admin: Admin, Query(wanted): Query<Before>) -> Result<Response, Refusal> {
    let csv = audit::export_sign_ins(&admin.0.ctx, request(&wanted)).await?;
    Ok(download("sign-ins.csv", "text/csv; charset=utf-8", csv))
}

fn request(wanted: &Before) -> SignInsWanted {
    SignInsWanted { text: wanted.text.clone(), before: wanted.before.parse().ok(), limit: PAGE }
}
