use proptest::prelude::*;

use super::*;

fn json(text: &str) -> Params {
    Params::from_json(text.as_bytes()).unwrap()
}

#[test]
fn integers_come_as_numbers_or_digits() {
    let params = json(r#"{"a":3600,"b":"3600","c":"","d":null,"e":"-1","f":"+1","g":1.5,"h":"x","i":[1]}"#);
    assert_eq!(params.int("a"), Ok(Some(3600)));
    assert_eq!(params.int("b"), Ok(Some(3600)));
    assert_eq!(params.int("c"), Ok(None));
    assert_eq!(params.int("d"), Ok(None));
    assert_eq!(params.int("e"), Ok(Some(-1)));
    for name in ["f", "g", "h", "i"] {
        assert_eq!(params.int(name), Err(ParamError::Invalid(name)));
    }
    assert_eq!(params.int("absent"), Ok(None));
    assert_eq!(params.required_int("absent"), Err(ParamError::Missing("absent")));
    assert_eq!(json(r#"{"a":"99999999999999999999"}"#).int("a"), Err(ParamError::Invalid("a")));
}

#[test]
fn flags_come_in_many_spellings() {
    for yes in ["true", "1", "\"1\"", "\"true\"", "\"True\"", "\"TRUE\""] {
        assert_eq!(json(&format!("{{\"a\":{yes}}}")).bool("a"), Ok(Some(true)), "{yes}");
    }
    for no in ["false", "0", "\"0\"", "\"false\"", "\"False\""] {
        assert_eq!(json(&format!("{{\"a\":{no}}}")).bool("a"), Ok(Some(false)), "{no}");
    }
    for bad in ["2", "\"yes\"", "[]", "{}", "\"truely\""] {
        assert_eq!(json(&format!("{{\"a\":{bad}}}")).bool("a"), Err(ParamError::Invalid("a")), "{bad}");
    }
    assert_eq!(Params::from_query("a=1").unwrap().is_set("a"), Ok(true));
    assert_eq!(Params::from_query("a=").unwrap().is_set("a"), Ok(false));
}

#[test]
fn text_is_single_bounded_and_printable() {
    let params = Params::from_query("a=x&a=y&b=%0Ab&c=long&d=&e=%C3%BC").unwrap();
    assert_eq!(params.string("a"), Err(ParamError::Repeated("a")));
    assert_eq!(params.line("b", 10), Err(ParamError::Invalid("b")));
    assert_eq!(params.text("b", 10), Ok(Some("\nb".into())));
    assert_eq!(params.line("c", 3), Err(ParamError::Invalid("c")));
    assert_eq!(params.string("d"), Ok(Some(String::new())));
    assert_eq!(params.required_line("d", 10), Err(ParamError::Missing("d")));
    assert_eq!(params.line("e", 10), Ok(Some("ü".into())));
    assert_eq!(json(r#"{"passcode":123456}"#).string("passcode"), Ok(Some("123456".into())));
}

#[test]
fn a_name_in_query_and_body_is_a_repeat() {
    let both = Params::from_query("user=a").unwrap().and(json(r#"{"user":"b"}"#));
    assert_eq!(both.string("user"), Err(ParamError::Repeated("user")));
}

#[test]
fn a_member_that_stands_twice_in_an_object_is_a_repeat() {
    let twice = json(r#"{"user":"a","user":"b","ip":"x"}"#);
    assert_eq!(twice.string("user"), Err(ParamError::Repeated("user")));
    assert_eq!(twice.string("ip"), Ok(Some("x".into())));
    assert_eq!(Params::from_json(b"[]"), Err(ParamError::NotJson));
    assert_eq!(Params::from_json(b"{} {}"), Err(ParamError::NotJson));
    let many: Vec<String> = (0..=MAX_PARAMS).map(|n| format!("\"{n}\":1")).collect();
    assert_eq!(Params::from_json(format!("{{{}}}", many.join(",")).as_bytes()), Err(ParamError::TooMany));
}

#[test]
fn lists_come_in_four_forms() {
    let expected = Ok(Some(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(json(r#"{"x":["a","b"]}"#).list("x"), expected);
    assert_eq!(json(r#"{"x":"[\"a\",\"b\"]"}"#).list("x"), expected);
    assert_eq!(Params::from_query("x=a,%20b").unwrap().list("x"), expected);
    assert_eq!(Params::from_query("x=a&x=b").unwrap().list("x"), expected);
    assert_eq!(json("{}").list("x"), Ok(None));
    assert_eq!(json(r#"{"x":[{}]}"#).list("x"), Err(ParamError::Invalid("x")));
    assert_eq!(json(r#"{"x":"[1"}"#).list("x"), Err(ParamError::Invalid("x")));
}

#[test]
fn a_body_must_be_an_object_within_budget() {
    assert_eq!(Params::from_json(b""), Ok(Params::default()));
    assert_eq!(Params::from_json(b" \n"), Ok(Params::default()));
    assert_eq!(Params::from_json(b"[1]"), Err(ParamError::NotJson));
    assert_eq!(Params::from_json(b"{"), Err(ParamError::NotJson));
    assert_eq!(Params::from_json("[".repeat(100_000).as_bytes()), Err(ParamError::NotJson));
    assert_eq!(Params::from_json(&vec![b' '; MAX_BODY + 1]), Err(ParamError::TooLarge));
    assert_eq!(Params::from_form(&vec![b'a'; MAX_FORM + 1]), Err(ParamError::TooLarge));
    assert_eq!(Params::from_form("a&".repeat(MAX_PARAMS + 1).as_bytes()), Err(ParamError::TooMany));
    assert_eq!(Params::from_query("a=%FF"), Err(ParamError::NotUtf8));
}

#[test]
fn debug_shows_no_values() {
    assert_eq!(format!("{:?}", Params::from_query("passcode=123456").unwrap()), r#"Params(["passcode"])"#);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for params in [Params::from_form(&bytes), Params::from_json(&bytes)].into_iter().flatten() {
            let _ = (params.int("a"), params.bool("a"), params.list("a"), params.line("a", 10));
        }
    }

    #[test]
    fn reads_back_what_the_encoder_wrote(pairs in proptest::collection::vec(any::<(String, String)>(), 0..20)) {
        let encode = |text: &str| urlencoded::encode(text.as_bytes());
        let form: Vec<_> = pairs.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
        let form = form.join("&");
        let expected = pairs.into_iter().map(|(k, v)| (k, Value::String(v))).collect();
        prop_assert_eq!(Params::from_form(form.as_bytes()), Ok(Params(expected)));
    }
}
