//! `auth` and `auth_status`: the second door, for somebody whom the application lets through the first.

use sallyport_crypto::Secret;
use sallyport_model::{
    FactorKind, Proof,
    id::{FactorId, SignInId, UserId},
    signin::Reason,
};
use sallyport_wire::duo::{
    ApiError, Code,
    auth::{
        AuthFactor, AuthRequest, AuthResponse, AuthStatus, AuthStatusRequest, PromptAnswer, Status,
        parse_pushinfo,
    },
};

use super::{
    DuoError, Protected,
    asked::{self, Meant},
    at, caller, name_of, portal_url,
    transaction::{self, Digits},
};
use crate::{
    AppError, Ctx, Phrase,
    remembered::token,
    signin::{self, Begin, FirstDoorProof, Offer, Preview, Step, challenge},
};

const SUCCESS: &str = "Success. Logging you in...";
const SENT: &str = "New SMS passcodes sent.";
const NO_DEVICE: &str = "You have no device for that. Please enter a passcode.";
/// To a client that asked nobody what to send.
const TYPE_IT: &str = "Please enter a passcode.";
/// In place of what is said where no number was in sight.
const BY_NUMBER: &str =
    "A push asks for the number that stands beside it in the menu. Please choose it there, or use a code.";
const TIMED_OUT: &str = "Login timed out.";

/// Asks a person for one factor, and answers with the outcome, or with a transaction that has it.
///
/// # Errors
/// The caller is no application, an unknown id, a factor the person does not have, or busy. Whatever else fails
/// denies.
pub async fn auth(ctx: &Ctx, request: &AuthRequest) -> Result<AuthResponse, DuoError> {
    let application = caller(ctx)?;
    match answer(ctx, &application, request).await {
        Err(DuoError::App(error)) if !matches!(error, AppError::Busy) => {
            let (request, application) = (&*ctx.request, &application.name);
            tracing::error!(request, application, %error, "an auth cannot be decided and is denied");
            Ok(AuthResponse::Done(AuthStatus::new(Status::Deny, signin::NO_ACCESS)))
        }
        other => other,
    }
}

async fn answer(ctx: &Ctx, application: &Protected, request: &AuthRequest) -> Result<AuthResponse, DuoError> {
    match outcome(ctx, application, request).await? {
        Outcome::Waiting(handle, digits) if request.is_async => {
            let txid = transaction::waiting(ctx, application, &handle, digits).await?;
            Ok(AuthResponse::Accepted { txid })
        }
        Outcome::Waiting(handle, _) => {
            let step = challenge::wait(ctx, &handle, asked::PATIENCE).await?;
            Ok(AuthResponse::Done(Told::of(ctx, step).await?.status(ctx)))
        }
        Outcome::Decided(told) if request.is_async => {
            let txid = transaction::decided(ctx, application, &told).await?;
            Ok(AuthResponse::Accepted { txid })
        }
        Outcome::Decided(told) => Ok(AuthResponse::Done(told.status(ctx))),
    }
}

/// How a transaction stands.
///
/// # Errors
/// The caller is no application, or the transaction is unknown, old, or another application's.
pub async fn auth_status(ctx: &Ctx, request: &AuthStatusRequest) -> Result<AuthStatus, DuoError> {
    let application = caller(ctx)?;
    transaction::status(ctx, &application, &request.txid).await
}

/// What came of a question.
enum Outcome {
    Decided(Told),
    /// A phone is asked; the sign-in goes on with this. With the digits to type there.
    Waiting(Secret, Digits),
}

/// What an application is told in the end.
pub(super) struct Told {
    /// Without the token, which is kept nowhere.
    pub(super) status: AuthStatus,
    /// The sign-in that earned one.
    pub(super) token_of: Option<SignInId>,
}

impl Told {
    pub(super) async fn of(ctx: &Ctx, step: Step) -> Result<Self, AppError> {
        let token_of = match &step {
            Step::Allowed(admission) => token::earned(ctx, admission).await?,
            Step::Denied(_) | Step::EnrollmentNeeded { .. } | Step::SecondDoor(_) => None,
        };
        Ok(Self { status: status_of(ctx, step), token_of })
    }

    pub(super) fn status(self, ctx: &Ctx) -> AuthStatus {
        match self.token_of {
            Some(id) => self.status.with_trusted_device_token(token::of(ctx, id)),
            None => self.status,
        }
    }
}

