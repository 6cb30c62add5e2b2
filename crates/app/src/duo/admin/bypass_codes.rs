//! Bypass codes: drawn and shown once, known afterwards by what they are good for.

use sallyport_model::{Action, Factor, FactorKind, Time, User, id::UserId};
use sallyport_store::{Edge, Reader, Versioned};
use sallyport_wire::duo::{
    Params, Reply,
    admin::{BypassCodeObject, BypassCodes, IssueBypassCodes, Paging},
};

use super::{super::DuoError, factors, not_found, objects, page, users::id_of};
use crate::{
    AppError, Ctx,
    factor::{
        self,
        bypass::{self, Batch},
    },
};

pub(super) async fn answer(ctx: &Ctx, call: &BypassCodes, params: &Params) -> Result<Reply, DuoError> {
    match call {
        BypassCodes::List => {
            let paging = Paging::read(params, Paging::MOST)?;
            let all = everybodys(ctx).await?.into_iter().map(|(_, object)| object).collect();
            Ok(page(paging, &paging.of(all)))
        }
        BypassCodes::Show { code } => Ok(Reply::ok(&known(ctx, code).await?.1)),
        BypassCodes::Delete { code } => {
            let (factor, _) = known(ctx, code).await?;
            factor::remove(ctx, factor.user, factor.id).await?;
            Ok(Reply::empty())
        }
    }
}

type Told = (Factor, BypassCodeObject);

async fn known(ctx: &Ctx, duo_id: &str) -> Result<Told, DuoError> {
    let all = everybodys(ctx).await?;
    all.into_iter().find(|(factor, _)| factor.duo_id == duo_id).ok_or_else(not_found)
}

/// All codes that open something yet. Those that opened it are gone to this protocol.
async fn everybodys(ctx: &Ctx) -> Result<Vec<Told>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    let now = ctx.now;
    ctx.read_many(move |reader| {
        let mut all = Vec::new();
        for (factor, user) in factors::everybodys(reader, FactorKind::BypassCode)? {
            all.extend(told(reader, factor, &user, now)?);
        }
        Ok(all)
    })
    .await
}

fn told(reader: &mut Reader, factor: Factor, user: &User, now: Time) -> Result<Option<Told>, AppError> {
    let left = bypass::left_of(reader, factor.user, now)?.get(&factor.id).copied().unwrap_or_default();
    if left.codes == 0 {
        return Ok(None);
    }
    let object = BypassCodeObject {
        bypass_code_id: factor.duo_id.clone(),
        admin_email: String::new(),
        created: factor.created.unix_seconds(),
        expiration: factor.expires().map(Time::unix_seconds),
        reuse_count: left.uses,
        user: objects::member(user),
    };
    Ok(Some((factor, object)))
}

pub(super) async fn of_user(ctx: &Ctx, user: &str, params: &Params) -> Result<Reply, DuoError> {
    let paging = Paging::read(params, Paging::MOST)?;
    let (user, now) = (id_of(ctx, user).await?, ctx.now);
    let found = ctx.read(move |reader| theirs(reader, user, now)).await?;
    Ok(page(paging, &paging.of(found)))
}

fn theirs(reader: &mut Reader, user: UserId, now: Time) -> Result<Vec<BypassCodeObject>, AppError> {
    let person = reader.expect::<User>(user)?;
    let factors: Vec<Versioned<Factor>> = reader.list_rights_of(Edge::UserFactor, &user.to_string())?;
    let mut found = Vec::new();
    for factor in factors.into_iter().filter(|factor| factor.kind() == FactorKind::BypassCode) {
        found.extend(told(reader, factor.value, &person, now)?.map(|(_, object)| object));
    }
    Ok(found)
}

/// Answers with the codes, as they are typed: this is the only time they are told.
pub(super) async fn issue(ctx: &Ctx, user: &str, params: &Params) -> Result<Reply, DuoError> {
    let wanted = IssueBypassCodes::read(params)?;
    let user = id_of(ctx, user).await?;
    let valid_secs = wanted.valid_secs.unwrap_or(bypass::LONGEST);
    let batch = Batch { count: wanted.count, uses: wanted.uses, valid_secs };
    let codes = bypass::issue_singles(ctx, user, batch, wanted.preserve_existing).await?;
    let typed = codes.iter().filter_map(|code| sallyport_crypto::token::typed_digits(code.expose()));
    Ok(Reply::ok(&typed.collect::<Vec<String>>()))
}
