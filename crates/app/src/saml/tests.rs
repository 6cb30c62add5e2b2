mod logout;
mod remote;
mod trial;
mod ws_federation;

use std::sync::LazyLock;

use sallyport_api::rest::{CreateApplication, UpdateApplication};
use sallyport_crypto::{
    Secret, SystemRandom,
    saml_key::{KeyKind, PublicKey, SamlKey},
};
use sallyport_model::{
    Application, ApplicationKind, NameIdFormat, SamlService, Span, UsedBy, User,
    id::ApplicationId,
    oidc::ValueSource,
    saml::{AttributeRule, SamlBinding, SamlConsumer, SamlEndpoint},
};
use sallyport_saml::{
    Certificate, NameId, Refused,
    binding::{Kind, PostForm, Received, redirect},
    consume::{Answers, Assertion, Expected, Signed, consume},
    dsig::{Place, Signer},
    logout::LogoutRequest,
    xml::{Element, Limits, canonical, read},
};
use sallyport_store::{Session, Versioned};

use super::*;
use crate::{
    Ctx, Phrase, application, session,
    signin::{
        Step,
        tests::{Person, passcode_of, person, to_second_door},
    },
    sso::Ask,
    testing::{self, TestOrg, at_once},
};

const HOME: [u8; 4] = [192, 0, 2, 7];
const SP: &str = "https://app.example/metadata";
const ACS: &str = "https://app.example/acs";

struct Party {
    key: SamlKey,
    public: PublicKey,
    certificate: String,
}

fn party() -> Party {
    let key = SamlKey::from_pkcs8(&SamlKey::generate(KeyKind::P256).unwrap()).unwrap();
    let der = key.certificate("app.example", (0, 4_000_000_000), &SystemRandom::new()).unwrap();
    Party { public: key.public().unwrap(), certificate: Certificate::from_der(&der).unwrap().base64(), key }
}

static OURS: LazyLock<Party> = LazyLock::new(party);
static STRANGER: LazyLock<Party> = LazyLock::new(party);

fn service() -> SamlService {
    SamlService {
        entity_id: SP.into(),
        consumers: vec![SamlConsumer { index: 0, url: ACS.parse().unwrap(), is_default: true }],
        logout: vec![SamlEndpoint {
            binding: SamlBinding::Redirect,
            url: "https://app.example/slo".parse().unwrap(),
            response_url: None,
        }],
        certificates: vec![OURS.certificate.clone()],
        attributes: vec![
            AttributeRule { attribute: "uid".into(), value: ValueSource::UserName },
            AttributeRule { attribute: "mail".into(), value: ValueSource::Mail },
        ],
        ..SamlService::default()
    }
}

async fn made(test: &TestOrg, service: SamlService) -> Versioned<Application> {
    let system = test.system();
    let input = CreateApplication { name: "Wiki".into(), kind: ApplicationKind::Saml };
    let (made, credentials) = application::create(&system, input).await.unwrap();
    assert_eq!((made.saml_certificates.len(), credentials.skey.expose()), (2, ""));
    changed(test, made.id, |input| {
        input.saml = Some(service);
        input.used_by = Some(UsedBy::Everybody);
    })
    .await
}

async fn changed(
    test: &TestOrg,
    id: ApplicationId,
    change: impl FnOnce(&mut UpdateApplication),
) -> Versioned<Application> {
    let mut input = UpdateApplication::default();
    change(&mut input);
    application::update(&test.system(), id, None, input).await.unwrap()
}

fn from(test: &TestOrg) -> Ctx {
    Ctx { source: Some(HOME.into()), ..test.nobody() }
}

async fn signed_in(test: &TestOrg, person: &Person, name: &str) -> Session {
    let ctx = from(test);
    let step = to_second_door(&ctx, name).await;
    let Step::Allowed(admission) = passcode_of(&ctx, &step, person, test).await else { panic!() };
    session::open(&ctx, &admission, "test").await.unwrap().1
}

async fn is_open(test: &TestOrg, session: &Session) -> bool {
    let hash = session.hash.clone();
    from(test).read(move |reader| Ok(reader.find_session(&hash)?)).await.unwrap().is_some()
}

