//! Phones that are asked for an application: which one is meant, and by which number.

use std::time::Duration;

use sallyport_crypto::random;
use sallyport_model::{Application, FactorKind, Span, id::FactorId};
use sallyport_store::Once;
use sallyport_wire::duo::{
    Code,
    auth::{AuthFactor, AuthRequest, DeviceRef, PromptAnswer, VerifiedPush},
};

use super::{Protected, transaction::fresh_txid};
use crate::{
    AppError, Ctx,
    signin::{Answer, Offer, challenge::Shows},
};

/// Kind of the number that an application shows before it asks.
const NUMBER: &str = "verified_push";
/// How long the number is good, as the application is told, and a little longer for whoever reads the menu.
const SHOWN: u32 = 60;
const GOOD: Span = Span::seconds(150);

/// How long an application waits for an answer that it did not ask for by a transaction.
pub(super) const PATIENCE: Duration = Duration::from_secs(62);

/// What of a person's factors an application calls a phone, in the order in which it counts them.
pub(super) fn phones(offers: &[Offer]) -> impl Iterator<Item = &Offer> {
    offers.iter().filter(|offer| matches!(offer.kind(), FactorKind::Phone | FactorKind::Push))
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
        AuthFactor::Prompt(PromptAnswer::Push(number) | PromptAnswer::VerifiedPush(number)) => {
            Some(Meant::Number(*number))
        }
        AuthFactor::Passcode(_) | AuthFactor::Phone(_) | AuthFactor::Prompt(_) | AuthFactor::Sms(_) => None,
    }
}

pub(super) fn can_push(offer: &Offer) -> bool {
    offer.kind() == FactorKind::Push
}

/// Whether pushes of this application may go without a number.
pub(super) async fn is_plain(ctx: &Ctx, application: &Protected) -> Result<bool, AppError> {
    let (id, asking) = (application.id, ctx.clone());
    ctx.read(move |reader| {
        Ok(asking
            .org
            .view
            .application(reader, id)?
            .is_some_and(|found: std::sync::Arc<Application>| found.plain_push))
    })
    .await
}

/// A number of so many digits for the application to show, and the transaction under which it comes back.
pub(super) async fn verified_push(
    ctx: &Ctx,
    application: &Protected,
    digits: u8,
) -> Result<VerifiedPush, AppError> {
    let number = random::digits(&*ctx.org.random, digits.into())?;
    let txid = fresh_txid(ctx)?;
    let hash = ctx.org.keys.hash_token(NUMBER, &txid);
    let (owner, doc) = (application.id.to_string(), number.clone());
    let once = Once { owner, expires: ctx.now.plus(GOOD), used: None, doc };
    ctx.write(move |tx| Ok(tx.put_once(NUMBER, &hash, &once)?)).await?;
    Ok(VerifiedPush { txid, verification_code: number, expiration: SHOWN })
}

/// How this phone is asked: with the number that the application has shown, which it does once, or with none.
pub(super) async fn ask(
    ctx: &Ctx,
    application: &Protected,
    request: &AuthRequest,
    phone: FactorId,
) -> Result<Answer, super::DuoError> {
    let Some(txid) = request.verified_push_txid() else {
        return Ok(Answer::Ask { phone: Some(phone), shows: Shows::Nothing });
    };
    let (hash, owner) = (ctx.org.keys.hash_token(NUMBER, txid), application.id.to_string());
    let number = ctx
        .write(move |tx| {
            let now = tx.ctx.now;
            let found = tx.find_once(NUMBER, &hash)?.filter(|once| once.owner == owner);
            Ok(match found {
                Some(once) if tx.use_once(NUMBER, &hash, now)? => Some(once.doc),
                Some(_) | None => None,
            })
        })
        .await?;
    let unknown = || sallyport_wire::duo::ApiError::new(Code::InvalidParameters).with_detail("txid");
    Ok(Answer::Ask { phone: Some(phone), shows: Shows::This(number.ok_or_else(unknown)?) })
}
