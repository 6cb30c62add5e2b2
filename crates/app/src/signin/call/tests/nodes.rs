//! The provider tells one server what was typed, and another shows the digits.

use super::*;

fn wrong(call: &Call) -> &'static str {
    if call.number == "000000" { "111111" } else { "000000" }
}

#[tokio::test]
async fn digits_that_are_told_to_another_node_open_the_door_once() {
    let mut house = house(twilio()).await;
    for round in 0..3 {
        house.test.clock.advance(Span::hours(1));
        let call = house.call().await;
        let nodes = house.test.doors();
        let told = |ctx: Ctx| {
            let call = call.clone();
            async move { call.typed_at(&ctx, 1, &call.number).await }
        };
        let taken = async |nodes: &[Ctx; 2]| {
            let told = testing::at_once(nodes, 10, told).await;
            told.into_iter().filter(|said| said.as_ref().is_ok_and(|said| *said == bye(THANK_YOU))).count()
        };
        let looks = |ctx: Ctx| {
            let call = call.clone();
            async move { matches!(call.heard_at(&ctx).await, Step::Allowed(_)) }
        };
        let opened = async |nodes: &[Ctx; 2]| {
            testing::at_once(nodes, 10, looks).await.into_iter().filter(|opened| *opened).count()
        };
        assert_eq!(taken(&nodes).await, 1, "{round}");
        assert_eq!(opened(&nodes).await, 1, "{round}");
        house.test.restart();
        let nodes = house.test.doors();
        assert_eq!((taken(&nodes).await, opened(&nodes).await), (0, 0), "{round}");
    }
}

/// A file belongs to one server, so nobody waits there for another.
#[tokio::test]
async fn a_door_that_waits_at_one_node_hears_of_the_call_at_another() {
    let house = house(twilio()).await;
    if !house.test.org.db.is_shared() {
        return;
    }
    let longest = Duration::from_secs(60);
    let call = house.call().await;
    let [here, there] = house.test.doors();
    let (door, handle) = (here.clone(), call.step.handle.clone());
    let waits = tokio::spawn(async move { challenge::wait(&door, &handle, longest).await.unwrap() });
    let begun = std::time::Instant::now();
    assert_eq!(call.typed_at(&there, 1, &call.number).await.unwrap(), bye(THANK_YOU));
    assert!(matches!(waits.await.unwrap(), Step::Allowed(_)));
    assert!(begun.elapsed() < longest / 2, "it waited until the end");
}

#[tokio::test]
async fn three_wrong_answers_over_two_nodes_end_a_call() {
    let mut house = house(twilio()).await;
    let call = house.call().await;
    for turn in 1..=3 {
        let nodes = house.test.doors();
        let said = call.typed_at(&nodes[usize::from(turn) % 2], turn, wrong(&call)).await.unwrap();
        assert_eq!(said == bye(WRONG), turn == 3, "{said:?}");
        house.test.restart();
    }
    for (ctx, turn) in house.test.doors().iter().zip(4..) {
        assert_eq!(call.typed_at(ctx, turn, &call.number).await.unwrap(), bye(OVER));
        assert!(matches!(call.heard_at(ctx).await, Step::SecondDoor(step) if step.problem.is_some()));
    }
    // And many at once, as if every question were answered at the same moment.
    house.test.clock.advance(Span::minutes(5));
    let call = house.call().await;
    let (nodes, mut told) = (house.test.doors(), tokio::task::JoinSet::new());
    for (ctx, turn) in nodes.iter().cycle().cloned().zip(1..=8) {
        let (call, digits) = (call.clone(), wrong(&call));
        told.spawn(async move { call.typed_at(&ctx, turn, digits).await.unwrap() });
    }
    let over = told.join_all().await.into_iter().filter(|said| *said == bye(OVER)).count();
    assert_eq!(over, 5, "three were looked at");
    assert_eq!(call.typed_at(&nodes[0], 9, &call.number).await.unwrap(), bye(OVER));
    assert!(matches!(call.heard_at(&nodes[1]).await, Step::SecondDoor(step) if step.problem.is_some()));
}

#[tokio::test]
async fn the_star_at_one_node_refuses_it_at_another_and_nobody_is_called_through_either() {
    let house = house(twilio()).await;
    let call = house.call().await;
    let [here, there] = house.test.doors();
    assert_eq!(call.typed_at(&there, 1, "*").await.unwrap(), bye(NOT_ME));
    let Step::Denied(denial) = call.heard_at(&here).await else { panic!("it goes on") };
    assert_eq!(denial.reasons, [Reason::PushNotMe]);
    assert_eq!(call.typed_at(&here, 2, &call.number).await.unwrap(), bye(OVER));
    for ctx in [&here, &there] {
        let at_door = to_second_door(ctx, "alice").await;
        let wanted = Answer::Ask { phone: Some(house.phone), shows: Shows::Number };
        let Step::SecondDoor(step) = answer(ctx, &at_door.handle, wanted).await.unwrap() else { panic!() };
        assert_eq!(step.problem, Some(Phrase::NoPhoneToCall));
    }
}
