//! Hardware tokens by the forms of the portal.

use super::house::{House, PASSWORD};

const SEED: &str = "3132333435363738393031323334353637383930";

#[tokio::test]
async fn a_token_goes_from_the_file_to_its_owners_page_by_forms() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let (mut browser, mut bobs) = (house.signed_in(&ada).await, house.signed_in(&bob).await);
    let file = format!("serial,kind,secret\nSN-1,hotp,{SEED}\nSN-2,hotp,\n");
    browser.get("/admin/hardware-tokens/import").await;
    let plan = browser.submit("/admin/hardware-tokens/import", &[("file", &file)]).await;
    assert!(
        plan.body.contains("1 would be created") && plan.body.contains("secret: is missing"),
        "{}",
        plan.body
    );
    assert!(!browser.get("/admin/hardware-tokens").await.body.contains("SN-1"));
    let done = browser.submit("/admin/hardware-tokens/import", &[("file", &file), ("step", "apply")]).await;
    assert!(done.body.contains("1 created"), "{}", done.body);
    assert!(!done.body.contains(SEED), "what is done shows no secret");

    let list = browser.get("/admin/hardware-tokens").await;
    let page = format!("/admin/hardware-tokens/hwt_{}", list.between("/admin/hardware-tokens/hwt_", "\""));
    let assigned = browser.submit(&format!("{page}/assign"), &[("user", bob.name)]).await;
    assert_eq!(assigned.location(), format!("{page}?done=token-assigned"));
    assert!(browser.get(&page).await.body.contains("Take it back"));
    assert!(bobs.get("/").await.body.contains("Hardware token SN-1"));
    // RFC 4226, appendix D: the fourth code and the two after it.
    let codes = [("code", "969429"), ("code", "338314"), ("code", "254676")];
    let resynced = browser.submit(&format!("{page}/resync"), &codes).await;
    assert_eq!(resynced.location(), format!("{page}?done=token-resynced"));
    let again = browser.submit(&format!("{page}/resync"), &codes).await;
    assert_eq!(again.status, 422);

    // Its owner does the same from their own page: what was spent stays spent, the next three move it on.
    let home = bobs.get("/").await;
    let own = format!(
        "/factors/{}/resync",
        home.between("action=\"/factors/", "/resync\"").rsplit('/').next().unwrap()
    );
    assert_eq!(bobs.submit(&own, &codes).await.status, 422);
    let next = [("code", "287922"), ("code", "162583"), ("code", "399871")];
    assert_eq!(bobs.submit(&own, &next).await.location(), "/?done=token-resynced");
    let export = browser.get("/admin/hardware-tokens.csv").await;
    assert!(export.body.contains(bob.name) && !export.body.contains(SEED), "{}", export.body);
}

/// The encrypted example of RFC 6030 and the key of its section 6.1: a button with the seed of RFC 4226 and eight digits.
#[tokio::test]
async fn an_encrypted_file_is_taken_in_by_forms_with_its_key() {
    const KEY: &str = "12345678901234567890123456789012";
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let mut browser = house.signed_in(&ada).await;
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let file = std::fs::read_to_string(format!("{root}/../../fuzz/seeds/pskc/good-encrypted")).unwrap();
    let page = "/admin/hardware-tokens/import";
    browser.get(page).await;
    let without = browser.submit(page, &[("file", &file)]).await;
    assert!(without.status == 422 && without.body.contains("encrypted"), "{}", without.body);
    let plan = browser.submit(page, &[("file", &file), ("key", KEY)]).await;
    assert!(plan.body.contains("1 would be created"), "{}", plan.body);
    let done = browser.submit(page, &[("file", &file), ("key", KEY), ("step", "apply")]).await;
    assert!(done.body.contains("1 created"), "{}", done.body);
    assert!(!done.body.contains(KEY), "what is done shows no secret");
    let list = browser.get("/admin/hardware-tokens").await;
    let token = format!("/admin/hardware-tokens/hwt_{}", list.between("/admin/hardware-tokens/hwt_", "\""));
    browser.submit(&format!("{token}/assign"), &[("user", bob.name)]).await;
    // RFC 4226, appendix D: three codes in a row are those of its seed.
    let codes = [("code", "84755224"), ("code", "94287082"), ("code", "37359152")];
    let resynced = browser.submit(&format!("{token}/resync"), &codes).await;
    assert_eq!(resynced.location(), format!("{token}?done=token-resynced"));
}

#[tokio::test]
async fn a_token_is_handed_out_on_its_owners_page_and_opens_their_door() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let mut browser = house.signed_in(&ada).await;
    let file = format!("serial,kind,secret\nSN-1,hotp,{SEED}\n");
    browser.get("/admin/hardware-tokens/import").await;
    browser.submit("/admin/hardware-tokens/import", &[("file", &file), ("step", "apply")]).await;
    let page = format!("/admin/users/{}", bob.id);
    browser.get(&page).await;
    let unknown = browser.submit(&format!("{page}/hardware-token"), &[("token", "SN-9")]).await;
    assert_eq!(unknown.status, 404, "{}", unknown.body);
    let assigned = browser.submit(&format!("{page}/hardware-token"), &[("token", "SN-1")]).await;
    assert_eq!(assigned.location(), format!("{page}?done=token-assigned"), "{}", assigned.body);
    assert!(browser.get(&page).await.body.contains(">Hardware token SN-1</a>"));
    // It is nobody else's any more.
    let twice =
        browser.submit(&format!("/admin/users/{}/hardware-token", ada.id), &[("token", "SN-1")]).await;
    assert_eq!(twice.status, 409, "{}", twice.body);
    // RFC 4226, appendix D: the first code, which is good once.
    for (status, again) in [(303, false), (422, true)] {
        let mut bobs = house.browser();
        bobs.get("/sign-in").await;
        bobs.submit("/sign-in", &[("name", bob.name), ("password", PASSWORD)]).await;
        let opened = bobs.submit("/sign-in/second", &[("passcode", "755224")]).await;
        assert_eq!(opened.status, status, "again: {again}: {}", opened.body);
    }
}
