//! How many requests go out, when they stop, and what lets them begin again.

use super::*;

/// How many of so many requests go out, so far apart and each denied.
async fn denied(test: &TestOrg, handset: &Handset, requests: usize, apart: Span) -> usize {
    let mut asked = 0;
    for _ in 0..requests {
        test.clock.advance(apart);
        if ask_as(&test.nobody()).await.waiting.is_some() {
            asked += 1;
            let request = handset.request(test).await;
            answer(&test.nobody(), &handset.phone, request.id, Proved::No).await.unwrap();
        }
    }
    asked
}

/// How many of so many requests went out that nobody answered.
async fn unanswered(ctx: impl Fn() -> Ctx, test: &TestOrg, times: usize, every: Span) -> usize {
    let mut sent = 0;
    for _ in 0..times {
        test.clock.advance(every);
        sent += usize::from(ask_as(&ctx()).await.waiting.is_some());
    }
    sent
}

#[tokio::test]
async fn a_hundred_logins_in_ten_minutes_switch_requests_off_until_a_passkey_or_a_code() {
    for by_passkey in [true, false] {
        let test = testing::org().await;
        let (alice, soft) = crate::passkey::tests::alice(&test).await;
        let code = begun(&test, "alice", &alice).await.code;
        activate_with(&test, &code, Signer::Browser(browser())).await.unwrap();
        test.clock.advance(Span::minutes(11));
        // Nobody answers them: her phone lies elsewhere, or she is asleep.
        assert_eq!(unanswered(|| test.nobody(), &test, 100, Span::seconds(6)).await, 5);
        test.clock.advance(Span::hours(48));
        let step = ask_as(&test.nobody()).await;
        assert!(step.waiting.is_none() && step.problem.is_some(), "they stay off");
        let came_in = if by_passkey {
            crate::passkey::tests::by_passkey(&test, &soft).await
        } else {
            passcode_of(&test.nobody(), &step, &alice, &test).await
        };
        assert!(matches!(came_in, Step::Allowed(_)), "{came_in:?}");
        test.clock.advance(Span::minutes(1));
        assert!(ask_as(&test.nobody()).await.waiting.is_some(), "by a passkey: {by_passkey}");
    }
}

#[tokio::test]
async fn whoever_asks_a_few_times_more_is_asked_again_after_a_while() {
    let test = testing::org().await;
    let (_, handset) = alice(&test).await;
    test.clock.advance(Span::minutes(11));
    // Five that nobody answered, and nine in vain; ten minutes later it goes on.
    assert_eq!(unanswered(|| test.nobody(), &test, 5, Span::seconds(61)).await, 5);
    assert_eq!(unanswered(|| test.nobody(), &test, 9, Span::seconds(5)).await, 0);
    test.clock.advance(Span::minutes(11));
    let (step, number) = asked(&test).await;
    let request = handset.request(&test).await;
    handset.yes(&test, &request, &number).await.unwrap();
    assert!(matches!(look(&test, &step).await, Step::Allowed(_)));
}

#[tokio::test]
async fn whoever_says_yes_each_time_waits_at_most_and_is_not_shut_out() {
    let test = testing::org().await;
    let (_, handset) = alice(&test).await;
    let mut opened = 0;
    for _ in 0..12 {
        test.clock.advance(Span::minutes(1));
        let step = ask_as(&test.nobody()).await;
        let Some(number) = step.waiting.as_ref().and_then(|waiting| waiting.number.clone()) else { continue };
        let request = handset.request(&test).await;
        handset.yes(&test, &request, &number).await.unwrap();
        assert!(matches!(look(&test, &step).await, Step::Allowed(_)));
        opened += 1;
    }
    assert!((5..12).contains(&opened), "{opened}");
    test.clock.advance(Span::minutes(61));
    let (step, _) = asked(&test).await;
    assert!(step.waiting.is_some());
}

#[tokio::test]
async fn an_administrator_lets_requests_go_out_again() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    denied(&test, &handset, 6, Span::seconds(6)).await;
    crate::user::unlock(&test.system(), alice.id).await.unwrap();
    let (step, _) = asked(&test).await;
    assert!(step.waiting.is_some());
}