/// A request as the application makes it, with more attributes and elements.
fn request(test: &TestOrg, id: ApplicationId, attributes: &str, inside: &str) -> Element {
    let ctx = test.nobody();
    let text = format!(
        r#"<p:AuthnRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="_request" Version="2.0" IssueInstant="{}" Destination="{}"{attributes}><a:Issuer>{SP}</a:Issuer>{inside}</p:AuthnRequest>"#,
        ctx.now,
        sign_on_url(&ctx, id)
    );
    read(text.as_bytes(), Limits::MESSAGE).unwrap()
}

fn sent(message: &Element) -> Result<Received, Refused> {
    let form = PostForm::new("", Kind::Request, message, None);
    Received::from_form(Kind::Request, &form.fields[0].1, Some("back to /x"))
}

/// What the application makes of an answer, with the first of our certificates.
fn read_by_application(
    test: &TestOrg,
    application: &Application,
    form: &PostForm,
    answers: Answers<'_>,
) -> Result<Assertion, Refused> {
    assert_eq!((form.action.as_str(), form.fields[0].0), (ACS, "SAMLResponse"));
    let certificate = Certificate::parse(&application.saml_certificates[0]).unwrap();
    let keys = [certificate.key()];
    let issuer = entity_id(&test.nobody(), application.id);
    let expected = Expected {
        entity_id: SP,
        acs: ACS,
        issuer: &issuer,
        keys: &keys,
        decryption: &[],
        answers,
        signed: Signed::Assertion,
    };
    let received = Received::from_form(Kind::Response, &form.fields[0].1, None)?;
    consume(&received, &expected, test.nobody().now)?.spend(|_, _, _| true)
}

fn form(turn: Turn) -> PostForm {
    let Turn::Back(form) = turn else { panic!("{turn:?}") };
    form
}

fn ticket(turn: Turn, expected: Ask) -> Secret {
    let Turn::Ask { ticket, ask } = turn else { panic!("{turn:?}") };
    assert_eq!(ask, expected);
    ticket
}

const REQUEST: Answers<'static> = Answers::Request("_request");

#[tokio::test]
async fn an_application_asks_and_is_told_who_came() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    let wiki = made(&test, service()).await;
    let ctx = from(&test);
    let asks = || sent(&request(&test, wiki.id, "", ""));
    let waits = ticket(begin(&ctx, wiki.id, asks(), None).await.unwrap(), Ask::sign_in(&wiki));
    let session = signed_in(&test, &ada, "ada").await;
    let answer = form(go_on(&ctx, &waits, Some(&session)).await.unwrap());
    assert_eq!(answer.fields[1], ("RelayState", "back to /x".to_owned()));
    let told = read_by_application(&test, &wiki, &answer, REQUEST).unwrap();
    assert_eq!(told.attributes.len(), 1, "what is not known is not told: {:?}", told.attributes);
    assert_eq!(
        (told.attributes[0].name.as_str(), &*told.attributes[0].values),
        ("uid", &["ada".to_owned()][..])
    );
    assert_eq!(told.name_id.format, Some(NameIdFormat::Persistent));
    assert!(!told.name_id.value.contains("ada") && !told.name_id.value.contains(&ada.id.to_string()));
    assert_eq!(told.context.as_deref(), Some("https://refeds.org/profile/mfa"));
    assert_eq!(told.session_index, session.id.map(|id| id.to_string()));
    // The session is open, and asks for nothing; the name is the same, and another for another application.
    let again = form(begin(&ctx, wiki.id, asks(), Some(&session)).await.unwrap());
    assert_eq!(read_by_application(&test, &wiki, &again, REQUEST).unwrap().name_id, told.name_id);
    // A ticket is good once.
    let Turn::Nowhere(_) = go_on(&ctx, &waits, Some(&session)).await.unwrap() else { panic!() };
}

