//! Services that are busy, broken, or lie.

use std::sync::{Arc, Mutex};

use axum::{
    http::{Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use sallyport_app::connector;
use sallyport_wire::duo::{
    Params,
    admin::{Places, UserFields},
};
use serde_json::{Value, json};

use crate::world::World;

type Answer = Arc<dyn Fn(&Method, &str, usize) -> Response + Send + Sync>;

/// A house, and a service that answers as it is told.
struct Faulty {
    ours: World,
    heard: Arc<Mutex<Vec<String>>>,
    /// What was posted where, in order.
    posted: Arc<Mutex<Vec<(String, String)>>>,
    answer: Arc<Mutex<Answer>>,
}

fn ok(response: &Value) -> Response {
    axum::Json(json!({ "stat": "OK", "response": response })).into_response()
}

fn nobody() -> Response {
    axum::Json(json!({ "stat": "OK", "response": [], "metadata": { "total_objects": 0 } })).into_response()
}

fn user(name: &str) -> Value {
    json!({ "user_id": format!("DU{name}"), "username": name, "status": "active", "created": 1_767_225_600 })
}

/// An account in which nobody is, and which takes whom it is given.
fn good(method: &Method, _: &str, _: usize) -> Response {
    if method == Method::GET { nobody() } else { ok(&user("ADA")) }
}

impl Faulty {
    async fn open() -> Self {
        let ours = World::bare().await;
        let heard = Arc::new(Mutex::new(Vec::<String>::new()));
        let answer: Arc<Mutex<Answer>> = Arc::new(Mutex::new(Arc::new(good)));
        let posted = Arc::new(Mutex::new(Vec::<(String, String)>::new()));
        let (hearing, answering, posting) = (Arc::clone(&heard), Arc::clone(&answer), Arc::clone(&posted));
        let router = axum::Router::new().fallback(move |method: Method, uri: Uri, body: String| {
            let said = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
            let n = {
                let mut heard = hearing.lock().unwrap();
                heard.push(format!("{method} {said}"));
                heard.len()
            };
            if method == Method::POST {
                posting.lock().unwrap().push((said.clone(), body));
            }
            let answer = Arc::clone(&answering.lock().unwrap());
            async move { answer(&method, &said, n) }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let duo = json!({
            "name": "duo", "type": "duo-export", "host": host, "ikey": "DIWJ8X6AEYOR5OMC6TQ1",
            "skey": "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep",
        });
        ours.owner().post("/connectors", duo).await.expect(201);
        ours.owner().patch("/connectors/duo", json!({ "enabled": true })).await.expect(200);
        ours.owner().post("/users", json!({ "name": "ada", "active": true })).await.expect(201);
        Self { ours, heard, posted, answer }
    }

    fn answers(&self, answer: impl Fn(&Method, &str, usize) -> Response + Send + Sync + 'static) {
        *self.answer.lock().unwrap() = Arc::new(answer);
        self.heard.lock().unwrap().clear();
    }

    async fn catch_up(&self) -> Result<(), String> {
        connector::catch_up(&self.ours.org).await.map_err(|error| error.to_string())
    }

    fn heard(&self, beginning: &str) -> usize {
        self.heard.lock().unwrap().iter().filter(|said| said.starts_with(beginning)).count()
    }

    async fn connector(&self) -> Value {
        self.ours.owner().get("/connectors/duo").await.expect(200).json
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_service_is_asked_again_when_it_says_and_not_for_ever() {
    let faulty = Faulty::open().await;
    let busy = || (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "0")], "").into_response();
    faulty.answers(move |method, said, n| if n <= 2 { busy() } else { good(method, said, n) });
    faulty.catch_up().await.unwrap();
    assert_eq!(faulty.connector().await["managed"], 1);

    faulty.ours.owner().act("/connectors/duo/run").await.expect(204);
    faulty.answers(move |_, _, _| busy());
    assert!(faulty.catch_up().await.unwrap_err().contains("busy"));
    assert_eq!(faulty.heard("GET"), 7);
    // A wait that is longer than anybody has patience is none.
    faulty.ours.owner().act("/connectors/duo/run").await.expect(204);
    faulty.answers(|_, _, _| {
        (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "999999")], "").into_response()
    });
    assert!(faulty.catch_up().await.is_err());
    assert_eq!(faulty.heard("GET"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_not_to_be_understood_or_believed_changes_nothing() {
    let faulty = Faulty::open().await;
    let page = |users: Value, metadata: Value| {
        axum::Json(json!({ "stat": "OK", "response": users, "metadata": metadata })).into_response()
    };
    type Lie = Box<dyn Fn(usize) -> Response + Send + Sync>;
    let lies: Vec<(&str, Lie)> = vec![
        ("failed with status 500", Box::new(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())),
        ("failed with status 502", Box::new(|_| (StatusCode::BAD_GATEWAY, "<html>").into_response())),
        (
            "cannot be understood",
            Box::new(|_| r#"{"stat":"OK","response":[{"user_id":"DU1""#.into_response()),
        ),
        ("cannot be understood", Box::new(|_| ok(&json!({ "user_id": "DU1" })))),
        (
            "cannot be understood",
            Box::new(|_| ok(&json!([{ "user_id": 7, "username": "x", "status": "active" }]))),
        ),
        (
            "cannot be understood",
            Box::new(|_| ok(&json!([{ "user_id": "../x", "username": "x", "status": "active" }]))),
        ),
        ("cannot be understood", Box::new(|_| (StatusCode::NOT_FOUND, "a captive portal").into_response())),
        (
            "does not go on",
            Box::new(move |n| page(json!([user(&format!("A{n}"))]), json!({ "next_offset": 1 }))),
        ),
        ("names somebody twice", Box::new(move |n| page(json!([user("A")]), json!({ "next_offset": n })))),
        ("middle is empty", Box::new(move |_| page(json!([]), json!({ "next_offset": 100 })))),
        (
            "not as long as it says",
            Box::new(move |_| page(json!([user("A")]), json!({ "total_objects": 3 }))),
        ),
        (
            "does not accept integration key",
            Box::new(|_| {
                let fail = json!({ "stat": "FAIL", "code": 40103, "message": "Invalid signature" });
                (StatusCode::UNAUTHORIZED, axum::Json(fail)).into_response()
            }),
        ),
        (
            "time of this server's clock",
            Box::new(|_| {
                let fail = json!({ "stat": "FAIL", "code": 40105, "message": "Bad request timestamp" });
                (StatusCode::UNAUTHORIZED, axum::Json(fail)).into_response()
            }),
        ),
        (
            "lacks a permission",
            Box::new(|_| {
                let fail = json!({ "stat": "FAIL", "code": 40301, "message": "Access forbidden" });
                (StatusCode::FORBIDDEN, axum::Json(fail)).into_response()
            }),
        ),
        ("longer than", Box::new(|_| " ".repeat(2 << 20).into_response())),
        (
            "failed with status 302",
            Box::new(|_| (StatusCode::FOUND, [(header::LOCATION, "http://127.0.0.1:1/")]).into_response()),
        ),
    ];
    for (said, lie) in lies {
        faulty.ours.owner().act("/connectors/duo/run").await.expect(204);
        faulty.answers(move |_, _, n| lie(n));
        let error = faulty.catch_up().await.expect_err(said);
        assert!(error.contains(said), "{said}: {error}");
        assert_eq!((faulty.heard("POST"), faulty.heard("DELETE")), (0, 0), "{said}");
        assert!(faulty.heard("GET") < 5, "{said}");
        assert!(faulty.connector().await["problem"].as_str().unwrap().contains(said));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_left_out_of_a_list_is_not_taken_for_gone() {
    let faulty = Faulty::open().await;
    faulty.catch_up().await.unwrap();
    // The list is empty, but the user is there when asked for.
    faulty.answers(|method, said, n| {
        if said.starts_with("/admin/v1/users/DUADA") { ok(&user("ADA")) } else { good(method, said, n) }
    });
    faulty.ours.owner().act("/connectors/duo/run").await.expect(204);
    assert!(faulty.catch_up().await.unwrap_err().contains("leaves out somebody"));
    assert_eq!((faulty.heard("POST"), faulty.connector().await["managed"].clone()), (0, json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_whose_answer_was_lost_is_found_and_not_made_twice() {
    let faulty = Faulty::open().await;
    faulty.answers(
        |method, _, _| {
            if method == Method::GET { nobody() } else { r#"{"stat":"OK","respo"#.into_response() }
        },
    );
    assert!(faulty.catch_up().await.is_err());
    assert_eq!(faulty.heard("POST"), 1);
    let run = faulty.ours.owner().get("/connectors/duo/runs").await.expect(200).json;
    assert_eq!(run["items"][0]["state"], "failed", "{run}");
    // It had been made after all.
    let created = faulty.ours.system().now.unix_seconds() + 1;
    faulty.answers(move |method, said, n| {
        let list = json!([{ "user_id": "DUADA", "username": "ada", "status": "active", "created": created }]);
        if method == Method::GET && said.starts_with("/admin/v1/users") {
            ok(&list)
        } else {
            good(method, said, n)
        }
    });
    faulty.ours.owner().act("/connectors/duo/run").await.expect(204);
    faulty.catch_up().await.unwrap();
    let made = faulty.heard.lock().unwrap().iter().filter(|said| *said == "POST /admin/v1/users").count();
    assert_eq!(made, 0);
    assert_eq!(faulty.connector().await["managed"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_persons_refusal_keeps_nobody_else_waiting() {
    let faulty = Faulty::open().await;
    faulty.ours.owner().post("/users", json!({ "name": "bob", "active": true })).await.expect(201);
    faulty.answers(|method, said, n| {
        if method == Method::POST && n % 2 == 1 {
            let fail = json!({
                "stat": "FAIL", "code": 40002, "message": "Invalid request parameters", "message_detail": "username",
            });
            return (StatusCode::BAD_REQUEST, axum::Json(fail)).into_response();
        }
        good(method, said, n)
    });
    faulty.catch_up().await.unwrap();
    assert_eq!(faulty.heard("POST"), 2);
    let runs = faulty.ours.owner().get("/connectors/duo/runs").await.expect(200).json;
    let counts = &runs["items"][0]["counts"];
    assert_eq!((&counts["done"], &counts["failed"]), (&json!(1), &json!(1)), "{runs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_read_there_is_told_so_after_a_few() {
    let faulty = Faulty::open().await;
    for n in 0..5 {
        faulty
            .ours
            .owner()
            .post("/users", json!({ "name": format!("p{n}"), "active": true }))
            .await
            .expect(201);
    }
    faulty.answers(|method, said, n| {
        if method == Method::GET {
            return good(method, said, n);
        }
        let fail = json!({ "stat": "FAIL", "code": 40301, "message": "Access forbidden" });
        (StatusCode::FORBIDDEN, axum::Json(fail)).into_response()
    });
    assert!(faulty.catch_up().await.unwrap_err().contains("lacks a permission"));
    assert_eq!(faulty.heard("POST"), 3);
}

/// The real Duo takes a new username; our own Admin API, which the other tests ask, does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_takes_the_new_username_keeps_the_former_one_as_an_alias() {
    let faulty = Faulty::open().await;
    faulty.catch_up().await.unwrap();
    assert_eq!(faulty.connector().await["managed"], 1);
    // The user as the service keeps it, changed by whatever it is told.
    let kept = Arc::new(Mutex::new(user("ADA")));
    kept.lock().unwrap()["username"] = json!("ada");
    let (keeping, posted) = (Arc::clone(&kept), Arc::clone(&faulty.posted));
    posted.lock().unwrap().clear();
    let read = |body: &str| UserFields::read(&Params::from_json(body.as_bytes()).unwrap()).unwrap();
    faulty.answers(move |method, said, n| {
        let mut user = keeping.lock().unwrap();
        if method == Method::POST && said == "/admin/v1/users/DUADA" {
            let told = read(&posted.lock().unwrap().last().unwrap().1);
            if let Some(name) = told.username {
                user["username"] = json!(name);
            }
            if let Places::All(places) = told.aliases {
                let places = places.into_iter().map(|(place, alias)| (format!("alias{place}"), json!(alias)));
                user["aliases"] = Value::Object(places.collect());
            }
        }
        match said {
            "/admin/v1/users/DUADA" => ok(&user),
            list if method == Method::GET && list.starts_with("/admin/v1/users?") => ok(&json!([*user])),
            _ => good(method, said, n),
        }
    });
    let renamed = async |to: &str| {
        let mails = json!({ "mails": [to] });
        faulty.ours.owner().patch("/users/ada", mails).await.expect(200);
        faulty.catch_up().await.unwrap();
    };
    faulty.ours.owner().patch("/users/ada", json!({ "mails": ["ada@one.example"] })).await.expect(200);
    faulty.ours.owner().patch("/connectors/duo", json!({ "username": "mail" })).await.expect(200);
    faulty.catch_up().await.unwrap();
    let rename =
        faulty.posted.lock().unwrap().iter().map(|(_, body)| read(body)).find(|told| told.username.is_some());
    let rename = rename.expect("a new username");
    assert_eq!(rename.username.as_deref(), Some("ada@one.example"));
    assert_eq!(rename.aliases, Places::All([(1, "ada".to_owned())].into()));
    assert_eq!(kept.lock().unwrap()["username"], "ada@one.example");

    // Renamed again, both former names are kept, and it is all told once.
    renamed("ada@two.example").await;
    let told = kept.lock().unwrap().clone();
    assert_eq!(told["username"], "ada@two.example");
    let aliases: Vec<&str> =
        told["aliases"].as_object().unwrap().values().map(|alias| alias.as_str().unwrap()).collect();
    assert_eq!(aliases, ["ada", "ada@one.example"]);
    faulty.posted.lock().unwrap().clear();
    faulty.ours.owner().act("/connectors/duo/run").await.expect(204);
    faulty.catch_up().await.unwrap();
    assert_eq!(*faulty.posted.lock().unwrap(), []);
    let runs = faulty.ours.owner().get("/connectors/duo/runs").await.expect(200).json;
    let kinds: Vec<(&Value, &Value)> = runs["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| (&run["state"], &run["counts"]["failed"]))
        .collect();
    assert!(kinds.iter().all(|run| *run == (&json!("done"), &json!(0))), "{runs}");
    assert_eq!(faulty.connector().await["conflicts"], json!([]));
}
