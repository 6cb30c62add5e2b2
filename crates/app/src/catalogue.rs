//! The catalogue: applications that others made, with all that can be known of them beforehand. An entry asks what cannot be
//! known, and becomes an application like any other, which keeps the answers: so they can be given anew, and the page of
//! instructions shows our values at any time.

mod answer;
mod entry;
mod make;
#[cfg(test)]
mod tests;
mod words;

use std::{collections::BTreeMap, sync::LazyLock};

use sallyport_api::rest::{
    CatalogueEntry, CreateApplication, CreateFromCatalogue, InstructionStep, Instructions,
};
use sallyport_crypto::Secret;
use sallyport_model::{Action, Application, ApplicationKind, MadeFrom, name::printable};
use sallyport_store::Versioned;
use sallyport_wire::oidc::path;

use self::make::Made;
pub use self::{
    entry::Entry,
    words::{Piece, Told},
};
use crate::{
    AppError, Ctx,
    application::{self, Credentials, Draft},
    oidc::{checked, issuer},
    saml,
};

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// In order of names. What cannot be read is not there, and the tests say so.
static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut entries: Vec<Entry> = FILES.iter().filter_map(|(_, text)| toml::from_str(text).ok()).collect();
    entries.sort_by_key(|entry| entry.name.to_lowercase());
    entries
});

/// Stands where a secret was put that cannot be read again.
const SECRET_ONCE: &str = "(the secret key, which was shown once)";

/// All entries, in order of names.
#[must_use]
pub fn entries() -> &'static [Entry] {
    &ENTRIES
}

/// The entry with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.id == id)
}

/// The entry with this id.
///
/// # Errors
/// There is none.
pub fn entry(id: &str) -> Result<&'static Entry, AppError> {
    find(id).ok_or_else(|| AppError::not_found("entry of the catalogue", printable(id, 64)))
}

/// What there is.
///
/// # Errors
/// Denied.
pub fn list(ctx: &Ctx) -> Result<Vec<CatalogueEntry>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    Ok(entries().iter().map(Entry::summed_up).collect())
}

/// Makes an application of an entry, for nobody yet.
///
/// # Errors
/// Denied, an answer that does not fit, a protocol that we do not speak, or the name is taken.
pub async fn create(
    ctx: &Ctx,
    input: CreateFromCatalogue,
) -> Result<(Versioned<Application>, Credentials), AppError> {
    ctx.allow(Action::ManageApplications)?;
    let entry = entry(&input.catalogue)?;
    let answers = answer::checked(entry, &input.answers)?;
    let made = Made::of(entry, &answers)?.completed(ctx, entry, &answers).await?;
    let kind = match &made {
        Made::Bookmark(_) => ApplicationKind::Bookmark,
        Made::Oidc { .. } => ApplicationKind::Oidc,
        Made::Saml { .. } if entry.ws_federation.is_some() => ApplicationKind::WsFederation,
        Made::Saml { .. } => ApplicationKind::Saml,
    };
    let name = input.name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| entry.name.clone());
    let mut draft = Draft::new(ctx, &CreateApplication { name, kind })?;
    let application = &mut draft.application;
    application.made_from = Some(MadeFrom { entry: entry.id.clone(), answers });
    match made {
        Made::Bookmark(link) => application.link = Some(link),
        Made::Oidc { redirect_uris, client } => {
            application.redirect_uris = redirect_uris;
            application.oidc = Some(checked(&client)?);
        }
        Made::Saml { service, link } => {
            application.saml = Some(saml::checked(kind, &service)?);
            application.link = link;
        }
    }
    application::put(ctx, draft).await
}

/// Takes other answers to the questions of the entry that an application was made of. The addresses that follow from them are
/// made anew; whatever else was changed by hand stays.
pub(crate) fn answer_again(
    application: &mut Application,
    answers: &BTreeMap<String, String>,
) -> Result<(), AppError> {
    let made_from = application.made_from.as_ref();
    let made_from =
        made_from.ok_or_else(|| AppError::invalid("answers", "are for what the catalogue made"))?;
    let entry = entry(&made_from.entry)?;
    let answers = answer::checked(entry, answers)?;
    match Made::of(entry, &answers)? {
        Made::Bookmark(link) => application.link = Some(link),
        Made::Oidc { redirect_uris, client } => {
            application.redirect_uris = redirect_uris;
            if let Some(oidc) = &mut application.oidc {
                oidc.post_logout_redirect_uris = client.post_logout_redirect_uris;
                oidc.backchannel_logout_uri = client.backchannel_logout_uri;
                oidc.initiate_login_uri = client.initiate_login_uri;
            }
        }
        // What was read of its metadata is given anew on the page for that.
        Made::Saml { link, .. } if entry.gives_metadata() => application.link = link,
        Made::Saml { service, link } => {
            let kind = application.kind;
            if let Some(saml) = &mut application.saml {
                saml.entity_id = service.entity_id;
                saml.consumers = service.consumers;
                saml.logout = service.logout;
                saml.relay_state = service.relay_state;
                *saml = saml::checked(kind, saml)?;
            }
            application.link = link;
        }
    }
    application.made_from = Some(MadeFrom { entry: entry.id.clone(), answers });
    Ok(())
}