impl From<AuthStatus> for Told {
    fn from(status: AuthStatus) -> Self {
        Self { status, token_of: None }
    }
}

async fn outcome(ctx: &Ctx, application: &Protected, request: &AuthRequest) -> Result<Outcome, DuoError> {
    let ctx = &at(ctx, request.origin.ipaddr);
    let name = name_of(ctx, &request.user).await?;
    let passcode = match &request.factor {
        AuthFactor::Passcode(passcode) | AuthFactor::Prompt(PromptAnswer::Passcode(passcode)) => {
            Some(passcode)
        }
        AuthFactor::Auto(_)
        | AuthFactor::Phone(_)
        | AuthFactor::Prompt(_)
        | AuthFactor::Push(_)
        | AuthFactor::Sms(_) => None,
    };
    let mut person = None;
    if passcode.is_none()
        && let Preview::SecondDoor { person: found, offers, .. } =
            signin::preview(ctx, &name, &application.resource()).await?
    {
        // Somebody who would have to prove something cannot do it this way; for all others the factor is idle.
        if Way::of(request, &offers).is_none() {
            return Ok(Outcome::Decided(no_device(&request.factor)?.into()));
        }
        person = Some(found.user.id);
    }
    let host = request.origin.hostname.as_deref().map(Into::into);
    let ctx = &Ctx { device: asking(request).map(Into::into), host, ..ctx.clone() };
    let begin = Begin {
        name,
        resource: application.resource(),
        first_door: FirstDoorProof::Vouched { by: application.name.clone() },
    };
    let step = match signin::begin(ctx, begin).await? {
        Step::SecondDoor(step) => step,
        step @ (Step::Allowed(_) | Step::Denied(_) | Step::EnrollmentNeeded { .. }) => {
            return Ok(Outcome::Decided(Told::of(ctx, step).await?));
        }
    };
    if let Some(passcode) = passcode {
        let step = signin::passcode(ctx, &step.handle, passcode).await?;
        return Ok(Outcome::Decided(Told::of(ctx, step).await?));
    }
    match (Way::of(request, &step.offers), person) {
        (Some(way), Some(person)) => by_phone(ctx, application, request, (person, way), &step.handle).await,
        (_, _) => Ok(Outcome::Decided(no_device(&request.factor)?.into())),
    }
}

