//! The table of people: who is in it, and in what order.

use std::collections::{BTreeSet, HashSet};

use sallyport_model::{Factor, GroupKind, User};
use sallyport_store::Reader;

use crate::{
    AppError, Ctx, group,
    listing::{self, Listing, Wanted},
};

/// Which people to show.
#[derive(Debug, Clone, Default)]
pub struct PeopleWanted {
    pub list: Wanted,
    /// Only those in this group, by its id or name, directly or through other groups.
    pub group: Option<String>,
    /// Only those who have a factor, or have none.
    pub has_factor: Option<bool>,
}

/// A page of people.
///
/// # Errors
/// Denied, or no such group of users.
pub async fn page(ctx: &Ctx, wanted: PeopleWanted) -> Result<Listing<User>, AppError> {
    let (asking, list) = (ctx.clone(), wanted.list.clone());
    listing::page_of(ctx, list, move |reader| Ok(Among::of(reader, &asking, &wanted)?.takes())).await
}

/// The ids of everybody who fits, in order.
///
/// # Errors
/// As [`page`].
pub async fn all(ctx: &Ctx, wanted: PeopleWanted) -> Result<Vec<String>, AppError> {
    let (asking, list) = (ctx.clone(), wanted.list.clone());
    listing::all_of::<User, _>(ctx, list, move |reader| Ok(Among::of(reader, &asking, &wanted)?.takes()))
        .await
}

/// Who is asked for by more than what stands on themselves.
struct Among {
    members: Option<BTreeSet<String>>,
    enrolled: Option<(HashSet<String>, bool)>,
}

impl Among {
    fn of(reader: &mut Reader, ctx: &Ctx, wanted: &PeopleWanted) -> Result<Self, AppError> {
        let members = match &wanted.group {
            Some(given) => {
                let group = group::named_of_kind(reader, given, GroupKind::Users)?;
                Some(reader.members_within(&group.id.to_string())?)
            }
            None => None,
        };
        let enrolled = match wanted.has_factor {
            Some(is_so) => Some((listing::values_of::<Factor>(reader, ctx, "user")?, is_so)),
            None => None,
        };
        Ok(Self { members, enrolled })
    }

    fn takes(self) -> impl Fn(&str) -> bool {
        move |id| {
            self.members.as_ref().is_none_or(|members| members.contains(id))
                && self.enrolled.as_ref().is_none_or(|(enrolled, is_so)| enrolled.contains(id) == *is_so)
        }
    }
}
