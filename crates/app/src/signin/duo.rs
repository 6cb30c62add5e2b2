//! The second door at Duo: the browser goes there with a request of ours and comes back with a code, which Duo's answer
//! to our own question makes worth something, or not.
//!
//! What is kept while the browser is away stands under the secret that it carries there and back, belongs to one sign-in
//! and so to the one browser that holds its handle, is good once, and no longer than the door stays open. What Duo stated
//! becomes an answer at the second door like any other: whoever stands there is looked at anew.

mod down;
#[cfg(test)]
mod tests;

use sallyport_connect::duo::Brought;
use sallyport_crypto::Secret;
use sallyport_model::{
    FactorKind, Method, Time, User,
    id::UserId,
    signin::{Reason, Resource, SignInState},
};
use sallyport_store::{Once, Session};
use sallyport_wire::duo::{
    Params,
    prompt::{AuthorizeRequest, Callback},
};
use serde::{Deserialize, Serialize};

use self::down::{IsDown, failed, noted};
pub(super) use self::down::{is_down_as_at, policy_while_down};
use super::{
    Answer, Denial, SECOND_DOOR_OPEN, Step, handle_hash,
    second_door::{self, At, There},
};
use crate::{
    AppError, Ctx, Phrase, Tx,
    factor::{
        self, Verdict,
        duo::{self, Line},
    },
    policy::in_force,
};

/// Kind of what is kept while a browser is at Duo.
const TRIP: &str = "duo_trip";
/// Kind of the secret that a browser carries to Duo and back.
const STATE: &str = "spt";

/// Said at the door.
const NOT_ON: Phrase = Phrase::DuoNotOn;
const NO_NAME: Phrase = Phrase::DuoNoName;
const IS_DOWN: Phrase = Phrase::DuoIsDown;
const SAID_NO: Phrase = Phrase::DuoSaidNo;
const STALE: Phrase = Phrase::DuoStale;

/// Where the browser goes next.
#[derive(Debug)]
pub enum Going {
    /// To Duo.
    To(String),
    Not(Step),
}

/// What a browser was back with, before anything is made of it.
#[derive(Debug)]
pub(crate) enum Brings {
    AtHome,
    Not { step: Step, next: String },
    Word { stated: Stated, next: String },
}

/// What came of it when the browser was back.
#[derive(Debug)]
pub enum Back {
    /// At the door it left from; and where the person wanted to go from there.
    AtDoor { step: Step, next: String },
    /// On the person's own pages: they were at Duo to look after what they have there.
    AtHome,
}

/// Where somebody looks after their devices at Duo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelfService {
    At(String),
    /// In Duo's own prompt, by [`go_to_look_after`].
    InPrompt,
}

/// What Duo stated: that this name has passed, as it was asked by this client. Only this module makes one.
#[derive(Debug, Clone)]
pub struct Stated(Trip);

/// What is kept while a browser is away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Trip {
    purpose: Purpose,
    nonce: String,
    /// As Duo was asked about the person.
    username: String,
    client_id: String,
    host: String,
    /// Where the person wanted to go.
    next: String,
    /// When they left, in Unix seconds.
    #[serde(default)]
    left: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Purpose {
    /// To look after what somebody has there; opens nothing.
    LookAfter,
    /// The second door of the sign-in with this handle, hashed.
    SecondDoor(String),
}

impl Trip {
    fn is_of(&self, line: &Line) -> bool {
        self.client_id == line.duo.client_id && self.host == line.duo.host
    }
}

/// Sends somebody who stands at the second door to Duo. `next`: where they wanted to go.
///
/// # Errors
/// Something of ours failed. Where Duo cannot be asked, that is a [`Step`] with a problem.
pub async fn go(ctx: &Ctx, handle: &Secret, next: &str) -> Result<Going, AppError> {
    let hash = handle_hash(ctx, handle);
    if !super::is_known(ctx, &hash).await? {
        return Ok(Going::Not(Step::Denied(Denial::start_again())));
    }
    let (draft, at) = (Draft::draw(ctx, next)?, handle.clone());
    let left = ctx
        .write({
            let draft = draft.clone();
            move |tx| leave(tx, &at, &hash, &draft)
        })
        .await?;
    let (line, trip) = match left {
        Left::Not(step) => return Ok(Going::Not(step)),
        Left::Ready(line, trip) => (line, trip),
    };
    match line.health_check(ctx).await? {
        Ok(()) => Ok(Going::To(draft.address(ctx, &line, &trip))),
        Err(error) => Ok(Going::Not(failed(ctx, handle, &error, IsDown::Noted).await?)),
    }
}

