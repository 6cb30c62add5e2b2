//! Where a browser may be sent after sign-in: to a page of ours and nowhere else.

use sallyport_app::{oidc, sso::Level};
use sallyport_model::id::ApplicationId;
use sallyport_wire::{http::local_path, oidc::Params};

/// Where somebody goes who has come through: where they wanted to, else to their own front page.
pub(crate) fn home(next: &str, administrator: bool) -> &str {
    local_path(next).unwrap_or(if administrator { "/admin" } else { "/" })
}

/// The address of the page at `door` that leads back to `path`.
pub(crate) fn door_then(door: &str, path: &str) -> String {
    match local_path(path) {
        None | Some("/") => door.into(),
        Some(path) => format!("{door}?next={}", super::fields::encode(path)),
    }
}

/// The application that a path of ours leads to, and how much is to be proved for it. Anybody can write it: what is signed in to on
/// the way opens nothing but what policy opens there.
pub(crate) fn application_at(path: &str) -> Option<(ApplicationId, Level)> {
    let (_, query) = local_path(path)?.split_once('?')?;
    let params = Params::from_query(query).ok()?;
    let application = params.line("at", 64).ok()??.parse().ok()?;
    let level = params.line("level", 64).ok().flatten();
    Some((application, level.and_then(|level| oidc::level(&level)).unwrap_or(Level::OneDoor)))
}

/// The same path as [`application_at`] reads.
pub(crate) fn at_application(path: &str, application: Option<ApplicationId>, level: Level) -> String {
    let Some(application) = application else { return path.to_owned() };
    format!("{path}&at={application}&level={}", super::fields::encode(oidc::acr(level)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_carried_encoded() {
        let encoded = "/sign-in?next=%2Fadmin%2Fusers%3Ftext%3Da%26b";
        assert_eq!(door_then("/sign-in", "/admin/users?text=a&b"), encoded);
        assert_eq!(door_then("/step-up", "//evil.example"), "/step-up");
    }
}
