//! Whoever has begun the second door, and not passed it: no page of their own opens, and none of what manages factors.

use serde_json::json;

use super::{
    browser::Browser,
    matrix::{ask, half_way, is_sent_to_sign_in, matrix},
};
use crate::world::World;

async fn feed(world: &World) -> i64 {
    world.system().read(sallyport_app::ctx::feed_head).await.expect("the feed")
}

/// What of all that a stranger is sent away from opens to this browser.
async fn opened(world: &World, browser: &mut Browser) -> Vec<String> {
    let mut opened = Vec::new();
    // What belongs to the way in is for whoever is on it, and out of the house the way leads to the door.
    let doors = |path: &str| path.starts_with("/sign-in") || path == "/sign-out";
    let lines = matrix().into_iter().filter(|line| line.cells[0] == "in" && !doors(line.path));
    let mut tried = 0;
    for line in lines {
        let answer = ask(world, browser, &line).await;
        if !is_sent_to_sign_in(&answer) {
            opened.push(format!("{} {}: {} {}", line.method, line.path, answer.status, answer.location()));
        }
        tried += 1;
    }
    assert!(tried > 150, "only {tried} routes were tried");
    opened
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_of_ones_own_opens_between_the_doors() {
    let world = World::full().await;
    let (mut browser, passcode) = half_way(&world, "owner").await;
    let before = feed(&world).await;
    assert_eq!(opened(&world, &mut browser).await, [""; 0], "after the first door");
    let wrong = browser.submit("/sign-in/second", &[("passcode", "000000")]).await;
    assert_eq!(wrong.status, 422, "the second door is being tried: {}", wrong.body);
    assert_eq!(opened(&world, &mut browser).await, [""; 0], "after a wrong code");
    assert_eq!(feed(&world).await, before, "something was changed");
    // It was no dead browser.
    let inside = browser.submit("/sign-in/second", &[("passcode", &passcode)]).await;
    assert_eq!(inside.status, 303, "{}", inside.body);
    assert_eq!(browser.get("/factors/passkey").await.status, 200);
}

/// Where policy asks for no second door somebody is signed in by one, and still sees and manages nothing of how they come in.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_ones_own_doors_is_seen_or_managed_behind_one_door() {
    let world = World::full().await;
    let mut settings = world.owner().get("/settings").await.expect(200).json;
    settings["second_door"] = json!({ "when": "never" });
    world.owner().put("/settings", settings).await.expect(200);
    let (mut browser, passcode) = half_way(&world, "person").await;
    let page = browser.get("/").await;
    assert_eq!(page.status, 200, "signed in by one door");
    let shown = |page: &str| {
        ["id=\"signins\"", "/factors/", "no second door was asked for"].map(|part| page.contains(part))
    };
    assert_eq!(shown(&page.body), [false; 3], "{}", page.body);
    assert!(
        page.body
            .contains("To see and change your factors, sessions and sign-ins, <a href=\"/step-up?next=/\">")
    );
    let before = feed(&world).await;
    let of_both_doors = ["/factors/", "/sign-ins", "/sessions/{id}/", "/remembered/"];
    let is_of_both_doors = |path: &str| of_both_doors.iter().any(|part| path.starts_with(part));
    let lines = matrix().into_iter().filter(|line| is_of_both_doors(line.path));
    let mut tried = 0;
    for line in lines {
        let answer = ask(&world, &mut browser, &line).await;
        assert_eq!(answer.status, 303, "{} {}", line.method, line.path);
        assert!(answer.location().starts_with("/step-up"), "{} {}", line.method, line.path);
        tried += 1;
    }
    assert!(tried > 14, "only {tried} routes are of both doors");
    assert_eq!(feed(&world).await, before, "something was changed");
    browser.get("/step-up").await;
    assert_eq!(browser.submit("/step-up", &[("passcode", &passcode)]).await.location(), "/");
    let page = browser.get("/").await.body;
    assert_eq!(shown(&page), [true; 3], "{page}");
    assert!(page.contains("the second door was passed once more"), "{page}");
}
