use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    Shoe,
}

fn named(name: &str) -> Option<Column> {
    match name {
        "name" => Some(Column::Name),
        "shoe" => Some(Column::Shoe),
        _ => None,
    }
}

type Read = (Vec<(u64, Vec<Result<String, CellError>>)>, Vec<String>);

fn read_all(file: &[u8]) -> Result<Read, SheetError> {
    read(file, named, &[("name", Column::Name)], |line, _, record| {
        (line, record.iter().map(|cell| text(cell).map(str::to_owned)).collect())
    })
}

#[test]
fn rows_have_the_lines_an_editor_shows() {
    let file = b"\xef\xbb\xbfname;shoe;hat\r\n\"a\r\nb\";38;x\r\n\r\nc;39;y\r\n";
    let (rows, ignored) = read_all(file).unwrap();
    assert_eq!(ignored, ["hat"]);
    assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 5]);
    assert_eq!(rows[0].1[0], Ok("a\r\nb".to_owned()));
}

#[test]
fn a_file_that_is_none_is_refused_with_a_reason() {
    let columns = vec!["x"; MOST_COLUMNS + 1].join(",");
    let rows = format!("name\n{}", "a\n".repeat(MOST_ROWS + 1));
    for (file, error) in [
        (b"".as_slice(), SheetError::Empty),
        (b"\xff\xfen\0", SheetError::Utf16),
        (b"shoe\n1\n", SheetError::NoColumn("name".into())),
        (b"name,name\n", SheetError::Twice("name".into())),
        (columns.as_bytes(), SheetError::TooManyColumns),
        (rows.as_bytes(), SheetError::TooManyRows),
        (&vec![b'a'; LARGEST_FILE + 1], SheetError::TooLarge),
    ] {
        assert_eq!(read_all(file), Err(error));
    }
}

#[test]
fn a_cell_is_text_of_some_length() {
    assert_eq!(text(b" a\tb "), Ok("a\tb"));
    assert_eq!(text(b"a\x07"), Err(CellError::Control));
    assert_eq!(text(b"\xff"), Err(CellError::NotUtf8));
    assert_eq!(text(&vec![b'a'; LONGEST_CELL + 1]), Err(CellError::Long));
}

proptest! {
    #[test]
    fn no_bytes_panic(file in proptest::collection::vec(any::<u8>(), 0..200), cells in "[\"a,;\r\n]{0,60}") {
        let _ = read_all(&file);
        if let Ok((rows, _)) = read_all(format!("name,shoe\n{cells}").as_bytes()) {
            prop_assert!(rows.is_sorted_by_key(|(line, _)| *line));
        }
    }
}
