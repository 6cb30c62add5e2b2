use data_encoding::BASE64URL_NOPAD;
use sallyport_api::rest::{CreateGroup, GroupMember};
use sallyport_model::{
    Duo, DuoDown, DuoName, GroupKind, Role, Settings, Span, policy::MethodRow, signin::SignIn,
};
use sallyport_wire::duo::prompt::Hs512;
use serde_json::{Value, json};

use super::*;
use crate::{
    factor::duo::testing::{CLIENT_SECRET, Service, switch},
    session, settings as org_settings,
    signin::{
        self, Admission, START_AGAIN, SecondDoorStep, WRONG_CODE, begin, passcode,
        tests::{PASSWORD, denial, person, to_second_door, with_password},
    },
    testing::{self, TestOrg},
    user,
};

/// An organisation that asks Duo, and people who have nothing else.
struct House {
    test: TestOrg,
    service: Service,
}

impl House {
    async fn open() -> Self {
        let test = testing::org().await;
        let service = Service::of(&test).await;
        Self { test, service }
    }

    async fn newcomer(&self, name: &str) -> UserId {
        let mails = Some(vec![format!("{name}@example.com")]);
        let input =
            sallyport_api::rest::CreateUser { name: name.into(), active: true, mails, ..Default::default() };
        let id = user::create(&self.test.system(), input).await.unwrap().id;
        user::set_password(&self.test.system(), id, &PASSWORD.into()).await.unwrap();
        id
    }

    async fn at_second_door(&self, name: &str) -> SecondDoorStep {
        to_second_door(&self.test.nobody(), name).await
    }

    /// To Duo, where the person passes; the query that their browser comes back with.
    async fn to_duo_and_back(&self, handle: &Secret) -> String {
        match go(&self.test.nobody(), handle, "/sign-ins").await.unwrap() {
            Going::To(url) => self.service.visit(&url),
            Going::Not(step) => panic!("{step:?}"),
        }
    }

    async fn back(&self, handle: &Secret, query: &str) -> Step {
        match back(&self.test.nobody(), handle, query).await.unwrap() {
            Back::AtDoor { step, .. } => step,
            Back::AtHome => panic!("at home"),
        }
    }

    /// From the first door to whatever comes of it.
    async fn all_the_way(&self, name: &str) -> Step {
        let step = self.at_second_door(name).await;
        let query = self.to_duo_and_back(&step.handle).await;
        self.back(&step.handle, &query).await
    }

    /// The newest sign-in.
    async fn noted(&self) -> SignIn {
        let all = self.test.system().read(|reader| Ok(reader.list_sign_ins(None, "", 10)?)).await.unwrap();
        all.into_iter().next().unwrap()
    }
}

fn kinds(step: &SecondDoorStep) -> Vec<FactorKind> {
    step.offers.iter().map(signin::Offer::kind).collect()
}

fn problem(step: Step) -> Phrase {
    let Step::SecondDoor(step) = step else { panic!("{step:?}") };
    step.problem.expect("a problem")
}

fn admission(step: Step) -> Box<Admission> {
    let Step::Allowed(admission) = step else { panic!("{step:?}") };
    admission
}

#[tokio::test]
async fn whoever_has_nothing_but_duo_passes_both_doors_by_it() {
    let house = House::open().await;
    let alice = house.newcomer("alice").await;
    let step = house.at_second_door("Alice").await;
    assert_eq!(kinds(&step), [FactorKind::Duo]);
    let query = house.to_duo_and_back(&step.handle).await;
    assert_eq!(house.service.asked_about(), "alice", "the name as it is in the directory");
    let back = back(&house.test.nobody(), &step.handle, &query).await.unwrap();
    let Back::AtDoor { step: Step::Allowed(admission), next } = back else { panic!("{back:?}") };
    assert_eq!(next, "/sign-ins");
    assert_eq!((admission.user().id, admission.both_doors()), (alice, true));
    let door = house.noted().await.second_door.unwrap();
    assert_eq!((door.kind, door.factor), (FactorKind::Duo, duo::NOT_OURS));
    let (_, session) = session::open(&house.test.nobody(), &admission, "test").await.unwrap();
    assert!(session.both_doors);
}

