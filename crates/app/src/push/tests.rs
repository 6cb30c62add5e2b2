//! A phone of the test's own: a key that cannot be exported, or a passkey, and what both say.

mod nodes;
mod storms;

use sallyport_crypto::{SystemRandom, p256::EcdsaKey};
use sallyport_model::{
    Span,
    policy::{Applied, NumberWhen, Sections, VerifiedPush},
    signin::{Reason, Resource, SignInState},
};
use sallyport_wire::webauthn::soft::{SoftAuthenticator, TOUCHED};

use super::{activation::Begun, *};
use crate::{
    factor::{self},
    session,
    signin::{
        self, Answer, Begin, FirstDoorProof, SecondDoorStep, Step,
        challenge::{Shows, ask, wait},
        tests::{Person, passcode_of, person, to_second_door},
    },
    testing::{self, TestOrg},
};

const SOON: Duration = Duration::from_millis(20);

pub(crate) enum Signer {
    Browser(EcdsaKey),
    Passkey(SoftAuthenticator),
}

/// A phone as its page sees it.
pub(crate) struct Handset {
    signer: Signer,
    pub(crate) phone: Phone,
    /// What its browser keeps.
    pub(crate) secret: Secret,
}

impl Handset {
    fn sign(&self, text: &str) -> By {
        match &self.signer {
            Signer::Browser(pair) => {
                By::BrowserKey { signature: pair.sign(text.as_bytes()).unwrap().to_vec() }
            }
            Signer::Passkey(soft) => {
                let answer = soft.get(&hash_of(text));
                By::Passkey(Box::new(sallyport_wire::webauthn::Assertion::parse(&answer).unwrap()))
            }
        }
    }

    pub(crate) async fn request(&self, test: &TestOrg) -> Request {
        requests(&test.nobody(), &self.phone, SOON).await.unwrap().remove(0)
    }

    /// Says yes to a request with this number, as the page does it.
    pub(crate) async fn yes(&self, test: &TestOrg, request: &Request, number: &str) -> Result<(), AppError> {
        self.yes_at(&test.nobody(), request, number).await
    }

    /// The same at the node of this call.
    async fn yes_at(&self, ctx: &Ctx, request: &Request, number: &str) -> Result<(), AppError> {
        answer(ctx, &self.phone, request.id, self.says(request, number)).await
    }

    /// That yes as it goes over the wire.
    fn says(&self, request: &Request, number: &str) -> Proved {
        Proved::Yes { number: number.into(), by: self.sign(&text_of(request, number)) }
    }

    /// Says of what it is asked that it was somebody else.
    pub(crate) async fn says_not_me(&self, test: &TestOrg) {
        let request = self.request(test).await;
        answer(&test.nobody(), &self.phone, request.id, Proved::NotMe).await.unwrap();
    }
}

/// What the page signs, put together from what it shows.
fn text_of(request: &Request, number: &str) -> String {
    let Request { id, what, place, device, at, .. } = request;
    format!("sallyport approve 2\n{id}\n{what}\n{place}\n{device}\n{at}\n{number}")
}

pub(crate) fn browser() -> EcdsaKey {
    EcdsaKey::from_pkcs8(&EcdsaKey::generate(&SystemRandom::new()).unwrap()).unwrap()
}

pub(crate) async fn activate_with(
    test: &TestOrg,
    code: &Secret,
    signer: Signer,
) -> Result<Handset, AppError> {
    activate_at(&test.nobody(), code, signer).await
}

