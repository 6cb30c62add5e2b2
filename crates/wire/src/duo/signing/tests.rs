use std::io::Write as _;

use data_encoding::BASE64;
use proptest::prelude::*;
use serde::Deserialize;

use super::super::call::Call;
use super::*;

/// Tue, 21 Aug 2012 17:29:18 UTC, the moment of every vector.
const NOW: i64 = 1_345_570_158;
const DATE: &str = "Tue, 21 Aug 2012 17:29:18 -0000";
const HOST: &str = "mfa.example.org";

#[derive(Deserialize)]
struct Vectors {
    skey: String,
    now: i64,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    version: u8,
    valid: bool,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
    canonical: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors.json")).unwrap()
}

fn verify(
    request: &Request<'_>,
    skey: &Secret,
    policy: &Policy<'_>,
    now_unix: i64,
) -> Result<Verified, SignatureError> {
    super::verify(request, &request.credentials()?, &skey.into(), policy, now_unix)
}

fn number(version: Version) -> u8 {
    match version {
        Version::V1 => 1,
        Version::V2 => 2,
        Version::V4 => 4,
        Version::V5 => 5,
    }
}

#[test]
fn every_vector_has_the_expected_verdict_and_version() {
    let all = vectors();
    let skey = Secret::new(all.skey);
    for vector in all.vectors {
        let headers: Vec<_> = vector.headers.iter().map(|(k, v)| (k.as_str(), v.as_bytes())).collect();
        let request = Request {
            method: &vector.method,
            target: &vector.target,
            headers: &headers,
            body: vector.body.as_bytes(),
        };
        let policy = Policy { allow_v1: true, public_hosts: &[] };
        let verdict = verify(&request, &skey, &policy, all.now);
        match (vector.valid, verdict) {
            (true, Ok(verified)) => assert_eq!(number(verified.version), vector.version, "{}", vector.id),
            (false, Err(error)) => assert_eq!(error, SignatureError::Mismatch, "{}", vector.id),
            (_, verdict) => panic!("{}: {verdict:?}", vector.id),
        }
        if vector.valid {
            let signature = request.credentials().unwrap().signature.unwrap();
            let message = Message::read(&request, &[]).unwrap();
            let ready = VerifyingKey::from(&skey);
            let attempt = Attempt { message: &message, date: None, signature, skey: &ready };
            assert!(attempt.is_signature_of(&vector.canonical), "{}", vector.id);
        }
    }
}

/// The whole reference file with its own layout, where it lies beside this repository.
#[test]
fn the_reference_file_holds_whole_where_it_lies_beside_this_repository() {
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let path = format!("{here}/../../../shared/reference/duo-signing-vectors.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        writeln!(std::io::stderr(), "SKIPPED: no reference file at {path}").ok();
        return;
    };
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert!(vectors.len() >= 31);
    for vector in vectors {
        let headers: Vec<_> = vector["wire"]["headers"].as_object().unwrap().iter().collect();
        let headers: Vec<_> =
            headers.iter().map(|(k, v)| (k.as_str(), v.as_str().unwrap().as_bytes())).collect();
        let request = Request {
            method: vector["method"].as_str().unwrap(),
            target: vector["wire"]["request_target"].as_str().unwrap(),
            headers: &headers,
            body: vector["wire"]["body"].as_str().unwrap_or_default().as_bytes(),
        };
        let skey = Secret::from(vector["skey"].as_str().unwrap());
        assert_eq!(request.credentials().unwrap().ikey, vector["ikey"].as_str().unwrap());
        let verdict = verify(&request, &skey, &Policy { allow_v1: true, public_hosts: &[] }, NOW);
        assert_eq!(verdict.is_ok(), vector["valid"].as_bool().unwrap(), "{}", vector["id"]);
        if let Ok(verified) = verdict {
            assert_eq!(u64::from(number(verified.version)), vector["sig_version"].as_u64().unwrap());
        }
    }
}

