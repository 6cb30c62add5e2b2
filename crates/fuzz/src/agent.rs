//! What server and agents say to each other.

use std::fmt::Debug;

use sallyport_agent::{
    half::{AuthApiRequest, AuthApiWord, NetConfig},
    platform::codecs,
    standalone::Config,
};
use sallyport_api::agent::{
    AgentMessage, ContactProof, DesiredState, EnrollRequest, EnrollResponse, EnrollmentSecret, LoginDecision,
    PackageIndex, RunOrder, ServerMessage, Signed,
};
use sallyport_connect::has_fingerprint;
use sallyport_crypto::authority::fingerprint;
use serde::{Serialize, de::DeserializeOwned};

use crate::parts::line;

/// Every message reads, when it is written, as the same.
pub(crate) fn messages(bytes: &[u8]) -> bool {
    if let Some(secret) = std::str::from_utf8(bytes).ok().and_then(EnrollmentSecret::parse) {
        let text = format!("{}.{}", secret.secret, secret.ca_fingerprint);
        assert_eq!(EnrollmentSecret::parse(&text), Some(secret));
        return true;
    }
    [
        same::<AgentMessage>(bytes),
        same::<ContactProof>(bytes),
        same::<DesiredState>(bytes),
        same::<EnrollRequest>(bytes),
        same::<EnrollResponse>(bytes),
        same::<LoginDecision>(bytes),
        same::<PackageIndex>(bytes),
        same::<RunOrder>(bytes),
        same::<ServerMessage>(bytes),
        same::<Signed>(bytes),
    ]
    .contains(&true)
}

/// What the halves of the agent say to each other where a service speaks the Auth API: the half that reads has the keys of
/// the machine, and the one that writes has heard strangers.
pub(crate) fn half_words(bytes: &[u8]) -> bool {
    let request = serde_json::from_slice::<AuthApiRequest>(bytes).is_ok_and(|request| {
        let written = serde_json::to_vec(&request).unwrap_or_default();
        let again = serde_json::from_slice::<AuthApiRequest>(&written);
        assert_eq!(again.ok().and_then(|again| serde_json::to_vec(&again).ok()), Some(written));
        true
    });
    [request, same::<AuthApiWord>(bytes), same::<NetConfig>(bytes)].contains(&true)
}

/// Files of the machine: `passwd`, `shadow`, `group`, `pam` (with `include TEXT` what every included file says), `stat` of a
/// process, `ca` of the organisation, or `login.toml`; then the text.
pub(crate) fn files(bytes: &[u8]) -> bool {
    let Some((first, rest)) = line(bytes) else { return false };
    let Ok(text) = std::str::from_utf8(rest) else { return false };
    let lines = text.lines().count();
    let found = |accounts: [usize; 3], n: usize| {
        let count = accounts.into_iter().nth(n).unwrap_or_default();
        assert!(count <= lines);
        count > 0
    };
    match first.split_once(' ').unwrap_or((first, "")) {
        ("passwd", "") => found(codecs::accounts(text, "", ""), 0),
        ("shadow", "") => found(codecs::accounts("", text, ""), 1),
        ("group", "") => found(codecs::accounts("", "", text), 2),
        ("ca", "") => {
            let found = fingerprint(text);
            assert!(
                found.iter().all(|found| found.len() == 32 && found.bytes().all(|b| b.is_ascii_hexdigit()))
            );
            // No certificate has this one.
            let other = has_fingerprint(text, &"0".repeat(32));
            assert!(!matches!(other, Ok(true)));
            found.is_some_and(|found| matches!(has_fingerprint(text, &found), Ok(true)))
        }
        ("stat", "") => {
            // Whatever a program calls itself, it does not choose whose child it is.
            assert_eq!(codecs::parent(&format!("7 ({text}) S 42 7 7 0 -1")), Some(42));
            codecs::parent(text).is_some()
        }
        ("pam", included) => pam(text, included),
        ("login.toml", "") => Config::parse(text).is_ok_and(|config| {
            assert!(config.address().is_ok() && config.check().is_ok());
            true
        }),
        _ => false,
    }
}

/// What was put in front of a login covers it, is put there once, and leaves nothing behind.
fn pam(text: &str, included: &str) -> bool {
    let Some(enabled) = codecs::pam_enabled(text, included) else { return false };
    assert!(codecs::pam_is_covered(&enabled, included), "{enabled}");
    assert_eq!(codecs::pam_enabled(&enabled, included).as_deref(), Some(enabled.as_str()));
    let clean = codecs::pam_disabled(text);
    let whole = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(whole(&codecs::pam_disabled(&enabled)), whole(&clean));
    true
}

fn same<M: Debug + DeserializeOwned + PartialEq + Serialize>(bytes: &[u8]) -> bool {
    let Ok(message) = serde_json::from_slice::<M>(bytes) else { return false };
    let written = serde_json::to_vec(&message).unwrap_or_default();
    assert_eq!(serde_json::from_slice::<M>(&written).ok().as_ref(), Some(&message));
    true
}
