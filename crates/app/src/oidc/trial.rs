//! A sign-in on trial: an administrator passes all of it in the application's place, and sees every message, so that what is
//! wrong is seen as well. We send what the application would, take the code at an address of our own, redeem it, and ask the
//! userinfo endpoint; by the same use cases, with the same decision about whoever tries. What was given is void at the end.
//!
//! The address is registered with no application, so nobody else's request can name it; only [`begin`] makes one that does.

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::{Secret, constant_time_eq, digest::sha256, random};
use sallyport_model::{Action, id::ApplicationId};
use sallyport_store::{Once, Session};
use sallyport_wire::oidc::{
    ErrorCode, OAuthError, Params, Token, TokenReply, Verifier, left_half_hash, path, with_query,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Refused, Scheme, Turn, authorize,
    client::{Asker, Client},
    code::{self, Redeeming},
    grant::{ACCESS, Access, Grant},
    issuer,
    token::{self, Bound},
    userinfo::{self, access_id},
};
use crate::{
    AppError, Ctx,
    sso::trial::{Exchange, LIFE, Report, UNKNOWN},
};

/// Kind of a trial that goes on, and prefix of its `state`.
const TRIAL: &str = "spot";
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A trial that goes on.
#[derive(Serialize, Deserialize)]
struct Kept {
    application: ApplicationId,
    verifier: String,
    nonce: String,
    sent: Vec<(String, String)>,
}

/// Where a trial comes back to.
#[must_use]
pub fn back_at(ctx: &Ctx, application: ApplicationId) -> String {
    format!("{}/admin/applications/{application}/test/back", issuer(ctx))
}

