//! A phone that is asked at one server and answers at another.

use super::*;

/// Longer than any of it takes.
const LONG: Duration = Duration::from_secs(60);

/// How many of these attempts at once, at both nodes by turns, came to what `counts` says.
async fn count<T: Send + 'static, F>(
    nodes: &[Ctx; 2],
    attempt: impl Fn(Ctx) -> F,
    counts: impl Fn(&T) -> bool,
) -> usize
where
    F: Future<Output = T> + Send + 'static,
{
    testing::at_once(nodes, 10, attempt).await.iter().filter(|one| counts(one)).count()
}

const fn opened(step: &Step) -> bool {
    matches!(step, Step::Allowed(_))
}

/// What the door hears at this node.
async fn heard_at(ctx: &Ctx, step: &SecondDoorStep) -> Step {
    wait(ctx, &step.handle, Duration::ZERO).await.unwrap()
}

/// A file belongs to one server, so nobody waits there for another.
#[tokio::test]
async fn a_phone_and_a_door_that_wait_at_different_nodes_hear_of_each_other() {
    let test = testing::org().await;
    if !test.org.db.is_shared() {
        return;
    }
    let (_, handset) = alice(&test).await;
    test.clock.advance(Span::minutes(2));
    let [here, there] = test.doors();
    let (page, phone) = (there.clone(), handset.phone.clone());
    let rings = tokio::spawn(async move { requests(&page, &phone, LONG).await.unwrap() });
    let step = ask_as(&here).await;
    let number = step.waiting.as_ref().unwrap().number.clone().unwrap();
    let (door, handle) = (here.clone(), step.handle.clone());
    let waits = tokio::spawn(async move { wait(&door, &handle, LONG).await.unwrap() });
    let begun = std::time::Instant::now();
    let request = rings.await.unwrap().remove(0);
    handset.yes_at(&there, &request, &number).await.unwrap();
    let Step::Allowed(admission) = waits.await.unwrap() else { panic!("the door did not open") };
    assert!(admission.both_doors());
    assert!(begun.elapsed() < LONG / 2, "somebody waited until the end");
    // And that it was not them.
    test.clock.advance(Span::minutes(2));
    let [here, there] = [&here, &there].map(|ctx| test.now(ctx));
    let step = ask_as(&here).await;
    let request = requests(&there, &handset.phone, LONG).await.unwrap().remove(0);
    let (door, handle) = (here.clone(), step.handle.clone());
    let waits = tokio::spawn(async move { wait(&door, &handle, LONG).await.unwrap() });
    answer(&there, &handset.phone, request.id, Proved::NotMe).await.unwrap();
    let Step::Denied(denial) = waits.await.unwrap() else { panic!("it goes on") };
    assert_eq!(denial.reasons, [Reason::PushNotMe]);
    assert!(begun.elapsed() < LONG, "somebody waited until the end");
}

#[tokio::test]
async fn a_yes_at_one_node_opens_the_door_at_another_once() {
    let mut test = testing::org().await;
    let (_, handset) = alice(&test).await;
    for round in 0..4 {
        test.clock.advance(Span::minutes(9));
        let (step, number) = asked(&test).await;
        let nodes = test.doors();
        let request = handset.request(&test).await;
        handset.yes_at(&nodes[1], &request, &number).await.unwrap();
        // The same bytes once more, wherever they are sent.
        let again = |ctx: Ctx| {
            let (said, phone, id) = (handset.says(&request, &number), handset.phone.clone(), request.id);
            async move { answer(&ctx, &phone, id, said).await.is_ok() }
        };
        assert_eq!(count(&nodes, again, |taken| *taken).await, 0, "{round}");
        let looks = |ctx: Ctx| {
            let handle = step.handle.clone();
            async move { wait(&ctx, &handle, Duration::ZERO).await.unwrap() }
        };
        assert_eq!(count(&nodes, looks, opened).await, 1, "{round}");
        test.restart();
        let nodes = test.doors();
        assert_eq!(count(&nodes, again, |taken| *taken).await, 0, "{round}");
        assert_eq!(count(&nodes, looks, opened).await, 0, "{round}");
    }
}

#[tokio::test]
async fn one_yes_that_is_sent_to_two_nodes_at_once_is_taken_once() {
    let test = testing::org().await;
    let (_, handset) = alice(&test).await;
    for round in 0..4 {
        test.clock.advance(Span::minutes(9));
        let (step, number) = asked(&test).await;
        let (nodes, request) = (test.doors(), handset.request(&test).await);
        // While the door looks at both, again and again.
        let doors = nodes.clone();
        let handle = step.handle.clone();
        let door = tokio::spawn(async move {
            let mut times = 0;
            for n in 0..40 {
                let step = wait(&doors[n % 2], &handle, Duration::ZERO).await.unwrap();
                times += usize::from(opened(&step));
            }
            times
        });
        let yes = |ctx: Ctx| {
            let (said, phone, id) = (handset.says(&request, &number), handset.phone.clone(), request.id);
            async move { answer(&ctx, &phone, id, said).await.is_ok() }
        };
        assert_eq!(count(&nodes, yes, |taken| *taken).await, 1, "{round}");
        let last = usize::from(opened(&heard_at(&nodes[0], &step).await));
        assert_eq!(door.await.unwrap() + last, 1, "{round}");
    }
}

