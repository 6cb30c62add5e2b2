//! What an application is told about a person.

use sallyport_api::rest::{CreateGroup, GroupMember};
use sallyport_model::{
    GroupKind,
    oidc::{ClaimRule, GroupNames, SubjectType, ValueSource},
};

use super::*;
use crate::{AppError, group, user};

async fn described(house: &House) {
    let system = house.test.system();
    let input = serde_json::from_value(json!({
        "display_name": "Ada Lovelace", "mails": ["ada@example.com"], "phones": ["+441632960000"],
        "about": { "given_name": "Ada", "family_name": "Lovelace", "attributes": { "cost_center": "12" } },
    }));
    user::update(&system, house.ada.id, None, input.unwrap()).await.unwrap();
    for name in ["app-wiki-editors", "app-wiki-readers", "staff"] {
        let input = CreateGroup { name: name.into(), description: String::new(), kind: GroupKind::Users };
        let made = group::create(&system, input).await.unwrap();
        let member: GroupMember = crate::device::testing::user_member(&house.ada.id.to_string());
        group::add_member(&system, made.id, member).await.unwrap();
    }
}

fn rule(claim: &str, value: ValueSource) -> ClaimRule {
    ClaimRule { claim: claim.into(), value }
}

#[tokio::test]
async fn scopes_tell_what_is_theirs_and_nothing_more() {
    let house = house().await;
    described(&house).await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let sub = house.ada.id.to_string();
    for (scope, told) in [
        ("openid", json!({})),
        (
            "openid profile",
            json!({ "name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace", "preferred_username": "ada" }),
        ),
        ("openid email", json!({ "email": "ada@example.com", "email_verified": false })),
        ("openid phone", json!({ "phone_number": "+441632960000", "phone_number_verified": false })),
        ("openid groups", json!({ "groups": ["app-wiki-editors", "app-wiki-readers", "staff"] })),
        ("openid everything", json!({})),
    ] {
        let tokens = house.tokens(&wiki, scope, &session).await;
        let mut expected = told;
        expected["sub"] = sub.as_str().into();
        assert_eq!(house.userinfo(&tokens.access_token).await.unwrap(), expected, "{scope}");
    }
    let without = house.tokens(&wiki, "email", &session).await;
    assert_eq!(without.id_token, None);
    assert_eq!(house.userinfo(&without.access_token).await, Err(ErrorCode::InsufficientScope));
}

#[tokio::test]
async fn single_claims_are_told_where_they_are_asked_for_and_no_further_than_the_scopes_of_the_application() {
    let house = house().await;
    described(&house).await;
    let session = house.signed_in().await;
    let settings = OidcClient {
        scopes: ["openid", "email"].map(str::to_owned).into(),
        claims_in_id_token: false,
        ..OidcClient::default()
    };
    let wiki = house.rp("Wiki", settings).await;
    let asked = r#"{"userinfo":{"email":null,"phone_number":{"essential":true},"groups":null,"sub":{"value":"me"}},"id_token":{"email":null,"name":null}}"#;
    let code = house.code(&wiki, &[("claims", asked)], &session).await;
    let tokens = house.redeem(&wiki, &code).await.unwrap();
    let told = house.userinfo(&tokens.access_token).await.unwrap();
    assert_eq!(told, json!({ "sub": house.ada.id.to_string(), "email": "ada@example.com" }));
    let said = claims(&tokens.id_token.unwrap());
    assert_eq!((said.get("email"), said.get("name")), (Some(&json!("ada@example.com")), None));
}

