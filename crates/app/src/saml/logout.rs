//! An application ends somebody's session: theirs there is over, and so is the one here that it came from.
//!
//! Only what the application signed counts, and only for a session that it was told of, by the name it was told.

use sallyport_model::{
    Application, ApplicationKind, SamlService, Span,
    id::{ApplicationId, SessionId, UserId},
    saml::SamlBinding,
};
use sallyport_saml::{
    Refused,
    binding::{Kind, PostForm, Received, redirect},
    dsig::{Place, Signer},
    logout::{LogoutRequest, LogoutResponse},
};
use sallyport_store::{Once, Session};
use serde::{Deserialize, Serialize};

use super::{answer::Said, certificates, entity_id, find, keys, logout_url, opened, told};
use crate::{AppError, Ctx, Tx, oidc::backchannel};

/// Kind of what an application was told of a session, by both.
const SIGN_ON: &str = "saml_sign_on";
/// Longer than any session.
const SIGN_ON_LIFE: Span = Span::days(31);

/// That somebody was signed in to an application in a session.
#[derive(Serialize, Deserialize)]
struct SignOn {
    application: ApplicationId,
    user: UserId,
    session: SessionId,
    name: String,
}

/// Where the browser goes when a session has ended.
#[derive(Debug)]
pub enum Goodbye {
    /// Back to the application, by this form.
    Form(PostForm),
    /// The same, by this address.
    Address(String),
    /// Nowhere; what it says is for whoever sets the application up.
    Nowhere(String),
}

/// Writes down what an application is told, so that it can end what it was told of.
pub(super) fn remember(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    said: &Said,
    user: UserId,
) -> Result<(), AppError> {
    let name = said.name_id.value.clone();
    let sign_on = SignOn { application: application.id, user, session: said.session, name };
    let once = Once {
        owner: said.session.to_string(),
        expires: tx.ctx.now.plus(SIGN_ON_LIFE),
        used: None,
        doc: serde_json::to_string(&sign_on)?,
    };
    let key = key(application.id, &said.session.to_string());
    // The latest name counts, where each time there is another.
    tx.delete_once(SIGN_ON, &key)?;
    Ok(tx.put_once(SIGN_ON, &key, &once)?)
}

fn key(application: ApplicationId, session: &str) -> String {
    format!("{application} {session}")
}

/// Ends what an application asks to end, whoever brings it. `session`: of the browser, for a request that names none.
///
/// # Errors
/// Busy, or something of ours failed.
pub async fn sign_out(
    ctx: &Ctx,
    id: ApplicationId,
    received: Result<Received, Refused>,
    session: Option<&Session>,
) -> Result<Goodbye, AppError> {
    let Some((application, service)) = find(ctx, id, ApplicationKind::Saml).await? else {
        return Ok(Goodbye::Nowhere("There is no such application, or it is disabled.".into()));
    };
    let here = logout_url(ctx, id);
    let read = received.and_then(|received| {
        let opened = opened(&service, &received, true)?;
        Ok((LogoutRequest::read(&opened, &here, ctx.now)?, received.relay_state))
    });
    let (request, relay_state) = match read {
        Ok(read) => read,
        Err(refused) => return Ok(Goodbye::Nowhere(told(ctx, id, refused))),
    };
    let mut indexes = request.session_indexes.clone();
    if indexes.is_empty() {
        indexes.extend(session.and_then(|session| session.id).map(|id| id.to_string()));
    }
    let (name, asking) = (request.name_id.value.clone(), ctx.clone());
    let others = ctx.write(move |tx| end(tx, id, &indexes, &name)).await?;
    ctx.org.bells.ring(backchannel::BELL);
    let key = ctx.read(move |reader| keys::signs(reader, &asking, id)).await?;
    let certificates = certificates(&application.saml_certificates)?;
    let Some((binding, to)) = endpoint(&service) else {
        let text = "You are signed out. The application says nowhere where it wants to hear of it.";
        return Ok(Goodbye::Nowhere(text.into()));
    };
    let by = (ctx.now, &*ctx.org.random);
    // Where others were told of the session too, it goes on there.
    let answer = LogoutResponse::new(&entity_id(ctx, id), to, &request.header.id, !others, by)?.written();
    let signer = Signer::new(&key, certificates.first());
    let unsigned = |error| AppError::Internal(format!("an answer to {id}: {error}"));
    Ok(match binding {
        SamlBinding::Post => {
            let answer = signer.sign(answer, Place::AfterIssuer).map_err(unsigned)?;
            Goodbye::Form(PostForm::new(to, Kind::Response, &answer, relay_state.as_ref()))
        }
        SamlBinding::Redirect => Goodbye::Address(
            redirect(to, Kind::Response, &answer, relay_state.as_ref(), Some(&signer)).map_err(unsigned)?,
        ),
    })
}

/// Where the application wants to be answered.
fn endpoint(service: &SamlService) -> Option<(SamlBinding, &str)> {
    let redirect = service.logout.iter().find(|endpoint| endpoint.binding == SamlBinding::Redirect);
    let endpoint = redirect.or_else(|| service.logout.first())?;
    Some((endpoint.binding, endpoint.response_url.as_ref().unwrap_or(&endpoint.url).as_str()))
}

/// Ends the sessions of these names that the application was told of under this name; whether other applications were told of
/// one of them.
fn end(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    indexes: &[String],
    name: &str,
) -> Result<bool, AppError> {
    let mut others = false;
    for index in indexes {
        let key = key(application, index);
        let Some(once) = tx.find_once(SIGN_ON, &key)? else { continue };
        let sign_on: SignOn = serde_json::from_str(&once.doc)?;
        if sign_on.name != name || sign_on.application != application {
            continue;
        }
        let told = tx.once_of(&once.owner, SIGN_ON)?;
        others |= told.len() > 1;
        let sessions = tx.sessions_of(sign_on.user)?;
        if let Some(session) = sessions.iter().find(|session| session.id == Some(sign_on.session)) {
            tx.end_session(&session.hash)?;
        }
        tx.delete_once(SIGN_ON, &key)?;
    }
    Ok(others)
}
