//! A Duo for tests: it checks what it is asked as the real one says it does, and answers as that or as it is told to.

use std::sync::{Arc, Mutex, OnceLock};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sallyport_crypto::Secret;
use sallyport_model::{Duo, Method, Settings, policy::MethodRow};
use sallyport_wire::duo::{
    Params,
    prompt::{AuthorizeRequest, ClientAssertion, HealthCheck, Hs512, Redeem, Sent, path},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::{
    Clock as _, settings,
    testing::{TestClock, TestOrg},
};

pub(crate) const CLIENT_ID: &str = "DIXXXXXXXXXXXXXXXXXX";
pub(crate) const CLIENT_SECRET: &str = "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";

/// Switches Duo on for everybody, beside all else, or off.
pub(crate) async fn switch(test: &TestOrg, on: bool) {
    let before = settings::show(&test.system()).await.unwrap().value;
    let factors = vec![MethodRow { method: Method::Duo, on, groups: Vec::new() }];
    settings::update(&test.system(), None, Settings { factors, ..before }).await.unwrap();
}

type Authority = CertifiedIssuer<'static, KeyPair>;

/// The authority of every service here.
fn authority() -> &'static Authority {
    static AUTHORITY: OnceLock<Authority> = OnceLock::new();
    AUTHORITY.get_or_init(|| {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    })
}

pub(crate) fn authority_pem() -> String {
    authority().pem()
}

/// What it does with the claims before it signs them.
type Twist = Box<dyn Fn(&mut Value) + Send>;

struct Inside {
    clock: Arc<TestClock>,
    host: String,
    /// The request that the last browser brought.
    asked: Option<AuthorizeRequest>,
    /// Codes that were redeemed.
    redeemed: Vec<String>,
    /// Seconds that its clock is ahead.
    ahead: i64,
    /// Answers every call so.
    status: Option<u16>,
    twist: Option<Twist>,
    /// In place of what it would sign.
    token: Option<String>,
}

#[derive(Clone)]
pub(crate) struct Service(Arc<Mutex<Inside>>);

impl Service {
    /// Opens one that this organisation asks.
    pub(crate) async fn of(test: &TestOrg) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("localhost:{}", listener.local_addr().unwrap().port());
        let service = Self(Arc::new(Mutex::new(Inside {
            clock: Arc::clone(&test.clock),
            host: host.clone(),
            asked: None,
            redeemed: Vec::new(),
            ahead: 0,
            status: None,
            twist: None,
            token: None,
        })));
        let inside = service.clone();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(tls()));
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (inside, acceptor) = (inside.clone(), acceptor.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(socket).await {
                        inside.converse(stream).await;
                    }
                });
            }
        });
        service.ask_it(test, Duo::default()).await;
        service
    }

    /// The organisation asks this one, and what else is set.
    pub(crate) async fn ask_it(&self, test: &TestOrg, duo: Duo) {
        let duo = Duo { client_id: CLIENT_ID.into(), host: self.host(), ..duo };
        super::update(&test.system(), None, duo, Some(CLIENT_SECRET.into())).await.unwrap();
        switch(test, true).await;
    }

    pub(crate) fn host(&self) -> String {
        self.0.lock().unwrap().host.clone()
    }

    /// From now on it answers everything with this status.
    pub(crate) fn answer_with(&self, status: Option<u16>) {
        self.0.lock().unwrap().status = status;
    }

    pub(crate) fn set_ahead(&self, seconds: i64) {
        self.0.lock().unwrap().ahead = seconds;
    }

    /// From now on it changes what it states.
    pub(crate) fn twist(&self, twist: impl Fn(&mut Value) + Send + 'static) {
        self.0.lock().unwrap().twist = Some(Box::new(twist));
    }

    /// From now on it states this.
    pub(crate) fn give(&self, token: String) {
        self.0.lock().unwrap().token = Some(token);
    }

    /// Whom it was asked about last.
    pub(crate) fn asked_about(&self) -> String {
        self.0.lock().unwrap().asked.as_ref().unwrap().username.clone()
    }

    /// A browser comes, its person passes; the query that it goes back with.
    pub(crate) fn visit(&self, url: &str) -> String {
        let mut inside = self.0.lock().unwrap();
        let (at, query) = url.split_once('?').unwrap();
        assert_eq!(at, format!("https://{}{}", inside.host, path::AUTHORIZE));
        let sent = Sent::read(&Params::from_query(query).unwrap()).unwrap();
        let now = inside.clock.now().unix_seconds();
        let object = sent.open(&CLIENT_SECRET.into(), &[&inside.host], now).unwrap();
        let request = object.read().unwrap();
        assert!(request.state.len() >= 22 && request.use_duo_code_attribute, "as the SDKs do");
        let back = request.answered("a-code-of-this-visit");
        inside.asked = Some(request);
        // A code of this visit, of which nothing was redeemed yet.
        inside.redeemed.clear();
        back.split_once('?').unwrap().1.to_owned()
    }

    async fn converse(self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        let (mut request, mut chunk) = (Vec::new(), [0; 8192]);
        let (path, body) = loop {
            let text = String::from_utf8_lossy(&request);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                if body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0) {
                    break (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned());
                }
            }
            match stream.read(&mut chunk).await {
                Ok(n) if n > 0 => request.extend_from_slice(&chunk[..n]),
                _ => return,
            }
        };
        let (status, answer) =
            self.0.lock().unwrap().answer(&path, &Params::from_form(body.as_bytes()).unwrap());
        let answer = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\n\r\n{answer}", answer.len());
        stream.write_all(answer.as_bytes()).await.ok();
        stream.shutdown().await.ok();
    }
}

