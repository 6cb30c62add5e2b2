use std::collections::BTreeSet;

use sallyport_api::rest::{AnswerKind, UpdateApplication};
use sallyport_model::{
    oidc::{ClientAuthentication, OidcGrant, SigningAlgorithm, ValueSource},
    saml::SamlToken,
};

use super::*;
use crate::testing;

/// What an application says about itself that gives its metadata.
const METADATA: &str = r#"<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://app.example"><md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://app.example/acs" index="0"/></md:SPSSODescriptor></md:EntityDescriptor>"#;

/// Names that our own values have, in `catalogue/README.md`.
const OURS: [&str; 10] = [
    "authorization_endpoint",
    "client_id",
    "client_secret",
    "device_authorization_endpoint",
    "discovery_url",
    "end_session_endpoint",
    "issuer",
    "jwks_uri",
    "token_endpoint",
    "userinfo_endpoint",
];
const OTHERS: [&str; 7] = [
    "idp_certificate",
    "idp_entity_id",
    "idp_metadata_url",
    "slo_url_of_ours",
    "sso_url",
    "ws_federation_issuer",
    "ws_federation_url",
];

fn answers(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    given.iter().map(|(key, answer)| ((*key).to_owned(), (*answer).to_owned())).collect()
}

fn examples(entry: &Entry) -> BTreeMap<String, String> {
    entry.ask.iter().map(|ask| (ask.key.clone(), ask.example.clone())).collect()
}

fn grafana(answer: &str) -> CreateFromCatalogue {
    CreateFromCatalogue { catalogue: "grafana".into(), name: None, answers: answers(&[("base_url", answer)]) }
}

/// Every name in braces of a text.
fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(words::placeholder).map(|(name, _)| name).collect()
}

#[test]
fn every_file_is_an_entry_and_there_are_at_least_thirty() {
    for (name, text) in FILES {
        let entry: Entry = toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(entry.id, *name);
    }
    assert_eq!(entries().len(), FILES.len());
    assert!(entries().len() >= 30);
    assert!(entries().iter().all(|entry| !entry.source.is_empty() && !entry.step.is_empty()));
}

#[test]
fn every_placeholder_has_a_value_where_it_stands() {
    for entry in entries() {
        let asked: BTreeSet<&str> = entry.ask.iter().map(|ask| ask.key.as_str()).collect();
        let known: BTreeSet<&str> = asked.iter().copied().chain(OURS).chain(OTHERS).collect();
        let told = entry.step.iter().flat_map(|step| {
            let cells = step.table.iter().flat_map(|(field, text)| [field.as_str(), text.as_str()]);
            cells.chain([step.text.as_str()]).chain(step.code.as_deref())
        });
        for text in told.chain(entry.notes.iter().map(|note| note.text.as_str())) {
            assert!(placeholders(text).is_subset(&known), "{}: {text}", entry.id);
        }
        let configured = format!("{:?}", (&entry.oidc, &entry.saml, &entry.ws_federation, &entry.claim));
        let own = placeholders(&configured);
        assert!(own.iter().all(|name| asked.contains(name)), "{}: {own:?}", entry.id);
    }
}

#[tokio::test]
async fn every_entry_that_we_speak_becomes_an_application_with_its_examples() {
    let test = testing::org().await;
    let ctx = test.system();
    let mut made = 0;
    for entry in entries().iter().filter(|entry| entry.is_available()) {
        let mut answers = examples(entry);
        for question in entry.ask.iter().filter(|question| question.kind == AnswerKind::Metadata) {
            answers.insert(question.key.clone(), METADATA.to_owned());
        }
        let input = CreateFromCatalogue { catalogue: entry.id.clone(), name: None, answers };
        let (application, _) =
            create(&ctx, input).await.unwrap_or_else(|error| panic!("{}: {error}", entry.id));
        if let Some(oidc) = &application.oidc {
            assert!(!application.redirect_uris.is_empty(), "{}", entry.id);
            assert!(entry.oidc.as_ref().unwrap().pkce && !oidc.scopes.is_empty(), "{}", entry.id);
        }
        if let Some(saml) = &application.saml {
            assert!(!saml.entity_id.is_empty() && !saml.consumers.is_empty(), "{}", entry.id);
            assert!(application.leads_to().is_some(), "{}", entry.id);
        }
        let guide = guide(&ctx, &application, None).unwrap();
        let told = format!("{:?}", (&guide.steps, &guide.notes));
        let left: Vec<_> =
            OURS.iter().chain(&OTHERS).filter(|name| told.contains(&format!("{{{name}}}"))).collect();
        assert!(left.is_empty(), "{}: {left:?}", entry.id);
        made += 1;
    }
    assert!(made >= 40, "{made}");
}

