//! The certificates this server shows, renewed while it runs: a server that is not restarted for a year shows none that
//! has run out, and files that somebody else renews are read again.

use std::{sync::Arc, time::Duration};

use sallyport_api::agent::INTERNAL_NAME;
use sallyport_app::Clock;
use sallyport_crypto::{SystemRandom, authority::Root};
use sallyport_model::{Span, Time};
use sallyport_web::tls::{self, Identity, ServerConfig, Shown};
use zeroize::Zeroizing;

use crate::config::Config;

/// Certificates of ours are made anew after so long, far within their life.
const RENEWED_AFTER: Span = Span::days(30);

/// How often it is looked whether something is due.
const EVERY: Duration = Duration::from_secs(3600);

/// A chain and its key, PEM.
type Pair = (String, Zeroizing<String>);

pub(crate) struct Certificates {
    config: Config,
    authority: Root,
    issued: Time,
    /// What was read from the administrator's files, if there are any.
    own: Option<Pair>,
    shown: Arc<Shown>,
}

impl Certificates {
    /// # Errors
    /// Files that cannot be read or do not fit, no randomness, or a damaged authority.
    pub(crate) fn issue(config: &Config, authority: Root, now: Time) -> anyhow::Result<Self> {
        let own = config.certificate()?;
        let [agents, people] = pairs(config, &authority, own.as_ref(), now)?;
        let shown = Shown::new(&identity(&agents), &identity(&people))?;
        Ok(Self { config: config.clone(), authority, issued: now, own, shown })
    }

    pub(crate) fn tls(&self) -> anyhow::Result<Arc<ServerConfig>> {
        Ok(tls::server_config(&self.shown)?)
    }

    /// Looks every hour, until `stop` completes.
    pub(crate) async fn keep(mut self, clock: Arc<dyn Clock>, stop: impl Future<Output = ()>) {
        let mut ticks = tokio::time::interval(EVERY);
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => return,
                _ = ticks.tick() => {}
            }
            match self.look(clock.now()) {
                Ok(false) => {}
                Ok(true) => tracing::info!("new connections are shown new certificates"),
                Err(error) => {
                    tracing::error!(%error, "the certificates cannot be renewed; the former ones stay")
                }
            }
        }
    }

    /// Renews what is due; whether new connections are shown something new.
    fn look(&mut self, now: Time) -> anyhow::Result<bool> {
        let own = self.config.certificate()?;
        if now < self.issued.plus(RENEWED_AFTER) && own == self.own {
            return Ok(false);
        }
        let [agents, people] = pairs(&self.config, &self.authority, own.as_ref(), now)?;
        self.shown.replace(&identity(&agents), &identity(&people))?;
        (self.issued, self.own) = (now, own);
        Ok(true)
    }
}

/// What agents are shown, and what everybody else is.
fn pairs(config: &Config, authority: &Root, own: Option<&Pair>, now: Time) -> anyhow::Result<[Pair; 2]> {
    let issue = |names: &[String]| {
        let leaf = authority.issue(names, now.unix_seconds(), &SystemRandom::new())?;
        anyhow::Ok((leaf.chain_pem, leaf.key_pem))
    };
    let people = own.map_or_else(|| issue(&config.host_names()), |own| Ok(own.clone()))?;
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
        let mut certificates = Certificates::issue(&config, authority, START).unwrap();
        assert!(!certificates.look(START.plus(Span::days(29))).unwrap());
        for days in [30, 60, 400] {
            let now = START.plus(Span::days(days));
            assert!(certificates.look(now).unwrap(), "after {days} days");
            assert!(!certificates.look(now.plus(Span::days(29))).unwrap());
        }
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
        let mut certificates = Certificates::issue(&config, ours, START).unwrap();
        assert!(!certificates.look(START).unwrap());
        write(&second, &first);
        assert!(certificates.look(START).is_err());
        write(&second, &second);
        assert!(certificates.look(START).unwrap());
        assert!(!certificates.look(START).unwrap());
    }
}
