//! A place of an application's own where it is told of ended sessions, in the clear on this machine.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

pub(crate) struct Listener {
    port: u16,
    taken: Arc<Mutex<Vec<Posted>>>,
}

/// What was posted.
#[derive(Debug, Clone)]
pub(crate) struct Posted(String);

impl Listener {
    pub(crate) fn open() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (port, taken) = (listener.local_addr()?.port(), Arc::<Mutex<Vec<Posted>>>::default());
        let kept = Arc::clone(&taken);
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let mut socket = socket;
                let (mut text, mut chunk) = (String::new(), [0; 8192]);
                let body = loop {
                    if let Some((head, body)) = text.split_once("\r\n\r\n") {
                        let head = head.to_ascii_lowercase();
                        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                        if body.len() >= length.map_or(0, |length| length.parse().unwrap_or(0)) {
                            break body.to_owned();
                        }
                    }
                    match socket.read(&mut chunk) {
                        Ok(n) if n > 0 => text.push_str(&String::from_utf8_lossy(&chunk[..n])),
                        Ok(_) | Err(_) => break String::new(),
                    }
                };
                kept.lock().unwrap().push(Posted(body));
                socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok();
            }
        });
        Ok(Self { port, taken })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What came since this was asked last.
    pub(crate) fn taken(&self) -> Vec<Posted> {
        std::mem::take(&mut *self.taken.lock().unwrap())
    }
}

impl Posted {
    /// The claims of the logout token, without a look at its signature.
    pub(crate) fn logout_claims(&self) -> Value {
        let token = self.0.strip_prefix("logout_token=").unwrap();
        let claims = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap()).unwrap()
    }
}