/// Where this person looks after their devices at Duo, if Duo is on for them.
///
/// # Errors
/// Not oneself, or the store's.
pub async fn self_service(ctx: &Ctx, user: UserId) -> Result<Option<SelfService>, AppError> {
    if !ctx.is_person(user) {
        return Err(AppError::Unauthenticated);
    }
    let asking = ctx.clone();
    ctx.read(move |reader| {
        let held = in_force(reader, &asking, user, &Resource::Portal, false)?;
        let line = Line::of(reader, &asking)?.filter(|_| held.policy.allows(Method::Duo));
        Ok(line.map(|line| match line.duo.self_service {
            url if url.is_empty() => SelfService::InPrompt,
            url => SelfService::At(url),
        }))
    })
    .await
}

/// Sends somebody who is signed in to Duo, whose prompt lets people look after their devices. Nothing is proved by it.
///
/// # Errors
/// The session is not behind both doors, Duo is not on for the person, or it cannot be asked.
pub async fn go_to_look_after(ctx: &Ctx, session: &Session) -> Result<String, AppError> {
    let id = factor::behind_both_doors(ctx, session)?;
    let draft = Draft::draw(ctx, "")?;
    let kept = draft.clone();
    let (line, trip) = ctx
        .write(move |tx| {
            let user = tx.find::<User>(id)?.ok_or(AppError::Unauthenticated)?;
            let (ctx, now) = (tx.ctx, tx.ctx.now);
            let held = in_force(tx, ctx, id, &Resource::Portal, false)?;
            let line = Line::of(tx, ctx)?.filter(|_| held.policy.allows(Method::Duo));
            let line = line.ok_or_else(|| AppError::Conflict("Duo is not on for you".into()))?;
            let username = line.name_of(&user).ok_or_else(|| AppError::Conflict(NO_NAME.into()))?;
            let trip = kept.trip(Purpose::LookAfter, &line, username, now);
            kept.keep(tx, id.to_string(), now.plus(SECOND_DOOR_OPEN), &trip)?;
            Ok((line, trip))
        })
        .await?;
    line.health_check(ctx).await?.map_err(|error| {
        tracing::error!(request = &*ctx.request, %error, "Duo cannot be asked");
        AppError::Conflict("Duo cannot be asked now; try again later".into())
    })?;
    Ok(draft.address(ctx, &line, &trip))
}

/// A browser is back from Duo with this query.
///
/// # Errors
/// Something of ours failed. Whatever does not open the door is a [`Step`].
pub async fn back(ctx: &Ctx, handle: &Secret, query: &str) -> Result<Back, AppError> {
    Ok(match brings(ctx, handle, query).await? {
        Brings::AtHome => Back::AtHome,
        Brings::Not { step, next } => Back::AtDoor { step, next },
        Brings::Word { stated, next } => {
            Back::AtDoor { step: super::answer(ctx, handle, Answer::Duo(stated)).await?, next }
        }
    })
}

/// Whether a browser that is back with this query left from the door with this handle.
///
/// # Errors
/// The store's.
pub(crate) async fn left_from(ctx: &Ctx, handle: &Secret, query: &str) -> Result<bool, AppError> {
    let state_hash = state_hash(ctx, read(query).as_ref());
    let wanted = Purpose::SecondDoor(handle_hash(ctx, handle));
    ctx.read(move |reader| {
        let Some(once) = reader.find_once(TRIP, &state_hash)? else { return Ok(false) };
        Ok(serde_json::from_str::<Trip>(&once.doc)?.purpose == wanted)
    })
    .await
}