#[tokio::test]
async fn an_entry_says_all_that_its_vendor_says() {
    let test = testing::org().await;
    let ctx = test.system();
    let (application, credentials) = create(&ctx, grafana("https://grafana.example.com/")).await.unwrap();
    assert_eq!(application.name, "Grafana");
    let uris: Vec<_> = application.redirect_uris.iter().map(|uri| uri.as_str()).collect();
    assert_eq!(uris, ["https://grafana.example.com/login/generic_oauth"]);
    let oidc = application.oidc.as_ref().unwrap();
    assert_eq!(oidc.authentication, ClientAuthentication::Secret);
    assert_eq!(oidc.signing_algorithm, SigningAlgorithm::Rs256);
    assert_eq!(oidc.grants, [OidcGrant::AuthorizationCode].into());
    let start = oidc.initiate_login_uri.as_ref().unwrap();
    assert_eq!(start.as_str(), "https://grafana.example.com/login/generic_oauth");
    assert!(!oidc.scopes.contains("offline_access"));
    let shown = guide(&ctx, &application, Some(&credentials.skey)).unwrap();
    let code = shown.steps[1].code.as_deref().unwrap();
    assert!(code.contains(&format!("client_id = {}\n", application.ikey)), "{code}");
    assert!(code.contains(&format!("client_secret = {}\n", credentials.skey.expose())), "{code}");
    assert!(code.contains("auth_url = https://sallyport.example.com/oidc/authorize\n"), "{code}");
    let later = guide(&ctx, &application, None).unwrap();
    assert!(later.steps[1].code.as_deref().unwrap().contains(SECRET_ONCE));
}

#[tokio::test]
async fn another_answer_moves_the_addresses_and_nothing_else() {
    let test = testing::org().await;
    let ctx = test.system();
    let (application, _) = create(&ctx, grafana("https://grafana.example.com")).await.unwrap();
    let mut oidc = application.oidc.clone().unwrap();
    oidc.asks_consent = true;
    let change = UpdateApplication { oidc: Some(oidc), ..UpdateApplication::default() };
    application::update(&ctx, application.id, None, change).await.unwrap();
    let again = Some(answers(&[("base_url", "https://charts.example.com/g")]));
    let change = UpdateApplication { answers: again, ..UpdateApplication::default() };
    let moved = application::update(&ctx, application.id, None, change).await.unwrap();
    assert_eq!(moved.redirect_uris[0].as_str(), "https://charts.example.com/g/login/generic_oauth");
    assert_eq!(moved.made_from.as_ref().unwrap().answers["base_url"], "https://charts.example.com/g");
    assert!(moved.oidc.as_ref().unwrap().asks_consent);
}

