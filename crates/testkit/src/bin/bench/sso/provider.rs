//! A provider as its clients know it, and ours made ready for the load.

use anyhow::{Context as _, ensure};
use hyper::Method;
use sallyport_crypto::jws::JwsAlgorithm;
use sallyport_testkit::browser::Browser;
use serde_json::{Value, json};

use crate::{
    auth_api::CONNECTIONS,
    house::{House, PASSWORD, name_of, text},
    http::Origin,
};

/// Where applications of ours are sent back to. Nobody listens there: the load reads the code out of the address.
const BACK: &str = "https://app.example/callback";

/// A client of a provider.
#[derive(Debug, Clone)]
pub(super) struct Client {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) redirect_uri: String,
}

/// Where things are, as paths of its host.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    pub(super) discovery: String,
    pub(super) jwks: String,
    pub(super) authorize: String,
    pub(super) token: String,
    pub(super) userinfo: String,
    /// Where a sign-on by SAML begins.
    pub(super) saml: String,
}

#[derive(Clone)]
pub(super) struct Provider {
    pub(super) origin: Origin,
    pub(super) issuer: String,
    pub(super) places: Places,
    /// Of people, and of a program of its own.
    pub(super) client: Client,
    pub(super) program: Client,
    /// Cookies of people who have signed in, one for each worker; none where they sign in on the way.
    pub(super) sessions: Vec<String>,
}

impl Provider {
    pub(super) async fn discover(
        origin: Origin,
        issuer: &str,
        client: Client,
        sessions: Vec<String>,
    ) -> anyhow::Result<Self> {
        let discovery = "/.well-known/openid-configuration".to_owned();
        let told = origin.connect().await?.get(&discovery).await?.ok()?;
        let told: Value = serde_json::from_slice(&told.body)?;
        let place = |name: &str| {
            let url = text(&told, name)?;
            url.strip_prefix(issuer).map(str::to_owned).with_context(|| format!("`{url}` is elsewhere"))
        };
        let places = Places {
            discovery,
            jwks: place("jwks_uri")?,
            authorize: place("authorization_endpoint")?,
            token: place("token_endpoint")?,
            userinfo: place("userinfo_endpoint")?,
            saml: String::new(),
        };
        let program = client.clone();
        Ok(Self { origin, issuer: issuer.to_owned(), places, client, program, sessions })
    }

    /// Ours, with an application that signs in people and one that asks for itself, and people who have signed in.
    pub(super) async fn ours(house: &House, algorithm: JwsAlgorithm) -> anyhow::Result<Self> {
        let name = match algorithm {
            JwsAlgorithm::Rs256 => "RS256",
            JwsAlgorithm::EdDsa | JwsAlgorithm::Es256 | JwsAlgorithm::Ps256 => "ES256",
        };
        let people = json!({ "grants": ["authorization_code"], "scopes": ["openid", "profile"], "signing_algorithm": name });
        let client = application(house, &format!("people-{name}"), people).await?;
        let alone = json!({
            "grants": ["client_credentials"], "scopes": ["api"], "signing_algorithm": name, "access_tokens": "jwt",
        });
        let program = application(house, &format!("program-{name}"), alone).await?;
        let ours = Self::discover(house.origin()?, house.url()?, client, sessions(house).await?).await?;
        Ok(Self { program, ..ours })
    }

    /// Ours, with an application that asks by SAML.
    pub(super) async fn saml(house: &House) -> anyhow::Result<Self> {
        let mut api = house.api().await?;
        let made =
            api.call(Method::POST, "/applications", json!({ "name": "bench-saml", "type": "saml" })).await?;
        let saml = json!({
            "entity_id": "https://app.example/saml", "consumers": [{ "url": BACK, "is_default": true }], "begins_here": true,
        });
        let change = json!({ "saml": saml, "used_by": { "kind": "everybody" } });
        api.call(Method::PATCH, "/applications/bench-saml", change).await?;
        let client = Client { id: String::new(), secret: String::new(), redirect_uri: BACK.to_owned() };
        let ours = Self::discover(house.origin()?, house.url()?, client, sessions(house).await?).await?;
        let places = Places { saml: format!("/saml/{}/start", text(&made, "id")?), ..ours.places };
        Ok(Self { places, ..ours })
    }
}

async fn application(house: &House, name: &str, oidc: Value) -> anyhow::Result<Client> {
    let mut api = house.api().await?;
    let made = api.call(Method::POST, "/applications", json!({ "name": name, "type": "oidc" })).await?;
    let change = json!({ "redirect_uris": [BACK], "used_by": { "kind": "everybody" }, "oidc": oidc });
    api.call(Method::PATCH, &format!("/applications/{name}"), change).await?;
    Ok(Client { id: text(&made, "ikey")?, secret: text(&made, "skey")?, redirect_uri: BACK.to_owned() })
}

/// Signs as many people in as there are workers, by password and a bypass code.
async fn sessions(house: &House) -> anyhow::Result<Vec<String>> {
    let (url, ca) = (house.url()?.to_owned(), house.ca.clone());
    let mut people = Vec::new();
    let mut api = house.api().await?;
    for n in 0..CONNECTIONS {
        let name = name_of(n);
        api.call(Method::PUT, &format!("/users/{name}/password"), json!({ "password": PASSWORD })).await?;
        let made =
            api.call(Method::POST, &format!("/users/{name}/bypass-codes"), json!({ "count": 1 })).await?;
        let code = made.pointer("/codes/0").and_then(Value::as_str).context("no code")?;
        people.push((name, code.to_owned()));
    }
    tokio::task::spawn_blocking(move || {
        let sign_in = |(name, code): &(String, String)| {
            let browser = Browser::new(&url, &ca)?;
            let page = browser.open("/sign-in")?.ok()?;
            let page = browser.submit(&page, "password", &[("name", name), ("password", PASSWORD)])?.ok()?;
            let page = browser.submit(&page, "passcode", &[("passcode", code)])?.ok()?;
            ensure!(page.path == "/", "not signed in: {}", page.text());
            Ok(browser.cookies())
        };
        people.iter().map(sign_in).collect()
    })
    .await
    .context("signing in broke")?
}
