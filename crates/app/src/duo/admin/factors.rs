//! Factors as things with an id of their own, each with whose it is.

use sallyport_model::{Factor, FactorKind, User, id::FactorId};
use sallyport_store::{Reader, Versioned};
use sallyport_wire::duo::admin::{Paging, Slice};

use crate::{AppError, factor::DUO_FACTOR};

/// Factors read at once.
const AT_ONCE: u64 = 500;

/// A factor with whose it is.
pub(super) type Owned = (Factor, User);

/// A page of those of these kinds: kind by kind, in the order they were made in.
pub(super) fn slice(
    reader: &mut Reader,
    kinds: &[FactorKind],
    paging: Paging,
) -> Result<Slice<Owned>, AppError> {
    let (mut items, mut total, mut offset) = (Vec::new(), 0, paging.offset);
    let mut room = paging.limit;
    for kind in kinds {
        let (found, of_kind) = reader.slice::<Factor>(Some(kind.as_str()), offset, room)?;
        room = room.saturating_sub(u64::try_from(found.len()).unwrap_or(room));
        offset = offset.saturating_sub(of_kind);
        total += of_kind;
        for factor in found {
            items.extend(owned(reader, factor)?);
        }
    }
    Ok(Slice { items, total })
}

/// All of a kind, in the order they were made in.
pub(super) fn all(reader: &mut Reader, kind: FactorKind) -> Result<Vec<Factor>, AppError> {
    let (mut all, mut offset) = (Vec::new(), 0);
    loop {
        let (factors, total) = reader.slice::<Factor>(Some(kind.as_str()), offset, AT_ONCE)?;
        all.extend(factors.into_iter().map(|factor| factor.value));
        offset += AT_ONCE;
        if offset >= total {
            return Ok(all);
        }
    }
}

/// The one with this id, if it is of one of these kinds.
pub(super) fn find(
    reader: &mut Reader,
    duo_id: &str,
    kinds: &[FactorKind],
) -> Result<Option<Owned>, AppError> {
    let id = match reader.find_alias(DUO_FACTOR, duo_id)? {
        Some(id) => Some(id.parse()?),
        None => unnamed(reader, duo_id, kinds)?,
    };
    let found = match id {
        Some(id) => reader.find::<Factor>(id)?.filter(|factor| kinds.contains(&factor.kind())),
        None => None,
    };
    found.map_or(Ok(None), |factor| owned(reader, factor))
}

/// One that was enrolled before factors could be found by these ids.
fn unnamed(reader: &mut Reader, duo_id: &str, kinds: &[FactorKind]) -> Result<Option<FactorId>, AppError> {
    for kind in kinds {
        let all = all(reader, *kind)?;
        if let Some(found) = all.into_iter().find(|factor| factor.duo_id == duo_id) {
            return Ok(Some(found.id));
        }
    }
    Ok(None)
}

fn owned(reader: &mut Reader, factor: Versioned<Factor>) -> Result<Option<Owned>, AppError> {
    let user = reader.find::<User>(factor.user)?;
    Ok(user.map(|user| (factor.value, user.value)))
}
