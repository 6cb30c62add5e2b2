use std::collections::BTreeMap;

use sallyport_api::{
    agent::StateVersion,
    rest::{SetDeviceLogin, UpdateGroup},
};
use sallyport_model::{GroupKind, User, settings::SecondDoorPolicy};
use sallyport_store::Session;

use super::*;
use crate::{
    binding, desired,
    device::{
        self,
        testing::{device_member, group_member, user_member},
    },
    group,
    hub::Wakeup,
    settings as org_settings,
    testing::{self, TestOrg},
    user,
};

mod restarts;

/// The numbers of the devices' states, by name.
async fn numbers(test: &TestOrg) -> BTreeMap<String, u64> {
    test.system()
        .read(|reader| {
            let mut found = BTreeMap::new();
            for device in reader.list_all::<sallyport_model::Device>()? {
                let status = reader.device_status(&device.id.to_string())?;
                let StateVersion { epoch, n } = desired::version(&status);
                assert!(epoch <= 1);
                found.insert(device.name.clone(), n);
            }
            Ok(found)
        })
        .await
        .unwrap()
}

/// The devices whose number rose through what `change` did.
async fn moved(test: &TestOrg, change: impl Future<Output = ()>) -> Vec<String> {
    catch_up(&test.org).await.unwrap();
    let before = numbers(test).await;
    change.await;
    catch_up(&test.org).await.unwrap();
    let after = numbers(test).await;
    after
        .into_iter()
        .filter(|(name, n)| before.get(name).is_none_or(|old| old < n))
        .map(|(name, _)| name)
        .collect()
}

/// Two people and two devices: alice through groups on both sides on `a`, bob directly on `b`.
async fn house() -> (TestOrg, User) {
    let test = testing::org().await;
    let (alice, _) = (test.user("alice").await, test.user("bob").await);
    let (all, staff) =
        (test.group("All", GroupKind::Users).await, test.group("Staff", GroupKind::Users).await);
    let (fleet, desks) =
        (test.group("Fleet", GroupKind::Devices).await, test.group("Desks", GroupKind::Devices).await);
    test.join(&staff, user_member("alice")).await;
    test.join(&all, group_member("staff")).await;
    test.join(&fleet, group_member("desks")).await;
    test.active_device("a").await;
    test.active_device("b").await;
    test.join(&desks, device_member("a")).await;
    test.bind("@all", "@fleet").await;
    test.bind("bob", "b").await;
    (test, alice)
}

#[tokio::test]
async fn a_change_reaches_exactly_the_devices_it_concerns() {
    let (test, alice) = house().await;
    let system = test.system();
    let suspended = moved(&test, async { drop(user::suspend(&system, alice.id).await.unwrap()) });
    assert_eq!(suspended.await, ["a"]);
    let same_again = moved(&test, async {});
    assert_eq!(same_again.await, Vec::<String>::new());
    let renamed = sallyport_api::rest::RenameDevice { name: "b".into() };
    let b = device::resolve(&system, "b").await.unwrap();
    let unseen = moved(&test, async { drop(device::rename(&system, b.id, None, renamed).await.unwrap()) });
    assert_eq!(unseen.await, Vec::<String>::new());
    let settings = org_settings::show(&system).await.unwrap();
    let mut after = settings.value.clone();
    after.device_login.prompts = 5;
    let all = moved(&test, async { drop(org_settings::update(&system, None, after).await.unwrap()) });
    assert_eq!(all.await, ["a", "b"]);
}

#[tokio::test]
async fn memberships_and_bindings_that_end_reach_their_devices_too() {
    let (test, _) = house().await;
    let system = test.system();
    let named = |name: &'static str| {
        let system = system.clone();
        async move { group::resolve(&system, name).await.unwrap().id }
    };
    let (staff, desks, fleet) = (named("staff").await, named("desks").await, named("fleet").await);
    let joined = moved(&test, async { group::add_member(&system, staff, user_member("bob")).await.unwrap() });
    assert_eq!(joined.await, ["a"]);
    let left =
        moved(&test, async { group::remove_member(&system, fleet, group_member("desks")).await.unwrap() });
    assert_eq!(left.await, ["a"]);
    let back =
        moved(&test, async { group::add_member(&system, fleet, group_member("desks")).await.unwrap() });
    assert_eq!(back.await, ["a"]);
    let device = moved(&test, async { group::add_member(&system, desks, device_member("b")).await.unwrap() });
    assert_eq!(device.await, ["b"]);
    let deleted = moved(&test, async { group::delete(&system, fleet).await.unwrap() });
    assert_eq!(deleted.await, ["a", "b"]);
    let bob = binding::list(&system, sallyport_store::PageRequest { limit: 9, ..Default::default() })
        .await
        .unwrap();
    assert_eq!(bob.items.len(), 1);
    let unbound = moved(&test, async { binding::delete(&system, bob.items[0].binding.id).await.unwrap() });
    assert_eq!(unbound.await, ["b"]);
}

