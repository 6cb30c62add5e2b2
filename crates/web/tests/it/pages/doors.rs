//! Setup, enrolment, sign-in and sign-out as a person goes through them.

use sallyport_app::setup;
use sallyport_model::Span;

use super::house::{House, PASSWORD};

const SESSION: &str = "__Host-sallyport";

#[tokio::test]
async fn a_link_becomes_an_organisation_its_owner_and_their_second_factor() {
    let house = House::bare();
    let link = setup::issue_link(&house.system()).await.unwrap().unwrap();
    let mut browser = house.browser();
    let page = browser.get("/sign-in").await;
    assert!(page.body.contains("not set up yet"));
    assert_eq!(browser.get("/setup?link=setup_wrong").await.status, 404);
    let path = format!("/setup?link={}", link.expose());
    assert_eq!(browser.get(&path).await.status, 200);
    let given = |password: &'static str| {
        vec![
            ("organization", "Example"),
            ("name", "ada"),
            ("password", password),
            ("password_again", password),
        ]
    };
    let mut fields = given("short");
    fields.push(("link", link.expose()));
    let refused = browser.submit("/setup", &fields).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("at least 12"));
    let mut fields = given(PASSWORD);
    fields.push(("link", link.expose()));
    let seed_page = browser.submit("/setup", &fields).await;
    assert_eq!(seed_page.status, 200, "{}", seed_page.body);
    assert!(seed_page.body.contains("src=\"data:image/svg+xml;base64,"));
    let seed = seed_page.between("id=\"seed\">", "<").replace(' ', "");
    let seed = data_encoding::BASE32_NOPAD.decode(seed.as_bytes()).unwrap();
    let wrong = browser.submit("/enroll/confirm", &[("passcode", "000000")]).await;
    assert_eq!(wrong.status, 422);
    let done = browser.submit("/enroll/confirm", &[("passcode", &house.code(&seed))]).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(browser.get(&path).await.status, 404, "setup is closed for ever");

    house.advance(Span::seconds(30));
    browser.get("/sign-in").await;
    let second = browser.submit("/sign-in", &[("name", "ada"), ("password", PASSWORD)]).await;
    assert!(second.body.contains("One more door"));
    let inside = browser.submit("/sign-in/second", &[("passcode", &house.code(&seed))]).await;
    assert_eq!((inside.status, inside.location()), (303, "/admin"));
    assert!(browser.get("/admin").await.body.contains("Overview"));
}

#[tokio::test]
async fn the_two_doors_open_one_after_the_other_and_the_session_is_new() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.browser();
    browser.cookies.insert(SESSION.into(), "planted".into());
    browser.get("/sign-in").await;
    let wrong = browser.submit("/sign-in", &[("name", "ada"), ("password", "wrong")]).await;
    let unknown = browser.submit("/sign-in", &[("name", "bob"), ("password", "wrong")]).await;
    assert_eq!((wrong.status, unknown.status), (403, 403));
    let (wrong, unknown) = (wrong.without_questions(), unknown.without_questions());
    assert_eq!(wrong.replace("value=\"ada\"", ""), unknown.replace("value=\"bob\"", ""));

    let second = browser
        .submit("/sign-in", &[("name", "ada"), ("password", PASSWORD), ("next", "/admin/users")])
        .await;
    assert_eq!(second.status, 200);
    assert_eq!(
        browser.cookies.get(SESSION).map(String::as_str),
        Some("planted"),
        "no session between the doors"
    );
    assert_eq!(browser.get("/").await.status, 303);
    browser.form_token = second.between("form_token\" value=\"", "\"").into();
    let again = browser.submit("/sign-in/second", &[("passcode", "000000"), ("next", "/admin/users")]).await;
    assert_eq!(again.status, 422);
    assert!(again.body.contains("not right"));
    let code = house.fresh_code(&ada);
    let inside = browser.submit("/sign-in/second", &[("passcode", &code), ("next", "/admin/users")]).await;
    assert_eq!((inside.status, inside.location()), (303, "/admin/users"));
    let session = browser.cookies.get(SESSION).cloned().unwrap();
    assert_ne!(session, "planted");
    let flags = inside.set_cookies().into_iter().find(|line| line.starts_with("__Host-sallyport=")).unwrap();
    for flag in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(flags.contains(flag), "{flags}");
    }
    assert!(!flags.contains("Domain"));
    assert!(!browser.cookies.contains_key("__Host-sallyport-step"));

    // Signing in once more gives another session, and the former one is dead.
    let mut former = house.browser();
    former.cookies.insert(SESSION.into(), session.clone());
    assert_eq!(former.get("/").await.status, 200);
    browser.cookies.insert("__Host-sallyport-form".into(), String::new());
    browser.cookies.remove("__Host-sallyport-form");
    let mut anew = house.browser();
    anew.get("/sign-in").await;
    anew.cookies.insert(SESSION.into(), session.clone());
    anew.submit("/sign-in", &[("name", "ada"), ("password", PASSWORD)]).await;
    let code = house.fresh_code(&ada);
    assert_eq!(anew.submit("/sign-in/second", &[("passcode", &code)]).await.status, 303);
    assert_ne!(anew.cookies.get(SESSION), Some(&session));
    assert_eq!(former.get("/").await.status, 303);
}

