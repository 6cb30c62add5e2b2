//! Mail: which server takes it, how much there may be, and what people are written.

use askama::Template;
use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_app::mail::{self, Preview, Standing};
use sallyport_model::{
    Action, MailSettings, MailTemplate,
    mail::{MailLimits, MailSecurity, MailServer},
};

use crate::{
    State,
    pages::{
        fields::Fields,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
    },
};

const HERE: &str = "/admin/mail";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/mail", get(show).post(update))
        .route("/admin/mail/check", post(check))
        .route("/admin/mail/preview", post(preview))
}

#[derive(Template)]
#[template(path = "admin/mail.html")]
struct MailPage {
    shell: Shell,
    standing: Standing,
    /// What is in the form of the template, which may not be saved yet.
    template: MailTemplate,
    preview: Option<Preview>,
    may_change: bool,
    /// What the server said when it was tried.
    problem: Option<String>,
}

impl MailPage {
    /// How a connection can be kept from others: value, text, and whether it is chosen.
    fn choices(&self) -> Vec<(&'static str, &'static str, bool)> {
        let chosen = self.server().security;
        MailSecurity::ALL.into_iter().map(|one| (one.as_str(), called(one), one == chosen)).collect()
    }

    /// The server, or what the form begins with.
    fn server(&self) -> MailServer {
        self.standing.mail.server.clone().unwrap_or_else(|| MailServer {
            host: String::new(),
            port: 465,
            security: MailSecurity::Tls,
            user: String::new(),
            ca: String::new(),
        })
    }
}

/// What a choice is called.
const fn called(of: MailSecurity) -> &'static str {
    match of {
        MailSecurity::None => "none, to an address that the server's configuration lists",
        MailSecurity::Starttls => "STARTTLS, and no mail without it",
        MailSecurity::Tls => "TLS from the first byte",
    }
}

async fn page(admin: &Admin) -> Result<MailPage, Refusal> {
    let ctx = &admin.0.ctx;
    let standing = mail::show(ctx).await?;
    Ok(MailPage {
        shell: Shell::admin(admin, HERE),
        template: standing.mail.enrollment.clone(),
        standing,
        preview: None,
        may_change: may(ctx, Action::ChangeSettings),
        problem: None,
    })
}

async fn show(admin: Admin) -> Result<Response, Refusal> {
    Ok(Page(page(&admin).await?).into_response())
}

async fn update(Posted { who: admin, fields }: Posted<Admin>) -> Result<Redirect, Refusal> {
    let password = Some(fields.secret("password")).filter(|password| !password.is_empty());
    mail::update(&admin.0.ctx, fields.number("version"), read(&fields)?, password).await?;
    Ok(Redirect::to("/admin/mail?done=saved"))
}

async fn check(Posted { who: admin, .. }: Posted<Admin>) -> Result<Response, Refusal> {
    match mail::check(&admin.0.ctx).await? {
        None => Ok(Redirect::to("/admin/mail?done=mail-known").into_response()),
        Some(problem) => {
            let page = MailPage { problem: Some(problem), ..page(&admin).await? };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
    }
}

/// The template as somebody would read it, before it is saved.
async fn preview(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let template = template(&fields);
    let preview = Some(mail::preview(&admin.0.ctx, template.clone()).await?);
    Ok(Page(MailPage { template, preview, ..page(&admin).await? }).into_response())
}

fn read(fields: &Fields) -> Result<MailSettings, Refusal> {
    let number = |name: &'static str| -> Result<u32, Refusal> {
        let given = fields.number_if_given(name)?;
        given.ok_or_else(|| Refusal::missing("Give a number for every limit."))
    };
    let port = || -> Result<u16, Refusal> {
        fields.number("port").ok_or_else(|| Refusal::missing("Give the port of the mail server."))
    };
    let server = match fields.optional("host") {
        None => None,
        Some(host) => Some(MailServer {
            host,
            port: port()?,
            security: fields
                .word("security")
                .ok_or_else(|| Refusal::missing("Choose how the connection is kept from others."))?,
            user: fields.text("user"),
            ca: fields.text("ca"),
        }),
    };
    Ok(MailSettings {
        server,
        sender: fields.text("sender"),
        notices: fields.ticked("notices"),
        limits: MailLimits {
            per_address: number("per_address")?,
            per_person: number("per_person")?,
            per_day: number("per_day")?,
        },
        enrollment: template(fields),
    })
}

fn template(fields: &Fields) -> MailTemplate {
    MailTemplate { subject: fields.text("subject"), text: fields.raw("text").replace("\r\n", "\n") }
}
