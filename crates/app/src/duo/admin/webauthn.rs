//! WebAuthn credentials, which are our passkeys and security keys.

use sallyport_model::{Action, Factor, FactorKind, Proof, Time, User};
use sallyport_store::Reader;
use sallyport_wire::duo::{
    Params, Reply,
    admin::{Paging, Slice, WebAuthn, WebAuthnObject},
};

use super::{
    super::DuoError,
    factors::{self, Owned},
    not_found,
    objects::{self, Seen},
    page,
    users::id_of,
};
use crate::{AppError, Ctx, factor};

pub(super) async fn answer(ctx: &Ctx, call: &WebAuthn, params: &Params) -> Result<Reply, DuoError> {
    match call {
        WebAuthn::List => {
            let paging = Paging::read(params, Paging::MOST)?;
            let Slice { items, total } = slice(ctx, paging).await?;
            let told = items.iter().filter_map(|(factor, user, used)| object(factor, user, *used));
            Ok(page(paging, &Slice { items: told.collect(), total }))
        }
        WebAuthn::Show { key } => {
            let (factor, user, used) = known(ctx, key).await?;
            Ok(Reply::ok(&object(&factor, &user, used).ok_or_else(not_found)?))
        }
        WebAuthn::Delete { key } => {
            let (factor, user, _) = known(ctx, key).await?;
            factor::remove(ctx, user.id, factor.id).await?;
            Ok(Reply::empty())
        }
    }
}

/// A passkey, whose it is, and when it was last used.
type Known = (Factor, User, Option<Time>);

async fn slice(ctx: &Ctx, paging: Paging) -> Result<Slice<Known>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read_many(move |reader| {
        let Slice { items, total } = factors::slice(reader, &[FactorKind::Passkey], paging)?;
        let items = items.into_iter().map(|owned| used(reader, owned));
        Ok(Slice { items: items.collect::<Result<_, _>>()?, total })
    })
    .await
}

async fn known(ctx: &Ctx, duo_id: &str) -> Result<Known, DuoError> {
    ctx.allow(Action::ReadDirectory)?;
    let duo_id = duo_id.to_owned();
    let found = ctx.read_many(move |reader| {
        let owned = factors::find(reader, &duo_id, &[FactorKind::Passkey])?;
        owned.map(|owned| used(reader, owned)).transpose()
    });
    found.await?.ok_or_else(not_found)
}

fn used(reader: &mut Reader, (factor, user): Owned) -> Result<Known, AppError> {
    let used = Seen::of(reader, user.id)?.used(factor.id);
    Ok((factor, user, used))
}

fn object(factor: &Factor, user: &User, used: Option<Time>) -> Option<WebAuthnObject> {
    let object = bare(factor, used)?;
    Some(WebAuthnObject { user: Some(objects::member(user)), admin: Some(serde_json::Value::Null), ..object })
}

/// A credential inside of whoever has it; nothing of a factor of another kind.
fn bare(factor: &Factor, used: Option<Time>) -> Option<WebAuthnObject> {
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
        date_last_used: used.map(Time::unix_seconds),
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

pub(super) fn of(factors: &[Factor], seen: &Seen) -> Vec<WebAuthnObject> {
    factors.iter().filter_map(|factor| bare(factor, seen.used(factor.id))).collect()
}

pub(super) async fn of_user(ctx: &Ctx, user: &str, params: &Params) -> Result<Reply, DuoError> {
    let paging = Paging::read(params, Paging::MOST)?;
    let (user, now) = (id_of(ctx, user).await?, ctx.now);
    let found = ctx
        .read(move |reader| {
            let (factors, seen) = (factor::of(reader, user, now)?, Seen::of(reader, user)?);
            Ok(of(&factors, &seen))
        })
        .await?;
    Ok(page(paging, &paging.of(found)))
}
