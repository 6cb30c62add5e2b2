//! What a browser sends of its cookies (RFC 6265, section 4.2).

/// The value of a cookie, where it came exactly once: two of one name are a sign of somebody planting one.
pub fn find<'a>(lines: impl Iterator<Item = &'a str>, name: &str) -> Option<&'a str> {
    let mut found = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(given, _)| *given == name)
        .map(|(_, value)| value);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name_and_only_if_it_came_once() {
        let of = |lines: &[&'static str], name| find(lines.iter().copied(), name);
        let line = "a=1; __Host-sallyport=x=y; b=2";
        assert_eq!(of(&[line], "__Host-sallyport"), Some("x=y"));
        assert_eq!(of(&[line], "__Host-sallyport-step"), None);
        assert_eq!(of(&[line], "sallyport"), None);
        assert_eq!(of(&[line, "__Host-sallyport=planted"], "__Host-sallyport"), None);
        assert_eq!(of(&["a=1;a=1"], "a"), None);
        assert_eq!(of(&["a", "=", ";;", " a =1"], "a"), None);
    }
}
