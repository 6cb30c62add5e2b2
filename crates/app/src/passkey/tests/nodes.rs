//! One answer of a passkey, brought to two servers.

use super::*;

/// So often it is tried, each time with another answer.
const ROUNDS: usize = 6;

/// How many of many attempts at once, at both nodes by turns, were let in.
async fn let_in<F>(nodes: &[Ctx; 2], attempt: impl Fn(Ctx) -> F) -> usize
where
    F: Future<Output = Result<Step, AppError>> + Send + 'static,
{
    let steps = testing::at_once(nodes, 10, attempt).await;
    steps.into_iter().filter(|step| matches!(step.as_ref().unwrap(), Step::Allowed(_))).count()
}

#[tokio::test]
async fn of_many_on_two_nodes_one_answer_opens_one_second_door() {
    let mut test = testing::org().await;
    let (_, soft) = alice(&test).await;
    for round in 0..ROUNDS {
        let step = at_second_door(&test, "alice").await;
        let nodes = test.doors();
        // Asked by one server, and answered to either.
        let asking = &nodes[round % 2];
        let options = ask_at_second_door(asking, &step.handle, &step.offers).await.unwrap().unwrap();
        let answer = answer_to(&soft, &options);
        let bring = |ctx: Ctx| {
            let (handle, answer) = (step.handle.clone(), Answer::Passkey(answer.clone()));
            async move { signin::answer(&ctx, &handle, answer).await }
        };
        assert_eq!(let_in(&nodes, bring).await, 1, "{round}");
        test.restart();
        assert_eq!(let_in(&test.doors(), bring).await, 0, "{round}");
    }
}

#[tokio::test]
async fn of_many_on_two_nodes_one_answer_opens_both_doors_once() {
    let mut test = testing::org().await;
    let (_, soft) = alice(&test).await;
    for round in 0..ROUNDS {
        let nodes = test.doors();
        let door = session::door_token(&nodes[1]).unwrap();
        let options = ask_at_first_door(&nodes[round % 2], &door).await.unwrap().unwrap();
        let answer = answer_to(&soft, &options);
        let bring = |ctx: Ctx| {
            let (door, answer) = (door.clone(), answer.clone());
            async move { signin::begin_by_passkey(&ctx, Resource::Portal, &door, answer).await }
        };
        assert_eq!(let_in(&nodes, bring).await, 1, "{round}");
        test.restart();
        assert_eq!(let_in(&test.doors(), bring).await, 0, "{round}");
    }
}

/// The counter of a security key is one for all servers: where two answers count alike there is a copy of it.
#[tokio::test]
async fn of_two_answers_that_count_alike_on_two_nodes_one_opens() {
    let test = testing::org().await;
    let (_, mut soft) = alice(&test).await;
    for counter in 7..10 {
        soft.counter = counter;
        let nodes = test.doors();
        let mut asked = tokio::task::JoinSet::new();
        for ctx in nodes {
            let door = session::door_token(&ctx).unwrap();
            let answer = answer_to(&soft, &ask_at_first_door(&ctx, &door).await.unwrap().unwrap());
            asked.spawn(async move {
                signin::begin_by_passkey(&ctx, Resource::Portal, &door, answer).await.unwrap()
            });
        }
        let steps = asked.join_all().await;
        let copied =
            |step: &Step| matches!(step, Step::Denied(denial) if denial.reasons == [Reason::FactorCopied]);
        assert_eq!(steps.iter().filter(|step| copied(step)).count(), 1, "{steps:?}");
        assert_eq!(steps.iter().filter(|step| matches!(step, Step::Allowed(_))).count(), 1, "{steps:?}");
    }
}

#[tokio::test]
async fn of_two_nodes_one_enrols_what_one_answer_brings() {
    let test = testing::org().await;
    let bob = person(&test, "bob").await;
    let (own, session) = session_of(&test, "bob", &bob).await;
    let soft = soft(&test, bob.id);
    let options = ask_for_own(&own, &session).await.unwrap().unwrap();
    let answer = Attestation::parse(&soft.create(&challenge_in(&options))).unwrap();
    let there = Ctx { source: own.source, ..test.other_node().with_caller(own.caller.clone()) };
    let (one, two) = tokio::join!(
        enroll_own(&own, &session, "Here", &answer),
        enroll_own(&there, &session, "There", &answer)
    );
    assert_ne!(one.is_ok(), two.is_ok(), "{one:?} {two:?}");
    let of = async |ctx: &Ctx| factor::list(ctx, bob.id).await.unwrap().len();
    assert_eq!(of(&test.other_node()).await, 2, "an authenticator and one passkey");
}
