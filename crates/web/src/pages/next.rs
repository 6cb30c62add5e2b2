//! Where a browser may be sent after sign-in: to a page of ours and nowhere else.

use sallyport_wire::http::local_path;

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
