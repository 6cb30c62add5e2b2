use std::collections::BTreeSet;

use sallyport_api::rest::CreateApplication;
use sallyport_model::{
    ApplicationKind, MailSettings, Proof, Role, Span,
    id::{FactorId, SignInId},
    mail::MailServer,
    policy::MethodRow,
    signin::{Resource, SignIn, SignInState},
};

use super::*;
use crate::{application, jobs, settings, testing, testing::TestOrg, user};

async fn next(test: &TestOrg) -> Option<FirstStep> {
    show(&test.system()).await.unwrap().next()
}

async fn change(test: &TestOrg, with: impl FnOnce(Settings) -> Settings) {
    let before = settings::show(&test.system()).await.unwrap();
    settings::update(&test.system(), None, with(before.value)).await.unwrap();
}

async fn log_in_at(test: &TestOrg, device: &Device, user: &sallyport_model::User) {
    let ctx = test.system();
    let (id, now) = (ctx.id(SignInId::new).unwrap(), ctx.now);
    let sign_in = SignIn {
        id,
        name: user.name.to_string(),
        user: Some(user.id),
        resource: Resource::DeviceLogin {
            device: device.id,
            name: device.name.clone(),
            service: "sshd".into(),
        },
        source: None,
        country: None,
        device: None,
        host: None,
        managed_device: None,
        state: SignInState::Allowed { at: now },
        first_door: None,
        second_door: None,
        tried: None,
        reasons: Vec::new(),
        epoch: 0,
        created: now,
    };
    ctx.write(move |tx| Ok(tx.put_sign_in(&sign_in, "")?)).await.unwrap();
}

#[tokio::test]
async fn the_list_follows_an_organisation_from_nothing_to_the_first_login_at_a_device() {
    let test = testing::org().await;
    let system = test.system();
    let owner = BTreeSet::from([Role::Owner]);
    let ada = test.user("ada").await;
    user::set_roles(&system, ada.id, owner.clone()).await.unwrap();
    assert_eq!(next(&test).await, Some(FirstStep::OwnFactor));

    let factor = sallyport_model::Factor {
        id: system.id(FactorId::new).unwrap(),
        user: ada.id,
        proof: Proof::Totp,
        name: "phone".into(),
        duo_id: system.duo_id("DP").unwrap(),
        created: system.now,
    };
    let put = system.write(move |tx| {
        let created = tx.create(factor.clone())?;
        tx.record(created, "enroll");
        Ok(())
    });
    put.await.unwrap();
    assert_eq!(next(&test).await, Some(FirstStep::SecondOwner));

    let bea = test.user("bea").await;
    user::set_roles(&system, bea.id, owner).await.unwrap();
    assert_eq!(next(&test).await, Some(FirstStep::Mail));

    let server = MailServer { host: "mail.example.com".into(), port: 587, ..mail_server() };
    let mail =
        MailSettings { server: Some(server), sender: "it@example.com".into(), ..MailSettings::default() };
    change(&test, |settings| Settings { mail, ..settings }).await;
    assert_eq!(next(&test).await, Some(FirstStep::People), "owners are not all of the people");

    let carol = test.user("carol").await;
    assert_eq!(next(&test).await, Some(FirstStep::Factors));
    change(&test, |settings| Settings { factors: MethodRow::complete(&[]), ..settings }).await;
    assert_eq!(next(&test).await, Some(FirstStep::Application));

    let input = CreateApplication { name: "VPN".into(), kind: ApplicationKind::DuoAuthApi };
    application::create(&system, input).await.unwrap();
    assert_eq!(next(&test).await, Some(FirstStep::Device));

    let device = test.active_device("laptop").await.device;
    assert_eq!(next(&test).await, Some(FirstStep::Binding));
    test.bind("carol", "laptop").await;
    assert_eq!(next(&test).await, Some(FirstStep::DeviceLogin));

    log_in_at(&test, &device, &carol).await;
    let list = show(&test.system()).await.unwrap();
    assert_eq!((list.next(), list.done()), (None, 9));
    // Weeks later nobody reads the whole log for it.
    test.clock.advance(Span::hours(1));
    jobs::pass(&test.system()).await.unwrap();
    test.clock.advance(Span::days(30));
    jobs::pass(&test.system()).await.unwrap();
    assert_eq!(next(&test).await, None);

    // What is undone is seen too.
    user::suspend(&test.system(), bea.id).await.unwrap();
    assert_eq!(next(&test).await, Some(FirstStep::SecondOwner));
}

fn mail_server() -> MailServer {
    MailServer {
        host: String::new(),
        port: 0,
        security: Default::default(),
        user: String::new(),
        ca: String::new(),
    }
}

#[tokio::test]
async fn the_list_is_put_away_for_everybody_and_comes_back() {
    let test = testing::org().await;
    assert!(!show(&test.system()).await.unwrap().dismissed);
    dismiss(&test.system(), true).await.unwrap();
    assert!(show(&test.other_node()).await.unwrap().dismissed);
    change(&test, |settings| Settings { organization: "Other".into(), ..settings }).await;
    assert!(show(&test.system()).await.unwrap().dismissed, "saving settings brings nothing back");
    dismiss(&test.system(), false).await.unwrap();
    assert!(!show(&test.system()).await.unwrap().dismissed);
    let id = test.user("dora").await.id;
    for role in [Role::Administrator, Role::Auditor, Role::HelpDesk, Role::CommandRunner] {
        assert!(
            matches!(dismiss(&test.person(id, &[role]), true).await, Err(AppError::Denied(_))),
            "{role:?}"
        );
    }
}
