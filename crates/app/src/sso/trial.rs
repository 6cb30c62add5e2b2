//! What is seen of a sign-in on trial, however the application asks: every message, and what is looked at in them.

use sallyport_model::Span;

/// How long a trial may be on its way.
pub(crate) const LIFE: Span = Span::minutes(30);
pub(crate) const UNKNOWN: &str = "this trial is unknown, over, or was begun by somebody else; begin another";

/// One exchange: what was sent, and what came back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exchange {
    pub title: &'static str,
    /// To where.
    pub to: String,
    pub sent: Vec<(String, String)>,
    /// What was sent, where it is a document.
    pub message: Option<String>,
    /// What came back, where it is fields.
    pub fields: Vec<(String, String)>,
    /// What came back, where it is a document.
    pub document: Option<String>,
}

/// What came of a trial.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub exchanges: Vec<Exchange>,
    /// What a careful application looks at, and whether it is as it should be.
    pub checks: Vec<(&'static str, bool)>,
    /// Why it ended, in words, where it did not come through.
    pub problem: Option<String>,
}

impl Report {
    pub(crate) fn failed(problem: impl Into<String>) -> Self {
        Self { problem: Some(problem.into()), ..Self::default() }
    }

    /// Whether all of it is as it should be.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.problem.is_none() && self.checks.iter().all(|(_, good)| *good)
    }
}
