//! A browser is led through the applications that were told of a session which has ended: each is asked to end its own, and sends the
//! browser back with its answer (profiles sections 4.4.3.3 to 4.4.3.6).
//!
//! The session is over here before any of this, so nobody is held by an application that is slow, broken or hostile: they are only
//! not signed out there. What is known of the way is kept here, under the name of the one request that is out. Nothing that the
//! browser carries counts, but what the very application has signed that was asked.

use std::collections::VecDeque;

use sallyport_model::{
    Application, ApplicationKind, SamlService, Span,
    id::ApplicationId,
    saml::{SamlBinding, SamlEndpoint},
};
use sallyport_saml::{
    Refused,
    binding::{Kind, PostForm, Received, RelayState, redirect},
    dsig::{Place, Signer},
    logout::{LogoutRequest, LogoutResponse},
    xml::Element,
};
use sallyport_store::Once;
use serde::{Deserialize, Serialize};

use super::{
    certificates, entity_id, find,
    logout::{Goodbye, SignOn, Way},
    logout_url, opened, told,
};
use crate::{AppError, Ctx};

/// Kind of a request that is out. Its owner is the application that has to answer it.
const OUT: &str = "saml_logout";
const OUT_LIFE: Span = Span::minutes(10);

/// Where it leads in the end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum End {
    /// Back to the application that began it, with the answer to its request.
    Application { id: ApplicationId, request: String, relay_state: Option<RelayState> },
    /// To this address, or to our own page: it was begun here.
    Here(Option<String>),
}

/// What is left of the way.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Chain {
    rest: VecDeque<SignOn>,
    end: End,
    /// Whether everybody has said so who was to be asked until now.
    all_ended: bool,
}

impl Chain {
    /// Through these, in this order.
    pub(super) fn new(participants: Vec<SignOn>, end: End) -> Self {
        Self { rest: participants.into(), end, all_ended: true }
    }

    /// On to the next application that can be asked, else to the end.
    pub(super) async fn lead(mut self, ctx: &Ctx) -> Result<Goodbye, AppError> {
        while let Some(next) = self.rest.pop_front() {
            match self.ask(ctx, &next).await? {
                Some(way) => return Ok(Goodbye::On(way)),
                None => self.all_ended = false,
            }
        }
        match self.end {
            End::Application { id, request, relay_state } => {
                answer(ctx, id, &request, relay_state.as_ref(), self.all_ended).await
            }
            End::Here(to) => Ok(Goodbye::Out(to)),
        }
    }

    /// The way to an application with our request, unless it cannot be asked, or was asked already.
    async fn ask(&self, ctx: &Ctx, sign_on: &SignOn) -> Result<Option<Way>, AppError> {
        let found = find(ctx, sign_on.application, ApplicationKind::Saml).await?;
        // Where an answer could not be verified it would lead nowhere, and nobody after it would be asked.
        let found = found.filter(|(_, service)| !service.certificates.is_empty());
        let Some((application, service)) = found else { return Ok(None) };
        let Some(endpoint) = endpoint(&service) else { return Ok(None) };
        let (issuer, to) = (entity_id(ctx, application.id), endpoint.url.as_str());
        let (name, session) = (sign_on.name_id(), sign_on.session.to_string());
        let by = (ctx.now, &*ctx.org.random);
        let request = LogoutRequest::new(&issuer, to, name, vec![session], by)?;
        let way = (endpoint.binding, to);
        let way = carried(ctx, &application, way, (Kind::Request, request.written()), None).await?;
        let (sign_on, id) = (sign_on.clone(), request.header.id);
        let once = Once {
            owner: application.id.to_string(),
            expires: ctx.now.plus(OUT_LIFE),
            used: None,
            doc: serde_json::to_string(self)?,
        };
        let is_first = ctx.write(move |tx| {
            let is_first = sign_on.end(tx)?;
            if is_first {
                tx.put_once(OUT, &id, &once)?;
            }
            Ok(is_first)
        });
        Ok(is_first.await?.then_some(way))
    }
}

