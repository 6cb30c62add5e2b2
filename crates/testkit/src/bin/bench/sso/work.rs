//! What one worker asks of a provider, over and over.

use anyhow::{Context as _, bail, ensure};
use data_encoding::BASE64URL_NOPAD;
use hyper::{Method, body::Bytes, header::SET_COOKIE};
use sallyport_crypto::digest::sha256;
use sallyport_wire::duo::prompt::with_query;
use serde_json::Value;

use super::provider::{Client as Registered, Provider};
use crate::{
    house::text,
    http::{Client, Reply},
    load::Work,
};

const VERIFIER: &str = "a-verifier-that-is-as-long-as-the-standard-wants-it-to-be";
/// Most pages of the provider's own on the way to an application.
const LONGEST_WAY: usize = 6;
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    Code,
    Credentials,
    Discovery,
    Keys,
    Saml,
    UserInfo,
}

pub(super) struct Asking {
    client: Client,
    provider: Provider,
    doing: Doing,
    cookies: Vec<(String, String)>,
    /// What says who it is, where it asks for that alone.
    token: String,
}

impl Asking {
    /// One that is ready: with a session, and a token where it needs one.
    pub(super) async fn open(provider: &Provider, doing: Doing, worker: usize) -> anyhow::Result<Self> {
        let session = provider.sessions.get(worker).map_or("", String::as_str);
        let cookies = session.split("; ").filter_map(|pair| pair.split_once('='));
        let cookies = cookies.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let client = provider.origin.connect().await?;
        let mut asking = Self { client, provider: provider.clone(), doing, cookies, token: String::new() };
        // With the first flow a session begins where there is none.
        if matches!(doing, Doing::Code | Doing::UserInfo) {
            asking.token = text(&asking.flow().await?, "access_token")?;
        }
        Ok(asking)
    }

    /// From the request in a session to the tokens.
    async fn flow(&mut self) -> anyhow::Result<Value> {
        let client = self.provider.client.clone();
        let challenge = BASE64URL_NOPAD.encode(&sha256(VERIFIER.as_bytes()));
        let asked = with_query(
            &self.provider.places.authorize,
            &[
                ("client_id", &client.id),
                ("redirect_uri", &client.redirect_uri),
                ("response_type", "code"),
                ("scope", "openid profile"),
                ("state", "a state of one request"),
                ("nonce", "a nonce of one request"),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
            ],
        );
        let code = self.code(asked, &client.redirect_uri).await?;
        let redeem = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &client.redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        let tokens = self.tokens(&client, &redeem).await?;
        ensure!(tokens.get("id_token").is_some(), "no ID token: {tokens}");
        Ok(tokens)
    }

    /// Follows the provider's own pages until they lead back.
    async fn code(&mut self, mut path: String, back: &str) -> anyhow::Result<String> {
        for _ in 0..LONGEST_WAY {
            let reply = self.page(&path).await?;
            let to = reply.headers.get("location").and_then(|to| to.to_str().ok());
            let to = to.with_context(|| format!("{path} answered {}: {}", reply.status, reply.text()))?;
            if let Some(query) = to.strip_prefix(back) {
                let code =
                    query.trim_start_matches('?').split('&').find_map(|pair| pair.strip_prefix("code="));
                return code.map(str::to_owned).with_context(|| format!("no code in {to}"));
            }
            path = to.strip_prefix(&self.provider.issuer).unwrap_or(to).to_owned();
        }
        bail!("no way back from {path}");
    }

    async fn page(&mut self, path: &str) -> anyhow::Result<Reply> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let headers = [("cookie", cookies.as_str())];
        let headers = if cookies.is_empty() { &[][..] } else { &headers[..] };
        let reply = self.client.send(Method::GET, path, headers, Bytes::new()).await?;
        let lines = reply.headers.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        for (name, value) in lines.filter_map(|line| line.split(';').next()?.split_once('=')) {
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(reply)
    }

    async fn tokens(&mut self, client: &Registered, asked: &[(&str, &str)]) -> anyhow::Result<Value> {
        let who = [("client_id", client.id.as_str()), ("client_secret", client.secret.as_str())];
        let form = with_query("", &[asked, &who].concat()).trim_start_matches('?').to_owned();
        let reply =
            self.client.send(Method::POST, &self.provider.places.token, &[FORM], form.into()).await?.ok()?;
        Ok(serde_json::from_slice(&reply.body)?)
    }
}

impl Work for Asking {
    async fn once(&mut self) -> anyhow::Result<bool> {
        match self.doing {
            Doing::Code => drop(self.flow().await?),
            Doing::Credentials => {
                let program = self.provider.program.clone();
                let asked = [("grant_type", "client_credentials"), ("scope", "api")];
                let tokens = self.tokens(&program, &asked).await?;
                ensure!(text(&tokens, "access_token")?.split('.').count() == 3, "no JWT: {tokens}");
            }
            Doing::Discovery => drop(self.client.get(&self.provider.places.discovery).await?.ok()?),
            Doing::Keys => drop(self.client.get(&self.provider.places.jwks).await?.ok()?),
            Doing::Saml => {
                let path = self.provider.places.saml.clone();
                let reply = self.page(&path).await?;
                ensure!(reply.text().contains("SAMLResponse"), "no answer: {}", reply.text());
            }
            Doing::UserInfo => {
                let bearer = format!("Bearer {}", self.token);
                let headers = [("authorization", bearer.as_str())];
                let place = &self.provider.places.userinfo;
                let reply = self.client.send(Method::GET, place, &headers, Bytes::new()).await?.ok()?;
                ensure!(reply.text().contains("preferred_username"), "nobody: {}", reply.text());
            }
        }
        Ok(true)
    }
}
