use sallyport_api::rest::{CreateUser, Holding, UpdateUser};
use sallyport_model::{Factor, FactorKind, Proof, Span, id::FactorId};
use sallyport_store::PageRequest;

use crate::{
    Ctx, factor, overview,
    testing::{self, TestOrg},
    user,
};

async fn person(test: &TestOrg, name: &str) -> sallyport_model::User {
    let input = CreateUser { name: name.into(), active: true, ..CreateUser::default() };
    user::create(&test.system(), input).await.unwrap().value
}

/// A factor of this kind, as if it had been enrolled.
async fn give(test: &TestOrg, user: &sallyport_model::User, proof: Proof) -> FactorId {
    let ctx = test.system();
    let (id, duo_id) = (ctx.id(FactorId::new).unwrap(), ctx.duo_id("DP").unwrap());
    let user = user.clone();
    ctx.write(move |tx| {
        let (duo_id, created) = (duo_id.clone(), tx.ctx.now);
        let factor = Factor { id, user: user.id, proof: proof.clone(), name: "own".into(), duo_id, created };
        tx.put_edge(sallyport_store::Edge::UserFactor, &user.id.to_string(), &id.to_string())?;
        let created = tx.create(factor)?;
        tx.record(created, "enroll");
        Ok(id)
    })
    .await
    .unwrap()
}

fn phone() -> Proof {
    Proof::Phone { number: "+15005550010".parse().unwrap(), texts: true, calls: false }
}

async fn holding(test: &TestOrg, holding: Holding) -> Vec<String> {
    let page = PageRequest { limit: 9, ..PageRequest::default() };
    let found = overview::people_holding(&test.system(), holding, page).await.unwrap();
    found.items.iter().map(|user| user.name.to_string()).collect()
}

#[tokio::test]
async fn people_are_counted_by_what_they_have_and_no_code_of_an_administrator_counts() {
    let test = testing::org().await;
    let [alice, bob, carol] =
        [person(&test, "alice").await, person(&test, "bob").await, person(&test, "carol").await];
    // What is there before anybody asks is read; what comes after is followed.
    give(&test, &alice, Proof::Totp).await;
    give(&test, &bob, phone()).await;
    assert_eq!(holding(&test, Holding::None).await, ["carol"]);
    give(&test, &carol, Proof::BypassCode { expires: None }).await;
    assert_eq!(holding(&test, Holding::None).await, ["carol"]);
    let second = give(&test, &alice, phone()).await;
    assert_eq!(holding(&test, Holding::PhoneOnly).await, ["bob"]);
    let told = overview::factors(&test.system()).await.unwrap();
    let of = |kind: FactorKind| told.kinds.iter().find(|of| of.kind == kind).unwrap().users;
    assert_eq!((told.active_users, told.none, told.phone_only), (3, 1, 1));
    assert_eq!((of(FactorKind::Totp), of(FactorKind::Phone), of(FactorKind::Push)), (1, 2, 0));

    factor::remove(&test.system(), alice.id, second).await.unwrap();
    user::suspend(&test.system(), bob.id).await.unwrap();
    let told = overview::factors(&test.system()).await.unwrap();
    assert_eq!(
        (told.active_users, told.none, told.phone_only),
        (2, 1, 0),
        "whoever is suspended lacks nothing"
    );
    // The same to the last one when it is read anew.
    assert_eq!(overview::factors(&test.other_node()).await.unwrap(), told);
}

#[tokio::test]
async fn a_listing_finds_by_text_what_the_store_would_have_found() {
    let test = testing::org().await;
    for name in ["ada", "adam", "bea", "eve"] {
        person(&test, name).await;
    }
    let list = |text: &str, state: Option<&str>, after: &str, limit| {
        let state = state.map(str::to_owned);
        let page = PageRequest { after: after.into(), text: text.into(), state, limit };
        let test = &test;
        async move {
            let found = user::list(&test.system(), page).await.unwrap();
            (found.items.iter().map(|user| user.name.to_string()).collect::<Vec<_>>(), found.next)
        }
    };
    assert_eq!(list("ADA", None, "", 9).await, (vec!["ada".into(), "adam".into()], None));
    assert_eq!(list("a", None, "", 2).await, (vec!["ada".into(), "adam".into()], Some("adam".into())));
    assert_eq!(list("a", None, "adam", 2).await, (vec!["bea".into()], None));
    assert_eq!(list("%", None, "", 9).await, (vec![], None), "no wildcards");
    let bea = user::resolve(&test.system(), "bea").await.unwrap();
    let input = UpdateUser { display_name: Some("Zoe".into()), ..UpdateUser::default() };
    user::update(&test.system(), bea.id, None, input).await.unwrap();
    user::suspend(&test.system(), bea.id).await.unwrap();
    assert_eq!(list("", Some("suspended"), "", 9).await, (vec!["bea".into()], None));
    assert_eq!(list("zoe", None, "", 9).await, (vec!["bea".into()], None));
    assert_eq!(list("a", Some("active"), "", 9).await.0.len(), 2);
}

#[tokio::test]
async fn changes_are_counted_for_a_day_by_whom() {
    let test = testing::org().await;
    let told =
        |ctx: Ctx| async move { overview::show(&ctx, overview::Window::Day).await.unwrap().changes.unwrap() };
    assert_eq!(told(test.system()).await.count, 1, "the setup");
    person(&test, "alice").await;
    let bob = person(&test, "bob").await;
    user::suspend(&test.system(), bob.id).await.unwrap();
    let followed = told(test.system()).await;
    assert_eq!(followed.count, 4);
    assert_eq!(told(test.other_node()).await, followed, "the same when it is read anew");
    let by = &followed.actors[0];
    let changed: Vec<_> =
        by.changed.iter().map(|of| (of.noun.as_str(), of.kind.as_str(), of.count)).collect();
    assert_eq!(changed, [("user", "created", 2), ("settings", "created", 1), ("user", "updated", 1)]);
    test.clock.advance(Span::hours(26));
    assert_eq!(told(test.system()).await.count, 0);
    person(&test, "carol").await;
    assert_eq!(told(test.system()).await.count, 1);
}
