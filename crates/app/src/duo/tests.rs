mod clients;
mod push;
mod texts_and_calls;
mod trusted;
mod unasked;

use data_encoding::BASE64;
use sallyport_api::rest::{CreateApplication, CreateUser, UpdateApplication};
use sallyport_crypto::{Secret, totp};
use sallyport_model::{
    ApplicationKind, Settings, Span, Telephony,
    id::UserId,
    policy::{AuthorizedNetworks, Sections},
    settings::SecondDoorPolicy,
};
use sallyport_wire::duo::auth::{
    AuthFactor, AuthResponse, AuthResult, AuthStatus, Capability, DeviceKind, DeviceRef, EnrollResponse,
    EnrollStatus, Origin, PreauthResult, PromptAnswer, PushNotice, Status,
};

use super::*;
use crate::{
    Tx, application, ctx, factor, signin,
    telephony::testing::{Company, phone_of, twilio},
    testing::{self, TestOrg},
    user,
};

pub(super) struct House {
    pub(super) test: TestOrg,
    pub(super) id: ApplicationId,
}

pub(super) async fn house() -> House {
    let test = testing::org().await;
    let input = CreateApplication { name: "SSH gateway".into(), kind: ApplicationKind::DuoAuthApi };
    let (application, _) = application::create(&test.system(), input).await.unwrap();
    House { id: application.id, test }
}

impl House {
    pub(super) fn ctx(&self) -> Ctx {
        self.test.nobody().with_caller(Caller::Application { id: self.id, name: "SSH gateway".into() })
    }

    /// Another application of the same organisation.
    async fn other(&self) -> Ctx {
        let input = CreateApplication { name: "VPN".into(), kind: ApplicationKind::DuoAuthApi };
        let (application, _) = application::create(&self.test.system(), input).await.unwrap();
        self.test.nobody().with_caller(Caller::Application { id: application.id, name: "VPN".into() })
    }

    pub(super) async fn person(&self, name: &str) -> UserId {
        let input = CreateUser { name: name.into(), active: true, ..CreateUser::default() };
        user::create(&self.test.system(), input).await.unwrap().id
    }

    /// The seed of an authenticator enrolled by `code`.
    async fn authenticator(&self, code: &Secret) -> Vec<u8> {
        let pending = factor::begin_totp(&self.test.nobody(), code).await.unwrap();
        let seed = data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).unwrap();
        let first = self.code(&seed);
        factor::confirm_totp(&self.test.nobody(), &pending.handle, &first).await.unwrap();
        self.test.clock.advance(Span::seconds(30));
        seed
    }

    pub(super) async fn person_with_authenticator(&self, name: &str) -> Vec<u8> {
        let id = self.person(name).await;
        let code = factor::issue_enrollment_code(&self.test.system(), id, 3600).await.unwrap();
        self.authenticator(&code).await
    }

    pub(super) fn code(&self, seed: &[u8]) -> Secret {
        totp::code(seed, totp::step_at(self.test.system().now.unix_seconds())).into()
    }

    async fn preauth(&self, name: &str) -> PreauthResult {
        preauth(&self.ctx(), &preauth_of(UserRef::Name(name.into()))).await.unwrap().result
    }

    pub(super) async fn auth(&self, name: &str, factor: AuthFactor) -> Result<AuthStatus, DuoError> {
        match auth(&self.ctx(), &auth_of(name, factor, false)).await? {
            AuthResponse::Done(status) => Ok(status),
            AuthResponse::Accepted { txid } => panic!("{txid}"),
        }
    }

    pub(super) async fn second_door(&self, policy: SecondDoorPolicy) {
        self.says(|said| said.second_door = Some(policy.clone())).await;
    }

    /// Asks nobody for the second door who comes from there, enrolled or not.
    pub(super) async fn spare(&self, block: &str) {
        let networks = AuthorizedNetworks {
            no_second_door: vec![block.parse().unwrap()],
            require_enrollment: false,
            ..AuthorizedNetworks::default()
        };
        self.says(|said| said.authorized_networks = Some(networks.clone())).await;
    }

    /// Changes the organisation's policy.
    pub(super) async fn says(&self, say: impl Fn(&mut Sections)) {
        let system = self.test.system();
        let mut said = system.read(|reader| Ok(ctx::settings(reader)?.value.policy)).await.unwrap();
        say(&mut said);
        let change = move |tx: &mut Tx<'_, '_>| {
            let before = ctx::settings(tx)?;
            let changed = tx.update(&before, Settings { policy: said.clone(), ..before.value.clone() })?;
            tx.record(changed, "update");
            Ok(())
        };
        system.write(change).await.unwrap();
    }
}

