//! What goes on, summed up.

use sallyport_api::rest::{DriftedDevice, Holding, Overview};
use sallyport_app::{
    PageRequest,
    overview::{self, Window},
};
use sallyport_model::{Action, User};
use serde::Deserialize;

use super::{
    answer::{All, Answer, Noun, PageOf},
    input::{Parameters, limit},
    route::{
        Gives, LISTING,
        Needs::{Right, Token},
        Parameter, ParameterKind, Route, shape,
    },
};
use crate::call::ApiCall;

pub(super) fn routes() -> Vec<Route> {
    const DAYS: Parameter = Parameter {
        name: "days",
        about: "How far back sign-ins are told of: 1, which is usual, or 7.",
        kind: ParameterKind::Number,
    };
    const HOLDING: Parameter = Parameter {
        name: "holding",
        about: "What they have: `none`, which is usual, `phone_only`, `passkey`, `push`, `totp` or `hardware_token`.",
        kind: ParameterKind::Text,
    };
    let read = Right(Action::ReadDirectory);
    let [text, after, limit] = LISTING;
    let about = "Shows what goes on: sign-ins and why they were refused, devices that differ, second factors that people have, \
        and what changed. Parts that the caller may not read are missing.";
    vec![
        Route::get("/overview", show, Token, about).with(&[DAYS]).gives(Gives::One(shape::<Overview>())),
        Route::get(
            "/overview/drifted-devices",
            drifted,
            read,
            "Lists active devices that differ from what they should be, those first that began to last; at most 500.",
        )
        .with(&[text])
        .gives(Gives::All(shape::<DriftedDevice>())),
        Route::get("/overview/people", people, read, "Lists active people by the second factors they have.")
            .with(&[HOLDING, text, after, limit])
            .gives(Gives::PageOfNouns(shape::<User>())),
    ]
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Days {
    days: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    #[serde(default)]
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    holding: Option<Holding>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    after: String,
    limit: Option<usize>,
}

async fn show(
    ApiCall(ctx): ApiCall,
    Parameters(Days { days }): Parameters<Days>,
) -> Answer<axum::Json<Overview>> {
    let window = Window::of_days(days.unwrap_or(1))?;
    Ok(axum::Json(overview::show(&ctx, window).await?))
}

async fn drifted(
    ApiCall(ctx): ApiCall,
    Parameters(Text { text }): Parameters<Text>,
) -> Answer<All<DriftedDevice>> {
    Ok(overview::drifted(&ctx, text).await?.into_iter().collect())
}

async fn people(ApiCall(ctx): ApiCall, Parameters(whose): Parameters<Whose>) -> Answer<PageOf<Noun<User>>> {
    let page = PageRequest { after: whose.after, text: whose.text, state: None, limit: limit(whose.limit)? };
    Ok(overview::people_holding(&ctx, whose.holding.unwrap_or(Holding::None), page).await?.into())
}
