//! The second door opened over the telephone: a phone rings, and whoever answers types the digits that the door shows. A key
//! alone opens nothing: who is called by somebody else's sign-in does not know the digits. One key says that it was not them,
//! and raises the alarm as the page of a phone does; it is none of those that digits are typed with.
//!
//! What is typed comes back through the provider, under a signature with the account's token over the address and all that
//! was posted. Each question in a call is answered once; what comes again is refused.

#[cfg(test)]
mod tests;

use sallyport_model::{
    Challenge, ChallengeState, Factor, FactorKind, Proof, Span, User,
    challenge::{ChallengeError, Reach, Said},
    id::{AlarmId, ChallengeId, FactorId},
    signin::SignIn,
};
use sallyport_policy::EffectivePolicy;
use sallyport_store::{Once, StoreError, Versioned};
use sallyport_wire::twilio::{
    CallState, Callback, Form, signature,
    twiml::{Gather, Twiml, Verb},
};

use super::{
    Offer,
    challenge::{Shows, budget},
};
use crate::{
    AppError, Ctx, Phrase, Tx, alarm, factor,
    telephony::{Counted, Line, NOT_SENT, Occasion, budget::Carried},
};

/// Digits that a door shows for a call.
pub(crate) const DIGITS: usize = 6;
/// How long a call may take, from the first ring to the last digit.
pub(super) const LIFE: Span = Span::seconds(120);
/// How long each digit may take, in seconds.
const SILENCE: u8 = 15;
/// Where calls come back to, below our own address.
const CALLS: &str = "/telephony/calls";
/// Kind of a question in a call that was answered.
const ANSWERED: &str = "call_answered";

const ASK: &str = "This is your sign-in. Type the six digits that are shown where you sign in. If you are not signing in, \
    press star, then hash, and tell your administrator.";
const AGAIN: &str = "Those are not the digits. Type the six digits that are shown where you sign in. If you are not signing in, \
    press star, then hash.";
const NOT_ME: &str = "This sign-in is refused, and your administrators can see that it was not you. Set another password, and \
    tell your administrator. Goodbye.";
const THANK_YOU: &str = "Thank you. Your sign-in goes on.";
const WRONG: &str = "Those are not the digits. Goodbye.";
const OVER: &str = "This sign-in is over. Goodbye.";
const SILENT: &str = "No digits were typed. Goodbye.";

/// A call to be placed once it is certain that it may be.
pub(super) struct Ringing(Counted);

/// Those of the offers that can be called.
pub fn called_phones(offers: &[Offer]) -> impl Iterator<Item = &Offer> {
    offers.iter().filter(|offer| matches!(offer.proof, Proof::Phone { calls: true, .. }))
}

/// The number of a phone that may be called now, counted as called; or why there is no call.
pub(super) fn prepare(
    tx: &mut Tx<'_, '_>,
    sign_in: &SignIn,
    user: &Versioned<User>,
    phone: FactorId,
    policy: &EffectivePolicy,
    shows: &Shows,
) -> Result<Result<Ringing, Phrase>, AppError> {
    match shows {
        Shows::Number | Shows::NumberIfNeeded => {}
        Shows::This(digits) if digits.len() == DIGITS => {}
        // Fewer were for a push.
        Shows::Nothing | Shows::This(_) => return Ok(Err(Phrase::CannotShowDigits)),
    }
    let (ctx, now) = (tx.ctx, tx.ctx.now);
    let offers = factor::offers(tx, user.id, policy, now)?;
    let found = called_phones(&offers).find(|offer| offer.factor == phone);
    let (Some(Offer { proof: Proof::Phone { number, .. }, .. }), Some(line)) = (found, Line::of(tx, ctx)?)
    else {
        return Ok(Err(Phrase::NoPhoneToCall));
    };
    if budget::is_quiet(tx, user.id)? {
        return Ok(Err(Phrase::NoPhoneToCall));
    }
    let why = Occasion::sign_in(Some(sign_in.id));
    let counted = match line.count(tx, Carried::Call, why, user.id, number.clone())? {
        Ok(counted) => counted,
        Err(spent) => return Ok(Err(spent.phrase())),
    };
    if let Some(factor) = tx.find::<Factor>(phone)? {
        tx.record_touched(&factor.value, "call");
    }
    Ok(Ok(Ringing(counted)))
}