fn preauth_of(user: UserRef) -> PreauthRequest {
    PreauthRequest {
        user,
        origin: Origin::default(),
        trusted_device_token: None,
        client_supports_verified_push: false,
        text_prompt: true,
        fail_mode: None,
    }
}

fn auth_of(name: &str, factor: AuthFactor, is_async: bool) -> AuthRequest {
    AuthRequest {
        user: UserRef::Name(name.into()),
        factor,
        origin: Origin::default(),
        is_async,
        notice: PushNotice::default(),
        txid: None,
    }
}

fn said(status: &AuthStatus) -> (AuthResult, Option<Status>) {
    (status.result(), status.status())
}

fn refused(error: DuoError) -> (u32, Option<String>) {
    let error = ApiError::from(error);
    (error.code, error.detail)
}

#[tokio::test]
async fn a_passcode_lets_in_once() {
    let house = house().await;
    let seed = house.person_with_authenticator("alice").await;
    let code = house.code(&seed);
    let first = house.auth("Alice", AuthFactor::Passcode(code.clone())).await.unwrap();
    assert_eq!(said(&first), (AuthResult::Allow, Some(Status::Allow)));
    let again = house.auth("alice", AuthFactor::Passcode(code)).await.unwrap();
    assert_eq!(said(&again), (AuthResult::Deny, Some(Status::Deny)));
    assert_eq!(again.status_msg, signin::USED_CODE.text());
    house.test.clock.advance(Span::seconds(30));
    let typed = AuthFactor::Prompt(PromptAnswer::Passcode(house.code(&seed)));
    assert_eq!(said(&house.auth("alice", typed).await.unwrap()).0, AuthResult::Allow);
    let wrong = house.auth("alice", AuthFactor::Passcode("000000".into())).await.unwrap();
    assert_eq!((said(&wrong).0, wrong.status_msg), (AuthResult::Deny, signin::WRONG_CODE.into()));
}

#[tokio::test]
async fn an_asynchronous_auth_is_asked_about_by_its_application_for_five_minutes() {
    let house = house().await;
    let seed = house.person_with_authenticator("alice").await;
    let request = auth_of("alice", AuthFactor::Passcode(house.code(&seed)), true);
    let AuthResponse::Accepted { txid } = auth(&house.ctx(), &request).await.unwrap() else {
        panic!("not accepted")
    };
    assert_eq!(uuid::Uuid::parse_str(&txid).unwrap().hyphenated().to_string(), txid);
    let asked = AuthStatusRequest { txid };
    for _ in 0..2 {
        let status = auth_status(&house.ctx(), &asked).await.unwrap();
        assert_eq!(said(&status), (AuthResult::Allow, Some(Status::Allow)));
        assert!(!status.status_msg.is_empty());
    }
    let other = house.other().await;
    assert_eq!(refused(auth_status(&other, &asked).await.unwrap_err()), (40002, Some("txid".into())));
    house.test.clock.advance(Span::minutes(5).plus_one());
    assert_eq!(refused(auth_status(&house.ctx(), &asked).await.unwrap_err()), (40002, Some("txid".into())));
    let guessed = AuthStatusRequest { txid: "guess".into() };
    assert_eq!(refused(auth_status(&house.ctx(), &guessed).await.unwrap_err()).0, 40002);
}

trait PlusOne {
    fn plus_one(self) -> Self;
}

impl PlusOne for Span {
    fn plus_one(self) -> Self {
        Self(self.0 + 1)
    }
}

