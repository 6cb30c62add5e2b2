//! What an application may be registered with.

use sallyport_model::{
    OidcClient,
    name::printable,
    oidc::{ClientAuthentication, OidcGrant, ValueSource},
};
use sallyport_wire::oidc::JwkSet;

use super::claims::RESERVED;
use crate::AppError;

const MOST_URIS: usize = 20;
const MOST_SCOPES: usize = 64;
const MOST_CLAIMS: usize = 50;
const LONGEST: usize = 256;

/// The settings as they are, if all of them can hold together.
///
/// # Errors
/// The first field that cannot.
pub(crate) fn checked(settings: &OidcClient) -> Result<OidcClient, AppError> {
    let invalid = |field, reason: String| Err(AppError::invalid(field, reason));
    if settings.post_logout_redirect_uris.len() > MOST_URIS {
        return invalid("oidc.post_logout_redirect_uris", format!("at most {MOST_URIS}"));
    }
    keys(settings)?;
    let is_word = |word: &str| {
        (1..=LONGEST).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
    };
    for (field, words) in [("oidc.scopes", &settings.scopes), ("oidc.resources", &settings.resources)] {
        if words.len() > MOST_SCOPES {
            return invalid(field, format!("at most {MOST_SCOPES}"));
        }
        if let Some(bad) = words.iter().find(|word| !is_word(word)) {
            return invalid(
                field,
                format!("`{}` is no word of printable ASCII without quotes", printable(bad, 64)),
            );
        }
    }
    if settings.authentication == ClientAuthentication::None
        && settings.grants.contains(&OidcGrant::ClientCredentials)
    {
        let text = "client_credentials needs a client that can prove who it is; it keeps no secret";
        return invalid("oidc.grants", text.into());
    }
    claims(settings)?;
    Ok(settings.clone())
}

fn keys(settings: &OidcClient) -> Result<(), AppError> {
    let invalid = |field, reason: String| Err(AppError::invalid(field, reason));
    let keys = match &settings.jwks {
        None => None,
        Some(text) => match JwkSet::read(text.as_bytes()) {
            Ok(set) if set.0.is_empty() => {
                return invalid(
                    "oidc.jwks",
                    "has no key that can be used: P-256, Ed25519 or RSA, for signatures".into(),
                );
            }
            Ok(set) => Some(set),
            Err(error) => return invalid("oidc.jwks", error.to_string()),
        },
    };
    match settings.authentication {
        ClientAuthentication::PrivateKeyJwt if keys.is_none() && settings.jwks_uri.is_none() => {
            invalid("oidc.jwks", "is needed by a client that signs: give its public keys".into())
        }
        ClientAuthentication::None | ClientAuthentication::PrivateKeyJwt | ClientAuthentication::Secret => {
            Ok(())
        }
    }
}

fn claims(settings: &OidcClient) -> Result<(), AppError> {
    let invalid = |reason: String| Err(AppError::invalid("oidc.claims", reason));
    if settings.claims.len() > MOST_CLAIMS {
        return invalid(format!("at most {MOST_CLAIMS}"));
    }
    for (place, rule) in settings.claims.iter().enumerate() {
        let name = rule.claim.as_str();
        let shown = printable(name, 64);
        if name.is_empty() || name.len() > LONGEST || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return invalid(format!("`{shown}` is no name of printable ASCII without blanks"));
        }
        if RESERVED.contains(&name) {
            return invalid(format!("`{shown}` says how a token came to be, and is not for rules to say"));
        }
        if settings.claims.iter().skip(place + 1).any(|other| other.claim == name) {
            return invalid(format!("`{shown}` is said twice"));
        }
        // What others take for proved is not to be made up.
        let made_up = matches!(rule.value, ValueSource::Literal(_) | ValueSource::Attribute(_));
        if made_up && ["email_verified", "phone_number_verified"].contains(&name) {
            return invalid(format!("`{shown}` is known or not, and cannot be set"));
        }
    }
    Ok(())
}
