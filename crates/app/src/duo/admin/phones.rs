//! Phones. To this protocol a phone is a thing of its own, made first and given to somebody then; to us it is a factor of a
//! person. So one that nobody has is kept for a month until it is given to somebody, and stands nowhere else.

mod texts;
mod ungiven;
mod verification;

use std::collections::HashMap;

use sallyport_api::rest::AddPhone;
use sallyport_model::{
    Action, Factor, FactorKind, PhoneNumber, Proof, Time, User, id::UserId, name::printable,
};
use sallyport_store::Reader;
use sallyport_wire::duo::{
    Params, Reply,
    admin::{Paging, PhoneFields, PhoneFilter, PhoneObject, PhoneType, Phones, Slice, reference},
};

use self::ungiven::Ungiven;
pub(crate) use self::ungiven::claim;
pub(super) use self::verification::{outcome, verify};
use super::{
    super::DuoError,
    factors::{self, Owned},
    not_found,
    objects::{self, Seen},
    page, unknown,
    users::id_of,
};
use crate::{
    AppError, Ctx, Tx,
    factor::{self, phone},
};

const LONGEST_NAME: usize = 64;
/// What of somebody's factors is a phone.
const KINDS: [FactorKind; 2] = [FactorKind::Phone, FactorKind::Push];

/// A phone, whoever has it.
enum Known {
    /// With whoever is to activate it.
    Ungiven(Ungiven, Option<Box<User>>),
    Factor(Box<Factor>, Box<User>, Use),
}

/// What became of a phone lately.
#[derive(Clone, Copy)]
struct Use {
    /// Whether codes that were texted to it open something yet.
    has_codes: bool,
    /// When it last opened a second door.
    last: Option<Time>,
}

pub(super) async fn answer(ctx: &Ctx, call: &Phones, params: &Params) -> Result<Reply, DuoError> {
    match call {
        Phones::Activation { phone } => texts::activation_url(ctx, phone, params).await,
        Phones::Create => create(ctx, PhoneFields::read(params)?).await,
        Phones::Delete { phone } => delete(ctx, phone).await,
        Phones::List => list(ctx, params).await,
        Phones::Send { phone, what } => texts::send(ctx, phone, *what, params).await,
        Phones::Modify { phone } => modify(ctx, phone, PhoneFields::read(params)?).await,
        Phones::Show { phone } => Ok(Reply::ok(&known(ctx, phone).await?.object())),
    }
}

impl Known {
    fn object(&self) -> PhoneObject {
        match self {
            Self::Ungiven(phone, holder) => phone.object(holder.as_deref()),
            Self::Factor(factor, user, used) => PhoneObject {
                users: Some(vec![objects::member(user)]),
                ..bare(factor, *used).unwrap_or_else(empty)
            },
        }
    }

    fn of(reader: &mut Reader, (factor, user): Owned, now: Time) -> Result<Self, AppError> {
        let seen = Seen::of(reader, user.id)?;
        let used = used(reader, &factor, &seen, now)?;
        Ok(Self::Factor(Box::new(factor), Box::new(user), used))
    }

    fn of_ungiven(reader: &mut Reader, phone: Ungiven) -> Result<Self, AppError> {
        let holder = match phone.holder {
            Some(holder) => reader.find::<User>(holder)?.map(|user| Box::new(user.value)),
            None => None,
        };
        Ok(Self::Ungiven(phone, holder))
    }
}

fn empty() -> PhoneObject {
    PhoneObject {
        phone_id: String::new(),
        number: String::new(),
        name: String::new(),
        extension: String::new(),
        kind: PhoneType::Unknown.as_str(),
        platform: "Unknown",
        predelay: String::new(),
        postdelay: String::new(),
        activated: false,
        capabilities: Vec::new(),
        encrypted: String::new(),
        fingerprint: String::new(),
        screenlock: String::new(),
        tampered: String::new(),
        model: String::new(),
        last_seen: String::new(),
        sms_passcodes_sent: false,
        users: None,
    }
}

fn capabilities(texts: bool, calls: bool) -> Vec<&'static str> {
    [(texts, "sms"), (calls, "phone")].into_iter().filter(|(can, _)| *can).map(|(_, word)| word).collect()
}

