//! A sign-in on trial: an administrator passes it in the application's place, and sees every message.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use sallyport_app::{
    AppError, application, audit,
    oidc::{
        Turn,
        trial::{self, Report},
    },
};
use sallyport_model::{Action, Application, id::ApplicationId};

use super::HERE;
use crate::pages::{
    guard::{Admin, Posted},
    mark::{Mark, Shape},
    oidc::show_turn_at,
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
}

impl TrialPage {
    async fn of(admin: &Admin, id: ApplicationId, report: Option<Report>) -> Result<Response, Refusal> {
        let ctx = &admin.0.ctx;
        ctx.allow(Action::ManageApplications)?;
        let application = application::show(ctx, id).await?.value;
        if application.oidc.is_none() {
            return Err(AppError::Conflict("it does not ask by OpenID Connect".into()).into());
        }
        let decided = match &report {
            Some(report) if !report.exchanges.is_empty() => decided(admin, &application).await?,
            Some(_) | None => None,
        };
        let (shell, mark) = (Shell::admin(admin, HERE), Mark::of(&application));
        Ok(Page(Self { shell, application, mark, report, decided }).into_response())
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
    let back = match trial::begin(&admin.0.ctx, id, &admin.0.session).await? {
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
    let report = trial::finish(&admin.0.ctx, id, came, &admin.0.session).await?;
    TrialPage::of(&admin, id, Some(report)).await
}