/// A page of instructions, filled in.
pub struct Guide {
    pub entry: &'static Entry,
    pub steps: Vec<Told>,
    /// What goes wrong there, and its cure.
    pub notes: Vec<Vec<Piece>>,
}

/// What is to be done at an application that the catalogue made, with our values. `secret`: where it is shown this once.
#[must_use]
pub fn guide(ctx: &Ctx, application: &Application, secret: Option<&Secret>) -> Option<Guide> {
    let made_from = application.made_from.as_ref()?;
    let entry = find(&made_from.entry)?;
    let value = |name: &str| match made_from.answers.get(name) {
        Some(answer) => Some(answer.clone()),
        None => ours(ctx, application, secret, name),
    };
    Some(Guide {
        entry,
        steps: entry.step.iter().map(|step| Told::of(step, &value)).collect(),
        notes: entry.notes.iter().map(|note| words::pieces(&note.text, &value)).collect(),
    })
}

/// The same in plain words, for programs.
///
/// # Errors
/// Denied, or it was not made of the catalogue.
pub async fn instructions(ctx: &Ctx, given: &str) -> Result<Instructions, AppError> {
    let application = application::resolve(ctx, given).await?;
    let guide = guide(ctx, &application, None);
    let guide = guide.ok_or_else(|| AppError::Conflict("it was not made of the catalogue".into()))?;
    let plain = |pieces: &[Piece]| pieces.iter().map(Piece::text).collect::<String>();
    let step = |told: &Told| InstructionStep {
        text: plain(&told.text),
        table: told.table.clone(),
        code: told.code.clone(),
    };
    Ok(Instructions {
        entry: guide.entry.id.clone(),
        tried: guide.entry.tried,
        steps: guide.steps.iter().map(step).collect(),
        notes: guide.notes.iter().map(|note| plain(note)).collect(),
        sources: guide.entry.source.iter().map(|source| source.url.clone()).collect(),
    })
}

/// What is ours of a placeholder's value.
fn ours(ctx: &Ctx, application: &Application, secret: Option<&Secret>, name: &str) -> Option<String> {
    let at = |path: &str| format!("{}{path}", issuer(ctx));
    let id = application.id;
    Some(match name {
        "idp_certificate" => pem(application.saml_certificates.first()?),
        "idp_entity_id" | "idp_metadata_url" => saml::entity_id(ctx, id),
        "slo_url_of_ours" => saml::logout_url(ctx, id),
        "sso_url" => saml::sign_on_url(ctx, id),
        "ws_federation_issuer" => saml::entity_id(ctx, id),
        "ws_federation_url" => saml::ws_federation::url(ctx, id),
        "authorization_endpoint" => at(path::AUTHORIZE),
        "client_id" => application.ikey.clone(),
        "client_secret" => secret.map_or_else(|| SECRET_ONCE.to_owned(), |secret| secret.expose().to_owned()),
        "device_authorization_endpoint" => at(path::DEVICE_AUTHORIZATION),
        "discovery_url" => at(path::CONFIGURATION),
        "end_session_endpoint" => at(path::LOGOUT),
        "issuer" => at(""),
        "jwks_uri" => at(path::JWKS),
        "token_endpoint" => at(path::TOKEN),
        "userinfo_endpoint" => at(path::USERINFO),
        _ => return None,
    })
}

/// A certificate as files have it.
fn pem(base64: &str) -> String {
    let letters: Vec<char> = base64.chars().filter(|c| !c.is_whitespace()).collect();
    let lines: Vec<String> = letters.chunks(64).map(|line| line.iter().collect()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", lines.join("\n"))
}

/// What an application is told of us that asks about people: a label and the value.
#[must_use]
pub fn values(ctx: &Ctx, application: &Application) -> Vec<(&'static str, String)> {
    const SAML: [(&str, &str); 5] = [
        ("Entity ID", "idp_entity_id"),
        ("Metadata", "idp_metadata_url"),
        ("Sign-on address", "sso_url"),
        ("Sign-out address", "slo_url_of_ours"),
        ("Certificate", "idp_certificate"),
    ];
    const WS_FEDERATION: [(&str, &str); 3] = [
        ("Issuer", "ws_federation_issuer"),
        ("Address", "ws_federation_url"),
        ("Certificate", "idp_certificate"),
    ];
    const OIDC: [(&str, &str); 8] = [
        ("Issuer", "issuer"),
        ("Client ID", "client_id"),
        ("Discovery document", "discovery_url"),
        ("Authorization endpoint", "authorization_endpoint"),
        ("Token endpoint", "token_endpoint"),
        ("Userinfo endpoint", "userinfo_endpoint"),
        ("Keys (JWKS)", "jwks_uri"),
        ("Sign-out", "end_session_endpoint"),
    ];
    let named: &[(&'static str, &str)] = match application.kind {
        ApplicationKind::Oidc => &OIDC,
        ApplicationKind::Saml => &SAML,
        ApplicationKind::WsFederation => &WS_FEDERATION,
        ApplicationKind::Bookmark
        | ApplicationKind::DuoAdminApi
        | ApplicationKind::DuoAuthApi
        | ApplicationKind::ForwardAuth => &[],
    };
    named.iter().filter_map(|(label, name)| Some((*label, ours(ctx, application, None, name)?))).collect()
}
