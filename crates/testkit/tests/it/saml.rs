//! Service providers that others wrote, before an identity provider made of our codec alone: what they send we read, what we send
//! they take, and what was changed on the way they do not.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what it expects by failing"
)]

mod house;
pub(crate) mod peer;
mod ws_federation;

use sallyport_crypto::{
    SystemRandom,
    saml_key::{KeyKind, Oaep, SamlKey},
};
use sallyport_model::{
    saml::SamlBinding,
    time::{Span, Time},
};
use sallyport_saml::{
    NameId, NameIdFormat,
    binding::{Kind, PostForm, Received, RelayState, redirect},
    certificate::Certificate,
    dsig::{Place, Signer},
    logout::{LogoutRequest, LogoutResponse},
    metadata::{IdentityProvider, ServiceProvider, cipher, consumer, default_consumer},
    request::AuthnRequest,
    response::{Attribute, EncryptFor, Protection, Statement, Status, context, failure},
    xml::{Element, Limits, canonical, read},
};
use sallyport_testkit::{story::text, unix_now};
use serde_json::{Value, json};

use self::peer::{ACS, IDP, Kind as Library, Peer, SLO, SSO};

const NODE_ID: &str = "a&b <ada@example.test>";

fn now() -> Time {
    Time::from_unix_seconds(unix_now())
}

/// Us, as far as applications see.
struct Provider {
    key: SamlKey,
    certificate: Certificate,
}

impl Provider {
    fn open() -> Self {
        let key = SamlKey::from_pkcs8(&SamlKey::generate(KeyKind::Rsa2048).unwrap()).unwrap();
        let valid = (unix_now() - 60, unix_now() + 86_400);
        let certificate = key.certificate("Sallyport", valid, &SystemRandom::new()).unwrap();
        Self { certificate: Certificate::from_der(&certificate).unwrap(), key }
    }

    fn signer(&self) -> Signer<'_> {
        Signer::new(&self.key, Some(&self.certificate))
    }

    fn metadata(&self) -> String {
        let own = IdentityProvider {
            entity_id: IDP,
            sign_on: SSO,
            logout: Some(SLO),
            certificates: &[&self.certificate],
            want_signed_requests: true,
            name_id_formats: &NameIdFormat::ALL,
            valid_until: None,
        };
        String::from_utf8(canonical(&own.written(), &[])).unwrap()
    }
}

/// The query of an address that somebody is sent to.
fn query(url: &str, to: &str) -> String {
    let query = url.strip_prefix(to).unwrap_or_else(|| panic!("{url} does not lead to {to}"));
    query.strip_prefix('?').unwrap().to_owned()
}

/// What a form would send.
fn sent(form: &PostForm) -> String {
    assert_eq!((form.action.as_str(), form.fields[0].0), (ACS, "SAMLResponse"));
    form.fields[0].1.clone()
}

/// One application that knows us, and what we know of it.
struct Met {
    provider: Provider,
    peer: Peer,
    service: ServiceProvider,
    format: NameIdFormat,
}

impl Met {
    fn open(library: Library, format: NameIdFormat, options: Value) -> Self {
        let provider = Provider::open();
        let mut options = options;
        options["format"] = json!(format.uri());
        options["idp_metadata"] = json!(provider.metadata());
        options["idp_certificate"] = json!(provider.certificate.pem());
        let mut peer = Peer::start(library, options);
        let metadata = text(&peer.does("metadata", json!({})), "answer");
        let service = ServiceProvider::read(metadata.as_bytes(), &[], now()).expect(&metadata);
        assert_eq!(default_consumer(&service.acs).unwrap().url.as_str(), ACS, "{metadata}");
        assert_eq!(service.name_id_formats, [format.uri()], "{metadata}");
        assert!(!service.keys().is_empty(), "{metadata}");
        Self { provider, peer, service, format }
    }

    /// The application asks; what it asked for, read and verified.
    fn asked(&mut self, relay_state: &str) -> AuthnRequest {
        let asked = self.peer.answers("request", json!({ "relay_state": relay_state }));
        let received = Received::from_query(&query(&text(&asked, "url"), SSO)).unwrap();
        assert_eq!(received.relay_state.as_ref().map(RelayState::as_str), Some(relay_state));
        assert_eq!(received.alleged_issuer().as_deref(), Ok(self.service.entity_id.as_str()));
        let opened = received.open(&self.service.keys(), true).unwrap();
        let request = AuthnRequest::read(&opened, SSO, now()).unwrap();
        assert_eq!(request.header.id, text(&asked, "id"));
        assert_eq!(consumer(&self.service.acs, &request).unwrap().url.as_str(), ACS);
        request
    }

