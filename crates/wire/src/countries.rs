//! The country of an address, from a database in MaxMind's format. What the database cannot say, or says in a way that is
//! not understood, is not known.

use std::{collections::HashSet, net::IpAddr};

use maxminddb::{LookupResult, PathElement, Reader, WithinOptions};
use sallyport_model::policy::Country;

pub struct Countries(Reader<Vec<u8>>);

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CountriesError {
    #[error("{0}")]
    Damaged(String),
    #[error("its tree has no end")]
    Endless,
    #[error("it knows the country of no address")]
    Ignorant,
}

/// Where publishers of such databases keep the two letters.
const LETTERS: [&[PathElement<'static>]; 3] = [
    &[PathElement::Key("country"), PathElement::Key("iso_code")],
    &[PathElement::Key("country_code")],
    &[PathElement::Key("country")],
];

impl Countries {
    /// Goes through all of it once, so that a file that was cut short, or is of another kind, is found out now.
    ///
    /// # Errors
    /// It is no such database, or none of countries.
    pub fn read(file: Vec<u8>) -> Result<Self, CountriesError> {
        let reader = Reader::from_source(file).map_err(damaged)?;
        if knows_countries(&reader)? { Ok(Self(reader)) } else { Err(CountriesError::Ignorant) }
    }

    #[must_use]
    pub fn of(&self, address: IpAddr) -> Option<Country> {
        letters(&self.0.lookup(address).ok()?)
    }

    /// When the data were put together, as the database says, in Unix seconds.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.0.metadata().build_epoch
    }
}

fn letters(found: &LookupResult<'_, Vec<u8>>) -> Option<Country> {
    LETTERS.iter().find_map(|path| found.decode_path::<&str>(path).ok()??.parse().ok())
}

#[expect(clippy::needless_pass_by_value, reason = "what errors are mapped with")]
fn damaged(error: maxminddb::MaxMindDbError) -> CountriesError {
    CountriesError::Damaged(error.to_string())
}

fn knows_countries(reader: &Reader<Vec<u8>>) -> Result<bool, CountriesError> {
    let (mut looked_at, mut known) = (HashSet::new(), false);
    // An honest tree has fewer ends than this. In another one nodes may share what is below them, so often that it never
    // ended; the ends that lead to nothing count as well.
    let mut left = u64::from(reader.metadata().node_count).saturating_mul(3);
    let every_end = WithinOptions::default().include_networks_without_data();
    for found in reader.networks(every_end).map_err(damaged)? {
        let found = found.map_err(damaged)?;
        left = left.checked_sub(1).ok_or(CountriesError::Endless)?;
        if found.offset().is_some_and(|offset| looked_at.insert(offset)) {
            known |= letters(&found).is_some();
        }
    }
    Ok(known)
}
