//! A CSV file as rows of named cells, within bounds.

use sallyport_model::name::printable;

use crate::AppError;

const LARGEST_FILE: usize = 10 * 1024 * 1024;
const MOST_ROWS: usize = 100_000;
const MOST_COLUMNS: usize = 200;
const LONGEST_CELL: usize = 16 * 1024;

/// What is wrong with a row: which part of it, and why.
pub(crate) type Problem = (&'static str, String);

/// Reads a whole file whose first line names the columns; `row` is handed the line of each row and its cells. Gives the
/// rows, and the columns that mean nothing here.
///
/// # Errors
/// The file as a whole cannot be read, or lacks one of the columns `needed`.
pub(crate) fn read<C: PartialEq, R>(
    file: &[u8],
    named: impl Fn(&str) -> Option<C>,
    needed: &[(&str, C)],
    row: impl Fn(u64, &[Option<C>], &csv::ByteRecord) -> R,
) -> Result<(Vec<R>, Vec<String>), AppError> {
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
    let (columns, ignored_columns) = header(&record, named, needed)?;
    let mut rows = Vec::new();
    let mut lines = Lines { file, counted: 0, line: 1 };
    while reader.read_byte_record(&mut record).map_err(|error| unreadable(&error))? {
        if rows.len() == MOST_ROWS {
            return Err(AppError::invalid("file", format!("has more than {MOST_ROWS} rows")));
        }
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        rows.push(row(line, &columns, &record));
    }
    Ok((rows, ignored_columns))
}

/// The text of a cell.
pub(crate) fn text(cell: &[u8]) -> Result<&str, Problem> {
    let text = std::str::from_utf8(cell).map_err(|_| ("row", "is not UTF-8".to_owned()))?.trim();
    if text.len() > LONGEST_CELL {
        return Err(("row", format!("has a cell of more than {LONGEST_CELL} bytes")));
    }
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Err(("row", "has control characters in it".into()));
    }
    Ok(text)
}

/// What is wrong with a row that has not as many cells as there are columns.
pub(crate) fn ragged<C>(columns: &[Option<C>], record: &csv::ByteRecord) -> Option<Problem> {
    (record.len() != columns.len())
        .then(|| ("row", format!("has {} cells where the first line has {}", record.len(), columns.len())))
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

fn header<C: PartialEq>(
    record: &csv::ByteRecord,
    named: impl Fn(&str) -> Option<C>,
    needed: &[(&str, C)],
) -> Result<(Vec<Option<C>>, Vec<String>), AppError> {
    let refuse = |reason: String| Err(AppError::invalid("file", reason));
    if record.len() > MOST_COLUMNS {
        return refuse(format!("has more than {MOST_COLUMNS} columns"));
    }
    let (mut columns, mut ignored) = (Vec::new(), Vec::new());
    for cell in record {
        let name = String::from_utf8_lossy(cell);
        let column = named(&name);
        if column.is_some() && columns.contains(&column) {
            return refuse(format!("has the column `{}` twice", printable(&name, 64)));
        }
        if column.is_none() {
            ignored.push(printable(&name, 64));
        }
        columns.push(column);
    }
    for (name, column) in needed {
        if !columns.iter().flatten().any(|known| known == column) {
            return refuse(format!("has no column `{name}`; its first line must name the columns"));
        }
    }
    Ok((columns, ignored))
}

fn unreadable(error: &csv::Error) -> AppError {
    AppError::invalid("file", format!("cannot be read as CSV: {error}"))
}