/// A phone inside of whoever has it; nothing of a factor of another kind.
fn bare(factor: &Factor, used: Use) -> Option<PhoneObject> {
    let object = PhoneObject {
        phone_id: factor.duo_id.clone(),
        name: factor.name.clone(),
        last_seen: used.last.map(|at| at.to_string()).unwrap_or_default(),
        sms_passcodes_sent: used.has_codes,
        ..empty()
    };
    match &factor.proof {
        Proof::Phone { number, texts, calls } => Some(PhoneObject {
            number: number.to_string(),
            kind: if *texts { PhoneType::Mobile } else { PhoneType::Landline }.as_str(),
            capabilities: capabilities(*texts, *calls),
            ..object
        }),
        Proof::Push { platform, .. } => Some(PhoneObject {
            kind: PhoneType::Mobile.as_str(),
            platform: "Generic Smartphone",
            model: platform.clone(),
            activated: true,
            capabilities: vec!["auto", "push"],
            ..object
        }),
        Proof::BypassCode { .. }
        | Proof::Duo
        | Proof::HardwareToken { .. }
        | Proof::Mail { .. }
        | Proof::Passkey { .. }
        | Proof::Totp => None,
    }
}

/// The phones among somebody's factors.
pub(super) fn of(
    reader: &mut Reader,
    factors: &[Factor],
    seen: &Seen,
    now: Time,
) -> Result<Vec<PhoneObject>, AppError> {
    let mut found = Vec::new();
    for factor in factors {
        found.extend(bare(factor, used(reader, factor, seen, now)?));
    }
    Ok(found)
}

fn used(reader: &mut Reader, factor: &Factor, seen: &Seen, now: Time) -> Result<Use, AppError> {
    let has_codes = phone::number_of(factor).is_some() && factor::has_outstanding(reader, factor.id, now)?;
    Ok(Use { has_codes, last: seen.used(factor.id) })
}

/// A page of all of them: those that people have, and behind them those that nobody has.
fn slice(reader: &mut Reader, paging: Paging, now: Time) -> Result<Slice<Known>, AppError> {
    let theirs = factors::slice(reader, &KINDS, paging)?;
    let mut items = Vec::new();
    let room = usize::try_from(paging.limit).unwrap_or(usize::MAX).saturating_sub(theirs.items.len());
    for owned in theirs.items {
        items.push(Known::of(reader, owned, now)?);
    }
    let ungiven = ungiven::all(reader)?;
    let total = theirs.total + u64::try_from(ungiven.len()).unwrap_or(0);
    let offset = usize::try_from(paging.offset.saturating_sub(theirs.total)).unwrap_or(usize::MAX);
    for phone in ungiven.into_iter().skip(offset).take(room) {
        items.push(Known::of_ungiven(reader, phone)?);
    }
    Ok(Slice { items, total })
}

/// Those with a number.
fn with_number(reader: &mut Reader, number: &PhoneNumber, now: Time) -> Result<Vec<Known>, AppError> {
    let mut found = Vec::new();
    for factor in factors::all(reader, FactorKind::Phone)? {
        if phone::number_of(&factor) == Some(number)
            && let Some(user) = reader.find::<User>(factor.user)?
        {
            found.push(Known::of(reader, (factor, user.value), now)?);
        }
    }
    for phone in ungiven::all(reader)? {
        if phone.number.as_ref() == Some(number) {
            found.push(Known::of_ungiven(reader, phone)?);
        }
    }
    Ok(found)
}

async fn find(ctx: &Ctx, duo_id: &str) -> Result<Option<Known>, DuoError> {
    ctx.allow(Action::ReadDirectory)?;
    let (duo_id, asking) = (duo_id.to_owned(), ctx.clone());
    let found = ctx.read_many(move |reader| {
        if let Some(owned) = factors::find(reader, &duo_id, &KINDS)? {
            return Known::of(reader, owned, asking.now).map(Some);
        }
        let ungiven = ungiven::find(reader, &asking, &duo_id)?;
        ungiven.map(|phone| Known::of_ungiven(reader, phone)).transpose()
    });
    Ok(found.await?)
}

async fn known(ctx: &Ctx, duo_id: &str) -> Result<Known, DuoError> {
    find(ctx, duo_id).await?.ok_or_else(not_found)
}

