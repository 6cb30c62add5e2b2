use data_encoding::BASE64URL_NOPAD;
use proptest::prelude::*;
use sallyport_crypto::{SystemRandom, p256::AgreementKey};

use super::{encryption::Once, *};

const ENDPOINT: &str = "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV";
const NOW: i64 = 1_800_000_000;

fn bytes(text: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
}

fn browser() -> soft::Browser {
    soft::Browser::new(&SystemRandom::new()).unwrap()
}

fn subscription(browser: &soft::Browser) -> Subscription {
    Subscription::parse(browser.subscription(ENDPOINT).as_bytes()).unwrap()
}

fn vapid() -> Vapid {
    let key = VapidKey::generate(&SystemRandom::new()).unwrap();
    let contact = Contact::parse("mailto:admin@example.com").unwrap();
    Vapid { key: VapidKey::from_pkcs8(&key).unwrap(), contact }
}

fn pushed(browser: &soft::Browser, payload: &[u8]) -> Result<Request, MessageError> {
    push_message(&subscription(browser), &vapid(), &Message::urgent(payload), NOW, &SystemRandom::new())
}

#[test]
fn the_example_of_rfc_8291_comes_out_byte_for_byte() {
    let private = bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94").try_into().unwrap();
    let auth = bytes("BTBZMqHH6r4Tts7J_aSIgg").try_into().unwrap();
    let browser = soft::Browser::of(&private, auth).unwrap();
    let sender: [u8; 32] = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").try_into().unwrap();
    let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
    let once = Once { key: AgreementKey::from_scalar(&sender).unwrap(), salt };
    let text = b"When I grow up, I want to be a watermelon";
    let body = encryption::encrypted(&subscription(&browser), text, text.len(), &once).unwrap();
    let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml\
                    mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT\
                    pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    assert_eq!(BASE64URL_NOPAD.encode(&body), expected);
    assert_eq!(browser.read(&body).unwrap(), text);
}

#[test]
fn every_message_is_equally_long_and_none_is_like_another() {
    let browser = browser();
    let longest = [7; LONGEST_PAYLOAD];
    for payload in [b"".as_slice(), b"x", b"zero at the end\0", &longest] {
        let (first, second) = (pushed(&browser, payload).unwrap(), pushed(&browser, payload).unwrap());
        assert_eq!(first.body.len(), 86 + LONGEST_PAYLOAD + 1 + 16);
        assert_eq!(second.body.len(), first.body.len());
        assert_ne!(first.body[..16], second.body[..16]);
        assert_ne!(first.body[21..86], second.body[21..86]);
        assert_eq!(browser.read(&first.body).unwrap(), payload);
    }
    let too_long = pushed(&browser, &[0; LONGEST_PAYLOAD + 1]);
    assert_eq!(too_long.err(), Some(MessageError::TooLong));
}

#[test]
fn a_request_says_how_long_and_how_urgent_and_who_sends() {
    let (browser, vapid) = (browser(), vapid());
    let message = Message { topic: Topic::new("sign-in_1"), ..Message::urgent(b"hello") };
    let request = push_message(&subscription(&browser), &vapid, &message, NOW, &SystemRandom::new()).unwrap();
    assert_eq!(request.url, ENDPOINT);
    let header = |name: &str| {
        let found: Vec<_> = request.headers.iter().filter(|(given, _)| *given == name).collect();
        assert_eq!(found.len(), 1, "{name}");
        found[0].1.as_str()
    };
    assert_eq!(header("TTL"), "60");
    assert_eq!(header("Urgency"), "high");
    assert_eq!(header("Topic"), "sign-in_1");
    assert_eq!(header("Content-Encoding"), "aes128gcm");
    let claims = soft::claims(header("Authorization"), vapid.key.public()).unwrap();
    assert_eq!(claims.aud, "https://push.example.net");
    assert_eq!(claims.sub, "mailto:admin@example.com");
    assert!(claims.exp > NOW && claims.exp <= NOW + 24 * 3600);
    let other = VapidKey::generate(&SystemRandom::new()).unwrap();
    let other = VapidKey::from_pkcs8(&other).unwrap();
    assert_eq!(soft::claims(header("Authorization"), other.public()), None);
}

