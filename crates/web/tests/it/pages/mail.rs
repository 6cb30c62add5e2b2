//! Mail as people meet it at the doors and administrators on their pages.

use sallyport_model::{Span, id::FactorId, policy::NewUser};
use serde_json::json;

use super::{
    browser::{Answer, Browser},
    form::{fields_of, lent, set},
    matrix,
    routes::routes,
};
use crate::{
    telephony::carried,
    world::{PASSWORD, World, text},
};

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
    world.advance(Span::minutes(1));
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
    world.advance(Span::hours(1));
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

/// The newest code for a second door that was mailed to emil.
fn mailed_code(world: &World) -> String {
    let is_code = |line: &&str| line.len() == 7 && line.bytes().all(|byte| byte.is_ascii_digit());
    let letters = world.office.letters();
    let mut codes = letters
        .iter()
        .rev()
        .filter(|letter| letter.to == "emil@example.com")
        .filter_map(|letter| letter.text.lines().find(is_code));
    codes.next().expect("a code").to_owned()
}

/// Emil past the first door in a browser of his, and what he sees there.
async fn past_first_door(world: &World) -> (Browser, Answer) {
    let mut browser = Browser::new(world.face.clone());
    browser.get("/sign-in").await;
    let shown = browser.submit("/sign-in", &[("name", "emil"), ("password", PASSWORD)]).await;
    (browser, shown)
}

const ASKS: &str = "action=\"/sign-in/second/text\"";

#[tokio::test(flavor = "multi_thread")]
async fn a_mailed_code_opens_the_second_door_where_that_is_on_and_policy_counts_it() {
    let world = World::full().await;
    at_door(&world).await;
    let change = async |part: &str, says: serde_json::Value| {
        let mut settings = world.owner().get("/settings").await.expect(200).json;
        settings[part] = says;
        world.owner().put("/settings", settings).await.expect(200);
    };
    let (_, shown) = past_first_door(&world).await;
    assert!(!shown.body.contains(ASKS), "mail is off by itself: {}", shown.body);
    change("factors", json!([{ "method": "mail", "on": true }])).await;

    let (mut browser, shown) = past_first_door(&world).await;
    assert!(
        shown.body.contains(ASKS) && shown.body.contains("Mail me a code: e***@example.com"),
        "{}",
        shown.body
    );
    assert!(!shown.body.contains("emil@example.com"), "the address is not told");
    let mailbox = shown.between("name=\"phone\" value=\"", "\"").to_owned();
    let told = browser.submit("/sign-in/second/text", &[("phone", &mailbox)]).await;
    assert!(told.status == 200 && told.body.contains("on its way"), "{}", told.body);
    let again = browser.submit("/sign-in/second/text", &[("phone", &mailbox)]).await;
    assert!(again.status == 422 && again.body.contains("half a minute"), "{}", again.body);
    let code = mailed_code(&world);
    let wrong = if code == "0000000" { "0000001" } else { "0000000" };
    assert_eq!(browser.submit("/sign-in/second", &[("passcode", wrong)]).await.status, 422);
    let (mut other, _) = past_first_door(&world).await;
    assert_eq!(other.submit("/sign-in/second", &[("passcode", &code)]).await.status, 422, "another door");
    let opened = browser.submit("/sign-in/second", &[("passcode", &code)]).await;
    assert_eq!((opened.status, opened.location()), (303, "/"), "{}", opened.body);
    assert!(browser.get("/").await.body.contains("Hello"));
    let log = world.owner().get("/users/emil/sign-ins").await.expect(200).json;
    let allowed = log["items"].as_array().expect("sign-ins").iter().find(|one| one["state"] == "allowed");
    assert_eq!(allowed.expect("his")["second_door"]["kind"], "mail", "{log}");

    // A program is offered the same.
    world.advance(Span::seconds(31));
    let nobody = world.caller("nobody");
    let first = json!({ "name": "emil", "password": PASSWORD });
    let begun = nobody.post("/sign-in", first.clone()).await.expect(200);
    let offer = &begun.json["offers"][0];
    assert_eq!(
        (&offer["kind"], &offer["texts"], &offer["name"]),
        (&json!("mail"), &json!(true), &json!("e***@example.com"))
    );
    assert_eq!(offer["id"], mailbox.as_str());
    let asked = json!({ "handle": begun.json["handle"], "phone": offer["id"] });
    nobody.post("/sign-in/text", asked).await.expect(204);
    let given = |code: &str| json!({ "handle": begun.json["handle"], "passcode": code });
    let spent = nobody.post("/sign-in/second-door", given(&code)).await;
    assert_eq!(spent.status, 422, "{}", spent.text);
    let opened = nobody.post("/sign-in/second-door", given(&mailed_code(&world))).await.expect(200);
    assert_eq!((&opened.json["step"], &opened.json["both_doors"]), (&json!("signed_in"), &json!(true)));

    // A policy that does not count it closes the way again.
    change("methods", json!(["totp"])).await;
    let (_, shown) = past_first_door(&world).await;
    assert!(!shown.body.contains(ASKS), "{}", shown.body);
    nobody.post("/sign-in", first).await.problem(403, "enrollment-needed");
}

/// The code in the one link of this message.
fn code_in(message: &str) -> String {
    let (_, link) = message.split_once("https://sallyport.example.com/enroll?code=").expect("a link");
    link.split_whitespace().next().expect("a code").to_owned()
}

