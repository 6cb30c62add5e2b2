//! The token of a device that an application has remembered.

use sallyport_model::{
    Role,
    policy::{RememberedDevices, RememberedFor},
};

use super::*;
use crate::{remembered, session, settings};

impl House {
    async fn remembers(&self, hours: u32) {
        let system = self.test.system();
        let mut settings = settings::show(&system).await.unwrap().value;
        let reach = RememberedFor::All;
        settings.policy.remembered_devices = Some(RememberedDevices { hours, reach });
        settings::update(&system, None, settings).await.unwrap();
    }

    /// What somebody is told who passes the second door with a code.
    async fn passes(&self, name: &str, seed: &[u8]) -> AuthStatus {
        self.test.clock.advance(Span::seconds(30));
        let status = self.auth(name, AuthFactor::Passcode(self.code(seed))).await.unwrap();
        assert_eq!(said(&status), (AuthResult::Allow, Some(Status::Allow)));
        status
    }

    async fn token(&self, name: &str, seed: &[u8]) -> Secret {
        self.passes(name, seed).await.trusted_device_token().cloned().expect("a token")
    }
}

/// Whether whoever brings this token to this application is asked for nothing more.
async fn is_trusted(ctx: &Ctx, name: &str, token: &Secret) -> bool {
    let trusted_device_token = Some(token.clone());
    let request = PreauthRequest { trusted_device_token, ..preauth_of(UserRef::Name(name.into())) };
    match preauth(ctx, &request).await.unwrap().result {
        PreauthResult::Allow => true,
        PreauthResult::Auth { .. } | PreauthResult::Deny | PreauthResult::Enroll { .. } => false,
    }
}

#[tokio::test]
async fn a_token_is_given_and_taken_where_policy_remembers_and_nowhere_else() {
    let house = house().await;
    let seed = house.person_with_authenticator("alice").await;
    house.person_with_authenticator("bob").await;
    assert!(house.passes("alice", &seed).await.trusted_device_token().is_none());
    house.remembers(24).await;
    let token = house.token("alice", &seed).await;
    assert!(is_trusted(&house.ctx(), "alice", &token).await);
    assert!(is_trusted(&house.ctx(), "alice", &token).await, "as often as it is brought");
    assert!(!is_trusted(&house.ctx(), "bob", &token).await);
    assert!(!is_trusted(&house.other().await, "alice", &token).await);
    let (id, code) = token.expose().split_once('.').unwrap();
    let other = Secret::from(format!("{}.{code}", uuid::Uuid::from_u128(9)));
    for wrong in ["", "x", ".", id, code, &format!("{id}."), &format!("{id}.{}", "0".repeat(64))] {
        assert!(!is_trusted(&house.ctx(), "alice", &wrong.into()).await, "{wrong}");
    }
    assert!(!is_trusted(&house.ctx(), "alice", &other).await);
    // It is kept nowhere, and a code of an administrator's earns none.
    let dump = house.test.dump();
    assert!(!dump.windows(code.len()).any(|bytes| bytes == code.as_bytes()));
    let alice = user::resolve(&house.test.system(), "alice").await.unwrap().id;
    let bypass = factor::issue_bypass_codes(&house.test.system(), alice, 1, 3600).await.unwrap().remove(0);
    let status = house.auth("alice", AuthFactor::Passcode(bypass)).await.unwrap();
    assert_eq!(said(&status), (AuthResult::Allow, Some(Status::Allow)));
    assert!(status.trusted_device_token().is_none());
}

#[tokio::test]
async fn a_transaction_tells_the_token_each_time_it_is_asked_and_the_store_never_has_it() {
    let house = house().await;
    let seed = house.person_with_authenticator("alice").await;
    house.remembers(24).await;
    house.test.clock.advance(Span::seconds(30));
    let request = auth_of("alice", AuthFactor::Passcode(house.code(&seed)), true);
    let AuthResponse::Accepted { txid } = auth(&house.ctx(), &request).await.unwrap() else { panic!() };
    let asked = AuthStatusRequest { txid };
    let first = auth_status(&house.ctx(), &asked).await.unwrap();
    let token = first.trusted_device_token().expect("a token").clone();
    let again = auth_status(&house.ctx(), &asked).await.unwrap();
    assert_eq!(again.trusted_device_token().map(Secret::expose), Some(token.expose()));
    assert!(is_trusted(&house.ctx(), "alice", &token).await);
    let dump = house.test.dump();
    let code = token.expose().split_once('.').unwrap().1;
    assert!(!dump.windows(code.len()).any(|bytes| bytes == code.as_bytes()));
}

#[tokio::test]
async fn a_token_lasts_as_long_as_policy_says_when_it_is_brought() {
    for (then, now) in [(24, 24), (24, 2), (2, 24), (24, 0)] {
        let house = house().await;
        let seed = house.person_with_authenticator("alice").await;
        house.remembers(then).await;
        let token = house.token("alice", &seed).await;
        house.remembers(now).await;
        let mut passed = 0;
        for elapsed in [0, 1, 2, 23, 24] {
            house.test.clock.advance(Span::hours(elapsed - passed));
            passed = elapsed;
            let trusted = is_trusted(&house.ctx(), "alice", &token).await;
            assert_eq!(trusted, elapsed < i64::from(now), "{then} hours, then {now}, after {elapsed}");
        }
    }
}

#[tokio::test]
async fn a_token_is_void_after_whatever_voids_what_was_proved() {
    for blow in ["password", "suspension", "factor", "sessions", "own sessions", "forgotten", "role"] {
        let house = house().await;
        let seed = house.person_with_authenticator("alice").await;
        house.remembers(24).await;
        let token = house.token("alice", &seed).await;
        assert!(is_trusted(&house.ctx(), "alice", &token).await);
        let system = house.test.system();
        let id = user::resolve(&system, "alice").await.unwrap().id;
        let own = house.test.person(id, &[]);
        match blow {
            "password" => {
                drop(user::set_password(&system, id, &"barley canal sextant".into()).await.unwrap())
            }
            "suspension" => {
                user::suspend(&system, id).await.unwrap();
                assert!(!is_trusted(&house.ctx(), "alice", &token).await);
                user::activate(&system, id).await.unwrap();
            }
            "factor" => {
                let code = factor::issue_bypass_codes(&system, id, 1, 3600).await.unwrap();
                assert_eq!(code.len(), 1);
                let factors = factor::list(&system, id).await.unwrap();
                factor::remove(&system, id, factors[0].id).await.unwrap();
            }
            "sessions" => drop(session::end_all(&system, id, None).await.unwrap()),
            "own sessions" => drop(session::end_all(&own, id, None).await.unwrap()),
            "forgotten" => remembered::forget_all(&own, id).await.unwrap(),
            _ => drop(user::set_roles(&system, id, [Role::Auditor].into()).await.unwrap()),
        }
        assert!(!is_trusted(&house.ctx(), "alice", &token).await, "{blow}");
        if blow != "factor" {
            let next = house.passes("alice", &seed).await;
            assert_eq!(next.trusted_device_token().is_some(), blow != "role", "{blow}");
        }
    }
}
