//! Receivers for tests: one that is posted to, and one that is spoken to.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Posted {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        &self.headers[name]
    }
}

type Answer = Box<dyn Fn(&Posted) -> (u16, String) + Send>;

/// An HTTP server that keeps what it is posted, and answers as it is told to.
#[derive(Clone)]
pub(crate) struct Receiver {
    port: u16,
    posted: Arc<Mutex<Vec<Posted>>>,
    answer: Arc<Mutex<Answer>>,
}

impl Receiver {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            port: listener.local_addr().unwrap().port(),
            posted: Arc::default(),
            answer: Arc::new(Mutex::new(Box::new(|_| (204, String::new())))),
        };
        let serving = receiver.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serving.clone().converse(socket));
            }
        });
        receiver
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/in?x=1", self.port)
    }

    /// From now on it answers so.
    pub(crate) fn answer(&self, answer: impl Fn(&Posted) -> (u16, String) + Send + 'static) {
        *self.answer.lock().unwrap() = Box::new(answer);
    }

    /// What came since this was asked last.
    pub(crate) fn take(&self) -> Vec<Posted> {
        std::mem::take(&mut *self.posted.lock().unwrap())
    }

    async fn converse(self, mut socket: TcpStream) {
        let (mut request, mut chunk) = (Vec::new(), [0; 8192]);
        let posted = loop {
            let text = String::from_utf8_lossy(&request).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let headers: BTreeMap<String, String> = head
                    .lines()
                    .skip(1)
                    .filter_map(|line| line.split_once(": "))
                    .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                    .collect();
                let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
                if body.len() >= length {
                    break Posted { headers, body: body.to_owned() };
                }
            }
            match socket.read(&mut chunk).await {
                Ok(n) if n > 0 => request.extend_from_slice(&chunk[..n]),
                _ => return,
            }
        };
        let (status, said) = (self.answer.lock().unwrap())(&posted);
        self.posted.lock().unwrap().push(posted);
        let answer = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\n\r\n{said}", said.len());
        socket.write_all(answer.as_bytes()).await.ok();
        socket.shutdown().await.ok();
    }
}
