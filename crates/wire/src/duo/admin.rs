//! The messages of the Admin API (`/admin/v1` to `/admin/v3`), as a server reads and answers them, and those of them that
//! a client asks and reads.
//!
//! `endpoint` says which call a method and a path are, the other files give each noun's parameters and objects their
//! types. Clients send nearly everything as text and leave out what they do not mean, so reading is tolerant of how a
//! value is spelled and strict about what it says; parameters nobody knows are ignored, as the protocol has it.

mod administrator;
mod branding;
mod bulk;
mod bypass_code;
pub mod client;
mod endpoint;
mod group;
mod info;
mod integration;
mod log;
mod paging;
mod phone;
mod policy;
mod settings;
mod token;
mod user;
mod webauthn;

pub use administrator::{AdminMethods, AdminObject};
pub use branding::{BrandingObject, MessagingObject};
pub use bulk::{Operation, operations};
pub use bypass_code::{BypassCodeObject, IssueBypassCodes};
pub use endpoint::{
    Admins, BypassCodes, Endpoint, Groups, Info, Integrations, Logs, Phones, Policies, Settings, Texted,
    Tokens, Users, WebAuthn,
};
pub use group::{GroupFields, GroupMember, GroupObject};
pub use info::{Attempts, Summary, TimeRange};
pub use integration::{IntegrationFields, IntegrationObject, KeyedIntegrationObject};
pub use log::{
    ActivityRecord, AdministratorRecord, Application, AuthDevice, AuthFilter, AuthLogs, AuthRecord,
    AuthRecordV1, Cursor, Events, Items, LogMetadata, LogRange, LogUser, Named, Order, TelephonyObject,
    TelephonyObjectV1, Verb,
};
pub use paging::{Paging, Slice};
pub use phone::{
    ActivationObject, PhoneFields, PhoneFilter, PhoneObject, PhoneType, SentActivationObject,
    SentInstallationObject, VerificationObject, VerificationOutcome, activation_life, wants_installation,
    words_around,
};
pub use policy::{
    AnonymousSection, AppliedTo, AuthenticationMethods, AuthenticationPolicy, AuthorizedNetworks, Behavior,
    Blocks, BrowserApps, BulkChange, CalculatedPolicy, CopyPolicy, GLOBAL, LocationAction, NewUserSection,
    NoSecondFactor, Origin, PolicyFields, PolicyObject, PolicySummary, RememberMethod, RememberedDevices,
    SectionName, Sections, Span, Summary as PolicySummaries, UserLocation, WindowsLogon,
};
pub use settings::{SettingsFields, SettingsObject};
pub use token::{NewToken, TokenFilter, TokenKind, TokenObject, codes_in_a_row};
pub use user::{
    EnrollUser, Places, UserFields, UserFilter, UserObject, UserStatus, bulk_create, bulk_ids, reference,
};
pub use webauthn::WebAuthnObject;

/// Under which all of it is.
pub const ROOTS: [&str; 3] = ["/admin/v1/", "/admin/v2/", "/admin/v3/"];

/// Longest id in a path or a parameter.
const MAX_ID: usize = 64;
/// Longest text of a field.
const MAX_TEXT: usize = 1024;

#[cfg(test)]
mod tests;
