//! Where a browser may be sent after sign-in: to a page of ours and nowhere else.

/// Longest path looked at.
const LONGEST: usize = 512;

/// `given` if it is a plain absolute path on this origin; `None` for everything that a browser might read as another
/// place, or that would lead back to the doors.
pub(crate) fn local_path(given: &str) -> Option<&str> {
    let (path, _) = given.split_once(['?', '#']).unwrap_or((given, ""));
    let plain = given.starts_with('/')
        && given.len() <= LONGEST
        && given.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
        && !path.contains("//")
        && !path.split('/').any(|part| matches!(part, "." | ".."))
        && !path.contains('%');
    let first = path.split('/').nth(1).unwrap_or_default();
    let door = matches!(first, "sign-in" | "sign-out" | "step-up" | "setup" | "enroll");
    (plain && !door).then_some(given)
}

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
    fn only_paths_of_our_own_are_followed() {
        for good in
            ["/", "/admin", "/admin/users?text=a&state=active", "/sign-ins", "/admin?x=https://e.example"]
        {
            assert_eq!(local_path(good), Some(good));
        }
    }

    #[test]
    fn twenty_ways_to_lead_a_browser_elsewhere_are_refused() {
        for bad in [
            "",
            "https://evil.example/",
            "http:evil.example",
            "HTTPS://evil.example",
            "//evil.example",
            "///evil.example",
            "////evil.example/%2f..",
            "\\\\evil.example",
            "/\\evil.example",
            "/\\/evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "\u{1}//evil.example",
            " //evil.example",
            "/ /evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "/%2fevil.example",
            "/%5cevil.example",
            "/..//evil.example",
            "/./\\evil.example",
            "/a/..//evil.example",
            "evil.example",
            "@evil.example",
            "/\u{ff0f}evil.example",
            "/\u{2215}evil.example",
            "?next=//evil.example",
            "#//evil.example",
            "/sign-out",
            "/sign-in?next=/sign-in",
            "/step-up?next=/admin",
        ] {
            assert_eq!(local_path(bad), None, "{bad:?}");
        }
        assert_eq!(local_path(&format!("/{}", "a".repeat(LONGEST))), None);
    }

    #[test]
    fn the_way_back_is_carried_encoded() {
        let encoded = "/sign-in?next=%2Fadmin%2Fusers%3Ftext%3Da%26b";
        assert_eq!(door_then("/sign-in", "/admin/users?text=a&b"), encoded);
        assert_eq!(door_then("/step-up", "//evil.example"), "/step-up");
    }
}
