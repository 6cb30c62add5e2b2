//! Signing out of the applications of a session that were told of it by SAML.

use sallyport_api::rest::{CreateApplication, UpdateApplication};
use sallyport_app::application;
use sallyport_crypto::{
    SystemRandom,
    saml_key::{KeyKind, SamlKey},
};
use sallyport_model::{
    Application, ApplicationKind, SamlService, UsedBy,
    saml::{SamlBinding, SamlConsumer, SamlEndpoint},
};
use sallyport_saml::{
    Certificate,
    binding::{Kind, Received, redirect},
    dsig::Signer,
    logout::{LogoutRequest, LogoutResponse},
};

use super::{
    browser::{Answer, Browser},
    form::unescaped,
    house::{House, URL},
};

const OUT: &str = "https://wiki.example/slo";

/// An application with a key of its own, which wants to hear of the end of a session in this way.
async fn wiki(house: &House, binding: SamlBinding) -> (Application, SamlKey) {
    let key = SamlKey::from_pkcs8(&SamlKey::generate(KeyKind::P256).unwrap()).unwrap();
    let der = key.certificate("wiki.example", (0, 4_000_000_000), &SystemRandom::new()).unwrap();
    let input = CreateApplication { name: "Wiki".into(), kind: ApplicationKind::Saml };
    let (made, _) = application::create(&house.system(), input).await.unwrap();
    let saml = SamlService {
        entity_id: "https://wiki.example".into(),
        consumers: vec![SamlConsumer {
            index: 0,
            url: "https://wiki.example/acs".parse().unwrap(),
            is_default: true,
        }],
        logout: vec![SamlEndpoint { binding, url: OUT.parse().unwrap(), response_url: None }],
        certificates: vec![Certificate::from_der(&der).unwrap().base64()],
        begins_here: true,
        ..SamlService::default()
    };
    let input = UpdateApplication {
        saml: Some(saml),
        used_by: Some(UsedBy::Everybody),
        ..UpdateApplication::default()
    };
    let made = application::update(&house.system(), made.id, None, input).await.unwrap();
    (made.value, key)
}

/// Whoever was told of the session is asked to end it, by a page that says what is going on and that opens nothing any more.
async fn is_asked(browser: &mut Browser, page: &Answer) {
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(
        page.body.contains("You are signed out.") && page.body.contains("close this page"),
        "{}",
        page.body
    );
    assert!(!browser.cookies.contains_key("__Host-sallyport"));
    assert_eq!(browser.get("/").await.location(), "/sign-in");
}

#[tokio::test]
async fn whoever_signs_out_is_led_through_the_applications_and_back_to_the_door() {
    let (house, ada) = House::with_owner().await;
    let (wiki, key) = wiki(&house, SamlBinding::Redirect).await;
    let mut browser = house.signed_in(&ada).await;
    let told = browser.get(&format!("/saml/{}/start", wiki.id)).await;
    assert!(told.body.contains("action=\"https://wiki.example/acs\""), "{}", told.body);
    browser.get("/").await;
    let page = browser.submit("/sign-out", &[]).await;
    is_asked(&mut browser, &page).await;
    let url = unescaped(page.between("id=\"back\" href=\"", "\""));
    let received = Received::from_query(url.strip_prefix(&format!("{OUT}?")).unwrap()).unwrap();
    let ours = Certificate::parse(&wiki.saml_certificates[0]).unwrap();
    let opened = received.open(&[ours.key()], true).unwrap();
    let now = house.system().now;
    let asked = LogoutRequest::read(&opened, OUT, now).unwrap();
    let path = format!("/saml/{}/slo", wiki.id);
    let by = (now, &SystemRandom::new() as &dyn sallyport_crypto::Random);
    let here = format!("{URL}{path}");
    let answer = LogoutResponse::new("https://wiki.example", &here, &asked.header.id, true, by).unwrap();
    let signer = Signer::new(&key, None);
    let url = redirect(&path, Kind::Response, &answer.written(), None, Some(&signer)).unwrap();
    assert_eq!(browser.get(&url).await.location(), "/sign-in?done=signed-out");
    assert_eq!(browser.get(&url).await.status, 400, "an answer counts once");
}

#[tokio::test]
async fn a_form_to_an_application_may_go_there() {
    let (house, ada) = House::with_owner().await;
    let (wiki, _) = wiki(&house, SamlBinding::Post).await;
    let mut browser = house.signed_in(&ada).await;
    browser.get(&format!("/saml/{}/start", wiki.id)).await;
    browser.get("/oidc/logout").await;
    let page = browser.submit("/oidc/logout/confirmed", &[("query", "")]).await;
    is_asked(&mut browser, &page).await;
    assert!(page.body.contains(&format!("action=\"{OUT}\"")) && page.body.contains("SAMLRequest"));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action https:"), "{policy}");
}