/// Login settings that ask the members of these groups.
fn asking(groups: &[&str]) -> Option<SetDeviceLogin> {
    let groups = groups.iter().map(|name| (*name).to_owned()).collect();
    Some(SetDeviceLogin { groups: Some(groups), ..SetDeviceLogin::default() })
}

#[tokio::test]
async fn login_settings_reach_the_devices_of_their_group_and_the_people_they_ask() {
    let (test, _) = house().await;
    let system = test.system();
    let (ops, eng) = (test.group("Ops", GroupKind::Users).await, test.group("Eng", GroupKind::Users).await);
    test.join(&ops, group_member("eng")).await;
    let set = |group: &'static str, device_login: Option<SetDeviceLogin>| {
        let system = system.clone();
        async move {
            let id = group::resolve(&system, group).await.unwrap().id;
            let input = UpdateGroup { device_login: Some(device_login), ..UpdateGroup::default() };
            group::update(&system, id, None, input).await.unwrap();
        }
    };
    let prompts = SetDeviceLogin { prompts: Some(1), ..SetDeviceLogin::default() };
    // Through the group between.
    assert_eq!(moved(&test, set("fleet", Some(prompts))).await, ["a"]);
    // Everybody is asked as before, for nobody is in it.
    assert_eq!(moved(&test, set("fleet", asking(&["ops"]))).await, Vec::<String>::new());
    let bob = || user_member("bob");
    // Somebody in it, through another group, so that alice is outside now.
    let joined = moved(&test, async { group::add_member(&system, eng.id, bob()).await.unwrap() });
    assert_eq!(joined.await, ["a"]);
    let alice =
        moved(&test, async { group::add_member(&system, eng.id, user_member("alice")).await.unwrap() });
    assert_eq!(alice.await, ["a"]);
    let apart = moved(&test, async {
        group::remove_member(&system, ops.id, group_member("eng")).await.unwrap();
        group::add_member(&system, ops.id, bob()).await.unwrap();
    });
    assert_eq!(apart.await, ["a"]);
    let empty = moved(&test, async { group::remove_member(&system, ops.id, bob()).await.unwrap() });
    assert_eq!(empty.await, ["a"]);
    // A person who is deleted leaves without a word.
    let staged = sallyport_api::rest::CreateUser { name: "steve".into(), ..Default::default() };
    let steve = user::create(&system, staged).await.unwrap().id;
    let joined =
        moved(&test, async { group::add_member(&system, ops.id, user_member("steve")).await.unwrap() });
    assert_eq!(joined.await, ["a"]);
    assert_eq!(moved(&test, async { user::delete(&system, steve).await.unwrap() }).await, ["a"]);
    assert_eq!(moved(&test, set("fleet", None)).await, ["a"]);
}

#[tokio::test]
async fn who_is_in_a_scope_of_the_whole_organisation_matters_everywhere() {
    let (test, _) = house().await;
    let system = test.system();
    let ops = test.group("Ops", GroupKind::Users).await;
    for policy in [true, false] {
        let mut after = org_settings::show(&system).await.unwrap().value;
        let groups = vec![ops.id];
        if policy {
            after = after.with_second_door(SecondDoorPolicy::Groups { groups });
        } else {
            after = after.with_second_door(SecondDoorPolicy::Always);
            after.device_login.groups = groups;
        }
        org_settings::update(&system, None, after).await.unwrap();
        let joined =
            moved(&test, async { group::add_member(&system, ops.id, user_member("bob")).await.unwrap() });
        let joined = joined.await;
        let left =
            moved(&test, async { group::remove_member(&system, ops.id, user_member("bob")).await.unwrap() });
        // The policy asks bob; the scope, before him without anybody, no longer asks alice.
        assert_eq!(
            (joined, left.await),
            if policy {
                (vec!["b".to_owned()], vec!["b".to_owned()])
            } else {
                (vec!["a".to_owned()], vec!["a".to_owned()])
            }
        );
    }
}

#[tokio::test]
async fn connected_devices_are_told_after_the_commit() {
    let (test, alice) = house().await;
    catch_up(&test.org).await.unwrap();
    let system = test.system();
    let (a, b) =
        (device::resolve(&system, "a").await.unwrap().id, device::resolve(&system, "b").await.unwrap().id);
    let (at_a, at_b) = (test.org.hub.register(a), test.org.hub.register(b));
    for connection in [&at_a, &at_b] {
        assert_eq!(connection.woken().await, Wakeup::Desired);
        assert_eq!(connection.woken().await, Wakeup::Runs);
    }
    user::suspend(&system, alice.id).await.unwrap();
    catch_up(&test.org).await.unwrap();
    device::revoke(&system, b).await.unwrap();
    catch_up(&test.org).await.unwrap();
    assert_eq!(at_a.woken().await, Wakeup::Desired);
    assert_eq!(at_b.woken().await, Wakeup::End(End::Revoked));
}

