use sallyport_api::rest::{CreatePolicy, SetDeviceLogin, UpdateGroup};
use sallyport_crypto::sign::PublicKey;
use sallyport_model::{
    GroupKind, Method, User,
    policy::{Applied, AuthorizedNetworks, GroupPolicy, Sections},
    settings::SecondDoorPolicy,
};

use super::*;
use crate::{
    Caller, device,
    device::testing::{device_member, user_member},
    factor, group, policy, settings as org_settings,
    testing::{self, TestOrg},
    user,
};

const PASSWORD: &str = "tulip-gravel-hovercraft";

/// Alice with a password and bypass codes, bound to a device.
struct House {
    test: TestOrg,
    alice: User,
    device: Device,
    codes: Vec<Secret>,
    logins: Logins,
}

async fn house() -> House {
    let test = testing::org().await;
    let alice = test.user_with_password("alice", PASSWORD).await;
    let device = test.active_device("laptop").await.device;
    test.bind("alice", "laptop").await;
    let codes = factor::issue_bypass_codes(&test.system(), alice.id, 3, 3600).await.unwrap();
    House { test, alice, device, codes, logins: Logins::default() }
}

impl House {
    fn ctx(&self) -> Ctx {
        let (id, name) = (self.device.id, self.device.name.clone());
        self.test.system().with_caller(Caller::Device { id, name })
    }

    async fn begin(&mut self, n: u8, user: &str, first_door: LoginFirstDoor) -> Vec<ServerMessage> {
        let begin = LoginBegin {
            conversation: conversation(n),
            user: user.into(),
            service: "sshd".into(),
            remote_host: Some("192.0.2.50".into()),
            first_door,
        };
        let (ctx, device) = (self.ctx(), self.device.clone());
        self.logins.begin(&ctx, &device, begin).await
    }

    async fn answer(&mut self, n: u8, text: &str) -> Vec<ServerMessage> {
        let (ctx, device) = (self.ctx(), self.device.clone());
        self.logins.answer(&ctx, &device, conversation(n), text.into()).await
    }

    fn decision(&self, messages: &[ServerMessage]) -> LoginDecision {
        let [ServerMessage::Login { conversation, step: LoginStep::Decided { decision } }] = messages else {
            panic!("{messages:?}")
        };
        let key: PublicKey = self.test.org.keys.device_signing().public();
        let signature = data_encoding::HEXLOWER.decode(decision.signature.as_bytes()).unwrap();
        assert!(key.verifies(context::LOGIN, decision.payload.as_bytes(), &signature));
        let decision: LoginDecision = serde_json::from_str(&decision.payload).unwrap();
        assert_eq!((&decision.conversation, decision.device), (conversation, self.device.id));
        decision
    }
}

fn conversation(n: u8) -> String {
    format!("{n:064x}")
}

fn vouched() -> LoginFirstDoor {
    LoginFirstDoor::Vouched { by: "pam_unix".into() }
}

fn password(password: &str) -> LoginFirstDoor {
    LoginFirstDoor::Password { password: password.into() }
}

fn prompt_text(messages: &[ServerMessage]) -> String {
    let [ServerMessage::Login { step: LoginStep::Prompt { text, .. }, .. }] = messages else {
        panic!("{messages:?}")
    };
    text.clone()
}

#[tokio::test]
async fn both_ways_through_the_first_door_end_with_a_signed_word() {
    let mut house = house().await;
    for (n, first_door) in [(1, vouched()), (2, password(PASSWORD))] {
        let asked = prompt_text(&house.begin(n, "alice", first_door).await);
        assert_eq!(asked, "Passcode for the second door (bypass code): ");
        let code = house.codes[usize::from(n)].expose().to_owned();
        let decision = house.answer(n, &code).await;
        let decision = house.decision(&decision);
        assert!(decision.allow && !decision.exempt, "{decision:?}");
        assert_eq!((decision.user.as_str(), decision.service.as_str()), ("alice", "sshd"));
        assert_eq!(decision.not_after, house.ctx().now.plus(Span::seconds(60)));
        assert!(house.answer(n, &code).await.is_empty());
    }
}

