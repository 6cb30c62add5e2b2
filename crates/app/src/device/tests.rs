use sallyport_api::{
    agent::{ActualAccount, ComponentState, Condition, EnrollmentSecret, Failure, Report},
    rest::CreateEnrollmentToken,
};
use sallyport_model::{GroupKind, Role, Span};

use super::{testing::enroll_request, view::Difference, *};
use crate::{desired, feed, group, testing as house};

async fn token(test: &house::TestOrg) -> CreatedToken {
    create_token(&test.system(), CreateEnrollmentToken::default()).await.unwrap()
}

#[tokio::test]
async fn a_token_makes_one_device_and_every_bad_one_is_refused_alike() {
    let test = house::org().await;
    let (system, nobody) = (test.system(), test.nobody());
    let good = token(&test).await;
    assert_eq!(EnrollmentSecret::parse(good.secret.expose()).unwrap().ca_fingerprint, "0".repeat(32));
    let made = enroll(&nobody, enroll_request("laptop", &good.secret)).await.unwrap();
    let device = show(&system, made.device).await.unwrap();
    assert_eq!((device.state, device.name.as_str()), (DeviceState::Quarantined, "laptop"));
    assert_eq!(made.organization_name, "Example");

    let used = enroll(&nobody, enroll_request("second", &good.secret)).await.unwrap_err();
    let back = token(&test).await;
    revoke_token(&system, back.token.id).await.unwrap();
    let back = enroll(&nobody, enroll_request("second", &back.secret)).await.unwrap_err();
    let old = token(&test).await;
    test.clock.advance(Span::hours(25));
    let expired = enroll(&test.nobody(), enroll_request("second", &old.secret)).await.unwrap_err();
    let unknown = format!("spe_{}.{}", "a".repeat(52), "0".repeat(32));
    let unknown = enroll(&nobody, enroll_request("second", &unknown.as_str().into())).await.unwrap_err();
    let garbage = format!("x.{}", "0".repeat(32));
    let garbage = enroll(&nobody, enroll_request("second", &garbage.as_str().into())).await.unwrap_err();
    for other in [back, expired, unknown, garbage] {
        assert_eq!(other.to_string(), used.to_string());
    }
    let tokens = list_tokens(&system, PageRequest { limit: 10, ..PageRequest::default() }).await.unwrap();
    assert_eq!(tokens.items.iter().filter(|token| token.used_by == Some(made.device)).count(), 1);
    assert!(matches!(revoke_token(&system, good.token.id).await, Err(AppError::Conflict(_))));
}

#[tokio::test]
async fn an_enrolment_that_fails_leaves_the_token_as_it_was() {
    let test = house::org().await;
    test.enroll("laptop", &[]).await.unwrap();
    let good = token(&test).await;
    let cloned = enroll(&test.nobody(), enroll_request("laptop", &good.secret)).await.unwrap_err();
    assert!(cloned.to_string().contains("key"), "{cloned}");
    let no_key = sallyport_api::agent::EnrollRequest {
        public_key: "zz".into(),
        ..enroll_request("other", &good.secret)
    };
    assert!(matches!(
        enroll(&test.nobody(), no_key).await,
        Err(AppError::Invalid { field: "public_key", .. })
    ));
    enroll(&test.nobody(), enroll_request("other", &good.secret)).await.unwrap();
}

#[tokio::test]
async fn a_token_with_groups_brings_the_machine_straight_in() {
    let test = house::org().await;
    test.group("Fleet", GroupKind::Devices).await;
    test.group("Staff", GroupKind::Users).await;
    let device = test.enroll("laptop", &["fleet"]).await.unwrap().device;
    assert_eq!(device.state, DeviceState::Active);
    let groups = group::groups_of(&test.system(), sallyport_model::Member::Device(device.id)).await.unwrap();
    assert_eq!(groups.len(), 1);
    assert!(matches!(test.enroll("other", &["staff"]).await, Err(AppError::Conflict(_))));
    for hours in [0, 25] {
        let input = CreateEnrollmentToken { hours: Some(hours), ..CreateEnrollmentToken::default() };
        assert!(matches!(
            create_token(&test.system(), input).await,
            Err(AppError::Invalid { field: "hours", .. })
        ));
    }
}

