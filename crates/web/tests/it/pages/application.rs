//! The pages of applications: the catalogue, what an application asks and is told, who may use it, and their tiles.

use sallyport_api::rest::{CreateApplication, CreatePolicy, UpdateApplication};
use sallyport_app::{application, policy};
use sallyport_model::{
    ApplicationKind, Role, SamlService, UsedBy,
    id::ApplicationId,
    oidc::{ClientAuthentication, OidcGrant, ValueSource},
    policy::{Applied, Sections},
    saml::SamlConsumer,
    settings::SecondDoorPolicy,
};

use super::{
    browser::{Answer, Browser},
    form::{fields_of, lent, set, unescaped, without},
    house::{House, PASSWORD},
};
use crate::world::PICTURE;

/// The only application there is.
async fn only(house: &House) -> sallyport_model::Application {
    application::list(&house.system(), Default::default()).await.unwrap().items.remove(0).value
}

async fn charts(house: &House, browser: &mut Browser) -> (ApplicationId, Answer) {
    browser.get("/admin/catalogue/grafana").await;
    let fields = [("name", "Charts & <i>more</i>"), ("answer_base_url", "https://charts.example.com/")];
    let told = browser.submit("/admin/catalogue/grafana", &fields).await;
    assert_eq!(told.status, 200, "{}", told.body);
    (only(house).await.id, told)
}

#[tokio::test]
async fn an_application_is_chosen_asked_about_and_explained() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let all = browser.get("/admin/catalogue").await.body;
    assert!(all.contains("Grafana") && all.contains("Slack") && all.contains("untried"), "{all}");
    let found = browser.get("/admin/catalogue?text=GRAF&category=monitoring").await.body;
    assert!(found.contains("/admin/catalogue/grafana\"") && !found.contains("/admin/catalogue/slack"));
    assert!(browser.get("/admin/catalogue?text=nothing+like+it").await.body.contains("Nothing here fits"));
    let microsoft = browser.get("/admin/catalogue/microsoft-365").await.body;
    assert!(microsoft.contains("name=\"answer_domain\""), "{microsoft}");
    assert!(browser.get("/admin/catalogue/slack").await.body.contains("answer_workspace"));
    assert_eq!(browser.get("/admin/catalogue/..%2Fgrafana").await.status, 404);

    let refused = browser.submit("/admin/catalogue/grafana", &[("answer_base_url", "grafana")]).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let (id, told) = charts(&house, &mut browser).await;
    let secret = told.between("<code id=\"secret\">", "</code>").to_owned();
    assert_eq!(secret.len(), 40);
    assert!(told.body.contains(&format!("client_secret = {secret}\n")), "{}", told.body);
    assert!(told.body.contains("auth_url = https://sallyport.example.com/oidc/authorize\n"));
    assert!(told.body.contains("<code>https://charts.example.com</code>"));
    assert!(!told.body.contains("<i>more"), "names are no markup");
    let again = browser.get(&format!("/admin/applications/{id}/instructions")).await;
    assert!(!again.body.contains(&secret) && again.body.contains("which was shown once"), "{}", again.body);

    let answers = format!("/admin/applications/{id}/answers");
    let asked = browser.get(&answers).await;
    assert!(asked.body.contains("value=\"https://charts.example.com\""), "{}", asked.body);
    let moved = browser.submit(&answers, &[("answer_base_url", "https://new.example.com")]).await;
    assert_eq!(moved.location(), format!("/admin/applications/{id}/instructions?done=saved"));
    assert_eq!(only(&house).await.redirect_uris[0].as_str(), "https://new.example.com/login/generic_oauth");
}

