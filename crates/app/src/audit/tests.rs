use sallyport_api::rest::{CreateApplication, CreateUser, UpdateUser};
use sallyport_model::{ApplicationKind, Role, signin::Resource};

use super::*;
use crate::{
    Clock as _, application,
    signin::{self, Begin, FirstDoorProof},
    testing::{self, TestOrg},
    user,
};

async fn person(test: &TestOrg, name: &str, display_name: &str) -> UserId {
    let input =
        CreateUser { name: name.into(), display_name: Some(display_name.into()), ..CreateUser::default() };
    user::create(&test.system(), input).await.unwrap().id
}

async fn knock(test: &TestOrg, name: &str) {
    let begin = Begin {
        name: name.into(),
        resource: Resource::Portal,
        first_door: FirstDoorProof::Vouched { by: "test".into() },
    };
    signin::begin(&test.nobody(), begin).await.unwrap();
    test.clock.advance(sallyport_model::Span::seconds(1));
}

#[tokio::test]
async fn changes_are_newest_first_and_page_and_filter() {
    let test = testing::org().await;
    let (alice, _) = (person(&test, "alice", "Alice").await, person(&test, "bob", "Bob").await);
    user::activate(&test.system(), alice).await.unwrap();
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let wanted = ChangesWanted { before, limit: 2, ..ChangesWanted::default() };
        let page = changes(&test.system(), wanted).await.unwrap();
        seen.extend(page.items.iter().map(|change| (change.verb.clone(), change.subject.label.clone())));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    let expected = [("activate", "alice"), ("create", "bob"), ("create", "alice"), ("setup", "Example")]
        .map(|(verb, label)| (verb.to_owned(), label.to_owned()));
    assert_eq!(seen, expected);
    let of_alice = ChangesWanted { subject: Some(alice.to_string()), limit: 9, ..ChangesWanted::default() };
    assert_eq!(changes(&test.system(), of_alice).await.unwrap().items.len(), 2);
    let with_text = ChangesWanted { text: "ACTIV".into(), limit: 9, ..ChangesWanted::default() };
    assert_eq!(changes(&test.system(), with_text).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_change_names_the_fields_that_it_changed() {
    let test = testing::org().await;
    let alice = person(&test, "alice", "Alice").await;
    let input = UpdateUser { display_name: Some("Alice A.".into()), ..UpdateUser::default() };
    user::update(&test.system(), alice, None, input).await.unwrap();
    let page = changes(&test.system(), ChangesWanted { limit: 1, ..ChangesWanted::default() }).await.unwrap();
    assert_eq!(changed_fields(&page.items[0]), ["display_name"]);
}

#[tokio::test]
async fn an_export_is_rows_whose_cells_run_nowhere() {
    let test = testing::org().await;
    person(&test, "alice", "=1+1").await;
    for name in ["=cmd|' /C calc'!A0", "+1", "bob, \"the\" builder"] {
        knock(&test, name).await;
    }
    let text = String::from_utf8(export_log(&test.system(), LogWanted::default()).await.unwrap()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[1].contains(",\"bob, \"\"the\"\" builder\","), "{}", lines[1]);
    assert!(lines[2].contains(",'+1,"), "{}", lines[2]);
    assert!(lines[3].contains(",'=cmd"), "{}", lines[3]);
    assert!(lines[3].ends_with("no user has this name"), "{}", lines[3]);
    let text =
        String::from_utf8(export_changes(&test.system(), ChangesWanted::default()).await.unwrap()).unwrap();
    assert_eq!(text.lines().count(), 3);
    assert!(text.contains("created,create,user,"), "{text}");
}

#[tokio::test]
async fn sign_ins_say_why_and_people_see_their_own() {
    let test = testing::org().await;
    let alice = person(&test, "alice", "Alice").await;
    knock(&test, "alice").await;
    knock(&test, "nobody-here").await;
    let page =
        sign_ins(&test.system(), SignInsWanted { limit: 1, ..SignInsWanted::default() }).await.unwrap();
    assert_eq!(page.items[0].reasons, ["no user has this name"]);
    let rest = SignInsWanted { before: page.next, limit: 9, ..SignInsWanted::default() };
    let rest = sign_ins(&test.system(), rest).await.unwrap();
    assert_eq!(rest.items[0].reasons, ["the user is staged and not yet let in"]);
    assert!(rest.next.is_none());
    let own = test.person(alice, &[]);
    let wanted = SignInsWanted { limit: 9, ..SignInsWanted::default() };
    assert_eq!(sign_ins_of(&own, alice, wanted.clone()).await.unwrap().items.len(), 1);
    let bob = person(&test, "bob", "Bob").await;
    assert!(matches!(sign_ins_of(&own, bob, wanted.clone()).await, Err(AppError::Denied(_))));
    assert!(matches!(sign_ins(&own, wanted).await, Err(AppError::Denied(_))));
}

#[tokio::test]
async fn the_audit_trail_is_for_auditors() {
    let test = testing::org().await;
    let user = test.system().id(UserId::new).unwrap();
    for role in [Role::HelpDesk, Role::CommandRunner] {
        let ctx = test.person(user, &[role]);
        assert!(matches!(changes(&ctx, ChangesWanted::default()).await, Err(AppError::Denied(_))));
        assert!(matches!(export_changes(&ctx, ChangesWanted::default()).await, Err(AppError::Denied(_))));
    }
    assert!(changes(&test.person(user, &[Role::Auditor]), ChangesWanted::default()).await.is_ok());
}

#[tokio::test]
async fn the_log_filters_by_result_place_and_time() {
    let test = testing::org().await;
    let ada = person(&test, "ada", "Ada").await;
    let input = CreateApplication { name: "VPN".into(), kind: ApplicationKind::DuoAuthApi };
    let (vpn, _) = application::create(&test.system(), input).await.unwrap();
    let resource = Resource::Application { application: vpn.id, name: "VPN".into() };
    // Whoever types an application's id is at none for that.
    let quoted = format!("\"application\":\"{}\"", vpn.id);
    knock(&test, &quoted).await;
    let noon = test.clock.now();
    knock(&test, "ada").await;
    user::activate(&test.system(), ada).await.unwrap();
    let proof = || FirstDoorProof::Vouched { by: "test".into() };
    let begin = Begin { name: "ada".into(), resource, first_door: proof() };
    signin::begin(&test.now(&test.nobody()), begin).await.unwrap();
    let ask = async |wanted: LogWanted| {
        let page = log(&test.system(), LogWanted { limit: 9, ..wanted }).await?;
        assert_eq!((page.next, page.looked_back_to), (None, None));
        Ok::<_, AppError>(page.items.len())
    };
    let place = |place: &str| LogWanted { place: Some(place.into()), ..LogWanted::default() };
    let state = |state: &str| LogWanted { state: Some(state.into()), ..LogWanted::default() };
    assert_eq!(ask(LogWanted::default()).await.unwrap(), 3);
    assert_eq!(ask(place("vpn")).await.unwrap(), 1);
    assert_eq!(ask(place(&vpn.id.to_string())).await.unwrap(), 1);
    assert_eq!(ask(place("portal")).await.unwrap(), 2);
    assert_eq!(ask(place("api")).await.unwrap(), 0);
    assert!(matches!(ask(place("wiki")).await, Err(AppError::NotFound { .. })));
    assert!(ask(state("denied")).await.unwrap() >= 2);
    assert_eq!(ask(state("d_nied")).await.unwrap(), 0);
    assert_eq!(ask(LogWanted { since: Some(noon), ..LogWanted::default() }).await.unwrap(), 2);
    assert_eq!(ask(LogWanted { until: Some(noon), ..LogWanted::default() }).await.unwrap(), 1);
}
