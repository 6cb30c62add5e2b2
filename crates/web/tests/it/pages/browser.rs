//! A browser as far as the doors need one: cookies, forms, and the headers by which browsers tell where a form
//! stood. It follows no redirects, so that tests see them.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{HeaderMap, Request, header},
};
use http_body_util::BodyExt as _;
use sallyport_web::{Face, call::Connection};

pub(super) struct Browser {
    face: Face,
    pub(super) cookies: BTreeMap<String, String>,
    /// The token of the last form that was seen.
    pub(super) form_token: String,
    /// Where it is.
    pub(super) address: [u8; 4],
    /// The languages it asks for.
    pub(super) reads: &'static str,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// What stands between two marks of the page.
    pub(super) fn between(&self, start: &str, end: &str) -> &str {
        let (_, rest) =
            self.body.split_once(start).unwrap_or_else(|| panic!("no {start:?} in {}", self.body));
        rest.split_once(end).unwrap().0
    }

    /// The page without what is asked of passkeys.
    pub(super) fn without_questions(&self) -> String {
        without_questions(&self.body)
    }
}

/// What was told without the questions that passkeys and devices are asked, which are others every time.
pub(super) fn without_questions(text: &str) -> String {
    ["challenge&#34;:&#34;", "\"challenge\":\"", "challenge="].iter().fold(text.to_owned(), |text, mark| {
        let mut parts = text.split(mark);
        let mut without = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            without.push_str(part.trim_start_matches(|c: char| !matches!(c, '&' | '"' | '\'')));
        }
        without
    })
}

impl Browser {
    pub(super) fn new(face: Face) -> Self {
        Self {
            face,
            cookies: BTreeMap::new(),
            form_token: String::new(),
            address: [192, 0, 2, 7],
            reads: "en",
        }
    }

    pub(super) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form as the browser would from our own page, with the token of the last one.
    pub(super) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token.clone();
        let fields: Vec<(&str, &str)> =
            [("form_token", token.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.post(path, &fields, &[("origin", "null"), ("sec-fetch-site", "same-origin")]).await
    }

    /// Sends a form with these headers and nothing added.
    pub(super) async fn post(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        self.send(request.body(Body::from(body.join("&"))).unwrap()).await
    }

    /// Sends what is no browser's: with its own cookies, or none.
    pub(super) async fn send_bare(&mut self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(Connection::new((self.address, 40000).into(), None));
        let (parts, body) = self.face.answer(request).await.into_parts();
        let body = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(super) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        request.headers_mut().insert(header::USER_AGENT, "test browser".parse().unwrap());
        request.headers_mut().insert(header::ACCEPT_LANGUAGE, self.reads.parse().unwrap());
        let connection = Connection::new((self.address, 40000).into(), None);
        request.extensions_mut().insert(connection);
        let response = self.face.answer(request).await;
        let (parts, body) = response.into_parts();
        let body = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
        let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, body };
        self.remember(&answer);
        answer
    }

    fn remember(&mut self, answer: &Answer) {
        for line in answer.set_cookies() {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some((_, rest)) = answer.body.split_once("name=\"form_token\" value=\"") {
            self.form_token = rest.split_once('"').unwrap().0.to_owned();
        }
    }
}

fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