#[tokio::test]
async fn of_many_at_once_on_two_nodes_one_takes_an_answer_away() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    let wiki = made(&test, service()).await;
    let asked = sent(&request(&test, wiki.id, "", ""));
    let waits = ticket(begin(&from(&test), wiki.id, asked, None).await.unwrap(), Ask::sign_in(&wiki));
    let session = signed_in(&test, &ada, "ada").await;
    let nodes = [test.nobody(), test.other_node()].map(|ctx| Ctx { source: Some(HOME.into()), ..ctx });
    let turns = at_once(&nodes, 8, |ctx| {
        let (waits, session) = (waits.clone(), session.clone());
        async move { matches!(go_on(&ctx, &waits, Some(&session)).await.unwrap(), Turn::Back(_)) }
    })
    .await;
    assert_eq!(turns.into_iter().filter(|went| *went).count(), 1);
}

#[tokio::test]
async fn what_is_not_asked_as_it_is_registered_leads_nowhere() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    let wiki = made(&test, SamlService { signs_requests: true, ..service() }).await;
    let session = signed_in(&test, &ada, "ada").await;
    let ctx = from(&test);
    let signed = |element, by: &Party| Signer::new(&by.key, None).sign(element, Place::AfterIssuer).unwrap();
    let bare = || request(&test, wiki.id, "", "");
    let of = |text: String| read(text.as_bytes(), Limits::MESSAGE).unwrap();
    let text = |element: &Element| String::from_utf8(canonical(element, &[])).unwrap();
    let good = signed(bare(), &OURS);
    assert!(matches!(begin(&ctx, wiki.id, sent(&good), Some(&session)).await, Ok(Turn::Back(_))));
    let elsewhere = request(&test, wiki.id, " AssertionConsumerServiceURL=\"https://evil.example/acs\"", "");
    let index = request(&test, wiki.id, " AssertionConsumerServiceIndex=\"9\"", "");
    let wrapped = text(&good).replace("</ds:Signature>", &format!("{}</ds:Signature>", text(&bare())));
    for (what, bad) in [
        ("unsigned", bare()),
        ("signed by a stranger", signed(bare(), &STRANGER)),
        ("changed", of(text(&good).replace("ID=\"_request\"", "ID=\"_other\""))),
        ("wrapped", of(wrapped)),
        ("from another entity", signed(of(text(&bare()).replace(SP, "https://other.example")), &OURS)),
        ("to another address", signed(elsewhere.clone(), &OURS)),
        ("to another address, unsigned", elsewhere),
        ("to a number that is none", signed(index, &OURS)),
    ] {
        let turn = begin(&ctx, wiki.id, sent(&bad), Some(&session)).await.unwrap();
        assert!(matches!(turn, Turn::Nowhere(_)), "{what}: {turn:?}");
    }
    let unknown = ApplicationId::new(uuid::Uuid::from_u128(7));
    changed(&test, wiki.id, |input| input.enabled = Some(false)).await;
    for id in [unknown, wiki.id] {
        assert!(matches!(begin(&ctx, id, sent(&good), Some(&session)).await, Ok(Turn::Nowhere(_))));
    }
}

#[tokio::test]
async fn people_begin_here_where_that_is_allowed() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    let wiki = made(&test, service()).await;
    let session = signed_in(&test, &ada, "ada").await;
    let ctx = from(&test);
    assert!(matches!(start(&ctx, wiki.id, Some(&session)).await, Ok(Turn::Nowhere(_))));
    let begins = SamlService { begins_here: true, relay_state: Some("/home".into()), ..service() };
    let wiki = changed(&test, wiki.id, |input| input.saml = Some(begins)).await;
    let waits = ticket(start(&ctx, wiki.id, None).await.unwrap(), Ask::sign_in(&wiki));
    for turn in [start(&ctx, wiki.id, Some(&session)).await, go_on(&ctx, &waits, Some(&session)).await] {
        let form = form(turn.unwrap());
        assert_eq!(form.fields[1], ("RelayState", "/home".to_owned()));
        assert_eq!(read_by_application(&test, &wiki, &form, REQUEST), Err(Refused::InResponseTo));
        assert!(read_by_application(&test, &wiki, &form, Answers::Unasked).is_ok());
    }
}

