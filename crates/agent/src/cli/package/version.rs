//! Which of two versions of a Debian package is newer, as deb-version(7) has it.

use std::cmp::Ordering;

/// Every text is compared in some way, so that what is no version is no reason to fail.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (Parts::new(one), Parts::new(other));
    numbers(one.epoch, other.epoch)
        .then_with(|| part(one.upstream, other.upstream))
        .then_with(|| part(one.revision, other.revision))
}

struct Parts<'a> {
    epoch: &'a str,
    upstream: &'a str,
    revision: &'a str,
}

impl<'a> Parts<'a> {
    fn new(version: &'a str) -> Self {
        let (epoch, rest) = version.split_once(':').unwrap_or(("0", version));
        let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, "0"));
        Self { epoch, upstream, revision }
    }
}

/// Compares what is no digit, then a number, and so on by turns.
fn part(mut one: &str, mut other: &str) -> Ordering {
    while !one.is_empty() || !other.is_empty() {
        let (words, rest) = split(one, |c| !c.is_ascii_digit());
        let (other_words, other_rest) = split(other, |c| !c.is_ascii_digit());
        let (digits, rest) = split(rest, |c| c.is_ascii_digit());
        let (other_digits, other_rest) = split(other_rest, |c| c.is_ascii_digit());
        let order = texts(words, other_words).then_with(|| numbers(digits, other_digits));
        if order != Ordering::Equal {
            return order;
        }
        (one, other) = (rest, other_rest);
    }
    Ordering::Equal
}

fn split(text: &str, first: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !first(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// A tilde before the end, the end before letters, letters before everything else.
fn texts(one: &str, other: &str) -> Ordering {
    let rank = |c: Option<char>| match c {
        Some('~') => (0, '~'),
        None => (1, '\0'),
        Some(c) if c.is_ascii_alphabetic() => (2, c),
        Some(c) => (3, c),
    };
    let (mut one, mut other) = (one.chars(), other.chars());
    loop {
        let (left, right) = (one.next(), other.next());
        let order = rank(left).cmp(&rank(right));
        if order != Ordering::Equal || (left.is_none() && right.is_none()) {
            return order;
        }
    }
}

/// Numbers of any length; none is zero.
fn numbers(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn versions_are_ordered_as_debian_orders_them() {
        let ascending = [
            "0.9.0~rc1",
            "0.9.0~rc1-1",
            "0.9.0",
            "0.9.0-0.1",
            "0.9.0-1",
            "0.9.0-1+b1",
            "0.9.0-1.1",
            "0.9.0-10",
            "0.9.0a",
            "0.9.0+git1",
            "0.9.0.1",
            "0.10.0",
            "0.10.1",
            "1.0",
            "1:0.1",
            "2:0~",
            "2:0",
            "10:0",
        ];
        for (index, one) in ascending.iter().enumerate() {
            for (place, other) in ascending.iter().enumerate() {
                assert_eq!(compare(one, other), index.cmp(&place), "{one} {other}");
            }
        }
    }

    #[test]
    fn the_same_version_can_be_written_in_several_ways() {
        for (one, other) in [("1.0", "1.0-0"), ("0:1.0", "1.0"), ("1.00", "1.0"), ("1.a", "1.a0"), ("", "0")]
        {
            assert_eq!(compare(one, other), Ordering::Equal, "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(a in "[0-9a-c.~+:-]{0,8}", b in "[0-9a-c.~+:-]{0,8}", c in "[0-9a-c.~+:-]{0,8}") {
            prop_assert_eq!(compare(&a, &a), Ordering::Equal);
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            if compare(&a, &b) != Ordering::Greater && compare(&b, &c) != Ordering::Greater {
                prop_assert_ne!(compare(&a, &c), Ordering::Greater);
            }
        }
    }
}