#[tokio::test]
async fn that_it_was_not_them_at_one_node_ends_it_at_another() {
    let test = testing::org().await;
    let (_, handset) = alice(&test).await;
    // Before any yes, after one that no door has heard of, and at the same moment.
    for said_first in [Some(false), Some(true), None] {
        let (step, number) = asked(&test).await;
        let ([here, there], request) = (test.doors(), handset.request(&test).await);
        let no = answer(&there, &handset.phone, request.id, Proved::NotMe);
        match said_first {
            Some(false) => no.await.unwrap(),
            Some(true) => {
                handset.yes_at(&here, &request, &number).await.unwrap();
                no.await.unwrap();
            }
            None => {
                let (_, no) = tokio::join!(handset.yes_at(&here, &request, &number), no);
                no.unwrap();
            }
        }
        assert!(handset.yes_at(&here, &request, &number).await.is_err(), "{said_first:?}");
        for ctx in [&here, &there] {
            let Step::Denied(denial) = heard_at(ctx, &step).await else { panic!("{said_first:?}") };
            assert!(matches!(denial.reasons[..], [Reason::PushNotMe | Reason::Expired]), "{denial:?}");
        }
        test.clock.advance(Span::minutes(16));
    }
}

#[tokio::test]
async fn wrong_numbers_at_two_nodes_end_it_with_the_third() {
    let mut test = testing::org().await;
    let (_, handset) = alice(&test).await;
    let wrong = |number: &str| if number == "000" { "001" } else { "000" };
    // One after the other, with a restart in between.
    let (step, number) = asked(&test).await;
    let request = handset.request(&test).await;
    for n in 0..3 {
        let nodes = test.doors();
        let refused = handset.yes_at(&nodes[n % 2], &request, wrong(&number)).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: "number", .. })), "{n}: {refused:?}");
        test.restart();
    }
    for ctx in test.doors() {
        let over = handset.yes_at(&ctx, &request, &number).await;
        assert!(matches!(over, Err(AppError::Conflict(_))), "{over:?}");
        assert!(at_door(heard_at(&ctx, &step).await).problem.is_some());
    }
    // And ten at once.
    let (step, number) = asked(&test).await;
    let (nodes, request) = (test.doors(), handset.request(&test).await);
    let guess = |ctx: Ctx| {
        let said = handset.says(&request, wrong(&number));
        let (phone, id) = (handset.phone.clone(), request.id);
        async move { answer(&ctx, &phone, id, said).await.unwrap_err() }
    };
    let counted = |error: &AppError| matches!(error, AppError::Invalid { field: "number", .. });
    assert_eq!(count(&nodes, guess, counted).await, 3);
    assert!(handset.yes_at(&nodes[0], &request, &number).await.is_err());
    assert!(at_door(heard_at(&nodes[1], &step).await).problem.is_some());
}

#[tokio::test]
async fn one_activation_code_makes_one_phone_on_two_nodes() {
    let mut test = testing::org().await;
    let alice = person(&test, "alice").await;
    for round in 0..3 {
        let code = begun(&test, "alice", &alice).await.code;
        let nodes = test.doors();
        let activated = |ctx: Ctx| {
            let code = code.clone();
            async move { activate_at(&ctx, &code, Signer::Browser(browser())).await.is_ok() }
        };
        assert_eq!(count(&nodes, activated, |made| *made).await, 1, "{round}");
        // What came too late was counted as a guess, which is forgotten by then.
        test.clock.advance(Span::minutes(14));
        test.restart();
        assert_eq!(count(&test.doors(), activated, |made| *made).await, 0, "{round}");
        let factors = factor::list(&test.system(), alice.id).await.unwrap();
        assert_eq!(factors.iter().filter(|factor| factor.kind() == FactorKind::Push).count(), round + 1);
        test.clock.advance(Span::hours(2));
    }
}

#[tokio::test]
async fn guesses_at_activation_codes_are_counted_over_two_nodes_and_restarts() {
    let mut test = testing::org().await;
    let mut tries = 0;
    loop {
        let nodes = test.doors();
        let guessed = question(&nodes[tries % 2], &"0000-0000-0000-0000".into()).await;
        if matches!(guessed, Err(AppError::Busy)) {
            break;
        }
        tries += 1;
        assert!(tries < 20, "nobody counts");
        test.restart();
    }
    assert_eq!(tries, 6);
    for ctx in test.doors() {
        let held = question(&ctx, &"0000-0000-0000-0000".into()).await;
        assert!(matches!(held, Err(AppError::Busy)), "{held:?}");
    }
}

#[tokio::test]
async fn one_enrolment_code_brings_one_factor_whatever_is_brought_to_which_node() {
    let test = testing::org().await;
    for name in ["carol", "dora", "emil", "fay"] {
        let input = sallyport_api::rest::CreateUser { name: name.into(), active: true, ..Default::default() };
        let id = crate::user::create(&test.system(), input).await.unwrap().id;
        let code = factor::issue_enrollment_code(&test.system(), id, 3600).await.unwrap();
        let [here, there] = test.doors();
        let pending = factor::begin_totp(&here, &code).await.unwrap();
        let seed = data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).unwrap();
        let first = sallyport_crypto::totp::step_at(here.now.unix_seconds());
        let first = sallyport_crypto::totp::code(&seed, first).into();
        let phone = begin_first(&there, &pending.handle).await.unwrap();
        let (by_code, by_phone) = tokio::join!(
            factor::confirm_totp(&here, &pending.handle, &first),
            activate_at(&there, &phone.code, Signer::Browser(browser()))
        );
        assert_ne!(by_code.is_ok(), by_phone.is_ok(), "{name}: {by_code:?}");
        assert_eq!(factor::list(&test.system(), id).await.unwrap().len(), 1, "{name}");
        for ctx in test.doors() {
            assert!(factor::begin_totp(&ctx, &code).await.is_err(), "{name}");
        }
        test.clock.advance(Span::minutes(20));
    }
}
