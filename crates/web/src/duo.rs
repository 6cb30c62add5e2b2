//! The Auth API of the Duo protocols, the older one that Unix clients speak, and the Admin API: signatures are checked
//! here, meaning is given by the use cases.

use std::borrow::Cow;

use axum::{
    BoxError,
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header, request::Parts},
    response::Response,
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use sallyport_app::{
    Caller, Ctx, application,
    duo::{self, AnswerKey, Answers, Endpoint, admin::pace::Pace, clients::Clients},
};
use sallyport_model::{Application, ApplicationKind};
use sallyport_wire::duo::{
    Code, Credentials, Reply, admin,
    auth::{TimeResponse, path},
    envelope,
    params::MAX_BODY,
    rest_v1::{self, Format},
    signing::{self, SignatureError, Verified},
};

use crate::{State, call};

/// What a 429 asks clients to wait, in seconds.
const BUSY_SECONDS: u64 = 2;

/// Under which everything is answered in the words of the protocols.
const ROOTS: [&str; 5] = ["/auth/v2/", rest_v1::ROOT, admin::ROOTS[0], admin::ROOTS[1], admin::ROOTS[2]];

/// Answers the protocol's requests. It stands beside the router and not in it: these come by the thousand, and need
/// nothing of what a router does for pages. Cloning shares the answers.
#[derive(Clone)]
pub(crate) struct Door {
    state: State,
    answers: Answers,
    pace: Pace,
    clients: Clients,
}

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Question {
    Admin(admin::Endpoint),
    Ping,
    /// The same in the older API, which tells no time.
    Pong,
    Logo,
    Signed(Endpoint),
}

impl Question {
    fn of(method: &Method, path: &str) -> Result<Self, Code> {
        if admin::ROOTS.iter().any(|root| path.starts_with(root)) {
            return admin::Endpoint::at(method.as_str(), path).map(Self::Admin);
        }
        let (known, expected) = match path {
            path::PING => (Self::Ping, Method::GET),
            path::CHECK => (Self::Signed(Endpoint::Check), Method::GET),
            path::LOGO => (Self::Logo, Method::GET),
            path::ENROLL => (Self::Signed(Endpoint::Enroll), Method::POST),
            path::ENROLL_STATUS => (Self::Signed(Endpoint::EnrollStatus), Method::POST),
            path::PREAUTH => (Self::Signed(Endpoint::Preauth), Method::POST),
            path::AUTH => (Self::Signed(Endpoint::Auth), Method::POST),
            path::AUTH_STATUS => (Self::Signed(Endpoint::AuthStatus), Method::GET),
            older => Self::of_rest_v1(older).ok_or(Code::NotFound)?,
        };
        let is_head = *method == Method::HEAD && expected == Method::GET;
        if *method == expected || is_head { Ok(known) } else { Err(Code::MethodNotAllowed) }
    }

    fn of_rest_v1(path: &str) -> Option<(Self, Method)> {
        let endpoint = rest_v1::Endpoint::at(path)?;
        let signed = Self::Signed(Endpoint::RestV1(endpoint));
        Some(match endpoint {
            rest_v1::Endpoint::Auth | rest_v1::Endpoint::Preauth => (signed, Method::POST),
            rest_v1::Endpoint::Check | rest_v1::Endpoint::Status => (signed, Method::GET),
            rest_v1::Endpoint::Logo => (Self::Logo, Method::GET),
            rest_v1::Endpoint::Ping => (Self::Pong, Method::GET),
        })
    }
}

impl Door {
    pub(crate) fn new(state: State) -> Self {
        Self { state, answers: Answers::default(), pace: Pace::default(), clients: Clients::default() }
    }

    /// Whether requests for this path come here.
    pub(crate) fn has(path: &str) -> bool {
        ROOTS.iter().any(|root| path.starts_with(root))
    }

    pub(crate) async fn answer<B>(&self, request: Request<B>) -> Response
    where
        B: HttpBody<Data = Bytes, Error = BoxError>,
    {
        let (parts, body) = request.into_parts();
        let reply = self.reply(&parts, body).await.unwrap_or_else(std::convert::identity);
        let path = parts.uri.path();
        let reply = match path {
            path::PREAUTH | path::AUTH | path::AUTH_STATUS => reply.closed(),
            older if older.starts_with(rest_v1::ROOT) => rest_v1::closed(reply),
            _ => reply,
        };
        render(reply, Format::of(path), parts.headers)
    }

