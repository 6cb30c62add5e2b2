//! The OIDC prompt of Duo's Web SDKs: an application sends the browser of somebody whose password it checked, the second
//! door is passed on a page of ours, and the application redeems a code for what came of it.
//!
//! What a browser carries between the steps is one secret; whom it is about, for which application and where it goes from
//! here is kept here from the first request on, which its application signed. Nothing of that can be said again later.

pub mod enroll;
mod grant;
mod redeem;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use sallyport_crypto::Secret;
use sallyport_model::{
    ApplicationKind, Span,
    id::{ApplicationId, FactorId},
    signin::Resource,
};
use sallyport_store::{Once, Reader};
use sallyport_wire::duo::{
    Params, Reply,
    prompt::{
        AuthorizeError, AuthorizeRequest, ClientAssertion, HealthCheck, Healthy, RequestError, Sent, path,
    },
};
use serde::{Deserialize, Serialize};

use self::enroll::ToEnroll;
pub use self::redeem::{Unredeemed, redeem};

use crate::{
    AppError, Ctx, Phrase, application,
    remembered::browser::Wish,
    signin::{self, Answer, Begin, Denial, FirstDoorProof, SecondDoorStep, Step},
    view::Keyed,
};

/// Kind of what is kept of a prompt, under the secret of its sign-in.
const PROMPT: &str = "prompt";
/// As long as the second door stays open.
const PROMPT_LIFE: Span = Span::minutes(5);

/// Said where no application can be told. Whether a client is unknown or its key is another is said in one way.
pub const NOT_SIGNED: Phrase = Phrase::NotSigned;
/// Said for a redirect URI that the application does not have.
pub const NOT_REGISTERED: Phrase = Phrase::NotRegistered;
/// Said for what was good once.
pub const TOO_LATE: Phrase = Phrase::TooLate;

/// Where the browser goes next.
#[derive(Debug)]
pub enum Turn {
    /// The second door, once more if the last answer was wrong.
    Ask(Box<Asked>),
    /// Something to open it with has to be enrolled first, which can be done here.
    Enroll(Box<ToEnroll>),
    /// Back to the application, with a code or with a word for why there is none.
    Back(String),
    /// Nowhere: no application may be told.
    Nowhere(Phrase),
    /// Not through. The person reads why, and goes back by themselves.
    Over(Box<Over>),
}

/// What the page at the second door shows.
#[derive(Debug)]
pub struct Asked {
    pub prompt: Prompt,
    pub step: SecondDoorStep,
}

/// What the page at the end without success shows.
#[derive(Debug)]
pub struct Over {
    pub prompt: Prompt,
    pub why: Why,
}

/// Why a prompt is over.
#[derive(Debug)]
pub enum Why {
    Denied(Denial),
    EnrollmentNeeded,
}

/// One application asks for one person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Prompt {
    /// In the page's form, so that a page never answers for what another window began.
    pub id: String,
    pub application: ApplicationId,
    pub application_name: String,
    redirect_uri: String,
    state: String,
    /// As the application writes it.
    pub username: String,
    nonce: Option<String>,
    use_duo_code_attribute: bool,
    /// Whether it waits for the person to enrol a factor.
    #[serde(default)]
    enrolls: bool,
}

impl Prompt {
    fn request(&self) -> AuthorizeRequest {
        AuthorizeRequest {
            redirect_uri: self.redirect_uri.clone(),
            state: self.state.clone(),
            username: self.username.clone(),
            nonce: self.nonce.clone(),
            use_duo_code_attribute: self.use_duo_code_attribute,
        }
    }

    /// The way back without a code.
    #[must_use]
    pub fn way_back(&self) -> String {
        self.request().refused(RequestError::ACCESS_DENIED)
    }

    fn resource(&self) -> Resource {
        Resource::Application { application: self.application, name: self.application_name.clone() }
    }
}

/// Whether we are there, which is all that is said. An application that is set to fail open lets people in by their
/// password alone upon any other answer, so wrong and former keys, a deleted application and troubles of our own are
/// told to our log, and to the person on the page they come to next.
#[must_use]
pub async fn health_check(ctx: &Ctx, params: &Params, host: Option<&str>) -> Reply {
    let check = match HealthCheck::read(params) {
        Ok(check) => check,
        Err(error) => return super::refusal(ctx, error),
    };
    if let Err(trouble) = trouble_with(ctx, &check, host).await {
        let (request, client) = (&*ctx.request, sallyport_model::name::printable(&check.client_id, 32));
        tracing::warn!(request, client, trouble, "an application asks for the prompt and will not get it");
    }
    Reply::ok(&Healthy { timestamp: ctx.now.unix_seconds() })
}

