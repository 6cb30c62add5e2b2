use std::{
    io::{Read as _, Write as _},
    sync::{Arc, Mutex},
};

use sallyport_api::rest::CreateUser;
use sallyport_model::{
    Span,
    event::{EventFormat, HttpShape, SyslogTransport},
};
use serde_json::Value;

use super::*;
use crate::{
    event::testing::Receiver,
    testing::{self, TestOrg},
    user,
};

mod rsyslog;

async fn stream(test: &TestOrg, target: StreamTarget, format: EventFormat) -> EventStreamId {
    let name = format!("to {}", target.label());
    create(&test.system(), CreateEventStream { name, target, format }, None).await.unwrap().stream.id
}

async fn person(test: &TestOrg, name: &str) {
    let input = CreateUser { name: name.into(), active: true, ..CreateUser::default() };
    user::create(&test.system(), input).await.unwrap();
}

async fn tell(test: &TestOrg) {
    event::catch_up(&test.org).await.unwrap();
}

async fn shown_now(test: &TestOrg, id: EventStreamId) -> Shown {
    show(&test.system(), id).await.unwrap()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn codes(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["metadata"]["event_code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_file_has_every_event_in_order_and_goes_on_after_a_restart() {
    let mut test = testing::org().await;
    let id = stream(&test, StreamTarget::File { file: "events.json".into() }, EventFormat::Ocsf).await;
    person(&test, "alice").await;
    tell(&test).await;
    test.restart();
    person(&test, "bob").await;
    assert_eq!(shown_now(&test, id).await.behind, 0, "nothing has its place yet");
    tell(&test).await;
    let path = test.org.config.events.join("events.json");
    let events = lines(&std::fs::read_to_string(&path).unwrap());
    assert_eq!(codes(&events), ["event_stream.create", "user.create", "user.create"]);
    assert_eq!(events[2]["user"]["name"], "bob");
    let sequences: Vec<_> =
        events.iter().map(|event| event["metadata"]["sequence"].as_i64().unwrap()).collect();
    assert_eq!(sequences, [1, 2, 3]);
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o640);
}

#[tokio::test]
async fn a_collector_that_refuses_is_told_again_and_shows_how_far_it_is_behind() {
    let test = testing::org().await;
    let receiver = Receiver::open().await;
    receiver.answer(|_| (403, "bad\ntoken".into()));
    let target = StreamTarget::Http { url: receiver.url(), shape: HttpShape::Lines };
    let input = CreateEventStream { name: "siem".into(), target, format: EventFormat::Ocsf };
    let id = create(&test.system(), input, Some("hidden-token".into())).await.unwrap().stream.id;
    person(&test, "alice").await;
    tell(&test).await;
    let shown = shown_now(&test, id).await;
    assert_eq!((shown.behind, shown.behind_since.is_some()), (2, true));
    assert_eq!(shown.standing.problem.as_deref(), Some("the receiver answered 403: badtoken"));
    receiver.answer(|_| (200, String::new()));
    receiver.take();
    test.clock.advance(Span::seconds(2));
    tell(&test).await;
    let posted = receiver.take();
    assert_eq!(codes(&lines(&posted[0].body)), ["event_stream.create", "user.create"]);
    assert_eq!((posted.len(), posted[0].header("authorization")), (1, "Bearer hidden-token"));
    assert_eq!(posted[0].header("content-type"), "application/x-ndjson");
    let shown = shown_now(&test, id).await;
    assert_eq!((shown.behind, shown.standing.problem, shown.standing.sent), (0, None, 2));
    // The secret rests sealed, and goes nowhere else.
    assert!(!test.dump().windows(12).any(|window| window == b"hidden-token"));
    let other = StreamTarget::Http { url: "http://127.0.0.1:1/".into(), shape: HttpShape::Lines };
    let input = UpdateEventStream { target: Some(other), ..UpdateEventStream::default() };
    assert!(!update(&test.system(), id, None, input, None).await.unwrap().has_secret);
}

#[tokio::test]
async fn splunk_is_told_in_its_envelopes() {
    let test = testing::org().await;
    let receiver = Receiver::open().await;
    let target = StreamTarget::Http { url: receiver.url(), shape: HttpShape::Splunk };
    let input = CreateEventStream { name: "hec".into(), target, format: EventFormat::Ocsf };
    create(&test.system(), input, Some("11111111-2222".into())).await.unwrap();
    tell(&test).await;
    let posted = receiver.take();
    assert_eq!(posted[0].header("authorization"), "Splunk 11111111-2222");
    let event = &lines(&posted[0].body)[0];
    assert_eq!((&event["sourcetype"], &event["time"]), (&"_json".into(), &"1767225600.000".into()));
    assert_eq!(event["event"]["metadata"]["event_code"], "event_stream.create");
}

#[tokio::test]
async fn one_that_fails_keeps_no_other_waiting() {
    let test = testing::org().await;
    let receiver = Receiver::open().await;
    let nowhere = StreamTarget::Syslog { host: "127.0.0.1".into(), port: 1, transport: SyslogTransport::Tcp };
    let stuck = stream(&test, nowhere, EventFormat::Ocsf).await;
    let http = StreamTarget::Http { url: receiver.url(), shape: HttpShape::Lines };
    let fine = stream(&test, http, EventFormat::Cef).await;
    person(&test, "alice").await;
    tell(&test).await;
    let (stuck, fine) = (shown_now(&test, stuck).await, shown_now(&test, fine).await);
    assert!(stuck.standing.problem.unwrap().contains("cannot be reached") && stuck.behind == 3);
    assert_eq!((fine.standing.problem, fine.behind), (None, 0));
    let body = receiver.take().remove(0).body;
    assert!(
        body.starts_with("CEF:0|Sallyport|Sallyport|") && body.contains("|user.create|user create|2|"),
        "{body}"
    );
}

/// What a collector that speaks the transport read, each connection until its end.
fn collector(tls: bool) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, heard) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
    let keeps = Arc::clone(&heard);
    let config = Arc::new(crate::factor::duo::testing::tls());
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let mut all = Vec::new();
            if tls {
                let mut session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = rustls::Stream::new(&mut session, &mut socket);
                stream.read_to_end(&mut all).ok();
                stream.flush().ok();
            } else {
                socket.read_to_end(&mut all).ok();
            }
            keeps.lock().unwrap().push(String::from_utf8(all).unwrap());
        }
    });
    (port, heard)
}