/// The same at the node of this call.
async fn activate_at(ctx: &Ctx, code: &Secret, signer: Signer) -> Result<Handset, AppError> {
    let (text, options) = question(ctx, code).await?;
    let key = match &signer {
        Signer::Browser(pair) => Key::BrowserKey {
            point: pair.public().to_vec(),
            signature: pair.sign(text.as_bytes()).unwrap().to_vec(),
        },
        Signer::Passkey(soft) => {
            let options = serde_json::to_value(options.unwrap()).unwrap();
            let challenge = options["challenge"].as_str().unwrap();
            let challenge = data_encoding::BASE64URL_NOPAD.decode(challenge.as_bytes()).unwrap();
            let made = sallyport_wire::webauthn::Attestation::parse(&soft.create(&challenge)).unwrap();
            Key::Passkey(Box::new(made))
        }
    };
    let activation = activate(ctx, code, Bring::new("My phone", "Test phone", key)).await?;
    let phone = authenticate(ctx, activation.secret.expose()).await?;
    assert_eq!(phone.factor, activation.factor);
    Ok(Handset { signer, phone, secret: activation.secret })
}

fn soft(test: &TestOrg) -> SoftAuthenticator {
    let rp = sallyport_wire::webauthn::RelyingParty::of_url(&test.org.config.external_url).unwrap();
    SoftAuthenticator::new(&rp.id, &rp.origins[0])
}

pub(crate) async fn own_session(
    test: &TestOrg,
    name: &str,
    person: &Person,
) -> (Ctx, sallyport_store::Session) {
    test.clock.advance(Span::minutes(1));
    let step = to_second_door(&test.nobody(), name).await;
    let Step::Allowed(admission) = passcode_of(&test.nobody(), &step, person, test).await else { panic!() };
    let (secret, _) = session::open(&test.nobody(), &admission, "test").await.unwrap();
    let (own, _, session) = session::authenticate(&test.nobody(), secret.expose()).await.unwrap();
    (own, session)
}

pub(crate) async fn begun(test: &TestOrg, name: &str, person: &Person) -> Begun {
    let (own, session) = own_session(test, name, person).await;
    begin_own(&own, &session).await.unwrap()
}

/// A phone of this person, who has no other factor, and its Duo id.
pub(crate) async fn first_phone(test: &TestOrg, id: UserId) -> (Handset, String) {
    let code = factor::issue_enrollment_code(&test.system(), id, 3600).await.unwrap();
    let pending = factor::begin_totp(&test.nobody(), &code).await.unwrap();
    let begun = begin_first(&test.nobody(), &pending.handle).await.unwrap();
    let handset = activate_with(test, &begun.code, Signer::Browser(browser())).await.unwrap();
    let duo_id = handset.phone.factor.duo_id.clone();
    (handset, duo_id)
}

/// Alice with an authenticator and a phone.
pub(crate) async fn alice(test: &TestOrg) -> (Person, Handset) {
    let alice = person(test, "alice").await;
    let code = begun(test, "alice", &alice).await.code;
    let handset = activate_with(test, &code, Signer::Browser(browser())).await.unwrap();
    (alice, handset)
}

pub(crate) fn at_door(step: Step) -> SecondDoorStep {
    let Step::SecondDoor(step) = step else { panic!("{step:?}") };
    step
}

/// Somebody with Alice's password at her second door, who asks her phone; whether it was asked is in the step.
async fn ask_as(ctx: &Ctx) -> SecondDoorStep {
    let step = to_second_door(ctx, "alice").await;
    at_door(ask(ctx, &step.handle, None, Shows::Number).await.unwrap())
}

/// Alice at the second door, with her phone asked; and the number that is shown there.
pub(crate) async fn asked(test: &TestOrg) -> (SecondDoorStep, String) {
    test.clock.advance(Span::minutes(2));
    let step = ask_as(&test.nobody()).await;
    assert_eq!(step.problem, None);
    let number = step.waiting.as_ref().unwrap().number.clone().unwrap();
    (step, number)
}

pub(crate) async fn look(test: &TestOrg, step: &SecondDoorStep) -> Step {
    wait(&test.nobody(), &step.handle, Duration::ZERO).await.unwrap()
}