/// The application with this client id, if it is one that people sign in to.
async fn client(ctx: &Ctx, id: &str) -> Result<Option<Arc<Keyed>>, AppError> {
    let found = application::credentials(ctx, id).await?;
    Ok(found.filter(|keyed| match keyed.application.kind {
        ApplicationKind::DuoAuthApi => true,
        ApplicationKind::Bookmark
        | ApplicationKind::DuoAdminApi
        | ApplicationKind::ForwardAuth
        | ApplicationKind::Oidc
        | ApplicationKind::Saml
        | ApplicationKind::WsFederation => false,
    }))
}

async fn trouble_with(ctx: &Ctx, check: &HealthCheck, host: Option<&str>) -> Result<(), String> {
    let keyed = client(ctx, &check.client_id).await.map_err(|error| error.to_string())?;
    let keyed = keyed.ok_or("unknown client id")?;
    let (client, now) = ((check.client_id.as_str(), &keyed.skey), ctx.now.unix_seconds());
    let own = ctx.org.config.host_for(&keyed.application);
    let hosts = hosts(ctx, &own, host);
    ClientAssertion::verify(check.assertion.expose(), client, path::HEALTH_CHECK, &hosts, now)
        .map(drop)
        .map_err(|error| error.to_string())
}

/// Begins a prompt, upon a request that a browser brings from anywhere.
///
/// # Errors
/// Busy, or something of ours failed. A refusal is a [`Turn`], not an error.
pub async fn authorize(ctx: &Ctx, params: &Params, host: Option<&str>) -> Result<Turn, AppError> {
    let Ok(sent) = Sent::read(params) else { return Ok(Turn::Nowhere(NOT_SIGNED)) };
    let Some(keyed) = client(ctx, &sent.client_id).await? else {
        return Ok(Turn::Nowhere(NOT_SIGNED));
    };
    let (application, request) = (&keyed.application, &*ctx.request);
    let own = ctx.org.config.host_for(application);
    let object = match sent.open(&keyed.skey, &hosts(ctx, &own, host), ctx.now.unix_seconds()) {
        Ok(object) => object,
        Err(AuthorizeError::Expired) => return Ok(Turn::Nowhere(TOO_LATE)),
        Err(error) => {
            tracing::warn!(request, application = application.name, %error, "a prompt is refused");
            return Ok(Turn::Nowhere(NOT_SIGNED));
        }
    };
    let wanted = object.redirect_uri();
    let Some(uri) = application.redirect_uris.iter().find(|uri| uri.as_str() == wanted) else {
        tracing::warn!(request, application = application.name, wanted, "a redirect URI is not registered");
        return Ok(Turn::Nowhere(NOT_REGISTERED));
    };
    let asked = match object.read() {
        Ok(asked) => asked,
        Err(error) => return Ok(Turn::Back(error.sent_to(uri.as_str(), object.state().as_deref()))),
    };
    let prompt = Prompt {
        id: ctx.uuid()?.simple().to_string(),
        application: application.id,
        application_name: application.name.clone(),
        redirect_uri: asked.redirect_uri,
        state: asked.state,
        username: asked.username,
        nonce: asked.nonce,
        use_duo_code_attribute: asked.use_duo_code_attribute,
        enrolls: false,
    };
    begin(ctx, prompt).await
}

/// Begins the sign-in of a prompt, whose application vouches for the first door.
async fn begin(ctx: &Ctx, prompt: Prompt) -> Result<Turn, AppError> {
    let begin = Begin {
        name: prompt.username.clone(),
        resource: prompt.resource(),
        first_door: FirstDoorProof::Vouched { by: prompt.application_name.clone() },
    };
    let step = signin::begin(ctx, begin).await?;
    match &step {
        Step::SecondDoor(step) => keep(ctx, &prompt, &step.handle, PROMPT_LIFE).await?,
        Step::EnrollmentNeeded { user, .. } => {
            if let Some(turn) = enroll::offer(ctx, &prompt, *user).await? {
                return Ok(turn);
            }
        }
        Step::Allowed(_) | Step::Denied(_) => {}
    }
    turn(ctx, prompt, None, step).await
}

