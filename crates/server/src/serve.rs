//! Running the server: everything is wired here, once.

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use clap::Args;
use sallyport_app::{Clock as _, Ctx, Org, OrgConfig, SystemClock, authority, hub::Hub, places::Places};
use sallyport_crypto::{SystemRandom, keyring::KeyRing, password::Pool};
use sallyport_store::{Db, Location};
use sallyport_web::{
    State,
    metrics::Metrics,
    proxies::Proxies,
    serve::{Faces, Limits},
};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    time::timeout,
};

use crate::{
    admin_socket,
    certificates::Certificates,
    config::{Config, Options},
    data::{self, DataFolder},
    logging, print, process, tell,
};

/// Waiting passwords before the pool answers *busy*: about two seconds of hashing for each core.
const WAITING_HASHES_PER_CORE: usize = 128;

/// Over how many seconds devices are asked back when the server stops.
const BACK_WITHIN: u32 = 5;

/// How long a stop waits for those who are still connected to take what they are told.
const LAST_WORDS: Duration = Duration::from_secs(5);

#[derive(Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    options: Options,
    /// A configuration file; `sallyport config example` prints one
    #[arg(long, env = "SALLYPORT_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// How much to log, such as `info` or `sallyport_app=debug`
    #[arg(long, env = "SALLYPORT_LOG", default_value = "info")]
    log: String,
}

impl Serve {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let _flush = logging::start(&self.log)?;
        process::forbid_core_dumps();
        process::lock_memory();
        process::raise_file_limit();
        let config = self.options.resolve(self.config.as_ref())?;
        let folder = DataFolder::open(&config.data)?;
        let prepared = Prepared::new(&config, &folder)?;
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads((cores() / 2).max(1))
            .enable_all()
            .build()?
            .block_on(serve(config, prepared))
    }
}

/// The way to whatever administrators tell the server to call.
fn outbound(config: &Config) -> anyhow::Result<sallyport_app::Outbound> {
    let outbound = sallyport_app::Outbound::new(config.outbound_internal.clone());
    let Some(ca) = &config.outbound_ca else { return Ok(outbound) };
    let ca = std::fs::read_to_string(ca).with_context(|| format!("cannot read `{}`", ca.display()))?;
    Ok(outbound.also_trusting(ca))
}

/// The way to the services of browser vendors, or to one of the test's own.
fn web_push(config: &Config) -> anyhow::Result<sallyport_app::WebPush> {
    let Some(ca) = &config.web_push_test_ca else { return Ok(sallyport_app::WebPush::default()) };
    let ca = std::fs::read_to_string(ca).with_context(|| format!("cannot read `{}`", ca.display()))?;
    let here = ["127.0.0.0/8", "::1/128"].iter().map(|network| network.parse()).collect::<Result<_, _>>()?;
    Ok(sallyport_app::WebPush::through(sallyport_app::Outbound::new(here).trusting(ca)))
}

/// Of this machine. Half of them answer: whatever waits or takes long (passwords, writes, PostgreSQL, many rows) has
/// threads of its own, and threads that have little to do spend it on waking one another.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

/// All that is ready before the first connection.
struct Prepared {
    org: Arc<Org>,
    certificates: Certificates,
}

impl Prepared {
    fn new(config: &Config, folder: &DataFolder) -> anyhow::Result<Self> {
        let root_key = folder.root_key()?;
        let id = data::organization_id(&root_key);
        let keys = KeyRing::new(&root_key, &id.to_string()).context("the purpose keys cannot be derived")?;
        let location = match &config.database {
            Some(url) => Location::Postgres(url.clone()),
            None => Location::Sqlite(folder.database()),
        };
        let db = Db::open(location).context("cannot open the database")?;
        let random = SystemRandom::new();
        let now = SystemClock.now();
        let authority = authority::load(&db, &keys, &random, now)?;
        let ca_pem = authority.certificate_pem.clone();
        let names = db.read_blocking(sallyport_app::application::api_hosts)?;
        let certificates = Certificates::issue(config, authority, names, now)?;
        let cores = cores();
        let org = Org {
            id,
            passwords: Pool::start(cores, cores * WAITING_HASHES_PER_CORE, keys.pepper()),
            db,
            keys,
            random: Arc::new(random),
            clock: Arc::new(SystemClock),
            hub: Hub::default(),
            shelf: sallyport_app::package::Shelf::default(),
            view: sallyport_app::view::View::default(),
            remote_keys: sallyport_app::oidc::RemoteKeys::default(),
            bells: sallyport_app::bells::Bells::default(),
            live: sallyport_app::live::Live::default(),
            outbound: outbound(config)?,
            web_push: web_push(config)?,
            places: Places::open(&config.places)?,
            config: OrgConfig {
                external_url: config.external_url.clone(),
                shows_own_certificate: config.tls.is_none(),
                ca_fingerprint: sallyport_crypto::authority::fingerprint(&ca_pem)
                    .context("the authority's certificate is damaged")?,
                ca_pem,
                packages: config.packages.clone(),
                events: config.events.clone(),
            },
        };
        Ok(Self { org: Arc::new(org), certificates })
    }
}

