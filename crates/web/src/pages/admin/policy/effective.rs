//! What all policies come to for one person at one place, line by line, with who says it.

use askama::Template;
use axum::{
    Router,
    extract::Query,
    response::{IntoResponse, Response},
    routing::get,
};
use sallyport_app::{
    AppError, Ctx, PageRequest, Versioned, application, device,
    policy::{self, Decision, Explained, Standing, Where},
    user,
};
use sallyport_model::{Action, Application, User, policy::Section};
use serde::Deserialize;

use crate::{
    State,
    pages::{filters, guard::Admin, page::Page, refusal::Refusal, shell::Shell},
};

const HERE: &str = "/admin/policies";
/// So many applications are offered.
const OFFERED: usize = 200;

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/effective-policy", get(show))
}

/// About whom and what is asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    user: String,
    /// `portal`, or an application's id.
    at: String,
    /// A device's name or id, in place of that.
    device: String,
    /// An address that the person comes from.
    source: String,
}

#[derive(Template)]
#[template(path = "admin/effective_policy.html")]
struct EffectivePage {
    shell: Shell,
    asked: Asked,
    applications: Vec<Versioned<Application>>,
    found: Option<(Versioned<User>, Explained)>,
}

/// A line of the answer.
struct Told {
    title: &'static str,
    says: String,
    said_by: String,
}

impl EffectivePage {
    fn lines(&self) -> Vec<Told> {
        let Some((_, explained)) = &self.found else { return Vec::new() };
        let told = |(section, said_by): &(Section, String)| Told {
            title: section.title(),
            says: explained.tell(*section),
            said_by: said_by.clone(),
        };
        explained.said_by.iter().map(told).collect()
    }

    fn has_nothing(&self) -> bool {
        self.found.as_ref().is_some_and(|(_, explained)| explained.offers.is_empty())
    }

    fn follows(&self) -> (&'static str, &'static str) {
        match self.found.as_ref().map(|(_, explained)| &explained.decision) {
            Some(Decision::Allow(_)) => ("Let in by the first door alone", "bg-yellow-lt"),
            Some(Decision::SecondDoor(_)) if self.has_nothing() => (
                "Asked for the second door, and has nothing that opens it here: has to enrol first",
                "bg-yellow-lt",
            ),
            Some(Decision::SecondDoor(_)) => ("Asked for the second door", "bg-green-lt"),
            Some(Decision::Deny(_)) | None => ("Denied", "bg-red-lt"),
        }
    }
}

/// Whether a method opens the door, in words and in colour.
const fn told(standing: &Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Usable => ("opens the second door", "bg-green-lt"),
        Standing::Off => ("off for everybody, on the Multi-factor page", "bg-secondary-lt"),
        Standing::ForOthers => ("on for groups that this person is not in", "bg-secondary-lt"),
        Standing::NotHere => ("cannot be asked for here", "bg-secondary-lt"),
        Standing::RuledOut => ("not counted by an access rule", "bg-red-lt"),
        Standing::NotAllowed => ("not allowed by the policy in force here", "bg-red-lt"),
    }
}

async fn show(admin: Admin, Query(asked): Query<Asked>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    ctx.allow(Action::ReadSignIns)?;
    let request = PageRequest { limit: OFFERED, ..PageRequest::default() };
    let mut applications = application::list(ctx, request).await?.items;
    applications.retain(|application| application.kind.is_signed_in_to());
    let found = if asked.user.trim().is_empty() { None } else { Some(explain(ctx, &asked).await?) };
    let page = EffectivePage { shell: Shell::admin(&admin, HERE), asked, applications, found };
    Ok(Page(page).into_response())
}

async fn explain(ctx: &Ctx, asked: &Asked) -> Result<(Versioned<User>, Explained), Refusal> {
    let user = user::resolve(ctx, asked.user.trim()).await?;
    let at = match (asked.device.trim(), asked.at.as_str()) {
        ("", "" | "portal") => Where::Portal,
        ("", id) => Where::Application(id.parse().map_err(AppError::from)?),
        (named, _) => Where::Device(device::resolve(ctx, named).await?.id),
    };
    let source = match asked.source.trim() {
        "" => None,
        given => Some(given.parse().map_err(|_| AppError::invalid("source", "is no IP address"))?),
    };
    let explained = policy::explain(ctx, user.id, at, source).await?;
    Ok((user, explained))
}
