//! What whoever looks sees: texts and calls, and a keypad for each call that waits.

use askama::Template;
use axum::{
    Json,
    extract::{Form, Path, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse as _, Redirect, Response},
};
use sallyport_wire::twilio::{CallState, Callback, twiml::Twiml};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Simulator,
    exchange::{Ringing, Text},
};

#[derive(Template)]
#[template(path = "simulator/telephony.html")]
struct TelephonyPage {
    /// The newest first.
    texts: Vec<Text>,
    calls: Vec<Ringing>,
}

#[derive(Deserialize)]
pub(super) struct Typed {
    digits: String,
}

pub(super) async fn show(State(simulator): State<Simulator>) -> Response {
    let page = {
        let exchange = simulator.lock();
        TelephonyPage {
            texts: exchange.texts.iter().rev().cloned().collect(),
            calls: exchange.calls.iter().rev().cloned().collect(),
        }
    };
    match page.render() {
        Ok(html) => ([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The same for programs, the oldest first.
pub(super) async fn list(State(simulator): State<Simulator>) -> Json<Value> {
    let exchange = simulator.lock();
    Json(json!({ "texts": exchange.texts, "calls": exchange.calls }))
}

/// Somebody answers and types this. The page is shown again; whoever wants JSON asks for the list.
pub(super) async fn answer(
    State(simulator): State<Simulator>,
    Path(sid): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Redirect, (StatusCode, String)> {
    let (action, picked_up) = {
        let mut exchange = simulator.lock();
        let call = exchange.call(&sid).filter(|call| !call.is_over() && call.wants.is_some());
        let call = call.ok_or((StatusCode::CONFLICT, "this call waits for nothing".to_owned()))?;
        let before = std::mem::replace(&mut call.state, CallState::InProgress.as_str());
        (call.action.clone(), before != CallState::InProgress.as_str())
    };
    if picked_up {
        simulator.tell(&sid, CallState::InProgress).await;
    }
    let callback = Callback {
        account: simulator.account.to_string(),
        call: sid.clone(),
        state: Some(CallState::InProgress),
        digits: Some(typed.digits).filter(|digits| !digits.is_empty()),
    };
    let answered = simulator.post(action, callback.form()).await;
    let failed = |why: String| (StatusCode::BAD_GATEWAY, why);
    let twiml = Twiml::parse(&answered.map_err(failed)?).map_err(|error| failed(error.to_string()))?;
    let over = {
        let mut exchange = simulator.lock();
        exchange.call(&sid).is_some_and(|call| {
            call.follow(&twiml);
            call.is_over()
        })
    };
    if over {
        simulator.tell(&sid, CallState::Completed).await;
    }
    Ok(Redirect::to("/"))
}

/// Somebody hangs up, or does not answer at all.
pub(super) async fn hang_up(
    State(simulator): State<Simulator>,
    Path(sid): Path<String>,
) -> Result<Redirect, (StatusCode, String)> {
    let state = {
        let mut exchange = simulator.lock();
        let call = exchange.call(&sid).filter(|call| !call.is_over());
        let call = call.ok_or((StatusCode::CONFLICT, "this call is over".to_owned()))?;
        let answered = call.state == CallState::InProgress.as_str();
        let state = if answered { CallState::Completed } else { CallState::NoAnswer };
        call.state = state.as_str();
        state
    };
    simulator.tell(&sid, state).await;
    Ok(Redirect::to("/"))
}

impl Simulator {
    /// Tells whoever placed a call where it stands.
    async fn tell(&self, sid: &str, state: CallState) {
        let url = self.lock().call(sid).and_then(|call| call.status_callback.clone());
        let Some(url) = url else { return };
        let callback = Callback {
            account: self.account.to_string(),
            call: sid.to_owned(),
            state: Some(state),
            digits: None,
        };
        // Twilio tells it once and goes on whatever is answered.
        let _: Result<String, String> = self.post(url, callback.form()).await;
    }
}
