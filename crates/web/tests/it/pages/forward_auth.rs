//! Applications behind a proxy: what a proxy is told about a request, and how a browser comes to its cookie.

use axum::{body::Body, http::Request};
use sallyport_api::rest::{CreateBehindProxy, CreateGroup, GroupMember, UpdateApplication};
use sallyport_app::{application, group, session, user};
use sallyport_model::{GroupKind, Span, UsedBy, id::ApplicationId};

use super::{
    browser::{Answer, Browser},
    house::{House, Person, URL},
};

const WIKI: &str = "https://wiki.example.com";
const VERIFY: &str = "/forward-auth/auth-request";
const CALLBACK: &str = "/forward-auth/auth-request/callback";

async fn wiki(house: &House, used_by: UsedBy) -> ApplicationId {
    let input = CreateBehindProxy { name: "Wiki".into(), origins: vec![WIKI.into()] };
    let (made, _) = application::create_behind_proxy(&house.system(), input).await.unwrap();
    let change = UpdateApplication { used_by: Some(used_by), ..UpdateApplication::default() };
    application::update(&house.system(), made.id, None, change).await.unwrap();
    made.id
}

/// What nginx is told about a request to `address` with these cookies.
async fn nginx(house: &House, path: &str, address: &str, cookies: &[&str]) -> Answer {
    let mut request = Request::get(path).header("x-original-url", address);
    for cookie in cookies {
        request = request.header("cookie", *cookie);
    }
    house.browser().send_bare(request.body(Body::empty()).unwrap()).await
}

/// What Caddy and Traefik are told.
async fn handed_on(house: &House, method: &str, host: &str, uri: &str, cookie: Option<&str>) -> Answer {
    let mut request = Request::get("/forward-auth/verify")
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-method", method)
        .header("x-forwarded-host", host)
        .header("x-forwarded-uri", uri);
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    house.browser().send_bare(request.body(Body::empty()).unwrap()).await
}

fn verify(path: &str) -> String {
    format!("{WIKI}{path}")
}

/// Whatever nginx asks for somebody who is not known at `address`: where they are led, and what the browser keeps.
async fn led_away(house: &House, address: &str, cookies: &[&str]) -> (String, String) {
    let led = nginx(house, "/forward-auth/auth-request/begin", address, cookies).await;
    assert_eq!(led.status, 302);
    let kept = led.set_cookies()[0];
    assert!(kept.ends_with("; Max-Age=3600; Path=/; Secure; HttpOnly; SameSite=Lax"), "{kept}");
    let kept = kept.split(';').next().unwrap().to_owned();
    (led.location().strip_prefix(URL).unwrap().to_owned(), kept)
}