#[tokio::test]
async fn preauth_tells_what_would_happen_and_changes_nothing() {
    let house = house().await;
    house.person_with_authenticator("alice").await;
    house.person("bob").await;
    let head = *house.test.org.db.head().borrow();
    let PreauthResult::Auth { devices, prompt, .. } = house.preauth("alice").await else { panic!("no auth") };
    assert_eq!(devices.len(), 1);
    assert_eq!(devices[0].device[..2], *"DH");
    let prompt = prompt.unwrap();
    assert_eq!(prompt.factors, [("default".to_owned(), "passcode".to_owned())].into());
    assert!(prompt.text.ends_with("Enter a passcode: "), "{}", prompt.text);
    let PreauthResult::Enroll { portal_url, prompt } = house.preauth("bob").await else {
        panic!("no enroll")
    };
    assert_eq!(portal_url, "https://sallyport.example.com/enroll", "and no code: nobody proved anything yet");
    assert!(prompt.unwrap().contains(&portal_url));
    assert_eq!(house.preauth("nobody-here").await, PreauthResult::Deny);
    let unknown = preauth(&house.ctx(), &preauth_of(UserRef::Id("DUXXXXXXXXXXXXXXXXXX".into()))).await;
    assert_eq!(refused(unknown.unwrap_err()), (40002, Some("user_id".into())));
    assert_eq!(*house.test.org.db.head().borrow(), head);
}

#[tokio::test]
async fn who_is_shut_out_is_denied_in_a_success() {
    let house = house().await;
    let seed = house.person_with_authenticator("alice").await;
    let id = user::resolve(&house.test.system(), "alice").await.unwrap().id;
    user::suspend(&house.test.system(), id).await.unwrap();
    assert_eq!(house.preauth("alice").await, PreauthResult::Deny);
    let status = house.auth("alice", AuthFactor::Passcode(house.code(&seed))).await.unwrap();
    assert_eq!(said(&status), (AuthResult::Deny, Some(Status::Deny)));
    user::activate(&house.test.system(), id).await.unwrap();
    house.test.clock.advance(Span::seconds(30));
    assert_eq!(
        said(&house.auth("alice", AuthFactor::Passcode(house.code(&seed))).await.unwrap()).0,
        AuthResult::Allow
    );
    let off = UpdateApplication { enabled: Some(false), ..UpdateApplication::default() };
    application::update(&house.test.system(), house.id, None, off).await.unwrap();
    assert_eq!(house.preauth("alice").await, PreauthResult::Deny);
    house.test.clock.advance(Span::seconds(30));
    let status = house.auth("alice", AuthFactor::Passcode(house.code(&seed))).await.unwrap();
    assert_eq!(said(&status).0, AuthResult::Deny);
    let request = EnrollRequest { username: Some("carol".into()), valid_secs: 60, bypass_codes: 0 };
    assert_eq!(refused(enroll(&house.ctx(), &request).await.err().unwrap()).0, 40301);
}

#[tokio::test]
async fn guessing_ends_in_a_lockout() {
    let house = house().await;
    let seed = house.person_with_authenticator("alice").await;
    let mut last = None;
    for _ in 0..10 {
        last = house.auth("alice", AuthFactor::Passcode("000000".into())).await.unwrap().status();
    }
    assert_eq!(last, Some(Status::LockedOut));
    let right = house.auth("alice", AuthFactor::Passcode(house.code(&seed))).await.unwrap();
    assert_eq!(said(&right), (AuthResult::Deny, Some(Status::LockedOut)));
    assert_eq!(house.preauth("alice").await, PreauthResult::Deny);
}

#[tokio::test]
async fn where_no_second_door_is_asked_for_none_is_needed() {
    let house = house().await;
    house.person("bob").await;
    house.second_door(SecondDoorPolicy::Never).await;
    assert_eq!(house.preauth("bob").await, PreauthResult::Allow);
    let status = house.auth("bob", AuthFactor::Push(DeviceRef::Auto)).await.unwrap();
    assert_eq!(said(&status), (AuthResult::Allow, Some(Status::Bypass)));
}

