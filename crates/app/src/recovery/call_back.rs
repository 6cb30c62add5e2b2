//! A verified call back: the person proves, over a factor they had before, that it is them who calls.
//!
//! Only what opens a second door for them does, so nothing weaker restores what is stronger. Where a code goes is read from
//! the store, and a number counts once the person has used it themselves: one that an administrator wrote down proves
//! nothing. The code is good for this reset and whoever asked for it, once, for ten minutes.

use std::time::Duration;

use sallyport_api::rest::CallBackBy;
use sallyport_connect::telephony::TelephonyError;
use sallyport_crypto::{Secret, random, token};
use sallyport_model::{
    Action, Actor, Challenge, ChallengeState, Clearance, Factor, FactorKind, Proof, Reset, ResetState, Span,
    Telephony, Time, User,
    id::{ChallengeId, FactorId, ResetId, SignInId, UserId},
    signin::Resource,
};
use sallyport_store::{Once, Reader, Versioned};
use sallyport_wire::twilio::twiml::{Twiml, Verb};

use super::{Guard, find, guard, open_of};
use crate::{
    AppError, Ctx, Phrase, Tx,
    budget::{self, Cap},
    factor,
    push::{self, verification},
    signin::{self, Offer, challenge},
    telephony::{Counted, Line, Occasion, budget::Carried},
};

/// Kind of a code that was told to the person.
const CODE: &str = "call_back_code";
const DIGITS: usize = 7;
/// Digits that the page of a phone asks for.
const NUMBER_DIGITS: usize = 4;
/// So many wrong codes void the one that was sent.
const MOST_WRONG: u32 = 3;
const LIFE: Span = Span::minutes(Telephony::CODE_MINUTES);
/// Counter of a phone: its owner used it.
const THEIRS: &str = "number_is_theirs";

/// A way to ask the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    pub by: CallBackBy,
    pub factor: FactorId,
    pub name: String,
}

/// That the person was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub way: Way,
    /// What the person types on their phone, told to them by whoever asked.
    pub number: Option<String>,
    pub until: Time,
}

/// What remains to be done once it is certain that it may be.
enum Next {
    Call(Box<Counted>),
    Push(Box<Challenge>),
    Text(Box<Counted>),
}

/// What was drawn before the write, which may run more than once.
#[derive(Clone)]
struct Draft {
    code: Secret,
    number: String,
    challenge: ChallengeId,
}

/// How the person could be called back for this reset now, by whoever asked for it.
///
/// # Errors
/// Denied, or no such reset.
pub async fn ways(ctx: &Ctx, id: ResetId) -> Result<Vec<Way>, AppError> {
    ctx.allow(Action::ManageFactors)?;
    let asking = ctx.clone();
    ctx.read(move |reader| {
        let reset = find(reader, id)?;
        let mine = reset.author.is_same_as(&asking.actor());
        if mine && matches!(reset.value.clone().as_of(asking.now).state, ResetState::Waiting { .. }) {
            ways_to(reader, &asking, reset.user).map(|ways| ways.into_iter().map(|(way, _)| way).collect())
        } else {
            Ok(Vec::new())
        }
    })
    .await
}

