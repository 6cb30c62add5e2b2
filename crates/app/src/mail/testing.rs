//! A post office for tests: it takes what it is handed by SMTP, or refuses it when told to.

use std::sync::{Arc, Mutex};

use sallyport_api::rest::CreateUser;
use sallyport_model::{
    MailSettings, User,
    mail::{MailSecurity, MailServer},
};
use sallyport_store::Versioned;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::{testing::TestOrg, user};

/// A mail that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arrived {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
}

#[derive(Clone)]
pub(crate) struct Office {
    arrived: Arc<Mutex<Vec<Arrived>>>,
    port: u16,
    /// What is answered to a recipient instead of yes.
    refusal: Arc<Mutex<Option<&'static str>>>,
}

impl Office {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let office = Self { arrived: Arc::default(), port, refusal: Arc::default() };
        let inside = office.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(inside.clone().converse(socket));
            }
        });
        office
    }

    /// An office that takes this organisation's mail.
    pub(crate) async fn of(test: &TestOrg) -> Self {
        let office = Self::open().await;
        super::update(&test.system(), None, office.settings(), None).await.unwrap();
        office
    }

    pub(crate) fn settings(&self) -> MailSettings {
        let server = MailServer {
            host: "127.0.0.1".into(),
            port: self.port,
            security: MailSecurity::None,
            user: String::new(),
            ca: String::new(),
        };
        MailSettings {
            server: Some(server),
            sender: "sallyport@example.com".into(),
            ..MailSettings::default()
        }
    }

    pub(crate) fn refuse_with(&self, answer: Option<&'static str>) {
        *self.refusal.lock().unwrap() = answer;
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }

    pub(crate) fn last(&self) -> Arrived {
        self.arrived().pop().expect("a mail")
    }

    async fn converse(self, socket: TcpStream) {
        let mut stream = BufReader::new(socket);
        let (mut to, mut data): (String, Option<Vec<String>>) = (String::new(), None);
        let mut answer = "220 office";
        loop {
            if !answer.is_empty()
                && stream.get_mut().write_all(format!("{answer}\r\n").as_bytes()).await.is_err()
            {
                return;
            }
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            let line = line.trim_end().to_owned();
            answer = match (&mut data, line.as_str()) {
                (Some(lines), ".") => {
                    self.arrived.lock().unwrap().push(read(&to, lines));
                    data = None;
                    "250 taken"
                }
                (Some(lines), line) => {
                    lines.push(line.strip_prefix('.').unwrap_or(line).to_owned());
                    ""
                }
                (None, "DATA") => {
                    data = Some(Vec::new());
                    "354 go on"
                }
                (None, line) if line.starts_with("RCPT TO:") => {
                    to = line.trim_start_matches("RCPT TO:").trim_matches(['<', '>']).to_owned();
                    self.refusal.lock().unwrap().unwrap_or("250 ok")
                }
                (None, _) => "250 ok",
            };
        }
    }
}

fn read(to: &str, lines: &[String]) -> Arrived {
    let at = lines.iter().position(String::is_empty).unwrap();
    let (head, body) = lines.split_at(at);
    let header =
        |name: &str| head.iter().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
    let text = body[1..].join("\n");
    let text = match header("Content-Transfer-Encoding: ").as_str() {
        "base64" => {
            String::from_utf8(data_encoding::BASE64.decode(text.replace('\n', "").as_bytes()).unwrap())
                .unwrap()
        }
        "quoted-printable" => unquoted(&text),
        _ => text,
    };
    Arrived { to: to.to_owned(), subject: header("Subject: "), text: text.replace("\r\n", "\n") }
}

fn unquoted(text: &str) -> String {
    let text = text.replace("=\n", "");
    let mut parts = text.split('=');
    let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        out.push(u8::from_str_radix(&part[..2], 16).unwrap());
        out.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(out).unwrap()
}

/// An active person with a mail address.
pub(crate) async fn person(test: &TestOrg, name: &str) -> Versioned<User> {
    let input = CreateUser {
        name: name.into(),
        active: true,
        mails: Some(vec![format!("{name}@example.com")]),
        ..CreateUser::default()
    };
    user::create(&test.system(), input).await.unwrap()
}
