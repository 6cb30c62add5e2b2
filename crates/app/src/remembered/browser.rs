//! A browser that is remembered: what its page is asked, and what its key's word does.
//!
//! The key is made in the browser and cannot be taken out of it. Both words are over a question of ours that is bound to the
//! sign-in it was asked at and good once, so no word of one sign-in says anything in another.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sallyport_model::{
    PasswordStatus, Span, Time, User,
    name::printable,
    signin::{FirstDoor, Reason, SecondDoor, SignIn},
};
use sallyport_policy::{Decision, EffectivePolicy};
use sallyport_store::{Once, Reader, Versioned};
pub use sallyport_wire::pages::remembered::Word;
use sallyport_wire::pages::remembered::{Asked, WordError};
use serde::Serialize;

use super::{BROWSER, Browser, MOST, Proof, browsers, id_of, is_for, leaves_a_trace};
use crate::{
    AppError, Ctx, Tx,
    passkey::challenge::{self, Purpose},
    signin::{self, Asking, SecondDoorStep},
};

/// Whether a browser can be remembered at a second door, and which may be already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AtDoor {
    /// For how long; 0 where none are.
    pub hours: u32,
    /// The thumbprints of the keys of browsers that need not pass it.
    pub known: Vec<String>,
}

/// What the page at a second door asks the browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// To be signed by whoever wants to be remembered.
    pub remember: String,
    /// To be signed by whoever is.
    pub remembered: String,
    /// The thumbprints of the keys that are known here.
    pub known: Vec<String>,
}

impl From<WordError> for AppError {
    fn from(error: WordError) -> Self {
        Self::invalid("remembered", error.to_string())
    }
}

/// Somebody wants to be remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub word: Word,
    /// As the browser names itself.
    pub user_agent: String,
}

/// Whether the browser's key has signed what it was asked, which was asked of this sign-in.
fn holds(word: &Word, ctx: &Ctx, asked: Asked, asked_of: &str) -> bool {
    let purpose = match asked {
        Asked::Remember => Purpose::Remember,
        Asked::Remembered => Purpose::Remembered,
    };
    challenge::is_ours(ctx, purpose, asked_of, &word.challenge) && word.answers(asked)
}

/// What the page at a second door asks its browser; `None` where nothing is remembered.
///
/// # Errors
/// No randomness.
pub fn question(ctx: &Ctx, step: &SecondDoorStep) -> Result<Option<Question>, AppError> {
    if step.remembering.hours == 0 {
        return Ok(None);
    }
    let of = signin::handle_hash(ctx, &step.handle);
    let asked = |purpose| Ok::<_, AppError>(BASE64URL_NOPAD.encode(&challenge::set(ctx, purpose, &of)?));
    Ok(Some(Question {
        remember: asked(Purpose::Remember)?,
        remembered: asked(Purpose::Remembered)?,
        known: step.remembering.known.clone(),
    }))
}

/// What is remembered at the second door of this sign-in. Keys are named only if one of them would open it.
pub(crate) fn at_door(
    reader: &mut Reader,
    ctx: &Ctx,
    sign_in: &SignIn,
    user: &Versioned<User>,
    policy: &EffectivePolicy,
) -> Result<AtDoor, AppError> {
    let hours = policy.remembered_devices.value.hours;
    if hours == 0 || !is_for(user, &sign_in.resource) || !is_first(sign_in) {
        return Ok(AtDoor::default());
    }
    let mut known = Vec::new();
    for (browser, _) in counting(reader, ctx, sign_in, user, policy)? {
        known.push(browser.thumbprint);
    }
    if !known.is_empty() && spared(reader, ctx, sign_in, user)?.is_none() {
        known.clear();
    }
    Ok(AtDoor { hours, known })
}

/// Whether the sign-in comes from a first door: a session that is open already has to prove itself anew.
fn is_first(sign_in: &SignIn) -> bool {
    match sign_in.first_door {
        Some(FirstDoor::Password | FirstDoor::Vouched { .. }) => true,
        Some(FirstDoor::Passkey | FirstDoor::Session) | None => false,
    }
}

/// The browsers that count for this sign-in, and when they cease to be kept.
fn counting(
    reader: &mut Reader,
    ctx: &Ctx,
    sign_in: &SignIn,
    user: &User,
    policy: &EffectivePolicy,
) -> Result<Vec<(Browser, Time)>, AppError> {
    let now = ctx.now;
    let mut found = Vec::new();
    for (browser, expires) in browsers(reader, user.id)? {
        let counts = browser.proof.until(user, &sign_in.resource, policy, now).is_some() && now < expires;
        if counts && browser.proof.is_there(reader, now)? {
            found.push((browser, expires));
        }
    }
    Ok(found)
}