#[tokio::test]
async fn what_nobody_has_cannot_be_asked_for() {
    let house = house().await;
    house.person_with_authenticator("alice").await;
    house.person("bob").await;
    let auto = || DeviceRef::Auto;
    for factor in [
        AuthFactor::Auto(auto()),
        AuthFactor::Push(auto()),
        AuthFactor::Phone(auto()),
        AuthFactor::Sms(auto()),
    ] {
        let error = house.auth("alice", factor).await.unwrap_err();
        assert_eq!(refused(error), (40002, Some("device".into())));
    }
    let typed = house.auth("alice", AuthFactor::Prompt(PromptAnswer::Push(1))).await.unwrap();
    assert_eq!(said(&typed).0, AuthResult::Deny);
    let enroll_first = house.auth("bob", AuthFactor::Push(auto())).await.unwrap();
    assert_eq!(said(&enroll_first).0, AuthResult::Deny);
    let unknown = house.auth("nobody-here", AuthFactor::Passcode("123456".into())).await.unwrap();
    assert_eq!((said(&unknown).0, unknown.status_msg), (AuthResult::Deny, signin::NO_ACCESS.into()));
}

async fn status_of(ctx: &Ctx, user_id: &str, code: &str) -> EnrollStatus {
    let request = EnrollStatusRequest { user_id: user_id.into(), activation_code: code.into() };
    enroll_status(ctx, &request).await.unwrap()
}

#[tokio::test]
async fn an_enrolment_is_followed_from_waiting_to_success() {
    let house = house().await;
    let request = EnrollRequest { username: Some("carol".into()), valid_secs: 3600, bypass_codes: 2 };
    let made: EnrollResponse = enroll(&house.ctx(), &request).await.ok().unwrap();
    let code =
        made.activation_url.strip_prefix("https://sallyport.example.com/enroll?code=").unwrap().to_owned();
    assert!(made.activation_code.starts_with(&format!("duo://{code}-")));
    assert!(made.activation_barcode.starts_with("https://sallyport.example.com/frame/qr?value=duo%3A%2F%2F"));
    assert_eq!(activation_page(&house.ctx(), &made.activation_code).unwrap(), made.activation_url);
    let elsewhere = format!("duo://{code}-{}", BASE64.encode(b"evil.example.com"));
    for foreign in [elsewhere.as_str(), "duo://", code.as_str(), "https://evil.example.com/", ""] {
        assert_eq!(activation_page(&house.ctx(), foreign), None, "{foreign}");
    }
    assert_eq!(made.expiration, house.test.system().now.unix_seconds() + 3600);
    assert_eq!((made.username.as_str(), made.bypass_codes.as_ref().unwrap().len()), ("carol", 2));
    assert_eq!(status_of(&house.ctx(), &made.user_id, &made.activation_code).await, EnrollStatus::Waiting);
    assert_eq!(
        status_of(&house.ctx(), &made.user_id, "duo://1234123412341234-eA==").await,
        EnrollStatus::Invalid
    );
    assert_eq!(status_of(&house.ctx(), &made.user_id, "duo://").await, EnrollStatus::Invalid);
    assert_eq!(status_of(&house.ctx(), "DUX", &made.activation_code).await, EnrollStatus::Invalid);
    let seed = house.authenticator(&code.into()).await;
    assert_eq!(status_of(&house.ctx(), &made.user_id, &made.activation_code).await, EnrollStatus::Success);
    let status = house.auth("carol", AuthFactor::Passcode(house.code(&seed))).await.unwrap();
    assert_eq!(said(&status).0, AuthResult::Allow);
    let bypass = Secret::from(made.bypass_codes.unwrap()[0].as_str());
    assert_eq!(said(&house.auth("carol", AuthFactor::Passcode(bypass)).await.unwrap()).0, AuthResult::Allow);
}

