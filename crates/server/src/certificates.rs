//! The certificates this server shows, renewed while it runs: a server that is not restarted for a year shows none that
//! has run out, files that somebody else renews are read again, and one of ours is good for every name by which an
//! application calls us.

use std::{sync::Arc, time::Duration};

use sallyport_api::agent::INTERNAL_NAME;
use sallyport_app::{Clock, application};
use sallyport_crypto::{SystemRandom, authority::Root};
use sallyport_model::{Span, Time};
use sallyport_store::Db;
use sallyport_web::tls::{self, Identity, ServerConfig, Shown};
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::config::Config;

/// Certificates of ours are made anew after so long, far within their life.
const RENEWED_AFTER: Span = Span::days(30);

/// How often it is looked whether something is due. What changed on another node is found by it too.
const EVERY: Duration = Duration::from_secs(60);

/// How long after a change it is looked what came of it, so that a thousand of them are looked at once.
const SETTLED: Duration = Duration::from_secs(1);

/// A chain and its key, PEM.
type Pair = (String, Zeroizing<String>);

pub(crate) struct Certificates {
    config: Config,
    authority: Root,
    issued: Time,
    /// The names by which applications call us.
    names: Vec<String>,
    /// What was read from the administrator's files, if there are any.
    own: Option<Pair>,
    shown: Arc<Shown>,
}

impl Certificates {
    /// # Errors
    /// Files that cannot be read or do not fit, no randomness, or a damaged authority.
    pub(crate) fn issue(
        config: &Config,
        authority: Root,
        names: Vec<String>,
        now: Time,
    ) -> anyhow::Result<Self> {
        let own = config.certificate()?;
        let [agents, people] = pairs(config, &authority, &names, own.as_ref(), now)?;
        let shown = Shown::new(&identity(&agents), &identity(&people))?;
        Ok(Self { config: config.clone(), authority, issued: now, names, own, shown })
    }

    pub(crate) fn tls(&self) -> anyhow::Result<Arc<ServerConfig>> {
        Ok(tls::server_config(&self.shown)?)
    }

    /// Looks every minute, and when something has changed, until `stop` completes.
    pub(crate) async fn keep(mut self, db: Db, clock: Arc<dyn Clock>, stop: impl Future<Output = ()>) {
        let mut ticks = tokio::time::interval(EVERY);
        let mut head = db.head();
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => return,
                _ = ticks.tick() => {}
                () = settled(&mut head) => {}
            }
            head.borrow_and_update();
            let names = match db.read_many(application::api_hosts).await {
                Ok(names) => names,
                Err(error) => {
                    tracing::error!(%error, "the names of the applications cannot be read; the former ones stay");
                    self.names.clone()
                }
            };
            match self.look(names, clock.now()) {
                Ok(false) => {}
                Ok(true) => tracing::info!("new connections are shown new certificates"),
                Err(error) => {
                    tracing::error!(%error, "the certificates cannot be renewed; the former ones stay")
                }
            }
        }
    }

    /// Renews what is due; whether new connections are shown something new.
    fn look(&mut self, names: Vec<String>, now: Time) -> anyhow::Result<bool> {
        let own = self.config.certificate()?;
        // Somebody else's certificate has whatever names it has.
        let is_same = own == self.own && (own.is_some() || names == self.names);
        if now < self.issued.plus(RENEWED_AFTER) && is_same {
            return Ok(false);
        }
        let [agents, people] = pairs(&self.config, &self.authority, &names, own.as_ref(), now)?;
        self.shown.replace(&identity(&agents), &identity(&people))?;
        (self.issued, self.names, self.own) = (now, names, own);
        Ok(true)
    }
}

/// Ends a while after something has changed.
async fn settled(head: &mut watch::Receiver<i64>) {
    head.changed().await.ok();
    tokio::time::sleep(SETTLED).await;
}

