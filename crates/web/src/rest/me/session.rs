//! Where oneself is signed in and remembered, and what one's sign-ins came to: what the portal shows behind both doors.

use axum::http::StatusCode;
use sallyport_app::{audit, remembered, session, session::refuse_expired_password};
use sallyport_model::{
    Time,
    id::SignInId,
    policy::Country,
    signin::{FirstDoor, Resource, SecondDoor, SignIn},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    call::{Oneself, SignedIn},
    language::Language,
    rest::{
        answer::{All, Answer, PageOf},
        input::{Named, Parameters},
        route::{
            Gives, LISTING,
            Needs::{self, BothDoors},
            Route, shape,
        },
        sign_in::Part,
        user::credential::{Ended, RememberedBrowser, Session},
    },
};

/// A session of yours.
#[derive(Serialize, ToSchema)]
struct OwnSession {
    #[serde(flatten)]
    session: Session,
    /// Whether it is the one that calls.
    present: bool,
}

/// A sign-in of yours, with what happened in plain words.
#[derive(Serialize, ToSchema)]
struct OwnSignIn {
    id: SignInId,
    resource: Resource,
    /// The address it came from, if known.
    source: Option<String>,
    /// The country of that address, if it was known then.
    #[schema(value_type = Option<String>)]
    country: Option<Country>,
    /// What asked, as it names itself.
    device: Option<String>,
    /// `first_door`, `second_door`, `allowed` or `denied`.
    state: &'static str,
    first_door: Option<FirstDoor>,
    /// What opened the second door.
    second_door: Option<SecondDoor>,
    explanation: Vec<String>,
    created: Time,
}

impl From<SignIn> for OwnSignIn {
    fn from(sign_in: SignIn) -> Self {
        Self {
            explanation: Language::En.whys(&sign_in).into_iter().map(String::from).collect(),
            id: sign_in.id,
            resource: sign_in.resource,
            source: sign_in.source,
            country: sign_in.country,
            device: sign_in.device,
            state: sign_in.state.as_str(),
            first_door: sign_in.first_door,
            second_door: sign_in.second_door,
            created: sign_in.created,
        }
    }
}

pub(super) fn routes() -> Vec<Route> {
    let [_, after, limit] = LISTING;
    vec![
        Route::get("/me/sign-ins", sign_ins, BothDoors, "Lists your sign-ins, the newest first.")
            .with(&[after, limit])
            .gives(Gives::Page(shape::<OwnSignIn>())),
        Route::get("/me/sessions", sessions, BothDoors, "Lists your sessions.")
            .gives(Gives::All(shape::<OwnSession>())),
        Route::delete(
            "/me/sessions",
            end_others,
            Needs::Session,
            "Ends all your sessions but the one that calls, and forgets your browsers. One door is enough.",
        )
        .gives(Gives::One(shape::<Ended>())),
        Route::delete("/me/sessions/{session}", end_one, BothDoors, "Ends one session of yours."),
        Route::get(
            "/me/remembered-browsers",
            remembered_browsers,
            BothDoors,
            "Lists the browsers in which you are remembered.",
        )
        .gives(Gives::All(shape::<RememberedBrowser>())),
        Route::delete(
            "/me/remembered-browsers",
            forget_all,
            BothDoors,
            "Forgets all your browsers, and the devices that applications have tokens for.",
        ),
        Route::delete(
            "/me/remembered-browsers/{browser}",
            forget,
            BothDoors,
            "Forgets one browser of yours.",
        ),
    ]
}

async fn sign_ins(
    Oneself { ctx, .. }: Oneself,
    Parameters(part): Parameters<Part>,
) -> Answer<PageOf<OwnSignIn>> {
    let found = audit::sign_ins_of(&ctx, ctx.person()?, part.wanted()?).await?;
    let next = found.next.map(|next| next.to_string());
    Ok(PageOf { items: found.items.into_iter().map(|found| found.sign_in.into()).collect(), next })
}

async fn sessions(Oneself { ctx, session: present }: Oneself) -> Answer<All<OwnSession>> {
    let sessions = session::list(&ctx, ctx.person()?).await?;
    let own = |session: sallyport_app::Session| OwnSession {
        present: session.hash == present.hash,
        session: session.into(),
    };
    Ok(sessions.into_iter().map(own).collect())
}

async fn end_others(SignedIn { ctx, user, session }: SignedIn) -> Answer<axum::Json<Ended>> {
    refuse_expired_password(&user)?;
    Ok(axum::Json(Ended { ended: session::end_all(&ctx, user.id, Some(&session)).await? }))
}

async fn end_one(Oneself { ctx, .. }: Oneself, Named(session): Named) -> Answer<StatusCode> {
    session::end_one(&ctx, ctx.person()?, &session).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remembered_browsers(Oneself { ctx, .. }: Oneself) -> Answer<All<RememberedBrowser>> {
    let found = remembered::list(&ctx, ctx.person()?).await?;
    Ok(found.into_iter().map(RememberedBrowser::from).collect())
}

async fn forget_all(Oneself { ctx, .. }: Oneself) -> Answer<StatusCode> {
    remembered::forget_all(&ctx, ctx.person()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn forget(Oneself { ctx, .. }: Oneself, Named(browser): Named) -> Answer<StatusCode> {
    remembered::forget(&ctx, ctx.person()?, &browser).await?;
    Ok(StatusCode::NO_CONTENT)
}
