//! Signing out at the wish of an application (OpenID Connect RP-Initiated Logout 1.0). Who shows an ID token of this very
//! session is believed; anybody else's wish is put before the person, for a link on some page must sign nobody out.

use sallyport_model::RedirectUri;
use sallyport_store::{Reader, Session};
use sallyport_wire::oidc::{Params, with_query};

use super::{Client, authorize::hinted, grant::subject};
use crate::{
    AppError, Ctx,
    saml::{self, Goodbye},
};

/// What becomes of the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaving {
    /// The person is asked first. `query`: what is said again with their answer.
    Ask { application: Option<String>, query: String },
    /// Signed out, or nobody was signed in.
    Gone(Goodbye),
}

/// What an application wishes.
struct Wish {
    application: Option<String>,
    /// Where it wants the browser back, if that is registered, whole.
    back: Option<String>,
    /// Whether it has shown that it knows this session.
    believed: bool,
}

/// Signs out of this session at an application's wish, or asks the person; `said`: they said yes.
///
/// # Errors
/// The store's.
pub async fn leave(
    ctx: &Ctx,
    params: &Params,
    session: Option<&Session>,
    said: bool,
) -> Result<Leaving, AppError> {
    let line = |name| params.line(name, 16 * 1024).ok().flatten();
    let given = Given {
        hint: line("id_token_hint"),
        client_id: line("client_id"),
        back: line("post_logout_redirect_uri"),
        state: params.line("state", 2048).ok().flatten(),
        twice: params.says_nothing_twice().is_err(),
    };
    let (asking, looked, query) = (ctx.clone(), session.cloned(), given.query());
    let wish = ctx.read(move |reader| given.wish(reader, &asking, looked.as_ref())).await?;
    let Some(session) = session else { return Ok(Leaving::Gone(Goodbye::Out(wish.back))) };
    if !wish.believed && !said {
        return Ok(Leaving::Ask { application: wish.application, query });
    }
    Ok(Leaving::Gone(saml::leave(ctx, session, wish.back).await?))
}

struct Given {
    hint: Option<String>,
    client_id: Option<String>,
    back: Option<String>,
    state: Option<String>,
    twice: bool,
}

impl Given {
    /// The same once more.
    fn query(&self) -> String {
        let named = [
            ("id_token_hint", &self.hint),
            ("client_id", &self.client_id),
            ("post_logout_redirect_uri", &self.back),
            ("state", &self.state),
        ];
        let pairs: Vec<(&str, &str)> =
            named.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
        with_query("", &pairs).trim_start_matches('?').to_owned()
    }

    fn wish(&self, reader: &mut Reader, ctx: &Ctx, session: Option<&Session>) -> Result<Wish, AppError> {
        let nothing = Wish { application: None, back: None, believed: false };
        if self.twice {
            return Ok(nothing);
        }
        let hinted = match &self.hint {
            Some(hint) => hinted(ctx, reader, hint)?,
            None => None,
        };
        // A hint that is none of ours speaks for nobody, and a client beside it must be the one it was issued to.
        let client_id = match (&hinted, &self.hint, &self.client_id) {
            (Some(hinted), _, None) => hinted.client_id.clone(),
            (Some(hinted), _, Some(named)) if *named == hinted.client_id => named.clone(),
            (None, None, Some(named)) => named.clone(),
            (Some(_) | None, _, _) => return Ok(nothing),
        };
        let Some(client) = ctx.org.view.client(reader, &client_id)? else { return Ok(nothing) };
        let believed = match (&hinted, session) {
            (Some(hinted), Some(session)) => {
                let is_this = session.id.map(|id| id.to_string()) == hinted.session;
                is_this && hinted.subject == subject(ctx, &client, session.user)
            }
            (Some(_) | None, _) => false,
        };
        let back = self.back.as_deref().and_then(|wanted| registered(&client, wanted));
        let back = back.map(|uri| match &self.state {
            Some(state) => with_query(uri.as_str(), &[("state", state)]),
            None => uri.as_str().to_owned(),
        });
        Ok(Wish { application: Some(client.application.name.clone()), back, believed })
    }
}

fn registered<'c>(client: &'c Client, wanted: &str) -> Option<&'c RedirectUri> {
    client.settings.post_logout_redirect_uris.iter().find(|uri| uri.as_str() == wanted)
}
