//! API tokens of service identities.

use sallyport_api::rest::CreateToken;
use sallyport_crypto::{Secret, token};
use sallyport_model::{Action, ApiToken, Role, Span, id::TokenId, name::display_name};
use sallyport_store::{Page, PageRequest, Versioned};

use crate::{AppError, Caller, Ctx, Tx};

const PREFIX: &str = "spt";
const ALIAS: &str = "api_token";

/// Longest life of a token.
const LONGEST_DAYS: u32 = 366;

/// Makes a token. Its secret is shown this once.
///
/// # Errors
/// Denied, above the caller's own rights, or invalid.
pub async fn create(ctx: &Ctx, input: CreateToken) -> Result<(Versioned<ApiToken>, Secret), AppError> {
    ctx.allow(Action::ManageTokens)?;
    ctx.allow_granting(Some(input.role))?;
    let name = display_name(&input.name)?;
    if !(1..=LONGEST_DAYS).contains(&input.days) {
        return Err(AppError::invalid("days", format!("from 1 to {LONGEST_DAYS}")));
    }
    let draft = Draft::new(ctx, name, input.role, Span::days(i64::from(input.days)))?;
    let secret = draft.secret.clone();
    let created = ctx.write(move |tx| draft.insert(tx)).await?;
    Ok((created, secret))
}

/// A token whose randomness is drawn before the write, which may run more than once.
pub(crate) struct Draft {
    token: ApiToken,
    pub(crate) secret: Secret,
    hash: String,
}

impl Draft {
    pub(crate) fn new(ctx: &Ctx, name: String, role: Role, life: Span) -> Result<Self, AppError> {
        let (secret, hash) = ctx.bearer(PREFIX)?;
        let token = ApiToken {
            id: ctx.id(TokenId::new)?,
            name,
            role,
            expires: ctx.now.plus(life),
            revoked: false,
            created: ctx.now,
        };
        Ok(Self { token, secret, hash })
    }

    pub(crate) fn insert(&self, tx: &mut Tx<'_, '_>) -> Result<Versioned<ApiToken>, AppError> {
        let created = tx.create(self.token.clone())?;
        let created = tx.record(created, "create");
        tx.put_alias(ALIAS, &self.hash, &self.token.id.to_string())?;
        Ok(created)
    }
}

/// A page of tokens, without their secrets.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Page<ApiToken>, AppError> {
    ctx.allow(Action::ManageTokens)?;
    ctx.read_many(move |reader| Ok(reader.list::<ApiToken>(&page)?)).await
}

/// Revokes a token at once.
///
/// # Errors
/// Denied, or no such token.
pub async fn revoke(ctx: &Ctx, id: TokenId) -> Result<Versioned<ApiToken>, AppError> {
    ctx.allow(Action::ManageTokens)?;
    ctx.write(move |tx| {
        let before = tx.find::<ApiToken>(id)?.ok_or_else(|| AppError::not_found("token", id))?;
        if before.revoked {
            return Err(AppError::Conflict("the token is revoked already".into()));
        }
        let changed = tx.update(&before, ApiToken { revoked: true, ..before.value.clone() })?;
        Ok(tx.record(changed, "revoke"))
    })
    .await
}

/// Who a token speaks for.
///
/// # Errors
/// [`AppError::Unauthenticated`] for anything but a live token.
pub async fn authenticate(ctx: &Ctx, secret: &str) -> Result<Ctx, AppError> {
    if !token::is_well_formed(PREFIX, secret) {
        return Err(AppError::Unauthenticated);
    }
    let hash = ctx.org.keys.hash_token(PREFIX, secret);
    let found = ctx
        .read(move |reader| {
            let id = reader.find_alias(ALIAS, &hash)?.and_then(|id| id.parse::<TokenId>().ok());
            Ok(id.map(|id| reader.find::<ApiToken>(id)).transpose()?.flatten())
        })
        .await?;
    let now = ctx.now;
    let token =
        found.filter(|token| !token.revoked && token.expires >= now).ok_or(AppError::Unauthenticated)?;
    Ok(ctx.with_caller(Caller::Token { id: token.id, name: token.name.clone(), role: token.role }))
}
