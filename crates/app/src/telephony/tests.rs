use sallyport_model::{Span, Time, id::UserId, telephony::TelephonyLimits};
use uuid::Uuid;

use super::{
    budget::{Spent, spend},
    testing::twilio,
    *,
};
use crate::{settings::update, signin::throttle, testing};

fn person(n: u128) -> UserId {
    UserId::new(Uuid::from_u128(n))
}

async fn text(ctx: &Ctx, person: UserId, number: &str, telephony: &Telephony) -> Result<(), Spent> {
    let (number, telephony) = (number.parse().unwrap(), telephony.clone());
    ctx.write(move |tx| spend(tx, Carried::Text, person, &number, &telephony)).await.unwrap()
}

/// Notes that these people signed in before from where they ask now.
async fn known(ctx: &Ctx, people: &[UserId]) {
    let (here, people) = (throttle::network(ctx.source), people.to_vec());
    ctx.write(move |tx| people.iter().try_for_each(|one| throttle::know_network(tx, *one, &here)))
        .await
        .unwrap();
}

fn with(limits: TelephonyLimits) -> Telephony {
    Telephony { limits, ..twilio() }
}

const HALF_A_MINUTE: Span = Span::seconds(30);

#[tokio::test]
async fn every_cap_holds_for_itself_and_a_day_later_there_is_more() {
    let test = testing::org().await;
    let (alice, bob) = (person(1), person(2));
    known(&test.system(), &[alice, bob]).await;
    let limits =
        TelephonyLimits { per_number: 2, per_person: 3, per_country: 4, per_day: 5, ..Default::default() };
    let telephony = with(limits);
    let send = async |who, number| {
        test.clock.advance(HALF_A_MINUTE);
        text(&test.system(), who, number, &telephony).await
    };
    assert_eq!(send(alice, "+15550100").await, Ok(()));
    assert_eq!(send(alice, "+15550100").await, Ok(()));
    assert_eq!(send(alice, "+15550100").await, Err(Spent::Number));
    assert_eq!(send(bob, "+15550100").await, Err(Spent::Number), "whoever asks");
    assert_eq!(send(alice, "+15550101").await, Ok(()));
    assert_eq!(send(alice, "+49301234567").await, Err(Spent::Person));
    assert_eq!(send(bob, "+15550102").await, Ok(()));
    assert_eq!(send(bob, "+15550103").await, Err(Spent::CountryDay));
    assert_eq!(send(bob, "+49301234567").await, Ok(()));
    assert_eq!(send(bob, "+49301234567").await, Err(Spent::OrganizationDay));
    assert_eq!(send(bob, "+442079460000").await, Err(Spent::Country), "nobody allowed it");
    test.clock.advance(Span::days(1));
    assert_eq!(send(alice, "+15550100").await, Ok(()));
}

#[tokio::test]
async fn a_stranger_spends_a_part_and_the_rest_is_for_where_the_person_was_before() {
    let test = testing::org().await;
    let alice = person(1);
    let limits = TelephonyLimits { per_number: 5, per_person: 5, ..Default::default() };
    let telephony = with(limits);
    let home = Ctx { source: Some([192, 0, 2, 7].into()), ..test.system() };
    let neighbour = Ctx { source: Some([192, 0, 2, 8].into()), ..test.system() };
    let stranger = Ctx { source: Some([198, 51, 100, 9].into()), ..test.system() };
    known(&home, &[alice]).await;
    let mut sent = 0;
    for _ in 0..10 {
        test.clock.advance(HALF_A_MINUTE);
        let stranger = Ctx { now: test.system().now, ..stranger.clone() };
        sent += usize::from(text(&stranger, alice, "+15550100", &telephony).await.is_ok());
    }
    assert_eq!(sent, 3);
    let at = |ctx: &Ctx| Ctx { now: test.system().now, ..ctx.clone() };
    assert_eq!(text(&at(&stranger), alice, "+15550101", &telephony).await, Err(Spent::Person));
    assert_eq!(text(&at(&home), alice, "+15550100", &telephony).await, Ok(()), "nor does she wait for them");
    test.clock.advance(HALF_A_MINUTE);
    assert_eq!(text(&at(&neighbour), alice, "+15550100", &telephony).await, Ok(()));
    test.clock.advance(HALF_A_MINUTE);
    assert_eq!(text(&at(&home), alice, "+15550100", &telephony).await, Err(Spent::Number), "all have ends");
}