impl Inside {
    fn answer(&mut self, path: &str, params: &Params) -> (u16, String) {
        if let Some(status) = self.status {
            return (status, "<html>".into());
        }
        match path {
            path::HEALTH_CHECK => self.health(params),
            path::TOKEN => self.redeem(params),
            other => panic!("{other}"),
        }
    }

    fn now(&self) -> i64 {
        self.clock.now().unix_seconds() + self.ahead
    }

    fn knows(&self, assertion: &Secret, path: &str) -> bool {
        let client = (CLIENT_ID, &CLIENT_SECRET.into());
        ClientAssertion::verify(assertion.expose(), client, path, &[&self.host], self.now()).is_ok()
    }

    fn health(&self, params: &Params) -> (u16, String) {
        let check = HealthCheck::read(params).unwrap();
        let now = self.now();
        if self.knows(&check.assertion, path::HEALTH_CHECK) {
            return (200, json!({ "stat": "OK", "response": { "timestamp": now } }).to_string());
        }
        let refused = json!({ "stat": "FAIL", "code": 40002, "message": "invalid_client", "message_detail": "Failed to verify signature.", "timestamp": now });
        (400, refused.to_string())
    }

    fn redeem(&mut self, params: &Params) -> (u16, String) {
        let redeem = Redeem::read(params).unwrap();
        let asked = self.asked.clone().unwrap();
        assert_eq!(redeem.redirect_uri, asked.redirect_uri);
        if !self.knows(&redeem.assertion, path::TOKEN) {
            return (400, json!({ "error": "invalid_client", "error_description": "no" }).to_string());
        }
        let code = redeem.code.expose().to_owned();
        if code != "a-code-of-this-visit" || self.redeemed.contains(&code) {
            return (
                400,
                json!({ "error": "invalid_grant", "error_description": "no such code" }).to_string(),
            );
        }
        self.redeemed.push(code);
        let now = self.now();
        let mut claims = json!({
            "iss": format!("https://{}{}", self.host, path::TOKEN), "aud": CLIENT_ID, "sub": asked.username,
            "exp": now + 3600, "iat": now, "auth_time": now, "preferred_username": asked.username, "nonce": asked.nonce,
            "auth_result": { "result": "allow", "status": "allow", "status_msg": "Login Successful" },
        });
        if let Some(twist) = &self.twist {
            twist(&mut claims);
        }
        let signed = Hs512::new(&CLIENT_SECRET.into()).sign(&claims);
        let token = self.token.clone().unwrap_or(signed);
        let reply =
            json!({ "id_token": token, "access_token": "x", "token_type": "Bearer", "expires_in": 3600 });
        (200, reply.to_string())
    }
}

/// A certificate of that authority for a service on this machine.
pub(crate) fn leaf(key: &KeyPair) -> rcgen::Certificate {
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    leaf.signed_by(key, authority()).unwrap()
}

pub(crate) fn tls() -> rustls::ServerConfig {
    let key = KeyPair::generate().unwrap();
    let leaf = leaf(&key);
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap()
}
