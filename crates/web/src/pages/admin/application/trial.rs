//! A sign-in on trial: an administrator passes it in the application's place, and sees every message.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use sallyport_app::{
    AppError, Secret, application, audit,
    oidc::{self, Turn},
    saml::{
        LastRefused, last_refused,
        trial::{self as saml, Trial},
    },
    sso::trial::Report,
};
use sallyport_model::{Action, Application, id::ApplicationId};

use super::HERE;
use crate::pages::{
    filters,
    guard::{Admin, Posted},
    mark::{Mark, Shape},
    oidc::{asked_at, show_turn_at},
    page::Page,
    refusal::Refusal,
    shell::{DoorShell, Shell},
    sign_in_row::{SignInRow, newest},
};

#[derive(Template)]
#[template(path = "admin/application_test.html")]
struct TrialPage {
    shell: Shell,
    application: Application,
    mark: Mark,
    report: Option<Report>,
    /// How it was decided.
    decided: Option<SignInRow>,
    /// What it sent itself last that was refused.
    refused: Option<LastRefused>,
}

impl TrialPage {
    async fn of(admin: &Admin, id: ApplicationId, report: Option<Report>) -> Result<Response, Refusal> {
        let application = tried(admin, id).await?;
        let decided = match &report {
            Some(report) if !report.exchanges.is_empty() => decided(admin, &application).await?,
            Some(_) | None => None,
        };
        let refused = last_refused(&admin.0.ctx, id).await?;
        let (shell, mark) = (Shell::admin(admin, HERE), Mark::of(&application));
        Ok(Page(Self { shell, application, mark, report, decided, refused }).into_response())
    }

    /// What is tried: assertions by SAML or WS-Federation, or else tokens.
    fn takes_assertions(&self) -> bool {
        self.application.kind.takes_assertions()
    }
}

/// An application whose sign-in can be tried.
async fn tried(admin: &Admin, id: ApplicationId) -> Result<Application, Refusal> {
    let ctx = &admin.0.ctx;
    ctx.allow(Action::ManageApplications)?;
    let application = application::show(ctx, id).await?.value;
    match application.oidc.is_some() || application.kind.takes_assertions() {
        true => Ok(application),
        false => {
            let text = "it asks neither by OpenID Connect nor by SAML or WS-Federation";
            Err(AppError::Conflict(text.into()).into())
        }
    }
}

/// The newest sign-in of whoever tries, if it was to this application.
async fn decided(admin: &Admin, application: &Application) -> Result<Option<SignInRow>, Refusal> {
    let found = audit::sign_ins_of(&admin.0.ctx, admin.0.user.id, newest(1)).await?;
    let row = SignInRow::all(found.items).into_iter().next();
    Ok(row.filter(|row| row.resource.contains(&application.name)))
}

pub(super) async fn show(admin: Admin, Path(id): Path<ApplicationId>) -> Result<Response, Refusal> {
    TrialPage::of(&admin, id, None).await
}

pub(super) async fn begin(
    Path(id): Path<ApplicationId>,
    Posted { who: admin, .. }: Posted<Admin>,
) -> Result<Response, Refusal> {
    let (ctx, session) = (&admin.0.ctx, &admin.0.session);
    if tried(&admin, id).await?.kind.takes_assertions() {
        return turned(&admin, id, saml::begin(ctx, id, session).await?).await;
    }
    let back = match oidc::trial::begin(ctx, id, session).await? {
        turn @ (Turn::Ask { .. } | Turn::Consent { .. }) => {
            return show_turn_at(DoorShell::again(&admin.0), admin.0.user.name.as_str(), turn);
        }
        Turn::Nowhere(error) => {
            let problem = format!("{}: {}", error.error.as_str(), error.error_description);
            let report = Report { problem: Some(problem), ..Report::default() };
            return TrialPage::of(&admin, id, Some(report)).await;
        }
        Turn::Back(back) | Turn::Over { back, .. } => back,
    };
    Ok(Redirect::to(&back.url()).into_response())
}

pub(super) async fn back(
    admin: Admin,
    Path(id): Path<ApplicationId>,
    Query(came): Query<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let (ctx, session) = (&admin.0.ctx, &admin.0.session);
    if tried(&admin, id).await?.kind.takes_assertions() {
        let ticket = came.iter().find(|(name, _)| name == "ticket").map(|(_, ticket)| ticket.as_str());
        let ticket = Secret::from(ticket.unwrap_or_default());
        return turned(&admin, id, saml::go_on(ctx, id, &ticket, session).await?).await;
    }
    let report = oidc::trial::finish(ctx, id, came, session).await?;
    TrialPage::of(&admin, id, Some(report)).await
}

/// Where a trial of assertions goes on.
async fn turned(admin: &Admin, id: ApplicationId, trial: Trial) -> Result<Response, Refusal> {
    match trial {
        Trial::Ask { ticket, ask } => {
            Ok(asked_at(&format!("{HERE}/{id}/test/back?ticket={}", ticket.expose()), ask))
        }
        Trial::Over(report) => TrialPage::of(admin, id, Some(report)).await,
    }
}