#[tokio::test]
async fn who_asks_again_at_once_waits_half_a_minute() {
    let test = testing::org().await;
    let telephony = twilio();
    assert_eq!(text(&test.system(), person(1), "+15550100", &telephony).await, Ok(()));
    assert_eq!(text(&test.system(), person(1), "+15550101", &telephony).await, Err(Spent::TooSoon));
    assert_eq!(text(&test.system(), person(2), "+15550102", &telephony).await, Ok(()));
    test.clock.advance(HALF_A_MINUTE);
    assert_eq!(text(&test.system(), person(1), "+15550101", &telephony).await, Ok(()));
}

#[tokio::test]
async fn money_ends_at_the_ceiling_and_begins_anew_after_thirty_days() {
    let test = testing::org().await;
    let telephony =
        with(TelephonyLimits { text_price: 40, call_price: 100, ceiling: 100, ..Default::default() });
    for n in 1..=2 {
        assert_eq!(text(&test.system(), person(n), &format!("+1555010{n}"), &telephony).await, Ok(()));
    }
    assert_eq!(text(&test.system(), person(3), "+15550103", &telephony).await, Err(Spent::Money));
    let spent = test.system().read(|reader| budget::money(reader, Time(0))).await.unwrap();
    assert_eq!(spent.0, 80);
    test.clock.advance(Span::days(29));
    crate::jobs::pass(&test.system()).await.unwrap();
    assert_eq!(text(&test.system(), person(3), "+15550103", &telephony).await, Err(Spent::Money));
    test.clock.advance(Span::days(1));
    assert_eq!(text(&test.system(), person(3), "+15550103", &telephony).await, Ok(()));
}

#[tokio::test]
async fn caps_hold_over_nodes_restarts_and_many_at_once() {
    let mut test = testing::org().await;
    let telephony = with(TelephonyLimits { per_day: 5, ..Default::default() });
    let nodes = [test.system(), test.other_node()];
    let mut asked = tokio::task::JoinSet::new();
    for n in 0..20u128 {
        let (ctx, telephony) = (nodes[n as usize % 2].clone(), telephony.clone());
        asked.spawn(
            async move { text(&ctx, person(n + 1), &format!("+155501{n:02}"), &telephony).await.is_ok() },
        );
    }
    assert_eq!(asked.join_all().await.into_iter().filter(|sent| *sent).count(), 5);
    test.restart();
    assert_eq!(text(&test.system(), person(99), "+15550199", &telephony).await, Err(Spent::OrganizationDay));
}

#[tokio::test]
async fn numbers_are_not_in_the_counters() {
    let test = testing::org().await;
    text(&test.system(), person(1), "+15550177", &twilio()).await.unwrap();
    let dump = test.dump();
    assert!(!dump.windows(8).any(|window| window == b"15550177"));
}

async fn set(test: &testing::TestOrg, telephony: Telephony) -> Result<Option<&'static str>, AppError> {
    let before = crate::settings::show(&test.system()).await.unwrap().value;
    update(&test.system(), None, Settings { telephony, ..before }).await.map(|replaced| replaced.notice)
}

