//! Everybody's sessions, the last used first; some of them ended together.

use askama::Template;
use axum::{
    Router,
    extract::Query,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::SessionOf;
use sallyport_app::session::live::{self, Live, LiveWanted};
use sallyport_model::Action;

use crate::{
    State,
    pages::{
        filters,
        guard::{Admin, Posted},
        listing::{PAGE, Wanted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
    },
};

const HERE: &str = "/admin/sessions";

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/sessions", get(list)).route("/admin/sessions/end", post(end))
}

#[derive(Template)]
#[template(path = "admin/sessions.html")]
struct SessionsPage {
    shell: Shell,
    sessions: Vec<Live>,
    wanted: Wanted,
    next: Option<String>,
    may_end: bool,
    /// Hash of the session that looks.
    present: String,
}

impl SessionsPage {
    /// What a session is called in the form.
    fn name(live: &Live) -> String {
        format!("{}:{}", live.user.id, sallyport_app::session::id(&live.session))
    }
}

async fn list(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let after = Some(wanted.after.clone()).filter(|after| !after.is_empty());
    let (sessions, next) =
        live::list(ctx, LiveWanted { text: wanted.text.clone(), after, limit: PAGE }).await?;
    let page = SessionsPage {
        shell: Shell::admin(&admin, HERE),
        next: wanted.next(next.as_deref()),
        sessions,
        wanted,
        may_end: may(ctx, Action::SuspendUser),
        present: admin.0.session.hash.clone(),
    };
    Ok(Page(page).into_response())
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
