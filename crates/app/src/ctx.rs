//! What every use case is handed: the organisation, who calls, and what time it is.

use std::{
    collections::BTreeSet,
    net::IpAddr,
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use sallyport_connect::{outbound::Outbound, web_push::WebPush};
use sallyport_crypto::{Random, Secret, keyring::KeyRing, password::Pool, seal::Place};
use sallyport_model::{
    Application, Grant, Role, Settings, Time,
    change::Actor,
    id::{ApplicationId, DeviceId, OrgId, TokenId, UserId},
};
use sallyport_store::{Changed, Db, Noun as _, Reader, Stamp, StoreError, Versioned};
use uuid::Uuid;

use crate::{
    AppError, bells::Bells, device::proof::OnDevice, duo::Claim, expected::Expected, hub::Hub, live::Live,
    oidc::RemoteKeys, package::Shelf, places::Places, view::View,
};

/// Tells the time, so that tests can tell another.
pub trait Clock: Send + Sync {
    fn now(&self) -> Time;
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the clock is read")]
    fn now(&self) -> Time {
        let since_epoch =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Time(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
    }
}

/// What the organisation's own addresses and roots are; fixed by configuration, never taken from a request.
#[derive(Debug, Clone)]
pub struct OrgConfig {
    /// Where people and protected applications reach us, such as `https://sallyport.example.com:8443`.
    pub external_url: String,
    /// The organisation's certificate authority, PEM.
    pub ca_pem: String,
    /// Whether people and protected applications are shown a certificate of that authority, and not somebody else's.
    pub shows_own_certificate: bool,
    /// First 32 hexadecimal digits of the SHA-256 of that certificate.
    pub ca_fingerprint: String,
    /// Folder of the packages that devices install.
    pub packages: PathBuf,
    /// Folder of the files that event streams write.
    pub events: PathBuf,
}

impl OrgConfig {
    /// Host and port of the external URL, as protected applications configure it.
    #[must_use]
    pub fn host(&self) -> &str {
        let url = self.external_url.trim_end_matches('/');
        url.strip_prefix("https://").unwrap_or(url)
    }

    /// The same as an application configures it that calls us by another name: what listens, listens at one port.
    #[must_use]
    pub fn host_for(&self, application: &Application) -> String {
        let Some(name) = &application.api_host else { return self.host().to_owned() };
        match self.host().rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()) {
            Some((_, port)) => format!("{name}:{port}"),
            None => name.to_string(),
        }
    }
}

/// An organisation: its database, its keys, its feed. Nothing in the house is outside one.
pub struct Org {
    pub id: OrgId,
    pub db: Db,
    pub keys: KeyRing,
    pub passwords: Pool,
    pub random: Arc<dyn Random>,
    pub clock: Arc<dyn Clock>,
    pub hub: Hub,
    pub bells: Bells,
    pub live: Live,
    pub shelf: Shelf,
    pub view: View,
    /// Keys of relying parties that are to be had from them.
    pub remote_keys: RemoteKeys,
    /// The way to whatever administrators tell the server to call.
    pub outbound: Outbound,
    /// The way to the services that wake phones.
    pub web_push: WebPush,
    /// What is known of where addresses are.
    pub places: Places,
    pub config: OrgConfig,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A program with the keys of an application of the Admin API.
    AdminApi {
        id: ApplicationId,
        name: String,
        grants: BTreeSet<Grant>,
    },
    /// A protected application, by its integration key.
    Application {
        id: ApplicationId,
        name: String,
    },
    Device {
        id: DeviceId,
        name: String,
    },
    /// Whoever holds the machine, through the local admin socket.
    LocalAdmin,
    /// Somebody at a front door.
    Nobody,
    Person {
        id: UserId,
        name: String,
        roles: BTreeSet<Role>,
    },
    /// The server itself, following a rule.
    System {
        rule: &'static str,
    },
    Token {
        id: TokenId,
        name: String,
        role: Role,
    },
}

/// One call: who, when, from where, to which organisation.
#[derive(Clone)]
pub struct Ctx {
    pub org: Arc<Org>,
    pub caller: Caller,
    pub now: Time,
    pub source: Option<IpAddr>,
    /// What asks, as it names itself: a browser, or the machine that an application asks for.
    pub device: Option<Arc<str>>,
    /// Which device of ours this browser has proved to be on, and as whose.
    pub on_device: Option<OnDevice>,
    /// The machine that an application asks for, where it says which.
    pub host: Option<Arc<str>>,
    pub request: Arc<str>,
    /// What must still be so when something is written; see [`Ctx::expecting`].
    pub expected: Option<Expected>,
    /// Said with the first thing that is written, of a request that is executed once.
    pub claim: Option<Arc<Claim>>,
}

impl Ctx {
    /// A call by the server itself.
    #[must_use]
    pub fn system(org: &Arc<Org>, rule: &'static str) -> Self {
        Self {
            now: org.clock.now(),
            org: Arc::clone(org),
            caller: Caller::System { rule },
            source: None,
            device: None,
            on_device: None,
            host: None,
            request: Arc::default(),
            expected: None,
            claim: None,
        }
    }

    /// The device that this browser has proved to be on, if it is one that this person uses.
    #[must_use]
    pub fn device_of(&self, user: UserId) -> Option<DeviceId> {
        self.on_device.filter(|proved| proved.user == user).map(|proved| proved.device)
    }

    /// The same call by somebody else, such as the person a session turned out to belong to.
    #[must_use]
    pub fn with_caller(&self, caller: Caller) -> Self {
        Self { caller, ..self.clone() }
    }

    /// Runs `f` on a snapshot.
    ///
    /// # Errors
    /// What `f` returns.
    pub async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Reader) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        self.org.db.read(f).await
    }

    /// As [`Self::read`], where many rows are read: beside the threads that answer requests.
    ///
    /// # Errors
    /// What `f` returns.
    pub async fn read_many<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Reader) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        self.org.db.read_many(f).await
    }

    /// Runs `f` in a write transaction; it may run more than once.
    ///
    /// # Errors
    /// What `f` returns; then nothing was written.
    pub async fn write<T: Send + 'static>(
        &self,
        f: impl Fn(&mut Tx<'_, '_>) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let ctx = self.clone();
        let claim = self.claim.as_ref().filter(|claim| !claim.is_held());
        let unsaid = claim.map(Arc::clone);
        let written = self
            .org
            .db
            .write(move |store| {
                if let Some(claim) = &unsaid {
                    claim.take(store, ctx.now)?;
                }
                if let Some(expected) = &ctx.expected {
                    expected.check(store)?;
                }
                f(&mut Tx { store, ctx: &ctx })
            })
            .await;
        if let (Some(claim), Ok(_)) = (claim, &written) {
            claim.hold();
        }
        written
    }

    /// A fresh UUIDv7 at this call's time.
    ///
    /// # Errors
    /// No randomness.
    pub fn uuid(&self) -> Result<Uuid, AppError> {
        Ok(uuid_at(self.now, &sallyport_crypto::random::bytes(&*self.org.random)?))
    }

    /// A fresh id.
    ///
    /// # Errors
    /// No randomness.
    pub fn id<T>(&self, new: impl FnOnce(Uuid) -> T) -> Result<T, AppError> {
        Ok(new(self.uuid()?))
    }

    /// A fresh 20-character id of the Duo protocols: two letters, then 18 of `A-Z0-9`.
    ///
    /// # Errors
    /// No randomness.
    pub fn duo_id(&self, prefix: &str) -> Result<String, AppError> {
        let tail = sallyport_crypto::random::from_alphabet(
            &*self.org.random,
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            18,
        )?;
        Ok(format!("{prefix}{tail}"))
    }

    /// A fresh bearer secret with its hash.
    ///
    /// # Errors
    /// No randomness.
    pub fn bearer(&self, kind: &'static str) -> Result<(Secret, String), AppError> {
        let secret = sallyport_crypto::token::generate(kind, &*self.org.random)?;
        let hash = self.org.keys.hash_token(kind, secret.expose());
        Ok((secret, hash))
    }

    /// Seals a secret of the noun `owner`.
    ///
    /// # Errors
    /// No randomness, or too large.
    pub fn seal(&self, owner: &str, purpose: &'static str, plain: &[u8]) -> Result<Vec<u8>, AppError> {
        let place = Place {
            organization: self.org.keys.organization(),
            table: "secret",
            column: purpose,
            row: owner,
        };
        Ok(self.org.keys.sealing().seal(plain, &place, &*self.org.random)?)
    }

    /// Opens what [`Self::seal`] sealed.
    ///
    /// # Errors
    /// When it was altered, moved, or sealed under another key.
    pub fn open(
        &self,
        owner: &str,
        purpose: &'static str,
        sealed: &[u8],
    ) -> Result<zeroize::Zeroizing<Vec<u8>>, AppError> {
        let place = Place {
            organization: self.org.keys.organization(),
            table: "secret",
            column: purpose,
            row: owner,
        };
        Ok(self.org.keys.sealing().open(sealed, &place)?)
    }

    /// Who this call is in the feed.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match &self.caller {
            Caller::AdminApi { id, name, .. } => Actor::Application { id: *id, name: name.clone() },
            Caller::Application { id, name } => Actor::System { rule: format!("application {name} {id}") },
            Caller::Device { id, name } => Actor::Device { id: *id, name: name.clone() },
            Caller::LocalAdmin => Actor::LocalAdmin,
            Caller::Nobody => Actor::System { rule: "front door".into() },
            Caller::Person { id, name, .. } => Actor::User { id: *id, name: name.clone() },
            Caller::System { rule } => Actor::System { rule: (*rule).into() },
            Caller::Token { id, name, .. } => Actor::Token { id: *id, name: name.clone() },
        }
    }

    fn stamp(&self) -> Stamp {
        Stamp {
            at: self.now,
            actor: self.actor(),
            source: self.source.map(|source| source.to_string()),
            request: self.request.to_string(),
        }
    }
}