/// What a browser is back with: Duo is asked what its code is worth, and nothing is opened by it yet.
///
/// # Errors
/// Something of ours failed.
pub(crate) async fn brings(ctx: &Ctx, handle: &Secret, query: &str) -> Result<Brings, AppError> {
    let callback = read(query);
    let (hash, at) = (handle_hash(ctx, handle), handle.clone());
    let arrived = ctx.write(move |tx| arrive(tx, &at, &hash, callback.as_ref())).await?;
    let (code, line, trip) = match arrived {
        Arrived::AtHome => return Ok(Brings::AtHome),
        Arrived::Not { step, next } => return Ok(Brings::Not { step, next }),
        Arrived::WithCode { code, line, trip } => (code, line, trip),
    };
    let next = trip.next.clone();
    let brought = Brought {
        code: code.expose(),
        redirect_uri: &duo::redirect_uri(ctx),
        username: &trip.username,
        nonce: &trip.nonce,
        since: trip.left,
    };
    let (jti, now) = (ctx.uuid()?.to_string(), ctx.now.unix_seconds());
    Ok(match line.client().redeem(brought, &jti, now, &ctx.org.outbound).await {
        Ok(()) => Brings::Word { stated: Stated(trip), next },
        // Who brings a code has been at Duo, so that it is down for everybody is not theirs to say.
        Err(error) => Brings::Not { step: failed(ctx, handle, &error, IsDown::Told).await?, next },
    })
}

/// What Duo has the browser say.
fn read(query: &str) -> Option<Callback> {
    Params::from_query(query).and_then(|params| Callback::read(&params)).ok()
}

fn state_hash(ctx: &Ctx, callback: Option<&Callback>) -> String {
    let state = match callback {
        Some(Callback::Code { state, .. } | Callback::Refused { state: Some(state), .. }) => state.as_str(),
        Some(Callback::Refused { state: None, .. }) | None => "",
    };
    ctx.org.keys.hash_token(STATE, state)
}

/// Whether what Duo stated is about this person, as things are set now.
pub(super) fn accept(tx: &mut Tx<'_, '_>, user: &User, Stated(trip): &Stated) -> Result<Verdict, AppError> {
    let ctx = tx.ctx;
    let line = Line::of(tx, ctx)?.filter(|line| trip.is_of(line));
    let same = line.is_some_and(|line| line.name_of(user).as_deref() == Some(trip.username.as_str()));
    Ok(if same { Verdict::Accepted { factor: duo::NOT_OURS, kind: FactorKind::Duo } } else { Verdict::Wrong })
}

impl Stated {
    /// Said where it does not open the door: it did when the browser left.
    pub(super) const WRONG: Phrase = NOT_ON;
}

/// What a trip needs of randomness, drawn beforehand: the write may run more than once.
#[derive(Clone)]
struct Draft {
    state: Secret,
    state_hash: String,
    nonce: String,
    next: String,
}

impl Draft {
    fn draw(ctx: &Ctx, next: &str) -> Result<Self, AppError> {
        let (state, state_hash) = ctx.bearer(STATE)?;
        let (nonce, _) = ctx.bearer(STATE)?;
        Ok(Self { state, state_hash, nonce: nonce.expose().to_owned(), next: next.to_owned() })
    }

    fn trip(&self, purpose: Purpose, line: &Line, username: String, now: Time) -> Trip {
        let (client_id, host) = (line.duo.client_id.clone(), line.duo.host.clone());
        let (nonce, next, left) = (self.nonce.clone(), self.next.clone(), now.unix_seconds());
        Trip { purpose, nonce, username, client_id, host, next, left }
    }

    /// Keeps what is to be known when the browser is back. Of one owner there is one such thing, the latest.
    fn keep(&self, tx: &mut Tx<'_, '_>, owner: String, expires: Time, trip: &Trip) -> Result<(), AppError> {
        tx.void_once(&owner, TRIP)?;
        let once = Once { owner, expires, used: None, doc: serde_json::to_string(trip)? };
        Ok(tx.put_once(TRIP, &self.state_hash, &once)?)
    }

    fn address(&self, ctx: &Ctx, line: &Line, trip: &Trip) -> String {
        let request = AuthorizeRequest {
            redirect_uri: duo::redirect_uri(ctx),
            state: self.state.expose().to_owned(),
            username: trip.username.clone(),
            nonce: Some(trip.nonce.clone()),
            use_duo_code_attribute: true,
        };
        line.client().address(&request, ctx.now.unix_seconds())
    }
}