async fn serve(config: Config, prepared: Prepared) -> anyhow::Result<ExitCode> {
    let Prepared { org, certificates } = prepared;
    let tls = certificates.tls()?;
    let signals = Signals::listen()?;
    let (stop, stopping) = watch::channel(false);
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}; is something else there?", config.listen))?;
    let moved = sallyport_app::policy::move_plain_pushes(&Ctx::system(&org, "start")).await?;
    if moved > 0 {
        tracing::info!(moved, "applications that pushed without a number now do so by a policy");
    }
    let feed = tokio::spawn(sallyport_app::feed::run(Arc::clone(&org), told(stopping.clone())));
    let jobs = tokio::spawn(sallyport_app::jobs::run(Arc::clone(&org), told(stopping.clone())));
    let connectors = tokio::spawn(sallyport_app::connector::run(Arc::clone(&org), told(stopping.clone())));
    let logouts =
        tokio::spawn(sallyport_app::oidc::backchannel::run(Arc::clone(&org), told(stopping.clone())));
    let events = tokio::spawn(sallyport_app::event::run(Arc::clone(&org), told(stopping.clone())));
    let renewal =
        tokio::spawn(certificates.keep(org.db.clone(), Arc::new(SystemClock), told(stopping.clone())));
    let socket = admin_socket::listen(&config.data, Arc::clone(&org), stopping.clone())?;
    let state = State { org: Arc::clone(&org), metrics: Metrics::default(), stopping: stopping.clone() };
    let proxies = Proxies::listed(config.trusted_proxies.clone());
    let faces = Faces {
        agents: sallyport_web::agent_face(state.clone()),
        people: sallyport_web::public_face(state).behind(proxies),
    };
    let server = tokio::spawn(sallyport_web::serve::serve(listener, tls, faces, limits(&config), stopping));
    greet(&config, &org).await?;
    signals.received().await;
    tracing::info!("stopping");
    org.hub.disconnect_all(BACK_WITHIN);
    stop.send_replace(true);
    org.bells.stop();
    let (server, feed, jobs, connectors, logouts, events, renewal) =
        tokio::join!(server, feed, jobs, connectors, logouts, events, renewal);
    socket.remove();
    // Whoever came in between has not been told. And a channel goes on beside the server that accepted it: it has yet to
    // say when to come back.
    org.hub.disconnect_all(BACK_WITHIN);
    if timeout(LAST_WORDS, stop.closed()).await.is_err() {
        tracing::warn!("stopped while somebody was still connected");
    }
    let ends =
        [server.err(), feed.err(), jobs.err(), connectors.err(), logouts.err(), events.err(), renewal.err()];
    for ended in ends.into_iter().flatten() {
        tracing::error!(%ended, "a part of the server ended badly");
    }
    Ok(ExitCode::SUCCESS)
}

/// What this process can take with the files it may open.
fn limits(config: &Config) -> Limits {
    use rustix::process::{Resource, getrlimit};
    let files = getrlimit(Resource::Nofile).current.and_then(|limit| usize::try_from(limit).ok());
    let usual = Limits::for_files(files.unwrap_or(usize::MAX));
    let per_address = config.connections_per_address.unwrap_or(usual.connections_per_address);
    Limits { connections_per_address: per_address.clamp(1, usual.connections), ..usual }
}

/// Ends when the server is to stop.
async fn told(mut stopping: watch::Receiver<bool>) {
    // An error means that nobody is left to tell, which is as good a word.
    stopping.wait_for(|stop| *stop).await.ok();
}

/// Says where the server is, and how to begin.
async fn greet(config: &Config, org: &Arc<Org>) -> anyhow::Result<()> {
    tracing::info!(url = config.external_url, listen = %config.listen, "ready");
    if config.external_url_is_default {
        tell(
            "Devices and other machines need --external-url to find this server; only this one can use the default.",
        );
    }
    match sallyport_app::setup::issue_link(&Ctx::system(org, "start")).await? {
        Some(link) => {
            print(&format!("Sallyport is running at {}", config.external_url));
            print("Open this link once to name your organisation and its first owner:");
            print(&format!("\n    {}/setup?link={}\n", config.external_url, link.expose()));
        }
        None => print(&format!("Sallyport is running at {}", config.external_url)),
    }
    Ok(())
}

/// The signals that end the server, listened to before it says that it runs.
struct Signals {
    term: Signal,
    int: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self { term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? })
    }

    async fn received(mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
        }
    }
}
