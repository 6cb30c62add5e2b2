//! The authorization endpoint: a browser comes from an application, and goes back with a code when whoever uses it may pass.
//!
//! What an application asks for is kept as it came first, under a ticket that the browser carries through our own pages; none
//! of it can be said again on the way. Where the browser goes back to is decided before anything else is read.

use std::{collections::BTreeSet, sync::Arc};

use sallyport_crypto::Secret;
use sallyport_model::{RedirectUri, Span, Time, id::SignInId, oidc::OidcGrant};
use sallyport_store::{Once, Session};
use sallyport_wire::oidc::{
    Answered, AuthorizeRequest, ErrorCode, OAuthError, Params, Prompt, RequestSource, Sent, Token,
};
use serde::{Deserialize, Serialize};

use super::{
    client::{self, Client},
    client_credentials::check_resource,
    code::NewCode,
    consent,
    grant::subject,
    issuer, level, pushed, trial,
};
use crate::{
    AppError, Ctx, Phrase, Tx,
    signin::Denial,
    sso::{self, Ask, Level, Standing, Wanted},
};

/// Kind of a request that waits for a person, and prefix of its ticket.
const REQUEST: &str = "spoq";
/// Long enough to sign in, and to enrol something before.
pub(super) const REQUEST_LIFE: Span = Span::minutes(30);

/// Where the browser goes next.
#[derive(Debug)]
pub enum Turn {
    /// Back to the application.
    Back(Answered),
    /// Nowhere: no application may be told. What it says is for whoever develops the application.
    Nowhere(OAuthError),
    /// To a page of ours, and then on with this ticket.
    Ask { ticket: Secret, ask: Ask },
    /// To a page of ours that asks whether the application may be told.
    Consent { ticket: Secret, consenting: Consenting },
    /// Not through. The person reads why, and goes back by themselves.
    Over { application: String, text: Phrase, back: Answered },
}

/// Who wants to be told what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consenting {
    pub application: String,
    pub scopes: Vec<String>,
}

/// A request that waits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Stored {
    client_id: String,
    request: AuthorizeRequest,
    created: Time,
    /// Whether the second door was asked for already; a wish is expressed once.
    #[serde(default)]
    stepped_up: bool,
    /// Whether the person said yes.
    #[serde(default)]
    agreed: bool,
    /// What spends the pushed request that it was, with the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pushed: Option<String>,
}

/// The same, with whose it is.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) client: Arc<Client>,
    pub(super) request: AuthorizeRequest,
    created: Time,
    stepped_up: bool,
    pub(super) agreed: bool,
    pushed: Option<String>,
}

impl Kept {
    fn new(client: Arc<Client>, request: AuthorizeRequest, created: Time, pushed: Option<String>) -> Self {
        Self { client, request, created, stepped_up: false, agreed: false, pushed }
    }

    fn stored(&self) -> Stored {
        Stored {
            client_id: self.client.application.ikey.clone(),
            request: self.request.clone(),
            created: self.created,
            stepped_up: self.stepped_up,
            agreed: self.agreed,
            pushed: self.pushed.clone(),
        }
    }

    fn back_with(&self, ctx: &Ctx, error: &OAuthError) -> Answered {
        let request = &self.request;
        Answered::error(
            &request.redirect_uri,
            request.response_mode,
            request.state.as_deref(),
            issuer(ctx),
            error,
        )
    }

    /// The level that is wanted, and the one that the application cannot do without; none if it wants what nobody here reaches.
    fn levels(&self) -> Option<(Level, Level)> {
        let one = self.request.claims.id_token.get("acr");
        let named = one.map(|acr| acr.values.as_slice()).unwrap_or_default();
        let essential = one.is_some_and(|acr| acr.essential) && !named.is_empty();
        let known = |names: &[String]| names.iter().filter_map(|name| level(name)).collect::<Vec<_>>();
        let (named, usual) = (known(named), known(&self.request.acr_values));
        let wished = named.iter().chain(&usual).next().copied();
        match (essential, named.iter().min()) {
            (true, Some(least)) => Some((wished.unwrap_or(*least), *least)),
            (true, None) => None,
            (false, _) => Some((wished.unwrap_or(Level::OneDoor), Level::OneDoor)),
        }
    }
}

