//! Applications, which this protocol calls integrations.

use serde::Serialize;
use serde_json::Value;

use super::{
    super::{
        envelope::{ApiError, Code},
        params::{ParamError, Params},
    },
    MAX_ID, MAX_TEXT,
};

/// An application as it is told, without its secret key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntegrationObject {
    pub integration_key: String,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub notes: String,
    pub enroll_policy: &'static str,
    pub greeting: String,
    pub groups_allowed: Vec<String>,
    /// `ALL_USERS` or, of a disabled one, `NO_USERS`.
    pub user_access: &'static str,
    pub networks_for_api_access: String,
    pub policy_key: Option<String>,
    /// Not of the protocol: where browsers may be sent back to.
    pub redirect_uris: Vec<String>,
    pub self_service_allowed: bool,
    pub username_normalization_policy: &'static str,
    pub adminapi_admins: u8,
    pub adminapi_admins_read: u8,
    pub adminapi_allow_to_set_permissions: u8,
    pub adminapi_info: u8,
    pub adminapi_integrations: u8,
    pub adminapi_read_log: u8,
    pub adminapi_read_resource: u8,
    pub adminapi_settings: u8,
    pub adminapi_write_resource: u8,
}

/// An application whose secret key is new, which is the only time that it is told. Hence no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct KeyedIntegrationObject {
    #[serde(flatten)]
    pub integration: IntegrationObject,
    pub secret_key: String,
}

/// What is said about an application; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntegrationFields {
    pub name: Option<String>,
    /// What it is, in a word that means nothing to us and is told back: all are asked by host, integration key and secret
    /// key.
    pub kind: Option<String>,
    /// Whether it lets anybody in.
    pub enabled: Option<bool>,
    /// The policy applied there, or that there is none of its own.
    pub policy_key: Option<Option<String>>,
    pub redirect_uris: Option<Vec<String>>,
    /// Whether a name with a domain is the name without.
    pub simple_names: Option<bool>,
    /// Whether it is to have another secret key.
    pub resets_key: bool,
}

impl IntegrationFields {
    /// What decides about security and has no equal here is refused by name; what is about looks is nothing to us.
    ///
    /// # Errors
    /// What cannot hold here.
    pub fn read(params: &Params) -> Result<Self, ApiError> {
        refuse_grants(params)?;
        refuse_without_equal(params)?;
        Ok(Self {
            name: params.line("name", MAX_TEXT)?,
            kind: params.line("type", MAX_ID)?.map(kind_of).transpose()?,
            enabled: enabled(params)?,
            policy_key: given(params, "policy_key", MAX_ID)?,
            redirect_uris: params.list("redirect_uris")?,
            simple_names: match params.line("username_normalization_policy", MAX_ID)?.as_deref() {
                None => None,
                Some("none") => Some(false),
                Some("simple") => Some(true),
                Some(_) => return Err(invalid("username_normalization_policy", "is `none` or `simple`")),
            },
            // Any value at all, as the protocol has it.
            resets_key: params.json("reset_secret_key")?.is_some(),
        })
    }
}

/// The vendor has a hundred of them and more every year, so any is taken but those of programs that administer.
fn kind_of(kind: String) -> Result<String, ApiError> {
    if kind == "adminapi" || kind == "accountsapi" {
        let text = "type: applications of the Admin API are made by owners, and by no program";
        return Err(ApiError::new(Code::Forbidden).with_detail(text));
    }
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !kind.is_empty() && kind.bytes().all(is_word) && !kind.starts_with('-') && !kind.ends_with('-') {
        Ok(kind)
    } else {
        Err(invalid("type", "is a word of small letters, digits and hyphens, such as `unix` or `websdk`"))
    }
}

/// Permissions of programs are given by people, whoever asks for them.
fn refuse_grants(params: &Params) -> Result<(), ApiError> {
    let is_off = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => matches!(text.as_str(), "" | "0" | "false" | "False"),
        Value::Bool(true) | Value::Array(_) | Value::Object(_) => false,
    };
    let mut grants = params.all().filter(|(name, _)| name.starts_with("adminapi_"));
    if grants.all(|(_, value)| is_off(value)) {
        return Ok(());
    }
    let text = "adminapi_*: what a program may do is granted by owners, and by no program";
    Err(ApiError::new(Code::Forbidden).with_detail(text))
}

fn refuse_without_equal(params: &Params) -> Result<(), ApiError> {
    let word = |name, only: &str, why| match params.line(name, MAX_ID)? {
        Some(word) if word != only => Err(invalid(name, why)),
        Some(_) | None => Ok(()),
    };
    let nobody = |name, why| match params.list(name)? {
        Some(list) if !list.is_empty() => Err(invalid(name, why)),
        Some(_) | None => Ok(()),
    };
    let off = |name, why| if params.is_set(name)? { Err(invalid(name, why)) } else { Ok(()) };
    word("enroll_policy", "enroll", "is said by the section `new_user` of a policy")?;
    nobody("groups_allowed", "who is let in is said by a policy applied to groups")?;
    nobody("networks_for_api_access", "addresses are said by the section `authorized_networks` of a policy")?;
    nobody("ip_whitelist", "addresses are said by the section `authorized_networks` of a policy")?;
    off("self_service_allowed", "people look after their factors in their portal alone")?;
    off("web_referers_enabled", "there is no prompt in a frame here")?;
    if params.int("trusted_device_days")?.unwrap_or(0) != 0 {
        return Err(invalid(
            "trusted_device_days",
            "is said by the section `remembered_devices` of a policy",
        ));
    }
    for (name, why) in [
        ("ip_whitelist_enroll_policy", "is said by the section `new_user` of a policy"),
        ("sso", "is not configured by programs"),
    ] {
        if params.json(name)?.is_some_and(|value| value.as_str() != Some("")) {
            return Err(invalid(name, why));
        }
    }
    Ok(())
}

fn enabled(params: &Params) -> Result<Option<bool>, ApiError> {
    Ok(match params.line("user_access", MAX_ID)?.as_deref() {
        None => None,
        Some("ALL_USERS") => Some(true),
        Some("NO_USERS") => Some(false),
        Some(_) => {
            return Err(invalid("user_access", "is ALL_USERS or NO_USERS; which groups is said by a policy"));
        }
    })
}

/// A text that may be given empty, which takes away what was there.
fn given(params: &Params, name: &'static str, max: usize) -> Result<Option<Option<String>>, ParamError> {
    if params.string(name)?.is_none() {
        return Ok(None);
    }
    params.line(name, max).map(Some)
}

fn invalid(name: &'static str, why: &str) -> ApiError {
    ApiError::new(Code::InvalidParameters).with_detail(format!("{name}: {why}"))
}