/// Asks the person, over this factor or the first that can be asked so.
///
/// # Errors
/// Denied, not the caller's own reset or none that waits, nothing to ask the person over, too much was sent, or it was not
/// taken.
pub async fn call_back(
    ctx: &Ctx,
    id: ResetId,
    by: CallBackBy,
    factor: Option<FactorId>,
) -> Result<Asked, AppError> {
    let draft = Draft {
        code: Secret::new(random::digits(&*ctx.org.random, DIGITS)?),
        number: random::digits(&*ctx.org.random, NUMBER_DIGITS)?,
        challenge: ctx.id(ChallengeId::new)?,
    };
    let code = draft.code.clone();
    let (asked, next) = ctx
        .write(move |tx| {
            let (reset, person) = own(tx, id)?;
            let ctx = tx.ctx;
            let wanted =
                |(way, _): &(Way, Proof)| way.by == by && factor.is_none_or(|factor| factor == way.factor);
            let found = ways_to(tx, ctx, person.id)?.into_iter().find(wanted);
            let (way, proof) = found.ok_or_else(|| {
                let why =
                    format!("`{}` has nothing that opens a door for them and can be asked so", person.name);
                AppError::Conflict(why.into())
            })?;
            ask_over(tx, &reset, &person, (way, &proof), &draft)
        })
        .await?;
    match next {
        Next::Push(challenge) => {
            ctx.org.bells.ring(&challenge.user.to_string());
            push::wake(ctx, &challenge);
        }
        Next::Text(counted) => sent(ctx, id, counted.text(ctx, &words(&code)).await).await?,
        Next::Call(counted) => {
            let over = signin::call::over_address(ctx, ChallengeId::new(id.uuid()));
            let rung = counted.ring(ctx, spoken(&code).write(), over).await;
            sent(ctx, id, rung.map(|_| ())).await?;
        }
    }
    Ok(asked)
}

/// Takes the code that the person read out, or waits so long for the answer of their phone. Then the reset can be done.
///
/// # Errors
/// Denied, not the caller's own reset or none that waits, the code is not right, or the person has not said yes.
pub async fn confirm(
    ctx: &Ctx,
    id: ResetId,
    code: Option<&Secret>,
    longest: Duration,
) -> Result<Versioned<Reset>, AppError> {
    ctx.allow(Action::ManageFactors)?;
    let Some(code) = code else { return confirm_push(ctx, id, longest).await };
    let hash = token::typed_digits(code.expose()).map(|digits| hash(ctx, id, &digits));
    let cleared = ctx
        .write(move |tx| {
            let (reset, _) = own(tx, id)?;
            let now = tx.ctx.now;
            let once = hash.as_ref().map(|hash| tx.find_once(CODE, hash)).transpose()?.flatten();
            let once = once.filter(|once| once.owner == id.to_string());
            let (Some(once), Some(hash)) = (once, &hash) else { return wrong(tx, id).map(|()| None) };
            if !tx.use_once(CODE, hash, now)? {
                return wrong(tx, id).map(|()| None);
            }
            let factor = once.doc.parse::<FactorId>()?;
            clear(tx, &reset, factor, FactorKind::Phone).map(Some)
        })
        .await?;
    cleared.ok_or_else(|| AppError::invalid("code", "is not the one that was sent, or it took too long"))
}

async fn confirm_push(ctx: &Ctx, id: ResetId, longest: Duration) -> Result<Versioned<Reset>, AppError> {
    let sign_in = SignInId::new(id.uuid());
    let listener = ctx.org.bells.listen_for(sign_in.to_string(), Duration::ZERO);
    let look = || async {
        let now = ctx.org.clock.now();
        ctx.read(move |reader| {
            let challenge = reader.challenge_at(sign_in)?;
            Ok::<_, AppError>((!challenge.is_some_and(|challenge| challenge.is_open(now))).then_some(()))
        })
        .await
    };
    listener.until(longest, ctx.org.db.is_shared(), look).await?;
    let ctx = Ctx { now: ctx.org.clock.now(), ..ctx.clone() };
    ctx.write(move |tx| {
        let (reset, _) = own(tx, id)?;
        let refused = |why: &str| Err(AppError::Conflict(why.into()));
        let Some(challenge) = tx.challenge_at(sign_in)? else {
            return refused("no phone was asked, and no code was given");
        };
        let in_time = tx.ctx.now <= challenge.created.plus(challenge::LONGEST_LIFE);
        match challenge.state {
            ChallengeState::Approved if in_time && tx.find::<Factor>(challenge.factor)?.is_some() => {
                let factor = challenge.factor;
                tx.put_challenge(&Challenge { state: ChallengeState::Spent, ..challenge })?;
                clear(tx, &reset, factor, FactorKind::Push)
            }
            ChallengeState::Waiting if challenge.is_open(tx.ctx.now) => {
                refused("the phone has not answered yet")
            }
            ChallengeState::Denied | ChallengeState::NotMe => refused("the person said no on their phone"),
            ChallengeState::Approved
            | ChallengeState::Spent
            | ChallengeState::Void
            | ChallengeState::Waiting => refused("the phone did not answer in time: ask it again"),
        }
    })
    .await
}

