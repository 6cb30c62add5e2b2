//! The first hour: the organisation gets its name and its first owner. Then this closes for ever.

use sallyport_crypto::{Secret, token};
use sallyport_model::{Role, Settings, Span, User, id::UserId, name::display_name};
use sallyport_store::{Once, Versioned};

use crate::{AppError, Ctx, access_rule, factor, policy, user};

const LINK: &str = "setup";

/// How long a printed link is good. A restart prints another.
const LINK_LIFE: Span = Span::hours(24);

/// What the first owner gives.
#[derive(Debug, Clone)]
pub struct Setup {
    pub organization: String,
    pub admin_name: String,
    pub password: Secret,
}

/// What setup gives back, shown once.
#[derive(Debug, Clone)]
pub struct Done {
    pub owner: Versioned<User>,
    /// With it the owner enrols the second factor before signing in.
    pub enrollment_code: Secret,
    /// An API token with the owner's role, where one was asked for.
    pub token: Option<Secret>,
}

/// Whether the organisation is set up.
///
/// # Errors
/// The store's.
pub async fn is_done(ctx: &Ctx) -> Result<bool, AppError> {
    ctx.read(|reader| Ok(reader.count::<Settings>()? > 0)).await
}

/// A fresh one-time link secret; former ones are void. `None` once set up.
///
/// # Errors
/// The store's.
pub async fn issue_link(ctx: &Ctx) -> Result<Option<Secret>, AppError> {
    let (secret, hash) = ctx.bearer(LINK)?;
    let expires = ctx.now.plus(LINK_LIFE);
    let open = ctx
        .write(move |tx| {
            if tx.count::<Settings>()? > 0 {
                return Ok(false);
            }
            tx.void_once("org", LINK)?;
            tx.put_once(LINK, &hash, &Once { owner: "org".into(), expires, used: None, doc: String::new() })?;
            Ok(true)
        })
        .await?;
    Ok(open.then_some(secret))
}

/// Whether a link secret would open setup now. Spends nothing.
///
/// # Errors
/// The store's.
pub async fn link_is_good(ctx: &Ctx, link: &str) -> Result<bool, AppError> {
    let (hash, now, formed) =
        (ctx.org.keys.hash_token(LINK, link), ctx.now, token::is_well_formed(LINK, link));
    ctx.read(move |reader| {
        let once = reader.find_once(LINK, &hash)?;
        Ok(formed
            && reader.count::<Settings>()? == 0
            && once.is_some_and(|once| once.used.is_none() && once.expires >= now))
    })
    .await
}

/// Sets the organisation up by the one-time link.
///
/// # Errors
/// The link is not good, the input is not, or it is done already.
pub async fn by_link(ctx: &Ctx, link: &str, setup: Setup) -> Result<Done, AppError> {
    // Before any work is done for somebody who only guesses.
    if !link_is_good(ctx, link).await? {
        return Err(if is_done(ctx).await? { closed() } else { AppError::Unauthenticated });
    }
    let hash = ctx.org.keys.hash_token(LINK, link);
    run(ctx, setup, Some(hash), None).await
}

/// Sets the organisation up from the machine itself, with an API token for what comes next.
///
/// # Errors
/// The input is not good, or it is done already.
pub async fn by_local_admin(ctx: &Ctx, setup: Setup) -> Result<Done, AppError> {
    if ctx.caller != crate::Caller::LocalAdmin {
        return Err(AppError::Unauthenticated);
    }
    let token = crate::token::Draft::new(ctx, "setup".into(), Role::Owner, Span::days(30))?;
    run(ctx, setup, None, Some(token)).await
}

async fn run(
    ctx: &Ctx,
    setup: Setup,
    link: Option<String>,
    token: Option<crate::token::Draft>,
) -> Result<Done, AppError> {
    let ctx = &Ctx { caller: crate::Caller::System { rule: "setup" }, ..ctx.clone() };
    if is_done(ctx).await? {
        return Err(closed());
    }
    let organization = display_name(&setup.organization)
        .map_err(|error| AppError::invalid("organization", error.to_string()))?;
    let settings = Settings { organization, ..Settings::default() };
    let input = sallyport_api::rest::CreateUser {
        name: setup.admin_name.clone(),
        active: true,
        ..Default::default()
    };
    let (id, duo_id) = (ctx.id(UserId::new)?, ctx.duo_id("DU")?);
    let length = user::password::Length::behind_two_doors(&settings);
    user::password::check(&setup.password, &setup.admin_name.parse()?, &settings, length)?;
    let derived = user::password::derive(ctx, &setup.password).await?;
    let secret = token.as_ref().map(|token| token.secret.clone());
    let code = factor::EnrollmentCode::draw(ctx, 24 * 3600)?;
    let enrollment_code = code.secret.clone();
    let owner = ctx
        .write(move |tx| {
            if tx.count::<Settings>()? > 0 {
                return Err(closed());
            }
            if let Some(link) = &link {
                let now = tx.ctx.now;
                if !tx.use_once(LINK, link, now)? {
                    return Err(AppError::Unauthenticated);
                }
            }
            let created = tx.create(settings.clone())?;
            tx.record(created, "setup");
            let draft = user::draft(tx, id, &duo_id, &input)?;
            let owner = user::insert(tx, User { roles: [Role::Owner].into(), ..draft })?;
            let owner = user::password::put(tx, &owner, &derived, "set_password")?;
            if let Some(token) = &token {
                token.insert(tx)?;
            }
            code.issue(tx, &owner, "issue_enrollment_code")?;
            Ok(owner)
        })
        .await?;
    Ok(Done { owner, enrollment_code, token: secret })
}

/// Gives an owner who cannot come in a code to enrol a factor with, at the word of whoever holds the machine: the first
/// one may never have used theirs, and the only one may have lost everything. Recorded like every such code. `lift`: whether
/// the portal is set back to what is built in too, where a policy lets nobody in.
///
/// # Errors
/// The caller is not on the machine, or this is no owner.
pub async fn recover(ctx: &Ctx, owner: &str, lift: bool) -> Result<(Versioned<User>, Secret), AppError> {
    if ctx.caller != crate::Caller::LocalAdmin {
        return Err(AppError::Unauthenticated);
    }
    let code = factor::EnrollmentCode::draw(ctx, 24 * 3600)?;
    let (secret, name) = (code.secret.clone(), owner.to_owned());
    let owner = ctx
        .write(move |tx| {
            let owner = user::by_name(tx, &name)?.filter(|user| user.roles.contains(&Role::Owner));
            let owner = owner.ok_or_else(|| {
                AppError::invalid("owner", "no owner has this name; an owner helps everybody else")
            })?;
            if !owner.is_active() {
                return Err(AppError::Conflict("this owner is suspended; another owner can end that".into()));
            }
            if lift {
                access_rule::lift(tx)?;
                policy::lift(tx, &owner)?;
            }
            code.issue(tx, &owner, "issue_enrollment_code")?;
            Ok(owner)
        })
        .await?;
    Ok((owner, secret))
}

fn closed() -> AppError {
    AppError::Conflict("this organisation is set up already".into())
}

#[cfg(test)]
mod tests;
