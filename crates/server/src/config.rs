//! Configuration: flags over environment over one optional file over defaults.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use ipnet::IpNet;
use serde::Deserialize;

use sallyport_app::places::{PlaceFiles, Places};
use sallyport_web::{proxies::Proxy, tls};
use zeroize::Zeroizing;

use crate::{print, tell};

/// What the server is told. Every field may stand in the file under the same name.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Options {
    /// Folder of the database, the keys and the packages
    #[arg(long, env = "SALLYPORT_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Address and port to listen on
    #[arg(long, env = "SALLYPORT_LISTEN", value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// Where people and devices reach this server
    #[arg(long, env = "SALLYPORT_EXTERNAL_URL", value_name = "URL")]
    pub(crate) external_url: Option<String>,
    /// Certificate chain for people and protected applications, PEM, read again every minute; without one the server makes its
    /// own. Clients then need the root of yours, which is not printed as `ca`; agents go by our own authority all the same
    #[arg(long, env = "SALLYPORT_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Private key of that certificate, PEM
    #[arg(long, env = "SALLYPORT_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// A PostgreSQL URL, in place of the embedded database
    #[arg(long, env = "SALLYPORT_DATABASE", value_name = "URL", hide_env_values = true)]
    pub(crate) database: Option<String>,
    /// Folder of the packages that devices install; `packages` in the data folder if not given
    #[arg(long, env = "SALLYPORT_PACKAGES", value_name = "DIR")]
    pub(crate) packages: Option<PathBuf>,
    /// Folder of the files that event streams write; `events` in the data folder if not given
    #[arg(long, env = "SALLYPORT_EVENTS", value_name = "DIR")]
    pub(crate) events: Option<PathBuf>,
    /// Most connections of one address; more than the usual 2000 where a larger site stands behind one
    #[arg(long, env = "SALLYPORT_CONNECTIONS_PER_ADDRESS", value_name = "NUMBER")]
    pub(crate) connections_per_address: Option<usize>,
    /// Address or network of a reverse proxy whose X-Forwarded-For or Forwarded header is believed; may be repeated
    #[arg(long, env = "SALLYPORT_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',')]
    pub(crate) trusted_proxy: Vec<Proxy>,
    /// Internal address or network that providers and gateways may be reached on, also without TLS; may be repeated. Without
    /// it no setting makes the server call anything inside your network
    #[arg(long, env = "SALLYPORT_OUTBOUND_INTERNAL", value_name = "CIDR", value_delimiter = ',')]
    pub(crate) outbound_internal: Vec<String>,
    /// PEM file with certificate authorities that providers, gateways and Duo may have besides those that browsers trust
    #[arg(long, env = "SALLYPORT_OUTBOUND_CA", value_name = "FILE")]
    pub(crate) outbound_ca: Option<PathBuf>,
    /// Database of countries in MaxMind's format (.mmdb), for policies that look at the country; looked at again every minute.
    /// Without one no address has a known country
    #[arg(long, env = "SALLYPORT_COUNTRIES", value_name = "FILE")]
    pub(crate) countries: Option<PathBuf>,
    /// Addresses and networks that hide who uses them, such as the exits of Tor, one in a line; looked at again every minute
    #[arg(long, env = "SALLYPORT_ANONYMOUS_NETWORKS", value_name = "FILE")]
    pub(crate) anonymous_networks: Option<PathBuf>,
    /// For development and tests: wake phones through push services on this machine alone, whose certificates are of the
    /// authority in this PEM file
    #[arg(long, env = "SALLYPORT_WEB_PUSH_TEST_CA", value_name = "FILE")]
    pub(crate) web_push_test_ca: Option<PathBuf>,
}

/// The configuration as it holds.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) data: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) external_url: String,
    pub(crate) tls: Option<(PathBuf, PathBuf)>,
    pub(crate) database: Option<String>,
    pub(crate) packages: PathBuf,
    pub(crate) events: PathBuf,
    pub(crate) connections_per_address: Option<usize>,
    pub(crate) trusted_proxies: Vec<Proxy>,
    pub(crate) outbound_internal: Vec<IpNet>,
    pub(crate) outbound_ca: Option<PathBuf>,
    pub(crate) places: PlaceFiles,
    pub(crate) web_push_test_ca: Option<PathBuf>,
    /// Whether nobody said where the server is reached.
    pub(crate) external_url_is_default: bool,
}