async fn list(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    ctx.allow(Action::ReadDirectory)?;
    let paging = Paging::read(params, Paging::MOST)?;
    let now = ctx.now;
    let Slice { items, total } = match PhoneFilter::read(params)? {
        PhoneFilter::All => ctx.read_many(move |reader| slice(reader, paging, now)).await?,
        PhoneFilter::None => paging.of(Vec::new()),
        PhoneFilter::Number(number) => {
            let number = read_number(&number)?;
            paging.of(ctx.read_many(move |reader| with_number(reader, &number, now)).await?)
        }
    };
    let items = items.iter().map(Known::object).collect();
    Ok(page(paging, &Slice { items, total }))
}

fn read_number(given: &str) -> Result<PhoneNumber, AppError> {
    given.parse().map_err(|error: sallyport_model::PhoneError| AppError::invalid("number", error.to_string()))
}

/// One without a number is something whose page is to be activated, such as a tablet; a telephone on a wire is not.
async fn create(ctx: &Ctx, fields: PhoneFields) -> Result<Reply, DuoError> {
    ctx.allow(Action::ManageFactors)?;
    let phone = Ungiven {
        phone_id: ctx.duo_id("DP")?,
        name: printable(fields.name.as_deref().unwrap_or_default(), LONGEST_NAME),
        landline: fields.kind == Some(PhoneType::Landline),
        number: fields.number.as_deref().map(read_number).transpose()?,
        holder: None,
    };
    refuse_landline_without_number(&phone)?;
    phone.keep(ctx).await?;
    Ok(Reply::ok(&phone.object(None)))
}

fn refuse_landline_without_number(phone: &Ungiven) -> Result<(), AppError> {
    if phone.landline && phone.number.is_none() {
        return Err(AppError::invalid("number", "is missing; a landline has one"));
    }
    Ok(())
}

/// A number is proved by whoever has it, so that of a phone which is somebody's it stays; and so does what it can do.
async fn modify(ctx: &Ctx, duo_id: &str, fields: PhoneFields) -> Result<Reply, DuoError> {
    ctx.allow(Action::ManageFactors)?;
    let number = fields.number.as_deref().map(read_number).transpose()?;
    match known(ctx, duo_id).await? {
        Known::Ungiven(before, holder) => {
            if holder.is_some() && number.is_some() {
                let text = "take it away from whoever is to activate it first";
                return Err(AppError::invalid("number", text).into());
            }
            let name = fields.name.map(|name| printable(&name, LONGEST_NAME));
            let phone = Ungiven {
                number: number.or_else(|| before.number.clone()),
                name: name.unwrap_or_else(|| before.name.clone()),
                landline: fields.kind.map_or(before.landline, |kind| kind == PhoneType::Landline),
                ..before.clone()
            };
            refuse_landline_without_number(&phone)?;
            let object = phone.object(holder.as_deref());
            ungiven::change(ctx, before, phone).await?;
            Ok(Reply::ok(&object))
        }
        Known::Factor(before, user, _) => {
            if number.is_some_and(|number| phone::number_of(&before) != Some(&number)) {
                let text = "the number of somebody's phone stays; take it away and add another";
                return Err(AppError::invalid("number", text).into());
            }
            let name = fields.name.map(|name| printable(&name, LONGEST_NAME)).filter(|name| !name.is_empty());
            if let Some(name) = name.filter(|name| *name != before.name) {
                factor::rename(ctx, user.id, before.id, &name).await?;
            }
            Ok(Reply::ok(&known(ctx, duo_id).await?.object()))
        }
    }
}

async fn delete(ctx: &Ctx, duo_id: &str) -> Result<Reply, DuoError> {
    ctx.allow(Action::ManageFactors)?;
    match known(ctx, duo_id).await? {
        Known::Ungiven(phone, _) => ungiven::forget(ctx, phone).await?,
        Known::Factor(factor, user, _) => factor::remove(ctx, user.id, factor.id).await?,
    }
    Ok(Reply::empty())
}

pub(super) async fn of_user(ctx: &Ctx, user: &str, params: &Params) -> Result<Reply, DuoError> {
    let paging = Paging::read(params, Paging::MOST)?;
    let (user, now) = (id_of(ctx, user).await?, ctx.now);
    let found = ctx
        .read(move |reader| {
            let (factors, seen) = (factor::of(reader, user, now)?, Seen::of(reader, user)?);
            let mut found = of(reader, &factors, &seen, now)?;
            found.extend(waiting(reader)?.remove(&user).unwrap_or_default());
            Ok(found)
        })
        .await?;
    Ok(page(paging, &paging.of(found)))
}

