//! The first door: a password of ours, or the word of a front door that checked one of its own; and what policy asks for next.

use sallyport_crypto::{Secret, password::MAX_BYTES};
use sallyport_model::{
    PasswordStatus, Span, User,
    id::{SignInId, UserId},
    name::printable,
    signin::{FirstDoor, Passed, Reason, Resource, SignIn},
};
use sallyport_policy::{Decision, EffectivePolicy, Enrolled};
use sallyport_store::{Reader, Versioned};

use super::{
    Asking, Begin, Denial, FirstDoorProof, HANDLE, NO_ACCESS, NOBODY, Ruling, SECOND_DOOR_OPEN,
    SecondDoorStep, Step, WRONG, admit, names, new_sign_in, rule_at_door, throttle,
};
use crate::{
    AppError, Ctx, Tx,
    factor::{self, at_door::ByMail},
    remembered,
    sso::is_ours,
    user::{
        self,
        password::{self, Stored},
    },
    view::View,
};

/// Longest name looked at.
const LONGEST_NAME: usize = 256;

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

    fn sign_in(&self, ctx: &Ctx, user: Option<&User>, to: &Resource) -> SignIn {
        new_sign_in(ctx, self.id, &self.begin.name, user, to.clone())
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
            return self.refuse(tx, None, &self.begin.resource, vec![Reason::UnknownUser]);
        };
        if !checked.proven {
            self.count_failure(tx, held, known, &user)?;
            return self.refuse(tx, Some(&user), &self.begin.resource, vec![Reason::PasswordWrong]);
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
        let asking =
            Asking { own_password: self.own_password(), ..Asking::here(ctx, user.id, &self.begin.resource) };
        let (to, Ruling { decision, policy }) = rule_at_door(tx, ctx, &user, asking)?;
        match decision {
            Decision::Deny(reasons) => {
                // As a wrong password counts, or the count would tell which password is right.
                self.count_failure(tx, held, known, &user)?;
                self.refuse(tx, Some(&user), &to, reasons)
            }
            Decision::Allow(reasons) if !self.sets_a_new_password(tx, &user, &policy)? => {
                let open = self.open_second_door(tx.ctx, &user, &to)?;
                let allowed = admit(tx, open, &user, Passed::NoneNeeded, reasons)?;
                held.succeeded(tx, &user)?;
                Ok(allowed)
            }
            Decision::Allow(reasons) | Decision::SecondDoor(reasons) => {
                let now = tx.ctx.now;
                let offers = factor::offers(tx, user.id, &policy, now)?;
                if offers.is_empty() {
                    self.refuse(tx, Some(&user), &to, vec![Reason::NoFactor])?;
                    let by_mail = self.by_mail(tx, &user, &to)?;
                    return Ok(Step::EnrollmentNeeded { user: user.id, by_mail });
                }
                let open = SignIn { reasons, ..self.open_second_door(tx.ctx, &user, &to)? };
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

    /// Whoever gave a password of ours on a page of ours may come back with a code that is mailed to them.
    fn by_mail(
        &self,
        tx: &mut Tx<'_, '_>,
        user: &Versioned<User>,
        to: &Resource,
    ) -> Result<Option<Box<ByMail>>, AppError> {
        let ctx = tx.ctx;
        if !self.own_password() || !is_ours(tx, &ctx.org.view, to)? {
            return Ok(None);
        }
        let (handle, hash) = &self.enrollment;
        let to = factor::at_door::open(tx, user, hash)?;
        Ok(to.map(|to| Box::new(ByMail { handle: handle.clone(), to })))
    }

    fn open_second_door(&self, ctx: &Ctx, user: &User, to: &Resource) -> Result<SignIn, AppError> {
        let until = ctx.now.plus(SECOND_DOOR_OPEN);
        Ok(self.sign_in(ctx, Some(user), to).open_second_door(self.passed_first_door(), until)?)
    }

    /// Ends it where the first door is not passed, or not passed by us.
    fn refuse(
        &self,
        tx: &mut Tx<'_, '_>,
        user: Option<&User>,
        to: &Resource,
        reasons: Vec<Reason>,
    ) -> Result<Step, AppError> {
        let vouched = (!self.own_password()).then(|| self.passed_first_door());
        let sign_in = SignIn { first_door: vouched, ..self.sign_in(tx.ctx, user, to) };
        let denied = sign_in.deny(reasons.clone(), tx.ctx.now)?;
        tx.put_sign_in(&denied, "")?;
        let text = if self.own_password() { WRONG } else { NO_ACCESS };
        Ok(Step::Denied(Denial::new(text, reasons)))
    }
}
