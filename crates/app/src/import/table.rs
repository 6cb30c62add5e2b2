//! The file as rows of named cells, within bounds.

use sallyport_model::{Right, name::printable};

use crate::AppError;

const LARGEST_FILE: usize = 10 * 1024 * 1024;
const MOST_ROWS: usize = 100_000;
const MOST_COLUMNS: usize = 200;
const LONGEST_CELL: usize = 16 * 1024;
/// Between the items of one cell.
const SEPARATORS: [char; 2] = [';', '|'];

pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    pub(super) ignored_columns: Vec<String>,
}

/// What one row says; what it leaves open is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    /// Why the row cannot be used, if it cannot.
    pub(super) problem: Option<(&'static str, String)>,
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
            "phone" | "phones" => Self::Phones,
            "shell" => Self::Shell,
            "ssh_key" | "ssh_keys" => Self::SshKeys,
            "uid" => Self::Uid,
            _ => return None,
        })
    }
}

/// Reads a whole file. Rows that cannot be used are rows with a problem.
pub(super) fn read(file: &[u8]) -> Result<Table, AppError> {
    let file = text_of(file)?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(file))
        .has_headers(false)
        .flexible(true)
        .from_reader(file);
    let mut record = csv::ByteRecord::new();
    if !reader.read_byte_record(&mut record).map_err(|error| unreadable(&error))? {
        return Err(AppError::invalid("file", "it is empty"));
    }
    let (columns, ignored_columns) = header(&record)?;
    let mut rows = Vec::new();
    let mut lines = Lines { file, counted: 0, line: 1 };
    while reader.read_byte_record(&mut record).map_err(|error| unreadable(&error))? {
        if rows.len() == MOST_ROWS {
            return Err(AppError::invalid("file", format!("has more than {MOST_ROWS} rows")));
        }
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        rows.push(row(line, &columns, &record));
    }
    Ok(Table { rows, ignored_columns })
}

/// Counts lines as an editor shows them. The parser's own count is behind where lines end with two characters.
struct Lines<'a> {
    file: &'a [u8],
    counted: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the row that the parser found at `byte`, which may be before the end of the former row's line.
    fn at(&mut self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        let rest = self.file.get(byte..).unwrap_or_default();
        let begin = byte + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = self.file.get(self.counted..begin).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').map(|_| 1).sum::<u64>();
        self.counted = begin;
        self.line
    }
}

fn text_of(file: &[u8]) -> Result<&[u8], AppError> {
    if file.len() > LARGEST_FILE {
        return Err(AppError::invalid("file", format!("is larger than {} MiB", LARGEST_FILE >> 20)));
    }
    if file.starts_with(&[0xff, 0xfe]) || file.starts_with(&[0xfe, 0xff]) {
        return Err(AppError::invalid("file", "is UTF-16; save it as CSV in UTF-8"));
    }
    Ok(file.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(file))
}

/// Some spreadsheets write semicolons where the comma is the decimal sign.
fn delimiter(file: &[u8]) -> u8 {
    let first = file.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if !first.contains(&b',') && first.contains(&b';') { b';' } else { b',' }
}

fn header(record: &csv::ByteRecord) -> Result<(Vec<Option<Column>>, Vec<String>), AppError> {
    let refuse = |reason: String| Err(AppError::invalid("file", reason));
    if record.len() > MOST_COLUMNS {
        return refuse(format!("has more than {MOST_COLUMNS} columns"));
    }
    let (mut columns, mut ignored) = (Vec::new(), Vec::new());
    for cell in record {
        let name = String::from_utf8_lossy(cell);
        let column = Column::named(&name);
        if column.is_some() && columns.contains(&column) {
            return refuse(format!("has the column `{}` twice", printable(&name, 64)));
        }
        if column.is_none() {
            ignored.push(printable(&name, 64));
        }
        columns.push(column);
    }
    if !columns.contains(&Some(Column::Name)) {
        return refuse("has no column `name`; its first line must name the columns".into());
    }
    Ok((columns, ignored))
}

fn row(line: u64, columns: &[Option<Column>], record: &csv::ByteRecord) -> Row {
    let mut row = Row { line, ..Row::default() };
    if record.len() != columns.len() {
        let text = format!("has {} cells where the first line has {}", record.len(), columns.len());
        row.problem = Some(("row", text));
    }
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

fn fill(row: &mut Row, column: Column, cell: &[u8]) -> Result<(), (&'static str, String)> {
    let text = std::str::from_utf8(cell).map_err(|_| ("row", "is not UTF-8".to_owned()))?.trim();
    if text.len() > LONGEST_CELL {
        return Err(("row", format!("has a cell of more than {LONGEST_CELL} bytes")));
    }
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Err(("row", "has control characters in it".into()));
    }
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

fn number(field: &'static str, text: &str) -> Result<u32, (&'static str, String)> {
    text.parse().map_err(|_| (field, format!("`{}` is not a number", printable(text, 20))))
}

fn yes_or_no(text: &str) -> Result<bool, (&'static str, String)> {
    match text.to_lowercase().as_str() {
        "1" | "active" | "true" | "yes" => Ok(true),
        "0" | "false" | "no" | "staged" => Ok(false),
        _ => Err(("active", format!("`{}` is neither yes nor no", printable(text, 20)))),
    }
}

fn right(text: &str) -> Result<Right, (&'static str, String)> {
    match text.to_lowercase().as_str() {
        "administrator" => Ok(Right::Administrator),
        "standard" => Ok(Right::Standard),
        _ => {
            Err(("device_right", format!("`{}` is neither standard nor administrator", printable(text, 20))))
        }
    }
}

fn unreadable(error: &csv::Error) -> AppError {
    AppError::invalid("file", format!("cannot be read as CSV: {error}"))
}
