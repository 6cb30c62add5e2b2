//! Names and texts from outside, planted wherever pages show them.

use sallyport_api::rest::{
    AskReset, CreateApplication, CreateCommand, CreateConnector, CreateGroup, CreateUser,
};
use sallyport_app::{application, command, connector, group, recovery, user};
use sallyport_model::{ApplicationKind, ConnectorKind, GroupKind, Interpreter, ResetKind, Role};

use super::house::House;

const CANARY: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

#[tokio::test]
async fn whatever_was_planted_is_shown_as_text() {
    let (house, ada) = House::with_owner().await;
    let ctx = house.system();
    let input = CreateUser {
        name: "bob".into(),
        display_name: Some(CANARY.into()),
        active: true,
        ..CreateUser::default()
    };
    let bob = user::create(&ctx, input).await.unwrap();
    let input = CreateGroup { name: CANARY.into(), description: CANARY.into(), kind: GroupKind::Users };
    let group = group::create(&ctx, input).await.unwrap();
    let input = CreateApplication { name: CANARY.into(), kind: ApplicationKind::DuoAuthApi };
    let (application, _) = application::create(&ctx, input).await.unwrap();
    let input = CreateConnector {
        name: CANARY.into(),
        kind: ConnectorKind::DuoExport,
        host: "api-1.example".into(),
        ikey: "DIWJ8X6AEYOR5OMC6TQ1".into(),
    };
    let skey = "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep".into();
    let connector = connector::create(&ctx, input, &skey).await.unwrap().connector;
    let input = CreateCommand {
        name: CANARY.into(),
        interpreter: Interpreter::Sh,
        body: format!("echo '</textarea>{CANARY}'"),
        run_as: None,
        timeout_seconds: None,
        environment: [("X".to_owned(), CANARY.to_owned())].into(),
        trigger: None,
        devices: Vec::new(),
        groups: Vec::new(),
        run_on_present: false,
    };
    let command = command::create(&ctx, input).await.unwrap();

    let rita = house.person("rita", &[Role::Auditor]).await;
    let owner =
        sallyport_app::Caller::Person { id: ada.id, name: CANARY.into(), roles: [Role::Owner].into() };
    let input = AskReset {
        what: ResetKind::Password,
        reason: CANARY.into(),
        factor: None,
        number: None,
        token: None,
        mails: None,
    };
    let reset = recovery::ask(&ctx.with_caller(owner), rita.id, input).await.unwrap();

    let mut stranger = house.browser();
    stranger.get("/sign-in").await;
    stranger.submit("/sign-in", &[("name", CANARY), ("password", "x")]).await;

    let mut browser = house.signed_in(&ada).await;
    for page in [
        "/admin".to_owned(),
        "/admin/users".into(),
        format!("/admin/users/{}", bob.id),
        "/admin/groups".into(),
        format!("/admin/groups/{}", group.id),
        "/admin/applications".into(),
        format!("/admin/applications/{}", application.id),
        "/admin/commands".into(),
        format!("/admin/commands/{}", command.id),
        "/admin/sign-ins".into(),
        "/admin/audit".into(),
        "/admin/settings".into(),
        "/admin/telephony".into(),
        "/admin/telephony/log".into(),
        "/admin/duo".into(),
        "/admin/connectors".into(),
        format!("/admin/connectors/{}", connector.id),
        "/admin/resets".into(),
        format!("/admin/resets/{}", reset.id),
        format!("/admin/users/{}", rita.id),
        "/admin/users?text=%3Cscript%3Ealert(1)".into(),
        "/sign-ins".into(),
    ] {
        let answer = browser.get(&page).await;
        assert_eq!(answer.status, 200, "{page}");
        assert!(!answer.body.contains("<script>alert"), "{page}");
        assert!(!answer.body.contains("<img src=x"), "{page}");
        assert!(!answer.body.contains("</textarea><script"), "{page}");
    }
    let home = house.signed_in(&rita).await.get("/").await;
    assert!(home.body.contains("stop") && !home.body.contains("<script>alert"), "whom it concerns");
    assert!(browser.get("/admin/sign-ins").await.body.contains("&#60;script&#62;"));
    let csv = browser.get("/admin/users.csv").await;
    assert!(csv.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
}
