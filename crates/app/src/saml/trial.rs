//! A sign-in on trial: an administrator passes all of it in the application's place, and sees every message. We send what the
//! application would, the decision is the one about everybody, and the answer is made, held against what a careful application
//! looks at, and shown. It goes nowhere, and what makes it good for anything is cut short before it is seen.
//!
//! A trial that waits for whoever tries is of a kind of its own, and says whose it is: no ticket of one is good where applications
//! are answered, and nobody else can go on with it.

use sallyport_crypto::Secret;
use sallyport_model::{
    Action, Application, ApplicationKind, NameIdFormat, SamlService, id::ApplicationId, oidc::ValueSource,
};
use sallyport_saml::{
    binding::{Kind, PostForm, Received},
    certificate::Certificate,
    consume::{Answers, Expected, Signed},
    looked::Looked,
    message::{Header, fresh_id},
    metadata::default_consumer,
    request::plain,
    shown::shown,
    ws_federation::Asked,
};
use sallyport_store::Session;

use super::{
    answer::Said,
    certificates, entity_id,
    sign_on::{self, Came, Kept, TRIAL, asked, keep, look, waiting},
    sign_on_url, ws_federation,
};
use crate::{
    AppError, Ctx,
    sso::{
        Ask,
        trial::{Exchange, Report, UNKNOWN},
    },
};

/// Where a trial goes on.
#[derive(Debug)]
pub enum Trial {
    /// To a page of ours that asks something, and back with this ticket.
    Ask {
        ticket: Secret,
        ask: Ask,
    },
    Over(Report),
}

impl Trial {
    fn failed(problem: impl Into<String>) -> Self {
        Self::Over(Report::failed(problem))
    }
}

/// Begins a trial, by whoever is signed in here.
///
/// # Errors
/// Denied, no such application, or it takes no assertions. What the protocol refuses is in the report.
pub async fn begin(ctx: &Ctx, id: ApplicationId, session: &Session) -> Result<Trial, AppError> {
    ctx.allow(Action::ManageApplications)?;
    let asking = ctx.clone();
    let found = ctx.read(move |reader| asking.org.view.application(reader, id)).await?;
    let application = found.ok_or_else(|| AppError::not_found("application", id))?;
    let Some(service) = application.saml.clone().filter(|_| application.kind.takes_assertions()) else {
        return Err(AppError::Conflict("it asks neither by SAML nor by WS-Federation".into()));
    };
    if !application.enabled {
        return Err(AppError::Conflict("it is disabled, so nobody is signed in to it".into()));
    }
    if service.entity_id.is_empty() {
        let calls_itself = match by_ws_federation(&application) {
            true => "its realm (`wtrealm`) is not registered",
            false => "its entity ID is not registered: its metadata was not read yet",
        };
        return Ok(Trial::failed(format!("{calls_itself}, so nobody is signed in to it")));
    }
    let Some(consumer) = default_consumer(&service.consumers).map(|consumer| consumer.url.as_str()) else {
        return Ok(Trial::failed("no address is registered where it takes answers"));
    };
    let sent = match by_ws_federation(&application) {
        true => taken(ctx, id, &service, consumer),
        false => read(ctx, id, &service, consumer)?,
    };
    match sent {
        Ok(asked) => {
            let asked = sign_on::Asked { tried_by: Some(session.user), ..asked };
            on(ctx, Kept { application, service, asked }, session, None).await
        }
        Err(refused) => Ok(Trial::failed(format!("what it would send is refused: {refused}"))),
    }
}

/// Goes on, where a page of ours has led whoever tries back.
///
/// # Errors
/// Denied, or something of ours failed.
pub async fn go_on(
    ctx: &Ctx,
    id: ApplicationId,
    ticket: &Secret,
    session: &Session,
) -> Result<Trial, AppError> {
    ctx.allow(Action::ManageApplications)?;
    let waits = waiting(ctx, TRIAL, ticket).await?;
    let own = |kept: &Kept| kept.asked.application == id && kept.asked.tried_by == Some(session.user);
    match waits.filter(own) {
        Some(kept) => on(ctx, kept, session, Some(ticket)).await,
        None => Ok(Trial::failed(UNKNOWN)),
    }
}

fn by_ws_federation(application: &Application) -> bool {
    application.kind == ApplicationKind::WsFederation
}

/// What an application would send by SAML, read as if it had. We have no key of it to sign with, so that alone is let pass.
fn read(
    ctx: &Ctx,
    id: ApplicationId,
    service: &SamlService,
    consumer: &str,
) -> Result<Result<sign_on::Asked, String>, AppError> {
    let header = header(ctx, id, service, fresh_id(&*ctx.org.random)?);
    let form = PostForm::new("", Kind::Request, &plain(&header, consumer), None);
    let message = form.fields.iter().find(|(name, _)| *name == Kind::Request.parameter());
    let message = message.map(|(_, message)| message.as_str()).unwrap_or_default();
    let read = Received::from_form(Kind::Request, message, None)
        .and_then(|received| asked(ctx, id, service, &received, false));
    Ok(read.map(|(asked, _)| asked).map_err(|refused| refused.to_string()))
}

