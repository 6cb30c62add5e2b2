//! Text from the other side, made fit for a terminal and a log.

/// One line without control characters, at most `max` characters.
pub(crate) fn printable_line(text: &str, max: usize) -> String {
    text.chars().filter(|c| is_printable(*c)).take(max).collect()
}

/// Lines without control characters other than the line feed, at most `max` characters.
pub(crate) fn printable_lines(text: &str, max: usize) -> String {
    text.chars().filter(|c| *c == '\n' || is_printable(*c)).take(max).collect()
}

/// Control characters can drive a terminal; direction marks can make a text read as another.
pub(crate) fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removes_what_drives_a_terminal() {
        assert_eq!(printable_line("a\x1b[2Jb\n\u{9b}c\u{202e}d", 100), "a[2Jbcd");
        assert_eq!(printable_lines("a\nb\r\x07", 100), "a\nb");
        assert_eq!(printable_line("ééé", 2), "éé");
    }
}