/// A person says that a request to their phone was not theirs: if it was a call back, the reset is refused in their name.
pub(crate) fn not_me(tx: &mut Tx<'_, '_>, challenge: &Challenge) -> Result<(), AppError> {
    let (id, now) = (ResetId::new(challenge.sign_in.uuid()), tx.ctx.now);
    let open = open_of(tx, challenge.user, now)?.into_iter().find(|reset| reset.id == id);
    let (Some(reset), Some(person)) = (open, tx.find::<User>(challenge.user)?) else { return Ok(()) };
    let by = Actor::User { id: person.id, name: person.name.to_string() };
    let after = reset.value.clone().refuse(by, now)?;
    let changed = tx.update(&reset, after)?;
    tx.record(changed, "refuse");
    Ok(())
}

/// The owner of a phone has used its number.
pub(crate) fn number_is_theirs(tx: &mut Tx<'_, '_>, factor: FactorId) -> Result<(), AppError> {
    tx.raise_counter(&factor.to_string(), THEIRS, 1)?;
    Ok(())
}

/// Whether a number was used by whose phone it is.
pub(crate) fn is_number_theirs(reader: &mut Reader, factor: FactorId) -> Result<bool, AppError> {
    Ok(reader.counter(&factor.to_string(), THEIRS)?.is_some())
}

/// The caller's own reset that waits, and whom it concerns.
fn own(tx: &mut Tx<'_, '_>, id: ResetId) -> Result<(Versioned<Reset>, Versioned<User>), AppError> {
    let reset = find(tx, id)?;
    let person = tx.user_for(reset.what.kind().action(), reset.user)?;
    let (now, refused) = (tx.ctx.now, |why: &str| Err(AppError::Conflict(why.into())));
    if !reset.author.is_same_as(&tx.ctx.actor()) {
        return refused("only whoever asked for this reset calls the person back");
    }
    let state = reset.value.clone().as_of(now).state;
    let waits = matches!(state, ResetState::Waiting { .. });
    if !waits || guard(tx, &person)? != Some(Guard::SecondPerson) {
        return refused(&format!("this reset is {} and waits for no call back", state.as_str()));
    }
    Ok((reset, person))
}

/// By what this person could be asked: what opens a second door of the portal for them, and can ask.
fn ways_to(reader: &mut Reader, ctx: &Ctx, user: UserId) -> Result<Vec<(Way, Proof)>, AppError> {
    let mut found = Vec::new();
    for Offer { factor, proof, name, .. } in factor::offers_at(reader, ctx, user, &Resource::Portal)? {
        let mut add = |by| found.push((Way { by, factor, name: name.clone() }, proof.clone()));
        match &proof {
            Proof::Push { .. } => add(CallBackBy::Push),
            Proof::Phone { texts, calls, .. } if is_number_theirs(reader, factor)? => {
                if *texts {
                    add(CallBackBy::Text);
                }
                if *calls {
                    add(CallBackBy::Call);
                }
            }
            Proof::BypassCode { .. }
            | Proof::Duo
            | Proof::HardwareToken { .. }
            | Proof::Mail { .. }
            | Proof::Passkey { .. }
            | Proof::Phone { .. }
            | Proof::Totp => {}
        }
    }
    Ok(found)
}

