//! The API as Twilio's clients know it, and a plain gateway beside it.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use sallyport_wire::twilio::{
    Call, Form, FormError, Message, Refused, Resource, Sender, account_path, credentials,
    twiml::{Twiml, TwimlError},
};
use serde_json::{Value, json};

use super::{Simulator, UNREACHABLE};

pub(super) async fn answer(
    State(simulator): State<Simulator>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !simulator.knows(&headers) {
        return refused(401, 20003, "Authenticate");
    }
    if method == Method::GET && uri.path() == account_path(&simulator.account) {
        return Json(json!({ "sid": &*simulator.account, "status": "active" })).into_response();
    }
    let resource = match Resource::at(uri.path()) {
        Some((resource, account)) if method == Method::POST && account == &*simulator.account => resource,
        _ => return refused(404, 20404, "The requested resource was not found"),
    };
    match simulator.take(resource, &body) {
        Ok(sid) => (StatusCode::CREATED, Json(json!({ "sid": sid, "status": "queued" }))).into_response(),
        Err(response) => *response,
    }
}

impl Simulator {
    fn knows(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        given
            .and_then(credentials)
            .is_some_and(|(account, token)| account == *self.account && self.token.matches(token.expose()))
    }

    fn take(&self, resource: Resource, body: &[u8]) -> Result<String, Box<Response>> {
        let form = Form::parse(body).map_err(unreadable)?;
        match resource {
            Resource::Calls => {
                let call = Call::read(&form).map_err(unreadable)?;
                reachable(&call.to)?;
                let twiml = Twiml::parse(&call.twiml).map_err(|error: TwimlError| {
                    Box::new(refused(400, 21218, &format!("Invalid instructions: {error}")))
                })?;
                Ok(self.lock().take_call(call, &twiml))
            }
            Resource::Messages => {
                let message = Message::read(&form).map_err(unreadable)?;
                reachable(&message.to)?;
                Ok(self.lock().take_text(message))
            }
        }
    }
}

/// A gateway that takes `{"to": ..., "text": ...}` from whoever brings the token.
pub(super) async fn gateway(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> StatusCode {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    if !simulator.token.matches(token) {
        return StatusCode::UNAUTHORIZED;
    }
    let field = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(to), Some(body)) = (field("to"), field("text")) else { return StatusCode::BAD_REQUEST };
    simulator.lock().take_text(Message { to, from: Sender::From(String::new()), body });
    StatusCode::ACCEPTED
}

fn reachable(to: &str) -> Result<(), Box<Response>> {
    let number = to.parse::<sallyport_model::PhoneNumber>();
    if number.is_ok_and(|number| number.as_str() == to && to != UNREACHABLE) {
        return Ok(());
    }
    Err(Box::new(refused(400, 21211, "The 'To' number is not a valid phone number.")))
}

fn unreadable(error: FormError) -> Box<Response> {
    Box::new(refused(400, 21602, &error.to_string()))
}

fn refused(status: u16, code: u64, reason: &str) -> Response {
    let refused = Refused { status, code: Some(code), reason: reason.to_owned() };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, [(header::CONTENT_TYPE, "application/json")], refused.body()).into_response()
}
