use data_encoding::BASE64URL_NOPAD;
use sallyport_api::rest::CreateApplication;
use sallyport_crypto::{SystemRandom, p256::EcdsaKey};
use sallyport_model::{
    ApplicationKind, FactorKind, Role, Settings,
    policy::{AuthorizedNetworks, RememberedDevices},
    signin::{Reason, SignInState},
};

use super::{
    browser::{Question, Wish, Word, question},
    *,
};
use crate::{
    application,
    push::{
        self,
        tests::{Signer, activate_with},
    },
    session::{
        self,
        step_up::{Doors, SteppedUp, doors, pass},
    },
    settings,
    signin::{
        Answer, Begin, FirstDoorProof, NOT_REMEMBERED, SecondDoorStep, Step, answer, answer_and_remember,
        begin,
        tests::{PASSWORD, Person, denial, person},
    },
    testing::{self, TestOrg},
    user,
};

const NEW_PASSWORD: &str = "barley canal sextant";

/// A browser with a key of its own.
struct Key(EcdsaKey);

impl Key {
    fn make() -> Self {
        let pkcs8 = EcdsaKey::generate(&SystemRandom::new()).unwrap();
        Self(EcdsaKey::from_pkcs8(&pkcs8).unwrap())
    }

    /// As the page's script writes it.
    fn word(&self, what: &str, challenge: &str) -> Word {
        let signature = self.0.sign(format!("sallyport {what} 1\n{challenge}").as_bytes()).unwrap();
        let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let json = serde_json::json!({
            "challenge": challenge, "point": encode(self.0.public()), "signature": encode(&signature),
        });
        Word::parse(&json.to_string()).unwrap()
    }

    fn wish(&self, question: &Question) -> Option<Wish> {
        let word = self.word("remember", &question.remember);
        Some(Wish { word, user_agent: "Browser/1".into() })
    }

    fn remembered(&self, question: &Question) -> Answer {
        Answer::Remembered(Box::new(self.word("remembered", &question.remembered)))
    }
}

struct House {
    test: TestOrg,
    alice: Person,
    key: Key,
}

/// An organisation that remembers browsers for so many hours.
async fn house(hours: u32, reach: RememberedFor) -> House {
    let test = testing::org().await;
    let house = House { alice: person(&test, "alice").await, key: Key::make(), test };
    house
        .says(|settings| {
            settings.policy.remembered_devices = Some(RememberedDevices { hours, reach });
        })
        .await;
    house
}

impl House {
    async fn says(&self, change: impl FnOnce(&mut Settings)) {
        let system = self.test.system();
        let mut settings = settings::show(&system).await.unwrap().value;
        change(&mut settings);
        settings::update(&system, None, settings).await.unwrap();
    }

    async fn hours(&self, hours: u32) {
        let reach = RememberedFor::OneApplication;
        self.says(|settings| {
            settings.policy.remembered_devices = Some(RememberedDevices { hours, reach });
        })
        .await;
    }

    async fn application(&self, name: &str) -> Resource {
        let input = CreateApplication { name: name.into(), kind: ApplicationKind::DuoAuthApi };
        let (made, _) = application::create(&self.test.system(), input).await.unwrap();
        Resource::Application { application: made.id, name: name.into() }
    }

    fn later(&self, hours: u32) {
        self.test.clock.advance(Span::hours(i64::from(hours)));
    }

    /// Somebody at the second door of the portal, or of an application that vouches for them.
    async fn at_door(&self, name: &str, password: &str, resource: &Resource) -> (SecondDoorStep, Question) {
        let first_door = match resource {
            Resource::Portal => FirstDoorProof::Password(password.into()),
            Resource::Api | Resource::Application { .. } | Resource::DeviceLogin { .. } => {
                FirstDoorProof::Vouched { by: "the application".into() }
            }
        };
        let (nobody, name) = (self.test.nobody(), name.to_owned());
        let begun = begin(&nobody, Begin { name, resource: resource.clone(), first_door }).await.unwrap();
        let Step::SecondDoor(step) = begun else { panic!("no second door") };
        let question = question(&nobody, &step).unwrap();
        let nothing = Question { remember: String::new(), remembered: String::new(), known: Vec::new() };
        (step, question.unwrap_or(nothing))
    }

