//! From nothing to the current schema, once; never backwards.

use std::fmt::Write;

use sallyport_model::{Command, Trigger};

use super::{
    Place,
    nouns::create,
    on_both_engines,
    samples::{command, nth},
};
use crate::{Db, Location, Look, PageRequest, Reader};

on_both_engines!(
    a_second_start_changes_nothing,
    a_newer_schema_is_refused_in_clear_words,
    a_look_says_which_schema_is_there_and_changes_nothing,
    the_schema_is_the_one_written_down,
    commands_of_before_are_listed_by_what_makes_them_run,
);

/// Tables and columns as people review them, the same for both engines.
const SCHEMA: &str = include_str!("schema.txt");

fn a_second_start_changes_nothing(place: &Place) {
    create(&place.node(), nth(1)).unwrap();
    let before = schema(place);
    let db = place.node();
    assert_eq!(schema(place), before);
    assert_eq!(db.feed().len(), 1);
    assert_eq!(*db.head().borrow(), 1, "a node that starts knows how far the feed is");
}

fn a_newer_schema_is_refused_in_clear_words(place: &Place) {
    place.node();
    place.connection().execute("INSERT INTO schema_version (version) VALUES (999)", &[]).unwrap();
    let before = schema(place);
    let refusal = Db::open(place.location.clone()).map(|_| ()).unwrap_err().to_string();
    assert_eq!(
        refusal,
        "database: the database has schema 999, newer than this program knows; use a newer program"
    );
    assert_eq!(schema(place), before);
}

fn a_look_says_which_schema_is_there_and_changes_nothing(place: &Place) {
    let looked = || {
        let before = schema(place);
        let mut look = Look::at(&place.location).unwrap();
        assert!(look.reader().execute("CREATE TABLE made_by_a_look (id BIGINT)", &[]).is_err());
        assert_eq!(schema(place), before);
        look.schema()
    };
    if let Location::Sqlite(path) = &place.location {
        assert!(Look::at(&place.location).is_err());
        assert!(!path.exists(), "a look makes no file");
    }
    // Whoever only connects brings nothing along.
    drop(place.connection());
    assert_eq!(looked(), 0);
    let db = place.node();
    create(&db, nth(1)).unwrap();
    assert_eq!(looked(), Look::wanted(), "beside a server");
    drop(db);
    for version in ["999", "1"] {
        let sql =
            format!("DELETE FROM schema_version; INSERT INTO schema_version (version) VALUES ({version})");
        place.connection().batch(&sql).unwrap();
        assert_eq!(looked().to_string(), version);
    }
}

fn the_schema_is_the_one_written_down(place: &Place) {
    place.node();
    let found = schema(place);
    assert_eq!(found, SCHEMA, "src/tests/schema.txt should say:\n{found}");
}

fn commands_of_before_are_listed_by_what_makes_them_run(place: &Place) {
    let db = place.node();
    let body = r#"echo '"trigger":"on_enrollment"'"#.to_owned();
    let by_hand = Command { trigger: Trigger::Manual, body, ..command(1) };
    create(&db, by_hand).unwrap();
    create(&db, command(2)).unwrap();
    let mut connection = place.connection();
    connection.execute("UPDATE command SET state = ''", &[]).unwrap();
    connection.execute("DELETE FROM schema_version WHERE version > 1", &[]).unwrap();
    let db = place.node();
    for (state, name) in [("manual", "Update 1"), ("on_enrollment", "Update 2")] {
        let page = PageRequest { state: Some(state.into()), limit: 9, ..PageRequest::default() };
        let found = db.read_blocking(move |reader| reader.list::<Command>(&page)).unwrap();
        assert_eq!(found.items.iter().map(|command| command.name.as_str()).collect::<Vec<_>>(), [name]);
    }
}

fn schema(place: &Place) -> String {
    let mut connection = place.connection();
    let mut out = String::new();
    for table in tables(&mut connection) {
        writeln!(out, "{table}").unwrap();
        for column in columns(&mut connection, &table) {
            writeln!(out, "    {column}").unwrap();
        }
    }
    out
}

fn tables(connection: &mut Reader) -> Vec<String> {
    let sql = if connection.is_postgres() {
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' \
         ORDER BY table_name COLLATE \"C\""
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"
    };
    connection.query(sql, &[], |row| row.text(0)).unwrap()
}

/// Name, kind, whether it may be NULL, and the place in the primary key, of every column.
fn columns(connection: &mut Reader, table: &str) -> Vec<String> {
    let sql = if connection.is_postgres() {
        "SELECT c.column_name::text, \
                c.data_type || CASE WHEN c.data_type = 'text' THEN ' ' || coalesce(c.collation_name, '?') ELSE '' END, \
                CASE WHEN c.is_nullable = 'NO' THEN 1 ELSE 0 END::bigint, \
                coalesce(k.ordinal_position, 0)::bigint \
         FROM information_schema.columns c \
         LEFT JOIN information_schema.table_constraints t \
           ON t.table_schema = 'public' AND t.table_name = c.table_name AND t.constraint_type = 'PRIMARY KEY' \
         LEFT JOIN information_schema.key_column_usage k \
           ON k.constraint_name = t.constraint_name AND k.column_name = c.column_name AND k.table_name = c.table_name \
         WHERE c.table_schema = 'public' AND c.table_name = $1::text ORDER BY c.ordinal_position"
    } else {
        // A column of a primary key is never NULL on PostgreSQL; SQLite asks for it to be said.
        "SELECT name, type, CASE WHEN \"notnull\" = 1 OR pk > 0 THEN 1 ELSE 0 END, pk \
         FROM pragma_table_info($1) ORDER BY cid"
    };
    let found = connection.query(sql, &[table.into()], |row| {
        let kind = match row.text(1)?.as_str() {
            "text C" | "TEXT" => "TEXT".to_owned(),
            "bigint" | "BIGINT" => "BIGINT".to_owned(),
            "bytea" | "BLOB" => "BYTES".to_owned(),
            other => format!("unexpected {other}"),
        };
        let null = if row.int(2)? == 1 { "" } else { ", may be NULL" };
        let key = match row.int(3)? {
            0 => String::new(),
            n => format!(", key {n}"),
        };
        Ok(format!("{} {kind}{null}{key}", row.text(0)?))
    });
    found.unwrap()
}
