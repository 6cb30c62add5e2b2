//! Applications: those that people sign in to by a protocol of ours, protected ones, which ask us for the second door by Duo's Auth API or send browsers to the prompt for it,
//! and programs that look after the directory by Duo's Admin API. Their secret keys are shown once, when they are made.

mod draft;
mod key;
mod logo;
#[cfg(test)]
mod tests;
mod tiles;

use std::collections::BTreeSet;

use sallyport_api::{
    agent::INTERNAL_NAME,
    rest::{CreateApplication, CreateBehindProxy, CreateBookmark, UpdateApplication},
};
use sallyport_model::{
    Action, Application, ApplicationKind, Group, GroupKind, HostName, Link, OidcClient, RedirectUri, UsedBy,
    User,
    application::Origin,
    fold,
    id::ApplicationId,
    name::{display_name, printable},
    policy::Applied,
};
use sallyport_store::{Page, PageRequest, Reader, StoreError, Versioned};

use self::key::credentials_of;
pub(crate) use self::{
    draft::Draft,
    key::{fresh_skey, keyed, replace_skey},
    logo::put as put_logo,
};
pub use self::{
    key::{Credentials, credentials, rotate_skey},
    logo::picture,
    tiles::{Tile, favour, tiles},
};
use crate::{
    AppError, Ctx, Tx, catalogue, forward_auth::ORIGIN, oidc::issuer, policy::check_applied, signing_key,
    user::expect_version,
};

/// Alias of an application: its integration key.
const IKEY: &str = "ikey";
/// Most names by which applications call us: one certificate of ours is good for all of them.
const MOST_API_HOSTS: usize = 100;
/// Most addresses an application may have browsers sent back to.
const MOST_REDIRECT_URIS: usize = 20;

impl Tx<'_, '_> {
    /// Loads an application to manage.
    pub(crate) fn application_to_manage(
        &mut self,
        id: ApplicationId,
    ) -> Result<Versioned<Application>, AppError> {
        self.ctx.allow(Action::ManageApplications)?;
        let application =
            self.find::<Application>(id)?.ok_or_else(|| AppError::not_found("application", id))?;
        allow_kind(self.ctx, application.kind)?;
        Ok(application)
    }
}

/// Keys of the Admin API are as good as an API token, and made by the same people.
fn allow_kind(ctx: &Ctx, kind: ApplicationKind) -> Result<(), AppError> {
    match kind {
        ApplicationKind::DuoAdminApi => ctx.allow(Action::ManageTokens),
        ApplicationKind::Bookmark
        | ApplicationKind::DuoAuthApi
        | ApplicationKind::ForwardAuth
        | ApplicationKind::Oidc
        | ApplicationKind::Saml
        | ApplicationKind::WsFederation => Ok(()),
    }
}

/// One application.
///
/// # Errors
/// Denied, or no such application.
pub async fn show(ctx: &Ctx, id: ApplicationId) -> Result<Versioned<Application>, AppError> {
    resolve(ctx, &id.to_string()).await
}

/// One application by id, integration key or name, as people type it.
///
/// # Errors
/// Denied, or no such application.
pub async fn resolve(ctx: &Ctx, given: &str) -> Result<Versioned<Application>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    let given = given.to_owned();
    ctx.read(move |reader| {
        let found = match given.parse::<ApplicationId>() {
            Ok(id) => reader.find::<Application>(id)?,
            Err(_) => match reader.find_by_key::<Application>(&fold(&given))? {
                Some(found) => Some(found),
                None => by_ikey(reader, &given)?,
            },
        };
        found.ok_or_else(|| AppError::not_found("application", printable(&given, 64)))
    })
    .await
}

/// A page of applications, in order of names.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Page<Application>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read_many(move |reader| Ok(reader.list::<Application>(&page)?)).await
}

