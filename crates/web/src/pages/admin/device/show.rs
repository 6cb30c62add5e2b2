//! The page of one device.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use sallyport_api::agent::{ComponentState, Condition};
use sallyport_app::{
    AppError, Ctx, binding,
    binding::NamedBinding,
    device,
    device::view::{AccountView, DeviceView, Difference},
    run::{self, RunFilter},
};
use sallyport_model::{Action, DeviceState, Right, Run, id::DeviceId, signin::Resource};

use super::{HERE, list::platform};
use crate::pages::{
    admin::{device_login, right::RightView},
    filters,
    guard::Admin,
    page::Page,
    refusal::Refusal,
    shell::{Shell, may},
};

#[derive(Template)]
#[template(path = "admin/device.html")]
struct DevicePage {
    shell: Shell,
    view: DeviceView,
    accounts: Vec<AccountRow>,
    bindings: Vec<NamedBinding>,
    /// The page that forms lead back to.
    back_to: String,
    runs: Vec<Run>,
    may_manage: bool,
    may_bind: bool,
    may_reveal: bool,
    may_read_runs: bool,
}

/// One account: what it should be, what it is, and why that is not the same.
struct AccountRow {
    account: AccountView,
    right: Option<RightView>,
}

const NEWEST_RUNS: usize = 10;

pub(super) async fn show(admin: Admin, Path(id): Path<DeviceId>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let mut view = device::view(ctx, id).await?;
    let bindings = binding::list_of_device(ctx, id).await?;
    let row = |account: AccountView| AccountRow {
        right: account
            .desired
            .as_ref()
            .and_then(|desired| desired.right.as_ref())
            .map(|right| RightView::new(right, &bindings)),
        account,
    };
    let page = DevicePage {
        shell: Shell::admin(&admin, HERE),
        accounts: std::mem::take(&mut view.accounts).into_iter().map(row).collect(),
        view,
        runs: runs(ctx, id).await?,
        back_to: format!("{HERE}/{id}"),
        may_manage: may(ctx, Action::ManageDevices),
        may_bind: may(ctx, Action::ManageBindings),
        may_reveal: may(ctx, Action::RevealBreakGlass),
        may_read_runs: may(ctx, Action::ReadRuns),
        bindings,
    };
    Ok(Page(page).into_response())
}

async fn runs(ctx: &Ctx, id: DeviceId) -> Result<Vec<Run>, AppError> {
    if !may(ctx, Action::ReadRuns) {
        return Ok(Vec::new());
    }
    let filter = RunFilter { device: Some(id), limit: NEWEST_RUNS, ..RunFilter::default() };
    Ok(run::list(ctx, filter).await?.items.into_iter().map(|run| run.value).collect())
}

const fn difference(difference: &Difference) -> &'static str {
    match difference {
        Difference::Failed => "failed",
        Difference::None => "none",
        Difference::Pending => "pending",
        Difference::WaitingForPassword => "waiting_for_password",
    }
}

const fn condition(condition: &Condition) -> &'static str {
    match condition {
        Condition::InPlace => "in place",
        Condition::WaitingForPassword => "in place, without a password",
        Condition::Locked => "locked",
        Condition::Failed => "not as desired",
    }
}

const fn component(state: &ComponentState) -> &'static str {
    match state {
        ComponentState::Absent => "not installed",
        ComponentState::Installed => "installed, not in front of logins",
        ComponentState::Enabled => "in front of logins",
        ComponentState::Unsupported => "not supported there",
    }
}