/// Answers at the second door, or asks a phone. With a `wish` the browser is remembered if the door opens.
///
/// # Errors
/// Something of ours failed.
pub async fn answer(
    ctx: &Ctx,
    handle: &Secret,
    id: &str,
    answer: Answer,
    wish: Option<Wish>,
) -> Result<Turn, AppError> {
    let Some(prompt) = find(ctx, handle, id).await? else { return Ok(Turn::Nowhere(TOO_LATE)) };
    if prompt.enrolls {
        return enroll::again(ctx, prompt, handle).await;
    }
    let step = signin::answer_and_remember(ctx, handle, answer, wish).await?;
    turn(ctx, prompt, Some(handle), step).await
}

/// Has a code texted, to be typed at the same door.
///
/// # Errors
/// Something of ours failed.
pub async fn text(ctx: &Ctx, handle: &Secret, id: &str, phone: FactorId) -> Result<Turn, AppError> {
    let Some(prompt) = find(ctx, handle, id).await? else { return Ok(Turn::Nowhere(TOO_LATE)) };
    let step = signin::text(ctx, handle, phone).await?;
    turn(ctx, prompt, Some(handle), step).await
}

/// Gives up: the sign-in is over, and the application is told.
///
/// # Errors
/// Something of ours failed.
pub async fn cancel(ctx: &Ctx, handle: &Secret, id: &str) -> Result<Turn, AppError> {
    let Some(prompt) = find(ctx, handle, id).await? else { return Ok(Turn::Nowhere(TOO_LATE)) };
    let (hash, handle, now) = (hash(ctx, handle), handle.clone(), ctx.now);
    let user = ctx
        .write(move |tx| {
            tx.use_once(PROMPT, &hash, now)?;
            signin::cancel::cancel(tx, &handle)
        })
        .await?;
    if let Some(user) = user {
        ctx.org.bells.ring(&user.to_string());
    }
    Ok(Turn::Back(prompt.way_back()))
}

async fn turn(ctx: &Ctx, prompt: Prompt, handle: Option<&Secret>, step: Step) -> Result<Turn, AppError> {
    Ok(match step {
        Step::Allowed(admission) => match grant::issue(ctx, &prompt, handle, &admission).await? {
            Some(code) => Turn::Back(prompt.request().answered(code.expose())),
            None => Turn::Nowhere(TOO_LATE),
        },
        Step::Denied(denial) => Turn::Over(Box::new(Over { prompt, why: Why::Denied(denial) })),
        Step::EnrollmentNeeded { .. } => Turn::Over(Box::new(Over { prompt, why: Why::EnrollmentNeeded })),
        Step::SecondDoor(step) => Turn::Ask(Box::new(Asked { prompt, step })),
    })
}

async fn keep(ctx: &Ctx, prompt: &Prompt, handle: &Secret, life: Span) -> Result<(), AppError> {
    let (hash, doc) = (hash(ctx, handle), serde_json::to_string(prompt)?);
    let owner = prompt.application.to_string();
    let once = Once { owner, expires: ctx.now.plus(life), used: None, doc };
    ctx.write(move |tx| Ok(tx.put_once(PROMPT, &hash, &once)?)).await
}

/// What was begun in the window that sends `id`, unless it is over.
async fn find(ctx: &Ctx, handle: &Secret, id: &str) -> Result<Option<Prompt>, AppError> {
    let (hash, id, now) = (hash(ctx, handle), id.to_owned(), ctx.now);
    ctx.read(move |reader| {
        let once = reader.find_once(PROMPT, &hash)?;
        let Some(once) = once.filter(|once| once.used.is_none() && once.expires >= now) else {
            return Ok(None);
        };
        let prompt: Prompt = serde_json::from_str(&once.doc)?;
        Ok(Some(prompt).filter(|prompt| prompt.id == id))
    })
    .await
}

fn hash(ctx: &Ctx, handle: &Secret) -> String {
    ctx.org.keys.hash_token(PROMPT, handle.expose())
}

/// What we may be called: as configured for everybody and for this application (`own`), and as the request's own client
/// calls us, which it has signed as well.
fn hosts<'a>(ctx: &'a Ctx, own: &'a str, host: Option<&'a str>) -> Vec<&'a str> {
    [ctx.org.config.host(), own].into_iter().chain(host).collect()
}

/// Names of the groups around a person, in order.
fn group_names(reader: &mut Reader, user: &str) -> Result<Vec<String>, AppError> {
    let mut names = Vec::new();
    for id in reader.groups_around(user)?.iter().filter_map(|id| id.parse().ok()).take(MOST_GROUPS) {
        names.extend(reader.find::<sallyport_model::Group>(id)?.map(|group| group.value.name));
    }
    names.sort();
    Ok(names)
}

/// Most groups told to an application.
const MOST_GROUPS: usize = 100;
