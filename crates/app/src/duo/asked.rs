//! Phones that are asked for an application: which one is meant, and by which number.

use std::time::Duration;

use sallyport_crypto::random;
use sallyport_model::{
    FactorKind, Span,
    id::{FactorId, UserId},
};
use sallyport_store::Once;
use sallyport_wire::duo::{
    ApiError, Code,
    auth::{AuthFactor, AuthRequest, DeviceRef, MenuDigits, PromptAnswer, Shown},
};

use super::{Protected, transaction::fresh_txid};
use crate::{
    AppError, Ctx, Phrase, Tx,
    signin::{Answer, Offer, call, challenge::Shows},
};

/// Kinds of the number that an application shows before it asks: of a push, and of a call.
const PUSH: &str = "verified_push";
const CALL: &str = "verified_call";
/// How long the number is good, as the application is told, and a little longer for whoever reads the menu.
pub(super) const SHOWN: u32 = 60;
const GOOD: Span = Span::seconds(150);

/// How long an application waits for an answer that it did not ask for by a transaction.
pub(super) const PATIENCE: Duration = Duration::from_secs(62);

/// What of a person's factors an application calls a phone, in the order in which it counts them.
pub(super) fn phones(offers: &[Offer]) -> impl Iterator<Item = &Offer> {
    offers
        .iter()
        .filter(|offer| matches!(offer.kind(), FactorKind::Mail | FactorKind::Phone | FactorKind::Push))
}

/// The one that is meant among those that can do it: by its id, by its place in the menu, or the first.
pub(super) fn meant<'a>(
    offers: &'a [Offer],
    by: Meant<'_>,
    can: impl Fn(&Offer) -> bool,
) -> Option<&'a Offer> {
    let mut phones = phones(offers);
    let found = match by {
        Meant::Device(DeviceRef::Auto) => phones.find(|offer| can(offer)),
        Meant::Device(DeviceRef::Id(id)) => phones.find(|offer| offer.duo_id == *id),
        Meant::Number(number) => phones.nth(usize::from(number).saturating_sub(1)),
    };
    found.filter(|offer| can(offer))
}

/// How a phone is named.
#[derive(Debug, Clone, Copy)]
pub(super) enum Meant<'a> {
    Device(&'a DeviceRef),
    /// As the menu counts phones, from one.
    Number(u8),
}

/// The phone that a request wants a push to, if it wants one.
pub(super) fn pushed(factor: &AuthFactor) -> Option<Meant<'_>> {
    match factor {
        AuthFactor::Auto(device) | AuthFactor::Push(device) => Some(Meant::Device(device)),
        AuthFactor::Prompt(PromptAnswer::Push(number) | PromptAnswer::VerifiedPush { number, .. }) => {
            Some(Meant::Number(*number))
        }
        AuthFactor::Passcode(_) | AuthFactor::Phone(_) | AuthFactor::Prompt(_) | AuthFactor::Sms(_) => None,
    }
}

pub(super) fn can_push(offer: &Offer) -> bool {
    offer.kind() == FactorKind::Push
}

/// How this phone is pushed: with the number that the application or its menu has shown, which they do once; with one that
/// is told to whoever typed a word and waits for a transaction, for they print what they are told; or with none; or why
/// it is not.
pub(super) async fn push(
    ctx: &Ctx,
    application: &Protected,
    request: &AuthRequest,
    (person, phone): (UserId, FactorId),
) -> Result<Result<Answer, Phrase>, super::DuoError> {
    let shows = match request.verified_push_txid() {
        None if request.is_async && request.is_typed() => Shows::NumberIfNeeded,
        None => Shows::Nothing,
        Some(txid) => match shown(ctx, application, person, PUSH, txid).await? {
            Some(number) => Shows::This(number),
            None if request.is_typed() => return Ok(Err(Phrase::OldDigits)),
            None => {
                let unknown = ApiError::new(Code::InvalidParameters).with_detail("txid");
                return Err(unknown.into());
            }
        },
    };
    Ok(Ok(Answer::Ask { phone: Some(phone), shows }))
}

/// How this phone is called: with the digits of the menu, if it was chosen there and they are still good. Who waits for a
/// transaction prints what it is told meanwhile, so there the digits are shown then; elsewhere nobody is called, and this
/// says why.
pub(super) async fn call(
    ctx: &Ctx,
    application: &Protected,
    request: &AuthRequest,
    (person, phone): (UserId, FactorId),
) -> Result<Result<Answer, Phrase>, AppError> {
    let shows = match request.call_txid() {
        Some(txid) => match shown(ctx, application, person, CALL, txid).await? {
            Some(digits) => Shows::This(digits),
            None => return Ok(Err(Phrase::OldDigits)),
        },
        None if request.is_async => Shows::Number,
        None if request.is_typed() => return Ok(Err(Phrase::ByNumber)),
        None => Shows::Nothing,
    };
    Ok(Ok(Answer::Ask { phone: Some(phone), shows }))
}

/// Draws numbers that this application shows this person, each with the id under which it comes back: for calls, and of so
/// many digits for pushes.
pub(super) async fn show(
    ctx: &Ctx,
    application: &Protected,
    person: UserId,
    (calls, pushes): (bool, Option<u8>),
) -> Result<Shown, AppError> {
    let mut kept = Vec::new();
    let mut draw = |kind: &'static str, digits: usize| {
        let (digits, txid) = (random::digits(&*ctx.org.random, digits)?, fresh_txid(ctx)?);
        let (owner, expires) = (owner(application, person), ctx.now.plus(GOOD));
        let once = Once { owner, expires, used: None, doc: digits.clone() };
        kept.push((kind, ctx.org.keys.hash_token(kind, &txid), once));
        Ok::<_, AppError>(MenuDigits { digits, txid })
    };
    let shown = Shown {
        calls: calls.then(|| draw(CALL, call::DIGITS)).transpose()?,
        pushes: pushes.map(|digits| draw(PUSH, digits.into())).transpose()?,
    };
    if !kept.is_empty() {
        let keep = move |tx: &mut Tx<'_, '_>| {
            kept.iter().try_for_each(|(kind, hash, once)| Ok(tx.put_once(kind, hash, once)?))
        };
        ctx.write(keep).await?;
    }
    Ok(shown)
}

/// The number that was shown, if it was by this application and to this person, and nobody has used it.
async fn shown(
    ctx: &Ctx,
    application: &Protected,
    person: UserId,
    kind: &'static str,
    txid: &str,
) -> Result<Option<String>, AppError> {
    let (hash, owner) = (ctx.org.keys.hash_token(kind, txid), owner(application, person));
    ctx.write(move |tx| {
        let now = tx.ctx.now;
        let found = tx.find_once(kind, &hash)?.filter(|once| once.owner == owner);
        Ok(match found {
            Some(once) if tx.use_once(kind, &hash, now)? => Some(once.doc),
            Some(_) | None => None,
        })
    })
    .await
}

fn owner(application: &Protected, person: UserId) -> String {
    format!("{} {person}", application.id)
}
