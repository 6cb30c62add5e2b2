use std::time::Duration;

use sallyport_connect::{
    ConnectError, Connection, Tls,
    http::{self, Limits, Response},
};

use crate::server::{Authority, NAME, Odd};

const PATIENCE: Duration = Duration::from_secs(20);

async fn get(answer: &'static [u8], limits: Limits) -> Result<Response, ConnectError> {
    let authority = Authority::new();
    let address = authority.serve(Odd::default(), answer).await;
    let tls = Tls::pinned(&authority.pem(), NAME).unwrap();
    let connection = Connection::open(&address, &tls, PATIENCE).await.unwrap();
    http::get(connection, "/x", limits).await
}

const ROOMY: Limits = Limits { time: PATIENCE, bytes: 100 };
const NARROW: Limits = Limits { time: PATIENCE, bytes: 4 };

#[tokio::test]
async fn an_answer_within_the_limits_is_given_whatever_its_status() {
    let answer = b"HTTP/1.1 403 x\r\nContent-Type: text/x\r\nContent-Length: 5\r\n\r\nhello";
    let response = get(answer, ROOMY).await.unwrap();
    assert_eq!((response.status, response.content_type.as_str()), (403, "text/x"));
    assert_eq!(response.body, b"hello");
    assert!(!response.is_success());
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let answer = b"HTTP/1.1 302 x\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(get(answer, ROOMY).await.unwrap().status, 302);
}

#[tokio::test]
async fn too_much_is_refused_announced_or_not() {
    let announced = b"HTTP/1.1 200 x\r\nContent-Length: 5\r\n\r\nhello";
    let chunked = b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
    for answer in [announced.as_slice(), chunked.as_slice()] {
        assert!(matches!(get(answer, NARROW).await, Err(ConnectError::TooLong(4))));
        assert_eq!(get(answer, ROOMY).await.unwrap().body, b"hello");
    }
}

#[tokio::test]
async fn too_slow_and_broken_answers_are_refused() {
    let hasty = Limits { time: Duration::from_millis(50), ..ROOMY };
    for unfinished in [b"".as_slice(), b"HTTP/1.1 200 x\r\nContent-Length: 5\r\n\r\nhel"] {
        assert!(matches!(get(unfinished, hasty).await, Err(ConnectError::TooSlow(_))));
    }
    assert!(matches!(get(b"SSH-2.0-x\r\n", ROOMY).await, Err(ConnectError::Protocol(_))));
}

#[tokio::test]
async fn a_request_says_whom_it_is_for_and_what_it_brings() {
    let authority = Authority::new();
    let (address, mut heard) =
        authority.hearing(Odd::default(), b"HTTP/1.1 200 x\r\nContent-Length: 0\r\n\r\n").await;
    let tls = Tls::pinned(&authority.pem(), NAME).unwrap();
    let connection = Connection::open(&address, &tls, PATIENCE).await.unwrap();
    http::post_json(connection, "/x?y=z", b"{}".to_vec(), ROOMY).await.unwrap();
    let heard = heard.recv().await.unwrap();
    assert_eq!(heard.line, "POST /x?y=z HTTP/1.1");
    assert_eq!((heard.header("host"), heard.header("content-type")), (NAME, "application/json"));
    assert_eq!((heard.header("connection"), heard.body.as_slice()), ("close", b"{}".as_slice()));
}