#[tokio::test]
async fn what_comes_back_counts_once_and_only_with_the_browser_that_left() {
    let house = House::open().await;
    house.newcomer("alice").await;
    house.newcomer("mallory").await;
    let (alices, mallorys) = (house.at_second_door("alice").await, house.at_second_door("mallory").await);
    let query = house.to_duo_and_back(&alices.handle).await;
    // Another browser at its own second door, one at none, and one whose handle is made up.
    assert_eq!(problem(house.back(&mallorys.handle, &query).await), STALE);
    for handle in ["", "sph_made_up"] {
        assert_eq!(denial(house.back(&handle.into(), &query).await).text, START_AGAIN);
    }
    // Nothing of that took it from whom it belongs to.
    assert_eq!(admission(house.back(&alices.handle, &query).await).user().name.as_str(), "alice");
    assert_eq!(denial(house.back(&alices.handle, &query).await).text, START_AGAIN);
    assert_eq!(problem(house.back(&mallorys.handle, &query).await), STALE);
}

#[tokio::test]
async fn what_comes_back_at_two_nodes_at_once_opens_one_door() {
    let mut house = House::open().await;
    house.newcomer("alice").await;
    for round in 0..3 {
        let step = house.at_second_door("alice").await;
        let query = house.to_duo_and_back(&step.handle).await;
        let bring = |ctx: Ctx| {
            let (handle, query) = (step.handle.clone(), query.clone());
            async move { back(&ctx, &handle, &query).await.unwrap() }
        };
        let opened = async |house: &House| {
            let came = testing::at_once(&house.test.doors(), 10, bring).await;
            let opened = |came: &&Back| matches!(came, Back::AtDoor { step: Step::Allowed(_), .. });
            came.iter().filter(opened).count()
        };
        assert_eq!(opened(&house).await, 1, "{round}");
        house.test.restart();
        assert_eq!(opened(&house).await, 0, "{round}");
        house.test.clock.advance(Span::minutes(1));
    }
}

#[tokio::test]
async fn a_trip_that_came_to_nothing_is_spent_and_a_newer_one_voids_the_older() {
    let house = House::open().await;
    house.newcomer("alice").await;
    let step = house.at_second_door("alice").await;
    let first = house.to_duo_and_back(&step.handle).await;
    let second = house.to_duo_and_back(&step.handle).await;
    assert_eq!(problem(house.back(&step.handle, &first).await), STALE);
    let state = second.split('&').next().unwrap();
    let refused = format!("{state}&error=access_denied&error_description=x");
    assert_eq!(problem(house.back(&step.handle, &refused).await), SAID_NO);
    assert_eq!(house.noted().await.reasons, [Reason::DuoDenied]);
    assert_eq!(problem(house.back(&step.handle, &second).await), STALE, "it was spent");
    for junk in ["", "state=", "error=x", "state=a&state=b&code=c", "%ff", &"x".repeat(100_000)] {
        assert_eq!(problem(house.back(&step.handle, junk).await), STALE, "{junk:.20}");
    }
    let third = house.to_duo_and_back(&step.handle).await;
    admission(house.back(&step.handle, &third).await);
}