/// Whether somebody who follows a link with this code gets to a seed.
async fn leads_to_a_seed(world: &World, code: &str) -> bool {
    let mut browser = Browser::new(world.face.clone());
    let page = browser.get(&format!("/enroll?code={code}")).await;
    assert!(page.status == 200 && page.body.contains(code), "{}", page.body);
    browser.submit("/enroll", &[("code", code)]).await.body.contains("id=\"seed\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn enrolment_links_go_by_text_and_by_mail_to_what_is_on_record_by_page_and_by_program() {
    let world = World::full().await;
    let emil = world.owner().patch("/users/emil", json!({ "phones": ["+1 500 555 0014"] })).await.expect(200);
    for field in ["to", "number", "phone"] {
        let asked = json!({ "by": "text", field: "+15005550099" });
        world.owner().post("/users/emil/enrollment-link", asked).await.expect(422);
    }
    let sent = world.owner().post("/users/emil/enrollment-link", json!({ "by": "text" })).await.expect(200);
    assert_eq!((&sent.json["by"], &sent.json["to"]), (&json!("text"), &json!("+15005550014")));
    assert!(sent.json.get("code").is_none() && !sent.text.contains("code="), "{}", sent.text);
    let texted = async |nth: usize| {
        let text_message = carried(&world).await["texts"][nth].clone();
        assert_eq!(text_message["to"], "+15005550014");
        let body = text(&text_message["body"]);
        assert!(!body.contains("emil") && !body.contains("Example"), "whose it is stands nowhere: {body}");
        code_in(&body)
    };
    let mut codes = vec![texted(0).await];
    assert!(leads_to_a_seed(&world, &codes[0]).await);

    let mut owner = matrix::browser(&world, "owner").await;
    let page = format!("/admin/users/{}", text(&emil.json["id"]));
    for (by, done, told) in [("mail", "invited-by-mail", "by mail"), ("text", "invited-by-text", "by text")] {
        world.advance(Span::seconds(31));
        let shown = owner.get(&page).await;
        assert!(shown.body.contains(&format!("Send an enrolment link by {by}")), "{}", shown.body);
        let sent =
            owner.submit(&format!("{page}/enrollment-link"), &[("by", by), ("to", "eve@example.com")]).await;
        assert_eq!(sent.location(), format!("{page}?done={done}"), "{}", sent.body);
        assert!(owner.get(sent.location()).await.body.contains(told));
        codes.push(if by == "mail" {
            code_in(&mail_to(&world, "emil@example.com").await)
        } else {
            texted(1).await
        });
        assert!(leads_to_a_seed(&world, codes.last().expect("a code")).await, "{by}");
    }
    assert_eq!(carried(&world).await["texts"].as_array().map(Vec::len), Some(2));
    assert!(world.office.letters().iter().all(|letter| !letter.to.contains("eve")));
    for former in &codes[..2] {
        assert!(!leads_to_a_seed(&world, former).await, "a new link voids the one before");
    }
}

/// A template, and what it says of people with such a name in a house with such a name.
const SUBJECT: &str = "Schlüssel für {name} bei {organization}";
const TEXT: &str =
    "Hallo {name} <b>,\n.\n..\nFrom: nobody@example.com\n\n{link}\n{organization}, bis {expires}\n";
const HOSTILE: &str = "{link} {expires} <img src=x> Bcc: eve@example.com, =?utf-8?q?eve?= =3D";
const HOUSE: &str = "{name} & Söhne \"AG\" <eve@example.com>";

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_what_people_are_mailed_and_what_is_filled_in_stays_words() {
    let world = World::full().await;
    let mut settings = world.owner().get("/settings").await.expect(200).json;
    settings["organization"] = json!(HOUSE);
    world.owner().put("/settings", settings).await.expect(200);
    let named =
        json!({ "name": "noa", "active": true, "mails": ["noa@example.com"], "display_name": HOSTILE });
    world.owner().post("/users", named).await.expect(201);
    world.owner().patch("/users/emil", json!({ "display_name": HOSTILE })).await.expect(200);
    let mut owner = matrix::browser(&world, "owner").await;
    let mut fields = fields_of(&owner.get("/admin/mail").await.body, "/admin/mail");
    set(&mut fields, "subject", SUBJECT);
    set(&mut fields, "text", &TEXT.replace('\n', "\r\n"));
    let saved = owner.submit("/admin/mail", &lent(&fields)).await;
    assert_eq!(saved.location(), "/admin/mail?done=saved", "{}", saved.body);

    world.owner().post("/users/emil/enrollment-link", json!({})).await.expect(200);
    let mailing = world.owner().post("/mailings", json!({ "users": ["noa"] })).await.expect(201).json;
    let mailing = format!("/mailings/{}", text(&mailing["id"]));
    while world.owner().get(&mailing).await.expect(200).json["ended"].is_null() {
        tokio::task::yield_now().await;
    }
    let expires = world.system().now.plus(Span::days(1)).written();
    for to in ["emil@example.com", "noa@example.com"] {
        let letters = world.office.letters();
        let [letter] = letters.iter().filter(|letter| letter.to == to).collect::<Vec<_>>()[..] else {
            panic!("{letters:?}")
        };
        assert_eq!(letter.from, "it@example.com");
        assert_eq!(letter.subject, format!("Schlüssel für {HOSTILE} bei {HOUSE}"));
        let code = code_in(&letter.text);
        let link = format!("https://sallyport.example.com/enroll?code={code}");
        let written = format!(
            "Hallo {HOSTILE} <b>,\n.\n..\nFrom: nobody@example.com\n\n{link}\n{HOUSE}, bis {expires}\n"
        );
        assert_eq!(letter.text.trim_end(), written.trim_end(), "{to}");
        assert!(leads_to_a_seed(&world, &code).await);
    }
    assert!(world.office.letters().iter().all(|letter| !letter.to.contains("eve")));
}
