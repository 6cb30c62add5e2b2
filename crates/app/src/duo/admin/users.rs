//! Users: made, changed, disabled, put into the trash and taken out of it.

mod edit;

use std::collections::BTreeMap;

use sallyport_api::rest::CreateUser;
use sallyport_model::{About, Action, FactorKind, User, id::UserId};
use sallyport_store::{Edge, Reader, Versioned};
use sallyport_wire::duo::{
    Params, Reply,
    admin::{
        EnrollUser, Paging, Slice, UserFields, UserFilter, UserObject, UserStatus, Users, bulk_create,
        bulk_ids, reference,
    },
};
use serde::Serialize;

use self::edit::{about, placed, realname};
use super::{
    super::{DuoError, portal_url},
    bypass_codes, groups, not_found, nothing,
    objects::Objects,
    page, phones, tokens, webauthn,
};
use crate::{
    AppError, Ctx, Tx, factor,
    user::{self, by_any_name, by_duo_id},
};

pub(super) async fn answer(ctx: &Ctx, call: &Users, params: &Params) -> Result<Reply, DuoError> {
    match call {
        Users::BulkCreate => create_all(ctx, bulk_create(params)?).await,
        Users::BulkRestore => each(ctx, bulk_ids(params)?, restore).await,
        Users::BulkTrash => each(ctx, bulk_ids(params)?, trash).await,
        Users::BypassCodes { user } => bypass_codes::of_user(ctx, user, params).await,
        Users::Create => create(ctx, UserFields::read(params)?).await,
        Users::Directories => nothing(params),
        Users::Enroll => enroll(ctx, EnrollUser::read(params)?).await,
        Users::GivePhone { user } => phones::give(ctx, user, params).await,
        Users::GiveToken { user } => tokens::give(ctx, user, params).await,
        Users::Groups { user } => groups::of_user(ctx, user, params).await,
        Users::IssueBypassCodes { user } => bypass_codes::issue(ctx, user, params).await,
        Users::JoinGroup { user } => groups::join(ctx, user, params).await,
        Users::LeaveGroup { user, group } => groups::leave(ctx, user, group).await,
        Users::List => list(ctx, params).await,
        Users::Outcome { user } => phones::outcome(ctx, user, params).await,
        Users::Verify { user } => phones::verify(ctx, user, params).await,
        Users::Modify { user } => edit::modify(ctx, user, UserFields::read(params)?).await,
        Users::Show { user } => {
            let id = id_of(ctx, user).await?;
            Ok(Reply::ok(&object(ctx, id).await?))
        }
        Users::Sync { directory } => {
            reference(params, "username")?;
            let text = format!(
                "`{directory}`: no directory is synchronised here, so nobody can be fetched from one"
            );
            Err(AppError::invalid("directory_key", text).into())
        }
        Users::TakePhone { user, phone } => phones::take(ctx, user, phone).await,
        Users::TakeToken { user, token } => tokens::take(ctx, user, token).await,
        Users::Tokens { user } => tokens::of_user(ctx, user, params).await,
        Users::Trash { user } => {
            let id = id_of(ctx, user).await?;
            ctx.write(move |tx| trash(tx, id)).await?;
            Ok(Reply::empty())
        }
        Users::WebAuthn { user } => webauthn::of_user(ctx, user, params).await,
        Users::Phones { user } => phones::of_user(ctx, user, params).await,
        Users::Without { user } => {
            id_of(ctx, user).await?;
            nothing(params)
        }
    }
}

/// The person a path is about.
pub(super) async fn id_of(ctx: &Ctx, duo_id: &str) -> Result<UserId, DuoError> {
    ctx.allow(Action::ReadDirectory)?;
    let duo_id = duo_id.to_owned();
    let found = ctx.read(move |reader| Ok(by_duo_id(reader, &duo_id)?.map(|user| user.id))).await?;
    found.ok_or_else(not_found)
}

/// A person as they stand now.
async fn object(ctx: &Ctx, id: UserId) -> Result<UserObject, AppError> {
    let now = ctx.now;
    ctx.read(move |reader| {
        let user = reader.expect::<User>(id)?;
        Objects::new(now).user(reader, &user)
    })
    .await
}

