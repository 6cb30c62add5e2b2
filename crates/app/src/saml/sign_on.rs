//! Signing somebody in to an application: it asks, or they begin here. What it asks is kept as it came first, under a ticket that
//! the browser carries through our own pages. Where the answer goes is decided before anything else, and nothing else is told.

use std::sync::Arc;

use sallyport_crypto::Secret;
use sallyport_model::{
    Application, ApplicationKind, NameIdFormat, SamlService, Span, Time,
    id::{ApplicationId, SignInId, UserId},
};
use sallyport_saml::{
    Refused,
    binding::{Kind, PostForm, Received, RelayState},
    metadata::{consumer, default_consumer},
    request::{AuthnRequest, Comparison, RequestedContext},
    response::{Status, context},
    ws_federation::MULTIPLE_METHODS,
};
use sallyport_store::{Once, Session};
use serde::{Deserialize, Serialize};

use super::{
    answer::{Said, To},
    find, find_any, logout, opened, refused, sign_on_url, told,
};
use crate::{
    AppError, Ctx, Phrase, Tx,
    signin::Denial,
    sso::{self, Ask, Level, Standing, Wanted},
};

/// Kind of a request that waits for a person, and prefix of its ticket.
const REQUEST: &str = "spsq";
/// The same of one that an administrator makes in the application's place. It is good nowhere where applications are answered.
pub(super) const TRIAL: &str = "spst";
/// Long enough to sign in, and to enrol something before.
const REQUEST_LIFE: Span = Span::minutes(30);

/// Where the browser goes next.
#[derive(Debug)]
pub enum Turn {
    /// To a page of ours, and then on with this ticket.
    Ask { ticket: Secret, ask: Ask },
    /// Back to the application, by this form.
    Back(PostForm),
    /// To where people sign out: nobody knows who sent them.
    Leave,
    /// Nowhere: no application may be told. What it says is for whoever sets the application up.
    Nowhere(String),
    /// Not through. The person reads why.
    Over { application: String, text: Phrase },
}

/// What an application asked, as far as we hold to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) application: ApplicationId,
    pub(super) consumer: String,
    pub(super) in_response_to: Option<String>,
    pub(super) relay_state: Option<RelayState>,
    /// Since when the person has to have signed in.
    #[serde(default)]
    pub(super) since: Option<Time>,
    pub(super) is_passive: bool,
    pub(super) format: Option<NameIdFormat>,
    /// Whom it means, if it says so.
    pub(super) subject: Option<String>,
    /// How much is to be proved, and what that is called in the answer.
    pub(super) level: Level,
    pub(super) context: Option<String>,
    pub(super) created: Time,
    /// Who asks in the application's place, if somebody does: see [`super::trial`].
    #[serde(default)]
    pub(super) tried_by: Option<UserId>,
}

impl Asked {
    const fn kind(&self) -> &'static str {
        match self.tried_by {
            None => REQUEST,
            Some(_) => TRIAL,
        }
    }
}

/// The same, with whose it is.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) application: Arc<Application>,
    pub(super) service: SamlService,
    pub(super) asked: Asked,
}

/// Begins, with what a browser brings from an application. `session`: of the browser, if there is one.
///
/// # Errors
/// Busy, or something of ours failed. A refusal is a [`Turn`].
pub async fn begin(
    ctx: &Ctx,
    id: ApplicationId,
    received: Result<Received, Refused>,
    session: Option<&Session>,
) -> Result<Turn, AppError> {
    let found = find(ctx, id, ApplicationKind::Saml).await?;
    let Some((application, service)) = found else { return Ok(unknown()) };
    let read = match &received {
        Ok(received) => asked(ctx, id, &service, received, service.signs_requests),
        Err(refused) => Err(*refused),
    };
    match read {
        Ok((asked, None)) => turn(ctx, Kept { application, service, asked }, session, None).await,
        Ok((asked, Some(unmet))) => Kept { application, service, asked }.failed(ctx, unmet).await,
        Err(why) => {
            let request = received.ok().filter(|received| received.kind == Kind::Request);
            let message = request.map(|request| request.shown()).unwrap_or_default();
            refused::note(ctx, id, why.to_string(), &message).await;
            Ok(Turn::Nowhere(told(ctx, id, why)))
        }
    }
}