#[tokio::test]
async fn pairwise_names_are_others_for_every_application_and_always_the_same_for_one() {
    let house = house().await;
    let session = house.signed_in().await;
    let settings = OidcClient { subject_type: SubjectType::Pairwise, ..OidcClient::default() };
    let (one, other) = (house.rp("One", settings.clone()).await, house.rp("Other", settings).await);
    let mut subjects = Vec::new();
    for rp in [&one, &other, &one] {
        let tokens = house.tokens(rp, "openid", &session).await;
        let subject = claims(tokens.id_token.as_deref().unwrap())["sub"].as_str().unwrap().to_owned();
        assert_eq!(house.userinfo(&tokens.access_token).await.unwrap()["sub"], subject.as_str());
        assert_eq!(house.introspect(rp, &tokens.access_token).await["sub"], subject.as_str());
        assert!(!subject.contains(&house.ada.id.to_string()));
        subjects.push(subject);
    }
    assert!(subjects[0] != subjects[1] && subjects[0] == subjects[2]);
    // The name at one is no hint at the other.
    let hint = house.tokens(&one, "openid", &session).await.id_token.unwrap();
    let given = [("prompt", "none"), ("id_token_hint", hint.as_str())];
    code_in(house.comes(&one, &given, Some(&session)).await);
    assert_eq!(error_in(house.comes(&other, &given, Some(&session)).await), "login_required");
}

#[tokio::test]
async fn rules_tell_more_and_the_preview_tells_the_same() {
    let house = house().await;
    described(&house).await;
    let session = house.signed_in().await;
    let groups = |cut| ValueSource::Groups(GroupNames { prefix: "app-wiki-".into(), cut });
    let rules = vec![
        rule("roles", groups(true)),
        rule("all_roles", groups(false)),
        rule("cost", ValueSource::Attribute("cost_center".into())),
        rule("missing", ValueSource::Attribute("no_such".into())),
        rule("tenant", ValueSource::Literal("example".into())),
        rule("email", ValueSource::UserName),
    ];
    let wiki = house.rp("Wiki", OidcClient { claims: rules, ..OidcClient::default() }).await;
    let tokens = house.tokens(&wiki, "openid profile email phone groups", &session).await;
    let told = house.userinfo(&tokens.access_token).await.unwrap();
    assert_eq!(told["roles"], json!(["editors", "readers"]));
    assert_eq!(told["all_roles"], json!(["app-wiki-editors", "app-wiki-readers"]));
    assert_eq!((&told["cost"], &told["tenant"]), (&json!("12"), &json!("example")));
    assert_eq!((&told["email"], told.get("missing")), (&json!("ada"), None), "a rule comes last");
    let said = claims(&tokens.id_token.unwrap());
    for (name, value) in told.as_object().unwrap() {
        assert_eq!(&said[name], value, "{name} in the ID token");
    }
    let previewed = preview(&house.test.system(), wiki.id, "ada").await.unwrap();
    assert_eq!(json!(previewed), told);
    let refused = preview(&house.test.person(house.ada.id, &[]), wiki.id, "ada").await;
    assert!(matches!(refused, Err(AppError::Denied(_))), "{refused:?}");
    for (id, name) in [(ApplicationId::new(uuid::Uuid::from_u128(9)), "ada"), (wiki.id, "nobody")] {
        assert!(matches!(preview(&house.test.system(), id, name).await, Err(AppError::NotFound { .. })));
    }
}

#[tokio::test]
async fn no_rule_says_what_only_we_may_say() {
    let house = house().await;
    let wiki = house.wiki().await;
    let literal = || ValueSource::Literal("admin".into());
    let twice = vec![rule("a", literal()), rule("a", literal())];
    let of = |name: &str| vec![rule(name, literal())];
    for rules in
        ["sub", "iss", "aud", "acr", "amr", "auth_time", "cnf", "email_verified", "", "a b", "\u{e9}"]
            .map(of)
            .into_iter()
            .chain([twice])
    {
        let oidc = Some(OidcClient { claims: rules.clone(), ..OidcClient::default() });
        let input = UpdateApplication { oidc, ..UpdateApplication::default() };
        let refused = application::update(&house.test.system(), wiki.id, None, input).await;
        assert!(matches!(refused, Err(AppError::Invalid { .. })), "{rules:?}: {refused:?}");
    }
}
