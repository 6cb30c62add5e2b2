//! A sign-in as a line of a table.

use sallyport_app::audit::{ExplainedSignIn, SignInsWanted};
use sallyport_model::{Time, id::UserId, signin::SignIn};

use crate::language::{Language, Text};

pub(crate) struct SignInRow {
    pub(crate) at: Time,
    pub(crate) name: String,
    pub(crate) user: Option<UserId>,
    pub(crate) resource: String,
    pub(crate) source: String,
    pub(crate) state: &'static str,
    /// The state in words.
    pub(crate) outcome: Text,
    pub(crate) doors: String,
    pub(crate) reasons: Vec<Text>,
}

impl SignInRow {
    /// For administrators.
    pub(crate) fn all(found: Vec<ExplainedSignIn>) -> Vec<Self> {
        let row =
            |ExplainedSignIn { sign_in, reasons }: ExplainedSignIn| Self::new(sign_in, reasons, Language::En);
        found.into_iter().map(row).collect()
    }

    /// For whoever they are of.
    pub(crate) fn own(found: Vec<ExplainedSignIn>, say: Language) -> Vec<Self> {
        let row = |ExplainedSignIn { sign_in, .. }: ExplainedSignIn| {
            let whys = say.whys(&sign_in);
            Self::new(sign_in, whys, say)
        };
        found.into_iter().map(row).collect()
    }

    fn new(sign_in: SignIn, reasons: Vec<Text>, say: Language) -> Self {
        Self {
            at: sign_in.created,
            resource: say.place(&sign_in.resource).into(),
            doors: doors(&sign_in, say),
            outcome: say.sign_in_state(&sign_in.state),
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

/// The address, and its country and what asked there, if they were known.
fn source(sign_in: &SignIn) -> String {
    let address = sign_in.source.as_ref().map(|address| match sign_in.country {
        Some(country) => format!("{address} ({country})"),
        None => address.clone(),
    });
    address.into_iter().chain(sign_in.device.clone()).collect::<Vec<_>>().join(", ")
}

/// How the doors were passed, as far as they were.
fn doors(sign_in: &SignIn, say: Language) -> String {
    let first = sign_in.first_door.as_ref().map(|door| say.first_door(door));
    let second = sign_in.second_door.as_ref().map(|door| say.factor(door.kind));
    first.into_iter().chain(second).collect::<Vec<_>>().join(", ")
}
