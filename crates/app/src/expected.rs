//! The version of a noun that a caller saw. What they do with it is done to that version or not at all, whatever the
//! use case: [`Ctx::write`] looks first, in the same transaction.

use sallyport_store::{Noun, Reader};

use crate::{AppError, Ctx};

/// A noun that must still have a version when something is written.
#[derive(Clone)]
pub struct Expected {
    id: String,
    version: i64,
    find: fn(&mut Reader, &str) -> Result<Option<i64>, AppError>,
}

impl Ctx {
    /// The same call, which changes nothing unless the noun with this id still has this version. Without a version it is
    /// as before. A use case may write once at most under it, for its own write makes another version.
    #[must_use]
    pub fn expecting<T: Noun>(self, id: T::Id, version: Option<i64>) -> Self {
        let Some(version) = version else { return self };
        Self { expected: Some(Expected { id: id.to_string(), version, find: version_of::<T> }), ..self }
    }
}

impl Expected {
    /// Refuses when the noun has another version. That there is none is for the use case to say.
    pub(crate) fn check(&self, reader: &mut Reader) -> Result<(), AppError> {
        match (self.find)(reader, &self.id)? {
            Some(version) if version != self.version => Err(AppError::Stale),
            Some(_) | None => Ok(()),
        }
    }
}

fn version_of<T: Noun>(reader: &mut Reader, id: &str) -> Result<Option<i64>, AppError> {
    let Ok(id) = id.parse::<T::Id>() else { return Ok(None) };
    Ok(reader.find::<T>(id)?.map(|noun| noun.version))
}
