//! Factors of other people on the pages of administrators, and one's own phone set up anew.

use sallyport_model::{
    Factor, PhoneKeyKind, Proof, Role,
    id::{FactorId, UserId},
};
use sallyport_store::Edge;
use uuid::Uuid;

use super::house::House;

/// A phone whose page is somewhere.
pub(super) async fn phone_of(house: &House, user: UserId) -> FactorId {
    nth_phone_of(house, user, 7).await
}

async fn nth_phone_of(house: &House, user: UserId, n: u128) -> FactorId {
    let (ctx, id) = (house.system(), FactorId::new(Uuid::from_u128(n)));
    let proof = Proof::Push { platform: "a test".into(), signs_with: PhoneKeyKind::BrowserKey };
    let duo_id = format!("DP{n:0>18}");
    let factor = Factor { id, user, proof, name: "My <i> phone".into(), duo_id, created: ctx.now };
    let put = ctx.write(move |tx| {
        let created = tx.create(factor.clone())?;
        tx.record(created, "enroll");
        Ok(tx.put_edge(Edge::UserFactor, &user.to_string(), &id.to_string())?)
    });
    put.await.unwrap();
    id
}

#[tokio::test]
async fn administrators_rename_a_factor_and_set_a_phone_up_anew_and_help_desk_asks_first() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let hana = house.person("hana", &[Role::HelpDesk]).await;
    let phone = phone_of(&house, bob.id).await;
    let user = format!("/admin/users/{}", bob.id);
    let mut hers = house.signed_in(&hana).await;
    assert!(hers.get(&user).await.body.contains("Set up anew"));
    let refused = hers.submit(&format!("{user}/factors/{phone}/reactivate"), &[]).await;
    assert!(refused.status == 409 && refused.body.contains("ask for this reset first"), "{}", refused.body);
    assert!(hers.get(&user).await.body.contains("a phone set up anew"), "what to ask for");

    let mut owner = house.signed_in(&ada).await;
    owner.get(&user).await;
    let renamed = owner.submit(&format!("{user}/factors/{phone}/rename"), &[("name", "Handset")]).await;
    assert_eq!(renamed.location(), format!("{user}?done=saved"));
    assert!(owner.get(&user).await.body.contains("Handset"));
    let shown = owner.submit(&format!("{user}/factors/{phone}/reactivate"), &[]).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let link = shown.body.contains("https://sallyport.example.com/phone#");
    assert!(link && shown.body.contains("A phone of bob, set up anew"), "{}", shown.body);
    // His authenticator has no page.
    let app = sallyport_app::factor::list(&house.system(), bob.id).await.unwrap();
    let app = app.iter().find(|factor| factor.id != phone).unwrap().id;
    assert_eq!(owner.submit(&format!("{user}/factors/{app}/reactivate"), &[]).await.status, 409);
}

#[tokio::test]
async fn people_set_their_own_phone_up_anew_in_their_language_and_nobody_elses() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let phone = phone_of(&house, bob.id).await;
    let (mut his, mut others) = (house.signed_in(&bob).await, house.signed_in(&ada).await);
    let reactivate = format!("/factors/{phone}/reactivate");
    assert!(his.get("/").await.body.contains("another handset"));
    let shown = his.submit(&reactivate, &[]).await;
    assert!(shown.status == 200 && shown.body.contains("phone-code"), "{}", shown.body);
    assert!(shown.body.contains("My &#60;i&#62; phone anew"), "{}", shown.body);
    others.get("/").await;
    assert_eq!(others.submit(&reactivate, &[]).await.status, 404);
}

#[tokio::test]
async fn of_two_phones_of_one_name_the_page_knows_which_was_asked() {
    let (house, _) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let (first, second) = (nth_phone_of(&house, bob.id, 7).await, nth_phone_of(&house, bob.id, 8).await);
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    browser.submit("/sign-in", &[("name", bob.name), ("password", super::house::PASSWORD)]).await;
    let page = browser.submit("/sign-in/second", &[("ask", &second.to_string())]).await.body;
    let button = |phone: FactorId| {
        let form = page.split_once(&format!("name=\"ask\" value=\"{phone}\"")).expect("its form").1;
        form.split_once("</form>").expect("its end").0.to_owned()
    };
    assert!(button(second).contains("again") && !button(first).contains("again"), "{page}");
}