#[tokio::test]
async fn a_phone_that_brings_the_number_opens_the_door_once() {
    let test = testing::org().await;
    let (_, handset) = alice(&test).await;
    let (step, number) = asked(&test).await;
    assert_eq!(number.len(), 3);
    let request = handset.request(&test).await;
    assert_eq!(
        (request.what.as_str(), request.place.as_str(), request.digits),
        ("The portal", "192.0.2.7", 3)
    );
    assert!(at_door(look(&test, &step).await).waiting.is_some());
    handset.yes(&test, &request, &number).await.unwrap();
    assert!(requests(&test.nobody(), &handset.phone, Duration::ZERO).await.unwrap().is_empty());
    let Step::Allowed(admission) = look(&test, &step).await else { panic!() };
    assert!(admission.both_doors());
    // Neither the phone's word nor the door's handle is good again.
    assert!(handset.yes(&test, &request, &number).await.is_err());
    assert!(matches!(look(&test, &step).await, Step::Denied(_)));
}

#[tokio::test]
async fn an_answer_that_is_not_taken_does_not_move_the_one_that_was() {
    let test = testing::org().await;
    let (_, handset) = alice(&test).await;
    let (step, number) = asked(&test).await;
    let request = handset.request(&test).await;
    handset.yes(&test, &request, &number).await.unwrap();
    let elsewhere = Ctx { source: Some([203, 0, 113, 9].into()), ..test.nobody() };
    let late = answer(&elsewhere, &handset.phone, request.id, Proved::No).await;
    assert!(matches!(late, Err(AppError::Conflict(_))), "{late:?}");
    let Step::Allowed(admission) = look(&test, &step).await else { panic!() };
    // That it was not them is taken, and moves nothing of what had opened the door.
    answer(&elsewhere, &handset.phone, request.id, Proved::NotMe).await.unwrap();
    let id = admission.sign_in().to_string();
    let logged = test.system().read(move |reader| Ok(reader.find_sign_in(&id)?)).await.unwrap().unwrap();
    assert_eq!(logged.sign_in.second_door.unwrap().source.as_deref(), Some("192.0.2.7"));
    let kept =
        test.system().read(move |reader| Ok(reader.find_challenge(request.id)?)).await.unwrap().unwrap();
    assert_eq!(kept.answered_from.as_deref(), Some("192.0.2.7"));
}

/// Whoever thinks again before the door has heard of the yes is in time.
#[tokio::test]
async fn a_yes_that_opened_nothing_yet_is_taken_back_by_saying_that_it_was_not_them() {
    let test = testing::org().await;
    let (_, handset) = alice(&test).await;
    let (step, number) = asked(&test).await;
    let request = handset.request(&test).await;
    handset.yes(&test, &request, &number).await.unwrap();
    answer(&test.nobody(), &handset.phone, request.id, Proved::NotMe).await.unwrap();
    let Step::Denied(denial) = look(&test, &step).await else { panic!("opened") };
    assert_eq!(denial.reasons, [Reason::PushNotMe]);
}

#[tokio::test]
async fn a_passkey_of_the_phone_says_yes_by_the_hash_of_what_was_shown() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let code = begun(&test, "alice", &alice).await.code;
    let handset = activate_with(&test, &code, Signer::Passkey(soft(&test))).await.unwrap();
    assert_eq!(about(&test.nobody(), &handset.phone).await.unwrap().signs_with, PhoneKeyKind::Passkey);
    let (step, number) = asked(&test).await;
    let request = handset.request(&test).await;
    // Touched, and by nobody in particular.
    let Signer::Passkey(soft) = &handset.signer else { panic!() };
    let text = text_of(&request, &number);
    let mut touched = SoftAuthenticator::new(&soft.rp_id, &soft.origin);
    touched.flags = TOUCHED;
    for answer_of in [touched.get(&hash_of(&text)), soft.get(&hash_of("something else"))] {
        let by = By::Passkey(Box::new(sallyport_wire::webauthn::Assertion::parse(&answer_of).unwrap()));
        let said = Proved::Yes { number: number.clone(), by };
        assert!(answer(&test.nobody(), &handset.phone, request.id, said).await.is_err());
    }
    handset.yes(&test, &request, &number).await.unwrap();
    assert!(matches!(look(&test, &step).await, Step::Allowed(_)));
}