/// The cookie that a browser of somebody who has signed in comes to.
async fn cookie(house: &House, browser: &mut Browser) -> String {
    let (begin, kept) = led_away(house, &verify("/page?a=b&c=d"), &[]).await;
    let begun = browser.get(&begin).await;
    let back = begun.location().to_owned();
    assert!(back.starts_with(&format!("{WIKI}/.sallyport/callback?code=")), "{back}: {}", begun.body);
    let given = nginx(house, CALLBACK, &back, &[&kept]).await;
    assert_eq!(given.location(), format!("{WIKI}/page?a=b&c=d"));
    let cookies = given.set_cookies();
    let line = *cookies.first().unwrap();
    assert!(line.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{line}");
    line.split(';').next().unwrap().to_owned()
}

async fn bob(house: &House) -> Person {
    let bob = house.person("bob", &[]).await;
    let input = CreateGroup { name: "Writers".into(), description: String::new(), kind: GroupKind::Users };
    let writers = group::create(&house.system(), input).await.unwrap();
    group::add_member(
        &house.system(),
        writers.id,
        GroupMember { user: Some(bob.id.to_string()), ..GroupMember::default() },
    )
    .await
    .unwrap();
    bob
}

#[tokio::test]
async fn somebody_who_has_signed_in_comes_to_a_cookie_and_is_known_by_it() {
    let (house, _) = House::with_owner().await;
    let bob = bob(&house).await;
    wiki(&house, UsedBy::Everybody).await;
    assert_eq!(nginx(&house, VERIFY, &verify("/"), &[]).await.status, 401);
    let (begin, _) = led_away(&house, &verify("/page"), &[]).await;
    let begun = house.browser().get(&begin).await;
    assert!(begun.location().starts_with("/sign-in?next="), "{}", begun.location());
    assert!(begun.location().contains("browser%3D"), "the way goes on in the browser that began");
    let mut browser = house.signed_in(&bob).await;
    let cookie = cookie(&house, &mut browser).await;
    let known = nginx(&house, VERIFY, &verify("/page"), &[&cookie]).await;
    assert_eq!(known.status, 200);
    assert_eq!(known.headers["remote-user"], "bob");
    assert_eq!(known.headers["remote-groups"], "Writers");
    assert!(!known.headers.contains_key("set-cookie"));
    let elsewhere = nginx(&house, VERIFY, "https://other.example.com/", &[&cookie]).await;
    assert_eq!(elsewhere.status, 401, "a cookie is good at its own host alone");
    let as_traefik = handed_on(&house, "POST", "wiki.example.com", "/page", Some(&cookie)).await;
    assert_eq!((as_traefik.status, &as_traefik.headers["remote-user"]), (200, &"bob".parse().unwrap()));
}

#[tokio::test]
async fn a_proxy_that_hands_our_answer_on_needs_no_page_of_its_own() {
    let (house, _) = House::with_owner().await;
    let bob = bob(&house).await;
    wiki(&house, UsedBy::Everybody).await;
    let sent = handed_on(&house, "GET", "wiki.example.com", "/page?a=b", None).await;
    let begin = sent.location().strip_prefix(URL).unwrap().to_owned();
    let wanted = "/forward-auth/begin?to=https%3A%2F%2Fwiki.example.com%2Fpage%3Fa%3Db&browser=";
    assert!(sent.status == 302 && begin.starts_with(wanted), "{begin}");
    let kept = sent.set_cookies()[0].split(';').next().unwrap().to_owned();
    assert_eq!(handed_on(&house, "POST", "wiki.example.com", "/page", None).await.status, 401);
    let mut browser = house.signed_in(&bob).await;
    // A page of ours that led here was a form: what answers it may lead to our own host alone.
    let page = browser.get(&begin.replace("/begin?", "/continue?")).await;
    assert_eq!((page.status, page.location()), (200, ""));
    assert!(
        page.body.contains("content=\"0;url=https://wiki.example.com/.sallyport/callback?code="),
        "{}",
        page.body
    );
    let back = browser.get(&begin).await.location().to_owned();
    let uri = back.strip_prefix(WIKI).unwrap();
    let given = handed_on(&house, "GET", "wiki.example.com", uri, Some(&kept)).await;
    assert_eq!(given.location(), format!("{WIKI}/page?a=b"));
    let known = given.set_cookies()[0].split(';').next().unwrap().to_owned();
    // Who comes twice, known by now, does not reach the application with a code in hand.
    let both = format!("{kept}; {known}");
    let twice = handed_on(&house, "GET", "wiki.example.com", uri, Some(&both)).await;
    assert_eq!(
        (twice.location(), twice.set_cookies().len()),
        (format!("{WIKI}/").as_str(), 0),
        "a code is good once"
    );
}

#[tokio::test]
async fn a_code_is_good_in_the_browser_that_began_and_in_no_other() {
    let (house, _) = House::with_owner().await;
    let bob = bob(&house).await;
    wiki(&house, UsedBy::Everybody).await;
    let mut browser = house.signed_in(&bob).await;
    let (begin, kept) = led_away(&house, &verify("/page"), &[]).await;
    let (_, others) = led_away(&house, &verify("/page"), &[]).await;
    assert_ne!(kept, others);
    let back = browser.get(&begin).await.location().to_owned();
    for stolen in [&[][..], &[others.as_str()], &["__Host-sallyport-way=x"]] {
        let strayed = nginx(&house, CALLBACK, &back, stolen).await;
        assert_eq!((strayed.status, strayed.set_cookies().len()), (403, 0), "{stolen:?}");
        assert!(strayed.body.contains(&format!("href=\"{WIKI}/\"")), "{}", strayed.body);
    }
    // A second window of the same browser is on the same way.
    let (second, again) = led_away(&house, &verify("/other"), &[&kept]).await;
    assert_eq!(again, kept);
    let second = browser.get(&second).await.location().to_owned();
    for (back, path) in [(second, "/other"), (back, "/page")] {
        let given = nginx(&house, CALLBACK, &back, &[&kept]).await;
        assert_eq!((given.location(), given.set_cookies().len()), (verify(path).as_str(), 1));
    }
    // Without a beginning there is no code.
    for browser_of in ["", "&browser=", "&browser=x"] {
        let refused = browser.get(&format!("/forward-auth/begin?to={WIKI}/{browser_of}")).await;
        assert_eq!((refused.status, refused.location()), (400, ""), "{browser_of}");
    }
}

#[tokio::test]
async fn a_long_address_is_carried_through_the_doors_and_one_beyond_measure_to_the_application() {
    let (house, _) = House::with_owner().await;
    wiki(&house, UsedBy::Everybody).await;
    for (length, kept_whole) in [(1500, true), (4050, false)] {
        let path = format!("/page?{}", "q".repeat(length));
        let (begin, _) = led_away(&house, &verify(&path), &[]).await;
        let sent = house.browser().get(&begin).await;
        assert!(
            sent.location().starts_with("/sign-in?next=%2Fforward-auth%2Fcontinue"),
            "{}",
            sent.location()
        );
        assert_eq!(sent.location().contains(&"q".repeat(length)), kept_whole, "{length}");
        assert!(sent.location().contains("wiki.example.com"), "{}", sent.location());
        let page = house.browser().get(sent.location()).await;
        assert!(page.body.contains("Wiki"), "{}", page.body);
    }
}

#[tokio::test]
async fn a_proxy_is_heard_in_its_own_headers_and_not_in_those_that_it_hands_on() {
    let (house, _) = House::with_owner().await;
    let bob = bob(&house).await;
    wiki(&house, UsedBy::Everybody).await;
    let cookie = cookie(&house, &mut house.signed_in(&bob).await).await;
    // Bob at an application that is closed to him, with the cookie and the address of one that is open.
    let other = CreateBehindProxy { name: "Payroll".into(), origins: vec!["https://pay.example.com".into()] };
    application::create_behind_proxy(&house.system(), other).await.unwrap();
    let forged = Request::get("/forward-auth/verify")
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "pay.example.com")
        .header("x-forwarded-uri", "/")
        .header("x-original-url", verify("/"))
        .header("cookie", &cookie);
    let as_caddy = house.browser().send_bare(forged.body(Body::empty()).unwrap()).await;
    assert_eq!(as_caddy.status, 302);
    let forged = Request::get(VERIFY)
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "wiki.example.com")
        .header("x-forwarded-uri", "/")
        .header("x-original-url", "https://pay.example.com/")
        .header("cookie", &cookie);
    let as_nginx = house.browser().send_bare(forged.body(Body::empty()).unwrap()).await;
    assert_eq!(as_nginx.status, 401);
}

