//! A browser shows which device it is on, where a rule asks.

use sallyport_api::{
    agent::{DEVICE_PROOF_PORT, EnrollRequest, EnrollmentSecret, context, device_proof_bytes},
    rest::{CreateAccessRule, CreateBinding, CreateEnrollmentToken},
};
use sallyport_app::{access_rule, binding, device};
use sallyport_crypto::sign::SigningKey;
use sallyport_model::{
    Platform, RuleMode,
    access_rule::{Effect, OnDevice, ResourceKind, RuleSays, Then, What, Who},
    id::DeviceId,
};

use super::{
    browser::Browser,
    house::{House, Person, URL},
};

const COOKIE: &str = "__Host-sallyport-device";

/// A device of Bob's.
struct Laptop {
    id: DeviceId,
    key: SigningKey,
}

async fn laptop(house: &House, person: &Person) -> Laptop {
    let ctx = house.system();
    let key = SigningKey::from_seed(&[9; 32]).unwrap();
    let token = device::create_token(&ctx, CreateEnrollmentToken::default()).await.unwrap();
    let request = EnrollRequest {
        token: EnrollmentSecret::parse(token.secret.expose()).unwrap().secret,
        host_name: "laptop".into(),
        platform: Platform::Linux,
        public_key: key.public().to_hex(),
        agent_version: "0.1.0".into(),
    };
    let nobody = ctx.with_caller(sallyport_app::Caller::Nobody);
    let id = device::enroll(&nobody, request).await.unwrap().device;
    device::admit(&ctx, id).await.unwrap();
    let bound = CreateBinding {
        user: Some(person.name.into()),
        device: Some("laptop".into()),
        ..CreateBinding::default()
    };
    binding::create(&ctx, bound).await.unwrap();
    Laptop { id, key }
}

/// The owner reaches both portals anyway, and everybody else from a device of the organisation alone.
async fn only_managed(house: &House, ada: &Person, kinds: &[ResourceKind]) {
    let says = RuleSays {
        who: Who { except_users: [ada.id].into(), ..Who::default() },
        what: What { kinds: kinds.iter().copied().collect(), ..What::default() },
        device: OnDevice { managed: Some(false), ..OnDevice::default() },
        then: Then { effect: Effect::Deny, ..Then::default() },
        ..RuleSays::default()
    };
    let input = CreateAccessRule { name: "Managed".into(), note: String::new(), mode: RuleMode::On, says };
    access_rule::create(&house.system(), input).await.unwrap();
}

/// The way to the agent, and back with what it answers.
async fn asked(house: &House, browser: &mut Browser, person: &Person, laptop: &Laptop, next: &str) -> String {
    browser.get("/this-device").await;
    let page = browser.submit("/this-device", &[("next", next)]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let address = page.between("content=\"0;url=", "\"").replace("&amp;", "&").replace("&#38;", "&");
    let to = format!("http://127.0.0.1:{DEVICE_PROOF_PORT}/prove?challenge=");
    let (challenge, origin) = address.strip_prefix(&to).unwrap().split_once("&origin=").unwrap();
    assert_eq!(origin, URL);
    let organization = house.org.keys.device_signing().public().to_hex();
    let signed = device_proof_bytes(&organization, laptop.id, person.id, origin, challenge);
    let signature = data_encoding::HEXLOWER.encode(&laptop.key.sign(context::DEVICE_PROOF, &signed));
    let (device, user) = (laptop.id, person.id);
    format!("/this-device/back?challenge={challenge}&device={device}&user={user}&signature={signature}")
}

#[tokio::test]
async fn a_portal_that_opens_on_devices_of_ours_alone_says_how_to_show_one_and_then_opens() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let laptop = laptop(&house, &bob).await;
    let mut browser = house.signed_in(&bob).await;
    let at_door = house.browser().get("/sign-in").await.body;
    assert!(!at_door.contains("/this-device"), "nothing asks, nothing is offered");
    only_managed(&house, &ada, &[ResourceKind::UserPortal]).await;
    assert!(
        house
            .browser()
            .get("/sign-in?next=%2Fapplications")
            .await
            .body
            .contains("href=\"/this-device?next=%2Fapplications\"")
    );
    let led = house.browser().get("/applications").await;
    assert!(led.location().starts_with("/sign-in"), "{}", led.location());

    let back = asked(&house, &mut browser, &bob, &laptop, "/applications").await;
    // Another browser gets nothing from it, and takes nothing from this one.
    let other = house.browser().get(&back).await;
    assert!(other.status == 422 && other.body.contains("began in another browser"), "{}", other.body);
    assert!(other.set_cookies().iter().all(|line| !line.starts_with(COOKIE)), "{:?}", other.set_cookies());
    let proved = browser.get(&back).await;
    assert_eq!((proved.status, proved.location()), (303, "/applications"));
    let proof = *proved.set_cookies().iter().find(|line| line.starts_with(COOKIE)).unwrap();
    assert!(proof.ends_with("Path=/; Max-Age=28800; Secure; HttpOnly; SameSite=Lax"), "{proof}");
    assert!(!browser.get("/sign-in").await.body.contains("/this-device"), "it is shown");
    let mut fresh = house.browser();
    fresh.cookies.insert(COOKIE.into(), browser.cookies[COOKIE].clone());
    let inside = fresh.get("/sign-in").await;
    assert_eq!(inside.status, 200);
    let fields = [("name", bob.name), ("password", super::house::PASSWORD)];
    let second = fresh.submit("/sign-in", &fields).await;
    assert!(second.status == 200 && second.body.contains("name=\"passcode\""), "{}", second.body);
    let mut elsewhere = house.browser();
    elsewhere.get("/sign-in").await;
    let shut = elsewhere.submit("/sign-in", &fields).await;
    assert_eq!(shut.status, 403, "{}", shut.body);
    assert!(shut.body.contains("/this-device"), "{}", shut.body);
    // Once.
    assert_eq!(browser.get(&back).await.status, 422);
}

