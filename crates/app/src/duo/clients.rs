//! Which clients ask for protected applications, with which versions, and which of them let people in by password alone while
//! we are away. Whoever looks after an application sees it here before an outage shows it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sallyport_model::{
    Action, Span, Time,
    client::{FailMode, SeenClient},
    id::ApplicationId,
    name::printable,
};
use sallyport_store::Reader;
use sallyport_wire::duo::{Params, auth};

use crate::{AppError, Caller, Ctx, Tx};

/// A client is noted anew after so long, or when it says something else.
const AFTER: Span = Span::minutes(60);
/// Longest name that is kept of a client or a machine, in characters.
const LONGEST: usize = 120;
/// Most clients that are kept of one application, and most that a node remembers to have noted.
const MOST_OF_ONE: usize = 500;
const MOST_REMEMBERED: usize = 16 * 1024;
/// How long a client that does not ask any more is remembered.
const KEPT: Span = Span::days(30);

/// What this node has noted lately, so that logins are not slowed by what is known. Cloning shares it.
#[derive(Clone, Default)]
pub struct Clients {
    noted: Arc<Mutex<HashMap<Key, Noted>>>,
}

/// What was noted of a client last, and when.
struct Noted {
    fail_mode: Option<FailMode>,
    at: Time,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    application: ApplicationId,
    name: String,
    host: String,
}

impl Key {
    fn of(client: &SeenClient) -> Self {
        Self { application: client.application, name: client.name.clone(), host: client.host.clone() }
    }
}

impl Clients {
    /// Notes who asks, unless that is known. What goes wrong here is nothing to whoever asked.
    ///
    /// `agent`: as the client names itself.
    pub async fn note(&self, ctx: &Ctx, agent: &str, params: &Params) {
        let Some(client) = seen(ctx, agent, params).filter(|client| self.is_news(client)) else { return };
        let key = Key::of(&client);
        if let Err(error) = ctx.write(move |tx| keep(tx, &client)).await {
            tracing::warn!(request = &*ctx.request, %error, "a client that asked was not noted");
            // So it is news the next time.
            self.noted().remove(&key);
        }
    }

    fn noted(&self) -> MutexGuard<'_, HashMap<Key, Noted>> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_news(&self, client: &SeenClient) -> bool {
        let key = Key::of(client);
        let mut noted = self.noted();
        let is_known = noted.get(&key).is_some_and(|known| {
            let says_the_same = client.fail_mode.is_none() || client.fail_mode == known.fail_mode;
            client.seen.since(known.at) < AFTER && says_the_same
        });
        if is_known {
            return false;
        }
        if noted.len() >= MOST_REMEMBERED {
            noted.clear();
        }
        noted.insert(key, Noted { fail_mode: client.fail_mode, at: client.seen });
        true
    }
}

/// The client behind a call, as far as it says who it is.
fn seen(ctx: &Ctx, agent: &str, params: &Params) -> Option<SeenClient> {
    let Caller::Application { id, .. } = &ctx.caller else { return None };
    let host = params.line("hostname", auth::MAX_HOSTNAME).ok().flatten().unwrap_or_default();
    let fail_mode = auth::fail_mode(params).ok().flatten().map(|mode| match mode {
        auth::FailMode::Closed => FailMode::Closed,
        auth::FailMode::Open => FailMode::Open,
    });
    Some(SeenClient {
        application: *id,
        name: printable(agent, LONGEST),
        host: printable(&host, LONGEST),
        fail_mode,
        source: ctx.source.map(|source| source.to_string()),
        seen: ctx.now,
    })
}

fn keep(tx: &mut Tx<'_, '_>, client: &SeenClient) -> Result<(), AppError> {
    let before = tx.find_client(client)?;
    if before.is_none()
        && let Some(oldest) = all_of(tx, client.application)?.get(MOST_OF_ONE - 1)
    {
        tx.delete_client(oldest)?;
    }
    // Not every call says it.
    let fail_mode = client.fail_mode.or_else(|| before.and_then(|before| before.fail_mode));
    Ok(tx.put_client(&SeenClient { fail_mode, ..client.clone() })?)
}

/// The clients that asked for an application in the last month, whoever asked last first.
///
/// # Errors
/// Denied.
pub async fn of(ctx: &Ctx, application: ApplicationId) -> Result<Vec<SeenClient>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read_many(move |reader| all_of(reader, application)).await
}

fn all_of(reader: &mut Reader, application: ApplicationId) -> Result<Vec<SeenClient>, AppError> {
    Ok(reader.clients_of(application, i64::try_from(MOST_OF_ONE).unwrap_or(i64::MAX))?)
}

/// Forgets those that do not ask any more.
pub(crate) fn sweep(tx: &mut Tx<'_, '_>) -> Result<(), AppError> {
    let before = tx.ctx.now.minus(KEPT);
    Ok(tx.sweep_clients(before)?)
}