/// A request that a test signs by hand and may then change.
#[derive(Clone)]
struct Sample {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Sample {
    /// Signs `canonical` as it stands.
    fn new(method: &'static str, target: &str, canonical: &str) -> Self {
        let signature = sallyport_crypto::digest::hex(&sallyport_crypto::mac::hmac_sha512(
            skey().expose().as_bytes(),
            canonical.as_bytes(),
        ));
        let authorization = format!("Basic {}", BASE64.encode(format!("DIX:{signature}").as_bytes()));
        let headers = vec![("Host", HOST.to_owned()), ("Authorization", authorization)];
        Self { method, target: target.to_owned(), headers, body: Vec::new() }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn with_body(mut self, content_type: &str, body: &str) -> Self {
        self.body = body.as_bytes().to_vec();
        if content_type.is_empty() { self } else { self.with("Content-Type", content_type) }
    }

    fn verify_at(&self, policy: Policy<'_>, now: i64) -> Result<Verified, SignatureError> {
        let headers: Vec<_> = self.headers.iter().map(|(k, v)| (*k, v.as_bytes())).collect();
        let request =
            Request { method: self.method, target: &self.target, headers: &headers, body: &self.body };
        verify(&request, &skey(), &policy, now)
    }

    fn verify(&self) -> Result<Verified, SignatureError> {
        self.verify_at(Policy::default(), NOW)
    }
}

const ALLOW_V1: Policy<'static> = Policy { allow_v1: true, public_hosts: &[] };
const FORM: &str = "application/x-www-form-urlencoded";

fn skey() -> Secret {
    Secret::from("deadbeefdeadbeefdeadbeefdeadbeefdeadbeef")
}

fn v2_check(date: &str) -> Sample {
    Sample::new("GET", "/auth/v2/check", &format!("{date}\nGET\n{HOST}\n/auth/v2/check\n")).with("Date", date)
}

fn v2_post(body: &str) -> Sample {
    Sample::new("POST", "/auth/v2/auth", &format!("{DATE}\nPOST\n{HOST}\n/auth/v2/auth\n{body}"))
        .with("Date", DATE)
}

fn v5_post(target: &str, query: &str, body: &str) -> Sample {
    let path = target.split('?').next().unwrap();
    let hashes = [body, ""].map(|part| canonical::body_hash(part.as_bytes())).join("\n");
    let mut sample = Sample::new("POST", target, &format!("{DATE}\nPOST\n{HOST}\n{path}\n{query}\n{hashes}"))
        .with("Date", DATE);
    sample.body = body.as_bytes().to_vec();
    sample
}

#[test]
fn the_clock_may_be_off_by_five_minutes_and_no_more() {
    let sample = v2_check(DATE);
    for skew in [-300, -1, 0, 300] {
        assert!(sample.verify_at(Policy::default(), NOW + skew).is_ok());
    }
    for skew in [-301, 301, i64::MAX - NOW, i64::MIN + 1 - NOW.min(0)] {
        let now = NOW.saturating_add(skew);
        assert_eq!(sample.verify_at(Policy::default(), now), Err(SignatureError::DateInvalid));
    }
    assert_eq!(sample.verify().unwrap().signed_at, Some(NOW));
}

#[test]
fn a_signature_is_for_its_path_alone() {
    let body = "a=1";
    let get = v2_check(DATE);
    let form = v2_post(body).with_body(FORM, body);
    let json = v5_post("/auth/v2/auth?b=2", "b=2", r#"{"c":"3"}"#);
    let old = Sample::new("GET", "/rest/v1/ping", &format!("GET\n{HOST}\n/rest/v1/ping\n"));
    for (sample, others) in [
        (
            get,
            &["/auth/v2/ping", "/auth/v2/check/", "/Auth/v2/check", "/auth//v2/check", "/auth/v2/./check"][..],
        ),
        (form, &["/auth/v2/preauth", "/admin/v1/users", "/auth/v2/%61uth"]),
        (json, &["/auth/v2/enroll?b=2", "/admin/v2/policies?b=2", "/?b=2"]),
        (old, &["/rest/v1/auth", "/rest/v1/ping.bson"]),
    ] {
        assert!(sample.verify_at(ALLOW_V1, NOW).is_ok(), "{}", sample.target);
        for other in others {
            let moved = Sample { target: (*other).to_owned(), ..sample.clone() };
            assert_eq!(moved.verify_at(ALLOW_V1, NOW), Err(SignatureError::Mismatch), "{other}");
        }
    }
}

#[test]
fn dates_missing_unreadable_or_doubled() {
    let mut missing = v2_check(DATE);
    missing.headers.retain(|(name, _)| *name != "Date");
    assert_eq!(missing.verify(), Err(SignatureError::DateMissing));
    assert_eq!(v2_check("yesterday").verify(), Err(SignatureError::DateInvalid));
    assert_eq!(v2_check(DATE).with("date", DATE).verify(), Err(SignatureError::DateInvalid));
}

#[test]
fn x_duo_date_goes_before_date() {
    let canonical = format!("{DATE}\nGET\n{HOST}\n/auth/v2/check\n");
    let sample =
        Sample::new("GET", "/auth/v2/check", &canonical).with("Date", "nonsense").with("X-Duo-Date", DATE);
    assert!(sample.verify().is_ok());
    let later = "Tue, 21 Aug 2012 17:29:19 -0000";
    assert_eq!(v2_check(DATE).with("X-Duo-Date", later).verify(), Err(SignatureError::Mismatch));
}

#[test]
fn undated_signatures_only_on_the_old_api_and_only_if_allowed() {
    let old = Sample::new("GET", "/rest/v1/ping", &format!("GET\n{HOST}\n/rest/v1/ping\n"));
    let verified = old.verify_at(ALLOW_V1, NOW).unwrap();
    assert_eq!((verified.version, verified.signed_at), (Version::V1, None));
    assert_eq!(old.verify(), Err(SignatureError::DateMissing));
    assert!(old.clone().with("Date", DATE).verify_at(ALLOW_V1, NOW).is_ok());
    assert!(old.clone().with("Date", "nonsense").verify_at(ALLOW_V1, NOW).is_ok());

    for path in ["/auth/v2/check", "/rest/v1", "/rest/v1/../../auth/v2/check", "/rest/v1/%70ing"] {
        let sample = Sample::new("GET", path, &format!("GET\n{HOST}\n{path}\n")).with("Date", DATE);
        assert_eq!(sample.verify_at(ALLOW_V1, NOW), Err(SignatureError::Mismatch), "{path}");
    }
}

#[test]
fn a_form_signature_does_not_cover_another_body() {
    let signed = v2_post("a=1");
    assert_eq!(
        signed.clone().with_body(FORM, "a=1").verify().unwrap().params,
        Params::from_query("a=1").unwrap()
    );
    assert!(
        signed.clone().with_body("Application/X-WWW-form-urlencoded; charset=utf-8", "a=1").verify().is_ok()
    );
    let mut in_query = signed.clone();
    in_query.target.push_str("?a=1");
    assert!(in_query.verify().is_ok());
    let smuggled = in_query.clone().with_body("application/json", r#"{"factor":"push"}"#);
    assert_eq!(smuggled.verify(), Err(SignatureError::Mismatch));
    assert_eq!(in_query.with_body("", "x").verify(), Err(SignatureError::Mismatch));
    assert_eq!(signed.clone().with_body(FORM, "a=2").verify(), Err(SignatureError::Mismatch));
    assert_eq!(
        signed.with_body(FORM, "a=1").with("Content-Type", "text/plain").verify(),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn a_get_has_no_body_whatever_was_sent() {
    let verified = v2_check(DATE).with_body(FORM, "username=admin").verify().unwrap();
    assert!(verified.params.is_empty());
    let verified = v2_check(DATE).with_body("application/json", r#"{"a":1}"#).verify().unwrap();
    assert!(verified.params.is_empty());
}

#[test]
fn query_and_hashed_body_are_both_read() {
    let verified = v5_post("/auth/v2/auth?b=2&a=1", "a=1&b=2", r#"{"c":"3"}"#).verify().unwrap();
    assert_eq!(verified.version, Version::V5);
    assert_eq!(verified.params.names().collect::<Vec<_>>(), ["b", "a", "c"]);
    let form = v5_post("/auth/v2/auth", "", "c=3").with("Content-Type", FORM).verify().unwrap();
    assert_eq!(form.params, Params::from_query("c=3").unwrap());
}

#[test]
fn the_content_type_cannot_change_the_meaning_of_signed_bytes() {
    let body = r#"{"pushinfo":"x&username=admin","username":"bob"}"#;
    let verified = v5_post("/auth/v2/auth", "", body).with("Content-Type", FORM).verify().unwrap();
    assert_eq!(verified.params.string("username"), Ok(Some("bob".into())));
    let broken = v5_post("/auth/v2/auth", "", "a=1").verify();
    assert_eq!(broken, Err(SignatureError::Params(ParamError::NotJson)));
}

#[test]
fn hosts_may_be_spelt_as_configured() {
    let canonical = format!("{DATE}\nGET\npublic.example.org\n/auth/v2/check\n");
    let sample = Sample::new("GET", "/auth/v2/check", &canonical).with("Date", DATE);
    assert_eq!(sample.verify(), Err(SignatureError::Mismatch));
    let hosts = ["Public.Example.org:8443".to_owned()];
    assert!(sample.verify_at(Policy { allow_v1: false, public_hosts: &hosts }, NOW).is_ok());
}

#[test]
fn absolute_targets_and_lower_case_methods() {
    let mut sample = v2_check(DATE);
    sample.target = format!("https://{HOST}/auth/v2/check?");
    sample.method = "get";
    assert!(sample.verify().is_ok());
}

#[test]
fn no_line_feed_can_be_smuggled_into_the_canonical_text() {
    let mut sample = v2_check(DATE);
    sample.target = "/auth/v2\n/check".into();
    assert_eq!(sample.verify(), Err(SignatureError::Mismatch));
    sample.method = "GET\nx";
    assert_eq!(sample.verify(), Err(SignatureError::Mismatch));
}

#[test]
fn credentials_must_be_there_once() {
    let mut sample = v2_check(DATE);
    let (_, authorization) = sample.headers.remove(1);
    assert_eq!(sample.verify(), Err(SignatureError::CredentialsMissing));
    let twice = sample.with("Authorization", &authorization).with("authorization", &authorization);
    assert_eq!(twice.verify(), Err(SignatureError::CredentialsMissing));
}

#[test]
fn budgets_come_before_work() {
    let too_large = Err(SignatureError::Params(ParamError::TooLarge));
    let mut sample = v2_check(DATE);
    sample.target = format!("/{}", "a".repeat(20_000));
    assert_eq!(sample.verify(), too_large);
    let big = "x".repeat(super::super::params::MAX_BODY + 1);
    assert_eq!(v2_post("").with_body("application/json", &big).verify(), too_large);
    let big_form = "x".repeat(super::super::params::MAX_FORM + 1);
    assert_eq!(v2_post("").with_body(FORM, &big_form).verify(), too_large);
    let many = "a=1&".repeat(MAX_PARAMS);
    let too_many = Err(SignatureError::Params(ParamError::TooMany));
    let mut both = v2_post("").with_body(FORM, &many);
    both.target.push_str("?b=1");
    assert_eq!(both.verify(), too_many);
    let many_headers = (0..200).fold(v2_check(DATE), |sample, _| sample.with("X", "y"));
    assert_eq!(many_headers.verify(), too_large);
}

#[test]
fn our_signature_is_the_one_of_the_vectors() {
    let all = vectors();
    let keys = Keys { ikey: "DIWJ8X6AEYOR5OMC6TQ1".into(), skey: Secret::new(all.skey) };
    for (id, version) in [("v2-sha512-get-empty", SignVersion::V2), ("v5-get-empty", SignVersion::V5)] {
        let vector = all.vectors.iter().find(|vector| vector.id == id).unwrap();
        let signed =
            sign(&Call::get("/auth/v2/check"), "API-xxxxxxxx.duosecurity.com:443", &keys, version, NOW)
                .unwrap();
        let authorization = |headers: &[(String, String)]| {
            headers.iter().find(|(name, _)| name == "Authorization").map(|(_, value)| value.clone()).unwrap()
        };
        let ours: Vec<_> = signed.headers.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        assert_eq!(authorization(&ours), authorization(&vector.headers), "{id}");
    }
}

#[test]
fn nothing_is_signed_for_an_unusable_host_or_clock() {
    let keys = Keys { ikey: "DIX".into(), skey: skey() };
    let call = Call::get("/auth/v2/check");
    assert_eq!(sign(&call, "", &keys, SignVersion::V5, NOW), Err(SignError::Host));
    assert_eq!(sign(&call, "a b", &keys, SignVersion::V5, NOW), Err(SignError::Host));
    assert_eq!(sign(&call, HOST, &keys, SignVersion::V5, i64::MAX), Err(SignError::Clock));
}

#[test]
fn debug_shows_no_secrets() {
    let keys = Keys { ikey: "DIX".into(), skey: skey() };
    let call = Call::post("/auth/v2/auth").with("passcode", "123456");
    let signed = sign(&call, HOST, &keys, SignVersion::V2, NOW).unwrap();
    let shown = format!("{keys:?} {call:?} {signed:?} {:?}", v2_check(DATE).verify());
    assert!(!shown.contains("deadbeef") && !shown.contains("123456"), "{shown}");
}

fn any_call() -> impl Strategy<Value = Call> {
    let params = proptest::collection::btree_map(any::<String>(), any::<String>(), 0..12);
    (any::<bool>(), params).prop_map(|(is_get, params)| {
        let call = if is_get { Call::get("/auth/v2/auth_status") } else { Call::post("/auth/v2/auth") };
        Call { params, ..call }
    })
}

proptest! {
    #[test]
    fn what_we_sign_verifies_and_says_the_same(
        call in any_call(),
        is_v5 in any::<bool>(),
        host in prop::sample::select(vec![HOST, "MFA.example.org", "mfa.example.org:8443"]),
        now in 0..4_000_000_000_i64,
    ) {
        let keys = Keys { ikey: "DIX".into(), skey: skey() };
        let version = if is_v5 { SignVersion::V5 } else { SignVersion::V2 };
        let signed = sign(&call, host, &keys, version, now).unwrap();
        let mut headers: Vec<_> = signed.headers.iter().map(|(k, v)| (*k, v.as_bytes())).collect();
        headers.push(("Host", host.as_bytes()));
        let request = Request {
            method: signed.method.as_str(),
            target: &signed.target,
            headers: &headers,
            body: &signed.body,
        };
        let verified = verify(&request, &skey(), &Policy::default(), now).unwrap();
        prop_assert_eq!(verified.version, if is_v5 { Version::V5 } else { Version::V2 });
        prop_assert_eq!(verified.signed_at, Some(now));
        let expected = serde_json::to_vec(&call.params).unwrap();
        let mut names: Vec<_> = verified.params.names().collect();
        names.sort_unstable();
        prop_assert_eq!(&names, &call.params.keys().map(String::as_str).collect::<Vec<_>>());
        if is_v5 && !request.body.is_empty() {
            prop_assert_eq!(verified.params, Params::from_json(&expected).unwrap());
        }
        let other = verify(&request, &Secret::from("other"), &Policy::default(), now);
        prop_assert_eq!(other, Err(SignatureError::Mismatch));
    }

    #[test]
    fn no_bytes_panic(
        method in ".{0,8}",
        target in ".{0,60}",
        names in proptest::collection::vec(prop::sample::select(vec![
            "Host", "Date", "X-Duo-Date", "X-Duo-A", "Content-Type", "x-duo-",
        ]), 0..6),
        value in proptest::collection::vec(any::<u8>(), 0..40),
        credentials in proptest::collection::vec(any::<u8>(), 0..80),
        body in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let authorization = format!("Basic {}", BASE64.encode(&credentials));
        let mut headers: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, value.as_slice())).collect();
        headers.push(("Authorization", authorization.as_bytes()));
        let request = Request { method: &method, target: &target, headers: &headers, body: &body };
        prop_assert!(verify(&request, &skey(), &ALLOW_V1, NOW).is_err());
        let _ = date::parse(&String::from_utf8_lossy(&value));
    }

    #[test]
    fn no_changed_byte_of_the_body_goes_unseen(at in 0..9_usize, byte in any::<u8>()) {
        let mut sample = v5_post("/auth/v2/auth", "", r#"{"a":"1"}"#);
        prop_assume!(sample.body[at] != byte);
        sample.body[at] = byte;
        prop_assert_eq!(sample.verify(), Err(SignatureError::Mismatch));
    }
}