impl Options {
    /// These options, completed from a file and by defaults.
    pub(crate) fn resolve(self, file: Option<&PathBuf>) -> anyhow::Result<Config> {
        let from_file = match file {
            Some(file) => read(file)?,
            None => Self::default(),
        };
        let data = self.data.or(from_file.data).unwrap_or_else(|| "sallyport-data".into());
        let listen = self.listen.or(from_file.listen).unwrap_or(SocketAddr::from(([0, 0, 0, 0], 8443)));
        let external_url = self.external_url.or(from_file.external_url);
        let external_url_is_default = external_url.is_none();
        let external_url = external_url.unwrap_or_else(|| format!("https://localhost:{}", listen.port()));
        let tls = match (self.tls_cert.or(from_file.tls_cert), self.tls_key.or(from_file.tls_key)) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            _ => bail!("tls-cert and tls-key belong together: give both or neither"),
        };
        Ok(Config {
            packages: self.packages.or(from_file.packages).unwrap_or_else(|| data.join("packages")),
            events: self.events.or(from_file.events).unwrap_or_else(|| data.join("events")),
            external_url: checked_url(&external_url)?,
            connections_per_address: self.connections_per_address.or(from_file.connections_per_address),
            trusted_proxies: if self.trusted_proxy.is_empty() {
                from_file.trusted_proxy
            } else {
                self.trusted_proxy
            },
            outbound_internal: networks(if self.outbound_internal.is_empty() {
                &from_file.outbound_internal
            } else {
                &self.outbound_internal
            })?,
            outbound_ca: self.outbound_ca.or(from_file.outbound_ca),
            places: PlaceFiles {
                countries: self.countries.or(from_file.countries),
                anonymous_networks: self.anonymous_networks.or(from_file.anonymous_networks),
            },
            web_push_test_ca: self.web_push_test_ca.or(from_file.web_push_test_ca),
            database: self.database.or(from_file.database),
            external_url_is_default,
            data,
            listen,
            tls,
        })
    }
}

fn read(file: &PathBuf) -> anyhow::Result<Options> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    toml::from_str(&text).with_context(|| format!("`{}` is not a configuration", file.display()))
}

/// `https://host[:port]`, nothing behind it.
/// Addresses and networks as they are listed.
fn networks(listed: &[String]) -> anyhow::Result<Vec<IpNet>> {
    let network = |text: &String| match text.parse::<IpAddr>() {
        Ok(address) => Ok(IpNet::from(address)),
        Err(_) => text.parse().with_context(|| {
            format!("outbound-internal `{text}` is no address and no network such as 10.1.0.0/16")
        }),
    };
    listed.iter().map(network).collect()
}

fn checked_url(url: &str) -> anyhow::Result<String> {
    let url = url.trim_end_matches('/');
    let host = url.strip_prefix("https://").unwrap_or_default();
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
    if host.is_empty() || !host.bytes().all(plain) {
        bail!("external-url `{url}` must look like https://sallyport.example.com or https://host:8443");
    }
    Ok(url.to_ascii_lowercase())
}

impl Config {
    /// The chain that people are shown and its key, PEM, where the administrator has one.
    pub(crate) fn certificate(&self) -> anyhow::Result<Option<(String, Zeroizing<String>)>> {
        let read = |path: &PathBuf| {
            std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
        };
        let Some((chain, key)) = &self.tls else { return Ok(None) };
        Ok(Some((read(chain)?, Zeroizing::new(read(key)?))))
    }

    /// Host names and addresses a certificate of ours must be good for.
    #[must_use]
    pub(crate) fn host_names(&self) -> Vec<String> {
        let authority = self.external_url.trim_start_matches("https://");
        let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((v6, _)) => v6,
            None => authority.split(':').next().unwrap_or(authority),
        };
        let mut names = vec![host.to_owned()];
        for name in ["localhost", "127.0.0.1", "::1"] {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        if !self.listen.ip().is_unspecified() && !names.contains(&self.listen.ip().to_string()) {
            names.push(self.listen.ip().to_string());
        }
        names
    }
}

