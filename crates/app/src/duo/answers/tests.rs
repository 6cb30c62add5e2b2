use std::sync::atomic::{AtomicUsize, Ordering};

use sallyport_model::{Actor, id::UserId};
use sallyport_wire::duo::Params;
use serde_json::{Value, json};

use super::*;
use crate::{
    AppError,
    duo::{Endpoint, admin, tests::House},
    factor,
    testing::TestOrg,
};

fn key(n: u8) -> AnswerKey {
    let credentials = Credentials { ikey: "DI".into(), signature: Some(Signature::Sha1([n; 20])) };
    AnswerKey::new(&credentials, Some(5)).unwrap()
}

/// Work that writes nothing, and tells how often it was done.
fn counted(done: &Arc<AtomicUsize>, status: u16) -> impl Future<Output = Reply> + Send + 'static {
    let done = Arc::clone(done);
    async move {
        tokio::task::yield_now().await;
        let n = done.fetch_add(1, Ordering::SeqCst);
        Reply { status, body: n.to_string() }
    }
}

/// Asks `answers` with a key at a time.
async fn ask(
    (answers, test): (&Answers, &TestOrg),
    n: u8,
    work: impl Future<Output = Reply> + Send + 'static,
) -> Reply {
    answers.once(key(n), test.nobody(), move |_| work).await
}

#[tokio::test]
async fn the_same_request_is_answered_again_and_done_once() {
    let test = crate::testing::org().await;
    let (answers, done) = (Answers::default(), Arc::new(AtomicUsize::new(0)));
    let at = (&answers, &test);
    let (first, second) = tokio::join!(ask(at, 1, counted(&done, 200)), ask(at, 1, counted(&done, 200)));
    let third = ask(at, 1, counted(&done, 200)).await;
    assert_eq!((&first, &first), (&second, &third));
    let other = ask(at, 2, counted(&done, 200)).await;
    assert_eq!((first.body.as_str(), other.body.as_str()), ("0", "1"));
}

#[tokio::test]
async fn busy_is_no_answer_and_a_refusal_is_one() {
    let test = crate::testing::org().await;
    let (answers, done) = (Answers::default(), Arc::new(AtomicUsize::new(0)));
    let at = (&answers, &test);
    assert_eq!(ask(at, 1, counted(&done, 429)).await.status, 429);
    assert_eq!(ask(at, 1, counted(&done, 400)).await.status, 400);
    assert_eq!(ask(at, 1, counted(&done, 200)).await.status, 400);
}

#[tokio::test]
async fn work_goes_on_when_whoever_asked_goes_away() {
    let test = crate::testing::org().await;
    let (answers, done) = (Answers::default(), Arc::new(AtomicUsize::new(0)));
    let work = counted(&done, 200);
    drop(answers.begin_or_join(key(1), test.nobody(), move |_| work));
    assert_eq!(ask((&answers, &test), 1, counted(&done, 200)).await.body, "0");
}

#[tokio::test]
async fn old_answers_are_forgotten_and_the_number_is_bounded() {
    let test = crate::testing::org().await;
    let (answers, done) = (Answers::default(), Arc::new(AtomicUsize::new(0)));
    ask((&answers, &test), 1, counted(&done, 200)).await;
    test.clock.advance(Span::minutes(12));
    assert_eq!(ask((&answers, &test), 1, counted(&done, 200)).await.body, "1");
    let (mut kept, now) = (Kept::default(), test.nobody().now);
    for n in 0..MOST_KEPT + 10 {
        kept.forget_old(now);
        let key = AnswerKey(digest::sha256(&n.to_be_bytes()));
        kept.answers.insert(key, Answer { since: now, reply: watch::channel(None).1 });
        kept.order.push_back((now, key));
    }
    assert!(kept.answers.len() <= MOST_KEPT && kept.order.len() <= MOST_KEPT);
}

/// An answer of the protocols, as it travels.
fn told(reply: &Reply) -> (u16, Value) {
    (reply.status, serde_json::from_str(&reply.body).unwrap())
}

fn is_done_before(reply: &Reply) -> bool {
    let (status, body) = told(reply);
    status == 400 && body["message_detail"] == DONE_BEFORE
}

async fn enrolls(answers: &Answers, ctx: Ctx, n: u8) -> Reply {
    let work = |ctx: Ctx| async move {
        let params = Params::from_query("").unwrap();
        crate::duo::respond(&ctx, Endpoint::Enroll, &params).await
    };
    answers.once(key(n), ctx, work).await
}

async fn people(house: &House) -> usize {
    let all = sallyport_store::PageRequest { limit: 100, ..Default::default() };
    let found = house.test.system().read(move |reader| Ok(reader.list::<sallyport_model::User>(&all)?)).await;
    found.unwrap().items.len()
}

