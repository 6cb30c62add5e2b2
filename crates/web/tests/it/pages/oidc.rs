//! OpenID Connect as an application of others uses it: with a browser, and with a server of its own.

mod basic;
mod doors;
mod logout;

use axum::{body::Body, http::Request};
use sallyport_api::rest::{CreateApplication, UpdateApplication};
use sallyport_app::{Secret, application};
use sallyport_model::{ApplicationKind, OidcClient, UsedBy, id::ApplicationId};
use sallyport_wire::oidc::{Params, with_query};
use serde_json::Value;

use super::{
    browser::{Answer, Browser},
    house::{House, Person, URL},
};

const BACK: &str = "https://wiki.example/callback?page=1";
const STATE: &str = "state & <b>state</b>";
const NONCE: &str = "the nonce of one request";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

type Pairs<'a> = [(&'a str, &'a str)];

/// An application of others, in a house with Ada, whose browser has come through both doors.
struct Wiki {
    house: House,
    ada: Person,
    browser: Browser,
    id: ApplicationId,
    client_id: String,
    secret: Secret,
}

/// Some pairs with others in their place; an empty one takes it away.
fn with<'a>(usual: &Pairs<'a>, other: &Pairs<'a>) -> Vec<(&'a str, &'a str)> {
    let is_other = |name: &str| other.iter().any(|(given, _)| *given == name);
    let rest = usual.iter().filter(|(name, _)| !is_other(name));
    rest.chain(other).filter(|(_, value)| !value.is_empty()).copied().collect()
}

async fn wiki(settings: OidcClient) -> Wiki {
    let (house, ada) = House::with_owner().await;
    let input = CreateApplication { name: "Wiki & <i>Co</i>".into(), kind: ApplicationKind::Oidc };
    let (made, keys) = application::create(&house.system(), input).await.unwrap();
    let input = UpdateApplication {
        redirect_uris: Some(vec![BACK.to_owned()]),
        oidc: Some(settings),
        used_by: Some(UsedBy::Everybody),
        ..UpdateApplication::default()
    };
    application::update(&house.system(), made.id, None, input).await.unwrap();
    let browser = house.signed_in(&ada).await;
    Wiki { house, ada, browser, id: made.id, client_id: keys.ikey, secret: keys.skey }
}

impl Wiki {
    /// What it has a browser bring.
    fn asks<'a>(&'a self, given: &Pairs<'a>) -> Vec<(&'a str, &'a str)> {
        let usual = [
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("scope", "openid"),
            ("state", STATE),
            ("nonce", NONCE),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        with(&usual, given)
    }

    fn address(&self, given: &Pairs<'_>) -> String {
        with_query("/oidc/authorize", &self.asks(given))
    }

    /// Ada's browser comes with this.
    async fn comes(&mut self, given: &Pairs<'_>) -> Answer {
        let address = self.address(given);
        self.browser.get(&address).await
    }

    /// A code for Ada.
    async fn code(&mut self, given: &Pairs<'_>) -> String {
        let answer = self.comes(given).await;
        said(&answer, "code").unwrap_or_else(|| panic!("{} {}", answer.location(), answer.body))
    }

    async fn error(&mut self, given: &Pairs<'_>) -> String {
        let answer = self.comes(given).await;
        said(&answer, "error").unwrap_or_else(|| panic!("{} {}", answer.location(), answer.body))
    }

    fn basic(&self) -> String {
        let plain = format!("{}:{}", self.client_id, self.secret.expose());
        format!("Basic {}", data_encoding::BASE64.encode(plain.as_bytes()))
    }

    /// Its server asks ours.
    async fn posts(&self, path: &str, headers: &Pairs<'_>, form: &Pairs<'_>) -> Answer {
        let mut request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let form = with_query("", form).trim_start_matches('?').to_owned();
        self.house.browser().send(request.body(Body::from(form)).unwrap()).await
    }

    async fn token(&self, form: &Pairs<'_>) -> Answer {
        self.posts("/oidc/token", &[("authorization", &self.basic())], form).await
    }

    async fn redeem(&self, code: &str) -> Answer {
        self.token(&redeeming(code)).await
    }

    /// All tokens that Ada gets it with this.
    async fn tokens(&mut self, given: &Pairs<'_>) -> Value {
        let code = self.code(given).await;
        let answer = self.redeem(&code).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        json_of(&answer)
    }

    async fn userinfo(&self, token: &str) -> Answer {
        let request = Request::get("/oidc/userinfo").header("authorization", format!("Bearer {token}"));
        self.house.browser().send(request.body(Body::empty()).unwrap()).await
    }

    /// Ada signs in where a page leads to the door, and goes on.
    async fn signs_in(&mut self, at_door: &Answer) -> Answer {
        let (_, next) =
            at_door.location().split_once("next=").unwrap_or_else(|| panic!("{}", at_door.location()));
        let next = Params::from_query(&format!("next={next}")).unwrap().line("next", 2048).unwrap().unwrap();
        self.browser = self.house.signed_in(&self.ada).await;
        self.browser.get(&next).await
    }
}

fn redeeming(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ]
}

/// What a browser that is sent back to the application brings it under this name.
fn said(answer: &Answer, name: &'static str) -> Option<String> {
    let query = answer.location().strip_prefix(BACK)?.strip_prefix('&')?;
    let params = Params::from_query(query).unwrap();
    assert_eq!(answer.status, 303);
    assert_eq!(params.line("iss", 99).unwrap().as_deref(), Some(URL));
    params.line(name, 4096).unwrap()
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{} {}", answer.status, answer.body))
}

/// The word for what went wrong, of an answer to a server.
fn word(answer: &Answer) -> (u16, String) {
    (answer.status, json_of(answer)["error"].as_str().unwrap_or_default().to_owned())
}

fn claims(token: &Value) -> Value {
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&data_encoding::BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

/// The code that a page brings that leads back to the application by itself, or a redirect.
fn code_after(answer: &Answer) -> String {
    if let Some(code) = said(answer, "code") {
        return code;
    }
    let url = answer.between("id=\"back\" href=\"", "\"").replace("&#38;", "&").replace("&amp;", "&");
    let query = url.strip_prefix(BACK).unwrap().trim_start_matches('&').to_owned();
    Params::from_query(&query).unwrap().line("code", 4096).unwrap().unwrap()
}
