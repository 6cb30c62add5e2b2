//! The nouns of Sallyport and what may happen to them.
//!
//! Everything here is plain data with its states and transitions. No IO, no clock, no randomness: whoever
//! calls brings `now` and fresh ids, so every rule can be tested as a function.

pub mod access;
pub mod access_rule;
pub mod alarm;
pub mod application;
mod as_text;
pub mod binding;
pub mod branding;
pub mod challenge;
pub mod change;
pub mod client;
pub mod color;
pub mod command;
pub mod connector;
pub mod device;
pub mod duo;
pub mod event;
pub mod factor;
pub mod group;
pub mod hardware_token;
pub mod host_name;
pub mod id;
pub mod link;
pub mod mail;
pub mod name;
pub mod oidc;
pub mod passkey_model;
pub mod path;
pub mod phone;
pub mod policy;
pub mod redirect_uri;
pub mod reset;
pub mod right;
pub mod saml;
pub mod settings;
pub mod signin;
pub mod signing_key;
pub mod spray;
pub mod telephony;
pub mod time;
pub mod token;
pub mod user;

pub use access::{Action, Role};
pub use access_rule::{AccessRule, RuleMode};
pub use alarm::{Alarm, AlarmKind, AlarmState, NotMe};
pub use application::{
    Application, ApplicationKind, Grant, Logo, MadeFrom, PictureKind, UsedBy, UsernameNormalization,
};
pub use binding::{Binding, BindingSubject, BindingTarget};
pub use challenge::{Challenge, ChallengeState};
pub use change::{Actor, Change, ChangeKind, Subject};
pub use command::{Command, Interpreter, Run, RunState, Trigger};
pub use connector::{Connector, ConnectorKind};
pub use device::{Device, DeviceState, DriftKind, EnrollmentToken, Platform};
pub use duo::{DUO_NAME_PLACE, Duo, DuoDown, DuoName};
pub use event::{Event, EventStream, Happening, Webhook};
pub use factor::{Factor, FactorKind, PhoneKeyKind, Proof};
pub use group::{Group, GroupKind, Member};
pub use hardware_token::{CodeDigest, HardwareToken, HardwareTokenKind, Holder};
pub use host_name::{HostName, HostNameError};
pub use link::{Link, LinkError};
pub use mail::{MailSettings, MailTemplate};
pub use name::{Alias, NameError, UserName, fold};
pub use oidc::OidcClient;
pub use passkey_model::{Aaguid, Attested, PasskeyModel};
pub use phone::{CallingCode, PhoneError, PhoneNumber};
pub use policy::{Method, Policy};
pub use redirect_uri::{RedirectUri, RedirectUriError};
pub use reset::{Clearance, RecoverySettings, Reset, ResetKind, ResetOf, ResetState};
pub use right::{EffectiveRight, Right};
pub use saml::{NameIdFormat, SamlService};
pub use settings::Settings;
pub use signing_key::{SigningKey, SigningKeyState};
pub use spray::{Spray, SprayNetwork};
pub use telephony::Telephony;
pub use time::{Span, Time};
pub use token::ApiToken;
pub use user::{About, Mail, PasswordLock, PasswordStatus, Phone, Posix, SshKey, User, UserState};
