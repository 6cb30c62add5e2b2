//! What a program asks of us by Duo's Admin API: the same use cases as people have, in the words of that protocol.
//!
//! The front door has checked the signature and says who calls. Here the call's permission is looked at first, then the
//! use case looks at the right it needs, so that a call put under the wrong permission still does nothing it may not.

mod admins;
mod bulk;
mod bypass_codes;
mod factors;
mod groups;
mod ids;
mod info;
mod integrations;
mod logs;
mod objects;
pub mod pace;
pub(crate) mod phones;
mod policies;
mod settings;
#[cfg(test)]
mod tests;
mod tokens;
mod users;
mod webauthn;
pub(super) mod words;

use sallyport_model::{Grant, id::ApplicationId};
use sallyport_wire::duo::{
    ApiError, Code, Params, Reply,
    admin::{
        Admins, BypassCodes, Endpoint, Groups, Info, Integrations, Logs, Paging, Phones, Settings, Slice,
        Tokens, Users, WebAuthn,
    },
};
use serde::Serialize;

use super::{DuoError, refusal};
use crate::{AppError, Caller, Ctx};

/// Said to keys of another kind, as clients know it.
const WRONG_KIND: &str = "Wrong integration type for this API.";

/// The permission a call needs.
#[must_use]
pub const fn needed(endpoint: &Endpoint) -> Grant {
    match endpoint {
        Endpoint::Bulk => Grant::WriteResource,
        Endpoint::Admins(
            Admins::Change | Admins::List | Admins::Methods | Admins::Pending | Admins::Show { .. },
        ) => Grant::AdminsRead,
        Endpoint::BypassCodes(call) => match call {
            BypassCodes::List | BypassCodes::Show { .. } => Grant::ReadResource,
            BypassCodes::Delete { .. } => Grant::WriteResource,
        },
        Endpoint::Groups(call) => match call {
            Groups::List | Groups::Members { .. } | Groups::Show { .. } => Grant::ReadResource,
            Groups::Create | Groups::Delete { .. } | Groups::Modify { .. } => Grant::WriteResource,
        },
        Endpoint::Info(
            Info::AuthenticationAttempts
            | Info::Summary
            | Info::TelephonyCreditsUsed
            | Info::UserAuthenticationAttempts,
        ) => Grant::Info,
        Endpoint::Integrations(call) => match call {
            Integrations::List | Integrations::SecretKey { .. } | Integrations::Show { .. } => {
                Grant::Integrations
            }
            Integrations::Create { .. } | Integrations::Delete { .. } | Integrations::Modify { .. } => {
                Grant::WriteIntegrations
            }
        },
        Endpoint::Logs(
            Logs::Activity
            | Logs::Administrator
            | Logs::Authentication
            | Logs::AuthenticationV1
            | Logs::OfflineEnrollment
            | Logs::Telephony
            | Logs::TelephonyV1
            | Logs::TrustMonitor,
        ) => Grant::ReadLog,
        Endpoint::Phones(call) => match call {
            Phones::List | Phones::Show { .. } => Grant::ReadResource,
            Phones::Activation { .. }
            | Phones::Create
            | Phones::Delete { .. }
            | Phones::Modify { .. }
            | Phones::Send { .. } => Grant::WriteResource,
        },
        Endpoint::Policies(_) => Grant::Settings,
        Endpoint::Without(_) => Grant::ReadResource,
        Endpoint::Settings(
            Settings::Brand
            | Settings::Branding { .. }
            | Settings::DeleteLogo
            | Settings::Logo
            | Settings::Modify
            | Settings::Show,
        ) => Grant::Settings,
        Endpoint::Tokens(call) => match call {
            Tokens::List | Tokens::Show { .. } => Grant::ReadResource,
            Tokens::Create | Tokens::Delete { .. } | Tokens::Modify { .. } | Tokens::Resync { .. } => {
                Grant::WriteResource
            }
        },
        Endpoint::Users(call) => needed_for_users(call),
        Endpoint::WebAuthn(call) => match call {
            WebAuthn::List | WebAuthn::Show { .. } => Grant::ReadResource,
            WebAuthn::Delete { .. } => Grant::WriteResource,
        },
    }
}

const fn needed_for_users(call: &Users) -> Grant {
    match call {
        Users::BypassCodes { .. }
        | Users::Directories
        | Users::Groups { .. }
        | Users::List
        | Users::Phones { .. }
        | Users::Show { .. }
        | Users::Tokens { .. }
        | Users::WebAuthn { .. }
        | Users::Without { .. } => Grant::ReadResource,
        Users::BulkCreate
        | Users::BulkRestore
        | Users::BulkTrash
        | Users::Create
        | Users::Enroll
        | Users::GivePhone { .. }
        | Users::GiveToken { .. }
        | Users::IssueBypassCodes { .. }
        | Users::JoinGroup { .. }
        | Users::LeaveGroup { .. }
        | Users::Modify { .. }
        | Users::Sync { .. }
        | Users::TakePhone { .. }
        | Users::TakeToken { .. }
        | Users::Trash { .. }
        | Users::Outcome { .. }
        | Users::Verify { .. } => Grant::WriteResource,
    }
}

