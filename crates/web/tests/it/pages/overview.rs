//! The overview and the first hour, as administrators see them.

use sallyport_app::{Ctx, first_hour};
use sallyport_model::{
    Role, User,
    id::SignInId,
    signin::{Reason, Resource, SignIn, SignInState},
};

use super::house::House;

/// A sign-in that was refused now.
async fn refuse(ctx: &Ctx, user: &User, reason: Reason) {
    let sign_in = SignIn {
        id: ctx.id(SignInId::new).unwrap(),
        name: user.name.to_string(),
        user: Some(user.id),
        resource: Resource::Portal,
        source: None,
        country: None,
        device: None,
        host: None,
        managed_device: None,
        state: SignInState::Denied { at: ctx.now },
        first_door: None,
        second_door: None,
        tried: None,
        reasons: vec![reason],
        epoch: 0,
        created: ctx.now,
    };
    ctx.write(move |tx| Ok(tx.put_sign_in(&sign_in, "")?)).await.unwrap();
}

#[tokio::test]
async fn the_overview_says_who_was_refused_and_why_and_leads_to_those_sign_ins() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let carol = house.person("carol", &[]).await;
    let find = |id| {
        let ctx = house.system();
        async move { sallyport_app::user::show(&ctx, id).await.unwrap().value }
    };
    for reason in [Reason::FactorWrong, Reason::FactorWrong, Reason::Expired] {
        refuse(&house.system(), &find(bob.id).await, reason).await;
    }
    refuse(&house.system(), &find(carol.id).await, Reason::Cancelled).await;
    let mut browser = house.signed_in(&ada).await;
    let page = browser.get("/admin").await;
    for said in [
        "3 refused",
        "wrong code at the second door (2)",
        "/admin/sign-ins?text=factor_wrong",
        "Changed in the last 24 hours",
    ] {
        assert!(page.body.contains(said), "no {said}: {}", page.body);
    }
    assert!(!page.body.contains("style="), "{}", page.body);
    let his = browser.get("/admin/sign-ins?text=bob&state=denied").await.body;
    assert_eq!(his.matches("wrong code at the second door").count(), 2);
    assert!(!his.contains("the person gave up"), "that was somebody else's");
    let wrong = browser.get("/admin/sign-ins?text=factor_wrong").await.body;
    assert!(wrong.contains("wrong code") && !wrong.contains("the sign-in took too long"), "{wrong}");
    assert_eq!(browser.get("/admin?days=7").await.status, 200);
}

#[tokio::test]
async fn whoever_reads_no_sign_ins_is_told_of_none() {
    let (house, _) = House::with_owner().await;
    let runner = house.person("rita", &[Role::CommandRunner]).await;
    let mut browser = house.signed_in(&runner).await;
    let page = browser.get("/admin").await;
    assert!(page.body.contains("Latest runs"), "{}", page.body);
    for hidden in ["Refused at the doors", "Changed in the last 24 hours", "First hour"] {
        assert!(!page.body.contains(hidden), "{hidden}: {}", page.body);
    }
}

#[tokio::test]
async fn people_are_listed_by_the_second_factors_they_have() {
    let (house, ada) = House::with_owner().await;
    let input = sallyport_api::rest::CreateUser { name: "newt".into(), active: true, ..Default::default() };
    sallyport_app::user::create(&house.system(), input).await.unwrap();
    let mut browser = house.signed_in(&ada).await;
    let none = browser.get("/admin/factors/people").await.body;
    assert!(none.contains(">newt<") && !none.contains(">ada</a>"), "{none}");
    let totp = browser.get("/admin/factors/people?holding=totp").await.body;
    assert!(!totp.contains(">newt<") && totp.contains(">ada</a>"), "{totp}");
    let odd = browser.get("/admin/factors/people?holding=%3Cb%3E&text=zzz").await;
    assert!(odd.status == 200 && odd.body.contains("Nobody fits this."), "{}", odd.body);
}

#[tokio::test]
async fn the_first_hour_is_on_the_overview_until_it_is_put_away_and_comes_back() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let page = browser.get("/admin").await.body;
    assert!(page.contains("First hour") && page.contains("1 of 9 done"), "{page}");
    let list = browser.get("/admin/first-hour").await.body;
    assert!(list.contains("aria-current=\"step\""), "{list}");
    let (_, second) = list.split_once("id=\"second_owner\"").unwrap();
    assert!(second.starts_with(" aria-current"), "the first that is not done: {list}");
    assert_eq!(browser.submit("/admin/first-hour", &[("dismissed", "on")]).await.location(), "/admin");
    assert!(!browser.get("/admin").await.body.contains("id=\"first-hour\""));
    let list = browser.get("/admin/first-hour").await.body;
    assert!(list.contains("Show it on the overview again"), "{list}");
    browser.submit("/admin/first-hour", &[]).await;
    assert!(browser.get("/admin").await.body.contains("id=\"first-hour\""));
    assert!(!first_hour::show(&house.system()).await.unwrap().dismissed);
    // Its step shows the line to type at once.
    let once =
        browser.submit("/admin/enrollment-tokens", &[("description", "First device"), ("hours", "24")]).await;
    assert!(once.body.contains("Enrolment token"), "{}", once.body);
}
