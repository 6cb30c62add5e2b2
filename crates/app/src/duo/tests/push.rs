//! Phones that applications ask.

use sallyport_api::rest::CreatePolicy;
use sallyport_model::policy::{Applied, NumberWhen, VerifiedPush};
use sallyport_wire::duo::auth::AuthStatusRequest;

use super::*;
use crate::push::{
    self, Proved,
    tests::{Handset, first_phone},
};

/// Alice, who has nothing but a phone; and the id by which applications name it.
async fn with_phone(house: &House) -> (Handset, DeviceRef) {
    let alice = house.person("alice").await;
    let (handset, duo_id) = first_phone(&house.test, alice).await;
    (handset, DeviceRef::Id(duo_id))
}

/// A policy that lets pushes go without a number, applied to the application.
async fn allow_plain(house: &House) {
    let (system, when) = (house.test.system(), NumberWhen::WhereShown);
    let push = VerifiedPush { when, ..VerifiedPush::default() };
    let sections = Sections { verified_push: Some(push), ..Sections::default() };
    let input = CreatePolicy { name: "Without a number".into(), sections };
    let policy = Some(crate::policy::create(&system, input).await.unwrap().id);
    let policies = Some(Applied { policy, ..Applied::default() });
    let applied = UpdateApplication { policies, ..UpdateApplication::default() };
    application::update(&system, house.id, None, applied).await.unwrap();
}

/// Waits until the phone has heard of a request, which somebody asks for meanwhile.
async fn heard(house: &House, handset: &Handset) -> push::Request {
    let longest = std::time::Duration::from_secs(20);
    push::requests(&house.test.nobody(), &handset.phone, longest).await.unwrap().remove(0)
}

async fn begun(house: &House, device: &DeviceRef) -> String {
    let request = auth_of("alice", AuthFactor::Push(device.clone()), true);
    match auth(&house.ctx(), &request).await.unwrap() {
        AuthResponse::Accepted { txid } => txid,
        AuthResponse::Done(status) => panic!("{status:?}"),
    }
}

async fn asked(house: &House, txid: &str) -> AuthStatus {
    auth_status(&house.ctx(), &AuthStatusRequest { txid: txid.into() }).await.unwrap()
}

#[tokio::test]
async fn an_application_that_shows_no_number_pushes_only_where_that_is_allowed() {
    let house = house().await;
    let (handset, device) = with_phone(&house).await;
    let silent = PreauthRequest { text_prompt: false, ..preauth_of(UserRef::Name("alice".into())) };
    let PreauthResult::Auth { devices, .. } = preauth(&house.ctx(), &silent).await.unwrap().result else {
        panic!()
    };
    let DeviceKind::Phone { capabilities, .. } = &devices[0].kind else { panic!() };
    assert!(capabilities.is_empty());
    let refused = house.auth("alice", AuthFactor::Push(device.clone())).await.unwrap();
    assert_eq!(said(&refused).0, AuthResult::Deny);
    assert!(refused.status_msg.contains("number"), "{}", refused.status_msg);

    allow_plain(&house).await;
    let PreauthResult::Auth { devices, prompt, .. } = house.preauth("alice").await else { panic!() };
    let DeviceKind::Phone { capabilities, .. } = &devices[0].kind else { panic!() };
    assert_eq!(capabilities, &[Capability::Auto, Capability::Push]);
    // Whoever reads the menu is shown a number all the same; whoever takes the default has read none.
    let prompt = prompt.unwrap();
    assert!(
        prompt.text.contains("type ") && prompt.factors["1"].starts_with("verified_push1-"),
        "{prompt:?}"
    );
    assert_eq!(prompt.factors["default"], "push1");
    for factor in [
        AuthFactor::Push(device),
        AuthFactor::Auto(DeviceRef::Auto),
        AuthFactor::Prompt(PromptAnswer::Push(1)),
    ] {
        let answering = async {
            let request = heard(&house, &handset).await;
            assert_eq!((request.what.as_str(), request.digits), ("SSH gateway", 0));
            handset.yes(&house.test, &request, "").await.unwrap();
        };
        let (status, ()) = tokio::join!(house.auth("alice", factor), answering);
        assert_eq!(said(&status.unwrap()), (AuthResult::Allow, Some(Status::Allow)));
    }
}

