//! Challenges for passkeys, and for the keys of browsers that are remembered: 16 random bytes, when they end, and our code
//! over both, over what they are for, and over whom they were given to.

use sallyport_crypto::{constant_time_eq, digest, random};
use sallyport_model::Time;
use sallyport_store::{Once, StoreError};

use super::life;
use crate::{AppError, Ctx, Tx};

/// Kind of a challenge that was answered.
const ANSWERED: &str = "passkey_challenge";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Enrollment,
    FirstDoor,
    Remember,
    Remembered,
    SecondDoor,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Enrollment => "passkey_enrollment",
            Self::FirstDoor => "passkey_first_door",
            Self::Remember => "remember_browser",
            Self::Remembered => "remembered_browser",
            Self::SecondDoor => "passkey_second_door",
        }
    }
}

pub(crate) fn set(ctx: &Ctx, purpose: Purpose, of: &str) -> Result<Vec<u8>, AppError> {
    let nonce = random::bytes::<16>(&*ctx.org.random)?;
    let until = ctx.now.plus(life(purpose)).0.to_be_bytes();
    let front = [&nonce[..], &until].concat();
    let code = code(ctx, purpose, of, &front);
    Ok([front, code].concat())
}

/// Whether we set it for this and for them, and its time is not over.
pub(crate) fn is_ours(ctx: &Ctx, purpose: Purpose, of: &str, challenge: &[u8]) -> bool {
    let Some((front, given)) = challenge.split_at_checked(24) else { return false };
    constant_time_eq(given, &code(ctx, purpose, of, front))
        && until(front).is_some_and(|until| ctx.now <= until)
}

/// Spends it: of any number of answers to one question, one is told `true`.
pub(crate) fn spend(tx: &mut Tx<'_, '_>, purpose: Purpose, challenge: &[u8]) -> Result<bool, AppError> {
    let hash = digest::hex(&digest::sha256(challenge));
    // It is remembered for as long as it could be brought again.
    let expires = tx.ctx.now.plus(life(purpose));
    let once = Once { owner: String::new(), expires, used: None, doc: String::new() };
    match tx.put_once(ANSWERED, &hash, &once) {
        Ok(()) => Ok(true),
        Err(StoreError::Taken { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn until(front: &[u8]) -> Option<Time> {
    front.last_chunk::<8>().map(|bytes| Time(i64::from_be_bytes(*bytes)))
}

fn code(ctx: &Ctx, purpose: Purpose, of: &str, front: &[u8]) -> Vec<u8> {
    let text = format!("{}{of}", digest::hex(front));
    let hash = ctx.org.keys.hash_token(purpose.as_str(), &text);
    data_encoding::HEXLOWER.decode(hash.as_bytes()).unwrap_or_default()
}
