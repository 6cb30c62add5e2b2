use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sallyport_crypto::SystemRandom;
use sallyport_model::Time;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use super::*;

/// A service with prepared answers, in order for each path; the last one is given again and again.
struct Scripted {
    service: Service,
    heard: Arc<Mutex<Vec<Heard>>>,
}

#[derive(Debug, Clone)]
struct Heard {
    path: String,
    params: BTreeMap<String, String>,
    date: String,
}

type Script = BTreeMap<&'static str, VecDeque<(u16, Value)>>;

fn ok(response: Value) -> (u16, Value) {
    (200, json!({ "stat": "OK", "response": response }))
}

fn fail(code: u32, message: &str) -> (u16, Value) {
    (u16::try_from(code / 100).unwrap(), json!({ "stat": "FAIL", "code": code, "message": message }))
}

fn outcome(result: &str, status: &str, text: &str) -> (u16, Value) {
    ok(json!({ "result": result, "status": status, "status_msg": text }))
}

fn phone(capabilities: &[&str]) -> Value {
    json!({ "device": "DPONE", "type": "phone", "name": "", "number": "XXX-XXX-0100",
            "display_name": "Phone (XXX-XXX-0100)", "capabilities": capabilities })
}

fn must_authenticate(devices: &[Value]) -> (u16, Value) {
    ok(json!({ "result": "auth", "status_msg": "Account is active", "devices": devices }))
}

impl Scripted {
    async fn start(script: &[(&'static str, Vec<(u16, Value)>)]) -> Self {
        let (acceptor, ca) = tls();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let script: Script =
            script.iter().map(|(path, answers)| (*path, answers.iter().cloned().collect())).collect();
        let (script, heard) = (Arc::new(Mutex::new(script)), Arc::new(Mutex::new(Vec::new())));
        let hearing = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(socket).await else { continue };
                let mut bytes = Vec::new();
                let request = loop {
                    if stream.read_buf(&mut bytes).await.unwrap() == 0 {
                        break None;
                    }
                    if let Some(request) = request(&bytes) {
                        break Some(request);
                    }
                };
                let Some(request) = request else { continue };
                let (status, body) = answer(&script, &request.path);
                hearing.lock().unwrap().push(request);
                // How long to wait stands in the head.
                let wait = body.get("retry_after").and_then(Value::as_str);
                let wait = wait.map(|wait| format!("Retry-After: {wait}\r\n")).unwrap_or_default();
                let body = body.to_string();
                let head = format!(
                    "HTTP/1.1 {status} x\r\nContent-Type: application/json\r\n{wait}Content-Length: {}\r\n\r\n",
                    body.len()
                );
                stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
                let _ = stream.shutdown().await;
            }
        });
        let service =
            Service { address, ikey: "DIAAAAAAAAAAAAAAAAAA".into(), skey: "secret".into(), ca: Some(ca) };
        Self { service, heard }
    }

    fn api(&self) -> Api {
        let mut api =
            Api::new(&self.service, || Time(1_700_000_000_000_000), Box::new(SystemRandom::new())).unwrap();
        api.pace = Pace { busy: Duration::ZERO, follow: Duration::ZERO };
        api
    }

    fn calls(&self, path: &str) -> Vec<Heard> {
        self.heard.lock().unwrap().iter().filter(|heard| heard.path == path).cloned().collect()
    }
}

fn answer(script: &Mutex<Script>, path: &str) -> (u16, Value) {
    let mut script = script.lock().unwrap();
    let Some(answers) = script.get_mut(path) else { return fail(40401, "Resource not found") };
    if answers.len() > 1 { answers.pop_front().unwrap() } else { answers.front().unwrap().clone() }
}

fn request(bytes: &[u8]) -> Option<Heard> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let header = |wanted: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.to_owned())
    };
    let length = header("content-length").map_or(0, |length| length.parse().unwrap());
    if body.len() < length {
        return None;
    }
    let target = head.split(' ').nth(1)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = if query.is_empty() { body } else { query };
    let params = pairs.split('&').filter_map(|pair| pair.split_once('='));
    let params = params.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Some(Heard { path: path.to_owned(), params, date: header("date").unwrap_or_default() })
}

fn tls() -> (TlsAcceptor, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone(), issuer.der().clone()], key)
            .unwrap();
    (TlsAcceptor::from(Arc::new(config)), issuer.pem())
}

/// A person with prepared answers.
#[derive(Default)]
struct Person {
    answers: VecDeque<&'static str>,
    prompts: Vec<String>,
    told: Vec<String>,
}

