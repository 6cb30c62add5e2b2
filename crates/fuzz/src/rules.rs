//! Access rules: what an owner writes, as a whole or as the expression alone, compiled and asked.

use std::{collections::BTreeSet, sync::Arc};

use sallyport_model::{
    About, AccessRule, PasswordStatus, Posix, RuleMode, Time, User, UserName, UserState,
    access_rule::{ResourceKind, RuleSays},
    id::{AccessRuleId, UserId},
};
use sallyport_policy::{Asked, At, Compiled, Place, Rules, Verdict};

/// Whether the bytes are a rule that can be kept: in JSON, or its expression alone.
pub(crate) fn rule(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let says = if text.starts_with('{') {
        serde_json::from_str::<RuleSays>(text).ok()
    } else {
        Some(RuleSays { expression: Some(text.to_owned()), ..RuleSays::default() })
    };
    let Some((says, user)) = says.zip(person()) else { return false };
    let rule = AccessRule {
        id: AccessRuleId::new(uuid()),
        name: "rule".into(),
        note: String::new(),
        mode: RuleMode::On,
        says,
        created: Time(0),
    };
    let compiled = Compiled::new(&rule);
    let is_kept = compiled.is_ok();
    // What cannot be kept denies if it was kept all the same.
    let verdict = asked(compiled.unwrap_or_else(|_| Compiled::saved(&rule)), &user);
    assert!(is_kept || verdict != Some(Verdict::Matches), "{rule:?}");
    is_kept
}

fn asked(rule: Compiled, user: &User) -> Option<Verdict> {
    let at = At { kind: ResourceKind::UserPortal, application: None, name: "portal" };
    let groups = BTreeSet::new();
    let (place, now) = (Place::default(), Time(1_767_225_600_000_000));
    let rules = Rules::new([Arc::new(rule)]);
    let asked = Asked { user, groups: &groups, at, place, device: None, now };
    rules.verdicts(&asked).into_values().next()
}

const fn uuid() -> uuid::Uuid {
    uuid::Uuid::from_u128(1)
}

fn person() -> Option<User> {
    Some(User {
        id: UserId::new(uuid()),
        name: "alice".parse::<UserName>().ok()?,
        aliases: Default::default(),
        display_name: "Alice".into(),
        mails: Vec::new(),
        phones: Vec::new(),
        posix: Posix { uid: 20_000, gid: 20_000, shell: "/bin/bash".into(), home: "/home/alice".into() },
        ssh_keys: Vec::new(),
        manager: None,
        state: UserState::Active,
        trashed: None,
        dormant: false,
        password_status: PasswordStatus::Active,
        password_set: None,
        password_lock: None,
        roles: BTreeSet::new(),
        device_right: None,
        about: About::default(),
        credential_epoch: 0,
        duo_id: "DU".into(),
        created: Time(0),
    })
}
