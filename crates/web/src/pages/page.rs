//! A rendered template as an answer.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// An HTML page. It goes out as it is, never compressed: a page carries the token of its forms, and some repeat what stands in
/// the address. From the lengths of compressed answers the one could be guessed by the other (BREACH). What weighs most are
/// the assets, which hold no secret, are compressed, and come once.
pub(crate) struct Page<T>(pub(crate) T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(html) => {
                let mut response = html.into_response();
                let kind = HeaderValue::from_static("text/html; charset=utf-8");
                response.headers_mut().insert(header::CONTENT_TYPE, kind);
                response
            }
            Err(error) => {
                tracing::error!(%error, "a page could not be rendered");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// A table as a file to keep.
pub(crate) fn download(file: &str, kind: &'static str, body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{file}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// Rows for a spreadsheet. What would be taken for a formula is made text.
#[derive(Default)]
pub(crate) struct Csv(String);

impl Csv {
    pub(crate) fn new(head: &[&str]) -> Self {
        let mut csv = Self::default();
        csv.row(head);
        csv
    }

    pub(crate) fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        for (n, cell) in cells.iter().enumerate() {
            let cell = cell.as_ref();
            let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            let mark = if formula { "'" } else { "" };
            let comma = if n == 0 { "" } else { "," };
            self.0.push_str(&format!("{comma}\"{mark}{}\"", cell.replace('"', "\"\"")));
        }
        self.0.push_str("\r\n");
    }

    /// The file with this name, before `.csv`.
    pub(crate) fn into_response(self, name: &str) -> Response {
        download(&format!("{name}.csv"), "text/csv; charset=utf-8", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_and_never_leaves_its_quotes() {
        let mut csv = Csv::new(&["a", "b"]);
        csv.row(&["=HYPERLINK(\"x\")", "say \"hi\",\nthen go"]);
        assert_eq!(csv.0, "\"a\",\"b\"\r\n\"'=HYPERLINK(\"\"x\"\")\",\"say \"\"hi\"\",\nthen go\"\r\n");
    }
}
