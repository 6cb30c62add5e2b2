//! A telephone company for tests: it takes what it is sent and answers as Twilio does, or as it is told to.

use std::sync::{Arc, Mutex};

use sallyport_api::rest::AddPhone;
use sallyport_crypto::Secret;
use sallyport_model::{Factor, Telephony, id::UserId, telephony::Provider};
use sallyport_wire::twilio::{CallState, Callback, Form, signature, twiml::Twiml};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::{Ctx, factor::phone, signin, testing::TestOrg};

/// What it was asked for, as forms.
#[derive(Clone)]
pub(crate) struct Company {
    heard: Arc<Mutex<Vec<Form>>>,
    url: String,
    status: Arc<Mutex<u16>>,
}

impl Company {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let company = Self { heard: Arc::default(), url, status: Arc::new(Mutex::new(201)) };
        let inside = company.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(inside.clone().converse(socket));
            }
        });
        company
    }

    /// A company whose customer this organisation is.
    pub(crate) async fn of(test: &TestOrg, telephony: Telephony) -> Self {
        let company = Self::open().await;
        let provider = Some(Provider::Twilio { url: company.url.clone(), account: "AC1".into() });
        let telephony = Telephony { provider, ..telephony };
        super::update(&test.system(), None, telephony, Some(Secret::from("token"))).await.unwrap();
        company
    }

    /// From now on it answers with this status.
    pub(crate) fn answer_with(&self, status: u16) {
        *self.status.lock().unwrap() = status;
    }

    /// All texts so far: number and words.
    pub(crate) fn texts(&self) -> Vec<(String, String)> {
        let heard = self.heard.lock().unwrap();
        let texts = heard
            .iter()
            .filter_map(|form| Some((form.find("To")?.to_owned(), form.find("Body")?.to_owned())));
        texts.collect()
    }

    /// What the last call is to do, and where its end is told.
    pub(crate) fn call(&self) -> (Twiml, String) {
        let heard = self.heard.lock().unwrap();
        let call =
            heard.iter().rev().find_map(|form| Some((form.find("Twiml")?, form.find("StatusCallback")?)));
        let (twiml, over) = call.expect("a call");
        (Twiml::parse(twiml).unwrap(), over.to_owned())
    }

    /// Somebody answers the last call and types this at its `turn`th question.
    pub(crate) async fn type_in_call(&self, ctx: &Ctx, turn: u8, digits: &str) -> Twiml {
        let (_, over) = self.call();
        let url = over.replace("/over", &format!("?turn={turn}"));
        let id = over.split('/').rev().nth(1).unwrap().parse().unwrap();
        let (state, digits) = (Some(CallState::InProgress), Some(digits.to_owned()));
        let form = Callback { account: "AC1".into(), call: "CA1".into(), state, digits }.form();
        let header = signature::sign(&Secret::from("token"), &url, &form);
        let said = signin::call::typed(ctx, id, turn, form.encode().as_bytes(), &header).await.unwrap();
        Twiml::parse(&said).unwrap()
    }

    /// Somebody answers the last call, and has typed nothing yet.
    pub(crate) async fn pick_up(&self, ctx: &Ctx) {
        let (_, over) = self.call();
        let id = over.split('/').rev().nth(1).unwrap().parse().unwrap();
        let (state, digits) = (Some(CallState::InProgress), None);
        let form = Callback { account: "AC1".into(), call: "CA1".into(), state, digits }.form();
        let header = signature::sign(&Secret::from("token"), &over, &form);
        signin::call::over(ctx, id, form.encode().as_bytes(), &header).await.unwrap();
    }

    /// How many calls there were.
    pub(crate) fn calls(&self) -> usize {
        self.heard.lock().unwrap().iter().filter(|form| form.find("Twiml").is_some()).count()
    }

    /// The codes of the last text, in their order.
    pub(crate) fn codes(&self) -> Vec<Secret> {
        let (_, words) = self.texts().pop().expect("a text");
        let words = words.split(|c: char| !c.is_ascii_digit()).filter(|word| word.len() == 7);
        words.map(Secret::from).collect()
    }

    async fn converse(self, mut socket: TcpStream) {
        let (mut request, mut chunk) = (Vec::new(), [0; 4096]);
        let body = loop {
            let text = String::from_utf8_lossy(&request);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                if body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0) {
                    break body.to_owned();
                }
            }
            match socket.read(&mut chunk).await {
                Ok(n) if n > 0 => request.extend_from_slice(&chunk[..n]),
                _ => return,
            }
        };
        self.heard.lock().unwrap().push(Form::parse(body.as_bytes()).unwrap());
        let status = *self.status.lock().unwrap();
        let answer = "{\"sid\":\"SM1\"}";
        let answer = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\n\r\n{answer}", answer.len());
        socket.write_all(answer.as_bytes()).await.ok();
    }
}

/// Texts and calls by Twilio, to the United States and Germany.
pub(crate) fn twilio() -> Telephony {
    Telephony {
        provider: Some(Provider::Twilio { url: String::new(), account: "AC1".into() }),
        sender: "+15005550001".into(),
        texts: true,
        calls: true,
        countries: vec!["+1".parse().unwrap(), "+49".parse().unwrap()],
        ..Telephony::default()
    }
}

/// A phone of this person, at an administrator's word.
pub(crate) async fn phone_of(test: &TestOrg, user: UserId, number: &str) -> Factor {
    let input = AddPhone { number: number.into(), ..AddPhone::default() };
    phone::add(&test.system(), user, input).await.unwrap()
}
