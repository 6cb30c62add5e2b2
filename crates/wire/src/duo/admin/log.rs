//! Logs: what was asked for, cursors, and records.

use serde::Serialize;
use serde_json::Value;

use super::super::{
    params::{ParamError, Params},
    prompt::{AccessDevice, Location, Unjudged},
};

const USUAL: u64 = 100;
const MOST: u64 = 1000;
/// Most values of one filter.
const MOST_VALUES: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    OldestFirst,
    NewestFirst,
}

/// Where a page ended: a time, and what had this time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// In Unix milliseconds.
    pub millis: i64,
    pub id: String,
}

/// Which part of a log is asked for. Times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRange {
    pub mintime: i64,
    pub maxtime: i64,
    pub limit: u64,
    pub order: Order,
    pub after: Option<Cursor>,
}

impl LogRange {
    /// Some services have no log that is older.
    pub const OLDEST: i64 = 180 * 24 * 3600 * 1000;

    pub fn read(params: &Params) -> Result<Self, ParamError> {
        let (mintime, maxtime) = (params.required_int("mintime")?, params.required_int("maxtime")?);
        if mintime < 0 || maxtime < mintime {
            return Err(ParamError::Invalid("mintime"));
        }
        let limit = match params.int("limit")? {
            Some(limit) => u64::try_from(limit).map_err(|_| ParamError::Invalid("limit"))?,
            None => USUAL,
        };
        let order = match params.line("sort", 16)?.as_deref() {
            None | Some("ts:desc") => Order::NewestFirst,
            Some("ts:asc") => Order::OldestFirst,
            Some(_) => return Err(ParamError::Invalid("sort")),
        };
        Ok(Self { mintime, maxtime, limit: limit.clamp(1, MOST), order, after: Cursor::read(params)? })
    }
}

impl Cursor {
    /// `ts,id` in one text, or the two as a list.
    fn read(params: &Params) -> Result<Option<Self>, ParamError> {
        const NAME: &str = "next_offset";
        let Some(parts) = params.list(NAME)? else { return Ok(None) };
        match parts.as_slice() {
            [] => Ok(None),
            [millis, id] if id.len() <= super::MAX_ID => {
                let millis = millis.parse().map_err(|_| ParamError::Invalid(NAME))?;
                Ok(Some(Self { millis, id: id.clone() }))
            }
            _ => Err(ParamError::Invalid(NAME)),
        }
    }

    /// The form of the authentication log.
    #[must_use]
    pub fn pair(&self) -> Value {
        Value::from(vec![self.millis.to_string(), self.id.clone()])
    }

    /// The form of the other logs.
    #[must_use]
    pub fn text(&self) -> Value {
        Value::from(format!("{},{}", self.millis, self.id))
    }
}

/// Which records of the authentication log are asked for; without values, all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthFilter {
    pub applications: Vec<String>,
    pub users: Vec<String>,
    pub groups: Vec<String>,
    pub factors: Vec<String>,
    pub results: Vec<String>,
    pub reasons: Vec<String>,
    pub event_types: Vec<String>,
    /// Ids of tokens and WebAuthn credentials.
    pub devices: Vec<String>,
    pub phone_numbers: Vec<String>,
}

impl AuthFilter {
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        let list = |name| match params.list(name)?.unwrap_or_default() {
            values if values.len() > MOST_VALUES => Err(ParamError::Invalid(name)),
            values => Ok(values),
        };
        let devices = [list("token_id")?, list("webauthnkey")?, list("registration_id")?].concat();
        Ok(Self {
            applications: list("applications")?,
            users: list("users")?,
            groups: list("groups")?,
            factors: list("factors")?,
            results: list("results")?,
            reasons: list("reasons")?,
            event_types: list("event_types")?,
            devices,
            phone_numbers: list("phone_numbers")?,
        })
    }

    /// Whether a record is one that was asked for.
    #[must_use]
    pub fn takes(&self, record: &AuthRecord) -> bool {
        let has = |wanted: &[String], found: &str| wanted.is_empty() || wanted.iter().any(|one| one == found);
        let key = |key: &Option<String>| key.clone().unwrap_or_default();
        has(&self.applications, &key(&record.application.key))
            && has(&self.users, &key(&record.user.key))
            && (self.groups.is_empty()
                || record.user.groups.iter().any(|group| self.groups.iter().any(|id| is_group(group, id))))
            && has(&self.factors, record.factor)
            && has(&self.results, record.result)
            && has(&self.reasons, record.reason)
            && has(&self.event_types, record.event_type)
            && has(&self.devices, &key(&record.auth_device.key))
            && (self.phone_numbers.is_empty() || self.is_of_a_number(&record.auth_device))
    }

    /// However a number is written, its digits are the same.
    fn is_of_a_number(&self, device: &AuthDevice) -> bool {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let found = device.number.as_deref().map(digits).filter(|found| !found.is_empty());
        found.is_some_and(|found| self.phone_numbers.iter().any(|wanted| digits(wanted) == found))
    }
}

