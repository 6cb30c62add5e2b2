use sallyport_model::{ApplicationKind, Role, id::UserId};

use super::{key::SKEY, *};
use crate::{
    Caller,
    testing::{self, TestOrg},
};

fn named(name: &str) -> CreateApplication {
    CreateApplication { name: name.into(), kind: ApplicationKind::DuoAuthApi }
}

async fn skey_of(test: &TestOrg, ikey: &str) -> Option<String> {
    let ctx = test.nobody();
    credentials(&ctx, ikey).await.unwrap().map(|keyed| keyed.skey.expose().to_owned())
}

#[tokio::test]
async fn keys_are_shown_once_and_found_by_the_front_door() {
    let test = testing::org().await;
    let (application, shown) = create(&test.system(), named("SSH gateway")).await.unwrap();
    assert_eq!(shown.host, "sallyport.example.com");
    assert_eq!((shown.ikey.len(), &shown.ikey[..2]), (20, "DI"));
    assert_eq!(shown.skey.expose().len(), 40);
    assert_eq!(skey_of(&test, &shown.ikey).await.as_deref(), Some(shown.skey.expose()));
    assert_eq!(skey_of(&test, "DIXXXXXXXXXXXXXXXXXX").await, None);
    for given in ["ssh GATEWAY", &shown.ikey, &application.id.to_string()] {
        assert_eq!(resolve(&test.system(), given).await.unwrap(), application);
    }
    let owner = application.id.to_string();
    let resting =
        test.system().read(move |reader| Ok(reader.find_secret(&owner, SKEY)?)).await.unwrap().unwrap();
    let plain = shown.skey.expose().as_bytes();
    assert!(!resting.windows(plain.len()).any(|window| window == plain), "sealed at rest");
    let feed = test.system().read(|reader| Ok(reader.changes_after(0, 100)?)).await.unwrap();
    assert!(!format!("{feed:?}").contains(shown.skey.expose()), "not in the feed");
}

#[tokio::test]
async fn a_new_key_ends_the_former_one() {
    let test = testing::org().await;
    let (application, first) = create(&test.system(), named("a")).await.unwrap();
    let second = rotate_skey(&test.system(), application.id).await.unwrap();
    assert_eq!(first.ikey, second.ikey);
    assert!(!first.skey.matches(second.skey.expose()));
    assert_eq!(skey_of(&test, &first.ikey).await.as_deref(), Some(second.skey.expose()));
}

#[tokio::test]
async fn it_is_disabled_renamed_and_deleted_with_its_keys() {
    let test = testing::org().await;
    let (application, shown) = create(&test.system(), named("a")).await.unwrap();
    let id = application.id;
    let disable =
        UpdateApplication { enabled: Some(false), name: Some("b".into()), ..UpdateApplication::default() };
    let disabled = update(&test.system(), id, Some(1), disable.clone()).await.unwrap();
    assert!(!disabled.enabled);
    assert!(skey_of(&test, &shown.ikey).await.is_some(), "its people are denied, not its key");
    assert!(matches!(update(&test.system(), id, Some(1), disable).await, Err(AppError::Stale)));
    create(&test.system(), named("c")).await.unwrap();
    let taken = UpdateApplication { name: Some("C".into()), ..UpdateApplication::default() };
    assert!(matches!(update(&test.system(), id, None, taken).await, Err(AppError::Conflict(_))));
    delete(&test.system(), id, None).await.unwrap();
    assert_eq!(skey_of(&test, &shown.ikey).await, None);
    assert!(matches!(show(&test.system(), id).await, Err(AppError::NotFound { .. })));
}

#[tokio::test]
async fn only_who_manages_applications_does() {
    let test = testing::org().await;
    let (application, _) = create(&test.system(), named("a")).await.unwrap();
    let user = test.system().id(UserId::new).unwrap();
    for role in [Role::HelpDesk, Role::Auditor, Role::CommandRunner] {
        let ctx = test.person(user, &[role]);
        assert!(matches!(create(&ctx, named("b")).await, Err(AppError::Denied(_))));
        assert!(matches!(rotate_skey(&ctx, application.id).await, Err(AppError::Denied(_))));
        assert!(matches!(delete(&ctx, application.id, None).await, Err(AppError::Denied(_))));
    }
    let itself = Caller::Application { id: application.id, name: "a".into() };
    let ctx = test.system().with_caller(itself);
    assert!(matches!(rotate_skey(&ctx, application.id).await, Err(AppError::Denied(_))));
}

#[tokio::test]
async fn an_application_may_have_a_name_of_its_own_for_us() {
    let test = testing::org().await;
    let ctx = test.system();
    let (wiki, _) = create(&ctx, named("Wiki")).await.unwrap();
    let (shop, _) = create(&ctx, named("Shop")).await.unwrap();
    let call_us = async |id, name: &str| {
        let input = UpdateApplication { api_host: Some(name.into()), ..UpdateApplication::default() };
        update(&ctx, id, None, input).await
    };
    let named = call_us(wiki.id, "API-Wiki.Example.COM").await.unwrap();
    assert_eq!(ctx.org.config.host_for(&named), "api-wiki.example.com");
    assert_eq!(ctx.org.config.host_for(&shop), "sallyport.example.com");
    assert_eq!(rotate_skey(&ctx, wiki.id).await.unwrap().host, "api-wiki.example.com");
    // At whatever port the server is reached.
    let at_port = crate::OrgConfig {
        external_url: "https://sallyport.example.com:8443".into(),
        ..ctx.org.config.clone()
    };
    assert_eq!(at_port.host_for(&named), "api-wiki.example.com:8443");
    for bad in ["192.0.2.7", "api-wiki.example.com:8443", "https://a.example", "*.example.com", INTERNAL_NAME]
    {
        let refused = call_us(wiki.id, bad).await;
        assert!(matches!(refused, Err(AppError::Invalid { field, .. }) if field == "api_host"), "{bad}");
    }
    // Several may have the same, and a certificate of ours needs it once.
    call_us(shop.id, "api-wiki.example.com").await.unwrap();
    assert_eq!(ctx.read(api_hosts).await.unwrap(), ["api-wiki.example.com"]);
    call_us(shop.id, "").await.unwrap();
    call_us(wiki.id, "").await.unwrap();
    assert!(ctx.read(api_hosts).await.unwrap().is_empty());
}