#[tokio::test]
async fn answers_that_do_not_fit_are_told_by_their_question() {
    let test = testing::org().await;
    let ctx = test.system();
    for bad in ["", "http://grafana.example.com", "https://", "javascript:alert(1)", "https://a.example/ b"] {
        let error = create(&ctx, grafana(bad)).await.unwrap_err().to_string();
        assert!(error.contains("`base_url`") && error.contains("https://grafana.example.com"), "{error}");
    }
    let other = CreateFromCatalogue {
        answers: answers(&[("base_url", "https://g.example"), ("colour", "red")]),
        ..grafana("")
    };
    assert!(create(&ctx, other).await.unwrap_err().to_string().contains("`colour` is not asked"));
    let nothing = CreateFromCatalogue { catalogue: "../grafana".into(), ..grafana("") };
    assert!(matches!(create(&ctx, nothing).await, Err(AppError::NotFound { .. })));
    let gitea = CreateFromCatalogue {
        catalogue: "gitea".into(),
        name: None,
        answers: examples(find("gitea").unwrap()),
    };
    assert!(create(&ctx, gitea).await.unwrap_err().to_string().contains("sends no PKCE"));
    assert_eq!(application::list(&ctx, Default::default()).await.unwrap().items.len(), 0);
}

#[tokio::test]
async fn microsoft_365_is_made_as_it_wants_to_be_told() {
    let test = testing::org().await;
    let entry = find("microsoft-365").unwrap();
    let input = CreateFromCatalogue { catalogue: entry.id.clone(), name: None, answers: examples(entry) };
    let (made, _) = create(&test.system(), input).await.unwrap();
    assert_eq!((made.kind, made.saml_certificates.len()), (ApplicationKind::WsFederation, 2));
    let service = made.saml.as_ref().unwrap();
    assert_eq!(
        (service.entity_id.as_str(), service.token),
        ("urn:federation:MicrosoftOnline", SamlToken::Saml11)
    );
    assert_eq!(service.consumers[0].url.as_str(), "https://login.microsoftonline.com/login.srf");
    assert_eq!(service.name_id_value, Some(ValueSource::Id));
    assert_eq!(service.attributes.len(), 2);
    let told: Vec<_> = values(&test.system(), &made).into_iter().map(|(label, _)| label).collect();
    assert_eq!(told, ["Issuer", "Address", "Certificate"]);
}

#[test]
fn each_kind_of_answer_has_its_bounds() {
    let mut entry = find("grafana").unwrap().clone();
    for (kind, good, bad) in [
        (AnswerKind::Host, "chat.example.com", "https://chat.example.com"),
        (AnswerKind::Metadata, "https://a.example/metadata", "ftp://a.example/metadata"),
        (AnswerKind::Origin, "https://a.example:8443", "https://a.example/x"),
        (AnswerKind::Slug, "my_team-1.0", ".."),
        (AnswerKind::Slug, "team", "team/../x"),
        (AnswerKind::Text, "urn:a b", "two\nlines"),
        (AnswerKind::Url, "https://a.example/x?y", "https://user@a.example/"),
    ] {
        entry.ask[0].kind = kind;
        let given = |answer| answers(&[("base_url", answer)]);
        assert_eq!(answer::checked(&entry, &given(good)).unwrap()["base_url"], good);
        assert!(answer::checked(&entry, &given(bad)).is_err(), "{kind:?} {bad}");
    }
}

#[test]
fn what_was_typed_makes_no_markup_and_no_placeholder() {
    let value = |name: &str| Some(if name == "a" { "**x** `y` {b}".to_owned() } else { "!".to_owned() });
    let pieces = words::pieces("say **{a}** to `{a}` {A} {", &value);
    let typed = "**x** `y` {b}";
    let expected = [
        Piece::Plain("say ".into()),
        Piece::Bold(typed.into()),
        Piece::Plain(" to ".into()),
        Piece::Code(typed.into()),
        Piece::Plain(" {A} {".into()),
    ];
    assert_eq!(pieces, expected);
}

#[test]
fn a_literal_of_the_catalogue_is_filled_in() {
    let value = |name: &str| (name == "account").then(|| "123".to_owned());
    let Some(ValueSource::Literal(text)) = make::source("literal:arn:{account}:{x}", &value) else {
        panic!("a literal")
    };
    assert_eq!(text, "arn:123:{x}");
    assert!(make::source("shoe_size", &value).is_none());
}
