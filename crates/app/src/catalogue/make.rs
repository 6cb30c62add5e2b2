//! What an application is registered with that is made of an entry.

use std::collections::BTreeMap;

use sallyport_model::{
    Link, OidcClient, RedirectUri,
    name::printable,
    oidc::{ClaimRule, ClientAuthentication, GroupNames, OidcGrant, ValueSource},
};

use super::{
    Entry,
    answer::BASE_URL,
    entry::{Claim, Oidc},
    words::filled,
};
use crate::AppError;

/// What an entry becomes with answers.
pub(crate) enum Made {
    Bookmark(Link),
    Oidc { redirect_uris: Vec<RedirectUri>, client: Box<OidcClient> },
}

impl Made {
    /// # Errors
    /// Answers that make no addresses, or a protocol that we do not speak.
    pub(super) fn of(entry: &Entry, answers: &BTreeMap<String, String>) -> Result<Self, AppError> {
        let value = |name: &str| answers.get(name).cloned();
        if let Some(bookmark) = &entry.bookmark {
            return Ok(Self::Bookmark(link(&filled(&bookmark.url, &value))?));
        }
        let Some(oidc) = &entry.oidc else {
            let text = format!("{} speaks {}, which cannot be added yet", entry.name, entry.protocol.text());
            return Err(AppError::Conflict(text.into()));
        };
        let redirect_uris = addresses(&oidc.redirect_uris, &value)?;
        let start = match &oidc.initiate_login_uri {
            Some(given) => Some(address(given, &value)?),
            None if entry.asks_address(BASE_URL) => Some(address("{base_url}", &value)?),
            None => redirect_uris.first().and_then(origin),
        };
        let client = client(entry, oidc, start, &value)?;
        Ok(Self::Oidc { redirect_uris, client: Box::new(client) })
    }
}

fn client(
    entry: &Entry,
    oidc: &Oidc,
    initiate_login_uri: Option<RedirectUri>,
    value: &dyn Fn(&str) -> Option<String>,
) -> Result<OidcClient, AppError> {
    let unknown = |what: &str| AppError::Internal(format!("the catalogue's {}: {}", entry.id, what));
    let grants = oidc.grant_types.iter().map(|name| grant(name).ok_or_else(|| unknown(name)));
    let backchannel = oidc.backchannel_logout_uri.as_ref();
    let claims = entry.claim.iter().map(|claim| rule(claim, value).ok_or_else(|| unknown(&claim.value)));
    Ok(OidcClient {
        authentication: match oidc.token_endpoint_auth_method.as_str() {
            "client_secret_basic" | "client_secret_post" => ClientAuthentication::Secret,
            "private_key_jwt" => ClientAuthentication::PrivateKeyJwt,
            "none" => ClientAuthentication::None,
            other => return Err(unknown(other)),
        },
        grants: grants.collect::<Result<_, _>>()?,
        scopes: oidc.scopes.iter().cloned().collect(),
        post_logout_redirect_uris: addresses(&oidc.post_logout_redirect_uris, value)?,
        backchannel_logout_uri: backchannel.map(|given| address(given, value)).transpose()?,
        initiate_login_uri,
        signing_algorithm: oidc.id_token_signed_response_alg,
        claims: claims.collect::<Result<_, _>>()?,
        claims_in_id_token: oidc.claims_in_id_token,
        may_omit_pkce: !oidc.pkce,
        ..OidcClient::default()
    })
}

fn grant(name: &str) -> Option<OidcGrant> {
    match name {
        "authorization_code" => Some(OidcGrant::AuthorizationCode),
        "refresh_token" => Some(OidcGrant::RefreshToken),
        "client_credentials" => Some(OidcGrant::ClientCredentials),
        "urn:ietf:params:oauth:grant-type:device_code" => Some(OidcGrant::DeviceCode),
        _ => None,
    }
}

fn rule(claim: &Claim, value: &dyn Fn(&str) -> Option<String>) -> Option<ClaimRule> {
    Some(ClaimRule { claim: claim.name.clone(), value: source(&claim.value, value)? })
}

/// Where a value of the catalogue's comes from.
pub(crate) fn source(name: &str, value: &dyn Fn(&str) -> Option<String>) -> Option<ValueSource> {
    Some(match name {
        "department" | "employee_id" | "title" => ValueSource::Attribute(name.to_owned()),
        "display_name" => ValueSource::DisplayName,
        "family_name" => ValueSource::FamilyName,
        "given_name" => ValueSource::GivenName,
        "groups" => ValueSource::Groups(GroupNames::default()),
        "id" => ValueSource::Id,
        "mail" => ValueSource::Mail,
        "user_name" => ValueSource::UserName,
        other => ValueSource::Literal(filled(other.strip_prefix("literal:")?, value)),
    })
}

fn addresses(given: &[String], value: &dyn Fn(&str) -> Option<String>) -> Result<Vec<RedirectUri>, AppError> {
    let mut uris = Vec::with_capacity(given.len());
    for text in given {
        let uri = address(text, value)?;
        if !uris.contains(&uri) {
            uris.push(uri);
        }
    }
    Ok(uris)
}

fn address(given: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<RedirectUri, AppError> {
    let text = filled(given, value);
    text.parse().map_err(|error| {
        AppError::invalid("answers", format!("make `{}`, which {error}", printable(&text, 200)))
    })
}

fn link(text: &str) -> Result<Link, AppError> {
    text.parse().map_err(|error| {
        AppError::invalid("answers", format!("make `{}`, which {error}", printable(text, 200)))
    })
}

/// Where a tile leads without anything better: the first page of the application. None on people's own machines.
fn origin(uri: &RedirectUri) -> Option<RedirectUri> {
    let rest = uri.as_str().strip_prefix("https://")?;
    let host = rest.split(['/', '?']).next()?;
    format!("https://{host}/").parse().ok()
}
