use sallyport_api::{
    agent::{RunEvent, RunHappening},
    rest::{CreateUser, LaunchCommand},
};
use sallyport_model::{DeviceState, Role, RunState, id::RunId};
use uuid::Uuid;

use super::*;
use crate::{
    command,
    run::{
        self,
        tests::{device, script},
    },
    testing::{self, TestOrg},
    user,
};

fn as_role(test: &TestOrg, role: Role) -> Ctx {
    test.person(UserId::new(Uuid::from_u128(7)), &[role])
}

/// How it stands for this caller now, and what moved since.
async fn looked(ctx: &Ctx, before: Option<Seen>, after: Option<Cursor>) -> (Seen, News) {
    let looking = ctx.clone();
    ctx.read(move |reader| look(reader, &looking, before, after)).await.unwrap()
}

#[tokio::test]
async fn whoever_looks_hears_of_what_they_may_read_and_of_nothing_else() {
    let test = testing::org().await;
    let (auditor, helper) = (as_role(&test, Role::Auditor), as_role(&test, Role::HelpDesk));
    let before = [looked(&auditor, None, None).await, looked(&helper, None, None).await];
    assert!(before.iter().all(|(_, news)| news.moved.is_empty() && news.ended.is_empty()));
    let bob = CreateUser { name: "bob".into(), ..CreateUser::default() };
    let bob = user::create(&test.system(), bob).await.unwrap().id;
    command::create(&test.system(), script("update")).await.unwrap();
    let [(of_auditor, _), (of_helper, _)] = before;
    let (seen, news) = looked(&auditor, Some(of_auditor.clone()), None).await;
    assert_eq!(news.moved.keys().copied().collect::<Vec<_>>(), ["command", "user"]);
    assert_eq!(news.moved["user"], BTreeSet::from([bob.to_string()]));
    let (_, news) = looked(&helper, Some(of_helper), None).await;
    assert_eq!(news.moved.keys().copied().collect::<Vec<_>>(), ["user"]);
    assert!(looked(&auditor, Some(seen), None).await.1.moved.is_empty(), "it is told once");
    // A page that comes back says how far it was told, and one that says nonsense begins anew.
    let cursor: Cursor = of_auditor.cursor.to_string().parse().unwrap();
    assert_eq!(looked(&auditor, None, Some(cursor)).await.1.moved.len(), 2);
    let future = Cursor { place: cursor.place + 1_000_000, ..cursor };
    assert!(looked(&auditor, None, Some(future)).await.1.moved.is_empty());
    assert!("".parse::<Cursor>().is_err() && "1".parse::<Cursor>().is_err());
}

#[tokio::test]
async fn more_than_can_be_named_is_not_named() {
    let test = testing::org().await;
    let auditor = as_role(&test, Role::Auditor);
    let (before, _) = looked(&auditor, None, None).await;
    for n in 0..=MOST_IDS {
        let input = CreateUser { name: format!("user{n}"), ..CreateUser::default() };
        user::create(&test.system(), input).await.unwrap();
    }
    let (_, news) = looked(&auditor, Some(before), None).await;
    assert_eq!(news.moved, BTreeMap::from([("user", BTreeSet::new())]));
}

async fn ends(test: &TestOrg, run: RunId, exit_code: i32) {
    let device = run::show(&test.system(), run).await.unwrap().device;
    run::orders_for(&test.system(), device).await.unwrap();
    let end = RunHappening::Finished { exit_code: Some(exit_code), reason: None };
    for (seq, what) in [(1, RunHappening::Started), (2, end)] {
        let event = RunEvent { run, seq, at: test.system().now, what };
        run::event(&test.system(), device, event).await.unwrap();
    }
    assert!(matches!(run::show(&test.system(), run).await.unwrap().state, RunState::Finished { .. }));
}

#[tokio::test]
async fn a_launch_ends_with_its_last_run_and_whoever_launched_it_is_told() {
    let test = testing::org().await;
    let (olga, ada) = (as_role(&test, Role::Owner), test.system());
    let mut devices = Vec::new();
    for name in ["web-1", "web-2"] {
        devices.push(device(&test, name, DeviceState::Active).await.to_string());
    }
    let command = command::create(&ada, script("update")).await.unwrap().id;
    let input = LaunchCommand { devices, ..LaunchCommand::default() };
    let runs = run::launch(&olga, command, input).await.unwrap();
    let (before, _) = looked(&olga, None, None).await;
    ends(&test, runs[0].id, 0).await;
    let (before, news) = looked(&olga, Some(before), None).await;
    assert!(news.moved.contains_key("run") && news.ended.is_empty());
    ends(&test, runs[1].id, 3).await;
    let (_, news) = looked(&olga, Some(before.clone()), None).await;
    let [Ended::Runs { name, total, succeeded, only, .. }] = &news.ended[..] else { panic!("{news:?}") };
    assert_eq!((name.as_str(), *total, *succeeded, *only), ("update", 2, 1, None));
    let somebody_else = Ctx {
        caller: crate::Caller::Person {
            id: UserId::new(Uuid::from_u128(8)),
            name: "else".into(),
            roles: [Role::Owner].into(),
        },
        ..olga.clone()
    };
    assert!(looked(&somebody_else, Some(before), None).await.1.ended.is_empty());
}

#[tokio::test]
async fn places_are_given_back() {
    let live = Live::default();
    let user = UserId::new(Uuid::from_u128(1));
    let mut seats: Vec<_> = (0..MOST_OF_ONE).map(|_| live.sit_down(user).unwrap()).collect();
    assert!(live.sit_down(user).is_none());
    assert!(live.sit_down(UserId::new(Uuid::from_u128(2))).is_some());
    seats.clear();
    assert!(live.sit_down(user).is_some());
    assert!(live.open.lock().unwrap().is_empty());
}