#[tokio::test]
async fn an_expired_password_is_refused_with_the_place_where_it_is_changed() {
    let mut house = house().await;
    let system = house.test.system();
    let mut settings = org_settings::show(&system).await.unwrap().value;
    settings.passwords.expire_after_days = 30;
    org_settings::update(&system, None, settings).await.unwrap();
    house.test.clock.advance(Span::days(31));
    for (n, first_door, told) in
        [(1, vouched(), true), (2, password(PASSWORD), true), (3, password("wrong"), false)]
    {
        let end = house.begin(n, "alice", first_door).await;
        let decision = house.decision(&end);
        assert!(!decision.allow && !decision.exempt, "{decision:?}");
        let text = decision.text;
        assert_eq!(
            text.contains("expired") && text.contains("https://sallyport.example.com"),
            told,
            "{text}"
        );
    }
}

#[tokio::test]
async fn wrong_codes_are_asked_for_again_so_often_and_no_more() {
    let mut house = house().await;
    house.begin(1, "alice", vouched()).await;
    for _ in 0..2 {
        let asked = prompt_text(&house.answer(1, "000000").await);
        assert!(asked.starts_with(&signin::WRONG_CODE.text()), "{asked}");
    }
    let end = house.answer(1, &"0".repeat(100_000)).await;
    let decision = house.decision(&end);
    assert!(!decision.allow && decision.text.contains(TOO_MANY_WRONG), "{decision:?}");
    let code = house.codes[0].expose().to_owned();
    assert!(house.answer(1, &code).await.is_empty());
}

#[tokio::test]
async fn a_code_opens_one_door() {
    let mut house = house().await;
    let code = house.codes[0].expose().to_owned();
    house.begin(1, "alice", vouched()).await;
    house.answer(1, &code).await;
    house.begin(2, "alice", vouched()).await;
    let asked = prompt_text(&house.answer(2, &code).await);
    assert!(asked.contains("Passcode"), "{asked}");
}

#[tokio::test]
async fn who_is_not_bound_here_and_who_is_nobody_are_refused_alike() {
    let mut house = house().await;
    house.test.user_with_password("bob", PASSWORD).await;
    let mut texts = std::collections::BTreeSet::new();
    for (n, (name, proof)) in
        [("bob", vouched()), ("nobody", vouched()), ("Alice", vouched())].into_iter().enumerate()
    {
        let said = house.begin(u8::try_from(n).unwrap(), name, proof).await;
        if name == "Alice" {
            // Another spelling is another account, however right the code.
            let code = house.codes[0].expose().to_owned();
            let said = house.answer(u8::try_from(n).unwrap(), &code).await;
            assert!(!house.decision(&said).allow);
        } else {
            let decision = house.decision(&said);
            assert!(!decision.allow);
            texts.insert(decision.text);
        }
    }
    assert_eq!(texts.len(), 1, "{texts:?}");
    let mut texts = std::collections::BTreeSet::new();
    for (n, (name, given)) in
        [("bob", PASSWORD), ("bob", "wrong-and-wrong"), ("nobody", PASSWORD)].into_iter().enumerate()
    {
        let said = house.begin(10 + u8::try_from(n).unwrap(), name, password(given)).await;
        let decision = house.decision(&said);
        assert!(!decision.allow);
        texts.insert(decision.text);
    }
    assert_eq!(texts.len(), 1, "{texts:?}");
}

#[tokio::test]
async fn a_suspension_closes_a_login_that_is_under_way() {
    let mut house = house().await;
    house.begin(1, "alice", vouched()).await;
    user::suspend(&house.test.system(), house.alice.id).await.unwrap();
    let code = house.codes[0].expose().to_owned();
    let end = house.answer(1, &code).await;
    assert!(!house.decision(&end).allow);
}

#[tokio::test]
async fn a_device_that_was_revoked_or_waits_lets_nobody_in() {
    let mut house = house().await;
    house.begin(1, "alice", vouched()).await;
    device::revoke(&house.test.system(), house.device.id).await.unwrap();
    let code = house.codes[0].expose().to_owned();
    let end = house.answer(1, &code).await;
    assert!(!house.decision(&end).allow);
    let end = house.begin(2, "alice", password(PASSWORD)).await;
    assert!(!house.decision(&end).allow);
}

#[tokio::test]
async fn only_a_vouched_login_can_be_exempt() {
    let mut house = house().await;
    let system = house.test.system();
    let settings = org_settings::show(&system).await.unwrap();
    let never = settings.value.clone().with_second_door(SecondDoorPolicy::Never);
    org_settings::update(&system, None, never).await.unwrap();
    for (n, first_door, exempt) in [(1, vouched(), true), (2, password(PASSWORD), false)] {
        let end = house.begin(n, "alice", first_door).await;
        let decision = house.decision(&end);
        assert_eq!((decision.allow, decision.exempt), (true, exempt));
    }
}

