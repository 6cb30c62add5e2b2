//! Users.

pub(in crate::rest) mod credential;
mod reach;

use axum::http::StatusCode;
use sallyport_api::rest::{CreateUser, SetRoles, ShownUser, UpdateUser};
use sallyport_app::user;
use sallyport_model::{Action, User};

pub(super) use reach::Membership;

use super::{
    answer::{Answer, Created, Noun, PageOf},
    input::{IfMatch, Json, Listing, Named, Parameters},
    route::{Gives, LISTING, Needs::Right, Route, STATE, shape},
};
use crate::call::ApiCall;

pub(super) const STATES: [&str; 3] = ["staged", "active", "suspended"];

pub(super) fn routes() -> Vec<Route> {
    let noun = || Gives::Noun(shape::<User>());
    let mut routes = vec![
        Route::get("/users", list, Right(Action::ReadDirectory), "Lists users in order of names.")
            .with(&LISTING)
            .with(&[STATE])
            .gives(Gives::PageOfNouns(shape::<User>())),
        Route::post("/users", create, Right(Action::CreateUser), "Creates a user.")
            .takes::<CreateUser>()
            .gives(Gives::Created(shape::<User>())),
        Route::get(
            "/users/{user}",
            show,
            Right(Action::ReadDirectory),
            "Shows a user, and until when they wait after wrong attempts.",
        )
        .gives(Gives::Noun(shape::<ShownUser>())),
        Route::patch(
            "/users/{user}",
            update,
            Right(Action::UpdateUser),
            "Changes a user; what is not given stays.",
        )
        .takes::<UpdateUser>()
        .conditional()
        .gives(noun()),
        Route::delete("/users/{user}", delete, Right(Action::CreateUser), "Deletes a staged user.")
            .conditional(),
        Route::post("/users/{user}/activate", activate, Right(Action::SuspendUser), "Lets a user in.")
            .conditional()
            .gives(noun()),
        Route::post(
            "/users/{user}/suspend",
            suspend,
            Right(Action::SuspendUser),
            "Shuts a user out everywhere.",
        )
        .conditional()
        .gives(noun()),
        Route::put(
            "/users/{user}/roles",
            set_roles,
            Right(Action::GrantRole),
            "Sets a user's administrator roles.",
        )
        .conditional()
        .takes::<SetRoles>()
        .gives(noun()),
    ];
    routes.extend(credential::routes());
    routes.extend(reach::routes());
    routes
}

async fn list(ApiCall(ctx): ApiCall, Parameters(listing): Parameters<Listing>) -> Answer<PageOf<Noun<User>>> {
    Ok(user::list(&ctx, listing.page(&STATES)?).await?.into())
}

async fn create(ApiCall(ctx): ApiCall, Json(input): Json<CreateUser>) -> Answer<Created<Noun<User>>> {
    let user = user::create(&ctx, input).await?;
    Ok(Created { at: format!("/users/{}", user.id), noun: user.into() })
}

async fn show(ApiCall(ctx): ApiCall, Named(user): Named) -> Answer<Noun<ShownUser>> {
    let found = user::resolve(&ctx, &user).await?;
    let held_back = user::held_back(&ctx, found.id).await?;
    Ok(Noun { version: found.version, value: ShownUser { user: found.value, held_back } })
}

async fn update(
    ApiCall(ctx): ApiCall,
    Named(user): Named,
    IfMatch(version): IfMatch,
    Json(input): Json<UpdateUser>,
) -> Answer<Noun<User>> {
    let user = user::resolve(&ctx, &user).await?;
    Ok(user::update(&ctx, user.id, version, input).await?.into())
}

async fn delete(ApiCall(ctx): ApiCall, Named(user): Named, if_match: IfMatch) -> Answer<StatusCode> {
    let user = user::resolve(&ctx, &user).await?;
    let ctx = if_match.on::<User>(user.id, ctx);
    user::delete(&ctx, user.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn activate(ApiCall(ctx): ApiCall, Named(user): Named, if_match: IfMatch) -> Answer<Noun<User>> {
    let user = user::resolve(&ctx, &user).await?;
    let ctx = if_match.on::<User>(user.id, ctx);
    Ok(user::activate(&ctx, user.id).await?.into())
}

async fn suspend(ApiCall(ctx): ApiCall, Named(user): Named, if_match: IfMatch) -> Answer<Noun<User>> {
    let user = user::resolve(&ctx, &user).await?;
    let ctx = if_match.on::<User>(user.id, ctx);
    Ok(user::suspend(&ctx, user.id).await?.into())
}

async fn set_roles(
    ApiCall(ctx): ApiCall,
    Named(user): Named,
    if_match: IfMatch,
    Json(input): Json<SetRoles>,
) -> Answer<Noun<User>> {
    let user = user::resolve(&ctx, &user).await?;
    let ctx = if_match.on::<User>(user.id, ctx);
    Ok(user::set_roles(&ctx, user.id, input.roles).await?.into())
}