#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print a configuration file with every setting and its default
    Example,
    /// Read a configuration file and say what is wrong with it
    Check {
        /// The file
        file: PathBuf,
    },
}

const EXAMPLE: &str = include_str!("config/example.toml");

impl ConfigCommand {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Example => print(EXAMPLE.trim_end()),
            Self::Check { file } => {
                let config = Options::default().resolve(Some(&file))?;
                if let Some((chain_pem, key_pem)) = config.certificate()? {
                    tls::check(&tls::Identity { chain_pem: &chain_pem, key_pem: &key_pem })?;
                }
                Places::open(&config.places)?;
                tell(&format!("`{}` is fine; people would reach {}", file.display(), config.external_url));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_configuration_and_names_every_setting() {
        let options: Options = toml::from_str(EXAMPLE).unwrap();
        assert!(options.resolve(None).is_ok());
        let uncommented: String = EXAMPLE
            .lines()
            .filter_map(|line| line.strip_prefix("# ").filter(|l| l.contains(" = ")))
            .fold(String::new(), |text, line| text + line + "\n");
        let all: Options = toml::from_str(&uncommented).unwrap();
        assert!(all.data.is_some() && all.listen.is_some() && all.external_url.is_some());
        assert!(
            all.tls_cert.is_some()
                && all.tls_key.is_some()
                && all.database.is_some()
                && all.packages.is_some()
                && all.connections_per_address.is_some()
                && !all.trusted_proxy.is_empty()
                && !all.outbound_internal.is_empty()
                && all.outbound_ca.is_some()
                && all.countries.is_some()
                && all.anonymous_networks.is_some()
                && all.web_push_test_ca.is_some()
        );
    }

    #[test]
    fn only_plain_https_urls_are_taken() {
        for bad in
            ["http://a", "https://", "https://a/b", "https://a b", "javascript:alert(1)", "https://u@h"]
        {
            assert!(checked_url(bad).is_err(), "{bad}");
        }
        assert_eq!(checked_url("https://Example.com:8443/").unwrap(), "https://example.com:8443");
    }

    #[test]
    fn internal_addresses_are_listed_one_by_one_or_by_network() {
        let options: Options =
            toml::from_str("outbound-internal = [\"127.0.0.1\", \"10.1.0.0/16\"]").unwrap();
        let listed = options.resolve(None).unwrap().outbound_internal;
        assert_eq!(listed, ["127.0.0.1/32".parse().unwrap(), "10.1.0.0/16".parse().unwrap()]);
        assert_eq!(Options::default().resolve(None).unwrap().outbound_internal, Vec::<IpNet>::new());
        let bad: Options = toml::from_str("outbound-internal = [\"gateway.example\"]").unwrap();
        assert!(bad.resolve(None).unwrap_err().to_string().contains("gateway.example"));
    }

    #[test]
    fn listed_proxies_are_networks_and_flags_go_over_the_file() {
        let file: Options = toml::from_str("trusted-proxy = [\"10.1.0.0/16\", \"192.0.2.10\"]").unwrap();
        assert_eq!(file.trusted_proxy.len(), 2);
        for bad in ["0.0.0.0/0", "10.1.2.3/16", "proxy.example"] {
            let error = toml::from_str::<Options>(&format!("trusted-proxy = [\"{bad}\"]")).unwrap_err();
            assert!(error.to_string().contains(bad), "{error}");
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sallyport.toml");
        std::fs::write(&path, "trusted-proxy = [\"10.1.0.0/16\"]").unwrap();
        let flag: Proxy = "192.0.2.10".parse().unwrap();
        let flags = Options { trusted_proxy: vec![flag], ..Options::default() };
        assert_eq!(flags.resolve(Some(&path)).unwrap().trusted_proxies, [flag]);
        let file = Options::default().resolve(Some(&path)).unwrap();
        assert_eq!(file.trusted_proxies, ["10.1.0.0/16".parse().unwrap()]);
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        assert!(toml::from_str::<Options>("lisen = \"0.0.0.0:1\"").is_err());
    }
}
