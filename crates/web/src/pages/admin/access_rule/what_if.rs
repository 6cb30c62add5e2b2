//! What would happen to somebody somewhere, and why, rule by rule.

use askama::Template;
use axum::{
    Router,
    extract::Query,
    response::{IntoResponse, Response},
    routing::get,
};
use sallyport_app::{
    AppError, Ctx, PageRequest, Versioned,
    access_rule::{self, RuleHeard, WhatIf, WhatIfAt, WhatIfTold},
    application, device,
    policy::Decision,
    user,
};
use sallyport_model::{Action, Application, User};
use serde::Deserialize;

use super::HERE;
use crate::{
    State,
    pages::{filters, guard::Admin, page::Page, refusal::Refusal, shell::Shell},
};

/// So many applications are offered.
const OFFERED: usize = 200;

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/what-if", get(show))
}

/// About whom, what and from where is asked. What is blank is not known, or now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    user: String,
    /// `portal`, `admin`, `api`, or an application's id.
    at: String,
    /// A device that is logged in at, in place of that.
    device: String,
    source: String,
    country: String,
    /// `yes` or `no`; what is known of the address otherwise.
    anonymous: String,
    /// A device they are on.
    on_device: String,
    time: String,
}

#[derive(Template)]
#[template(path = "admin/what_if.html")]
struct WhatIfPage {
    shell: Shell,
    asked: Asked,
    applications: Vec<Versioned<Application>>,
    found: Option<(Versioned<User>, WhatIfTold)>,
}

impl WhatIfPage {
    fn follows(&self) -> (&'static str, &'static str) {
        match self.found.as_ref().map(|(_, told)| &told.explained) {
            Some(explained) => match &explained.decision {
                Decision::Allow(_) => ("Let in by the first door alone", "bg-yellow-lt"),
                Decision::SecondDoor(_) if explained.offers.is_empty() => (
                    "Asked for the second door, and has nothing that opens it here: has to enrol first",
                    "bg-yellow-lt",
                ),
                Decision::SecondDoor(_) => ("Asked for the second door", "bg-green-lt"),
                Decision::Deny(_) => ("Denied", "bg-red-lt"),
            },
            None => ("Not asked", "bg-secondary-lt"),
        }
    }
}

const fn tone(heard: &RuleHeard) -> (&'static str, &'static str) {
    match &heard.verdict {
        None => ("off", "bg-secondary-lt"),
        Some(access_rule::Verdict::Matches) => ("matches", "bg-green-lt"),
        Some(access_rule::Verdict::Unmet(_)) => ("does not match", "bg-secondary-lt"),
        Some(access_rule::Verdict::Fails(_)) => ("cannot be evaluated", "bg-red-lt"),
    }
}

async fn show(admin: Admin, Query(asked): Query<Asked>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    ctx.allow(Action::ReadSettings)?;
    let request = PageRequest { limit: OFFERED, ..PageRequest::default() };
    let mut applications = application::list(ctx, request).await?.items;
    applications.retain(|application| application.kind.is_signed_in_to());
    let found = if asked.user.trim().is_empty() { None } else { Some(told(ctx, &asked).await?) };
    let page = WhatIfPage { shell: Shell::admin(&admin, HERE), asked, applications, found };
    Ok(Page(page).into_response())
}

async fn told(ctx: &Ctx, asked: &Asked) -> Result<(Versioned<User>, WhatIfTold), Refusal> {
    let user = user::resolve(ctx, asked.user.trim()).await?;
    let at = match (asked.device.trim(), asked.at.as_str()) {
        ("", "" | "portal") => WhatIfAt::Portal,
        ("", "admin") => WhatIfAt::AdminPortal,
        ("", "api") => WhatIfAt::Api,
        ("", id) => WhatIfAt::Application(id.parse().map_err(AppError::from)?),
        (named, _) => WhatIfAt::Device(device::resolve(ctx, named).await?.id),
    };
    let device = match asked.on_device.trim() {
        "" => None,
        named => Some(device::resolve(ctx, named).await?.id),
    };
    let wanted = WhatIf {
        user: user.id,
        at,
        source: read("source", &asked.source)?,
        country: read("country", &asked.country)?,
        anonymous: match asked.anonymous.as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        device,
        now: read("time", &asked.time)?,
    };
    let told = access_rule::what_if(ctx, wanted).await?;
    Ok((user, told))
}

fn read<T: std::str::FromStr>(field: &'static str, given: &str) -> Result<Option<T>, Refusal>
where
    T::Err: std::fmt::Display,
{
    match given.trim() {
        "" => Ok(None),
        text => Ok(Some(text.parse().map_err(|error: T::Err| AppError::invalid(field, error.to_string()))?)),
    }
}