#[tokio::test]
async fn the_administrators_portal_sends_whoever_has_shown_no_device_to_show_it() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[sallyport_model::Role::Administrator]).await;
    let laptop = laptop(&house, &bob).await;
    only_managed(&house, &ada, &[ResourceKind::AdminPortal]).await;
    let mut browser = house.signed_in(&bob).await;
    let sent = browser.get("/admin/users?text=a").await;
    assert_eq!(sent.location(), "/this-device?next=%2Fadmin%2Fusers%3Ftext%3Da");
    let page = browser.get(sent.location()).await;
    assert!(page.body.contains("value=\"/admin/users?text=a\""), "{}", page.body);
    let back = asked(&house, &mut browser, &bob, &laptop, "/admin/users?text=a").await;
    assert_eq!(browser.get(&back).await.location(), "/admin/users?text=a");
    assert_eq!(browser.get("/admin/users?text=a").await.status, 200);
    let ctx = house.system();
    device::revoke(&ctx, laptop.id).await.unwrap();
    assert_eq!(browser.get("/admin/users").await.status, 403, "with the device its word is gone");
}

#[tokio::test]
async fn whatever_else_comes_back_is_told_what_to_do() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let laptop = laptop(&house, &bob).await;
    only_managed(&house, &ada, &[ResourceKind::UserPortal]).await;
    let mut browser = house.browser();
    for bad in ["", "?challenge=1&challenge=2", "?%ff", "?device=x"] {
        let answer = browser.get(&format!("/this-device/back{bad}")).await;
        assert_eq!(answer.status, 422, "{bad}");
        assert!(answer.body.contains("Please try again"), "{}", answer.body);
    }
    let refused = |_: &str| "/this-device/back?refused=account".to_owned();
    let forged = |good: &str| good.replace("signature=", "signature=00");
    let not_said = |good: &str| good.split_once("&signature=").unwrap().0.to_owned();
    let changes: [&dyn Fn(&str) -> String; 3] = [&refused, &forged, &not_said];
    for change in changes {
        let bad = change(&asked(&house, &mut browser, &bob, &laptop, "/").await);
        let answer = browser.get(&bad).await;
        assert_eq!(answer.status, 422, "{bad}");
        assert!(answer.body.contains("Ask your administrators"), "{}", answer.body);
        assert!(!browser.cookies.contains_key(COOKIE));
    }
    let away = asked(&house, &mut browser, &bob, &laptop, "//evil.example").await;
    assert_eq!(browser.get(&away).await.location(), "/", "nowhere but here");
}
