use sallyport_api::agent::{ActualAccount, ComponentState, Condition, Disk, Inventory, Report, StateVersion};
use sallyport_model::{
    DriftKind, Role,
    id::SignInId,
    signin::{Reason, Resource, SignIn, SignInState},
};

use super::*;
use crate::{
    device::standing,
    feed, jobs,
    signin::id_at,
    testing::{self, TestOrg},
};

/// A sign-in that ended now, as the doors would have left it.
async fn ended(test: &TestOrg, user: Option<&User>, reason: Option<Reason>) {
    let ctx = test.system();
    let (id, now) = (ctx.id(SignInId::new).unwrap(), ctx.now);
    let sign_in = SignIn {
        id,
        name: user.map_or("nobody".into(), |user| user.name.to_string()),
        user: user.map(|user| user.id),
        resource: Resource::Portal,
        source: None,
        country: None,
        device: None,
        host: None,
        managed_device: None,
        state: if reason.is_some() {
            SignInState::Denied { at: now }
        } else {
            SignInState::Allowed { at: now }
        },
        first_door: None,
        second_door: None,
        tried: None,
        reasons: vec![Reason::PolicyRequiresSecondDoor].into_iter().chain(reason).collect(),
        epoch: 0,
        created: now,
    };
    ctx.write(move |tx| Ok(tx.put_sign_in(&sign_in, "")?)).await.unwrap();
    test.clock.advance(Span::seconds(1));
}

async fn told(ctx: &Ctx, window: Window) -> sallyport_api::rest::SignInsSum {
    show(ctx, window).await.unwrap().sign_ins.unwrap()
}