#[tokio::test]
async fn everything_that_an_application_asks_by_goes_through_its_form() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let (id, _) = charts(&house, &mut browser).await;
    let (page, action) = (format!("/admin/applications/{id}"), format!("/admin/applications/{id}/oidc"));
    let form = fields_of(&browser.get(&page).await.body, &action);
    // What was not touched stays as it is.
    let before = only(&house).await;
    let same = browser.submit(&action, &lent(&form)).await;
    assert_eq!(only(&house).await, before);
    assert_eq!(same.status, 422, "{}", same.body);
    assert!(same.body.contains("nothing would change"), "{}", same.body);
    let mut changed = without(&form, "grants");
    set(&mut changed, "authentication", "none");
    set(&mut changed, "redirect_uris", "http://localhost:7777/cb");
    set(&mut changed, "claim", "department");
    set(&mut changed, "claim_from", "attribute");
    set(&mut changed, "claim_of", "dept");
    for (name, value) in
        [("grants", "device_code"), ("requires_dpop", "yes"), ("asks_consent", "yes"), ("scopes", "phone")]
    {
        changed.push((name.into(), value.into()));
    }
    let saved = browser.submit(&action, &lent(&changed)).await;
    assert_eq!(saved.location(), format!("{page}?done=saved"), "{}", saved.body);
    let after = only(&house).await;
    let (was, oidc) = (before.oidc.unwrap(), after.oidc.unwrap());
    assert_eq!(oidc.authentication, ClientAuthentication::None);
    assert_eq!(oidc.grants, [OidcGrant::DeviceCode].into());
    assert!(oidc.requires_dpop && oidc.asks_consent && oidc.scopes.contains("phone"));
    assert_eq!(oidc.claims[0].value, ValueSource::Attribute("dept".into()));
    assert_eq!(oidc.claims.len(), 1, "blank lines are none");
    assert_eq!(
        (oidc.signing_algorithm, oidc.initiate_login_uri),
        (was.signing_algorithm, was.initiate_login_uri)
    );
    assert_eq!(after.redirect_uris[0].as_str(), "http://localhost:7777/cb");
    for (name, value, why) in [
        ("claim", "sub", "oidc.claims"),
        ("jwks", "{", "oidc.jwks"),
        ("initiate_login_uri", "javascript:alert(1)", "initiate_login_uri"),
    ] {
        let mut bad = fields_of(&browser.get(&page).await.body, &action);
        set(&mut bad, name, value);
        let refused = browser.submit(&action, &lent(&bad)).await;
        assert!(refused.status == 422 && refused.body.to_lowercase().contains(why), "{}", refused.body);
    }
}

#[tokio::test]
async fn what_an_application_would_be_told_is_shown_for_a_chosen_person() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let (id, _) = charts(&house, &mut browser).await;
    let claims = format!("/admin/applications/{id}/claims");
    assert!(browser.get(&claims).await.body.contains("Choose a person"));
    let told = browser.get(&format!("{claims}?user=ada")).await.body;
    assert!(told.contains("<code>preferred_username</code>") && told.contains("&#34;ada&#34;"), "{told}");
    let unknown = browser.get(&format!("{claims}?user=%3Cb%3E")).await;
    assert!(unknown.status == 200 && unknown.body.contains("there is no user"), "{}", unknown.body);
    assert!(!unknown.body.contains("<b>"));
}