#[test]
fn the_token_of_the_example_in_rfc_8292_is_read_as_its_own() {
    let authorization = "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
    let key = authorization.rsplit_once("k=").unwrap().1;
    let claims = soft::claims(authorization, &bytes(key).try_into().unwrap()).unwrap();
    let expected = ("https://push.example.net", 1_453_523_768, "mailto:push@example.com");
    assert_eq!((claims.aud.as_str(), claims.exp, claims.sub.as_str()), expected);
}

#[test]
fn a_subscription_is_kept_as_it_was_read() {
    let read = subscription(&browser());
    assert_eq!(Subscription::parse(read.to_json().as_bytes()).unwrap(), read);
    let shown = format!("{read:?}");
    assert_eq!(shown, "Subscription { endpoint: Endpoint(https://push.example.net/..), .. }");
}

#[test]
fn what_is_no_subscription_is_refused_with_a_reason() {
    let good = browser().subscription(ENDPOINT);
    let value: serde_json::Value = serde_json::from_str(&good).unwrap();
    let (p256dh, auth) = (value["keys"]["p256dh"].as_str().unwrap(), value["keys"]["auth"].as_str().unwrap());
    let with = |from: &str, to: &str| Subscription::parse(good.replace(from, to).as_bytes()).err();
    for json in ["", "{}", "[]", "null", r#"{"endpoint":"https://a.example/x"}"#, "{\"endpoint\":"] {
        assert_eq!(Subscription::parse(json.as_bytes()), Err(SubscriptionError::Json), "{json}");
    }
    assert_eq!(with("\"keys\"", "\"keys\":null,\"keys\""), Some(SubscriptionError::Json));
    for key in ["", "AAAA", &p256dh[1..], &format!("{p256dh}="), &BASE64URL_NOPAD.encode(&[4; 65])] {
        assert_eq!(with(p256dh, key), Some(SubscriptionError::Key), "{key}");
    }
    for other in ["", "AAAA", &format!("{auth}A"), &format!("{auth}==")] {
        assert_eq!(with(auth, other), Some(SubscriptionError::Auth), "{other}");
    }
    let long = good.replace(ENDPOINT, &format!("https://a.example/{}", "x".repeat(2048)));
    assert_eq!(Subscription::parse(long.as_bytes()), Err(SubscriptionError::Endpoint));
    let longer = good.replace(ENDPOINT, &format!("https://a.example/{}", "x".repeat(5000)));
    assert_eq!(Subscription::parse(longer.as_bytes()), Err(SubscriptionError::TooLong));
}

#[test]
fn an_endpoint_is_https_and_can_be_read_in_one_way_only() {
    let parsed = |endpoint: &str| Subscription::parse(browser().subscription(endpoint).as_bytes());
    for (endpoint, origin) in [
        ("https://fcm.googleapis.com/fcm/send/a:b-c_d", "https://fcm.googleapis.com"),
        ("https://Updates.Push.example:443/wpush/v2/x", "https://updates.push.example"),
        ("https://wns.example/w/?token=a%2bb%3d%3d", "https://wns.example"),
        ("https://127.0.0.1:8443/x", "https://127.0.0.1:8443"),
        ("https://[0:0::1]:8443/x", "https://[::1]:8443"),
        ("https://a.example?x", "https://a.example"),
    ] {
        assert_eq!(parsed(endpoint).unwrap().endpoint().origin(), origin);
    }
    for bad in [
        "",
        "http://a.example/x",
        "HTTPS://a.example/x",
        "https://a.example",
        "https:///x",
        "https://a@b.example/x",
        "https://a.example@b.example/x",
        "https://a.example\\@b.example/x",
        "https://a.example#@b.example/x",
        "https://a.example/x#y",
        "https://a.example:0/x",
        "https://a.example:+443/x",
        "https://a.example:/x",
        "https://a.example:99999/x",
        "https://a.example /x",
        "https://a.example/x y",
        "https://a.example/x\r\nHost: b",
        "https://[::1/x",
        "https://[::1]x/x",
        "https://[a.example]/x",
        "https://ä.example/x",
        "//a.example/x",
    ] {
        assert_eq!(parsed(bad), Err(SubscriptionError::Endpoint), "{bad:?}");
    }
}

