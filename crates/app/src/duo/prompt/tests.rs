mod enroll;
mod switched_off;

use sallyport_api::rest::{CreateApplication, GroupMember, UpdateApplication};
use sallyport_model::{
    ApplicationKind,
    settings::SecondDoorPolicy,
    signin::{Reason, SignIn},
};
use sallyport_wire::duo::prompt::{Callback, OAuthError, RedeemRequest, TokenError, params, verify_id_token};

use super::{super::tests::House, *};
use crate::{
    Phrase, factor, session,
    telephony::testing::{Company, phone_of, twilio},
    user,
};

const HOST: &str = "sallyport.example.com";
const BACK: &str = "https://wiki.example/callback";

/// An application with a backend and browsers of its own.
struct App {
    house: House,
    client_id: String,
    secret: Secret,
}

async fn app() -> App {
    let house = super::super::tests::house().await;
    let (client_id, secret) = keys(&house, "Wiki").await;
    App { house, client_id, secret }
}

async fn keys(house: &House, name: &str) -> (String, Secret) {
    let system = house.test.system();
    let input = CreateApplication { name: name.into(), kind: ApplicationKind::DuoAuthApi };
    let (application, credentials) = application::create(&system, input).await.unwrap();
    let uris = Some(vec![BACK.to_owned(), "https://wiki.example/other".to_owned()]);
    let input = UpdateApplication { redirect_uris: uris, ..UpdateApplication::default() };
    application::update(&system, application.id, None, input).await.unwrap();
    (credentials.ikey, credentials.skey)
}

fn wanted(username: &str) -> AuthorizeRequest {
    AuthorizeRequest {
        redirect_uri: BACK.into(),
        state: "the state of one request".into(),
        username: username.into(),
        nonce: Some("the nonce of one request".into()),
        use_duo_code_attribute: true,
    }
}

impl App {
    fn client(&self) -> (&str, &Secret) {
        (&self.client_id, &self.secret)
    }

    fn browser(&self) -> Ctx {
        self.house.test.nobody()
    }

    fn now(&self) -> i64 {
        self.browser().now.unix_seconds()
    }

    async fn send(&self, url: &str) -> Turn {
        let query = url.split_once('?').unwrap().1;
        authorize(&self.browser(), &params(query, None, b"").unwrap(), Some(HOST)).await.unwrap()
    }

    async fn ask(&self, username: &str) -> Turn {
        self.send(&wanted(username).url(self.client(), HOST, self.now())).await
    }

    /// The second door, as it is shown for somebody who has one.
    async fn shown(&self, username: &str) -> (Secret, String) {
        let asked = asked(self.ask(username).await);
        (asked.step.handle, asked.prompt.id)
    }

    async fn type_code(&self, (handle, id): &(Secret, String), code: &Secret) -> Turn {
        answer(&self.browser(), handle, id, Answer::Passcode(code.clone()), None).await.unwrap()
    }

    /// A code for whoever has this seed.
    async fn passed(&self, username: &str, seed: &[u8]) -> String {
        let shown = self.shown(username).await;
        self.house.test.clock.advance(Span::seconds(30));
        code_in(self.type_code(&shown, &self.house.code(seed)).await)
    }

    async fn redeem_as(
        &self,
        client: (&str, &Secret),
        code: &str,
        uri: &str,
        jti: &str,
    ) -> Result<String, OAuthError> {
        let form = RedeemRequest { code, redirect_uri: uri, jti }.form(client, HOST, self.now());
        let params = params("", None, form.as_bytes()).unwrap();
        match redeem(&self.browser(), &params, Some(HOST)).await {
            Ok(reply) => Ok(reply.id_token),
            Err(Unredeemed::Refused(TokenError { error, .. })) => Err(error),
            Err(Unredeemed::App(error)) => panic!("{error}"),
        }
    }

    async fn redeem(&self, code: &str, jti: &str) -> Result<String, OAuthError> {
        self.redeem_as(self.client(), code, BACK, jti).await
    }

