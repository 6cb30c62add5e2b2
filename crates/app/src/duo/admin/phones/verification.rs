//! Asking somebody on their phone whether it is them, as help desks do.

use sallyport_model::{Action, id::ChallengeId};
use sallyport_wire::duo::{
    Params, Reply,
    admin::{VerificationObject, VerificationOutcome, reference},
};
use uuid::Uuid;

use super::super::{super::DuoError, unknown, users::id_of};
use super::{Known, find};
use crate::{
    Ctx,
    push::verification::{self, Outcome},
};

pub(in super::super) async fn verify(ctx: &Ctx, user: &str, params: &Params) -> Result<Reply, DuoError> {
    ctx.allow(Action::ManageFactors)?;
    let phone_id = reference(params, "phone_id")?;
    let user = id_of(ctx, user).await?;
    let phone = match find(ctx, &phone_id).await? {
        Some(Known::Factor(factor, owner, _)) if owner.id == user => factor.id,
        Some(Known::Factor(..) | Known::Ungiven(..)) | None => return Err(unknown("phone_id").into()),
    };
    let asked = verification::ask(ctx, user, phone).await?;
    Ok(Reply::ok(&VerificationObject {
        push_id: asked.id.uuid().to_string(),
        confirmation_code: asked.number,
    }))
}

pub(in super::super) async fn outcome(ctx: &Ctx, user: &str, params: &Params) -> Result<Reply, DuoError> {
    ctx.allow(Action::ManageFactors)?;
    let push_id = reference(params, "push_id")?;
    let user = id_of(ctx, user).await?;
    let id = Uuid::try_parse(&push_id).map(ChallengeId::new).map_err(|_| unknown("push_id"))?;
    let found = verification::outcome(ctx, user, id).await?.ok_or_else(|| unknown("push_id"))?;
    let result = match found {
        Outcome::Confirmed => "approve",
        Outcome::NotThem => "fraud",
        Outcome::Refused => "deny",
        Outcome::Waiting => "waiting",
    };
    Ok(Reply::ok(&VerificationOutcome { push_id, result }))
}
