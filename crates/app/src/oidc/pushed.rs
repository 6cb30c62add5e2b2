//! Pushed authorization requests (RFC 9126): a client says beforehand, and with proof of who it is, what the browser it sends
//! will ask for. The browser brings a name that is good once.

use sallyport_model::Span;
use sallyport_store::Once;
use sallyport_wire::oidc::{AuthorizeRequest, Params, Sent, path, pushed_uri};
use serde::{Deserialize, Serialize};

use super::{
    Refused,
    authorize::{allowed, registered},
    client::{Asker, Client},
    token::Bound,
};
use crate::{AppError, Ctx};

/// Kind of a pushed request, and prefix of its name.
const PUSHED: &str = "spop";
/// The browser is sent at once.
const LIFE: Span = Span::seconds(90);

/// What a client is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pushed {
    pub request_uri: String,
    pub expires_in: i64,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    client_id: String,
    request: AuthorizeRequest,
}

/// Keeps a request for the browser that is to come.
///
/// # Errors
/// In the words of the protocol; busy, or something of ours failed.
pub async fn push(
    ctx: &Ctx,
    authorization: Option<&str>,
    dpop: Option<&str>,
    params: Params,
) -> Result<Pushed, Refused> {
    let asker = Asker::of(ctx, authorization, &params, path::PAR).await?;
    let bound = Bound::of(ctx, dpop, "POST", path::PAR, None)?;
    let sent = Sent::pushed(params, &asker.client.application.ikey)?;
    let uri = registered(&asker.client, &sent)?.as_str().to_owned();
    let mut request = allowed(&asker.client, sent.request(uri)?)?;
    match (bound.jkt(), &request.dpop_jkt) {
        (Some(jkt), Some(said)) if jkt != said => {
            let text = "dpop_jkt is another key than that of the proof";
            return Err(Refused::new(sallyport_wire::oidc::ErrorCode::InvalidRequest, text));
        }
        (Some(jkt), _) => request.dpop_jkt = Some(jkt.to_owned()),
        (None, _) => {}
    }
    let (name, hash) = ctx.bearer(PUSHED)?;
    let stored = Stored { client_id: asker.client.application.ikey.clone(), request };
    let once = Once {
        owner: asker.client.application.id.to_string(),
        expires: ctx.now.plus(LIFE),
        used: None,
        doc: serde_json::to_string(&stored).map_err(AppError::from)?,
    };
    ctx.write(move |tx| {
        if let Err(error) = asker.spend(tx)? {
            return Ok(Err(error));
        }
        if let Err(error) = bound.spend(tx)? {
            return Ok(Err(error));
        }
        tx.put_once(PUSHED, &hash, &once)?;
        Ok(Ok(()))
    })
    .await??;
    Ok(Pushed { request_uri: pushed_uri(name.expose()), expires_in: LIFE.as_seconds() })
}

/// The request of this name, which is spent with it. None for one of another client, or whose address was taken away meanwhile.
pub(super) async fn take(
    ctx: &Ctx,
    client: &Client,
    name: &str,
) -> Result<Option<AuthorizeRequest>, AppError> {
    let (hash, client_id) = (ctx.org.keys.hash_token(PUSHED, name), client.application.ikey.clone());
    let request = ctx
        .write(move |tx| {
            let Some(once) = tx.find_once(PUSHED, &hash)? else { return Ok(None) };
            let stored: Stored = serde_json::from_str(&once.doc)?;
            let now = tx.ctx.now;
            let is_theirs = stored.client_id == client_id && tx.use_once(PUSHED, &hash, now)?;
            Ok(is_theirs.then_some(stored.request))
        })
        .await?;
    let is_registered = |request: &AuthorizeRequest| {
        client.application.redirect_uris.iter().any(|uri| uri.as_str() == request.redirect_uri)
    };
    Ok(request.filter(is_registered))
}
