//! Rows for spreadsheets. A cell that a spreadsheet would run as a formula is made text.

use sallyport_model::{
    Change,
    signin::{FirstDoor, Resource, SecondDoor},
    telephony::TelephonyRecord,
};

use super::{ExplainedSignIn, changed_fields};
use crate::AppError;

/// CSV being written (RFC 4180).
pub(crate) struct Rows(csv::Writer<Vec<u8>>);

pub(crate) fn changes() -> Result<Rows, AppError> {
    Rows::with_header(&[
        "place", "time", "who", "address", "request", "what", "verb", "noun", "id", "name", "changed",
    ])
}

pub(crate) fn sign_ins() -> Result<Rows, AppError> {
    Rows::with_header(&[
        "id",
        "time",
        "name",
        "user",
        "to",
        "address",
        "country",
        "state",
        "first_door",
        "second_door",
        "reasons",
    ])
}

pub(crate) fn telephony() -> Result<Rows, AppError> {
    Rows::with_header(&[
        "id",
        "time",
        "what",
        "why",
        "name",
        "user",
        "number",
        "hundredths",
        "sign_in",
        "state",
    ])
}

impl Rows {
    fn with_header(names: &[&str]) -> Result<Self, AppError> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .flexible(true)
            .from_writer(Vec::new());
        writer.write_record(names).map_err(|error| internal(&error))?;
        Ok(Self(writer))
    }

    /// A last row that says that there is more.
    pub(crate) fn cut_off(&mut self, word: &str) -> Result<(), AppError> {
        self.row(&[word.to_owned()])
    }

    pub(crate) fn change(&mut self, change: &Change) -> Result<(), AppError> {
        self.row(&[
            change.seq.to_string(),
            change.at.to_string(),
            change.actor.label(),
            change.source.clone().unwrap_or_default(),
            change.request.clone(),
            change.kind.as_str().to_owned(),
            change.verb.clone(),
            change.subject.noun.clone(),
            change.subject.id.clone(),
            change.subject.label.clone(),
            changed_fields(change).join(" "),
        ])
    }

    pub(crate) fn sign_in(&mut self, explained: &ExplainedSignIn) -> Result<(), AppError> {
        let sign_in = &explained.sign_in;
        self.row(&[
            sign_in.id.to_string(),
            sign_in.created.to_string(),
            sign_in.name.clone(),
            sign_in.user.map(|id| id.to_string()).unwrap_or_default(),
            resource(&sign_in.resource),
            sign_in.source.clone().unwrap_or_default(),
            sign_in.country.map(|country| country.to_string()).unwrap_or_default(),
            sign_in.state.as_str().to_owned(),
            sign_in.first_door.as_ref().map(first_door).unwrap_or_default(),
            sign_in.second_door.as_ref().map(second_door).unwrap_or_default(),
            explained.reasons.join("; "),
        ])
    }

    pub(crate) fn telephony(&mut self, record: &TelephonyRecord) -> Result<(), AppError> {
        self.row(&[
            record.id.to_string(),
            record.at.to_string(),
            record.kind.as_str().to_owned(),
            record.context.as_str().to_owned(),
            record.name.clone(),
            record.user.to_string(),
            record.number.clone(),
            record.price.to_string(),
            record.sign_in.map(|id| id.to_string()).unwrap_or_default(),
            record.state.as_str().to_owned(),
        ])
    }

    pub(crate) fn finish(self) -> Result<Vec<u8>, AppError> {
        self.0.into_inner().map_err(|error| AppError::Internal(error.to_string()))
    }

    fn row(&mut self, cells: &[String]) -> Result<(), AppError> {
        let cells = cells.iter().map(|cell| harmless(cell));
        self.0.write_record(cells).map_err(|error| internal(&error))
    }
}

/// What begins like a formula gets an apostrophe, the spreadsheets' own mark of text.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

fn resource(resource: &Resource) -> String {
    match resource {
        Resource::Api => "REST API".into(),
        Resource::Application { name, .. } => format!("application {name}"),
        Resource::DeviceLogin { name, service, .. } => format!("device {name} ({service})"),
        Resource::Portal => "portal".into(),
    }
}

fn first_door(door: &FirstDoor) -> String {
    match door {
        FirstDoor::Passkey => "passkey".into(),
        FirstDoor::Password => "password".into(),
        FirstDoor::Session => "session".into(),
        FirstDoor::Vouched { by } => format!("vouched by {by}"),
    }
}

fn second_door(door: &SecondDoor) -> String {
    door.kind.as_str().to_owned()
}

fn internal(error: &csv::Error) -> AppError {
    AppError::Internal(error.to_string())
}
