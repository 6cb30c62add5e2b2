//! A CSV file (RFC 4180) as rows of named cells, within bounds.

#[cfg(test)]
mod tests;

use sallyport_model::name::printable;

const LARGEST_FILE: usize = 10 * 1024 * 1024;
const MOST_ROWS: usize = 100_000;
const MOST_COLUMNS: usize = 200;
const LONGEST_CELL: usize = 16 * 1024;

/// Why a file as a whole cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    #[error("it is empty")]
    Empty,
    #[error("has no column `{0}`; its first line must name the columns")]
    NoColumn(String),
    #[error("has more than {MOST_COLUMNS} columns")]
    TooManyColumns,
    #[error("has more than {MOST_ROWS} rows")]
    TooManyRows,
    #[error("is larger than {} MiB", LARGEST_FILE >> 20)]
    TooLarge,
    #[error("has the column `{0}` twice")]
    Twice(String),
    #[error("cannot be read as CSV: {0}")]
    Unreadable(String),
    #[error("is UTF-16; save it as CSV in UTF-8")]
    Utf16,
}

/// Why a row or a cell cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CellError {
    #[error("has control characters in it")]
    Control,
    #[error("has a cell of more than {LONGEST_CELL} bytes")]
    Long,
    #[error("is not UTF-8")]
    NotUtf8,
    #[error("has {cells} cells where the first line has {columns}")]
    Ragged { cells: usize, columns: usize },
}

/// Which part of a row is wrong, and why.
impl From<CellError> for (&'static str, String) {
    fn from(error: CellError) -> Self {
        ("row", error.to_string())
    }
}

/// Reads a whole file whose first line names the columns; `row` is handed the line of each row and its cells. Gives the
/// rows, and the columns that mean nothing here.
///
/// # Errors
/// The file as a whole cannot be read, or lacks one of the columns `needed`.
pub fn read<C: PartialEq, R>(
    file: &[u8],
    named: impl Fn(&str) -> Option<C>,
    needed: &[(&str, C)],
    row: impl Fn(u64, &[Option<C>], &csv::ByteRecord) -> R,
) -> Result<(Vec<R>, Vec<String>), SheetError> {
    let file = text_of(file)?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(file))
        .has_headers(false)
        .flexible(true)
        .from_reader(file);
    let mut record = csv::ByteRecord::new();
    if !reader.read_byte_record(&mut record).map_err(|error| unreadable(&error))? {
        return Err(SheetError::Empty);
    }
    let (columns, ignored_columns) = header(&record, named, needed)?;
    let mut rows = Vec::new();
    let mut lines = Lines { file, counted: 0, line: 1 };
    while reader.read_byte_record(&mut record).map_err(|error| unreadable(&error))? {
        if rows.len() == MOST_ROWS {
            return Err(SheetError::TooManyRows);
        }
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        rows.push(row(line, &columns, &record));
    }
    Ok((rows, ignored_columns))
}

/// The text of a cell.
///
/// # Errors
/// It is no text, or too long.
pub fn text(cell: &[u8]) -> Result<&str, CellError> {
    let text = std::str::from_utf8(cell).map_err(|_| CellError::NotUtf8)?.trim();
    if text.len() > LONGEST_CELL {
        return Err(CellError::Long);
    }
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Err(CellError::Control);
    }
    Ok(text)
}

/// What is wrong with a row that has not as many cells as there are columns.
#[must_use]
pub fn ragged<C>(columns: &[Option<C>], record: &csv::ByteRecord) -> Option<CellError> {
    let (cells, columns) = (record.len(), columns.len());
    (cells != columns).then_some(CellError::Ragged { cells, columns })
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

fn text_of(file: &[u8]) -> Result<&[u8], SheetError> {
    if file.len() > LARGEST_FILE {
        return Err(SheetError::TooLarge);
    }
    if file.starts_with(&[0xff, 0xfe]) || file.starts_with(&[0xfe, 0xff]) {
        return Err(SheetError::Utf16);
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
) -> Result<(Vec<Option<C>>, Vec<String>), SheetError> {
    if record.len() > MOST_COLUMNS {
        return Err(SheetError::TooManyColumns);
    }
    let (mut columns, mut ignored) = (Vec::new(), Vec::new());
    for cell in record {
        let name = String::from_utf8_lossy(cell);
        let column = named(&name);
        if column.is_some() && columns.contains(&column) {
            return Err(SheetError::Twice(printable(&name, 64)));
        }
        if column.is_none() {
            ignored.push(printable(&name, 64));
        }
        columns.push(column);
    }
    for (name, column) in needed {
        if !columns.iter().flatten().any(|known| known == column) {
            return Err(SheetError::NoColumn((*name).to_owned()));
        }
    }
    Ok((columns, ignored))
}

fn unreadable(error: &csv::Error) -> SheetError {
    SheetError::Unreadable(error.to_string())
}
