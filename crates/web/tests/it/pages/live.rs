//! The stream of an administrator's open page.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, header},
};
use http_body_util::BodyExt as _;
use sallyport_api::rest::CreateUser;
use sallyport_app::{session, user};
use sallyport_web::call::Connection;

use super::{browser::Browser, house::House};

/// The stream as a browser opens it.
async fn listen(house: &House, browser: &Browser) -> axum::response::Response {
    let cookies: Vec<String> =
        browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut request =
        Request::get("/admin/live").header(header::COOKIE, cookies.join("; ")).body(Body::empty()).unwrap();
    request.extensions_mut().insert(Connection::new((browser.address, 40000).into(), None));
    house.face.answer(request).await
}

/// The next event that is not only a breath; none at the end.
async fn next(body: &mut Body) -> Option<String> {
    loop {
        let frame =
            tokio::time::timeout(Duration::from_secs(30), body.frame()).await.expect("something is said");
        let text = String::from_utf8(frame?.unwrap().into_data().unwrap().to_vec()).unwrap();
        if !text.starts_with(':') {
            return Some(text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_hears_what_moved_until_its_session_is_over() {
    let (house, ada) = House::with_owner().await;
    let browser = house.signed_in(&ada).await;
    let answer = listen(&house, &browser).await;
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
    let mut body = answer.into_body();
    let first = next(&mut body).await.unwrap();
    assert!(first.starts_with("id: ") && first.contains("\"moved\":{}"), "{first}");
    let bob = user::create(&house.system(), CreateUser { name: "bob".into(), ..CreateUser::default() })
        .await
        .unwrap();
    let news = next(&mut body).await.unwrap();
    assert!(news.contains(&format!("\"user\":[\"{}\"]", bob.id)), "{news}");
    let me = user::resolve(&house.system(), "ada").await.unwrap().id;
    session::end_all(&house.system(), me, None).await.unwrap();
    let mut last = String::new();
    while let Some(text) = next(&mut body).await {
        last = text;
    }
    assert!(last.starts_with("event: over"), "{last}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_holds_more_than_a_few_and_what_is_given_up_makes_room() {
    let (house, ada) = House::with_owner().await;
    let browser = house.signed_in(&ada).await;
    let mut open = Vec::new();
    for _ in 0..6 {
        let answer = listen(&house, &browser).await;
        assert_eq!(answer.status(), 200);
        open.push(answer.into_body());
    }
    assert_eq!(listen(&house, &browser).await.status(), 429);
    open.pop();
    // Whoever told it hears that nobody listens.
    let makes_room = async {
        while listen(&house, &browser).await.status() != 200 {
            tokio::task::yield_now().await;
        }
    };
    let made = tokio::time::timeout(Duration::from_secs(30), makes_room).await;
    made.expect("a stream that was closed keeps its place");
}
