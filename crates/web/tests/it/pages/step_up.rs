//! A session that is used from another network than the one it was opened from.

use axum::{body::Body, http::Request};
use sallyport_model::{Duo, Method, Role, Span, policy::MethodRow};

use super::{
    browser::Browser,
    house::{House, PASSWORD},
};

const SESSION: &str = "__Host-sallyport";
const HOME: [u8; 4] = [192, 0, 2, 7];
const TRAIN: [u8; 4] = [203, 0, 113, 9];

/// Another browser with the cookies of this one, at another address.
fn stolen(house: &House, browser: &Browser) -> Browser {
    let mut thief = house.browser();
    thief.cookies.clone_from(&browser.cookies);
    thief.address = TRAIN;
    thief
}

#[tokio::test]
async fn a_stolen_cookie_opens_no_administration_from_elsewhere() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let mut thief = stolen(&house, &browser);
    let remove = browser.get("/").await.between("action=\"/factors/", "\"").to_owned();
    for (path, next) in [
        ("/admin", "?next=%2Fadmin"),
        ("/admin/users?text=a", "?next=%2Fadmin%2Fusers%3Ftext%3Da"),
        ("/admin/audit.csv", "?next=%2Fadmin%2Faudit.csv"),
        ("/admin/tokens", "?next=%2Fadmin%2Ftokens"),
    ] {
        let answer = thief.get(path).await;
        assert_eq!((answer.status, answer.location()), (303, format!("/step-up{next}").as_str()), "{path}");
        assert!(answer.body.is_empty(), "{path}");
    }
    let home = thief.get("/").await;
    assert_eq!(home.status, 200, "one's own page stays open");
    assert!(!home.body.contains("/factors/"), "without what needs both doors");
    let token = [("name", "x"), ("role", "owner"), ("days", "1")];
    for (path, fields) in [
        ("/admin/tokens", &token[..]),
        ("/factors/totp", &[]),
        ("/factors/totp/confirm", &[("passcode", "000000")]),
        (&format!("/factors/{remove}"), &[]),
    ] {
        let answer = thief.submit(path, fields).await;
        assert_eq!((answer.status, answer.location()), (303, "/step-up"), "{path}");
    }
    let new = "another long passphrase";
    let given = [("old_password", PASSWORD), ("new_password", new), ("new_password_again", new)];
    let refused = thief.submit("/password", &given).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("give one for the second door"), "{}", refused.body);
    // Whom it belongs to notices nothing.
    assert_eq!(browser.get("/admin").await.status, 200);
}

#[tokio::test]
async fn a_code_opens_the_administration_on_another_network_under_another_identifier() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let (mut thief, former) = (stolen(&house, &browser), browser.cookies[SESSION].clone());
    browser.address = TRAIN;
    let path = browser.get("/admin/users").await.location().to_owned();
    let page = browser.get(&path).await;
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("You are on another network")
            && page.body.contains("Pass the second door once more to go on")
    );
    let next = page.between("name=\"next\" value=\"", "\"").to_owned();
    let wrong = browser.submit("/step-up", &[("passcode", "000000"), ("next", &next)]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("That code is not right. Please try again."), "{}", wrong.body);
    assert_eq!(browser.get("/admin/users").await.status, 303);
    let code = house.fresh_code(&ada);
    let inside = browser.submit("/step-up", &[("passcode", &code), ("next", &next)]).await;
    assert_eq!((inside.status, inside.location()), (303, "/admin/users"), "{}", inside.body);
    assert_ne!(browser.cookies[SESSION], former);
    let flags = inside.set_cookies().into_iter().find(|line| line.starts_with("__Host-sallyport=")).unwrap();
    for flag in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(flags.contains(flag), "{flags}");
    }
    assert_eq!(browser.get("/admin/users").await.status, 200);
    // What was stolen before is nobody now, wherever it is used.
    assert_eq!(thief.get("/").await.location(), "/sign-in");
    thief.address = HOME;
    assert_eq!(thief.get("/").await.location(), "/sign-in");
    // Both networks count from now on, and both are shown.
    browser.address = HOME;
    let page = browser.get(&format!("/admin/users/{}", ada.id)).await;
    assert!(page.body.contains("both doors passed from 192.0.2.0/24, 203.0.113.0/24"), "{}", page.body);
    assert!(browser.get("/").await.body.contains("both doors passed from 192.0.2.0/24, 203.0.113.0/24"));
    let log = browser.get("/admin/sign-ins").await;
    assert!(log.body.contains("the second door was passed once more"), "{}", log.body);
    // There is nothing to do at the door any more.
    assert_eq!(browser.get("/step-up?next=/sign-ins").await.location(), "/sign-ins");
}

#[tokio::test]
async fn guessing_at_the_second_door_from_a_stolen_session_is_held_back() {
    let (house, ada) = House::with_owner().await;
    let mut thief = stolen(&house, &house.signed_in(&ada).await);
    thief.get("/step-up").await;
    for _ in 0..5 {
        assert_eq!(thief.submit("/step-up", &[("passcode", "000000")]).await.status, 422);
    }
    let held = thief.submit("/step-up", &[("passcode", &house.fresh_code(&ada))]).await;
    assert_eq!(held.status, 429);
    assert!(held.headers.contains_key("retry-after") && held.body.contains("Too many attempts"));
}

