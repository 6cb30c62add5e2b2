//! Where a browser may be sent after sign-in, as an address says that anybody may have made: to a page of ours and nowhere
//! else.

/// Longest path looked at: as long as proxies in front of us let addresses be, with room for another one around it.
const LONGEST: usize = 4096;

/// `given` if it is a plain absolute path on this origin; `None` for everything that a browser might read as another
/// place, or that would lead back to the doors.
#[must_use]
pub fn local_path(given: &str) -> Option<&str> {
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
}