/// Whoever has it already keeps it; somebody else's is taken from nobody.
pub(super) async fn give(ctx: &Ctx, user: &str, params: &Params) -> Result<Reply, DuoError> {
    let phone_id = reference(params, "phone_id")?;
    let user = id_of(ctx, user).await?;
    match find(ctx, &phone_id).await?.ok_or_else(|| unknown("phone_id"))? {
        Known::Factor(_, owner, _) if owner.id == user => {}
        Known::Factor(..) => {
            return Err(AppError::invalid("phone_id", "is another user's; take it away there first").into());
        }
        Known::Ungiven(_, Some(holder)) if holder.id == user => {}
        Known::Ungiven(_, Some(_)) => {
            return Err(AppError::invalid("phone_id", "is another user's; take it away there first").into());
        }
        Known::Ungiven(phone, None) => hand_over(ctx, user, phone).await?,
    }
    Ok(Reply::empty())
}

async fn hand_over(ctx: &Ctx, user: UserId, phone: Ungiven) -> Result<(), AppError> {
    let Some(number) = &phone.number else {
        let given = Ungiven { holder: Some(user), ..phone.clone() };
        return ctx
            .write(move |tx| {
                tx.user_for(Action::ManageFactors, user)?;
                if given.replace(tx, &phone)? { Ok(()) } else { Err(unknown("phone_id")) }
            })
            .await;
    };
    let input = AddPhone {
        number: number.to_string(),
        name: Some(phone.name.clone()).filter(|name| !name.is_empty()),
        texts: Some(!phone.landline),
        calls: Some(true),
    };
    let duo_id = phone.phone_id.clone();
    let take = move |tx: &mut Tx<'_, '_>| {
        if phone.forget(tx)? { Ok(()) } else { Err(unknown("phone_id")) }
    };
    phone::add_as(ctx, user, input, duo_id, take).await.map(|_| ())
}

/// What people were given to activate and have not yet.
pub(super) fn waiting(reader: &mut Reader) -> Result<HashMap<UserId, Vec<PhoneObject>>, AppError> {
    let mut found: HashMap<UserId, Vec<PhoneObject>> = HashMap::new();
    for phone in ungiven::all(reader)? {
        if let Some(holder) = phone.holder {
            let object = PhoneObject { users: None, ..phone.object(None) };
            found.entry(holder).or_default().push(object);
        }
    }
    Ok(found)
}

/// Whoever has not got it loses nothing. The phone is nobody's then, and can be given again.
pub(super) async fn take(ctx: &Ctx, user: &str, phone: &str) -> Result<Reply, DuoError> {
    let user = id_of(ctx, user).await?;
    match known(ctx, phone).await? {
        Known::Factor(factor, owner, _) if owner.id == user => {
            let left = left_of(&factor);
            ctx.write(move |tx| {
                let person = tx.user_for(Action::ManageFactors, user)?;
                let found = tx.expect::<Factor>(factor.id)?;
                factor::take_away(tx, &person, &found)?;
                left.as_ref().map_or(Ok(()), |left| left.put(tx))
            })
            .await?;
        }
        Known::Ungiven(phone, Some(holder)) if holder.id == user => {
            let left = Ungiven { holder: None, ..phone.clone() };
            ctx.write(move |tx| {
                tx.user_for(Action::ManageFactors, user)?;
                // Whoever else was quicker has done this, or something after it.
                left.replace(tx, &phone).map(|_| ())
            })
            .await?;
        }
        Known::Factor(..) | Known::Ungiven(..) => {}
    }
    Ok(Reply::empty())
}

/// What is kept of somebody's phone when it is taken away; nothing of one that is its page alone.
fn left_of(factor: &Factor) -> Option<Ungiven> {
    let Proof::Phone { number, texts, .. } = &factor.proof else { return None };
    Some(Ungiven {
        phone_id: factor.duo_id.clone(),
        number: Some(number.clone()),
        name: factor.name.clone(),
        landline: !texts,
        holder: None,
    })
}