#[tokio::test]
async fn whoever_may_use_an_application_finds_its_tile_and_keeps_it_at_hand() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let mut browser = house.signed_in(&ada).await;
    let (id, _) = charts(&house, &mut browser).await;
    let mut bobs = house.signed_in(&bob).await;
    let none = bobs.get("/applications").await.body;
    assert!(none.contains("No application is open to you yet"), "{none}");
    let (used_by, bob_id) = (format!("/admin/applications/{id}/used-by"), bob.id.to_string());
    browser.get(&format!("/admin/applications/{id}")).await;
    let said = browser.submit(&used_by, &[("who", "only"), ("users", &bob_id)]).await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert!(
        only(&house).await.used_by == UsedBy::Only { users: [bob.id].into(), groups: Default::default() }
    );
    let listed = browser.get("/admin/applications").await.body;
    assert!(listed.contains("1 person") && listed.contains("OpenID Connect"), "{listed}");

    let tiles = bobs.get("/applications").await.body;
    let tile = "href=\"https://charts.example.com/login/generic_oauth\"";
    assert!(tiles.contains(tile) && tiles.contains("Charts &#38; &#60;i&#62;more"), "{tiles}");
    assert!(tiles.contains("aria-pressed=\"false\"") && !tiles.contains("Favourites"));
    assert!(bobs.get("/").await.body.contains(tile));
    assert!(!browser.get("/applications").await.body.contains(tile), "not for ada");
    let favour = format!("/applications/{id}/favourite");
    assert_eq!(
        bobs.submit(&favour, &[("favourite", "yes"), ("at", "home")]).await.location(),
        "/?done=saved"
    );
    let kept = bobs.get("/applications").await.body;
    assert!(kept.contains("Favourites") && kept.contains("aria-pressed=\"true\""), "{kept}");
    assert_eq!(browser.submit(&favour, &[("favourite", "yes")]).await.status, 404);
    assert!(bobs.get("/applications?text=wiki").await.body.contains("in its name"));
    assert!(bobs.get("/applications?text=chart").await.body.contains(tile));
    bobs.reads = "de";
    let german = bobs.get("/applications").await.body;
    assert!(german.contains("Anwendungen"), "{german}");
}

#[tokio::test]
async fn a_logo_is_a_picture_and_is_served_as_nothing_else() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[Role::Auditor]).await;
    let carol = house.person("carol", &[]).await;
    let mut browser = house.signed_in(&ada).await;
    let (id, _) = charts(&house, &mut browser).await;
    let (set, get) = (format!("/admin/applications/{id}/logo"), format!("/applications/{id}/logo"));
    assert_eq!(browser.get(&get).await.status, 404);
    let svg = "data:image/png;base64,PHN2Zz48c2NyaXB0PmFsZXJ0KDEpPC9zY3JpcHQ+PC9zdmc+";
    let refused = browser.submit(&set, &[("logo", svg)]).await;
    assert!(refused.status == 422 && refused.body.contains("neither a PNG"), "{}", refused.body);
    assert_eq!(browser.submit(&set, &[("logo", PICTURE)]).await.status, 303);
    let picture = house.signed_in(&bob).await.get(&get).await;
    assert_eq!(picture.status, 200);
    assert_eq!(picture.headers["content-type"], "image/png");
    assert_eq!(picture.headers["x-content-type-options"], "nosniff");
    assert!(picture.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
    assert_eq!(house.signed_in(&carol).await.get(&get).await.status, 404, "not hers to use");
    let page = browser.get(&format!("/admin/applications/{id}")).await;
    let version = page.between("/logo?v=", "\"").to_owned();
    assert_eq!(version.len(), 16);
    assert_eq!(browser.submit(&set, &[("logo", "")]).await.status, 303);
    assert_eq!(browser.get(&get).await.status, 404);
}

#[tokio::test]
async fn bookmarks_and_applications_of_other_kinds_are_made_without_the_catalogue() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    browser.get("/admin/catalogue").await;
    let bad = [("name", "Intranet"), ("type", "bookmark"), ("link", "javascript:alert(1)")];
    assert_eq!(browser.submit("/admin/applications", &bad).await.status, 422);
    let good = [("name", "Intranet"), ("type", "bookmark"), ("link", "http://intranet.example.com/#top")];
    let made = browser.submit("/admin/applications", &good).await;
    let bookmark = only(&house).await;
    assert_eq!(made.location(), format!("/admin/applications/{}?done=created", bookmark.id));
    assert_eq!((bookmark.kind, bookmark.used_by == UsedBy::nobody()), (ApplicationKind::Bookmark, true));
    let page = browser.get(&format!("/admin/applications/{}", bookmark.id)).await.body;
    assert!(!page.contains("rotate") && page.contains("Nobody yet"), "{page}");
    let oidc = [("name", "wiki"), ("type", "oidc")];
    let shown = browser.submit("/admin/applications", &oidc).await;
    assert!(shown.body.contains("Client secret") && shown.body.contains("https://sallyport.example.com"));
}