#[tokio::test]
async fn sign_ins_are_told_the_same_before_and_after_they_are_summed_up() {
    let test = testing::org().await;
    let (alice, bob) = (test.user("alice").await, test.user("bob").await);
    for _ in 0..3 {
        ended(&test, Some(&alice), Some(Reason::PasswordWrong)).await;
    }
    ended(&test, Some(&alice), Some(Reason::Expired)).await;
    ended(&test, Some(&bob), Some(Reason::FactorWrong)).await;
    ended(&test, Some(&bob), None).await;
    ended(&test, None, Some(Reason::UnknownUser)).await;
    ended(&test, Some(&bob), Some(Reason::CodeTexted)).await;
    test.clock.advance(Span::hours(2));
    ended(&test, Some(&bob), None).await;
    let before = told(&test.system(), Window::Day).await;
    assert_eq!((before.allowed, before.denied, before.strangers), (2, 6, 1));
    let reasons: Vec<_> = before.reasons.iter().map(|of| (of.reason.as_str(), of.count)).collect();
    assert_eq!(reasons, [("password_wrong", 3), ("expired", 1), ("factor_wrong", 1), ("unknown_user", 1)]);
    let people: Vec<_> = before.people.iter().map(|of| (of.name.as_str(), of.count)).collect();
    assert_eq!(people, [("alice", 4), ("bob", 1)]);
    assert_eq!(before.people[0].reasons[0].reason, "password_wrong");
    let parts: Vec<_> = before.over_time.iter().map(|part| (part.allowed, part.denied)).collect();
    assert_eq!((parts.len(), &parts[21..]), (24, [(1, 6), (0, 0), (1, 0)].as_slice()));

    jobs::pass(&test.system()).await.unwrap();
    // What is summed up is not read again: the log may be gone.
    let first = id_at(test.system().now.minus(Span::hours(1)));
    test.system()
        .write(move |tx| {
            tx.sweep_sign_ins_of_nobody(first)?;
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(told(&test.system(), Window::Day).await, before);
    let week = told(&test.system(), Window::Week).await;
    assert_eq!((week.allowed, week.denied, week.over_time.len()), (2, 6, 7));
    jobs::pass(&test.other_node()).await.unwrap();
    assert_eq!(told(&test.other_node(), Window::Day).await, before, "nothing is summed up twice");
    test.clock.advance(Span::days(2));
    jobs::pass(&test.system()).await.unwrap();
    assert_eq!(told(&test.system(), Window::Day).await.denied, 0);
    assert_eq!(told(&test.system(), Window::Week).await.denied, 6);
    test.clock.advance(Span::days(7));
    jobs::pass(&test.system()).await.unwrap();
    let kept = test.system().read(|reader| Ok(reader.tallies(Time(0), Time(i64::MAX))?)).await.unwrap();
    assert!(kept.is_empty(), "{kept:?}");
}

#[tokio::test]
async fn a_sign_in_that_is_decided_late_is_not_lost() {
    let test = testing::org().await;
    let alice = test.user("alice").await;
    let ctx = test.system();
    let id = ctx.id(SignInId::new).unwrap();
    // A quarter of an hour ends while it stands at the second door.
    test.clock.advance(Span::minutes(14));
    jobs::pass(&test.system()).await.unwrap();
    test.clock.advance(Span::minutes(4));
    jobs::pass(&test.system()).await.unwrap();
    ended(&test, Some(&alice), Some(Reason::Expired)).await;
    let (mut all, created) =
        (test.system().read(|reader| Ok(reader.list_sign_ins(None, "", 1)?)).await.unwrap(), ctx.now);
    let late = SignIn { id, created: created.plus(Span::minutes(13)), ..all.remove(0) };
    ctx.write(move |tx| Ok(tx.put_sign_in(&late, "")?)).await.unwrap();
    assert_eq!(told(&test.system(), Window::Day).await.denied, 2);
    test.clock.advance(Span::hours(1));
    jobs::pass(&test.system()).await.unwrap();
    assert_eq!(told(&test.system(), Window::Day).await.denied, 2);
}

async fn says(
    test: &TestOrg,
    id: sallyport_model::id::DeviceId,
    report: Option<Report>,
    inventory: Inventory,
) {
    test.system()
        .write(move |tx| {
            let mut status = tx.device_status(&id.to_string())?;
            status.report = report.as_ref().map(serde_json::to_string).transpose()?;
            status.inventory = Some(serde_json::to_string(&inventory)?);
            status.seen = tx.ctx.now;
            standing::put(tx, id, &status)
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn devices_differ_by_what_they_said_last() {
    let test = testing::org().await;
    let laptop = test.active_device("laptop").await.device;
    let desk = test.active_device("desk").await.device;
    test.user("alice").await;
    test.bind("alice", "laptop").await;
    feed::catch_up(&test.org).await.unwrap();
    let devices = |ctx: Ctx| async move { show(&ctx, Window::Day).await.unwrap().devices.unwrap() };
    assert_eq!(devices(test.system()).await.drifted, 0, "what is on its way is no drift");
    test.clock.advance(Span::minutes(11));
    let told = devices(test.system()).await;
    assert_eq!((told.active, told.drifted), (2, 2), "neither has ever said anything");

    let version = |n| StateVersion { epoch: 1, n };
    let account = |condition| ActualAccount {
        user: sallyport_model::id::UserId::new(uuid::Uuid::nil()),
        name: "alice".into(),
        condition,
        failures: Vec::new(),
    };
    let number = {
        let key = laptop.id.to_string();
        test.system().read(move |reader| Ok(reader.device_status(&key)?)).await.unwrap().n
    };
    let report = |n, condition| Report {
        version: version(n),
        accounts: vec![account(condition)],
        login_component: ComponentState::Enabled,
        login_failure: None,
    };
    let n = u64::try_from(number).unwrap();
    let open = Disk { mount_point: "/".into(), encrypted: Some(false), ..Disk::default() };
    let disks = Inventory { disks: vec![open], agent_version: "0.0.1".into(), ..Inventory::default() };
    says(&test, laptop.id, Some(report(n, Condition::Failed)), disks).await;
    says(&test, desk.id, None, Inventory::default()).await;
    let told = devices(test.system()).await;
    let of = |kind| told.drifts.iter().find(|of| of.kind == kind).unwrap().devices;
    assert_eq!(DriftKind::ALL.map(of), [1, 0, 1, 1, 1], "{told:?}");
    assert_eq!((told.drifted, told.seen), (2, 2));
    let found = drifted(&test.system(), "lap".into()).await.unwrap();
    let said: Vec<_> = found[0].drifts.iter().map(|drift| (drift.kind, drift.detail.as_str())).collect();
    assert_eq!(found[0].name, "laptop");
    assert_eq!(said[..2], [(DriftKind::Accounts, "alice"), (DriftKind::Disk, "/")]);

    says(&test, laptop.id, Some(report(n, Condition::InPlace)), Inventory::default()).await;
    assert!(drifted(&test.system(), "lap".into()).await.unwrap().is_empty());
    crate::device::delete(&test.system(), desk.id).await.ok();
    crate::device::revoke(&test.system(), laptop.id).await.unwrap();
    assert!(!devices(test.system()).await.newest.iter().any(|device| device.name == "laptop"));
}

#[tokio::test]
async fn nobody_is_told_what_they_may_not_read() {
    let test = testing::org().await;
    let id = test.user("carol").await.id;
    let parts = |told: Overview| {
        [
            told.directory.is_some(),
            told.sign_ins.is_some(),
            told.devices.is_some(),
            told.factors.is_some(),
            told.changes.is_some(),
            told.alarms.is_some(),
            told.resets_waiting.is_some(),
        ]
    };
    for role in Role::ALL {
        let ctx = test.person(id, &[role]);
        let may = |action| ctx.allow(action).is_ok();
        let (directory, sign_ins) = (may(Action::ReadDirectory), may(Action::ReadSignIns));
        let expected = [
            directory,
            sign_ins,
            directory,
            directory,
            may(Action::ReadAudit),
            sign_ins,
            may(Action::ManageFactors),
        ];
        assert_eq!(parts(show(&ctx, Window::Day).await.unwrap()), expected, "{role:?}");
    }
    assert_eq!(parts(show(&test.person(id, &[]), Window::Day).await.unwrap()), [false; 7]);
    let runner = test.person(id, &[Role::CommandRunner]);
    assert!(show(&runner, Window::Day).await.unwrap().sign_ins.is_none(), "the matrix means something");
}
