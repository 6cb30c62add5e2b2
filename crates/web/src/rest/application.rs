//! Applications.

use std::collections::BTreeMap;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use sallyport_api::rest::{CatalogueEntry, Instructions, NewApplication, SamlMetadata, UpdateApplication};
use sallyport_app::{Ctx, Versioned, application, catalogue, duo::clients, oidc, saml};
use sallyport_model::{Action, Application, ApplicationKind, client::SeenClient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::{All, Answer, Created, Made, Noun, PageOf, entity_tag},
    input::{IfMatch, Json, Listing, Named, Parameters},
    route::{Gives, LISTING, Needs::Right, Parameter, ParameterKind, Route, STATE, shape},
};
use crate::call::ApiCall;

const STATES: [&str; 2] = ["enabled", "disabled"];
const USER: Parameter =
    Parameter { name: "user", about: "About whom: a name, an alias or an id.", kind: ParameterKind::Text };

/// An application, and what it calls us.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ShownApplication {
    #[serde(flatten)]
    application: Application,
    /// Our host as this application calls it, with the port if it is not 443.
    host: String,
    /// What is typed into an application that asks by SAML, unless it reads our metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    saml_addresses: Option<SamlAddresses>,
}

/// Where an application that asks by SAML finds us.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct SamlAddresses {
    /// Our name to it, which is also where our metadata for it is.
    entity_id: String,
    sign_on_url: String,
    logout_url: String,
}

impl SamlAddresses {
    fn of(ctx: &Ctx, application: &Application) -> Option<Self> {
        let (sign_on_url, logout_url) = match application.kind {
            ApplicationKind::Saml => {
                (saml::sign_on_url(ctx, application.id), saml::logout_url(ctx, application.id))
            }
            ApplicationKind::WsFederation => {
                let url = saml::ws_federation::url(ctx, application.id);
                (url.clone(), url)
            }
            ApplicationKind::Bookmark
            | ApplicationKind::DuoAdminApi
            | ApplicationKind::DuoAuthApi
            | ApplicationKind::ForwardAuth
            | ApplicationKind::Oidc => return None,
        };
        Some(Self { entity_id: saml::entity_id(ctx, application.id), sign_on_url, logout_url })
    }
}

impl ShownApplication {
    fn noun(ctx: &Ctx, found: Versioned<Application>) -> Noun<Self> {
        let (host, saml_addresses) = (ctx.org.config.host_for(&found), SamlAddresses::of(ctx, &found));
        Noun { value: Self { application: found.value, host, saml_addresses }, version: found.version }
    }
}

/// A new application with what is typed into it; the secret key is shown this once.
#[derive(Serialize, ToSchema)]
struct CreatedApplication {
    #[serde(flatten)]
    application: Application,
    version: i64,
    /// Our host, with the port if it is not 443.
    host: String,
    /// Not there where it proves itself by none.
    #[serde(skip_serializing_if = "Option::is_none")]
    skey: Option<String>,
    /// The certificate authority to trust, PEM. Not there where the server shows a certificate of somebody else's.
    #[serde(skip_serializing_if = "Option::is_none")]
    ca: Option<String>,
    /// What is typed into an application that asks by SAML, unless it reads our metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    saml_addresses: Option<SamlAddresses>,
}

/// About whom.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whom {
    user: String,
}

/// What is typed into a protected application; the secret key is shown this once.
#[derive(Serialize, ToSchema)]
struct Credentials {
    /// Our host, with the port if it is not 443.
    host: String,
    ikey: String,
    skey: String,
    /// The certificate authority to trust, PEM. Not there where the server shows a certificate of somebody else's.
    #[serde(skip_serializing_if = "Option::is_none")]
    ca: Option<String>,
}

impl From<application::Credentials> for Credentials {
    fn from(given: application::Credentials) -> Self {
        Self { host: given.host, ikey: given.ikey, skey: given.skey.expose().to_owned(), ca: given.ca }
    }
}

impl IntoResponse for CreatedApplication {
    fn into_response(self) -> Response {
        let tag = entity_tag(self.version);
        ([(header::ETAG, tag)], axum::Json(self)).into_response()
    }
}