impl Person {
    fn who_answers(answers: &[&'static str]) -> Self {
        Self { answers: answers.iter().copied().collect(), ..Self::default() }
    }
}

impl Door for Person {
    fn inform(&mut self, text: &str) -> Result<(), Gone> {
        self.told.push(text.to_owned());
        Ok(())
    }

    fn prompt(&mut self, text: &str) -> Result<Secret, Gone> {
        self.prompts.push(text.to_owned());
        self.answers.pop_front().map(Secret::from).ok_or(Gone)
    }
}

fn login() -> AuthApiLogin {
    AuthApiLogin {
        user: "alice".into(),
        host_name: "laptop-1".into(),
        remote_host: Some("192.0.2.7".into()),
        prompts: 3,
        auto_push: false,
    }
}

fn decided(allow: bool, text: &str) -> AuthApiWord {
    AuthApiWord::Decided { allow, text: text.to_owned() }
}

const PREAUTH: &str = "/auth/v2/preauth";
const AUTH: &str = "/auth/v2/auth";
const STATUS: &str = "/auth/v2/auth_status";
const CHECK: &str = "/auth/v2/check";
const PING: &str = "/auth/v2/ping";

#[tokio::test]
async fn who_need_not_cannot_or_must_enrol_is_not_asked() {
    let enroll = json!({ "result": "enroll", "status_msg": "Enroll an authentication device to proceed",
                         "enroll_portal_url": "https://api.example.org/portal?code=x" });
    for (answer, allow, words) in [
        (ok(json!({ "result": "allow", "status_msg": "Account is active" })), true, "Account is active"),
        (
            ok(json!({ "result": "deny", "status_msg": "Your account is disabled" })),
            false,
            "Your account is disabled",
        ),
        (ok(enroll), false, "https://api.example.org/portal?code=x and log in again."),
        (fail(40002, "Invalid request parameters"), false, "Invalid request parameters"),
    ] {
        let scripted = Scripted::start(&[(PREAUTH, vec![answer])]).await;
        let mut person = Person::default();
        let word = scripted.api().log_in(&login(), &mut person).await.unwrap();
        let AuthApiWord::Decided { allow: allowed, text } = word else { panic!("{word:?}") };
        assert!(allowed == allow && text.contains(words), "{text}");
        assert!(person.prompts.is_empty());
        let asked = &scripted.calls(PREAUTH)[0].params;
        assert_eq!((asked["username"].as_str(), asked["ipaddr"].as_str()), ("alice", "192.0.2.7"));
        assert_eq!((asked["hostname"].as_str(), asked["failmode"].as_str()), ("laptop-1", "closed"));
    }
}

#[tokio::test]
async fn a_passcode_opens_and_a_wrong_one_is_asked_for_again_so_often() {
    let wrong = outcome("deny", "deny", "Incorrect passcode. Please try again.");
    let right = outcome("allow", "allow", "Success. Logging you in...");
    let scripted =
        Scripted::start(&[(PREAUTH, vec![must_authenticate(&[])]), (AUTH, vec![wrong.clone(), right])]).await;
    let mut person = Person::who_answers(&["000000", " 123456 "]);
    let word = scripted.api().log_in(&login(), &mut person).await.unwrap();
    assert_eq!(word, decided(true, "Success. Logging you in..."));
    assert!(
        person.prompts[1].starts_with("Incorrect passcode. Please try again.\n\n"),
        "{:?}",
        person.prompts
    );
    let asked = scripted.calls(AUTH);
    assert_eq!(
        (asked[1].params["factor"].as_str(), asked[1].params["passcode"].as_str()),
        ("passcode", "123456")
    );
    assert!(!asked[1].params.contains_key("async"));
    assert_ne!(asked[0].params[NONCE], asked[1].params[NONCE], "no two logins are one request");

    let scripted = Scripted::start(&[(PREAUTH, vec![must_authenticate(&[])]), (AUTH, vec![wrong])]).await;
    let mut person = Person::who_answers(&["1", "2", "3", "4"]);
    let word = scripted.api().log_in(&login(), &mut person).await.unwrap();
    assert_eq!(word, decided(false, "Incorrect passcode. Please try again."));
    assert_eq!((person.prompts.len(), scripted.calls(AUTH).len()), (3, 3));
}

#[tokio::test]
async fn a_push_is_chosen_from_the_menu_and_followed_to_its_end() {
    let scripted = Scripted::start(&[
        (PREAUTH, vec![must_authenticate(&[phone(&["auto", "push", "sms", "phone"])])]),
        (AUTH, vec![ok(json!({ "txid": "tx-1" }))]),
        (
            STATUS,
            vec![
                outcome("waiting", "pushed", "Pushed a login request to your phone..."),
                outcome("allow", "allow", "Success. Logging you in..."),
            ],
        ),
    ])
    .await;
    let mut person = Person::who_answers(&["1"]);
    let word = scripted.api().log_in(&login(), &mut person).await.unwrap();
    assert_eq!(word, decided(true, "Success. Logging you in..."));
    assert!(person.prompts[0].contains(" 1. Push to XXX-XXX-0100\n"), "{:?}", person.prompts);
    assert_eq!(person.told, ["Pushed a login request to your phone..."]);
    let asked = &scripted.calls(AUTH)[0].params;
    assert_eq!((asked["factor"].as_str(), asked["device"].as_str()), ("push", "DPONE"));
    assert_eq!((asked["async"].as_str(), scripted.calls(STATUS)[0].params["txid"].as_str()), ("1", "tx-1"));
}

#[tokio::test]
async fn with_auto_push_nobody_is_asked_before_the_push() {
    let scripted = Scripted::start(&[
        (PREAUTH, vec![must_authenticate(&[phone(&["push"])])]),
        (AUTH, vec![ok(json!({ "txid": "tx-1" }))]),
        (STATUS, vec![outcome("deny", "timeout", "Login timed out."), outcome("allow", "allow", "")]),
    ])
    .await;
    let mut person = Person::who_answers(&["push"]);
    let login = AuthApiLogin { auto_push: true, ..login() };
    let word = scripted.api().log_in(&login, &mut person).await.unwrap();
    assert_eq!(word, decided(true, ""));
    assert_eq!(person.prompts.len(), 1, "asked only after the push came to nothing");
    assert!(person.prompts[0].starts_with("Login timed out."));
}

#[tokio::test]
async fn a_verified_push_shows_its_code_and_names_its_transaction() {
    let (_, mut preauth) = must_authenticate(&[phone(&["push"])]);
    for (name, value) in
        [("txid", json!("tx-9")), ("verification_code", json!("482913")), ("expiration", json!(60))]
    {
        preauth["response"][name] = value;
    }
    let scripted = Scripted::start(&[
        (PREAUTH, vec![(200, preauth)]),
        (AUTH, vec![ok(json!({ "txid": "tx-9" }))]),
        (STATUS, vec![outcome("allow", "allow", "")]),
    ])
    .await;
    let mut person = Person::who_answers(&["1"]);
    assert_eq!(scripted.api().log_in(&login(), &mut person).await.unwrap(), decided(true, ""));
    assert_eq!(person.told, ["Enter this code on your phone: 482913"]);
    assert_eq!(scripted.calls(AUTH)[0].params["txid"], "tx-9");
}

#[tokio::test]
async fn a_second_push_has_a_number_of_its_own() {
    let told = |txid: &str, code: &str| {
        let (_, mut preauth) = must_authenticate(&[phone(&["push"])]);
        for (name, value) in
            [("txid", json!(txid)), ("verification_code", json!(code)), ("expiration", json!(60))]
        {
            preauth["response"][name] = value;
        }
        (200, preauth)
    };
    let scripted = Scripted::start(&[
        (PREAUTH, vec![told("tx-1", "111"), told("tx-2", "222")]),
        (AUTH, vec![ok(json!({ "txid": "tx-1" })), ok(json!({ "txid": "tx-2" }))]),
        (STATUS, vec![outcome("deny", "timeout", "Login timed out."), outcome("allow", "allow", "")]),
    ])
    .await;
    let mut person = Person::who_answers(&["1", "1"]);
    assert_eq!(scripted.api().log_in(&login(), &mut person).await.unwrap(), decided(true, ""));
    assert_eq!(person.told, ["Enter this code on your phone: 111", "Enter this code on your phone: 222"]);
    let named: Vec<String> = scripted.calls(AUTH).iter().map(|call| call.params["txid"].clone()).collect();
    assert_eq!(named, ["tx-1", "tx-2"]);
}

#[tokio::test]
async fn sent_passcodes_cost_no_attempt_but_are_not_sent_for_ever() {
    let scripted = Scripted::start(&[
        (PREAUTH, vec![must_authenticate(&[phone(&["sms"])])]),
        (AUTH, vec![outcome("deny", "sent", "New SMS passcodes sent.")]),
    ])
    .await;
    let mut person = Person::who_answers(&["1"; 20]);
    let word = scripted.api().log_in(&login(), &mut person).await.unwrap();
    assert_eq!(word, decided(false, "New SMS passcodes sent."));
    assert_eq!(scripted.calls(AUTH).len(), 6, "three sent, three counted");
}

#[tokio::test]
async fn a_lockout_or_a_report_of_fraud_ends_it_at_once() {
    for status in ["locked_out", "fraud"] {
        let scripted = Scripted::start(&[
            (PREAUTH, vec![must_authenticate(&[])]),
            (AUTH, vec![outcome("deny", status, "Contact your administrator.")]),
        ])
        .await;
        let mut person = Person::who_answers(&["1", "2", "3"]);
        let word = scripted.api().log_in(&login(), &mut person).await.unwrap();
        assert_eq!(word, decided(false, "Contact your administrator."));
        assert_eq!(person.prompts.len(), 1);
    }
}

#[tokio::test]
async fn an_option_that_is_none_is_told_and_counted_and_never_sent() {
    let scripted = Scripted::start(&[(PREAUTH, vec![must_authenticate(&[phone(&["push"])])])]).await;
    let mut person = Person::who_answers(&["phone1", "push2", ""]);
    let word = scripted.api().log_in(&login(), &mut person).await.unwrap();
    assert_eq!(word, decided(false, NO_SUCH_OPTION));
    assert!(scripted.calls(AUTH).is_empty());
}

#[tokio::test]
async fn answers_that_are_none_allow_nobody() {
    let odd = [
        (200, json!({ "stat": "OK", "response": { "result": "maybe" } })),
        (200, json!({ "stat": "OK" })),
        (200, json!("allow")),
        (500, json!({ "stat": "OK", "response": { "result": "allow", "status_msg": "" } })),
        (302, json!({ "stat": "OK", "response": { "result": "allow", "status_msg": "" } })),
        fail(50000, "Internal server error"),
        fail(40103, "Invalid signature in request credentials"),
    ];
    for answer in odd {
        let scripted = Scripted::start(&[(PREAUTH, vec![answer.clone()])]).await;
        let word = scripted.api().log_in(&login(), &mut Person::default()).await.unwrap();
        let denies =
            matches!(word, AuthApiWord::Unavailable { .. } | AuthApiWord::Decided { allow: false, .. });
        assert!(denies, "{answer:?}: {word:?}");
    }
    // After the person was asked, too: an allow that says two things at once is none.
    for answer in
        [outcome("allow", "deny", ""), outcome("allow", "sent", ""), ok(json!({ "result": "allow" }))]
    {
        let scripted =
            Scripted::start(&[(PREAUTH, vec![must_authenticate(&[])]), (AUTH, vec![answer.clone()])]).await;
        let mut person = Person::who_answers(&["123456"]);
        let word = scripted.api().log_in(&login(), &mut person).await.unwrap();
        assert!(matches!(word, AuthApiWord::Unavailable { .. }), "{answer:?}: {word:?}");
    }
}

#[tokio::test]
async fn a_service_that_is_somebody_else_is_not_asked() {
    let scripted = Scripted::start(&[(CHECK, vec![ok(json!({ "time": 1_700_000_000 }))])]).await;
    assert_eq!(scripted.api().check().await, decided(true, ""));
    let (_, other) = tls();
    for ca in [Some(other), None] {
        let service = Service {
            address: scripted.service.address.clone(),
            ikey: scripted.service.ikey.clone(),
            skey: scripted.service.skey.clone(),
            ca,
        };
        let word = Api::new(&service, || Time(0), Box::new(SystemRandom::new())).unwrap().check().await;
        let AuthApiWord::Unavailable { reason } = word else { panic!("{word:?}") };
        assert!(reason.contains("is not the expected server"), "{reason}");
    }
    assert_eq!(scripted.calls(CHECK).len(), 1, "nothing was said to a server that did not prove itself");
}

#[tokio::test]
async fn a_wrong_clock_is_set_by_the_service_once() {
    let scripted = Scripted::start(&[
        (CHECK, vec![fail(40105, "Bad request timestamp"), ok(json!({ "time": 1_800_000_000 }))]),
        (PING, vec![ok(json!({ "time": 1_800_000_000 }))]),
    ])
    .await;
    assert_eq!(scripted.api().check().await, decided(true, ""));
    let dates: Vec<String> = scripted.calls(CHECK).into_iter().map(|heard| heard.date).collect();
    assert!(dates[0].contains("2023") && dates[1].contains("2027"), "{dates:?}");

    let scripted = Scripted::start(&[
        (CHECK, vec![fail(40105, "Bad request timestamp")]),
        (PING, vec![ok(json!({ "time": 1_800_000_000 }))]),
    ])
    .await;
    assert!(matches!(scripted.api().check().await, AuthApiWord::Unavailable { .. }));
    assert_eq!(scripted.calls(CHECK).len(), 2);
}

#[tokio::test]
async fn a_busy_service_is_asked_again_and_then_given_up() {
    let scripted =
        Scripted::start(&[(CHECK, vec![(429, json!({})), (429, json!({})), ok(json!({ "time": 1 }))])]).await;
    assert_eq!(scripted.api().check().await, decided(true, ""));
    let scripted = Scripted::start(&[(CHECK, vec![(429, json!({}))])]).await;
    let word = scripted.api().check().await;
    assert_eq!(word, AuthApiWord::Unavailable { reason: "the service is busy".into() });
    assert_eq!(scripted.calls(CHECK).len(), 7);
}

#[tokio::test]
async fn a_busy_service_says_when_to_come_again_and_nobody_waits_for_ever() {
    let comes = |after: &str| (429, json!({ "retry_after": after }));
    let scripted =
        Scripted::start(&[(CHECK, vec![comes("0"), comes(" 0 "), ok(json!({ "time": 1 }))])]).await;
    // By itself it would wait longer than it ever does.
    let mut api = scripted.api();
    api.pace.busy = Duration::from_secs(3600);
    assert_eq!(api.check().await, decided(true, ""));
    let scripted = Scripted::start(&[(CHECK, vec![comes("33"), ok(json!({ "time": 1 }))])]).await;
    assert!(matches!(scripted.api().check().await, AuthApiWord::Unavailable { .. }));
    assert_eq!(scripted.calls(CHECK).len(), 1);

    let waits = |told: &[Option<&str>]| {
        let mut busy = Busy::new(PACE.busy, ALL_BUSY);
        let pauses = told.iter().map_while(|told| busy.pause(*told).map(|pause| pause.as_secs()));
        pauses.collect::<Vec<_>>()
    };
    assert_eq!(waits(&[None; 10]), [1, 2, 4, 8, 16, 32], "as the service's own clients");
    assert_eq!(waits(&[Some("2"), None, Some("Tue, 21 Aug 2012 17:29:18 GMT")]), [2, 2, 4]);
    assert_eq!(waits(&[Some("32"); 10]), [32, 32]);
    assert!(waits(&[Some("18446744073709551615")]).is_empty());
}

#[tokio::test]
async fn nobody_waits_for_a_first_word_longer_than_the_other_half_does() {
    let comes = |after: &str| (429, json!({ "retry_after": after }));
    // The other half would go on without it after ten seconds.
    for after in ["7", "20"] {
        let allows = ok(json!({ "result": "allow", "status_msg": "" }));
        let scripted = Scripted::start(&[(PREAUTH, vec![comes(after), allows])]).await;
        let word = scripted.api().log_in(&login(), &mut Person::default()).await.unwrap();
        assert_eq!(word, AuthApiWord::Unavailable { reason: "the service is busy".into() }, "{after}");
        assert_eq!(scripted.calls(PREAUTH).len(), 1);
    }
    let allows = ok(json!({ "result": "allow", "status_msg": "" }));
    let scripted = Scripted::start(&[(PREAUTH, vec![comes("0"), allows])]).await;
    assert_eq!(scripted.api().log_in(&login(), &mut Person::default()).await, Ok(decided(true, "")));

    let mut busy = Busy::new(PACE.busy, FIRST_BUSY);
    let pauses: Vec<u64> = std::iter::from_fn(|| busy.pause(None).map(|pause| pause.as_secs())).collect();
    assert_eq!(pauses, [1, 2]);
    assert!(FIRST_BUSY < FIRST_WORD && FIRST_WORD < Duration::from_secs(10));
}

#[tokio::test]
async fn who_goes_away_ends_it() {
    let scripted = Scripted::start(&[(PREAUTH, vec![must_authenticate(&[])])]).await;
    assert_eq!(scripted.api().log_in(&login(), &mut Person::default()).await, Err(Gone));
}