    fn answer(&self, request: &str, sign_response: bool, encrypted: bool) -> String {
        let name = NameId::new(self.format, NODE_ID);
        let attributes = [
            Attribute { name: "mail".into(), values: vec!["ada@example.test".into()] },
            Attribute { name: "groups".into(), values: vec!["Größe & Co".into(), "<b>".into()] },
        ];
        let said = Statement {
            issuer: IDP,
            audience: &self.service.entity_id,
            acs: ACS,
            in_response_to: Some(request),
            name_id: &name,
            session_index: "_of_ada",
            signed_in: now().minus(Span::minutes(1)),
            session_until: Some(now().plus(Span::hours(8))),
            context: context::TWO_FACTORS,
            attributes: &attributes,
            now: now(),
        };
        let to = self.service.encryption.first().map(|certificate| EncryptFor {
            key: certificate.key(),
            cipher: cipher(&self.service.encryption_methods).expect("it decrypts nothing that we encrypt"),
            oaep: Oaep::Sha1,
        });
        let encrypt = to.filter(|_| encrypted);
        assert_eq!(encrypt.is_some(), encrypted);
        let protection = Protection { signer: self.provider.signer(), sign_response, encrypt };
        let response = said.response(&protection, &SystemRandom::new()).unwrap();
        sent(&PostForm::new(ACS, Kind::Response, &response, None))
    }

    fn consumes(&mut self, response: &str, request: &str) -> Value {
        self.peer.does("consume", json!({ "response": response, "request_id": request }))
    }

    fn signs_in(&mut self, sign_response: bool, encrypted: bool) {
        let request = self.asked("https://app.example/home?a=b&c=ä").header.id;
        let response = self.answer(&request, sign_response, encrypted);
        let told = self.consumes(&response, &request);
        let told = &told["answer"];
        assert_eq!(told["name_id"], NODE_ID, "{told}");
        assert_eq!(
            (&told["format"], &told["session_index"]),
            (&json!(self.format.uri()), &json!("_of_ada")),
            "{told}"
        );
        let values = |name: &str| {
            let many = &told["attributes"][name];
            let one = many.as_str().map(|one| vec![one.to_owned()]);
            one.unwrap_or_else(|| serde_json::from_value(many.clone()).unwrap())
        };
        assert_eq!(values("mail"), ["ada@example.test"], "{told}");
        assert_eq!(values("groups"), ["Größe & Co", "<b>"], "{told}");
    }

    /// Something in an answer is another, in base64.
    fn changed(response: &str, from: &str, to: &str) -> String {
        let text = String::from_utf8(data_encoding::BASE64.decode(response.as_bytes()).unwrap()).unwrap();
        assert!(text.contains(from), "{from} is not in {text}");
        data_encoding::BASE64.encode(text.replace(from, to).as_bytes())
    }

    /// What was changed, or made for others, opens nothing at them either; what they say shows that they look where we think.
    fn refuses_what_was_changed(&mut self) {
        let request = self.asked("x").header.id;
        let good = self.answer(&request, false, false);
        let forged = Self::changed(&good, "ada@example.test", "eve@example.test");
        let elsewhere = Self::changed(&good, ACS, "https://other.example/acs");
        for bad in [forged, elsewhere] {
            let told = self.consumes(&bad, &request);
            assert!(told["error"].is_string(), "{told}");
        }
        let by = (now(), &SystemRandom::new() as &dyn sallyport_crypto::Random);
        let denied = failure(IDP, ACS, Some(&request), Status::REQUEST_DENIED, &self.provider.signer(), by);
        let denied = sent(&PostForm::new(ACS, Kind::Response, &denied.unwrap(), None));
        let told = self.consumes(&denied, &request);
        assert!(told["error"].is_string(), "{told}");
    }