#[tokio::test]
async fn a_transaction_is_pushed_once_and_then_decided_for_good() {
    let house = house().await;
    let (handset, device) = with_phone(&house).await;
    allow_plain(&house).await;
    let txid = begun(&house, &device).await;
    assert_eq!(said(&asked(&house, &txid).await), (AuthResult::Waiting, Some(Status::Pushed)));
    let answering = async {
        let request = heard(&house, &handset).await;
        handset.yes(&house.test, &request, "").await.unwrap();
    };
    // Two of its connections ask at once: neither may be told no.
    let (first, second, ()) = tokio::join!(asked(&house, &txid), asked(&house, &txid), answering);
    for status in [first, second] {
        assert!(matches!(status.result(), AuthResult::Allow | AuthResult::Waiting), "{status:?}");
    }
    for _ in 0..2 {
        assert_eq!(said(&asked(&house, &txid).await), (AuthResult::Allow, Some(Status::Allow)));
    }
    let elsewhere = house.other().await;
    let foreign = auth_status(&elsewhere, &AuthStatusRequest { txid }).await;
    assert_eq!(refused(foreign.unwrap_err()).1.as_deref(), Some("txid"));
}

#[tokio::test]
async fn a_transaction_is_told_alike_at_two_nodes_and_through_a_restart() {
    let mut house = house().await;
    let (handset, device) = with_phone(&house).await;
    allow_plain(&house).await;
    let txid = begun(&house, &device).await;
    assert_eq!(said(&asked(&house, &txid).await).1, Some(Status::Pushed));
    let request = heard(&house, &handset).await;
    handset.yes(&house.test, &request, "").await.unwrap();
    let asks = |ctx: Ctx| {
        let request = AuthStatusRequest { txid: txid.clone() };
        async move { auth_status(&ctx, &request).await.unwrap() }
    };
    let doors = |house: &House| house.test.doors().map(|ctx| ctx.with_caller(house.ctx().caller));
    for status in testing::at_once(&doors(&house), 10, asks).await {
        assert!(matches!(status.result(), AuthResult::Allow | AuthResult::Waiting), "{status:?}");
    }
    house.test.restart();
    for status in testing::at_once(&doors(&house), 4, asks).await {
        assert_eq!(said(&status), (AuthResult::Allow, Some(Status::Allow)));
    }
    assert!(handset.yes(&house.test, &request, "").await.is_err(), "once");
}

#[tokio::test]
async fn whoever_is_held_is_answered_when_the_server_stops_and_asks_again() {
    let house = house().await;
    let (handset, device) = with_phone(&house).await;
    allow_plain(&house).await;
    let txid = begun(&house, &device).await;
    assert_eq!(said(&asked(&house, &txid).await).1, Some(Status::Pushed));
    let request = heard(&house, &handset).await;
    let stopping = async {
        tokio::task::yield_now().await;
        house.test.org.bells.stop();
    };
    // Long before it would be answered by itself.
    let held = tokio::time::timeout(std::time::Duration::from_secs(10), asked(&house, &txid));
    let (status, ()) = tokio::join!(held, stopping);
    assert_eq!(said(&status.unwrap()), (AuthResult::Waiting, Some(Status::Pushed)));
    handset.yes(&house.test, &request, "").await.unwrap();
    assert_eq!(said(&asked(&house, &txid).await), (AuthResult::Allow, Some(Status::Allow)));
}

