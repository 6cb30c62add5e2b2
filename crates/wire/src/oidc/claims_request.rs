//! The `claims` parameter: single claims that are asked for (OpenID Connect Core, section 5.5).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{ErrorCode, OAuthError};
use crate::params::Params;

const LONGEST: usize = 4096;
const MOST: usize = 64;

/// How one claim is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// Whether the relying party cannot do without it.
    #[serde(default)]
    pub essential: bool,
    /// The values that it would take, the best first.
    #[serde(default)]
    pub values: Vec<String>,
}

/// Which claims are asked for where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    #[serde(default)]
    pub id_token: BTreeMap<String, ClaimRequest>,
    #[serde(default)]
    pub userinfo: BTreeMap<String, ClaimRequest>,
}

impl ClaimsRequest {
    /// # Errors
    /// No JSON object, one that says something twice, or more than anybody needs.
    pub fn read(text: &str) -> Result<Self, OAuthError> {
        let refused = || OAuthError::new(ErrorCode::InvalidRequest, "`claims` cannot be read");
        if text.len() > LONGEST {
            return Err(refused());
        }
        let request = Params::from_json(text.as_bytes()).map_err(|_| refused())?;
        request.says_nothing_twice().map_err(|_| refused())?;
        let of = |name| match request.json(name) {
            Ok(None) => Ok(BTreeMap::new()),
            Ok(Some(Value::Object(claims))) if claims.len() <= MOST => {
                Ok(claims.iter().map(|(name, how)| (name.clone(), asked(how))).collect())
            }
            Ok(Some(_)) | Err(_) => Err(refused()),
        };
        Ok(Self { id_token: of("id_token")?, userinfo: of("userinfo")? })
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.id_token.is_empty() && self.userinfo.is_empty()
    }
}

/// What stands beside the members that are known is ignored, as the specification wants it.
fn asked(how: &Value) -> ClaimRequest {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let one = how.get("value").and_then(text);
    let several = how.get("values").and_then(Value::as_array).into_iter().flatten().filter_map(text);
    ClaimRequest {
        essential: how.get("essential").and_then(Value::as_bool).unwrap_or(false),
        values: one.into_iter().chain(several).take(MOST).collect(),
    }
}