/// Creates an application with fresh keys; one of the Admin API may do nothing yet.
///
/// # Errors
/// Denied, an unusable name, or the name is taken.
pub async fn create(
    ctx: &Ctx,
    input: CreateApplication,
) -> Result<(Versioned<Application>, Credentials), AppError> {
    match input.kind {
        ApplicationKind::Bookmark => {
            return Err(AppError::invalid("link", "says where a bookmark leads; give one"));
        }
        ApplicationKind::ForwardAuth => {
            return Err(AppError::invalid("origins", "say where people reach it; give one"));
        }
        ApplicationKind::DuoAdminApi
        | ApplicationKind::DuoAuthApi
        | ApplicationKind::Oidc
        | ApplicationKind::Saml
        | ApplicationKind::WsFederation => {}
    }
    put(ctx, Draft::new(ctx, &input)?).await
}

/// Creates a bookmark, for nobody yet.
///
/// # Errors
/// Denied, an unusable name or address, or the name is taken.
pub async fn create_bookmark(
    ctx: &Ctx,
    input: CreateBookmark,
) -> Result<(Versioned<Application>, Credentials), AppError> {
    ctx.allow(Action::ManageApplications)?;
    let kind = ApplicationKind::Bookmark;
    let mut draft = Draft::new(ctx, &CreateApplication { name: input.name, kind })?;
    draft.application.link = Some(link(&input.link)?);
    put(ctx, draft).await
}

/// Creates an application behind a proxy, for nobody yet.
///
/// # Errors
/// Denied, an unusable name or origin, or one of them is taken.
pub async fn create_behind_proxy(
    ctx: &Ctx,
    input: CreateBehindProxy,
) -> Result<(Versioned<Application>, Credentials), AppError> {
    ctx.allow(Action::ManageApplications)?;
    let kind = ApplicationKind::ForwardAuth;
    let mut draft = Draft::new(ctx, &CreateApplication { name: input.name, kind })?;
    draft.application.origins = origins(ctx, &input.origins)?;
    put(ctx, draft).await
}

/// Writes a drafted application.
pub(crate) async fn put(ctx: &Ctx, draft: Draft) -> Result<(Versioned<Application>, Credentials), AppError> {
    let draft = draft.with_keys(ctx).await?;
    sign_with(ctx, draft.application.oidc.as_ref()).await?;
    let skey = draft.skey().clone();
    let created = ctx.write(move |tx| draft.create(tx)).await?;
    let credentials = credentials_of(ctx, &created, skey);
    Ok((created, credentials))
}

/// Changes an application; what is not given stays. A disabled one lets nobody in.
///
/// # Errors
/// Denied, an unusable name, or changed by somebody else since `version`.
pub async fn update(
    ctx: &Ctx,
    id: ApplicationId,
    version: Option<i64>,
    input: UpdateApplication,
) -> Result<Versioned<Application>, AppError> {
    ctx.allow(Action::ManageApplications)?;
    sign_with(ctx, input.oidc.as_ref()).await?;
    ctx.write(move |tx| {
        let before = tx.application_to_manage(id)?;
        expect_version(&before, version)?;
        let after = edited(tx, &before, &input)?;
        if after == before.value {
            return Err(AppError::invalid("body", "nothing would change"));
        }
        replace(tx, &before, after)
    })
    .await
}