    async fn remember_at(&self, resource: &Resource) {
        self.test.clock.advance(Span::seconds(30));
        let (step, question) = self.at_door("alice", PASSWORD, resource).await;
        let code = Answer::Passcode(self.alice.code(&self.test, 0));
        let wish = self.key.wish(&question);
        let opened = answer_and_remember(&self.test.nobody(), &step.handle, code, wish).await.unwrap();
        assert!(matches!(opened, Step::Allowed(_)), "{opened:?}");
    }

    async fn is_known_at(&self, resource: &Resource) -> bool {
        !self.at_door("alice", PASSWORD, resource).await.1.known.is_empty()
    }

    async fn say_remembered(&self, password: &str) -> Step {
        let (step, question) = self.at_door("alice", password, &Resource::Portal).await;
        answer(&self.test.nobody(), &step.handle, self.key.remembered(&question)).await.unwrap()
    }
}

fn refused(step: &Step) -> bool {
    matches!(step, Step::SecondDoor(step) if step.problem == Some(NOT_REMEMBERED))
}

#[tokio::test]
async fn a_remembered_browser_needs_no_second_door_and_the_sign_in_says_why() {
    let mut house = house(24, RememberedFor::OneApplication).await;
    assert!(!house.is_known_at(&Resource::Portal).await);
    house.remember_at(&Resource::Portal).await;
    // What is remembered outlives the server, as the person expects it to.
    house.test.restart();
    let Step::Allowed(admission) = house.say_remembered(PASSWORD).await else { panic!() };
    assert_eq!(admission.reasons(), [Reason::DeviceRemembered]);
    assert!(!admission.both_doors());
    let sign_in = admission.sign_in().to_string();
    let logged = house.test.system().read(move |reader| Ok(reader.find_sign_in(&sign_in)?)).await.unwrap();
    let logged = logged.unwrap().sign_in;
    assert!(matches!(logged.state, SignInState::Allowed { .. }) && logged.second_door.is_none());
    let own = house.test.person(house.alice.id, &[]);
    let [browser] = &list(&own, house.alice.id).await.unwrap()[..] else { panic!() };
    assert_eq!((browser.user_agent.as_str(), &browser.resource), ("Browser/1", &Resource::Portal));
    assert_eq!(browser.until, browser.created.plus(Span::hours(24)));
}

#[tokio::test]
async fn what_was_tried_before_is_not_what_a_remembered_browser_came_in_by() {
    let house = house(24, RememberedFor::OneApplication).await;
    house.remember_at(&Resource::Portal).await;
    house.test.clock.advance(Span::seconds(1));
    let (step, question) = house.at_door("alice", PASSWORD, &Resource::Portal).await;
    let alice = house.alice.id;
    let id = house
        .test
        .system()
        .write(move |tx| {
            let found = tx.sign_ins_of(alice, None, 1)?.remove(0);
            let stored = tx.find_sign_in(&found.id.to_string())?.unwrap();
            let asked = sallyport_model::signin::SignIn { tried: Some(FactorKind::Push), ..stored.sign_in };
            tx.put_sign_in(&asked, &stored.handle)?;
            Ok(asked.id.to_string())
        })
        .await
        .unwrap();
    let opened = answer(&house.test.nobody(), &step.handle, house.key.remembered(&question)).await.unwrap();
    assert!(matches!(opened, Step::Allowed(_)), "{opened:?}");
    let logged = house.test.system().read(move |reader| Ok(reader.find_sign_in(&id)?)).await.unwrap();
    assert_eq!(logged.unwrap().sign_in.tried, None);
}

