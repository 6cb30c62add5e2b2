//! Models of authenticators.

use serde::{Deserialize, Serialize};

/// A model of authenticators whose passkeys are accepted: as its maker describes it, or in one's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NamePasskeyModel {
    /// The FIDO metadata statement of the model, as text: JSON with `aaguid`, `description` and
    /// `attestationRootCertificates`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    /// The number of the model, without a statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aaguid: Option<String>,
    /// What people call it; else what the statement says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The certificates that its attestation leads to, as PEM one after the other, without a statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roots: Option<String>,
}