/// What asks, as far as the application says it: what sort of request it is and for whom, the machine, and what it wants shown
/// on the phone.
fn asking(request: &AuthRequest) -> Option<String> {
    let notice = &request.notice;
    let shown = notice.pushinfo.as_deref().map(parse_pushinfo).unwrap_or_default();
    let shown = shown.into_iter().map(|(name, value)| format!("{name}: {value}"));
    let kind = notice.kind.as_ref().map(|kind| format!("{kind} request"));
    let name = notice.display_username.as_ref().map(|name| format!("as {name}"));
    let told: Vec<String> =
        kind.into_iter().chain(name).chain(request.origin.hostname.clone()).chain(shown).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// Texts, calls or pushes a phone of the person who stands at this second door.
async fn by_phone(
    ctx: &Ctx,
    application: &Protected,
    request: &AuthRequest,
    (person, way): (UserId, Way),
    handle: &Secret,
) -> Result<Outcome, DuoError> {
    let asking = match way {
        Way::Text(phone) => {
            return Ok(Outcome::Decided(match signin::text_for_later(ctx, handle, phone).await? {
                Ok(()) => AuthStatus::new(Status::Sent, SENT).into(),
                Err(denial) => status_of(ctx, Step::Denied(denial)).into(),
            }));
        }
        Way::Call(phone) => asked::call(ctx, application, request, (person, phone)).await?,
        Way::Push(phone) => asked::push(ctx, application, request, (person, phone)).await?,
    };
    let asking = match asking {
        Ok(asking) => asking,
        Err(problem) => return Ok(Outcome::Decided(AuthStatus::new(Status::Deny, problem).into())),
    };
    let step = match signin::answer(ctx, handle, asking).await? {
        Step::SecondDoor(step) => step,
        step @ (Step::Allowed(_) | Step::Denied(_) | Step::EnrollmentNeeded { .. }) => {
            return Ok(Outcome::Decided(Told::of(ctx, step).await?));
        }
    };
    Ok(match &step.waiting {
        None if step.problem == Some(Phrase::CannotShowNumber) && request.is_typed() => {
            Outcome::Decided(AuthStatus::new(Status::Deny, BY_NUMBER).into())
        }
        None => Outcome::Decided(status_of(ctx, Step::SecondDoor(step)).into()),
        Some(waiting) => {
            let digits = match waiting.number.clone() {
                None => Digits::None,
                Some(number) if waiting.kind == FactorKind::Phone => Digits::Called(number),
                Some(number) => Digits::Pushed(number),
            };
            Outcome::Waiting(step.handle, digits)
        }
    })
}

/// How a phone is used that nobody types a code of now.
enum Way {
    Call(FactorId),
    Push(FactorId),
    Text(FactorId),
}

impl Way {
    fn of(AuthRequest { factor, is_async, .. }: &AuthRequest, offers: &[Offer]) -> Option<Self> {
        let push = |by| asked::meant(offers, by, asked::can_push).map(|offer| Self::Push(offer.factor));
        let texts = |offer: &Offer| offer.proof.is_sent_codes();
        let text = |by| asked::meant(offers, by, texts).map(|offer| Self::Text(offer.factor));
        let calls = |offer: &Offer| matches!(offer.proof, Proof::Phone { calls: true, .. });
        let call = |by| asked::meant(offers, by, calls).map(|offer| Self::Call(offer.factor));
        match factor {
            AuthFactor::Phone(device) => call(Meant::Device(device)),
            AuthFactor::Prompt(PromptAnswer::Phone { number, .. }) => call(Meant::Number(*number)),
            AuthFactor::Sms(device) => text(Meant::Device(device)),
            AuthFactor::Prompt(PromptAnswer::Sms(number)) => text(Meant::Number(*number)),
            // Whoever has no phone to push is called, where the digits of the call can be told.
            AuthFactor::Auto(device) if *is_async => {
                push(asked::pushed(factor)?).or_else(|| call(Meant::Device(device)))
            }
            AuthFactor::Auto(_) | AuthFactor::Passcode(_) | AuthFactor::Prompt(_) | AuthFactor::Push(_) => {
                push(asked::pushed(factor)?)
            }
        }
    }
}

fn status_of(ctx: &Ctx, step: Step) -> AuthStatus {
    match step {
        Step::Allowed(admission) if admission.both_doors() => AuthStatus::new(Status::Allow, SUCCESS),
        Step::Allowed(_) => AuthStatus::new(Status::Bypass, SUCCESS),
        Step::SecondDoor(step)
            if step.problem == Some(challenge::NO_ANSWER)
                || (step.problem.is_none() && step.waiting.is_some()) =>
        {
            AuthStatus::new(Status::Timeout, TIMED_OUT)
        }
        Step::SecondDoor(step) => AuthStatus::new(Status::Deny, step.problem.unwrap_or(signin::WRONG_CODE)),
        Step::EnrollmentNeeded { .. } => {
            let text = format!("Enrol a second factor first: {}", portal_url(ctx));
            AuthStatus::new(Status::Deny, text)
        }
        Step::Denied(denial) if denial.reasons.contains(&Reason::PushNotMe) => {
            AuthStatus::new(Status::Fraud, "Login request reported as fraudulent.")
        }
        Step::Denied(denial) => {
            let locked = denial
                .reasons
                .iter()
                .any(|reason| matches!(reason, Reason::Throttled | Reason::PasswordLocked));
            AuthStatus::new(if locked { Status::LockedOut } else { Status::Deny }, denial.text)
        }
    }
}

/// An application that names a factor should have asked first; a person who typed a word may try again.
fn no_device(factor: &AuthFactor) -> Result<AuthStatus, DuoError> {
    match factor {
        AuthFactor::Prompt(PromptAnswer::Nothing) => Ok(AuthStatus::new(Status::Deny, TYPE_IT)),
        AuthFactor::Prompt(_) => Ok(AuthStatus::new(Status::Deny, NO_DEVICE)),
        AuthFactor::Passcode(_)
        | AuthFactor::Auto(_)
        | AuthFactor::Phone(_)
        | AuthFactor::Push(_)
        | AuthFactor::Sms(_) => Err(ApiError::new(Code::InvalidParameters).with_detail("device").into()),
    }
}
