//! Where a proxy leads people who are not known at an application's host, and where they go back from.

use axum::{
    Router,
    extract::RawQuery,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use sallyport_app::forward_auth::{Turn, begin};

use super::{
    fields::encode,
    guard::Visitor,
    oidc::{asked_at, over},
    refusal::Refusal,
};
use crate::{State, forward_auth::BEGIN};

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/forward-auth/begin", get(show))
}

async fn show(came: Visitor, RawQuery(query): RawQuery) -> Result<Response, Refusal> {
    let to = wanted(query.as_deref().unwrap_or_default());
    match begin(&came.door.ctx, &to, came.session()).await? {
        Turn::Ask(ask) => Ok(asked_at(&format!("{BEGIN}?to={}", encode(&to)), ask)),
        Turn::Back(url) => Ok(Redirect::to(&url).into_response()),
        Turn::Over { application, origin, text } => Ok(over(&came, application, text, format!("{origin}/"))),
        Turn::Unknown => {
            let text = "No application here has this address. Its origin has to stand on its page, as browsers send it.";
            Err(Refusal::no_way_on(text.into()))
        }
    }
}

/// Where somebody wanted to go. nginx cannot encode what it puts into an address, so what is not encoded is taken whole.
fn wanted(query: &str) -> String {
    let given = query.strip_prefix("to=").unwrap_or_default();
    if given.contains("://") {
        return given.to_owned();
    }
    let params = sallyport_wire::oidc::Params::from_query(query).ok();
    params.and_then(|params| params.line("to", 4096).ok().flatten()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_with_its_query_whether_it_is_encoded_or_not() {
        let address = "https://wiki.example/a?b=c&d=e";
        assert_eq!(wanted(&format!("to={address}")), address);
        assert_eq!(wanted(&format!("to={}&at=x&level=y", encode(address))), address);
        assert_eq!(wanted("too=x"), "");
    }
}
