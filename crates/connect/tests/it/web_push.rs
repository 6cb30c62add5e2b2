//! Pushes to a service of the test's own, which looks who sends, and hands the message to a browser of its own.

use sallyport_connect::{
    ConnectError, ServerAddress,
    outbound::{Outbound, Url},
    web_push::{WebPush, WebPushError},
};
use sallyport_crypto::SystemRandom;
use sallyport_wire::webpush::{
    Contact, Message, Refused, Request, Subscription, Vapid, VapidKey, push_message, soft,
};

use crate::server::{Authority, Heard, Odd};

const NOW: i64 = 1_800_000_000;
const TAKEN: &[u8] = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
const LOCAL: Odd = Odd { name: Some("localhost"), expired: false, without_root: false, only_tls12: false };

struct Push {
    browser: soft::Browser,
    vapid: Vapid,
}

impl Push {
    fn new() -> Self {
        let random = SystemRandom::new();
        let key = VapidKey::from_pkcs8(&VapidKey::generate(&random).unwrap()).unwrap();
        let contact = Contact::parse("mailto:admin@example.com").unwrap();
        Self { browser: soft::Browser::new(&random).unwrap(), vapid: Vapid { key, contact } }
    }

    fn subscription(&self, endpoint: &str) -> Subscription {
        Subscription::parse(self.browser.subscription(endpoint).as_bytes()).unwrap()
    }

    fn request(&self, endpoint: &str) -> Request {
        let message = Message::urgent(b"somebody signs in");
        push_message(&self.subscription(endpoint), &self.vapid, &message, NOW, &SystemRandom::new()).unwrap()
    }
}

fn reaching_here(authority: &Authority) -> WebPush {
    let listed = vec!["127.0.0.0/8".parse().unwrap()];
    WebPush::through(Outbound::new(listed).trusting(authority.pem()))
}

fn endpoint(address: &ServerAddress) -> String {
    format!("https://localhost:{}/push/abc?d=e", address.port())
}

async fn outcome(answer: &'static [u8]) -> Result<(), WebPushError> {
    let authority = Authority::new();
    let (address, _) = authority.hearing(LOCAL, answer).await;
    reaching_here(&authority).send(Push::new().request(&endpoint(&address)), NOW).await
}

#[tokio::test]
async fn a_service_learns_who_sends_and_only_the_browser_what() {
    let authority = Authority::new();
    let (address, mut heard) = authority.hearing(LOCAL, TAKEN).await;
    let push = Push::new();
    reaching_here(&authority).send(push.request(&endpoint(&address)), NOW).await.unwrap();
    let heard: Heard = heard.recv().await.unwrap();
    assert_eq!(heard.line, "POST /push/abc?d=e HTTP/1.1");
    let port = address.port();
    assert_eq!(heard.header("host"), format!("localhost:{port}"));
    assert_eq!(heard.header("ttl"), "60");
    assert_eq!(heard.header("urgency"), "high");
    assert_eq!(heard.header("content-encoding"), "aes128gcm");
    assert_eq!(heard.header("content-type"), "application/octet-stream");
    let claims = soft::claims(heard.header("authorization"), push.vapid.key.public()).unwrap();
    assert_eq!(claims.aud, format!("https://localhost:{port}"));
    assert_eq!(claims.sub, "mailto:admin@example.com");
    assert!((NOW + 1..=NOW + 24 * 3600).contains(&claims.exp));
    assert_eq!(push.browser.read(&heard.body).unwrap(), b"somebody signs in");
    assert_eq!(Push::new().browser.read(&heard.body), None);
}

