//! The page of a phone as browsers install it.

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Request},
};
use serde_json::{Value, json};

use crate::world::{World, text};

/// What a browser without any cookie is given there.
async fn fetch(world: &World, path: &str) -> (HeaderMap, Bytes) {
    let answer = world.face.answer(Request::get(path).body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status(), 200, "{path}");
    let (parts, body) = answer.into_parts();
    (parts.headers, axum::body::to_bytes(body, usize::MAX).await.expect("a body"))
}

/// Width and height of a PNG, which begins with them and has its end (PNG specification, 5.2 and 11.2).
fn size_of(png: &[u8]) -> (u32, u32) {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"), "no PNG");
    assert!(png.ends_with(b"\0\0\0\0IEND\xae\x42\x60\x82"), "not a whole PNG");
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    (number(16), number(20))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_installed_by_a_manifest_that_names_the_house_and_icons_that_are_there() {
    let world = World::bare().await;
    let house = "Ex\"ample\\ & <Söhne>";
    let mut settings = world.owner().get("/settings").await.expect(200).json;
    settings["organization"] = json!(house);
    world.owner().put("/settings", settings).await.expect(200);

    let (_, page) = fetch(&world, "/phone").await;
    let page = String::from_utf8(page.to_vec()).expect("UTF-8");
    let (_, manifest) = page.split_once("rel=\"manifest\" href=\"").expect("a manifest");
    let (manifest, _) = manifest.split_once('"').expect("its end");
    let (headers, manifest) = fetch(&world, manifest).await;
    assert_eq!(headers["content-type"], "application/manifest+json");
    let manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
    assert_eq!((&manifest["name"], &manifest["short_name"]), (&json!(house), &json!(house)));
    assert_eq!(manifest["display"], "standalone");

    // It begins inside of what it reaches, which is what its worker may serve.
    let (start, scope) = (text(&manifest["start_url"]), text(&manifest["scope"]));
    assert!(start.starts_with(&scope), "{manifest}");
    fetch(&world, &start).await;
    let (worker, _) = fetch(&world, "/phone/worker.js").await;
    assert_eq!(worker["service-worker-allowed"], scope.as_str());

    let mut sizes = Vec::new();
    for icon in manifest["icons"].as_array().expect("icons") {
        let (headers, png) = fetch(&world, &text(&icon["src"])).await;
        assert_eq!(
            (&icon["type"], &headers["content-type"]),
            (&json!("image/png"), &"image/png".parse().expect("a value"))
        );
        let (width, height) = size_of(&png);
        assert_eq!(icon["sizes"], format!("{width}x{height}"), "{icon}");
        sizes.push(width);
    }
    assert_eq!(sizes, [192, 512], "what Chromium asks for before it installs anything");
    let (_, icon) =
        page.split_once("rel=\"apple-touch-icon\" href=\"").expect("an icon of its own for iPhones");
    let (_, png) = fetch(&world, icon.split_once('"').expect("its end").0).await;
    assert_eq!(size_of(&png), (192, 192));
}
