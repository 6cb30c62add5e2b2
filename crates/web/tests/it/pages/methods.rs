//! The Multi-factor page: what is shown is what is sent, and what is saved is what was sent.

use sallyport_api::rest::CreateGroup;
use sallyport_app::{group, settings};
use sallyport_model::{GroupKind, Method, Settings, Time, policy::MethodRow, settings::EnrollmentWindow};

use super::{
    factor::phone_of,
    form::{self, lent, set, without},
    house::House,
};

const PAGE: &str = "/admin/factors";

fn fields_of(page: &str) -> Vec<(String, String)> {
    form::fields_of(page, PAGE)
}

async fn kept(house: &House) -> Settings {
    settings::show(&house.system()).await.unwrap().value
}

#[tokio::test]
async fn what_the_page_shows_is_sent_and_saved_as_it_stands() {
    let (house, ada) = House::with_owner().await;
    let input = CreateGroup { name: "Ops".into(), description: String::new(), kind: GroupKind::Users };
    let ops = group::create(&house.system(), input).await.unwrap().id;
    let mut browser = house.signed_in(&ada).await;

    // The page as it comes: every method in its order, and on or off as it is built in.
    let shown = fields_of(&browser.get(PAGE).await.body);
    assert_eq!(browser.submit(PAGE, &lent(&shown)).await.location(), "/admin/factors?done=saved");
    assert_eq!(kept(&house).await.factors, MethodRow::complete(&[]));

    let mut fields = fields_of(&browser.get(PAGE).await.body);
    let places: Vec<&str> = fields.iter().filter_map(|(name, _)| name.strip_prefix("place_")).collect();
    assert_eq!(places, Method::ALL.map(Method::as_str));
    set(&mut fields, "place_push", "2");
    set(&mut fields, "place_passkey", "1");
    let mut fields = without(&fields, "on_text");
    fields.push(("groups_hardware_token".into(), ops.to_string()));
    set(&mut fields, "enroll_from", "2025-12-01T08:00");
    set(&mut fields, "enroll_until", "2025-12-31T18:30");
    assert_eq!(browser.submit(PAGE, &lent(&fields)).await.status, 303);
    let after = kept(&house).await;
    let row = |method, on, groups: &[_]| MethodRow { method, on, groups: groups.to_vec() };
    assert_eq!(after.factors[..2], [row(Method::Passkey, true, &[]), row(Method::Push, true, &[])]);
    assert!(after.factors.contains(&row(Method::HardwareToken, true, &[ops])));
    assert!(after.factors.contains(&row(Method::Text, false, &[])));
    let moment = |text: &str| text.parse::<Time>().ok();
    let window = EnrollmentWindow { from: moment("2025-12-01T08:00Z"), until: moment("2025-12-31T18:30Z") };
    assert_eq!(after.enrollment, window);

    // And shown again as it was saved.
    let page = browser.get(PAGE).await.body;
    let again = fields_of(&page);
    let places: Vec<&str> = again.iter().filter_map(|(name, _)| name.strip_prefix("place_")).collect();
    assert_eq!(places[..3], ["passkey", "push", "totp"]);
    for (name, value) in [
        ("groups_hardware_token", ops.to_string().as_str()),
        ("enroll_until", "2025-12-31T18:30"),
        ("place_passkey", "1"),
    ] {
        assert!(again.contains(&(name.into(), value.into())), "{name}: {again:?}");
    }
    assert!(!again.iter().any(|(name, _)| name == "on_text") && page.contains("closed now"), "{page}");
    assert_eq!(browser.submit(PAGE, &lent(&again)).await.status, 303);
    assert_eq!(kept(&house).await, after);
}

#[tokio::test]
async fn an_order_with_something_missing_and_what_cannot_hold_is_refused_and_nothing_is_saved() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let shown = fields_of(&browser.get(PAGE).await.body);
    let before = kept(&house).await;
    let mut wrong: Vec<(String, Vec<(String, String)>)> = Method::ALL
        .iter()
        .map(|method| format!("place_{}", method.as_str()))
        .map(|place| (place.clone(), without(&shown, &place)))
        .collect();
    let all_off = shown.iter().filter(|(name, _)| !name.starts_with("on_")).cloned().collect();
    wrong.push(("nothing on".into(), all_off));
    for (name, value) in [
        ("place_push", "first"),
        ("enroll_from", "next week"),
        ("enroll_until", "2025-13-01T00:00"),
        ("on_duo", "yes"),
        ("groups_totp", "nobody's"),
    ] {
        let mut fields = without(&shown, name);
        fields.push((name.into(), value.into()));
        wrong.push((format!("{name}={value}"), fields));
    }
    let mut ends_before = shown.clone();
    set(&mut ends_before, "enroll_from", "2026-01-02T08:00");
    set(&mut ends_before, "enroll_until", "2026-01-01T08:00");
    wrong.push(("ends before it begins".into(), ends_before));
    for (what, fields) in wrong {
        let refused = browser.submit(PAGE, &lent(&fields)).await;
        // One that is not set up is a conflict with how things stand.
        let expected = if what == "on_duo=yes" { 409 } else { 422 };
        assert_eq!(refused.status, expected, "{what}: {}", refused.body);
        assert_eq!(kept(&house).await, before, "{what}");
    }
    // Somebody else was quicker.
    let mut late = shown.clone();
    set(&mut late, "place_push", "9");
    assert_eq!(browser.submit(PAGE, &lent(&late)).await.status, 303);
    let before = kept(&house).await;
    set(&mut late, "place_push", "1");
    assert_eq!(browser.submit(PAGE, &lent(&late)).await.status, 412);
    assert_eq!(kept(&house).await, before);
}