#[tokio::test]
async fn no_statement_counts_that_is_not_whole_and_about_this_request() {
    type Twist = fn(&mut Value);
    let twists: [(&str, Twist); 15] = [
        ("another nonce", |claims| claims["nonce"] = json!("x".repeat(40))),
        ("no nonce", |claims| claims["nonce"] = Value::Null),
        ("expired", |claims| claims["exp"] = json!(claims["iat"].as_i64().unwrap() - 61)),
        ("no end", |claims| claims["exp"] = Value::Null),
        ("of before the request", |claims| claims["iat"] = json!(claims["iat"].as_i64().unwrap() - 61)),
        ("not good yet", |claims| claims["iat"] = json!(claims["iat"].as_i64().unwrap() + 61)),
        ("another person", |claims| claims["preferred_username"] = json!("mallory")),
        ("another spelling", |claims| claims["preferred_username"] = json!("Alice")),
        ("nobody", |claims| claims["preferred_username"] = Value::Null),
        ("another client", |claims| claims["aud"] = json!("DIYYYYYYYYYYYYYYYYYY")),
        ("several clients", |claims| claims["aud"] = json!([claims["aud"].clone()])),
        ("another service", |claims| claims["iss"] = json!("https://evil.example/oauth/v1/token")),
        ("a denial", |claims| claims["auth_result"]["result"] = json!("deny")),
        ("the status alone", |claims| claims["auth_result"] = json!({ "status": "allow" })),
        ("no result", |claims| claims["auth_result"] = Value::Null),
    ];
    for (what, twist) in twists {
        let house = House::open().await;
        house.newcomer("alice").await;
        house.service.twist(twist);
        assert_eq!(problem(house.all_the_way("alice").await), SAID_NO, "{what}");
        let noted = house.noted().await;
        assert_eq!((noted.reasons, noted.second_door), (vec![Reason::DuoDenied], None), "{what}");
    }
}

#[tokio::test]
async fn no_token_counts_that_is_signed_otherwise() {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let claims = json!({ "preferred_username": "alice", "auth_result": { "result": "allow" } });
    let unsigned = format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(&claims));
    let other_key = Hs512::new(&"x".repeat(40).into()).sign(&claims);
    let good = Hs512::new(&CLIENT_SECRET.into()).sign(&claims);
    let (_, rest) = good.split_once('.').unwrap();
    let weaker = format!("{}.{rest}", part(&json!({ "alg": "HS256", "typ": "JWT" })));
    for token in [unsigned, other_key, weaker, "a.b.c".into(), String::new(), "x".repeat(60_000)] {
        let house = House::open().await;
        house.newcomer("alice").await;
        house.service.give(token);
        assert_eq!(problem(house.all_the_way("alice").await), SAID_NO);
    }
    // More than is read at all.
    let house = House::open().await;
    house.newcomer("alice").await;
    house.service.give("x".repeat(100_000));
    assert_eq!(problem(house.all_the_way("alice").await), IS_DOWN);
}

#[tokio::test]
async fn a_code_of_anothers_making_is_none() {
    let house = House::open().await;
    house.newcomer("alice").await;
    let step = house.at_second_door("alice").await;
    let query = house.to_duo_and_back(&step.handle).await.replace("a-code-of-this-visit", "guessed");
    assert_eq!(problem(house.back(&step.handle, &query).await), SAID_NO);
}

#[tokio::test]
async fn what_changed_while_somebody_was_away_counts_and_strands_nobody() {
    let house = House::open().await;
    let alice = house.newcomer("alice").await;
    let system = house.test.system();
    // Another Duo.
    let step = house.at_second_door("alice").await;
    let query = house.to_duo_and_back(&step.handle).await;
    let other =
        Duo { host: "duo.example".into(), client_id: "DIYYYYYYYYYYYYYYYYYY".into(), ..Duo::default() };
    duo::update(&system, None, other, Some(CLIENT_SECRET.into())).await.unwrap();
    assert_eq!(problem(house.back(&step.handle, &query).await), NOT_ON);
    // None at all: the door is still there for another factor.
    house.service.ask_it(&house.test, Duo::default()).await;
    let step = house.at_second_door("alice").await;
    let query = house.to_duo_and_back(&step.handle).await;
    let codes = factor::issue_bypass_codes(&system, alice, 1, 3600).await.unwrap();
    switch(&house.test, false).await;
    assert_eq!(problem(house.back(&step.handle, &query).await), NOT_ON);
    admission(passcode(&house.test.nobody(), &step.handle, &codes[0]).await.unwrap());
    // Another name in the meantime.
    house.service.ask_it(&house.test, Duo::default()).await;
    let step = house.at_second_door("alice").await;
    let query = house.to_duo_and_back(&step.handle).await;
    house.service.ask_it(&house.test, Duo { name: DuoName::Mail, ..Duo::default() }).await;
    assert_eq!(problem(house.back(&step.handle, &query).await), NOT_ON);
    // A person who is let in no more, and a door that has closed.
    let step = house.at_second_door("alice").await;
    let query = house.to_duo_and_back(&step.handle).await;
    user::suspend(&system, alice).await.unwrap();
    assert_eq!(denial(house.back(&step.handle, &query).await).text, START_AGAIN);
    house.newcomer("bob").await;
    let step = house.at_second_door("bob").await;
    let query = house.to_duo_and_back(&step.handle).await;
    house.test.clock.advance(Span::minutes(6));
    assert_eq!(denial(house.back(&step.handle, &query).await).text, START_AGAIN);
}