#[tokio::test]
async fn nothing_that_can_be_copied_out_of_a_browser_opens_anything() {
    let house = house(24, RememberedFor::OneApplication).await;
    house.remember_at(&Resource::Portal).await;
    let nobody = house.test.nobody();
    let (step, asked) = house.at_door("alice", PASSWORD, &Resource::Portal).await;
    let (other, asked_of_other) = house.at_door("alice", PASSWORD, &Resource::Portal).await;
    // The thumbprint and the question are on the page, the key is not.
    let thief = Key::make();
    assert!(refused(&answer(&nobody, &step.handle, thief.remembered(&asked)).await.unwrap()));
    let forged = Word { point: *house.key.0.public(), ..thief.word("remembered", &asked.remembered) };
    assert!(refused(&answer(&nobody, &step.handle, Answer::Remembered(Box::new(forged))).await.unwrap()));
    // A word for another sign-in, or for another purpose.
    let foreign = house.key.remembered(&asked_of_other);
    assert!(refused(&answer(&nobody, &step.handle, foreign).await.unwrap()));
    for (what, challenge) in
        [("remember", &asked.remember), ("remembered", &asked.remember), ("remember", &asked.remembered)]
    {
        let word = Answer::Remembered(Box::new(house.key.word(what, challenge)));
        assert!(refused(&answer(&nobody, &step.handle, word).await.unwrap()), "{what}");
    }
    // The sign-in goes on, and the true key opens it, once.
    let word = house.key.remembered(&asked);
    assert!(matches!(answer(&nobody, &step.handle, word.clone()).await.unwrap(), Step::Allowed(_)));
    assert!(matches!(answer(&nobody, &step.handle, word.clone()).await.unwrap(), Step::Denied(_)));
    assert!(refused(&answer(&nobody, &other.handle, word).await.unwrap()));
    // The key of one person says nothing for another.
    let bob = person(&house.test, "bob").await;
    let (step, asked) = house.at_door("bob", PASSWORD, &Resource::Portal).await;
    assert!(asked.known.is_empty());
    assert!(refused(&answer(&nobody, &step.handle, house.key.remembered(&asked)).await.unwrap()));
    assert!(list(&house.test.system(), bob.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_word_waits_for_its_door_no_longer_than_the_door() {
    let house = house(24, RememberedFor::OneApplication).await;
    house.remember_at(&Resource::Portal).await;
    let (step, asked) = house.at_door("alice", PASSWORD, &Resource::Portal).await;
    house.test.clock.advance(Span::minutes(6));
    let late = answer(&house.test.nobody(), &step.handle, house.key.remembered(&asked)).await.unwrap();
    assert_eq!(denial(late).text, crate::signin::START_AGAIN);
}

/// What voids what was remembered.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Blow {
    EndAllByAdministrator,
    EndAllByOneself,
    FactorRemoved,
    Forgotten,
    ForgottenAll,
    MethodOff,
    NoHoursAnyMore,
    PasswordSet,
    PhoneSetUpAnew,
    Suspended,
}

async fn strike(house: &House, blow: Blow) {
    let (system, id) = (house.test.system(), house.alice.id);
    let own = house.test.person(id, &[]);
    match blow {
        Blow::EndAllByAdministrator => {
            session::end_all(&system, id, None).await.unwrap();
        }
        Blow::EndAllByOneself => {
            session::end_all(&own, id, None).await.unwrap();
        }
        Blow::FactorRemoved => {
            let factors = factor::list(&system, id).await.unwrap();
            let totp = factors.iter().find(|factor| factor.kind() == FactorKind::Totp).unwrap();
            factor::remove(&system, id, totp.id).await.unwrap();
        }
        Blow::Forgotten => {
            let browser = list(&own, id).await.unwrap().remove(0);
            forget(&own, id, &browser.id).await.unwrap();
        }
        Blow::ForgottenAll => forget_all(&system, id).await.unwrap(),
        Blow::MethodOff => {
            let methods = [sallyport_model::policy::Method::BypassCode].into();
            house.says(|settings| settings.policy.methods = Some(methods)).await;
        }
        Blow::NoHoursAnyMore => house.hours(0).await,
        Blow::PasswordSet => {
            user::set_password(&system, id, &NEW_PASSWORD.into()).await.unwrap();
        }
        Blow::PhoneSetUpAnew => {
            let code = push::tests::begun(&house.test, "alice", &house.alice).await.code;
            let made =
                activate_with(&house.test, &code, Signer::Browser(push::tests::browser())).await.unwrap();
            assert!(house.is_known_at(&Resource::Portal).await, "one more factor voids nothing");
            let begun = push::reactivation::issue(&system, id, made.phone.factor.id, 3600).await.unwrap();
            activate_with(&house.test, &begun.code, Signer::Browser(push::tests::browser())).await.unwrap();
        }
        Blow::Suspended => {
            user::suspend(&system, id).await.unwrap();
            user::activate(&system, id).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_was_remembered_is_void_after_whatever_voids_what_was_proved() {
    for blow in [
        Blow::EndAllByAdministrator,
        Blow::EndAllByOneself,
        Blow::FactorRemoved,
        Blow::Forgotten,
        Blow::ForgottenAll,
        Blow::MethodOff,
        Blow::NoHoursAnyMore,
        Blow::PasswordSet,
        Blow::PhoneSetUpAnew,
        Blow::Suspended,
    ] {
        let house = house(24, RememberedFor::OneApplication).await;
        house.remember_at(&Resource::Portal).await;
        // So that there is a second door after it.
        factor::issue_bypass_codes(&house.test.system(), house.alice.id, 1, 3600).await.unwrap();
        let (half_way, asked) = house.at_door("alice", PASSWORD, &Resource::Portal).await;
        assert_eq!(asked.known.len(), 1, "{blow:?}");
        strike(&house, blow).await;
        let late =
            answer(&house.test.nobody(), &half_way.handle, house.key.remembered(&asked)).await.unwrap();
        assert!(!matches!(late, Step::Allowed(_)), "{blow:?} does not reach who is at the door");
        let password = if blow == Blow::PasswordSet { NEW_PASSWORD } else { PASSWORD };
        let (step, mut asked) = house.at_door("alice", password, &Resource::Portal).await;
        assert!(asked.known.is_empty(), "{blow:?}");
        if asked.remembered.is_empty() {
            // Nothing is asked of the browser any more; whoever answers a former question is refused as well.
            asked.remembered = house_question(&house, &step);
        }
        let step = answer(&house.test.nobody(), &step.handle, house.key.remembered(&asked)).await.unwrap();
        assert!(refused(&step), "{blow:?}: {step:?}");
        assert!(list(&house.test.system(), house.alice.id).await.unwrap().is_empty(), "{blow:?}");
    }
}

/// A question as it would be asked if policy still remembered.
fn house_question(house: &House, step: &SecondDoorStep) -> String {
    let remembering = browser::AtDoor { hours: 1, known: Vec::new() };
    let step = SecondDoorStep { remembering, ..step.clone() };
    question(&house.test.nobody(), &step).unwrap().unwrap().remembered
}

#[tokio::test]
async fn it_lasts_as_long_as_policy_says_then_and_now() {
    for (then, now) in [(1, 1), (24, 24), (24, 2), (2, 24), (24, 0), (720, 720)] {
        let house = house(then, RememberedFor::OneApplication).await;
        house.remember_at(&Resource::Portal).await;
        house.hours(now).await;
        let lasts: u32 = then.min(now);
        let mut passed = 0;
        for elapsed in [0, 1, 2, 3, 23, 24, 25, 719, 720] {
            house.later(elapsed - passed);
            passed = elapsed;
            let known = house.is_known_at(&Resource::Portal).await;
            assert_eq!(known, elapsed < lasts, "{then} hours, then {now}, after {elapsed}");
        }
        assert!(refused(&house.say_remembered(PASSWORD).await) || now == 0);
    }
}

#[tokio::test]
async fn it_reaches_as_far_as_policy_says() {
    for reach in [RememberedFor::OneApplication, RememberedFor::All] {
        let house = house(24, reach).await;
        let (wiki, mail) = (house.application("Wiki").await, house.application("Mail").await);
        house.remember_at(&wiki).await;
        let all = reach == RememberedFor::All;
        assert!(house.is_known_at(&wiki).await);
        assert_eq!(house.is_known_at(&mail).await, all);
        assert_eq!(house.is_known_at(&Resource::Portal).await, all);
        // What was remembered for one place does not grow, and what was for all shrinks.
        let other = if all { RememberedFor::OneApplication } else { RememberedFor::All };
        house
            .says(|settings| {
                settings.policy.remembered_devices = Some(RememberedDevices { hours: 24, reach: other });
            })
            .await;
        assert!(house.is_known_at(&wiki).await);
        assert!(!house.is_known_at(&mail).await);
    }
}

#[tokio::test]
async fn whom_and_what_nothing_is_remembered_of() {
    let house = house(24, RememberedFor::All).await;
    let (system, id) = (house.test.system(), house.alice.id);
    let nobody = house.test.nobody();
    // A program at the API has no browser, and a device's login has none either.
    let begin_at = async |resource: Resource| {
        let first_door = FirstDoorProof::Password(PASSWORD.into());
        begin(&nobody, Begin { name: "alice".into(), resource, first_door }).await.unwrap()
    };
    let Step::SecondDoor(step) = begin_at(Resource::Api).await else { panic!() };
    assert_eq!(step.remembering.hours, 0);
    let device = sallyport_model::id::DeviceId::new(uuid::Uuid::from_u128(5));
    let login = Resource::DeviceLogin { device, name: "laptop".into(), service: "sshd".into() };
    let alice = user::show(&system, id).await.unwrap();
    assert!(!is_for(&alice, &login) && !is_for(&alice, &Resource::Api) && is_for(&alice, &Resource::Portal));
    // What a bypass code opens is not remembered.
    let code = factor::issue_bypass_codes(&system, id, 1, 3600).await.unwrap().remove(0);
    let (step, asked) = house.at_door("alice", PASSWORD, &Resource::Portal).await;
    let wish = house.key.wish(&asked);
    let opened = answer_and_remember(&nobody, &step.handle, Answer::Passcode(code), wish).await.unwrap();
    assert!(matches!(opened, Step::Allowed(_)));
    assert!(!house.is_known_at(&Resource::Portal).await);
    // Nor is anybody who has a role: neither from before nor from then on.
    house.remember_at(&Resource::Portal).await;
    assert!(house.is_known_at(&Resource::Portal).await);
    user::set_roles(&system, id, [Role::Auditor].into()).await.unwrap();
    let (step, asked) = house.at_door("alice", PASSWORD, &Resource::Portal).await;
    assert_eq!((step.remembering.hours, asked.known.len()), (0, 0));
    house.remember_at(&Resource::Portal).await;
    assert!(list(&system, id).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_second_door_that_a_network_requires_is_not_spared() {
    let house = house(24, RememberedFor::OneApplication).await;
    house.remember_at(&Resource::Portal).await;
    house
        .says(|settings| {
            let second_door = vec!["192.0.2.0/24".parse().unwrap()];
            settings.policy.authorized_networks =
                Some(AuthorizedNetworks { second_door, ..AuthorizedNetworks::default() });
        })
        .await;
    assert!(!house.is_known_at(&Resource::Portal).await);
    assert!(refused(&house.say_remembered(PASSWORD).await));
}

#[tokio::test]
async fn an_expired_password_is_replaced_behind_the_second_door_only() {
    let house = house(8760, RememberedFor::OneApplication).await;
    house.remember_at(&Resource::Portal).await;
    house.says(|settings| settings.passwords.expire_after_days = 30).await;
    house.later(31 * 24);
    assert!(!house.is_known_at(&Resource::Portal).await);
    assert!(refused(&house.say_remembered(PASSWORD).await));
}

#[tokio::test]
async fn guessers_at_codes_do_not_shut_out_who_is_remembered() {
    let house = house(24, RememberedFor::OneApplication).await;
    house.remember_at(&Resource::Portal).await;
    let nobody = house.test.nobody();
    let (step, asked) = house.at_door("alice", PASSWORD, &Resource::Portal).await;
    for _ in 0..6 {
        answer(&nobody, &step.handle, Answer::Passcode("000000".into())).await.unwrap();
    }
    drop(asked);
    assert!(matches!(house.say_remembered(PASSWORD).await, Step::Allowed(_)));
}

#[tokio::test]
async fn whoever_is_remembered_is_behind_one_door_until_they_pass_the_second() {
    let house = house(24, RememberedFor::OneApplication).await;
    house.remember_at(&Resource::Portal).await;
    let nobody = house.test.nobody();
    let Step::Allowed(admission) = house.say_remembered(PASSWORD).await else { panic!() };
    let (cookie, _) = session::open(&nobody, &admission, "test").await.unwrap();
    let (ctx, _, session) = session::authenticate(&nobody, cookie.expose()).await.unwrap();
    assert_eq!(doors(&ctx, &session), Doors::One);
    assert!(factor::begin_own_totp(&ctx, &session).await.is_err(), "factors are managed behind both doors");
    let wrong = pass(&ctx, &session, &Resource::Portal, Answer::Passcode("000000".into())).await.unwrap();
    assert!(matches!(wrong, SteppedUp::NotYet { .. }));
    // A session that is open proves itself by the person, not by the browser it is in.
    let asked = Question { remembered: String::new(), remember: String::new(), known: Vec::new() };
    let not = pass(&ctx, &session, &Resource::Portal, house.key.remembered(&asked)).await.unwrap();
    assert!(matches!(not, SteppedUp::NotYet { .. }));
    house.test.clock.advance(Span::seconds(30));
    let (nobody, code) = (house.test.nobody(), house.alice.code(&house.test, 0));
    let ctx = crate::Ctx { now: nobody.now, ..ctx };
    let SteppedUp::Through(next) =
        pass(&ctx, &session, &Resource::Portal, Answer::Passcode(code)).await.unwrap()
    else {
        panic!()
    };
    let (ctx, _, session) = session::authenticate(&nobody, next.expose()).await.unwrap();
    assert_eq!(doors(&ctx, &session), Doors::Both);
    factor::begin_own_totp(&ctx, &session).await.unwrap();
}

#[tokio::test]
async fn only_who_may_see_and_forget_what_is_remembered_does() {
    let house = house(24, RememberedFor::OneApplication).await;
    house.remember_at(&Resource::Portal).await;
    let (id, bob) = (house.alice.id, person(&house.test, "bob").await);
    let browser = list(&house.test.system(), id).await.unwrap().remove(0);
    let stranger = house.test.person(bob.id, &[]);
    assert!(matches!(list(&stranger, id).await, Err(AppError::Denied(_))));
    assert!(matches!(forget(&stranger, id, &browser.id).await, Err(AppError::Denied(_))));
    assert!(matches!(forget_all(&stranger, id).await, Err(AppError::Denied(_))));
    let auditor = house.test.person(bob.id, &[Role::Auditor]);
    assert_eq!(list(&auditor, id).await.unwrap().len(), 1);
    assert!(forget_all(&auditor, id).await.is_err());
    // One's own id names nothing of anybody else's.
    assert!(matches!(forget(&stranger, bob.id, &browser.id).await, Err(AppError::NotFound { .. })));
    let help_desk = house.test.person(bob.id, &[Role::HelpDesk]);
    forget(&help_desk, id, &browser.id).await.unwrap();
    assert!(matches!(forget(&help_desk, id, &browser.id).await, Err(AppError::NotFound { .. })));
    assert!(!house.is_known_at(&Resource::Portal).await);
}

#[tokio::test]
async fn the_oldest_of_too_many_browsers_give_way() {
    let mut house = house(720, RememberedFor::OneApplication).await;
    for _ in 0..MOST + 2 {
        house.key = Key::make();
        house.remember_at(&Resource::Portal).await;
    }
    let kept = list(&house.test.system(), house.alice.id).await.unwrap();
    assert_eq!(kept.len(), MOST);
    // The same browser once more is the same browser.
    house.remember_at(&Resource::Portal).await;
    let again = list(&house.test.system(), house.alice.id).await.unwrap();
    assert_eq!((again.len(), &again[0].id), (MOST, &kept[0].id));
}

#[tokio::test]
async fn what_a_passkey_opened_is_forgotten_while_its_model_does_not_count() {
    use crate::passkey::{self, tests as passkeys};
    let house = house(24, RememberedFor::OneApplication).await;
    let (own, session) = passkeys::session_of(&house.test, "alice", &house.alice).await;
    let soft = passkeys::soft(&house.test, house.alice.id);
    passkeys::enroll(&own, &session, &soft).await.unwrap();
    let (step, asked) = house.at_door("alice", PASSWORD, &Resource::Portal).await;
    let nobody = house.test.nobody();
    let options = passkey::ask_at_second_door(&nobody, &step.handle, &step.offers).await.unwrap().unwrap();
    let by_passkey = Answer::Passkey(passkeys::answer_to(&soft, &options));
    let opened =
        answer_and_remember(&nobody, &step.handle, by_passkey, house.key.wish(&asked)).await.unwrap();
    assert!(matches!(opened, Step::Allowed(_)), "{opened:?}");
    assert!(house.is_known_at(&Resource::Portal).await);
    let maker = sallyport_wire::webauthn::soft::maker::Maker::new("Acme");
    let aaguid = "ee882879-721c-4913-9775-3dfcce97072a";
    let model = sallyport_api::rest::NamePasskeyModel {
        aaguid: Some(aaguid.into()),
        name: Some("Acme Key".into()),
        roots: Some(maker.root.1),
        metadata: None,
    };
    passkey::models::name(&house.test.system(), &model).await.unwrap();
    assert!(!house.is_known_at(&Resource::Portal).await);
    passkey::models::remove(&house.test.system(), aaguid).await.unwrap();
    assert!(house.is_known_at(&Resource::Portal).await);
}