/// Messages of a stream in which each stands behind its length.
fn unframed(mut text: &str) -> Vec<String> {
    let mut messages = Vec::new();
    while let Some((length, rest)) = text.split_once(' ') {
        let (message, after) = rest.split_at(length.parse().unwrap());
        messages.push(message.to_owned());
        text = after;
    }
    messages
}

#[tokio::test(flavor = "multi_thread")]
async fn syslog_goes_over_tcp_and_tls_each_message_behind_its_length() {
    let test = testing::org().await;
    for (tls, transport) in [(false, SyslogTransport::Tcp), (true, SyslogTransport::Tls)] {
        let (port, heard) = collector(tls);
        let target = StreamTarget::Syslog { host: "localhost".into(), port, transport };
        let id = stream(&test, target, EventFormat::Ocsf).await;
        person(&test, &format!("zo\u{eb}-{tls}").replace('\u{eb}', "e")).await;
        tell(&test).await;
        let shown = shown_now(&test, id).await;
        assert_eq!((shown.behind, shown.standing.problem), (0, None), "{transport:?}");
        let all = heard.lock().unwrap().concat();
        let messages = unframed(&all);
        assert_eq!(messages.len(), 2, "{all}");
        let (head, said) = messages[1].split_once(" - {").unwrap();
        assert_eq!(head, "<110>1 2026-01-01T00:00:00Z sallyport.example.com sallyport - user.create");
        let event: Value = serde_json::from_str(&format!("{{{said}")).unwrap();
        assert_eq!(event["class_uid"], 3001);
        delete(&test.system(), id, None).await.unwrap();
    }
}

#[tokio::test]
async fn syslog_over_udp_is_a_datagram_each() {
    let test = testing::org().await;
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    let target = StreamTarget::Syslog { host: "127.0.0.1".into(), port, transport: SyslogTransport::Udp };
    stream(&test, target, EventFormat::Cef).await;
    tell(&test).await;
    let mut bytes = [0; 4096];
    let length = socket.recv(&mut bytes).await.unwrap();
    let text = std::str::from_utf8(&bytes[..length]).unwrap();
    assert!(
        text.starts_with(
            "<110>1 2026-01-01T00:00:00Z sallyport.example.com sallyport - event_stream.create - CEF:0|"
        ),
        "{text}"
    );
}

#[tokio::test]
async fn in_the_clear_and_inside_only_what_is_listed_is_told() {
    let test = testing::org().await;
    for (host, transport, why) in [
        ("10.0.0.1", SyslogTransport::Tcp, "internal address"),
        ("10.0.0.1", SyslogTransport::Udp, "internal address"),
        ("169.254.169.254", SyslogTransport::Tls, "internal address"),
        ("192.0.2.1", SyslogTransport::Tcp, "cannot be called"),
    ] {
        let id = stream(
            &test,
            StreamTarget::Syslog { host: host.into(), port: 514, transport },
            EventFormat::Ocsf,
        )
        .await;
        tell(&test).await;
        let problem = shown_now(&test, id).await.standing.problem.unwrap();
        assert!(problem.contains(why), "{host}: {problem}");
    }
}

#[tokio::test]
async fn what_leads_elsewhere_is_no_target() {
    let test = testing::org().await;
    let target = |target| CreateEventStream { name: "x".into(), target, format: EventFormat::Ocsf };
    for file in ["", "../x", "a/b", ".hidden", "events.json.1", "x\ny", &"a".repeat(65), "ä"] {
        let input = target(StreamTarget::File { file: file.into() });
        let refused = create(&test.system(), input, None).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: "file", .. })), "{file:?}");
    }
    for host in ["", "a b", "a@b", "a/b", "a:b:c", "x\r\ny", "[::1]"] {
        let input =
            target(StreamTarget::Syslog { host: host.into(), port: 514, transport: SyslogTransport::Tls });
        let refused = create(&test.system(), input, None).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: "host", .. })), "{host:?}");
    }
    let file = || StreamTarget::File { file: "events.json".into() };
    create(&test.system(), target(file()), None).await.unwrap();
    let twice =
        CreateEventStream { name: "y".into(), ..target(StreamTarget::File { file: "Events.json".into() }) };
    assert!(matches!(
        create(&test.system(), twice, None).await,
        Err(AppError::Invalid { field: "file", .. })
    ));
    let input = CreateEventStream { name: "z".into(), ..target(file()) };
    let refused = create(&test.system(), input, Some("s".into())).await;
    assert!(matches!(refused, Err(AppError::Invalid { field: "secret", .. })));
}
