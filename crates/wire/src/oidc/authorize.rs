//! The authorization request (RFC 6749, section 4.1.1; OpenID Connect Core, section 3.1.2), and what a browser carries back.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    claims_request::ClaimsRequest,
    error::{ErrorCode, OAuthError},
    pkce::Challenge,
    scope::Scope,
    with_query,
};
use crate::params::{ParamError, Params};

/// Prefix of the addresses by which pushed requests are named (RFC 9126, section 2.2).
const PUSHED: &str = "urn:ietf:params:oauth:request_uri:";

const MAX_CLIENT: usize = 64;
const MAX_URI: usize = 1024;
const MAX_STATE: usize = 2048;
const MAX_NONCE: usize = 512;
const MAX_HINT: usize = 256;
const MAX_SCOPE: usize = 2048;
const MAX_TOKEN: usize = 16 * 1024;
/// Longest age that is asked about, in seconds: a hundred years.
const MAX_AGE: i64 = 3_153_600_000;

/// A request as it came, of which only those parts are read that say whom an error may be told to.
#[derive(Debug, Clone)]
pub struct Sent {
    params: Params,
    pub client_id: String,
    pub redirect_uri: Option<String>,
    pub source: RequestSource,
}

/// The address by which a pushed request is named.
#[must_use]
pub fn pushed_uri(name: &str) -> String {
    format!("{PUSHED}{name}")
}

/// Where the rest of a request stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestSource {
    /// In the parameters.
    Here,
    /// It was pushed before, and this is what names it.
    Pushed(String),
}

impl Sent {
    /// # Errors
    /// Something is said twice, or nobody says which client it is. There is nowhere to send such a browser to.
    pub fn read(params: Params) -> Result<Self, OAuthError> {
        params.says_nothing_twice()?;
        let client_id = params.required_line("client_id", MAX_CLIENT)?;
        let redirect_uri = params.line("redirect_uri", MAX_URI)?;
        let source = match params.line("request_uri", MAX_URI)? {
            None => RequestSource::Here,
            Some(uri) => match uri.strip_prefix(PUSHED) {
                Some(name) => RequestSource::Pushed(name.to_owned()),
                None => {
                    let text = "request_uri is taken from the pushed authorization request endpoint alone";
                    return Err(OAuthError::new(ErrorCode::RequestUriNotSupported, text));
                }
            },
        };
        Ok(Self { params, client_id, redirect_uri, source })
    }

    /// The same as it is pushed by a client that has proved who it is, and need not say so once more.
    ///
    /// # Errors
    /// Something is said twice, it is about another client, or it names a pushed request itself.
    pub fn pushed(params: Params, client_id: &str) -> Result<Self, OAuthError> {
        let refused = |text: &str| OAuthError::new(ErrorCode::InvalidRequest, text);
        params.says_nothing_twice()?;
        if params.line("client_id", MAX_CLIENT)?.is_some_and(|named| named != client_id) {
            return Err(refused("client_id is another one than that of the client that asks"));
        }
        if params.names().any(|name| name == "request_uri") {
            return Err(refused("request_uri has no place in what is pushed"));
        }
        let redirect_uri = params.line("redirect_uri", MAX_URI)?;
        Ok(Self { params, client_id: client_id.to_owned(), redirect_uri, source: RequestSource::Here })
    }

    /// What goes back with every answer.
    ///
    /// # Errors
    /// Longer than anybody needs.
    pub fn state(&self) -> Result<Option<String>, ParamError> {
        self.params.line("state", MAX_STATE)
    }

    /// How the answer goes back.
    ///
    /// # Errors
    /// In another way than those that are known.
    pub fn response_mode(&self) -> Result<ResponseMode, OAuthError> {
        match self.params.line("response_mode", 32)?.as_deref() {
            None | Some("query") => Ok(ResponseMode::Query),
            Some("form_post") => Ok(ResponseMode::FormPost),
            Some(_) => Err(OAuthError::new(ErrorCode::InvalidRequest, "response_mode is query or form_post")),
        }
    }

