//! `enroll` and `enroll_status`: an application makes a person known and follows how they get a factor.

use sallyport_api::rest::CreateUser;
use sallyport_crypto::{random, token};
use sallyport_model::{Span, User, id::UserId};
use sallyport_wire::duo::{
    ApiError, Code,
    auth::{Activation, EnrollRequest, EnrollResponse, EnrollStatus, EnrollStatusRequest, enrollment_digits},
};

use super::{DuoError, Protected, caller, find_by_duo_id, portal_url, refuse_disabled};
use crate::{AppError, Caller, Ctx, factor, push, signin::names, user};

/// An enrolment code lives from a minute to a day, whatever is asked for.
const LIFE: std::ops::RangeInclusive<i64> = 60..=86_400;
const MOST_BYPASS_CODES: u32 = 10;
/// Kind under which the factors keep enrolment codes.
const ENROLLMENT_CODE: &str = "enrollment_code";
const GENERATED_LENGTH: usize = 12;

/// Creates an active person without a password, who passes doors that others vouch for, with a code to enrol their
/// first factor by.
///
/// # Errors
/// The caller is no application or disabled, a name that is taken or unusable, or the store's.
pub async fn enroll(ctx: &Ctx, request: &EnrollRequest) -> Result<EnrollResponse, DuoError> {
    let application = caller(ctx)?;
    refuse_disabled(ctx, &application).await?;
    let name = match &request.username {
        Some(name) => {
            let (asking, at, name) = (ctx.clone(), application.resource(), name.clone());
            ctx.read(move |reader| Ok(names::meant(reader, &asking.org.view, &at, &name)?.to_owned())).await?
        }
        None => generated_name(ctx)?,
    };
    let user = create(ctx, name).await?;
    let by_rule = ctx.with_caller(Caller::System { rule: "enrolment by a protected application" });
    let valid = i64::from(request.valid_secs).clamp(*LIFE.start(), *LIFE.end());
    let bypass_codes = bypass_codes(&by_rule, user.id, request.bypass_codes, valid).await?;
    let code = factor::issue_enrollment_code(&by_rule, user.id, valid).await?;
    let code = token::typed_digits(code.expose()).unwrap_or_default();
    Ok(response(ctx, &user, &code, valid, bypass_codes))
}

/// How the enrolment with an activation code stands.
///
/// # Errors
/// The caller is no application, or the store's.
pub async fn enroll_status(ctx: &Ctx, request: &EnrollStatusRequest) -> Result<EnrollStatus, DuoError> {
    let Protected { .. } = caller(ctx)?;
    let Some(code) = enrollment_digits(&request.activation_code) else { return Ok(EnrollStatus::Invalid) };
    let Some(user) = find_by_duo_id(ctx, &request.user_id).await? else { return Ok(EnrollStatus::Invalid) };
    let (hash, now) = (ctx.org.keys.hash_token(ENROLLMENT_CODE, &code), ctx.now);
    let found = ctx
        .read(move |reader| match reader.find_once(ENROLLMENT_CODE, &hash)? {
            Some(once) => Ok(Some((factor::person_behind(reader, &once)?.is_some(), once))),
            None => Ok(None),
        })
        .await?;
    let owner = user.id.to_string();
    Ok(match found.filter(|(_, once)| once.owner == owner) {
        Some((_, once)) if once.used.is_some() => EnrollStatus::Success,
        Some((good, once)) if good && once.expires >= now => EnrollStatus::Waiting,
        Some(_) | None => EnrollStatus::Invalid,
    })
}

async fn create(ctx: &Ctx, name: String) -> Result<User, DuoError> {
    let (id, duo_id) = (ctx.id(UserId::new)?, ctx.duo_id("DU")?);
    let input = CreateUser { name, active: true, ..CreateUser::default() };
    let created = ctx
        .write(move |tx| {
            if user::by_any_name(tx, &input.name)?.is_some() {
                return Ok(None);
            }
            let user = user::draft(tx, id, &duo_id, &input)?;
            Ok(Some(user::insert(tx, user)?.value))
        })
        .await;
    let refused = |detail: String| DuoError::Api(ApiError::new(Code::InvalidParameters).with_detail(detail));
    match created {
        Ok(Some(user)) => Ok(user),
        Ok(None) => Err(refused("username already exists".into())),
        Err(AppError::Invalid { reason, .. }) => Err(refused(format!("username: {reason}"))),
        Err(error) => Err(error.into()),
    }
}

async fn bypass_codes(
    ctx: &Ctx,
    user: UserId,
    count: u32,
    valid: i64,
) -> Result<Option<Vec<String>>, AppError> {
    let count = usize::try_from(count.min(MOST_BYPASS_CODES)).unwrap_or(0);
    if count == 0 {
        return Ok(None);
    }
    let codes = factor::issue_bypass_codes(ctx, user, count, valid).await?;
    Ok(Some(codes.iter().map(|code| code.expose().to_owned()).collect()))
}

fn response(
    ctx: &Ctx,
    user: &User,
    code: &str,
    valid: i64,
    bypass_codes: Option<Vec<String>>,
) -> EnrollResponse {
    EnrollResponse {
        activation_barcode: barcode(ctx, code),
        activation_code: activation_code(ctx, code, false),
        activation_url: format!("{}?code={code}", portal_url(ctx)),
        expiration: ctx.now.plus(Span::seconds(valid)).unix_seconds(),
        user_id: user.duo_id.clone(),
        username: user.name.to_string(),
        bypass_codes,
    }
}

fn activation_code(ctx: &Ctx, digits: &str, is_phone: bool) -> String {
    Activation { digits: digits.to_owned(), is_phone, host: ctx.org.config.host().to_owned() }.write()
}

/// Where an image with an enrolment code is.
pub(super) fn barcode(ctx: &Ctx, digits: &str) -> String {
    image(ctx, &activation_code(ctx, digits, false))
}

/// The same for the page of a phone.
pub(super) fn barcode_of_phone(ctx: &Ctx, digits: &str) -> String {
    image(ctx, &activation_code(ctx, digits, true))
}

fn image(ctx: &Ctx, activation_code: &str) -> String {
    format!("https://{}/frame/qr?value={}", ctx.org.config.host(), percent_encoded(activation_code))
}

fn generated_name(ctx: &Ctx) -> Result<String, AppError> {
    let alphabet = b"abcdefghijkmnpqrstuvwxyz23456789";
    let tail = random::from_alphabet(&*ctx.org.random, alphabet, GENERATED_LENGTH)?;
    Ok(format!("user-{tail}"))
}

/// The page behind an activation code of ours, as a phone's camera opens it; `None` for a code that no answer of ours
/// could have carried. Whether it is good is found out there.
#[must_use]
pub fn activation_page(ctx: &Ctx, activation_code: &str) -> Option<String> {
    let read = Activation::read(activation_code).filter(|read| read.host == ctx.org.config.host())?;
    if read.is_phone {
        return Some(push::page_for(ctx, &read.digits));
    }
    Some(format!("{}?code={}", portal_url(ctx), read.digits))
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
