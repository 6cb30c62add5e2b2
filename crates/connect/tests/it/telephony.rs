use std::sync::{Arc, Mutex};

use sallyport_connect::{
    outbound::Outbound,
    telephony::{Carrier, Ring, TelephonyError},
};
use sallyport_crypto::Secret;
use sallyport_model::{
    PhoneNumber,
    telephony::{GatewayContent, GatewayMethod, Header, Provider},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

type Heard = Arc<Mutex<Vec<String>>>;

/// Answers everybody the same on loopback, and keeps what was asked.
async fn service(answer: &'static str) -> (String, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let heard = Heard::default();
    let hearing = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = Vec::new();
            let mut chunk = [0; 4096];
            while !complete(&request) {
                match socket.read(&mut chunk).await {
                    Ok(n) if n > 0 => request.extend_from_slice(&chunk[..n]),
                    _ => break,
                }
            }
            hearing.lock().unwrap().push(String::from_utf8(request).unwrap());
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, heard)
}

fn complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

fn loopback() -> Outbound {
    Outbound::new(vec!["127.0.0.0/8".parse().unwrap()])
}

fn number() -> PhoneNumber {
    "+15005550006".parse().unwrap()
}

const CREATED: &str = "HTTP/1.1 201 x\r\nContent-Type: application/json\r\nContent-Length: 31\r\n\r\n{\"sid\":\"SM1\",\"status\":\"queued\"}";

#[tokio::test]
async fn a_text_and_a_call_are_asked_for_in_the_words_of_the_api() {
    let (url, heard) = service(CREATED).await;
    let provider = Provider::Twilio { url, account: "AC1".into() };
    let secret = Secret::from("token");
    let carrier = Carrier { provider: &provider, sender: "+15005550001", secret: &secret };
    carrier.text(&number(), "Code 123", &loopback()).await.unwrap();
    let ring =
        Ring { to: &number(), twiml: "<Response/>".into(), status_callback: "https://a.example/over".into() };
    assert_eq!(carrier.ring(ring, &loopback()).await.unwrap(), "SM1");
    let heard = heard.lock().unwrap();
    assert!(heard[0].starts_with("POST /2010-04-01/Accounts/AC1/Messages.json HTTP/1.1\r\n"), "{}", heard[0]);
    assert!(heard[0].contains("authorization: Basic QUMxOnRva2Vu\r\n"), "{}", heard[0]);
    assert!(heard[0].ends_with("To=%2B15005550006&From=%2B15005550001&Body=Code%20123"), "{}", heard[0]);
    assert!(heard[1].starts_with("POST /2010-04-01/Accounts/AC1/Calls.json "), "{}", heard[1]);
    assert!(heard[1].contains("Twiml=%3CResponse%2F%3E"), "{}", heard[1]);
}

#[tokio::test]
async fn a_gateway_gets_one_request_written_from_the_template() {
    let (url, heard) = service("HTTP/1.1 202 x\r\nContent-Length: 0\r\n\r\n").await;
    let provider = Provider::Gateway {
        method: GatewayMethod::Post,
        url: format!("{url}/send"),
        headers: vec![Header { name: "X-Key".into(), value: "key {secret}".into() }],
        content_type: GatewayContent::Json,
        body: r#"{"to":"{to}","text":"{text}"}"#.into(),
    };
    let secret = Secret::from("hush");
    let carrier = Carrier { provider: &provider, sender: "", secret: &secret };
    carrier.text(&number(), "Code \"1\"", &loopback()).await.unwrap();
    let heard = heard.lock().unwrap();
    assert!(heard[0].starts_with("POST /send HTTP/1.1\r\n"), "{}", heard[0]);
    assert!(heard[0].contains("x-key: key hush\r\n"), "{}", heard[0]);
    assert!(heard[0].ends_with(r#"{"to":"+15005550006","text":"Code \"1\""}"#), "{}", heard[0]);
}

#[tokio::test]
async fn a_refusal_says_who_can_do_something_about_it() {
    async fn refused(answer: &'static str) -> TelephonyError {
        let (url, _) = service(answer).await;
        let provider = Provider::Twilio { url, account: "AC1".into() };
        let secret = Secret::from("token");
        let carrier = Carrier { provider: &provider, sender: "+15005550001", secret: &secret };
        carrier.text(&number(), "x", &loopback()).await.unwrap_err()
    }
    let number = "HTTP/1.1 400 x\r\nContent-Length: 29\r\n\r\n{\"code\":21211,\"message\":\"no\"}";
    assert!(matches!(refused(number).await, TelephonyError::Refused(text) if text.contains("21211")));
    let account = "HTTP/1.1 401 x\r\nContent-Length: 0\r\n\r\n";
    assert!(matches!(refused(account).await, TelephonyError::Misconfigured(_)));
    let later = "HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n";
    assert!(matches!(refused(later).await, TelephonyError::Unavailable(_)));
    assert!(matches!(refused("SSH-2.0\r\n").await, TelephonyError::Uncertain(_)));
}

#[tokio::test]
async fn nothing_internal_hears_anything_unless_it_is_listed() {
    let (url, heard) = service(CREATED).await;
    let port = url.rsplit_once(':').unwrap().1.to_owned();
    let secret = Secret::from("token");
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1", "2130706433", "0x7f.0.0.1"] {
        for scheme in ["http", "https"] {
            let provider =
                Provider::Twilio { url: format!("{scheme}://{host}:{port}"), account: "AC1".into() };
            let carrier = Carrier { provider: &provider, sender: "+15005550001", secret: &secret };
            let refused = carrier.text(&number(), "x", &Outbound::default()).await.unwrap_err();
            let internal =
                matches!(&refused, TelephonyError::Misconfigured(text) if text.contains("internal"));
            // Some resolvers do not know the odd spellings at all.
            assert!(internal || matches!(refused, TelephonyError::Unavailable(_)), "{host}: {refused}");
        }
    }
    assert!(heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_provider_says_whether_it_knows_us() {
    let secret = Secret::from("token");
    for (answer, known) in [
        ("HTTP/1.1 200 x\r\nContent-Length: 2\r\n\r\n{}", true),
        ("HTTP/1.1 401 x\r\nContent-Length: 0\r\n\r\n", false),
    ] {
        let (url, heard) = service(answer).await;
        let provider = Provider::Twilio { url, account: "AC1".into() };
        let carrier = Carrier { provider: &provider, sender: "", secret: &secret };
        assert_eq!(carrier.check(&loopback()).await.is_ok(), known);
        assert!(heard.lock().unwrap()[0].starts_with("GET /2010-04-01/Accounts/AC1.json "));
    }
}
