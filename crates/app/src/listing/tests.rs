use std::collections::BTreeSet;

use sallyport_api::rest::{CreateGroup, CreateUser, GroupMember, UpdateUser};
use sallyport_model::{
    Factor, GroupKind, Role, Span, User,
    factor::Proof,
    id::{FactorId, UserId},
};

use super::*;
use crate::{
    Caller, group,
    testing::{self, TestOrg},
    user::{
        self,
        people::{self, PeopleWanted},
    },
};

async fn person(test: &TestOrg, name: &str, display_name: &str) -> UserId {
    let input = CreateUser {
        name: name.into(),
        display_name: Some(display_name.into()),
        active: name < "d",
        ..CreateUser::default()
    };
    test.clock.advance(Span::seconds(1));
    user::create(&test.now(&test.system()), input).await.unwrap().id
}

/// Seven people, some of whom are called the same.
async fn people_of(test: &TestOrg) {
    for (name, display_name) in [
        ("erin", "Smith"),
        ("ada", "smith"),
        ("bob", "Ärzte"),
        ("dan", "Adams"),
        ("carol", "SMITH"),
        ("fay", "Zoe 100%"),
        ("gil", "Zoe"),
    ] {
        person(test, name, display_name).await;
    }
}

fn wanted(by: &str, descending: bool, limit: usize) -> Wanted {
    Wanted { sort: Sort { by: by.into(), descending }, limit, ..Wanted::default() }
}

fn names(listing: &Listing<User>) -> Vec<String> {
    listing.items.iter().map(|user| user.name.to_string()).collect()
}

async fn named(ctx: &Ctx, wanted: Wanted) -> Vec<String> {
    names(&page::<User>(ctx, Wanted { limit: 50, ..wanted }).await.unwrap())
}

#[tokio::test]
async fn pages_follow_one_another_without_a_gap_in_every_order_and_lead_back() {
    let test = testing::org().await;
    people_of(&test).await;
    let ctx = test.system();
    for by in User::SORTS {
        for descending in [false, true] {
            let all = named(&ctx, wanted(by, descending, 50)).await;
            assert_eq!(all.len(), 7, "{by}");
            let (mut seen, mut starts, mut after) = (Vec::new(), Vec::new(), String::new());
            loop {
                let asked = Wanted { after: after.clone(), ..wanted(by, descending, 2) };
                let part = page::<User>(&ctx, asked).await.unwrap();
                assert_eq!((part.before, part.total), (seen.len(), 7), "{by}");
                assert_eq!(part.previous, starts.last().cloned(), "{by} {descending}");
                seen.extend(names(&part));
                starts.push(after);
                match part.next {
                    Some(next) => after = next,
                    None => break,
                }
            }
            assert_eq!(seen, all, "{by}");
        }
        let (rising, mut falling) =
            (named(&ctx, wanted(by, false, 50)).await, named(&ctx, wanted(by, true, 50)).await);
        falling.reverse();
        assert_eq!(rising, falling, "{by}: whoever is the same to it stands in the order of ids, both ways");
    }
    let by_display_name = named(&ctx, wanted("display_name", false, 50)).await;
    assert_eq!(by_display_name, ["dan", "erin", "ada", "carol", "gil", "fay", "bob"]);
    assert_eq!(named(&ctx, wanted("created", true, 50)).await[0], "gil");
    assert_eq!(named(&ctx, wanted("no such column", false, 50)).await[0], "ada");
}

#[tokio::test]
async fn a_listing_is_as_new_as_the_call_on_every_node() {
    let test = testing::org().await;
    if !test.has_nodes() {
        return;
    }
    people_of(&test).await;
    let nodes = [test.system(), test.other_node()];
    for ctx in &nodes {
        assert_eq!(named(ctx, Wanted::default()).await.len(), 7);
    }
    for (here, there) in [(0, 1), (1, 0)] {
        let ctx = &nodes[here];
        let input = CreateUser { name: format!("new{here}"), ..CreateUser::default() };
        let new = user::create(ctx, input).await.unwrap();
        let all = named(&nodes[there], Wanted::default()).await;
        assert!(all.contains(&new.name.to_string()), "{here} {all:?}");
        let input = UpdateUser { display_name: Some("Quux".into()), ..UpdateUser::default() };
        user::update(ctx, new.id, None, input).await.unwrap();
        let quux = Wanted { text: "QUUX".into(), ..Wanted::default() };
        assert_eq!(named(&nodes[there], quux.clone()).await, [new.name.to_string()]);
        assert_eq!(named(ctx, quux).await, [new.name.to_string()]);
        user::delete(ctx, new.id).await.unwrap();
        assert_eq!(named(&nodes[there], Wanted::default()).await.len(), 7);
    }
}

