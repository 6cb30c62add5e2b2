//! A password spray: one password, or a few, tried on many names from many networks, so that no account and no
//! network sees enough of it to be held back.

use serde::{Deserialize, Serialize};

use crate::{id::SprayId, time::Time};

/// One attack, from when it was noticed to when it was over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Spray {
    pub id: SprayId,
    /// The first attempt that belongs to it, as far as can be told.
    pub began: Time,
    pub noticed: Time,
    /// When it was over; none while it goes on.
    #[serde(default)]
    pub ended: Option<Time>,
    /// Names that were tried and did not get in, at least so many.
    pub names: u64,
    pub attempts: u64,
    /// The busiest networks it came from, at most [`Self::MOST_NETWORKS`].
    pub networks: Vec<SprayNetwork>,
    /// How many networks it came from, at least.
    pub all_networks: u64,
}

/// A network that takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SprayNetwork {
    /// Such as `192.0.2.0/24`.
    pub network: String,
    pub attempts: u64,
}

impl Spray {
    pub const MOST_NETWORKS: usize = 20;
    /// Key of the one that goes on.
    pub const GOES_ON: &str = "goes on";

    #[must_use]
    pub const fn state(&self) -> &'static str {
        match self.ended {
            None => "going_on",
            Some(_) => "over",
        }
    }
}