/// Begins, with what a browser brings from an application. `session`: of the browser, if there is one.
///
/// # Errors
/// Busy, or something of ours failed. A refusal is a [`Turn`].
pub async fn begin(ctx: &Ctx, params: Params, session: Option<&Session>) -> Result<Turn, AppError> {
    let sent = match Sent::read(params) {
        Ok(sent) => sent,
        Err(error) => return Ok(Turn::Nowhere(error)),
    };
    let found = client::find(ctx, &sent.client_id).await?;
    let Some(client) = found.filter(|client| client.application.enabled) else {
        let text = "there is no application with this client_id, or it is disabled";
        return Ok(Turn::Nowhere(OAuthError::new(ErrorCode::InvalidRequest, text)));
    };
    let (request, pushed) = match &sent.source {
        RequestSource::Here => match here(ctx, &client, &sent) {
            Ok(request) => (request, None),
            Err(turn) => return Ok(*turn),
        },
        RequestSource::Pushed(name) => match pushed::find(ctx, &client, name).await? {
            Some(found) => (found.request, Some(found.hash)),
            None => {
                let text = "the pushed request is unknown, used or expired";
                return Ok(Turn::Nowhere(OAuthError::new(ErrorCode::InvalidRequest, text)));
            }
        },
    };
    turn(ctx, Kept::new(client, request, ctx.now, pushed), session, None).await
}

/// Begins in the place of an application with what it would send, to be sent back to an address of ours that no application
/// has: see [`super::trial`].
pub(super) async fn in_place_of(
    ctx: &Ctx,
    client: Arc<Client>,
    params: Params,
    back: &str,
    session: &Session,
) -> Result<Turn, AppError> {
    let request = Sent::read(params)
        .and_then(|sent| sent.request(back.to_owned()))
        .and_then(|request| allowed(&client, request));
    let request = match request {
        Ok(request) => request,
        Err(error) => return Ok(Turn::Nowhere(error)),
    };
    turn(ctx, Kept::new(client, request, ctx.now, None), Some(session), None).await
}

/// A request that stands in the address: where it may go back to first, then the rest.
fn here(ctx: &Ctx, client: &Client, sent: &Sent) -> Result<AuthorizeRequest, Box<Turn>> {
    let uri = registered(client, sent).map_err(|error| Box::new(Turn::Nowhere(error)))?;
    let state = sent.state().ok().flatten();
    let mode = sent.response_mode().unwrap_or_default();
    let back = |error: &OAuthError| {
        Box::new(Turn::Back(Answered::error(uri.as_str(), mode, state.as_deref(), issuer(ctx), error)))
    };
    if client.settings.requires_pushed_requests {
        let text = "this client pushes its requests";
        return Err(back(&OAuthError::new(ErrorCode::InvalidRequest, text)));
    }
    sent.request(uri.as_str().to_owned())
        .and_then(|request| allowed(client, request))
        .map_err(|error| back(&error))
}

/// Where a request wants the browser back, if that is where its client may have it.
pub(super) fn registered<'c>(client: &'c Client, sent: &Sent) -> Result<&'c RedirectUri, OAuthError> {
    let wanted = sent.redirect_uri.as_deref();
    let found = client.application.redirect_uris.iter().find(|uri| Some(uri.as_str()) == wanted);
    found.ok_or_else(|| {
        let text = "redirect_uri is none of those that are registered; they are compared byte for byte";
        OAuthError::new(ErrorCode::InvalidRequest, text)
    })
}

/// A request as far as the client may ask for it.
pub(super) fn allowed(client: &Client, request: AuthorizeRequest) -> Result<AuthorizeRequest, OAuthError> {
    client.demand(OidcGrant::AuthorizationCode)?;
    if request.challenge.is_none() {
        return Err(OAuthError::new(ErrorCode::InvalidRequest, "code_challenge is missing (RFC 7636, S256)"));
    }
    if let Err(super::Refused::OAuth(error)) = check_resource(client, request.resource.as_deref()) {
        return Err(error);
    }
    let scope = request.scope.and(&client.settings.scopes);
    Ok(AuthorizeRequest { scope, ..request })
}