    async fn log(&self) -> Vec<SignIn> {
        self.house.test.system().read(|reader| Ok(reader.list_sign_ins(None, "", 100)?)).await.unwrap()
    }
}

fn back(turn: Turn) -> Callback {
    let Turn::Back(url) = turn else { panic!("{turn:?}") };
    let query = url.strip_prefix(BACK).and_then(|rest| rest.strip_prefix('?')).unwrap();
    Callback::read(&params(query, None, b"").unwrap()).unwrap()
}

fn code_in(turn: Turn) -> String {
    match back(turn) {
        Callback::Code { code, state } => {
            assert_eq!(state, "the state of one request");
            code
        }
        refused @ Callback::Refused { .. } => panic!("{refused:?}"),
    }
}

fn asked(turn: Turn) -> Asked {
    let Turn::Ask(asked) = turn else { panic!("{turn:?}") };
    *asked
}

/// What a statement says.
fn claims(token: &str) -> serde_json::Value {
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&data_encoding::BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap()).unwrap()
}

fn nowhere(turn: &Turn) -> Phrase {
    let Turn::Nowhere(text) = turn else { panic!("{turn:?}") };
    *text
}

fn over(turn: Turn) -> Over {
    let Turn::Over(over) = turn else { panic!("{turn:?}") };
    *over
}

fn denied(turn: Turn) -> Denial {
    match over(turn).why {
        Why::Denied(denial) => denial,
        Why::EnrollmentNeeded => panic!("something to enrol"),
    }
}

#[tokio::test]
async fn a_code_becomes_a_statement_once() {
    let app = app().await;
    let seed = app.house.person_with_authenticator("ada").await;
    let shown = app.shown("Ada").await;
    let wrong = asked(app.type_code(&shown, &"000000".into()).await);
    assert_eq!(wrong.step.problem, Some(signin::WRONG_CODE));
    let code = code_in(app.type_code(&shown, &app.house.code(&seed)).await);
    let token = app.redeem(&code, "first").await.unwrap();
    let about = ("Ada", "the nonce of one request");
    assert_eq!(verify_id_token(&token, app.client(), HOST, about, (app.now(), app.now())), Ok(()));
    assert_eq!(app.redeem(&code, "second").await, Err(OAuthError::InvalidGrant));
    // What the page showed is over too.
    assert_eq!(nowhere(&app.type_code(&shown, &app.house.code(&seed)).await), TOO_LATE);
    let log = app.log().await;
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].reasons[0], Reason::VouchedDoorPassed);
    assert_eq!(log[0].source.as_deref(), Some("192.0.2.7"), "the browser's address, not the application's");
}

