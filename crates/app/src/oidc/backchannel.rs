//! Telling applications that a session has ended (OpenID Connect Back-Channel Logout 1.0): whatever ended it makes the telling
//! due in the same write; here it is done, again and later where an application does not answer.

use std::{sync::Arc, time::Duration};

use sallyport_connect::{
    http::{Call, Limits, Method},
    outbound::Url,
};
use sallyport_model::{Application, Span};
use sallyport_store::Participant;
use sallyport_wire::oidc::{signed, with_query};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Client, grant::subject, issuer};
use crate::{AppError, Ctx, Org, Tx, sso::Passage};

/// Rung when there may be somebody to tell.
pub(crate) const BELL: &str = "sessions ended";
/// How often is looked, if no bell rings: sessions end on other nodes too.
const ROUND: Duration = Duration::from_secs(2);
/// Told at once.
const AT_ONCE: i64 = 32;
/// How long a node has somebody to tell to itself.
const LEASE: Span = Span::minutes(1);
/// The first wait before it is tried again; it doubles. After so many tries nobody can say that it was not tried.
const FIRST_WAIT: i64 = 15;
const MOST_TRIES: i64 = 8;
/// How long a logout token is good.
const LIFE: Span = Span::minutes(2);
const PATIENCE: Limits = Limits { time: Duration::from_secs(10), bytes: 64 * 1024 };
/// What the token says that it is about.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// By what an application knows whose session ended.
#[derive(Serialize, Deserialize)]
struct Known {
    subject: String,
}

/// Notes that an application that wants to be told has been reached from a session.
pub(super) fn note(tx: &mut Tx<'_, '_>, client: &Client, passage: &Passage) -> Result<(), AppError> {
    if client.settings.backchannel_logout_uri.is_none() {
        return Ok(());
    }
    let known = Known { subject: subject(tx.ctx, client, passage.user.id) };
    let participant = Participant {
        session: passage.session,
        application: client.application.id,
        owner: passage.user.id,
        due: sallyport_model::Time(0),
        tries: 0,
        doc: serde_json::to_string(&known)?,
    };
    Ok(tx.put_participant(&participant, passage.expires)?)
}

/// Tells whoever is to be told, until `stop` completes. Being stopped in the middle loses nothing.
pub async fn run(org: Arc<Org>, stop: impl Future<Output = ()>) {
    tokio::select! {
        () = stop => {}
        () = keep(&org) => {}
    }
}

async fn keep(org: &Arc<Org>) {
    let listener = org.bells.listen(BELL.to_owned());
    loop {
        match tell(&Ctx::system(org, "back-channel logout")).await {
            Ok(true) => {}
            Ok(false) => listener.rung(ROUND).await,
            Err(error) => {
                tracing::error!(%error, "applications cannot be told of ended sessions; it is tried again");
                listener.rung(ROUND).await;
            }
        }
    }
}

/// Tells those who are to be told by now; whether there was anybody.
///
/// # Errors
/// The store's.
pub async fn tell(ctx: &Ctx) -> Result<bool, AppError> {
    let now = ctx.now;
    let due = ctx.read(move |reader| Ok(reader.due_participants(now, AT_ONCE)?)).await?;
    let any = !due.is_empty();
    let mut told = tokio::task::JoinSet::new();
    for participant in due {
        let ctx = ctx.clone();
        told.spawn(async move { tell_one(&ctx, participant).await });
    }
    while let Some(done) = told.join_next().await {
        match done {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "an application cannot be told of an ended session"),
            Err(error) => tracing::error!(%error, "telling an application broke off"),
        }
    }
    Ok(any)
}

async fn tell_one(ctx: &Ctx, participant: Participant) -> Result<(), AppError> {
    let (taken, until) = (participant.clone(), ctx.now.plus(LEASE));
    let client = ctx
        .write(move |tx| {
            if !tx.take_participant(&taken, until)? {
                return Ok(None);
            }
            let ikey = tx.find::<Application>(taken.application)?.map(|found| found.value.ikey);
            let client = match ikey {
                Some(ikey) => Client::find(tx, &ikey)?,
                None => None,
            };
            if client.is_none() {
                tx.delete_participant(&taken)?;
            }
            Ok(client)
        })
        .await?;
    let Some(client) = client else { return Ok(()) };
    let held = Participant { due: until, tries: participant.tries + 1, ..participant };
    let outcome = send(ctx, &client, &held).await;
    let name = client.application.name.clone();
    ctx.write(move |tx| {
        match &outcome {
            Ok(()) => tx.delete_participant(&held)?,
            Err(why) if held.tries >= MOST_TRIES => {
                tracing::error!(
                    application = name,
                    why,
                    "an application was not told of an ended session; given up"
                );
                tx.delete_participant(&held)?;
            }
            Err(why) => {
                tracing::warn!(application = name, why, "an application was not told of an ended session");
                let wait = FIRST_WAIT.saturating_mul(1 << held.tries.clamp(0, 16));
                let again = tx.ctx.now.plus(Span::seconds(wait));
                tx.take_participant(&held, again)?;
            }
        }
        Ok(())
    })
    .await
}

async fn send(ctx: &Ctx, client: &Client, participant: &Participant) -> Result<(), String> {
    let Some(uri) = &client.settings.backchannel_logout_uri else { return Ok(()) };
    let url: Url = uri.as_str().parse().map_err(|error| format!("{error}"))?;
    let known: Known = serde_json::from_str(&participant.doc).map_err(|error| error.to_string())?;
    let token = token(ctx, client, participant, &known).await.map_err(|error| error.to_string())?;
    let body = with_query("", &[("logout_token", &token)]).trim_start_matches('?').as_bytes().to_vec();
    let call = Call {
        method: Method::POST,
        path: url.path(),
        headers: &[],
        body: Some(("application/x-www-form-urlencoded", body)),
    };
    let answer = ctx.org.outbound.send(&url, call, PATIENCE).await.map_err(|error| error.to_string())?;
    if answer.is_success() { Ok(()) } else { Err(format!("it answered {}", answer.status)) }
}

async fn token(
    ctx: &Ctx,
    client: &Client,
    participant: &Participant,
    known: &Known,
) -> Result<String, AppError> {
    let (asking, algorithm) = (ctx.clone(), client.settings.signing_algorithm);
    let signer = ctx.read(move |reader| asking.org.view.signer(reader, &asking, algorithm)).await?;
    let now = ctx.now.unix_seconds();
    let claims = json!({
        "iss": issuer(ctx),
        "sub": known.subject,
        "aud": client.application.ikey,
        "iat": now,
        "exp": now + LIFE.as_seconds(),
        "jti": ctx.uuid()?.simple().to_string(),
        "events": { EVENT: {} },
        "sid": participant.session.to_string(),
    });
    signed(&signer.key, &signer.kid, "logout+jwt", &claims)
        .ok_or_else(|| AppError::Internal("nothing could be signed".into()))
}