impl Ringing {
    /// Places the call. Where the provider did not take it, the challenge is void and the door hears why.
    pub(super) async fn place(self, ctx: &Ctx, challenge: &Challenge) -> Result<Option<Phrase>, AppError> {
        let question = Twiml(vec![ask(ctx, challenge.id, 1, ASK), Verb::Say(SILENT.into()), Verb::Hangup]);
        let over = over_address(ctx, challenge.id);
        if self.0.ring(ctx, question.write(), over).await.is_ok() {
            return Ok(None);
        }
        let id = challenge.id;
        ctx.write(move |tx| {
            if let Some(challenge) = tx.find_challenge(id)? {
                tx.put_challenge(&challenge.void())?;
            }
            Ok(())
        })
        .await?;
        Ok(Some(NOT_SENT))
    }
}

/// What somebody typed in a call, or that nothing was typed. Gives what is said next.
///
/// # Errors
/// The signature is not the provider's, or this was answered before.
pub async fn typed(
    ctx: &Ctx,
    id: ChallengeId,
    turn: u8,
    form: &[u8],
    header: &str,
) -> Result<String, AppError> {
    let url = format!("{}?turn={turn}", address(ctx, id));
    let callback = authentic(ctx, &url, form, header).await?;
    let (digits, alarm) = (callback.digits.unwrap_or_default(), ctx.id(AlarmId::new)?);
    let (said, sign_in) = ctx
        .write(move |tx| {
            let (ctx, now) = (tx.ctx, tx.ctx.now);
            once(tx, id, turn)?;
            let found = tx.find_challenge(id)?.filter(|challenge| challenge.kind == FactorKind::Phone);
            let Some(challenge) = found else { return Ok((bye(OVER), None)) };
            let sign_in = Some(challenge.sign_in);
            if digits.is_empty() {
                tx.put_challenge(&challenge.answer(Said::No, now).0)?;
                return Ok((bye(SILENT), sign_in));
            }
            if says_not_me(&digits) {
                return Ok((not_me(tx, alarm, challenge)?, sign_in));
            }
            let (after, taken) = challenge.answer(Said::Yes { number: &digits }, now);
            tx.put_challenge(&after)?;
            Ok(match (taken, after.state) {
                (Ok(()), _) => (bye(THANK_YOU), sign_in),
                (Err(ChallengeError::WrongNumber), ChallengeState::Waiting) => {
                    let next = turn.saturating_add(1);
                    let again = [ask(ctx, id, next, AGAIN), Verb::Say(SILENT.into()), Verb::Hangup];
                    (Twiml(again.into()), None)
                }
                (Err(ChallengeError::WrongNumber), _) => (bye(WRONG), sign_in),
                (Err(ChallengeError::Over), _) => (bye(OVER), sign_in),
            })
        })
        .await?;
    if let Some(sign_in) = sign_in {
        ctx.org.bells.ring(&sign_in.to_string());
    }
    Ok(said.write())
}

/// Whether this says that it was not them: the star alone. The hash only ends what is typed.
fn says_not_me(typed: &str) -> bool {
    let typed = typed.trim_end_matches('#');
    !typed.is_empty() && typed.bytes().all(|key| key == b'*')
}

/// Refuses it and raises the alarm. What was said before is not written over.
fn not_me(tx: &mut Tx<'_, '_>, alarm: AlarmId, challenge: Challenge) -> Result<Twiml, AppError> {
    let now = tx.ctx.now;
    let (after, taken) = challenge.answer(Said::NotMe, now);
    if taken.is_err() {
        return Ok(bye(OVER));
    }
    tx.put_challenge(&after)?;
    alarm::not_me(tx, alarm, &after)?;
    Ok(bye(NOT_ME))
}

