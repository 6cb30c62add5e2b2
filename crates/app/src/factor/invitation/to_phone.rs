//! What is texted to a phone that somebody has, at a program's or an administrator's word: the link by which its page
//! becomes a factor, and where that page is. The number is the stored one, the words around the link may be the caller's.

use sallyport_connect::telephony::TelephonyError;
use sallyport_crypto::Secret;
use sallyport_model::{
    Action, Proof, User,
    id::{FactorId, UserId},
};
use sallyport_store::Versioned;

use super::super::{
    enrollment::{ENROLLMENT_CODE, EnrollmentCode},
    one_of,
    phone::Lines,
};
use crate::{
    AppError, Ctx, Tx,
    ctx::settings,
    mail,
    telephony::{Counted, Line, Occasion, budget::Carried},
};

/// A text with a link in it, as it was sent.
pub(crate) struct Texted {
    pub(crate) code: Secret,
    pub(crate) text: Secret,
}

/// Texts an enrolment link to a phone of this person. Former codes are void. `around`: words with `mark` where the link goes.
///
/// # Errors
/// Denied, no such phone or one that is not texted, above the caller's own rights, or it was not sent.
pub(crate) async fn activation(
    ctx: &Ctx,
    user: UserId,
    phone: FactorId,
    valid_secs: i64,
    around: (&str, &str),
) -> Result<Texted, AppError> {
    let code = EnrollmentCode::draw(ctx, valid_secs)?;
    let (secret, hash) = (code.secret.clone(), code.hash.clone());
    let (words, mark) = around;
    let text = Secret::new(words.replace(mark, mail::enrollment_link(ctx, &secret).expose()));
    let counted = ctx
        .write(move |tx| {
            let (person, counted) = count(tx, user, phone)?;
            code.issue(tx, &person, "text_enrollment_code")?;
            Ok(counted)
        })
        .await?;
    let Err(error) = counted.text(ctx, text.expose()).await else { return Ok(Texted { code: secret, text }) };
    if !matches!(error, TelephonyError::Uncertain(_)) {
        // What was certainly not sent opens nothing. A call may write once under what it expects.
        let later = Ctx { expected: None, ..ctx.clone() };
        later.write(move |tx| Ok(tx.delete_once(ENROLLMENT_CODE, &hash)?)).await?;
    }
    Err(not_sent(&error))
}

/// Texts where the page of a phone is. The link opens nothing.
///
/// # Errors
/// As for [`activation`].
pub(crate) async fn installation(
    ctx: &Ctx,
    user: UserId,
    phone: FactorId,
    text: &str,
) -> Result<(), AppError> {
    let counted = ctx
        .write(move |tx| {
            let (person, counted) = count(tx, user, phone)?;
            tx.record_touched(&person.value, "text_phone_page");
            Ok(counted)
        })
        .await?;
    counted.text(ctx, text).await.map_err(|error| not_sent(&error))
}

fn count(tx: &mut Tx<'_, '_>, user: UserId, phone: FactorId) -> Result<(Versioned<User>, Counted), AppError> {
    let person = tx.user_for(Action::ManageFactors, user)?;
    if !person.is_active() {
        return Err(AppError::Conflict(format!("`{}` is not active", person.name).into()));
    }
    let factor = one_of(tx, user, phone)?;
    let lines = Lines::of(&person, &settings(tx)?.value);
    let Some(Proof::Phone { number, texts: true, .. }) = lines.leave(&factor.proof) else {
        return Err(AppError::Conflict("nothing can be texted to this phone as things are set".into()));
    };
    let ctx = tx.ctx;
    let line = Line::of(tx, ctx)?.ok_or_else(|| AppError::Conflict("there is no provider yet".into()))?;
    let counted = line.count(tx, Carried::Text, Occasion::ENROLLMENT, user, number)?;
    Ok((person, counted.map_err(|spent| AppError::Conflict(format!("not sent: {}", spent.as_str()).into()))?))
}

fn not_sent(error: &TelephonyError) -> AppError {
    AppError::Conflict(format!("not sent: {error}").into())
}