/// What a request asks; and why it cannot be met, where the application is told that.
pub(super) fn asked(
    ctx: &Ctx,
    id: ApplicationId,
    service: &SamlService,
    received: &Received,
    must_be_signed: bool,
) -> Result<(Asked, Option<Status>), Refused> {
    let opened = opened(service, received, must_be_signed)?;
    let request = AuthnRequest::read(&opened, &sign_on_url(ctx, id), ctx.now)?;
    let mut asked = Asked {
        consumer: consumer(&service.consumers, &request)?.url.as_str().to_owned(),
        in_response_to: Some(request.header.id.clone()),
        relay_state: received.relay_state.clone(),
        since: request.force_authn.then_some(ctx.now),
        is_passive: request.is_passive,
        subject: request.subject.as_ref().map(|subject| subject.value.clone()),
        ..unasked(ctx, id)
    };
    let is_ours = request.name_id.sp_name_qualifier.as_ref().is_none_or(|name| *name == service.entity_id);
    let wanted = request.context.as_ref().map(reached);
    match (request.name_id.format(), wanted) {
        (Ok(format), _) if is_ours && wanted.is_none() => asked.format = format,
        (Ok(format), Some(Some((level, name)))) if is_ours => {
            asked.format = format;
            (asked.level, asked.context) = (level, name.map(str::to_owned));
        }
        (Ok(_), Some(None)) if is_ours => return Ok((asked, Some(Status::NO_AUTHN_CONTEXT))),
        (_, _) => return Ok((asked, Some(Status::INVALID_NAME_ID_POLICY))),
    }
    Ok((asked, None))
}

/// Begins here: somebody wants to go to an application that did not ask.
///
/// # Errors
/// As [`begin`].
pub async fn start(ctx: &Ctx, id: ApplicationId, session: Option<&Session>) -> Result<Turn, AppError> {
    let Some((application, service)) = find_any(ctx, id).await? else { return Ok(unknown()) };
    let consumer = default_consumer(&service.consumers).map(|consumer| consumer.url.as_str().to_owned());
    let Some(consumer) = consumer.filter(|_| service.begins_here && !service.entity_id.is_empty()) else {
        return Ok(Turn::Nowhere("This application has to be opened at its own address.".into()));
    };
    let relay_state = service.relay_state.as_deref().and_then(|state| RelayState::parse(state).ok());
    let asked = Asked { consumer, relay_state, ..unasked(ctx, id) };
    turn(ctx, Kept { application, service, asked }, session, None).await
}

/// Goes on with a request that waited, where a page of ours has led the browser back.
///
/// # Errors
/// As [`begin`].
pub async fn go_on(ctx: &Ctx, ticket: &Secret, session: Option<&Session>) -> Result<Turn, AppError> {
    match waiting(ctx, REQUEST, ticket).await? {
        Some(kept) => turn(ctx, kept, session, Some(ticket)).await,
        None => Ok(too_late()),
    }
}

/// What waits under a ticket of this kind.
pub(super) async fn waiting(
    ctx: &Ctx,
    kind: &'static str,
    ticket: &Secret,
) -> Result<Option<Kept>, AppError> {
    let (hash, now) = (hash(ctx, kind, ticket), ctx.now);
    let once = ctx.read(move |reader| Ok(reader.find_once(kind, &hash)?)).await?;
    let Some(once) = once.filter(|once| once.used.is_none() && once.expires >= now) else { return Ok(None) };
    let asked: Asked = serde_json::from_str(&once.doc)?;
    let found = find_any(ctx, asked.application).await?;
    // An address that was taken away in the meantime is no longer gone to.
    let found = found.filter(|(_, service)| {
        let mut consumers = service.consumers.iter();
        asked.kind() == kind && consumers.any(|consumer| consumer.url.as_str() == asked.consumer)
    });
    Ok(found.map(|(application, service)| Kept { application, service, asked }))
}

pub(super) fn unasked(ctx: &Ctx, application: ApplicationId) -> Asked {
    Asked {
        application,
        consumer: String::new(),
        in_response_to: None,
        relay_state: None,
        since: None,
        is_passive: false,
        format: None,
        subject: None,
        level: Level::OneDoor,
        context: None,
        created: ctx.now,
        tried_by: None,
    }
}

