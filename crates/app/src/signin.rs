//! One sign-in, from identifier to decision. The portal, the REST login, the Duo API and the device login all
//! come through here; a front door only translates.

mod by_passkey;
pub mod call;
pub(crate) mod cancel;
pub mod challenge;
pub mod duo;
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

use sallyport_crypto::{Secret, password::MAX_BYTES};
use sallyport_model::{
    FactorKind, PasswordStatus, Proof, Span, Time, User, fold,
    id::{FactorId, SignInId, UserId},
    name::printable,
    signin::{FirstDoor, Passed, Reason, Resource, SignIn, SignInState},
};
use sallyport_policy::{Decision, EffectivePolicy, Enrolled};
use sallyport_store::{Reader, Versioned};
use sallyport_wire::webauthn::Assertion;

pub use self::{
    by_passkey::begin_by_passkey,
    preview::{Looked, Preview, look, preview},
    text::{ON_ITS_WAY, text, texted_phones},
    unasked::{Unasked, keep_unasked},
};
pub(crate) use self::{
    ruling::{Asking, Ruling, rule},
    text::{text_for_later, text_once_more},
};
use crate::{
    AppError, Ctx, Phrase, Tx,
    ctx::uuid_at,
    factor::{self, at_door::ByMail},
    remembered::{self, browser::Wish},
    user::{
        self,
        password::{self, Stored},
    },
    view::View,
};

/// How long the second door stays open after the first.
pub(crate) const SECOND_DOOR_OPEN: Span = Span::minutes(5);

/// Longest name looked at.
const LONGEST_NAME: usize = 256;
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
    both_doors: bool,
}

impl Denial {
    const fn new(text: Phrase, reasons: Vec<Reason>) -> Self {
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
        self.both_doors
    }
}

