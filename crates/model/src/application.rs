//! Things people sign in to, and programs that ask us by a key of their own.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use crate::{
    access::Action,
    as_text::as_text,
    host_name::HostName,
    id::{ApplicationId, GroupId, UserId},
    link::Link,
    oidc::{ClientAuthentication, OidcClient},
    policy::Applied,
    redirect_uri::{RedirectUri, RedirectUriError},
    saml::SamlService,
    time::Time,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ApplicationKind {
    /// An address that people are led to. It asks us nothing.
    Bookmark,
    /// Looks after the directory by Duo's Admin API; nobody signs in to it.
    DuoAdminApi,
    /// Asks us for the second door by Duo's Auth API, or sends browsers here as Duo's Web SDK does.
    DuoAuthApi,
    /// Speaks no protocol: a proxy in front of it asks us about every request.
    ForwardAuth,
    /// Has people signed in by OpenID Connect or OAuth 2.
    Oidc,
    /// Has people signed in by SAML 2.0.
    Saml,
    /// Has people signed in by WS-Federation, with a token of SAML.
    WsFederation,
}

impl ApplicationKind {
    pub const ALL: [Self; 7] = [
        Self::Bookmark,
        Self::DuoAdminApi,
        Self::DuoAuthApi,
        Self::ForwardAuth,
        Self::Oidc,
        Self::Saml,
        Self::WsFederation,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bookmark => "bookmark",
            Self::DuoAdminApi => "duo-admin-api",
            Self::DuoAuthApi => "duo-auth-api",
            Self::ForwardAuth => "forward-auth",
            Self::Oidc => "oidc",
            Self::Saml => "saml",
            Self::WsFederation => "ws-federation",
        }
    }

    /// Whether people sign in to it, so that policies hold there.
    #[must_use]
    pub const fn is_signed_in_to(self) -> bool {
        match self {
            Self::Bookmark | Self::DuoAdminApi => false,
            Self::DuoAuthApi | Self::ForwardAuth | Self::Oidc | Self::Saml | Self::WsFederation => true,
        }
    }

    /// Whether it takes our word for who somebody is: they sign in to it on pages of ours.
    #[must_use]
    pub const fn takes_our_word(self) -> bool {
        match self {
            Self::Bookmark | Self::DuoAdminApi | Self::DuoAuthApi => false,
            Self::ForwardAuth | Self::Oidc | Self::Saml | Self::WsFederation => true,
        }
    }

    /// Whether what it is told is an assertion of SAML, signed with keys that it has of us for itself.
    #[must_use]
    pub const fn takes_assertions(self) -> bool {
        match self {
            Self::Saml | Self::WsFederation => true,
            Self::Bookmark | Self::DuoAdminApi | Self::DuoAuthApi | Self::ForwardAuth | Self::Oidc => false,
        }
    }

    /// Whether it is for people, so that somebody says for whom.
    #[must_use]
    pub const fn is_for_people(self) -> bool {
        match self {
            Self::DuoAdminApi => false,
            Self::Bookmark
            | Self::DuoAuthApi
            | Self::ForwardAuth
            | Self::Oidc
            | Self::Saml
            | Self::WsFederation => true,
        }
    }

    /// Whether it proves itself to us by a key that we make.
    #[must_use]
    pub const fn has_key(self) -> bool {
        match self {
            Self::Bookmark | Self::ForwardAuth | Self::Saml | Self::WsFederation => false,
            Self::DuoAdminApi | Self::DuoAuthApi | Self::Oidc => true,
        }
    }

    /// In words, for administrators.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Bookmark => "Bookmark",
            Self::DuoAdminApi => "Duo Admin API",
            Self::DuoAuthApi => "Duo Auth API",
            Self::ForwardAuth => "Behind a proxy",
            Self::Oidc => "OpenID Connect",
            Self::Saml => "SAML",
            Self::WsFederation => "WS-Federation",
        }
    }
}

/// Why something is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    #[error("{0}")]
    Address(#[from] RedirectUriError),
    #[error("has something behind its host; it looks like `https://wiki.example.com`")]
    Path,
}

/// Scheme, host and port by which browsers reach an application, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(given: &str) -> Result<Self, OriginError> {
        let address: RedirectUri = given.parse()?;
        let (_, authority) = address.as_str().split_once("://").unwrap_or_default();
        if authority.contains(['/', '?']) {
            return Err(OriginError::Path);
        }
        let lower = given.to_ascii_lowercase();
        // What browsers leave out is never sent.
        let usual = lower.strip_suffix(":443").filter(|_| lower.starts_with("https:"));
        Ok(Self(usual.unwrap_or(&lower).to_owned()))
    }
}

as_text!(Origin: OriginError);

/// What a picture's first bytes say it is. Only what has no program in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PictureKind {
    Png,
    Webp,
}

impl PictureKind {
    /// The kind of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
        let is_webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
        if bytes.starts_with(PNG) { Some(Self::Png) } else { is_webp.then_some(Self::Webp) }
    }

    /// What it is to browsers.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }
}

/// A logo of an administrator's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Logo {
    pub kind: PictureKind,
    /// Changes with the picture.
    pub digest: String,
}

/// Which entry of the catalogue an application was made of, and what was answered to its questions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MadeFrom {
    pub entry: String,
    #[serde(default)]
    pub answers: BTreeMap<String, String>,
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
    /// What of the catalogue it was made of, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_from: Option<MadeFrom>,
    /// The logo that an administrator gave it, which rests beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<Logo>,
    /// Where a bookmark leads, and the tile of what asks by SAML or WS-Federation, where that begins at the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// Where people reach it, if a proxy asks us about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<Origin>,
    /// How it asks by SAML 2.0, or by WS-Federation, if it is of such a kind.
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

impl Application {
    /// Where its tile leads, if it can have one.
    #[must_use]
    pub fn leads_to(&self) -> Option<String> {
        match self.kind {
            ApplicationKind::Bookmark => self.link.as_ref().map(Link::to_string),
            ApplicationKind::Oidc => {
                self.oidc.as_ref()?.initiate_login_uri.as_ref().map(RedirectUri::to_string)
            }
            ApplicationKind::ForwardAuth => self.origins.first().map(Origin::to_string),
            // Where the application begins by itself; or here, where it takes that.
            ApplicationKind::Saml | ApplicationKind::WsFederation => match &self.link {
                Some(link) => Some(link.to_string()),
                None => self.saml.as_ref()?.begins_here.then(|| format!("/saml/{}/start", self.id)),
            },
            ApplicationKind::DuoAdminApi | ApplicationKind::DuoAuthApi => None,
        }
    }

    /// Whether it proves itself by a secret that we made.
    #[must_use]
    pub fn has_secret(&self) -> bool {
        let own = self.oidc.as_ref().map(|oidc| oidc.authentication);
        self.kind.has_key() && own.is_none_or(|own| own == ClientAuthentication::Secret)
    }
}
