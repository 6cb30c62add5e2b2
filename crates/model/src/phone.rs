//! Telephone numbers as the whole world dials them (E.164), and the beginnings of numbers that stand for countries.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::as_text::as_text;

/// Digits of a number, the country's among them (E.164, 6.1: at most 15). Nowhere are there subscribers with fewer.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Digits that name a country, or part of one: with an area code.
const COUNTRY_DIGITS: std::ops::RangeInclusive<usize> = 1..=7;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    #[error("a calling code is `+` and 1 to 7 digits, such as `+49` or `+1684`")]
    NotACallingCode,
    #[error("a telephone number is `+`, the country's calling code and the number, such as `+49 30 1234567`")]
    NotANumber,
}

/// A telephone number: `+` and 7 to 15 digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// The last four digits, which is all that is shown of it where others might look.
    #[must_use]
    pub fn last_four(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// As Duo's clients show numbers: `XXX-XXX-1234`.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("XXX-XXX-{}", self.last_four())
    }
}

impl FromStr for PhoneNumber {
    type Err = PhoneError;

    /// Takes what people write between digits, and nothing in place of the `+`: who leaves it out may mean any country.
    fn from_str(given: &str) -> Result<Self, PhoneError> {
        let digits = digits(given).ok_or(PhoneError::NotANumber)?;
        if !DIGITS.contains(&digits.len()) {
            Err(PhoneError::NotANumber)
        } else {
            Ok(Self(format!("+{digits}")))
        }
    }
}

/// What the numbers of a country begin with, with an area code where part of it is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "String", into = "String")]
pub struct CallingCode(String);

impl CallingCode {
    /// The longest of these that a number begins with.
    #[must_use]
    pub fn of<'c>(number: &PhoneNumber, codes: &'c [Self]) -> Option<&'c Self> {
        codes.iter().filter(|code| number.0.starts_with(&code.0)).max_by_key(|code| code.0.len())
    }
}

impl FromStr for CallingCode {
    type Err = PhoneError;

    fn from_str(given: &str) -> Result<Self, PhoneError> {
        let digits = digits(given).ok_or(PhoneError::NotACallingCode)?;
        if !COUNTRY_DIGITS.contains(&digits.len()) {
            return Err(PhoneError::NotACallingCode);
        }
        Ok(Self(format!("+{digits}")))
    }
}

as_text!(PhoneNumber: PhoneError, CallingCode: PhoneError);

/// The digits behind a `+`; no country's code begins with 0.
fn digits(given: &str) -> Option<String> {
    const LONGEST: usize = 40;
    let rest = given.trim().strip_prefix('+').filter(|_| given.len() <= LONGEST)?;
    let digits: String = rest.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '/' | '(' | ')')).collect();
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    (plain && !digits.is_empty()).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_text_however_it_is_written() {
        for given in ["+49 30 1234567", " +49 (30) 123-4567", "+49/30.1234567", "+49301234567"] {
            let number: PhoneNumber = given.parse().unwrap();
            assert_eq!(number.as_str(), "+49301234567", "{given}");
            assert_eq!((number.last_four(), number.masked().as_str()), ("4567", "XXX-XXX-4567"));
        }
    }

    #[test]
    fn whatever_could_mean_another_number_is_refused() {
        for bad in [
            "",
            "+",
            "+0301234567",
            "0049301234567",
            "49301234567",
            "++49301234567",
            "+49 30 12345x",
            "+123456",
            "+1234567890123456",
            "+49301234567;ext=1",
            "+49\u{661}\u{662}\u{663}12345",
            "+49301234567,+49301234568",
        ] {
            assert_eq!(bad.parse::<PhoneNumber>(), Err(PhoneError::NotANumber), "{bad}");
        }
        assert!("+".repeat(1000).parse::<PhoneNumber>().is_err());
    }

    #[test]
    fn the_longest_calling_code_counts() {
        let codes: Vec<CallingCode> =
            ["+1", "+49", "+1684"].into_iter().map(|code| code.parse().unwrap()).collect();
        let of = |number: &str| {
            CallingCode::of(&number.parse().unwrap(), &codes).map(|code| code.as_str().to_owned())
        };
        assert_eq!(of("+1 212 555 0100").as_deref(), Some("+1"));
        assert_eq!(of("+1 684 555 0100").as_deref(), Some("+1684"));
        assert_eq!(of("+44 20 7946 0000"), None);
        for bad in ["", "1", "+", "+0", "+12345678", "+x"] {
            assert!(bad.parse::<CallingCode>().is_err(), "{bad}");
        }
    }
}