#[tokio::test]
async fn a_signing_key_is_rotated_and_declared_void() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    assert!(browser.get("/admin/signing-keys").await.body.contains("There is none yet"));
    charts(&house, &mut browser).await;
    let keys = browser.get("/admin/signing-keys").await;
    assert!(keys.body.contains(">signs<") && keys.body.contains(">waits<"), "{}", keys.body);
    let rotated = browser.submit("/admin/signing-keys/rotate", &[("algorithm", "RS256")]).await;
    assert_eq!(rotated.location(), "/admin/signing-keys?done=key-rotated");
    let keys = browser.get("/admin/signing-keys").await;
    assert!(keys.body.contains(">signed before<"));
    let revoke = keys.between("<form method=\"post\" action=\"/admin/signing-keys/key_", "\"").to_owned();
    let revoke = format!("/admin/signing-keys/key_{revoke}");
    assert!(revoke.ends_with("/revoke"), "{revoke}");
    assert_eq!(browser.submit(&revoke, &[]).await.location(), "/admin/signing-keys?done=key-revoked");
    assert!(browser.get("/admin/signing-keys").await.body.contains(">void<"));
    assert_eq!(browser.submit("/admin/signing-keys/rotate", &[("algorithm", "none")]).await.status, 422);
}

#[tokio::test]
async fn a_sign_in_on_trial_shows_every_message_and_the_reason_of_a_failure() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let (id, _) = charts(&house, &mut browser).await;
    let test = format!("/admin/applications/{id}/test");
    assert!(browser.get(&test).await.body.contains("You see every message"));
    // Nobody may use it yet.
    let denied = browser.submit(&test, &[]).await;
    let back = denied.location().strip_prefix("https://sallyport.example.com").unwrap().to_owned();
    let shown = browser.get(&back).await.body;
    assert!(shown.contains("access_denied") && shown.contains("did not come through"), "{shown}");
    assert!(shown.contains(">Decision<"), "{shown}");
    browser.submit(&format!("/admin/applications/{id}/used-by"), &[("who", "everybody")]).await;
    let begun = browser.submit(&test, &[]).await;
    let back = begun.location().strip_prefix("https://sallyport.example.com").unwrap().to_owned();
    assert!(back.starts_with(&format!("{test}/back?code=")), "{back}");
    // Nobody else can go on with it, and neither can another application's page.
    let bob = house.person("bob", &[Role::Owner]).await;
    let other = house.signed_in(&bob).await.get(&back).await;
    assert!(other.body.contains("begun by somebody else"), "{}", other.body);
    let shown = browser.get(&back).await.body;
    for said in ["as it should be", "RS256", "preferred_username", "Userinfo", "code_verifier", "nonce"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    assert!(!shown.contains(">no<"), "{shown}");
    let code = back.split_once("code=").unwrap().1.split('&').next().unwrap();
    assert!(!shown.contains(code), "what can be used is not shown");
    assert!(browser.get(&back).await.body.contains("begin another"), "once");
}

#[tokio::test]
async fn the_address_of_a_trial_is_nobody_elses() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let (id, _) = charts(&house, &mut browser).await;
    let ikey = only(&house).await.ikey;
    let back = format!("https%3A%2F%2Fsallyport.example.com%2Fadmin%2Fapplications%2F{id}%2Ftest%2Fback");
    let asked = format!(
        "/oidc/authorize?response_type=code&client_id={ikey}&redirect_uri={back}&scope=openid&state=x\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
    );
    let refused = browser.get(&asked).await;
    assert!(refused.location().is_empty(), "{}", refused.location());
    assert!(refused.body.contains("redirect_uri is none of those that are registered"), "{}", refused.body);
    let bare = browser.get(&format!("/admin/applications/{id}/test/back?code=x&state=y")).await;
    assert!(bare.body.contains("begin another"), "{}", bare.body);
}

