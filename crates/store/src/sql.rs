//! Values on their way into and out of SQL, the same for both engines.

use postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};

use crate::StoreError;

/// A parameter. NULL is of whatever kind its column is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Param<'a> {
    Bytes(&'a [u8]),
    Int(i64),
    Null,
    Text(&'a str),
}

impl Param<'_> {
    /// PostgreSQL keeps no U+0000 in text, so the store keeps none anywhere.
    pub(crate) fn is_unstorable(&self) -> bool {
        matches!(self, Self::Text(text) if text.contains('\0'))
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Param<'_> {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Int(int) => ValueRef::Integer(*int),
            Self::Null => ValueRef::Null,
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
            Self::Int(int) => int.to_sql(kind, out),
            Self::Null => Ok(IsNull::Yes),
            Self::Text(text) => text.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::TEXT | Type::VARCHAR | Type::INT8 | Type::BYTEA)
    }

    to_sql_checked!();
}

/// One row of an answer.
pub(crate) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a postgres::Row),
}

impl Row<'_> {
    pub(crate) fn text(&self, column: usize) -> Result<String, StoreError> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    /// Text as it lies in the row.
    pub(crate) fn str(&self, column: usize) -> Result<&str, StoreError> {
        match self {
            Self::Sqlite(row) => Ok(row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub(crate) fn optional_text(&self, column: usize) -> Result<Option<String>, StoreError> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub(crate) fn int(&self, column: usize) -> Result<i64, StoreError> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub(crate) fn optional_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<Vec<u8>, StoreError> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }
}

/// Longest text that is searched for, in characters: what is longer is cut, so that a search has a price.
const LONGEST_SEARCH: usize = 1000;

/// A `LIKE` pattern that finds `text`, folded, anywhere, with its wildcards made plain (`ESCAPE '!'`).
pub(crate) fn contains_pattern(text: &str) -> String {
    format!("%{}%", exact_pattern(text))
}

/// The same that finds nothing but `text`.
pub(crate) fn exact_pattern(text: &str) -> String {
    let folded = sallyport_model::fold(text);
    let mut out = String::with_capacity(folded.len() + 2);
    for c in folded.chars().take(LONGEST_SEARCH) {
        if matches!(c, '%' | '_' | '!') {
            out.push('!');
        }
        out.push(c);
    }
    out
}
