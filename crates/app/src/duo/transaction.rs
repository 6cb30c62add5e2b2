//! Transactions of `auth`: an outcome that is asked for by its id, at once or when a phone has answered.

use std::time::Duration;

use sallyport_crypto::Secret;
use sallyport_model::{Span, Time, challenge::Reach, id::SignInId};
use sallyport_store::Once;
use sallyport_wire::duo::{
    ApiError, Code, Reply,
    auth::{AuthStatus, Status},
};
use serde::{Deserialize, Serialize};

use super::{DuoError, Protected, auth::Told};
use crate::{
    AppError, Ctx,
    signin::{Step, challenge},
};

/// Kind of the short-lived outcome that is asked for by its transaction.
const TXID: &str = "txid";
const KEPT: Span = Span::minutes(5);
/// After so long nobody decides it any more.
const UNDECIDED: Span = Span::minutes(2);
/// How long a question about a transaction is held while a phone is asked: some clients ask twenty times and no more, and
/// an answer may take a minute.
const HELD: Duration = Duration::from_secs(15);

const PUSHED: &str = "Pushed a login request to your phone...";
const PUSH_FAILED: &str = "Your phone could not be woken. Open its page by hand to answer...";

/// What is known of a transaction.
#[derive(Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum Known {
    /// The answer as it is sent, but for the token.
    Decided {
        body: String,
        #[serde(default)]
        token_of: Option<SignInId>,
    },
    /// A phone is asked.
    Waiting {
        /// What the sign-in goes on with, sealed, in hexadecimal.
        handle: String,
        since: Time,
        /// Whether the application has heard that the phone is asked.
        told: bool,
        /// What it has heard of how far that has come.
        #[serde(default)]
        reach: Reach,
        /// The digits that are typed in a call; none where the phone is pushed.
        #[serde(default)]
        number: Option<String>,
    },
}

/// Keeps an outcome, for whoever asks by the id that is given back.
pub(super) async fn decided(ctx: &Ctx, application: &Protected, told: &Told) -> Result<String, AppError> {
    keep(ctx, application, fresh_txid(ctx)?, &known(told)).await
}

fn known(told: &Told) -> Known {
    Known::Decided { body: Reply::ok(&told.status).body, token_of: told.token_of }
}

/// What was decided, as it is told.
fn retold(ctx: &Ctx, body: &str, token_of: Option<SignInId>) -> Option<AuthStatus> {
    let status = AuthStatus::parse(200, body.as_bytes()).ok()?;
    Some(Told { status, token_of }.status(ctx))
}

/// Keeps a sign-in that waits for a phone.
pub(super) async fn waiting(
    ctx: &Ctx,
    application: &Protected,
    handle: &Secret,
    number: Option<String>,
) -> Result<String, AppError> {
    let txid = fresh_txid(ctx)?;
    let hash = ctx.org.keys.hash_token(TXID, &txid);
    let sealed = ctx.seal(&hash, TXID, handle.expose().as_bytes())?;
    let handle = data_encoding::HEXLOWER.encode(&sealed);
    let reach = Reach::OnItsWay;
    keep(ctx, application, txid, &Known::Waiting { handle, since: ctx.now, told: false, reach, number }).await
}

/// A new id of a transaction.
pub(super) fn fresh_txid(ctx: &Ctx) -> Result<String, AppError> {
    // A UUID in form, all of it random: clients take any, but some check its form.
    Ok(uuid::Uuid::from_bytes(sallyport_crypto::random::bytes(&*ctx.org.random)?).to_string())
}

async fn keep(ctx: &Ctx, application: &Protected, txid: String, known: &Known) -> Result<String, AppError> {
    let hash = ctx.org.keys.hash_token(TXID, &txid);
    let (owner, doc) = (application.id.to_string(), serde_json::to_string(known)?);
    let once = Once { owner, expires: ctx.now.plus(KEPT), used: None, doc };
    ctx.write(move |tx| Ok(tx.put_once(TXID, &hash, &once)?)).await?;
    Ok(txid)
}