#[tokio::test]
async fn the_step_up_page_leads_nowhere_else_and_is_for_those_who_can_pass_the_second_door() {
    let (house, ada) = House::with_owner().await;
    assert_eq!(house.browser().get("/step-up").await.location(), "/sign-in");
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example", "/step-up", ""] {
        let mut browser = house.signed_in(&ada).await;
        browser.address = TRAIN;
        browser.get("/step-up").await;
        let code = house.fresh_code(&ada);
        let inside = browser.submit("/step-up", &[("passcode", &code), ("next", next)]).await;
        assert_eq!(inside.location(), "/admin", "{next}");
    }
    let mut settings = sallyport_app::settings::show(&house.system()).await.unwrap().value;
    settings.policy.second_door = Some(sallyport_model::settings::SecondDoorPolicy::Never);
    sallyport_app::settings::update(&house.system(), None, settings).await.unwrap();
    let bob = house.person("bob", &[]).await;
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    assert_eq!(browser.submit("/sign-in", &[("name", bob.name), ("password", PASSWORD)]).await.status, 303);
    browser.address = TRAIN;
    assert!(browser.get("/").await.body.contains("You came in by one door."));
    assert_eq!(browser.submit("/factors/totp", &[]).await.location(), "/step-up");
    assert_eq!(browser.get("/step-up").await.status, 200);
    let code = house.fresh_code(&bob);
    assert_eq!(browser.submit("/step-up", &[("passcode", &code)]).await.location(), "/");
    browser.get("/").await;
    assert_eq!(browser.submit("/factors/totp", &[]).await.status, 200);
    // Whoever has nothing to pass it with is told so.
    let input = sallyport_api::rest::CreateUser { name: "eve".into(), active: true, ..Default::default() };
    let eve = sallyport_app::user::create(&house.system(), input).await.unwrap();
    sallyport_app::user::set_password(&house.system(), eve.id, &PASSWORD.into()).await.unwrap();
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    browser.submit("/sign-in", &[("name", "eve"), ("password", PASSWORD)]).await;
    assert_eq!(browser.get("/step-up").await.status, 403);
}

#[tokio::test]
async fn whoever_has_nothing_left_for_the_second_door_is_told_whom_to_ask() {
    let (house, _) = House::with_owner().await;
    let ctx = house.system();
    let input = sallyport_api::rest::CreateUser { name: "eve".into(), active: true, ..Default::default() };
    let eve = sallyport_app::user::create(&ctx, input).await.unwrap();
    sallyport_app::user::set_password(&ctx, eve.id, &PASSWORD.into()).await.unwrap();
    sallyport_app::user::set_roles(&ctx, eve.id, [Role::Auditor].into()).await.unwrap();
    let code = sallyport_app::factor::issue_bypass_codes(&ctx, eve.id, 1, 60).await.unwrap().remove(0);
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    browser.submit("/sign-in", &[("name", "eve"), ("password", PASSWORD)]).await;
    assert_eq!(browser.submit("/sign-in/second", &[("passcode", code.expose())]).await.status, 303);
    house.advance(Span::minutes(2));
    browser.address = TRAIN;
    let page = browser.get("/step-up?next=/admin/audit").await;
    assert!(page.body.contains("Ask your administrator for a bypass code"), "{}", page.body);
    assert!(!page.body.contains("name=\"passcode\""));
}

#[tokio::test]
async fn a_phone_can_be_called_from_the_page_of_another_network() {
    let (house, ada) = House::with_owner().await;
    let ctx = house.system();
    let bob = house.person("bob", &[]).await;
    let telephony = sallyport_model::Telephony {
        provider: Some(sallyport_model::telephony::Provider::Twilio {
            url: "http://127.0.0.1:9".into(),
            account: "AC1".into(),
        }),
        sender: "+15005550006".into(),
        texts: true,
        calls: true,
        countries: vec!["+1".parse().unwrap()],
        ..Default::default()
    };
    sallyport_app::telephony::update(&ctx, None, telephony, Some("token".into())).await.unwrap();
    let input = sallyport_api::rest::AddPhone { number: "+15005550010".into(), ..Default::default() };
    sallyport_app::factor::phone::add(&ctx, bob.id, input).await.unwrap();
    let mut browser = house.signed_in(&bob).await;
    browser.address = TRAIN;
    let page = browser.get("/step-up?next=/").await;
    let phone = page.between("name=\"ask\" value=\"", "\"").to_owned();
    assert!(!page.body.contains("data-waits-at"), "nothing is asked yet");
    // Nobody carries it here: it is said, and nothing is left waiting.
    let refused = browser.submit("/step-up", &[("ask", &phone), ("next", "/")]).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains("could not be sent"), "{}", refused.body);
    assert_eq!(browser.get("/step-up/waiting").await.body, "{\"over\":true}");
    let code = house.fresh_code(&bob);
    assert_eq!(browser.submit("/step-up", &[("passcode", &code), ("next", "/")]).await.status, 303);
    assert_eq!(house.signed_in(&ada).await.get("/step-up").await.status, 303, "nothing to do at home");
}