#[tokio::test]
async fn who_has_no_factor_is_told_where_to_get_one() {
    let mut house = house().await;
    house.test.user_with_password("bob", PASSWORD).await;
    house.test.bind("bob", "laptop").await;
    let end = house.begin(1, "bob", password(PASSWORD)).await;
    let decision = house.decision(&end);
    assert!(!decision.allow && decision.text.contains("https://sallyport.example.com"), "{decision:?}");
}

#[tokio::test]
async fn conversations_are_few_short_and_well_formed() {
    let mut house = house().await;
    for n in 0..64 {
        prompt_text(&house.begin(n, "alice", vouched()).await);
    }
    let end = house.begin(64, "alice", vouched()).await;
    assert_eq!(house.decision(&end).text, TOO_MANY_LOGINS);
    house.logins.cancel(&conversation(0));
    let end = house.begin(1, "alice", vouched()).await;
    assert!(!house.decision(&end).allow, "a conversation that is open is not begun again");

    house.test.clock.advance(Span::minutes(3));
    let code = house.codes[0].expose().to_owned();
    let end = house.answer(5, &code).await;
    assert_eq!(house.decision(&end).text, signin::START_AGAIN.text());
    prompt_text(&house.begin(64, "alice", vouched()).await);
    assert_eq!(house.logins.open.len(), 1);

    let (ctx, device) = (house.ctx(), house.device.clone());
    for (conversation, service, user, told) in [
        ("short".to_owned(), "sshd".to_owned(), "alice".to_owned(), false),
        (conversation(70), "ss\nhd".to_owned(), "alice".to_owned(), true),
        (conversation(71), "sshd".to_owned(), "a".repeat(1000), true),
    ] {
        let begin = LoginBegin { conversation, user, service, remote_host: None, first_door: vouched() };
        let said = house.logins.begin(&ctx, &device, begin).await;
        assert_eq!(!said.is_empty(), told);
        if told {
            assert!(!house.decision(&said).allow);
        }
    }
}

#[tokio::test]
async fn whom_the_device_does_not_ask_passes_with_the_reason_written_down() {
    let mut house = house().await;
    let system = house.test.system();
    let bob = house.test.user_with_password("bob", PASSWORD).await;
    house.test.bind("bob", "laptop").await;
    let ops = house.test.group("Ops", GroupKind::Users).await;
    house.test.join(&ops, user_member("alice")).await;
    let desks = house.test.group("Desks", GroupKind::Devices).await;
    house.test.join(&desks, device_member("laptop")).await;
    let login =
        SetDeviceLogin { groups: Some(vec!["ops".into()]), prompts: Some(1), ..SetDeviceLogin::default() };
    let update = UpdateGroup { device_login: Some(Some(login)), ..UpdateGroup::default() };
    group::update(&system, desks.id, None, update).await.unwrap();

    let outside = house.begin(1, "bob", vouched()).await;
    let outside = house.decision(&outside);
    assert!(outside.allow && outside.exempt, "{outside:?}");
    // Where the first door is ours we answer for it, and cannot step back.
    let own = house.begin(2, "bob", password(PASSWORD)).await;
    let own = house.decision(&own);
    assert!(own.allow && !own.exempt, "{own:?}");
    let wrong = house.begin(3, "bob", password("not it")).await;
    assert!(!house.decision(&wrong).allow);
    let reasons = system
        .read(move |reader| {
            let found = reader.list_sign_ins(None, "bob", 9)?;
            Ok(found.into_iter().map(|sign_in| sign_in.reasons).collect::<Vec<_>>())
        })
        .await
        .unwrap();
    let outside = |reasons: &&Vec<Reason>| **reasons == [Reason::OutsideLoginGroups];
    assert_eq!((reasons.len(), reasons.iter().filter(outside).count()), (3, 2), "{reasons:?}");

    // Inside, the group's number of prompts counts, not the organisation's.
    prompt_text(&house.begin(4, "alice", vouched()).await);
    let end = house.answer(4, "000000").await;
    assert!(!house.decision(&end).allow);

    user::suspend(&system, bob.id).await.unwrap();
    let suspended = house.begin(5, "bob", vouched()).await;
    assert!(!house.decision(&suspended).allow);
    let carl = house.test.user("carl").await;
    assert!(carl.is_active());
    let unbound = house.begin(6, "carl", vouched()).await;
    assert!(!house.decision(&unbound).allow);
}

