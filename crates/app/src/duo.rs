//! What a protected application asks of us by Duo's Auth API, by the older one, or by sending a browser to the prompt. The
//! front door has checked the signature and says who calls (of the prompt, what is signed is read in here); each
//! question becomes a sign-in like any other.
//!
//! What these clients do with an answer decides how we answer. They may let people in on 401 and 5xx, so a refusal
//! is a success that says *deny*, doubt of ours included, and *busy* is 429, upon which they send the same signed
//! request again.

mod access_device;
pub mod admin;
pub mod answers;
mod asked;
mod auth;
mod claim;
pub mod clients;
mod enroll;
mod preauth;
pub mod prompt;
mod rest_v1;
#[cfg(test)]
mod tests;
mod transaction;

use std::net::IpAddr;

use sallyport_model::{Application, User, id::ApplicationId, signin::Resource};
use sallyport_wire::duo::{
    ApiError, Code, ParamError, Params, Reply,
    auth::{
        AuthRequest, AuthStatusRequest, EnrollRequest, EnrollStatusRequest, PreauthRequest, TimeResponse,
        UserRef,
    },
    rest_v1::Endpoint as RestV1,
};

pub use answers::{AnswerKey, Answers};
pub use auth::{auth, auth_status};
pub use claim::Claim;
pub use enroll::{activation_page, enroll, enroll_status};
pub use preauth::preauth;

use crate::{AppError, Caller, Ctx, user};

/// The signed calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    Auth,
    AuthStatus,
    Check,
    Enroll,
    EnrollStatus,
    Preauth,
    /// One of the older API.
    RestV1(RestV1),
}

impl Endpoint {
    /// Whether doing it twice is not the same as once, so that a repeated request must get the first answer again.
    #[must_use]
    pub const fn has_effects(self) -> bool {
        match self {
            Self::Auth | Self::Enroll | Self::RestV1(RestV1::Auth) => true,
            Self::AuthStatus | Self::Check | Self::EnrollStatus | Self::Preauth => false,
            Self::RestV1(RestV1::Check | RestV1::Logo | RestV1::Ping | RestV1::Preauth | RestV1::Status) => {
                false
            }
        }
    }
}

impl Endpoint {
    /// Whether whoever calls says there for which machine, if ever.
    #[must_use]
    pub const fn tells_of_client(self) -> bool {
        match self {
            Self::Auth | Self::Preauth | Self::RestV1(RestV1::Auth | RestV1::Preauth) => true,
            Self::AuthStatus | Self::Check | Self::Enroll | Self::EnrollStatus => false,
            Self::RestV1(RestV1::Check | RestV1::Logo | RestV1::Ping | RestV1::Status) => false,
        }
    }
}

