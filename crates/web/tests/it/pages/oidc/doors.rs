//! Where a browser may be sent, what it may bring, and with which headers servers and scripts are answered.

use super::*;

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered_byte_for_byte() {
    let mut wiki = wiki(OidcClient::default()).await;
    for uri in [
        "https://wiki.example/callback",
        "https://wiki.example/callback?page=1&x=1",
        "https://wiki.example/callback?page=2",
        "https://wiki.example/callback/?page=1",
        "https://wiki.example/callback2?page=1",
        "https://wiki.example/Callback?page=1",
        "https://WIKI.example/callback?page=1",
        "HTTPS://wiki.example/callback?page=1",
        "http://wiki.example/callback?page=1",
        "https://wiki.example:443/callback?page=1",
        "https://wiki.example:444/callback?page=1",
        "https://wiki.example./callback?page=1",
        "https://wiki.example/./callback?page=1",
        "https://wiki.example/x/../callback?page=1",
        "https://wiki.example//callback?page=1",
        "https://wiki.example/%63allback?page=1",
        "https://wiki.example/callback?page=1#x",
        "https://wiki.example/callback?page=1 ",
        "https://wiki.example\\callback?page=1",
        "https://user@wiki.example/callback?page=1",
        "https://wiki.example@evil.example/callback?page=1",
        "https://wiki.example.evil.example/callback?page=1",
        "https://evil.example/https://wiki.example/callback?page=1",
        "//wiki.example/callback?page=1",
        "javascript:alert(1)",
        "",
    ] {
        for more in
            [("x", "y"), ("response_type", "token"), ("prompt", "none"), ("response_mode", "form_post")]
        {
            let answer = wiki.comes(&[("redirect_uri", uri), more]).await;
            assert_eq!((answer.status, answer.location()), (400, ""), "{uri}");
            assert!(!answer.body.contains("evil.example"), "{uri}");
        }
    }
    let stranger = wiki.comes(&[("client_id", "SPXXXXXXXXXXXXXXXXXX")]).await;
    assert_eq!((stranger.status, stranger.location()), (400, ""));
}

#[tokio::test]
async fn what_is_given_twice_is_refused_in_the_address_in_the_form_and_between_them() {
    let mut wiki = wiki(OidcClient::default()).await;
    for (name, value) in
        [("client_id", "x"), ("redirect_uri", BACK), ("scope", "openid"), ("state", "x"), ("y", "")]
    {
        let mut address = wiki.address(&[]);
        address.push_str(&format!("&{name}={value}&{name}={value}"));
        let answer = wiki.browser.get(&address).await;
        assert_eq!((answer.status, answer.location()), (400, ""), "{name}");
    }
    let address = wiki.address(&[]);
    let both = wiki.browser.post(&address, &[("scope", "openid email")], &[]).await;
    assert_eq!((both.status, both.location()), (400, ""), "query and form");
    let code = wiki.code(&[]).await;
    for name in ["code", "grant_type", "redirect_uri", "code_verifier", "other"] {
        let mut form = redeeming(&code).to_vec();
        form.extend([(name, "x"), (name, "x")]);
        assert_eq!(word(&wiki.token(&form).await), (400, "invalid_request".into()), "{name}");
    }
    let (address, by) = (format!("/oidc/token?code={code}"), wiki.basic());
    let in_address = wiki.posts(&address, &[("authorization", &by)], &redeeming(&code)).await;
    assert_eq!(word(&in_address), (400, "invalid_request".into()));
    assert_eq!(wiki.redeem(&code).await.status, 200, "none of these has spent it");
}

