//! Paths that the directory may put into the files of a machine.

/// Places a home must not be in.
const SYSTEM_PLACES: [&str; 14] =
    ["bin", "boot", "dev", "etc", "lib", "lib64", "proc", "root", "run", "sbin", "sys", "tmp", "usr", "var"];

/// Whether this is an absolute path of plain letters, at most 255 of them, without `.`, `..` or empty parts.
#[must_use]
pub fn is_plain(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'-' | b'+');
    let Some(rest) = path.strip_prefix('/') else { return false };
    path.len() <= 255
        && path.bytes().all(plain)
        && rest.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Whether somebody's home may be there: a plain path below a top folder that is not the system's.
#[must_use]
pub fn is_home(path: &str) -> bool {
    let mut parts = path.trim_start_matches('/').split('/');
    let top = parts.next().unwrap_or_default();
    is_plain(path) && parts.next().is_some() && !SYSTEM_PLACES.contains(&top)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_paths_reach_a_machine() {
        for path in
            ["", "bin/sh", "/bin/sh\n", "/bin/../sh", "/bin/./sh", "/bin//sh", "/bin/sh:x", "/bin/s h", "/"]
        {
            assert!(!is_plain(path), "{path:?}");
        }
        assert!(!is_plain(&format!("/{}", "a".repeat(255))));
        assert!(is_plain("/bin/bash") && is_plain("/opt/g++/sh_1.0-2"));
    }

    #[test]
    fn a_home_is_in_no_place_of_the_system() {
        for home in [
            "/home",
            "/etc/alice",
            "/root/x",
            "/var/lib/sallyport",
            "/home/../etc/x",
            "/home/a\u{7f}",
            "home/a",
        ] {
            assert!(!is_home(home), "{home:?}");
        }
        for home in ["/home/alice", "/srv/people/alice", "/export/home/a.b"] {
            assert!(is_home(home), "{home:?}");
        }
    }
}
