//! People who have both doors, and how they come through them at the API.

use sallyport_app::{Secret, factor};
use sallyport_crypto::totp;
use sallyport_model::{Role, Span, id::UserId};
use serde_json::json;

use crate::world::{Answer, PASSWORD, World, text};

pub(crate) const HOME: [u8; 4] = [192, 0, 2, 7];
pub(crate) const TRAIN: [u8; 4] = [203, 0, 113, 9];

/// Somebody with a password and an authenticator.
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) name: &'static str,
    pub(crate) seed: Vec<u8>,
}

impl World {
    pub(crate) async fn person(&self, name: &'static str, roles: &[Role]) -> Person {
        let created = self.owner().post("/users", json!({ "name": name, "active": true })).await.expect(201);
        self.owner()
            .put(&format!("/users/{name}/password"), json!({ "password": PASSWORD }))
            .await
            .expect(200);
        self.owner().put(&format!("/users/{name}/roles"), json!({ "roles": roles })).await.expect(200);
        let id = text(&created.json["id"]).parse().expect("an id");
        let code = factor::issue_enrollment_code(&self.system(), id, 3600).await.expect("a code");
        let pending = factor::begin_totp(&self.nobody(), &code).await.expect("begun");
        let seed = data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).expect("a seed");
        let person = Person { id, name, seed };
        let first = Secret::new(self.code(&person));
        factor::confirm_totp(&self.nobody(), &pending.handle, &first).await.expect("enrolled");
        person
    }

    pub(crate) fn code(&self, person: &Person) -> String {
        totp::code(&person.seed, totp::step_at(self.system().now.unix_seconds()))
    }

    /// A code that was not used before: time goes on to the next one.
    pub(crate) fn fresh_code(&self, person: &Person) -> String {
        self.advance(Span::seconds(30));
        self.code(person)
    }

    pub(crate) async fn first_door(&self, name: &str, password: &str) -> Answer {
        let given = json!({ "name": name, "password": password });
        self.caller("nobody").at(HOME).post("/sign-in", given).await
    }

    /// The handle with which somebody stands at the second door.
    pub(crate) async fn handle(&self, person: &Person) -> String {
        let begun = self.first_door(person.name, PASSWORD).await.expect(200);
        assert_eq!(begun.json["step"], "second_door");
        text(&begun.json["handle"])
    }

    pub(crate) async fn second_door(&self, handle: &str, passcode: &str) -> Answer {
        let given = json!({ "handle": handle, "passcode": passcode });
        self.caller("nobody").at(HOME).post("/sign-in/second-door", given).await
    }

    /// The token of somebody who came through both doors at home.
    pub(crate) async fn signed_in(&self, person: &Person) -> String {
        let handle = self.handle(person).await;
        let opened = self.second_door(&handle, &self.fresh_code(person)).await.expect(200);
        text(&opened.json["token"])
    }

    /// The token of a session of somebody who passed the first door alone.
    pub(crate) async fn by_one_door(&self, person: &Person) -> String {
        let ctx = self.system();
        let (secret, hash) = ctx.bearer("spb").expect("a secret");
        let found = self.owner().get(&format!("/users/{}", person.id)).await.expect(200);
        let session = sallyport_app::Session {
            hash,
            user: person.id,
            id: None,
            first_door: None,
            proofs: Vec::new(),
            bearer: true,
            opened_for: None,
            both_doors: false,
            epoch: found.json["credential_epoch"].as_i64().expect("an epoch"),
            networks: Vec::new(),
            form_token: String::new(),
            source: None,
            user_agent: String::new(),
            created: ctx.now,
            proved: None,
            expires: ctx.now.plus(Span::hours(1)),
            seen: ctx.now,
        };
        ctx.write(move |tx| Ok(tx.put_session(&session)?)).await.expect("a session");
        secret.expose().to_owned()
    }

    pub(crate) async fn step_up(&self, token: &str, passcode: &str) -> Answer {
        self.with_token(token).at(TRAIN).post("/step-up", json!({ "passcode": passcode })).await
    }
}
