use sallyport_api::rest::{AddPhone, InvitationBy, UpdateUser};
use sallyport_model::{Role, Telephony, telephony::TelephonyContext};
use uuid::Uuid;

use super::*;
use crate::{
    factor::{self, phone},
    push::tests::own_session,
    signin::{
        self, Step,
        challenge::Shows,
        tests::{person, to_second_door},
    },
    telephony::testing::{Company, phone_of, twilio},
    testing::{self, TestOrg},
};

const NUMBER: &str = "+15005550010";

async fn all(ctx: &Ctx, text: &str) -> Vec<TelephonyRecord> {
    let wanted = Wanted { text: text.into(), before: None, limit: 50 };
    list(ctx, wanted).await.unwrap().items
}

fn later(test: &TestOrg) {
    test.clock.advance(Span::seconds(31));
}

#[tokio::test]
async fn every_text_and_call_is_noted_with_what_it_was_for_and_what_became_of_it() {
    let test = testing::org().await;
    let company = Company::of(&test, twilio()).await;
    let alice = person(&test, "alice").await;
    let phone = phone_of(&test, alice.id, NUMBER).await;

    let step = to_second_door(&test.nobody(), "alice").await;
    let Step::SecondDoor(told) = signin::text(&test.nobody(), &step.handle, phone.id).await.unwrap() else {
        panic!("not at the second door")
    };
    assert_eq!(told.problem, None);
    later(&test);
    let shows = Shows::Number;
    signin::challenge::ask(&test.nobody(), &step.handle, Some(phone.id), shows).await.unwrap();
    assert_eq!(company.calls(), 1);
    let (own, session) = own_session(&test, "alice", &alice).await;
    let input = AddPhone { number: "+15005550011".into(), ..AddPhone::default() };
    phone::begin_own(&own, &session, &input).await.unwrap();
    later(&test);
    company.answer_with(400);
    let bob = crate::mail::testing::person(&test, "bob").await;
    crate::user::update(
        &test.system(),
        bob.id,
        None,
        UpdateUser { phones: Some(vec!["+15005550012".into()]), ..UpdateUser::default() },
    )
    .await
    .unwrap();
    factor::invitation::send(&test.system(), bob.id, InvitationBy::Text).await.unwrap_err();

    let found = all(&test.system(), "").await;
    let told: Vec<_> = found
        .iter()
        .map(|one| (one.name.as_str(), one.number.as_str(), one.kind, one.context, one.state, one.price))
        .collect();
    let (text, call) = (TelephonyKind::Text, TelephonyKind::Call);
    let (sent, failed) = (TelephonyState::Sent, TelephonyState::Failed);
    assert_eq!(
        told,
        [
            ("bob", "+15005550012", text, TelephonyContext::Enrollment, failed, 10),
            ("alice", "+15005550011", text, TelephonyContext::NewNumber, sent, 10),
            ("alice", NUMBER, call, TelephonyContext::SignIn, sent, 20),
            ("alice", NUMBER, text, TelephonyContext::SignIn, sent, 10),
        ]
    );
    assert!(found[3].sign_in.is_some() && found[3].sign_in == found[2].sign_in, "one sign-in asked for both");
    assert_eq!((found[1].sign_in, found[0].sign_in), (None, None));
    let now = test.system().now;
    let sum = test.system().read(move |reader| sum(reader, now.minus(Span::days(1)), now)).await.unwrap();
    assert_eq!((sum.count, sum.price), (4, 50));
    for (text, names) in [("5550012", 1), ("ALICE", 3), ("call", 1), ("failed", 1), ("sign_in", 2), ("%", 0)]
    {
        assert_eq!(all(&test.system(), text).await.len(), names, "{text}");
    }
    // Codes are nowhere in it.
    let codes = company.codes();
    let dump = String::from_utf8(export(&test.system(), Wanted::default()).await.unwrap()).unwrap();
    assert!(dump.contains(NUMBER) && !codes.iter().any(|code| dump.contains(code.expose())), "{dump}");
}

#[tokio::test]
async fn what_a_cap_refused_is_not_in_the_log() {
    let test = testing::org().await;
    let limits = sallyport_model::telephony::TelephonyLimits { ceiling: 15, ..Default::default() };
    Company::of(&test, Telephony { limits, ..twilio() }).await;
    let alice = person(&test, "alice").await;
    let phone = phone_of(&test, alice.id, NUMBER).await;
    for _ in 0..3 {
        later(&test);
        let step = to_second_door(&test.nobody(), "alice").await;
        signin::text(&test.nobody(), &step.handle, phone.id).await.unwrap();
    }
    assert_eq!(all(&test.system(), "").await.len(), 1);
}

#[tokio::test]
async fn numbers_are_for_whoever_reads_peoples_factors_and_the_log_for_whoever_reads_sign_ins() {
    let test = testing::org().await;
    Company::of(&test, twilio()).await;
    let alice = person(&test, "alice").await;
    let phone = phone_of(&test, alice.id, NUMBER).await;
    let step = to_second_door(&test.nobody(), "alice").await;
    signin::text(&test.nobody(), &step.handle, phone.id).await.unwrap();
    let eve = UserId::new(Uuid::from_u128(9));
    for role in Role::ALL {
        let ctx = test.person(eve, &[role]);
        let found = list(&ctx, Wanted { limit: 9, ..Wanted::default() }).await;
        match role {
            Role::CommandRunner => assert!(matches!(found, Err(AppError::Denied(_)))),
            Role::Administrator | Role::Auditor | Role::HelpDesk | Role::Owner => {
                assert_eq!(found.unwrap().items[0].number, NUMBER, "{role:?}");
            }
        }
    }
    let program = |grants: &[Grant]| {
        let id = sallyport_model::id::ApplicationId::new(Uuid::from_u128(1));
        let grants = grants.iter().copied().collect();
        test.nobody().with_caller(Caller::AdminApi { id, name: "SIEM".into(), grants })
    };
    let masked = program(&[Grant::ReadLog, Grant::Info, Grant::Integrations]);
    let found = all(&masked, "").await;
    assert_eq!((found.len(), found[0].number.as_str()), (1, "XXX-XXX-0010"));
    assert_eq!(all(&masked, "5005550010").await.len(), 1, "nobody is found by a number that is not shown");
    assert_eq!(all(&masked, "5005559999").await.len(), 1);
    assert_eq!(all(&program(&[Grant::ReadLog, Grant::ReadResource]), "").await[0].number, NUMBER);
}

#[tokio::test]
async fn a_year_later_it_is_forgotten() {
    let test = testing::org().await;
    Company::of(&test, twilio()).await;
    let alice = person(&test, "alice").await;
    let phone = phone_of(&test, alice.id, NUMBER).await;
    let step = to_second_door(&test.nobody(), "alice").await;
    signin::text(&test.nobody(), &step.handle, phone.id).await.unwrap();
    test.clock.advance(Span::days(364));
    crate::jobs::pass(&test.system()).await.unwrap();
    assert_eq!(all(&test.system(), "").await.len(), 1);
    test.clock.advance(Span::days(2));
    crate::jobs::pass(&test.system()).await.unwrap();
    assert_eq!(all(&test.system(), "").await.len(), 0);
}
