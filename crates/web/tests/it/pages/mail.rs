//! Mail as people meet it at the doors and administrators on their pages.

use sallyport_model::{id::FactorId, policy::NewUser};
use serde_json::json;

use super::{browser::Browser, routes::routes};
use crate::world::{PASSWORD, World};

/// What came to this address, once something has.
async fn mail_to(world: &World, address: &str) -> String {
    loop {
        let letters = world.office.letters();
        if let Some(letter) = letters.iter().rev().find(|letter| letter.to == address) {
            return letter.text.clone();
        }
        tokio::task::yield_now().await;
    }
}

/// Emil with a password, at the sign-in.
async fn at_door(world: &World) -> Browser {
    world.owner().put("/users/emil/password", json!({ "password": PASSWORD })).await.expect(200);
    let mut browser = Browser::new(world.face.clone());
    browser.get("/sign-in").await;
    let needed = browser.submit("/sign-in", &[("name", "emil"), ("password", PASSWORD)]).await;
    assert!(needed.body.contains("Mail me a code: e***@example.com"), "{}", needed.body);
    assert!(!needed.body.contains("emil@example.com"), "the address is not told");
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_the_request_is_no_destination() {
    let world = World::full().await;
    for field in ["to", "mail", "email", "address"] {
        let asked = json!({ field: "eve@example.com" });
        world.owner().post("/users/emil/enrollment-link", asked).await.expect(422);
    }
    let sent = world.owner().post("/users/emil/enrollment-link", json!({})).await.expect(200);
    assert_eq!(sent.json["to"], "emil@example.com");
    assert!(sent.json.get("code").is_none() && !sent.text.contains("code="), "{}", sent.text);
    mail_to(&world, "emil@example.com").await;
    world.advance(sallyport_model::Span::minutes(1));
    let mut browser = at_door(&world).await;
    let eve = [("to", "eve@example.com"), ("mail", "eve@example.com"), ("email", "eve@example.com")];
    let told = browser.submit("/sign-in/enroll", &eve).await;
    assert!(told.body.contains("on its way"), "{}", told.body);
    assert!(
        world.office.letters().iter().all(|letter| !letter.to.contains("eve")),
        "{:?}",
        world.office.letters()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailed_code_leads_to_the_seed_in_that_browser_alone() {
    let world = World::full().await;
    let mut browser = at_door(&world).await;
    let told = browser.submit("/sign-in/enroll", &[]).await;
    assert!(told.body.contains("on its way") && told.status == 200, "{}", told.body);
    let again = browser.submit("/sign-in/enroll", &[]).await;
    assert!(again.status == 422 && again.body.contains("half a minute"), "{}", again.body);
    let mail = mail_to(&world, "emil@example.com").await;
    let is_code = |line: &&str| line.len() == 9 && line.chars().all(|c| c.is_ascii_digit() || c == '-');
    let code = mail.lines().find(is_code).expect("a code");
    let mut other = Browser::new(world.face.clone());
    other.get("/sign-in").await;
    assert_eq!(other.submit("/sign-in/enroll/code", &[("code", code)]).await.status, 409);
    assert_eq!(
        other.submit("/enroll", &[("code", code)]).await.status,
        422,
        "it is no code of an administrator"
    );
    assert_eq!(browser.submit("/sign-in/enroll/code", &[("code", "0000-0000")]).await.status, 422);
    let seed = browser.submit("/sign-in/enroll/code", &[("code", code)]).await;
    assert!(seed.status == 200 && seed.body.contains("id=\"seed\""), "{}", seed.body);
}

/// Sends every form of the doors and of the portal that enrols anything, with whatever a guess would bring; what was shown that
/// must not be.
async fn guesses(browser: &mut Browser) -> Vec<String> {
    let (mut shown, mut tried) = (Vec::new(), 0);
    for route in routes().iter().filter(|route| route.methods.contains("post(")) {
        let enrols = ["enroll", "/factors"].iter().any(|word| route.path.contains(word));
        if !enrols || route.path.starts_with("/admin") || route.path.starts_with("/setup") {
            continue;
        }
        let path = route.path.replace("{id}", &FactorId::new(uuid::Uuid::from_u128(7)).to_string());
        let fields = [
            ("code", "0000-0000-0000-0000"),
            ("passcode", "000000"),
            ("passkey", "{}"),
            ("name", "mine"),
            ("number", "+15005550013"),
            ("prompt", "0123"),
        ];
        let answer = browser.submit(&path, &fields).await;
        tried += 1;
        if answer.body.contains("id=\"seed\"") || answer.body.contains("phone-code") || answer.status >= 500 {
            shown.push(format!("{path}: {} {}", answer.status, answer.body));
        }
    }
    assert!(tried > 12, "{tried}");
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_alone_finishes_no_enrolment_whatever_is_sent_after_it() {
    let world = World::full().await;
    let mut browser = at_door(&world).await;
    assert_eq!(guesses(&mut browser).await, Vec::<String>::new());
    // Nor where policy lets whoever is new into the portal by it.
    let mut settings = sallyport_app::settings::show(&world.system()).await.expect("settings").value;
    settings.policy.new_user = Some(NewUser::NoSecondDoor);
    sallyport_app::settings::update(&world.system(), None, settings).await.expect("settings");
    world.advance(sallyport_model::Span::hours(1));
    let mut inside = Browser::new(world.face.clone());
    inside.get("/sign-in").await;
    let entered = inside.submit("/sign-in", &[("name", "emil"), ("password", PASSWORD)]).await;
    assert_eq!((entered.status, entered.location()), (303, "/"), "{}", entered.body);
    assert!(inside.get("/").await.body.contains("Hello"));
    assert_eq!(guesses(&mut inside).await, Vec::<String>::new());
    assert_eq!(inside.get("/factors/passkey").await.status, 403, "it takes both doors");
    let factors = world.owner().get("/users/emil/factors").await.expect(200).json;
    assert_eq!(factors["items"], json!([]));
}
