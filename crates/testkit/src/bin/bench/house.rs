//! The server under measure: the real binary on a folder of its own, with a directory of people.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use hyper::Method;
use sallyport_crypto::Secret;
use sallyport_testkit::{
    cli::Cli,
    server::{self, Server},
    unix_now,
};
use sallyport_wire::duo::{
    Call, sign,
    signing::{Keys, SignVersion, SignedRequest},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    http::{Client, Origin, Reply},
    options::Options,
    report::say,
};

/// Connections for what is prepared before a measure.
const HANDS: usize = 8;

/// The protected application.
const APPLICATION: &str = "bench";

pub(crate) const PASSWORD: &str = "gravel tulip hovercraft 9";

pub(crate) struct House {
    /// Absent only between stopping and starting.
    server: Option<Server>,
    host: IpAddr,
    data: PathBuf,
    packages: PathBuf,
    token: String,
    pub(crate) ca: String,
    application: Keys,
}

impl House {
    /// Starts a server with so many people and one protected application.
    pub(crate) async fn open(folder: &Path, options: &Options) -> anyhow::Result<Self> {
        let (host, data) = (IpAddr::V4(Ipv4Addr::LOCALHOST), folder.join("data"));
        // Without packages only the real device cannot be measured, and that says so itself.
        let packages = server::packages_folder().unwrap_or_else(|_| folder.join("packages"));
        let server = Server::start(host, &data, &packages)?;
        let set_up = server.set_up("Bench", "olga", PASSWORD)?;
        let keys = Keys { ikey: String::new(), skey: Secret::from("") };
        let (token, ca) = (set_up.token, set_up.ca);
        let mut house = Self { server: Some(server), host, data, packages, token, ca, application: keys };
        let mut api = house.api().await?;
        let started = Instant::now();
        api.import(options.users).await?;
        say(&format!("{} people imported in {:.1} s", options.users, started.elapsed().as_secs_f64()));
        let made = api
            .call(Method::POST, "/applications", json!({ "name": APPLICATION, "type": "duo-auth-api" }))
            .await?;
        house.application = Keys { ikey: text(&made, "ikey")?, skey: Secret::from(text(&made, "skey")?) };
        Ok(house)
    }

    /// Starts the server anew on the same folder, reachable at `host`; how long it took from the start of the
    /// program until it answered that it is ready.
    pub(crate) async fn restart_at(&mut self, host: IpAddr) -> anyhow::Result<Duration> {
        if let Some(running) = self.server.take() {
            running.stop()?;
        }
        self.host = host;
        let started = Instant::now();
        self.server = Some(Server::start(host, &self.data, &self.packages)?);
        let ready = self.origin()?.connect().await?.get("/readyz").await?;
        let took = started.elapsed();
        ensure!(ready.status == 200, "not ready: {}", ready.text());
        Ok(took)
    }

    pub(crate) async fn restart(&mut self) -> anyhow::Result<Duration> {
        self.restart_at(self.host).await
    }

    pub(crate) fn close(mut self) -> anyhow::Result<()> {
        self.server.take().map_or(Ok(()), Server::stop)
    }

    pub(crate) fn pid(&self) -> anyhow::Result<u32> {
        Ok(self.running()?.pid())
    }

    pub(crate) fn url(&self) -> anyhow::Result<&str> {
        Ok(&self.running()?.url)
    }

    pub(crate) fn origin(&self) -> anyhow::Result<Origin> {
        let port = self.url()?.rsplit(':').next().and_then(|port| port.parse().ok()).context("no port")?;
        Origin::secure(SocketAddr::new(self.host, port), &self.host.to_string(), &self.ca)
    }

    pub(crate) async fn api(&self) -> anyhow::Result<Api> {
        let client = self.origin()?.connect().await?;
        Ok(Api { client, authorization: format!("Bearer {}", self.token) })
    }

    /// Changes the protected application.
    pub(crate) async fn configure(&self, changes: Value) -> anyhow::Result<()> {
        let path = format!("/applications/{APPLICATION}");
        self.api().await?.call(Method::PATCH, &path, changes).await.map(drop)
    }

    /// Applies a policy to the protected application, by which people are pushed from there without a number.
    pub(crate) fn push_without_number(&self) -> anyhow::Result<()> {
        let (server, ca) = (self.running()?, self.data.with_file_name("ca.pem"));
        std::fs::write(&ca, &self.ca)?;
        let (binary, url, token) = (server.binary.clone(), server.url.clone(), self.token.clone());
        Cli { binary, url, token, ca }.push_without_number(APPLICATION)
    }

    /// A connection of the protected application.
    pub(crate) async fn protected(&self) -> anyhow::Result<Protected> {
        self.gate()?.connect().await
    }

    /// Where the protected application connects to.
    pub(crate) fn gate(&self) -> anyhow::Result<Gate> {
        let host = self.url()?.trim_start_matches("https://").to_owned();
        Ok(Gate { origin: self.origin()?, host, keys: self.application.clone() })
    }

