//! One sign-in, from identifier to decision. The portal, the REST login, the Duo API and the device login all
//! come through here; a front door only translates.

mod by_passkey;
pub mod call;
pub(crate) mod cancel;
pub mod challenge;
pub mod duo;
mod first_door;
pub(crate) mod names;
mod preview;
mod ruling;
mod second_door;
pub mod spray;
pub(crate) mod step_up;
mod text;
pub mod throttle;
mod unasked;

#[cfg(test)]
pub(crate) mod tests;

use sallyport_crypto::Secret;
use sallyport_model::{
    FactorKind, Proof, Span, Time, User, fold,
    id::{FactorId, SignInId, UserId},
    name::printable,
    signin::{FirstDoor, Passed, Reason, Resource, SecondDoor, SignIn, SignInState},
};
use sallyport_wire::webauthn::Assertion;

pub use self::{
    by_passkey::begin_by_passkey,
    first_door::begin,
    preview::{Looked, Preview, look, preview},
    text::{ON_ITS_WAY, text, texted_phones},
    unasked::{Unasked, keep_unasked},
};
pub(crate) use self::{
    ruling::{Asking, Ruling, rule, rule_at_door, rule_from},
    text::{text_for_later, text_once_more},
};
use crate::{
    AppError, Ctx, Phrase, Tx,
    ctx::uuid_at,
    factor::at_door::ByMail,
    remembered::{self, browser::Wish},
};

/// How long the second door stays open after the first.
pub(crate) const SECOND_DOOR_OPEN: Span = Span::minutes(5);

/// Of what asks, so many characters are kept.
const LONGEST_DEVICE: usize = 128;

/// Said for every failure at the first door, so that nobody learns which names exist.
pub const WRONG: Phrase = Phrase::Wrong;
/// Said when the first door was fine but somebody may not pass all the same.
pub const NO_ACCESS: Phrase = Phrase::NoAccess;
/// Said at a device when nothing but the age of the password stands in the way; where to change it follows.
pub const PASSWORD_EXPIRED: &str = "Your password has expired.";
/// Said when the sign-in ran out of time.
pub const START_AGAIN: Phrase = Phrase::StartAgain;
/// Said when too much was wrong lately.
pub const TOO_MANY: Phrase = Phrase::TooMany;
/// Said for a wrong code at the second door.
pub const WRONG_CODE: Phrase = Phrase::WrongCode;
/// Said for a passkey whose answer does not hold.
pub const WRONG_PASSKEY: Phrase = Phrase::WrongPasskey;
/// Said in a browser that is remembered no more.
pub const NOT_REMEMBERED: Phrase = Phrase::NotRemembered;
/// Said for a code that opened the door before.
pub const USED_CODE: Phrase = Phrase::UsedCode;

/// A person at a front door.
#[derive(Debug, Clone)]
pub struct Begin {
    pub name: String,
    pub resource: Resource,
    pub first_door: FirstDoorProof,
}

/// What speaks for the first door.
#[derive(Debug, Clone)]
pub enum FirstDoorProof {
    /// We check it.
    Password(Secret),
    /// Checked elsewhere, by this system.
    Vouched { by: String },
}

/// Where a sign-in goes next.
#[derive(Debug, Clone)]
pub enum Step {
    SecondDoor(SecondDoorStep),
    /// The first door is passed but there is nothing to open the second with.
    EnrollmentNeeded {
        user: UserId,
        /// A code can be mailed with which they enrol something themselves.
        by_mail: Option<Box<ByMail>>,
    },
    Allowed(Box<Admission>),
    Denied(Denial),
}

#[derive(Debug, Clone)]
pub struct SecondDoorStep {
    /// Must be brought with the answer.
    pub handle: Secret,
    pub offers: Vec<Offer>,
    /// What is being answered elsewhere.
    pub waiting: Option<challenge::Waiting>,
    /// Whether a browser can be remembered here.
    pub remembering: remembered::browser::AtDoor,
    /// What was wrong with the last answer.
    pub problem: Option<Phrase>,
}

/// A factor that could open the second door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub factor: FactorId,
    pub proof: Proof,
    pub name: String,
    pub duo_id: String,
}

