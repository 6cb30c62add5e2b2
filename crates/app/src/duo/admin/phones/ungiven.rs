//! Phones that are no factor of anybody yet: with a number, until they are given to somebody; without one, such as a tablet,
//! until whoever has it has activated its page, which then takes over its id.

use sallyport_model::{PhoneNumber, Span, User, id::UserId};
use sallyport_store::{Once, Reader};
use sallyport_wire::duo::admin::{PhoneObject, PhoneType};
use serde::{Deserialize, Serialize};

use super::{
    super::{factors, objects},
    KINDS, capabilities, empty,
};
use crate::{AppError, Ctx, Tx};

/// Kind under which they are kept, and whose they are said to be.
const UNGIVEN: &str = "ungiven_phone";
const KEPT: Span = Span::days(30);
/// Most of them: whoever makes phones gives them to somebody.
const MOST: usize = 1000;

/// A phone that nobody has as a factor.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ungiven {
    pub(super) phone_id: String,
    #[serde(default)]
    pub(super) number: Option<PhoneNumber>,
    pub(super) name: String,
    pub(super) landline: bool,
    /// Who is to activate it, if it has no number.
    #[serde(default)]
    pub(super) holder: Option<UserId>,
}

impl Ungiven {
    pub(super) fn object(&self, holder: Option<&User>) -> PhoneObject {
        let has_number = self.number.is_some();
        PhoneObject {
            phone_id: self.phone_id.clone(),
            number: self.number.as_ref().map(PhoneNumber::to_string).unwrap_or_default(),
            name: self.name.clone(),
            kind: if self.landline { PhoneType::Landline } else { PhoneType::Mobile }.as_str(),
            capabilities: capabilities(has_number && !self.landline, has_number),
            users: Some(holder.map(objects::member).into_iter().collect()),
            ..empty()
        }
    }

    /// Keeps it as a new one.
    pub(super) async fn keep(&self, ctx: &Ctx) -> Result<(), AppError> {
        let (kept, hash) = (self.once(ctx)?, self.hash(ctx));
        ctx.write(move |tx| {
            if tx.once_of(UNGIVEN, UNGIVEN)?.len() >= MOST {
                return Err(AppError::Conflict(format!("there are {MOST} phones that nobody has").into()));
            }
            Ok(tx.put_once(UNGIVEN, &hash, &kept)?)
        })
        .await
    }

    /// Keeps it as it is now, as a new one or in place of the one `before`; `false` if that is not as it was any more: somebody
    /// else has been quicker.
    pub(super) fn replace(&self, tx: &mut Tx<'_, '_>, before: &Self) -> Result<bool, AppError> {
        Ok(before.forget(tx)? && self.put(tx).map(|()| true)?)
    }

    /// Keeps it anew, within a write.
    pub(super) fn put(&self, tx: &mut Tx<'_, '_>) -> Result<(), AppError> {
        let ctx = tx.ctx;
        Ok(tx.put_once(UNGIVEN, &self.hash(ctx), &self.once(ctx)?)?)
    }

    /// Forgets it; `false` if it is not as it was any more: somebody else has been quicker.
    pub(super) fn forget(&self, tx: &mut Tx<'_, '_>) -> Result<bool, AppError> {
        let hash = self.hash(tx.ctx);
        let found = tx.find_once(UNGIVEN, &hash)?;
        let is_as_it_was = match found {
            Some(once) => serde_json::from_str::<Self>(&once.doc)? == *self,
            None => false,
        };
        Ok(is_as_it_was && tx.delete_once(UNGIVEN, &hash)?)
    }

    /// Why it is not as it was a moment ago, to whoever was slower.
    fn outrun(&self, tx: &mut Tx<'_, '_>) -> Result<AppError, AppError> {
        let ctx = tx.ctx;
        let is_there =
            find(tx, ctx, &self.phone_id)?.is_some() || factors::find(tx, &self.phone_id, &KINDS)?.is_some();
        Ok(if is_there {
            AppError::Conflict("it was changed meanwhile; look and send it again".into())
        } else {
            AppError::NotFound { noun: "phone", id: self.phone_id.clone() }
        })
    }

    fn once(&self, ctx: &Ctx) -> Result<Once, AppError> {
        let (owner, doc) = (UNGIVEN.to_owned(), serde_json::to_string(self)?);
        Ok(Once { owner, expires: ctx.now.plus(KEPT), used: None, doc })
    }

