//! A browser without scripts: follows redirects, keeps cookies, fills in forms. What a person can do with
//! JavaScript switched off, this can do.

use std::{io::Read as _, net::IpAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use ureq::{
    Agent, RequestBuilder,
    http::Uri,
    tls::{Certificate, RootCerts, TlsConfig},
};

/// Most bytes of a page that are read.
const LARGEST_PAGE: u64 = 8 << 20;

pub struct Browser {
    agent: Agent,
    origin: String,
    /// Where a proxy in front of the server says that it is.
    from: Option<IpAddr>,
}

/// A page as it was answered.
#[derive(Debug, Clone)]
pub struct Page {
    pub status: u16,
    /// Path and query, after redirects.
    pub path: String,
    pub body: String,
}

/// A form of a page: where it goes, and what it carries of itself.
#[derive(Debug, Clone, Default)]
pub struct Form {
    pub action: String,
    pub hidden: Vec<(String, String)>,
    /// Names of all its fields.
    pub fields: Vec<String>,
}

impl Browser {
    /// A browser that trusts `ca_pem` and talks to `origin`, such as `https://localhost:8443`.
    ///
    /// # Errors
    /// The certificate is none.
    pub fn new(origin: &str, ca_pem: &str) -> anyhow::Result<Self> {
        Ok(Self { agent: trusting(ca_pem)?, origin: origin.trim_end_matches('/').to_owned(), from: None })
    }

    /// The same browser at this address, behind a proxy on this machine that the server listens to.
    #[must_use]
    pub fn from(self, address: IpAddr) -> Self {
        Self { from: Some(address), ..self }
    }

    /// The same browser, cookies and all, at another server of the same host.
    #[must_use]
    pub fn at(&self, origin: &str) -> Self {
        let origin = origin.trim_end_matches('/').to_owned();
        Self { agent: self.agent.clone(), origin, from: self.from }
    }

    /// Its cookies, as the header that brings them.
    #[must_use]
    pub fn cookies(&self) -> String {
        let jar = self.agent.cookie_jar_lock();
        let pairs: Vec<String> =
            jar.iter().map(|cookie| format!("{}={}", cookie.name(), cookie.value())).collect();
        pairs.join("; ")
    }

    /// Opens a page.
    ///
    /// # Errors
    /// The server does not answer.
    pub fn open(&self, path: &str) -> anyhow::Result<Page> {
        read(self.forwarded(self.agent.get(format!("{}{path}", self.origin))).call()?)
    }

    /// The value of a cookie that the server has set for all of its pages.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        let host = self.origin.parse::<Uri>().ok()?.host()?.to_owned();
        Some(self.agent.cookie_jar_lock().get(&host, "/", name)?.value().to_owned())
    }

    /// Sends the form of `page` that has a field `marker`, with these fields filled in.
    ///
    /// # Errors
    /// There is no such form, or the server does not answer.
    pub fn submit(&self, page: &Page, marker: &str, filled: &[(&str, &str)]) -> anyhow::Result<Page> {
        let form = page
            .forms()
            .into_iter()
            .find(|form| form.fields.iter().any(|field| field == marker))
            .with_context(|| {
                format!("no form with `{marker}` on {} ({}):\n{}", page.path, page.status, page.text())
            })?;
        self.send(page, form, filled)
    }

    /// Sends the form of `page` that goes to `action`, with these fields filled in.
    ///
    /// # Errors
    /// There is no such form, or the server does not answer.
    pub fn submit_to(&self, page: &Page, action: &str, filled: &[(&str, &str)]) -> anyhow::Result<Page> {
        let form = page.forms().into_iter().find(|form| form.action == action);
        let form =
            form.with_context(|| format!("no form for {action} on {}:\n{}", page.path, page.text()))?;
        self.send(page, form, filled)
    }

    fn send(&self, page: &Page, form: Form, filled: &[(&str, &str)]) -> anyhow::Result<Page> {
        let action = if form.action.is_empty() { page.path.clone() } else { form.action };
        let mut fields: Vec<(&str, &str)> =
            form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.retain(|(name, _)| !filled.iter().any(|(other, _)| other == name));
        fields.extend_from_slice(filled);
        let response = self
            .forwarded(self.agent.post(format!("{}{action}", self.origin)))
            .header("origin", &self.origin)
            .header("sec-fetch-site", "same-origin")
            .send_form(fields)?;
        read(response)
    }

    /// As the proxy hands it on.
    fn forwarded<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        match self.from {
            Some(address) => request.header("x-forwarded-for", address.to_string()),
            None => request,
        }
    }
}