impl Offer {
    #[must_use]
    pub const fn kind(&self) -> FactorKind {
        self.proof.kind()
    }
}

/// What somebody brings to the second door.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Nothing: the door is looked at once more, as when its page is loaded again.
    Again,
    /// What Duo said of whoever came back from there.
    Duo(duo::Stated),
    /// No answer yet: a phone is to be asked, this one or the first.
    Ask { phone: Option<FactorId>, shows: challenge::Shows },
    /// Nothing: it was asked for elsewhere, and may be answered by now.
    Elsewhere,
    /// To a challenge of [`crate::passkey::ask_at_second_door`].
    Passkey(Box<Assertion>),
    /// Of an authenticator application or a hardware token, or a bypass code.
    Passcode(Secret),
    /// The word of a browser that is remembered.
    Remembered(Box<remembered::browser::Word>),
}

impl Answer {
    /// What is said when it does not open the door, there and to administrators.
    const fn wrong(&self) -> (Phrase, Reason) {
        match self {
            Self::Again | Self::Ask { .. } | Self::Elsewhere | Self::Passcode(_) => {
                (WRONG_CODE, Reason::FactorWrong)
            }
            Self::Duo(_) => (duo::Stated::WRONG, Reason::DuoDenied),
            Self::Passkey(_) => (WRONG_PASSKEY, Reason::FactorWrong),
            Self::Remembered(_) => (NOT_REMEMBERED, Reason::FactorWrong),
        }
    }
}

/// The end without success. `text` is for the person; `reasons` are for administrators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    pub text: Phrase,
    pub reasons: Vec<Reason>,
    pub retry_after_seconds: Option<u32>,
}

/// Proof that a sign-in ended with *allowed*. Only this module makes one, in one place.
#[derive(Debug, Clone)]
pub struct Admission {
    user: User,
    sign_in: SignInId,
    resource: Resource,
    reasons: Vec<Reason>,
    first_door: Option<FirstDoor>,
    second_door: Option<SecondDoor>,
}

impl Denial {
    pub(crate) const fn new(text: Phrase, reasons: Vec<Reason>) -> Self {
        Self { text, reasons, retry_after_seconds: None }
    }

    fn start_again() -> Self {
        Self::new(START_AGAIN, vec![Reason::Expired])
    }

    /// Held back: said to a right password as to a wrong one.
    fn throttled(wait: Span) -> Self {
        let retry_after_seconds = Some(u32::try_from(wait.as_seconds()).unwrap_or(u32::MAX).max(1));
        Self { retry_after_seconds, ..Self::new(Phrase::too_many(wait), vec![Reason::Throttled]) }
    }
}

impl Admission {
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    #[must_use]
    pub const fn sign_in(&self) -> SignInId {
        self.sign_in
    }

    /// What the person was let in to, and to nothing else.
    #[must_use]
    pub const fn resource(&self) -> &Resource {
        &self.resource
    }

    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// Whether the second door was passed too.
    #[must_use]
    pub const fn both_doors(&self) -> bool {
        self.second_door.is_some()
    }

    /// How the first door was passed.
    #[must_use]
    pub const fn first_door(&self) -> Option<&FirstDoor> {
        self.first_door.as_ref()
    }

    /// How the second door was passed, if it was.
    #[must_use]
    pub const fn second_door(&self) -> Option<&SecondDoor> {
        self.second_door.as_ref()
    }
}

/// Answers at the second door with a code: of an authenticator application, or a bypass code.
///
/// # Errors
/// Something of ours failed. A wrong code is a [`Step`], not an error.
pub async fn passcode(ctx: &Ctx, handle: &Secret, passcode: &Secret) -> Result<Step, AppError> {
    answer(ctx, handle, Answer::Passcode(passcode.clone())).await
}

/// Answers at the second door.
///
/// # Errors
/// Something of ours failed. A wrong answer is a [`Step`], not an error.
pub async fn answer(ctx: &Ctx, handle: &Secret, answer: Answer) -> Result<Step, AppError> {
    answer_and_remember(ctx, handle, answer, None).await
}