#[tokio::test]
async fn nobody_from_where_she_never_was_keeps_her_from_her_phone() {
    let test = testing::org().await;
    let (_, handset) = alice(&test).await;
    test.clock.advance(Span::minutes(2));
    let stranger = Ctx { source: Some([198, 51, 100, 9].into()), ..test.nobody() };
    let thief = ask_as(&stranger).await;
    assert!(thief.waiting.is_some());
    let step = ask_as(&test.nobody()).await;
    let number = step.waiting.as_ref().unwrap().number.clone().unwrap();
    let request = handset.request(&test).await;
    handset.yes(&test, &request, &number).await.unwrap();
    assert!(at_door(look(&test, &thief).await).problem.is_some());
    assert!(matches!(look(&test, &step).await, Step::Allowed(_)));
}

#[tokio::test]
async fn a_storm_of_requests_ends_and_a_code_lets_them_begin_again() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    assert_eq!(denied(&test, &handset, 100, Span::seconds(6)).await, 5);
    test.clock.advance(Span::hours(48));
    let step = ask_as(&test.nobody()).await;
    assert!(step.waiting.is_none(), "they stay off until she comes in otherwise");
    assert!(matches!(passcode_of(&test.nobody(), &step, &alice, &test).await, Step::Allowed(_)));
    test.clock.advance(Span::minutes(1));
    let step = ask_as(&test.nobody()).await;
    assert!(step.waiting.is_some());
}

#[tokio::test]
async fn no_more_than_ten_requests_go_out_in_an_hour() {
    let test = testing::org().await;
    let (_, handset) = alice(&test).await;
    assert_eq!(denied(&test, &handset, 20, Span::seconds(151)).await, 10);
}

#[tokio::test]
async fn a_stranger_with_the_password_leaves_her_the_rest_of_her_requests() {
    let test = testing::org().await;
    let (alice, _) = alice(&test).await;
    let stranger = || Ctx { source: Some([198, 51, 100, 9].into()), ..test.nobody() };
    test.clock.advance(Span::minutes(11));
    assert_eq!(unanswered(stranger, &test, 7, Span::seconds(61)).await, 3);
    assert!(ask_as(&test.nobody()).await.waiting.is_some(), "she asks from where she was before");
    // Their hour ends sooner than hers, and with it all that strangers may ask.
    assert_eq!(unanswered(stranger, &test, 20, Span::seconds(201)).await, 3);
    test.clock.advance(Span::hours(48));
    assert!(ask_as(&stranger()).await.waiting.is_none());
    let step = ask_as(&test.nobody()).await;
    assert!(step.waiting.is_some());
    assert!(matches!(passcode_of(&test.nobody(), &step, &alice, &test).await, Step::Allowed(_)));
    test.clock.advance(Span::minutes(2));
    assert!(ask_as(&stranger()).await.waiting.is_some(), "she came in otherwise");
}

#[tokio::test]
async fn a_phone_that_lies_elsewhere_is_asked_again_after_a_while() {
    let test = testing::org().await;
    alice(&test).await;
    test.clock.advance(Span::minutes(11));
    assert_eq!(unanswered(|| test.nobody(), &test, 6, Span::seconds(61)).await, 5);
    test.clock.advance(Span::minutes(10));
    assert_eq!(unanswered(|| test.nobody(), &test, 9, Span::seconds(61)).await, 5);
    test.clock.advance(Span::hours(2));
    assert!(ask_as(&test.nobody()).await.waiting.is_none(), "an hour of them switches them off");
}

/// Somebody at the door of this node at this moment: the step, if a request went out.
async fn goes_out(test: &TestOrg, ctx: &Ctx) -> Option<SecondDoorStep> {
    let step = ask_as(&test.now(ctx)).await;
    step.waiting.is_some().then_some(step)
}

