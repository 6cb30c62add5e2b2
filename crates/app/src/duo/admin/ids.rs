//! Ids of 20 characters for nouns that keep none: the first 92 bits of the id they have, in digits to base 36. Such an id
//! leads back to the one noun whose id begins like this. What is left out is random, and the time within is of a
//! millisecond, so no two have the same.

use sallyport_model::{
    Group, GroupKind,
    id::{GroupId, OrgId},
};
use sallyport_store::{Reader, Versioned};
use uuid::Uuid;

use crate::AppError;

const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LENGTH: usize = 18;
/// Bits that do not fit.
const LEFT_OUT: u32 = 36;

pub(super) fn of_group(id: GroupId) -> String {
    format!("DG{}", digits(id.uuid().as_u128() >> LEFT_OUT))
}

/// The key of the policy that holds everywhere, which is no noun.
pub(super) fn of_global_policy(id: OrgId) -> String {
    format!("PO{}", digits(id.uuid().as_u128() >> LEFT_OUT))
}

/// The group of users with this id.
pub(super) fn find_group(reader: &mut Reader, given: &str) -> Result<Option<Versioned<Group>>, AppError> {
    let Some(beginning) = given.strip_prefix("DG").and_then(number) else { return Ok(None) };
    let first = beginning << LEFT_OUT;
    let (first, last) = (Uuid::from_u128(first), Uuid::from_u128(first | ((1 << LEFT_OUT) - 1)));
    let found = reader.find_between::<Group>(GroupId::new(first), GroupId::new(last))?;
    Ok(found.filter(|group| group.kind == GroupKind::Users))
}

fn digits(mut number: u128) -> String {
    let mut digits = [b'0'; LENGTH];
    for digit in digits.iter_mut().rev() {
        let at = usize::try_from(number % 36).unwrap_or(0);
        *digit = DIGITS.get(at).copied().unwrap_or(b'0');
        number /= 36;
    }
    digits.into_iter().map(char::from).collect()
}

/// Nothing for what is no such number, or none that fits.
fn number(digits: &str) -> Option<u128> {
    if digits.len() != LENGTH {
        return None;
    }
    let value = digits.bytes().try_fold(0_u128, |value, byte| {
        let digit = DIGITS.iter().position(|known| *known == byte)?;
        value.checked_mul(36)?.checked_add(u128::try_from(digit).ok()?)
    })?;
    (value >> (128 - LEFT_OUT) == 0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_the_beginning_of_what_it_stands_for() {
        for id in [0, 1 << LEFT_OUT, u128::MAX, 0x0190_0000_0000_7000_8000_1234_5678_9abc] {
            let told = of_group(GroupId::new(Uuid::from_u128(id)));
            assert_eq!(told.len(), 20, "{told}");
            assert_eq!(told.strip_prefix("DG").and_then(number), Some(id >> LEFT_OUT));
        }
        for bad in ["", "0", &"Z".repeat(18), &"a".repeat(18), &"0".repeat(19), "ééééééééé"] {
            assert_eq!(number(bad), None, "{bad}");
        }
    }
}