#[tokio::test]
async fn the_running_feed_follows_by_itself_and_stops_when_told() {
    let (test, alice) = house().await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(run(Arc::clone(&test.org), async move { drop(stopped.await) }));
    let a = device::resolve(&test.system(), "a").await.unwrap().id;
    let connection = test.org.hub.register(a);
    connection.woken().await;
    connection.woken().await;
    user::suspend(&test.system(), alice.id).await.unwrap();
    assert_eq!(connection.woken().await, Wakeup::Desired);
    stop.send(()).unwrap();
    running.await.unwrap();
}

fn fails_at_bob(_: &mut Tx<'_, '_>, changes: &[Change]) -> Result<Vec<Notice>, AppError> {
    if changes.iter().any(|change| change.subject.label == "bob") {
        return Err(AppError::Internal("poisoned".into()));
    }
    Ok(Vec::new())
}

#[tokio::test]
async fn a_poisoned_change_is_passed_over_alone() {
    let test = testing::org().await;
    for name in ["alice", "bob", "carol"] {
        test.user(name).await;
    }
    let projection = Projection { name: "poisoned", apply: fails_at_bob };
    let mut progress = Progress::default();
    let mut failures = 0;
    loop {
        match progress.advance(&test.org, projection).await {
            Outcome::Advanced(_) => {}
            Outcome::Failed(wait) => {
                assert!(wait >= FIRST_WAIT && wait <= LAST_WAIT);
                failures += 1;
            }
            Outcome::UpToDate => break,
        }
        assert!(failures < 10);
    }
    let (cursor, head) = test
        .system()
        .read(|reader| Ok((reader.feed_cursor("poisoned")?, reader.feed_head()?)))
        .await
        .unwrap();
    assert_eq!((failures, cursor), (1 + MOST_TRIES, head));
}

fn session(test: &TestOrg, hash: &str, user: &User, epoch: i64) -> Session {
    Session {
        hash: hash.into(),
        user: user.id,
        id: None,
        first_door: None,
        proofs: Vec::new(),
        bearer: false,
        opened_for: None,
        both_doors: true,
        epoch,
        networks: Vec::new(),
        form_token: String::new(),
        source: None,
        user_agent: String::new(),
        created: test.system().now,
        proved: None,
        expires: test.system().now.plus(sallyport_model::Span::hours(1)),
        seen: test.system().now,
    }
}

#[tokio::test]
async fn sessions_end_with_what_they_stood_on() {
    let test = testing::org().await;
    let (alice, bob) = (test.user("alice").await, test.user("bob").await);
    let sessions = [("old", &alice, 0), ("new", &alice, 1), ("bob", &bob, 0)]
        .map(|(hash, user, epoch)| session(&test, hash, user, epoch));
    test.system()
        .write(move |tx| {
            for session in &sessions {
                tx.put_session(session)?;
            }
            let user = tx.find::<User>(sessions[0].user)?.unwrap();
            let changed = tx.update(&user, user.value.clone().with_next_epoch())?;
            tx.record(changed, "void");
            Ok(())
        })
        .await
        .unwrap();
    let left = |user: &User| {
        let (ctx, id) = (test.system(), user.id);
        async move {
            let sessions = ctx.read(move |reader| Ok(reader.sessions_of(id)?)).await.unwrap();
            sessions.into_iter().map(|session| session.hash).collect::<Vec<_>>()
        }
    };
    catch_up(&test.org).await.unwrap();
    assert_eq!((left(&alice).await, left(&bob).await), (vec!["new".to_owned()], vec!["bob".to_owned()]));
    user::suspend(&test.system(), bob.id).await.unwrap();
    catch_up(&test.org).await.unwrap();
    assert_eq!(left(&bob).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_node_hears_of_what_other_nodes_projections_did() {
    let (test, alice) = house().await;
    catch_up(&test.org).await.unwrap();
    let (start, nothing) = others::look(&test.org, None).await.unwrap();
    assert!(nothing.is_empty());
    user::suspend(&test.system(), alice.id).await.unwrap();
    // Not before all projections are done with it.
    assert_eq!(others::look(&test.org, Some(start)).await.unwrap(), (start, Vec::new()));
    catch_up(&test.org).await.unwrap();
    let a = device::resolve(&test.system(), "a").await.unwrap().id;
    let (next, notices) = others::look(&test.org, Some(start)).await.unwrap();
    assert_eq!((next, notices), (start + 1, vec![Notice::Desired(a)]));
}