/// Whether this is the group with this id, which stands in brackets behind its name.
fn is_group(told: &str, id: &str) -> bool {
    told.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')).is_some_and(|(_, own)| own == id)
}

/// The answer of the authentication log; its metadata is inside.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuthLogs {
    pub authlogs: Vec<AuthRecord>,
    pub metadata: LogMetadata,
}

/// The answer of the other logs of the second version.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Items<T> {
    pub items: Vec<T>,
    pub metadata: LogMetadata,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogMetadata {
    /// Null on the last page.
    pub next_offset: Value,
    pub total_objects: u64,
}

/// One sign-in, or a factor that somebody enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuthRecord {
    pub txid: String,
    pub timestamp: i64,
    pub isotimestamp: String,
    pub event_type: &'static str,
    pub result: &'static str,
    pub reason: &'static str,
    pub factor: &'static str,
    pub user: LogUser,
    pub application: Application,
    pub alias: String,
    pub email: Option<String>,
    pub access_device: AccessDevice,
    pub auth_device: AuthDevice,
    #[serde(flatten)]
    pub unjudged: Unjudged,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogUser {
    pub key: Option<String>,
    pub name: String,
    /// Each as its name and its id in brackets.
    pub groups: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Application {
    pub key: Option<String>,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuthDevice {
    pub ip: Option<String>,
    pub key: Option<String>,
    pub name: Option<String>,
    pub location: Location,
    /// The number of a phone, which is looked for and not told.
    #[serde(skip)]
    pub number: Option<String>,
}

impl AuthDevice {
    #[must_use]
    pub fn new(key: Option<String>, name: Option<String>) -> Self {
        Self { ip: None, key, name, location: Location::default(), number: None }
    }

    /// A phone with this number, if it has one.
    #[must_use]
    pub fn with_number(self, number: Option<String>) -> Self {
        Self { number, ..self }
    }

    /// Which was used at this address, and in this country, as far as they are known.
    #[must_use]
    pub fn at(self, ip: Option<String>, country: Option<String>) -> Self {
        Self { ip, location: Location::within(country), ..self }
    }
}

/// One sign-in, in the flat form of the first version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuthRecordV1 {
    pub timestamp: i64,
    pub isotimestamp: String,
    pub username: String,
    pub factor: &'static str,
    pub result: &'static str,
    pub reason: &'static str,
    pub ip: String,
    pub integration: String,
    pub location: Location,
    pub access_device: AccessDevice,
    pub device: String,
    pub new_enrollment: bool,
    pub eventtype: &'static str,
    pub txid: String,
}

impl From<AuthRecord> for AuthRecordV1 {
    fn from(record: AuthRecord) -> Self {
        Self {
            timestamp: record.timestamp,
            isotimestamp: record.isotimestamp,
            username: record.user.name,
            factor: record.factor,
            result: match record.result {
                "success" => "SUCCESS",
                "fraud" => "FRAUD",
                "error" => "ERROR",
                _ => "FAILURE",
            },
            reason: record.reason,
            ip: record.access_device.ip.clone().unwrap_or_default(),
            integration: record.application.name,
            location: record.access_device.location.clone(),
            access_device: record.access_device,
            device: record.auth_device.name.unwrap_or_default(),
            new_enrollment: record.event_type == "enrollment",
            eventtype: record.event_type,
            txid: record.txid,
        }
    }
}

/// One text or call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TelephonyObject {
    pub telephony_id: String,
    pub ts: String,
    /// `sms` or `phone`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub phone: String,
    pub context: &'static str,
    pub credits: u32,
    /// The sign-in that it was asked for at; empty without one.
    pub txid: String,
}

/// The same in the first version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TelephonyObjectV1 {
    pub timestamp: i64,
    pub isotimestamp: String,
    pub context: &'static str,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub phone: String,
    pub credits: u32,
}

/// The answer of the trust monitor.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Events {
    pub events: Vec<Value>,
    pub metadata: serde_json::Map<String, Value>,
}

/// One change by somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdministratorRecord {
    pub timestamp: i64,
    pub isotimestamp: String,
    pub username: String,
    pub action: String,
    pub object: Option<String>,
    /// JSON in a text.
    pub description: Option<String>,
}

/// The same in the second version.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActivityRecord {
    pub activity_id: String,
    pub ts: String,
    pub action: Verb,
    pub actor: Named,
    pub target: Named,
    pub access_device: AccessDevice,
    pub application: Value,
    pub akey: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verb {
    pub name: String,
    pub details: Option<String>,
}

/// Who did something, or to what it was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    pub key: Option<String>,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub details: Option<String>,
}
