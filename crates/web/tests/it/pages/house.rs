//! An organisation with its face, on SQLite in a folder of its own, with a clock that is set.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use sallyport_api::rest::CreateUser;
use sallyport_app::{
    Clock, Ctx, Org, OrgConfig, factor,
    hub::Hub,
    setup::{self, Setup},
    user,
};
use sallyport_crypto::{Secret, SystemRandom, keyring::KeyRing, password::Pool, totp};
use sallyport_model::{
    Role, Span, Time,
    id::{OrgId, UserId},
};
use sallyport_store::{Db, Location};
use sallyport_web::{Face, proxies::Proxies};
use uuid::Uuid;

use super::browser::Browser;

pub(super) const URL: &str = "https://sallyport.example.com";
pub(super) const PASSWORD: &str = "correct horse battery staple";

struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::SeqCst))
    }
}

pub(super) struct House {
    pub(super) org: Arc<Org>,
    clock: Arc<TestClock>,
    pub(super) face: Face,
    _folder: tempfile::TempDir,
}

/// Somebody with a password and an authenticator.
pub(super) struct Person {
    pub(super) id: UserId,
    pub(super) name: &'static str,
    seed: Vec<u8>,
}

impl House {
    /// Before its setup.
    pub(super) fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyRing::new(&[7; 32], "org_test").unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(1_767_225_600_000_000)));
        let org = Arc::new(Org {
            id: OrgId::new(Uuid::from_u128(1)),
            db: Db::open(Location::Sqlite(folder.path().join("test.db"))).unwrap(),
            passwords: Pool::start(2, 64, keys.pepper()),
            keys,
            random: Arc::new(SystemRandom::new()),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            hub: Hub::default(),
            shelf: sallyport_app::package::Shelf::default(),
            outbound: sallyport_app::Outbound::default(),
            web_push: sallyport_app::WebPush::default(),
            places: sallyport_app::places::Places::default(),
            bells: sallyport_app::bells::Bells::default(),
            live: sallyport_app::live::Live::default(),
            view: sallyport_app::view::View::default(),
            remote_keys: sallyport_app::oidc::RemoteKeys::default(),
            config: OrgConfig {
                external_url: URL.into(),
                ca_pem: String::new(),
                shows_own_certificate: true,
                ca_fingerprint: "0".repeat(32),
                packages: folder.path().join("packages"),
                events: folder.path().join("events"),
            },
        });
        let (_, stopping) = tokio::sync::watch::channel(false);
        let face = sallyport_web::public_face(sallyport_web::State {
            org: Arc::clone(&org),
            metrics: Default::default(),
            stopping,
        });
        Self { org, clock, face, _folder: folder }
    }

    /// Set up, with the owner `ada`.
    pub(super) async fn with_owner() -> (Self, Person) {
        let house = Self::bare();
        let ctx = house.system().with_caller(sallyport_app::Caller::LocalAdmin);
        let setup =
            Setup { organization: "Example".into(), admin_name: "ada".into(), password: PASSWORD.into() };
        let done = setup::by_local_admin(&ctx, setup).await.unwrap();
        let person = house.enrolled(done.owner.id, "ada", &done.enrollment_code).await;
        (house, person)
    }

    /// One more person, with a second factor.
    pub(super) async fn person(&self, name: &'static str, roles: &[Role]) -> Person {
        let ctx = self.system();
        let input = CreateUser { name: name.into(), active: true, ..CreateUser::default() };
        let user = user::create(&ctx, input).await.unwrap();
        user::set_password(&ctx, user.id, &PASSWORD.into()).await.unwrap();
        if !roles.is_empty() {
            user::set_roles(&ctx, user.id, roles.iter().copied().collect()).await.unwrap();
        }
        let code = factor::issue_enrollment_code(&ctx, user.id, 3600).await.unwrap();
        self.enrolled(user.id, name, &code).await
    }

    async fn enrolled(&self, id: UserId, name: &'static str, code: &Secret) -> Person {
        let ctx = self.system();
        let pending = factor::begin_totp(&ctx, code).await.unwrap();
        let seed = data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).unwrap();
        let person = Person { id, name, seed };
        factor::confirm_totp(&ctx, &pending.handle, &Secret::new(self.code(&person.seed))).await.unwrap();
        person
    }

    pub(super) fn system(&self) -> Ctx {
        Ctx { source: Some([192, 0, 2, 1].into()), ..Ctx::system(&self.org, "test") }
    }

    pub(super) fn advance(&self, span: Span) {
        self.clock.0.fetch_add(span.0, Ordering::SeqCst);
    }

    pub(super) fn browser(&self) -> Browser {
        Browser::new(self.face.clone())
    }

    /// A browser that reaches us through a listed proxy, whose address is its own from here.
    pub(super) fn browser_behind(&self, proxy: [u8; 4]) -> Browser {
        let listed = Proxies::listed(vec![std::net::Ipv4Addr::from(proxy).to_string().parse().unwrap()]);
        let mut browser = Browser::new(self.face.clone().behind(listed));
        browser.address = proxy;
        browser
    }

    /// A browser that has come through both doors.
    pub(super) async fn signed_in(&self, person: &Person) -> Browser {
        let mut browser = self.browser();
        self.sign_in(&mut browser, person).await;
        browser
    }

    /// Signs somebody in by both doors, in this browser.
    pub(super) async fn sign_in(&self, browser: &mut Browser, person: &Person) {
        browser.get("/sign-in").await;
        let second = browser.submit("/sign-in", &[("name", person.name), ("password", PASSWORD)]).await;
        assert_eq!(second.status, 200, "{}", second.body);
        let code = self.fresh_code(person);
        let inside = browser.submit("/sign-in/second", &[("passcode", &code)]).await;
        assert_eq!(inside.status, 303, "{}", inside.body);
    }

    /// A code that was not used before: time goes on to the next one.
    pub(super) fn fresh_code(&self, person: &Person) -> String {
        self.advance(Span::seconds(30));
        self.code(&person.seed)
    }

    pub(super) fn code(&self, seed: &[u8]) -> String {
        totp::code(seed, self.clock.now().unix_seconds() / 30)
    }
}