async fn list(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    ctx.allow(Action::ReadDirectory)?;
    let paging = Paging::read(params, Paging::MOST_USERS)?;
    let (filter, now) = (UserFilter::read(params)?, ctx.now);
    let slice = ctx
        .read_many(move |reader| {
            let (users, total) = match filter {
                UserFilter::All => reader.slice::<User>(None, paging.offset, paging.limit)?,
                some @ (UserFilter::Email(_) | UserFilter::Ids(_) | UserFilter::Names(_)) => {
                    let slice = paging.of(named(reader, some)?);
                    (slice.items, slice.total)
                }
            };
            let mut objects = Objects::new(now);
            let items = users.iter().map(|user| objects.user(reader, user)).collect::<Result<_, _>>()?;
            Ok(Slice { items, total })
        })
        .await?;
    Ok(page(paging, &slice))
}

fn named(reader: &mut Reader, filter: UserFilter) -> Result<Vec<Versioned<User>>, AppError> {
    let mut found: Vec<Versioned<User>> = Vec::new();
    let mut take = |user: Option<Versioned<User>>| {
        found.extend(user.filter(|user| found.iter().all(|known| known.id != user.id)));
    };
    match filter {
        UserFilter::All => {}
        UserFilter::Email(email) => {
            let request =
                sallyport_store::PageRequest { text: email.clone(), limit: 500, ..Default::default() };
            for user in reader.list::<User>(&request)?.items {
                let is_theirs = user.mails.iter().any(|mail| mail.address.eq_ignore_ascii_case(&email));
                take(Some(user).filter(|_| is_theirs));
            }
        }
        UserFilter::Ids(ids) => {
            for id in ids {
                take(by_duo_id(reader, &id)?);
            }
        }
        UserFilter::Names(names) => {
            for name in names {
                take(by_any_name(reader, &name)?);
            }
        }
    }
    Ok(found)
}

/// A person to be made, with ids drawn before the write, which may run more than once.
struct Draft {
    id: UserId,
    duo_id: String,
    fields: UserFields,
}

impl Draft {
    fn new(ctx: &Ctx, fields: UserFields) -> Result<Self, DuoError> {
        ctx.allow(Action::CreateUser)?;
        Ok(Self { id: ctx.id(UserId::new)?, duo_id: ctx.duo_id("DU")?, fields })
    }

    fn create(&self, tx: &mut Tx<'_, '_>) -> Result<Versioned<User>, AppError> {
        let fields = &self.fields;
        let name = fields.username.clone().ok_or_else(|| AppError::invalid("username", "is missing"))?;
        if by_any_name(tx, &name)?.is_some() {
            return Err(AppError::invalid("username", "is somebody's already"));
        }
        let active = match fields.status {
            None | Some(UserStatus::Active) => true,
            Some(UserStatus::Disabled) => false,
            Some(UserStatus::Bypass) => return Err(edit::no_bypass()),
        };
        let mails = fields.email.clone().filter(|mail| !mail.is_empty()).map(|mail| vec![mail]);
        let about = about(&BTreeMap::new(), fields);
        let input = CreateUser {
            name,
            display_name: realname(&About::default(), fields),
            mails,
            active,
            about,
            ..CreateUser::default()
        };
        let mut user = user::draft(tx, self.id, &self.duo_id, &input)?;
        user.aliases = placed(&user.aliases, &fields.aliases)?;
        user::insert(tx, user)
    }
}

async fn create(ctx: &Ctx, fields: UserFields) -> Result<Reply, DuoError> {
    let draft = Draft::new(ctx, fields)?;
    let id = draft.id;
    ctx.write(move |tx| draft.create(tx)).await?;
    Ok(Reply::ok(&object(ctx, id).await?))
}

/// All of them or none.
async fn create_all(ctx: &Ctx, all: Vec<UserFields>) -> Result<Reply, DuoError> {
    let drafts: Vec<Draft> =
        all.into_iter().map(|fields| Draft::new(ctx, fields)).collect::<Result<_, _>>()?;
    let ids: Vec<UserId> = drafts.iter().map(|draft| draft.id).collect();
    ctx.write(move |tx| drafts.iter().try_for_each(|draft| draft.create(tx).map(|_| ()))).await?;
    let mut made = Vec::new();
    for id in ids {
        made.push(object(ctx, id).await?);
    }
    Ok(Reply::ok(&made))
}