/// What speaks HTTP to servers whose certificates `ca_pem` has signed.
pub(crate) fn trusting(ca_pem: &str) -> anyhow::Result<Agent> {
    let root = Certificate::from_pem(ca_pem.as_bytes()).context("the CA is not PEM")?.to_owned();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[root]))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .max_redirects(5)
        .timeout_global(Some(Duration::from_secs(30)))
        .build();
    Ok(config.into())
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> anyhow::Result<Page> {
    use ureq::ResponseExt as _;
    let uri: &Uri = response.get_uri();
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let status = response.status().as_u16();
    let mut body = String::new();
    response.body_mut().as_reader().take(LARGEST_PAGE).read_to_string(&mut body)?;
    Ok(Page { status, path, body })
}

impl Page {
    /// The forms of the page, in order.
    #[must_use]
    pub fn forms(&self) -> Vec<Form> {
        let mut forms = Vec::new();
        let mut current: Option<Form> = None;
        for tag in tags(&self.body) {
            match tag.name.as_str() {
                "form" => current = Some(Form { action: tag.attribute("action"), ..Form::default() }),
                "/form" => forms.extend(current.take()),
                "input" | "select" | "textarea" | "button" => {
                    if let Some(form) = &mut current
                        && !tag.attribute("name").is_empty()
                    {
                        form.fields.push(tag.attribute("name"));
                        if tag.attribute("type") == "hidden" {
                            form.hidden.push((tag.attribute("name"), tag.attribute("value")));
                        }
                    }
                }
                _ => {}
            }
        }
        forms
    }

    /// The text of the element with this id, which holds nothing but text.
    #[must_use]
    pub fn text_of(&self, id: &str) -> Option<String> {
        let (_, after) = self.body.split_once(&format!("id=\"{id}\""))?;
        let (text, _) = after.split_once('>')?.1.split_once('<')?;
        Some(unescaped(text.trim()))
    }

    /// The page's text, tags left out, for error messages.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut rest = self.body.as_str();
        while let Some((before, after)) = rest.split_once('<') {
            text.push_str(before.trim());
            text.push(' ');
            rest = after.split_once('>').map_or("", |(_, rest)| rest);
        }
        text.push_str(rest);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// This page, unless the server answered with an error.
    ///
    /// # Errors
    /// The status is 400 or above.
    pub fn ok(self) -> anyhow::Result<Self> {
        if self.status >= 400 {
            bail!("{} answered {}: {}", self.path, self.status, self.text());
        }
        Ok(self)
    }
}

struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn attribute(&self, name: &str) -> String {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    }
}

/// The tags of our own, well-formed HTML: quoted attributes, no `>` inside them.
fn tags(html: &str) -> Vec<Tag> {
    html.split('<').skip(1).filter_map(|piece| tag(piece.split_once('>')?.0)).collect()
}

fn tag(inside: &str) -> Option<Tag> {
    let inside = inside.trim_end_matches('/');
    let (name, mut rest) = match inside.split_once(char::is_whitespace) {
        Some((name, rest)) => (name, rest),
        None => (inside, ""),
    };
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let key = rest.get(..end)?.to_owned();
        if key.is_empty() {
            break;
        }
        rest = rest.get(end..)?;
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let (text, after) = quoted.split_once('"')?;
            value = unescaped(text);
            rest = after;
        }
        attributes.push((key, value));
    }
    Some(Tag { name: name.to_ascii_lowercase(), attributes })
}

/// Each reference once: what was escaped twice, such as XML within HTML, is still escaped once.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let named = after.split_once(';').and_then(|(name, after)| Some((referred(name)?, after)));
        let (character, after) = named.unwrap_or(('&', after));
        plain.push(character);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

fn referred(name: &str) -> Option<char> {
    match name {
        "quot" | "#34" => Some('"'),
        "#39" => Some('\''),
        "lt" | "#60" => Some('<'),
        "gt" | "#62" => Some('>'),
        "amp" | "#38" => Some('&'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_found_with_their_hidden_fields() {
        let body = "<form method=\"post\" action=\"/a?b=1&amp;c=2\"><input type=\"hidden\" name=\"t\" value=\"x&quot;y\"/>\
                    <input name=\"code\" autofocus></form><form><button name=\"go\">x</button></form>";
        let page = Page { status: 200, path: "/".into(), body: body.into() };
        let forms = page.forms();
        assert_eq!(forms[0].action, "/a?b=1&c=2");
        assert_eq!(forms[0].hidden, [("t".to_owned(), "x\"y".to_owned())]);
        assert_eq!(forms[0].fields, ["t", "code"]);
        assert_eq!(forms[1].fields, ["go"]);
    }

    #[test]
    fn what_was_escaped_twice_is_unescaped_once() {
        assert_eq!(
            unescaped("&#60;a&#62;&#38;amp; &amp;#38; & &nbsp;&#34;&#39;"),
            "<a>&amp; &#38; & &nbsp;\"'"
        );
    }
}
