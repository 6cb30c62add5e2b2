//! A telephone company in the house, for development and tests: it answers as Twilio does, shows on a page what it was
//! asked to carry, and lets whoever looks at the page answer a call and type digits, which it posts back as Twilio would.
//!
//! Nothing of it runs in `sallyport serve`. It takes texts and calls from whoever has its account's token, and shows them to
//! whoever reaches its port, which is for this machine alone unless somebody says otherwise.

mod api;
mod exchange;
pub mod mail;
mod page;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use sallyport_app::Secret;
use sallyport_wire::twilio;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
};

use self::exchange::Exchange;

/// A number that no text and no call reaches, as at Twilio.
pub const UNREACHABLE: &str = "+15005550001";

/// The header that carries the signature of what is posted, and the type of its body.
pub const SIGNATURE: &str = twilio::signature::HEADER;
pub const FORM: &str = twilio::CONTENT_TYPE;

/// Something to be posted back to whoever asked for a call.
pub struct Post {
    pub url: String,
    /// The value of the header [`SIGNATURE`].
    pub signature: String,
    /// A form.
    pub body: String,
    /// What came of it: the instructions that were answered, or why there are none.
    pub answer: oneshot::Sender<Result<String, String>>,
}

/// The company. Cloning shares it.
#[derive(Clone)]
pub struct Simulator {
    account: Arc<str>,
    token: Secret,
    exchange: Arc<Mutex<Exchange>>,
    posts: mpsc::Sender<Post>,
}

impl Simulator {
    /// With this account and its token. What it posts back is handed to whoever can: here are no outbound calls.
    #[must_use]
    pub fn new(account: &str, token: Secret) -> (Self, mpsc::Receiver<Post>) {
        let (posts, posted) = mpsc::channel(16);
        (Self { account: account.into(), token, exchange: Arc::default(), posts }, posted)
    }

    fn lock(&self) -> MutexGuard<'_, Exchange> {
        self.exchange.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Posts a form to `url`, signed, and gives what was answered.
    async fn post(&self, url: String, form: twilio::Form) -> Result<String, String> {
        let (answer, answered) = oneshot::channel();
        let signature = twilio::signature::sign(&self.token, &url, &form);
        let post = Post { url, signature, body: form.encode(), answer };
        self.posts.send(post).await.map_err(|_| "nobody posts it".to_owned())?;
        answered.await.unwrap_or_else(|_| Err("nobody posted it".to_owned()))
    }
}

/// Its own page, its API, and what tests ask.
pub fn routes(simulator: Simulator) -> Router {
    Router::new()
        .route("/", get(page::show))
        .route("/list.json", get(page::list))
        .route("/calls/{sid}/answer", post(page::answer))
        .route("/calls/{sid}/hang-up", post(page::hang_up))
        .route("/gateway", post(api::gateway))
        .fallback(api::answer)
        .layer(DefaultBodyLimit::max(twilio::MOST_BYTES))
        .with_state(simulator)
}

/// Serves until `stop` completes.
///
/// # Errors
/// The listener's.
pub async fn serve(
    listener: TcpListener,
    simulator: Simulator,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, routes(simulator)).with_graceful_shutdown(stop).await
}