/// What became of one person in a call about many.
#[derive(Serialize)]
struct Outcome {
    user_id: String,
    success: bool,
    message: String,
}

/// Does something to each of many people, in one write for each: one that cannot be leaves the others.
async fn each(
    ctx: &Ctx,
    duo_ids: Vec<String>,
    act: fn(&mut Tx<'_, '_>, UserId) -> Result<(), AppError>,
) -> Result<Reply, DuoError> {
    let mut outcomes = Vec::new();
    for user_id in duo_ids {
        let done = match id_of(ctx, &user_id).await {
            Ok(id) => ctx.write(move |tx| act(tx, id)).await.map_err(DuoError::App),
            Err(error) => Err(error),
        };
        outcomes.push(match done {
            Ok(()) => Outcome { user_id, success: true, message: String::new() },
            Err(DuoError::App(error @ (AppError::Internal(_) | AppError::FateUnknown | AppError::Busy))) => {
                return Err(error.into());
            }
            Err(error) => Outcome { user_id, success: false, message: error.to_string() },
        });
    }
    Ok(Reply::ok(&outcomes))
}

/// Shuts somebody out and puts them into the trash; whoever lies there stays there.
fn trash(tx: &mut Tx<'_, '_>, id: UserId) -> Result<(), AppError> {
    let user = tx.user_for(Action::SuspendUser, id)?;
    if user.trashed.is_some() {
        return Ok(());
    }
    let after = user.value.clone().trash(tx.ctx.now)?;
    user::replace(tx, &user, after, "trash").map(|_| ())
}

/// Takes somebody out of the trash, disabled as they were there: to let them in is another call.
fn restore(tx: &mut Tx<'_, '_>, id: UserId) -> Result<(), AppError> {
    let user = tx.user_for(Action::SuspendUser, id)?;
    if user.trashed.is_none() {
        return Ok(());
    }
    let after = User { trashed: None, ..user.value.clone() };
    user::replace(tx, &user, after, "restore").map(|_| ())
}

/// Makes somebody known who is not, and answers with the link by which they enrol. It is mailed to them too, where there is
/// a mail server. Whoever has a factor already enrols
/// another one with it, and is given no link: it would be a way around what they have.
async fn enroll(ctx: &Ctx, asked: EnrollUser) -> Result<Reply, DuoError> {
    ctx.allow(Action::ManageFactors)?;
    let fields = UserFields {
        username: Some(asked.username.clone()),
        email: Some(asked.email.clone()),
        ..UserFields::default()
    };
    let draft = Draft::new(ctx, fields)?;
    let code = factor::EnrollmentCode::draw(ctx, asked.valid_secs.unwrap_or(i64::MAX))?;
    let digits = sallyport_crypto::token::typed_digits(code.secret.expose()).unwrap_or_default();
    let parcel = ctx
        .write(move |tx| {
            let user = match by_any_name(tx, &asked.username)? {
                None => draft.create(tx)?,
                Some(user) => known_for_enrollment(tx, &user, &asked.email)?,
            };
            let user = tx.user_for(Action::ManageFactors, user.id)?;
            factor::invitation::issue_and_mail(tx, &user, &code)
        })
        .await?;
    if let Some(parcel) = parcel {
        // Why it was not sent stands in the log; whoever asked has the link.
        parcel.send(ctx).await?.ok();
    }
    Ok(Reply::ok(&format!("{}?code={digits}", portal_url(ctx))))
}

fn known_for_enrollment(
    tx: &mut Tx<'_, '_>,
    user: &Versioned<User>,
    email: &str,
) -> Result<Versioned<User>, AppError> {
    let is_theirs = user.mails.iter().any(|mail| mail.address.eq_ignore_ascii_case(email));
    if !user.mails.is_empty() && !is_theirs {
        return Err(AppError::invalid("email", "is not an address of this user"));
    }
    let factors = tx.list_rights_of::<sallyport_model::Factor>(Edge::UserFactor, &user.id.to_string())?;
    if factors.iter().any(|factor| factor.kind() != FactorKind::BypassCode) {
        return Err(AppError::invalid("username", "this user is enrolled already"));
    }
    Ok(user.clone())
}