/// Goes on with a request that waited, where a page of ours has led the browser back.
///
/// # Errors
/// As [`begin`].
pub async fn go_on(ctx: &Ctx, ticket: &Secret, session: Option<&Session>) -> Result<Turn, AppError> {
    match find(ctx, ticket).await? {
        Some(kept) => turn(ctx, kept, session, Some(ticket)).await,
        None => Ok(too_late()),
    }
}

/// The person says what they were asked by [`Turn::Consent`].
///
/// # Errors
/// As [`begin`].
pub async fn agree(
    ctx: &Ctx,
    ticket: &Secret,
    session: Option<&Session>,
    yes: bool,
) -> Result<Turn, AppError> {
    let Some(kept) = find(ctx, ticket).await? else { return Ok(too_late()) };
    if !yes {
        let hash = hash(ctx, ticket);
        ctx.write(move |tx| Ok(tx.delete_once(REQUEST, &hash)?)).await?;
        let error = OAuthError::new(ErrorCode::AccessDenied, "the person said no");
        return Ok(Turn::Back(kept.back_with(ctx, &error)));
    }
    turn(ctx, Kept { agreed: true, ..kept }, session, Some(ticket)).await
}

fn too_late() -> Turn {
    let text = "the request is unknown, over or too old; begin again at the application";
    Turn::Nowhere(OAuthError::new(ErrorCode::InvalidRequest, text))
}

/// What came of a look at the person, in the write that acts upon it.
enum Came {
    Ask(Ask),
    Code,
    Consent(Consenting),
    Denied(Denial),
    Error(OAuthError),
    TooLate,
}

/// Looks at who is there, and either gives a code or asks for what is missing.
async fn turn(
    ctx: &Ctx,
    kept: Kept,
    session: Option<&Session>,
    ticket: Option<&Secret>,
) -> Result<Turn, AppError> {
    let (code, denied) = (NewCode::draw(ctx)?, ctx.id(SignInId::new)?);
    let came = match session {
        None => Came::Ask(Ask::sign_in(&kept.client.application)),
        Some(session) => {
            let (session, asked) = (session.clone(), kept.clone());
            let (ticket, code) = (ticket.map(|ticket| hash(ctx, ticket)), code.clone());
            ctx.write(move |tx| decide(tx, &asked, &session, ticket.as_deref(), &code, denied)).await?
        }
    };
    let request = &kept.request;
    let silent = request.prompt.contains(&Prompt::None);
    let refused = |error, text: &str| Turn::Back(kept.back_with(ctx, &OAuthError::new(error, text)));
    Ok(match came {
        Came::Code => Turn::Back(Answered::code(
            &request.redirect_uri,
            request.response_mode,
            request.state.as_deref(),
            issuer(ctx),
            code.code.expose(),
        )),
        Came::Error(error) => Turn::Back(kept.back_with(ctx, &error)),
        Came::TooLate => too_late(),
        Came::Denied(_) if silent => {
            refused(ErrorCode::AccessDenied, "the person may not use this application")
        }
        Came::Denied(denial) => {
            let error = OAuthError::new(ErrorCode::AccessDenied, "the person may not use this application");
            let application = kept.client.application.name.clone();
            Turn::Over { application, text: denial.text, back: kept.back_with(ctx, &error) }
        }
        Came::Ask(Ask::SignIn { .. }) if silent => {
            refused(ErrorCode::LoginRequired, "nobody is signed in, or not as is wanted")
        }
        Came::Consent(_) if silent => refused(ErrorCode::ConsentRequired, "the person was not asked yet"),
        Came::Consent(consenting) => {
            Turn::Consent { ticket: keep(ctx, kept, ticket, false).await?, consenting }
        }
        Came::Ask(Ask::NewPassword | Ask::StepUp { .. }) if silent => {
            refused(ErrorCode::InteractionRequired, "the person has to do something first")
        }
        Came::Ask(ask) => {
            let steps_up = matches!(ask, Ask::StepUp { .. });
            Turn::Ask { ticket: keep(ctx, kept, ticket, steps_up).await?, ask }
        }
    })
}

