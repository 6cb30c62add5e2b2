//! Duo's page: what is filled in, and the button that asks Duo whether it knows us.

use super::house::House;

#[tokio::test]
async fn the_button_that_asks_duo_says_why_it_cannot_be_asked() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let page = browser.get("/admin/duo").await;
    assert!(!page.body.contains("action=\"/admin/duo/check\""), "there is nobody to ask yet");
    // An internal address, of which this server calls none that it was not given leave to.
    let host = "localhost:1";
    let fields = [
        ("client_id", "DIXXXXXXXXXXXXXXXXXX"),
        ("secret", "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"),
        ("host", host),
        ("name", "username"),
        ("when_down", "closed"),
    ];
    assert_eq!(browser.submit("/admin/duo", &fields).await.location(), "/admin/duo?done=saved");
    let page = browser.get("/admin/duo").await;
    assert!(page.body.contains("action=\"/admin/duo/check\"") && page.body.contains(host), "{}", page.body);
    let asked = browser.submit("/admin/duo/check", &[]).await;
    assert_eq!(asked.status, 422);
    let told = asked.between("role=\"alert\">", "</div>");
    assert!(told.contains("Duo cannot be asked.") && told.contains("--outbound-internal"), "{told}");
    assert!(asked.body.contains("action=\"/admin/duo/check\"") && asked.body.contains(host), "to try again");
}
