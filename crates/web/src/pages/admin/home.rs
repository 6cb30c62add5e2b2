//! The overview: how many there are, what fails, and what needs a hand.

use askama::Template;
use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use sallyport_app::{
    AppError, Ctx, PageRequest, Versioned, alarm, audit, device,
    device::view::Difference,
    group, recovery,
    run::{self, RunFilter},
    signin::spray,
    user,
};
use sallyport_model::{Action, Alarm, DeviceState, ResetState, Run, Spray, UserState};

use crate::{
    State,
    pages::{
        filters,
        guard::Admin,
        listing::everything,
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
        sign_in_row::{SignInRow, newest},
    },
};

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin", get(show))
}

#[derive(Template)]
#[template(path = "admin/home.html")]
struct HomePage {
    shell: Shell,
    users: Count,
    active_users: usize,
    groups: Count,
    devices: Count,
    connected: usize,
    quarantined: usize,
    /// Devices that are not as they should be, with how many accounts differ.
    differing: Vec<(sallyport_model::Device, usize)>,
    refused: Vec<SignInRow>,
    /// The attack that goes on.
    spray: Option<Spray>,
    /// What people said was not them, and nobody has looked into.
    alarms: Vec<Versioned<Alarm>>,
    /// How many resets wait for a second person, or a call back.
    resets: usize,
    runs: Vec<Run>,
}

/// A number that is not counted beyond the first page of a listing.
struct Count {
    at_least: usize,
    more: bool,
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.at_least, if self.more { "+" } else { "" })
    }
}

/// Devices whose state is looked at; a large house has more than an overview should ask for.
const LOOKED_AT: usize = 50;
const SHOWN: usize = 6;

async fn show(admin: Admin) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let users = user::list(ctx, everything()).await?;
    let groups = group::list(ctx, everything()).await?;
    let devices = device::list(ctx, everything()).await?;
    let active: Vec<_> = devices.items.iter().filter(|device| device.state == DeviceState::Active).collect();
    let page = HomePage {
        shell: Shell::admin(&admin, "/admin"),
        users: Count { at_least: users.items.len(), more: users.next.is_some() },
        active_users: users.items.iter().filter(|user| user.state == UserState::Active).count(),
        groups: Count { at_least: groups.items.len(), more: groups.next.is_some() },
        devices: Count { at_least: devices.items.len(), more: devices.next.is_some() },
        connected: active.iter().filter(|device| ctx.org.hub.is_connected(device.id)).count(),
        quarantined: devices.items.iter().filter(|device| device.state == DeviceState::Quarantined).count(),
        differing: differing(ctx, active.iter().take(LOOKED_AT).map(|device| device.id)).await?,
        refused: refused(ctx).await?,
        spray: if may(ctx, Action::ReadSignIns) { spray::going_on(ctx).await? } else { None },
        alarms: if may(ctx, Action::ReadSignIns) { alarm::open(ctx).await? } else { Vec::new() },
        resets: resets(ctx).await?,
        runs: runs(ctx).await?,
    };
    Ok(Page(page).into_response())
}

async fn differing(
    ctx: &Ctx,
    ids: impl Iterator<Item = sallyport_model::id::DeviceId>,
) -> Result<Vec<(sallyport_model::Device, usize)>, AppError> {
    let mut found = Vec::new();
    for id in ids {
        let view = device::view(ctx, id).await?;
        let differ = |difference| match difference {
            Difference::None => false,
            Difference::Failed | Difference::Pending | Difference::WaitingForPassword => true,
        };
        let count = view.accounts.iter().filter(|account| differ(account.difference)).count();
        if count > 0 {
            found.push((view.device, count));
        }
    }
    Ok(found)
}

async fn refused(ctx: &Ctx) -> Result<Vec<SignInRow>, AppError> {
    if !may(ctx, Action::ReadSignIns) {
        return Ok(Vec::new());
    }
    let wanted = audit::SignInsWanted { text: "denied".into(), ..newest(SHOWN) };
    Ok(SignInRow::all(audit::sign_ins(ctx, wanted).await?.items))
}

async fn resets(ctx: &Ctx) -> Result<usize, AppError> {
    if !may(ctx, Action::ManageFactors) {
        return Ok(0);
    }
    let found = recovery::list(ctx, PageRequest { state: Some("waiting".into()), ..everything() }).await?;
    Ok(found.items.iter().filter(|reset| matches!(reset.state, ResetState::Waiting { .. })).count())
}

async fn runs(ctx: &Ctx) -> Result<Vec<Run>, AppError> {
    if !may(ctx, Action::ReadRuns) {
        return Ok(Vec::new());
    }
    let found = run::list(ctx, RunFilter { limit: SHOWN, ..RunFilter::default() }).await?;
    Ok(found.items.into_iter().map(|run| run.value).collect())
}
