//! Enrolling a first factor at the prompt itself: the application checked the password, and a code that is mailed to the
//! address of record, or that an administrator gave, says that the person may. Then the prompt goes on, and asks for what
//! was enrolled as for any other factor.
//!
//! What proves a factor and spends the code is the same as at our own doors: [`factor::at_door`].

use sallyport_crypto::Secret;
use sallyport_model::id::UserId;

use super::{PROMPT, Prompt, TOO_LATE, Turn, find, hash, keep};
use crate::{
    AppError, Ctx, Phrase, Words,
    factor::{
        self, PendingTotp,
        at_door::{self, Vouching},
    },
    passkey, push,
};

/// What the page shows where a factor has to be enrolled first, and can be.
#[derive(Debug)]
pub struct ToEnroll {
    pub prompt: Prompt,
    /// Must be brought with what follows.
    pub handle: Secret,
    /// Where a code can be mailed to.
    pub mail_to: Option<String>,
    /// What was done.
    pub told: Option<Phrase>,
    pub problem: Option<Phrase>,
}

/// What came of a code.
#[derive(Debug)]
pub enum Began {
    Not(Turn),
    Pending(PendingTotp),
}

/// What is brought with every step of an enrolment: what the prompt is kept under, and which one the page is for.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    pub handle: &'a Secret,
    pub id: &'a str,
}

/// The page for somebody who has nothing to open the second door with, if they may enrol here.
pub(super) async fn offer(ctx: &Ctx, prompt: &Prompt, user: UserId) -> Result<Option<Turn>, AppError> {
    let vouched = Vouching { application: prompt.application, name: prompt.application_name.clone() };
    let Some((handle, mail_to)) = at_door::open_at_prompt(ctx, user, vouched).await? else { return Ok(None) };
    let prompt = Prompt { enrolls: true, ..prompt.clone() };
    keep(ctx, &prompt, &handle, at_door::LIFE).await?;
    Ok(Some(page(prompt, &handle, mail_to)))
}

/// The same page once more.
pub(super) async fn again(ctx: &Ctx, prompt: Prompt, handle: &Secret) -> Result<Turn, AppError> {
    match at_door::mails_to(ctx, handle).await {
        Ok(mail_to) => Ok(page(prompt, handle, mail_to)),
        // They have a factor by now, or what was vouched for is void: the prompt begins anew with what there is.
        Err(AppError::Conflict(_)) => go_on(ctx, At { handle, id: &prompt.id }).await,
        Err(error) => Err(error),
    }
}

fn page(prompt: Prompt, handle: &Secret, mail_to: Option<String>) -> Turn {
    Turn::Enroll(Box::new(ToEnroll { prompt, handle: handle.clone(), mail_to, told: None, problem: None }))
}

/// Mails a code.
///
/// # Errors
/// It took too long, or what was vouched for is void; or something of ours failed.
pub async fn mail_code(ctx: &Ctx, at: At<'_>) -> Result<Turn, AppError> {
    let Some(prompt) = find_enrolling(ctx, at).await? else { return Ok(Turn::Nowhere(TOO_LATE)) };
    let (to, sent) = at_door::mail_code(ctx, at.handle).await?;
    let told = sent.is_ok().then_some(at_door::ON_ITS_WAY);
    let (handle, mail_to) = (at.handle.clone(), Some(to));
    Ok(Turn::Enroll(Box::new(ToEnroll { prompt, handle, mail_to, told, problem: sent.err() })))
}

/// Begins an enrolment by a code, mailed or given by an administrator.
///
/// # Errors
/// Too many were wrong, or it took too long.
pub async fn begin(ctx: &Ctx, at: At<'_>, code: &Secret) -> Result<Began, AppError> {
    let Some(prompt) = find_enrolling(ctx, at).await? else { return Ok(Began::Not(Turn::Nowhere(TOO_LATE))) };
    match at_door::begin_totp(ctx, at.handle, code).await {
        Ok(pending) => Ok(Began::Pending(pending)),
        Err(AppError::Invalid { reason: Words::Phrase(problem), .. }) => {
            let (handle, mail_to) = (at.handle.clone(), at_door::mails_to(ctx, at.handle).await?);
            let asked = ToEnroll { prompt, handle, mail_to, told: None, problem: Some(problem) };
            Ok(Began::Not(Turn::Enroll(Box::new(asked))))
        }
        Err(error) => Err(error),
    }
}

/// Enrols the authenticator application by its first code, and goes on.
///
/// # Errors
/// The code is not right, or it took too long.
pub async fn confirm_totp(
    ctx: &Ctx,
    at: At<'_>,
    pending: &Secret,
    passcode: &Secret,
) -> Result<Turn, AppError> {
    if find_enrolling(ctx, at).await?.is_none() {
        return Ok(Turn::Nowhere(TOO_LATE));
    }
    factor::confirm_totp(ctx, pending, passcode).await?;
    go_on(ctx, at).await
}

/// Enrols a passkey in place of an application, and goes on.
///
/// # Errors
/// What the browser made does not hold, or it took too long.
pub async fn enroll_passkey(
    ctx: &Ctx,
    at: At<'_>,
    pending: &Secret,
    (name, attestation): (&str, &passkey::Attestation),
) -> Result<Turn, AppError> {
    if find_enrolling(ctx, at).await?.is_none() {
        return Ok(Turn::Nowhere(TOO_LATE));
    }
    passkey::enroll_first(ctx, pending, name, attestation).await?;
    go_on(ctx, at).await
}

/// Begins to enrol a phone in place of an application, which is completed there. `None`: the prompt is over.
///
/// # Errors
/// It took too long.
pub async fn begin_phone(ctx: &Ctx, at: At<'_>, pending: &Secret) -> Result<Option<push::Begun>, AppError> {
    if find_enrolling(ctx, at).await?.is_none() {
        return Ok(None);
    }
    Ok(Some(push::begin_first(ctx, pending).await?))
}

/// Goes on with the prompt, once: the person is looked at anew.
///
/// # Errors
/// Something of ours failed.
pub async fn go_on(ctx: &Ctx, at: At<'_>) -> Result<Turn, AppError> {
    let Some(prompt) = find_enrolling(ctx, at).await? else { return Ok(Turn::Nowhere(TOO_LATE)) };
    let (hash, now) = (hash(ctx, at.handle), ctx.now);
    if !ctx.write(move |tx| Ok(tx.use_once(PROMPT, &hash, now)?)).await? {
        return Ok(Turn::Nowhere(TOO_LATE));
    }
    super::begin(ctx, Prompt { enrolls: false, ..prompt }).await
}

async fn find_enrolling(ctx: &Ctx, At { handle, id }: At<'_>) -> Result<Option<Prompt>, AppError> {
    Ok(find(ctx, handle, id).await?.filter(|prompt| prompt.enrolls))
}
