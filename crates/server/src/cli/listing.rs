//! Which part of a list to show.

use clap::Args;

use super::client::At;

#[derive(Debug, Args)]
pub(crate) struct Listing {
    /// Only those in which this occurs
    #[arg(long)]
    text: Option<String>,
    #[command(flatten)]
    part: Part,
}

/// A part of a list.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// Where to begin: what the part before said
    #[arg(long)]
    after: Option<String>,
    /// Most items, from 1 to 500
    #[arg(long)]
    limit: Option<u16>,
}

impl Listing {
    pub(super) fn of(&self, at: At) -> At {
        self.part.of(at.with("text", self.text.as_ref()))
    }
}

impl Part {
    pub(super) fn of(&self, at: At) -> At {
        at.with("after", self.after.as_ref()).with("limit", self.limit)
    }
}
