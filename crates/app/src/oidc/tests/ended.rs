//! Whoever is out is out everywhere, at once.

use sallyport_model::{Role, UsedBy};

use super::*;
use crate::{passkey::tests::session_of, session, user};

/// Everything that an application holds about Ada.
struct Held {
    wiki: Rp,
    access: String,
    signed: String,
    refresh: String,
    code: String,
    ticket: Secret,
    session: Session,
    jwt: Rp,
}

async fn held(house: &House, scope: &str) -> Held {
    let session = house.signed_in().await;
    let settings =
        OidcClient { access_tokens: sallyport_model::oidc::AccessTokenFormat::Jwt, ..OidcClient::default() };
    let (wiki, jwt) = (house.wiki().await, house.rp("Signed", settings).await);
    let tokens = house.tokens(&wiki, scope, &session).await;
    let signed = house.tokens(&jwt, scope, &session).await.access_token;
    let code = house.code(&wiki, &[("scope", scope)], &session).await;
    let (ticket, _) = asked(house.comes(&wiki, &[("scope", scope)], None).await);
    let (access, refresh) = (tokens.access_token, tokens.refresh_token.unwrap());
    assert!(house.is_good(&wiki, &access).await && house.is_good(&jwt, &signed).await);
    assert!(house.is_good(&wiki, &refresh).await);
    Held { wiki, access, signed, refresh, code, ticket, session, jwt }
}

impl Held {
    async fn is_dead(&self, house: &House, what: &str) {
        for (rp, token) in
            [(&self.wiki, &self.access), (&self.jwt, &self.signed), (&self.wiki, &self.refresh)]
        {
            assert!(!house.is_good(rp, token).await, "{what}");
        }
        for token in [&self.access, &self.signed] {
            assert_eq!(house.userinfo(token).await, Err(ErrorCode::InvalidToken), "{what}");
        }
        assert_eq!(
            house.redeem(&self.wiki, &self.code).await.unwrap_err(),
            ErrorCode::InvalidGrant,
            "{what}"
        );
        assert_eq!(
            house.refresh(&self.wiki, &self.refresh).await.unwrap_err(),
            ErrorCode::InvalidGrant,
            "{what}"
        );
        let (_, ask) = asked(house.go_on(&self.ticket, Some(&self.session)).await);
        assert!(matches!(ask, Ask::SignIn { .. }), "{what}: {ask:?}");
    }
}

#[tokio::test]
async fn whatever_shuts_somebody_out_kills_all_that_applications_hold() {
    for what in ["suspend", "password", "lock", "role", "end_sessions"] {
        for scope in ["openid", "openid offline_access"] {
            let house = house().await;
            let (held, system, ada) = (held(&house, scope).await, house.test.system(), house.ada.id);
            match what {
                "suspend" => drop(user::suspend(&system, ada).await.unwrap()),
                "password" => {
                    drop(
                        user::set_password(&system, ada, &"another gravel hovercraft".into()).await.unwrap(),
                    );
                }
                "lock" => drop(user::lock::lock_password(&system, ada).await.unwrap()),
                "role" => drop(user::set_roles(&system, ada, [Role::Auditor].into()).await.unwrap()),
                _ => drop(session::end_all(&system, ada, None).await.unwrap()),
            }
            held.is_dead(&house, &format!("{what} {scope}")).await;
            if what == "suspend" {
                user::activate(&system, ada).await.unwrap();
                held.is_dead(&house, "what was dead stays dead").await;
            }
        }
    }
}

