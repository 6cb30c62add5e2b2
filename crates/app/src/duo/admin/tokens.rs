//! Hardware tokens, and who has them. A token is one person's.

use sallyport_crypto::Secret;
use sallyport_model::{
    Action, HardwareToken, HardwareTokenKind, fold,
    id::{HardwareTokenId, UserId},
};
use sallyport_store::{Reader, Versioned};
use sallyport_wire::duo::{
    Params, Reply,
    admin::{NewToken, Paging, Slice, TokenFilter, TokenKind, Tokens, codes_in_a_row, reference},
};

use super::{super::DuoError, not_found, objects, page, unknown, users::id_of};
use crate::{
    AppError, Ctx, factor,
    hardware_token::{self, import},
};

/// Seconds that a code is shown where nothing is said.
const USUAL_STEP: i64 = 30;

pub(super) async fn answer(ctx: &Ctx, call: &Tokens, params: &Params) -> Result<Reply, DuoError> {
    match call {
        Tokens::Create => create(ctx, NewToken::read(params)?).await,
        Tokens::Delete { token } => {
            let id = known(ctx, token).await?.id;
            hardware_token::discard(ctx, id).await?;
            Ok(Reply::empty())
        }
        Tokens::List => list(ctx, params).await,
        Tokens::Modify { token } => modify(ctx, token, params).await,
        Tokens::Resync { token } => resync(ctx, token, params).await,
        Tokens::Show { token } => {
            let token = known(ctx, token).await?;
            show(ctx, token.value).await
        }
    }
}

/// The token a path is about.
async fn known(ctx: &Ctx, duo_id: &str) -> Result<Versioned<HardwareToken>, DuoError> {
    ctx.allow(Action::ReadDirectory)?;
    let duo_id = duo_id.to_owned();
    ctx.read_many(move |reader| find(reader, &duo_id)).await?.ok_or_else(not_found)
}

fn find(reader: &mut Reader, duo_id: &str) -> Result<Option<Versioned<HardwareToken>>, AppError> {
    Ok(reader.list_all::<HardwareToken>()?.into_iter().find(|token| token.duo_id == duo_id))
}

async fn show(ctx: &Ctx, token: HardwareToken) -> Result<Reply, DuoError> {
    let object = ctx.read(move |reader| objects::token(reader, &token)).await?;
    Ok(Reply::ok(&object))
}

async fn list(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    ctx.allow(Action::ReadDirectory)?;
    let (paging, filter) = (Paging::read(params, Paging::MOST)?, TokenFilter::read(params)?);
    let slice = ctx
        .read_many(move |reader| {
            let (tokens, total) = match filter {
                None => reader.slice::<HardwareToken>(None, paging.offset, paging.limit)?,
                Some(filter) => {
                    let found = reader.find_by_key::<HardwareToken>(&fold(&filter.serial))?;
                    let found = found.filter(|token| objects::token_kind(token) == filter.kind);
                    let slice = paging.of(found.into_iter().collect());
                    (slice.items, slice.total)
                }
            };
            let items: Result<_, AppError> =
                tokens.iter().map(|token| objects::token(reader, token)).collect();
            Ok(Slice { items: items?, total })
        })
        .await?;
    Ok(page(paging, &slice))
}

async fn create(ctx: &Ctx, given: NewToken) -> Result<Reply, DuoError> {
    let hotp = HardwareTokenKind::Hotp { counter: given.counter.unwrap_or(0) };
    let interval = u32::try_from(given.totp_step.unwrap_or(USUAL_STEP))
        .map_err(|_| AppError::invalid("totp_step", "from 30 to 60"))?;
    let (kind, digits) = match given.kind {
        TokenKind::Hotp6 => (hotp, 6),
        TokenKind::Hotp8 => (hotp, 8),
        TokenKind::Totp6 => (HardwareTokenKind::Totp { interval }, 6),
        TokenKind::Totp8 => (HardwareTokenKind::Totp { interval }, 8),
        TokenKind::Yubikey => (HardwareTokenKind::Yubikey, 0),
    };
    let single = import::Single {
        serial: given.serial,
        kind,
        digits,
        secret: Secret::new(given.secret),
        private_id: given.private_id,
    };
    let made = import::take_in_one(ctx, single).await?;
    show(ctx, made).await
}

/// A token's clock was built in: to say what it is already changes nothing, to say anything else is a mistake.
async fn modify(ctx: &Ctx, duo_id: &str, params: &Params) -> Result<Reply, DuoError> {
    let token = known(ctx, duo_id).await?;
    let said = params.int("totp_step")?;
    let is_so = match token.kind {
        HardwareTokenKind::Hotp { .. } | HardwareTokenKind::Yubikey => said.is_none(),
        HardwareTokenKind::Totp { interval } => said.is_none_or(|said| said == i64::from(interval)),
    };
    if !is_so {
        let text = "cannot be changed; delete the token and create it anew";
        return Err(AppError::invalid("totp_step", text).into());
    }
    show(ctx, token.value).await
}

async fn resync(ctx: &Ctx, duo_id: &str, params: &Params) -> Result<Reply, DuoError> {
    let codes = codes_in_a_row(params)?;
    let token = known(ctx, duo_id).await?;
    hardware_token::resync(ctx, token.id, &codes).await?;
    Ok(Reply::empty())
}

pub(super) async fn of_user(ctx: &Ctx, user: &str, params: &Params) -> Result<Reply, DuoError> {
    let paging = Paging::read(params, Paging::MOST)?;
    let (user, now) = (id_of(ctx, user).await?, ctx.now);
    let found = ctx
        .read(move |reader| {
            let mut found = Vec::new();
            for id in factor::of(reader, user, now)?.iter().filter_map(sallyport_model::Factor::token) {
                if let Some(token) = reader.find::<HardwareToken>(id)? {
                    found.push(objects::token(reader, &token)?);
                }
            }
            Ok(found)
        })
        .await?;
    Ok(page(paging, &paging.of(found)))
}

/// Whoever has it already keeps it.
pub(super) async fn give(ctx: &Ctx, user: &str, params: &Params) -> Result<Reply, DuoError> {
    let (token, user) = (reference(params, "token_id")?, id_of(ctx, user).await?);
    let (id, holder) = held(ctx, token).await?.ok_or_else(|| unknown("token_id"))?;
    if holder != Some(user) {
        hardware_token::assign(ctx, id, user).await?;
    }
    Ok(Reply::empty())
}

/// Whoever has not got it loses nothing.
pub(super) async fn take(ctx: &Ctx, user: &str, token: &str) -> Result<Reply, DuoError> {
    let user = id_of(ctx, user).await?;
    let (id, holder) = held(ctx, token.to_owned()).await?.ok_or_else(not_found)?;
    if holder == Some(user) {
        hardware_token::unassign(ctx, id).await?;
    }
    Ok(Reply::empty())
}

async fn held(ctx: &Ctx, duo_id: String) -> Result<Option<(HardwareTokenId, Option<UserId>)>, AppError> {
    ctx.read_many(move |reader| {
        Ok(find(reader, &duo_id)?.map(|token| (token.id, token.holder.map(|holder| holder.user))))
    })
    .await
}
