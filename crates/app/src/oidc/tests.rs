mod codes;
mod ended;
mod fapi2;
mod person;
mod refresh;
mod tokens;
mod told;

use data_encoding::BASE64URL_NOPAD;
use sallyport_api::rest::{CreateApplication, UpdateApplication};
use sallyport_crypto::{
    Secret, SystemRandom, digest,
    jws::{JwsAlgorithm, JwsKey},
};
use sallyport_model::{ApplicationKind, OidcClient, Span, id::ApplicationId, oidc::ClientAuthentication};
use sallyport_store::Session;
use sallyport_wire::oidc::{Answered, Jwk, JwkSet, Params, TokenReply, with_query};
use serde_json::{Value, json};

use super::*;
use crate::{
    application,
    passkey::tests::session_of,
    signin::tests::{Person, person},
    sso::Ask,
    testing::{self, TestOrg},
};

const ISSUER: &str = "https://sallyport.example.com";
const BACK: &str = "https://wiki.example/callback";
const STATE: &str = "the state of one request";
const NONCE: &str = "the nonce of one request";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

type Pairs<'a> = &'a [(&'a str, &'a str)];

/// An organisation with Ada, who has a password and an authenticator.
pub(crate) struct House {
    pub(crate) test: TestOrg,
    pub(crate) ada: Person,
}

/// An application of others.
pub(crate) struct Rp {
    pub(crate) id: ApplicationId,
    pub(crate) client_id: String,
    pub(crate) secret: Secret,
    settings: OidcClient,
    /// With what it signs its assertions, if it does.
    key: Option<JwsKey>,
}

pub(crate) async fn house() -> House {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    House { test, ada }
}

fn params(given: Pairs<'_>) -> Params {
    Params::from_query(with_query("", given).trim_start_matches('?')).unwrap()
}

/// Some pairs with others in their place; an empty one takes it away.
fn with<'a>(usual: &[(&'a str, &'a str)], other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let is_other = |name: &str| other.iter().any(|(given, _)| *given == name);
    let rest = usual.iter().filter(|(name, _)| !is_other(name));
    rest.chain(other).filter(|(_, value)| !value.is_empty()).copied().collect()
}

impl House {
    pub(crate) async fn rp(&self, name: &str, settings: OidcClient) -> Rp {
        let (system, mut settings) = (self.test.system(), settings);
        let key = (settings.authentication == ClientAuthentication::PrivateKeyJwt).then(es256);
        if let Some(key) = &key {
            let jwk = Jwk { kid: None, alg: None, key: key.public().unwrap() };
            settings.jwks = Some(JwkSet(vec![jwk]).write().to_string());
        }
        let input = CreateApplication { name: name.into(), kind: ApplicationKind::Oidc };
        let (made, keys) = application::create(&system, input).await.unwrap();
        let input = UpdateApplication {
            redirect_uris: Some(vec![BACK.into(), "https://wiki.example/other".into()]),
            oidc: Some(settings.clone()),
            used_by: Some(sallyport_model::UsedBy::Everybody),
            ..UpdateApplication::default()
        };
        application::update(&system, made.id, None, input).await.unwrap();
        Rp { id: made.id, client_id: keys.ikey, secret: keys.skey, settings, key }
    }

    pub(crate) async fn wiki(&self) -> Rp {
        self.rp("Wiki", OidcClient::default()).await
    }

    /// Changes an application.
    pub(crate) async fn change(&self, rp: &Rp, input: UpdateApplication) {
        application::update(&self.test.system(), rp.id, None, input).await.unwrap();
    }

    /// Ada, behind both doors.
    pub(crate) async fn signed_in(&self) -> Session {
        session_of(&self.test, "ada", &self.ada).await.1
    }

    /// A browser comes from the application.
    pub(crate) async fn comes(&self, rp: &Rp, given: Pairs<'_>, session: Option<&Session>) -> Turn {
        begin(&self.test.nobody(), params(&rp.asks(given)), session).await.unwrap()
    }

    pub(crate) async fn go_on(&self, ticket: &Secret, session: Option<&Session>) -> Turn {
        go_on(&self.test.nobody(), ticket, session).await.unwrap()
    }

    /// A code for whoever is signed in there.
    pub(crate) async fn code(&self, rp: &Rp, given: Pairs<'_>, session: &Session) -> String {
        code_in(self.comes(rp, given, Some(session)).await)
    }

    /// Asks for tokens as the application does.
    pub(crate) async fn asks(&self, rp: &Rp, given: Pairs<'_>) -> Result<TokenReply, ErrorCode> {
        self.asks_at(&self.test.nobody(), rp, given, None).await
    }

    pub(crate) async fn asks_at(
        &self,
        ctx: &Ctx,
        rp: &Rp,
        given: Pairs<'_>,
        dpop: Option<&str>,
    ) -> Result<TokenReply, ErrorCode> {
        let (header, proof) = rp.proves(ctx);
        let proof: Vec<(&str, &str)> = proof.iter().map(|(name, value)| (*name, value.as_str())).collect();
        word(token(ctx, header.as_deref(), dpop, &params(&with(&proof, given))).await)
    }

    pub(crate) async fn redeem(&self, rp: &Rp, code: &str) -> Result<TokenReply, ErrorCode> {
        self.asks(rp, &redeeming(code)).await
    }

    /// All tokens that Ada's session gives an application that asks for this.
    pub(crate) async fn tokens(&self, rp: &Rp, scope: &str, session: &Session) -> TokenReply {
        let code = self.code(rp, &[("scope", scope)], session).await;
        self.redeem(rp, &code).await.unwrap()
    }

