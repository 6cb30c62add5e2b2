//! How a use case refuses. One enum for all nouns: the front doors need to tell kinds of refusal apart, not
//! nouns, and each refusal carries what a person must know to do better.

use sallyport_crypto::{
    password::{MAX_BYTES, PasswordError},
    random::NoRandomness,
    seal::SealError,
};
use sallyport_model::{
    Action, NameError,
    alarm::AlarmClosed,
    command::RunTransitionError,
    device::DeviceTransitionError,
    hardware_token::AssignedError,
    id::IdError,
    reset::ResetTransitionError,
    signin::SignInTransitionError,
    user::{SshKeyError, UserTransitionError},
};
use sallyport_store::StoreError;
use sallyport_wire::sheet::SheetError;

use crate::{Phrase, Words};

#[derive(Debug, Clone, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in, or what they brought is no longer good.
    #[error("sign in first")]
    Unauthenticated,
    /// Somebody is signed in, but with a password that has to be changed before anything else.
    #[error("your password has expired; set a new one first")]
    PasswordExpired,
    /// The caller may not do this.
    #[error("this needs the right to {}", .0.text())]
    Denied(Action),
    /// The caller may do this, but not to somebody with such rights.
    #[error("this would reach above your own rights")]
    AboveOwnRights,
    #[error("there is no {noun} `{id}`")]
    NotFound { noun: &'static str, id: String },
    /// What was asked does not fit what is there.
    #[error("{0}")]
    Conflict(Words),
    /// Part of the input is not acceptable.
    #[error("{field}: {reason}")]
    Invalid { field: &'static str, reason: Words },
    /// Somebody else changed it in the meantime.
    #[error("it was changed by somebody else in the meantime; load it again")]
    Stale,
    /// Too much at once.
    #[error("too many requests at once; try again shortly")]
    Busy,
    /// The database was lost at the commit, so it may be done or not.
    #[error(
        "the database was lost at the last moment, and whether this was done is not known; look before you try again"
    )]
    FateUnknown,
    /// Something of ours failed. Told to nobody outside; logged.
    #[error("{0}")]
    Internal(String),
}

impl AppError {
    #[must_use]
    pub fn invalid(field: &'static str, reason: impl Into<Words>) -> Self {
        Self::Invalid { field, reason: reason.into() }
    }

    /// What is told of one of many that failed; faults of ours are logged and not told. `again`: how to go on then.
    pub(crate) fn of_one(&self, again: &str) -> String {
        match self {
            Self::Internal(cause) => {
                tracing::error!(cause, "one of many failed");
                format!("something failed on the server; {again}")
            }
            Self::Busy | Self::FateUnknown | Self::Stale => format!("{self}; {again}"),
            Self::AboveOwnRights
            | Self::Conflict(_)
            | Self::Denied(_)
            | Self::Invalid { .. }
            | Self::NotFound { .. }
            | Self::PasswordExpired
            | Self::Unauthenticated => self.to_string(),
        }
    }

    /// What it says, where that is said to people.
    #[must_use]
    pub const fn phrase(&self) -> Option<Phrase> {
        match self {
            Self::Conflict(Words::Phrase(phrase)) | Self::Invalid { reason: Words::Phrase(phrase), .. } => {
                Some(*phrase)
            }
            Self::Conflict(Words::ModelNotAccepted { .. } | Words::Plain(_))
            | Self::Invalid { reason: Words::ModelNotAccepted { .. } | Words::Plain(_), .. }
            | Self::Unauthenticated
            | Self::PasswordExpired
            | Self::Denied(_)
            | Self::AboveOwnRights
            | Self::NotFound { .. }
            | Self::Stale
            | Self::Busy
            | Self::FateUnknown
            | Self::Internal(_) => None,
        }
    }

    #[must_use]
    pub fn not_found(noun: &'static str, id: impl std::fmt::Display) -> Self {
        Self::NotFound { noun, id: id.to_string() }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken { table, key } => {
                Self::Conflict(format!("there is a {table} `{key}` already").into())
            }
            StoreError::Missing { table, id } => Self::NotFound { noun: table, id },
            StoreError::Stale { .. } => Self::Stale,
            StoreError::Busy => Self::Busy,
            StoreError::FateUnknown => Self::FateUnknown,
            StoreError::BadRow { .. }
            | StoreError::Unrecorded(_)
            | StoreError::Engine(_)
            | StoreError::Stopped => Self::Internal(error.to_string()),
        }
    }
}

impl From<PasswordError> for AppError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Busy,
            PasswordError::TooLong => Self::invalid("password", Phrase::PasswordTooLong(MAX_BYTES)),
            PasswordError::Damaged | PasswordError::NoRandomness(_) => Self::Internal(error.to_string()),
        }
    }
}

macro_rules! conflicts {
    ($($error:ty),*) => {$(
        impl From<$error> for AppError {
            fn from(error: $error) -> Self {
                Self::Conflict(error.to_string().into())
            }
        }
    )*};
}
conflicts!(
    AlarmClosed,
    AssignedError,
    UserTransitionError,
    DeviceTransitionError,
    RunTransitionError,
    ResetTransitionError,
    SignInTransitionError
);

macro_rules! internal {
    ($($error:ty),*) => {$(
        impl From<$error> for AppError {
            fn from(error: $error) -> Self {
                Self::Internal(error.to_string())
            }
        }
    )*};
}
internal!(NoRandomness, SealError, serde_json::Error, sallyport_crypto::unix_crypt::UnixCryptError);

impl From<SheetError> for AppError {
    fn from(error: SheetError) -> Self {
        Self::invalid("file", error.to_string())
    }
}

impl From<NameError> for AppError {
    fn from(error: NameError) -> Self {
        Self::invalid("name", error.to_string())
    }
}

impl From<SshKeyError> for AppError {
    fn from(error: SshKeyError) -> Self {
        Self::invalid("ssh_keys", error.to_string())
    }
}

impl From<IdError> for AppError {
    fn from(error: IdError) -> Self {
        Self::invalid("id", error.to_string())
    }
}