#[tokio::test]
async fn a_secret_rests_sealed_and_leaves_with_its_provider() {
    let test = testing::org().await;
    let system = test.system();
    assert!(!super::update(&system, None, twilio(), None).await.unwrap().has_secret);
    let secret = || Some(Secret::from("a-token-that-is-secret"));
    assert!(super::update(&system, None, twilio(), secret()).await.unwrap().has_secret);
    assert!(!test.dump().windows(22).any(|window| window == b"a-token-that-is-secret"));
    let limits = TelephonyLimits { per_day: 9, ..Default::default() };
    assert_eq!(set(&test, with(limits)).await.unwrap(), None);
    assert!(show(&system).await.unwrap().has_secret, "it is the same provider");
    let elsewhere = Provider::Twilio { url: "https://evil.example".into(), account: "AC1".into() };
    let notice = set(&test, Telephony { provider: Some(elsewhere), ..twilio() }).await.unwrap();
    assert!(notice.is_some_and(|notice| notice.contains("secret")), "{notice:?}");
    assert!(!show(&system).await.unwrap().has_secret);
    for bad in ["", "a b", "a\nb", &"x".repeat(513)] {
        assert!(super::update(&system, None, twilio(), Some(bad.into())).await.is_err(), "{bad}");
    }
    assert!(super::update(&system, None, Telephony::default(), secret()).await.is_err(), "for nobody");
    let auditor = test.person(person(7), &[sallyport_model::Role::Auditor]);
    assert!(matches!(super::update(&auditor, None, twilio(), secret()).await, Err(AppError::Denied(_))));
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_by_their_field() {
    let test = testing::org().await;
    let gateway = |body: &str| Provider::Gateway {
        method: sallyport_model::telephony::GatewayMethod::Post,
        url: "https://sms.example/".into(),
        headers: Vec::new(),
        content_type: sallyport_model::telephony::GatewayContent::Json,
        body: body.into(),
    };
    let provider = |provider: Provider| Some(provider);
    for (telephony, field) in [
        (Telephony { provider: None, ..twilio() }, "telephony.texts"),
        (Telephony { countries: Vec::new(), ..twilio() }, "telephony.countries"),
        (Telephony { sender: "Example".into(), ..twilio() }, "telephony.sender"),
        (Telephony { sender: String::new(), calls: false, ..twilio() }, "telephony.sender"),
        (Telephony { codes: 0, ..twilio() }, "telephony.codes"),
        (Telephony { batch_hours: 25, ..twilio() }, "telephony.batch_hours"),
        (with(TelephonyLimits { per_day: u32::MAX, ..Default::default() }), "telephony.limits"),
        (Telephony { provider: provider(gateway("{to}{text}")), ..twilio() }, "telephony.provider.body"),
        (
            Telephony { provider: provider(gateway(r#"{"t":"{to}","x":"{text}"}"#)), ..twilio() },
            "telephony.calls",
        ),
        (
            Telephony {
                provider: provider(Provider::Twilio { url: "file:///etc".into(), account: "AC1".into() }),
                ..twilio()
            },
            "telephony.provider.url",
        ),
        (
            Telephony {
                provider: provider(Provider::Twilio { url: String::new(), account: "../AC1".into() }),
                ..twilio()
            },
            "telephony.provider.account",
        ),
    ] {
        match set(&test, telephony).await {
            Err(AppError::Invalid { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    let texts_only = Telephony { sender: "Example".into(), calls: false, ..twilio() };
    set(&test, texts_only).await.unwrap();
}

#[tokio::test]
async fn a_provider_inside_the_house_is_not_asked_unless_it_is_listed() {
    let test = testing::org().await;
    let inside = Provider::Twilio { url: "http://127.0.0.2:9".into(), account: "AC1".into() };
    set(&test, Telephony { provider: Some(inside), ..twilio() }).await.unwrap();
    let Known::No(why) = check(&test.system()).await.unwrap() else { panic!("known") };
    assert!(why.contains("internal"), "{why}");
}

#[tokio::test]
async fn notices_have_half_of_what_there_is_and_keep_no_code_waiting() {
    let test = testing::org().await;
    let alice = person(1);
    known(&test.system(), &[alice]).await;
    let telephony = with(TelephonyLimits { per_number: 4, per_person: 4, ..Default::default() });
    let notice = async || {
        let telephony = telephony.clone();
        let number = "+15550100".parse().unwrap();
        let spend = move |tx: &mut Tx<'_, '_>| spend(tx, Carried::Notice, alice, &number, &telephony);
        test.system().write(spend).await.unwrap()
    };
    assert_eq!((notice().await, notice().await), (Ok(()), Ok(())), "at once");
    assert_eq!(notice().await, Err(Spent::Number));
    assert_eq!(text(&test.system(), alice, "+15550100", &telephony).await, Ok(()));
    test.clock.advance(HALF_A_MINUTE);
    assert_eq!(text(&test.system(), alice, "+15550100", &telephony).await, Ok(()));
    test.clock.advance(HALF_A_MINUTE);
    assert_eq!(
        text(&test.system(), alice, "+15550100", &telephony).await,
        Err(Spent::Number),
        "all together"
    );
}