#[tokio::test]
async fn what_is_not_for_the_client_goes_back_as_an_error_and_is_as_it_came_first() {
    let mut wiki = wiki(OidcClient::default()).await;
    for (given, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", "code id_token"), "unsupported_response_type"),
        (("response_mode", "fragment"), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge", ""), "invalid_request"),
        (("scope", "a\"b"), "invalid_scope"),
        (("resource", "https://api.example"), "invalid_target"),
        (("registration", "{}"), "registration_not_supported"),
    ] {
        assert_eq!(wiki.error(&[given]).await, error, "{given:?}");
    }
    // What is said with the ticket on the way counts for nothing.
    wiki.browser = wiki.house.browser();
    let at_door = wiki.comes(&[("scope", "openid")]).await;
    assert!(at_door.location().starts_with("/sign-in?next="), "{}", at_door.location());
    let (_, ticket) = at_door.location().split_once("ticket%3D").unwrap();
    let ticket = ticket.split(['&', '%']).next().unwrap().to_owned();
    wiki.browser = wiki.house.signed_in(&wiki.ada).await;
    let changed = format!(
        "/oidc/continue?ticket={ticket}&scope=openid+email&redirect_uri=https%3A%2F%2Fevil.example&response_type=token"
    );
    let code = code_after(&wiki.browser.get(&changed).await);
    assert_eq!(json_of(&wiki.redeem(&code).await)["scope"], "openid");
}

#[tokio::test]
async fn a_form_goes_to_the_application_and_nowhere_else() {
    let mut wiki = wiki(OidcClient::default()).await;
    let page = wiki.comes(&[("response_mode", "form_post")]).await;
    assert_eq!((page.status, page.location()), (200, ""));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("form-action https://wiki.example;")
            || policy.ends_with("form-action https://wiki.example"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(page.body.contains("state &#38; &#60;b&#62;state&#60;/b&#62;"), "as text: {}", page.body);
    assert!(page.body.contains("method=\"post\" action=\"https://wiki.example/callback?page=1\""));
    assert_eq!(page.headers["cache-control"], "no-store");
    let code = page.between("name=\"code\" value=\"", "\"").to_owned();
    assert_eq!(wiki.redeem(&code).await.status, 200);
    let refused = wiki.comes(&[("response_mode", "form_post"), ("response_type", "token")]).await;
    assert!(refused.body.contains("name=\"error\" value=\"unsupported_response_type\""), "{}", refused.body);
}

#[tokio::test]
async fn servers_are_answered_with_the_status_and_headers_that_the_standards_have() {
    let mut wiki = wiki(OidcClient::default()).await;
    let code = wiki.code(&[]).await;
    let unproved = wiki.posts("/oidc/token", &[("authorization", "Basic eDp5")], &redeeming(&code)).await;
    assert_eq!(word(&unproved), (401, "invalid_client".into()));
    assert!(unproved.headers["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    let nobody = wiki.posts("/oidc/token", &[], &redeeming(&code)).await;
    assert_eq!(word(&nobody), (401, "invalid_client".into()));
    let json = Request::post("/oidc/token").header("content-type", "application/json");
    let json = wiki.house.browser().send(json.body(Body::from("{}")).unwrap()).await;
    assert_eq!(word(&json), (400, "invalid_request".into()));
    assert_eq!(wiki.house.browser().get("/oidc/token").await.status, 405);
    let given = wiki.redeem(&code).await;
    for answer in [&given, &unproved, &nobody] {
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        assert!(answer.headers.get("access-control-allow-credentials").is_none());
        assert!(answer.set_cookies().is_empty());
    }
    let token = json_of(&given)["access_token"].as_str().unwrap().to_owned();
    for (header, status) in [
        (None, 401),
        (Some("Bearer nothing".to_owned()), 401),
        (Some(format!("DPoP {token}")), 401),
        (Some(format!("Basic {token}")), 401),
        (Some(format!("bearer {token}")), 200),
    ] {
        let mut request = Request::get("/oidc/userinfo");
        if let Some(header) = &header {
            request = request.header("authorization", header);
        }
        let answer = wiki.house.browser().send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{header:?}");
        assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401, "{header:?}");
    }
    let in_address = wiki.house.browser().get(&format!("/oidc/userinfo?access_token={token}")).await;
    assert_eq!(in_address.status, 400, "no token stands in an address");
    let asked = wiki.posts("/oidc/introspect", &[], &[("token", &token)]).await;
    assert_eq!(word(&asked), (401, "invalid_client".into()));
    let preflight = Request::options("/oidc/token").header("origin", "https://spa.example");
    let preflight = wiki.house.browser().send(preflight.body(Body::empty()).unwrap()).await;
    assert_eq!(preflight.status, 204);
    assert!(preflight.headers["access-control-allow-headers"].to_str().unwrap().contains("dpop"));
}

#[tokio::test]
async fn consent_is_given_by_a_form_of_ours_and_shows_everything_as_text() {
    let mut wiki = wiki(OidcClient { asks_consent: true, ..OidcClient::default() }).await;
    let page = wiki.comes(&[("scope", "openid email")]).await;
    assert_eq!(page.status, 200, "{}", page.location());
    assert!(page.body.contains("Wiki &#38; &#60;i&#62;Co&#60;/i&#62;"), "{}", page.body);
    let ticket = page.between("name=\"ticket\" value=\"", "\"").to_owned();
    let forged = [("ticket", ticket.as_str()), ("answer", "yes"), ("form_token", "spf_x")];
    let site = [("origin", "https://wiki.example"), ("sec-fetch-site", "cross-site")];
    assert_eq!(wiki.browser.post("/oidc/consent", &forged, &site).await.status, 403);
    assert_eq!(wiki.browser.post("/oidc/consent", &forged, &[("origin", URL)]).await.status, 403);
    let led = wiki.browser.submit("/oidc/consent", &[("ticket", &ticket), ("answer", "yes")]).await;
    assert_eq!(led.status, 200, "a form of ours is not answered by a redirect elsewhere");
    let code = code_after(&led);
    assert_eq!(wiki.redeem(&code).await.status, 200);
    let page = wiki.comes(&[("scope", "openid email profile")]).await;
    let ticket = page.between("name=\"ticket\" value=\"", "\"").to_owned();
    let no = wiki.browser.submit("/oidc/consent", &[("ticket", &ticket), ("answer", "no")]).await;
    assert!(no.body.contains("error=access_denied"), "{}", no.body);
}

#[tokio::test]
async fn whoever_may_not_use_an_application_reads_why_and_goes_back_by_themselves() {
    let mut wiki = wiki(OidcClient::default()).await;
    let nobody = UpdateApplication { used_by: Some(UsedBy::nobody()), ..UpdateApplication::default() };
    application::update(&wiki.house.system(), wiki.id, None, nobody).await.unwrap();
    let over = wiki.comes(&[]).await;
    assert_eq!((over.status, over.location()), (403, ""));
    assert!(over.body.contains("error=access_denied"), "{}", over.body);
    let by_form = wiki.comes(&[("response_mode", "form_post")]).await;
    assert_eq!((by_form.status, by_form.location()), (403, ""));
    assert!(by_form.body.contains("method=\"post\" action=\"https://wiki.example/callback?page=1\""));
    assert!(by_form.body.contains("name=\"error\" value=\"access_denied\""), "{}", by_form.body);
    assert!(!by_form.body.contains("data-post"), "it waits for the person");
    let policy = by_form.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action https://wiki.example"), "{policy}");
    assert_eq!(wiki.error(&[("prompt", "none")]).await, "access_denied");
}
