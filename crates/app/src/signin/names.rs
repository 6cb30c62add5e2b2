//! Names as clients write them: some put a domain before or behind it, and an application may say that this is the same person.

use sallyport_model::{UsernameNormalization, name::without_domain, signin::Resource};
use sallyport_store::Reader;

use crate::{AppError, view::View};

/// Whom an application means by this name: whoever has exactly this name or alias, else, where the application is set so,
/// whoever has the name within it.
pub(crate) fn meant<'a>(
    reader: &mut Reader,
    view: &View,
    at: &Resource,
    name: &'a str,
) -> Result<&'a str, AppError> {
    let (Resource::Application { application, .. }, Some(bare)) = (at, without_domain(name)) else {
        return Ok(name);
    };
    let found = view.application(reader, *application)?;
    match found.map(|found| found.username_normalization).unwrap_or_default() {
        UsernameNormalization::None => Ok(name),
        UsernameNormalization::Simple if view.person(reader, name)?.is_some() => Ok(name),
        UsernameNormalization::Simple => Ok(bare),
    }
}
