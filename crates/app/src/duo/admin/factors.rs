//! Everybody's factors of one kind, each with whose it is.

use sallyport_model::{Factor, FactorKind, User};
use sallyport_store::Reader;

use crate::AppError;

/// Factors read at once.
const AT_ONCE: u64 = 500;

/// In the order they were made in.
pub(super) fn everybodys(reader: &mut Reader, kind: FactorKind) -> Result<Vec<(Factor, User)>, AppError> {
    let (mut all, mut offset) = (Vec::new(), 0);
    loop {
        let (factors, total) = reader.slice::<Factor>(Some(kind.as_str()), offset, AT_ONCE)?;
        for factor in factors {
            let user = reader.find::<User>(factor.user)?;
            all.extend(user.map(|user| (factor.value, user.value)));
        }
        offset += AT_ONCE;
        if offset >= total {
            return Ok(all);
        }
    }
}
