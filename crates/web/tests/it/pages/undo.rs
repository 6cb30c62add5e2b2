//! What was just done is taken back from the notice that says so.

use sallyport_api::rest::{CreateGroup, CreatePolicy, GroupMember, UpdateUser};
use sallyport_app::{group, policy, user};
use sallyport_model::{GroupKind, Member, Role, UserState};

use super::{
    browser::{Answer, Browser},
    form::fields_of,
    house::House,
};

/// The form of the way back, as it stands on the page that a step leads to.
async fn way_back(browser: &mut Browser, done: &Answer) -> Option<(String, Vec<(String, String)>)> {
    let page = browser.get(done.location()).await;
    assert_eq!(page.status, 200);
    let (before, _) = page.body.split_once("\" class=\"sp-undo\"")?;
    let action = before.rsplit_once("action=\"").unwrap().1.to_owned();
    let form = page.body.split_once("class=\"sp-undo\">").unwrap().1;
    let form = format!("<form method=\"post\" action=\"/undo\">{form}");
    Some((action, fields_of(&form, "/undo")))
}

async fn take(browser: &mut Browser, (action, fields): &(String, Vec<(String, String)>)) -> Answer {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.submit(action, &fields).await
}

#[tokio::test]
async fn a_suspension_is_undone_unless_something_else_happened_since() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    let state = async || user::show(&house.system(), bob.id).await.unwrap().state;
    let mut browser = house.signed_in(&ada).await;
    let page = format!("/admin/users/{}", bob.id);
    browser.get(&page).await;
    let done = browser.submit(&format!("{page}/suspend"), &[]).await;
    let undo = way_back(&mut browser, &done).await.unwrap();
    assert_eq!(undo.0, format!("{page}/activate"));
    assert!(!browser.get(&page).await.body.contains("sp-undo"), "it stands beside the notice alone");
    assert!(
        !browser.get("/admin/users?done=suspended").await.body.contains("sp-undo"),
        "and on no other page"
    );
    let back = take(&mut browser, &undo).await;
    assert_eq!((back.status, state().await), (303, UserState::Active));
    // What was undone can be done again, as often as somebody changes their mind.
    let again = way_back(&mut browser, &back).await.unwrap();
    let done = take(&mut browser, &again).await;
    assert_eq!(state().await, UserState::Suspended);
    let undo = way_back(&mut browser, &done).await.unwrap();
    let input = UpdateUser { display_name: Some("Robert".into()), ..UpdateUser::default() };
    user::update(&house.system(), bob.id, None, input).await.unwrap();
    let refused = take(&mut browser, &undo).await;
    assert!(refused.status == 412 || refused.status == 409, "{} {}", refused.status, refused.body);
    assert_eq!(state().await, UserState::Suspended);
}

#[tokio::test]
async fn somebody_who_was_never_let_in_before_is_offered_no_way_back_there() {
    let (house, ada) = House::with_owner().await;
    let input = sallyport_api::rest::CreateUser { name: "cleo".into(), ..Default::default() };
    let cleo = user::create(&house.system(), input).await.unwrap().id;
    let mut browser = house.signed_in(&ada).await;
    let page = format!("/admin/users/{cleo}");
    browser.get(&page).await;
    let done = browser.submit(&format!("{page}/activate"), &[]).await;
    assert!(way_back(&mut browser, &done).await.is_none());
}

#[tokio::test]
async fn roles_memberships_and_policies_are_as_they_were_after_their_undo() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[Role::Auditor]).await;
    let ctx = house.system();
    let mut browser = house.signed_in(&ada).await;

    let page = format!("/admin/users/{}", bob.id);
    browser.get(&page).await;
    let done = browser.submit(&format!("{page}/roles"), &[("roles", "help_desk")]).await;
    let undo = way_back(&mut browser, &done).await.unwrap();
    take(&mut browser, &undo).await;
    assert_eq!(user::show(&ctx, bob.id).await.unwrap().roles, [Role::Auditor].into());

    let input = CreateGroup { name: "staff".into(), description: String::new(), kind: GroupKind::Users };
    let staff = group::create(&ctx, input).await.unwrap().id;
    let is_in = async || !group::groups_of(&ctx, Member::User(bob.id)).await.unwrap().is_empty();
    let done = browser.submit(&format!("/admin/groups/{staff}/members"), &[("user", "bob")]).await;
    assert!(is_in().await);
    let undo = way_back(&mut browser, &done).await.unwrap();
    let back = take(&mut browser, &undo).await;
    assert!(!is_in().await);
    let undo = way_back(&mut browser, &back).await.unwrap();
    let other = GroupMember { user: Some("bob".into()), ..GroupMember::default() };
    group::add_member(&ctx, staff, other).await.unwrap();
    assert_eq!(take(&mut browser, &undo).await.status, 409, "somebody else did it already");

    let input: CreatePolicy = serde_json::from_str("{ \"name\": \"strict\" }").unwrap();
    let strict = policy::create(&ctx, input).await.unwrap().id;
    let page = format!("/admin/policies/{strict}");
    browser.get(&page).await;
    let done =
        browser.submit(&page, &[("name", "stricter"), ("said", "new_user"), ("new_user", "deny")]).await;
    assert_eq!(policy::show(&ctx, strict).await.unwrap().name, "stricter");
    let undo = way_back(&mut browser, &done).await.unwrap();
    take(&mut browser, &undo).await;
    let after = policy::show(&ctx, strict).await.unwrap();
    assert!(after.name == "strict" && after.sections.new_user.is_none(), "{after:?}");
    assert_eq!(take(&mut browser, &undo).await.status, 412, "it was taken back once");
}