#[tokio::test]
async fn a_cookie_that_is_malformed_truncated_or_too_long_lets_nobody_through() {
    let (house, _) = House::with_owner().await;
    let bob = bob(&house).await;
    wiki(&house, UsedBy::Everybody).await;
    let good = cookie(&house, &mut house.signed_in(&bob).await).await;
    let (name, value) = good.split_once('=').unwrap();
    let truncated = good[..good.len() - 1].to_owned();
    let long = format!("{name}={}", value.repeat(200));
    let huge = format!("{name}={}", "a".repeat(30_000));
    let empty = format!("{name}=");
    let quoted = format!("{name}=\"{value}\"");
    let twice = format!("{good}; {good}");
    for bad in
        [&truncated, &long, &huge, &empty, &quoted, &twice, &format!("{good}x"), &good.replace('_', "-")]
    {
        let answer = nginx(&house, VERIFY, &verify("/"), &[bad.as_str()]).await;
        assert!(answer.status == 401 || answer.status == 431, "{}: {bad:.80}", answer.status);
        assert!(!answer.headers.contains_key("remote-user"));
    }
    for address in
        ["", "wiki.example.com/", "https://wiki.example.com@evil.example/", "http://wiki.example.com/"]
    {
        let answer = nginx(&house, VERIFY, address, &[good.as_str()]).await;
        assert_eq!(answer.status, 401, "{address}");
    }
    assert_eq!(nginx(&house, VERIFY, &verify("/"), &[good.as_str()]).await.status, 200);
}

