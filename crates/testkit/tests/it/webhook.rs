//! The reference library of Standard Webhooks as the receiver.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it expects by failing")]

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener},
    sync::mpsc,
};

use sallyport_testkit::story::{House, text};
use serde_json::{Value, json};

use crate::duo_node::drive;

/// One call as it came: headers and body.
type Call = (BTreeMap<String, String>, String);

/// A receiver that takes everything, and hands on what it took.
fn receiver() -> (String, mpsc::Receiver<Call>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (took, calls) = mpsc::channel();
    std::thread::spawn(move || {
        for mut socket in listener.incoming().map_while(Result::ok) {
            let (mut heard, mut some) = (Vec::new(), [0; 4096]);
            let call = loop {
                let said = String::from_utf8_lossy(&heard).into_owned();
                if let Some((head, body)) = said.split_once("\r\n\r\n") {
                    let pairs = head.lines().skip(1).filter_map(|line| line.split_once(": "));
                    let headers: BTreeMap<String, String> =
                        pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
                    if body.len() >= headers["content-length"].parse().unwrap() {
                        break (headers, body.to_owned());
                    }
                }
                let n = socket.read(&mut some).unwrap();
                assert!(n > 0, "a call that broke off");
                heard.extend_from_slice(&some[..n]);
            };
            socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
            if took.send(call).is_err() {
                return;
            }
        }
    });
    (url, calls)
}

#[test]
fn the_reference_library_believes_our_calls_and_none_that_was_changed() {
    let house = House::open_with_loopback().unwrap();
    let (url, calls) = receiver();
    let create = [
        "webhook",
        "create",
        "--name",
        "hook",
        "--address",
        &url,
        "--kind",
        "user.create",
        "--kind",
        "webhook",
    ];
    let secret = text(&house.cli.json(&create).unwrap(), "secret");
    let rotated = text(&house.cli.json(&["webhook", "rotate", "hook"]).unwrap(), "secret");
    house.cli.json(&["user", "create", "vera"]).unwrap();
    let took: Vec<Call> = (0..3).map(|_| calls.recv().unwrap()).collect();
    let kind = |call: &Call| text(&serde_json::from_str(&call.1).unwrap(), "type");
    assert_eq!(
        took.iter().map(kind).collect::<Vec<_>>(),
        ["webhook.create", "webhook.rotate_secret", "user.create"]
    );

    let mut tried: Vec<Value> =
        took.iter().map(|(headers, body)| json!({ "headers": headers, "body": body })).collect();
    let right = tried.len();
    for (name, value) in [("webhook-id", "evt_other"), ("webhook-timestamp", "1767225600")] {
        let mut changed = tried[0].clone();
        changed["headers"][name] = value.into();
        tried.push(changed);
    }
    let mut changed = tried[0].clone();
    changed["body"] = format!("{} ", took[0].1).into();
    tried.push(changed);
    for secret in [&secret, &rotated] {
        let said = drive("webhook.mjs", &json!({ "secret": secret, "calls": tried }), &house.ca_file());
        let verified: Vec<bool> = said.iter().map(|line| line["verified"].as_bool().unwrap()).collect();
        // The very first call may have been made before there were two secrets.
        assert_eq!(verified[1..right], [true, true]);
        assert_eq!(verified[right..], [false, false, false]);
    }
}
