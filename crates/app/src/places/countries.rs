//! The country of an address, from a database in MaxMind's format. What the database cannot say, or says in a way that is
//! not understood, is not known.

use std::{
    collections::HashSet,
    net::IpAddr,
    path::Path,
    time::{Duration, SystemTime},
};

use maxminddb::{LookupResult, PathElement, Reader, WithinOptions};
use sallyport_model::policy::Country;

use super::{Contents, PlacesError};

pub(super) struct Countries(Reader<Vec<u8>>);

/// Where publishers of such databases keep the two letters.
const LETTERS: [&[PathElement<'static>]; 3] = [
    &[PathElement::Key("country"), PathElement::Key("iso_code")],
    &[PathElement::Key("country_code")],
    &[PathElement::Key("country")],
];

impl Countries {
    pub(super) fn of(&self, address: IpAddr) -> Option<Country> {
        letters(&self.0.lookup(address).ok()?)
    }

    /// When the data were put together, as the database says.
    pub(super) fn made(&self) -> Option<SystemTime> {
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.0.metadata().build_epoch))
    }
}

fn letters(found: &LookupResult<'_, Vec<u8>>) -> Option<Country> {
    LETTERS.iter().find_map(|path| found.decode_path::<&str>(path).ok()??.parse().ok())
}

impl Contents for Countries {
    const MOST: u64 = 256;

    fn read(path: &Path, bytes: Vec<u8>) -> Result<Self, PlacesError> {
        let unusable = |what: String| PlacesError::Countries { path: path.to_owned(), what };
        let reader = Reader::from_source(bytes).map_err(|error| unusable(error.to_string()))?;
        match knows_countries(&reader) {
            Ok(true) => Ok(Self(reader)),
            Ok(false) => Err(unusable("it knows the country of no address".into())),
            Err(what) => Err(unusable(what)),
        }
    }
}

/// Goes through all of it once, so that a file that was cut short, or is of another kind, is found out now.
fn knows_countries(reader: &Reader<Vec<u8>>) -> Result<bool, String> {
    let (mut looked_at, mut known) = (HashSet::new(), false);
    // An honest tree has fewer ends than this. In another one nodes may share what is below them, so often that it never
    // ended; the ends that lead to nothing count as well.
    let mut left = u64::from(reader.metadata().node_count).saturating_mul(3);
    let every_end = WithinOptions::default().include_networks_without_data();
    for found in reader.networks(every_end).map_err(|error| error.to_string())? {
        let found = found.map_err(|error| error.to_string())?;
        left = left.checked_sub(1).ok_or("its tree has no end")?;
        if found.offset().is_some_and(|offset| looked_at.insert(offset)) {
            known |= letters(&found).is_some();
        }
    }
    Ok(known)
}
