//! Applications that ask by WS-Federation, such as Microsoft 365: the same people, keys and settings as with SAML, asked for in other
//! words and answered with a token of either version. There is no way to say no by it: whoever may not pass is told here.

use sallyport_model::{Application, ApplicationKind, SamlService, id::ApplicationId};
use sallyport_saml::{
    binding::RelayState,
    metadata::default_consumer,
    response::Attribute,
    ws_federation::{self, Asked, METHODS, MULTIPLE_METHODS, SignIn},
    xml::canonical,
};
use sallyport_store::Session;

use super::{
    certificates, entity_id, find,
    sign_on::{self, Kept, Turn, level_of, turn, unasked, unknown},
};
use crate::{AppError, Ctx, sso::Level};

/// What is kept of a request that is refused. What the application wants back (`wctx`) is its own.
const SHOWN: [&str; 5] = ["wa", "wtrealm", "wreply", "wfresh", "wauth"];

/// Where an application sends people to sign in and out.
#[must_use]
pub fn url(ctx: &Ctx, application: ApplicationId) -> String {
    format!("{}/ws-federation/{application}", ctx.org.config.external_url.trim_end_matches('/'))
}

/// Our metadata for an application, as readers of WS-Federation know it.
///
/// # Errors
/// The store's, or there is no such application.
pub async fn metadata(ctx: &Ctx, id: ApplicationId) -> Result<Vec<u8>, AppError> {
    let found = find(ctx, id, ApplicationKind::WsFederation).await?;
    let (application, _) = found.ok_or_else(|| AppError::not_found("application", id))?;
    let certificates = certificates(&application.saml_certificates)?;
    let own = ws_federation::metadata(&entity_id(ctx, id), &url(ctx, id), &certificates);
    Ok(canonical(&own, &["fed"]))
}

/// Begins, with what a browser brings from an application. `session`: of the browser, if there is one.
///
/// # Errors
/// Busy, or something of ours failed. A refusal is a [`Turn`].
pub async fn begin(
    ctx: &Ctx,
    id: ApplicationId,
    pairs: &[(String, String)],
    session: Option<&Session>,
) -> Result<Turn, AppError> {
    let Some((application, service)) = find(ctx, id, ApplicationKind::WsFederation).await? else {
        return Ok(unknown());
    };
    let asked = match Asked::read(pairs) {
        Ok(Asked::SignIn(asked)) => asked,
        Ok(Asked::SignOut) => return Ok(Turn::Leave),
        Err(error) => return Ok(refused(ctx, id, &error.to_string(), pairs).await),
    };
    match taken(ctx, id, &service, asked) {
        Ok(asked) => turn(ctx, Kept { application, service, asked }, session, None).await,
        Err(why) => Ok(refused(ctx, id, why, pairs).await),
    }
}

/// What is asked, as far as it is held to; or why it is refused.
pub(super) fn taken(
    ctx: &Ctx,
    id: ApplicationId,
    service: &SamlService,
    asked: SignIn,
) -> Result<sign_on::Asked, &'static str> {
    let SignIn { realm, reply, context, fresh, method } = asked;
    if service.entity_id.is_empty() || realm != service.entity_id {
        return Err("`wtrealm` is not what the application is registered with");
    }
    let consumer = match &reply {
        Some(reply) => service.consumers.iter().find(|consumer| consumer.url.as_str() == reply),
        None => default_consumer(&service.consumers),
    };
    let Some(consumer) = consumer.map(|consumer| consumer.url.as_str().to_owned()) else {
        return Err("`wreply` is no address that is registered for the application");
    };
    let level = match method.as_deref().map(level_of) {
        Some(None) => return Err("`wauth` names a way to sign in that is not known here"),
        Some(Some(level)) => level,
        None => Level::OneDoor,
    };
    Ok(sign_on::Asked {
        consumer,
        relay_state: context.as_deref().and_then(|context| RelayState::parse(context).ok()),
        since: fresh.map(|fresh| ctx.now.minus(fresh)),
        level,
        ..unasked(ctx, id)
    })
}

async fn refused(ctx: &Ctx, id: ApplicationId, why: &str, pairs: &[(String, String)]) -> Turn {
    let lines = pairs.iter().filter(|(name, _)| SHOWN.contains(&name.as_str()));
    let lines: Vec<String> = lines.map(|(name, value)| format!("{name}={value}")).collect();
    super::refused::note(ctx, id, why.to_owned(), &lines.join("\n")).await;
    tracing::warn!(application = %id, source = ?ctx.source, why, "a WS-Federation request is refused");
    Turn::Nowhere(format!("What the application sent is refused: {why}."))
}

/// That two doors were passed, as Microsoft reads it.
pub(super) fn methods(application: &Application, level: Level) -> Option<Attribute> {
    let is_told = application.kind == ApplicationKind::WsFederation && level >= Level::BothDoors;
    is_told.then(|| Attribute { name: METHODS.to_owned(), values: vec![MULTIPLE_METHODS.to_owned()] })
}