/// An application has answered: on, if it was asked, and this is the first answer.
pub(super) async fn answered(
    ctx: &Ctx,
    id: ApplicationId,
    service: &SamlService,
    received: &Received,
) -> Result<Goodbye, AppError> {
    let refused = |refused| Ok(Goodbye::Nowhere(told(ctx, id, refused)));
    let opened = match opened(service, received, true) {
        Ok(opened) => opened,
        Err(error) => return refused(error),
    };
    let Some(asked) = LogoutResponse::answers(&opened).map(str::to_owned) else {
        return refused(Refused::InResponseTo);
    };
    let response = match LogoutResponse::read(&opened, &logout_url(ctx, id), &asked, ctx.now) {
        Ok(response) => response,
        Err(error) => return refused(error),
    };
    let owner = id.to_string();
    let out = ctx.write(move |tx| {
        let Some(out) = tx.find_once(OUT, &asked)?.filter(|out| out.owner == owner) else {
            return Ok(Err(Refused::InResponseTo));
        };
        let now = tx.ctx.now;
        Ok(if tx.use_once(OUT, &asked, now)? { Ok(out) } else { Err(Refused::Replayed) })
    });
    let out = match out.await? {
        Ok(out) => out,
        Err(error) => return refused(error),
    };
    let mut chain: Chain = serde_json::from_str(&out.doc)?;
    chain.all_ended &= response.all_ended;
    chain.lead(ctx).await
}

/// Back to an application, with the answer to its request.
async fn answer(
    ctx: &Ctx,
    id: ApplicationId,
    request: &str,
    relay_state: Option<&RelayState>,
    all_ended: bool,
) -> Result<Goodbye, AppError> {
    let found = find(ctx, id, ApplicationKind::Saml).await?;
    let endpoint = found.as_ref().and_then(|(application, service)| Some((application, endpoint(service)?)));
    let Some((application, endpoint)) = endpoint else {
        let text = "You are signed out. The application says nowhere where it wants to hear of it.";
        return Ok(Goodbye::Nowhere(text.into()));
    };
    let to = endpoint.response_url.as_ref().unwrap_or(&endpoint.url).as_str();
    let by = (ctx.now, &*ctx.org.random);
    let answer = LogoutResponse::new(&entity_id(ctx, id), to, request, all_ended, by)?.written();
    let way = (endpoint.binding, to);
    Ok(Goodbye::Back(carried(ctx, application, way, (Kind::Response, answer), relay_state).await?))
}

/// Where an application is asked and answered.
fn endpoint(service: &SamlService) -> Option<&SamlEndpoint> {
    let redirect = service.logout.iter().find(|endpoint| endpoint.binding == SamlBinding::Redirect);
    redirect.or_else(|| service.logout.first())
}

/// The way that carries a message to an application, signed by the key that is for it alone.
async fn carried(
    ctx: &Ctx,
    application: &Application,
    (binding, to): (SamlBinding, &str),
    (kind, message): (Kind, Element),
    relay_state: Option<&RelayState>,
) -> Result<Way, AppError> {
    let (asking, id) = (ctx.clone(), application.id);
    let key = ctx.read(move |reader| asking.org.view.saml_key(reader, &asking, id)).await?;
    let certificates = certificates(&application.saml_certificates)?;
    let signer = Signer::new(&key, certificates.first());
    let unsigned = |error| AppError::Internal(format!("a message to {id}: {error}"));
    Ok(match binding {
        SamlBinding::Post => {
            let message = signer.sign(message, Place::AfterIssuer).map_err(unsigned)?;
            Way::Form(PostForm::new(to, kind, &message, relay_state))
        }
        SamlBinding::Redirect => {
            Way::Address(redirect(to, kind, &message, relay_state, Some(&signer)).map_err(unsigned)?)
        }
    })
}
