//! The file as people, row by row.

use sallyport_crypto::Secret;
use sallyport_model::{Right, name::printable};
use sallyport_wire::sheet::{self, SheetError};

use super::Problem;

/// Between the items of one cell.
const SEPARATORS: [char; 2] = [';', '|'];

pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    pub(super) ignored_columns: Vec<String>,
}

/// What one row says; what it leaves open is `None`.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) name: String,
    pub(super) display_name: Option<String>,
    pub(super) mails: Option<Vec<String>>,
    pub(super) phones: Option<Vec<String>>,
    pub(super) ssh_keys: Option<Vec<String>>,
    pub(super) groups: Option<Vec<String>>,
    pub(super) manager: Option<String>,
    pub(super) shell: Option<String>,
    pub(super) home: Option<String>,
    pub(super) uid: Option<u32>,
    pub(super) gid: Option<u32>,
    pub(super) active: Option<bool>,
    pub(super) device_right: Option<Right>,
    /// What another system kept of the password.
    pub(super) password_hash: Option<Secret>,
    /// Why the row cannot be used, if it cannot.
    pub(super) problem: Option<Problem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Active,
    DeviceRight,
    DisplayName,
    Gid,
    Groups,
    Home,
    Mails,
    Manager,
    Name,
    PasswordHash,
    Phones,
    Shell,
    SshKeys,
    Uid,
}

impl Column {
    fn named(name: &str) -> Option<Self> {
        let name: String = name.trim().to_lowercase().replace([' ', '-'], "_");
        Some(match name.as_str() {
            "active" => Self::Active,
            "device_right" => Self::DeviceRight,
            "display_name" | "full_name" => Self::DisplayName,
            "gid" => Self::Gid,
            "group" | "groups" => Self::Groups,
            "home" | "home_directory" => Self::Home,
            "mail" | "mails" | "email" | "emails" | "e_mail" => Self::Mails,
            "manager" => Self::Manager,
            "name" | "username" | "user_name" => Self::Name,
            "password_hash" | "userpassword" => Self::PasswordHash,
            "phone" | "phones" => Self::Phones,
            "shell" => Self::Shell,
            "ssh_key" | "ssh_keys" => Self::SshKeys,
            "uid" => Self::Uid,
            _ => return None,
        })
    }
}

/// Reads a whole file. Rows that cannot be used are rows with a problem.
pub(super) fn read(file: &[u8]) -> Result<Table, SheetError> {
    let (rows, ignored_columns) = sheet::read(file, Column::named, &[("name", Column::Name)], row)?;
    Ok(Table { rows, ignored_columns })
}

fn row(line: u64, columns: &[Option<Column>], record: &csv::ByteRecord) -> Row {
    let mut row = Row { line, ..Row::default() };
    row.problem = sheet::ragged(columns, record).map(Problem::from);
    for (column, cell) in columns.iter().zip(record) {
        let Some(column) = column else { continue };
        if let Err(problem) = fill(&mut row, *column, cell) {
            row.problem.get_or_insert(problem);
        }
    }
    if row.name.is_empty() {
        row.problem.get_or_insert(("name", "is missing".into()));
    }
    row
}

fn fill(row: &mut Row, column: Column, cell: &[u8]) -> Result<(), Problem> {
    let text = sheet::text(cell)?;
    if text.is_empty() {
        return Ok(());
    }
    let own = || Some(text.to_owned());
    match column {
        Column::Active => row.active = Some(yes_or_no(text)?),
        Column::DeviceRight => row.device_right = Some(right(text)?),
        Column::DisplayName => row.display_name = own(),
        Column::Gid => row.gid = Some(number("gid", text)?),
        Column::Groups => row.groups = Some(items(text)),
        Column::Home => row.home = own(),
        Column::Mails => row.mails = Some(items(text)),
        Column::Manager => row.manager = own(),
        Column::Name => text.clone_into(&mut row.name),
        Column::PasswordHash => row.password_hash = own().map(Secret::new),
        Column::Phones => row.phones = Some(items(text)),
        Column::Shell => row.shell = own(),
        Column::SshKeys => row.ssh_keys = Some(items(text)),
        Column::Uid => row.uid = Some(number("uid", text)?),
    }
    Ok(())
}

fn items(text: &str) -> Vec<String> {
    text.split(SEPARATORS).map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn number(field: &'static str, text: &str) -> Result<u32, Problem> {
    text.parse().map_err(|_| (field, format!("`{}` is not a number", printable(text, 20))))
}

fn yes_or_no(text: &str) -> Result<bool, Problem> {
    match text.to_lowercase().as_str() {
        "1" | "active" | "true" | "yes" => Ok(true),
        "0" | "false" | "no" | "staged" => Ok(false),
        _ => Err(("active", format!("`{}` is neither yes nor no", printable(text, 20)))),
    }
}

fn right(text: &str) -> Result<Right, Problem> {
    match text.to_lowercase().as_str() {
        "administrator" => Ok(Right::Administrator),
        "standard" => Ok(Right::Standard),
        _ => {
            Err(("device_right", format!("`{}` is neither standard nor administrator", printable(text, 20))))
        }
    }
}