#[tokio::test]
async fn people_are_known_to_duo_by_the_name_that_is_set() {
    let house = House::open().await;
    let alice = house.newcomer("alice").await;
    house.service.ask_it(&house.test, Duo { name: DuoName::Mail, ..Duo::default() }).await;
    admission(house.all_the_way("alice").await);
    assert_eq!(house.service.asked_about(), "alice@example.com");
    // One that was verified goes before one that was not.
    house
        .test
        .system()
        .write(move |tx| {
            let found = tx.find::<User>(alice)?.unwrap();
            let mut after = found.value.clone();
            let verified = sallyport_model::Mail { address: "al@example.com".into(), verified: true };
            after.mails.push(verified);
            let changed = tx.update(&found, after)?;
            tx.record(changed, "update");
            Ok(())
        })
        .await
        .unwrap();
    admission(house.all_the_way("alice").await);
    assert_eq!(house.service.asked_about(), "al@example.com");
    // Whoever has no such name is told so.
    person(&house.test, "bob").await;
    house.test.clock.advance(Span::seconds(1));
    let step = house.at_second_door("bob").await;
    let Going::Not(step) = go(&house.test.nobody(), &step.handle, "").await.unwrap() else { panic!("away") };
    assert_eq!(problem(step), NO_NAME);
    assert_eq!(house.noted().await.reasons, [Reason::DuoNoName], "and administrators are told why");
}

#[tokio::test]
async fn the_name_that_is_made_of_the_user_name_is_sent_and_has_to_come_back_as_it_was() {
    let house = House::open().await;
    house.newcomer("alice").await;
    for (template, sent) in [
        ("{name}@corp.example", "alice@corp.example"),
        ("CORP\\{name}", "CORP\\alice"),
        ("ext-{name}.x", "ext-alice.x"),
    ] {
        let duo = Duo { name: DuoName::Template, name_template: template.into(), ..Duo::default() };
        house.service.ask_it(&house.test, duo).await;
        admission(house.all_the_way("Alice").await);
        assert_eq!(house.service.asked_about(), sent);
        // Neither another's name, nor hers in another form: that may be somebody else's at Duo.
        for other in ["alice", "bob@corp.example", &sent.to_uppercase()] {
            let other = other.to_owned();
            house.service.twist(move |claims| claims["preferred_username"] = other.clone().into());
            assert_eq!(problem(house.all_the_way("alice").await), SAID_NO);
        }
        house.service.twist(|_| {});
    }
}

