//! Signing in without a password and without a name: a passkey that verifies who uses it is something that the person has
//! and something that they are or know, so it opens both doors.

use sallyport_crypto::Secret;
use sallyport_model::{
    FactorKind, Method,
    id::SignInId,
    signin::{FirstDoor, Passed, Reason, Resource, SecondDoor, SignIn},
};
use sallyport_wire::webauthn::Assertion;

use super::{
    Asking, Denial, NO_ACCESS, Ruling, SECOND_DOOR_OPEN, Step, WRONG_PASSKEY, admit, new_sign_in,
    rule_at_door, second_door,
};
use crate::{
    AppError, Ctx, Phrase, Tx,
    factor::Verdict,
    passkey::{self, opens_first_door},
};
use sallyport_policy::Decision;

/// Begins a sign-in, and ends it, with an answer to [`passkey::ask_at_first_door`]. Nothing is counted or written of an
/// answer that does not hold: nobody can guess one, and it says of nobody who they are.
///
/// # Errors
/// Something of ours failed. A refusal is a [`Step`], not an error.
pub async fn begin_by_passkey(
    ctx: &Ctx,
    resource: Resource,
    door: &Secret,
    assertion: Box<Assertion>,
) -> Result<Step, AppError> {
    let wrong = || Ok(Step::Denied(Denial::new(WRONG_PASSKEY, vec![Reason::FactorWrong])));
    if !passkey::is_answer_at_first_door(ctx, &assertion, door).await? {
        return wrong();
    }
    let (id, door) = (ctx.id(SignInId::new)?, door.clone());
    ctx.write(move |tx| {
        let settings = tx.ctx.org.view.settings(tx)?;
        if !opens_first_door(&settings) {
            return wrong();
        }
        let Some((user, verdict)) = passkey::accept_of_anybody(tx, &assertion, &door)? else {
            return wrong();
        };
        let (ctx, name) = (tx.ctx, user.name.to_string());
        let sign_in = new_sign_in(ctx, id, &name, Some(&user), resource.clone());
        let factor = match verdict {
            Verdict::Accepted { factor, .. } => factor,
            Verdict::Copied => return refuse(tx, sign_in, WRONG_PASSKEY, Reason::FactorCopied),
            Verdict::NotAllowed => return refuse(tx, sign_in, Phrase::NotHere, Reason::FactorNotAllowed),
            Verdict::Used | Verdict::Wrong => return wrong(),
        };
        let open = sign_in.open_second_door(FirstDoor::Passkey, ctx.now.plus(SECOND_DOOR_OPEN))?;
        let (to, Ruling { decision, policy }) = rule_at_door(tx, ctx, &user, Asking::of(&open))?;
        let open = SignIn { resource: to, ..open };
        if !policy.allows(Method::Passkey) {
            let reasons = vec![Reason::FactorNotAllowed];
            tx.put_sign_in(&open.deny(reasons.clone(), ctx.now)?, "")?;
            return Ok(Step::Denied(Denial::new(NO_ACCESS, reasons)));
        }
        let asked = match decision {
            Decision::Deny(reasons) => {
                tx.put_sign_in(&open.deny(reasons.clone(), ctx.now)?, "")?;
                return Ok(Step::Denied(Denial::new(NO_ACCESS, reasons)));
            }
            Decision::Allow(reasons) | Decision::SecondDoor(reasons) => reasons,
        };
        second_door::passed(tx, &user, FactorKind::Passkey, open.source.as_deref())?;
        let reasons = [vec![Reason::PasskeyPassed], asked].concat();
        let passed = Passed::SecondDoor(SecondDoor::here(factor, FactorKind::Passkey));
        admit(tx, open, &user, passed, reasons)
    })
    .await
}

fn refuse(tx: &mut Tx<'_, '_>, sign_in: SignIn, said: Phrase, reason: Reason) -> Result<Step, AppError> {
    let denied = sign_in.deny(vec![reason.clone()], tx.ctx.now)?;
    tx.put_sign_in(&denied, "")?;
    Ok(Step::Denied(Denial::new(said, vec![reason])))
}
