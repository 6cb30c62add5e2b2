//! Users.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    super::{
        call::Call,
        params::{ParamError, Params},
        urlencoded,
    },
    MAX_ID, MAX_TEXT,
    group::GroupObject,
    phone::PhoneObject,
    token::TokenObject,
    webauthn::WebAuthnObject,
};

const MAX_NAME: usize = 256;
/// Most users named, or made, by one call.
const MOST_AT_ONCE: usize = 100;
/// Places of aliases.
const PLACES: std::ops::RangeInclusive<u8> = 1..=8;
/// What the names of an organisation's own attributes stand behind.
const CUSTOM: &str = "custom_attributes.";
const ALIASES: [&str; 4] = ["alias1", "alias2", "alias3", "alias4"];

/// The status a caller may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserStatus {
    Active,
    Bypass,
    Disabled,
}

impl UserStatus {
    pub(super) fn read(params: &Params) -> Result<Option<Self>, ParamError> {
        let Some(word) = params.line("status", 20)? else { return Ok(None) };
        match word.to_ascii_lowercase().as_str() {
            "active" => Ok(Some(Self::Active)),
            "bypass" => Ok(Some(Self::Bypass)),
            "disabled" => Ok(Some(Self::Disabled)),
            _ => Err(ParamError::Invalid("status")),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Bypass => "bypass",
            Self::Disabled => "disabled",
        }
    }
}

/// What a caller says about aliases. An empty one among all frees its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Places {
    /// These are all of them.
    All(BTreeMap<u8, String>),
    /// These places become this, or free; the others stay.
    Some(BTreeMap<u8, Option<String>>),
}

/// What is said about a user who is to be made or changed; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFields {
    pub username: Option<String>,
    /// Empty takes it away.
    pub realname: Option<String>,
    /// Empty takes it away.
    pub firstname: Option<String>,
    /// Empty takes it away.
    pub lastname: Option<String>,
    /// Empty takes them away.
    pub notes: Option<String>,
    /// Those that are given; an empty one is taken away.
    pub custom_attributes: BTreeMap<String, String>,
    /// Empty takes it away.
    pub email: Option<String>,
    pub status: Option<UserStatus>,
    pub aliases: Places,
}

impl UserFields {
    /// Nobody is kept from being asked by themselves here, so whoever wants that is told.
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        if params.bool("enable_auto_prompt")? == Some(false) {
            return Err(ParamError::Invalid("enable_auto_prompt"));
        }
        Ok(Self {
            username: params.line("username", MAX_NAME)?,
            realname: blank_line(params, "realname")?,
            firstname: blank_line(params, "firstname")?,
            lastname: blank_line(params, "lastname")?,
            notes: params.string("notes")?,
            custom_attributes: custom_attributes(params)?,
            email: blank_line(params, "email")?,
            status: UserStatus::read(params)?,
            aliases: aliases(params)?,
        })
    }
}

impl Default for Places {
    fn default() -> Self {
        Self::Some(BTreeMap::new())
    }
}

impl UserFields {
    /// Says these fields in a call.
    #[must_use]
    pub fn write(&self, call: Call) -> Call {
        let Self { username, realname, firstname, lastname, email, status, aliases, .. } = self;
        let call = call
            .with_some("username", username.as_ref())
            .with_some("realname", realname.as_ref())
            .with_some("firstname", firstname.as_ref())
            .with_some("lastname", lastname.as_ref())
            .with_some("notes", self.notes.as_ref())
            .with_some("email", email.as_ref())
            .with_some("status", status.map(UserStatus::word));
        let call = self
            .custom_attributes
            .iter()
            .fold(call, |call, (name, value)| call.with(&format!("{CUSTOM}{name}"), value));
        match aliases {
            Places::All(all) => {
                let pairs =
                    all.iter().map(|(n, alias)| format!("alias{n}={}", urlencoded::encode(alias.as_bytes())));
                call.with("aliases", pairs.collect::<Vec<_>>().join("&"))
            }
            Places::Some(some) => some.iter().fold(call, |call, (n, alias)| {
                call.with(&format!("alias{n}"), alias.as_deref().unwrap_or_default())
            }),
        }
    }
}

/// A line that may be empty, which says something else than its absence.
pub(super) fn blank_line(params: &Params, name: &'static str) -> Result<Option<String>, ParamError> {
    match params.line(name, MAX_TEXT)? {
        Some(line) => Ok(Some(line)),
        None => params.string(name),
    }
}

/// Attributes of the organisation's own, each a parameter.
fn custom_attributes(params: &Params) -> Result<BTreeMap<String, String>, ParamError> {
    let mut found = BTreeMap::new();
    let given = params.all().filter_map(|(name, value)| Some((name.strip_prefix(CUSTOM)?, value)));
    for (name, value) in given {
        let text = match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) => return Err(ParamError::Invalid("custom_attributes")),
        };
        if found.insert(name.to_owned(), text).is_some() {
            return Err(ParamError::Repeated("custom_attributes"));
        }
    }
    Ok(found)
}