#[tokio::test]
async fn a_code_without_a_first_door_opens_nothing() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    let code = house.fresh_code(&ada);
    for handle in [None, Some("sph_invented"), Some("")] {
        if let Some(handle) = handle {
            browser.cookies.insert("__Host-sallyport-step".into(), handle.into());
        }
        let answer = browser.submit("/sign-in/second", &[("passcode", &code)]).await;
        assert_eq!(answer.status, 403);
        assert!(!browser.cookies.contains_key(SESSION));
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_and_not_only_the_cookie() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let session = browser.cookies.get(SESSION).cloned().unwrap();
    browser.get("/").await;
    let out = browser.submit("/sign-out", &[]).await;
    assert_eq!((out.status, out.location()), (303, "/sign-in?done=signed-out"));
    assert!(!browser.cookies.contains_key(SESSION));
    browser.cookies.insert(SESSION.into(), session);
    assert_eq!(browser.get("/").await.location(), "/sign-in");
}

#[tokio::test]
async fn a_password_change_asks_for_the_old_one_keeps_this_session_and_ends_the_others() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let (mut browser, mut elsewhere) = (house.signed_in(&ada).await, house.signed_in(&ada).await);
    let mut bobs = house.signed_in(&bob).await;
    browser.get("/password").await;
    let new = "another long passphrase";
    let given =
        |old: &'static str| [("old_password", old), ("new_password", new), ("new_password_again", new)];
    let refused = browser.submit("/password", &given("wrong")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("not your present password"));
    assert_eq!(elsewhere.get("/").await.status, 200, "nothing has changed yet");
    let changed = browser.submit("/password", &given(PASSWORD)).await;
    assert_eq!(changed.location(), "/password?done=password-changed", "{}", changed.body);
    assert!(browser.get("/password?done=password-changed").await.body.contains("Your password is changed"));
    assert_eq!(elsewhere.get("/").await.location(), "/sign-in");
    assert_eq!(elsewhere.get("/admin").await.location(), "/sign-in?next=%2Fadmin");
    assert_eq!(bobs.get("/").await.status, 200, "others' sessions are others'");
}

#[tokio::test]
async fn whoever_has_an_expired_password_finds_every_page_but_its_change_shut() {
    let (house, ada) = House::with_owner().await;
    let mut settings = sallyport_app::settings::show(&house.system()).await.unwrap().value;
    settings.passwords.expire_after_days = 1;
    sallyport_app::settings::update(&house.system(), None, settings).await.unwrap();
    house.advance(Span::days(2));
    let mut browser = house.signed_in(&ada).await;
    for path in ["/", "/sign-ins", "/admin", "/admin/users"] {
        assert_eq!(browser.get(path).await.location(), "/password", "{path}");
    }
    assert!(browser.get("/password").await.body.contains("Your password has expired"));
    assert_eq!(browser.submit("/factors/totp", &[]).await.location(), "/password");
    let new = "another long passphrase";
    let given = [("old_password", PASSWORD), ("new_password", new), ("new_password_again", new)];
    assert_eq!(browser.submit("/password", &given).await.location(), "/password?done=password-changed");
    assert_eq!(browser.get("/admin").await.status, 200);
}

#[tokio::test]
async fn an_old_session_is_asked_for_a_code_with_its_new_password() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    house.advance(Span::minutes(12));
    assert!(browser.get("/password").await.body.contains("A code for the second door"));
    let new = "another long passphrase";
    let mut given = vec![("old_password", PASSWORD), ("new_password", new), ("new_password_again", new)];
    assert_eq!(browser.submit("/password", &given).await.status, 422);
    let code = house.fresh_code(&ada);
    given.push(("passcode", &code));
    assert_eq!(browser.submit("/password", &given).await.location(), "/password?done=password-changed");
}