#[tokio::test]
async fn a_code_is_for_its_application_its_address_and_a_minute() {
    let app = app().await;
    let seed = app.house.person_with_authenticator("ada").await;
    let (other_id, other_secret) = keys(&app.house, "Chat").await;
    let code = app.passed("ada", &seed).await;
    let other = (other_id.as_str(), &other_secret);
    assert_eq!(app.redeem_as(other, &code, BACK, "a").await, Err(OAuthError::InvalidGrant));
    assert_eq!(
        app.redeem_as((&app.client_id, &other_secret), &code, BACK, "b").await,
        Err(OAuthError::InvalidClient)
    );
    assert_eq!(app.redeem_as(("DIX", &app.secret), &code, BACK, "c").await, Err(OAuthError::InvalidClient));
    assert!(app.redeem(&code, "d").await.is_ok(), "others have spent nothing of it");

    let code = app.passed("ada", &seed).await;
    let elsewhere = app.redeem_as(app.client(), &code, "https://wiki.example/other", "e").await;
    assert_eq!(elsewhere, Err(OAuthError::InvalidGrant));
    assert_eq!(app.redeem(&code, "f").await, Err(OAuthError::InvalidGrant), "it is spent");

    let code = app.passed("ada", &seed).await;
    app.house.test.clock.advance(Span::seconds(61));
    assert_eq!(app.redeem(&code, "g").await, Err(OAuthError::InvalidGrant));

    let code = app.passed("ada", &seed).await;
    assert_eq!(app.redeem(&code, "d").await, Err(OAuthError::InvalidClient), "an assertion is good once");
    assert!(app.redeem(&code, "h").await.is_ok());
    let dump = app.house.test.dump();
    for secret in [code.as_str(), app.secret.expose()] {
        assert!(!dump.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_at_once_on_two_nodes_one_redeems_a_code() {
    let app = std::sync::Arc::new(app().await);
    let seed = app.house.person_with_authenticator("ada").await;
    let code = app.passed("ada", &seed).await;
    let nodes = [app.browser(), app.house.test.other_node()];
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let ask = RedeemRequest { code: &code, redirect_uri: BACK, jti: &format!("jti {n}") };
            let form = ask.form(app.client(), HOST, app.now());
            let node = nodes[n % 2].clone();
            tokio::spawn(async move {
                redeem(&node, &params("", None, form.as_bytes()).unwrap(), None).await.is_ok()
            })
        })
        .collect();
    let mut redeemed = 0;
    for task in tasks {
        redeemed += usize::from(task.await.unwrap());
    }
    assert_eq!(redeemed, 1);
}

#[tokio::test]
async fn what_no_application_signed_for_here_and_now_leads_nowhere_and_leaves_nothing() {
    let app = app().await;
    app.house.person_with_authenticator("ada").await;
    let stranger = Secret::from("x".repeat(40));
    let good = wanted("ada").url(app.client(), HOST, app.now());
    for (url, text) in [
        (wanted("ada").url((&app.client_id, &stranger), HOST, app.now()), NOT_SIGNED),
        (wanted("ada").url(("DIXXXXXXXXXXXXXXXXXX", &app.secret), HOST, app.now()), NOT_SIGNED),
        (wanted("ada").url(app.client(), "evil.example", app.now()), NOT_SIGNED),
        (wanted("ada").url(app.client(), HOST, app.now() - 400), TOO_LATE),
        (wanted("ada").url(app.client(), HOST, app.now() + 4000), TOO_LATE),
        (good.replace("request=", "x="), NOT_SIGNED),
        (good.replace("client_id=", "x="), NOT_SIGNED),
        (good[..good.len() - 60].to_owned(), NOT_SIGNED),
    ] {
        assert_eq!(nowhere(&app.send(&url).await), text, "{url}");
    }
    assert_eq!(app.log().await, []);
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered_byte_for_byte() {
    let app = app().await;
    app.house.person_with_authenticator("ada").await;
    for uri in [
        "https://wiki.example/callback/",
        "https://wiki.example/callback?x=1",
        "https://wiki.example/callbac",
        "https://wiki.example/callback2",
        "https://wiki.example/Callback",
        "https://WIKI.example/callback",
        "HTTPS://wiki.example/callback",
        "http://wiki.example/callback",
        "https://wiki.example:443/callback",
        "https://wiki.example:444/callback",
        "https://wiki.example./callback",
        "https://wiki.example/./callback",
        "https://wiki.example/x/../callback",
        "https://wiki.example//callback",
        "https://wiki.example/%63allback",
        "https://wiki.example/callback#x",
        "https://wiki.example/callback ",
        "https://wiki.example\\callback",
        "https://user@wiki.example/callback",
        "https://wiki.example@evil.example/callback",
        "https://wiki.example.evil.example/callback",
        "https://evil.example/callback",
        "https://evil.example/https://wiki.example/callback",
        "//wiki.example/callback",
        "javascript:alert(1)",
    ] {
        let request = AuthorizeRequest { redirect_uri: uri.into(), ..wanted("ada") };
        let turn = app.send(&request.url(app.client(), HOST, app.now())).await;
        assert_eq!(nowhere(&turn), NOT_REGISTERED, "{uri}");
    }
    assert_eq!(app.log().await, []);
    // Nor to one that was, and is no more.
    let application = application::resolve(&app.house.test.system(), "Wiki").await.unwrap();
    let none = UpdateApplication { redirect_uris: Some(Vec::new()), ..UpdateApplication::default() };
    application::update(&app.house.test.system(), application.id, None, none).await.unwrap();
    assert_eq!(nowhere(&app.ask("ada").await), NOT_REGISTERED);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_to_its_application() {
    let app = app().await;
    let mut short = wanted("ada");
    short.nonce = Some("short".into());
    let turn = app.send(&short.url(app.client(), HOST, app.now())).await;
    let expected =
        Callback::Refused { error: "invalid_request".into(), state: Some("the state of one request".into()) };
    assert_eq!(back(turn), expected);
    let nameless = wanted("").url(app.client(), HOST, app.now());
    assert_eq!(back(app.send(&nameless).await), expected);
}

#[tokio::test]
async fn whoever_may_not_pass_is_told_on_the_page_and_gets_no_code() {
    let app = app().await;
    let system = app.house.test.system();
    app.house.person_with_authenticator("ada").await;
    let suspended = app.house.person("bob").await;
    user::suspend(&system, suspended).await.unwrap();
    app.house.person("carol").await;
    for name in ["bob", "nobody-here", "Not A Name"] {
        let denial = denied(app.ask(name).await);
        assert_eq!(denial.text, signin::NO_ACCESS, "{name}");
    }
    let Turn::Enroll(carol) = app.ask("carol").await else { panic!("not to enrol") };
    let refused = "https://wiki.example/callback?error=access_denied&error_description=";
    assert!(carol.prompt.way_back().starts_with(refused));
    let application = application::resolve(&system, "Wiki").await.unwrap();
    let disable = UpdateApplication { enabled: Some(false), ..UpdateApplication::default() };
    application::update(&system, application.id, None, disable).await.unwrap();
    assert_eq!(denied(app.ask("ada").await).reasons, [Reason::ApplicationDisabled]);
}

#[tokio::test]
async fn whoever_needs_no_second_door_goes_straight_back() {
    let app = app().await;
    app.house.person("ada").await;
    app.house.second_door(SecondDoorPolicy::Never).await;
    let code = code_in(app.ask("ada").await);
    let token = app.redeem(&code, "a").await.unwrap();
    let claims = claims(&token);
    assert_eq!(claims["auth_context"]["reason"], "allowed_by_policy");
    assert_eq!(claims["auth_context"]["factor"], "not_available");
    // Nor does whoever comes from a network that is spared.
    app.house.second_door(SecondDoorPolicy::Always).await;
    app.house.spare("192.0.2.0/24").await;
    let context =
        &self::claims(&app.redeem(&code_in(app.ask("ada").await), "b").await.unwrap())["auth_context"];
    assert_eq!(
        (&context["factor"], &context["reason"]),
        (&"trusted_network".into(), &"trusted_network".into())
    );
}

#[tokio::test]
async fn a_suspension_counts_at_every_step() {
    let app = app().await;
    let system = app.house.test.system();
    let seed = app.house.person_with_authenticator("ada").await;
    let id = user::resolve(&system, "ada").await.unwrap().id;
    let code = app.passed("ada", &seed).await;
    let shown = app.shown("ada").await;
    user::suspend(&system, id).await.unwrap();
    assert_eq!(app.redeem(&code, "a").await, Err(OAuthError::InvalidGrant));
    app.house.test.clock.advance(Span::seconds(30));
    denied(app.type_code(&shown, &app.house.code(&seed)).await);
}

#[tokio::test]
async fn guesses_are_counted_with_all_others() {
    let app = app().await;
    let seed = app.house.person_with_authenticator("ada").await;
    let mut guesses = 0;
    let denial = loop {
        let shown = app.shown("ada").await;
        let turn = app.type_code(&shown, &"000000".into()).await;
        if matches!(turn, Turn::Over(_)) {
            break denied(turn);
        }
        guesses += 1;
        assert!(guesses < 20);
    };
    assert!(denial.text.is_too_many());
    assert!(denial.retry_after_seconds.is_some());
    let shown = app.shown("ada").await;
    let right = app.type_code(&shown, &app.house.code(&seed)).await;
    assert!(denied(right).text.is_too_many(), "the right code too, while the door is shut");
}

#[tokio::test]
async fn a_page_answers_for_its_own_prompt_and_a_step_for_its_own_door() {
    let app = app().await;
    let seed = app.house.person_with_authenticator("ada").await;
    let (first, second) = (app.shown("ada").await, app.shown("ada").await);
    let crossed = (second.0.clone(), first.1.clone());
    for turn in [
        app.type_code(&crossed, &app.house.code(&seed)).await,
        app.type_code(&(Secret::default(), first.1.clone()), &app.house.code(&seed)).await,
        app.type_code(&("sph_invented".into(), first.1.clone()), &app.house.code(&seed)).await,
        app.type_code(&(first.0.clone(), String::new()), &app.house.code(&seed)).await,
    ] {
        assert_eq!(nowhere(&turn), TOO_LATE);
    }
    // What was begun at the prompt opens no portal, and what was begun at the portal no application.
    let Step::Allowed(admission) =
        signin::passcode(&app.browser(), &first.0, &app.house.code(&seed)).await.unwrap()
    else {
        panic!("not allowed")
    };
    let opened = session::open(&app.browser(), &admission, "").await;
    assert!(matches!(opened, Err(AppError::Unauthenticated)));
    assert_eq!(denied(app.type_code(&first, &app.house.code(&seed)).await).text, signin::START_AGAIN);
    app.house.test.clock.advance(Span::seconds(301));
    assert_eq!(nowhere(&app.type_code(&second, &app.house.code(&seed)).await), TOO_LATE);
}

#[tokio::test]
async fn a_prompt_survives_the_server() {
    let mut app = app().await;
    let seed = app.house.person_with_authenticator("ada").await;
    let shown = app.shown("ada").await;
    app.house.test.restart();
    let code = code_in(app.type_code(&shown, &app.house.code(&seed)).await);
    app.house.test.restart();
    assert!(app.redeem(&code, "a").await.is_ok());
    app.house.test.restart();
    assert_eq!(app.redeem(&code, "b").await, Err(OAuthError::InvalidGrant));
}

#[tokio::test]
async fn whoever_gives_up_goes_back_without_a_code() {
    let app = app().await;
    let seed = app.house.person_with_authenticator("ada").await;
    let shown = app.shown("ada").await;
    let turn = cancel(&app.browser(), &shown.0, &shown.1).await.unwrap();
    let expected =
        Callback::Refused { error: "access_denied".into(), state: Some("the state of one request".into()) };
    assert_eq!(back(turn), expected);
    assert_eq!(nowhere(&app.type_code(&shown, &app.house.code(&seed)).await), TOO_LATE);
    assert_eq!(nowhere(&cancel(&app.browser(), &shown.0, &shown.1).await.unwrap()), TOO_LATE);
    assert_eq!(app.log().await[0].reasons, [Reason::Cancelled]);
    let step = signin::passcode(&app.browser(), &shown.0, &app.house.code(&seed)).await.unwrap();
    assert!(matches!(step, Step::Denied(_)), "the sign-in is over whoever goes on with it");
}

#[tokio::test]
async fn no_answer_to_a_health_check_opens_an_application_that_fails_open() {
    let app = app().await;
    let check = async |client: (&str, &Secret), host: &str| {
        let form = HealthCheck::form(client, host, "jti", app.now());
        health_check(&app.browser(), &params("", None, form.as_bytes()).unwrap(), None).await
    };
    let good = check(app.client(), HOST).await;
    assert_eq!(good.status, 200);
    assert_eq!(good.body, format!(r#"{{"stat":"OK","response":{{"timestamp":{}}}}}"#, app.now()));
    let wrong = Secret::from("x".repeat(40));
    for (client, host) in [
        ((app.client_id.as_str(), &wrong), HOST),
        (("DIX", &app.secret), HOST),
        (app.client(), "evil.example"),
    ] {
        assert_eq!(check(client, host).await, good);
    }
    let empty = health_check(&app.browser(), &Params::default(), None).await;
    assert_eq!(empty.status, 400);
    assert!(empty.body.contains(r#""stat":"FAIL""#) && empty.body.contains("40001"), "{}", empty.body);
}

#[tokio::test]
async fn a_bypass_code_and_groups_are_told() {
    let app = app().await;
    let system = app.house.test.system();
    let id = app.house.person("ada").await;
    let group = sallyport_api::rest::CreateGroup {
        name: "staff".into(),
        description: String::new(),
        kind: sallyport_model::GroupKind::Users,
    };
    let group = crate::group::create(&system, group).await.unwrap();
    let member = GroupMember { user: Some("ada".into()), ..GroupMember::default() };
    crate::group::add_member(&system, group.id, member).await.unwrap();
    let codes = factor::issue_bypass_codes(&system, id, 1, 3600).await.unwrap();
    let shown = app.shown("ada").await;
    let code = code_in(app.type_code(&shown, &codes[0]).await);
    let token = app.redeem(&code, "a").await.unwrap();
    let claims = claims(&token);
    assert_eq!(claims["auth_context"]["factor"], "bypass_code");
    assert_eq!(claims["auth_context"]["user"]["groups"], serde_json::json!(["staff"]));
    assert_eq!(claims["auth_context"]["access_device"]["ip"], "192.0.2.7");
}

#[tokio::test]
async fn a_code_is_texted_for_the_window_that_asks() {
    let app = app().await;
    let company = Company::of(&app.house.test, twilio()).await;
    let ada = app.house.person("ada").await;
    let phone = phone_of(&app.house.test, ada, "+15005550010").await.id;
    let shown = app.shown("ada").await;
    assert_eq!(nowhere(&text(&app.browser(), &shown.0, "another", phone).await.unwrap()), TOO_LATE);
    assert_eq!(company.texts().len(), 0);
    let told = asked(text(&app.browser(), &shown.0, &shown.1, phone).await.unwrap());
    assert_eq!(told.step.problem, None);
    let code = code_in(app.type_code(&shown, &company.codes().remove(0)).await);
    let context = &claims(&app.redeem(&code, "a").await.unwrap())["auth_context"];
    assert_eq!((&context["factor"], &context["reason"]), (&"sms_passcode".into(), &"valid_passcode".into()));
}

#[tokio::test]
async fn an_application_that_has_its_own_name_for_us_is_answered_by_it_whatever_a_proxy_calls_us() {
    const NAME: &str = "api-wiki.example.com";
    let app = app().await;
    let seed = app.house.person_with_authenticator("ada").await;
    let ask = async |app: &App| app.send(&wanted("ada").url(app.client(), NAME, app.now())).await;
    assert_eq!(nowhere(&ask(&app).await), NOT_SIGNED, "nobody's name yet");
    let system = app.house.test.system();
    let wiki = application::resolve(&system, &app.client_id).await.unwrap();
    let input = UpdateApplication { api_host: Some(NAME.into()), ..UpdateApplication::default() };
    application::update(&system, wiki.id, None, input).await.unwrap();
    let Asked { prompt, step } = asked(ask(&app).await);
    app.house.test.clock.advance(Span::seconds(30));
    let shown = (step.handle, prompt.id);
    let code = code_in(app.type_code(&shown, &app.house.code(&seed)).await);
    let request = RedeemRequest { code: &code, redirect_uri: BACK, jti: "one" };
    let form = request.form(app.client(), NAME, app.now());
    let params = params("", None, form.as_bytes()).unwrap();
    let reply = redeem(&app.browser(), &params, Some(HOST)).await.unwrap();
    let nonce = "the nonce of one request";
    verify_id_token(&reply.id_token, app.client(), NAME, ("ada", nonce), (app.now(), app.now())).unwrap();
    // The name is this application's and no other's.
    let (client_id, secret) = keys(&app.house, "Shop").await;
    let foreign = wanted("ada").url((&client_id, &secret), NAME, app.now());
    assert_eq!(nowhere(&app.send(&foreign).await), NOT_SIGNED);
}
