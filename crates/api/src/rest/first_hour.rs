//! What a new organisation does first.

use serde::{Deserialize, Serialize};

/// What there is to do, from an empty organisation to the first login at a device. Each step is observed: nobody ticks it off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FirstHour {
    pub steps: Vec<FirstStepStands>,
    /// Whether the list was put away, and is not shown unasked any more.
    pub dismissed: bool,
}

impl FirstHour {
    /// How many steps are done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.steps.iter().filter(|step| step.done).count()
    }

    /// Whether this is what to do now.
    #[must_use]
    pub fn is_next(&self, step: &FirstStepStands) -> bool {
        self.next() == Some(step.step)
    }

    /// The first that is not done.
    #[must_use]
    pub fn next(&self) -> Option<FirstStep> {
        self.steps.iter().find(|step| !step.done).map(|step| step.step)
    }
}

/// How a step stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FirstStepStands {
    pub step: FirstStep,
    pub title: String,
    /// Why it matters.
    pub why: String,
    pub done: bool,
    /// What was seen, or what is still missing.
    pub seen: String,
    /// The page where it is done.
    pub page: String,
}

/// In the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FirstStep {
    OwnFactor,
    SecondOwner,
    Mail,
    People,
    Factors,
    Application,
    Device,
    Binding,
    DeviceLogin,
}

impl FirstStep {
    pub const ALL: [Self; 9] = [
        Self::OwnFactor,
        Self::SecondOwner,
        Self::Mail,
        Self::People,
        Self::Factors,
        Self::Application,
        Self::Device,
        Self::Binding,
        Self::DeviceLogin,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OwnFactor => "own_factor",
            Self::SecondOwner => "second_owner",
            Self::Mail => "mail",
            Self::People => "people",
            Self::Factors => "factors",
            Self::Application => "application",
            Self::Device => "device",
            Self::Binding => "binding",
            Self::DeviceLogin => "device_login",
        }
    }
}