#[tokio::test]
async fn a_question_is_held_while_nothing_changes_however_often_somebody_looks() {
    let house = house().await;
    let (handset, device) = with_phone(&house).await;
    allow_plain(&house).await;
    let txid = begun(&house, &device).await;
    let first = asked(&house, &txid).await;
    let request = heard(&house, &handset).await;
    let system = house.test.system();
    let challenge = system.read(move |reader| Ok(reader.find_challenge(request.id)?)).await.unwrap().unwrap();
    let looks = async {
        for _ in 0..5 {
            // As if something had come of it, after which whoever waits looks.
            house.test.org.bells.ring(&challenge.sign_in.to_string());
            for _ in 0..3 {
                let sign_in = challenge.sign_in;
                system.read(move |reader| Ok(reader.challenge_at(sign_in)?)).await.unwrap();
            }
        }
    };
    let mut held = std::pin::pin!(asked(&house, &txid));
    tokio::select! {
        biased;
        early = &mut held => panic!("{early:?}"),
        () = looks => {}
    }
    house.test.org.bells.stop();
    let held = held.await;
    assert_eq!((said(&held), held.status_msg), (said(&first), first.status_msg));
}

/// Some clients ask twenty times and no more.
#[tokio::test]
async fn whoever_asks_twenty_times_over_a_whole_push_is_told_the_same_until_its_time_is_over() {
    let house = house().await;
    let (handset, device) = with_phone(&house).await;
    allow_plain(&house).await;
    let txid = begun(&house, &device).await;
    let first = asked(&house, &txid).await;
    assert_eq!(said(&first), (AuthResult::Waiting, Some(Status::Pushed)));
    let request = heard(&house, &handset).await;
    // A server that stops holds nobody, so each is told at once how it stands.
    house.test.org.bells.stop();
    for n in 1..=20 {
        house.test.clock.advance(Span::seconds(3));
        let status = asked(&house, &txid).await;
        assert_eq!((said(&status), &status.status_msg), (said(&first), &first.status_msg), "{n}");
    }
    house.test.clock.advance(Span::seconds(1));
    for _ in 0..2 {
        assert_eq!(said(&asked(&house, &txid).await), (AuthResult::Deny, Some(Status::Timeout)));
        assert!(handset.yes(&house.test, &request, "").await.is_err(), "it is over");
    }
}

#[tokio::test]
async fn a_phone_that_was_not_woken_is_told_to_whoever_waits_and_answers_all_the_same() {
    let house = house().await;
    let (handset, device) = with_phone(&house).await;
    allow_plain(&house).await;
    // Nothing here sends a push to an internal address.
    let subscription = br#"{"endpoint":"https://127.0.0.1/push/1","keys":{
        "p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth":"BTBZMqHH6r4Tts7J_aSIgg"}}"#;
    let subscription = sallyport_wire::webpush::Subscription::parse(subscription).unwrap();
    push::application_server_key(&house.test.nobody()).await.unwrap();
    push::subscribe(&house.test.nobody(), &handset.phone, &subscription).await.unwrap();
    let txid = begun(&house, &device).await;
    assert_eq!(said(&asked(&house, &txid).await).1, Some(Status::Pushed));
    let failed = asked(&house, &txid).await;
    assert_eq!(said(&failed), (AuthResult::Waiting, Some(Status::PushFailed)));
    let request = heard(&house, &handset).await;
    handset.yes(&house.test, &request, "").await.unwrap();
    assert_eq!(said(&asked(&house, &txid).await), (AuthResult::Allow, Some(Status::Allow)));
}

#[tokio::test]
async fn no_answer_is_a_timeout_and_not_me_is_fraud() {
    let house = house().await;
    let (handset, device) = with_phone(&house).await;
    allow_plain(&house).await;
    let txid = begun(&house, &device).await;
    asked(&house, &txid).await;
    house.test.clock.advance(Span::seconds(61));
    assert_eq!(said(&asked(&house, &txid).await), (AuthResult::Deny, Some(Status::Timeout)));

    let answer = async |said| {
        let txid = begun(&house, &device).await;
        asked(&house, &txid).await;
        let request = heard(&house, &handset).await;
        push::answer(&house.test.nobody(), &handset.phone, request.id, said).await.unwrap();
        asked(&house, &txid).await
    };
    assert_eq!(said(&answer(Proved::No).await), (AuthResult::Deny, Some(Status::Deny)));
    assert_eq!(said(&answer(Proved::NotMe).await), (AuthResult::Deny, Some(Status::Fraud)));
}

