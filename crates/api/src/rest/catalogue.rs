//! Ready-made applications, and what is asked to make one.

use std::collections::BTreeMap;

use sallyport_model::ApplicationKind;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::CreateApplication;

/// How a ready-made application has people signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    Bookmark,
    Oidc,
    Saml,
    WsFederation,
}

impl Protocol {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bookmark => "bookmark",
            Self::Oidc => "oidc",
            Self::Saml => "saml",
            Self::WsFederation => "ws-federation",
        }
    }

    /// In words, for administrators.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Bookmark => "Bookmark",
            Self::Oidc => "OpenID Connect",
            Self::Saml => "SAML",
            Self::WsFederation => "WS-Federation",
        }
    }
}

/// What a ready-made application is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Category {
    Business,
    Communication,
    Development,
    Identity,
    Infrastructure,
    Knowledge,
    Monitoring,
    Productivity,
    Security,
    Storage,
}

impl Category {
    pub const ALL: [Self; 10] = [
        Self::Business,
        Self::Communication,
        Self::Development,
        Self::Identity,
        Self::Infrastructure,
        Self::Knowledge,
        Self::Monitoring,
        Self::Productivity,
        Self::Security,
        Self::Storage,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Communication => "communication",
            Self::Development => "development",
            Self::Identity => "identity",
            Self::Infrastructure => "infrastructure",
            Self::Knowledge => "knowledge",
            Self::Monitoring => "monitoring",
            Self::Productivity => "productivity",
            Self::Security => "security",
            Self::Storage => "storage",
        }
    }
}

/// How an answer is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    /// The name of a host.
    Host,
    /// SAML metadata of the application, or its address.
    Metadata,
    /// `https://host[:port]`, and nothing behind it.
    Origin,
    /// One part of a path or of a host name.
    Slug,
    /// One line.
    Text,
    /// An `https` address.
    Url,
}

/// What cannot be known about an application, and so is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub key: String,
    pub label: String,
    pub example: String,
    pub kind: AnswerKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// A ready-made application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CatalogueEntry {
    pub id: String,
    pub name: String,
    pub vendor: String,
    pub category: Category,
    pub homepage: String,
    pub protocol: Protocol,
    /// What signing in gives there.
    pub summary: String,
    /// Whether anybody has signed in with it.
    pub tried: bool,
    /// Whether it can be added: we speak its protocol.
    pub available: bool,
    pub asks: Vec<Question>,
}

/// An application to make of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateFromCatalogue {
    /// The entry's id.
    pub catalogue: String,
    /// The entry's name, if none is given.
    #[serde(default)]
    pub name: Option<String>,
    /// To each question that the entry asks, by its key.
    #[serde(default)]
    pub answers: BTreeMap<String, String>,
}

/// A bookmark to create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateBookmark {
    pub name: String,
    /// Where it leads: `https` or `http`.
    pub link: String,
}

/// An application behind a proxy to create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateBehindProxy {
    pub name: String,
    /// Where people reach it: `https://host[:port]`.
    pub origins: Vec<String>,
}

/// An application to create: one behind a proxy (`origins`), one of the catalogue (`catalogue`), a bookmark (`link`), or one of a kind (`type`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum NewApplication {
    BehindProxy(CreateBehindProxy),
    Bookmark(CreateBookmark),
    Catalogue(CreateFromCatalogue),
    Kind(CreateApplication),
}

/// All that may be given, before it is known which it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<ApplicationKind>,
    catalogue: Option<String>,
    #[serde(default)]
    answers: BTreeMap<String, String>,
    link: Option<String>,
    origins: Option<Vec<String>>,
}

/// By the field that only one of them has, so that a mistake in another is told as what it is.
impl<'de> Deserialize<'de> for NewApplication {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Given { name, kind, catalogue, answers, link, origins } = Given::deserialize(deserializer)?;
        let missing = D::Error::missing_field;
        if let Some(catalogue) = catalogue {
            if kind.is_some() || link.is_some() || origins.is_some() {
                return Err(D::Error::custom(
                    "`type`, `link` and `origins` are said by the entry of the catalogue",
                ));
            }
            return Ok(Self::Catalogue(CreateFromCatalogue { catalogue, name, answers }));
        }
        if !answers.is_empty() {
            return Err(missing("catalogue"));
        }
        let name = name.ok_or_else(|| missing("name"))?;
        match (origins, link, kind) {
            (Some(origins), None, None | Some(ApplicationKind::ForwardAuth)) => {
                Ok(Self::BehindProxy(CreateBehindProxy { name, origins }))
            }
            (Some(_), _, _) => Err(D::Error::custom("`origins` are for what is behind a proxy")),
            (None, None, Some(ApplicationKind::ForwardAuth)) => Err(missing("origins")),
            (None, Some(link), None | Some(ApplicationKind::Bookmark)) => {
                Ok(Self::Bookmark(CreateBookmark { name, link }))
            }
            (None, None, Some(ApplicationKind::Bookmark)) => Err(missing("link")),
            (None, Some(_), Some(_)) => Err(D::Error::custom("`link` is for bookmarks")),
            (None, None, kind) => {
                let kind = kind.ok_or_else(|| missing("type"))?;
                Ok(Self::Kind(CreateApplication { name, kind }))
            }
        }
    }
}

/// What is to be done at an application, with our values filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Instructions {
    /// Of which entry of the catalogue.
    pub entry: String,
    /// Whether anybody has signed in with it.
    pub tried: bool,
    pub steps: Vec<InstructionStep>,
    /// What goes wrong there, and its cure.
    pub notes: Vec<String>,
    /// On which pages of the vendor this rests.
    pub sources: Vec<String>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InstructionStep {
    pub text: String,
    /// Fields, and what to fill in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub table: Vec<(String, String)>,
    /// What goes into a file or a shell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}
