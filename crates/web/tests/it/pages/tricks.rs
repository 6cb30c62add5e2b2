//! Known ways round a door, each tried once.

use axum::{body::Body, http::Request};
use sallyport_app::{audit, factor, user};
use sallyport_model::Span;

use super::{
    browser::{Answer, Browser},
    house::{House, PASSWORD, URL},
};

const SESSION: &str = "__Host-sallyport";

async fn try_password(browser: &mut Browser, name: &str, password: &str, headers: &[(&str, &str)]) -> Answer {
    browser.get("/sign-in").await;
    let token = browser.form_token.clone();
    let fields = [("form_token", token.as_str()), ("name", name), ("password", password)];
    let headers: Vec<(&str, &str)> = [("origin", URL)].into_iter().chain(headers.iter().copied()).collect();
    browser.post("/sign-in", &fields, &headers).await
}

#[tokio::test]
async fn a_wrong_password_gets_the_same_page_whoever_is_meant() {
    let (house, _) = House::with_owner().await;
    let system = house.system();
    for name in ["suspended", "locked", "nofactor"] {
        let id = house.person(name, &[]).await.id;
        match name {
            "suspended" => drop(user::suspend(&system, id).await.unwrap()),
            "locked" => drop(user::lock_password(&system, id).await.unwrap()),
            _ => {
                let factors = factor::list(&system, id).await.unwrap();
                factor::remove(&system, id, factors[0].id).await.unwrap();
            }
        }
    }
    let input = sallyport_api::rest::CreateUser { name: "staged".into(), ..Default::default() };
    user::create(&system, input).await.unwrap();
    let mut pages = Vec::new();
    for (name, password) in [
        ("ada", "wrong"),
        ("suspended", "wrong"),
        ("suspended", PASSWORD),
        ("locked", PASSWORD),
        ("nofactor", "wrong"),
        ("staged", "wrong"),
        ("nobody", PASSWORD),
        ("../../etc", PASSWORD),
    ] {
        let mut browser = house.browser();
        let answer = try_password(&mut browser, name, password, &[]).await;
        let page = answer
            .without_questions()
            .replace(&browser.form_token, "")
            .replace(&format!("value=\"{name}\""), "");
        pages.push((answer.status, answer.headers.len(), page));
    }
    for page in &pages {
        assert_eq!(page.0, 403);
        assert_eq!(page, &pages[0]);
    }
}

#[tokio::test]
async fn headers_of_a_proxy_nobody_listed_say_nothing_about_who_comes_from_where() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.browser();
    let mut held = 0;
    let long = "1".repeat(4096);
    for (n, address) in
        ["a", "10.0.0.1", "203.0.113.9, 198.51.100.1", "::1", "", "unknown", &long, "127.0.0.1"]
            .into_iter()
            .enumerate()
    {
        let own = format!("203.0.113.{n}");
        let headers =
            [("x-forwarded-for", address), ("forwarded", "for=203.0.113.7"), ("x-real-ip", own.as_str())];
        held += u16::from(try_password(&mut browser, "ada", "wrong", &headers).await.status == 429);
    }
    assert_eq!(held, 2, "eight guesses from one peer, whatever they say of themselves");
    house.advance(Span::hours(1));
    let mut browser = house.signed_in(&ada).await;
    let log = browser.get("/admin/sign-ins").await.body;
    assert!(log.contains("192.0.2.7") && !log.contains("203.0.113") && !log.contains("10.0.0.1"));
}

#[tokio::test]
async fn clients_of_a_listed_proxy_are_held_back_one_by_one() {
    let (house, _) = House::with_owner().await;
    let mut browser = house.browser_behind([10, 1, 0, 2]);
    let mut guess = async |forwarded: &[(&str, &str)]| {
        try_password(&mut browser, "ada", "wrong", forwarded).await.status == 429
    };
    let attacker = [("x-forwarded-for", "198.51.100.1, 203.0.113.9")];
    let mut held = 0;
    for _ in 0..8 {
        held += u16::from(guess(&attacker).await);
    }
    assert_eq!(held, 2, "eight guesses of one client");
    assert!(guess(&[("x-forwarded-for", "203.0.113.8, 203.0.113.9")]).await, "whatever it says of itself");
    assert!(!guess(&[("x-forwarded-for", "198.51.100.7")]).await, "another client of the same proxy");
    assert!(!guess(&[("forwarded", "for=198.51.100.8")]).await);
    assert!(!guess(&[]).await, "the proxy itself");
    let wanted = audit::SignInsWanted { text: String::new(), before: None, limit: 50 };
    let log = audit::sign_ins(&house.system(), wanted).await.unwrap();
    let seen: Vec<_> = log.items.iter().filter_map(|one| one.sign_in.source.as_deref()).collect();
    assert!(seen.contains(&"203.0.113.9") && seen.contains(&"198.51.100.7"), "{seen:?}");
    assert!(seen.contains(&"198.51.100.8") && seen.contains(&"10.1.0.2"), "{seen:?}");
    assert!(!seen.contains(&"198.51.100.1") && !seen.contains(&"203.0.113.8"), "{seen:?}");
}