#[tokio::test]
async fn a_verified_push_wants_the_number_that_the_application_showed() {
    let house = house().await;
    let (handset, device) = with_phone(&house).await;
    let question =
        PreauthRequest { client_supports_verified_push: true, ..preauth_of(UserRef::Name("alice".into())) };
    let preauth_with_number = async || {
        let answer = preauth(&house.ctx(), &question).await.unwrap().result;
        let PreauthResult::Auth { prompt, verified_push: Some(verified), .. } = answer else { panic!() };
        // Some clients print the menu and nothing else; who takes the default has seen neither.
        let (prompt, code) = (prompt.unwrap(), &verified.verification_code);
        assert!(prompt.text.contains(&format!("(type {code} there)")), "{}", prompt.text);
        assert_eq!(prompt.factors["1"], format!("verified_push1-{}", verified.txid));
        assert_eq!(prompt.factors["default"], "push1");
        verified
    };
    let verified = preauth_with_number().await;
    assert_eq!((verified.verification_code.len(), verified.expiration), (3, 60));
    let request = AuthRequest {
        txid: Some(verified.txid.clone()),
        ..auth_of("alice", AuthFactor::Prompt(PromptAnswer::VerifiedPush { number: 1, txid: None }), false)
    };
    let answering = async {
        let asked = heard(&house, &handset).await;
        assert_eq!(asked.digits, 3);
        let wrong = if verified.verification_code == "000" { "001" } else { "000" };
        assert!(handset.yes(&house.test, &asked, wrong).await.is_err());
        handset.yes(&house.test, &asked, &verified.verification_code).await.unwrap();
    };
    let ctx = house.ctx();
    let (answer, ()) = tokio::join!(auth(&ctx, &request), answering);
    let AuthResponse::Done(status) = answer.unwrap() else { panic!() };
    assert_eq!(said(&status), (AuthResult::Allow, Some(Status::Allow)));
    // The number is good once, and for the application that showed it.
    let AuthResponse::Done(again) = auth(&ctx, &request).await.unwrap() else { panic!() };
    assert!(again.status_msg.contains("choose again"), "{}", again.status_msg);
    let pushed = AuthRequest { factor: AuthFactor::Push(device.clone()), ..request };
    assert_eq!(refused(auth(&ctx, &pushed).await.unwrap_err()).1.as_deref(), Some("txid"));
    let verified = preauth_with_number().await;
    let stolen =
        AuthRequest { txid: Some(verified.txid), ..auth_of("alice", AuthFactor::Push(device), false) };
    let elsewhere = house.other().await;
    assert_eq!(refused(auth(&elsewhere, &stolen).await.unwrap_err()).1.as_deref(), Some("txid"));
}

/// Clients that know nothing of numbers print the menu all the same.
#[tokio::test]
async fn a_menu_shows_the_number_of_a_push_where_none_may_go_without() {
    let house = house().await;
    let (handset, _) = with_phone(&house).await;
    let menu = async || {
        let PreauthResult::Auth { prompt: Some(prompt), verified_push: None, .. } =
            house.preauth("alice").await
        else {
            panic!()
        };
        let (_, behind) = prompt.text.split_once(" 1. Push to ").unwrap();
        let (_, behind) = behind.split_once(" (type ").unwrap();
        let number = behind.split_once(" there)").unwrap().0.to_owned();
        (prompt, number)
    };
    let (prompt, number) = menu().await;
    let choice = AuthFactor::Prompt(prompt.resolve("1"));
    let answering = async {
        let asked = heard(&house, &handset).await;
        assert_eq!(asked.digits, 3);
        handset.yes(&house.test, &asked, &number).await.unwrap();
    };
    let (status, ()) = tokio::join!(house.auth("alice", choice.clone()), answering);
    assert_eq!(said(&status.unwrap()), (AuthResult::Allow, Some(Status::Allow)));

    // Once; and who takes the default has seen no number.
    let again = house.auth("alice", choice).await.unwrap();
    assert!(again.status_msg.contains("choose again"), "{}", again.status_msg);
    let (prompt, _) = menu().await;
    for typed in [prompt.default_answer().unwrap(), PromptAnswer::parse("push")] {
        let denied = house.auth("alice", AuthFactor::Prompt(typed)).await.unwrap();
        assert_eq!(said(&denied).0, AuthResult::Deny);
        assert!(denied.status_msg.contains("number"), "{}", denied.status_msg);
    }
}