    fn hash(&self, ctx: &Ctx) -> String {
        hash_of(ctx, &self.phone_id)
    }
}

fn hash_of(ctx: &Ctx, phone_id: &str) -> String {
    ctx.org.keys.hash_token(UNGIVEN, phone_id)
}

/// The one with this id.
pub(super) fn find(reader: &mut Reader, ctx: &Ctx, phone_id: &str) -> Result<Option<Ungiven>, AppError> {
    let kept = reader.find_once(UNGIVEN, &hash_of(ctx, phone_id))?;
    Ok(kept.map(|once| serde_json::from_str(&once.doc)).transpose()?)
}

/// All of them, in order of their ids.
pub(super) fn all(reader: &mut Reader) -> Result<Vec<Ungiven>, AppError> {
    let kept = reader.once_of(UNGIVEN, UNGIVEN)?;
    let mut found: Vec<Ungiven> =
        kept.iter().map(|once| serde_json::from_str(&once.doc)).collect::<Result<_, _>>()?;
    found.sort_by(|a, b| a.phone_id.cmp(&b.phone_id));
    Ok(found)
}

/// Keeps one in place of another, unless somebody else has been quicker.
pub(super) async fn change(ctx: &Ctx, before: Ungiven, after: Ungiven) -> Result<(), AppError> {
    ctx.write(move |tx| if after.replace(tx, &before)? { Ok(()) } else { Err(before.outrun(tx)?) }).await
}

/// Forgets one, unless somebody else has been quicker.
pub(super) async fn forget(ctx: &Ctx, phone: Ungiven) -> Result<(), AppError> {
    ctx.write(move |tx| if phone.forget(tx)? { Ok(()) } else { Err(phone.outrun(tx)?) }).await
}

/// The id of what somebody was given to activate, if there is such a thing; it is forgotten with that.
pub(crate) fn claim(tx: &mut Tx<'_, '_>, user: UserId) -> Result<Option<String>, AppError> {
    let found = all(tx)?.into_iter().find(|phone| phone.holder == Some(user));
    match found {
        Some(phone) if phone.forget(tx)? => Ok(Some(phone.phone_id)),
        Some(_) | None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn tablet() -> Ungiven {
        Ungiven { phone_id: "DP1".into(), number: None, name: "Tablet".into(), landline: false, holder: None }
    }

    #[tokio::test]
    async fn of_two_who_give_the_same_tablet_the_first_counts() {
        let test = testing::org().await;
        let (ada, bob) = (test.user("ada").await.id, test.user("bob").await.id);
        let tablet = tablet();
        tablet.keep(&test.system()).await.unwrap();
        let give = async |user| {
            let (before, given) = (tablet.clone(), Ungiven { holder: Some(user), ..tablet.clone() });
            test.system().write(move |tx| given.replace(tx, &before)).await.unwrap()
        };
        assert!(give(ada).await);
        assert!(!give(bob).await);
        let kept = test.system().read(all).await.unwrap();
        assert_eq!(kept.iter().map(|phone| phone.holder).collect::<Vec<_>>(), [Some(ada)]);
    }

    #[tokio::test]
    async fn whoever_was_slower_hears_what_became_of_the_phone() {
        let test = testing::org().await;
        let tablet = tablet();
        tablet.keep(&test.system()).await.unwrap();
        let named = |name: &str| Ungiven { name: name.into(), ..tablet.clone() };
        let (ours, theirs) = (named("ours"), named("theirs"));
        change(&test.system(), tablet.clone(), theirs.clone()).await.unwrap();
        for late in [
            change(&test.system(), tablet.clone(), ours.clone()).await,
            forget(&test.system(), tablet.clone()).await,
        ] {
            let Err(AppError::Conflict(words)) = late else { panic!("{late:?}") };
            assert!(words.to_string().contains("send it again"), "{words}");
        }
        assert!(test.system().read(all).await.unwrap() == [theirs.clone()]);
        forget(&test.system(), theirs.clone()).await.unwrap();
        for late in [change(&test.system(), theirs.clone(), ours).await, forget(&test.system(), theirs).await]
        {
            assert!(matches!(late, Err(AppError::NotFound { .. })), "{late:?}");
        }
    }
}