#[tokio::test]
async fn a_yes_without_the_number_late_replayed_or_by_another_phone_opens_nothing() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    let code = begun(&test, "alice", &alice).await.code;
    let other = activate_with(&test, &code, Signer::Browser(browser())).await.unwrap();
    let (step, number) = asked(&test).await;
    let request = handset.request(&test).await;
    // Another phone's key, the right phone's over another number, and the other phone at all.
    let by = other.sign(&text_of(&request, &number));
    let said = Proved::Yes { number: number.clone(), by };
    assert!(answer(&test.nobody(), &handset.phone, request.id, said).await.is_err());
    let by = handset.sign(&text_of(&request, "000"));
    let said = Proved::Yes { number: number.clone(), by };
    assert!(answer(&test.nobody(), &handset.phone, request.id, said).await.is_err());
    assert!(other.yes(&test, &request, &number).await.is_err());
    // Wrong numbers, well signed: the third ends it, and the right one comes too late.
    let wrong = if number == "000" { "001" } else { "000" };
    for _ in 0..3 {
        assert!(handset.yes(&test, &request, wrong).await.is_err());
    }
    assert!(handset.yes(&test, &request, &number).await.is_err());
    assert!(at_door(look(&test, &step).await).problem.is_some());
    // Too late.
    let (step, number) = asked(&test).await;
    let request = handset.request(&test).await;
    test.clock.advance(Span::seconds(61));
    assert!(handset.yes(&test, &request, &number).await.is_err());
    assert!(at_door(look(&test, &step).await).problem.is_some());
    // Approved, and then fetched too late.
    let (step, number) = asked(&test).await;
    let request = handset.request(&test).await;
    handset.yes(&test, &request, &number).await.unwrap();
    test.clock.advance(Span::seconds(80));
    assert!(at_door(look(&test, &step).await).problem.is_some());
}

#[tokio::test]
async fn a_word_given_for_one_request_approves_no_other() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    let bob = person(&test, "bob").await;
    let code = begun(&test, "bob", &bob).await.code;
    let bobs = activate_with(&test, &code, Signer::Browser(browser())).await.unwrap();
    // No number, a part of it, more than it, and the empty word of a door that shows none: each counts as a wrong one.
    let (step, number) = asked(&test).await;
    let first = handset.request(&test).await;
    for typed in ["", &number[..2]] {
        assert!(handset.yes(&test, &first, typed).await.is_err(), "{typed}");
    }
    assert!(at_door(look(&test, &step).await).waiting.is_some());
    assert!(handset.yes(&test, &first, &format!("{number}0")).await.is_err());
    // The third ended it: nothing is left of it on the phone, and the right number opens nothing.
    assert!(requests(&test.nobody(), &handset.phone, Duration::ZERO).await.unwrap().is_empty());
    assert!(handset.yes(&test, &first, &number).await.is_err());
    assert!(at_door(look(&test, &step).await).problem.is_some());

    // The word for a former request, for this one; by the phone, and by the phone of somebody else.
    let (step, second_number) = asked(&test).await;
    let second = handset.request(&test).await;
    for text in [text_of(&first, &number), text_of(&first, &second_number)] {
        let said = Proved::Yes { number: second_number.clone(), by: handset.sign(&text) };
        assert!(answer(&test.nobody(), &handset.phone, second.id, said).await.is_err(), "{text}");
    }
    assert!(bobs.yes(&test, &second, &second_number).await.is_err());
    let said =
        Proved::Yes { number: second_number.clone(), by: bobs.sign(&text_of(&second, &second_number)) };
    assert!(answer(&test.nobody(), &handset.phone, second.id, said).await.is_err());
    let said = Proved::No;
    assert!(answer(&test.nobody(), &bobs.phone, second.id, said).await.is_err(), "nor does he say no to it");
    assert!(at_door(look(&test, &step).await).waiting.is_some(), "nothing of that was a wrong number");

    // The right word, once; and the same bytes for the next request.
    let by = || handset.sign(&text_of(&second, &second_number));
    let said = Proved::Yes { number: second_number.clone(), by: by() };
    answer(&test.nobody(), &handset.phone, second.id, said).await.unwrap();
    assert!(matches!(look(&test, &step).await, Step::Allowed(_)));
    let (step, third_number) = asked(&test).await;
    let third = handset.request(&test).await;
    for id in [second.id, third.id] {
        for number in [&second_number, &third_number] {
            let said = Proved::Yes { number: number.clone(), by: by() };
            assert!(answer(&test.nobody(), &handset.phone, id, said).await.is_err(), "{id} {number}");
        }
    }
    assert!(at_door(look(&test, &step).await).waiting.is_some());
    assert_eq!(first.digits, number.len());
    assert_ne!(alice.id, bob.id);
}