#[tokio::test]
async fn two_nodes_and_a_restart_have_one_budget_of_five_in_ten_minutes() {
    let mut test = testing::org().await;
    alice(&test).await;
    test.clock.advance(Span::minutes(11));
    let [_, there] = test.doors();
    let mut sent = Vec::new();
    for n in 0..9 {
        test.clock.advance(Span::seconds(61));
        let here = test.nobody();
        sent.push(goes_out(&test, [&here, &there][n % 2]).await.is_some());
        if n == 3 {
            test.restart();
        }
    }
    assert_eq!(sent, [true, true, true, true, true, false, false, false, false]);
    // Nor where a clock runs ahead, and all that has expired is swept by it before it comes back.
    for jump in [Span::minutes(-3), Span::hours(13), Span::days(4000)] {
        test.clock.advance(jump);
        for _ in 0..30 {
            crate::jobs::pass(&test.system()).await.unwrap();
        }
        test.restart();
        test.clock.advance(Span(-jump.0));
        for ctx in [&test.nobody(), &there] {
            assert!(goes_out(&test, ctx).await.is_none(), "{jump:?}");
        }
    }
}

#[tokio::test]
async fn two_nodes_and_a_restart_have_one_budget_of_ten_in_an_hour() {
    let mut test = testing::org().await;
    let (_, handset) = alice(&test).await;
    test.clock.advance(Span::minutes(11));
    let [_, there] = test.doors();
    let mut sent = 0;
    for n in 0..20 {
        test.clock.advance(Span::seconds(151));
        let nodes = [test.nobody(), test.now(&there)];
        let (asks, says) = (&nodes[n % 2], &nodes[(n + 1) % 2]);
        if goes_out(&test, asks).await.is_some() {
            sent += 1;
            // Read where it was written, and refused at the other.
            let request = requests(asks, &handset.phone, SOON).await.unwrap().remove(0);
            answer(says, &handset.phone, request.id, Proved::No).await.unwrap();
        }
        if n % 4 == 3 {
            test.restart();
        }
    }
    assert_eq!(sent, 10);
    // Ten that came to nothing switch them off, at every node and for good.
    test.clock.advance(Span::hours(48));
    test.restart();
    for ctx in [&test.nobody(), &there] {
        assert!(goes_out(&test, ctx).await.is_none());
    }
}

#[tokio::test]
async fn of_many_at_once_on_two_nodes_one_request_goes_out() {
    let test = testing::org().await;
    let (_, handset) = alice(&test).await;
    test.clock.advance(Span::minutes(11));
    let mut sent = 0;
    for _ in 0..7 {
        test.clock.advance(Span::seconds(61));
        let asks = |ctx: Ctx| async move { ask_as(&ctx).await.waiting.is_some() };
        let went = testing::at_once(&test.doors(), 6, asks).await;
        let at_once = went.into_iter().filter(|went| *went).count();
        assert!(at_once <= 1, "{at_once} at the same moment");
        assert_eq!(requests(&test.doors()[1], &handset.phone, SOON).await.unwrap().len(), at_once);
        sent += at_once;
    }
    assert_eq!(sent, 5);
}

#[tokio::test]
async fn who_said_at_one_node_that_it_was_not_them_hears_nothing_through_another_nor_after_a_restart() {
    let mut test = testing::org().await;
    let (_, handset) = alice(&test).await;
    asked(&test).await;
    let request = handset.request(&test).await;
    let [_, there] = test.doors();
    answer(&there, &handset.phone, request.id, Proved::NotMe).await.unwrap();
    for (after, is_asked) in [(Span(0), false), (Span::minutes(14), false), (Span::minutes(2), true)] {
        test.clock.advance(after);
        test.restart();
        assert_eq!(goes_out(&test, &test.nobody()).await.is_some(), is_asked, "{after:?}");
        // A request that stands open is in the way of another, so that one is let pass.
        test.clock.advance(if is_asked { Span::seconds(61) } else { Span(0) });
        assert_eq!(goes_out(&test, &there).await.is_some(), is_asked, "{after:?}");
    }
    // What one node let go out again counts at the other.
    assert!(goes_out(&test, &test.nobody()).await.is_none(), "one at a time");
}