#[tokio::test]
async fn an_application_of_ws_federation_is_set_up_and_asks() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    browser.get("/admin/catalogue").await;
    let made =
        browser.submit("/admin/applications", &[("name", "Intranet"), ("type", "ws-federation")]).await;
    let page = made.location().to_owned();
    let shown = browser.get(&page).await;
    assert!(
        shown.body.contains("Its realm") && shown.body.contains("FederationMetadata.xml"),
        "{}",
        shown.body
    );
    let id = only(&house).await.id;
    let fields = [
        ("realm", "https://intranet.example.com/"),
        ("reply_urls", "https://intranet.example.com/signin"),
        ("token", "saml20"),
        ("name_id", "unspecified"),
        ("claim", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"),
        ("claim_from", "mail"),
        ("claim_of", ""),
    ];
    let saved = browser.submit(&page, &fields).await;
    assert_eq!(saved.location(), format!("/admin/applications/{id}/saml?done=saved"), "{}", saved.body);
    let service = only(&house).await.saml.clone().unwrap();
    assert_eq!((service.entity_id.as_str(), service.attributes.len()), ("https://intranet.example.com/", 1));
    let asks =
        format!("/ws-federation/{id}?wa=wsignin1.0&wtrealm=https%3A%2F%2Fintranet.example.com%2F&wctx=x");
    let over = browser.get(&asks).await;
    assert!(over.body.contains("Intranet") && over.status == 403, "for nobody yet: {}", over.body);
    let mut stranger = house.browser();
    let asked = stranger.get(&asks).await;
    let door = asked.location().to_owned();
    assert!(door.starts_with("/sign-in?next=%2Fsaml%2Fcontinue"), "{door}");
    let door = stranger.get(&door).await;
    assert!(door.body.contains("To go on to <strong>Intranet</strong>"), "{}", door.body);
    let elsewhere = stranger.get(&asks.replace("intranet.", "evil.")).await;
    assert!(elsewhere.body.contains("wtrealm") && elsewhere.status == 400, "{}", elsewhere.body);
    let out = stranger.get(&format!("/ws-federation/{id}?wa=wsignout1.0&wreply=https://evil.example")).await;
    assert_eq!(out.location(), "/oidc/logout");
}