/// An application as the input leaves it.
pub(crate) fn edited(
    tx: &mut Tx<'_, '_>,
    before: &Application,
    input: &UpdateApplication,
) -> Result<Application, AppError> {
    let mut after = before.clone();
    if let Some(name) = &input.name {
        after.name = display_name(name)?;
    }
    if let Some(given) = &input.redirect_uris {
        after.redirect_uris = redirect_uris(given)?;
    }
    if let Some(given) = &input.api_host {
        after.api_host = api_host(tx, before.id, given)?;
    }
    if let Some(enabled) = input.enabled {
        after.enabled = enabled;
    }
    if let Some(accepts_undated) = input.accepts_undated {
        after.accepts_undated = accepts_undated;
    }
    if let Some(username_normalization) = input.username_normalization {
        after.username_normalization = username_normalization;
    }
    if let Some(policies) = &input.policies {
        if !after.kind.is_signed_in_to() && policies != &Applied::default() {
            return Err(AppError::invalid("policies", "are for applications that people sign in to"));
        }
        check_applied(tx, "policies", policies)?;
        after.policies.clone_from(policies);
    }
    if let Some(used_by) = &input.used_by {
        if !after.kind.is_for_people() && used_by != &UsedBy::Everybody {
            return Err(AppError::invalid("used_by", "is for applications that people use"));
        }
        after.used_by = checked_users(tx, used_by)?;
    }
    if let Some(given) = &input.link {
        if after.kind != ApplicationKind::Bookmark && !after.kind.takes_assertions() {
            let reason = "is for bookmarks, and applications that ask by SAML or WS-Federation";
            return Err(AppError::invalid("link", reason));
        }
        after.link = Some(link(given)?);
    }
    if let Some(given) = &input.origins {
        if after.kind != ApplicationKind::ForwardAuth {
            return Err(AppError::invalid("origins", "are for applications behind a proxy"));
        }
        after.origins = origins(tx.ctx, given)?;
        let id = before.id.to_string();
        for origin in &before.origins {
            tx.delete_alias(ORIGIN, origin.as_str(), &id)?;
        }
        put_origins(tx, &id, &after.origins)?;
    }
    if let Some(given) = &input.logo {
        after.logo = logo::put(tx, &before.id.to_string(), given)?;
    }
    if let Some(answers) = &input.answers {
        catalogue::answer_again(&mut after, answers)?;
    }
    if let Some(oidc) = &input.oidc {
        if after.kind != ApplicationKind::Oidc {
            return Err(AppError::invalid("oidc", "is for applications that ask by OpenID Connect"));
        }
        after.oidc = Some(crate::oidc::checked(oidc)?);
    }
    if let Some(saml) = &input.saml {
        if !after.kind.takes_assertions() {
            let reason = "is for applications that ask by SAML or WS-Federation";
            return Err(AppError::invalid("saml", reason));
        }
        after.saml = Some(crate::saml::checked(after.kind, saml)?);
    }
    if let Some(grants) = &input.grants {
        if after.kind != ApplicationKind::DuoAdminApi && !grants.is_empty() {
            return Err(AppError::invalid("grants", "are for applications of the Admin API alone"));
        }
        after.grants.clone_from(grants);
    }
    Ok(after)
}

