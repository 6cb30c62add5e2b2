//! Connectors to other systems.

use sallyport_model::{
    ConnectorKind,
    connector::{Brake, ExportedPeople, Leavers, UsernameSource},
    id::GroupId,
};
use serde::{Deserialize, Serialize};

/// A connector to make. It is off until it is switched on, so that its preview can be looked at before anything happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateConnector {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ConnectorKind,
    /// Host name of the account's Admin API, such as `api-0123abcd.duosecurity.com`.
    pub host: String,
    /// Integration key of the application of the Admin API there.
    pub ikey: String,
}

/// Changes to a connector; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateConnector {
    pub name: Option<String>,
    /// With another host or integration key the secret key is forgotten, and with another host also who is who there.
    pub host: Option<String>,
    pub ikey: Option<String>,
    pub enabled: Option<bool>,
    /// Who is exported.
    pub people: Option<ExportedPeople>,
    /// All the groups of users that are kept there too.
    pub groups: Option<Vec<GroupId>>,
    pub username: Option<UsernameSource>,
    /// Whether the phones in people's records are kept there.
    pub phones: Option<bool>,
    /// Whether a user or group that is there already under the same name becomes ours.
    pub take_over: Option<bool>,
    /// What becomes of those who are exported no longer.
    pub leavers: Option<Leavers>,
    /// How many may be shut out, or made, without anybody's word.
    pub brake: Option<Brake>,
}