#[tokio::test]
async fn a_sign_out_ends_what_rests_on_the_session_and_nothing_that_was_given_beyond_it() {
    let house = house().await;
    let bound = held(&house, "openid").await;
    let (_, other) = session_of(&house.test, "ada", &house.ada).await;
    session::end(&house.test.nobody(), &bound.session).await.unwrap();
    bound.is_dead(&house, "signed out").await;
    // Another session of the same person is none of its business.
    code_in(house.comes(&bound.wiki, &[], Some(&other)).await);

    let chat = house.rp("Chat", OidcClient::default()).await;
    let tokens = house.tokens(&chat, "openid offline_access", &other).await;
    session::end(&house.test.nobody(), &other).await.unwrap();
    assert!(house.is_good(&chat, &tokens.access_token).await);
    let refreshed = house.refresh(&chat, &tokens.refresh_token.unwrap()).await.unwrap();
    user::suspend(&house.test.system(), house.ada.id).await.unwrap();
    assert!(!house.is_good(&chat, &refreshed.access_token).await);
    let refused = house.refresh(&chat, &refreshed.refresh_token.unwrap()).await;
    assert_eq!(refused.unwrap_err(), ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn what_a_session_gave_lasts_as_long_as_the_session_does_by_itself() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let mut token = house.tokens(&wiki, "openid", &session).await.refresh_token.unwrap();
    house.test.clock.advance(Span::hours(20));
    token = house.refresh(&wiki, &token).await.expect("being away ends no grant").refresh_token.unwrap();
    house.test.clock.advance(Span::hours(5));
    assert_eq!(house.refresh(&wiki, &token).await.unwrap_err(), ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn whoever_may_no_longer_use_an_application_gets_nothing_more_from_it() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let tokens = house.tokens(&wiki, "openid offline_access", &session).await;
    let nobody = UpdateApplication { used_by: Some(UsedBy::nobody()), ..UpdateApplication::default() };
    house.change(&wiki, nobody).await;
    let refused = house.refresh(&wiki, &tokens.refresh_token.unwrap()).await;
    assert_eq!(refused.unwrap_err(), ErrorCode::InvalidGrant);
    let Turn::Over { application, back, .. } = house.comes(&wiki, &[], Some(&session)).await else {
        panic!()
    };
    assert_eq!(application, "Wiki");
    assert_eq!(field(&back, "error"), Some("access_denied"));
    let silent = house.comes(&wiki, &[("prompt", "none")], Some(&session)).await;
    assert_eq!(error_in(silent), "access_denied");
}

#[tokio::test]
async fn what_shuts_an_application_counts_at_the_very_next_visit() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let is_let_in = async || {
        let turn = house.comes(&wiki, &[], Some(&session)).await;
        matches!(&turn, Turn::Back(back) if field(back, "code").is_some())
    };
    let used_by = |used_by| UpdateApplication { used_by: Some(used_by), ..UpdateApplication::default() };
    for _ in 0..2 {
        // Twice, so that the second answer comes from what is kept in memory.
        assert!(is_let_in().await && is_let_in().await);
        house.change(&wiki, used_by(UsedBy::nobody())).await;
        assert!(!is_let_in().await && !is_let_in().await);
        house.change(&wiki, used_by(UsedBy::Everybody)).await;
    }
    // A write that changes something itself sees it.
    assert!(is_let_in().await);
    let id = wiki.id;
    let system = house.test.system();
    let seen = system.write(move |tx| {
        tx.by_view()?;
        let ctx = tx.ctx;
        let view = &ctx.org.view;
        let before = view.application(tx, id)?.map(|found| found.enabled);
        let found = tx.application_to_manage(id)?;
        let disabled = sallyport_model::Application { enabled: false, ..found.value.clone() };
        let changed = tx.update(&found, disabled)?;
        tx.record(changed, "update");
        Ok((before, view.application(tx, id)?.map(|found| found.enabled)))
    });
    assert_eq!(seen.await.unwrap(), (Some(true), Some(false)));
}

#[tokio::test]
async fn a_suspension_at_one_node_counts_at_another() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let tokens = house.tokens(&wiki, "openid", &session).await;
    let token = tokens.access_token;
    let there = Ctx { source: house.test.nobody().source, ..house.test.other_node() };
    assert!(userinfo(&there, Scheme::Bearer, &token, None, "GET").await.is_ok());
    user::suspend(&house.test.system(), house.ada.id).await.unwrap();
    // What is read on SQLite may be as old as the last write of its node.
    there.write(|tx| Ok(tx.feed_head()?)).await.unwrap();
    assert!(userinfo(&there, Scheme::Bearer, &token, None, "GET").await.is_err());
}
