//! Passkeys, made and used by a real browser with an authenticator that people need not touch.

use sallyport_testkit::{
    chromium::Chromium,
    story::{House, text, until},
};
use serde_json::json;

use super::{at, enter, first_door, sign_out, to_seed};
use crate::duo_admin::{Admin, EVERYTHING};

/// Out, and in again by the password and then by what the browser holds.
fn behind_the_password(window: &Chromium) {
    sign_out(window);
    first_door(window);
    until("the second door", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
    window.click("form[action='/sign-in/second'] [data-ask]").unwrap();
    at(window, "/admin");
}

#[test]
fn a_passkey_is_added_opens_the_second_door_and_then_both() {
    let house = House::open_by_name().unwrap();
    let window = Chromium::start_with_passkeys(1280, 900, &house.set_up.ca).unwrap();
    let url = &house.server.url;
    enter(&house, &window);
    window.open(&format!("{url}/factors/passkey")).unwrap();
    window.type_into("#name", "My laptop").unwrap();
    window.click("[data-ask]").unwrap();
    at(&window, "/?done=enrolled");
    assert!(window.text("main").unwrap().contains("My laptop"));

    // A second one on the same device is refused by the authenticator, and nothing is lost.
    window.open(&format!("{url}/factors/passkey")).unwrap();
    window.click("[data-ask]").unwrap();
    let said = "document.querySelector('[data-problem]').textContent";
    until("the refusal", || Ok(window.evaluate(said)?.as_str().unwrap().contains("already").then_some(())))
        .unwrap();

    // Behind the password.
    behind_the_password(&window);

    // Instead of it, to where one wanted to go.
    sign_out(&window);
    window.open(&format!("{url}/admin/users")).unwrap();
    window.click("form[action='/sign-in/passkey'] [data-ask]").unwrap();
    at(&window, "/admin/users");
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());

    let log = house.cli.json(&["sign-in", "list"]).unwrap();
    let last = &log["items"][0];
    assert_eq!(last["first_door"]["kind"], "passkey", "{last}");
    assert_eq!(last["second_door"]["kind"], "passkey", "{last}");
    assert_eq!(text(last, "state"), "allowed");

    // The organisation may want the password all the same.
    house.cli.json(&["settings", "update", "--passkey-instead-of-password", "false"]).unwrap();
    sign_out(&window);
    assert_eq!(window.evaluate("document.querySelectorAll('[data-ask]').length").unwrap(), 0);
}

#[test]
fn an_enrolment_code_brings_a_passkey_and_no_application() {
    let house = House::open_by_name().unwrap();
    let window = Chromium::start_with_passkeys(390, 844, &house.set_up.ca).unwrap();
    to_seed(&house, &window);
    window.click("form[action='/enroll/passkey'] [data-ask]").unwrap();
    at(&window, "/enroll/passkey");
    assert_eq!(window.text("h1").unwrap(), "Enrolled");
    // A code of an administrator's is no account: the passkey opens the second door, behind the password.
    window.open(&format!("{}/sign-in", house.server.url)).unwrap();
    window.click("form[action='/sign-in/passkey'] [data-ask]").unwrap();
    until("the refusal", || {
        Ok(window.text("[role=alert]").is_ok_and(|text| text.contains("passkey")).then_some(()))
    })
    .unwrap();
    first_door(&window);
    until("the second door", || {
        Ok(window.text("form[action='/sign-in/second'] [data-ask]").is_ok().then_some(()))
    })
    .unwrap();
    // Nobody is asked for a code whom none would help.
    assert!(window.text("#passcode").is_err());
    window.click("form[action='/sign-in/second'] [data-ask]").unwrap();
    at(&window, "/admin");
    // From now on it stands for both.
    sign_out(&window);
    window.click("form[action='/sign-in/passkey'] [data-ask]").unwrap();
    at(&window, "/admin");
}