/// Decides, and writes down what was decided.
fn decide(
    tx: &mut Tx<'_, '_>,
    kept: &Kept,
    session: &Session,
    ticket: Option<&str>,
    code: &NewCode,
    denied: SignInId,
) -> Result<Came, AppError> {
    let (ctx, now) = (tx.ctx, tx.ctx.now);
    tx.by_view()?;
    if let Some(ticket) = ticket
        && tx.find_once(REQUEST, ticket)?.is_none_or(|once| once.used.is_some())
    {
        return Ok(Came::TooLate);
    }
    let application = &kept.client.application;
    if !names(ctx, tx, kept, session)? {
        return Ok(match session.created < kept.created {
            true => Came::Ask(Ask::sign_in_again(application)),
            // They have signed in because of this, and are still somebody else.
            false => Came::Error(OAuthError::new(ErrorCode::LoginRequired, "another person signed in")),
        });
    }
    let unmet = || {
        let text = "the person has nothing that reaches the acr that is wanted";
        Ok(Came::Error(OAuthError::new(ErrorCode::UnmetAuthenticationRequirements, text)))
    };
    let Some((wished, least)) = kept.levels() else { return unmet() };
    let passage = match stand(tx, kept, session, (wished, least))? {
        Standing::Through(passage) => passage,
        Standing::Denied(denial) => {
            sso::note_denial(tx, denied, sso::resource(application), session, &denial)?;
            return Ok(Came::Denied(denial));
        }
        Standing::Ask(ask) => return Ok(Came::Ask(ask)),
    };
    if passage.level < least {
        return unmet();
    }
    if let Some(consenting) = consent::wanted(tx, kept, passage.user.id, now)? {
        return Ok(Came::Consent(consenting));
    }
    if let Some(ticket) = ticket
        && !tx.use_once(REQUEST, ticket, now)?
    {
        return Ok(Came::TooLate);
    }
    if let Some(pushed) = &kept.pushed
        && !pushed::spend(tx, pushed)?
    {
        return Ok(Came::TooLate);
    }
    consent::keep(tx, kept, passage.user.id)?;
    code.put(tx, kept, &passage)?;
    Ok(Came::Code)
}

/// Where the person stands, with as much as is wished for; where that was asked for already, with as much as is needed.
fn stand(
    tx: &mut Tx<'_, '_>,
    kept: &Kept,
    session: &Session,
    (wished, least): (Level, Level),
) -> Result<Standing, AppError> {
    let ctx = tx.ctx;
    let to = sso::resource(&kept.client.application);
    let wanted = Wanted { to: &to, since: since(kept), level: wished };
    let standing = sso::stand(tx, ctx, session, wanted)?;
    if matches!(standing, Standing::Ask(Ask::StepUp { .. })) && kept.stepped_up && least < wished {
        return sso::stand(tx, ctx, session, Wanted { level: least, ..wanted });
    }
    Ok(standing)
}

/// Since when both doors have to have been passed.
fn since(kept: &Kept) -> Option<Time> {
    let anew: BTreeSet<Prompt> = [Prompt::Login, Prompt::SelectAccount].into();
    if !kept.request.prompt.is_disjoint(&anew) {
        return Some(kept.created);
    }
    // Whoever signs in because of this request has done so lately enough, however long they take on the way back.
    kept.request.max_age.map(|seconds| kept.created.minus(Span::seconds(seconds)))
}

