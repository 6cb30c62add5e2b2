//! `auth` and `auth_status`: the second door, for somebody whom the application lets through the first.

use sallyport_crypto::Secret;
use sallyport_model::{FactorKind, Proof, Span, id::FactorId, signin::Reason};
use sallyport_store::Once;
use sallyport_wire::duo::{
    ApiError, Code, Reply,
    auth::{
        AuthFactor, AuthRequest, AuthResponse, AuthStatus, AuthStatusRequest, DeviceRef, PromptAnswer, Status,
    },
};

use super::{DuoError, Protected, at, caller, name_of, portal_url};
use crate::{
    AppError, Ctx,
    signin::{self, Begin, FirstDoorProof, Offer, Preview, Step},
};

/// Kind of the short-lived result that is asked for by its transaction.
const TXID: &str = "txid";
const RESULT_KEPT: Span = Span::minutes(5);

const SUCCESS: &str = "Success. Logging you in...";
const SENT: &str = "New SMS passcodes sent.";
const NO_DEVICE: &str = "You have no device for that. Please enter a passcode.";

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
    let status = outcome(ctx, application, request).await?;
    if !request.is_async {
        return Ok(AuthResponse::Done(status));
    }
    let txid = keep(ctx, application, &status).await?;
    Ok(AuthResponse::Accepted { txid })
}

/// How a transaction stands. The factors there are decide at once, so nobody has to wait.
///
/// # Errors
/// The caller is no application, or the transaction is unknown, old, or another application's.
pub async fn auth_status(ctx: &Ctx, request: &AuthStatusRequest) -> Result<AuthStatus, DuoError> {
    let application = caller(ctx)?;
    let (hash, now) = (ctx.org.keys.hash_token(TXID, &request.txid), ctx.now);
    let owner = application.id.to_string();
    let found = ctx.read(move |reader| Ok(reader.find_once(TXID, &hash)?)).await?;
    found
        .filter(|once| once.owner == owner && once.expires >= now)
        .and_then(|once| AuthStatus::parse(200, once.doc.as_bytes()).ok())
        .ok_or_else(|| ApiError::new(Code::InvalidParameters).with_detail("txid").into())
}

async fn keep(ctx: &Ctx, application: &Protected, status: &AuthStatus) -> Result<String, AppError> {
    // A UUID in form, all of it random: clients take any, but some check its form.
    let txid = uuid::Uuid::from_bytes(sallyport_crypto::random::bytes(&*ctx.org.random)?).to_string();
    let hash = ctx.org.keys.hash_token(TXID, &txid);
    let doc = Reply::ok(status).body;
    let once =
        Once { owner: application.id.to_string(), expires: ctx.now.plus(RESULT_KEPT), used: None, doc };
    ctx.write(move |tx| Ok(tx.put_once(TXID, &hash, &once)?)).await?;
    Ok(txid)
}

async fn outcome(ctx: &Ctx, application: &Protected, request: &AuthRequest) -> Result<AuthStatus, DuoError> {
    let ctx = &at(ctx, request.origin.ipaddr);
    let name = name_of(ctx, &request.user).await?;
    let passcode = match &request.factor {
        AuthFactor::Passcode(passcode) => Some(passcode),
        AuthFactor::Prompt(answer) => match answer {
            PromptAnswer::Passcode(passcode) => Some(passcode),
            PromptAnswer::Phone(_)
            | PromptAnswer::Push(_)
            | PromptAnswer::Sms(_)
            | PromptAnswer::VerifiedPush(_) => None,
        },
        AuthFactor::Auto(_) | AuthFactor::Phone(_) | AuthFactor::Push(_) | AuthFactor::Sms(_) => None,
    };
    let texted = texted(&request.factor);
    if passcode.is_none() {
        // Somebody who would have to prove something cannot do it this way; for all others the factor is idle.
        let preview = signin::preview(ctx, &name, &application.resource()).await?;
        if let Preview::SecondDoor { offers, .. } = preview
            && texted.as_ref().and_then(|wanted| wanted.find(&offers)).is_none()
        {
            return no_device(&request.factor);
        }
    }
    let begin = Begin {
        name,
        resource: application.resource(),
        first_door: FirstDoorProof::Vouched { by: application.name.clone() },
    };
    match (signin::begin(ctx, begin).await?, passcode) {
        (Step::SecondDoor(step), Some(passcode)) => second_door(ctx, &step.handle, passcode).await,
        (Step::SecondDoor(step), None) => match texted.and_then(|wanted| wanted.find(&step.offers)) {
            Some(phone) => Ok(match signin::text_for_later(ctx, &step.handle, phone).await? {
                Ok(()) => AuthStatus::new(Status::Sent, SENT),
                Err(denial) => status_of(ctx, Step::Denied(denial)),
            }),
            None => no_device(&request.factor),
        },
        (step, _) => Ok(status_of(ctx, step)),
    }
}

async fn second_door(ctx: &Ctx, handle: &Secret, passcode: &Secret) -> Result<AuthStatus, DuoError> {
    Ok(status_of(ctx, signin::passcode(ctx, handle, passcode).await?))
}

fn status_of(ctx: &Ctx, step: Step) -> AuthStatus {
    match step {
        Step::Allowed(admission) if admission.both_doors() => AuthStatus::new(Status::Allow, SUCCESS),
        Step::Allowed(_) => AuthStatus::new(Status::Bypass, SUCCESS),
        Step::SecondDoor(step) => AuthStatus::new(Status::Deny, step.problem.unwrap_or(signin::WRONG_CODE)),
        Step::EnrollmentNeeded { .. } => {
            let text = format!("Enrol a second factor first: {}", portal_url(ctx));
            AuthStatus::new(Status::Deny, text)
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

/// A phone that codes are to be texted to.
enum Texted<'a> {
    Device(&'a DeviceRef),
    /// As the menu counts phones, from one.
    Number(u8),
}

fn texted(factor: &AuthFactor) -> Option<Texted<'_>> {
    match factor {
        AuthFactor::Sms(device) => Some(Texted::Device(device)),
        AuthFactor::Prompt(PromptAnswer::Sms(number)) => Some(Texted::Number(*number)),
        AuthFactor::Auto(_)
        | AuthFactor::Passcode(_)
        | AuthFactor::Phone(_)
        | AuthFactor::Prompt(_)
        | AuthFactor::Push(_) => None,
    }
}

impl Texted<'_> {
    fn find(&self, offers: &[Offer]) -> Option<FactorId> {
        let texts = |offer: &&Offer| matches!(offer.proof, Proof::Phone { texts: true, .. });
        let mut phones = offers.iter().filter(|offer| offer.kind() == FactorKind::Phone);
        let found = match self {
            Self::Device(DeviceRef::Auto) => phones.find(texts),
            Self::Device(DeviceRef::Id(id)) => phones.find(|offer| offer.duo_id == *id),
            Self::Number(number) => phones.nth(usize::from(*number).saturating_sub(1)),
        };
        found.filter(texts).map(|offer| offer.factor)
    }
}

/// An application that names a factor should have asked first; a person who typed a word may try again.
fn no_device(factor: &AuthFactor) -> Result<AuthStatus, DuoError> {
    match factor {
        AuthFactor::Prompt(_) => Ok(AuthStatus::new(Status::Deny, NO_DEVICE)),
        AuthFactor::Passcode(_)
        | AuthFactor::Auto(_)
        | AuthFactor::Phone(_)
        | AuthFactor::Push(_)
        | AuthFactor::Sms(_) => Err(ApiError::new(Code::InvalidParameters).with_detail("device").into()),
    }
}
