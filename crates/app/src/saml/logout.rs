//! Signing out of the applications of a session, whoever begins: an application that was told of it, or the person here. First the
//! session ends here, and then it goes on to the others ([`super::chain`]).
//!
//! Of an application only what it signed counts, and only for a session that it was told of, by the name it was told.

use std::collections::BTreeSet;

use sallyport_model::{
    Application, ApplicationKind, NameIdFormat, Span, Time,
    id::{ApplicationId, SessionId, UserId},
};
use sallyport_saml::{
    NameId, Refused,
    binding::{Kind, PostForm, Received},
    logout::LogoutRequest,
};
use sallyport_store::{Once, Reader, Session};
use serde::{Deserialize, Serialize};

use super::{
    answer::Said,
    chain::{self, Chain, End},
    find, logout_url, opened, told,
};
use crate::{AppError, Ctx, Tx, oidc::backchannel, session};

/// Kind of what an application was told of a session, by both. Used, once it was asked to end its own or has asked itself.
const SIGN_ON: &str = "saml_sign_on";
/// Longer than any session.
const SIGN_ON_LIFE: Span = Span::days(31);

/// That somebody was signed in to an application in a session, and by which name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SignOn {
    pub(super) application: ApplicationId,
    user: UserId,
    pub(super) session: SessionId,
    name: String,
    // What was kept before single logout has the bare name.
    #[serde(default)]
    format: Option<NameIdFormat>,
    #[serde(default)]
    name_qualifier: Option<String>,
    #[serde(default)]
    sp_name_qualifier: Option<String>,
}

/// How a message travels to an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    Address(String),
    Form(PostForm),
}

/// Where the browser goes when a session has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goodbye {
    /// Back to the application that wanted it, with our answer.
    Back(Way),
    /// Nowhere; what it says is for whoever sets the application up.
    Nowhere(String),
    /// On to another application, which is asked to end its session too and sends the browser back.
    On(Way),
    /// To this address, or to our own page: it was begun here, and everybody was asked.
    Out(Option<String>),
}

impl SignOn {
    fn key(&self) -> String {
        key(self.application, &self.session.to_string())
    }

    /// The person, exactly as the application was told.
    pub(super) fn name_id(&self) -> NameId {
        NameId {
            format: self.format,
            value: self.name.clone(),
            name_qualifier: self.name_qualifier.clone(),
            sp_name_qualifier: self.sp_name_qualifier.clone(),
        }
    }

    /// The application has asked to end it, or is asked to; whether that is the first time.
    pub(super) fn end(&self, tx: &mut Tx<'_, '_>) -> Result<bool, AppError> {
        let now = tx.ctx.now;
        Ok(tx.use_once(SIGN_ON, &self.key(), now)?)
    }
}

fn key(application: ApplicationId, session: &str) -> String {
    format!("{application} {session}")
}

/// Writes down what an application is told, so that it can end what it was told of, and be asked to.
pub(super) fn remember(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    said: &Said,
    user: UserId,
) -> Result<(), AppError> {
    let NameId { format, value: name, name_qualifier, sp_name_qualifier } = said.name_id.clone();
    let (application, session) = (application.id, said.session);
    let sign_on = SignOn { application, user, session, name, format, name_qualifier, sp_name_qualifier };
    let once = Once {
        owner: session.to_string(),
        expires: tx.ctx.now.plus(SIGN_ON_LIFE),
        used: None,
        doc: serde_json::to_string(&sign_on)?,
    };
    // The latest name counts, where each time there is another.
    tx.delete_once(SIGN_ON, &sign_on.key())?;
    Ok(tx.put_once(SIGN_ON, &sign_on.key(), &once)?)
}