/// Whether the person of this session is the one that the application means, if it says whom.
fn names(ctx: &Ctx, tx: &mut Tx<'_, '_>, kept: &Kept, session: &Session) -> Result<bool, AppError> {
    let is_them = |name: &str| name == subject(ctx, &kept.client, session.user);
    let asked = kept.request.claims.id_token.get("sub");
    if asked.is_some_and(|sub| !sub.values.is_empty() && !sub.values.iter().any(|sub| is_them(sub))) {
        return Ok(false);
    }
    let Some(hint) = &kept.request.id_token_hint else { return Ok(true) };
    Ok(hinted(ctx, tx, hint)?.is_some_and(|hinted| is_them(&hinted.subject)))
}

/// What an ID token of ours says that is brought back as a hint.
pub(super) struct Hinted {
    pub(super) subject: String,
    pub(super) client_id: String,
    pub(super) session: Option<String>,
}

/// Reads an ID token of ours, however long it is over. `None` for anything else.
pub(super) fn hinted(
    ctx: &Ctx,
    reader: &mut sallyport_store::Reader,
    hint: &str,
) -> Result<Option<Hinted>, AppError> {
    let keys = ctx.org.view.jwks(reader, ctx.now)?;
    let Ok(token) = Token::read(hint) else { return Ok(None) };
    let Ok(claims) = token.verified(&[Some("JWT")], keys.candidates(token.alg(), token.kid())) else {
        return Ok(None);
    };
    let is_ours = claims.required_line("iss", 1024).is_ok_and(|iss| iss == issuer(ctx));
    let (subject, audiences) = (claims.required_line("sub", 256), claims.audiences());
    let (Ok(subject), Ok(audiences), true) = (subject, audiences, is_ours) else { return Ok(None) };
    let Some(client_id) = audiences.into_iter().next() else { return Ok(None) };
    let session = claims.line("sid", 64).ok().flatten();
    Ok(Some(Hinted { subject, client_id, session }))
}

/// Keeps a request while the person is asked something. A wish for more than policy needs is expressed once.
async fn keep(ctx: &Ctx, kept: Kept, ticket: Option<&Secret>, steps_up: bool) -> Result<Secret, AppError> {
    let stepped_up = kept.stepped_up || steps_up;
    let stored = Stored { stepped_up, agreed: false, ..kept.stored() };
    let once = Once {
        owner: kept.client.application.id.to_string(),
        expires: kept.created.plus(REQUEST_LIFE),
        used: None,
        doc: serde_json::to_string(&stored)?,
    };
    if let Some(ticket) = ticket {
        let hash = hash(ctx, ticket);
        ctx.write(move |tx| Ok(tx.replace_once(REQUEST, &hash, &once)?)).await?;
        return Ok(ticket.clone());
    }
    let (ticket, hash) = ctx.bearer(REQUEST)?;
    ctx.write(move |tx| Ok(tx.put_once(REQUEST, &hash, &once)?)).await?;
    Ok(ticket)
}

/// The request that waits under this ticket, of a client that is still there.
async fn find(ctx: &Ctx, ticket: &Secret) -> Result<Option<Kept>, AppError> {
    let (asking, hash, now) = (ctx.clone(), hash(ctx, ticket), ctx.now);
    ctx.read(move |reader| {
        let once = reader.find_once(REQUEST, &hash)?;
        let Some(once) = once.filter(|once| once.used.is_none() && once.expires >= now) else {
            return Ok(None);
        };
        let Stored { client_id, request, created, stepped_up, agreed, pushed } =
            serde_json::from_str(&once.doc)?;
        let client = asking.org.view.client(reader, &client_id)?;
        let client = client.filter(|client| client.application.enabled);
        // An address that was taken away in the meantime is no longer gone back to.
        let client = client.filter(|client| {
            let mut registered = client.application.redirect_uris.iter();
            registered.any(|uri| uri.as_str() == request.redirect_uri)
                || request.redirect_uri == trial::back_at(&asking, client.application.id)
        });
        Ok(client.map(|client| Kept { client, request, created, stepped_up, agreed, pushed }))
    })
    .await
}

fn hash(ctx: &Ctx, ticket: &Secret) -> String {
    ctx.org.keys.hash_token(REQUEST, ticket.expose())
}