#[tokio::test]
async fn no_phone_sends_this_server_to_internal_addresses() {
    let authority = Authority::new();
    let (address, mut heard) = authority.hearing(LOCAL, TAKEN).await;
    let push = Push::new();
    let public = WebPush::through(Outbound::default().trusting(authority.pem()));
    for host in ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "127.1", "2130706433", "0x7f.0.0.1"]
    {
        let request = push.request(&format!("https://{host}:{}/x", address.port()));
        let refused = public.send(request, NOW).await.unwrap_err();
        // Some resolvers do not know the odd spellings at all.
        let unknown = matches!(refused, WebPushError::Unreached(ConnectError::Unreachable { .. }));
        let odd = !matches!(host, "localhost" | "127.0.0.1") && !host.starts_with('[');
        assert!(matches!(refused, WebPushError::Internal) || (odd && unknown), "{host}: {refused}");
    }
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn a_redirect_leads_nowhere() {
    for status in ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let authority = Authority::new();
        let (inside, mut heard) = authority.hearing(LOCAL, TAKEN).await;
        let answer =
            format!("HTTP/1.1 {status}\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", endpoint(&inside));
        let (address, _) = authority.hearing(LOCAL, answer.leak().as_bytes()).await;
        let refused = reaching_here(&authority).send(Push::new().request(&endpoint(&address)), NOW).await;
        assert!(matches!(refused, Err(WebPushError::Refused(Refused::Other { .. }))));
        assert!(heard.try_recv().is_err());
    }
}

#[tokio::test]
async fn nothing_is_told_to_an_impostor() {
    let (ours, other) = (Authority::new(), Authority::new());
    for (serving, odd) in [
        (&other, LOCAL),
        (&ours, Odd { name: Some("push.example"), ..LOCAL }),
        (&ours, Odd { expired: true, ..LOCAL }),
    ] {
        let (address, mut heard) = serving.hearing(odd, TAKEN).await;
        let refused = reaching_here(&ours).send(Push::new().request(&endpoint(&address)), NOW).await;
        assert!(matches!(refused, Err(WebPushError::Unreached(ConnectError::Impostor { .. }))));
        assert!(heard.try_recv().is_err());
    }
}

#[tokio::test]
async fn an_answer_says_whether_to_forget_to_wait_or_to_ask_somebody() {
    for taken in [TAKEN, b"HTTP/1.1 202 x\r\nContent-Length: 0\r\n\r\n"] {
        outcome(taken).await.unwrap();
    }
    let refused = |answer: &'static [u8]| async move {
        match outcome(answer).await.unwrap_err() {
            WebPushError::Refused(refused) => refused,
            other @ (WebPushError::Internal | WebPushError::Unreached(_)) => panic!("{other}"),
        }
    };
    assert_eq!(refused(b"HTTP/1.1 410 x\r\nContent-Length: 0\r\n\r\n").await, Refused::Gone);
    assert_eq!(refused(b"HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n").await, Refused::Gone);
    assert_eq!(refused(b"HTTP/1.1 413 x\r\nContent-Length: 0\r\n\r\n").await, Refused::TooLong);
    let busy = refused(b"HTTP/1.1 429 x\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(busy, Refused::Later { status: 429, seconds: Some(30) });
    let other_key = refused(b"HTTP/1.1 403 x\r\nContent-Length: 11\r\n\r\nBadJwtToken").await;
    assert_eq!(other_key, Refused::Key { status: 403, said: "BadJwtToken".into() });
    let talkative = outcome(b"HTTP/1.1 201 x\r\nContent-Length: 5000\r\n\r\n").await;
    assert!(matches!(talkative, Err(WebPushError::Unreached(ConnectError::TooLong(4096)))));
}

#[test]
fn what_is_an_endpoint_to_the_codec_is_the_same_to_the_client() {
    let push = Push::new();
    for endpoint in [
        "https://fcm.googleapis.com/fcm/send/a:b-c_d",
        "https://Updates.Push.example:443/wpush/v2/x",
        "https://wns.example:8443/w/?token=a%2bb%3d%3d",
        "https://[::1]:8443/x",
        "https://a.example?x",
    ] {
        let subscription = push.subscription(endpoint);
        let url: Url = subscription.endpoint().as_str().parse().unwrap();
        assert!(url.is_secure());
        let origin = format!("https://{}", url.host_header().to_ascii_lowercase());
        assert_eq!(subscription.endpoint().origin(), origin);
    }
}