/// The same by WS-Federation.
fn taken(
    ctx: &Ctx,
    id: ApplicationId,
    service: &SamlService,
    consumer: &str,
) -> Result<sign_on::Asked, String> {
    match Asked::read(&pairs(service, consumer)).map_err(|error| error.to_string())? {
        Asked::SignIn(asked) => ws_federation::taken(ctx, id, service, asked).map_err(str::to_owned),
        Asked::SignOut => Err("it asks to sign out".into()),
    }
}

fn header(ctx: &Ctx, id: ApplicationId, service: &SamlService, request: String) -> Header {
    let destination = Some(sign_on_url(ctx, id));
    Header { id: request, issued: ctx.now, destination, issuer: service.entity_id.clone() }
}

fn pairs(service: &SamlService, consumer: &str) -> Vec<(String, String)> {
    let pairs = [("wa", "wsignin1.0"), ("wtrealm", &service.entity_id), ("wreply", consumer)];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// Looks at whoever tries, and either asks for what is missing or tells what came of it.
async fn on(ctx: &Ctx, kept: Kept, session: &Session, ticket: Option<&Secret>) -> Result<Trial, AppError> {
    let came = look(ctx, &kept, session, ticket).await?;
    let mut report = Report { exchanges: vec![sent(ctx, &kept)], ..Report::default() };
    report.problem = match came {
        Came::Ask(ask) => return Ok(Trial::Ask { ticket: keep(ctx, kept, ticket).await?, ask }),
        Came::Told(said) => answered(ctx, &kept, &said, &mut report).await?,
        Came::Denied(denial) => {
            Some(format!("it was decided that you may not pass. People read: {}", denial.text.text()))
        }
        Came::Failed(_) => Some("the proof that is asked for cannot be given".into()),
        Came::Nameless => Some(nameless(&kept.service)),
        Came::TooLate => return Ok(Trial::failed(UNKNOWN)),
    };
    Ok(Trial::Over(report))
}

/// The request, as it was read.
fn sent(ctx: &Ctx, kept: &Kept) -> Exchange {
    let Kept { application, service, asked } = kept;
    let title = "Request of the application";
    if by_ws_federation(application) {
        let (to, sent) = (ws_federation::url(ctx, application.id), pairs(service, &asked.consumer));
        return Exchange { title, to, sent, ..Exchange::default() };
    }
    let request = asked.in_response_to.clone().unwrap_or_default();
    let header = Header { issued: asked.created, ..header(ctx, application.id, service, request) };
    let message = Some(shown(&plain(&header, &asked.consumer)));
    Exchange { title, to: sign_on_url(ctx, application.id), message, ..Exchange::default() }
}

/// Why somebody cannot be named there.
fn nameless(service: &SamlService) -> String {
    let by = match (&service.name_id_value, service.name_id) {
        (Some(ValueSource::Mail), _) | (None, NameIdFormat::EmailAddress) => "their mail address",
        (Some(_), _) => "what was chosen for it",
        (None, NameIdFormat::Persistent | NameIdFormat::Transient | NameIdFormat::Unspecified) => "a name",
    };
    format!(
        "the application knows people by {by} (NameID), and you have none; whoever has none cannot go there"
    )
}

/// The answer, and what a careful application looks at in it; the problem, if there is none.
async fn answered(
    ctx: &Ctx,
    kept: &Kept,
    said: &Said,
    report: &mut Report,
) -> Result<Option<String>, AppError> {
    let Kept { application, service, asked } = kept;
    let answer = match kept.to().answer(ctx, said).await? {
        Ok(answer) => answer,
        Err(error) => return Ok(Some(format!("it cannot be answered: {error}"))),
    };
    let unread = |error| AppError::Internal(format!("an answer to {} is none: {error}", application.id));
    let looked = Looked::read(&answer.form, answer.sealed).map_err(unread)?;
    report.exchanges.push(Exchange {
        title: "Answer, which would go to the application",
        to: asked.consumer.clone(),
        message: Some(looked.shown()),
        ..Exchange::default()
    });
    if let Some(assertion) = looked.sealed() {
        let title = "Assertion, before it was encrypted for the application";
        report.exchanges.push(Exchange { title, document: Some(assertion), ..Exchange::default() });
    }
    report.exchanges.push(person(said));
    let published = certificates(&application.saml_certificates)?;
    let expected = Expected {
        entity_id: &service.entity_id,
        acs: &asked.consumer,
        issuer: &entity_id(ctx, application.id),
        keys: &published.iter().map(Certificate::key).collect::<Vec<_>>(),
        decryption: &[],
        answers: asked.in_response_to.as_deref().map_or(Answers::Unasked, Answers::Request),
        signed: if service.wants_signed_response { Signed::Both } else { Signed::Assertion },
    };
    report.checks = looked.checks(&expected, asked.format.unwrap_or(service.name_id), ctx.now);
    Ok(None)
}

/// What the application is told about whoever tries.
fn person(said: &Said) -> Exchange {
    let format = said.name_id.format.map(NameIdFormat::uri).unwrap_or_default();
    let name = [("NameID", said.name_id.value.as_str()), ("Format", format)];
    let name = name.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let attributes = said.attributes.iter();
    let attributes = attributes.map(|attribute| (attribute.name.clone(), attribute.values.join(", ")));
    let fields = name.into_iter().chain(attributes).collect();
    Exchange { title: "What it is told about you", fields, ..Exchange::default() }
}