#[tokio::test]
async fn an_approval_opens_the_sign_in_that_asked_and_no_other() {
    let test = testing::org().await;
    let (_, handset) = alice(&test).await;
    let (step, number) = asked(&test).await;
    let request = handset.request(&test).await;
    // Somebody else with the password, at the same time.
    let thief = to_second_door(&test.nobody(), "alice").await;
    let refused = at_door(ask(&test.nobody(), &thief.handle, None, Shows::Number).await.unwrap());
    assert!(refused.problem.is_some() && refused.waiting.is_none(), "one at a time");
    handset.yes(&test, &request, &number).await.unwrap();
    assert!(at_door(look(&test, &thief).await).problem.is_some());
    assert!(matches!(look(&test, &step).await, Step::Allowed(_)));
}

#[tokio::test]
async fn whoever_says_that_it_was_not_them_hears_nothing_for_a_while() {
    let test = testing::org().await;
    let (_, handset) = alice(&test).await;
    let (step, _) = asked(&test).await;
    let request = handset.request(&test).await;
    answer(&test.nobody(), &handset.phone, request.id, Proved::NotMe).await.unwrap();
    let Step::Denied(denial) = look(&test, &step).await else { panic!() };
    assert_eq!(denial.reasons, [Reason::PushNotMe]);
    for (after, is_asked) in [(Span::minutes(14), false), (Span::minutes(2), true)] {
        test.clock.advance(after);
        let step = ask_as(&test.nobody()).await;
        assert_eq!(step.waiting.is_some(), is_asked, "{after:?}");
    }
}

#[tokio::test]
async fn a_door_that_shows_no_number_asks_only_where_policy_allows_that() {
    let test = testing::org().await;
    let (_, handset) = alice(&test).await;
    let input = sallyport_api::rest::CreateApplication {
        kind: sallyport_model::ApplicationKind::DuoAuthApi,
        name: "VPN".into(),
    };
    let id = crate::application::create(&test.system(), input).await.unwrap().0.id;
    let resource = Resource::Application { application: id, name: "VPN".into() };
    let begin = || Begin {
        name: "alice".into(),
        resource: resource.clone(),
        first_door: FirstDoorProof::Vouched { by: "VPN".into() },
    };
    let step = at_door(signin::begin(&test.nobody(), begin()).await.unwrap());
    let step = at_door(ask(&test.nobody(), &step.handle, None, Shows::Nothing).await.unwrap());
    assert!(step.problem.is_some() && step.waiting.is_none());
    let push = VerifiedPush { when: NumberWhen::WhereShown, ..VerifiedPush::default() };
    let sections = Sections { verified_push: Some(push), ..Sections::default() };
    let input = sallyport_api::rest::CreatePolicy { name: "Without a number".into(), sections };
    let policy = Some(crate::policy::create(&test.system(), input).await.unwrap().id);
    let policies = Some(Applied { policy, ..Applied::default() });
    let applied = sallyport_api::rest::UpdateApplication { policies, ..Default::default() };
    crate::application::update(&test.system(), id, None, applied).await.unwrap();
    let step = at_door(ask(&test.nobody(), &step.handle, None, Shows::Nothing).await.unwrap());
    assert_eq!(step.waiting.as_ref().unwrap().number, None);
    let request = handset.request(&test).await;
    assert_eq!((request.what.as_str(), request.digits), ("VPN", 0));
    handset.yes(&test, &request, "").await.unwrap();
    assert!(matches!(look(&test, &step).await, Step::Allowed(_)));
}