#[tokio::test]
async fn a_code_is_texted_to_whoever_types_the_word_for_it_and_costs_no_attempt() {
    use crate::telephony::testing::{Company, phone_of, twilio};
    let mut house = house().await;
    let company = Company::of(&house.test, twilio()).await;
    phone_of(&house.test, house.alice.id, "+15005550010").await;
    let asked = house.begin(1, "alice", vouched()).await;
    let [ServerMessage::Login { step: LoginStep::Prompt { text, .. }, .. }] = &asked[..] else {
        panic!("{asked:?}")
    };
    assert!(
        text.contains("`sms1` for a code by text to Phone ending in 0010 or `phone1` for a call to"),
        "{text}"
    );
    let mut told = Vec::new();
    for _ in 0..4 {
        let messages = house.answer(1, "SMS").await;
        let [ServerMessage::Login { step: LoginStep::Prompt { text, .. }, .. }] = &messages[..] else {
            panic!("{messages:?}")
        };
        told.push(text.clone());
    }
    assert!(told[0].starts_with(&signin::ON_ITS_WAY.text()), "{}", told[0]);
    assert!(told[1].contains("half a minute"), "{}", told[1]);
    assert_eq!(company.texts().len(), 1);
    let code = company.codes().remove(0);
    let decided = house.answer(1, code.expose()).await;
    assert!(house.decision(&decided).allow);
}

#[tokio::test]
async fn a_code_is_mailed_by_the_same_word() {
    let mut house = house().await;
    let office = crate::mail::testing::Office::of(&house.test).await;
    crate::factor::mailed::tests::switch(&house.test, true).await;
    let mails = Some(vec!["alice@example.com".to_owned()]);
    let reachable = sallyport_api::rest::UpdateUser { mails, ..Default::default() };
    user::update(&house.test.system(), house.alice.id, None, reachable).await.unwrap();
    let asked = prompt_text(&house.begin(1, "alice", vouched()).await);
    assert!(asked.contains("`sms1` for a code by mail to a***@example.com"), "{asked}");
    let told = prompt_text(&house.answer(1, "sms").await);
    assert!(told.starts_with(&signin::ON_ITS_WAY.text()), "{told}");
    let mail = office.last();
    let code = mail.text.lines().find(|line| line.len() == 7 && line.bytes().all(|b| b.is_ascii_digit()));
    let decided = house.answer(1, code.expect("a code")).await;
    assert!(house.decision(&decided).allow);
}

#[tokio::test]
async fn the_digits_of_a_call_are_said_at_the_prompt_and_an_empty_answer_waits_for_them() {
    use crate::{
        hub::Wakeup,
        telephony::testing::{Company, phone_of, twilio},
    };
    let mut house = house().await;
    let company = Company::of(&house.test, twilio()).await;
    phone_of(&house.test, house.alice.id, "+15005550010").await;
    house.begin(1, "alice", vouched()).await;
    let rings = house.answer(1, "phone").await;
    let [ServerMessage::Login { step: LoginStep::Prompt { text, .. }, .. }] = &rings[..] else {
        panic!("{rings:?}")
    };
    assert!(text.contains("rings. Type ") && text.contains("press Enter"), "{text}");
    let digits =
        text.split(' ').find(|word| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit())).unwrap();
    company.type_in_call(&house.test.nobody(), 1, digits).await;
    let connection = house.test.org.hub.register(house.device.id);
    assert!(house.answer(1, "").await.is_empty(), "it comes when it is there");
    let decided = loop {
        if let Wakeup::Message(message) = connection.woken().await {
            break message;
        }
    };
    assert!(house.decision(&[decided]).allow);
}

/// Writes a policy.
async fn write(test: &TestOrg, name: &str, sections: Sections) -> sallyport_model::id::PolicyId {
    policy::create(&test.system(), CreatePolicy { name: name.into(), sections }).await.unwrap().id
}

/// Applies policies to logins at devices, and to nothing else.
async fn at_devices(test: &TestOrg, applied: Applied) {
    let mut settings = org_settings::show(&test.system()).await.unwrap().value;
    settings.device_policies = applied;
    org_settings::update(&test.system(), None, settings).await.unwrap();
}