/// A call was answered, which whoever waits is told; or it has ended, and nobody is to wait for digits that do not come any more.
///
/// # Errors
/// The signature is not the provider's.
pub async fn over(ctx: &Ctx, id: ChallengeId, form: &[u8], header: &str) -> Result<(), AppError> {
    let url = over_address(ctx, id);
    let callback = authentic(ctx, &url, form, header).await?;
    match callback.state {
        Some(CallState::InProgress) => return super::challenge::reached(ctx, id, Reach::Answered).await,
        Some(state) if state.is_over() => {}
        Some(_) | None => return Ok(()),
    }
    let ended = ctx
        .write(move |tx| {
            let now = tx.ctx.now;
            let found = tx.find_challenge(id)?.filter(|challenge| challenge.kind == FactorKind::Phone);
            let Some(challenge) = found.filter(|challenge| challenge.is_open(now)) else { return Ok(None) };
            let sign_in = challenge.sign_in;
            tx.put_challenge(&challenge.void())?;
            Ok(Some(sign_in))
        })
        .await?;
    if let Some(sign_in) = ended {
        ctx.org.bells.ring(&sign_in.to_string());
    }
    Ok(())
}

/// What the provider posted to this address, if it was the provider. What was sent to another address, or changed on the way,
/// is nobody's.
async fn authentic(ctx: &Ctx, url: &str, form: &[u8], header: &str) -> Result<Callback, AppError> {
    let reading = ctx.clone();
    let line = ctx.read(move |reader| Line::of(reader, &reading)).await?;
    let form = Form::parse(form).map_err(|error| AppError::invalid("form", error.to_string()))?;
    let account = line.as_ref().and_then(Line::account);
    let signed = line.as_ref().filter(|line| signature::verify(line.secret(), url, &form, header)).is_some();
    let (true, Some(account)) = (signed, account) else {
        tracing::warn!(request = &*ctx.request, url, "a callback is not signed by the telephony provider");
        return Err(AppError::Unauthenticated);
    };
    let callback = Callback::read(&form).map_err(|error| AppError::invalid("form", error.to_string()))?;
    if callback.account == account { Ok(callback) } else { Err(AppError::Unauthenticated) }
}

/// Each turn of a call is taken once, whoever brings it again.
fn once(tx: &mut Tx<'_, '_>, id: ChallengeId, turn: u8) -> Result<(), AppError> {
    let expires = tx.ctx.now.plus(Span::days(1));
    let once = Once { owner: id.to_string(), expires, used: None, doc: String::new() };
    match tx.put_once(ANSWERED, &format!("{id} {turn}"), &once) {
        Ok(()) => Ok(()),
        Err(StoreError::Taken { .. }) => Err(AppError::Conflict("this was answered before".into())),
        Err(error) => Err(error.into()),
    }
}

fn ask(ctx: &Ctx, id: ChallengeId, turn: u8, say: &str) -> Verb {
    let action = format!("{}?turn={turn}", address(ctx, id));
    let digits = u8::try_from(DIGITS).unwrap_or(u8::MAX);
    Verb::Gather(Gather { action, digits, seconds: SILENCE, say: say.into() })
}

fn bye(text: &str) -> Twiml {
    Twiml(vec![Verb::Say(text.into()), Verb::Hangup])
}

/// Where a call comes back to; of our own making, never taken from a request.
fn address(ctx: &Ctx, id: ChallengeId) -> String {
    format!("{}{CALLS}/{id}", ctx.org.config.external_url.trim_end_matches('/'))
}

/// Where the end of a call is told.
pub(crate) fn over_address(ctx: &Ctx, id: ChallengeId) -> String {
    format!("{}/over", address(ctx, id))
}

/// The digits of a call's challenge, as they are shown.
pub(super) fn new_challenge(
    id: ChallengeId,
    sign_in: &SignIn,
    (user, phone): (&User, FactorId),
    number: &str,
    what: String,
    now: sallyport_model::Time,
) -> Challenge {
    Challenge {
        id,
        sign_in: sign_in.id,
        user: user.id,
        factor: phone,
        kind: FactorKind::Phone,
        state: ChallengeState::Waiting,
        number: Some(number.to_owned()),
        wrong_numbers: 0,
        reach: Reach::OnItsWay,
        verifies: false,
        what,
        source: sign_in.source.clone(),
        country: sign_in.country,
        device: sign_in.device.clone(),
        answered_from: None,
        answered_in: None,
        disowned: false,
        created: now,
        expires: now.plus(LIFE),
    }
}