    /// Whatever goes wrong is a reply of the protocol too.
    async fn reply<B>(&self, parts: &Parts, body: B) -> Result<Reply, Reply>
    where
        B: HttpBody<Data = Bytes, Error = BoxError>,
    {
        let question = Question::of(&parts.method, parts.uri.path());
        let question = question.map_err(|code| Reply::from(envelope::ApiError::from(code)))?;
        let ctx = call::anyone(&parts.extensions, &self.state);
        match question {
            Question::Ping => {
                // Answers whoever asks: clients learn the time from it before they can sign anything.
                Ok(Reply::ok(&TimeResponse { time: ctx.now.unix_seconds() }))
            }
            Question::Pong => Ok(Reply::ok(&rest_v1::PONG)),
            Question::Logo => {
                // There is none; clients take *not found* for that, once they have shown who they are.
                verify(ctx, parts, &received(body).await?).await?;
                Err(envelope::ApiError::from(Code::NotFound).into())
            }
            Question::Signed(endpoint) => {
                let (ctx, credentials, verified) = verify(ctx, parts, &received(body).await?).await?;
                if endpoint.tells_of_client() {
                    self.clients.note(&ctx, agent(&parts.headers), &verified.params).await;
                }
                Ok(self.signed(ctx, endpoint, &credentials, verified).await)
            }
            Question::Admin(endpoint) => {
                let (ctx, credentials, verified) = verify(ctx, parts, &received(body).await?).await?;
                let has_effects = parts.method != Method::GET;
                // Apart: logins are asked about by many at once, and need no room for this.
                Ok(Box::pin(self.administered(ctx, endpoint, has_effects, &credentials, verified)).await)
            }
        }
    }

    /// The same for the Admin API, whose programs are told to wait when they ask too fast. That is no answer, so the
    /// same request is done when it comes again.
    async fn administered(
        &self,
        ctx: Ctx,
        endpoint: admin::Endpoint,
        has_effects: bool,
        credentials: &Credentials,
        Verified { params, signed_at, .. }: Verified,
    ) -> Reply {
        let program = duo::admin::program(&ctx);
        if program.is_some_and(|program| !self.pace.admits(program, &endpoint, ctx.now)) {
            return envelope::ApiError::from(Code::TooManyRequests).into();
        }
        // Before an answer that was kept: what was granted then may be taken away by now.
        if let Some(refusal) = duo::admin::refusal_of(&ctx, &endpoint) {
            return refusal;
        }
        let key = if has_effects { AnswerKey::new(credentials, signed_at) } else { None };
        let answer = move |ctx: Ctx| async move { duo::admin::respond(&ctx, &endpoint, &params).await };
        match key {
            Some(key) => self.answers.once(key, ctx, answer).await,
            None => answer(ctx).await,
        }
    }

    /// Lets the use case answer what was found to be signed.
    async fn signed(
        &self,
        ctx: Ctx,
        endpoint: Endpoint,
        credentials: &Credentials,
        Verified { params, signed_at, .. }: Verified,
    ) -> Reply {
        let key = if endpoint.has_effects() { AnswerKey::new(credentials, signed_at) } else { None };
        let answer = move |ctx: Ctx| async move { duo::respond(&ctx, endpoint, &params).await };
        match key {
            Some(key) => self.answers.once(key, ctx, answer).await,
            None => answer(ctx).await,
        }
    }
}

/// What a client calls itself.
fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default()
}

/// The whole body, within bounds.
async fn received<B>(body: B) -> Result<Bytes, Reply>
where
    B: HttpBody<Data = Bytes, Error = BoxError>,
{
    let body = Limited::new(body, MAX_BODY).collect().await.map_err(|error| {
        let detail = if error.is::<LengthLimitError>() { "body too large" } else { "body incomplete" };
        Reply::from(envelope::ApiError::new(Code::InvalidParameters).with_detail(detail))
    })?;
    Ok(body.to_bytes())
}