/// A write transaction that knows who writes.
pub struct Tx<'a, 'b> {
    store: &'a mut sallyport_store::Tx<'b>,
    pub ctx: &'a Ctx,
}

impl Tx<'_, '_> {
    /// Has the directory be looked at as it is kept in memory, where that is how it stands in this write: see [`crate::view`].
    /// For whatever only looks at the directory, and at much of it.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn by_view(&mut self) -> Result<(), AppError> {
        self.store.stand_at(self.ctx.org.view.place())?;
        Ok(())
    }

    /// Records a change as this call's; the only way to the value inside.
    pub fn record<T>(&mut self, changed: Changed<T>, verb: &'static str) -> T {
        let stamp = self.ctx.stamp();
        self.store.record(changed, verb, &stamp)
    }

    /// Says in the feed that a secret of a noun changed.
    pub fn record_touched<T: sallyport_store::Noun>(&mut self, noun: &T, verb: &'static str) {
        let changed = self.store.touched(noun);
        self.record(changed, verb);
    }

    /// The same, as something that this actor is known by did it, whoever it was.
    pub fn record_touched_by<T: sallyport_store::Noun>(
        &mut self,
        actor: Actor,
        noun: &T,
        verb: &'static str,
    ) {
        let changed = self.store.touched(noun);
        let stamp = Stamp { actor, ..self.ctx.stamp() };
        self.store.record(changed, verb, &stamp);
    }

    /// Seals and puts a secret of the noun `owner`; the caller records what that means.
    ///
    /// # Errors
    /// No randomness, or the store's.
    pub fn seal_secret(&mut self, owner: &str, purpose: &'static str, plain: &[u8]) -> Result<(), AppError> {
        let sealed = self.ctx.seal(owner, purpose, plain)?;
        Ok(self.store.put_secret(owner, purpose, &sealed)?)
    }
}

