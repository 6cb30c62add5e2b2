//! A post office in the house, for development and tests: it takes mail by SMTP, delivers nothing, and shows on a page
//! what it was handed.
//!
//! It asks nobody who they are and hides nothing, so it is for this machine alone unless somebody says otherwise. What
//! other people's servers do beyond that (TLS, passwords) is tried with one of theirs.

mod letter;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use askama::Template;
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{Html, IntoResponse as _, Response},
    routing::get,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    time::timeout,
};

pub use self::letter::Letter;

/// Whose mail is refused, whoever it is in this domain.
pub const REFUSED: &str = "refused.example";

/// Most letters kept, the newest.
const KEPT: usize = 200;
/// Longest line and longest letter, in bytes.
const LONGEST_LINE: u64 = 4096;
const LONGEST_LETTER: usize = 1 << 20;
/// Most recipients of one letter.
const MOST_RECIPIENTS: usize = 100;
/// How long a client may say nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// The office. Cloning shares it.
#[derive(Clone, Default)]
pub struct Office {
    letters: Arc<Mutex<VecDeque<Letter>>>,
}

impl Office {
    /// What came, the oldest first.
    #[must_use]
    pub fn letters(&self) -> Vec<Letter> {
        self.lock().iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Letter>> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, letter: Letter) {
        let mut letters = self.lock();
        if letters.len() == KEPT {
            letters.pop_front();
        }
        letters.push_back(letter);
    }
}

#[derive(Template)]
#[template(path = "simulator/mail.html")]
struct MailPage {
    /// The newest first.
    letters: Vec<Letter>,
}

/// Its own page, and the same for programs.
pub fn routes(office: Office) -> Router {
    Router::new().route("/", get(show)).route("/list.json", get(list)).with_state(office)
}

async fn show(State(office): State<Office>) -> Response {
    let page = MailPage { letters: office.lock().iter().rev().cloned().collect() };
    match page.render() {
        Ok(html) => ([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn list(State(office): State<Office>) -> Json<Value> {
    Json(json!({ "letters": office.letters() }))
}

/// Takes mail at `smtp` and shows it at `page` until `stop` completes.
///
/// # Errors
/// A listener's.
pub async fn serve(
    smtp: TcpListener,
    page: TcpListener,
    office: Office,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let shown = axum::serve(page, routes(office.clone())).with_graceful_shutdown(stop);
    tokio::select! {
        shown = async { shown.await } => shown,
        () = take(smtp, office) => Ok(()),
    }
}

/// Takes mail for as long as it is polled.
pub async fn take(listener: TcpListener, office: Office) {
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                let office = office.clone();
                // A client that breaks off loses its own letter and nothing else.
                tokio::spawn(async move { converse(socket, &office).await.ok() });
            }
            // Out of sockets: those that are open end by themselves.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

/// One client, up to its goodbye.
async fn converse(socket: TcpStream, office: &Office) -> std::io::Result<()> {
    let mut stream = BufReader::new(socket);
    let mut session = Session::default();
    stream.get_mut().write_all(b"220 a simulated post office\r\n").await?;
    loop {
        let mut line = Vec::new();
        let read = timeout(PATIENCE, (&mut stream).take(LONGEST_LINE).read_until(b'\n', &mut line)).await;
        if read.map_err(|_| std::io::ErrorKind::TimedOut)?? == 0 || !line.ends_with(b"\n") {
            return Ok(());
        }
        let reply = session.hear(line.trim_ascii_end(), office);
        if !reply.is_empty() {
            stream.get_mut().write_all(reply.as_bytes()).await?;
        }
        if reply == GOODBYE {
            return Ok(());
        }
    }
}

const GOODBYE: &str = "221 goodbye\r\n";

/// How far a client has come (RFC 5321).
#[derive(Default)]
struct Session {
    from: Option<String>,
    to: Vec<String>,
    /// The letter so far, while it is being handed over.
    data: Option<Vec<u8>>,
}

impl Session {
    /// What is said to a line; nothing while a letter goes on.
    fn hear(&mut self, line: &[u8], office: &Office) -> &'static str {
        if let Some(data) = &mut self.data {
            if line != b"." {
                let line = line.strip_prefix(b".").unwrap_or(line);
                if data.len() + line.len() <= LONGEST_LETTER {
                    data.extend_from_slice(line);
                    data.extend_from_slice(b"\n");
                }
                return "";
            }
            return self.end(office);
        }
        let line = String::from_utf8_lossy(line);
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => "250-here\r\n250 8BITMIME\r\n",
            "HELO" | "NOOP" => "250 ok\r\n",
            "MAIL" => {
                *self = Self { from: Some(address(rest)), ..Self::default() };
                "250 ok\r\n"
            }
            "RCPT" if self.from.is_none() || self.to.len() == MOST_RECIPIENTS => "503 not now\r\n",
            "RCPT" => {
                let to = address(rest);
                if to.ends_with(REFUSED) {
                    return "550 nobody of this domain gets mail here\r\n";
                }
                self.to.push(to);
                "250 ok\r\n"
            }
            "DATA" if self.to.is_empty() => "503 to whom\r\n",
            "DATA" => {
                self.data = Some(Vec::new());
                "354 go on\r\n"
            }
            "RSET" => {
                *self = Self::default();
                "250 ok\r\n"
            }
            "QUIT" => GOODBYE,
            _ => "502 not known here\r\n",
        }
    }

    fn end(&mut self, office: &Office) -> &'static str {
        let Self { from, to, data } = std::mem::take(self);
        let data = data.unwrap_or_default();
        office.keep(Letter::read(&from.unwrap_or_default(), &to, &String::from_utf8_lossy(&data)));
        "250 taken\r\n"
    }
}

/// What stands between the angle brackets.
fn address(rest: &str) -> String {
    let inside = rest.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or_else(|| rest.rsplit(':').next().unwrap_or_default().trim(), |(inside, _)| inside).to_owned()
}