pub(super) fn routes() -> Vec<Route> {
    let (read, manage) = (Right(Action::ReadDirectory), Right(Action::ManageApplications));
    let noun = || Gives::Noun(shape::<ShownApplication>());
    vec![
        Route::get("/applications", list, read, "Lists applications in order of names.")
            .with(&LISTING)
            .with(&[STATE])
            .gives(Gives::PageOfNouns(shape::<ShownApplication>())),
        Route::post(
            "/applications",
            create,
            manage,
            "Creates an application: one of the catalogue with `catalogue` and `answers`, a bookmark with `link`, one behind a proxy with `origins`, or one of a kind with `type`. Its secret key is shown this once.",
        )
        .takes::<NewApplication>()
        .gives(Gives::CreatedOnce(shape::<CreatedApplication>())),
        Route::get("/applications/{application}", show, read, "Shows an application.").gives(noun()),
        Route::patch(
            "/applications/{application}",
            update,
            manage,
            "Renames, enables or disables an application, or changes which signatures it may make, what it calls us and where it may send browsers.",
        )
        .takes::<UpdateApplication>()
        .conditional()
        .gives(noun()),
        Route::delete("/applications/{application}", delete, manage, "Deletes an application with its keys.")
            .conditional(),
        Route::get(
            "/applications/{application}/clients",
            seen_clients,
            read,
            "Lists the clients that asked for an application in the last month, and what they do when they cannot.",
        )
        .gives(Gives::All(shape::<SeenClient>())),
        Route::get(
            "/applications/{application}/claims",
            claims,
            read,
            "Shows what an application that asks by OpenID Connect would be told about somebody.",
        )
        .with(&[USER])
        .gives(Gives::Anything("The claims, by their names.")),
        Route::get(
            "/applications/{application}/instructions",
            instructions,
            read,
            "Says what is to be done at an application that the catalogue made, with our values filled in.",
        )
        .gives(Gives::One(shape::<Instructions>())),
        Route::get("/catalogue", list_catalogue, read, "Lists ready-made applications, and what each asks.")
            .gives(Gives::All(shape::<CatalogueEntry>())),
        Route::post(
            "/applications/{application}/rotate",
            rotate,
            manage,
            "Replaces an application's secret key, which is shown this once. The former one is void.",
        )
        .conditional()
        .gives(Gives::Made(shape::<Credentials>())),
        Route::post(
            "/applications/{application}/saml/metadata",
            read_metadata,
            manage,
            "Takes over what an application that asks by SAML says about itself in its metadata.",
        )
        .takes::<SamlMetadata>()
        .conditional()
        .gives(noun()),
        Route::post(
            "/applications/{application}/saml/rotate",
            rotate_saml_key,
            manage,
            "Has the SAML key that waits sign for an application from now on. The former one is void.",
        )
        .conditional()
        .gives(noun()),
    ]
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(listing): Parameters<Listing>,
) -> Answer<PageOf<Noun<ShownApplication>>> {
    let page = application::list(&ctx, listing.page(&STATES)?).await?;
    let items = page.items.into_iter().map(|found| ShownApplication::noun(&ctx, found)).collect();
    Ok(PageOf { items, next: page.next })
}

async fn create(
    ApiCall(ctx): ApiCall,
    Json(input): Json<NewApplication>,
) -> Answer<Created<CreatedApplication>> {
    let (application, credentials) = match input {
        NewApplication::BehindProxy(input) => application::create_behind_proxy(&ctx, input).await?,
        NewApplication::Bookmark(input) => application::create_bookmark(&ctx, input).await?,
        NewApplication::Catalogue(input) => catalogue::create(&ctx, input).await?,
        NewApplication::Kind(input) => application::create(&ctx, input).await?,
    };
    let Credentials { host, ikey: _, skey, ca } = credentials.into();
    let skey = application.has_secret().then_some(skey);
    let at = format!("/applications/{}", application.id);
    let version = application.version;
    let saml_addresses = SamlAddresses::of(&ctx, &application);
    let application = application.value;
    Ok(Created { at, noun: CreatedApplication { application, version, host, skey, ca, saml_addresses } })
}

async fn show(ApiCall(ctx): ApiCall, Named(application): Named) -> Answer<Noun<ShownApplication>> {
    Ok(ShownApplication::noun(&ctx, application::resolve(&ctx, &application).await?))
}

async fn update(
    ApiCall(ctx): ApiCall,
    Named(application): Named,
    IfMatch(version): IfMatch,
    Json(input): Json<UpdateApplication>,
) -> Answer<Noun<ShownApplication>> {
    let application = application::resolve(&ctx, &application).await?;
    let updated = application::update(&ctx, application.id, version, input).await?;
    Ok(ShownApplication::noun(&ctx, updated))
}

async fn delete(
    ApiCall(ctx): ApiCall,
    Named(application): Named,
    IfMatch(version): IfMatch,
) -> Answer<StatusCode> {
    let application = application::resolve(&ctx, &application).await?;
    application::delete(&ctx, application.id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn claims(
    ApiCall(ctx): ApiCall,
    Named(application): Named,
    Parameters(whom): Parameters<Whom>,
) -> Answer<axum::Json<BTreeMap<String, serde_json::Value>>> {
    let application = application::resolve(&ctx, &application).await?;
    Ok(axum::Json(oidc::preview(&ctx, application.id, &whom.user).await?))
}

async fn instructions(ApiCall(ctx): ApiCall, Named(application): Named) -> Answer<axum::Json<Instructions>> {
    Ok(axum::Json(catalogue::instructions(&ctx, &application).await?))
}

async fn list_catalogue(ApiCall(ctx): ApiCall) -> Answer<All<CatalogueEntry>> {
    Ok(catalogue::list(&ctx)?.into_iter().collect())
}

async fn seen_clients(ApiCall(ctx): ApiCall, Named(application): Named) -> Answer<All<SeenClient>> {
    let application = application::resolve(&ctx, &application).await?;
    Ok(clients::of(&ctx, application.id).await?.into_iter().collect())
}

async fn rotate(
    ApiCall(ctx): ApiCall,
    Named(application): Named,
    if_match: IfMatch,
) -> Answer<Made<Credentials>> {
    let application = application::resolve(&ctx, &application).await?;
    let ctx = if_match.on::<Application>(application.id, ctx);
    Ok(Made(application::rotate_skey(&ctx, application.id).await?.into()))
}

async fn read_metadata(
    ApiCall(ctx): ApiCall,
    Named(application): Named,
    IfMatch(version): IfMatch,
    Json(input): Json<SamlMetadata>,
) -> Answer<Noun<ShownApplication>> {
    let application = application::resolve(&ctx, &application).await?;
    let read = saml::read_metadata(&ctx, application.id, version, &input.metadata).await?;
    Ok(ShownApplication::noun(&ctx, read))
}

async fn rotate_saml_key(
    ApiCall(ctx): ApiCall,
    Named(application): Named,
    if_match: IfMatch,
) -> Answer<Noun<ShownApplication>> {
    let application = application::resolve(&ctx, &application).await?;
    let ctx = if_match.on::<Application>(application.id, ctx);
    Ok(ShownApplication::noun(&ctx, saml::rotate(&ctx, application.id).await?))
}