pub(super) fn unknown() -> Turn {
    Turn::Nowhere("There is no such application, or it is disabled.".into())
}

fn too_late() -> Turn {
    Turn::Nowhere("The request is unknown, over or too old; begin again at the application.".into())
}

/// What has to be proved for one of the classes that are wanted, and by which of their names it is to be called; none if there
/// is nothing here that is called so.
fn reached(wanted: &RequestedContext) -> Option<(Level, Option<&str>)> {
    let known = wanted.classes.iter().filter_map(|name| Some((level_of(name)?, name.as_str())));
    let least = known.min_by_key(|(level, _)| *level);
    match wanted.comparison {
        Comparison::Exact => least.map(|(level, name)| (level, Some(name))),
        Comparison::Minimum => least.map(|(level, _)| (level, None)),
        Comparison::Maximum => least.map(|_| (Level::OneDoor, None)),
        Comparison::Better => match least?.0 {
            Level::OneDoor => Some((Level::BothDoors, None)),
            Level::BothDoors => Some((Level::PhishingResistant, None)),
            Level::PhishingResistant => None,
        },
    }
}

/// How much a class of authentication stands for.
pub(super) fn level_of(class: &str) -> Option<Level> {
    const CLASSES: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:";
    if [context::TWO_FACTORS, MULTIPLE_METHODS].contains(&class) {
        return Some(Level::BothDoors);
    }
    if class == "urn:oasis:names:tc:SAML:1.0:am:password" {
        return Some(Level::OneDoor);
    }
    match class.strip_prefix(CLASSES)? {
        "unspecified" | "Password" | "PasswordProtectedTransport" | "PreviousSession" => Some(Level::OneDoor),
        "MobileTwoFactorContract" | "MobileTwoFactorUnregistered" | "TimeSyncToken" => Some(Level::BothDoors),
        _ => None,
    }
}

impl Kept {
    pub(super) fn to(&self) -> To<'_> {
        To {
            application: &self.application,
            service: &self.service,
            consumer: &self.asked.consumer,
            in_response_to: self.asked.in_response_to.as_deref(),
            relay_state: self.asked.relay_state.as_ref(),
        }
    }

    async fn failed(&self, ctx: &Ctx, why: Status) -> Result<Turn, AppError> {
        if self.application.kind == ApplicationKind::WsFederation {
            let application = self.application.name.clone();
            return Ok(Turn::Over { application, text: Phrase::NoFactorHere });
        }
        self.to().failed(ctx, why).await.map(Turn::Back)
    }
}

/// What came of a look at the person, in the write that acts upon it.
pub(super) enum Came {
    Ask(Ask),
    Denied(Denial),
    Failed(Status),
    Nameless,
    Told(Box<Said>),
    TooLate,
}

/// Looks at who is there, and either answers the application or asks for what is missing.
pub(super) async fn turn(
    ctx: &Ctx,
    kept: Kept,
    session: Option<&Session>,
    ticket: Option<&Secret>,
) -> Result<Turn, AppError> {
    let came = match session {
        None => Came::Ask(Ask::sign_in(&kept.application)),
        Some(session) => look(ctx, &kept, session, ticket).await?,
    };
    let application = || kept.application.name.clone();
    match came {
        Came::Told(said) => Ok(Turn::Back(kept.to().told(ctx, &said).await?)),
        Came::Failed(why) => kept.failed(ctx, why).await,
        Came::TooLate => Ok(too_late()),
        Came::Denied(_) | Came::Nameless if kept.asked.is_passive => {
            kept.failed(ctx, Status::REQUEST_DENIED).await
        }
        Came::Denied(denial) => Ok(Turn::Over { application: application(), text: denial.text }),
        Came::Nameless => Ok(Turn::Over { application: application(), text: Phrase::NoNameThere }),
        Came::Ask(_) if kept.asked.is_passive => kept.failed(ctx, Status::NO_PASSIVE).await,
        Came::Ask(ask) => Ok(Turn::Ask { ticket: keep(ctx, kept, ticket).await?, ask }),
    }
}