/// A name is made for whoever gives none, so nothing else stands in the way of a second person.
#[tokio::test]
async fn a_request_is_executed_once_on_all_nodes_and_through_restarts() {
    let mut house = crate::duo::tests::house().await;
    let answers = Answers::default();
    let first = enrolls(&answers, house.ctx(), 1).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(enrolls(&answers, house.ctx(), 1).await, first);
    let elsewhere = house.test.other_node().with_caller(house.ctx().caller);
    assert!(is_done_before(&enrolls(&Answers::default(), elsewhere.clone(), 1).await));
    house.test.restart();
    let (restarted, ctx) = (Answers::default(), house.ctx());
    assert!(is_done_before(&enrolls(&restarted, ctx, 1).await));
    assert!(is_done_before(&enrolls(&restarted, house.ctx(), 1).await), "as it was refused");
    assert_eq!(people(&house).await, 1);
    // Of two nodes that are asked at once one executes it.
    let (here, there) = (Answers::default(), Answers::default());
    let (one, other) = tokio::join!(enrolls(&here, house.ctx(), 2), enrolls(&there, elsewhere, 2));
    assert_eq!([&one, &other].into_iter().filter(|reply| is_done_before(reply)).count(), 1);
    assert_eq!(people(&house).await, 2);
    // After so long no request is taken any more that was signed then.
    house.test.clock.advance(Span::minutes(12));
    crate::jobs::pass(&house.test.system()).await.unwrap();
    assert_eq!(enrolls(&here, house.ctx(), 3).await.status, 200);
}

/// New bypass codes void the old ones, so a second execution would tell.
#[tokio::test]
async fn a_request_of_the_admin_api_is_executed_once_too() {
    let house = crate::duo::tests::house().await;
    let alice: UserId = house.person("alice").await;
    let duo_id = crate::user::resolve(&house.test.system(), "alice").await.unwrap().duo_id.clone();
    let caller = Caller::AdminApi {
        id: house.id,
        name: "Sync".into(),
        grants: sallyport_model::Grant::ALL.into_iter().collect(),
    };
    let asks = async |answers: &Answers| {
        let ctx = house.test.nobody().with_caller(caller.clone());
        let path = format!("/admin/v1/users/{duo_id}/bypass_codes");
        let work = |ctx: Ctx| async move {
            let endpoint = sallyport_wire::duo::admin::Endpoint::at("POST", &path).unwrap();
            let params = Params::from_json(json!({ "count": "1" }).to_string().as_bytes()).unwrap();
            admin::respond(&ctx, &endpoint, &params).await
        };
        answers.once(key(1), ctx, work).await
    };
    let (answers, forgotten) = (Answers::default(), Answers::default());
    let first = asks(&answers).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert!(is_done_before(&asks(&forgotten).await));
    assert_eq!(asks(&answers).await, first);
    let code = told(&first).1["response"][0].as_str().unwrap().to_owned();
    let factors = factor::list(&house.test.system(), alice).await.unwrap();
    assert_eq!(factors.len(), 1);
    let opened = house.auth("alice", sallyport_wire::duo::auth::AuthFactor::Passcode(code.into())).await;
    assert_eq!(opened.unwrap().result(), sallyport_wire::duo::auth::AuthResult::Allow);
}

/// Too much at once may end a request in its middle; then it is done when it comes again, here or elsewhere.
#[tokio::test]
async fn a_request_that_is_to_come_again_is_done_then() {
    let house = crate::duo::tests::house().await;
    let busy = |ctx: Ctx| async move {
        let change = |tx: &mut crate::Tx<'_, '_>| Ok(tx.raise_counter("test", "test", 1)?);
        ctx.write(change).await.map(drop).unwrap();
        Reply::from(ApiError::from(Code::TooManyRequests))
    };
    let answers = Answers::default();
    assert_eq!(answers.once(key(1), house.ctx(), busy).await.status, 429);
    assert_eq!(answers.once(key(1), house.ctx(), busy).await.status, 429);
    assert_eq!(enrolls(&Answers::default(), house.ctx(), 1).await.status, 200);
    // What failed in its middle may be done, so it is not done again.
    let broken = |ctx: Ctx| async move {
        let change = |tx: &mut crate::Tx<'_, '_>| Ok(tx.raise_counter("test", "test", 2)?);
        drop(ctx.write(change).await);
        Reply::from(ApiError::from(Code::Internal))
    };
    assert_eq!(answers.once(key(2), house.ctx(), broken).await.status, 500);
    assert!(is_done_before(&answers.once(key(2), house.ctx(), broken).await));
    // And what came to nothing was not done.
    let refused = |ctx: Ctx| async move {
        let change = |_: &mut crate::Tx<'_, '_>| Err::<(), _>(AppError::invalid("field", "no"));
        Reply::from(ApiError::from(crate::duo::DuoError::from(ctx.write(change).await.unwrap_err())))
    };
    assert_eq!(answers.once(key(3), house.ctx(), refused).await.status, 400);
    assert_eq!(enrolls(&Answers::default(), house.ctx(), 3).await.status, 200);
    assert!(matches!(house.ctx().actor(), Actor::System { .. }));
}
