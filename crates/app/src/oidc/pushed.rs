//! Pushed authorization requests (RFC 9126): a client says beforehand, and with proof of who it is, what the browser it sends
//! will ask for. The browser brings a name that is good for one code: whoever loads the page again before that comes again.

use sallyport_model::{Span, Time};
use sallyport_store::Once;
use sallyport_wire::oidc::{AuthorizeRequest, Params, Sent, path, pushed_uri};
use serde::{Deserialize, Serialize};

use super::{
    Refused,
    authorize::{REQUEST_LIFE, allowed, registered},
    client::{Asker, Client},
    token::Bound,
};
use crate::{AppError, Ctx, Tx};

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
    /// Until when a browser may come with it. It is remembered longer, to be spent when the code is given.
    comes_until: Time,
}

/// A pushed request, and what spends it.
pub(super) struct Found {
    pub(super) request: AuthorizeRequest,
    pub(super) hash: String,
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
    let (client_id, comes_until) = (asker.client.application.ikey.clone(), ctx.now.plus(LIFE));
    let stored = Stored { client_id, request, comes_until };
    let once = Once {
        owner: asker.client.application.id.to_string(),
        expires: comes_until.plus(REQUEST_LIFE),
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

/// The request of this name, as long as it is good. None for one of another client, or whose address was taken away meanwhile.
pub(super) async fn find(ctx: &Ctx, client: &Client, name: &str) -> Result<Option<Found>, AppError> {
    let (hash, now) = (ctx.org.keys.hash_token(PUSHED, name), ctx.now);
    let looked_for = hash.clone();
    let once = ctx.read(move |reader| Ok(reader.find_once(PUSHED, &looked_for)?)).await?;
    let Some(once) = once.filter(|once| once.used.is_none()) else { return Ok(None) };
    let Stored { client_id, request, comes_until } = serde_json::from_str(&once.doc)?;
    let is_theirs = client_id == client.application.ikey && comes_until >= now;
    let is_registered =
        client.application.redirect_uris.iter().any(|uri| uri.as_str() == request.redirect_uri);
    Ok((is_theirs && is_registered).then_some(Found { request, hash }))
}

/// Spends the one that this stands for; whether it was still good.
pub(super) fn spend(tx: &mut Tx<'_, '_>, hash: &str) -> Result<bool, AppError> {
    let now = tx.ctx.now;
    Ok(tx.use_once(PUSHED, hash, now)?)
}
