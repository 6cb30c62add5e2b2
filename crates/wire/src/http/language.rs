//! What languages a browser asks for: `Accept-Language` (RFC 9110, section 12.5.4).

/// Most languages of a browser looked at, and most bytes of each list.
const MOST: usize = 20;
const LONGEST: usize = 500;

/// The ranges that these lists name, in their order, each with its weight in thousandths. A list beyond measure is none.
pub fn ranges<'a>(lists: impl Iterator<Item = &'a str>) -> impl Iterator<Item = (&'a str, u32)> {
    lists.filter(|list| list.len() <= LONGEST).flat_map(|list| list.split(',')).take(MOST).map(weighed)
}

/// A range, and its weight in thousandths. What is no weight counts as none.
fn weighed(range: &str) -> (&str, u32) {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next().unwrap_or_default();
    let weight = match parts.next().map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="))) {
        None => 1000,
        Some(weight) => weight.and_then(thousandths).unwrap_or(0),
    };
    (tag, weight)
}

fn thousandths(weight: &str) -> Option<u32> {
    let (whole, rest) = weight.split_once('.').unwrap_or((weight, ""));
    let plain = rest.len() <= 3 && rest.bytes().all(|byte| byte.is_ascii_digit());
    match whole {
        "1" if rest.bytes().all(|byte| byte == b'0') => Some(1000),
        "0" if plain => format!("{rest:0<3}").parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_thousandths_and_what_is_none_counts_nothing() {
        let of = |list: &'static str| ranges([list].into_iter()).collect::<Vec<_>>();
        assert_eq!(of("de-CH-1996;q=0.3, fr;Q=0.8,*"), [("de-CH-1996", 300), ("fr", 800), ("*", 1000)]);
        for list in ["de;q=2", "de;q=-1", "de;q=1.001", "de;q=0.0001", "de;q=nan", "de;x", "de;q="] {
            assert_eq!(of(list), [("de", 0)], "{list}");
        }
        let many = "tlh,".repeat(MOST + 1);
        assert_eq!(ranges([many.as_str()].into_iter()).count(), MOST);
        assert_eq!(ranges(["x".repeat(LONGEST + 1).as_str()].into_iter()).count(), 0);
    }
}