#[tokio::test]
async fn a_phone_that_was_taken_away_opens_and_hears_nothing() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    let (step, number) = asked(&test).await;
    let request = handset.request(&test).await;
    handset.yes(&test, &request, &number).await.unwrap();
    factor::remove(&test.system(), alice.id, handset.phone.factor.id).await.unwrap();
    assert!(!matches!(look(&test, &step).await, Step::Allowed(_)));
    let gone = requests(&test.nobody(), &handset.phone, Duration::ZERO).await;
    assert!(matches!(gone, Err(AppError::Unauthenticated)), "{gone:?}");
}

#[tokio::test]
async fn an_activation_code_is_good_once_in_time_and_guesses_are_counted() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let first = begun(&test, "alice", &alice).await;
    let second = begun(&test, "alice", &alice).await;
    assert!(second.url.expose().starts_with(&format!("{}/phone#", test.org.config.external_url)));
    let refused = activate_with(&test, &first.code, Signer::Browser(browser())).await;
    assert!(matches!(refused.err(), Some(AppError::Invalid { field: "code", .. })), "another took its place");
    activate_with(&test, &second.code, Signer::Browser(browser())).await.unwrap();
    assert!(activate_with(&test, &second.code, Signer::Browser(browser())).await.is_err());
    let late = begun(&test, "alice", &alice).await;
    test.clock.advance(Span::minutes(16));
    assert!(activate_with(&test, &late.code, Signer::Browser(browser())).await.is_err());
    // A key that the phone only says it has.
    let code = begun(&test, "alice", &alice).await.code;
    let (text, _) = question(&test.nobody(), &code).await.unwrap();
    let (mine, theirs) = (browser(), browser());
    let signature = mine.sign(text.as_bytes()).unwrap().to_vec();
    let key = Key::BrowserKey { point: theirs.public().to_vec(), signature };
    assert!(activate(&test.nobody(), &code, Bring::new("", "", key)).await.is_err());
    let mut tries = 0;
    while !matches!(question(&test.nobody(), &"0000-0000-0000-0000".into()).await, Err(AppError::Busy)) {
        tries += 1;
        assert!(tries < 20, "nobody counts");
    }
}

#[tokio::test]
async fn a_phone_can_be_the_first_factor_and_the_log_says_who_asked() {
    let test = testing::org().await;
    let input = sallyport_api::rest::CreateUser { name: "carol".into(), active: true, ..Default::default() };
    let carol = crate::user::create(&test.system(), input).await.unwrap().id;
    crate::user::set_password(&test.system(), carol, &signin::tests::PASSWORD.into()).await.unwrap();
    let code = factor::issue_enrollment_code(&test.system(), carol, 3600).await.unwrap();
    let pending = factor::begin_totp(&test.nobody(), &code).await.unwrap();
    let begun = begin_first(&test.nobody(), &pending.handle).await.unwrap();
    let handset = activate_with(&test, &begun.code, Signer::Browser(browser())).await.unwrap();
    assert!(factor::begin_totp(&test.nobody(), &code).await.is_err(), "the code is spent");
    let step = to_second_door(&test.nobody(), "carol").await;
    let step = at_door(ask(&test.nobody(), &step.handle, None, Shows::Number).await.unwrap());
    let request = handset.request(&test).await;
    answer(&test.nobody(), &handset.phone, request.id, Proved::No).await.unwrap();
    let said = at_door(signin::answer(&test.nobody(), &step.handle, Answer::Elsewhere).await.unwrap());
    assert!(said.problem.is_some());
    let found =
        test.system().read(move |reader| Ok(reader.sign_ins_of(carol, None, 1)?)).await.unwrap().remove(0);
    assert_eq!(found.reasons, [Reason::PushDenied]);
    assert!(matches!(found.state, SignInState::SecondDoor { .. }));
}