#[tokio::test]
async fn a_token_whose_groups_are_gone_leads_to_quarantine() {
    let test = house::org().await;
    let fleet = test.group("Fleet", GroupKind::Devices).await;
    let input = CreateEnrollmentToken { groups: vec!["fleet".into()], ..CreateEnrollmentToken::default() };
    let token = create_token(&test.system(), input).await.unwrap();
    group::delete(&test.system(), fleet.id).await.unwrap();
    let made = enroll(&test.nobody(), enroll_request("laptop", &token.secret)).await.unwrap();
    assert_eq!(show(&test.system(), made.device).await.unwrap().state, DeviceState::Quarantined);
}

#[tokio::test]
async fn a_host_name_is_made_harmless() {
    let test = house::org().await;
    for (given, kept) in [
        ("lap\u{1b}[31mtop\n".to_owned(), "lap[31mtop".to_owned()),
        ("x".repeat(500), "x".repeat(64)),
        ("\u{202e} ".to_owned(), "unnamed".to_owned()),
    ] {
        assert_eq!(test.enroll(&given, &[]).await.unwrap().device.name, kept);
    }
}

#[tokio::test]
async fn devices_of_one_name_need_their_id() {
    let test = house::org().await;
    let system = test.system();
    let laptop = test.enroll("laptop", &[]).await.unwrap().device;
    for other in ["laptop a", "laptop2", "lap"] {
        test.enroll(other, &[]).await.unwrap();
    }
    assert_eq!(resolve(&system, "LapTop").await.unwrap().id, laptop.id);
    let second = test.enroll("tablet", &[]).await.unwrap().device;
    let rename_to = |name: &str| RenameDevice { name: name.into() };
    rename(&system, second.id, Some(1), rename_to("Laptop")).await.unwrap();
    assert!(matches!(resolve(&system, "laptop").await, Err(AppError::Conflict(_))));
    assert_eq!(resolve(&system, &second.id.to_string()).await.unwrap().name, "Laptop");
    assert!(rename(&system, second.id, None, rename_to(&"x".repeat(65))).await.is_err());
    assert!(matches!(resolve(&system, "laptopp").await, Err(AppError::NotFound { .. })));
}

#[tokio::test]
async fn only_the_revoked_are_deleted_and_nothing_comes_back() {
    let test = house::org().await;
    let system = test.system();
    test.user("alice").await;
    let fleet = test.group("Fleet", GroupKind::Devices).await;
    let device = test.active_device("laptop").await.device;
    test.join(&fleet, super::testing::device_member("laptop")).await;
    let bound = test.bind("alice", "laptop").await;
    assert!(matches!(delete(&system, device.id).await, Err(AppError::Conflict(_))));
    assert!(matches!(admit(&system, device.id).await, Err(AppError::Conflict(_))));
    revoke(&system, device.id).await.unwrap();
    assert!(matches!(admit(&system, device.id).await, Err(AppError::Conflict(_))));
    delete(&system, device.id).await.unwrap();
    assert!(matches!(show(&system, device.id).await, Err(AppError::NotFound { .. })));
    assert!(matches!(crate::binding::show(&system, bound.id).await, Err(AppError::NotFound { .. })));
    feed::catch_up(&test.org).await.unwrap();
}

