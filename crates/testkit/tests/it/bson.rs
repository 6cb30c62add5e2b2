//! Our BSON, read by MongoDB's own reader.

use std::path::Path;

use proptest::{
    collection::btree_map,
    prelude::{Just, Strategy as _, any, prop_oneof},
    strategy::{BoxedStrategy, ValueTree as _},
    test_runner::TestRunner,
};
use sallyport_testkit::cli;
use sallyport_wire::duo::rest_v1::bson;
use serde_json::{Map, Value};

const DOCUMENTS: usize = 500;

/// Documents of everything that is written, names and texts of any characters among it.
fn document() -> BoxedStrategy<Map<String, Value>> {
    let value = prop_oneof![
        any::<String>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Object(Map::new())),
    ];
    let nested = value.prop_recursive(4, 32, 6, |inner| {
        btree_map("[^\0]{0,12}", inner, 0..6).prop_map(|members| Value::Object(members.into_iter().collect()))
    });
    btree_map("[^\0]{0,12}", nested, 0..8).prop_map(|members| members.into_iter().collect()).boxed()
}

#[test]
fn another_reader_reads_what_was_written() {
    let mut runner = TestRunner::deterministic();
    let documents: Vec<Map<String, Value>> =
        (0..DOCUMENTS).map(|_| document().new_tree(&mut runner).unwrap().current()).collect();
    let written: Vec<String> = documents
        .iter()
        .map(|document| data_encoding::HEXLOWER.encode(&bson::encode(document).unwrap()))
        .collect();
    let python = std::env::var("TEST_PYTHON").expect("TEST_PYTHON is not set; run `make test`");
    let script = format!("{}/python/bson_decode.py", std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let read = cli::run(Path::new(&python), &[&script], Some(&written.join("\n")), &[]).unwrap();
    let read: Vec<Map<String, Value>> =
        read.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read.len(), DOCUMENTS);
    for (read, document) in read.iter().zip(&documents) {
        assert_eq!(read, document);
    }
}
