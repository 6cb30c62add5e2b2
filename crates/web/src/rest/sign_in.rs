//! Sign-ins with the reasons of their ends.

use std::borrow::Cow;

use axum::response::Response;
use sallyport_app::{audit, user};
use sallyport_model::{Action, id::SignInId, signin::SignIn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::{Answer, PageOf},
    audit::csv,
    input::{Named, Parameters, limit},
    route::{Gives, LISTING, Needs::Right, Route, shape},
};
use crate::call::ApiCall;

/// A sign-in with its reasons in words.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ExplainedSignIn {
    #[serde(flatten)]
    sign_in: SignIn,
    #[schema(value_type = Vec<String>)]
    explanation: Vec<Cow<'static, str>>,
}

impl From<audit::ExplainedSignIn> for ExplainedSignIn {
    fn from(explained: audit::ExplainedSignIn) -> Self {
        Self { sign_in: explained.sign_in, explanation: explained.reasons }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichSignIns {
    #[serde(default)]
    text: String,
    after: Option<SignInId>,
    limit: Option<usize>,
}

/// A part of the sign-ins of one person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    after: Option<SignInId>,
    limit: Option<usize>,
}

impl WhichSignIns {
    fn wanted(self) -> Answer<audit::SignInsWanted> {
        Ok(audit::SignInsWanted { text: self.text, before: self.after, limit: limit(self.limit)? })
    }
}

impl Part {
    pub(super) fn wanted(self) -> Answer<audit::SignInsWanted> {
        Ok(audit::SignInsWanted { text: String::new(), before: self.after, limit: limit(self.limit)? })
    }
}

pub(super) fn routes() -> Vec<Route> {
    let read = Right(Action::ReadSignIns);
    let [text, after, limit] = LISTING;
    vec![
        Route::get("/sign-ins", list, read, "Lists sign-ins, the newest first.")
            .with(&LISTING)
            .gives(Gives::Page(shape::<ExplainedSignIn>())),
        Route::get("/sign-ins/export", export, read, "Exports sign-ins, the newest first.")
            .with(&[text, after])
            .gives(Gives::Csv),
        Route::get("/users/{user}/sign-ins", list_of, read, "Lists a user's sign-ins, the newest first.")
            .with(&[after, limit])
            .gives(Gives::Page(shape::<ExplainedSignIn>())),
    ]
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(which): Parameters<WhichSignIns>,
) -> Answer<PageOf<ExplainedSignIn>> {
    Ok(audit::sign_ins(&ctx, which.wanted()?).await?.into())
}

async fn export(ApiCall(ctx): ApiCall, Parameters(which): Parameters<WhichSignIns>) -> Answer<Response> {
    let wanted = audit::LogWanted { text: which.text, before: which.after, ..audit::LogWanted::default() };
    Ok(csv("sign-ins.csv", audit::export_log(&ctx, wanted).await?))
}

async fn list_of(
    ApiCall(ctx): ApiCall,
    Named(user): Named,
    Parameters(part): Parameters<Part>,
) -> Answer<PageOf<ExplainedSignIn>> {
    let user = user::resolve(&ctx, &user).await?;
    Ok(audit::sign_ins_of(&ctx, user.id, part.wanted()?).await?.into())
}

impl From<audit::SignInPage> for PageOf<ExplainedSignIn> {
    fn from(page: audit::SignInPage) -> Self {
        let next = page.next.map(|next| next.to_string());
        Self { items: page.items.into_iter().map(ExplainedSignIn::from).collect(), next }
    }
}
