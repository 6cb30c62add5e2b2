use sallyport_model::saml::SamlToken;

use super::*;
use crate::saml::ws_federation::{begin, url};

const REALM: &str = "urn:federation:MicrosoftOnline";
const REPLY: &str = "https://login.example/login.srf";

/// Microsoft 365, as the catalogue makes it.
pub(super) async fn microsoft(test: &TestOrg) -> Versioned<Application> {
    let system = test.system();
    let input = CreateApplication { name: "Microsoft 365".into(), kind: ApplicationKind::WsFederation };
    let (made, _) = application::create(&system, input).await.unwrap();
    assert_eq!(made.saml_certificates.len(), 2);
    changed(test, made.id, |input| {
        input.saml = Some(SamlService {
            entity_id: REALM.into(),
            consumers: vec![SamlConsumer { index: 0, url: REPLY.parse().unwrap(), is_default: true }],
            name_id: NameIdFormat::Unspecified,
            name_id_value: Some(ValueSource::Id),
            attributes: vec![AttributeRule {
                attribute: "http://schemas.xmlsoap.org/claims/UPN".into(),
                value: ValueSource::UserName,
            }],
            ..SamlService::default()
        });
        input.used_by = Some(UsedBy::Everybody);
    })
    .await
}

pub(super) async fn comes(
    test: &TestOrg,
    id: ApplicationId,
    given: &[(&str, &str)],
    session: Option<&Session>,
) -> Turn {
    let pairs = [("wa", "wsignin1.0"), ("wtrealm", REALM)].iter().chain(given);
    let pairs: Vec<_> = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    begin(&from(test), id, &pairs, session).await.unwrap()
}

fn result(turn: Turn) -> String {
    let form = form(turn);
    assert_eq!((form.action.as_str(), form.fields[0].1.as_str()), (REPLY, "wsignin1.0"));
    form.fields[1].1.clone()
}

#[tokio::test]
async fn somebody_who_comes_by_it_is_told_of_with_both_doors() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    let office = microsoft(&test).await;
    let waits = ticket(comes(&test, office.id, &[("wctx", "a=b&c")], None).await, Ask::sign_in(&office));
    let session = signed_in(&test, &ada, "ada").await;
    let told = form(go_on(&from(&test), &waits, Some(&session)).await.unwrap());
    assert_eq!(told.fields[2], ("wctx", "a=b&c".into()), "back as it came");
    let told = &told.fields[1].1;
    for part in [
        &format!("Issuer=\"{}\"", entity_id(&test.nobody(), office.id)),
        &format!(">{}</saml:NameIdentifier>", ada.id),
        "<saml:AttributeValue>ada</saml:AttributeValue>",
        "AttributeName=\"authnmethodsreferences\" AttributeNamespace=\"http://schemas.microsoft.com/claims\"",
        "<saml:AttributeValue>http://schemas.microsoft.com/claims/multipleauthn</saml:AttributeValue>",
        &format!("<saml:Audience>{REALM}</saml:Audience>"),
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    // A ticket is good once, and the session is enough from now on.
    assert!(matches!(go_on(&from(&test), &waits, Some(&session)).await.unwrap(), Turn::Nowhere(_)));
    result(comes(&test, office.id, &[("wreply", REPLY)], Some(&session)).await);
}

#[tokio::test]
async fn what_it_asks_for_is_held_to_and_what_is_not_known_goes_nowhere() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    let office = microsoft(&test).await;
    let session = signed_in(&test, &ada, "ada").await;
    for given in [
        &[("wreply", "https://evil.example/")][..],
        &[("wreply", "https://login.example/login.srf?x")],
        &[("wtrealm", "urn:other")],
        &[("wauth", "urn:unheard:of")],
        &[("wfresh", "soon")],
    ] {
        let turn = comes(&test, office.id, given, Some(&session)).await;
        assert!(matches!(turn, Turn::Nowhere(_)), "{given:?} {turn:?}");
    }
    let foreign =
        [("wa".to_owned(), "wsignin1.0".to_owned()), ("wtrealm".to_owned(), "urn:other".to_owned())];
    let turn = begin(&from(&test), office.id, &foreign, Some(&session)).await.unwrap();
    assert!(matches!(turn, Turn::Nowhere(_)), "{turn:?}");
    let both = ("wauth", "http://schemas.microsoft.com/claims/multipleauthn");
    result(comes(&test, office.id, &[both], Some(&session)).await);
    test.clock.advance(Span::minutes(5));
    ticket(comes(&test, office.id, &[("wfresh", "0")], Some(&session)).await, Ask::sign_in_again(&office));
    ticket(comes(&test, office.id, &[("wfresh", "4")], Some(&session)).await, Ask::sign_in_again(&office));
    result(comes(&test, office.id, &[("wfresh", "6")], Some(&session)).await);
    // To sign out is asked of the person, whoever sent them.
    let out = [("wa".to_owned(), "wsignout1.0".to_owned())];
    assert!(matches!(begin(&from(&test), office.id, &out, Some(&session)).await.unwrap(), Turn::Leave));
}

#[tokio::test]
async fn each_way_to_ask_is_its_own_applications() {
    let test = testing::org().await;
    let office = microsoft(&test).await;
    let wiki = made(&test, service()).await;
    assert!(matches!(comes(&test, wiki.id, &[], None).await, Turn::Nowhere(_)), "asks by SAML");
    let ctx = from(&test);
    let asked = crate::saml::begin(&ctx, office.id, sent(&request(&test, office.id, "", "")), None).await;
    assert!(matches!(asked.unwrap(), Turn::Nowhere(_)), "asks by WS-Federation");
    assert!(metadata(&ctx, office.id).await.is_err());
    let own = crate::saml::ws_federation::metadata(&ctx, office.id).await.unwrap();
    assert!(String::from_utf8(own).unwrap().contains(&url(&ctx, office.id)));
}

#[tokio::test]
async fn what_it_has_no_words_for_cannot_be_set() {
    let test = testing::org().await;
    let office = microsoft(&test).await;
    let set = async |change: fn(&mut SamlService)| {
        let mut saml = office.saml.clone().unwrap();
        change(&mut saml);
        let input = UpdateApplication { saml: Some(saml), ..UpdateApplication::default() };
        application::update(&test.system(), office.id, None, input).await
    };
    assert!(set(|saml| saml.wants_encryption = true).await.is_err());
    assert!(set(|saml| saml.wants_signed_response = true).await.is_err());
    set(|saml| saml.token = SamlToken::Saml20).await.unwrap();
    let ada = person(&test, "ada").await;
    let session = signed_in(&test, &ada, "ada").await;
    let told = result(comes(&test, office.id, &[], Some(&session)).await);
    assert!(
        told.contains("<saml2:Assertion")
            && told.contains("TokenType>urn:oasis:names:tc:SAML:2.0:assertion<")
    );
}