#[tokio::test]
async fn a_code_that_is_old_or_replaced_is_invalid() {
    let house = house().await;
    let request = EnrollRequest { username: None, valid_secs: 600, bypass_codes: 0 };
    let made = enroll(&house.ctx(), &request).await.ok().unwrap();
    assert!(made.username.starts_with("user-"));
    let id = user::resolve(&house.test.system(), &made.username).await.unwrap().id;
    house.test.clock.advance(Span::seconds(601));
    assert_eq!(status_of(&house.ctx(), &made.user_id, &made.activation_code).await, EnrollStatus::Invalid);
    factor::issue_enrollment_code(&house.test.system(), id, 600).await.unwrap();
    assert_eq!(status_of(&house.ctx(), &made.user_id, &made.activation_code).await, EnrollStatus::Invalid);
}

#[tokio::test]
async fn names_that_are_taken_or_unusable_are_refused() {
    let house = house().await;
    house.person("alice").await;
    for (name, detail) in
        [("ALICE", "username already exists"), ("root", "username: "), ("a b", "username: ")]
    {
        let request = EnrollRequest { username: Some(name.into()), valid_secs: 600, bypass_codes: 0 };
        let (code, said) = refused(enroll(&house.ctx(), &request).await.err().unwrap());
        assert_eq!(code, 40002);
        assert!(said.as_deref().is_some_and(|said| said.starts_with(detail)), "{name}: {said:?}");
    }
}

#[tokio::test]
async fn only_applications_ask() {
    let house = house().await;
    let system = house.test.system();
    assert!(check(&system).is_err());
    assert!(preauth(&system, &preauth_of(UserRef::Name("a".into()))).await.is_err());
    assert_eq!(check(&house.ctx()).unwrap().time, 1_767_225_600);
    let params = Params::from_query("username=nobody-here").unwrap();
    let reply = respond(&house.ctx(), Endpoint::Preauth, &params).await;
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains("\"result\":\"deny\""), "{}", reply.body);
    let reply = respond(&house.ctx(), Endpoint::Auth, &params).await;
    assert_eq!(reply.status, 400);
    assert!(reply.body.contains("40001") && reply.body.contains("factor"), "{}", reply.body);
}

#[tokio::test]
async fn the_older_api_is_answered_by_the_same_use_cases() {
    let house = house().await;
    let seed = house.person_with_authenticator("alice").await;
    house.person("bob").await;
    let ask = async |endpoint, query: &str| {
        let params = Params::from_query(query).unwrap();
        let reply = respond(&house.ctx(), Endpoint::RestV1(endpoint), &params).await;
        let body: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
        (reply.status, body["response"].clone())
    };
    let (_, preauth) = ask(RestV1::Preauth, "user=alice").await;
    assert_eq!(preauth["result"], "auth");
    assert!(preauth["prompt"].as_str().unwrap().contains("Two-factor sign-in for alice"), "{preauth}");
    let (_, enroll) = ask(RestV1::Preauth, "user=bob").await;
    assert_eq!(enroll["result"], "enroll");
    assert!(enroll["status"].as_str().unwrap().contains("https://sallyport.example.com/enroll"), "{enroll}");
    let (_, unknown) = ask(RestV1::Preauth, "user=nobody-here").await;
    assert_eq!(unknown, serde_json::json!({ "result": "deny", "status": signin::NO_ACCESS.text() }));

    let code = house.code(&seed);
    let (status, accepted) =
        ask(RestV1::Auth, &format!("user=alice&factor=auto&async=1&auto={}", code.expose())).await;
    let txid = accepted["txid"].as_str().unwrap();
    assert_eq!(status, 200);
    let (_, done) = ask(RestV1::Status, &format!("txid={txid}")).await;
    assert_eq!(done["result"], "allow", "{done}");
    let (_, again) = ask(RestV1::Auth, &format!("user=alice&factor=passcode&code={}", code.expose())).await;
    assert_eq!(again, serde_json::json!({ "result": "deny", "status": signin::USED_CODE.text() }));
    let (_, push) = ask(RestV1::Auth, "user=alice&factor=push&phone=phone1").await;
    assert_eq!(push["result"], "deny");
    assert_eq!(ask(RestV1::Check, "").await.1, "valid");
    assert_eq!(ask(RestV1::Status, "txid=guess").await.0, 400);
    assert_eq!(ask(RestV1::Auth, "user=alice").await.0, 400);
}
