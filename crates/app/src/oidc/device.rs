//! Device authorization (RFC 8628): an application without a browser shows a short code, which a person types in a browser of
//! theirs. Whoever sends somebody such a code wants them to open a door for somebody else, so the page says who asks and from
//! where, and that nobody is to type a code that they were sent.

use sallyport_crypto::{Secret, random};
use sallyport_model::{Span, Time, id::SignInId, oidc::OidcGrant, policy::Country};
use sallyport_store::{Once, Reader, Session};
use sallyport_wire::oidc::{ErrorCode, OAuthError, Params, Scope, path};
use serde::{Deserialize, Serialize};

use super::{
    Refused,
    client::{Asker, Client},
    grant::{ACCESS, Draft, Grant, REFRESH},
    issuer,
    token::{Bound, Given, put_tokens},
};
use crate::{
    AppError, Ctx, Phrase, Tx,
    budget::{self, Cap},
    sso::{self, Ask, Level, Standing, Wanted},
};

/// Kind of a device code, and its prefix; and of the code that is typed.
const DEVICE: &str = "spod";
const TYPED: &str = "oidc_user_code";
const LIFE: Span = Span::minutes(10);
/// How long a client waits between two questions, in seconds; and how much longer once it did not.
const INTERVAL: i64 = 5;
const SLOWER: i64 = 5;
/// Letters that are not mistaken for others and make no words.
const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
/// Wrong codes that one person types in ten minutes.
const MOST_WRONG: i64 = 5;

/// What the application is told.
#[derive(Debug, Clone, Serialize)]
pub struct DeviceReply {
    pub device_code: String,
    pub user_code: String,
    pub verification_uri: String,
    pub verification_uri_complete: String,
    pub expires_in: i64,
    pub interval: i64,
}