#[tokio::test]
async fn sessions_are_ended_one_by_one_by_their_person_and_by_an_administrator() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let (mut here, mut there, mut elsewhere) =
        (house.signed_in(&bob).await, house.signed_in(&bob).await, house.signed_in(&bob).await);
    let mut owner = house.signed_in(&ada).await;
    // The list begins with the session that was used last.
    there.get("/sign-ins").await;
    let id = |page: &str| page.split("/sessions/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let page = here.get("/").await.body;
    assert_eq!(page.matches("/end\"").count(), 2, "the present one is left by signing out");
    let first = id(&page);
    assert_eq!(here.submit(&format!("/sessions/{first}/end"), &[]).await.location(), "/?done=session-ended");
    assert_eq!(here.submit(&format!("/sessions/{first}/end"), &[]).await.status, 404);
    let alive = async |browser: &mut super::browser::Browser| browser.get("/").await.status == 200;
    let left = [alive(&mut there).await, alive(&mut elsewhere).await];
    assert_eq!(left.iter().filter(|alive| **alive).count(), 1);
    // Nobody ends another's session as if it were their own.
    let second = id(&here.get("/").await.body);
    owner.get("/").await;
    assert_eq!(owner.submit(&format!("/sessions/{second}/end"), &[]).await.status, 404);
    let path = format!("/admin/users/{}", bob.id);
    let page = owner.get(&path).await.body;
    assert_eq!(page.matches("/end\"").count(), 2);
    let ended = owner.submit(&format!("{path}/sessions/{second}/end"), &[]).await;
    assert_eq!(ended.location(), format!("{path}?done=session-ended"));
    assert!(!alive(&mut there).await && !alive(&mut elsewhere).await && alive(&mut here).await);
}

#[tokio::test]
async fn a_person_adds_a_factor_and_the_enrolment_page_spends_nothing_by_looking() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    browser.get("/").await;
    let page = browser.submit("/factors/totp", &[]).await;
    let seed = page.between("id=\"seed\">", "<").replace(' ', "");
    let seed = data_encoding::BASE32_NOPAD.decode(seed.as_bytes()).unwrap();
    let done = browser.submit("/factors/totp/confirm", &[("passcode", &house.code(&seed))]).await;
    assert_eq!(done.location(), "/?done=enrolled");

    let ctx = house.system();
    let code = sallyport_app::factor::issue_enrollment_code(&ctx, ada.id, 3600).await.unwrap();
    let mut other = house.browser();
    for _ in 0..3 {
        let page = other.get(&format!("/enroll?code={}", code.expose())).await;
        assert!(page.body.contains(code.expose()));
    }
    let page = other.submit("/enroll", &[("code", code.expose())]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let wrong = other.submit("/enroll", &[("code", "0000-0000-0000-0000")]).await;
    assert_eq!(wrong.status, 422);
}

#[tokio::test]
async fn what_happened_to_an_account_stands_on_its_front_page_until_it_was_seen() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let mut browser = house.signed_in(&bob).await;
    let dismiss = async |browser: &mut super::browser::Browser| {
        let up_to = browser.get("/").await.between("name=\"up_to\" value=\"", "\"").to_owned();
        assert_eq!(browser.submit("/news/seen", &[("up_to", &up_to)]).await.location(), "/");
        assert!(!browser.get("/").await.body.contains("Since you last looked"));
    };
    dismiss(&mut browser).await;
    house.advance(Span::minutes(1));
    let mut owner = house.signed_in(&ada).await;
    owner.get(&format!("/admin/users/{}", bob.id)).await;
    let set = owner.submit(&format!("/admin/users/{}/password", bob.id), &[("password", PASSWORD)]).await;
    assert_eq!(set.status, 303, "{}", set.body);

    let mut browser = house.signed_in(&bob).await;
    let page = browser.get("/").await;
    let card = page.between("Since you last looked", "</section>");
    assert!(card.contains("A new password was set for you"), "{card}");
    assert!(card.contains(" from 192.0.2.7, by ada"), "{card}");
    assert!(card.contains("Change your password</a> and tell your administrator"), "{card}");
    dismiss(&mut browser).await;
}