#[tokio::test]
async fn while_duo_is_down_nobody_passes_without_a_second_door() {
    let house = House::open().await;
    let alice = house.newcomer("alice").await;
    for (status, ahead) in [(Some(503), 0), (Some(404), 0), (Some(429), 0), (None, 4000)] {
        house.service.answer_with(status);
        house.service.set_ahead(ahead);
        let step = house.at_second_door("alice").await;
        let Going::Not(step) = go(&house.test.nobody(), &step.handle, "").await.unwrap() else {
            panic!("away")
        };
        assert_eq!(problem(step), IS_DOWN);
        assert_eq!(house.noted().await.reasons, [Reason::DuoUnreachable]);
    }
    let codes = factor::issue_bypass_codes(&house.test.system(), alice, 1, 3600).await.unwrap();
    let step = house.at_second_door("alice").await;
    assert_eq!(kinds(&step), [FactorKind::Duo, FactorKind::BypassCode]);
    admission(passcode(&house.test.nobody(), &step.handle, &codes[0]).await.unwrap());
}

#[tokio::test]
async fn duo_is_offered_where_a_browser_stands_and_nowhere_else() {
    let house = House::open().await;
    house.newcomer("alice").await;
    let api = signin::Begin { resource: Resource::Api, ..with_password("alice", PASSWORD) };
    let step = begin(&house.test.nobody(), api).await.unwrap();
    assert!(matches!(step, Step::EnrollmentNeeded { .. }), "{step:?}");
    person(&house.test, "bob").await;
    let step = house.at_second_door("bob").await;
    assert_eq!(kinds(&step), [FactorKind::Duo, FactorKind::Totp]);
}

#[tokio::test]
async fn a_visit_to_ones_devices_at_duo_proves_nothing() {
    let house = House::open().await;
    let alice = house.newcomer("alice").await;
    user::set_roles(&house.test.system(), alice, [Role::Owner].into()).await.unwrap();
    let admitted = admission(house.all_the_way("alice").await);
    let (cookie, _) = session::open(&house.test.nobody(), &admitted, "test").await.unwrap();
    let (ctx, _, session) = session::authenticate(&house.test.nobody(), cookie.expose()).await.unwrap();
    assert_eq!(self_service(&ctx, alice).await.unwrap(), Some(SelfService::InPrompt));
    let url = go_to_look_after(&ctx, &session).await.unwrap();
    let query = house.service.visit(&url);
    // It opens no second door, not even her own.
    house.test.clock.advance(Span::seconds(1));
    let step = house.at_second_door("alice").await;
    let came = back(&house.test.nobody(), &step.handle, &query).await.unwrap();
    assert!(matches!(came, Back::AtHome), "{came:?}");
    assert!(matches!(house.noted().await.state, SignInState::SecondDoor { .. }));
    let with_link = Duo { self_service: "https://devices.example/".into(), ..Duo::default() };
    house.service.ask_it(&house.test, with_link).await;
    let there = self_service(&ctx, alice).await.unwrap();
    assert_eq!(there, Some(SelfService::At("https://devices.example/".into())));
}

#[tokio::test]
async fn neither_state_nor_nonce_nor_code_rests_in_a_form_that_opens_anything() {
    let house = House::open().await;
    house.newcomer("alice").await;
    let step = house.at_second_door("alice").await;
    let query = house.to_duo_and_back(&step.handle).await;
    let state = query.split('&').next().unwrap().strip_prefix("state=").unwrap().to_owned();
    let dump = house.test.dump();
    assert!(!dump.windows(state.len()).any(|window| window == state.as_bytes()));
    assert!(!dump.windows(40).any(|window| window == CLIENT_SECRET.as_bytes()));
}

/// From now on the portal allows these and no others, whatever is on.
async fn allow_alone(test: &TestOrg, methods: &[Method]) {
    let before = org_settings::show(&test.system()).await.unwrap().value;
    let mut after = before.clone();
    after.policy.methods = Some(methods.iter().copied().collect());
    org_settings::update(&test.system(), None, after).await.unwrap();
}

