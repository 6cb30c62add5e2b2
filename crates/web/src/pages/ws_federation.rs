//! Where a browser comes from an application that asks by WS-Federation. What decides is [`sallyport_app::saml::ws_federation`]; where
//! it goes on and back from is as with SAML.

use axum::{
    Form, Router,
    extract::{FromRequest, FromRequestParts as _, Path, Request},
    http::{HeaderValue, Method, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use sallyport_app::saml::{
    Turn,
    ws_federation::{begin, metadata},
};
use sallyport_model::id::ApplicationId;

use super::{
    guard::Visitor,
    refusal::Refusal,
    saml::{KEPT, continued, show_turn},
};
use crate::State;

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/ws-federation/{application}", get(ask).post(ask)).route(
        "/ws-federation/{application}/FederationMetadata/2007-06/FederationMetadata.xml",
        get(describe),
    )
}

/// What another site sent here, in the address or in a form, with whoever may be signed in.
struct Sent {
    came: Visitor,
    pairs: Vec<(String, String)>,
    posted: bool,
}

impl FromRequest<State> for Sent {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &State) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let came = Visitor::from_request_parts(&mut parts, state).await?;
        let posted = parts.method == Method::POST;
        // A form of axum is read from the address where the request has no body.
        let form = Form::<Vec<(String, String)>>::from_request(Request::from_parts(parts, body), state).await;
        let Form(pairs) = form.map_err(|_| Refusal::no_way_on("The request cannot be read.".into()))?;
        Ok(Self { came, pairs, posted })
    }
}

async fn ask(Path(id): Path<ApplicationId>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { came, pairs, posted } = sent;
    match begin(&came.door.ctx, id, &pairs, came.session()).await? {
        // Another site's form brings no cookie of ours: whether somebody is signed in is seen on the next request.
        Turn::Ask { ticket, .. } if posted && came.portal.is_none() => {
            Ok(Redirect::to(&continued(&ticket)).into_response())
        }
        turn @ (Turn::Ask { .. } | Turn::Back(_) | Turn::Leave | Turn::Nowhere(_) | Turn::Over { .. }) => {
            show_turn(&came, turn)
        }
    }
}

/// Our metadata for an application.
async fn describe(
    crate::call::Anyone(ctx): crate::call::Anyone,
    Path(id): Path<ApplicationId>,
) -> Result<Response, Refusal> {
    let document = metadata(&ctx, id).await?;
    let kind = HeaderValue::from_static("application/samlmetadata+xml");
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, KEPT)], document).into_response())
}
