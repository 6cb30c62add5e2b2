//! The prompt as an application of others uses it: with a browser, and with a server of its own.

use std::collections::BTreeSet;

use axum::{body::Body, http::Request};
use sallyport_api::rest::{CreateApplication, CreateUser, UpdateApplication};
use sallyport_app::{Secret, application};
use sallyport_model::{ApplicationKind, Method, id::UserId};
use sallyport_wire::duo::prompt::{AuthorizeRequest, HealthCheck, RedeemRequest, path, verify_id_token};

use super::{
    browser::{Answer, Browser},
    house::{House, Person, URL},
};

const HOST: &str = "sallyport.example.com";
const BACK: &str = "https://wiki.example/callback?page=1";
const STATE: &str = "state & <b>state</b>";
const NONCE: &str = "the nonce of one request";
const PROMPT: &str = "/oauth/v1/prompt";
const FORM: &str = "application/x-www-form-urlencoded";

/// An application of others.
struct Wiki {
    client_id: String,
    secret: Secret,
    now: i64,
}

async fn wiki(house: &House) -> Wiki {
    let system = house.system();
    let input = CreateApplication { name: "Wiki & <i>Co</i>".into(), kind: ApplicationKind::DuoAuthApi };
    let (application, keys) = application::create(&system, input).await.unwrap();
    let uris = Some(vec![BACK.to_owned()]);
    let input = UpdateApplication { redirect_uris: uris, ..UpdateApplication::default() };
    application::update(&system, application.id, None, input).await.unwrap();
    Wiki { client_id: keys.ikey, secret: keys.skey, now: system.now.unix_seconds() }
}

impl Wiki {
    fn client(&self) -> (&str, &Secret) {
        (&self.client_id, &self.secret)
    }

    fn request(username: &str) -> AuthorizeRequest {
        AuthorizeRequest {
            redirect_uri: BACK.into(),
            state: STATE.into(),
            username: username.into(),
            nonce: Some(NONCE.into()),
            use_duo_code_attribute: true,
        }
    }

    /// Where it sends the browser, as a path.
    fn sends(&self, username: &str) -> String {
        let url = Self::request(username).url(self.client(), HOST, self.now);
        url.strip_prefix("https://sallyport.example.com").unwrap().to_owned()
    }

    fn redeems(&self, code: &str, jti: &str) -> String {
        RedeemRequest { code, redirect_uri: BACK, jti }.form(self.client(), HOST, self.now)
    }
}

/// The browser arrives from the application's own site.
async fn arrive(browser: &mut Browser, path: &str) -> Answer {
    let request = Request::get(path).header("sec-fetch-site", "cross-site");
    browser.send(request.body(Body::empty()).unwrap()).await
}

async fn post(house: &House, path: &str, kind: &str, body: String) -> Answer {
    let request = Request::post(path).header("content-type", kind);
    house.browser().send(request.body(Body::from(body)).unwrap()).await
}

/// Through the second door; where the browser goes then.
async fn pass(house: &House, browser: &mut Browser, page: &Answer, person: &Person) -> String {
    let prompt = page.between("name=\"prompt\" value=\"", "\"").to_owned();
    let code = house.fresh_code(person);
    let through = browser.submit(PROMPT, &[("prompt", &prompt), ("passcode", &code)]).await;
    assert_eq!(through.status, 200, "{}", through.body);
    way_back(&through)
}

/// Where a page leads on to by itself, and by its link.
fn way_back(page: &Answer) -> String {
    let refresh = page.between("http-equiv=\"refresh\" content=\"0;url=", "\"");
    assert_eq!(refresh, page.between("id=\"back\" href=\"", "\""));
    refresh.replace("&#38;", "&").replace("&amp;", "&")
}

fn code_in(url: &str) -> &str {
    code_under("duo_code", url)
}

