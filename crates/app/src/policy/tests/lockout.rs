//! Nobody shuts themselves out.

use sallyport_model::{Group, Member};

use super::*;
use crate::{
    device::testing::user_member,
    factor::{
        self,
        duo::testing::{CLIENT_SECRET, Service},
    },
};

#[tokio::test]
async fn nobody_shuts_themselves_out_by_coming_into_a_group_or_going_out_of_one() {
    let test = testing::org().await;
    let olga = person(&test, "olga").await;
    crate::user::set_roles(&test.system(), olga.id, [Role::Owner].into()).await.unwrap();
    let portal = Ctx { source: Some([192, 0, 2, 7].into()), ..test.person(olga.id, &[Role::Owner]) };
    let made = async |name: &str| test.group(name, GroupKind::Users).await;
    let (strict, free, harmless) = (made("strict").await, made("free").await, made("harmless").await);
    let only = |method| Sections { methods: Some(BTreeSet::from([method])), ..Sections::default() };
    let keys = write(&test, "keys", only(Method::Passkey)).await;
    let apps = write(&test, "apps", only(Method::Totp)).await;
    let group = |group: &Group, policy| GroupPolicy { group: group.id, policy };
    let applied = Applied { policy: Some(keys), groups: vec![group(&free, apps), group(&strict, keys)] };
    test.join(&free, user_member("olga")).await;
    set(&test.system(), |settings| settings.portal_policies = applied).await.unwrap();
    // Whoever has no passkey is let in by this group alone, and would be by no other.
    let me = || user_member("olga");
    let gone = group::remove_member(&portal, free.id, me()).await;
    assert!(matches!(gone, Err(AppError::Conflict(_))), "{gone:?}");
    group::add_member(&portal, harmless.id, me()).await.unwrap();
    group::remove_member(&portal, harmless.id, me()).await.unwrap();
    set(&test.system(), |settings| settings.portal_policies.policy = Some(apps)).await.unwrap();
    set(&test.system(), |settings| settings.portal_policies.groups.reverse()).await.unwrap();
    let come = group::add_member(&portal, strict.id, me()).await;
    assert!(matches!(come, Err(AppError::Conflict(_))), "{come:?}");
    assert_eq!(group::groups_of(&test.system(), Member::User(olga.id)).await.unwrap().len(), 1, "as before");
    // Whoever holds the machine is shut out of nothing.
    group::add_member(&test.system(), strict.id, me()).await.unwrap();
}

/// Olga, an owner, with Duo switched on beside all else, and nothing of hers but what is given.
async fn with_duo(test: &TestOrg, secret: &str) -> (Ctx, Service) {
    let service = Service::of(test).await;
    let duo = crate::settings::show(&test.system()).await.unwrap().value.duo;
    factor::duo::update(&test.system(), None, duo, Some(secret.into())).await.unwrap();
    let olga = person(test, "olga").await;
    crate::user::set_roles(&test.system(), olga.id, [Role::Owner].into()).await.unwrap();
    let portal = Ctx { source: Some([192, 0, 2, 7].into()), ..test.person(olga.id, &[Role::Owner]) };
    (portal, service)
}

fn only_duo(settings: &mut Settings) {
    let on = |method| matches!(method, Method::Duo | Method::BypassCode);
    settings.factors =
        Method::ALL.map(|method| MethodRow { method, on: on(method), groups: vec![] }).to_vec();
}

#[tokio::test]
async fn duo_is_a_way_in_for_whoever_sets_it_alone_once_it_was_asked_with_what_there_is() {
    let test = testing::org().await;
    let wrong = "x".repeat(40);
    let (portal, service) = with_duo(&test, &wrong).await;
    let refused = set(&portal, only_duo).await;
    let Err(AppError::Conflict(text)) = refused else { panic!("{refused:?}") };
    assert!(text.to_string().contains("sallyport duo check"), "{text}");
    assert!(factor::duo::check(&portal).await.unwrap().is_err());
    assert!(set(&portal, only_duo).await.is_err(), "it does not know us");
    // Another secret is tried before it is kept, where somebody's own way in hangs on it.
    let duo = crate::settings::show(&portal).await.unwrap().value.duo;
    let put = async |secret: &str| factor::duo::update(&portal, None, duo.clone(), Some(secret.into())).await;
    put(CLIENT_SECRET).await.unwrap();
    set(&portal, only_duo).await.unwrap();
    let refused = put(&wrong).await;
    let Err(AppError::Invalid { field: "secret", reason: text }) = refused else { panic!("{refused:?}") };
    assert!(text.to_string().contains("does not know this client id with this client secret"), "{text}");
    factor::duo::check(&portal).await.unwrap().expect("the secret that was right is there");
    put(CLIENT_SECRET).await.unwrap();
    // What was right stays so while Duo is away.
    service.answer_with(Some(503));
    set(&portal, |settings| settings.organization = "Elsewhere".into()).await.unwrap();
}
