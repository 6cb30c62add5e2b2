//! The same for many users or devices: chosen in their tables, looked at before it is done, and reported one by one.

use std::borrow::Borrow;

use askama::Template;
use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::post,
};
use sallyport_api::rest::{BulkOutcome, BulkReport, DeviceAction, UserAction};
use sallyport_app::{
    Ctx,
    bulk::{self, DeviceWork, Target, UserWork},
};
use sallyport_model::Action;

use super::{device, mailing, user};
use crate::{
    State,
    pages::{
        fields::Fields,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
        table::{Asked, Ticks, counted},
    },
};

const USERS: &str = "/admin/users";
const DEVICES: &str = "/admin/devices";
/// Lines of a report that a page shows.
const SHOWN: usize = 500;

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/users/bulk", post(users)).route("/admin/devices/bulk", post(devices))
}

/// What somebody may do to many, as the form below a table offers it: the word and what people read.
pub(super) type Offers = Vec<(&'static str, &'static str)>;

pub(super) fn offers_for_users(ctx: &Ctx) -> Offers {
    allowed(
        ctx,
        &[
            ("suspend", "Suspend", Action::SuspendUser),
            ("activate", "Activate", Action::SuspendUser),
            ("end_sessions", "End their sessions", Action::SuspendUser),
            ("add_to_group", "Add to a group", Action::ManageGroups),
            ("remove_from_group", "Remove from a group", Action::ManageGroups),
            ("enrollment_link", "Send enrolment links", Action::ManageFactors),
            ("delete", "Delete those never let in", Action::CreateUser),
        ],
    )
}

pub(super) fn offers_for_devices(ctx: &Ctx) -> Offers {
    allowed(
        ctx,
        &[
            ("admit", "Admit", Action::ManageDevices),
            ("add_to_group", "Add to a group", Action::ManageGroups),
            ("remove_from_group", "Remove from a group", Action::ManageGroups),
            ("run", "Run a command", Action::LaunchCommands),
            ("revoke", "Revoke", Action::ManageDevices),
        ],
    )
}

fn allowed(ctx: &Ctx, offers: &[(&'static str, &'static str, Action)]) -> Offers {
    let allowed = offers.iter().filter(|(_, _, action)| may(ctx, *action));
    allowed.map(|(word, title, _)| (*word, *title)).collect()
}

/// What the form below a table offers.
pub(super) struct BulkForm {
    pub(super) offers: Offers,
    /// The query of what is in the table.
    pub(super) filter: String,
    /// Whether a command can be named.
    pub(super) commands: bool,
}

/// Where ticked rows go.
pub(super) const TICKS: Ticks = Ticks { form: "bulk", name: "id" };

/// A preview, or what was done.
#[derive(Template)]
#[template(path = "admin/bulk.html")]
struct BulkPage {
    shell: Shell,
    report: BulkReport,
    /// What is done, for a heading.
    title: &'static str,
    /// What it means, beyond each line.
    meaning: &'static str,
    /// `users` or `devices`.
    noun: &'static str,
    back: &'static str,
    /// What the form goes on with besides whom it is for.
    fields: Vec<(&'static str, String)>,
    /// The word that takes it back.
    inverse: Option<&'static str>,
}

impl BulkPage {
    /// Those that are left out first, for they want a look.
    fn lines(&self) -> Vec<&sallyport_api::rest::BulkRow> {
        let of = |outcome| self.report.rows.iter().filter(move |row| row.outcome == outcome);
        of(BulkOutcome::LeftOut).chain(of(BulkOutcome::Done)).take(SHOWN).collect()
    }

    fn done(&self) -> impl Iterator<Item = &sallyport_api::rest::BulkRow> {
        self.report.rows.iter().filter(|row| row.outcome == BulkOutcome::Done)
    }

    /// Those of which it is known that nothing else happened to them since.
    fn undoable(&self) -> Vec<&sallyport_api::rest::BulkRow> {
        let by_version = ["activate", "suspend"].iter().any(|word| Some(*word) == self.inverse);
        self.done().filter(|row| !by_version || row.version.is_some()).collect()
    }

    fn page_of(&self, id: &str) -> String {
        format!("{}/{id}", self.back)
    }

    /// How many lines are not shown.
    fn more(&self) -> Option<String> {
        let more = self.report.rows.len().checked_sub(SHOWN).filter(|more| *more > 0)?;
        Some(counted(more, self.noun))
    }

