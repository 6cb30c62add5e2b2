//! When a push has a number: said by policies, and what applications said before.

use sallyport_model::policy::{NumberWhen, VerifiedPush};

use super::*;

fn push(digits: u8, when: NumberWhen) -> Sections {
    Sections { verified_push: Some(VerifiedPush { digits, when }), ..Sections::default() }
}

/// What holds of pushes for a person at a resource, in words, and who says it.
async fn told(test: &TestOrg, user: UserId, at: &Resource) -> (String, String) {
    let place = match at {
        Resource::Application { application, .. } => Where::Application(*application),
        Resource::Api | Resource::DeviceLogin { .. } | Resource::Portal => Where::Portal,
    };
    let explained = explain(&test.system(), user, place, None).await.unwrap();
    let because = explained.said_by.iter().find(|(section, _)| *section == Section::VerifiedPush);
    (explained.tell(Section::VerifiedPush), because.unwrap().1.clone())
}

const PLAIN: &str = "; what can show no number pushes without";
const NEVER_PLAIN: &str = "; what can show no number pushes nobody";

#[tokio::test]
async fn whether_a_push_may_have_no_number_is_merged_like_every_section_and_told_with_who_says_it() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await.id;
    let bob = person(&test, "bob").await.id;
    let group = staff(&test, alice).await;
    let plain = write(&test, "Old clients", push(4, NumberWhen::WhereShown)).await;
    let strict = write(&test, "Staff", push(6, NumberWhen::Always)).await;
    let vpn = application(
        &test,
        "VPN",
        Applied { policy: Some(plain), groups: vec![GroupPolicy { group, policy: strict }] },
    )
    .await;
    let all = ["alice", "bob"].into_iter().zip([alice, bob]);
    for (name, user) in all {
        let (says, because) = told(&test, user, &Resource::Portal).await;
        assert_eq!(
            (says, because),
            (format!("3 digits{NEVER_PLAIN}"), "built in; nobody said otherwise".into()),
            "{name}"
        );
    }
    assert_eq!(
        told(&test, alice, &vpn).await,
        (format!("6 digits{NEVER_PLAIN}"), "policy “Staff”, applied here to group “staff”".into())
    );
    assert_eq!(
        told(&test, bob, &vpn).await,
        (format!("4 digits{PLAIN}"), "policy “Old clients”, applied here".into())
    );
    // The organisation may say it of everything that says nothing itself.
    set(&test.system(), |settings| {
        settings.policy.verified_push = push(5, NumberWhen::WhereShown).verified_push
    })
    .await
    .unwrap();
    let (says, because) = told(&test, bob, &Resource::Portal).await;
    assert_eq!((says, because), (format!("5 digits{PLAIN}"), "the organisation's policy".into()));
    assert_eq!(told(&test, alice, &vpn).await.0, format!("6 digits{NEVER_PLAIN}"));
}

/// Marks an application as it was done before policies said it.
async fn mark(test: &TestOrg, at: &Resource) {
    let Resource::Application { application, .. } = at else { panic!("{at:?}") };
    let id = *application;
    let write = move |tx: &mut Tx<'_, '_>| {
        let before = tx.find::<Application>(id)?.unwrap();
        let changed = tx.update(&before, Application { plain_push: true, ..before.value.clone() })?;
        tx.record(changed, "update");
        Ok(())
    };
    test.system().write(write).await.unwrap();
}

#[tokio::test]
async fn what_applications_said_of_pushes_is_moved_into_their_policies_once_and_keeps_its_effect() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await.id;
    let bob = person(&test, "bob").await.id;
    let group = staff(&test, alice).await;
    set(&test.system(), |settings| settings.policy.verified_push = push(4, NumberWhen::Always).verified_push)
        .await
        .unwrap();
    let shared = write(&test, "Shared", says(SecondDoorPolicy::Never)).await;
    let strict = write(&test, "Staff", push(6, NumberWhen::Always)).await;
    let groups = vec![GroupPolicy { group, policy: strict }];
    // Whoever had a policy of the name before keeps it as it is.
    write(&test, "Push without a number", says(SecondDoorPolicy::Never)).await;
    let bare = application(&test, "Bare", Applied::default()).await;
    let other = application(&test, "Other", Applied::default()).await;
    let vpn = application(&test, "VPN", Applied { policy: Some(shared), groups }).await;
    let unmarked = application(&test, "Mail", Applied { policy: Some(shared), groups: Vec::new() }).await;
    for marked in [&bare, &other, &vpn] {
        mark(&test, marked).await;
    }
    assert_eq!(move_plain_pushes(&test.system()).await.unwrap(), 3);
    for (user, at, digits) in [(alice, &bare, 4), (bob, &other, 4), (bob, &vpn, 4), (alice, &vpn, 6)] {
        assert_eq!(told(&test, user, at).await.0, format!("{digits} digits{PLAIN}"), "{at:?}");
    }
    // What else their policies said they still say, and nobody else's says anything new.
    let ctx = test.nobody();
    assert!(matches!(vouched(&ctx, "bob", &vpn).await, Step::Allowed(_)));
    assert_eq!(told(&test, bob, &unmarked).await.0, format!("4 digits{NEVER_PLAIN}"));
    let names: Vec<String> =
        all(&test.system()).await.unwrap().into_iter().map(|policy| policy.value.name).collect();
    // One for both applications that had none.
    let second = names.get(1).unwrap();
    assert!(second.starts_with("Push without a number (PO"), "{second}");
    assert_eq!(
        names.iter().filter(|name| *name != second).collect::<Vec<_>>(),
        [
            "Push without a number",
            "Shared",
            "Shared: push without a number",
            "Staff",
            "Staff: push without a number"
        ]
    );
    assert_eq!(move_plain_pushes(&test.system()).await.unwrap(), 0, "once");
    let kept = crate::application::resolve(&test.system(), "VPN").await.unwrap();
    assert!(!serde_json::to_string(&kept.value).unwrap().contains("plain_push"));
}