    /// Does something for each of these through the API, over several connections.
    pub(crate) async fn for_each<T, R, F>(&self, items: Vec<T>, once: F) -> anyhow::Result<Vec<R>>
    where
        T: Clone + Send + 'static,
        R: Send + 'static,
        F: AsyncEach<T, R>,
    {
        let mut hands = JoinSet::new();
        for hand in 0..HANDS {
            let (mut api, once) = (self.api().await?, once.clone());
            let mine: Vec<(usize, T)> = items.iter().cloned().enumerate().skip(hand).step_by(HANDS).collect();
            hands.spawn(async move {
                let mut done = Vec::with_capacity(mine.len());
                for (place, item) in mine {
                    done.push((place, once.each(&mut api, item).await?));
                }
                anyhow::Ok(done)
            });
        }
        joined(hands).await
    }

    fn running(&self) -> anyhow::Result<&Server> {
        self.server.as_ref().context("the server is not running")
    }
}

/// What many hands have made, each thing with its place among all, in that order.
pub(crate) async fn joined<R: 'static>(
    mut hands: JoinSet<anyhow::Result<Vec<(usize, R)>>>,
) -> anyhow::Result<Vec<R>> {
    let mut all = Vec::new();
    while let Some(made) = hands.join_next().await {
        all.extend(made.context("a hand broke")??);
    }
    all.sort_by_key(|(place, _)| *place);
    Ok(all.into_iter().map(|(_, made)| made).collect())
}

/// Something to be done through the API for each of many.
pub(crate) trait AsyncEach<T, R>: Clone + Send + 'static {
    fn each(&self, api: &mut Api, item: T) -> impl Future<Output = anyhow::Result<R>> + Send;
}

/// The REST API, as an administrator calls it.
pub(crate) struct Api {
    client: Client,
    authorization: String,
}

impl Api {
    pub(crate) async fn call(&mut self, method: Method, path: &str, body: Value) -> anyhow::Result<Value> {
        let body = if body.is_null() { Vec::new() } else { serde_json::to_vec(&body)? };
        let reply = self.send(method, path, "application/json", body).await?;
        if reply.body.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_slice(&reply.body)?) }
    }

    pub(crate) async fn post(&mut self, path: &str) -> anyhow::Result<()> {
        self.call(Method::POST, path, Value::Null).await.map(drop)
    }

    async fn import(&mut self, users: usize) -> anyhow::Result<()> {
        let mut csv = String::from("name,display_name,mails,active\n");
        for n in 0..users {
            csv.push_str(&format!("{},Person Number {n},user{n}@example.com,true\n", name_of(n)));
        }
        let report = self.send(Method::POST, "/users/import", "text/csv", csv.into_bytes()).await?;
        let report: Value = serde_json::from_slice(&report.body)?;
        let created = report.get("created").and_then(Value::as_u64).unwrap_or_default();
        ensure!(created == users as u64, "only {created} of {users} people were created");
        Ok(())
    }

    async fn send(&mut self, method: Method, path: &str, kind: &str, body: Vec<u8>) -> anyhow::Result<Reply> {
        let headers = [("authorization", self.authorization.as_str()), ("content-type", kind)];
        let path = format!("/api/v1{path}");
        let reply = self.client.send(method, &path, &headers, body.into()).await?;
        reply.ok().with_context(|| format!("asking {path}"))
    }
}

/// Where a protected application connects to, and its keys.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) origin: Origin,
    pub(crate) host: String,
    pub(crate) keys: Keys,
}

impl Gate {
    /// The same, asked from another address.
    pub(crate) fn calling_from(self, source: IpAddr) -> Self {
        Self { origin: self.origin.calling_from(source), ..self }
    }

    pub(crate) async fn connect(self) -> anyhow::Result<Protected> {
        Ok(Protected { client: self.origin.connect().await?, host: self.host, keys: self.keys })
    }
}

/// A connection of a protected application, which signs what it asks in the newest way.
pub(crate) struct Protected {
    client: Client,
    host: String,
    keys: Keys,
}

impl Protected {
    pub(crate) async fn ask(&mut self, call: &Call) -> anyhow::Result<Reply> {
        let signed = self.sign(call)?;
        self.send(&signed).await
    }

    /// What is signed now may be sent for minutes.
    pub(crate) fn sign(&self, call: &Call) -> anyhow::Result<SignedRequest> {
        Ok(sign(call, &self.host, &self.keys, SignVersion::V5, unix_now())?)
    }

    pub(crate) async fn send(&mut self, signed: &SignedRequest) -> anyhow::Result<Reply> {
        let headers: Vec<(&str, &str)> =
            signed.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let method: Method = signed.method.as_str().parse()?;
        self.client.send(method, &signed.target, &headers, signed.body.clone().into()).await?.ok()
    }
}

/// The name of the person with this number.
pub(crate) fn name_of(n: usize) -> String {
    format!("user{n}")
}

/// A text field of an answer.
pub(crate) fn text(value: &Value, name: &str) -> anyhow::Result<String> {
    let found = value.get(name).and_then(Value::as_str).map(str::to_owned);
    found.with_context(|| format!("no `{name}` in {value}"))
}
