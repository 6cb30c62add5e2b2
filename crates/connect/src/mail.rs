//! Mail by SMTP (RFC 5321): one letter to one person, taken by the organisation's own server.
//!
//! Where it connects and whom it trusts is decided as for every other call that an administrator sets up; the TLS is ours
//! too, so that STARTTLS is asked for here and nothing that was said before it counts afterwards. A letter has one
//! recipient, and no part of it can become another header.

mod wire;

pub use self::wire::ask_for_tls;

use std::{
    net::IpAddr,
    time::{Duration, SystemTime},
};

use lettre::{
    Address, Message,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::AsyncSmtpConnection,
        extension::ClientId,
    },
};
use sallyport_crypto::Secret;
use sallyport_model::{
    Time,
    mail::{MailSecurity, MailServer},
};
use tokio::time::{Instant, timeout, timeout_at};

use crate::{ConnectError, ServerAddress, Tls, outbound::Outbound};

/// How long a server may take, from the connection to its last word. Somebody may stand at a door meanwhile.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long it may take to say goodbye; the mail is its own by then.
const GOODBYE: Duration = Duration::from_secs(2);
/// Longest text of a letter, in bytes.
const LONGEST_TEXT: usize = 64 * 1024;

/// A server with its password, ready to be handed letters. It has no `Debug`.
pub struct Postman<'a> {
    pub server: &'a MailServer,
    pub password: &'a Secret,
    /// The name we give ourselves: the host that people know us by.
    pub hello: &'a str,
}

/// What is sent.
#[derive(Debug)]
pub struct Letter<'a> {
    /// Distinct from that of every other letter.
    pub id: &'a str,
    pub at: Time,
    pub from: &'a str,
    /// Shown beside that address.
    pub from_name: &'a str,
    pub to: &'a str,
    pub subject: &'a str,
    pub text: &'a str,
}

/// Why nothing was sent, told apart by what can be done about it. The texts are for administrators.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// An administrator has to look at server, password or configuration.
    #[error("{0}")]
    Misconfigured(String),
    /// This letter is not taken.
    #[error("{0}")]
    Refused(String),
    /// Nobody knows whether it was taken.
    #[error("{0}")]
    Uncertain(String),
    /// Not now.
    #[error("{0}")]
    Unavailable(String),
}

/// Whether mail can be sent to this address, and from it.
#[must_use]
pub fn is_address(text: &str) -> bool {
    text.len() <= 254 && text.parse::<Address>().is_ok()
}

/// Why this server cannot be asked to prove who it is, if it cannot: its name, or what is to be trusted.
///
/// # Errors
/// What is wrong.
pub fn check_trust(server: &MailServer) -> Result<(), String> {
    let ca = Some(server.ca.as_str()).filter(|ca| !ca.is_empty());
    Tls::service(ca, &server.host).map(|_| ()).map_err(|error| error.to_string())
}

impl Postman<'_> {
    /// Hands over one letter.
    ///
    /// # Errors
    /// It was not taken, or nobody knows.
    pub async fn send(&self, letter: &Letter<'_>, outbound: &Outbound) -> Result<(), MailError> {
        let message = letter.write(self.hello)?;
        let deadline = Instant::now() + PATIENCE;
        let mut connection = self.connect(outbound, deadline).await?;
        let bytes = message.formatted();
        let sent = timeout_at(deadline, connection.send(message.envelope(), &bytes)).await;
        match sent.map_err(|_| MailError::Uncertain(slow()))? {
            Ok(_) => {
                timeout(GOODBYE, connection.quit()).await.ok();
                Ok(())
            }
            Err(error) if error.is_permanent() => Err(MailError::Refused(said(&error))),
            Err(error) if error.is_transient() => Err(MailError::Unavailable(said(&error))),
            // What the server cannot take at all, such as an address that is not ASCII.
            Err(error) if error.is_client() => Err(MailError::Refused(said(&error))),
            Err(error) => Err(MailError::Uncertain(said(&error))),
        }
    }

    /// Goes up to where a letter would be handed over: connection, TLS and password are right. Nothing is sent.
    ///
    /// # Errors
    /// One of them is not.
    pub async fn check(&self, outbound: &Outbound) -> Result<(), MailError> {
        let mut connection = self.connect(outbound, Instant::now() + PATIENCE).await?;
        timeout(GOODBYE, connection.quit()).await.ok();
        Ok(())
    }

    async fn connect(
        &self,
        outbound: &Outbound,
        deadline: Instant,
    ) -> Result<AsyncSmtpConnection, MailError> {
        let connecting = self.converse(outbound);
        timeout_at(deadline, connecting).await.map_err(|_| MailError::Unavailable(slow()))?
    }

    async fn converse(&self, outbound: &Outbound) -> Result<AsyncSmtpConnection, MailError> {
        let MailServer { host, port, security, user, ca } = self.server;
        let hello = client_id(self.hello);
        let secure = *security != MailSecurity::None;
        let mut socket = outbound.reach(host, *port, secure).await.map_err(failed)?;
        if *security == MailSecurity::Starttls {
            wire::ask_for_tls(&mut socket, &hello.to_string()).await?;
        }
        let stream: Box<dyn lettre::transport::smtp::client::AsyncTokioStream> = if secure {
            let tls = if ca.is_empty() { outbound.trust(host) } else { Tls::service(Some(ca), host) };
            let tls = tls.map_err(failed)?.unnamed();
            let stream = tls.connector().connect(tls.name(), socket).await.map_err(|error| {
                failed(crate::connection::handshake_error(&ServerAddress::of(host, *port), &error))
            })?;
            // Behind STARTTLS a server does not greet again, and the library waits for a greeting.
            let greeting = if *security == MailSecurity::Starttls { wire::GREETING } else { b"" };
            Box::new(wire::Greeted::new(stream, greeting))
        } else {
            Box::new(wire::Greeted::new(socket, b""))
        };
        let mut connection =
            AsyncSmtpConnection::connect_with_transport(stream, &hello).await.map_err(|error| {
                if error.is_permanent() {
                    MailError::Misconfigured(said(&error))
                } else {
                    MailError::Unavailable(said(&error))
                }
            })?;
        if !user.is_empty() {
            let credentials = Credentials::new(user.clone(), self.password.expose().to_owned());
            let proved = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
            proved.map_err(|error| {
                if error.is_permanent() || error.is_client() {
                    MailError::Misconfigured(said(&error))
                } else {
                    MailError::Unavailable(said(&error))
                }
            })?;
        }
        Ok(connection)
    }
}