/// Answers at the second door in a browser that is to be remembered, if there is a `wish`.
///
/// # Errors
/// As [`answer`].
pub async fn answer_and_remember(
    ctx: &Ctx,
    handle: &Secret,
    answer: Answer,
    wish: Option<Wish>,
) -> Result<Step, AppError> {
    if let Answer::Ask { phone, shows } = answer {
        return challenge::ask(ctx, handle, phone, shows).await;
    }
    let handle = handle.clone();
    let hash = handle_hash(ctx, &handle);
    if !is_known(ctx, &hash).await? {
        return Ok(Step::Denied(Denial::start_again()));
    }
    ctx.write(move |tx| {
        let Some(stored) = tx.find_sign_in_by_handle(&hash)? else {
            return Ok(Step::Denied(Denial::start_again()));
        };
        let at = second_door::At {
            sign_in: stored.sign_in,
            handle: &handle,
            handle_hash: &hash,
            asked_of: &hash,
            wish: wish.as_ref(),
        };
        second_door::answer(tx, at, &answer)
    })
    .await
}

/// Whether a sign-in goes on with this handle, so that one that was made up costs no write.
async fn is_known(ctx: &Ctx, hash: &str) -> Result<bool, AppError> {
    let hash = hash.to_owned();
    ctx.read(move |reader| Ok(reader.find_sign_in_by_handle(&hash)?.is_some())).await
}

/// The form in which the secret between the steps rests.
pub(crate) fn handle_hash(ctx: &Ctx, handle: &Secret) -> String {
    ctx.org.keys.hash_token(HANDLE, handle.expose())
}

/// Stands for whoever has no account.
pub(crate) const NOBODY: UserId = UserId::new(uuid::Uuid::nil());

/// Kind of the bearer secret between the steps.
const HANDLE: &str = "sph";

/// A sign-in that has just begun.
pub(crate) fn new_sign_in(
    ctx: &Ctx,
    id: SignInId,
    name: &str,
    user: Option<&User>,
    resource: Resource,
) -> SignIn {
    SignIn {
        id,
        name: printable(name, 64),
        user: user.map(|user| user.id),
        resource,
        source: ctx.source.map(|source| source.to_string()),
        country: ctx.org.places.of(ctx.source).country,
        device: ctx.device.as_deref().map(|device| printable(device, LONGEST_DEVICE)),
        host: ctx.host.as_deref().map(|host| printable(host, LONGEST_DEVICE)),
        managed_device: user.and_then(|user| ctx.device_of(user.id)),
        state: SignInState::FirstDoor,
        first_door: None,
        second_door: None,
        tried: None,
        reasons: Vec::new(),
        epoch: user.map_or(0, |user| user.credential_epoch),
        created: ctx.now,
    }
}

/// The one place where a sign-in is allowed.
fn admit(
    tx: &mut Tx<'_, '_>,
    sign_in: SignIn,
    user: &User,
    passed: Passed,
    reasons: Vec<Reason>,
) -> Result<Step, AppError> {
    let allowed = sign_in.allow(passed, reasons.clone(), tx.ctx.now)?;
    tx.put_sign_in(&allowed, "")?;
    let SignIn { id, resource, first_door, second_door, .. } = allowed;
    let user = user.clone();
    Ok(Step::Allowed(Box::new(Admission { user, sign_in: id, resource, reasons, first_door, second_door })))
}

/// The lowest id a sign-in of this time can have.
pub(crate) fn id_at(time: Time) -> SignInId {
    SignInId::new(uuid_at(time, &[0; 10]))
}

/// When a sign-in began, by its id.
pub(crate) fn begun_at(id: SignInId) -> Time {
    let (seconds, nanos) = id.uuid().get_timestamp().map_or((0, 0), |stamp| stamp.to_unix());
    let seconds = i64::try_from(seconds).unwrap_or(0);
    Time(seconds.saturating_mul(1_000_000).saturating_add(i64::from(nanos / 1000)))
}

/// The name under which attempts are counted.
pub(crate) fn counted_name(name: &str) -> String {
    let digest = sallyport_crypto::digest::sha256(fold(name).as_bytes());
    sallyport_crypto::digest::hex(&digest)
}
