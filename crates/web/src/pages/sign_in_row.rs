//! A sign-in as a line of a table.

use sallyport_app::audit::{ExplainedSignIn, SignInsWanted};
use sallyport_model::{
    Time,
    id::UserId,
    signin::{FirstDoor, Resource, SignIn},
};

pub(crate) struct SignInRow {
    pub(crate) at: Time,
    pub(crate) name: String,
    pub(crate) user: Option<UserId>,
    pub(crate) resource: String,
    pub(crate) source: String,
    pub(crate) state: &'static str,
    pub(crate) doors: String,
    pub(crate) reasons: Vec<&'static str>,
}

impl SignInRow {
    pub(crate) fn all(found: Vec<ExplainedSignIn>) -> Vec<Self> {
        found.into_iter().map(Self::new).collect()
    }

    fn new(ExplainedSignIn { sign_in, reasons }: ExplainedSignIn) -> Self {
        Self {
            at: sign_in.created,
            resource: resource(&sign_in.resource),
            doors: doors(&sign_in),
            source: source(&sign_in),
            state: sign_in.state.as_str(),
            name: sign_in.name,
            user: sign_in.user,
            reasons,
        }
    }
}

/// The newest `limit` sign-ins.
pub(crate) fn newest(limit: usize) -> SignInsWanted {
    SignInsWanted { text: String::new(), before: None, limit }
}

/// What somebody signed in to, as people name it.
pub(crate) fn resource(resource: &Resource) -> String {
    match resource {
        Resource::Api => "REST API".into(),
        Resource::Application { name, .. } => name.clone(),
        Resource::DeviceLogin { name, service, .. } => format!("{name} ({service})"),
        Resource::Portal => "Portal".into(),
    }
}

/// The address, and its country if that was known.
fn source(sign_in: &SignIn) -> String {
    let address = sign_in.source.as_deref().unwrap_or_default();
    match sign_in.country {
        Some(country) => format!("{address} ({country})"),
        None => address.to_owned(),
    }
}

/// How the doors were passed, as far as they were.
fn doors(sign_in: &SignIn) -> String {
    let first = sign_in.first_door.as_ref().map(|door| match door {
        FirstDoor::Passkey => "passkey".to_owned(),
        FirstDoor::Password => "password".to_owned(),
        FirstDoor::Session => "session".to_owned(),
        FirstDoor::Vouched { by } => format!("vouched by {by}"),
    });
    let second = sign_in.second_door.as_ref().map(|door| door.kind.as_str().replace('_', " "));
    first.into_iter().chain(second).collect::<Vec<_>>().join(", ")
}