/// `aliases=alias1=a&alias2=b`, or one parameter for each of the first four; not both.
fn aliases(params: &Params) -> Result<Places, ParamError> {
    let mut some = BTreeMap::new();
    for (place, name) in (1..).zip(ALIASES) {
        if let Some(alias) = blank_line(params, name)? {
            some.insert(place, Some(alias).filter(|alias| !alias.is_empty()));
        }
    }
    let Some(text) = params.string("aliases")? else { return Ok(Places::Some(some)) };
    let invalid = ParamError::Invalid("aliases");
    if !some.is_empty() || text.len() > MAX_TEXT * 4 {
        return Err(invalid);
    }
    let pairs = urlencoded::decode_pairs(text.as_bytes(), usize::from(*PLACES.end()));
    let pairs = Params::from_pairs(pairs.ok_or_else(|| invalid.clone())?)?;
    let mut all = BTreeMap::new();
    for name in pairs.names() {
        let place = name.strip_prefix("alias").and_then(|n| n.parse().ok()).filter(|n| PLACES.contains(n));
        let place: u8 = place.ok_or_else(|| invalid.clone())?;
        let alias = pairs.entry(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let twice = all.insert(place, alias).is_some();
        if twice {
            return Err(invalid);
        }
    }
    all.retain(|_, alias| !alias.is_empty());
    Ok(Places::All(all))
}

/// Which users are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserFilter {
    All,
    Email(String),
    Ids(Vec<String>),
    /// Names or aliases.
    Names(Vec<String>),
}

impl UserFilter {
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        if let Some(name) = params.line("username", MAX_NAME)? {
            return Ok(Self::Names(vec![name]));
        }
        if let Some(email) = params.line("email", MAX_TEXT)? {
            return Ok(Self::Email(email));
        }
        let list = |name| match params.list(name)? {
            Some(list) if list.len() > MOST_AT_ONCE => Err(ParamError::Invalid(name)),
            list => Ok(list),
        };
        Ok(match (list("user_id_list")?, list("username_list")?) {
            (Some(ids), _) => Self::Ids(ids),
            (None, Some(names)) => Self::Names(names),
            (None, None) => Self::All,
        })
    }
}

/// The users to make at once: a JSON array of objects, often in a text.
pub fn bulk_create(params: &Params) -> Result<Vec<UserFields>, ParamError> {
    params.objects::<Params>("users", MOST_AT_ONCE)?.iter().map(UserFields::read).collect()
}

/// The users a call of many is about.
pub fn bulk_ids(params: &Params) -> Result<Vec<String>, ParamError> {
    let ids = params.list("user_id_list")?.ok_or(ParamError::Missing("user_id_list"))?;
    let fits = !ids.is_empty() && ids.len() <= MOST_AT_ONCE;
    if fits { Ok(ids) } else { Err(ParamError::Invalid("user_id_list")) }
}

/// Somebody to be sent a link by which they enrol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrollUser {
    pub username: String,
    pub email: String,
    /// `None` without an end.
    pub valid_secs: Option<i64>,
}

impl EnrollUser {
    const USUAL: i64 = 30 * 24 * 3600;

    pub fn read(params: &Params) -> Result<Self, ParamError> {
        let valid_secs = params.int("valid_secs")?.unwrap_or(Self::USUAL);
        if valid_secs < 0 {
            return Err(ParamError::Invalid("valid_secs"));
        }
        Ok(Self {
            username: params.required_line("username", MAX_NAME)?,
            email: params.required_line("email", MAX_TEXT)?,
            valid_secs: Some(valid_secs).filter(|secs| *secs > 0),
        })
    }
}

/// The id of a thing that a call joins to another.
pub fn reference(params: &Params, name: &'static str) -> Result<String, ParamError> {
    params.required_line(name, MAX_ID)
}

/// A user as it is told. What we do not keep is there and empty, because clients read it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UserObject {
    pub user_id: String,
    pub username: String,
    pub alias1: Option<String>,
    pub alias2: Option<String>,
    pub alias3: Option<String>,
    pub alias4: Option<String>,
    pub aliases: BTreeMap<String, String>,
    pub realname: String,
    pub firstname: String,
    pub lastname: String,
    pub email: String,
    pub notes: String,
    pub status: &'static str,
    pub lockout_reason: Option<&'static str>,
    pub is_enrolled: bool,
    pub enable_auto_prompt: bool,
    pub external_id: Option<String>,
    pub created: i64,
    pub last_login: Option<i64>,
    pub last_directory_sync: Option<i64>,
    pub groups: Vec<GroupObject>,
    pub phones: Vec<PhoneObject>,
    pub tokens: Vec<TokenObject>,
    pub u2ftokens: Vec<Value>,
    pub webauthncredentials: Vec<WebAuthnObject>,
    pub desktoptokens: Vec<Value>,
    pub desktop_authenticators: Vec<Value>,
    pub custom_attributes: Map<String, Value>,
}

impl UserObject {
    /// Puts the aliases into both forms they are told in.
    #[must_use]
    pub fn with_aliases(mut self, aliases: BTreeMap<u8, String>) -> Self {
        let at = |place: u8| aliases.get(&place).cloned();
        (self.alias1, self.alias2, self.alias3, self.alias4) = (at(1), at(2), at(3), at(4));
        self.aliases = aliases.into_iter().map(|(place, alias)| (format!("alias{place}"), alias)).collect();
        self
    }
}