/// Why the newest sign-in of this person ended.
async fn last_reasons(test: &TestOrg, name: &'static str) -> Vec<Reason> {
    let newest = test.system().read(move |reader| Ok(reader.list_sign_ins(None, name, 1)?)).await.unwrap();
    newest.into_iter().next().expect("a sign-in").reasons
}

#[tokio::test]
async fn a_method_that_does_not_count_at_devices_opens_none_and_the_portal_still() {
    let mut house = house().await;
    let bob = signin::tests::person(&house.test, "bob").await;
    house.test.bind("bob", "laptop").await;
    factor::issue_bypass_codes(&house.test.system(), bob.id, 1, 3600).await.unwrap();
    let both = prompt_text(&house.begin(1, "bob", vouched()).await);
    assert!(both.contains("authenticator app") && both.contains("bypass code"), "{both}");
    let only = |method| Sections { methods: Some([method].into()), ..Sections::default() };
    let codes = write(&house.test, "codes", only(Method::BypassCode)).await;
    at_devices(&house.test, Applied { policy: Some(codes), groups: Vec::new() }).await;

    let asked = prompt_text(&house.begin(2, "bob", vouched()).await);
    assert_eq!(asked, "Passcode for the second door (bypass code): ");
    let right = bob.code(&house.test, 0);
    for login in [1, 2] {
        // Also where the login began before.
        let again = prompt_text(&house.answer(login, right.expose()).await);
        assert!(again.starts_with(&signin::WRONG_CODE.text()), "{again}");
    }
    let nobody = house.test.nobody();
    let portal = signin::tests::to_second_door(&nobody, "bob").await;
    assert!(matches!(
        signin::passcode(&nobody, &portal.handle, &right).await.unwrap(),
        signin::Step::Allowed(_)
    ));

    // For members of a group something else counts, which nobody can be asked for at a device.
    let staff = house.test.group("Staff", GroupKind::Users).await;
    house.test.join(&staff, user_member("bob")).await;
    let passkeys = write(&house.test, "passkeys", only(Method::Passkey)).await;
    let groups = vec![GroupPolicy { group: staff.id, policy: passkeys }];
    at_devices(&house.test, Applied { policy: Some(codes), groups }).await;
    let end = house.begin(3, "bob", vouched()).await;
    assert!(!house.decision(&end).allow);
    house.begin(4, "alice", vouched()).await;
    let code = house.codes[0].expose().to_owned();
    let end = house.answer(4, &code).await;
    assert!(house.decision(&end).allow, "she is in no such group");
}

#[tokio::test]
async fn a_network_that_devices_are_not_reached_from_denies_with_its_reason_and_no_other_does() {
    let mut house = house().await;
    let from = |block: &str| Sections {
        authorized_networks: Some(AuthorizedNetworks {
            blocked: vec![block.parse().unwrap()],
            ..AuthorizedNetworks::default()
        }),
        ..Sections::default()
    };
    let elsewhere = write(&house.test, "elsewhere", from("198.51.100.0/24")).await;
    let here = write(&house.test, "here", from("192.0.2.0/24")).await;
    at_devices(&house.test, Applied { policy: Some(elsewhere), groups: Vec::new() }).await;
    prompt_text(&house.begin(1, "alice", vouched()).await);
    at_devices(&house.test, Applied { policy: Some(here), groups: Vec::new() }).await;
    for (n, first_door) in [(2, vouched()), (3, password(PASSWORD))] {
        let end = house.begin(n, "alice", first_door).await;
        assert!(!house.decision(&end).allow);
        assert_eq!(last_reasons(&house.test, "alice").await, [Reason::NetworkBlocked]);
        house.test.clock.advance(Span::seconds(1));
    }
    // Whoever stood before the second door as it was said is judged once more by what holds now.
    let code = house.codes[0].expose().to_owned();
    let end = house.answer(1, &code).await;
    assert!(!house.decision(&end).allow);
    // The portal is reached from there as before.
    let from_there = Ctx { source: Some([192, 0, 2, 50].into()), ..house.test.nobody() };
    let portal = signin::begin(&from_there, signin::tests::with_password("alice", PASSWORD)).await.unwrap();
    assert!(matches!(portal, signin::Step::SecondDoor(_)), "{portal:?}");
}