#[tokio::test]
async fn what_an_application_wishes_is_met_or_it_is_told_that_it_is_not() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    let wiki = made(&test, service()).await;
    let session = signed_in(&test, &ada, "ada").await;
    let ctx = from(&test);
    let class = |comparison: &str, class: &str| {
        format!(
            "<p:RequestedAuthnContext Comparison=\"{comparison}\"><a:AuthnContextClassRef>{class}</a:AuthnContextClassRef></p:RequestedAuthnContext>"
        )
    };
    let policy = |format: NameIdFormat| format!("<p:NameIDPolicy Format=\"{}\"/>", format.uri());
    let password = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
    let subject = |name: &str| format!("<a:Subject><a:NameID>{name}</a:NameID></a:Subject>");
    let turn = async |attributes: &str, inside: &str, session| {
        begin(&ctx, wiki.id, sent(&request(&test, wiki.id, attributes, inside)), session).await.unwrap()
    };
    let told = |turn| read_by_application(&test, &wiki, &form(turn), REQUEST);
    // By which names.
    let user_name = told(turn("", &policy(NameIdFormat::Unspecified), Some(&session)).await).unwrap();
    assert_eq!(user_name.name_id.format, Some(NameIdFormat::Persistent), "whatever is registered");
    let transient = [policy(NameIdFormat::Transient), policy(NameIdFormat::Transient)];
    let transient = [
        told(turn("", &transient[0], Some(&session)).await).unwrap().name_id.value,
        told(turn("", &transient[1], Some(&session)).await).unwrap().name_id.value,
    ];
    assert_ne!(transient[0], transient[1]);
    let Turn::Over { text, .. } = turn("", &policy(NameIdFormat::EmailAddress), Some(&session)).await else {
        panic!("without a mail address")
    };
    assert_eq!(text, Phrase::NoNameThere);
    let other = "<p:NameIDPolicy Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos\"/>";
    for refused in [other, "<p:NameIDPolicy SPNameQualifier=\"https://other.example\"/>"] {
        assert_eq!(told(turn("", refused, Some(&session)).await), Err(Refused::Status));
    }
    // With which proof.
    for (asked, named) in [
        (class("exact", password), Some(password)),
        (class("exact", "https://refeds.org/profile/mfa"), Some("https://refeds.org/profile/mfa")),
        (class("minimum", password), Some("https://refeds.org/profile/mfa")),
    ] {
        assert_eq!(told(turn("", &asked, Some(&session)).await).unwrap().context.as_deref(), named);
    }
    for unmet in [class("exact", "urn:oasis:names:tc:SAML:2.0:ac:classes:X509"), class("exact", "urn:x")] {
        assert_eq!(told(turn("", &unmet, Some(&session)).await), Err(Refused::Status));
    }
    // Without asking anybody, anew, and as whom.
    assert_eq!(told(turn(" IsPassive=\"true\"", "", None).await), Err(Refused::Status));
    assert!(told(turn(" IsPassive=\"true\"", "", Some(&session)).await).is_ok());
    assert!(told(turn("", &subject("ada"), Some(&session)).await).is_ok());
    ticket(turn("", &subject("bob"), Some(&session)).await, Ask::sign_in_again(&wiki));
    test.clock.advance(Span::seconds(1));
    let anew = request(&test, wiki.id, " ForceAuthn=\"true\"", "");
    let anew = begin(&from(&test), wiki.id, sent(&anew), Some(&session)).await.unwrap();
    ticket(anew, Ask::sign_in_again(&wiki));
}

#[tokio::test]
async fn whom_an_application_is_not_for_does_not_reach_it() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    let wiki = made(&test, service()).await;
    let session = signed_in(&test, &ada, "ada").await;
    changed(&test, wiki.id, |input| input.used_by = Some(UsedBy::nobody())).await;
    let asks = |attributes| sent(&request(&test, wiki.id, attributes, ""));
    let turn = begin(&from(&test), wiki.id, asks(""), Some(&session)).await.unwrap();
    assert!(matches!(turn, Turn::Over { .. }), "{turn:?}");
    let silent = form(begin(&from(&test), wiki.id, asks(" IsPassive=\"1\""), Some(&session)).await.unwrap());
    assert_eq!(read_by_application(&test, &wiki, &silent, REQUEST), Err(Refused::Status));
    // And whoever was shut out in the meantime has no session.
    changed(&test, wiki.id, |input| input.used_by = Some(UsedBy::Everybody)).await;
    crate::user::suspend(&test.system(), ada.id).await.unwrap();
    let turn = begin(&from(&test), wiki.id, asks(""), Some(&session)).await.unwrap();
    ticket(turn, Ask::sign_in_again(&wiki));
}