/// Looks at the person whose session this is.
pub(super) async fn look(
    ctx: &Ctx,
    kept: &Kept,
    session: &Session,
    ticket: Option<&Secret>,
) -> Result<Came, AppError> {
    let id = ctx.id(SignInId::new)?;
    let (session, asked) = (session.clone(), kept.clone());
    let ticket = ticket.map(|ticket| hash(ctx, kept.asked.kind(), ticket));
    ctx.write(move |tx| decide(tx, &asked, &session, ticket.as_deref(), id)).await
}

/// Decides, and writes down what was decided.
fn decide(
    tx: &mut Tx<'_, '_>,
    kept: &Kept,
    session: &Session,
    ticket: Option<&str>,
    id: SignInId,
) -> Result<Came, AppError> {
    let (ctx, asked) = (tx.ctx, &kept.asked);
    tx.by_view()?;
    if let Some(ticket) = ticket
        && tx.find_once(asked.kind(), ticket)?.is_none_or(|once| once.used.is_some())
    {
        return Ok(Came::TooLate);
    }
    let application = &kept.application;
    let to = sso::resource(application);
    let wanted = Wanted { to: &to, since: asked.since, level: asked.level };
    let standing = sso::stand(tx, ctx, session, wanted)?;
    let denial = match standing {
        Standing::Through(passage) => return passes(tx, kept, ticket, *passage, id),
        Standing::Ask(ask) => return Ok(Came::Ask(ask)),
        Standing::Denied(denial) => denial,
    };
    sso::note_denial(tx, id, to, session, &denial)?;
    Ok(Came::Denied(denial))
}

/// Somebody passes, once for each request.
fn passes(
    tx: &mut Tx<'_, '_>,
    kept: &Kept,
    ticket: Option<&str>,
    passage: sso::Passage,
    id: SignInId,
) -> Result<Came, AppError> {
    let (ctx, asked) = (tx.ctx, &kept.asked);
    if passage.level < asked.level {
        return Ok(Came::Failed(Status::NO_AUTHN_CONTEXT));
    }
    let format = asked.format.unwrap_or(kept.service.name_id);
    let whom = (&*kept.application, &kept.service);
    let said = match Said::of(tx, ctx, whom, format, &passage, asked.context.as_deref())? {
        Ok(said) => said,
        Err(_) => return Ok(Came::Nameless),
    };
    let is_meant = |name: &String| *name == said.name_id.value || name == passage.user.name.as_str();
    if !asked.subject.as_ref().is_none_or(is_meant) {
        return Ok(Came::Ask(Ask::sign_in_again(&kept.application)));
    }
    if let Some(ticket) = ticket
        && !tx.use_once(asked.kind(), ticket, ctx.now)?
    {
        return Ok(Came::TooLate);
    }
    // Of a trial the application hears nothing, so there is nothing that it could end.
    if kept.application.kind == ApplicationKind::Saml && asked.tried_by.is_none() {
        logout::remember(tx, &kept.application, &said, passage.user.id)?;
    }
    sso::note(tx, id, &kept.application, &passage)?;
    Ok(Came::Told(Box::new(said)))
}

/// Keeps a request while the person is asked something.
pub(super) async fn keep(ctx: &Ctx, kept: Kept, ticket: Option<&Secret>) -> Result<Secret, AppError> {
    let kind = kept.asked.kind();
    let once = Once {
        owner: kept.asked.application.to_string(),
        expires: kept.asked.created.plus(REQUEST_LIFE),
        used: None,
        doc: serde_json::to_string(&kept.asked)?,
    };
    if let Some(ticket) = ticket {
        let hash = hash(ctx, kind, ticket);
        ctx.write(move |tx| Ok(tx.replace_once(kind, &hash, &once)?)).await?;
        return Ok(ticket.clone());
    }
    let (ticket, hash) = ctx.bearer(kind)?;
    ctx.write(move |tx| Ok(tx.put_once(kind, &hash, &once)?)).await?;
    Ok(ticket)
}

fn hash(ctx: &Ctx, kind: &'static str, ticket: &Secret) -> String {
    ctx.org.keys.hash_token(kind, ticket.expose())
}
