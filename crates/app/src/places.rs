//! What is known of the place an address belongs to: its country, and whether it is of a network that hides who uses it.
//! Both come from files of the administrator's, which are read whole, kept in memory, and looked at again while the server
//! runs. What no file says is not known.

#[cfg(test)]
pub(crate) mod tests;

use std::{
    fs::File,
    io::Read as _,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use sallyport_model::policy::Country;
use sallyport_policy::Place;
use sallyport_wire::{
    countries::{Countries, CountriesError},
    networks::{Networks, NetworksError},
};

use crate::{AppError, Ctx};

/// Where the files are.
#[derive(Debug, Clone, Default)]
pub struct PlaceFiles {
    /// A database of countries in MaxMind's format.
    pub countries: Option<PathBuf>,
    /// Addresses and networks that hide who uses them, one in a line.
    pub anonymous_networks: Option<PathBuf>,
}

/// Why a file cannot be used. Says which and what to do.
#[derive(Debug, thiserror::Error)]
pub enum PlacesError {
    #[error("cannot read `{path}`: {source}; give the file, or leave the setting out")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("`{path}` is longer than {most} MiB, and so not what it should be")]
    TooLong { path: PathBuf, most: u64 },
    #[error(
        "`{path}` is no database of countries: {what}; give a whole file in MaxMind's format (.mmdb) that knows countries"
    )]
    Countries { path: PathBuf, what: String },
    #[error(
        "`{path}` is no list of networks: {what}; give one address or network such as 192.0.2.0/24 in a line"
    )]
    Networks { path: PathBuf, what: String },
}

/// What a file turned out to hold, for whoever looks after the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAge {
    pub path: PathBuf,
    /// When its contents were made, as far as it says so or the file system does.
    pub made: SystemTime,
}

/// All that is known of places.
#[derive(Default)]
pub struct Places {
    countries: Option<Kept<Countries>>,
    anonymous: Option<Kept<Networks>>,
}

impl Places {
    /// Reads the files for the first time.
    ///
    /// # Errors
    /// One of them cannot be used.
    pub fn open(files: &PlaceFiles) -> Result<Self, PlacesError> {
        Ok(Self {
            countries: files.countries.as_deref().map(Kept::open).transpose()?,
            anonymous: files.anonymous_networks.as_deref().map(Kept::open).transpose()?,
        })
    }

    /// What is known of this address.
    #[must_use]
    pub fn of(&self, address: Option<IpAddr>) -> Place {
        let Some(known) = address.map(|address| address.to_canonical()) else { return Place::default() };
        let anonymous = self.anonymous.as_ref().is_some_and(|kept| kept.now().contains(known));
        Place { address, country: self.country_of(known), anonymous }
    }

    fn country_of(&self, address: IpAddr) -> Option<Country> {
        let countries = self.countries.as_ref().filter(|_| !is_inside(address))?;
        countries.now().of(address)
    }

    /// How old the files are: the database of countries, and the list of networks.
    #[must_use]
    pub fn ages(&self) -> [Option<FileAge>; 2] {
        [
            self.countries.as_ref().map(|kept| {
                let made = Duration::from_secs(kept.now().made());
                kept.age(SystemTime::UNIX_EPOCH.checked_add(made))
            }),
            self.anonymous.as_ref().map(|kept| kept.age(None)),
        ]
    }

    /// Takes up what has changed since the files were last looked at. What cannot be used is said in the log once, and what
    /// was known before stays.
    pub(crate) fn look_again(&self) {
        if let Some(kept) = &self.countries {
            kept.look_again();
        }
        if let Some(kept) = &self.anonymous {
            kept.look_again();
        }
    }
}

/// Looks at the files again, beside the threads that answer requests.
///
/// # Errors
/// The server is stopping.
pub(crate) async fn look_again(ctx: &Ctx) -> Result<(), AppError> {
    let org = Arc::clone(&ctx.org);
    tokio::task::spawn_blocking(move || org.places.look_again())
        .await
        .map_err(|error| AppError::Internal(error.to_string()))
}

/// Addresses that no country has given out: of a house, a machine, a link, or of nobody.
fn is_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let shared_by_a_provider = first == 100 && second & 0xc0 == 64;
            first == 0 || v4.is_private() || v4.is_loopback() || v4.is_link_local() || shared_by_a_provider
        }
        IpAddr::V6(v6) => {
            v6.is_unspecified() || v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local()
        }
    }
}

/// What a kind of file holds.
trait Contents: Sized {
    /// So long a file may be, in MiB.
    const MOST: u64;

    fn read(path: &Path, bytes: Vec<u8>) -> Result<Self, PlacesError>;
}

impl Contents for Countries {
    const MOST: u64 = 256;

    fn read(path: &Path, bytes: Vec<u8>) -> Result<Self, PlacesError> {
        let unusable =
            |what: CountriesError| PlacesError::Countries { path: path.to_owned(), what: what.to_string() };
        Self::read(bytes).map_err(unusable)
    }
}

/// Those that hide who uses them: the exits of Tor, and whatever else the administrator lists.
impl Contents for Networks {
    const MOST: u64 = 16;

    fn read(path: &Path, bytes: Vec<u8>) -> Result<Self, PlacesError> {
        let unusable =
            |what: NetworksError| PlacesError::Networks { path: path.to_owned(), what: what.to_string() };
        Self::read(&bytes).map_err(unusable)
    }
}

/// A file as it was last read.
struct Kept<T> {
    path: PathBuf,
    now: RwLock<Arc<T>>,
    /// How the file looked then; `None` if it was not there.
    looked: Mutex<Option<Stamp>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: SystemTime,
}

impl<T: Contents> Kept<T> {
    fn open(path: &Path) -> Result<Self, PlacesError> {
        let stamp = stamp(path);
        let contents = read(path)?;
        Ok(Self { path: path.to_owned(), now: RwLock::new(Arc::new(contents)), looked: Mutex::new(stamp) })
    }

    fn now(&self) -> Arc<T> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn look_again(&self) {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken before the file is read: what is written meanwhile is seen the next time.
        let found = stamp(&self.path);
        if *looked == found {
            return;
        }
        *looked = found;
        match read(&self.path) {
            Ok(contents) => {
                *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(contents);
                tracing::info!(path = %self.path.display(), "read again, because it has changed");
            }
            Err(error) => tracing::error!(%error, "what was read before stays in use"),
        }
    }

    fn age(&self, made: Option<SystemTime>) -> FileAge {
        let modified = self.looked.lock().unwrap_or_else(PoisonError::into_inner).map(|stamp| stamp.modified);
        FileAge { path: self.path.clone(), made: made.or(modified).unwrap_or(SystemTime::UNIX_EPOCH) }
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(path).ok()?;
    Some(Stamp { length: metadata.len(), modified: metadata.modified().ok()? })
}

fn read<T: Contents>(path: &Path) -> Result<T, PlacesError> {
    let io = |source| PlacesError::Io { path: path.to_owned(), source };
    let most = T::MOST << 20;
    let mut bytes = Vec::new();
    // One byte more than may be there tells whether it was too long, whatever its length is said to be.
    File::open(path).map_err(io)?.take(most + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > most {
        return Err(PlacesError::TooLong { path: path.to_owned(), most: T::MOST });
    }
    T::read(path, bytes)
}
