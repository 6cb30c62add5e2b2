//! The sections that have an equal here, member by member. Members nobody knows are refused.

use serde::{Deserialize, Serialize};

use super::{super::super::envelope::ApiError, refuse};

/// The name of a section that has an equal here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SectionName {
    AnonymousNetworks,
    AuthenticationMethods,
    AuthenticationPolicy,
    AuthorizedNetworks,
    NewUser,
    RememberedDevices,
    UserLocation,
}

impl SectionName {
    pub const ALL: [Self; 7] = [
        Self::AnonymousNetworks,
        Self::AuthenticationMethods,
        Self::AuthenticationPolicy,
        Self::AuthorizedNetworks,
        Self::NewUser,
        Self::RememberedDevices,
        Self::UserLocation,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AnonymousNetworks => "anonymous_networks",
            Self::AuthenticationMethods => "authentication_methods",
            Self::AuthenticationPolicy => "authentication_policy",
            Self::AuthorizedNetworks => "authorized_networks",
            Self::NewUser => "new_user",
            Self::RememberedDevices => "remembered_devices",
            Self::UserLocation => "user_location",
        }
    }

    /// # Errors
    /// There is no such section here.
    pub fn of(name: &str) -> Result<Self, ApiError> {
        let found = Self::ALL.into_iter().find(|known| known.as_str() == name);
        found.ok_or_else(|| {
            let short: String = name.chars().take(64).collect();
            refuse(&format!("sections.{short}"), "there is no such section here; nothing was changed")
        })
    }
}

/// What a policy says. A section that is not there is inherited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sections {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anonymous_networks: Option<AnonymousSection>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication_methods: Option<AuthenticationMethods>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication_policy: Option<AuthenticationPolicy>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorized_networks: Option<AuthorizedNetworks>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_user: Option<NewUserSection>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remembered_devices: Option<RememberedDevices>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_location: Option<UserLocation>,
}

impl Sections {
    /// Takes over what another one says.
    pub(super) fn take(&mut self, other: Self) {
        let before = std::mem::take(self);
        *self = Self {
            anonymous_networks: other.anonymous_networks.or(before.anonymous_networks),
            authentication_methods: other.authentication_methods.or(before.authentication_methods),
            authentication_policy: other.authentication_policy.or(before.authentication_policy),
            authorized_networks: other.authorized_networks.or(before.authorized_networks),
            new_user: other.new_user.or(before.new_user),
            remembered_devices: other.remembered_devices.or(before.remembered_devices),
            user_location: other.user_location.or(before.user_location),
        };
    }
}

/// What becomes of everybody at the second door, or of those from networks that hide them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Behavior {
    NoAction,
    RequireMfa,
    Deny,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnonymousSection {
    pub anonymous_access_behavior: Behavior,
}

/// Which factors count, by the protocol's names of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthenticationMethods {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_auth_list: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_auth_list: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_verified_push: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_push_digits: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthenticationPolicy {
    /// `enforce`, `bypass` or `deny`.
    pub user_auth_behavior: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthorizedNetworks {
    pub no_2fa_required: NoSecondFactor,
    pub mfa_required: Blocks,
    pub deny_other_access: bool,
    pub blocked: Blocks,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoSecondFactor {
    pub ip_list: Vec<String>,
    pub require_enrollment: bool,
}

impl Default for NoSecondFactor {
    fn default() -> Self {
        Self { ip_list: Vec::new(), require_enrollment: true }
    }
}

/// Addresses, blocks of them (CIDR), and ranges from one to another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Blocks {
    pub ip_list: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewUserSection {
    /// `enroll`, `no-mfa` or `deny`.
    pub new_user_behavior: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RememberedDevices {
    pub browser_apps: BrowserApps,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows_logon: Option<WindowsLogon>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrowserApps {
    pub enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remember_method: Option<RememberMethod>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_based: Option<Span>,
    /// Only where it is the method, it says anything.
    #[serde(default, skip_serializing)]
    pub risk_based: Option<Span>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RememberMethod {
    RiskBased,
    UserBased,
}

/// How long something lasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// `hours`, `days` or `weeks`.
    pub max_time_units: String,
    pub max_time_value: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowsLogon {
    pub enabled: bool,
}

/// What follows from a country. The default is the one word here that says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LocationAction {
    #[serde(rename = "allow-access-no-2fa")]
    AllowAccessNo2fa,
    DenyAccess,
    #[default]
    IgnoreLocation,
    RequireMfa,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UserLocation {
    pub default_action: LocationAction,
    pub allow_access_no_2fa_countries_list: Vec<String>,
    pub deny_access_countries_list: Vec<String>,
    pub ignore_location_countries_list: Vec<String>,
    pub require_mfa_countries_list: Vec<String>,
    /// Whether only the place counts that somebody signs in from, and not that of the phone they answer on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_device_only: Option<bool>,
}