impl<'b> std::ops::Deref for Tx<'_, 'b> {
    type Target = sallyport_store::Tx<'b>;

    fn deref(&self) -> &Self::Target {
        self.store
    }
}

impl std::ops::DerefMut for Tx<'_, '_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.store
    }
}

/// The UUIDv7 of a time with these bytes after it; with zeros, the lowest of that time.
pub(crate) fn uuid_at(time: Time, rest: &[u8; 10]) -> Uuid {
    let millis = u64::try_from(time.0 / 1000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, rest).into_uuid()
}

/// The organisation's settings.
///
/// # Errors
/// [`AppError::Conflict`] before setup.
pub fn settings(reader: &mut Reader) -> Result<Versioned<Settings>, AppError> {
    reader
        .find::<Settings>(Settings::default().id())?
        .ok_or_else(|| AppError::Conflict("the organisation is not set up yet".into()))
}

/// Opens a sealed secret of a noun, if there is one.
///
/// # Errors
/// The store's, or when it does not open.
pub fn open_secret(
    reader: &mut Reader,
    ctx: &Ctx,
    owner: &str,
    purpose: &'static str,
) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, AppError> {
    let sealed: Result<Option<Vec<u8>>, StoreError> = reader.find_secret(owner, purpose);
    sealed?.map(|sealed| ctx.open(owner, purpose, &sealed)).transpose()
}

/// The newest place in the feed; asked by health checks, for an answer shows that the store works.
///
/// # Errors
/// The store's.
pub fn feed_head(reader: &mut Reader) -> Result<i64, AppError> {
    Ok(reader.feed_head()?)
}

/// A fresh id for a request, in logs, in answers and in the feed. Not a secret: counted from where this process
/// happened to begin.
#[must_use]
pub fn request_id() -> String {
    static BEGINNING: OnceLock<u64> = OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let beginning = BEGINNING.get_or_init(|| {
        let mut bytes = [0; 8];
        // Ids that another process has too would only make logs harder to read.
        sallyport_crypto::Random::fill(&sallyport_crypto::SystemRandom::new(), &mut bytes).ok();
        u64::from_be_bytes(bytes)
    });
    format!("{:016x}", beginning.wrapping_add(COUNT.fetch_add(1, Ordering::Relaxed)))
}