impl Letter<'_> {
    fn write(&self, hello: &str) -> Result<Message, MailError> {
        let control = |text: &str| text.chars().any(char::is_control);
        if control(self.subject) || control(self.from_name) || control(self.id) {
            return Err(MailError::Refused("a header has a control character in it".into()));
        }
        if self.text.len() > LONGEST_TEXT {
            return Err(MailError::Refused(format!("a text has at most {LONGEST_TEXT} bytes")));
        }
        let address = |text: &str| -> Result<Address, MailError> {
            let shown = || format!("`{}` is no mail address", sallyport_model::name::printable(text, 80));
            is_address(text).then(|| text.parse().ok()).flatten().ok_or_else(|| MailError::Refused(shown()))
        };
        let from = address(self.from).map_err(|error| MailError::Misconfigured(error.to_string()))?;
        let since = Duration::from_micros(u64::try_from(self.at.0).unwrap_or_default());
        Message::builder()
            .message_id(Some(format!("<{}@{hello}>", self.id)))
            .date(SystemTime::UNIX_EPOCH + since)
            .from(Mailbox::new(Some(self.from_name.to_owned()), from))
            .to(Mailbox::new(None, address(self.to)?))
            .raw_header(subject(self.subject))
            // Nobody's holiday notice answers it (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .header(ContentType::TEXT_PLAIN)
            .body(self.text.replace("\r\n", "\n").replace('\n', "\r\n"))
            .map_err(|error| MailError::Refused(error.to_string()))
    }
}

/// A subject that is read as it was written. What looks like an encoded word is left as it is by the library, and would be
/// decoded by whoever reads the mail (RFC 2047, section 5), so that a name could say what names may not; such a subject is
/// written in encoded words as a whole.
fn subject(text: &str) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str("Subject");
    if !text.contains("=?") {
        return HeaderValue::new(name, text.to_owned());
    }
    let mut words = vec![String::new()];
    for c in text.chars() {
        let written = match c {
            ' ' => "_".to_owned(),
            c if c.is_ascii_alphanumeric() => c.to_string(),
            c => c.to_string().bytes().map(|byte| format!("={byte:02X}")).collect(),
        };
        match words.last_mut() {
            // With the header's name a line has 76 characters at most, and no word begins or ends within a character.
            Some(word) if word.len() + written.len() <= 54 => word.push_str(&written),
            _ => words.push(written),
        }
    }
    let words: Vec<String> = words.into_iter().map(|word| format!("=?utf-8?q?{word}?=")).collect();
    HeaderValue::dangerous_new_pre_encoded(name, text.to_owned(), words.join("\r\n "))
}

/// How we name ourselves to a server: a number stands in brackets there.
fn client_id(host: &str) -> ClientId {
    let plain = host.trim_start_matches('[').trim_end_matches(']');
    match plain.parse::<IpAddr>() {
        Ok(IpAddr::V4(number)) => ClientId::Ipv4(number),
        Ok(IpAddr::V6(number)) => ClientId::Ipv6(number),
        Err(_) => ClientId::Domain(host.to_owned()),
    }
}

fn slow() -> String {
    format!("the mail server took longer than {} seconds", PATIENCE.as_secs())
}

/// What a server said, for administrators, as one line.
fn said(error: &lettre::transport::smtp::Error) -> String {
    format!("the mail server: {}", sallyport_model::name::printable(&error.to_string(), 300))
}

fn failed(error: ConnectError) -> MailError {
    let text = error.to_string();
    match error {
        ConnectError::BadRoot(_) | ConnectError::Impostor { .. } | ConnectError::Internal { .. } => {
            MailError::Misconfigured(text)
        }
        ConnectError::Url(_) => MailError::Misconfigured(
            "mail goes out without TLS only to an address that is listed with --outbound-internal".into(),
        ),
        ConnectError::Broken(_)
        | ConnectError::Protocol(_)
        | ConnectError::TooLong(_)
        | ConnectError::TooSlow(_)
        | ConnectError::Unreachable { .. } => MailError::Unavailable(text),
    }
}
