//! A user's password and factors, by an administrator. Codes are shown once.

use axum::{
    extract::Path,
    response::{Redirect, Response},
};
use sallyport_api::rest::{AddPhone, InvitationBy};
use sallyport_app::{
    Ctx,
    factor::{
        self,
        bypass::{self, Batch},
    },
    hardware_token, push, user,
};
use sallyport_model::id::{FactorId, UserId};

use super::{HERE, state::back};
use crate::pages::{
    admin::once::OncePage,
    guard::{Admin, Posted},
    refusal::Refusal,
};

/// Life of an enrolment code, in seconds.
const ENROLLMENT_LIFE: i64 = 24 * 3600;
/// Life of bypass codes where nothing else is said, in hours.
const BYPASS_HOURS: i64 = 8;

pub(super) async fn set_password(
    Path(id): Path<UserId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    user::set_password(&admin.0.ctx, id, &fields.secret("password")).await?;
    Ok(back(id, "password-set"))
}

pub(super) async fn lock_password(Path(id): Path<UserId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    user::lock_password(&form.who.0.ctx, id).await?;
    Ok(back(id, "password-locked"))
}

pub(super) async fn unlock(Path(id): Path<UserId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    user::unlock(&form.who.0.ctx, id).await?;
    Ok(back(id, "unlocked"))
}

pub(super) async fn enrollment_code(
    Path(id): Path<UserId>,
    Posted { who: admin, .. }: Posted<Admin>,
) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let name = name(ctx, id).await?;
    let code = factor::issue_enrollment_code(ctx, id, ENROLLMENT_LIFE).await?;
    let page = format!("{}/enroll", ctx.org.config.external_url.trim_end_matches('/'));
    let text = format!(
        "{name} types this code at {page} and sets up a factor of their own. It is good once, for a day, and former \
         ones are void. Hand it over in person or by telephone."
    );
    let secrets = vec![("Enrolment code", code.expose().to_owned())];
    Ok(OncePage::show(
        &admin,
        HERE,
        (format!("Enrolment code for {name}"), text),
        secrets,
        format!("{HERE}/{id}"),
    ))
}

/// Where the link goes is what stands in the directory; the form says how.
pub(super) async fn enrollment_link(
    Path(id): Path<UserId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let by = fields.word("by").unwrap_or_default();
    factor::invitation::send(&admin.0.ctx, id, by).await?;
    Ok(back(
        id,
        match by {
            InvitationBy::Mail => "invited-by-mail",
            InvitationBy::Text => "invited-by-text",
        },
    ))
}

pub(super) async fn bypass_codes(
    Path(id): Path<UserId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let name = name(ctx, id).await?;
    let (count, uses) = (fields.number("count").unwrap_or(1), fields.number("uses").unwrap_or(1));
    let hours = fields.number("hours").unwrap_or(BYPASS_HOURS);
    let batch = Batch { count, uses, valid_secs: hours.saturating_mul(3600) };
    let codes = bypass::issue(ctx, id, batch).await?;
    let often = if uses == 1 { "once".to_owned() } else { format!("{uses} times") };
    let text = format!(
        "Each opens the second door for {name} {often}, within {hours} hours, in place of their own factor. Make sure \
         that it is really {name} who asks."
    );
    let secrets = codes.iter().map(|code| ("Bypass code", code.expose().to_owned())).collect();
    Ok(OncePage::show(
        &admin,
        HERE,
        (format!("Bypass codes for {name}"), text),
        secrets,
        format!("{HERE}/{id}"),
    ))
}

pub(super) async fn add_phone(
    Path(id): Path<UserId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let input = AddPhone {
        number: fields.text("number"),
        name: fields.optional("name"),
        texts: Some(fields.ticked("texts")),
        calls: Some(fields.ticked("calls")),
    };
    factor::phone::add(&admin.0.ctx, id, input).await?;
    Ok(back(id, "enrolled"))
}

/// A token by its number, as it stands on its back.
pub(super) async fn assign_token(
    Path(id): Path<UserId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let ctx = &admin.0.ctx;
    let token = hardware_token::resolve(ctx, &fields.text("token")).await?;
    hardware_token::assign(ctx, token.id, id).await?;
    Ok(back(id, "token-assigned"))
}

pub(super) async fn remove_factor(
    Path((id, factor)): Path<(UserId, FactorId)>,
    form: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    factor::remove(&form.who.0.ctx, id, factor).await?;
    Ok(back(id, "factor-removed"))
}

pub(super) async fn rename_factor(
    Path((id, factor)): Path<(UserId, FactorId)>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    factor::rename(&admin.0.ctx, id, factor, fields.raw("name")).await?;
    Ok(back(id, "saved"))
}

pub(super) async fn reactivate(
    Path((id, factor)): Path<(UserId, FactorId)>,
    Posted { who: admin, .. }: Posted<Admin>,
) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let name = name(ctx, id).await?;
    let begun = push::reactivation::issue(ctx, id, factor, ENROLLMENT_LIFE).await?;
    let text = format!(
        "{name} opens this link on the phone, or types the code at the page of phones. It is good once, for a day, and \
         former ones are void. The phone stays the same to everybody; what it signs with now counts until then. Make \
         sure that it is really {name} who asks."
    );
    let (code, link) = (begun.code.expose().to_owned(), begun.url.expose().to_owned());
    let secrets = vec![("Code", code), ("Link", link)];
    let title = format!("A phone of {name}, set up anew");
    Ok(OncePage::show(&admin, HERE, (title, text), secrets, format!("{HERE}/{id}")))
}

async fn name(ctx: &Ctx, id: UserId) -> Result<String, Refusal> {
    Ok(user::show(ctx, id).await?.display_name.clone())
}