/// Why somebody who is remembered passes; `None` where they are asked all the same.
fn spared(
    reader: &mut Reader,
    ctx: &Ctx,
    sign_in: &SignIn,
    user: &Versioned<User>,
) -> Result<Option<Vec<Reason>>, AppError> {
    // An old password may long be known to others: whoever sets a new one passes the door.
    if user.password_status == PasswordStatus::Expired && sign_in.first_door == Some(FirstDoor::Password) {
        return Ok(None);
    }
    let asking = Asking { remembered: true, ..Asking::of(sign_in) };
    // A browser that has moved since is asked where either place asks for it.
    let here = Asking { source: ctx.source, ..asking };
    let decisions =
        [signin::rule(reader, ctx, user, here)?.decision, signin::rule(reader, ctx, user, asking)?.decision];
    Ok(match decisions {
        [Decision::Allow(_), Decision::Allow(reasons)] => Some(reasons),
        [Decision::Allow(_) | Decision::Deny(_) | Decision::SecondDoor(_), _] => None,
    })
}

/// Tries the word of a browser that is remembered; why the person passes, if they do. What is accepted is spent in this
/// transaction.
pub(crate) fn accept(
    tx: &mut Tx<'_, '_>,
    sign_in: &SignIn,
    user: &Versioned<User>,
    policy: &EffectivePolicy,
    word: &Word,
    asked_of: &str,
) -> Result<Option<Vec<Reason>>, AppError> {
    let ctx = tx.ctx;
    if !is_first(sign_in) || !holds(word, ctx, Asked::Remembered, asked_of) {
        return Ok(None);
    }
    let thumbprint = word.thumbprint();
    let known = counting(tx, ctx, sign_in, user, policy)?;
    if !known.iter().any(|(browser, _)| browser.thumbprint == thumbprint) {
        return Ok(None);
    }
    let Some(reasons) = spared(tx, ctx, sign_in, user)? else { return Ok(None) };
    Ok(challenge::spend(tx, Purpose::Remembered, &word.challenge)?.then_some(reasons))
}

/// Remembers the browser of somebody who has passed the second door, if policy wants that. A wish that does not hold changes
/// nothing else.
pub(crate) fn keep(
    tx: &mut Tx<'_, '_>,
    sign_in: &SignIn,
    user: &Versioned<User>,
    second: &SecondDoor,
    policy: &EffectivePolicy,
    wish: &Wish,
    asked_of: &str,
) -> Result<(), AppError> {
    let (ctx, remembered) = (tx.ctx, &policy.remembered_devices.value);
    let may = remembered.hours > 0 && is_for(user, &sign_in.resource) && is_first(sign_in);
    if !may || !leaves_a_trace(second.kind) {
        return Ok(());
    }
    if !holds(&wish.word, ctx, Asked::Remember, asked_of)
        || !challenge::spend(tx, Purpose::Remember, &wish.word.challenge)?
    {
        tracing::info!(request = &*ctx.request, "a browser's key did not hold, and it is not remembered");
        return Ok(());
    }
    let thumbprint = wish.word.thumbprint();
    let browser = Browser {
        id: id_of(&thumbprint, user.id, &sign_in.resource),
        point: HEXLOWER.encode(&wish.word.point),
        thumbprint,
        user_agent: printable(&wish.user_agent, 200),
        proof: Proof {
            user: user.id,
            epoch: user.credential_epoch,
            factor: second.factor,
            kind: second.kind,
            resource: sign_in.resource.clone(),
            reach: remembered.reach,
            at: ctx.now,
        },
    };
    make_room(tx, user, &browser.id)?;
    let expires = ctx.now.plus(Span::hours(i64::from(remembered.hours)));
    let doc = serde_json::to_string(&browser)?;
    let once = Once { owner: user.id.to_string(), expires, used: None, doc };
    Ok(tx.put_once(BROWSER, &browser.id, &once)?)
}

/// Forgets what the new one takes the place of: its former self, what counts no more, and the oldest of too many.
fn make_room(tx: &mut Tx<'_, '_>, user: &User, id: &str) -> Result<(), AppError> {
    let mut before = browsers(tx, user.id)?;
    before.sort_by_key(|(browser, _)| std::cmp::Reverse(browser.proof.at));
    let mut kept = 0;
    for (browser, _) in before {
        let stands = browser.id != id && browser.proof.epoch == user.credential_epoch;
        if stands && kept + 1 < MOST {
            kept += 1;
        } else {
            tx.delete_once(BROWSER, &browser.id)?;
        }
    }
    Ok(())
}
