//! What relying parties find out by themselves (OpenID Connect Discovery 1.0, RFC 8414).

use sallyport_crypto::jws::JwsAlgorithm;
use serde_json::{Value, json};

use super::path;

/// What differs from one organisation to another.
#[derive(Debug, Clone, Copy)]
pub struct Metadata<'a> {
    /// Our address, without a slash at its end.
    pub issuer: &'a str,
    pub acr_values: &'a [&'a str],
    pub claims: &'a [&'a str],
    pub languages: &'a [&'a str],
}

impl Metadata<'_> {
    #[must_use]
    pub fn document(&self) -> Value {
        let issuer = self.issuer;
        let at = |path: &str| format!("{issuer}{path}");
        let ours = [JwsAlgorithm::Es256, JwsAlgorithm::EdDsa, JwsAlgorithm::Rs256].map(JwsAlgorithm::as_str);
        let theirs = JwsAlgorithm::ALL.map(JwsAlgorithm::as_str);
        let methods = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
        let proofs = methods.get(..3).unwrap_or_default();
        json!({
            "issuer": issuer,
            "authorization_endpoint": at(path::AUTHORIZE),
            "token_endpoint": at(path::TOKEN),
            "userinfo_endpoint": at(path::USERINFO),
            "jwks_uri": at(path::JWKS),
            "end_session_endpoint": at(path::LOGOUT),
            "introspection_endpoint": at(path::INTROSPECT),
            "revocation_endpoint": at(path::REVOKE),
            "pushed_authorization_request_endpoint": at(path::PAR),
            "device_authorization_endpoint": at(path::DEVICE_AUTHORIZATION),
            "scopes_supported": ["openid", "profile", "email", "phone", "groups", "offline_access"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "form_post"],
            "grant_types_supported": [
                "authorization_code",
                "refresh_token",
                "client_credentials",
                "urn:ietf:params:oauth:grant-type:device_code",
                "urn:ietf:params:oauth:grant-type:token-exchange"
            ],
            "subject_types_supported": ["public", "pairwise"],
            "id_token_signing_alg_values_supported": ours,
            "acr_values_supported": self.acr_values,
            "claims_supported": self.claims,
            "claims_parameter_supported": true,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "token_endpoint_auth_methods_supported": methods,
            "token_endpoint_auth_signing_alg_values_supported": theirs,
            "introspection_endpoint_auth_methods_supported": proofs,
            "introspection_endpoint_auth_signing_alg_values_supported": theirs,
            "revocation_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_signing_alg_values_supported": theirs,
            "dpop_signing_alg_values_supported": theirs,
            "backchannel_logout_supported": true,
            "backchannel_logout_session_supported": true,
            "ui_locales_supported": self.languages,
        })
    }
}