#[tokio::test]
async fn a_sign_in_by_saml_on_trial_shows_the_answer_and_goes_nowhere() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let system = house.system();
    let input = CreateApplication { name: "Wiki <i>".into(), kind: ApplicationKind::Saml };
    let (wiki, _) = application::create(&system, input).await.unwrap();
    let test = format!("/admin/applications/{}/test", wiki.id);
    for page in ["", "/saml"] {
        let page = browser.get(&format!("/admin/applications/{}{page}", wiki.id)).await.body;
        assert!(page.contains(&format!("href=\"{test}\"")), "{page}");
    }
    assert!(browser.get(&test).await.body.contains("looks at the answer as a careful application does"));
    let early = browser.submit(&test, &[]).await.body;
    assert!(early.contains("did not come through") && early.contains("metadata was not read yet"), "{early}");
    let saml = SamlService {
        entity_id: "https://wiki.example.com/".into(),
        consumers: vec![SamlConsumer {
            index: 0,
            url: "https://wiki.example.com/acs".parse().unwrap(),
            is_default: true,
        }],
        ..SamlService::default()
    };
    let input = UpdateApplication { saml: Some(saml), ..UpdateApplication::default() };
    application::update(&system, wiki.id, None, input).await.unwrap();
    browser.get(&test).await;
    let denied = browser.submit(&test, &[]).await.body;
    assert!(denied.contains("you may not pass") && denied.contains(">Decision<"), "{denied}");
    let input = UpdateApplication { used_by: Some(UsedBy::Everybody), ..UpdateApplication::default() };
    application::update(&system, wiki.id, None, input).await.unwrap();
    browser.get(&test).await;
    let shown = browser.submit(&test, &[]).await;
    for said in
        ["as it should be", "&#60;saml2p:AuthnRequest", "&#60;saml2:NameID", "InResponseTo", ">Decision<"]
    {
        assert!(shown.body.contains(said), "{said}: {}", shown.body);
    }
    assert!(!shown.body.contains(">no<") && !shown.body.contains("<i>"), "{}", shown.body);
    assert!(!shown.body.contains("name=\"SAMLResponse\"") && shown.location().is_empty());
    let cut = "…&#60;/ds:SignatureValue&#62;";
    assert_eq!(shown.body.matches("&#60;/ds:SignatureValue&#62;").count(), shown.body.matches(cut).count());
    let bare = browser.get(&format!("{test}/back?ticket=spst_x")).await.body;
    assert!(bare.contains("begin another"), "{bare}");
    // What the application sends itself and is refused is seen here, as text.
    let refused = house.browser().get(&format!("/saml/{}/sso?SAMLRequest=%3Cb%3E", wiki.id)).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    let page = browser.get(&test).await.body;
    assert!(page.contains("The last request that was refused") && page.contains("not encoded"), "{page}");
}

/// Somebody signs in at an application that asks for one door, and then wants to go to the portal, which asks for two.
#[tokio::test]
async fn a_session_for_an_application_opens_the_portal_by_the_portals_own_policy() {
    let (house, _) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let system = house.system();
    let input = CreateApplication { name: "Wiki".into(), kind: ApplicationKind::WsFederation };
    let (wiki, _) = application::create(&system, input).await.unwrap();
    let sections = Sections { second_door: Some(SecondDoorPolicy::Never), ..Sections::default() };
    let lenient = policy::create(&system, CreatePolicy { name: "one door".into(), sections }).await.unwrap();
    let saml = SamlService {
        entity_id: "urn:wiki".into(),
        consumers: vec![SamlConsumer {
            index: 0,
            url: "https://wiki.example.com/".parse().unwrap(),
            is_default: true,
        }],
        ..SamlService::default()
    };
    let input = UpdateApplication {
        saml: Some(saml),
        used_by: Some(UsedBy::Everybody),
        policies: Some(Applied { policy: Some(lenient.id), groups: vec![] }),
        ..UpdateApplication::default()
    };
    application::update(&system, wiki.id, None, input).await.unwrap();
    let mut browser = house.browser();
    let asked = browser.get(&format!("/ws-federation/{}?wa=wsignin1.0&wtrealm=urn:wiki", wiki.id)).await;
    let door = browser.get(asked.location()).await;
    let next = unescaped(door.between("name=\"next\" value=\"", "\""));
    let fields = [("name", "bob"), ("password", PASSWORD), ("next", &next)];
    let entered = browser.submit("/sign-in", &fields).await;
    assert_eq!(entered.location(), next, "{}", entered.body);
    let told = browser.get(&next).await;
    assert!(told.body.contains("action=\"https://wiki.example.com/\""), "{}", told.body);
    for page in ["/", "/sign-ins", "/applications"] {
        let stopped = browser.get(page).await;
        assert!(
            stopped.location().starts_with("/step-up"),
            "{page}: {} {}",
            stopped.status,
            stopped.location()
        );
    }
    browser.get("/step-up").await;
    let code = house.fresh_code(&bob);
    let passed = browser.submit("/step-up", &[("next", "/"), ("passcode", &code)]).await;
    assert_eq!(passed.location(), "/", "{}", passed.body);
    assert_eq!(browser.get("/").await.status, 200);
}
