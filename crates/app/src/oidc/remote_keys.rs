//! Public keys of relying parties that publish them at an address of theirs: fetched by the one egress client, kept for a
//! while, and fetched anew for a key that is not known yet, but not more often than once a minute.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sallyport_connect::{
    http::{Call, Limits, Method},
    outbound::Url,
};
use sallyport_model::{RedirectUri, Span, Time};
use sallyport_wire::oidc::{ErrorCode, JwkSet};

use super::Refused;
use crate::Ctx;

/// How long keys are kept.
const KEPT: Span = Span::minutes(10);
/// How long after a look nobody looks again for a key that is not there.
const LOOKED: Span = Span::minutes(1);
/// Most addresses that are remembered.
const MOST: usize = 1000;
const PATIENCE: Limits = Limits { time: Duration::from_secs(5), bytes: 64 * 1024 };

/// What was fetched, by address.
#[derive(Default)]
pub struct RemoteKeys(Mutex<HashMap<String, (Arc<JwkSet>, Time)>>);

impl RemoteKeys {
    /// The keys at this address, with the one of this name if it is there.
    pub(super) async fn at(
        &self,
        ctx: &Ctx,
        uri: &RedirectUri,
        kid: Option<&str>,
    ) -> Result<Arc<JwkSet>, Refused> {
        let known = self.known().get(uri.as_str()).cloned();
        if let Some((keys, fetched)) = known {
            let has = kid.is_none() || keys.0.iter().any(|key| key.kid.as_deref() == kid);
            let age = ctx.now.since(fetched);
            if (has && age <= KEPT) || age <= LOOKED {
                return Ok(keys);
            }
        }
        let keys = Arc::new(fetch(ctx, uri).await.map_err(|why| {
            tracing::warn!(
                request = &*ctx.request,
                uri = uri.as_str(),
                why,
                "keys of a client cannot be had"
            );
            Refused::new(ErrorCode::InvalidClient, "the keys at the client's jwks_uri cannot be had")
        })?);
        let mut all = self.known();
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(uri.as_str().to_owned(), (Arc::clone(&keys), ctx.now));
        Ok(keys)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Arc<JwkSet>, Time)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn fetch(ctx: &Ctx, uri: &RedirectUri) -> Result<JwkSet, String> {
    let url: Url = uri.as_str().parse().map_err(|error| format!("{error}"))?;
    let call = Call {
        method: Method::GET,
        path: url.path(),
        headers: &[("accept", "application/json")],
        body: None,
    };
    let answer = ctx.org.outbound.send(&url, call, PATIENCE).await.map_err(|error| error.to_string())?;
    if !answer.is_success() {
        return Err(format!("it answered {}", answer.status));
    }
    JwkSet::read(&answer.body).map_err(|error| error.to_string())
}