async fn verify(ctx: Ctx, parts: &Parts, body: &Bytes) -> Result<(Ctx, Credentials, Verified), Reply> {
    let target = match (parts.uri.scheme(), parts.uri.path_and_query()) {
        (None, Some(origin_form)) => Cow::Borrowed(origin_form.as_str()),
        _ => Cow::Owned(parts.uri.to_string()),
    };
    let headers: Vec<(&str, &[u8])> =
        parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let request =
        signing::Request { method: parts.method.as_str(), target: &target, headers: &headers, body };
    let refuse = |error: SignatureError| Reply::from(envelope::ApiError::from(error));
    let credentials = request.credentials().map_err(refuse)?;
    let found =
        application::credentials(&ctx, &credentials.ikey).await.map_err(|error| duo::refusal(&ctx, error))?;
    let keyed = found.ok_or_else(|| refuse(SignatureError::KeyUnknown))?;
    let hosts = [ctx.org.config.host().to_owned(), ctx.org.config.host_for(&keyed.application)];
    let policy = signing::Policy { allow_v1: keyed.application.accepts_undated, public_hosts: &hosts };
    let verified = signing::verify(&request, &credentials, &keyed.verifying, &policy, ctx.now.unix_seconds())
        .map_err(refuse)?;
    Ok((Ctx { caller: caller(&keyed.application), ..ctx }, credentials, verified))
}

/// Keys of one kind open nothing of the other. A disabled application of the Admin API may do nothing; of a protected one
/// the use case says what becomes of its people.
fn caller(application: &Application) -> Caller {
    let (id, name) = (application.id, application.name.clone());
    match application.kind {
        ApplicationKind::DuoAdminApi => {
            let grants = if application.enabled { application.grants.clone() } else { [].into() };
            Caller::AdminApi { id, name, grants }
        }
        ApplicationKind::Bookmark
        | ApplicationKind::DuoAuthApi
        | ApplicationKind::ForwardAuth
        | ApplicationKind::Oidc
        | ApplicationKind::Saml
        | ApplicationKind::WsFederation => Caller::Application { id, name },
    }
}

/// `headers`: those of the request, whose room is used again.
fn render(reply: Reply, format: Format, mut headers: HeaderMap) -> Response {
    let (status, body) = format.write(reply);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    headers.clear();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    if status == StatusCode::TOO_MANY_REQUESTS {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(BUSY_SECONDS));
    }
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_admin_api_stands_beside_the_pages_for_administrators() {
        for path in ["/admin/v1/users", "/admin/v2/logs/activity", "/admin/v3/integrations"] {
            assert!(Door::has(path), "{path}");
        }
        for path in ["/admin/", "/admin/users", "/admin/v1", "/admin/v4/users", "/admin/v10/users"] {
            assert!(!Door::has(path), "{path}");
        }
        assert_eq!(Question::of(&Method::PUT, "/admin/v1/users"), Err(Code::MethodNotAllowed));
        assert_eq!(Question::of(&Method::GET, "/admin/v1/nothing"), Err(Code::NotFound));
    }

    #[test]
    fn every_path_has_its_method_and_nothing_else_is_known() {
        let of = |method: Method, path| Question::of(&method, path);
        assert_eq!(of(Method::GET, path::PING), Ok(Question::Ping));
        assert_eq!(of(Method::HEAD, path::PING), Ok(Question::Ping));
        assert_eq!(of(Method::POST, path::PREAUTH), Ok(Question::Signed(Endpoint::Preauth)));
        for (method, path) in [
            (Method::GET, path::AUTH),
            (Method::HEAD, path::AUTH),
            (Method::POST, path::CHECK),
            (Method::PUT, path::ENROLL),
            (Method::DELETE, path::AUTH_STATUS),
        ] {
            assert_eq!(of(method, path), Err(Code::MethodNotAllowed), "{path}");
        }
        let older = |endpoint| Ok(Question::Signed(Endpoint::RestV1(endpoint)));
        assert_eq!(of(Method::POST, "/rest/v1/auth.bson"), older(rest_v1::Endpoint::Auth));
        assert_eq!(of(Method::GET, "/rest/v1/status.json"), older(rest_v1::Endpoint::Status));
        assert_eq!(of(Method::GET, "/rest/v1/ping"), Ok(Question::Pong));
        assert_eq!(of(Method::GET, "/rest/v1/preauth"), Err(Code::MethodNotAllowed));
        assert_eq!(of(Method::POST, "/rest/v1/status"), Err(Code::MethodNotAllowed));
        for path in [
            "/rest/v1/",
            "/rest/v1/auth.xml",
            "/auth/v2/auth.bson",
            "/auth/v2/",
            "/auth/v2/auth/",
            "/auth/v2//auth",
            "/auth/v2/AUTH",
            "/auth/v2/%61uth",
        ] {
            assert!(Door::has(path));
            assert_eq!(of(Method::POST, path), Err(Code::NotFound), "{path}");
        }
        assert!(!Door::has("/auth/v20/ping") && !Door::has("/x/auth/v2/ping"));
    }
}