/// Why there is no answer of the kind that was asked for.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DuoError {
    /// The request is refused in the words of the protocol.
    #[error(transparent)]
    Api(#[from] ApiError),
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<ParamError> for DuoError {
    fn from(error: ParamError) -> Self {
        Self::Api(error.into())
    }
}

impl From<DuoError> for ApiError {
    fn from(error: DuoError) -> Self {
        match error {
            DuoError::Api(error) => error,
            DuoError::App(error) => match error {
                AppError::Busy => Code::TooManyRequests.into(),
                AppError::Conflict(words) => {
                    Self::new(Code::InvalidParameters).with_detail(words.to_string())
                }
                AppError::Invalid { field, .. } => Self::new(Code::InvalidParameters).with_detail(field),
                AppError::NotFound { .. } => Code::NotFound.into(),
                AppError::Denied(_)
                | AppError::AboveOwnRights
                | AppError::PasswordExpired
                | AppError::Unauthenticated => Code::Forbidden.into(),
                AppError::FateUnknown | AppError::Internal(_) | AppError::Stale => Code::Internal.into(),
            },
        }
    }
}

/// Answers one call whose signature was checked.
pub async fn respond(ctx: &Ctx, endpoint: Endpoint, params: &Params) -> Reply {
    match answer(ctx, endpoint, params).await {
        Ok(reply) => reply,
        Err(error) => refusal(ctx, error),
    }
}

/// A refusal in the words of the protocol; what failed on our side is logged.
#[must_use]
pub fn refusal(ctx: &Ctx, error: impl Into<DuoError>) -> Reply {
    let error = error.into();
    if let DuoError::App(error @ (AppError::FateUnknown | AppError::Internal(_) | AppError::Stale)) = &error {
        tracing::error!(request = &*ctx.request, %error, "a request of a protected application failed");
    }
    ApiError::from(error).into()
}

async fn answer(ctx: &Ctx, endpoint: Endpoint, params: &Params) -> Result<Reply, DuoError> {
    Ok(match endpoint {
        Endpoint::Auth => Reply::ok(&auth(ctx, &AuthRequest::read(params)?).await?),
        Endpoint::AuthStatus => Reply::ok(&auth_status(ctx, &AuthStatusRequest::read(params)?).await?),
        Endpoint::Check => Reply::ok(&check(ctx)?),
        Endpoint::Enroll => Reply::ok(&enroll(ctx, &EnrollRequest::read(params)?).await?),
        Endpoint::EnrollStatus => Reply::ok(&enroll_status(ctx, &EnrollStatusRequest::read(params)?).await?),
        Endpoint::Preauth => Reply::ok(&preauth(ctx, &PreauthRequest::read(params)?).await?),
        Endpoint::RestV1(endpoint) => rest_v1::answer(ctx, endpoint, params).await?,
    })
}

/// Tells an application that its keys and its clock are right.
///
/// # Errors
/// The caller is no application.
pub fn check(ctx: &Ctx) -> Result<TimeResponse, DuoError> {
    caller(ctx)?;
    Ok(TimeResponse { time: ctx.now.unix_seconds() })
}

/// The calling application.
struct Protected {
    id: ApplicationId,
    name: String,
}

impl Protected {
    fn resource(&self) -> Resource {
        Resource::Application { application: self.id, name: self.name.clone() }
    }
}

fn caller(ctx: &Ctx) -> Result<Protected, AppError> {
    match &ctx.caller {
        Caller::Application { id, name } => Ok(Protected { id: *id, name: name.clone() }),
        Caller::AdminApi { .. } => Err(AppError::Unauthenticated),
        Caller::Device { .. }
        | Caller::LocalAdmin
        | Caller::Nobody
        | Caller::Person { .. }
        | Caller::System { .. }
        | Caller::Token { .. } => Err(AppError::Unauthenticated),
    }
}

/// Refuses a disabled application where there is nobody to deny.
async fn refuse_disabled(ctx: &Ctx, application: &Protected) -> Result<(), DuoError> {
    let id = application.id;
    let enabled =
        ctx.read(move |reader| Ok(reader.find::<Application>(id)?.is_some_and(|app| app.enabled))).await?;
    if enabled { Ok(()) } else { Err(ApiError::new(Code::Forbidden).into()) }
}

/// The name of whoever is meant. An id that is not known is a fault of the request; a name that is not known is a
/// person we do not know.
async fn name_of(ctx: &Ctx, user: &UserRef) -> Result<String, DuoError> {
    match user {
        UserRef::Name(name) => Ok(name.clone()),
        UserRef::Id(id) => {
            let user = find_by_duo_id(ctx, id).await?.ok_or(ParamError::Invalid("user_id"))?;
            Ok(user.name.to_string())
        }
    }
}

async fn find_by_duo_id(ctx: &Ctx, id: &str) -> Result<Option<User>, AppError> {
    let id = id.to_owned();
    ctx.read(move |reader| Ok(user::by_duo_id(reader, &id)?.map(|user| user.value))).await
}

/// The call with the person's address in place of the application's.
fn at(ctx: &Ctx, address: Option<IpAddr>) -> Ctx {
    Ctx { source: address, ..ctx.clone() }
}

/// Where people enrol.
fn portal_url(ctx: &Ctx) -> String {
    format!("{}/enroll", ctx.org.config.external_url.trim_end_matches('/'))
}
