//! What server and agents say to each other.

use std::fmt::Debug;

use sallyport_api::agent::{
    AgentMessage, ContactProof, DesiredState, EnrollRequest, EnrollResponse, EnrollmentSecret, LoginDecision,
    PackageIndex, RunOrder, ServerMessage, Signed,
};
use serde::{Serialize, de::DeserializeOwned};

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

fn same<M: Debug + DeserializeOwned + PartialEq + Serialize>(bytes: &[u8]) -> bool {
    let Ok(message) = serde_json::from_slice::<M>(bytes) else { return false };
    let written = serde_json::to_vec(&message).unwrap_or_default();
    assert_eq!(serde_json::from_slice::<M>(&written).ok().as_ref(), Some(&message));
    true
}