/// Hears an application that wants a session ended, or answers that it has ended its own (profiles sections 4.4.3.1 and 4.4.3.4),
/// whoever brings it. `session`: of the browser, for a request that names none.
///
/// # Errors
/// Busy, or something of ours failed. A refusal is a [`Goodbye`].
pub async fn sign_out(
    ctx: &Ctx,
    id: ApplicationId,
    received: Result<Received, Refused>,
    session: Option<&Session>,
) -> Result<Goodbye, AppError> {
    let Some((_, service)) = find(ctx, id, ApplicationKind::Saml).await? else {
        return Ok(Goodbye::Nowhere("There is no such application, or it is disabled.".into()));
    };
    let here = logout_url(ctx, id);
    let read = match received {
        Ok(received) if received.kind == Kind::Response => {
            return chain::answered(ctx, id, &service, &received).await;
        }
        Ok(received) => opened(&service, &received, true)
            .and_then(|opened| Ok((LogoutRequest::read(&opened, &here, ctx.now)?, received.relay_state))),
        Err(refused) => Err(refused),
    };
    let (request, relay_state) = match read {
        Ok(read) => read,
        Err(refused) => return Ok(Goodbye::Nowhere(told(ctx, id, refused))),
    };
    let mut indexes = BTreeSet::from_iter(request.session_indexes);
    if indexes.is_empty() {
        indexes.extend(session.and_then(|session| session.id).map(|id| id.to_string()));
    }
    let name = request.name_id.value;
    let others = ctx.write(move |tx| end(tx, id, &indexes, &name)).await?;
    ctx.org.bells.ring(backchannel::BELL);
    let end = End::Application { id, request: request.header.id, relay_state };
    Chain::new(others, end).lead(ctx).await
}

/// Signs somebody out at their own wish: of this session, and then of the applications that were told of it. `to`: where that
/// leads in the end, if not to our own page.
///
/// # Errors
/// The store's, and then nobody is signed out. What fails after the session has ended is in our log, and nobody waits for it.
pub async fn leave(ctx: &Ctx, session: &Session, to: Option<String>) -> Result<Goodbye, AppError> {
    session::end(ctx, session).await?;
    let Some(id) = session.id else { return Ok(Goodbye::Out(to)) };
    let led = async {
        let told = ctx.read(move |reader| participants(reader, id)).await?;
        Chain::new(told, End::Here(to.clone())).lead(ctx).await
    };
    Ok(led.await.unwrap_or_else(|error| {
        tracing::error!(%error, session = %id, "applications are not asked to end what they were told of");
        Goodbye::Out(to)
    }))
}

/// Ends the sessions of these names that the application was told of under this name; who else was told of them.
fn end(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    indexes: &BTreeSet<String>,
    name: &str,
) -> Result<Vec<SignOn>, AppError> {
    let mut others = Vec::new();
    for index in indexes {
        let Some(once) = tx.find_once(SIGN_ON, &key(application, index))? else { continue };
        let sign_on: SignOn = serde_json::from_str(&once.doc)?;
        if sign_on.name != name || sign_on.application != application {
            continue;
        }
        let sessions = tx.sessions_of(sign_on.user)?;
        if let Some(session) = sessions.iter().find(|session| session.id == Some(sign_on.session)) {
            tx.end_session(&session.hash)?;
        }
        sign_on.end(tx)?;
        others.extend(participants(tx, sign_on.session)?);
    }
    others.retain(|other| other.application != application);
    Ok(others)
}

/// Who was told of a session, in the order in which they were.
fn participants(reader: &mut Reader, session: SessionId) -> Result<Vec<SignOn>, AppError> {
    let told = reader.once_of(&session.to_string(), SIGN_ON)?.into_iter();
    let told = told.map(|once| Ok((once.expires, serde_json::from_str::<SignOn>(&once.doc)?)));
    let mut told: Vec<(Time, SignOn)> = told.collect::<Result<_, serde_json::Error>>()?;
    told.sort_by_key(|(expires, sign_on)| (*expires, sign_on.application));
    Ok(told.into_iter().map(|(_, sign_on)| sign_on).collect())
}