#[tokio::test]
async fn text_state_and_marks_filter_and_what_is_typed_is_no_pattern() {
    let test = testing::org().await;
    people_of(&test).await;
    let ctx = test.system();
    let ada = user::resolve(&ctx, "ada").await.unwrap().id;
    user::set_roles(&ctx, ada, BTreeSet::from([Role::HelpDesk])).await.unwrap();
    let text = |text: &str| Wanted { text: text.into(), ..Wanted::default() };
    assert_eq!(named(&ctx, text("ärz")).await, ["bob"]);
    assert_eq!(named(&ctx, text("0%")).await, ["fay"]);
    assert_eq!(named(&ctx, text("_")).await, [""; 0]);
    let state = Wanted { state: Some("active".into()), ..Wanted::default() };
    assert_eq!(named(&ctx, state).await, ["ada", "bob", "carol"]);
    for (role, has) in [("help_desk", true), ("any", true), ("owner", false)] {
        let marks = vec![("role", role.to_owned())];
        let found = named(&ctx, Wanted { marks, ..Wanted::default() }).await;
        assert_eq!(!found.is_empty(), has, "{role}");
    }
    user::set_roles(&ctx, ada, BTreeSet::new()).await.unwrap();
    let marks = vec![("role", "any".to_owned())];
    assert_eq!(named(&ctx, Wanted { marks, ..Wanted::default() }).await, [""; 0]);
}

#[tokio::test]
async fn people_are_found_by_their_groups_and_by_what_they_have_no_factor_for() {
    let test = testing::org().await;
    people_of(&test).await;
    let ctx = test.system();
    for (group, member) in [("inner", "ada"), ("outer", "bob")] {
        let input = CreateGroup { name: group.into(), description: String::new(), kind: GroupKind::Users };
        let id = group::create(&ctx, input).await.unwrap().id;
        let input = GroupMember { user: Some(member.into()), ..GroupMember::default() };
        group::add_member(&ctx, id, input).await.unwrap();
        if group == "outer" {
            let input = GroupMember { group: Some("inner".into()), ..GroupMember::default() };
            group::add_member(&ctx, id, input).await.unwrap();
        }
    }
    let ask = async |group: Option<&str>, has_factor| {
        let list = Wanted { limit: 50, ..Wanted::default() };
        let wanted = PeopleWanted { list, group: group.map(str::to_owned), has_factor };
        let page = people::page(&ctx, wanted.clone()).await?;
        let all = people::all(&ctx, wanted).await?;
        assert_eq!(all, page.items.iter().map(|user| user.id.to_string()).collect::<Vec<_>>());
        Ok::<_, AppError>(names(&page))
    };
    assert_eq!(ask(Some("OUTER"), None).await.unwrap(), ["ada", "bob"]);
    assert_eq!(ask(Some("inner"), None).await.unwrap(), ["ada"]);
    assert!(matches!(ask(Some("nowhere"), None).await, Err(AppError::NotFound { .. })));
    assert_eq!(ask(Some("outer"), Some(true)).await.unwrap(), [""; 0]);
    let ada = user::resolve(&ctx, "ada").await.unwrap().id;
    phone(&ctx, ada).await;
    assert_eq!(ask(Some("outer"), Some(true)).await.unwrap(), ["ada"]);
    assert_eq!(ask(Some("outer"), Some(false)).await.unwrap(), ["bob"]);
}

async fn phone(ctx: &Ctx, user: UserId) {
    let factor = Factor {
        id: ctx.id(FactorId::new).unwrap(),
        user,
        proof: Proof::Phone { number: "+15005550010".parse().unwrap(), texts: true, calls: true },
        name: "phone".into(),
        duo_id: ctx.duo_id("DP").unwrap(),
        created: ctx.now,
    };
    let put = ctx.write(move |tx| {
        let created = tx.create(factor.clone())?;
        tx.record(created, "enroll");
        Ok(())
    });
    put.await.unwrap();
}

#[tokio::test]
async fn whoever_may_not_see_them_is_shown_no_listing() {
    let test = testing::org().await;
    let ctx = test.system().with_caller(Caller::Nobody);
    assert!(page::<User>(&ctx, Wanted::default()).await.is_err());
    assert!(all::<User>(&ctx, Wanted::default()).await.is_err());
    assert!(by_ids::<User>(&ctx, Vec::new()).await.is_err());
}