/// Begins a sign-in: checks the first door and asks policy what follows.
///
/// # Errors
/// Busy, or something of ours failed. A refusal is a [`Step`], not an error.
pub async fn begin(ctx: &Ctx, begin: Begin) -> Result<Step, AppError> {
    let attempt = Attempt::new(ctx, begin)?;
    let (looked_up, held) = {
        let (name, resource, asking) =
            (attempt.begin.name.clone(), attempt.begin.resource.clone(), ctx.clone());
        let now = ctx.now;
        ctx.read(move |reader| {
            let user = known_as(reader, &asking.org.view, &name, &resource)?;
            // Counted for the person, whichever of their names was typed.
            let counted = user.as_ref().map_or(name.as_str(), |user| user.name.as_str());
            let held = throttle::Held::for_first_door(&asking, counted);
            // What is looked up for a person is looked up for nobody too, and so takes as long.
            let owner = user.as_ref().map_or(NOBODY, |user| user.id);
            let stored = Stored::of(reader, &asking, owner)?;
            let known = throttle::is_known_source(reader, user.as_ref(), &held)?;
            Ok((LookedUp { wait: held.wait(reader, known, now)?, user, stored }, held))
        })
        .await?
    };
    let proven = match &attempt.begin.first_door {
        FirstDoorProof::Vouched { .. } => looked_up.user.is_some(),
        FirstDoorProof::Password(_) if looked_up.wait.is_some() => false,
        FirstDoorProof::Password(password) => check_password(ctx, password, &looked_up).await?,
    };
    let renewed = match &attempt.begin.first_door {
        FirstDoorProof::Password(password) if proven => looked_up.stored.renewed(ctx, password).await?,
        FirstDoorProof::Password(_) | FirstDoorProof::Vouched { .. } => None,
    };
    let proven_for = looked_up.user.as_ref().map(|user| (user.id, user.credential_epoch));
    let wait = match attempt.begin.first_door {
        FirstDoorProof::Password(_) => looked_up.wait,
        FirstDoorProof::Vouched { .. } => None,
    };
    if let Some(wait) = wait {
        // Nothing was checked, so nothing is written: a flood of these must not fill the disk.
        return Ok(Step::Denied(Denial::throttled(wait)));
    }
    let checked = Checked { proven, proven_for, renewed };
    ctx.write(move |tx| attempt.first_door(tx, &checked, &held)).await
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

struct LookedUp {
    user: Option<Versioned<User>>,
    stored: Stored,
    wait: Option<Span>,
}

/// Whoever has this name at this door. A device knows people by their accounts, which have names and no aliases.
fn known_as(
    reader: &mut Reader,
    view: &View,
    name: &str,
    resource: &Resource,
) -> Result<Option<Versioned<User>>, AppError> {
    match resource {
        Resource::DeviceLogin { .. } => user::by_name(reader, name),
        Resource::Api | Resource::Application { .. } | Resource::Portal => {
            let name = names::meant(reader, view, resource, name)?;
            user::by_any_name(reader, name)
        }
    }
}

/// Spends one hash whatever is known, so that time tells nothing.
async fn check_password(ctx: &Ctx, password: &Secret, looked_up: &LookedUp) -> Result<bool, AppError> {
    if password.expose().len() > MAX_BYTES || password.is_empty() {
        return Ok(false);
    }
    let owner = looked_up.user.as_ref().map_or(NOBODY, |user| user.id);
    looked_up.stored.is(ctx, owner, password).await
}

/// What came of the look at the first door, before anything is written.
struct Checked {
    proven: bool,
    proven_for: Option<(UserId, i64)>,
    /// What to keep of the password from now on, if that is more than what is kept.
    renewed: Option<password::Derived>,
}

/// A sign-in being begun, with the randomness it needs drawn beforehand: the write may run more than once.
struct Attempt {
    begin: Begin,
    id: SignInId,
    handle: Secret,
    handle_hash: String,
    /// What an enrolment at this door would go on with, and its hash.
    enrollment: (Secret, String),
}

impl Attempt {
    fn new(ctx: &Ctx, begin: Begin) -> Result<Self, AppError> {
        let (handle, handle_hash) = ctx.bearer(HANDLE)?;
        let enrollment = ctx.bearer(factor::at_door::HANDLE)?;
        let name = if begin.name.len() > LONGEST_NAME { String::new() } else { begin.name };
        let id = ctx.id(SignInId::new)?;
        Ok(Self { begin: Begin { name, ..begin }, id, handle, handle_hash, enrollment })
    }

    fn sign_in(&self, ctx: &Ctx, user: Option<&User>) -> SignIn {
        new_sign_in(ctx, self.id, &self.begin.name, user, self.begin.resource.clone())
    }

    fn own_password(&self) -> bool {
        matches!(self.begin.first_door, FirstDoorProof::Password(_))
    }

    fn passed_first_door(&self) -> FirstDoor {
        match &self.begin.first_door {
            FirstDoorProof::Password(_) => FirstDoor::Password,
            FirstDoorProof::Vouched { by } => FirstDoor::Vouched { by: printable(by, 64) },
        }
    }

    fn first_door(
        &self,
        tx: &mut Tx<'_, '_>,
        checked: &Checked,
        held: &throttle::Held,
    ) -> Result<Step, AppError> {
        let ctx = tx.ctx;
        let user = known_as(tx, &ctx.org.view, &self.begin.name, &self.begin.resource)?;
        // Many attempts at once all passed the first look; here they come one after the other.
        let (known, now) = (throttle::is_known_source(tx, user.as_ref(), held)?, tx.ctx.now);
        if self.own_password()
            && let Some(wait) = held.wait(tx, known, now)?
        {
            return Ok(Step::Denied(Denial::throttled(wait)));
        }
        // Whatever changed between the check and now voids the check, also whose name it is.
        let user = user.filter(|user| Some((user.id, user.credential_epoch)) == checked.proven_for);
        let Some(user) = user else {
            held.failed(tx, known, None)?;
            return self.refuse(tx, None, vec![Reason::UnknownUser]);
        };
        if !checked.proven {
            self.count_failure(tx, held, known, &user)?;
            return self.refuse(tx, Some(&user), vec![Reason::PasswordWrong]);
        }
        let user = match &checked.renewed {
            Some(derived) if user.is_active() => password::renew(tx, user, derived)?,
            Some(_) | None => user,
        };
        let user = if self.own_password() || matches!(self.begin.resource, Resource::DeviceLogin { .. }) {
            user::age::aged(tx, user)?
        } else {
            user
        };
        let ctx = tx.ctx;
        let asking = Asking {
            resource: &self.begin.resource,
            own_password: self.own_password(),
            source: ctx.source,
            remembered: false,
        };
        let Ruling { decision, policy } = rule(tx, ctx, &user, asking)?;
        match decision {
            Decision::Deny(reasons) => {
                // As a wrong password counts, or the count would tell which password is right.
                self.count_failure(tx, held, known, &user)?;
                self.refuse(tx, Some(&user), reasons)
            }
            Decision::Allow(reasons) if !self.sets_a_new_password(tx, &user, &policy)? => {
                let open = self.open_second_door(tx.ctx, &user)?;
                let allowed = admit(tx, open, &user, Passed::NoneNeeded, reasons)?;
                held.succeeded(tx, &user)?;
                Ok(allowed)
            }
            Decision::Allow(reasons) | Decision::SecondDoor(reasons) => {
                let now = tx.ctx.now;
                let offers = factor::offers(tx, user.id, &policy, now)?;
                if offers.is_empty() {
                    self.refuse(tx, Some(&user), vec![Reason::NoFactor])?;
                    return Ok(Step::EnrollmentNeeded { user: user.id, by_mail: self.by_mail(tx, &user)? });
                }
                let open = SignIn { reasons, ..self.open_second_door(tx.ctx, &user)? };
                tx.put_sign_in(&open, &self.handle_hash)?;
                Ok(Step::SecondDoor(SecondDoorStep {
                    handle: self.handle.clone(),
                    offers,
                    waiting: None,
                    remembering: remembered::browser::at_door(tx, ctx, &open, &user, &policy)?,
                    problem: None,
                }))
            }
        }
    }

    /// Counts an attempt with a password of ours that came to nothing, and locks the password when it was one guess
    /// too many.
    fn count_failure(
        &self,
        tx: &mut Tx<'_, '_>,
        held: &throttle::Held,
        known: bool,
        user: &Versioned<User>,
    ) -> Result<(), AppError> {
        if self.own_password() && held.failed(tx, known, Some(user.id))? {
            user::lock::for_strangers(tx, user)?;
        }
        Ok(())
    }

    /// Whether this person comes to replace an expired password although policy asks for no second door: whoever
    /// has one passes it all the same, for an old password may long be known to others.
    fn sets_a_new_password(
        &self,
        tx: &mut Tx<'_, '_>,
        user: &User,
        policy: &EffectivePolicy,
    ) -> Result<bool, AppError> {
        let (now, expired) = (tx.ctx.now, user.password_status == PasswordStatus::Expired);
        let has = factor::enrolled(&factor::of(tx, user.id, now)?);
        let asked = has == Enrolled::Factor || !factor::offers(tx, user.id, policy, now)?.is_empty();
        Ok(expired && self.own_password() && asked)
    }

    /// Whoever gave a password of ours at the portal may come back with a code that is mailed to them.
    fn by_mail(&self, tx: &mut Tx<'_, '_>, user: &Versioned<User>) -> Result<Option<Box<ByMail>>, AppError> {
        if !self.own_password() || self.begin.resource != Resource::Portal {
            return Ok(None);
        }
        let (handle, hash) = &self.enrollment;
        let to = factor::at_door::open(tx, user, hash)?;
        Ok(to.map(|to| Box::new(ByMail { handle: handle.clone(), to })))
    }

    fn open_second_door(&self, ctx: &Ctx, user: &User) -> Result<SignIn, AppError> {
        let until = ctx.now.plus(SECOND_DOOR_OPEN);
        Ok(self.sign_in(ctx, Some(user)).open_second_door(self.passed_first_door(), until)?)
    }

    /// Ends it where the first door is not passed, or not passed by us.
    fn refuse(
        &self,
        tx: &mut Tx<'_, '_>,
        user: Option<&User>,
        reasons: Vec<Reason>,
    ) -> Result<Step, AppError> {
        let vouched = (!self.own_password()).then(|| self.passed_first_door());
        let sign_in = SignIn { first_door: vouched, ..self.sign_in(tx.ctx, user) };
        let denied = sign_in.deny(reasons.clone(), tx.ctx.now)?;
        tx.put_sign_in(&denied, "")?;
        let text = if self.own_password() { WRONG } else { NO_ACCESS };
        Ok(Step::Denied(Denial::new(text, reasons)))
    }
}

/// A sign-in that has just begun.
fn new_sign_in(ctx: &Ctx, id: SignInId, name: &str, user: Option<&User>, resource: Resource) -> SignIn {
    SignIn {
        id,
        name: printable(name, 64),
        user: user.map(|user| user.id),
        resource,
        source: ctx.source.map(|source| source.to_string()),
        country: ctx.org.places.of(ctx.source).country,
        device: ctx.device.as_deref().map(|device| printable(device, LONGEST_DEVICE)),
        host: ctx.host.as_deref().map(|host| printable(host, LONGEST_DEVICE)),
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
    let both_doors = matches!(passed, Passed::SecondDoor(_));
    let allowed = sign_in.allow(passed, reasons.clone(), tx.ctx.now)?;
    tx.put_sign_in(&allowed, "")?;
    let (user, sign_in, resource) = (user.clone(), allowed.id, allowed.resource);
    Ok(Step::Allowed(Box::new(Admission { user, sign_in, resource, reasons, both_doors })))
}

/// The lowest id a sign-in of this time can have.
pub(crate) fn id_at(time: Time) -> SignInId {
    SignInId::new(uuid_at(time, &[0; 10]))
}

/// The name under which attempts are counted.
pub(crate) fn counted_name(name: &str) -> String {
    let digest = sallyport_crypto::digest::sha256(fold(name).as_bytes());
    sallyport_crypto::digest::hex(&digest)
}
