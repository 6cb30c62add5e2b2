//! Factors of other people on the pages of administrators, and one's own phone set up anew.

use sallyport_model::{
    Factor, PhoneKeyKind, Proof, Role,
    id::{FactorId, UserId},
};
use sallyport_store::Edge;
use uuid::Uuid;

use super::{
    browser::{Answer, Browser},
    house::{House, PASSWORD},
    matrix,
};
use crate::{
    telephony::carried,
    world::{self, World},
};

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
    browser.submit("/sign-in", &[("name", bob.name), ("password", PASSWORD)]).await;
    let page = browser.submit("/sign-in/second", &[("ask", &second.to_string())]).await.body;
    let button = |phone: FactorId| {
        let form = page.split_once(&format!("name=\"ask\" value=\"{phone}\"")).expect("its form").1;
        form.split_once("</form>").expect("its end").0.to_owned()
    };
    assert!(button(second).contains("again") && !button(first).contains("again"), "{page}");
}

/// What the page of a user says of their sign-ins.
fn sign_ins(page: &Answer) -> Vec<&str> {
    let (_, rows) = page.body.split_once("id=\"signins\"").expect("the sign-ins");
    let (_, rows) = rows.split_once("<tbody>").expect("a table");
    rows.split_once("</tbody>").expect("its end").0.split("</tr>").filter(|row| row.contains("<td")).collect()
}

#[tokio::test]
async fn a_users_page_tells_why_sign_ins_ended_and_forgets_wrong_codes() {
    const SHUT: &str = "second door shut after wrong codes until";
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let page = format!("/admin/users/{}", bob.id);
    let mut owner = house.signed_in(&ada).await;
    assert!(owner.get(&page).await.body.contains("No sign-in so far."));
    house.signed_in(&bob).await;
    let half_way = async || {
        let mut browser = house.browser();
        browser.get("/sign-in").await;
        browser.submit("/sign-in", &[("name", bob.name), ("password", PASSWORD)]).await;
        browser
    };
    let is_let_in = async |code: &str| {
        let mut browser = half_way().await;
        browser.submit("/sign-in/second", &[("passcode", code)]).await.status == 303
    };
    let mut guesses = 0;
    while !owner.get(&page).await.body.contains(SHUT) {
        assert!(!is_let_in("000000").await);
        guesses += 1;
        assert!(guesses < 20, "the second door is never shut");
    }
    let code = house.fresh_code(&bob);
    assert!(!is_let_in(&code).await, "no code opens it now");

    let shown = owner.get(&page).await;
    let told = sign_ins(&shown);
    let with = |state: &str, why: &str| told.iter().any(|row| row.contains(state) && row.contains(why));
    assert!(with(">allowed<", "both doors") && told.iter().all(|row| row.contains(">bob</a>")), "{told:?}");
    assert!(told.iter().any(|row| row.contains("wrong code at the second door")), "{told:?}");
    assert!(told.iter().all(|row| row.contains("192.0.2.7")), "{told:?}");

    let forgotten = owner.submit(&format!("{page}/unlock"), &[]).await;
    assert_eq!(forgotten.location(), format!("{page}?done=unlocked"));
    let shown = owner.get(forgotten.location()).await;
    assert!(
        shown.body.contains("wrong attempts are forgotten") && !shown.body.contains(SHUT),
        "{}",
        shown.body
    );
    let code = house.fresh_code(&bob);
    assert!(is_let_in(&code).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_is_added_on_its_owners_page_is_texted_and_not_called_at_their_door() {
    let world = World::full().await;
    let bob = world.person("bob", &[]).await;
    let page = format!("/admin/users/{}", bob.id);
    let mut owner = matrix::browser(&world, "owner").await;
    owner.get(&page).await;
    let refused = owner.submit(&format!("{page}/phones"), &[("number", "12"), ("texts", "yes")]).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let given = [("number", "+1 500 555 0015"), ("name", "Pocket"), ("texts", "yes")];
    let added = owner.submit(&format!("{page}/phones"), &given).await;
    assert_eq!(added.location(), format!("{page}?done=enrolled"), "{}", added.body);
    assert!(owner.get(&page).await.body.contains("<strong>Pocket</strong>"));

    let mut browser = Browser::new(world.face.clone());
    browser.get("/sign-in").await;
    let door = browser.submit("/sign-in", &[("name", bob.name), ("password", world::PASSWORD)]).await;
    assert!(
        door.body.contains("Text me a code: Pocket") && !door.body.contains("name=\"ask\""),
        "{}",
        door.body
    );
    let phone = door.between("name=\"phone\" value=\"", "\"").to_owned();
    let sent = browser.submit("/sign-in/second/text", &[("phone", &phone)]).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let text = &carried(&world).await["texts"][0];
    assert_eq!(text["to"], "+15005550015");
    let body = text["body"].as_str().expect("a text");
    let code = body.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 7).expect("a code");
    let opened = browser.submit("/sign-in/second", &[("passcode", code)]).await;
    assert_eq!(opened.status, 303, "{}", opened.body);
}