    /// All of it.
    ///
    /// # Errors
    /// In the words of the protocol, for whoever the browser is sent back to.
    pub fn request(&self, redirect_uri: String) -> Result<AuthorizeRequest, OAuthError> {
        let params = &self.params;
        let refused = |text: &str| OAuthError::new(ErrorCode::InvalidRequest, text);
        if params.names().any(|name| name == "request") {
            let text = "request objects by value are not taken; push the request";
            return Err(OAuthError::new(ErrorCode::RequestNotSupported, text));
        }
        if params.names().any(|name| name == "registration") {
            return Err(OAuthError::new(
                ErrorCode::RegistrationNotSupported,
                "an administrator registers clients",
            ));
        }
        let response_type = params.required_line("response_type", 64)?;
        if response_type != "code" {
            return Err(OAuthError::new(ErrorCode::UnsupportedResponseType, "response_type is code"));
        }
        let method = params.line("code_challenge_method", 16)?;
        let challenge = params.line("code_challenge", 128)?;
        let challenge = match (challenge, method.as_deref()) {
            (Some(challenge), Some("S256")) => Some(
                Challenge::read(&challenge)
                    .ok_or_else(|| refused("code_challenge is no SHA-256 in base64url"))?,
            ),
            (None, None) => None,
            (Some(_), _) => return Err(refused("code_challenge_method must be S256")),
            (None, Some(_)) => return Err(refused("code_challenge is missing")),
        };
        let max_age = match params.int("max_age")? {
            Some(seconds) if !(0..=MAX_AGE).contains(&seconds) => return Err(refused("max_age is no age")),
            seconds => seconds,
        };
        Ok(AuthorizeRequest {
            redirect_uri,
            response_mode: self.response_mode()?,
            scope: Scope::read(&params.line("scope", MAX_SCOPE)?.unwrap_or_default())?,
            state: self.state()?,
            nonce: params.line("nonce", MAX_NONCE)?,
            challenge,
            prompt: prompts(&params.line("prompt", 64)?.unwrap_or_default())?,
            max_age,
            acr_values: words(&params.line("acr_values", MAX_SCOPE)?.unwrap_or_default()),
            login_hint: params.line("login_hint", MAX_HINT)?,
            id_token_hint: params.line("id_token_hint", MAX_TOKEN)?,
            claims: match params.text("claims", MAX_TOKEN)? {
                Some(text) => ClaimsRequest::read(&text)?,
                None => ClaimsRequest::default(),
            },
            resource: params.line("resource", MAX_URI)?,
            dpop_jkt: params.line("dpop_jkt", 64)?,
        })
    }
}

/// What a person is to be asked, whatever they have passed already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    Consent,
    Login,
    /// Nothing at all.
    None,
    SelectAccount,
}

fn prompts(text: &str) -> Result<BTreeSet<Prompt>, OAuthError> {
    let mut asked = BTreeSet::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        asked.insert(match word {
            "consent" => Prompt::Consent,
            "login" => Prompt::Login,
            "none" => Prompt::None,
            "select_account" => Prompt::SelectAccount,
            _ => {
                return Err(OAuthError::new(
                    ErrorCode::InvalidRequest,
                    "prompt has a word that is not known",
                ));
            }
        });
    }
    if asked.contains(&Prompt::None) && asked.len() > 1 {
        return Err(OAuthError::new(ErrorCode::InvalidRequest, "prompt is none and something else"));
    }
    Ok(asked)
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').filter(|word| !word.is_empty()).take(16).map(str::to_owned).collect()
}

/// How an answer goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
    #[default]
    Query,
}

/// A request, whole. It is kept as it came first, and nothing of it can be said again later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizeRequest {
    pub redirect_uri: String,
    pub response_mode: ResponseMode,
    pub scope: Scope,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub challenge: Option<Challenge>,
    pub prompt: BTreeSet<Prompt>,
    /// How long ago the person may have signed in, in seconds.
    pub max_age: Option<i64>,
    /// The best first.
    pub acr_values: Vec<String>,
    pub login_hint: Option<String>,
    pub id_token_hint: Option<String>,
    pub claims: ClaimsRequest,
    /// For whom the access token is meant to be (RFC 8707).
    pub resource: Option<String>,
    /// The key that the code is bound to (RFC 9449, section 10).
    pub dpop_jkt: Option<String>,
}

/// What a browser carries back to a relying party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub redirect_uri: String,
    pub mode: ResponseMode,
    pub fields: Vec<(&'static str, String)>,
}

impl Answered {
    /// A code.
    #[must_use]
    pub fn code(
        redirect_uri: &str,
        mode: ResponseMode,
        state: Option<&str>,
        issuer: &str,
        code: &str,
    ) -> Self {
        let said = vec![("code", code.to_owned())];
        Self::new(redirect_uri, mode, state, issuer, said)
    }

    /// A word for why there is none.
    #[must_use]
    pub fn error(
        redirect_uri: &str,
        mode: ResponseMode,
        state: Option<&str>,
        issuer: &str,
        error: &OAuthError,
    ) -> Self {
        let said = vec![
            ("error", error.error.as_str().to_owned()),
            ("error_description", error.error_description.clone()),
        ];
        Self::new(redirect_uri, mode, state, issuer, said)
    }

    /// `iss` goes with every answer (RFC 9207).
    fn new(
        redirect_uri: &str,
        mode: ResponseMode,
        state: Option<&str>,
        issuer: &str,
        said: Vec<(&'static str, String)>,
    ) -> Self {
        let mut fields = said;
        fields.extend(state.map(|state| ("state", state.to_owned())));
        fields.push(("iss", issuer.to_owned()));
        Self { redirect_uri: redirect_uri.to_owned(), mode, fields }
    }

    /// The address with all of it, where it goes in the query.
    #[must_use]
    pub fn url(&self) -> String {
        let pairs: Vec<(&str, &str)> =
            self.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        with_query(&self.redirect_uri, &pairs)
    }
}
