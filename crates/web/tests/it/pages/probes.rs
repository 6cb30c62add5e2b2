//! Nobody learns from outside who, what number, what address or what device is known here: everything that is asked without
//! a session is asked about somebody we know and about somebody we do not, and answers both alike.

use axum::{
    body::Body,
    http::{Method, Request},
};
use sallyport_web::rest::{Needs, PREFIX, table};

use super::{
    browser::{Answer, Browser, without_questions},
    house::URL,
    matrix::{fields, matrix},
};
use crate::{
    authz::request,
    world::{PASSWORD, World},
};

/// Under which names a request might say whom it means.
const NAMES: [&str; 5] = ["name", "user", "username", "duo_uname", "login_hint"];
const MAILS: [&str; 4] = ["mail", "email", "mails", "address"];
const NUMBERS: [&str; 4] = ["number", "phone_number", "to", "From"];

/// Whom is asked about. Words of the same kind are of the same length.
struct Whom {
    name: &'static str,
    mail: &'static str,
    number: &'static str,
    device: &'static str,
    phone: String,
}

impl Whom {
    fn both(world: &World) -> [Self; 2] {
        let phone = world.ids["phone"].clone();
        let (head, _) = phone.split_at(phone.len() - 4);
        let unknown = format!("{head}0000");
        let known = Self {
            name: "alice",
            mail: "alice@example.com",
            number: "+15005550010",
            device: "d1",
            phone: phone.clone(),
        };
        assert_ne!(unknown, phone);
        let unknown = Self {
            name: "zelda",
            mail: "zelda@example.com",
            number: "+15005550099",
            device: "d9",
            phone: unknown,
        };
        [known, unknown]
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        let of = |names: &[&'static str], value: &str| {
            names.iter().map(|name| (*name, value.to_owned())).collect::<Vec<_>>()
        };
        let named = [of(&NAMES, self.name), of(&MAILS, self.mail), of(&NUMBERS, self.number)].concat();
        [named, of(&["device"], self.device), of(&["phone"], &self.phone)].concat()
    }

    /// The same of whoever a text is about.
    fn instead(&self, text: &str, world: &World) -> String {
        let text = text.replace("alice", self.name).replace(&world.ids["phone"], &self.phone);
        text.replace("+15005550010", self.number)
    }

    fn query(&self) -> String {
        let fields = self.fields();
        let pairs = fields.iter().map(|(name, value)| format!("{name}={}", value.replace('+', "%2B")));
        pairs.collect::<Vec<_>>().join("&")
    }
}

/// All that can be told from an answer but for what is new each time and what was asked.
fn told(answer: &Answer, browser: &Browser, whom: &Whom) -> (u16, Vec<String>, usize, String) {
    let same = |text: &str| {
        let text = without_questions(text);
        let text = text.replace(&browser.form_token, "").replace(whom.name, "").replace(whom.mail, "");
        text.replace(whom.number, "").replace(&whom.phone, "")
    };
    let kept = |name: &str| !["set-cookie", "x-request-id", "date"].contains(&name);
    let headers = answer.headers.iter().map(|(name, value)| match kept(name.as_str()) {
        true => format!("{name}: {}", same(value.to_str().expect("text"))),
        false => name.to_string(),
    });
    (answer.status, headers.collect(), answer.body.len(), same(&answer.body))
}