    /// The application ends the session at us, and hears that it ended.
    fn signs_out_here(&mut self) {
        let about = json!({ "name_id": NODE_ID, "format": self.format.uri(), "session_index": "_of_ada" });
        let begun = self.peer.answers("logout", about);
        let received = Received::from_query(&query(&text(&begun, "url"), SLO)).unwrap();
        let opened = received.open(&self.service.keys(), true).unwrap();
        let asked = LogoutRequest::read(&opened, SLO, now()).unwrap();
        assert_eq!((asked.name_id.value.as_str(), asked.name_id.format), (NODE_ID, Some(self.format)));
        assert_eq!(asked.session_indexes, ["_of_ada"]);
        assert_eq!(asked.header.id, text(&begun, "id"));
        let endpoint = &self.service.logout[0];
        let to = endpoint.response_url.as_ref().unwrap_or(&endpoint.url).as_str();
        let by = (now(), &SystemRandom::new() as &dyn sallyport_crypto::Random);
        let answer = LogoutResponse::new(IDP, to, &asked.header.id, true, by).unwrap().written();
        // All read answers from an address, whatever their metadata says; node-saml reads them from nowhere else.
        let url = redirect(to, Kind::Response, &answer, None, Some(&self.provider.signer())).unwrap();
        self.peer.answers("logged_out", json!({ "query": query(&url, to), "request_id": asked.header.id }));
    }

    /// A request to end a session, by the binding that the application names first.
    fn travels(&self, message: Element, to: &str, key: &SamlKey) -> Value {
        let kind = Kind::Request;
        let signer = Signer::new(key, None);
        match self.service.logout[0].binding {
            SamlBinding::Post => {
                let signed = signer.sign(message, Place::AfterIssuer).unwrap();
                json!({ "form": PostForm::new(to, kind, &signed, None).fields[0].1 })
            }
            SamlBinding::Redirect => {
                json!({ "query": query(&redirect(to, kind, &message, None, Some(&signer)).unwrap(), to) })
            }
        }
    }

    /// We end the session at the application, and hear that it ended; what we did not sign, ends nothing there.
    fn signs_out_there(&mut self) {
        let to = self.service.logout[0].url.as_str().to_owned();
        let by = (now(), &SystemRandom::new() as &dyn sallyport_crypto::Random);
        let name = NameId::new(self.format, NODE_ID);
        let request = LogoutRequest::new(IDP, &to, name, vec!["_of_ada".into()], by).unwrap();
        let sent = |key: &SamlKey| self.travels(request.written(), &to, key);
        let (others, ours) = (sent(&Provider::open().key), sent(&self.provider.key));
        let refused = self.peer.does("log_out", others);
        assert!(refused["error"].is_string(), "{refused}");
        let ended = self.peer.answers("log_out", ours);
        let received = Received::from_query(&query(&text(&ended, "url"), SLO)).unwrap();
        let opened = received.open(&self.service.keys(), true).unwrap();
        let answer = LogoutResponse::read(&opened, SLO, &request.header.id, now()).unwrap();
        assert!(answer.all_ended);
    }
}

/// All of it, with one library.
fn goes_round(library: Library) {
    for (format, response_signed, encrypted) in [
        (NameIdFormat::Persistent, false, false),
        (NameIdFormat::EmailAddress, true, false),
        (NameIdFormat::Unspecified, true, true),
    ] {
        let mut met =
            Met::open(library, format, json!({ "response_signed": response_signed, "encrypted": encrypted }));
        met.signs_in(response_signed, encrypted);
        met.signs_out_here();
        if !encrypted {
            met.signs_in(response_signed, encrypted);
            met.signs_out_there();
            met.refuses_what_was_changed();
        }
    }
}

#[test]
fn python3_saml_signs_in_and_out() {
    goes_round(Library::Python3Saml);
}

#[test]
fn pysaml2_signs_in_and_out() {
    goes_round(Library::Pysaml2);
}

#[test]
fn node_saml_signs_in_and_out() {
    goes_round(Library::NodeSaml);
}

#[test]
fn node_saml_asks_in_a_form_that_carries_its_signature() {
    let mut met = Met::open(
        Library::NodeSaml,
        NameIdFormat::Persistent,
        json!({ "response_signed": false, "in_form": true }),
    );
    let page = text(&met.peer.does("form", json!({ "relay_state": "x" })), "answer");
    let field = page.split("name=\"SAMLRequest\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let message = field.replace("&#x2B;", "+").replace("&#x3D;", "=").replace("&#x2F;", "/");
    let received = Received::from_form(Kind::Request, &message, Some("x"));
    let received = received.unwrap_or_else(|error| panic!("{error}: {page}"));
    let opened = received.open(&met.service.keys(), true).unwrap();
    let request = AuthnRequest::read(&opened, SSO, now()).unwrap();
    assert_eq!(consumer(&met.service.acs, &request).unwrap().url.as_str(), ACS);
    assert!(read(met.provider.metadata().as_bytes(), Limits::METADATA).is_ok());
}
