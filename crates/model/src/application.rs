//! Things people sign in to, and programs that ask us by a key of their own.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    access::Action,
    host_name::HostName,
    id::{ApplicationId, GroupId, UserId},
    oidc::OidcClient,
    policy::Applied,
    redirect_uri::RedirectUri,
    saml::SamlService,
    time::Time,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ApplicationKind {
    /// Looks after the directory by Duo's Admin API; nobody signs in to it.
    DuoAdminApi,
    /// Asks us for the second door by Duo's Auth API, or sends browsers here as Duo's Web SDK does.
    DuoAuthApi,
    /// Has people signed in by OpenID Connect or OAuth 2.
    Oidc,
    /// Has people signed in by SAML 2.0.
    Saml,
}

impl ApplicationKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DuoAdminApi => "duo-admin-api",
            Self::DuoAuthApi => "duo-auth-api",
            Self::Oidc => "oidc",
            Self::Saml => "saml",
        }
    }

    /// Whether people sign in to it, so that policies hold there.
    #[must_use]
    pub const fn is_signed_in_to(self) -> bool {
        match self {
            Self::DuoAdminApi => false,
            Self::DuoAuthApi | Self::Oidc | Self::Saml => true,
        }
    }
}

/// Who may use an application.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum UsedBy {
    #[default]
    Everybody,
    /// These, and whoever is in one of these groups, directly or through others.
    Only {
        #[serde(default)]
        users: BTreeSet<UserId>,
        #[serde(default)]
        groups: BTreeSet<GroupId>,
    },
}

impl UsedBy {
    /// Most people, and most groups, that are named one by one.
    pub const MOST: usize = 1000;

    /// Nobody yet.
    #[must_use]
    pub const fn nobody() -> Self {
        Self::Only { users: BTreeSet::new(), groups: BTreeSet::new() }
    }

    /// Whether it is for somebody who is in these groups.
    #[must_use]
    pub fn is_for(&self, user: UserId, around: &BTreeSet<GroupId>) -> bool {
        match self {
            Self::Everybody => true,
            Self::Only { users, groups } => users.contains(&user) || !groups.is_disjoint(around),
        }
    }
}

/// Which spellings of a name are the same person to an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UsernameNormalization {
    /// A person's name and aliases, and nothing else.
    #[default]
    None,
    /// `DOMAIN\user` and `user@domain` as well as `user`.
    Simple,
}

impl UsernameNormalization {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Simple => "simple",
        }
    }
}

/// What a program may do by Duo's Admin API, in the words of that protocol without their prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// People with administrator roles.
    AdminsRead,
    /// Counts about the whole.
    Info,
    /// Applications, without their secret keys.
    Integrations,
    ReadLog,
    /// People, groups and what they own.
    ReadResource,
    Settings,
    /// Protected applications and their secret keys; never those of the Admin API.
    WriteIntegrations,
    WriteResource,
}

impl Grant {
    pub const ALL: [Self; 8] = [
        Self::ReadResource,
        Self::WriteResource,
        Self::ReadLog,
        Self::Info,
        Self::Integrations,
        Self::WriteIntegrations,
        Self::AdminsRead,
        Self::Settings,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AdminsRead => "admins_read",
            Self::Info => "info",
            Self::Integrations => "integrations",
            Self::ReadLog => "read_log",
            Self::ReadResource => "read_resource",
            Self::Settings => "settings",
            Self::WriteIntegrations => "write_integrations",
            Self::WriteResource => "write_resource",
        }
    }

    /// What it allows, for people to tick.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::AdminsRead => "Read who has an administrator role",
            Self::Info => "Read counts: users, applications, sign-ins",
            Self::Integrations => "Read applications, without their secret keys",
            Self::ReadLog => "Read the logs of sign-ins and of changes",
            Self::ReadResource => "Read users, groups, tokens and other factors",
            Self::Settings => "Read and change the settings and the policies",
            Self::WriteIntegrations => {
                "Create, change and delete protected applications and replace their keys, but no programs"
            }
            Self::WriteResource => {
                "Create and change users, groups, tokens and other factors; issue bypass and enrolment codes"
            }
        }
    }

    /// The grants of which one is enough for `action`. Exhaustive, as for roles: a new verb is nobody's here until
    /// somebody has decided.
    #[must_use]
    pub const fn for_action(action: Action) -> &'static [Self] {
        match action {
            Action::ReadDirectory => &[
                Self::ReadResource,
                Self::WriteResource,
                Self::Integrations,
                Self::WriteIntegrations,
                Self::AdminsRead,
                Self::Info,
            ],
            Action::ReadSignIns => &[Self::ReadLog, Self::Info],
            Action::ReadAudit => &[Self::ReadLog],
            Action::ReadSettings | Action::ChangeSettings => &[Self::Settings],
            Action::CreateUser
            | Action::UpdateUser
            | Action::SuspendUser
            | Action::ManageFactors
            | Action::ManageHardwareTokens
            | Action::ManageGroups => &[Self::WriteResource],
            Action::ManageApplications => &[Self::WriteIntegrations],
            Action::SetPassword
            | Action::GrantRole
            | Action::ManageBindings
            | Action::ManageDevices
            | Action::EnrollDevices
            | Action::RevealBreakGlass
            | Action::ManageConnectors
            | Action::ReadRuns
            | Action::WriteCommands
            | Action::LaunchCommands
            | Action::ManageTokens => &[],
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Application {
    pub id: ApplicationId,
    pub name: String,
    pub kind: ApplicationKind,
    /// The 20-character integration key by which an application names itself; to OpenID Connect, its client id.
    pub ikey: String,
    /// Where browsers may be sent back to, byte for byte. Without any, none are sent.
    #[serde(default)]
    pub redirect_uris: Vec<RedirectUri>,
    /// Under which name the application calls us, where it is not the organisation's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_host: Option<HostName>,
    /// What it is called in Duo's Admin API, where it was made by that. Nothing follows from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duo_type: Option<String>,
    pub enabled: bool,
    /// Whether requests without a date are believed, which older clients of `/rest/v1` sign. Whoever sees one can
    /// send it again, for ever.
    #[serde(default)]
    pub accepts_undated: bool,
    /// That a push may have no number was said here before policies did. What is still marked so is moved to a policy as
    /// the server starts, and nothing else looks at it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub plain_push: bool,
    /// Which spellings of a name are the same person here.
    #[serde(default)]
    pub username_normalization: UsernameNormalization,
    /// The policies that hold here over the organisation's own.
    #[serde(default)]
    pub policies: Applied,
    /// Who may use it, if people do.
    #[serde(default)]
    pub used_by: UsedBy,
    /// How it asks by OpenID Connect, if it is of that kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc: Option<OidcClient>,
    /// How it asks by SAML 2.0, if it is of that kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saml: Option<SamlService>,
    /// Certificates of the keys that we sign with for it (base64): the first one's signs, the others' wait to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saml_certificates: Vec<String>,
    /// What it may do by the Admin API, if it is of that kind.
    #[serde(default)]
    pub grants: BTreeSet<Grant>,
    pub created: Time,
}