/// What is asked at one place.
enum Asked {
    Form(String, Vec<(&'static str, String)>),
    Json(Method, String, String),
    Query(String),
}

impl Asked {
    fn place(&self) -> &str {
        match self {
            Self::Form(path, _) | Self::Json(_, path, _) | Self::Query(path) => path,
        }
    }

    /// From a network of this number, so that no place is held back for what was asked at another.
    async fn of(&self, world: &World, whom: &Whom, network: u8) -> (u16, Vec<String>, usize, String) {
        let mut browser = Browser::new(world.face.clone());
        browser.address = [203, 0, network, 1];
        browser.get("/sign-in").await;
        let answer = match self {
            Self::Form(path, given) => {
                let named = whom.fields();
                let of_route = given.iter().filter(|(name, _)| named.iter().all(|(other, _)| other != name));
                let all: Vec<(&str, &str)> =
                    of_route.chain(&named).map(|(name, value)| (*name, value.as_str())).collect();
                browser.submit(path, &all).await
            }
            Self::Json(method, path, body) => {
                let body = whom.instead(body, world);
                let request = Request::builder().method(method.clone()).uri(path).header("origin", URL);
                let request = request.header("content-type", "application/json");
                browser.send(request.body(Body::from(body)).expect("a request")).await
            }
            Self::Query(path) => browser.get(&format!("{path}?{}", whom.query())).await,
        };
        assert!(answer.status < 500, "{}: {}", self.place(), answer.body);
        told(&answer, &browser, whom)
    }
}

/// Everything that nobody has to sign in for, with secrets that are none.
fn asked(world: &World) -> Vec<Asked> {
    let mut all = Vec::new();
    for line in matrix().iter().filter(|line| line.cells[0] != "in") {
        let path = line.path.to_owned();
        all.push(match line.method {
            "GET" => Asked::Query(path),
            _ => {
                let mut given = fields(world, line.path);
                given.retain(|(name, _)| *name != "password");
                given.extend([("password", "not this one".into()), ("code", "0000-0000".into())]);
                Asked::Form(path, given)
            }
        });
    }
    for route in table().into_iter().filter(|route| route.needs == Needs::Nothing) {
        let (path, body) = request(world, route.method.as_str(), route.path);
        let body = body.unwrap_or_default().replace(PASSWORD, "not this one");
        let body = body.replace(&world.ids["handle"], "sph_guessed").replace(&world.ids["code"], "000000");
        all.push(Asked::Json(route.method, format!("{PREFIX}{path}"), body));
    }
    // What stands beside both tables.
    let json = r#"{"token":"spe_guessed","code":"0000-0000","name":"alice","hostname":"alice","number":"+15005550010"}"#;
    for path in ["/phone/question", "/phone/activate", "/phone/answer", "/agent/v1/enroll"] {
        all.push(Asked::Json(Method::POST, path.into(), json.into()));
    }
    for path in ["/telephony/calls/0123", "/oauth/v1/token", "/oauth/v1/health_check", "/oauth/v1/authorize"]
    {
        all.push(Asked::Form(path.into(), Vec::new()));
    }
    for path in ["/auth/v2/preauth", "/auth/v2/enroll", "/rest/v1/preauth", "/admin/v1/users"] {
        all.push(Asked::Form(path.into(), Vec::new()));
        all.push(Asked::Query(path.into()));
    }
    all.extend(["/oauth/v1/authorize", "/phone/about", "/phone"].map(|path| Asked::Query(path.into())));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_outside_learns_who_is_known_here() {
    let world = World::full().await;
    let [known, unknown] = Whom::both(&world);
    let all = asked(&world);
    assert!(all.len() > 50, "only {} places were asked", all.len());
    for (network, asked) in (0..).zip(&all) {
        let both = [asked.of(&world, &known, network).await, asked.of(&world, &unknown, network).await];
        assert_eq!(both[0], both[1], "{}", asked.place());
    }
    assert!(all.iter().any(|asked| asked.place() == "/api/v1/sign-in"), "the door of programs was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_many_names_is_held_back_whoever_has_them() {
    let world = World::full().await;
    let ask = async |name: &str, from: [u8; 4]| {
        let mut browser = Browser::new(world.face.clone());
        browser.address = from;
        browser.get("/sign-in").await;
        browser.submit("/sign-in", &[("name", name), ("password", "not this one")]).await.status
    };
    let (mut of_known, mut of_unknown) = (Vec::new(), Vec::new());
    for _ in 0..8 {
        of_known.push(ask("alice", [203, 0, 113, 9]).await);
        of_unknown.push(ask("zelda", [198, 51, 100, 9]).await);
    }
    assert_eq!((of_known.first(), of_known.last()), (Some(&403), Some(&429)), "{of_known:?}");
    assert_eq!(of_known, of_unknown);
    let mut held = None;
    for n in 0..60 {
        if ask(&format!("name-{n}"), [192, 0, 2, 77]).await == 429 {
            held = Some(n);
            break;
        }
    }
    assert!(held.is_some_and(|n| n <= 51), "names are tried one after the other: {held:?}");
    assert_eq!(ask("alice", [192, 0, 2, 77]).await, 429, "and one that somebody has is no exception");
}