#[test]
fn contacts_and_topics_are_what_services_take() {
    for good in ["mailto:a@b.example", "https://a.example/contact"] {
        assert!(Contact::parse(good).is_ok());
    }
    for bad in ["", "a@b", "mailto:", "mailto:a", "mailto:@b", "mailto:a@", "https://", "https:// x", "tel:1"]
    {
        assert_eq!(Contact::parse(bad), Err(BadContact), "{bad}");
    }
    for bad in ["", "a b", "ä", "a\r\n", &"a".repeat(33)] {
        assert_eq!(Topic::new(bad), None, "{bad}");
    }
}

#[test]
fn an_answer_says_what_is_to_be_done() {
    let said = |status, retry_after| outcome(status, retry_after, b"no\r\nmore", NOW);
    for taken in [200, 201, 202, 204] {
        assert_eq!(said(taken, None), Ok(()));
    }
    for gone in [404, 410] {
        assert_eq!(said(gone, None), Err(Refused::Gone));
    }
    assert_eq!(said(413, None), Err(Refused::TooLong));
    assert_eq!(said(403, None), Err(Refused::Key { status: 403, said: "nomore".into() }));
    for other in [100, 203, 301, 307, 400, 600] {
        assert_eq!(said(other, None), Err(Refused::Other { status: other, said: "nomore".into() }));
    }
    for (retry_after, seconds) in [
        (None, None),
        (Some(""), None),
        (Some("soon"), None),
        (Some("-1"), None),
        (Some("120"), Some(120)),
        (Some("99999999999999999999999"), Some(86_400)),
        (Some("Fri, 15 Jan 2027 08:00:30 GMT"), Some(30)),
        (Some("Fri, 15 Jan 2021 08:00:30 GMT"), Some(0)),
    ] {
        assert_eq!(said(429, retry_after), Err(Refused::Later { status: 429, seconds }), "{retry_after:?}");
        assert_eq!(said(503, retry_after), Err(Refused::Later { status: 503, seconds }), "{retry_after:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_message_opens_with_its_own_keys_only(payload in proptest::collection::vec(any::<u8>(), 0..=200)) {
        let (ours, other) = (browser(), browser());
        let body = pushed(&ours, &payload).unwrap().body;
        prop_assert_eq!(ours.read(&body), Some(payload));
        prop_assert_eq!(other.read(&body), None);
    }

    #[test]
    fn an_altered_message_does_not_open(at in 0..2151_usize, bits in 1..=255_u8) {
        let browser = browser();
        let mut body = pushed(&browser, b"hello").unwrap().body;
        // The size of a record may be any that is long enough.
        prop_assume!(!(16..20).contains(&at));
        body[at] ^= bits;
        prop_assert_eq!(browser.read(&body), None);
    }

    #[test]
    fn no_bytes_panic(junk in proptest::collection::vec(any::<u8>(), 0..300), text in ".{0,80}") {
        let _ = Subscription::parse(&junk);
        let written = serde_json::json!({"endpoint": text, "keys": {"p256dh": text, "auth": text}});
        prop_assert!(Subscription::parse(written.to_string().as_bytes()).is_err());
        let authority = format!("https://{text}/");
        let _ = Subscription::parse(browser().subscription(&authority).as_bytes());
        prop_assert_eq!(browser().read(&junk), None);
        let _ = outcome(429, Some(&text), &junk, NOW);
        let _ = (Contact::parse(&text), VapidKey::from_pkcs8(&junk), soft::claims(&text, &[4; 65]));
    }
}
