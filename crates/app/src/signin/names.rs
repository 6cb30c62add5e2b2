//! Names as clients write them: some put a domain before or behind it, and an application may say that this is the same person.

use sallyport_model::{UsernameNormalization, signin::Resource};
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

/// `user` of `DOMAIN\user` and of `user@domain`.
fn without_domain(name: &str) -> Option<&str> {
    let behind = name.rsplit_once('\\').map_or(name, |(_, user)| user);
    let bare = behind.split_once('@').map_or(behind, |(user, _)| user).trim();
    (!bare.is_empty() && bare != name).then_some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_stands_before_or_behind_a_name() {
        for name in ["EXAMPLE\\ada", "ada@example.com", "example.com\\ada@example.com"] {
            assert_eq!(without_domain(name), Some("ada"), "{name}");
        }
        for name in ["ada", "", "EXAMPLE\\", "@example.com"] {
            assert_eq!(without_domain(name), None, "{name}");
        }
    }
}