#[tokio::test]
async fn an_application_ends_what_it_was_told_of_and_nothing_else() {
    let test = testing::org().await;
    let (ada, bob) = (person(&test, "ada").await, person(&test, "bob").await);
    let wiki = made(&test, service()).await;
    let ctx = from(&test);
    let (adas, bobs) = (signed_in(&test, &ada, "ada").await, signed_in(&test, &bob, "bob").await);
    let asked = || sent(&request(&test, wiki.id, "", ""));
    let answer = form(begin(&ctx, wiki.id, asked(), Some(&adas)).await.unwrap());
    let told = read_by_application(&test, &wiki, &answer, REQUEST).unwrap();
    let here = logout_url(&ctx, wiki.id);
    let random = SystemRandom::new();
    let leaves = |name: &NameId, session: &Session, signer: Option<&Party>| {
        let index = session.id.map(|id| id.to_string()).into_iter().collect();
        let asked = LogoutRequest::new(SP, &here, name.clone(), index, (ctx.now, &random)).unwrap().written();
        let signer = signer.map(|party| Signer::new(&party.key, None));
        let url = redirect(&here, Kind::Request, &asked, None, signer.as_ref()).unwrap();
        Received::from_query(url.split_once('?').unwrap().1)
    };
    let name = &told.name_id;
    for bad in [leaves(name, &adas, None), leaves(name, &adas, Some(&STRANGER))] {
        assert!(matches!(sign_out(&ctx, wiki.id, bad, Some(&adas)).await, Ok(Goodbye::Nowhere(_))));
        assert!(is_open(&test, &adas).await);
    }
    // Signed, but about a session it was not told of, or by another name.
    let nobody = NameId { value: "somebody".into(), ..name.clone() };
    for other in [leaves(name, &bobs, Some(&OURS)), leaves(&nobody, &adas, Some(&OURS))] {
        assert!(matches!(sign_out(&ctx, wiki.id, other, None).await, Ok(Goodbye::Back(Way::Address(_)))));
        assert!(is_open(&test, &adas).await && is_open(&test, &bobs).await);
    }
    let good = leaves(name, &adas, Some(&OURS));
    let Ok(Goodbye::Back(Way::Address(url))) = sign_out(&ctx, wiki.id, good, None).await else { panic!() };
    assert!(url.starts_with("https://app.example/slo?SAMLResponse="), "{url}");
    assert!(!is_open(&test, &adas).await && is_open(&test, &bobs).await);
}

#[tokio::test]
async fn keys_are_replaced_without_losing_whoever_knows_both() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    let wiki = made(&test, service()).await;
    let session = signed_in(&test, &ada, "ada").await;
    let ctx = from(&test);
    let in_metadata = async |certificate: &str| {
        String::from_utf8(metadata(&ctx, wiki.id).await.unwrap()).unwrap().contains(certificate)
    };
    let asked = || sent(&request(&test, wiki.id, "", ""));
    let before = form(begin(&ctx, wiki.id, asked(), Some(&session)).await.unwrap());
    let rotated = rotate(&test.system(), wiki.id).await.unwrap();
    assert_eq!(rotated.saml_certificates[0], wiki.saml_certificates[1]);
    let after = form(begin(&ctx, wiki.id, asked(), Some(&session)).await.unwrap());
    assert!(read_by_application(&test, &rotated, &after, REQUEST).is_ok());
    assert!(read_by_application(&test, &wiki, &before, REQUEST).is_ok());
    assert!(read_by_application(&test, &wiki, &after, REQUEST).is_err());
    assert!(read_by_application(&test, &rotated, &before, REQUEST).is_err());
    assert!(
        in_metadata(&rotated.saml_certificates[0]).await && in_metadata(&rotated.saml_certificates[1]).await
    );
    assert!(!in_metadata(&wiki.saml_certificates[0]).await);
    // Each application has its own.
    let input = CreateApplication { name: "Board".into(), kind: ApplicationKind::Saml };
    let (board, _) = application::create(&test.system(), input).await.unwrap();
    assert!(board.saml_certificates.iter().all(|own| !rotated.saml_certificates.contains(own)));
}