#[tokio::test]
async fn saving_the_page_does_not_move_a_window_that_has_seconds() {
    let (house, ada) = House::with_owner().await;
    let seconds = EnrollmentWindow {
        from: Some("2026-01-02T08:00:30Z".parse::<Time>().unwrap()),
        until: Some("2026-01-03T18:00:59Z".parse::<Time>().unwrap()),
    };
    let before = settings::show(&house.system()).await.unwrap().value;
    settings::update(&house.system(), None, Settings { enrollment: seconds.clone(), ..before })
        .await
        .unwrap();
    let mut browser = house.signed_in(&ada).await;
    let mut fields = fields_of(&browser.get(PAGE).await.body);
    browser.submit(PAGE, &lent(&fields)).await;
    assert_eq!(kept(&house).await.enrollment, seconds);
    // What is typed is what is meant, and an empty field is none.
    set(&mut fields, "enroll_from", "2026-01-02T08:01");
    set(&mut fields, "enroll_until", "");
    let shown = fields_of(&browser.get(PAGE).await.body);
    let version = shown.iter().find(|(name, _)| name == "version").unwrap().1.clone();
    set(&mut fields, "version", &version);
    browser.submit(PAGE, &lent(&fields)).await;
    let typed = EnrollmentWindow { from: Some("2026-01-02T08:01:00Z".parse().unwrap()), until: None };
    assert_eq!(kept(&house).await.enrollment, typed);
}

#[tokio::test]
async fn what_is_off_is_offered_on_no_page_that_enrols() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let bob = house.person("bob", &[]).await;
    let code = sallyport_app::factor::issue_enrollment_code(&house.system(), bob.id, 3600).await.unwrap();
    let mut new = house.browser();
    new.get("/enroll").await;
    let all = new.submit("/enroll", &[("code", code.expose())]).await.body;
    assert!(all.contains("id=\"seed\"") && all.contains("/enroll/phone") && all.contains("/enroll/passkey"));
    let off = [Method::Totp, Method::Push, Method::Text, Method::Call];
    let rows = MethodRow::complete(&[]).into_iter();
    let factors = rows.map(|row| MethodRow { on: row.on && !off.contains(&row.method), ..row }).collect();
    let before = kept(&house).await;
    settings::update(&house.system(), None, Settings { factors, ..before.clone() }).await.unwrap();
    let page = new.submit("/enroll", &[("code", code.expose())]).await.body;
    assert!(!page.contains("id=\"seed\"") && !page.contains("/enroll/phone"), "{page}");
    assert!(page.contains("/enroll/passkey"), "{page}");
    let own = browser.get("/").await.body;
    assert!(!own.contains("/factors/totp") && !own.contains("/factors/push"), "{own}");
    assert!(own.contains("/factors/passkey"), "{own}");
    assert_eq!(browser.submit("/factors/totp", &[]).await.status, 409);
    // Hardware tokens are handed out, so nobody enrols one.
    let rows = MethodRow::complete(&[]).into_iter();
    let rows = rows.map(|row| MethodRow { on: row.method == Method::HardwareToken, ..row });
    let tokens = Settings { factors: rows.collect(), ..before };
    settings::update(&house.system(), None, tokens).await.unwrap();
    assert!(browser.get("/").await.body.contains("Nothing that you could set up by yourself"));
    let refused = new.submit("/enroll", &[("code", code.expose())]).await;
    assert!(refused.status == 409 && refused.body.contains("Nothing that you could"), "{}", refused.body);
}

#[tokio::test]
async fn whom_a_change_leaves_outside_is_said_before_it_is_saved() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let mut browser = house.signed_in(&ada).await;
    phone_of(&house, ada.id).await;
    let mut fields = without(&fields_of(&browser.get(PAGE).await.body), "on_totp");
    let told = browser.submit(PAGE, &lent(&fields)).await;
    assert!(told.status == 200 && told.body.contains("One person has"), "{}", told.body);
    assert!(told.body.contains("after this change: bob.") && told.body.contains("Save it all the same"));
    assert_eq!(kept(&house).await.factors, Vec::new(), "nothing is saved");
    fields.push(("sure".into(), "yes".into()));
    assert_eq!(browser.submit(PAGE, &lent(&fields)).await.location(), "/admin/factors?done=saved");
    assert!(kept(&house).await.factors.iter().any(|row| row.method == Method::Totp && !row.on));
    // Whoever was left outside is one to whom a link can be sent.
    let all = browser.submit("/admin/mailings/preview", &[("who", "unenrolled")]).await;
    let listed = [bob.id, ada.id].map(|id| all.body.contains(&format!(r#"href="/admin/users/{id}""#)));
    assert_eq!(listed, [true, false], "{}", all.body);
}