#[tokio::test]
async fn the_break_glass_code_is_shown_to_owners_and_opens_what_the_device_knows() {
    let test = house::org().await;
    let waiting = test.enroll("waiting", &[]).await.unwrap().device;
    let device = test.active_device("laptop").await.device;
    let adam = test.user("adam").await;
    let administrator = test.person(adam.id, &[Role::Administrator]);
    assert!(matches!(reveal_break_glass(&administrator, device.id).await, Err(AppError::Denied(_))));
    assert!(matches!(reveal_break_glass(&test.system(), waiting.id).await, Err(AppError::Conflict(_))));

    let code = reveal_break_glass(&test.system(), device.id).await.unwrap();
    let digits = sallyport_crypto::token::typed_digits(code.expose()).unwrap();
    assert_eq!(digits.len(), 20);
    let login = content(&test, &device).await.login;
    let salted = format!("{}{digits}", login.break_glass_salt);
    let hash = sallyport_crypto::digest::hex(&sallyport_crypto::digest::sha256(salted.as_bytes()));
    assert_eq!(login.break_glass_hash, Some(hash));
    let ctx = test.system();
    let told = ctx.read(|reader| {
        let filter = sallyport_store::ChangeFilter {
            text: "reveal_break_glass".into(),
            limit: 5,
            ..Default::default()
        };
        Ok(reader.list_changes(&filter)?)
    });
    assert_eq!(told.await.unwrap().len(), 1);
}

async fn content(test: &house::TestOrg, device: &Device) -> desired::Content {
    let (ctx, device) = (test.system(), device.clone());
    let call = ctx.clone();
    ctx.read(move |reader| desired::compute(reader, &call, &device)).await.unwrap()
}

async fn report(test: &house::TestOrg, device: &Device, accounts: Vec<ActualAccount>) {
    let id = device.id.to_string();
    test.system()
        .write(move |tx| {
            let mut status = tx.device_status(&id)?;
            let report = Report {
                version: desired::version(&status),
                accounts: accounts.clone(),
                login_component: ComponentState::Enabled,
                login_failure: None,
            };
            status.report = Some(serde_json::to_string(&report)?);
            Ok(tx.put_device_status(&id, &status)?)
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn the_view_shows_desired_actual_and_the_difference() {
    let test = house::org().await;
    let system = test.system();
    let device = test.active_device("laptop").await.device;
    let mut actual = Vec::new();
    for (name, condition) in [
        ("alice", Condition::InPlace),
        ("bob", Condition::Failed),
        ("carol", Condition::WaitingForPassword),
        ("dave", Condition::Locked),
    ] {
        let user = test.user(name).await.id;
        let failed = condition == Condition::Failed;
        let failure = Failure { aspect: "account".into(), reason: "the uid is taken".into() };
        let failures = if failed { vec![failure] } else { Vec::new() };
        actual.push(ActualAccount { user, name: name.into(), condition, failures });
        if name != "dave" {
            test.bind(name, "laptop").await;
        }
    }
    feed::catch_up(&test.org).await.unwrap();
    report(&test, &device, actual).await;
    let shown = view(&system, device.id).await.unwrap();
    let differences = |view: &DeviceView| {
        view.accounts.iter().map(|account| (account.name.clone(), account.difference)).collect::<Vec<_>>()
    };
    let expected = [
        ("alice", Difference::None),
        ("bob", Difference::Failed),
        ("carol", Difference::WaitingForPassword),
        ("dave", Difference::None),
    ];
    assert_eq!(differences(&shown), expected.map(|(name, difference)| (name.to_owned(), difference)));
    assert_eq!(shown.accounts[1].reasons[0].reason, "the uid is taken");
    assert!(shown.accounts[3].desired.is_none());
    assert!(shown.reported_is_current && !shown.connected);
    let page = PageRequest { limit: 10, ..PageRequest::default() };
    let rows = summaries(&system, page).await.unwrap().items;
    assert_eq!((rows.len(), rows[0].failed, rows[0].reported_is_current), (1, 1, true));

    test.user("erin").await;
    test.bind("erin", "laptop").await;
    let shown = view(&system, device.id).await.unwrap();
    assert!(!shown.reported_is_current);
    assert_eq!(shown.accounts[1].difference, Difference::Pending);
    assert_eq!(shown.accounts[4].difference, Difference::Pending);
    assert!(!serde_json::to_string(&shown).unwrap().contains("$6$"));
}