enum Left {
    Not(Step),
    Ready(Box<Line>, Trip),
}

fn leave(tx: &mut Tx<'_, '_>, handle: &Secret, hash: &str, draft: &Draft) -> Result<Left, AppError> {
    let (at, there) = match stands(tx, handle, hash)? {
        Ok(found) => found,
        Err(step) => return Ok(Left::Not(step)),
    };
    let ctx = tx.ctx;
    let line = Line::of(tx, ctx)?.filter(|_| there.policy.allows(Method::Duo));
    let (Some(line), SignInState::SecondDoor { until }) = (line, &at.sign_in.state) else {
        return Ok(Left::Not(still_open(tx, &at, &there, NOT_ON)?));
    };
    let Some(username) = line.name_of(&there.user) else {
        return Ok(Left::Not(noted(tx, &at, &there, NO_NAME, Reason::DuoNoName)?));
    };
    let trip = draft.trip(Purpose::SecondDoor(hash.to_owned()), &line, username, ctx.now);
    draft.keep(tx, at.sign_in.id.to_string(), *until, &trip)?;
    Ok(Left::Ready(Box::new(line), trip))
}

/// Who stands at the door of this handle, or what becomes of them.
fn stands<'a>(
    tx: &mut Tx<'_, '_>,
    handle: &'a Secret,
    hash: &'a str,
) -> Result<Result<(At<'a>, There), Step>, AppError> {
    let Some(stored) = tx.find_sign_in_by_handle(hash)? else {
        return Ok(Err(Step::Denied(Denial::start_again())));
    };
    let at = At { sign_in: stored.sign_in, handle, handle_hash: hash, asked_of: hash, wish: None };
    match second_door::person_at(tx, &at.sign_in, &Answer::Elsewhere)? {
        Ok(there) => Ok(Ok((at, there))),
        Err(denial) => Ok(Err(second_door::turn_away(tx, at.sign_in, denial)?)),
    }
}

fn still_open(tx: &mut Tx<'_, '_>, at: &At<'_>, there: &There, problem: Phrase) -> Result<Step, AppError> {
    second_door::still_open(tx, at, &there.user, &there.policy, Some(problem))
}

enum Arrived {
    AtHome,
    Not { step: Step, next: String },
    WithCode { code: Secret, line: Box<Line>, trip: Trip },
}

/// Takes what the browser carried: once, and from the browser that left alone.
fn arrive(
    tx: &mut Tx<'_, '_>,
    handle: &Secret,
    hash: &str,
    callback: Option<&Callback>,
) -> Result<Arrived, AppError> {
    let (ctx, now) = (tx.ctx, tx.ctx.now);
    let state_hash = state_hash(ctx, callback);
    let once = tx.find_once(TRIP, &state_hash)?.filter(|once| once.used.is_none() && once.expires >= now);
    let trip: Option<Trip> = once.map(|once| serde_json::from_str(&once.doc)).transpose()?;
    if trip.as_ref().is_some_and(|trip| trip.purpose == Purpose::LookAfter) {
        tx.use_once(TRIP, &state_hash, now)?;
        return Ok(Arrived::AtHome);
    }
    let (at, there) = match stands(tx, handle, hash)? {
        Ok(found) => found,
        Err(step) => return Ok(Arrived::Not { step, next: String::new() }),
    };
    // Somebody else's stays good for whoever left with it.
    let Some(trip) = trip.filter(|trip| trip.purpose == Purpose::SecondDoor(hash.to_owned())) else {
        let step = still_open(tx, &at, &there, STALE)?;
        return Ok(Arrived::Not { step, next: String::new() });
    };
    tx.use_once(TRIP, &state_hash, now)?;
    let Some(Callback::Code { code, .. }) = callback else {
        let step = noted(tx, &at, &there, SAID_NO, Reason::DuoDenied)?;
        return Ok(Arrived::Not { step, next: trip.next });
    };
    let Some(line) = Line::of(tx, ctx)?.filter(|line| trip.is_of(line)) else {
        let step = still_open(tx, &at, &there, NOT_ON)?;
        return Ok(Arrived::Not { step, next: trip.next });
    };
    Ok(Arrived::WithCode { code: Secret::from(code.as_str()), line: Box::new(line), trip })
}
