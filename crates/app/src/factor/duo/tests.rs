use sallyport_model::{Duo, DuoName, Role, Settings, id::UserId};
use uuid::Uuid;

use super::{
    testing::{CLIENT_ID, CLIENT_SECRET, Service},
    *,
};
use crate::{settings as org_settings, testing};

fn duo() -> Duo {
    Duo { client_id: CLIENT_ID.into(), host: "api-1234abcd.duosecurity.com".into(), ..Duo::default() }
}

fn secret() -> Option<Secret> {
    Some(Secret::from(CLIENT_SECRET))
}

#[tokio::test]
async fn the_secret_rests_sealed_and_goes_to_no_other_host_and_no_other_client() {
    let test = testing::org().await;
    let system = test.system();
    assert!(!update(&system, None, duo(), None).await.unwrap().has_secret);
    let standing = update(&system, None, duo(), secret()).await.unwrap();
    assert!(standing.has_secret);
    assert_eq!(standing.redirect_uri, "https://sallyport.example.com/sign-in/duo");
    assert!(!test.dump().windows(40).any(|window| window == CLIENT_SECRET.as_bytes()));
    let by_mail = Duo { name: DuoName::Mail, ..duo() };
    assert!(update(&system, None, by_mail, None).await.unwrap().has_secret, "it is the same client");
    let elsewhere = Duo { host: "evil.example".into(), ..duo() };
    assert!(!update(&system, None, elsewhere.clone(), None).await.unwrap().has_secret);

    // The page of all settings is no way around it.
    assert!(update(&system, None, duo(), secret()).await.unwrap().has_secret);
    let before = org_settings::show(&system).await.unwrap().value;
    let replaced = org_settings::update(&system, None, Settings { duo: elsewhere, ..before }).await.unwrap();
    assert_eq!(replaced.notice, Some(org_settings::DUO_SECRET_FORGOTTEN));
    assert!(!show(&system).await.unwrap().has_secret);
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_by_their_field() {
    let test = testing::org().await;
    for (duo, field) in [
        (Duo { client_id: "DI".into(), ..duo() }, "duo.client_id"),
        (Duo { client_id: "DI../../../../../../".into(), ..duo() }, "duo.client_id"),
        (Duo { client_id: String::new(), ..duo() }, "duo.host"),
        (Duo { host: String::new(), ..duo() }, "duo.host"),
        (Duo { host: "http://a.example".into(), ..duo() }, "duo.host"),
        (Duo { host: "user@a.example".into(), ..duo() }, "duo.host"),
        (Duo { self_service: "javascript:alert(1)".into(), ..duo() }, "duo.self_service"),
        (Duo { self_service: "http://a.example/".into(), ..duo() }, "duo.self_service"),
    ] {
        match update(&test.system(), None, duo, None).await {
            Err(AppError::Invalid { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    let named = |name, template: &str| Duo { name, name_template: template.into(), ..duo() };
    for bad in
        ["", "{name}", "name", "{name}{name}", "{name} x", "{name}\n", "{user}@a.example", "{name}@{x}"]
    {
        let refused = update(&test.system(), None, named(DuoName::Template, bad), None).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: "duo.name_template", .. })), "{bad}");
    }
    let long = format!("{{name}}@{}", "x".repeat(128));
    assert!(update(&test.system(), None, named(DuoName::Template, &long), None).await.is_err());
    assert!(
        update(&test.system(), None, named(DuoName::Mail, "nothing"), None).await.is_err(),
        "kept for later"
    );
    let pasted = Duo { host: "https://API-1234abcd.duosecurity.com/".into(), ..duo() };
    assert_eq!(update(&test.system(), None, pasted, None).await.unwrap().duo, duo());
    for bad in ["", "short", &"x".repeat(41), &format!("{} ", "x".repeat(39))] {
        let refused = update(&test.system(), None, duo(), Some(bad.into())).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: "secret", .. })), "{bad}");
    }
    assert!(update(&test.system(), None, Duo::default(), secret()).await.is_err(), "for nobody");
    let auditor = test.person(UserId::new(Uuid::from_u128(7)), &[Role::Auditor]);
    assert!(matches!(update(&auditor, None, duo(), secret()).await, Err(AppError::Denied(_))));
    assert!(matches!(check(&auditor).await, Err(AppError::Denied(_))));
}

#[tokio::test]
async fn the_check_says_in_words_whether_it_is_clock_key_host_or_the_way_there() {
    let test = testing::org().await;
    let system = test.system();
    let problem = async || check(&system).await.unwrap().err();
    assert!(problem().await.unwrap().contains("not all there yet"));
    let service = Service::of(&test).await;
    assert_eq!(problem().await, None);

    service.set_ahead(90);
    let clock = problem().await.unwrap();
    assert!(clock.contains("clock") && clock.contains("90 seconds"), "{clock}");
    // So far ahead that it takes nothing we sign: it is the clock all the same, and not the key.
    service.set_ahead(7200);
    assert!(problem().await.unwrap().contains("7200 seconds"));
    service.set_ahead(0);

    let duo = Duo { client_id: CLIENT_ID.into(), host: service.host(), ..Duo::default() };
    update(&system, None, duo.clone(), Some("x".repeat(40).into())).await.unwrap();
    let key = problem().await.unwrap();
    assert!(key.contains("client secret") && key.contains("Failed to verify signature."), "{key}");
    update(&system, None, duo.clone(), secret()).await.unwrap();

    for (status, word) in [(503, "out of order"), (429, "too often"), (404, "compare the API host")] {
        service.answer_with(Some(status));
        let said = problem().await.unwrap();
        assert!(said.contains(word), "{said}");
    }
    let closed = Duo { host: "localhost:1".into(), ..duo.clone() };
    update(&system, None, closed, secret()).await.unwrap();
    let way = problem().await.unwrap();
    assert!(way.contains("the way to Duo is not open"), "{way}");
    let inside = Duo { host: "127.0.0.2:9".into(), ..duo };
    update(&system, None, inside, secret()).await.unwrap();
    let inside = problem().await.unwrap();
    assert!(inside.contains("internal"), "{inside}");
}