#[test]
fn a_passkey_of_a_real_browser_is_read_and_removed_by_the_vendors_client() {
    let house = House::open_by_name().unwrap();
    house.person("vera", "lantern orbit marmalade 4").unwrap();
    let code = text(&house.cli.json(&["user", "enrollment-code", "vera"]).unwrap(), "code");
    let window = Chromium::start_with_passkeys(390, 844, &house.set_up.ca).unwrap();
    window.open(&format!("{}/enroll?code={code}", house.server.url)).unwrap();
    window.click("form[action='/enroll'] button").unwrap();
    until("the seed", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
    window.click("form[action='/enroll/passkey'] [data-ask]").unwrap();
    at(&window, "/enroll/passkey");

    let admin = Admin::of(house, &EVERYTHING);
    let vera = admin.one("get_users_by_name", json!({ "username": "vera" })).as_array().unwrap().clone();
    let (user, inside) = (&vera[0]["user_id"], &vera[0]["webauthncredentials"]);
    let key = &inside[0]["webauthnkey"];
    let told = admin.all(&[
        ("get_webauthncredential_by_id", json!({ "webauthnkey": key })),
        ("get_webauthncredentials", json!({})),
        ("get_user_webauthncredentials", json!({ "user_id": user })),
        ("get_user_webauthncredentials_iterator", json!({ "user_id": user })),
    ]);
    assert_eq!((&told[0]["webauthnkey"], &told[0]["user"]["username"]), (key, &json!("vera")));
    assert!(told[0]["credential_id"].is_string() && told[0]["date_added"].is_i64(), "{}", told[0]);
    assert_eq!((&told[1], &told[2], &told[3]), (&json!([told[0]]), inside, inside));
    admin.one("delete_webauthncredential", json!({ "webauthnkey": key }));
    assert_eq!(admin.one("get_user_webauthncredentials", json!({ "user_id": user })), json!([]));
    assert_eq!(admin.refusal("get_webauthncredential_by_id", json!({ "webauthnkey": key })).1, 40401);
    assert_eq!(admin.one("get_user_by_id", json!({ "user_id": user }))["is_enrolled"], false);
}

/// What Chromium's authenticator says it is, and who vouches for it: a batch certificate that it signs for itself anew
/// each time, with a key that stands in the browser's source.
const CHROMIUMS_MODEL: &str = "01020304-0506-0708-0102-030405060708";

/// The certificate of the browser's authenticator, as PEM, by a passkey that nobody keeps.
fn batch_certificate(window: &Chromium) -> String {
    let made = "navigator.credentials.create({ publicKey: { challenge: new Uint8Array(32), rp: { name: 'x' }, \
        user: { id: new Uint8Array(16), name: 'x', displayName: 'x' }, attestation: 'direct', \
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }] } }) \
        .then((made) => btoa(String.fromCharCode(...new Uint8Array(made.response.attestationObject))))";
    let made = window.evaluate(made).unwrap();
    let made = data_encoding::BASE64.decode(made.as_str().unwrap().as_bytes()).unwrap();
    // One certificate, of which the length is two bytes.
    let mark = b"cx5c\x81\x59";
    let place = made.windows(mark.len()).position(|bytes| bytes == mark).unwrap() + mark.len();
    let length = usize::from(u16::from_be_bytes([made[place], made[place + 1]]));
    let text = data_encoding::BASE64.encode(&made[place + 2..][..length]);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

#[test]
fn where_models_are_named_the_maker_vouches_for_a_passkey_or_it_is_refused() {
    let house = House::open_by_name().unwrap();
    let window = Chromium::start_with_passkeys(1280, 900, &house.set_up.ca).unwrap();
    let url = &house.server.url;
    enter(&house, &window);
    let folder = tempfile::tempdir().unwrap();
    let name = |name: &str, roots: &str| {
        let file = folder.path().join("roots.pem");
        std::fs::write(&file, roots).unwrap();
        let file = file.to_str().unwrap();
        let add = ["passkey-model", "add", "--aaguid", CHROMIUMS_MODEL, "--name", name, "--roots-file", file];
        house.cli.json(&add).unwrap();
    };
    let batch = batch_certificate(&window);
    let add = |called: &str| {
        window.open(&format!("{url}/factors/passkey")).unwrap();
        window.type_into("#name", called).unwrap();
        assert!(window.text("main").unwrap().contains("accepts these models only"));
        window.click("[data-ask]").unwrap();
    };

    // Somebody else vouches for it: whatever it says of itself, it is none of theirs.
    name("Acme Key", &house.set_up.ca);
    add("Of nobody");
    let refused = "not one of the models your organisation accepts: Acme Key";
    until("the refusal", || Ok(window.text("body")?.contains(refused).then_some(()))).unwrap();
    window.open(&format!("{url}/")).unwrap();
    assert!(!window.text("main").unwrap().contains("Of nobody"));

    // Its own maker does.
    name("Chromium Key", &batch);
    add("My laptop");
    at(&window, "/?done=enrolled");
    let shown = window.text("main").unwrap();
    assert!(shown.contains("My laptop") && shown.contains("Chromium Key") && shown.contains(CHROMIUMS_MODEL));
    let factors = house.cli.json(&["user", "factors", "olga"]).unwrap();
    let passkey = factors["items"].as_array().unwrap().iter().find(|factor| factor["kind"] == "passkey");
    assert_eq!(passkey.unwrap()["attested"]["model"], "Chromium Key", "{factors}");
    let to_second_door = || {
        window.open(&format!("{url}/")).unwrap();
        sign_out(&window);
        first_door(&window);
        until("the second door", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
    };
    to_second_door();
    window.click("form[action='/sign-in/second'] [data-ask]").unwrap();
    at(&window, "/admin");

    // Who vouched for it is trusted no more, so it opens nothing, and is not asked for.
    name("Chromium Key", &house.set_up.ca);
    to_second_door();
    assert!(window.text("form[action='/sign-in/second'] [data-ask]").is_err());
    house.cli.json(&["passkey-model", "remove", CHROMIUMS_MODEL]).ok();
    let none = house.cli.json(&["passkey-model", "list"]).unwrap();
    assert_eq!(none["items"], serde_json::json!([]));
    window.open(&format!("{url}/sign-in")).unwrap();
    window.click("form[action='/sign-in/passkey'] [data-ask]").unwrap();
    at(&window, "/admin");
}

#[test]
fn a_security_key_that_knows_nobody_opens_the_second_door_and_never_the_first() {
    for protocol in ["ctap2", "ctap1/u2f"] {
        let house = House::open_by_name().unwrap();
        let window = Chromium::start_with_security_key(1280, 900, &house.set_up.ca, protocol).unwrap();
        let url = &house.server.url;
        enter(&house, &window);
        window.open(&format!("{url}/factors/passkey")).unwrap();
        window.type_into("#name", "My key").unwrap();
        window.click("[data-ask]").unwrap();
        at(&window, "/?done=enrolled");
        let factors = house.cli.json(&["user", "factors", "olga"]).unwrap();
        let key = factors["items"].as_array().unwrap().iter().find(|factor| factor["kind"] == "passkey");
        let key = key.unwrap();
        assert_eq!((&key["name"], &key["transports"][0]), (&"My key".into(), &"usb".into()), "{protocol}");

        // Behind the password it is touched, and that is enough.
        behind_the_password(&window);
        let log = house.cli.json(&["sign-in", "list"]).unwrap();
        let last = &log["items"][0];
        assert_eq!(
            (&last["first_door"]["kind"], &last["second_door"]["kind"]),
            (&"password".into(), &"passkey".into())
        );

        // By itself it opens nothing: the page asks for more than a touch, and the server wants more.
        sign_out(&window);
        let wanted = "JSON.parse(document.querySelector(\"form[action='/sign-in/passkey']\").dataset.question).userVerification";
        assert_eq!(window.evaluate(wanted).unwrap(), "required");
        window.evaluate(&touched(key["credential"].as_str().unwrap())).unwrap();
        until("the server's refusal", || {
            Ok(window.text("[role=alert]").is_ok_and(|text| text.contains("passkey")).then_some(()))
        })
        .unwrap();
        let log = house.cli.json(&["sign-in", "list"]).unwrap();
        let allowed = log["items"].as_array().unwrap().iter().find(|one| text(one, "state") == "allowed");
        assert_eq!(allowed.unwrap()["id"], last["id"], "{protocol}: {log}");
        window.open(&format!("{url}/admin")).unwrap();
        assert!(window.path().unwrap().starts_with("/sign-in"), "{protocol}");
    }
}

/// Answers the question of the first door with this credential and a touch alone, and sends the page's own form.
fn touched(credential: &str) -> String {
    format!(
        "(async () => {{ const form = document.querySelector(\"form[action='/sign-in/passkey']\"); \
         const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0)); \
         const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''); \
         const question = JSON.parse(form.dataset.question); \
         const publicKey = {{ ...question, challenge: bytes(question.challenge), userVerification: 'discouraged', \
         allowCredentials: [{{ type: 'public-key', id: bytes('{credential}') }}] }}; \
         const {{ id, rawId, type, response }} = await navigator.credentials.get({{ publicKey }}); \
         const answer = JSON.stringify({{ id, rawId: text(rawId), type, response: {{ \
         clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData), \
         signature: text(response.signature) }} }}); \
         form.querySelector('[name=passkey]').value = answer; form.submit(); }})()"
    )
}