/// An application that waits for somebody.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Waiting {
    client_id: String,
    scope: Scope,
    typed: String,
    /// From where it asked.
    source: Option<String>,
    country: Option<Country>,
    asked: Time,
    last_poll: Time,
    interval: i64,
    answer: Option<Answer>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Answer {
    No,
    Yes(Box<Grant>),
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirming {
    pub application: String,
    pub scopes: Vec<String>,
    /// As it is shown at the device.
    pub code: String,
    pub source: Option<String>,
    pub country: Option<Country>,
    pub asked: Time,
}

/// What comes of a code that somebody typed, or of their answer.
#[derive(Debug)]
pub enum DeviceTurn {
    Confirm(Confirming),
    /// Something has to be passed first.
    Ask(Ask),
    /// The application goes on by itself.
    Done {
        application: String,
        yes: bool,
    },
    Denied {
        application: String,
        text: Phrase,
    },
    /// There is no such code, or no more.
    Wrong,
    TooMany,
}

/// Begins, for an application that has no browser.
///
/// # Errors
/// In the words of the protocol; busy, or something of ours failed.
pub async fn begin(ctx: &Ctx, authorization: Option<&str>, params: &Params) -> Result<DeviceReply, Refused> {
    let asker = Asker::of(ctx, authorization, params, path::DEVICE_AUTHORIZATION).await?;
    asker.client.demand(OidcGrant::DeviceCode)?;
    let scope = match params.line("scope", 2048)? {
        Some(text) => Scope::read(&text)?.and(&asker.client.settings.scopes),
        None => Scope::default(),
    };
    let (device_code, hash) = ctx.bearer(DEVICE)?;
    let letters = random::from_alphabet(&*ctx.org.random, LETTERS, 8).map_err(AppError::from)?;
    let waiting = Waiting {
        client_id: asker.client.application.ikey.clone(),
        scope,
        typed: typed_hash(ctx, &letters),
        source: ctx.source.map(|source| source.to_string()),
        country: ctx.org.places.of(ctx.source).country,
        asked: ctx.now,
        last_poll: Time(0),
        interval: INTERVAL,
        answer: None,
    };
    let (owner, expires) = (asker.client.application.id.to_string(), ctx.now.plus(LIFE));
    ctx.write(move |tx| {
        if let Err(error) = asker.spend(tx)? {
            return Ok(Err(error));
        }
        let doc = serde_json::to_string(&waiting)?;
        tx.put_once(DEVICE, &hash, &Once { owner: owner.clone(), expires, used: None, doc })?;
        let typed = Once { owner: owner.clone(), expires, used: None, doc: hash.clone() };
        tx.put_once(TYPED, &waiting.typed, &typed)?;
        Ok(Ok(()))
    })
    .await??;
    let user_code = shown(&letters);
    let verification_uri = format!("{}/device", issuer(ctx));
    Ok(DeviceReply {
        device_code: device_code.expose().to_owned(),
        verification_uri_complete: format!("{verification_uri}?user_code={user_code}"),
        user_code,
        verification_uri,
        expires_in: LIFE.as_seconds(),
        interval: INTERVAL,
    })
}

/// As people read it: in two halves.
fn shown(letters: &str) -> String {
    let (front, back) = letters.split_at_checked(4).unwrap_or((letters, ""));
    format!("{front}-{back}")
}

/// What was typed, in whatever case and with whatever between.
fn letters(typed: &str) -> Option<String> {
    let letters: String =
        typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    (letters.len() == 8 && letters.bytes().all(|byte| LETTERS.contains(&byte))).then_some(letters)
}

fn typed_hash(ctx: &Ctx, letters: &str) -> String {
    ctx.org.keys.hash_token(TYPED, letters)
}

/// What waits under a code, with the place it is kept at.
fn find(reader: &mut Reader, typed: &str, now: Time) -> Result<Option<(String, Waiting, Time)>, AppError> {
    let Some(once) = reader.find_once(TYPED, typed)?.filter(|once| once.expires >= now) else {
        return Ok(None);
    };
    let hash = once.doc;
    let Some(once) = reader.find_once(DEVICE, &hash)? else { return Ok(None) };
    let waiting: Waiting = serde_json::from_str(&once.doc)?;
    let is_open = waiting.answer.is_none() && once.used.is_none() && once.expires >= now;
    Ok(is_open.then_some((hash, waiting, once.expires)))
}

/// Looks at what waits under a code that somebody typed who is signed in. Wrong ones are counted.
///
/// # Errors
/// Busy, or something of ours failed.
pub async fn ask(ctx: &Ctx, session: &Session, typed: &str) -> Result<DeviceTurn, AppError> {
    let (session, letters) = (session.clone(), letters(typed));
    ctx.write(move |tx| {
        let Some((client, waiting, ..)) = typed_by(tx, &session, letters.as_deref())? else {
            return wrong(tx, &session);
        };
        let code = letters.as_deref().map(shown).unwrap_or_default();
        Ok(DeviceTurn::Confirm(Confirming {
            application: client.application.name.clone(),
            scopes: waiting.scope.words().map(str::to_owned).collect(),
            code,
            source: waiting.source,
            country: waiting.country,
            asked: waiting.asked,
        }))
    })
    .await
}

type Found = (std::sync::Arc<Client>, Waiting, String, Time);

fn typed_by(
    tx: &mut Tx<'_, '_>,
    session: &Session,
    letters: Option<&str>,
) -> Result<Option<Found>, AppError> {
    let (ctx, now) = (tx.ctx, tx.ctx.now);
    if guesses(session).is_spent(tx, now)? {
        return Ok(None);
    }
    let Some(letters) = letters else { return Ok(None) };
    let Some((hash, waiting, expires)) = find(tx, &typed_hash(ctx, letters), now)? else { return Ok(None) };
    let client = ctx.org.view.client(tx, &waiting.client_id)?;
    let client = client.filter(|client| client.application.enabled);
    Ok(client.map(|client| (client, waiting, hash, expires)))
}

fn guesses(session: &Session) -> Cap<()> {
    let bucket = format!("device_code {}", session.user);
    Cap { bucket, adds: 1, most: MOST_WRONG, window: Span::minutes(10), spent: () }
}

fn wrong(tx: &mut Tx<'_, '_>, session: &Session) -> Result<DeviceTurn, AppError> {
    Ok(match budget::count(tx, [guesses(session)])? {
        Ok(()) => DeviceTurn::Wrong,
        Err(()) => DeviceTurn::TooMany,
    })
}

/// The person's answer. A yes is decided as every sign-in to that application is.
///
/// # Errors
/// Busy, or something of ours failed.
pub async fn decide(ctx: &Ctx, session: &Session, typed: &str, yes: bool) -> Result<DeviceTurn, AppError> {
    let (session, letters) = (session.clone(), letters(typed));
    let (id, grant_id) = (ctx.id(SignInId::new)?, ctx.uuid()?.simple().to_string());
    ctx.write(move |tx| {
        let Some((client, waiting, hash, expires)) = typed_by(tx, &session, letters.as_deref())? else {
            return wrong(tx, &session);
        };
        let ctx = tx.ctx;
        let application = &client.application;
        let name = application.name.clone();
        let answer = if yes {
            let to = sso::resource(application);
            let wanted = Wanted { to: &to, since: None, level: Level::OneDoor };
            match sso::stand(tx, ctx, &session, wanted)? {
                Standing::Through(passage) => {
                    sso::note(tx, id, application, &passage)?;
                    let scope = waiting.scope.clone();
                    Answer::Yes(Box::new(Grant::of(&client, &passage, grant_id.clone(), scope, ctx.now)))
                }
                Standing::Denied(denial) => {
                    sso::note_denial(tx, id, to, &session, &denial)?;
                    return Ok(DeviceTurn::Denied { application: name, text: denial.text });
                }
                Standing::Ask(ask) => return Ok(DeviceTurn::Ask(ask)),
            }
        } else {
            Answer::No
        };
        let decided = Waiting { answer: Some(answer), ..waiting };
        put(tx, &hash, &client, &decided, expires)?;
        tx.delete_once(TYPED, &decided.typed)?;
        Ok(DeviceTurn::Done { application: name, yes })
    })
    .await
}

fn put(
    tx: &mut Tx<'_, '_>,
    hash: &str,
    client: &Client,
    waiting: &Waiting,
    expires: Time,
) -> Result<(), AppError> {
    let (owner, doc) = (client.application.id.to_string(), serde_json::to_string(waiting)?);
    tx.replace_once(DEVICE, hash, &Once { owner, expires, used: None, doc })?;
    Ok(())
}

/// The application asks whether somebody has answered.
pub(super) async fn poll(
    ctx: &Ctx,
    asker: Asker,
    device_code: Secret,
    bound: Bound,
) -> Result<Given, Refused> {
    asker.client.demand(OidcGrant::DeviceCode)?;
    let hash = ctx.org.keys.hash_token(DEVICE, device_code.expose());
    let drafts = (Draft::draw(ctx, ACCESS)?, Draft::draw(ctx, REFRESH)?);
    let given = ctx
        .write(move |tx| {
            // What was asked too soon is noted, so a refusal is no error of the transaction.
            if let Err(error) = asker.spend(tx)? {
                return Ok(Err(error));
            }
            if let Err(error) = bound.spend(tx)? {
                return Ok(Err(error));
            }
            let grant = match answered(tx, &asker.client, &hash)? {
                Ok(grant) => grant,
                Err(error) => return Ok(Err(error)),
            };
            let ctx = tx.ctx;
            let Some(user) = grant.person(tx, ctx)? else {
                let text = "access was withdrawn in the meantime";
                return Ok(Err(OAuthError::new(ErrorCode::InvalidGrant, text)));
            };
            grant.put(tx)?;
            put_tokens(tx, &asker, &grant, user, &bound, (&drafts.0, &drafts.1)).map(Ok)
        })
        .await??;
    Ok(given)
}

/// What was answered, which is good once.
fn answered(tx: &mut Tx<'_, '_>, client: &Client, hash: &str) -> Result<Result<Grant, OAuthError>, AppError> {
    let refused = |error, text: &str| Ok(Err(OAuthError::new(error, text)));
    let now = tx.ctx.now;
    let once = tx.find_once(DEVICE, hash)?.filter(|once| once.used.is_none());
    let Some(once) = once else {
        return refused(ErrorCode::InvalidGrant, "the device code is unknown or used");
    };
    let waiting: Waiting = serde_json::from_str(&once.doc)?;
    if waiting.client_id != client.application.ikey {
        return refused(ErrorCode::InvalidGrant, "the device code is unknown or used");
    }
    if once.expires < now {
        return refused(ErrorCode::ExpiredToken, "the device code is over; begin again");
    }
    match waiting.answer {
        Some(Answer::Yes(grant)) if tx.use_once(DEVICE, hash, now)? => Ok(Ok(*grant)),
        Some(Answer::Yes(_)) => refused(ErrorCode::InvalidGrant, "the device code is unknown or used"),
        Some(Answer::No) => {
            tx.use_once(DEVICE, hash, now)?;
            refused(ErrorCode::AccessDenied, "the person said no")
        }
        None => {
            let soon = now.since(waiting.last_poll) < Span::seconds(waiting.interval);
            let interval = if soon { waiting.interval + SLOWER } else { waiting.interval };
            put(tx, hash, client, &Waiting { last_poll: now, interval, ..waiting }, once.expires)?;
            if soon {
                return refused(ErrorCode::SlowDown, "asked again too soon");
            }
            refused(ErrorCode::AuthorizationPending, "nobody has answered yet")
        }
    }
}