/// Where people reach an application behind a proxy, each once. Never where they reach us.
fn origins(ctx: &Ctx, given: &[String]) -> Result<Vec<Origin>, AppError> {
    let invalid = |reason: String| AppError::invalid("origins", reason);
    if given.is_empty() || given.len() > MOST_REDIRECT_URIS {
        return Err(invalid(format!("are at least one, and at most {MOST_REDIRECT_URIS}")));
    }
    let mut origins = Vec::with_capacity(given.len());
    for text in given {
        let shown = printable(text, 200);
        let origin: Origin = text.trim().parse().map_err(|error| invalid(format!("`{shown}` {error}")))?;
        if origin.as_str() == issuer(ctx).to_ascii_lowercase() {
            return Err(invalid(format!("`{shown}` is our own address")));
        }
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    Ok(origins)
}

fn put_origins(tx: &mut Tx<'_, '_>, id: &str, origins: &[Origin]) -> Result<(), AppError> {
    for origin in origins {
        tx.put_alias(ORIGIN, origin.as_str(), id).map_err(|error| match error {
            StoreError::Taken { .. } => {
                AppError::Conflict(format!("another application has `{origin}` already").into())
            }
            other @ (StoreError::BadRow { .. }
            | StoreError::Busy
            | StoreError::Engine(_)
            | StoreError::FateUnknown
            | StoreError::Missing { .. }
            | StoreError::Stale { .. }
            | StoreError::Stopped
            | StoreError::Unrecorded(_)) => other.into(),
        })?;
    }
    Ok(())
}

/// Where a bookmark leads.
fn link(given: &str) -> Result<Link, AppError> {
    let given = given.trim();
    given.parse().map_err(|error| AppError::invalid("link", format!("`{}` {error}", printable(given, 200))))
}

/// Who may use an application, if all of them are there.
fn checked_users(reader: &mut Reader, used_by: &UsedBy) -> Result<UsedBy, AppError> {
    let UsedBy::Only { users, groups } = used_by else { return Ok(UsedBy::Everybody) };
    if users.len() > UsedBy::MOST || groups.len() > UsedBy::MOST {
        let text = format!("names at most {} of each; put people into a group", UsedBy::MOST);
        return Err(AppError::invalid("used_by", text));
    }
    for id in users {
        reader.find::<User>(*id)?.ok_or_else(|| AppError::not_found("user", id))?;
    }
    for id in groups {
        let group = reader.find::<Group>(*id)?.ok_or_else(|| AppError::not_found("group", id))?;
        if group.kind != GroupKind::Users {
            let text = format!("`{}` is no group of users", group.name);
            return Err(AppError::invalid("used_by", text));
        }
    }
    Ok(used_by.clone())
}

/// Sees to it that there is a key for what an application is to be given.
async fn sign_with(ctx: &Ctx, oidc: Option<&OidcClient>) -> Result<(), AppError> {
    match oidc {
        Some(oidc) => signing_key::ensure(ctx, oidc.signing_algorithm).await,
        None => Ok(()),
    }
}

pub(crate) fn replace(
    tx: &mut Tx<'_, '_>,
    before: &Versioned<Application>,
    after: Application,
) -> Result<Versioned<Application>, AppError> {
    let verb = match (before.enabled, after.enabled) {
        (true, false) => "disable",
        (false, true) => "enable",
        (true, true) | (false, false) => "update",
    };
    let changed = tx.update(before, after)?;
    Ok(tx.record(changed, verb))
}

/// Where browsers may be sent back to, each once, in the order given.
fn redirect_uris(given: &[String]) -> Result<Vec<RedirectUri>, AppError> {
    if given.len() > MOST_REDIRECT_URIS {
        return Err(AppError::invalid("redirect_uris", format!("at most {MOST_REDIRECT_URIS}")));
    }
    let mut uris = Vec::with_capacity(given.len());
    for text in given {
        let uri: RedirectUri = text.parse().map_err(|error| {
            AppError::invalid("redirect_uris", format!("`{}` {error}", printable(text, 200)))
        })?;
        if !uris.contains(&uri) {
            uris.push(uri);
        }
    }
    Ok(uris)
}

/// Under which name an application is to call us; nothing for the organisation's own.
fn api_host(reader: &mut Reader, id: ApplicationId, given: &str) -> Result<Option<HostName>, AppError> {
    if given.is_empty() {
        return Ok(None);
    }
    let invalid = |reason: String| AppError::invalid("api_host", reason);
    let name: HostName =
        given.parse().map_err(|error| invalid(format!("`{}` {error}", printable(given, 200))))?;
    if name.as_str() == INTERNAL_NAME {
        return Err(invalid(format!("`{name}` is the name by which devices call us")));
    }
    let others = reader.list_all::<Application>()?;
    let mut names: BTreeSet<&HostName> =
        others.iter().filter(|other| other.id != id).filter_map(|other| other.api_host.as_ref()).collect();
    names.insert(&name);
    if names.len() > MOST_API_HOSTS {
        return Err(invalid(format!("all applications together have at most {MOST_API_HOSTS} names")));
    }
    Ok(Some(name))
}

/// The names by which applications call us beside the organisation's own, each once, in order: a certificate of ours is
/// good for them.
///
/// # Errors
/// The store's.
pub fn api_hosts(reader: &mut Reader) -> Result<Vec<String>, AppError> {
    let all = reader.list_all::<Application>()?;
    let names: BTreeSet<String> =
        all.iter().filter_map(|application| application.api_host.as_ref()).map(HostName::to_string).collect();
    Ok(names.into_iter().collect())
}

/// Deletes an application with its keys.
///
/// # Errors
/// Denied, no such application, or changed by somebody else since `version`.
pub async fn delete(ctx: &Ctx, id: ApplicationId, version: Option<i64>) -> Result<(), AppError> {
    ctx.write(move |tx| {
        let application = tx.application_to_manage(id)?;
        expect_version(&application, version)?;
        let deleted = tx.delete(&application)?;
        tx.record(deleted, "delete");
        Ok(())
    })
    .await
}

pub(crate) fn by_ikey(reader: &mut Reader, ikey: &str) -> Result<Option<Versioned<Application>>, AppError> {
    match reader.find_alias(IKEY, ikey)?.and_then(|id| id.parse().ok()) {
        Some(id) => Ok(reader.find::<Application>(id)?),
        None => Ok(None),
    }
}