fn ask_over(
    tx: &mut Tx<'_, '_>,
    reset: &Reset,
    person: &User,
    (way, proof): (Way, &Proof),
    draft: &Draft,
) -> Result<(Asked, Next), AppError> {
    let (ctx, now) = (tx.ctx, tx.ctx.now);
    let conflict = |phrase: Phrase| AppError::Conflict(phrase.into());
    let Proof::Phone { number, .. } = proof else {
        let what = format!("Your call to the help desk ({})", reset.author.label());
        let ids = (draft.challenge, SignInId::new(reset.id.uuid()));
        let challenge = verification::place(tx, ids, (person.id, way.factor), &draft.number, &what)?;
        let (number, until) = (challenge.number.clone(), challenge.expires);
        return Ok((Asked { way, number, until }, Next::Push(Box::new(challenge))));
    };
    let line = Line::of(tx, ctx)?.ok_or_else(|| conflict(Phrase::NoTexts))?;
    let carried = if way.by == CallBackBy::Call { Carried::Call } else { Carried::Text };
    let counted = line.count(tx, carried, Occasion::HELP_DESK, person.id, number.clone())?;
    let counted = Box::new(counted.map_err(|spent| conflict(spent.phrase()))?);
    let (owner, until) = (reset.id.to_string(), now.plus(LIFE));
    tx.void_once(&owner, CODE)?;
    tx.delete_throttle(&wrong_bucket(reset.id))?;
    let once = Once { owner, expires: until, used: None, doc: way.factor.to_string() };
    tx.put_once(CODE, &hash(ctx, reset.id, draft.code.expose()), &once)?;
    let next = match carried {
        Carried::Call => Next::Call(counted),
        Carried::Notice | Carried::Text => Next::Text(counted),
    };
    Ok((Asked { way, number: None, until }, next))
}

fn clear(
    tx: &mut Tx<'_, '_>,
    reset: &Versioned<Reset>,
    factor: FactorId,
    factor_kind: FactorKind,
) -> Result<Versioned<Reset>, AppError> {
    let after = reset.value.clone().clear(Clearance::CallBack { factor, factor_kind }, tx.ctx.now)?;
    let changed = tx.update(reset, after)?;
    Ok(tx.record(changed, "call_back"))
}

/// Counts a wrong code; the last that is allowed voids what was sent.
fn wrong(tx: &mut Tx<'_, '_>, id: ResetId) -> Result<(), AppError> {
    let cap = Cap::daily(wrong_bucket(id), MOST_WRONG - 1, ());
    if budget::count(tx, [cap])?.is_err() {
        tx.void_once(&id.to_string(), CODE)?;
    }
    Ok(())
}

fn wrong_bucket(id: ResetId) -> String {
    format!("wrong call back codes of {id}")
}

/// What certainly was not sent opens nothing.
async fn sent(ctx: &Ctx, id: ResetId, sent: Result<(), TelephonyError>) -> Result<(), AppError> {
    match sent {
        Ok(()) => Ok(()),
        Err(TelephonyError::Uncertain(_)) => Err(AppError::Conflict(crate::telephony::NOT_SENT.into())),
        Err(
            TelephonyError::Misconfigured(_) | TelephonyError::Refused(_) | TelephonyError::Unavailable(_),
        ) => {
            ctx.write(move |tx| Ok(tx.void_once(&id.to_string(), CODE)?)).await?;
            Err(AppError::Conflict(crate::telephony::NOT_SENT.into()))
        }
    }
}

/// What is texted. It names neither person nor house: whoever carries it reads it.
fn words(code: &Secret) -> String {
    format!(
        "Code for your call to the help desk: {}. Say it only if you called them yourself. Good for {} minutes.",
        code.expose(),
        Telephony::CODE_MINUTES
    )
}

/// What is said in a call, twice.
fn spoken(code: &Secret) -> Twiml {
    let digits: Vec<String> = code.expose().chars().map(String::from).collect();
    let digits = digits.join(", ");
    let text = format!(
        "This is for your call to the help desk. If you did not call them, hang up now and tell your administrator. \
         Otherwise read them this code: {digits}. Once more: {digits}. Goodbye."
    );
    Twiml(vec![Verb::Say(text), Verb::Hangup])
}

/// The form in which a code rests.
fn hash(ctx: &Ctx, id: ResetId, digits: &str) -> String {
    ctx.org.keys.hash_token(CODE, &format!("{id} {digits}"))
}
