//! Resets by the forms of the portals.

use sallyport_model::{Role, Span};

use super::{
    browser::{Answer, Browser},
    house::{House, Person},
};

/// Asks for a reset by the form of the user's page; the page of the reset.
async fn ask(browser: &mut Browser, whom: &Person, what: &str) -> String {
    let page = format!("/admin/users/{}", whom.id);
    assert!(browser.get(&page).await.body.contains("Ask for it"));
    let asked = browser.submit(&format!("{page}/resets"), &[("what", what), ("reason", "lost it")]).await;
    let at = asked.location();
    at.strip_suffix("?done=reset-asked").unwrap_or_else(|| panic!("{at}: {}", asked.body)).to_owned()
}

async fn codes(browser: &mut Browser, whom: &Person) -> Answer {
    let page = format!("/admin/users/{}", whom.id);
    browser.get(&page).await;
    browser.submit(&format!("{page}/bypass-codes"), &[("count", "1"), ("hours", "8")]).await
}

#[tokio::test]
async fn help_desk_asks_a_second_person_approves_and_the_code_is_shown_to_whoever_asked() {
    let (house, _) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let (hana, hugo) =
        (house.person("hana", &[Role::HelpDesk]).await, house.person("hugo", &[Role::HelpDesk]).await);
    let (mut hers, mut his) = (house.signed_in(&hana).await, house.signed_in(&hugo).await);
    let empty = hers.get("/admin/resets").await;
    assert!(empty.body.contains("Nobody has asked for one"), "{}", empty.body);
    let refused = codes(&mut hers, &bob).await;
    assert!(refused.status == 409 && refused.body.contains("ask for this reset first"), "{}", refused.body);

    let at = ask(&mut hers, &bob, "bypass_codes").await;
    assert!(hers.get(&at).await.body.contains("Somebody else who may do this has to approve it"));
    let own = hers.submit(&format!("{at}/approve"), &[]).await;
    assert!(own.status == 409 && own.body.contains("somebody else"), "{}", own.body);
    assert!(his.get("/admin").await.body.contains("1 reset waits"));
    let list = his.get("/admin/resets").await;
    assert!(list.body.contains("bob") && list.body.contains("lost it") && list.body.contains("waiting"));
    assert!(his.get(&at).await.body.contains("needs a second person"));
    let approved = his.submit(&format!("{at}/approve"), &[]).await;
    assert_eq!(approved.location(), format!("{at}?done=reset-approved"));
    assert_eq!(codes(&mut his, &bob).await.status, 409, "whoever approved sees no code");
    assert!(hers.get(&at).await.body.contains("Do it on"));
    let shown = codes(&mut hers, &bob).await;
    assert!(shown.status == 200 && shown.body.contains("Bypass code"), "{}", shown.body);
    assert_eq!(codes(&mut hers, &bob).await.status, 409, "once");
    let done = his.get(&at).await;
    assert!(done.body.contains("done") && done.body.contains("hugo") && done.body.contains("hana"));
}

#[tokio::test]
async fn whoever_it_concerns_sees_it_in_their_portal_in_their_language_and_stops_it() {
    let (house, ada) = House::with_owner().await;
    let (rita, bob) = (house.person("rita", &[Role::Administrator]).await, house.person("bob", &[]).await);
    let mut owner = house.signed_in(&ada).await;
    let at = ask(&mut owner, &rita, "bypass_codes").await;
    assert!(owner.get(&at).await.body.contains("has a role, so it waits"));
    assert_eq!(codes(&mut owner, &rita).await.status, 409);
    let stop = format!("{}/stop", at.strip_prefix("/admin").unwrap());
    let mut strangers = house.signed_in(&bob).await;
    strangers.get("/").await;
    assert_eq!(strangers.submit(&stop, &[]).await.status, 403);
    let mut hers = house.signed_in(&rita).await;
    let home = hers.get("/").await;
    for words in ["Somebody asked to reset how you sign in", "by ada", "Nothing happens before", "Stop it"] {
        assert!(home.body.contains(words), "{words}: {}", home.body);
    }
    assert_eq!(hers.submit(&stop, &[]).await.location(), "/?done=reset-stopped");
    assert!(!hers.get("/").await.body.contains("Stop it"));
    house.advance(Span::days(1));
    let mut owner = house.signed_in(&ada).await;
    assert_eq!(codes(&mut owner, &rita).await.status, 409, "stopped for good");
}

#[tokio::test]
async fn nothing_is_asked_for_where_nothing_stands_in_the_way() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let mut owner = house.signed_in(&ada).await;
    let page = owner.get(&format!("/admin/users/{}", bob.id)).await;
    assert!(!page.body.contains("Ask for it"));
    assert_eq!(codes(&mut owner, &bob).await.status, 200);
}