    pub(crate) async fn refresh(&self, rp: &Rp, token: &str) -> Result<TokenReply, ErrorCode> {
        self.asks(rp, &refreshing(token)).await
    }

    pub(crate) async fn userinfo(&self, token: &str) -> Result<Value, ErrorCode> {
        let told = userinfo(&self.test.nobody(), Scheme::Bearer, token, None, "GET").await;
        word(told).map(Value::Object)
    }

    /// What an application learns about a token.
    pub(crate) async fn introspect(&self, rp: &Rp, token: &str) -> Value {
        let ctx = self.test.nobody();
        let (header, proof) = rp.proves(&ctx);
        let mut given: Vec<(&str, &str)> =
            proof.iter().map(|(name, value)| (*name, value.as_str())).collect();
        given.push(("token", token));
        word(introspect(&ctx, header.as_deref(), &params(&given)).await).unwrap()
    }

    /// Whether a token is good for anything.
    pub(crate) async fn is_good(&self, rp: &Rp, token: &str) -> bool {
        let told = self.introspect(rp, token).await;
        assert!(told["active"].is_boolean(), "{told}");
        if told["active"] == false {
            assert_eq!(told, json!({ "active": false }), "a dead token has nothing to tell");
        }
        told["active"] == true
    }
}

impl Rp {
    /// What it has the browser bring.
    pub(crate) fn asks<'a>(&'a self, given: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
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

    /// The header and the parameters by which it proves who it is.
    fn proves(&self, ctx: &Ctx) -> (Option<String>, Vec<(&'static str, String)>) {
        match (self.settings.authentication, &self.key) {
            (ClientAuthentication::Secret, _) => {
                let plain = format!("{}:{}", self.client_id, self.secret.expose());
                (Some(format!("Basic {}", data_encoding::BASE64.encode(plain.as_bytes()))), Vec::new())
            }
            (ClientAuthentication::PrivateKeyJwt, Some(key)) => {
                let jti = ctx.uuid().unwrap().to_string();
                let assertion = jwt(key, &json!({}), &self.assertion(ctx.now.unix_seconds(), &jti));
                (None, as_assertion(assertion))
            }
            (ClientAuthentication::None | ClientAuthentication::PrivateKeyJwt, _) => {
                (None, vec![("client_id", self.client_id.clone())])
            }
        }
    }

    fn assertion(&self, now: i64, jti: &str) -> Value {
        json!({ "iss": self.client_id, "sub": self.client_id, "aud": ISSUER, "exp": now + 60, "iat": now, "jti": jti })
    }
}

fn as_assertion(assertion: String) -> Vec<(&'static str, String)> {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned();
    vec![("client_assertion_type", kind), ("client_assertion", assertion)]
}

fn redeeming(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ]
}

fn refreshing(token: &str) -> [(&str, &str); 2] {
    [("grant_type", "refresh_token"), ("refresh_token", token)]
}

/// What is told, or the word of the protocol for why not.
fn word<T>(told: Result<T, Refused>) -> Result<T, ErrorCode> {
    told.map_err(|refused| match refused {
        Refused::OAuth(error) => error.error,
        Refused::App(error) => panic!("{error}"),
    })
}

fn back(turn: Turn) -> Answered {
    let Turn::Back(answered) = turn else { panic!("{turn:?}") };
    assert_eq!(field(&answered, "iss"), Some(ISSUER), "RFC 9207");
    assert_eq!(field(&answered, "state"), Some(STATE));
    answered
}

fn field<'a>(answered: &'a Answered, name: &str) -> Option<&'a str> {
    answered.fields.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
}

pub(crate) fn code_in(turn: Turn) -> String {
    let answered = back(turn);
    field(&answered, "code").unwrap_or_else(|| panic!("{answered:?}")).to_owned()
}

pub(crate) fn error_in(turn: Turn) -> String {
    let answered = back(turn);
    assert_eq!(field(&answered, "code"), None);
    field(&answered, "error").unwrap_or_else(|| panic!("{answered:?}")).to_owned()
}

pub(crate) fn asked(turn: Turn) -> (Secret, Ask) {
    let Turn::Ask { ticket, ask } = turn else { panic!("{turn:?}") };
    (ticket, ask)
}

/// What a token says, whoever signed it.
pub(crate) fn claims(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap()).unwrap()
}

pub(crate) fn es256() -> JwsKey {
    let pkcs8 = JwsKey::generate(JwsAlgorithm::Es256, &SystemRandom::new()).unwrap();
    JwsKey::from_pkcs8(JwsAlgorithm::Es256, &pkcs8).unwrap()
}

/// A token with this beside the algorithm in its header.
pub(crate) fn jwt(key: &JwsKey, header: &Value, claims: &Value) -> String {
    let mut header = header.clone();
    header["alg"] = key.algorithm().as_str().into();
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let signed = format!("{}.{}", part(&header), part(claims));
    let signature = BASE64URL_NOPAD.encode(&key.sign(signed.as_bytes()).unwrap());
    format!("{signed}.{signature}")
}

/// A proof of possession for one request.
pub(crate) fn proof(key: &JwsKey, ctx: &Ctx, (method, path): (&str, &str), access: Option<&str>) -> String {
    let jwk = Jwk { kid: None, alg: None, key: key.public().unwrap() }.write();
    let mut claims = json!({
        "htm": method, "htu": format!("{ISSUER}{path}"), "iat": ctx.now.unix_seconds(),
        "jti": ctx.uuid().unwrap().to_string(),
    });
    if let Some(access) = access {
        claims["ath"] = BASE64URL_NOPAD.encode(&digest::sha256(access.as_bytes())).into();
    }
    jwt(key, &json!({ "typ": "dpop+jwt", "jwk": jwk }), &claims)
}