/// Which application calls, if it is one of the Admin API.
#[must_use]
pub fn program(ctx: &Ctx) -> Option<ApplicationId> {
    match &ctx.caller {
        Caller::AdminApi { id, .. } => Some(*id),
        Caller::Application { .. }
        | Caller::Device { .. }
        | Caller::LocalAdmin
        | Caller::Nobody
        | Caller::Person { .. }
        | Caller::System { .. }
        | Caller::Token { .. } => None,
    }
}

/// Answers one call whose signature was checked.
pub async fn respond(ctx: &Ctx, endpoint: &Endpoint, params: &Params) -> Reply {
    match permitted(ctx, endpoint) {
        Ok(()) => answer(ctx, endpoint, params).await.unwrap_or_else(|error| refused(ctx, error)),
        Err(error) => error.into(),
    }
}

/// Why this caller may not make this call at all, if so.
#[must_use]
pub fn refusal_of(ctx: &Ctx, endpoint: &Endpoint) -> Option<Reply> {
    permitted(ctx, endpoint).err().map(Reply::from)
}

fn permitted(ctx: &Ctx, endpoint: &Endpoint) -> Result<(), ApiError> {
    let forbidden = |detail: String| Err(ApiError::new(Code::Forbidden).with_detail(detail));
    let Caller::AdminApi { grants, .. } = &ctx.caller else { return forbidden(WRONG_KIND.to_owned()) };
    let needed = needed(endpoint);
    if grants.contains(&needed) {
        Ok(())
    } else {
        forbidden(format!("This application is not granted adminapi_{}.", needed.as_str()))
    }
}

async fn answer(ctx: &Ctx, endpoint: &Endpoint, params: &Params) -> Result<Reply, DuoError> {
    match endpoint {
        Endpoint::Admins(call) => admins::answer(ctx, call, params).await,
        Endpoint::Bulk => bulk::answer(ctx, params).await,
        Endpoint::BypassCodes(call) => bypass_codes::answer(ctx, call, params).await,
        Endpoint::Groups(call) => groups::answer(ctx, call, params).await,
        Endpoint::Info(call) => info::answer(ctx, *call, params).await,
        Endpoint::Integrations(call) => integrations::answer(ctx, call, params).await,
        Endpoint::Logs(call) => logs::answer(ctx, *call, params).await,
        Endpoint::Phones(call) => phones::answer(ctx, call, params).await,
        Endpoint::Policies(call) => policies::answer(ctx, call, params).await,
        Endpoint::Without(None) => nothing(params),
        Endpoint::Without(Some(_)) => Err(not_found()),
        Endpoint::Settings(call) => settings::answer(ctx, *call, params).await,
        Endpoint::Tokens(call) => tokens::answer(ctx, call, params).await,
        Endpoint::Users(call) => users::answer(ctx, call, params).await,
        Endpoint::WebAuthn(call) => webauthn::answer(ctx, call, params).await,
    }
}

/// A refusal that says what to do better: whoever holds these keys administers, and need not guess.
fn refused(ctx: &Ctx, error: DuoError) -> Reply {
    match &error {
        DuoError::App(known @ AppError::Invalid { .. }) => {
            ApiError::new(Code::InvalidParameters).with_detail(known.to_string()).into()
        }
        DuoError::App(known @ (AppError::AboveOwnRights | AppError::Denied(_))) => {
            ApiError::new(Code::Forbidden).with_detail(known.to_string()).into()
        }
        DuoError::Api(_) | DuoError::App(_) => refusal(ctx, error),
    }
}

fn not_found() -> DuoError {
    DuoError::Api(Code::NotFound.into())
}

/// A parameter names what is not there. That the call itself is about something unknown is *not found* instead.
fn unknown(name: &'static str) -> AppError {
    AppError::invalid(name, "there is none with this id")
}

fn page<T: Serialize>(paging: Paging, slice: &Slice<T>) -> Reply {
    Reply::page(&slice.items, paging.metadata(slice.total))
}

/// An empty list.
fn nothing(params: &Params) -> Result<Reply, DuoError> {
    let paging = Paging::read(params, Paging::MOST)?;
    Ok(page(paging, &Slice::<()> { items: Vec::new(), total: 0 }))
}