    /// Templates hand over numbers both ways.
    fn counted(&self, n: impl Borrow<usize>) -> String {
        counted(*n.borrow(), self.noun)
    }
}

async fn users(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let targets = match meant(&fields) {
        Meant::Named(targets) => targets,
        Meant::Fits(asked) => bulk::users_that_fit(ctx, user::wanted(&asked)).await?,
    };
    if fields.raw("action") == "enrollment_link" {
        let users = targets.into_iter().map(|target| target.given).collect();
        return mailing::preview_for(&admin, users).await;
    }
    let action: UserAction = fields.word("action").ok_or_else(choose_what)?;
    let work = UserWork { action, group: fields.optional("group") };
    let report = bulk::users(ctx, work, targets, !is_sure(&fields)).await?;
    let (title, meaning, inverse) = of_users(action);
    let page = BulkPage {
        shell: Shell::admin(&admin, USERS),
        report,
        title,
        meaning,
        noun: "users",
        back: USERS,
        fields: vec![("action", fields.text("action")), ("group", fields.text("group"))],
        inverse,
    };
    Ok(Page(page).into_response())
}

async fn devices(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let targets = match meant(&fields) {
        Meant::Named(targets) => targets,
        Meant::Fits(asked) => bulk::devices_that_fit(ctx, device::wanted(&asked)).await?,
    };
    let action: DeviceAction = fields.word("action").ok_or_else(choose_what)?;
    let work = DeviceWork { action, group: fields.optional("group"), command: fields.optional("command") };
    let report = bulk::devices(ctx, work, targets, !is_sure(&fields)).await?;
    let (title, meaning, inverse) = of_devices(action);
    let named = ["action", "group", "command"].map(|name| (name, fields.text(name)));
    let page = BulkPage {
        shell: Shell::admin(&admin, DEVICES),
        report,
        title,
        meaning,
        noun: "devices",
        back: DEVICES,
        fields: named.into(),
        inverse,
    };
    Ok(Page(page).into_response())
}

/// Whom a form means.
enum Meant {
    Named(Vec<Target>),
    /// Whatever fits the filter of the table that the form stood under.
    Fits(Asked),
}

fn meant(fields: &Fields) -> Meant {
    if fields.raw("whom") == "fitting" {
        return Meant::Fits(Asked::of_query(fields.raw("filter")));
    }
    let versions = fields.every("version");
    let target = |(n, id): (usize, &str)| Target {
        given: id.to_owned(),
        version: versions.get(n).and_then(|version| version.parse().ok()),
    };
    Meant::Named(fields.every("id").into_iter().enumerate().map(target).collect())
}

/// Whether the preview was seen.
fn is_sure(fields: &Fields) -> bool {
    fields.raw("step") == "apply"
}

fn choose_what() -> Refusal {
    Refusal::missing("Choose what is to be done.")
}

type Words = (&'static str, &'static str, Option<&'static str>);

const fn of_users(action: UserAction) -> Words {
    match action {
        UserAction::Activate => {
            ("Activate", "They may sign in again wherever they are bound.", Some("suspend"))
        }
        UserAction::AddToGroup => (
            "Add to the group",
            "Whatever is bound to the group is theirs from then on.",
            Some("remove_from_group"),
        ),
        UserAction::Delete => {
            ("Delete", "This cannot be undone. Only people who were never let in are deleted.", None)
        }
        UserAction::EndSessions => (
            "End sessions",
            "This cannot be undone: they sign in again by both doors, and no browser of theirs is remembered.",
            None,
        ),
        UserAction::RemoveFromGroup => (
            "Remove from the group",
            "What they have by the group alone they have no more: accounts on devices are locked, not deleted.",
            Some("add_to_group"),
        ),
        UserAction::Suspend => (
            "Suspend",
            "Their sessions end at once, no door opens for them, and their devices lock their accounts. Nothing is deleted.",
            Some("activate"),
        ),
    }
}

const fn of_devices(action: DeviceAction) -> Words {
    match action {
        DeviceAction::AddToGroup => (
            "Add to the group",
            "Whoever is bound to the group gets an account there.",
            Some("remove_from_group"),
        ),
        DeviceAction::Admit => (
            "Admit",
            "They leave quarantine: the accounts of everybody who is bound to them are made there.",
            None,
        ),
        DeviceAction::RemoveFromGroup => (
            "Remove from the group",
            "Accounts that are there by the group alone are locked, not deleted.",
            Some("add_to_group"),
        ),
        DeviceAction::Revoke => (
            "Revoke",
            "This cannot be undone. They are refused from then on, hear of no change any more, and would have to enrol anew.",
            None,
        ),
        DeviceAction::Run => (
            "Run the command",
            "It runs once on each, as its page says. What it did cannot be undone from here.",
            None,
        ),
    }
}