/// Duo is what opens the second door, and cannot be reached.
async fn with_duo_alone(house: &House) {
    let duo =
        Duo { client_id: "DIXXXXXXXXXXXXXXXXXX".into(), host: "duo.example.com".into(), ..Duo::default() };
    let secret = Some("deadbeef".repeat(5).as_str().into());
    sallyport_app::factor::duo::update(&house.system(), None, duo, secret).await.unwrap();
    let mut settings = sallyport_app::settings::show(&house.system()).await.unwrap().value;
    settings.factors = vec![MethodRow { method: Method::Duo, on: true, groups: Vec::new() }];
    settings.policy.methods = Some([Method::Duo].into());
    sallyport_app::settings::update(&house.system(), None, settings).await.unwrap();
}

#[tokio::test]
async fn whoever_has_only_duo_is_led_there_to_step_up_and_for_a_new_password() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    with_duo_alone(&house).await;
    browser.address = TRAIN;
    let page = browser.get("/step-up?next=/admin").await;
    assert!(page.body.contains("action=\"/step-up/duo\"") && page.body.contains("Go on with Duo"));
    assert!(!page.body.contains("name=\"passcode\""), "there is nothing to type");
    let gone = browser.submit("/step-up/duo", &[("next", "/admin")]).await;
    assert_eq!(gone.status, 422, "{}", gone.body);
    assert!(gone.body.contains("Duo cannot be asked now"), "{}", gone.body);
    assert_eq!(gone.between("name=\"next\" value=\"", "\""), "/admin", "the way on is not forgotten");
    assert_eq!(browser.get("/admin").await.status, 303, "the door stays shut");

    // At home both doors were passed, and long ago for a new password.
    browser.address = HOME;
    assert_eq!(browser.get("/step-up?next=/password").await.location(), "/password");
    house.advance(Span::minutes(11));
    let page = browser.get("/password").await;
    assert!(page.body.contains("href=\"/step-up?next=%2Fpassword\"") && !page.body.contains("old_password"));
    let page = browser.get("/step-up?next=/password").await;
    assert!(page.body.contains("The second door once more") && page.body.contains("/step-up/duo"));

    // And whoever has an authenticator too may step up in place of typing its code there.
    let mut settings = sallyport_app::settings::show(&house.system()).await.unwrap().value;
    settings.policy.methods = None;
    sallyport_app::settings::update(&house.system(), None, settings).await.unwrap();
    let page = browser.get("/password").await;
    assert!(page.body.contains("name=\"passcode\"") && page.body.contains("Pass the second door once more"));
    browser.get("/step-up?next=/password").await;
    let code = house.fresh_code(&ada);
    let through = browser.submit("/step-up", &[("passcode", &code), ("next", "/password")]).await;
    assert_eq!(through.location(), "/password", "{}", through.body);
    assert!(!browser.get("/password").await.body.contains("name=\"passcode\""));
}

#[tokio::test]
async fn whoever_has_to_set_a_new_password_may_step_up_for_it_and_goes_nowhere_else() {
    let (house, ada) = House::with_owner().await;
    let mut settings = sallyport_app::settings::show(&house.system()).await.unwrap().value;
    settings.passwords.expire_after_days = 1;
    sallyport_app::settings::update(&house.system(), None, settings).await.unwrap();
    house.advance(Span::days(2));
    let mut browser = house.signed_in(&ada).await;
    browser.address = TRAIN;
    browser.get("/step-up?next=/password").await;
    let code = house.fresh_code(&ada);
    let through = browser.submit("/step-up", &[("passcode", &code), ("next", "/password")]).await;
    assert_eq!(through.location(), "/password", "{}", through.body);
    assert_eq!(browser.get("/admin").await.location(), "/password");
}

#[tokio::test]
async fn new_roles_end_the_session_they_find() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let (mut owner, mut browser) = (house.signed_in(&ada).await, house.signed_in(&bob).await);
    let path = format!("/admin/users/{}", bob.id);
    owner.get(&path).await;
    let set = owner.submit(&format!("{path}/roles"), &[("roles", "owner")]).await;
    assert_eq!(set.location(), format!("{path}?done=roles-set"));
    assert_eq!(browser.get("/admin").await.location(), "/sign-in?next=%2Fadmin");
}

#[tokio::test]
async fn what_a_script_asks_for_leads_back_to_the_page_it_runs_on() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    browser.address = TRAIN;
    for (page, next) in [
        ("https://sallyport.example.com/admin/users/new?a=b", "/step-up?next=%2Fadmin%2Fusers%2Fnew%3Fa%3Db"),
        ("https://evil.example//evil.example/", "/step-up"),
        ("not an address", "/step-up?next=%2Fadmin%2Fpick%2Fusers"),
    ] {
        let request = Request::get("/admin/pick/users").header("hx-request", "true");
        let answer = browser.send(request.header("hx-current-url", page).body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status, answer.headers["hx-redirect"].to_str().unwrap()), (401, next), "{page}");
    }
}