/// The code, which is under this name and the last that the address says.
fn code_under<'a>(name: &str, url: &'a str) -> &'a str {
    let start = "https://wiki.example/callback?page=1&state=state%20%26%20%3Cb%3Estate%3C%2Fb%3E&";
    let code = url.strip_prefix(start).and_then(|rest| rest.strip_prefix(name)?.strip_prefix('='));
    code.unwrap_or_else(|| panic!("{url}"))
}

/// A form as the PHP SDK sends it, in parts; their kind and they.
fn in_parts(form: &str) -> (String, String) {
    let boundary = "------------------------d74496d66958873e";
    let mut parts = String::new();
    for (name, value) in form.split('&').map(|pair| pair.split_once('=').unwrap()) {
        let value = value.replace("%3A", ":").replace("%2F", "/").replace("%3F", "?").replace("%3D", "=");
        parts +=
            &format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    (format!("multipart/form-data; boundary={boundary}"), format!("{parts}--{boundary}--\r\n"))
}

#[tokio::test]
async fn an_application_sends_a_browser_and_redeems_what_it_brings_back() {
    let (house, ada) = House::with_owner().await;
    let wiki = wiki(&house).await;
    let mut browser = house.browser();
    let page = arrive(&mut browser, &wiki.sends("ADA")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let asked = "Wiki &#38; &#60;i&#62;Co&#60;/i&#62;</strong> wants to know that it is really you";
    assert!(page.body.contains(asked) && page.body.contains(">ADA<"), "{}", page.body);
    let flags =
        page.set_cookies().into_iter().find(|line| line.starts_with("__Host-sallyport-prompt=")).unwrap();
    for flag in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(flags.contains(flag), "{flags}");
    }
    let prompt = page.between("name=\"prompt\" value=\"", "\"").to_owned();
    let wrong = browser.submit(PROMPT, &[("prompt", &prompt), ("passcode", "000000")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("That code is not right"));
    let url = pass(&house, &mut browser, &page, &ada).await;
    assert!(!browser.cookies.contains_key("__Host-sallyport-prompt"));
    assert_eq!(browser.get("/").await.location(), "/sign-in", "the portal is another place");

    let code = code_in(&url);
    let first = post(&house, path::TOKEN, FORM, wiki.redeems(code, "first")).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(first.headers["content-type"], "application/json");
    let told: serde_json::Value = serde_json::from_str(&first.body).unwrap();
    let names: BTreeSet<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["access_token", "expires_in", "id_token", "token_type"]));
    let token = told["id_token"].as_str().unwrap();
    assert_eq!(verify_id_token(token, wiki.client(), HOST, ("ADA", NONCE), (wiki.now, wiki.now)), Ok(()));
    let again = post(&house, path::TOKEN, FORM, wiki.redeems(code, "second")).await;
    assert_eq!(again.status, 400);
    assert!(again.body.starts_with(r#"{"error":"invalid_grant","error_description":"#), "{}", again.body);
}

#[tokio::test]
async fn an_application_that_wants_its_code_as_code_gets_it_so_and_redeems_it() {
    let (house, ada) = House::with_owner().await;
    let wiki = wiki(&house).await;
    // As the SDK for C# asks, unless it is told otherwise.
    let asked = AuthorizeRequest { use_duo_code_attribute: false, ..Wiki::request("ada") };
    let url = asked.url(wiki.client(), HOST, wiki.now);
    let url = url.strip_prefix(URL).unwrap();
    let mut browser = house.browser();
    let page = arrive(&mut browser, url).await;
    let through = pass(&house, &mut browser, &page, &ada).await;
    let code = code_under("code", &through);
    let token = async |jti: &str| post(&house, path::TOKEN, FORM, wiki.redeems(code, jti)).await;
    let told = token("first").await;
    assert_eq!(told.status, 200, "{}", told.body);
    let told: serde_json::Value = serde_json::from_str(&told.body).unwrap();
    let (about, now) = (("ada", NONCE), (wiki.now, wiki.now));
    assert_eq!(verify_id_token(told["id_token"].as_str().unwrap(), wiki.client(), HOST, about, now), Ok(()));
    let again = token("second").await;
    assert!(again.status == 400 && again.body.contains("invalid_grant"), "{}", again.body);
    // And whoever gives up comes back under the same names as everywhere.
    let page = arrive(&mut browser, url).await;
    let prompt = page.between("name=\"prompt\" value=\"", "\"").to_owned();
    let cancelled = browser.submit("/oauth/v1/prompt/cancel", &[("prompt", &prompt)]).await;
    let back = way_back(&cancelled);
    assert!(back.contains("error=access_denied") && !back.contains("code="), "{back}");
}

#[tokio::test]
async fn parameters_may_stand_wherever_an_sdk_puts_them() {
    let (house, ada) = House::with_owner().await;
    let wiki = wiki(&house).await;
    for way in ["query", "parts"] {
        let mut browser = house.browser();
        // And a browser may come with a form.
        let (to, body) =
            wiki.sends("ada").split_once('?').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let request =
            Request::post(&to).header("origin", "https://wiki.example").header("content-type", FORM);
        let page = browser.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let url = pass(&house, &mut browser, &page, &ada).await;
        let form = wiki.redeems(code_in(&url), way);
        let answer = if way == "query" {
            post(&house, &format!("{}?{form}", path::TOKEN), FORM, String::new()).await
        } else {
            let (kind, parts) = in_parts(&form);
            post(&house, path::TOKEN, &kind, parts).await
        };
        assert_eq!(answer.status, 200, "{way}: {}", answer.body);
    }
}

#[tokio::test]
async fn what_nobody_signed_is_a_page_and_no_redirect() {
    let (house, _) = House::with_owner().await;
    let wiki = wiki(&house).await;
    let other = Wiki { secret: "x".repeat(40).into(), client_id: wiki.client_id.clone(), now: wiki.now };
    let evil = AuthorizeRequest { redirect_uri: "https://evil.example/".into(), ..Wiki::request("ada") };
    let evil = evil.url(wiki.client(), HOST, wiki.now).replace("https://sallyport.example.com", "");
    let good = wiki.sends("ada");
    for bad in [
        path::AUTHORIZE.to_owned(),
        other.sends("ada"),
        evil,
        format!("{good}&client_id={}", wiki.client_id),
        format!("{good}&request=x.y.z"),
        format!("{good}&redirect_uri=https%3A%2F%2Fevil.example&redirect_uri=https%3A%2F%2Fevil.example"),
        good[..good.len() - 90].to_owned(),
    ] {
        let answer = arrive(&mut house.browser(), &bad).await;
        assert_eq!((answer.status, answer.location()), (400, ""), "{bad}");
        assert!(
            answer.body.contains("No way on from here") && !answer.body.contains("evil.example"),
            "{bad}"
        );
    }
    // What stands beside the signed request is nobody's word.
    let beside = format!("{good}&redirect_uri=https%3A%2F%2Fevil.example&state=other-state-of-somebody");
    let page = arrive(&mut house.browser(), &beside).await;
    assert!(page.status == 200 && !page.body.contains("evil.example"), "{}", page.body);
    // The application may be told what is wrong with what it did sign.
    let short = AuthorizeRequest { nonce: Some("short".into()), ..Wiki::request("ada") };
    let short = short.url(wiki.client(), HOST, wiki.now).replace("https://sallyport.example.com", "");
    let told = arrive(&mut house.browser(), &short).await;
    assert_eq!(told.status, 303);
    assert!(told.location().starts_with("https://wiki.example/callback?page=1&error=invalid_request"));
}

#[tokio::test]
async fn the_form_is_taken_from_our_page_and_from_the_window_it_was_shown_in() {
    let (house, ada) = House::with_owner().await;
    let wiki = wiki(&house).await;
    let mut browser = house.browser();
    let first = arrive(&mut browser, &wiki.sends("ada")).await;
    let prompt = first.between("name=\"prompt\" value=\"", "\"").to_owned();
    let code = house.fresh_code(&ada);
    let token = browser.form_token.clone();
    let fields = [("form_token", token.as_str()), ("prompt", &prompt), ("passcode", &code)];
    for headers in
        [&[][..], &[("origin", "https://wiki.example")], &[("origin", URL), ("sec-fetch-site", "cross-site")]]
    {
        assert_eq!(browser.post(PROMPT, &fields, headers).await.status, 403, "{headers:?}");
    }
    // Looked at once more it is the same, for the browser that it was shown to and by its own name.
    let once_more = browser.get(&format!("{PROMPT}?prompt={prompt}")).await;
    assert!(once_more.status == 200 && once_more.body.contains("One more door"), "{}", once_more.body);
    assert_eq!(browser.get(PROMPT).await.status, 400);
    assert_eq!(house.browser().get(&format!("{PROMPT}?prompt={prompt}")).await.status, 400);
    // Another window began another prompt; the first one's page is over, the second's goes on.
    let second = arrive(&mut browser, &wiki.sends("ada")).await;
    let crossed = browser.submit(PROMPT, &[("prompt", &prompt), ("passcode", &code)]).await;
    assert_eq!(crossed.status, 400, "{}", crossed.body);
    assert!(crossed.body.contains("in another window"));
    for missing in [&[][..], &[("passcode", code.as_str())], &[("prompt", prompt.as_str())]] {
        assert_eq!(browser.submit(PROMPT, missing).await.status, 400);
    }
    assert_eq!(house.browser().submit(PROMPT, &fields).await.status, 403);
    pass(&house, &mut browser, &second, &ada).await;
    let over = browser.submit(PROMPT, &[("prompt", second.between("name=\"prompt\" value=\"", "\""))]).await;
    assert_eq!(over.status, 400, "a prompt is over once it is passed");
}

#[tokio::test]
async fn whoever_may_not_or_does_not_want_to_finds_the_way_back() {
    let (house, ada) = House::with_owner().await;
    let wiki = wiki(&house).await;
    let refused = "https://wiki.example/callback?page=1&error=access_denied&error_description=";
    let mut browser = house.browser();
    let page = arrive(&mut browser, &wiki.sends("ada")).await;
    let prompt = page.between("name=\"prompt\" value=\"", "\"").to_owned();
    let cancelled = browser.submit("/oauth/v1/prompt/cancel", &[("prompt", &prompt)]).await;
    assert!(way_back(&cancelled).starts_with(refused), "{}", cancelled.body);
    assert_eq!(browser.submit("/oauth/v1/prompt/cancel", &[("prompt", &prompt)]).await.status, 400);

    let denied = arrive(&mut browser, &wiki.sends("<script>nobody")).await;
    assert_eq!((denied.status, denied.location()), (403, ""), "the page stays");
    assert!(denied.body.contains("Access is denied") && !denied.body.contains("<script>nobody"));
    assert!(denied.body.contains("href=\"https://wiki.example/callback?page=1&#38;error=access_denied"));

    let factors = sallyport_app::factor::list(&house.system(), ada.id).await.unwrap();
    sallyport_app::factor::remove(&house.system(), ada.id, factors[0].id).await.unwrap();
    let needed = arrive(&mut browser, &wiki.sends("ada")).await;
    assert!(needed.body.contains("You need a second factor first"), "{}", needed.body);
    let prompt = needed.between("name=\"prompt\" value=\"", "\"").to_owned();
    let cancelled = browser.submit("/oauth/v1/prompt/cancel", &[("prompt", &prompt)]).await;
    assert!(way_back(&cancelled).starts_with(refused), "{}", cancelled.body);
    // Whose factor does not count here enrols another one with a code of an administrator.
    house.person("bob", &[]).await;
    let mut settings = sallyport_app::settings::show(&house.system()).await.unwrap().value;
    settings.policy.methods = Some([Method::Passkey].into());
    sallyport_app::settings::update(&house.system(), None, settings).await.unwrap();
    let needed = arrive(&mut browser, &wiki.sends("bob")).await;
    assert!(needed.body.contains("You need a second factor first"), "{}", needed.body);
    assert!(needed.body.contains("/oauth/v1/prompt/enroll/code") && !needed.body.contains("Mail me a code"));
    // And where nobody enrols anything, they read so, and how to go back.
    let mut settings = sallyport_app::settings::show(&house.system()).await.unwrap().value;
    settings.policy.methods = Some([Method::HardwareToken].into());
    sallyport_app::settings::update(&house.system(), None, settings).await.unwrap();
    let needed = arrive(&mut browser, &wiki.sends("bob")).await;
    assert_eq!(needed.status, 403);
    assert!(needed.body.contains("href=\"/enroll\"") && needed.body.contains("error=access_denied"));
}

/// Somebody without a factor, and the page that they come to; which prompt it is for.
async fn newcomer(house: &House, browser: &mut Browser, wiki: &Wiki) -> (UserId, Answer, String) {
    let input = CreateUser { name: "carol".into(), active: true, ..CreateUser::default() };
    let carol = sallyport_app::user::create(&house.system(), input).await.unwrap();
    let page = arrive(browser, &wiki.sends("carol")).await;
    let prompt = page.between("name=\"prompt\" value=\"", "\"").to_owned();
    (carol.id, page, prompt)
}

const ENROLL: &str = "/oauth/v1/prompt/enroll";

#[tokio::test]
async fn whoever_has_nothing_yet_enrols_at_the_prompt_and_goes_on_to_the_application() {
    let (house, _) = House::with_owner().await;
    let wiki = wiki(&house).await;
    let mut browser = house.browser();
    let (carol, page, prompt) = newcomer(&house, &mut browser, &wiki).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("With a code you set up an authenticator app"), "{}", page.body);
    assert!(!page.body.contains(&format!("action=\"{ENROLL}\"")), "nothing is mailed from here");
    // Loaded again it is the same page, in the language that was chosen.
    browser.reads = "de";
    let again = browser.get(&format!("{PROMPT}?prompt={prompt}")).await;
    assert!(again.status == 200 && again.body.contains("Mit einem Code richten Sie hier"), "{}", again.body);
    browser.reads = "en";

    let code = format!("{ENROLL}/code");
    let wrong = browser.submit(&code, &[("prompt", &prompt), ("code", "0000-0000-0000-0000")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("That code is not right or no longer good"), "{}", wrong.body);
    let issued = sallyport_app::factor::issue_enrollment_code(&house.system(), carol, 3600).await.unwrap();
    let given = [("prompt", &*prompt), ("code", issued.expose())];
    assert_eq!(house.browser().submit(&code, &given).await.status, 403, "in another browser");
    let seed_page = browser.submit(&code, &given).await;
    assert_eq!(seed_page.status, 200, "{}", seed_page.body);
    let seed = seed_page.between("id=\"seed\">", "<").replace(' ', "");
    let seed = data_encoding::BASE32_NOPAD.decode(seed.as_bytes()).unwrap();
    assert!(!seed_page.body.contains("data-question"), "no passkey is made under another name than ours");

    let confirm = format!("{ENROLL}/confirm");
    let wrong = browser.submit(&confirm, &[("prompt", &prompt), ("passcode", "000000")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("check the clock of your phone") && wrong.body.contains(&confirm));
    let first = house.code(&seed);
    let enrolled = browser.submit(&confirm, &[("prompt", &prompt), ("passcode", &first)]).await;
    assert_eq!(enrolled.status, 200, "{}", enrolled.body);
    assert!(enrolled.body.contains("One more door") && enrolled.body.contains("wait for the next one"));
    assert!(!browser.cookies.contains_key("__Host-sallyport-enroll"));
    house.advance(sallyport_model::Span::seconds(30));
    let prompt = enrolled.between("name=\"prompt\" value=\"", "\"").to_owned();
    let code = house.code(&seed);
    let through = browser.submit(PROMPT, &[("prompt", &prompt), ("passcode", &code)]).await;
    code_in(&way_back(&through));
    assert_eq!(browser.get("/").await.location(), "/sign-in", "the portal is another place");
}

#[tokio::test]
async fn a_passkey_or_a_phone_can_be_enrolled_at_the_prompt_too() {
    let (house, _) = House::with_owner().await;
    let wiki = wiki(&house).await;
    let mut browser = house.browser();
    let (carol, _, prompt) = newcomer(&house, &mut browser, &wiki).await;
    let issued = sallyport_app::factor::issue_enrollment_code(&house.system(), carol, 3600).await.unwrap();
    let token = browser.form_token.clone();
    let given = [("form_token", &*token), ("prompt", &*prompt), ("code", issued.expose())];
    let ours = [("origin", "null"), ("sec-fetch-site", "same-origin"), ("host", HOST)];
    let page = browser.post(&format!("{ENROLL}/code"), &given, &ours).await;
    assert!(page.body.contains(&format!("action=\"{ENROLL}/passkey\"")), "{}", page.body);
    let none = browser.submit(&format!("{ENROLL}/passkey"), &[("prompt", &prompt), ("passkey", "{}")]).await;
    assert_eq!(none.status, 422, "{}", none.body);
    let phone = browser.submit(&format!("{ENROLL}/phone"), &[("prompt", &prompt)]).await;
    assert!(phone.status == 200 && phone.body.contains("id=\"phone-code\""), "{}", phone.body);
    // Whoever says that it is theirs, and has not made it so, is asked to enrol once more.
    let on = browser.submit(&format!("{ENROLL}/done"), &[("prompt", &prompt)]).await;
    assert!(on.status == 200 && on.body.contains("You need a second factor first"), "{}", on.body);
    let over = browser.submit(&format!("{ENROLL}/done"), &[("prompt", &prompt)]).await;
    assert_eq!(over.status, 200, "the prompt keeps its name, and goes on in this browser");
    assert_eq!(house.browser().get(&format!("{PROMPT}?prompt={prompt}")).await.status, 400);
}

#[tokio::test]
async fn an_application_with_a_name_of_its_own_for_us_shows_it_and_is_answered_behind_a_proxy() {
    let (house, ada) = House::with_owner().await;
    let wiki = wiki(&house).await;
    let system = house.system();
    let found = application::resolve(&system, &wiki.client_id).await.unwrap();
    let name = "api-wiki.example.org";
    let input = UpdateApplication { api_host: Some(name.into()), ..UpdateApplication::default() };
    application::update(&system, found.id, None, input).await.unwrap();
    let mut owner = house.signed_in(&ada).await;
    let page = owner.get(&format!("/admin/applications/{}", found.id)).await;
    assert!(page.body.contains(&format!("<dt>API host</dt><dd><code>{name}</code>")), "{}", page.body);
    assert!(owner.get("/admin/applications.csv").await.body.contains(name));
    let url = Wiki::request("ada").url(wiki.client(), name, system.now.unix_seconds());
    let url = url.strip_prefix("https://api-wiki.example.org").unwrap();
    // The proxy calls us by our own name, and only the application's settings say the other.
    let request = Request::get(url).header("host", HOST).body(Body::empty()).unwrap();
    let page = house.browser().send(request).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let settings = [("name", "Wiki"), ("enabled", "yes"), ("redirect_uris", BACK), ("api_host", "10.0.0.1")];
    let path = format!("/admin/applications/{}", found.id);
    owner.get(&path).await;
    let refused = owner.submit(&path, &settings).await;
    assert!(refused.status == 422 && refused.body.contains("is an address"), "{}", refused.body);
}

#[tokio::test]
async fn guesses_end_in_a_page_that_says_how_long() {
    let (house, _) = House::with_owner().await;
    let wiki = wiki(&house).await;
    let mut browser = house.browser();
    for guess in 0.. {
        assert!(guess < 20, "never held back");
        let page = arrive(&mut browser, &wiki.sends("ada")).await;
        let prompt = page.between("name=\"prompt\" value=\"", "\"").to_owned();
        let answer = browser.submit(PROMPT, &[("prompt", &prompt), ("passcode", "000000")]).await;
        if answer.status == 429 {
            assert!(answer.headers.contains_key("retry-after") && answer.body.contains("Too many attempts"));
            return;
        }
        assert_eq!(answer.status, 422);
    }
}

#[tokio::test]
async fn servers_are_answered_in_json_whatever_they_ask() {
    let (house, _) = House::with_owner().await;
    let wiki = wiki(&house).await;
    let check = HealthCheck::form(wiki.client(), HOST, "jti", wiki.now);
    let healthy = post(&house, path::HEALTH_CHECK, FORM, check.clone()).await;
    let expected = format!(r#"{{"stat":"OK","response":{{"timestamp":{}}}}}"#, wiki.now);
    assert_eq!((healthy.status, healthy.body.as_str()), (200, expected.as_str()));
    assert_eq!(healthy.headers["content-type"], "application/json");
    let (kind, parts) = in_parts(&check);
    let healthy = post(&house, path::HEALTH_CHECK, &kind, parts.clone()).await;
    assert_eq!((healthy.status, healthy.body.as_str()), (200, expected.as_str()), "in parts");
    let ends_early = post(&house, path::HEALTH_CHECK, &kind, parts[..parts.len() - 40].to_owned()).await;
    assert!(ends_early.status == 400 && ends_early.body.contains("FAIL"), "{}", ends_early.body);
    let twice = post(&house, path::HEALTH_CHECK, FORM, format!("{check}&{check}")).await;
    assert_eq!(twice.status, 400);
    assert!(twice.body.contains("FAIL"), "{}", twice.body);
    let good = wiki.redeems("spc_of-nobody", "jti");
    for (form, error) in [
        (String::new(), "invalid_request"),
        (format!("{good}&code=other"), "invalid_request"),
        (format!("{good}&client_id=other"), "invalid_request"),
        (good.replace("authorization_code", "client_credentials"), "unsupported_grant_type"),
        (good.replace(&wiki.client_id, "DIXXXXXXXXXXXXXXXXXX"), "invalid_client"),
        (good[..good.len() - 40].to_owned(), "invalid_client"),
        (good.clone(), "invalid_grant"),
        (good, "invalid_client"),
        (format!("x={}", "y".repeat(200_000)), "invalid_request"),
        (format!("x={}", "y".repeat(2 << 20)), "invalid_request"),
    ] {
        let answer = post(&house, path::TOKEN, FORM, form).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body.starts_with(&format!(r#"{{"error":"{error}""#)), "{error}: {}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/json");
    }
    for path in [path::TOKEN, path::HEALTH_CHECK] {
        assert_eq!(house.browser().get(path).await.status, 405, "{path}");
    }
}

#[tokio::test]
async fn an_application_that_knows_us_by_another_name_is_answered_under_it() {
    let (house, ada) = House::with_owner().await;
    let wiki = wiki(&house).await;
    let alias = "second.example.org:8443";
    let url = Wiki::request("ada").url(wiki.client(), alias, wiki.now);
    let url = url.strip_prefix("https://second.example.org:8443").unwrap();
    let mut browser = house.browser();
    assert_eq!(
        arrive(&mut browser, url).await.status,
        400,
        "it came under another name than it was signed for"
    );
    let request = Request::get(url).header("host", alias).body(Body::empty()).unwrap();
    let page = browser.send(request).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let way = pass(&house, &mut browser, &page, &ada).await;
    let ask = RedeemRequest { code: code_in(&way), redirect_uri: BACK, jti: "a" };
    let form = ask.form(wiki.client(), alias, wiki.now);
    let request = Request::post(path::TOKEN).header("host", alias).header("content-type", FORM);
    let told = browser.send(request.body(Body::from(form)).unwrap()).await;
    let told: serde_json::Value = serde_json::from_str(&told.body).unwrap();
    let token = told["id_token"].as_str().unwrap();
    assert_eq!(verify_id_token(token, wiki.client(), alias, ("ada", NONCE), (wiki.now, wiki.now)), Ok(()));
}
