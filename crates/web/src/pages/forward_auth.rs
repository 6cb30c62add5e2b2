//! Where a proxy leads people who are not known at an application's host, and where they go back from: by a redirect, or by a page
//! where a form of ours has led there, as in [`super::oidc`].

use axum::{
    Router,
    extract::RawQuery,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use sallyport_app::forward_auth::{Turn, begin};
use sallyport_wire::{http::local_path, oidc::Params};

use super::{
    fields::encode,
    guard::Visitor,
    oidc::{asked_at, led_on, origin, over},
    refusal::Refusal,
    shell::DoorShell,
};
use crate::State;

/// Where people go on who were asked something on pages of ours.
const CONTINUE: &str = "/forward-auth/continue";
/// Longest parameters that are read.
const LONGEST_ADDRESS: usize = 4096;
const LONGEST_DIGEST: usize = 64;

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/forward-auth/begin", get(begin_there)).route("/forward-auth/continue", get(go_on))
}

/// Begins, upon where a proxy has led.
async fn begin_there(came: Visitor, query: RawQuery) -> Result<Response, Refusal> {
    turn(&came, query, |_, url| Redirect::to(&url).into_response()).await
}

/// Goes on, when a page of ours has led back here.
async fn go_on(came: Visitor, query: RawQuery) -> Result<Response, Refusal> {
    turn(&came, query, |came, url| led_on(DoorShell::visited(came), url)).await
}

/// `back`: how a browser is led to the application's host.
async fn turn(
    came: &Visitor,
    RawQuery(query): RawQuery,
    back: fn(&Visitor, String) -> Response,
) -> Result<Response, Refusal> {
    let params = Params::from_query(query.as_deref().unwrap_or_default()).ok();
    let said = |name, longest| params.as_ref().and_then(|params| params.line(name, longest).ok().flatten());
    let to = said("to", LONGEST_ADDRESS).unwrap_or_default();
    let browser = said("browser", LONGEST_DIGEST).unwrap_or_default();
    match begin(&came.door.ctx, &to, &browser, came.session()).await? {
        Turn::Ask(ask) => {
            let here = |to: &str| format!("{CONTINUE}?to={}&browser={}", encode(to), encode(&browser));
            // Of an address that is too long to be carried through the doors, the application is left.
            let way = local_path(&here(&to)).map(str::to_owned);
            Ok(asked_at(&way.unwrap_or_else(|| here(&format!("{}/", origin(&to)))), ask))
        }
        Turn::Back(url) => Ok(back(came, url)),
        Turn::NotBegun => {
            let text =
                "This way begins at the application: open its own address, and sign-in follows from there.";
            Err(Refusal::no_way_on(text.into()))
        }
        Turn::Over { application, origin, text } => Ok(over(came, application, text, format!("{origin}/"))),
        Turn::Unknown => {
            let text = "No application here has this address. Its origin has to stand on its page, as browsers send it.";
            Err(Refusal::no_way_on(text.into()))
        }
    }
}
