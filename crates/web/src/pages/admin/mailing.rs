//! Enrolment links to many: who would get one, and what became of those that were sent.

use askama::Template;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::ChoosePeople;
use sallyport_app::factor::mailing::{self, Chosen, Line, LineState, Mailing};

use crate::{
    State,
    pages::{
        fields::Fields,
        filters,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::Shell,
    },
};

/// Where the menu stands: it is about users.
const HERE: &str = "/admin/users";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/mailings", get(list).post(begin))
        .route("/admin/mailings/preview", post(preview))
        .route("/admin/mailings/{id}", get(show))
}

#[derive(Template)]
#[template(path = "admin/mailings.html")]
struct MailingsPage {
    shell: Shell,
    choice: ChoosePeople,
    /// Who would get a link, once somebody was chosen.
    chosen: Option<Vec<Chosen>>,
    mailings: Vec<Mailing>,
}

impl MailingsPage {
    fn kind(&self) -> &'static str {
        match (&self.choice.group, &self.choice.users) {
            (Some(_), _) => "group",
            (None, Some(_)) => "users",
            (None, None) => "unenrolled",
        }
    }

    fn group(&self) -> &str {
        self.choice.group.as_deref().unwrap_or_default()
    }

    fn users(&self) -> String {
        self.choice.users.as_deref().unwrap_or_default().join("\n")
    }

    fn ready(&self) -> usize {
        self.chosen.iter().flatten().filter(|chosen| chosen.obstacle.is_none()).count()
    }
}

#[derive(Template)]
#[template(path = "admin/mailing.html")]
struct MailingPage {
    shell: Shell,
    mailing: Mailing,
    lines: Vec<Line>,
}

impl MailingPage {
    fn count(&self, state: LineState) -> usize {
        self.lines.iter().filter(|line| line.state == state).count()
    }
}

async fn list(admin: Admin) -> Result<Response, Refusal> {
    Ok(Page(MailingsPage {
        shell: Shell::admin(&admin, HERE),
        choice: ChoosePeople::default(),
        chosen: None,
        mailings: mailing::list(&admin.0.ctx).await?,
    })
    .into_response())
}

async fn preview(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let choice = choice(&fields)?;
    let chosen = mailing::preview(&admin.0.ctx, choice.clone()).await?;
    preview_page(&admin, choice, chosen).await
}

async fn preview_page(admin: &Admin, choice: ChoosePeople, chosen: Vec<Chosen>) -> Result<Response, Refusal> {
    let mailings = mailing::list(&admin.0.ctx).await?;
    let shell = Shell::admin(admin, HERE);
    Ok(Page(MailingsPage { shell, choice, chosen: Some(chosen), mailings }).into_response())
}

/// The preview for people who were chosen in their table.
pub(super) async fn preview_for(admin: &Admin, users: Vec<String>) -> Result<Response, Refusal> {
    let choice = ChoosePeople { users: Some(users), ..ChoosePeople::default() };
    let chosen = mailing::preview(&admin.0.ctx, choice).await?;
    // They were chosen by their ids; people read names.
    let users = Some(chosen.iter().map(|chosen| chosen.name.clone()).collect());
    preview_page(admin, ChoosePeople { users, ..ChoosePeople::default() }, chosen).await
}

async fn begin(Posted { who: admin, fields }: Posted<Admin>) -> Result<Redirect, Refusal> {
    let mailing = mailing::begin(&admin.0.ctx, choice(&fields)?).await?;
    Ok(Redirect::to(&format!("/admin/mailings/{}?done=mailing-begun", mailing.id)))
}

async fn show(admin: Admin, Path(id): Path<String>) -> Result<Response, Refusal> {
    let (mailing, lines) = mailing::show(&admin.0.ctx, &id).await?;
    Ok(Page(MailingPage { shell: Shell::admin(&admin, HERE), mailing, lines }).into_response())
}

fn choice(fields: &Fields) -> Result<ChoosePeople, Refusal> {
    match fields.raw("who") {
        "unenrolled" => Ok(ChoosePeople { unenrolled: true, ..ChoosePeople::default() }),
        "group" => Ok(ChoosePeople { group: Some(fields.text("group")), ..ChoosePeople::default() }),
        "users" => Ok(ChoosePeople { users: Some(fields.lines("users")), ..ChoosePeople::default() }),
        _ => Err(Refusal::missing("Choose who is sent a link.")),
    }
}
