//! What a person may use, as tiles of their portal: those they keep at hand, those they used lately, and all of them.

use std::collections::BTreeSet;

use sallyport_model::{
    Application,
    id::{ApplicationId, UserId},
    signin::{Resource, SignInState},
};
use sallyport_store::{Edge, Reader};

use crate::{AppError, Ctx};

/// Most of them shown as used lately, and how many sign-ins are looked through for them.
const RECENT: usize = 6;
const LOOKED_AT: i64 = 200;

/// An application that a person may use, and can be led to.
#[derive(Debug, Clone)]
pub struct Tile {
    pub application: Application,
    pub is_favourite: bool,
    /// How many others of theirs were used since it was, if it was lately.
    pub recent: Option<usize>,
}

/// The tiles of whoever is signed in, in order of names.
///
/// # Errors
/// Nobody is.
pub async fn tiles(ctx: &Ctx) -> Result<Vec<Tile>, AppError> {
    let (user, reading) = (ctx.person()?, ctx.clone());
    ctx.read_many(move |reader| {
        let around = reading.org.view.groups_around(reader, user)?;
        let favourites: BTreeSet<String> =
            reader.rights_of(Edge::UserFavourite, &user.to_string())?.into_iter().collect();
        let recent = recent(reader, user)?;
        let mut tiles = Vec::new();
        for application in reader.list_all::<Application>()? {
            let theirs = application.enabled && application.used_by.is_for(user, &around);
            if !theirs || application.leads_to().is_none() {
                continue;
            }
            tiles.push(Tile {
                is_favourite: favourites.contains(&application.id.to_string()),
                recent: recent.iter().position(|id| *id == application.id),
                application: application.value,
            });
        }
        tiles.sort_by_key(|tile| tile.application.name.to_lowercase());
        Ok(tiles)
    })
    .await
}

/// The applications that somebody was let in to lately, the latest first.
fn recent(reader: &mut Reader, user: UserId) -> Result<Vec<ApplicationId>, AppError> {
    let mut recent = Vec::new();
    for sign_in in reader.sign_ins_of(user, None, LOOKED_AT)? {
        let Resource::Application { application, .. } = sign_in.resource else { continue };
        let was_let_in = matches!(sign_in.state, SignInState::Allowed { .. });
        if was_let_in && !recent.contains(&application) && recent.len() < RECENT {
            recent.push(application);
        }
    }
    Ok(recent)
}

/// Keeps an application at hand, or no longer. Only one that the person may use.
///
/// # Errors
/// Nobody is signed in, or there is no such tile.
pub async fn favour(ctx: &Ctx, id: ApplicationId, yes: bool) -> Result<(), AppError> {
    let user = ctx.person()?;
    ctx.write(move |tx| {
        let (left, right) = (user.to_string(), id.to_string());
        if !yes {
            tx.delete_edge(Edge::UserFavourite, &left, &right)?;
            return Ok(());
        }
        let unknown = || AppError::not_found("application", id);
        let application = tx.find::<Application>(id)?.ok_or_else(unknown)?;
        let around = tx.groups_around(&left)?.iter().filter_map(|id| id.parse().ok()).collect();
        if !application.enabled || !application.used_by.is_for(user, &around) {
            return Err(unknown());
        }
        tx.put_edge(Edge::UserFavourite, &left, &right)?;
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests {
    use sallyport_api::rest::{CreateBookmark, UpdateApplication};
    use sallyport_model::UsedBy;

    use super::*;
    use crate::{
        application::{create_bookmark, delete, update},
        testing::{self, TestOrg},
    };

    async fn bookmark(test: &TestOrg, name: &str, used_by: UsedBy) -> ApplicationId {
        let link = "https://wiki.example.com/".into();
        let (made, _) =
            create_bookmark(&test.system(), CreateBookmark { name: name.into(), link }).await.unwrap();
        let used_by_some = used_by != UsedBy::nobody();
        let change = UpdateApplication { used_by: Some(used_by), ..UpdateApplication::default() };
        if used_by_some {
            update(&test.system(), made.id, None, change).await.unwrap();
        }
        made.id
    }

    fn names(tiles: &[Tile]) -> Vec<&str> {
        tiles.iter().map(|tile| tile.application.name.as_str()).collect()
    }

    #[tokio::test]
    async fn a_person_sees_what_they_may_use_and_keeps_some_of_it_at_hand() {
        let test = testing::org().await;
        let create = |name: &str| sallyport_api::rest::CreateUser { name: name.into(), ..Default::default() };
        let ada = crate::user::create(&test.system(), create("ada")).await.unwrap().id;
        let bob = crate::user::create(&test.system(), create("bob")).await.unwrap().id;
        let only = |id| UsedBy::Only { users: [id].into(), groups: BTreeSet::new() };
        let wiki = bookmark(&test, "Wiki", UsedBy::Everybody).await;
        let bobs = bookmark(&test, "Accounts", only(bob)).await;
        bookmark(&test, "nobody's", UsedBy::nobody()).await;
        let (adas, ctx) = (test.person(ada, &[]), test.person(bob, &[]));
        assert_eq!(names(&tiles(&adas).await.unwrap()), ["Wiki"]);
        assert_eq!(names(&tiles(&ctx).await.unwrap()), ["Accounts", "Wiki"]);
        favour(&adas, wiki, true).await.unwrap();
        favour(&adas, wiki, true).await.unwrap();
        assert!(tiles(&adas).await.unwrap()[0].is_favourite);
        assert!(tiles(&ctx).await.unwrap().iter().all(|tile| !tile.is_favourite), "hers alone");
        assert!(matches!(favour(&adas, bobs, true).await, Err(AppError::NotFound { .. })));
        favour(&adas, wiki, false).await.unwrap();
        assert!(!tiles(&adas).await.unwrap()[0].is_favourite);
        let disable = UpdateApplication { enabled: Some(false), ..UpdateApplication::default() };
        update(&test.system(), wiki, None, disable).await.unwrap();
        assert!(tiles(&adas).await.unwrap().is_empty());
        delete(&test.system(), bobs, None).await.unwrap();
        assert!(tiles(&ctx).await.unwrap().is_empty());
        assert!(matches!(tiles(&test.nobody()).await, Err(AppError::Unauthenticated)));
    }
}