#[tokio::test]
async fn own_factors_open_the_door_while_duo_is_down_where_that_is_set_and_only_there_and_then() {
    let house = House::open().await;
    let alice = person(&house.test, "alice").await;
    allow_alone(&house.test, &[Method::Duo, Method::BypassCode]).await;
    let step = house.at_second_door("alice").await;
    assert_eq!(kinds(&step), [FactorKind::Duo], "her authenticator is on and does not count here");
    let code = || alice.code(&house.test, 0);
    assert_eq!(problem(passcode(&house.test.nobody(), &step.handle, &code()).await.unwrap()), WRONG_CODE);

    // Closed: the same while it is down.
    let down = async |step: &SecondDoorStep| {
        let gone = go(&house.test.nobody(), &step.handle, "").await.unwrap();
        let Going::Not(Step::SecondDoor(after)) = gone else { panic!("{gone:?}") };
        after
    };
    house.service.answer_with(Some(503));
    assert_eq!(kinds(&down(&step).await), [FactorKind::Duo]);
    assert_eq!(problem(passcode(&house.test.nobody(), &step.handle, &code()).await.unwrap()), WRONG_CODE);

    // Own factors: at the door at which Duo was asked and did not answer, and at no other.
    let own = Duo { when_down: DuoDown::OwnFactors, ..Duo::default() };
    house.service.ask_it(&house.test, own).await;
    let (asked, other) = (house.at_second_door("alice").await, house.at_second_door("alice").await);
    assert_eq!(kinds(&down(&asked).await), [FactorKind::Duo, FactorKind::Totp]);
    assert_eq!(problem(passcode(&house.test.nobody(), &other.handle, &code()).await.unwrap()), WRONG_CODE);
    admission(passcode(&house.test.nobody(), &asked.handle, &code()).await.unwrap());

    // Being asked too often is nothing that opens anything, and neither is trouble after the trip.
    house.test.clock.advance(Span::minutes(1));
    house.service.answer_with(Some(429));
    let step = house.at_second_door("alice").await;
    assert_eq!(kinds(&down(&step).await), [FactorKind::Duo]);
    house.service.answer_with(None);
    let query = house.to_duo_and_back(&step.handle).await;
    house.service.answer_with(Some(503));
    let Step::SecondDoor(after) = house.back(&step.handle, &query).await else { panic!("through") };
    assert_eq!((after.problem, kinds(&after)), (Some(IS_DOWN), vec![FactorKind::Duo]));
}

#[tokio::test]
async fn duo_is_on_for_whom_its_row_says_and_cannot_be_on_before_it_is_set_up() {
    let test = testing::org().await;
    let system = test.system();
    let row =
        |groups: Vec<sallyport_model::id::GroupId>| vec![MethodRow { method: Method::Duo, on: true, groups }];
    let before = org_settings::show(&system).await.unwrap().value;
    let early = org_settings::update(&system, None, Settings { factors: row(Vec::new()), ..before }).await;
    assert!(matches!(early, Err(AppError::Conflict(text)) if text.to_string().contains("Duo is on")));
    let service = Service::of(&test).await;
    let house = House { test, service };
    for gone in [
        Duo::default(),
        Duo { host: "duo.example".into(), client_id: "DIYYYYYYYYYYYYYYYYYY".into(), ..Duo::default() },
    ] {
        assert!(matches!(duo::update(&system, None, gone, None).await, Err(AppError::Conflict(_))));
    }
    let (alice, _) = (house.newcomer("alice").await, house.newcomer("bob").await);
    let input = CreateGroup { name: "duo".into(), description: String::new(), kind: GroupKind::Users };
    let group = crate::group::create(&system, input).await.unwrap();
    let member = GroupMember { user: Some(alice.to_string()), ..GroupMember::default() };
    crate::group::add_member(&system, group.id, member).await.unwrap();
    let before = org_settings::show(&system).await.unwrap().value;
    org_settings::update(&system, None, Settings { factors: row(vec![group.id]), ..before }).await.unwrap();
    admission(house.all_the_way("alice").await);
    let step = begin(&house.test.nobody(), with_password("bob", PASSWORD)).await.unwrap();
    assert!(matches!(step, Step::EnrollmentNeeded { .. }), "{step:?}");
}