/// How a transaction stands. While a phone is asked this waits a while: a client that asks again and again should not have
/// to.
///
/// # Errors
/// The transaction is unknown, old, or another application's.
pub(super) async fn status(ctx: &Ctx, application: &Protected, txid: &str) -> Result<AuthStatus, DuoError> {
    let hash = ctx.org.keys.hash_token(TXID, txid);
    let unknown = || DuoError::from(ApiError::new(Code::InvalidParameters).with_detail("txid"));
    let once = find(ctx, &hash).await?.filter(|once| once.owner == application.id.to_string());
    let once = once.filter(|once| once.expires >= ctx.now).ok_or_else(unknown)?;
    let (sealed, since, reach, number) = match serde_json::from_str(&once.doc).map_err(AppError::from)? {
        Known::Decided { body, token_of } => return retold(ctx, &body, token_of).ok_or_else(unknown),
        Known::Waiting { handle, since, told: false, reach, number } => {
            let waits = still_waits(number.as_deref(), reach);
            put(ctx, &hash, &Known::Waiting { handle, since, told: true, reach, number }).await?;
            return Ok(waits);
        }
        Known::Waiting { handle, since, told: true, reach, number } => (handle, since, reach, number),
    };
    let opened = data_encoding::HEXLOWER.decode(sealed.as_bytes()).unwrap_or_default();
    let opened = ctx.open(&hash, TXID, &opened)?;
    let handle = Secret::from(std::str::from_utf8(&opened).unwrap_or_default());
    let waits = still_waits(number.as_deref(), reach);
    match challenge::reach(ctx, &handle, reach, HELD).await? {
        None => {}
        Some(now) if now == reach => return Ok(waits),
        Some(reach) => {
            let waits = still_waits(number.as_deref(), reach);
            put(ctx, &hash, &Known::Waiting { handle: sealed, since, told: true, reach, number }).await?;
            return Ok(waits);
        }
    }
    let step = challenge::wait(ctx, &handle, Duration::ZERO).await?;
    let now = ctx.org.clock.now();
    // Of several who ask at once one is told by the sign-in; the others find what that one has kept.
    if is_taken(&step) {
        return match find(ctx, &hash).await?.map(|once| serde_json::from_str(&once.doc)) {
            Some(Ok(Known::Decided { body, token_of })) => retold(ctx, &body, token_of).ok_or_else(unknown),
            _ if now.since(since) > UNDECIDED => Ok(Told::of(ctx, step).await?.status(ctx)),
            _ => Ok(waits),
        };
    }
    let told = Told::of(ctx, step).await?;
    put(ctx, &hash, &known(&told)).await?;
    Ok(told.status(ctx))
}

fn still_waits(number: Option<&str>, reach: Reach) -> AuthStatus {
    match (number, reach) {
        (Some(number), Reach::Answered) => {
            AuthStatus::new(Status::Answered, format!("Answered. Type {number} on your phone..."))
        }
        (Some(number), Reach::OnItsWay | Reach::Undelivered) => AuthStatus::new(
            Status::Calling,
            format!("Your phone rings. Answer it and type {number} there..."),
        ),
        (None, Reach::Undelivered) => AuthStatus::new(Status::PushFailed, PUSH_FAILED),
        (None, Reach::Answered | Reach::OnItsWay) => AuthStatus::new(Status::Pushed, PUSHED),
    }
}

/// Whether somebody else has had the answer of this sign-in.
fn is_taken(step: &Step) -> bool {
    matches!(step, Step::Denied(denial) if denial.text == crate::signin::START_AGAIN)
}

async fn find(ctx: &Ctx, hash: &str) -> Result<Option<Once>, AppError> {
    let hash = hash.to_owned();
    ctx.read(move |reader| Ok(reader.find_once(TXID, &hash)?)).await
}

/// Keeps what is known now. What is decided stays as it was decided.
async fn put(ctx: &Ctx, hash: &str, known: &Known) -> Result<(), AppError> {
    let (hash, doc) = (hash.to_owned(), serde_json::to_string(known)?);
    ctx.write(move |tx| {
        let Some(once) = tx.find_once(TXID, &hash)? else { return Ok(()) };
        if matches!(serde_json::from_str(&once.doc)?, Known::Waiting { .. }) {
            tx.note_once(TXID, &hash, &once.doc, &doc)?;
        }
        Ok(())
    })
    .await
}