#[tokio::test]
async fn the_number_has_as_many_digits_as_policy_says() {
    let test = testing::org().await;
    let (_, handset) = alice(&test).await;
    let mut settings = crate::settings::show(&test.system()).await.unwrap().value;
    settings.policy.verified_push = Some(VerifiedPush { digits: 6, ..Default::default() });
    crate::settings::update(&test.system(), None, settings).await.unwrap();
    test.clock.advance(Span::minutes(1));
    let waiting = ask_as(&test.nobody()).await.waiting.unwrap();
    let number = waiting.number.unwrap();
    assert_eq!(number.len(), 6);
    let request = handset.request(&test).await;
    assert!(handset.yes(&test, &request, &number[..3]).await.is_err());
    handset.yes(&test, &request, &number).await.unwrap();
}

/// Somebody at Alice's second door asks this phone of hers.
async fn asks(test: &TestOrg, phone: &Handset) -> (SecondDoorStep, String) {
    test.clock.advance(Span::minutes(2));
    let step = to_second_door(&test.nobody(), "alice").await;
    let wanted = Some(phone.phone.factor.id);
    let step = at_door(ask(&test.nobody(), &step.handle, wanted, Shows::Number).await.unwrap());
    let number = step.waiting.as_ref().unwrap().number.clone().unwrap();
    (step, number)
}

#[tokio::test]
async fn of_several_phones_each_is_asked_by_itself_and_answers_its_own_request() {
    let test = testing::org().await;
    let (alice, first) = alice(&test).await;
    let code = begun(&test, "alice", &alice).await.code;
    let second = activate_with(&test, &code, Signer::Browser(browser())).await.unwrap();
    let offered = to_second_door(&test.nobody(), "alice").await.offers;
    let phones: Vec<_> = offered.iter().filter(|offer| offer.kind() == FactorKind::Push).collect();
    assert_eq!(phones.len(), 2, "{offered:?}");
    for (asked, other) in [(&first, &second), (&second, &first)] {
        let (step, number) = asks(&test, asked).await;
        assert!(requests(&test.nobody(), &other.phone, Duration::ZERO).await.unwrap().is_empty());
        let request = asked.request(&test).await;
        assert!(other.yes(&test, &request, &number).await.is_err(), "the other phone's word");
        asked.yes(&test, &request, &number).await.unwrap();
        assert!(matches!(look(&test, &step).await, Step::Allowed(_)));
    }
}

#[tokio::test]
async fn nobody_has_more_than_five_phones_and_each_has_its_name() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    for _ in 1..5 {
        let code = begun(&test, "alice", &alice).await.code;
        activate_with(&test, &code, Signer::Browser(browser())).await.unwrap();
    }
    let (own, session) = own_session(&test, "alice", &alice).await;
    let refused = begin_own(&own, &session).await;
    assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
    let phone = handset.phone.factor.id;
    let renamed = factor::rename_own(&own, &session, phone, "  In my pocket ").await.unwrap();
    assert_eq!((renamed.id, renamed.name.as_str()), (phone, "In my pocket"));
    assert_eq!(about(&own, &handset_again(&test, &handset).await).await.unwrap().name, "In my pocket");
    // One of the five is set up anew, and one less makes room for another.
    reactivation::begin_own(&own, &session, phone).await.unwrap();
    factor::remove_own(&own, &session, phone).await.unwrap();
    begun(&test, "alice", &alice).await;
}

/// The phone as the store knows it now.
async fn handset_again(test: &TestOrg, handset: &Handset) -> Phone {
    authenticate(&test.nobody(), handset.secret.expose()).await.unwrap()
}