/// Begins a trial, by whoever is signed in here.
///
/// # Errors
/// Denied, no such application, or it does not ask by OpenID Connect.
pub async fn begin(ctx: &Ctx, application: ApplicationId, session: &Session) -> Result<Turn, AppError> {
    ctx.allow(Action::ManageApplications)?;
    let client = client(ctx, application).await?;
    if !client.application.enabled {
        return Err(AppError::Conflict("it is disabled, so nobody is signed in to it".into()));
    }
    let (state, hash) = ctx.bearer(TRIAL)?;
    let word = || random::from_alphabet(&*ctx.org.random, ALPHABET, 64);
    let (verifier, nonce, back) = (word()?, word()?, back_at(ctx, application));
    let settings = &client.settings;
    let scope = settings.scopes.iter().cloned().collect::<Vec<_>>().join(" ");
    let sent: Vec<(String, String)> = [
        ("response_type", "code"),
        ("client_id", &client.application.ikey),
        ("redirect_uri", &back),
        ("scope", &scope),
        ("state", state.expose()),
        ("nonce", &nonce),
        ("code_challenge", &BASE64URL_NOPAD.encode(&sha256(verifier.as_bytes()))),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let pairs: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let query = with_query("", &pairs);
    let params = Params::from_query(query.trim_start_matches('?'))
        .map_err(|error| AppError::Internal(format!("a trial cannot be read: {error}")))?;
    let kept = Kept { application, verifier, nonce, sent };
    let once = Once {
        owner: session.user.to_string(),
        expires: ctx.now.plus(LIFE),
        used: None,
        doc: serde_json::to_string(&kept)?,
    };
    ctx.write(move |tx| Ok(tx.put_once(TRIAL, &hash, &once)?)).await?;
    authorize::in_place_of(ctx, client, params, &back, session).await
}

/// Goes on with what the browser brought back, which is a person's own.
///
/// # Errors
/// Denied, or something of ours failed. What the protocol refuses is in the report.
pub async fn finish(
    ctx: &Ctx,
    application: ApplicationId,
    came: Vec<(String, String)>,
    session: &Session,
) -> Result<Report, AppError> {
    ctx.allow(Action::ManageApplications)?;
    let field = |name: &str| came.iter().find(|(named, _)| named == name).map(|(_, value)| value.clone());
    let Some(state) = field("state") else { return Ok(Report::failed(UNKNOWN)) };
    let (hash, owner) = (ctx.org.keys.hash_token(TRIAL, &state), session.user.to_string());
    let found = ctx
        .write(move |tx| {
            let once = tx.find_once(TRIAL, &hash)?.filter(|once| once.owner == owner);
            let now = tx.ctx.now;
            Ok(if once.is_some() && tx.use_once(TRIAL, &hash, now)? { once } else { None })
        })
        .await?;
    let kept: Option<Kept> = found.map(|once| serde_json::from_str(&once.doc)).transpose()?;
    let Some(kept) = kept.filter(|kept| kept.application == application) else {
        return Ok(Report::failed(UNKNOWN));
    };
    let mut report = Report {
        exchanges: vec![Exchange {
            title: "Authorization",
            to: format!("{}{}", issuer(ctx), path::AUTHORIZE),
            sent: kept.sent.clone(),
            fields: came.iter().map(|(name, value)| (name.clone(), shortened(name, value))).collect(),
            ..Exchange::default()
        }],
        checks: vec![(
            "The answer names us as its issuer (RFC 9207)",
            field("iss").as_deref() == Some(issuer(ctx)),
        )],
        problem: None,
    };
    if let Some(error) = field("error") {
        let why = field("error_description").unwrap_or_default();
        report.problem = Some(format!("{error}: {why}"));
        return Ok(report);
    }
    let Some(code) = field("code") else {
        report.problem = Some("the answer has neither a code nor an error".into());
        return Ok(report);
    };
    match redeemed(ctx, &kept, &code, &mut report).await {
        Ok(()) => {}
        Err(Refused::OAuth(error)) => report.problem = Some(in_words(&error)),
        Err(Refused::App(error)) => return Err(error),
    }
    Ok(report)
}

fn in_words(error: &OAuthError) -> String {
    format!("{}: {}", error.error.as_str(), error.error_description)
}

async fn client(ctx: &Ctx, application: ApplicationId) -> Result<std::sync::Arc<Client>, AppError> {
    let asking = ctx.clone();
    let found = ctx
        .read(move |reader| {
            let found = asking.org.view.application(reader, application)?;
            let found = found.ok_or_else(|| AppError::not_found("application", application))?;
            asking.org.view.client(reader, &found.ikey)
        })
        .await?;
    found.ok_or_else(|| AppError::Conflict("it does not ask by OpenID Connect".into()))
}

/// Redeems the code, looks at what came, and asks the userinfo endpoint.
async fn redeemed(ctx: &Ctx, kept: &Kept, code: &str, report: &mut Report) -> Result<(), Refused> {
    let client = client(ctx, kept.application).await?;
    let back = back_at(ctx, kept.application);
    let sent = vec![
        ("grant_type".to_owned(), "authorization_code".to_owned()),
        ("code".to_owned(), shortened("code", code)),
        ("redirect_uri".to_owned(), back.clone()),
        ("code_verifier".to_owned(), kept.verifier.clone()),
    ];
    let redeeming = Redeeming {
        code: Secret::from(code),
        redirect_uri: Some(back),
        verifier: Verifier::read(&kept.verifier),
    };
    let bound = Bound::of(ctx, None, "POST", path::TOKEN, None)?;
    let given = code::redeem(ctx, Asker::in_place_of(client), redeeming, bound).await?;
    let reply = token::reply(ctx, given).await?;
    report.exchanges.push(Exchange {
        title: "Token",
        to: format!("{}{}", issuer(ctx), path::TOKEN),
        sent,
        document: Some(document(&shortened_reply(&reply)?)),
        ..Exchange::default()
    });
    let subject = match &reply.id_token {
        Some(id_token) => looked_at(ctx, kept, id_token, &reply.access_token, report).await?,
        None => None,
    };
    let told = userinfo::userinfo(ctx, Scheme::Bearer, &reply.access_token, None, "GET").await;
    end(ctx, &reply.access_token).await?;
    let told = match told {
        // Without `openid` there is nothing about a person to be had.
        Err(Refused::OAuth(error)) if error.error == ErrorCode::InsufficientScope => return Ok(()),
        told => Value::Object(told?),
    };
    let same = subject.is_none() || told.get("sub") == subject.as_ref();
    report.checks.push(("The userinfo endpoint and the ID token name the same person", same));
    report.exchanges.push(Exchange {
        title: "Userinfo",
        to: format!("{}{}", issuer(ctx), path::USERINFO),
        sent: vec![("authorization".to_owned(), "Bearer …".to_owned())],
        document: Some(document(&told)),
        ..Exchange::default()
    });
    Ok(())
}

/// Looks at the ID token as an application has to (OpenID Connect Core, section 3.1.3.7), and answers whom it names.
async fn looked_at(
    ctx: &Ctx,
    kept: &Kept,
    id_token: &str,
    access_token: &str,
    report: &mut Report,
) -> Result<Option<Value>, AppError> {
    let part = |nth: usize| {
        let part = id_token.split('.').nth(nth).unwrap_or_default();
        let bytes = BASE64URL_NOPAD.decode(part.as_bytes()).unwrap_or_default();
        serde_json::from_slice::<Value>(&bytes).unwrap_or(Value::Null)
    };
    let (header, claims) = (part(0), part(1));
    for (title, value) in [("Header of the ID token", &header), ("Claims of the ID token", &claims)] {
        let document = Some(document(value));
        report.exchanges.push(Exchange { title, document, ..Exchange::default() });
    }
    let keys = crate::signing_key::published(ctx).await?;
    let read = Token::read(id_token).ok();
    let verified = read.as_ref().is_some_and(|token| {
        token.verified(&[Some("JWT")], keys.candidates(token.alg(), token.kid())).is_ok()
    });
    let says = |name: &str, value: &str| claims.get(name).and_then(Value::as_str) == Some(value);
    let hash = read.as_ref().map(|token| left_half_hash(token.alg(), access_token)).unwrap_or_default();
    let client_id = kept.sent.iter().find(|(name, _)| name == "client_id").map_or("", |(_, id)| id.as_str());
    let nonce = claims.get("nonce").and_then(Value::as_str).unwrap_or_default();
    let lasts = claims.get("exp").and_then(Value::as_i64).is_some_and(|exp| exp > ctx.now.unix_seconds());
    report.checks.extend([
        ("The ID token is signed by a key that we publish", verified),
        ("Its issuer is the one that discovery names", says("iss", issuer(ctx))),
        ("It is for this application (aud)", says("aud", client_id)),
        ("It answers this very request (nonce)", constant_time_eq(nonce.as_bytes(), kept.nonce.as_bytes())),
        ("It is not over (exp)", lasts),
        ("It belongs to the access token (at_hash)", says("at_hash", &hash)),
    ]);
    Ok(claims.get("sub").cloned())
}

/// Ends what was given.
async fn end(ctx: &Ctx, access_token: &str) -> Result<(), AppError> {
    let Some(id) = access_id(ctx, access_token).await? else { return Ok(()) };
    ctx.write(move |tx| {
        let now = tx.ctx.now;
        let Some(once) = tx.find_once(ACCESS, &id)? else { return Ok(()) };
        let access: Access = serde_json::from_str(&once.doc)?;
        match access.grant.map(|grant| Grant::find(tx, &grant, now)).transpose()?.flatten() {
            Some(grant) => grant.end(tx),
            None => Ok(()),
        }
    })
    .await
}

/// A reply as it is shown: tokens are recognised, and cannot be used.
fn shortened_reply(reply: &TokenReply) -> Result<Value, AppError> {
    let mut shown = serde_json::to_value(reply)?;
    for name in ["access_token", "id_token", "refresh_token"] {
        if let Some(Value::String(token)) = shown.get_mut(name) {
            *token = shortened("code", token);
        }
    }
    Ok(shown)
}

fn shortened(name: &str, value: &str) -> String {
    match name {
        "code" => format!("{}…", value.chars().take(12).collect::<String>()),
        _ => value.to_owned(),
    }
}

fn document(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