#[tokio::test]
async fn whoever_may_no_longer_use_it_is_unknown_with_the_next_request() {
    let (house, _) = House::with_owner().await;
    let bob = bob(&house).await;
    let id = wiki(&house, UsedBy::Everybody).await;
    let is_known = async |cookie: &str| nginx(&house, VERIFY, &verify("/"), &[cookie]).await.status == 200;
    let mut browser = house.signed_in(&bob).await;
    let first = cookie(&house, &mut browser).await;
    let change = |used_by| UpdateApplication { used_by: Some(used_by), ..UpdateApplication::default() };
    application::update(&house.system(), id, None, change(UsedBy::nobody())).await.unwrap();
    assert!(!is_known(&first).await);
    let (begin, _) = led_away(&house, &verify("/"), &[]).await;
    let over = browser.get(&begin).await;
    assert!(over.status == 403 && over.location().is_empty(), "{}", over.body);
    application::update(&house.system(), id, None, change(UsedBy::Everybody)).await.unwrap();
    assert!(is_known(&first).await);
    session::end_all(&house.system(), bob.id, None).await.unwrap();
    assert!(!is_known(&first).await, "it ends with the session");
    let mut browser = house.signed_in(&bob).await;
    let second = cookie(&house, &mut browser).await;
    assert!(is_known(&second).await);
    user::suspend(&house.system(), bob.id).await.unwrap();
    assert!(!is_known(&second).await);
}

#[tokio::test]
async fn a_code_and_an_address_lead_nowhere_else() {
    let (house, _) = House::with_owner().await;
    let bob = bob(&house).await;
    wiki(&house, UsedBy::Everybody).await;
    let mut browser = house.signed_in(&bob).await;
    for to in
        ["https://evil.example/", "https://wiki.example.com:8443/", "//evil.example", "javascript:x", ""]
    {
        let refused = browser.get(&format!("/forward-auth/begin?to={to}&browser={}", "0".repeat(64))).await;
        assert!(refused.status >= 400 && refused.location().is_empty(), "{to}: {}", refused.location());
    }
    let (begin, kept) = led_away(&house, &verify("/"), &[]).await;
    let back = browser.get(&begin).await.location().to_owned();
    let moved = back.replace("wiki.example.com", "evil.example");
    let elsewhere = nginx(&house, CALLBACK, &moved, &[&kept]).await;
    assert!(elsewhere.set_cookies().is_empty());
    house.advance(Span::seconds(61));
    let late = nginx(&house, CALLBACK, &back, &[&kept]).await;
    assert_eq!((late.location(), late.set_cookies().len()), (verify("/").as_str(), 0), "good for a minute");
    let taken = CreateBehindProxy {
        name: "Other".into(),
        origins: vec![WIKI.to_uppercase().replace("HTTPS", "https")],
    };
    assert!(application::create_behind_proxy(&house.system(), taken).await.is_err());
    let ours = CreateBehindProxy { name: "Us".into(), origins: vec![URL.into()] };
    assert!(application::create_behind_proxy(&house.system(), ours).await.is_err());
}