#[tokio::test]
async fn an_application_is_registered_as_it_describes_itself() {
    let test = testing::org().await;
    let wiki = made(&test, SamlService { wants_signed_response: true, ..SamlService::default() }).await;
    let file = format!(
        r#"<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{SP}"><md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" AuthnRequestsSigned="true"><md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:NameIDFormat>{}</md:NameIDFormat><md:AssertionConsumerService index="3" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{ACS}"/></md:SPSSODescriptor></md:EntityDescriptor>"#,
        OURS.certificate,
        NameIdFormat::EmailAddress.uri()
    );
    let system = test.system();
    let taken = read_metadata(&system, wiki.id, None, &file).await.unwrap();
    let saml = taken.saml.clone().unwrap();
    assert_eq!(
        (saml.entity_id.as_str(), saml.consumers[0].index, saml.name_id),
        (SP, 3, NameIdFormat::EmailAddress)
    );
    assert!(
        saml.signs_requests && saml.wants_signed_response && saml.certificates == [OURS.certificate.clone()]
    );
    // Once more changes nothing, and what is none is refused and changes nothing either.
    assert_eq!(read_metadata(&system, wiki.id, None, &file).await.unwrap().version, taken.version);
    for bad in [
        "",
        "<x/>",
        &file.replace(ACS, "http://app.example/acs"),
        &file.replace("<md:Name", "<!DOCTYPE x><md:Name"),
    ] {
        assert!(read_metadata(&system, wiki.id, None, bad).await.is_err(), "{bad}");
    }
    assert!(read_metadata(&system, wiki.id, Some(1), &file).await.is_err());
    assert!(read_metadata(&test.nobody(), wiki.id, None, &file).await.is_err());
}

#[test]
fn settings_that_cannot_hold_together_are_refused() {
    let rule = |name: &str| AttributeRule { attribute: name.into(), value: ValueSource::Mail };
    let consumer = service().consumers[0].clone();
    assert!(checked(ApplicationKind::Saml, &service()).is_ok());
    for (field, bad) in [
        ("saml.entity_id", SamlService { entity_id: "a\nb".into(), ..service() }),
        ("saml.consumers", SamlService { consumers: vec![consumer.clone(), consumer], ..service() }),
        ("saml.certificates", SamlService { certificates: vec!["none".into()], ..service() }),
        ("saml.signs_requests", SamlService { signs_requests: true, certificates: Vec::new(), ..service() }),
        ("saml.wants_encryption", SamlService { wants_encryption: true, ..service() }),
        // A key on a curve wraps nothing.
        (
            "saml.wants_encryption",
            SamlService {
                wants_encryption: true,
                encryption_certificates: vec![OURS.certificate.clone()],
                ..service()
            },
        ),
        ("saml.attributes", SamlService { attributes: vec![rule("mail"), rule("mail")], ..service() }),
        ("saml.attributes", SamlService { attributes: vec![rule("")], ..service() }),
        ("saml.relay_state", SamlService { relay_state: Some("a\r\nb".into()), ..service() }),
    ] {
        match checked(ApplicationKind::Saml, &bad) {
            Err(AppError::Invalid { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{field}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_name_that_was_chosen_is_told_for_its_format_alone() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    let chosen = SamlService {
        name_id: NameIdFormat::Persistent,
        name_id_value: Some(ValueSource::Id),
        wants_signed_response: true,
        ..service()
    };
    let wiki = made(&test, chosen).await;
    let session = signed_in(&test, &ada, "ada").await;
    let user: User = from(&test)
        .read({
            let id = ada.id;
            move |reader| Ok(reader.find::<User>(id)?.unwrap().value)
        })
        .await
        .unwrap();
    let asked = |inside: &str| sent(&request(&test, wiki.id, "", inside));
    let told = form(begin(&from(&test), wiki.id, asked(""), Some(&session)).await.unwrap());
    assert_eq!(read_by_application(&test, &wiki, &told, REQUEST).unwrap().name_id.value, user.id.to_string());
    assert_ne!(OURS.public, STRANGER.public);
}