#[tokio::test]
async fn the_name_a_request_gives_us_is_in_nothing_we_say() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let bob = house.person("bob", &[]).await;
    let (user, token) = (format!("/admin/users/{}", bob.id), {
        browser.get("/").await;
        browser.form_token.clone()
    });
    let evil = |request: axum::http::request::Builder| {
        request
            .header("host", "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("x-forwarded-proto", "http")
            .header("forwarded", "host=evil.example")
    };
    for path in
        ["/", "/admin", "/admin/enrollment-tokens", "/sign-in?next=/admin", "/enroll", "/nowhere", &user]
    {
        let answer = browser.send(evil(Request::get(path)).body(Body::empty()).unwrap()).await;
        assert!(!answer.body.contains("evil.example") && !answer.location().contains("evil"), "{path}");
    }
    // Links that are handed on lead to the configured address.
    for path in [format!("{user}/enrollment-code"), "/admin/enrollment-tokens".into()] {
        let request = evil(Request::post(&path)).header("origin", URL);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = browser.send(request.body(Body::from(format!("form_token={token}"))).unwrap()).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(!answer.body.contains("evil.example"), "{path}");
    }
}

#[tokio::test]
async fn no_step_of_a_sign_in_is_skipped_or_taken_twice() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.browser();
    let first = try_password(&mut browser, "ada", PASSWORD, &[]).await;
    assert_eq!(first.status, 200);
    browser.form_token = first.between("form_token\" value=\"", "\"").into();
    let is_out = async |browser: &mut Browser| browser.get("/").await.status == 303;
    assert!(is_out(&mut browser).await, "one door is not enough");
    for fields in
        [&[][..], &[("passcode", "")], &[("passcode", " ")], &[("code", "123456")], &[("passcode", "''")]]
    {
        browser.form_token = first.between("form_token\" value=\"", "\"").into();
        let answer = browser.submit("/sign-in/second", fields).await;
        assert!(answer.status == 422 || answer.status == 429 || answer.status == 403, "{}", answer.status);
        assert!(is_out(&mut browser).await, "{fields:?}");
    }
    house.advance(Span::hours(2));
    // The step of one browser, another's code: the step's own secret decides whose sign-in it is.
    let bob = house.person("bob", &[]).await;
    let mut other = house.browser();
    let page = try_password(&mut other, "bob", PASSWORD, &[]).await;
    other.form_token = page.between("form_token\" value=\"", "\"").into();
    let code = house.fresh_code(&ada);
    assert_eq!(other.submit("/sign-in/second", &[("passcode", &code)]).await.status, 422);
    let step = other.cookies.get("__Host-sallyport-step").cloned().unwrap();
    let code = house.fresh_code(&bob);
    assert_eq!(other.submit("/sign-in/second", &[("passcode", &code)]).await.status, 303);
    // Once more the last step, with what opened it.
    let mut again = house.browser();
    again.get("/sign-in").await;
    again.cookies.insert("__Host-sallyport-step".into(), step);
    assert_eq!(again.submit("/sign-in/second", &[("passcode", &code)]).await.status, 403);
    assert!(is_out(&mut again).await);
}

#[tokio::test]
async fn a_cookie_that_is_not_whole_is_nobody() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let good = browser.cookies[SESSION].clone();
    let (begin, end) = good.split_at(good.len() / 2);
    let other = format!("{begin}{}", end.chars().rev().collect::<String>());
    for bad in [
        String::new(),
        begin.to_owned(),
        good[..good.len() - 1].to_owned(),
        format!("{good}x"),
        format!("\"{good}\""),
        good.to_uppercase(),
        good.replace('_', "%5F"),
        other,
        "x".repeat(8192),
        format!("{good}{}", "=".repeat(100)),
        "sps_".into(),
        "null".into(),
    ] {
        browser.cookies.insert(SESSION.into(), bad.clone());
        for path in ["/", "/admin", "/password"] {
            assert_eq!(browser.get(path).await.status, 303, "{path} with {bad:?}");
        }
    }
    // Two of one name are a sign that somebody planted one.
    let twice = format!("{SESSION}={good}; {SESSION}={good}");
    browser.cookies.clear();
    let request = Request::get("/").header("cookie", twice).body(Body::empty()).unwrap();
    assert_eq!(browser.send(request).await.status, 303);
    browser.cookies.insert(SESSION.into(), good);
    assert_eq!(browser.get("/").await.status, 200);
}

#[tokio::test]
async fn a_body_beyond_measure_is_refused_before_anything_is_done_with_it() {
    let (house, _) = House::with_owner().await;
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    for size in [2 << 20, 16 << 20] {
        let fields = format!("form_token={}&name=ada&password={}", browser.form_token, "x".repeat(size));
        let request = Request::post("/sign-in").header("origin", URL);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = browser.send(request.body(Body::from(fields)).unwrap()).await;
        assert_eq!(answer.status, 413, "{size}");
    }
    let signed = house.system().read(|reader| Ok(reader.list_sign_ins(None, "", 10)?)).await.unwrap();
    assert!(signed.is_empty(), "no attempt was made of it");
}

#[tokio::test]
async fn fields_that_no_form_of_ours_has_change_nothing() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let mut browser = house.signed_in(&ada).await;
    let path = format!("/admin/users/{}", bob.id);
    browser.get(&path).await;
    let before = user::show(&house.system(), bob.id).await.unwrap();
    let version = before.version.to_string();
    let planted = [
        ("version", version.as_str()),
        ("display_name", "Bob B."),
        ("roles", "owner"),
        ("state", "suspended"),
        ("id", "usr_00000000000000000000000000000001"),
        ("credential_epoch", "0"),
        ("password_status", "active"),
        ("uid", "0"),
        ("duo_id", "DU000"),
    ];
    assert_eq!(browser.submit(&path, &planted).await.status, 303);
    let after = user::show(&house.system(), bob.id).await.unwrap();
    let expected = sallyport_model::User { display_name: "Bob B.".into(), ..before.value.clone() };
    assert_eq!(after.value, expected);
}
