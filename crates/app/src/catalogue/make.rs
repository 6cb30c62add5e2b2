//! What an application is registered with that is made of an entry.

use std::collections::BTreeMap;

use sallyport_model::{
    Link, NameIdFormat, OidcClient, RedirectUri, SamlService,
    name::printable,
    oidc::{ClaimRule, ClientAuthentication, GroupNames, OidcGrant, ValueSource},
    saml::{AttributeRule, SamlBinding, SamlConsumer, SamlEndpoint, SamlToken},
};

use super::{
    Entry,
    answer::BASE_URL,
    entry::{Claim, Oidc, Saml, WsFederation},
    words::filled,
};
use crate::{AppError, Ctx, saml};

/// What an entry becomes with answers.
pub(crate) enum Made {
    Bookmark(Link),
    Oidc {
        redirect_uris: Vec<RedirectUri>,
        client: Box<OidcClient>,
    },
    /// With where its tile leads, if it does not begin here.
    Saml {
        service: Box<SamlService>,
        link: Option<Link>,
    },
}

impl Made {
    /// # Errors
    /// Answers that make no addresses, or a protocol that we do not speak.
    pub(super) fn of(entry: &Entry, answers: &BTreeMap<String, String>) -> Result<Self, AppError> {
        let value = |name: &str| answers.get(name).cloned();
        if let Some(bookmark) = &entry.bookmark {
            return Ok(Self::Bookmark(link(&filled(&bookmark.url, &value))?));
        }
        if let Some(saml) = entry.saml.as_ref().filter(|_| entry.is_available()) {
            let start = saml.start_url.as_ref().map(|start| link(&filled(start, &value))).transpose()?;
            return Ok(Self::Saml { service: Box::new(service(entry, saml, &value)?), link: start });
        }
        if let Some(ws) = &entry.ws_federation {
            let start = ws.start_url.as_ref().map(|start| link(&filled(start, &value))).transpose()?;
            return Ok(Self::Saml { service: Box::new(relying_party(entry, ws, &value)?), link: start });
        }
        let Some(oidc) = entry.oidc.as_ref().filter(|_| entry.is_available()) else {
            let text = format!("{} sends no PKCE, which is asked of every application", entry.name);
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

impl Made {
    /// The same with what the application's own metadata says, where an answer is that, or where it is published.
    pub(super) async fn completed(
        self,
        ctx: &Ctx,
        entry: &Entry,
        answers: &BTreeMap<String, String>,
    ) -> Result<Self, AppError> {
        let metadata = entry.saml.as_ref().and_then(|saml| saml.metadata.as_ref());
        let (Self::Saml { service, link }, Some(metadata)) = (&self, metadata) else { return Ok(self) };
        let text = filled(metadata, &|name| answers.get(name).cloned());
        let (provider, url) = saml::given(ctx, &text).await?;
        let given = saml::Given { provider: &provider, url: url.as_ref() };
        let asked = (service.name_id, service.name_id_value.clone());
        let mut service = saml::taken(SamlService::clone(service), &given);
        // By what people are named there is the catalogue's to say.
        (service.name_id, service.name_id_value) = asked;
        Ok(Self::Saml { service: Box::new(service), link: link.clone() })
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
        ..OidcClient::default()
    })
}

fn service(
    entry: &Entry,
    saml: &Saml,
    value: &dyn Fn(&str) -> Option<String>,
) -> Result<SamlService, AppError> {
    let logout = |url: &String| -> Result<SamlEndpoint, AppError> {
        Ok(SamlEndpoint { binding: SamlBinding::Redirect, url: address(url, value)?, response_url: None })
    };
    let named = (&*saml.name_id_format, &*saml.name_id_value);
    Ok(SamlService {
        entity_id: filled(saml.entity_id.as_deref().unwrap_or_default(), value),
        consumers: consumers(saml.acs_urls.as_deref().unwrap_or_default(), value)?,
        logout: saml.slo_url.iter().map(logout).collect::<Result<_, _>>()?,
        wants_signed_response: saml.sign != "assertion",
        begins_here: saml.idp_initiated,
        relay_state: saml.default_relay_state.as_ref().map(|state| filled(state, value)),
        ..told(entry, named, &saml.attribute, value)?
    })
}

fn relying_party(
    entry: &Entry,
    ws: &WsFederation,
    value: &dyn Fn(&str) -> Option<String>,
) -> Result<SamlService, AppError> {
    Ok(SamlService {
        entity_id: filled(&ws.realm, value),
        consumers: consumers(&ws.reply_urls, value)?,
        token: match ws.token.as_str() {
            "saml11" => SamlToken::Saml11,
            "saml20" => SamlToken::Saml20,
            other => return Err(unknown(entry, other)),
        },
        ..told(entry, (&ws.name_id_format, &ws.name_id_value), &ws.attribute, value)?
    })
}

fn unknown(entry: &Entry, what: &str) -> AppError {
    AppError::Internal(format!("the catalogue's {}: {what}", entry.id))
}

fn consumers(urls: &[String], value: &dyn Fn(&str) -> Option<String>) -> Result<Vec<SamlConsumer>, AppError> {
    let consumer = |(nth, url)| SamlConsumer {
        index: u16::try_from(nth).unwrap_or(u16::MAX),
        url,
        is_default: nth == 0,
    };
    Ok(addresses(urls, value)?.into_iter().enumerate().map(consumer).collect())
}

/// What it is told of people: a format and a value for their name, and more.
fn told(
    entry: &Entry,
    (format, name): (&str, &str),
    attributes: &[super::entry::Attribute],
    value: &dyn Fn(&str) -> Option<String>,
) -> Result<SamlService, AppError> {
    let rule = |attribute: &super::entry::Attribute| {
        let from = source(&attribute.value, value).ok_or_else(|| unknown(entry, &attribute.value))?;
        Ok::<_, AppError>(AttributeRule { attribute: filled(&attribute.name, value), value: from })
    };
    Ok(SamlService {
        name_id: match format {
            "emailAddress" => NameIdFormat::EmailAddress,
            "persistent" => NameIdFormat::Persistent,
            "transient" => NameIdFormat::Transient,
            "unspecified" => NameIdFormat::Unspecified,
            other => return Err(unknown(entry, other)),
        },
        name_id_value: Some(source(name, value).ok_or_else(|| unknown(entry, name))?),
        attributes: attributes.iter().map(rule).collect::<Result<_, _>>()?,
        ..SamlService::default()
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
