//! A login of `login_duo` 2.2.3 as it went over the wire: every byte of its requests but the key, the code and the id of the
//! transaction, which are of this house.

use axum::{body::Body, http::Request};
use data_encoding::{BASE64, HEXLOWER};
use sallyport_app::{Ctx, Secret, factor, push};
use sallyport_crypto::{SystemRandom, mac::hmac_sha512, p256::EcdsaKey};
use sallyport_model::{Span, client::FailMode, id::UserId};
use serde_json::{Value, json};

use crate::world::{World, text};

/// When it was.
const DATE: &str = "Mon, 23 Nov 2026 13:36:28 +0000";
const AT: i64 = 1_795_440_988;
const CLIENT: &str = "login_duo/2.2.3 (x86_64-pc-linux-gnu) libduo/2.2.3";

struct Client<'w> {
    world: &'w World,
    host: String,
    ikey: String,
    skey: Secret,
}

impl Client<'_> {
    /// The request as text. It signs its parameters as they travel, which are sorted and encoded as what is signed.
    fn written(&self, method: &str, path: &str, parameters: &str) -> String {
        let Self { host, ikey, .. } = self;
        let name = host.split(':').next().unwrap();
        let canonical = format!("{DATE}\n{method}\n{name}\n{path}\n{parameters}");
        let mac = hmac_sha512(self.skey.expose().as_bytes(), canonical.as_bytes());
        let authorization = BASE64.encode(format!("{ikey}:{}", HEXLOWER.encode(&mac)).as_bytes());
        let (target, kind, body) = if method == "GET" {
            (format!("{path}?{parameters}"), "", "")
        } else {
            (path.to_owned(), "Content-Type: application/x-www-form-urlencoded\r\n", parameters)
        };
        format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {CLIENT}\r\nX-Duo-Date: {DATE}\r\n\
             Authorization: Basic {authorization}\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    async fn sends(&self, method: &str, path: &str, parameters: &str) -> Value {
        let written = self.written(method, path, parameters);
        let (head, body) = written.split_once("\r\n\r\n").unwrap();
        let mut lines = head.split("\r\n");
        let mut line = lines.next().unwrap().split(' ');
        let mut request = Request::builder().method(line.next().unwrap()).uri(line.next().unwrap());
        for (name, value) in lines.map(|line| line.split_once(": ").unwrap()) {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let (parts, body) = self.world.face.answer(request).await.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let told: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((parts.status.as_u16(), &told["stat"]), (200, &json!("OK")), "{path}: {told}");
        told["response"].clone()
    }
}

/// A phone of somebody who has nothing else, by a key of its browser.
struct Handset {
    pair: EcdsaKey,
    phone: push::Phone,
}

impl Handset {
    async fn first(ctx: &Ctx, owner: UserId) -> Self {
        let code = factor::issue_enrollment_code(ctx, owner, 3600).await.unwrap();
        let pending = factor::begin_totp(ctx, &code).await.unwrap();
        let begun = push::begin_first(ctx, &pending.handle).await.unwrap();
        let pair = EcdsaKey::from_pkcs8(&EcdsaKey::generate(&SystemRandom::new()).unwrap()).unwrap();
        let (text, _) = push::question(ctx, &begun.code).await.unwrap();
        let signature = pair.sign(text.as_bytes()).unwrap().to_vec();
        let key = push::Key::BrowserKey { point: pair.public().to_vec(), signature };
        let bring = push::Bring::new("My phone", "Test phone", key);
        let activation = push::activate(ctx, &begun.code, bring).await.unwrap();
        let phone = push::authenticate(ctx, activation.secret.expose()).await.unwrap();
        Self { pair, phone }
    }

    /// Brings this number to the one request that there is.
    async fn yes(&self, ctx: &Ctx, number: &str) {
        let longest = std::time::Duration::from_secs(20);
        let request = push::requests(ctx, &self.phone, longest).await.unwrap().remove(0);
        assert_eq!(request.digits, number.len());
        let push::Request { id, what, place, device, at, .. } = &request;
        let text = format!("sallyport approve 2\n{id}\n{what}\n{place}\n{device}\n{at}\n{number}");
        let by = push::By::BrowserKey { signature: self.pair.sign(text.as_bytes()).unwrap().to_vec() };
        let said = push::Proved::Yes { number: number.into(), by };
        push::answer(ctx, &self.phone, *id, said).await.unwrap();
    }
}

/// What the client makes of a menu: it prints the text, and sends the word behind what was typed.
fn chosen<'t>(told: &'t Value, typed: &'t str) -> (&'t str, &'t str) {
    let prompt = &told["prompt"];
    let (_, behind) = prompt["text"].as_str().unwrap().split_once("(type ").unwrap();
    (behind.split_once(" there)").unwrap().0, prompt["factors"][typed].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verified_push_of_the_current_unix_client_is_brought_the_number_that_it_prints() {
    let world = World::full().await;
    let made = json!({ "name": "vm", "type": "duo-auth-api" });
    let made = world.owner().post("/applications", made).await.expect(201);
    let rob = json!({ "name": "rob", "active": true });
    let rob = world.owner().post("/users", rob).await.expect(201).json;
    let rob: UserId = text(&rob["id"]).parse().unwrap();
    world.advance(Span::seconds(AT - world.system().now.unix_seconds()));
    let system = world.system();
    let handset = Handset::first(&system, rob).await;
    let client = Client {
        world: &world,
        host: text(&made.json["host"]),
        ikey: text(&made.json["ikey"]),
        skey: Secret::from(text(&made.json["skey"])),
    };
    // With `verified_push = yes`, and a terminal.
    let question = "client_supports_verified_push=1&failmode=closed&hostname=vm&ipaddr=203.0.113.9\
                    &text_prompt=1&username=rob";
    let told = client.sends("POST", "/auth/v2/preauth", question).await;
    let ((number, word), txid) = (chosen(&told, "1"), told["txid"].as_str().unwrap());
    assert_eq!(told["verification_code"], number, "it never reads this one");
    let answer = |is_async: u8, word: &str, txid: &str| {
        format!(
            "async={is_async}&factor=prompt&hostname=vm&ipaddr=203.0.113.9&prompt={word}\
             &pushinfo=Server%2BIP%3D192.0.2.2%26Command%3D&txid={txid}&username=rob"
        )
    };
    let told = client.sends("POST", "/auth/v2/auth", &answer(1, word, txid)).await;
    let status = format!("txid={}", told["txid"].as_str().unwrap());
    let told = client.sends("GET", "/auth/v2/auth_status", &status).await;
    assert_eq!((&told["result"], &told["status"]), (&json!("waiting"), &json!("pushed")));
    assert!(told["status_msg"].as_str().unwrap().contains(number), "{told}");
    handset.yes(&system, number).await;
    let told = client.sends("GET", "/auth/v2/auth_status", &status).await;
    assert_eq!((&told["result"], &told["status"]), (&json!("allow"), &json!("allow")));

    // Under sshd's PAM it waits for the answer itself, and prints nothing more than the menu.
    world.advance(Span::seconds(1));
    let told = client.sends("POST", "/auth/v2/preauth", question).await;
    let ((number, word), txid) = (chosen(&told, "1"), told["txid"].as_str().unwrap());
    let asked = answer(0, word, txid);
    let (told, ()) =
        tokio::join!(client.sends("POST", "/auth/v2/auth", &asked), handset.yes(&system, number));
    assert_eq!((&told["result"], &told["status"]), (&json!("allow"), &json!("allow")));

    // Without a terminal it takes the default, and has shown nobody a number.
    world.advance(Span::seconds(1));
    let told = client.sends("POST", "/auth/v2/preauth", question).await;
    let ((_, word), txid) = (chosen(&told, "default"), told["txid"].as_str().unwrap());
    let told = client.sends("POST", "/auth/v2/auth", &answer(0, word, txid)).await;
    assert_eq!((&told["result"], &told["status"]), (&json!("deny"), &json!("deny")));
    assert!(told["status_msg"].as_str().unwrap().contains("number"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_of_the_current_unix_client_is_answered_as_it_reads_it() {
    let world = World::full().await;
    let owner = world.owner();
    let made = owner.post("/applications", json!({ "name": "vm", "type": "duo-auth-api" })).await.expect(201);
    let rob = owner.post("/users", json!({ "name": "rob", "active": true })).await.expect(201).json;
    let rob: UserId = text(&rob["id"]).parse().unwrap();
    world.advance(Span::seconds(AT - world.system().now.unix_seconds()));
    let codes = factor::issue_bypass_codes(&world.system(), rob, 1, 3600).await.unwrap();
    let code: String = codes[0].expose().chars().filter(char::is_ascii_digit).collect();
    let client = Client {
        world: &world,
        host: text(&made.json["host"]),
        ikey: text(&made.json["ikey"]),
        skey: Secret::from(text(&made.json["skey"])),
    };

    let told = client.sends("GET", "/auth/v2/ping", "").await;
    assert_eq!(told["time"], AT, "it sets its clock by this number");

    let asked = "failmode=closed&hostname=vm&ipaddr=203.0.113.9&text_prompt=1&username=rob";
    let told = client.sends("POST", "/auth/v2/preauth", asked).await;
    assert_eq!(told["result"], "auth");
    let prompt = &told["prompt"];
    assert!(told["status_msg"].is_string() && prompt["text"].as_str().unwrap().contains("rob"), "{told}");
    assert!(prompt["factors"].is_object() && told["devices"].is_array(), "{told}");

    let asked = format!(
        "async=1&factor=prompt&hostname=vm&ipaddr=203.0.113.9&prompt={code}\
         &pushinfo=Server%2BIP%3D192.0.2.2%26Command%3Dls%2520-l&username=rob"
    );
    let told = client.sends("POST", "/auth/v2/auth", &asked).await;
    let txid = told["txid"].as_str().unwrap();
    assert!(txid.len() < 256);

    let told = client.sends("GET", "/auth/v2/auth_status", &format!("txid={txid}")).await;
    assert_eq!((&told["result"], &told["status"]), (&json!("allow"), &json!("allow")));
    assert!(told["status_msg"].is_string(), "{told}");

    // Whoever looks after the application sees what this client does without us.
    let found = sallyport_app::application::resolve(&world.system(), "vm").await.unwrap();
    let clients = sallyport_app::duo::clients::of(&world.system(), found.id).await.unwrap();
    let [seen] = &clients[..] else { panic!("{clients:?}") };
    assert_eq!(
        (seen.name.as_str(), seen.host.as_str(), seen.fail_mode),
        (CLIENT, "vm", Some(FailMode::Closed))
    );
}
