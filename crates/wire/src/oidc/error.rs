//! What goes wrong, by the names that the standards have for it.

use serde::Serialize;

/// A standard name of an error, and the one status that goes with it at our endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// RFC 6749, section 4.1.2.1.
    AccessDenied,
    /// RFC 8628, section 3.5.
    AuthorizationPending,
    /// OpenID Connect Core, section 3.1.2.6.
    ConsentRequired,
    /// RFC 8628, section 3.5.
    ExpiredToken,
    /// RFC 6750, section 3.1.
    InsufficientScope,
    InteractionRequired,
    InvalidClient,
    /// RFC 9449, section 5.
    InvalidDpopProof,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    /// RFC 8707, section 2.
    InvalidTarget,
    /// RFC 6750, section 3.1.
    InvalidToken,
    LoginRequired,
    RegistrationNotSupported,
    RequestNotSupported,
    RequestUriNotSupported,
    ServerError,
    /// RFC 8628, section 3.5.
    SlowDown,
    TemporarilyUnavailable,
    UnauthorizedClient,
    /// OpenID Connect Unmet Authentication Requirements.
    UnmetAuthenticationRequirements,
    UnsupportedGrantType,
    UnsupportedResponseType,
    UnsupportedTokenType,
}

impl ErrorCode {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::AuthorizationPending => "authorization_pending",
            Self::ConsentRequired => "consent_required",
            Self::ExpiredToken => "expired_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::InteractionRequired => "interaction_required",
            Self::InvalidClient => "invalid_client",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidToken => "invalid_token",
            Self::LoginRequired => "login_required",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::ServerError => "server_error",
            Self::SlowDown => "slow_down",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::UnsupportedTokenType => "unsupported_token_type",
        }
    }
}

/// An error as it is told (RFC 6749, section 5.2). What it says is for the developer of the relying party; a person never
/// reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{}: {error_description}", error.as_str())]
pub struct OAuthError {
    pub error: ErrorCode,
    pub error_description: String,
}

impl OAuthError {
    #[must_use]
    pub fn new(error: ErrorCode, description: impl Into<String>) -> Self {
        // RFC 6749 takes no quotes and no backslashes in a description, and no text beyond ASCII.
        let plain = |c: char| c == ' ' || (c.is_ascii_graphic() && c != '"' && c != '\\');
        let description: String = description.into();
        let error_description = description.chars().map(|c| if plain(c) { c } else { '\'' }).collect();
        Self { error, error_description }
    }
}

impl From<crate::params::ParamError> for OAuthError {
    fn from(error: crate::params::ParamError) -> Self {
        Self::new(ErrorCode::InvalidRequest, error.to_string())
    }
}
