//! What a phone says.

use sallyport_model::{
    Challenge,
    challenge::{ChallengeError, Said},
    id::{AlarmId, ChallengeId},
};
use sallyport_wire::{
    pages::phone::{By, Proved},
    webauthn::{RelyingParty, UserVerification},
};

use super::{KEY, Phone, PhoneKey, approval, hash_of};
use crate::{AppError, Ctx, Phrase, Tx, alarm, ctx::open_secret};

/// Takes what a phone says to one request. A yes counts only with the phone's own word over all that was shown; a no is
/// taken from the page.
///
/// # Errors
/// The request is over or another phone's, the number is not the one at the door, or the phone's word does not hold.
pub async fn answer(ctx: &Ctx, phone: &Phone, id: ChallengeId, said: Proved) -> Result<(), AppError> {
    let (factor, alarm) = (phone.factor.id, ctx.id(AlarmId::new)?);
    let (outcome, sign_in) = ctx
        .write(move |tx| {
            let now = tx.ctx.now;
            let over = || AppError::Conflict(Phrase::RequestOver.into());
            super::phone(tx, factor)?.ok_or(AppError::Unauthenticated)?;
            let found = tx.find_challenge(id)?.filter(|challenge| challenge.factor == factor);
            let found = found.ok_or_else(over)?;
            let words = match &said {
                Proved::No => Said::No,
                Proved::NotMe => Said::NotMe,
                Proved::Yes { number, by } => {
                    if !holds(tx, factor.to_string(), &approval(&found, number), by)? {
                        return Err(AppError::invalid("key", Phrase::PhoneDidNotSign));
                    }
                    Said::Yes { number }
                }
            };
            let sign_in = found.sign_in;
            let (after, taken) = found.answer(words, now);
            let after = match taken {
                // From where a yes came that opened something is not written over.
                Ok(()) if !after.disowned => here(tx.ctx, after),
                Ok(()) => after,
                // Of what was said before, nothing is written over.
                Err(ChallengeError::Over) => return Ok((taken, sign_in)),
                Err(ChallengeError::WrongNumber) => after,
            };
            tx.put_challenge(&after)?;
            if words == Said::NotMe && taken.is_ok() {
                alarm::not_me(tx, alarm, &after)?;
            }
            // A wrong number must be counted, so it is not an error of the transaction.
            Ok((taken, sign_in))
        })
        .await?;
    ctx.org.bells.ring(&sign_in.to_string());
    match outcome {
        Ok(()) => Ok(()),
        Err(ChallengeError::Over) => Err(AppError::Conflict(Phrase::RequestOver.into())),
        Err(ChallengeError::WrongNumber) => Err(AppError::invalid("number", Phrase::PhoneNumberWrong)),
    }
}

/// Notes where an answer came from.
fn here(ctx: &Ctx, answered: Challenge) -> Challenge {
    let (from, place) = (ctx.source, ctx.org.places.of(ctx.source));
    Challenge { answered_from: from.map(|from| from.to_string()), answered_in: place.country, ..answered }
}

/// Whether the phone has signed this text.
fn holds(tx: &mut Tx<'_, '_>, factor: String, text: &str, by: &By) -> Result<bool, AppError> {
    let ctx = tx.ctx;
    let Some(key) = open_secret(tx, ctx, &factor, KEY)? else { return Ok(false) };
    let key: PhoneKey = serde_json::from_slice(&key)?;
    Ok(match (&key, by) {
        (PhoneKey::BrowserKey { point }, By::BrowserKey { signature }) => {
            PhoneKey::browser_key(point).is_some_and(|key| key.verifies_fixed(text.as_bytes(), signature))
        }
        (PhoneKey::Passkey { cose, credential }, By::Passkey(assertion)) => {
            let rp = RelyingParty::of_url(&ctx.org.config.external_url);
            let named = data_encoding::BASE64URL_NOPAD.encode(&assertion.credential) == *credential;
            let cose = data_encoding::HEXLOWER.decode(cose.as_bytes()).unwrap_or_default();
            let asserted = rp
                .filter(|_| named)
                .map(|rp| assertion.verify(&cose, &hash_of(text), &rp, UserVerification::Required));
            if let Some(Err(error)) = &asserted {
                tracing::info!(request = &*ctx.request, factor, %error, "a phone's word does not hold");
            }
            matches!(asserted, Some(Ok(_)))
        }
        (PhoneKey::BrowserKey { .. }, By::Passkey(_)) | (PhoneKey::Passkey { .. }, By::BrowserKey { .. }) => {
            false
        }
    })
}
