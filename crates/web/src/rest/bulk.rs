//! The same done to many users or devices.

use sallyport_api::rest::{
    BulkDevices, BulkReport, BulkUsers, DeviceAction, DeviceFilter, UserAction, UserFilter,
};
use sallyport_app::{
    Ctx,
    bulk::{self, DeviceWork, Target, UserWork},
    device::fleet::DevicesWanted,
    listing::Wanted,
    user::people::PeopleWanted,
};
use sallyport_model::Action;

use super::{
    answer::Answer,
    import::{DRY_RUN, How},
    input::{Json, Parameters, unacceptable},
    route::{Gives, Needs::Right, Route, shape},
};
use crate::call::ApiCall;

pub(super) fn routes() -> Vec<Route> {
    vec![
        many_users("/users/bulk/activate", UserAction::Activate, Action::SuspendUser, "Lets many users in."),
        many_users(
            "/users/bulk/add-to-group",
            UserAction::AddToGroup,
            Action::ManageGroups,
            "Adds many users to a group.",
        ),
        many_users(
            "/users/bulk/delete",
            UserAction::Delete,
            Action::CreateUser,
            "Deletes many users, of whom staged ones alone are deleted.",
        ),
        many_users(
            "/users/bulk/end-sessions",
            UserAction::EndSessions,
            Action::SuspendUser,
            "Ends all sessions of many users.",
        ),
        many_users(
            "/users/bulk/remove-from-group",
            UserAction::RemoveFromGroup,
            Action::ManageGroups,
            "Removes many users from a group.",
        ),
        many_users(
            "/users/bulk/suspend",
            UserAction::Suspend,
            Action::SuspendUser,
            "Shuts many users out everywhere. One that is refused is left out with the reason.",
        ),
        many_devices(
            "/devices/bulk/add-to-group",
            DeviceAction::AddToGroup,
            Action::ManageGroups,
            "Adds many devices to a group.",
        ),
        many_devices(
            "/devices/bulk/admit",
            DeviceAction::Admit,
            Action::ManageDevices,
            "Lets many devices out of quarantine.",
        ),
        many_devices(
            "/devices/bulk/remove-from-group",
            DeviceAction::RemoveFromGroup,
            Action::ManageGroups,
            "Removes many devices from a group.",
        ),
        many_devices(
            "/devices/bulk/revoke",
            DeviceAction::Revoke,
            Action::ManageDevices,
            "Refuses many devices for ever.",
        ),
        many_devices(
            "/devices/bulk/run",
            DeviceAction::Run,
            Action::LaunchCommands,
            "Runs a command on many devices, of which active ones alone run it.",
        ),
    ]
}

fn many_users(path: &'static str, action: UserAction, right: Action, about: &'static str) -> Route {
    let handler = move |ApiCall(ctx): ApiCall,
                        Parameters(how): Parameters<How>,
                        Json(input): Json<BulkUsers>| async move {
        let work = UserWork { action, group: input.group.clone() };
        let targets = users(&ctx, input).await?;
        Answer::Ok(axum::Json(bulk::users(&ctx, work, targets, how.dry_run).await?))
    };
    let route = Route::post(path, handler, Right(right), about).takes::<BulkUsers>().with(&[DRY_RUN]);
    route.gives(Gives::One(shape::<BulkReport>()))
}

fn many_devices(path: &'static str, action: DeviceAction, right: Action, about: &'static str) -> Route {
    let handler = move |ApiCall(ctx): ApiCall,
                        Parameters(how): Parameters<How>,
                        Json(input): Json<BulkDevices>| async move {
        let work = DeviceWork { action, group: input.group.clone(), command: input.command.clone() };
        let targets = devices(&ctx, input).await?;
        Answer::Ok(axum::Json(bulk::devices(&ctx, work, targets, how.dry_run).await?))
    };
    let route = Route::post(path, handler, Right(right), about).takes::<BulkDevices>().with(&[DRY_RUN]);
    route.gives(Gives::One(shape::<BulkReport>()))
}

async fn users(ctx: &Ctx, input: BulkUsers) -> Answer<Vec<Target>> {
    match (input.users.is_empty(), input.filter) {
        (false, None) => Ok(input.users.into_iter().map(Target::new).collect()),
        (true, Some(filter)) => Ok(bulk::users_that_fit(ctx, people(filter)).await?),
        (true, None) | (false, Some(_)) => Err(unacceptable("users: give either these or a filter")),
    }
}

async fn devices(ctx: &Ctx, input: BulkDevices) -> Answer<Vec<Target>> {
    match (input.devices.is_empty(), input.filter) {
        (false, None) => Ok(input.devices.into_iter().map(Target::new).collect()),
        (true, Some(filter)) => Ok(bulk::devices_that_fit(ctx, fleet(filter)).await?),
        (true, None) | (false, Some(_)) => Err(unacceptable("devices: give either these or a filter")),
    }
}

fn people(filter: UserFilter) -> PeopleWanted {
    let marks = filter.role.into_iter().map(|role| ("role", role)).collect();
    let list = Wanted { text: filter.text, state: filter.state, marks, ..Wanted::default() };
    PeopleWanted { list, group: filter.group, has_factor: filter.has_factor }
}

fn fleet(filter: DeviceFilter) -> DevicesWanted {
    let marks = filter.platform.into_iter().map(|platform| ("platform", platform)).collect();
    let list = Wanted { text: filter.text, state: filter.state, marks, ..Wanted::default() };
    DevicesWanted { list, group: filter.group, connected: None }
}
