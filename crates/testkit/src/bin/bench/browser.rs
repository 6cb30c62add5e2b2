//! A browser without scripts, on one connection: keeps cookies, sends forms and messages as pages of ours do.

use anyhow::Context as _;
use hyper::{Method, body::Bytes, header::SET_COOKIE};
use sallyport_testkit::browser::Page;
use sallyport_wire::duo::prompt::with_query;
use serde_json::Value;

use crate::http::{Client, Reply};

pub(crate) struct Browser {
    client: Client,
    cookies: Vec<(String, String)>,
}

impl Browser {
    pub(crate) const fn new(client: Client) -> Self {
        Self { client, cookies: Vec::new() }
    }

    pub(crate) fn with_cookie(mut self, name: &str, value: &str) -> Self {
        self.cookies.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes a cookie out, as if this had never been the browser that has it.
    pub(crate) fn take_cookie(&mut self, name: &str) -> Option<String> {
        let place = self.cookies.iter().position(|(known, _)| known == name)?;
        Some(self.cookies.swap_remove(place).1)
    }

    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<Reply> {
        self.send(Method::GET, path, &[], Bytes::new()).await
    }

    pub(crate) async fn open(&mut self, path: &str) -> anyhow::Result<Page> {
        let reply = self.get(path).await?;
        Ok(page(path, &reply))
    }

    /// Sends a form of a page of ours.
    pub(crate) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Page> {
        let form = with_query("", fields).trim_start_matches('?').to_owned();
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
        let reply = self.send(Method::POST, path, &headers, form.into()).await?;
        Ok(page(path, &reply))
    }

    /// Sends a message as a script of ours does.
    pub(crate) async fn say(&mut self, path: &str, message: &Value) -> anyhow::Result<Reply> {
        let headers = [("content-type", "application/json"), ("sec-fetch-site", "same-origin")];
        self.send(Method::POST, path, &headers, message.to_string().into()).await
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> anyhow::Result<Reply> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let mut headers = headers.to_vec();
        if !cookies.is_empty() {
            headers.push(("cookie", &cookies));
        }
        let reply = self.client.send(method, path, &headers, body).await;
        let reply = reply.and_then(Reply::ok).with_context(|| format!("asking {path}"))?;
        self.keep(&reply);
        Ok(reply)
    }

    fn keep(&mut self, reply: &Reply) {
        let lines = reply.headers.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.filter_map(|line| line.split(';').next()?.split_once('='));
        for (name, value) in pairs {
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

fn page(path: &str, reply: &Reply) -> Page {
    Page { status: reply.status, path: path.to_owned(), body: reply.text() }
}

/// What a page carries in the form that has this field.
pub(crate) fn hidden(page: &Page, marker: &str) -> anyhow::Result<Vec<(String, String)>> {
    let has_it = |field: &String| field == marker;
    let form = page.forms().into_iter().find(|form| form.fields.iter().any(has_it));
    let form = form.with_context(|| format!("no form with `{marker}` on {}: {}", page.path, page.text()))?;
    Ok(form.hidden)
}
