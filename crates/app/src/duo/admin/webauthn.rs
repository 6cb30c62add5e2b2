//! WebAuthn credentials, which are our passkeys and security keys.

use sallyport_model::{Action, Factor, FactorKind, Proof, User};
use sallyport_wire::duo::{
    Params, Reply,
    admin::{Paging, WebAuthn, WebAuthnObject},
};

use super::{super::DuoError, factors, not_found, objects, page, users::id_of};
use crate::{AppError, Ctx, factor};

pub(super) async fn answer(ctx: &Ctx, call: &WebAuthn, params: &Params) -> Result<Reply, DuoError> {
    match call {
        WebAuthn::List => {
            let paging = Paging::read(params, Paging::MOST)?;
            let all = everybodys(ctx).await?;
            let told = all.iter().filter_map(|(factor, user)| object(factor, user)).collect();
            Ok(page(paging, &paging.of(told)))
        }
        WebAuthn::Show { key } => {
            let (factor, user) = known(ctx, key).await?;
            Ok(Reply::ok(&object(&factor, &user).ok_or_else(not_found)?))
        }
        WebAuthn::Delete { key } => {
            let (factor, user) = known(ctx, key).await?;
            factor::remove(ctx, user.id, factor.id).await?;
            Ok(Reply::empty())
        }
    }
}

async fn everybodys(ctx: &Ctx) -> Result<Vec<(Factor, User)>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read_many(|reader| factors::everybodys(reader, FactorKind::Passkey)).await
}

async fn known(ctx: &Ctx, duo_id: &str) -> Result<(Factor, User), DuoError> {
    let all = everybodys(ctx).await?;
    all.into_iter().find(|(factor, _)| factor.duo_id == duo_id).ok_or_else(not_found)
}

fn object(factor: &Factor, user: &User) -> Option<WebAuthnObject> {
    let object = bare(factor)?;
    Some(WebAuthnObject { user: Some(objects::member(user)), admin: Some(serde_json::Value::Null), ..object })
}

/// A credential inside of whoever has it; nothing of a factor of another kind.
fn bare(factor: &Factor) -> Option<WebAuthnObject> {
    let Proof::Passkey { credential, transports, aaguid, synced, opens_first_door, attested: _ } =
        &factor.proof
    else {
        return None;
    };
    Some(WebAuthnObject {
        webauthnkey: factor.duo_id.clone(),
        credential_name: factor.name.clone(),
        label: if transports.iter().any(|transport| transport == "internal") {
            "Passkey"
        } else {
            "Security Key"
        },
        date_added: factor.created.unix_seconds(),
        date_last_used: None,
        aaguid: aaguid.clone(),
        credential_id: credential.clone(),
        backup_eligible: *synced,
        backup_status: *synced,
        passwordless_authorized: *opens_first_door,
        uv_capable: None,
        registered_as: if *synced { "multi-device" } else { "single-device" },
        transports: transports.clone(),
        user: None,
        admin: None,
    })
}

pub(super) fn of(factors: &[Factor]) -> Vec<WebAuthnObject> {
    factors.iter().filter_map(bare).collect()
}

pub(super) async fn of_user(ctx: &Ctx, user: &str, params: &Params) -> Result<Reply, DuoError> {
    let paging = Paging::read(params, Paging::MOST)?;
    let (user, now) = (id_of(ctx, user).await?, ctx.now);
    let found = ctx.read(move |reader| factor::of(reader, user, now)).await?;
    Ok(page(paging, &paging.of(of(&found))))
}
