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

/// The digits to type on the phone that is asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Digits {
    /// In a call.
    Called(String),
    /// In a push that wants none.
    #[default]
    None,
    /// In a push that wants a number.
    Pushed(String),
}

impl Digits {
    /// What is said while the phone is asked. Clients that print it show the number by that, whatever else they read.
    fn still_waits(&self, reach: Reach) -> AuthStatus {
        let (status, text) = match (self, reach) {
            (Self::Called(number), Reach::Answered) => {
                (Status::Answered, format!("Answered. Type {number} on your phone..."))
            }
            (Self::Called(number), Reach::OnItsWay | Reach::Undelivered) => {
                (Status::Calling, format!("Your phone rings. Answer it and type {number} there..."))
            }
            (Self::None, Reach::Undelivered) => (Status::PushFailed, PUSH_FAILED.into()),
            (Self::None, Reach::Answered | Reach::OnItsWay) => (Status::Pushed, PUSHED.into()),
            (Self::Pushed(number), Reach::Undelivered) => {
                let text = format!(
                    "Your phone could not be woken. Open its page by hand and type {number} there..."
                );
                (Status::PushFailed, text)
            }
            (Self::Pushed(number), Reach::Answered | Reach::OnItsWay) => {
                (Status::Pushed, format!("Pushed a login request to your phone. Type {number} there..."))
            }
        };
        AuthStatus::new(status, text)
    }
}

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
        #[serde(default)]
        digits: Digits,
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
    digits: Digits,
) -> Result<String, AppError> {
    let txid = fresh_txid(ctx)?;
    let hash = ctx.org.keys.hash_token(TXID, &txid);
    let sealed = ctx.seal(&hash, TXID, handle.expose().as_bytes())?;
    let handle = data_encoding::HEXLOWER.encode(&sealed);
    let reach = Reach::OnItsWay;
    keep(ctx, application, txid, &Known::Waiting { handle, since: ctx.now, told: false, reach, digits }).await
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
    let (sealed, since, reach, digits) = match serde_json::from_str(&once.doc).map_err(AppError::from)? {
        Known::Decided { body, token_of } => return retold(ctx, &body, token_of).ok_or_else(unknown),
        Known::Waiting { handle, since, told: false, reach, digits } => {
            let waits = digits.still_waits(reach);
            put(ctx, &hash, &Known::Waiting { handle, since, told: true, reach, digits }).await?;
            return Ok(waits);
        }
        Known::Waiting { handle, since, told: true, reach, digits } => (handle, since, reach, digits),
    };
    let opened = data_encoding::HEXLOWER.decode(sealed.as_bytes()).unwrap_or_default();
    let opened = ctx.open(&hash, TXID, &opened)?;
    let handle = Secret::from(std::str::from_utf8(&opened).unwrap_or_default());
    let waits = digits.still_waits(reach);
    match challenge::reach(ctx, &handle, reach, HELD).await? {
        None => {}
        Some(now) if now == reach => return Ok(waits),
        Some(reach) => {
            let waits = digits.still_waits(reach);
            put(ctx, &hash, &Known::Waiting { handle: sealed, since, told: true, reach, digits }).await?;
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
