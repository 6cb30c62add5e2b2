//! What is said to whoever reads another language than English, and how one is chosen.

use super::house::{House, PASSWORD};

#[tokio::test]
async fn the_doors_speak_as_the_browser_asks_whatever_they_have_to_say() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.browser();
    browser.reads = "gsw, de-AT;q=0.9, en;q=0.8";
    let page = browser.get("/sign-in").await;
    assert!(page.body.contains("<html lang=\"de\" dir=\"ltr\">"), "{}", page.body);
    let wrong = browser.submit("/sign-in", &[("name", "ada"), ("password", "wrong")]).await;
    assert!(wrong.body.contains("Der Name oder das Passwort ist nicht richtig."), "{}", wrong.body);
    let second = browser.submit("/sign-in", &[("name", "ada"), ("password", PASSWORD)]).await;
    assert!(second.body.contains("Noch eine Tür"), "{}", second.body);
    let again = browser.submit("/sign-in/second", &[("passcode", "000000")]).await;
    assert!(again.body.contains("Dieser Code stimmt nicht."), "{}", again.body);
    let enrolling = browser.get("/enroll").await;
    assert!(enrolling.body.contains("Registrierungscode"), "{}", enrolling.body);
    let refused = browser.submit("/enroll", &[("code", "1234")]).await;
    assert!(refused.body.contains("Dieser Registrierungscode stimmt nicht"), "{}", refused.body);
    let foreign = browser.post("/enroll", &[], &[("origin", "https://evil.example")]).await;
    assert!(foreign.body.contains("Nicht von hier") && foreign.status == 403, "{}", foreign.body);
    for nothing in ["/no-such-page", "/factors/nothing/rename"] {
        let page = browser.get(nothing).await;
        assert!(page.body.contains("<html lang=\"de\""), "{nothing}: {}", page.body);
    }
    let phone = browser.get("/phone").await;
    assert!(phone.body.contains("Dieses Telefon zu Ihrem machen"), "{}", phone.body);
    let worker = browser.get("/phone/worker.js").await;
    assert!(worker.body.starts_with("const WORDS = {\"title\":\"Jemand meldet sich an\""), "{}", worker.body);

    // Inside, one's own pages speak it and those of administrators do not.
    let code = house.fresh_code(&ada);
    browser.submit("/sign-in/second", &[("passcode", &code)]).await;
    let home = browser.get("/").await;
    assert!(home.body.contains("Wo ich angemeldet bin") && home.body.contains("seit <time"), "{}", home.body);
    for page in ["/", "/sign-ins"] {
        let page = browser.get(page).await;
        assert!(page.body.contains("beide Türen waren passiert"), "{}", page.body);
    }
    let page = browser.get("/admin?done=saved").await;
    assert!(page.body.contains("<html lang=\"en\"") && page.body.contains("Saved."), "{}", page.body);
    let refused = browser.get("/admin/users/nothing").await;
    assert!(refused.body.contains("<html lang=\"en\""), "{}", refused.body);
}

#[tokio::test]
async fn a_choice_is_remembered_and_the_door_between_stays_where_it_is() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    let choice = browser.get("/sign-in?next=%2Fpassword&language=fr").await;
    assert_eq!((choice.status, choice.location()), (303, "/sign-in?next=%2Fpassword"));
    let cookie = choice.set_cookies()[0].to_owned();
    assert!(cookie.starts_with("__Host-sallyport-language=fr; Path=/; Max-Age="), "{cookie}");
    assert!(cookie.ends_with("; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
    let page = browser.get("/sign-in?next=%2Fpassword").await;
    assert!(page.body.contains("Nom d’utilisateur"), "{}", page.body);
    assert!(page.body.contains("href=\"/sign-in?next=%2Fpassword&#38;language=ja\""), "{}", page.body);

    browser.submit("/sign-in", &[("name", "ada"), ("password", PASSWORD), ("next", "/password")]).await;
    assert_eq!(browser.get("/sign-in/second?next=%2Fpassword&language=sv").await.status, 303);
    let door = browser.get("/sign-in/second?next=%2Fpassword").await;
    assert!(door.status == 200 && door.body.contains("En dörr till"), "{}", door.body);
    assert!(door.body.contains("name=\"next\" value=\"/password\""), "{}", door.body);
    let code = house.fresh_code(&ada);
    let inside = browser.submit("/sign-in/second", &[("passcode", &code), ("next", "/password")]).await;
    assert_eq!((inside.status, inside.location()), (303, "/password"));
    // The door is over: what leads there leads to the first.
    assert_eq!(browser.get("/sign-in/second").await.location(), "/sign-in");
}