/// What agents are shown, and what everybody else is.
fn pairs(
    config: &Config,
    authority: &Root,
    further: &[String],
    own: Option<&Pair>,
    now: Time,
) -> anyhow::Result<[Pair; 2]> {
    let issue = |names: &[String]| {
        let leaf = authority.issue(names, now.unix_seconds(), &SystemRandom::new())?;
        anyhow::Ok((leaf.chain_pem, leaf.key_pem))
    };
    let mut names = config.host_names();
    names.extend(further.iter().filter(|name| !config.host_names().contains(name)).cloned());
    let people = own.map_or_else(|| issue(&names), |own| Ok(own.clone()))?;
    Ok([issue(&[INTERNAL_NAME.to_owned()])?, people])
}

fn identity((chain_pem, key_pem): &Pair) -> Identity<'_> {
    Identity { chain_pem, key_pem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Options;

    const START: Time = Time::from_unix_seconds(1_767_225_600);

    fn leaf(authority: &Root, config: &Config) -> Pair {
        let random = SystemRandom::new();
        let leaf = authority.issue(&config.host_names(), START.unix_seconds(), &random).unwrap();
        (leaf.chain_pem, leaf.key_pem)
    }

    #[test]
    fn certificates_of_ours_are_renewed_long_before_they_end() {
        let authority = Root::create(START.unix_seconds(), &SystemRandom::new()).unwrap();
        let config = Options::default().resolve(None).unwrap();
        let mut certificates = Certificates::issue(&config, authority, Vec::new(), START).unwrap();
        assert!(!certificates.look(Vec::new(), START.plus(Span::days(29))).unwrap());
        for days in [30, 60, 400] {
            let now = START.plus(Span::days(days));
            assert!(certificates.look(Vec::new(), now).unwrap(), "after {days} days");
            assert!(!certificates.look(Vec::new(), now.plus(Span::days(29))).unwrap());
        }
    }

    #[test]
    fn a_certificate_of_ours_is_good_for_every_name_that_applications_have_for_us() {
        let authority = Root::create(START.unix_seconds(), &SystemRandom::new()).unwrap();
        let config = Options::default().resolve(None).unwrap();
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let covers = |names: &[String]| {
            let [_, (chain, _)] = pairs(&config, &authority, names, None, START).unwrap();
            ["localhost", "wiki.example.com", "shop.example.com"]
                .map(|name| tls::covers(&chain, name).unwrap())
        };
        assert_eq!(covers(&[]), [true, false, false]);
        assert_eq!(covers(&names(&["localhost", "wiki.example.com"])), [true, true, false]);
        let wiki = names(&["wiki.example.com"]);
        let root = Root::create(START.unix_seconds(), &SystemRandom::new()).unwrap();
        let mut certificates = Certificates::issue(&config, root, wiki.clone(), START).unwrap();
        assert!(!certificates.look(wiki, START).unwrap());
        let both = names(&["shop.example.com", "wiki.example.com"]);
        assert!(certificates.look(both.clone(), START).unwrap());
        assert!(!certificates.look(both, START).unwrap());
        assert!(certificates.look(Vec::new(), START).unwrap());
    }

    #[test]
    fn files_that_somebody_renewed_are_shown_and_files_that_do_not_fit_are_not() {
        let [ours, theirs] =
            [(); 2].map(|()| Root::create(START.unix_seconds(), &SystemRandom::new()).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let [chain, key] = ["chain.pem", "key.pem"].map(|name| folder.path().join(name));
        let options =
            Options { tls_cert: Some(chain.clone()), tls_key: Some(key.clone()), ..Options::default() };
        let config = options.resolve(None).unwrap();
        let write = |(chain_pem, _): &Pair, (_, key_pem): &Pair| {
            std::fs::write(&chain, chain_pem).unwrap();
            std::fs::write(&key, key_pem.as_bytes()).unwrap();
        };
        let [first, second] = [(); 2].map(|()| leaf(&theirs, &config));
        write(&first, &first);
        let mut certificates = Certificates::issue(&config, ours, Vec::new(), START).unwrap();
        let mut look = || certificates.look(vec!["wiki.example.com".into()], START);
        assert!(!look().unwrap(), "names are of whoever made it");
        write(&second, &first);
        assert!(look().is_err());
        write(&second, &second);
        assert!(look().unwrap());
        assert!(!look().unwrap());
    }
}