/// They read the number nowhere but in what they print: the menu, and how the transaction stands.
#[tokio::test]
async fn whoever_waits_for_a_transaction_is_told_the_number_of_its_push() {
    let house = house().await;
    let (handset, _) = with_phone(&house).await;
    let question =
        PreauthRequest { client_supports_verified_push: true, ..preauth_of(UserRef::Name("alice".into())) };
    let chosen = async || {
        let answer = preauth(&house.ctx(), &question).await.unwrap().result;
        let PreauthResult::Auth { prompt: Some(prompt), verified_push: Some(verified), .. } = answer else {
            panic!()
        };
        (prompt.resolve("1"), Some(verified.txid), Some(verified.verification_code))
    };
    let typed = async |word: &str| (PromptAnswer::parse(word), chosen().await.1, None);
    for (answer, txid, number) in [chosen().await, typed("push").await, typed("push1").await] {
        let request = AuthRequest { txid, ..auth_of("alice", AuthFactor::Prompt(answer), true) };
        let AuthResponse::Accepted { txid } = auth(&house.ctx(), &request).await.unwrap() else { panic!() };
        let told = asked(&house, &txid).await;
        assert_eq!(said(&told), (AuthResult::Waiting, Some(Status::Pushed)));
        let (_, behind) = told.status_msg.split_once("Type ").unwrap();
        let named = behind.split_once(" there").unwrap().0;
        assert!(number.is_none_or(|number| number == named), "{}", told.status_msg);
        let shown = handset.request(&house.test).await;
        assert_eq!(shown.digits, 3);
        handset.yes(&house.test, &shown, named).await.unwrap();
        assert_eq!(said(&asked(&house, &txid).await), (AuthResult::Allow, Some(Status::Allow)));
        house.test.clock.advance(Span::minutes(11));
    }
    // Whoever waits for the answer itself is told nothing before, so a word alone is no verified push there.
    let (word, txid, _) = typed("push1").await;
    let silent = AuthRequest { txid, ..auth_of("alice", AuthFactor::Prompt(word), false) };
    let AuthResponse::Done(denied) = auth(&house.ctx(), &silent).await.unwrap() else { panic!() };
    assert_eq!(said(&denied).0, AuthResult::Deny);
    assert!(denied.status_msg.contains("number"), "{}", denied.status_msg);
    // Where policy lets a push do without, nobody is told a number for a word.
    allow_plain(&house).await;
    let request = auth_of("alice", AuthFactor::Prompt(PromptAnswer::Push(1)), true);
    let AuthResponse::Accepted { txid } = auth(&house.ctx(), &request).await.unwrap() else { panic!() };
    assert!(!asked(&house, &txid).await.status_msg.contains("Type"));
    assert_eq!(handset.request(&house.test).await.digits, 0);
}

#[tokio::test]
async fn the_phone_shows_the_machine_and_what_the_application_wants_shown() {
    let house = house().await;
    let (handset, device) = with_phone(&house).await;
    allow_plain(&house).await;
    let mut request = auth_of("alice", AuthFactor::Push(device), true);
    request.origin.hostname = Some("build\n1".into());
    request.notice.pushinfo = Some("command=sudo%20-i&from=%0Aoffice".into());
    auth(&house.ctx(), &request).await.unwrap();
    let shown = handset.request(&house.test).await;
    assert_eq!(shown.device, "build1, command: sudo -i, from: office");
    // It is signed with all else: who shows another machine has no yes for this one.
    let altered = crate::push::Request { device: "printer".into(), ..shown.clone() };
    assert!(handset.yes(&house.test, &altered, "").await.is_err());
    handset.yes(&house.test, &shown, "").await.unwrap();
    let wanted = crate::audit::SignInsWanted { text: String::new(), before: None, limit: 1 };
    let sign_ins = crate::audit::sign_ins(&house.test.system(), wanted).await.unwrap();
    assert_eq!(sign_ins.items[0].sign_in.device.as_deref(), Some(shown.device.as_str()));
}
