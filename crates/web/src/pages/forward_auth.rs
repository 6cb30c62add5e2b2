//! Where a proxy leads people who are not known at an application's host, and where they go back from.

use axum::{
    Router,
    extract::RawQuery,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use sallyport_app::forward_auth::{Turn, begin};
use sallyport_wire::oidc::Params;

use super::{
    fields::encode,
    guard::Visitor,
    oidc::{asked_at, over},
    refusal::Refusal,
};
use crate::{State, forward_auth::BEGIN};

/// Longest parameters that are read.
const LONGEST_ADDRESS: usize = 4096;
const LONGEST_DIGEST: usize = 64;

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/forward-auth/begin", get(show))
}

async fn show(came: Visitor, RawQuery(query): RawQuery) -> Result<Response, Refusal> {
    let params = Params::from_query(query.as_deref().unwrap_or_default()).ok();
    let said = |name, longest| params.as_ref().and_then(|params| params.line(name, longest).ok().flatten());
    let to = said("to", LONGEST_ADDRESS).unwrap_or_default();
    let browser = said("browser", LONGEST_DIGEST).unwrap_or_default();
    match begin(&came.door.ctx, &to, &browser, came.session()).await? {
        Turn::Ask(ask) => {
            Ok(asked_at(&format!("{BEGIN}?to={}&browser={}", encode(&to), encode(&browser)), ask))
        }
        Turn::Back(url) => Ok(Redirect::to(&url).into_response()),
        Turn::NotBegun => {
            let text =
                "This way begins at the application: open its own address, and sign-in follows from there.";
            Err(Refusal::no_way_on(text.into()))
        }
        Turn::Over { application, origin, text } => Ok(over(&came, application, text, format!("{origin}/"))),
        Turn::Unknown => {
            let text = "No application here has this address. Its origin has to stand on its page, as browsers send it.";
            Err(Refusal::no_way_on(text.into()))
        }
    }
}
