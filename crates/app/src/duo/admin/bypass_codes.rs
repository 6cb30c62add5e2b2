//! Bypass codes: drawn and shown once, known afterwards by what they are good for.

use std::collections::{BTreeMap, btree_map};

use sallyport_model::{
    Action, Factor, FactorKind, Time, User,
    id::{FactorId, UserId},
};
use sallyport_store::{Edge, Reader, Versioned};
use sallyport_wire::duo::{
    Params, Reply,
    admin::{BypassCodeObject, BypassCodes, IssueBypassCodes, Paging, Slice},
};

use super::{super::DuoError, factors, not_found, objects, page, users::id_of};
use crate::{
    AppError, Ctx,
    factor::{
        self,
        bypass::{self, Batch, Left},
    },
};

pub(super) async fn answer(ctx: &Ctx, call: &BypassCodes, params: &Params) -> Result<Reply, DuoError> {
    match call {
        BypassCodes::List => {
            let paging = Paging::read(params, Paging::MOST)?;
            Ok(page(paging, &slice(ctx, paging).await?))
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
    ctx.allow(Action::ReadDirectory)?;
    let (duo_id, now) = (duo_id.to_owned(), ctx.now);
    let found = ctx.read_many(move |reader| {
        let owned = factors::find(reader, &duo_id, &[FactorKind::BypassCode])?;
        let Some((factor, user)) = owned else { return Ok(None) };
        let left = LeftOf::default().factor(reader, &factor, now)?;
        Ok(told(factor, &user, left))
    });
    found.await?.ok_or_else(not_found)
}

/// A page of all codes that open something yet. Those that opened it are gone to this protocol, so what is left of each is
/// looked at, and nothing else of those on other pages.
async fn slice(ctx: &Ctx, paging: Paging) -> Result<Slice<BypassCodeObject>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    let now = ctx.now;
    ctx.read_many(move |reader| {
        let (mut good, mut left_of) = (Vec::new(), LeftOf::default());
        for factor in factors::all(reader, FactorKind::BypassCode)? {
            let left = left_of.factor(reader, &factor, now)?;
            if left.codes > 0 {
                good.push((factor, left));
            }
        }
        let Slice { items: factors, total } = paging.of(good);
        let mut items = Vec::new();
        for (factor, left) in factors {
            if let Some(user) = reader.find::<User>(factor.user)? {
                items.extend(told(factor, &user, left).map(|(_, object)| object));
            }
        }
        Ok(Slice { items, total })
    })
    .await
}

/// What is left of the codes of each person that one read has come to: all of somebody's are read at once.
#[derive(Default)]
struct LeftOf(BTreeMap<UserId, BTreeMap<FactorId, Left>>);

impl LeftOf {
    fn factor(&mut self, reader: &mut Reader, factor: &Factor, now: Time) -> Result<Left, AppError> {
        let theirs = match self.0.entry(factor.user) {
            btree_map::Entry::Occupied(found) => found.into_mut(),
            btree_map::Entry::Vacant(new) => new.insert(bypass::left_of(reader, factor.user, now)?),
        };
        Ok(theirs.get(&factor.id).copied().unwrap_or_default())
    }
}

/// Nothing of what opens nothing any more.
fn told(factor: Factor, user: &User, left: Left) -> Option<Told> {
    if left.codes == 0 {
        return None;
    }
    let object = BypassCodeObject {
        bypass_code_id: factor.duo_id.clone(),
        admin_email: String::new(),
        created: factor.created.unix_seconds(),
        expiration: factor.expires().map(Time::unix_seconds),
        reuse_count: left.uses,
        user: objects::member(user),
    };
    Some((factor, object))
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
    let (mut found, mut left_of) = (Vec::new(), LeftOf::default());
    for factor in factors.into_iter().filter(|factor| factor.kind() == FactorKind::BypassCode) {
        let left = left_of.factor(reader, &factor, now)?;
        found.extend(told(factor.value, &person, left).map(|(_, object)| object));
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
