//! The Multi-factor page: one ordered list of everything that opens the second door, each on or off, and for whom.

use askama::Template;
use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use sallyport_app::{AppError, settings};
use sallyport_model::{
    Action, Method, Settings, Time, policy::MethodRow, settings::EnrollmentWindow, time::TimeError,
};

use super::{
    pick::{self, Choice, Kind},
    stranded::{Form, save},
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

pub(super) const HERE: &str = "/admin/factors";

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/factors", get(show).post(update))
}

#[derive(Template)]
#[template(path = "admin/methods.html")]
struct MethodsPage {
    shell: Shell,
    version: i64,
    rows: Vec<Row>,
    enrollment: EnrollmentWindow,
    /// Whether people may enrol by themselves now, so far as that is asked here.
    is_open: bool,
    may_change: bool,
}

struct Row {
    place: usize,
    row: MethodRow,
    groups: Vec<Choice>,
    /// Where it is set up, and why it is of no use yet, if so.
    set_up: Option<(&'static str, &'static str)>,
    missing: Option<&'static str>,
}

async fn show(admin: Admin) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let settings = settings::show(ctx).await?;
    let mut rows = Vec::new();
    for (place, row) in MethodRow::complete(&settings.factors).into_iter().enumerate() {
        let groups = pick::chosen(ctx, Kind::UserGroups, &row.groups).await?;
        let (set_up, missing) = standing(row.method, &settings);
        rows.push(Row { place: place + 1, row, groups, set_up, missing });
    }
    let may_change = may(ctx, Action::ChangeSettings);
    let page = MethodsPage {
        shell: Shell::admin(&admin, HERE),
        version: settings.version,
        rows,
        enrollment: settings.enrollment.clone(),
        is_open: settings.mail.is_on() && settings.enrollment.is_open(ctx.now),
        may_change,
    };
    Ok(Page(page).into_response())
}

/// Where a method is set up, and what is missing to it.
fn standing(
    method: Method,
    settings: &Settings,
) -> (Option<(&'static str, &'static str)>, Option<&'static str>) {
    let telephony = Some(("/admin/telephony", "Texts and calls"));
    let mail = Some(("/admin/mail", "Mail"));
    match method {
        Method::Text if !settings.telephony.has_texts() => (telephony, Some("nobody carries texts yet")),
        Method::Call if !settings.telephony.has_calls() => (telephony, Some("nobody carries calls yet")),
        Method::Text | Method::Call => (telephony, None),
        Method::Mail if !settings.mail.is_on() => (mail, Some("there is no mail server yet")),
        Method::Mail => (mail, None),
        Method::Duo if !settings.duo.is_set_up() => {
            (Some(("/admin/duo", "Set up")), Some("not set up, so it cannot be on yet"))
        }
        Method::Duo => (Some(("/admin/duo", "Client, host, and what holds when it is down")), None),
        Method::HardwareToken => (Some(("/admin/hardware-tokens", "Hardware tokens")), None),
        Method::Passkey if settings.passkeys.models.is_empty() => {
            (Some(("/admin/passkey-models", "Any model; name those that count")), None)
        }
        Method::Passkey => (Some(("/admin/passkey-models", "Models that count")), None),
        Method::Push | Method::Totp | Method::BypassCode => (None, None),
    }
}

async fn update(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let before = settings::show(&admin.0.ctx).await?;
    let shown = &before.enrollment;
    let enrollment = EnrollmentWindow {
        from: moment(&fields, "enroll_from", shown.from)?,
        until: moment(&fields, "enroll_until", shown.until)?,
    };
    let after = Settings { factors: read(&fields)?, enrollment, ..before.value };
    save(&admin, fields, after, Form { action: HERE, page: HERE, menu: HERE }).await
}

/// A moment as it was typed, or the one that was shown: to the minute, as forms have it, which is no change of its seconds.
fn moment(fields: &Fields, name: &'static str, shown: Option<Time>) -> Result<Option<Time>, Refusal> {
    let given = fields.optional(name);
    if shown.is_some_and(|shown| given.as_ref().is_some_and(|given| *given == shown.in_form())) {
        return Ok(shown);
    }
    let given = given.map(|given| given.parse());
    given.transpose().map_err(|error: TimeError| AppError::invalid(name, error.to_string()).into())
}

/// The rows in the order of the places typed for them.
fn read(fields: &Fields) -> Result<Vec<MethodRow>, Refusal> {
    let mut rows = Vec::new();
    for method in Method::ALL {
        let named = |what: &str| format!("{what}_{}", method.as_str());
        let place: usize = fields
            .number(&named("place"))
            .ok_or_else(|| Refusal::missing("Give a number for the place of every factor."))?;
        let groups = fields.list(&named("groups"));
        let groups = groups.iter().map(|id| id.parse()).collect::<Result<_, _>>().map_err(AppError::from)?;
        rows.push((place, MethodRow { method, on: fields.ticked(&named("on")), groups }));
    }
    rows.sort_by_key(|(place, _)| *place);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}
