//! Texts from a peer, made fit for somebody's terminal.

/// Longest text that is ever shown, in bytes.
const MAX_TEXT: usize = 4096;

/// The text without what could drive a terminal, reorder what a person reads, or flood the screen: control
/// characters other than newline and tab, the formatting characters of bidirectional text, and whatever lies
/// beyond 4096 bytes.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(MAX_TEXT));
    for character in text.chars().filter(|character| is_shown(*character)) {
        if shown.len() + character.len_utf8() > MAX_TEXT {
            break;
        }
        shown.push(character);
    }
    shown
}

fn is_shown(character: char) -> bool {
    match character {
        '\n' | '\t' => true,
        '\u{061c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => false,
        other => !other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in ["Passcode: ", "1) Push\n2)\tCode", "Zoë, 日本語, ✓", ""] {
            assert_eq!(printable(text), text);
        }
    }

    #[test]
    fn what_drives_a_terminal_is_dropped() {
        assert_eq!(printable("\u{1b}[2Jcode\u{7}\r\u{0}\u{7f}\u{9b}31m"), "[2Jcode31m");
        assert_eq!(printable("\u{202e}evil\u{2066}\u{feff}\u{2028}"), "evil");
    }

    #[test]
    fn the_length_is_capped_between_characters() {
        assert_eq!(printable(&"x".repeat(5000)).len(), 4096);
        assert_eq!(printable(&"日".repeat(5000)).len(), 4095);
    }

    proptest! {
        #[test]
        fn nothing_unprintable_passes(text in any::<String>()) {
            let shown = printable(&text);
            prop_assert!(shown.len() <= 4096);
            prop_assert!(shown.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
            prop_assert_eq!(printable(&shown), shown);
        }
    }
}
