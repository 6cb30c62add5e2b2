use proptest::prelude::*;
use serde_json::Value;

use super::*;

const A: Space = Space { prefix: "a", uri: "urn:a" };
const B: Space = Space { prefix: "b", uri: "urn:b" };
const D: Space = Space { prefix: "", uri: "urn:d" };
const NONE: Space = Space { prefix: "", uri: "" };

fn message(text: &str) -> Result<Element, XmlError> {
    read(text.as_bytes(), Limits::MESSAGE)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// Made by lxml, which asks libxml2: other people's reading of the same standard.
#[test]
fn the_canonical_form_is_that_of_libxml2() {
    let vectors: Value = serde_json::from_str(include_str!("testdata/canonical.json")).unwrap();
    for vector in vectors.as_array().unwrap() {
        let document = message(vector["document"].as_str().unwrap()).unwrap();
        let mut element = &document;
        for place in vector["path"].as_array().unwrap() {
            element = element.elements().nth(place.as_u64().unwrap().try_into().unwrap()).unwrap();
        }
        let prefixes = vector["prefixes"].as_array().unwrap();
        let prefixes: Vec<&str> = prefixes.iter().map(|prefix| prefix.as_str().unwrap()).collect();
        assert_eq!(text(canonical(element, &prefixes)), vector["canonical"].as_str().unwrap(), "{vector}");
    }
}

#[test]
fn the_default_namespace_is_declared_inclusively_and_taken_back() {
    let document = message(r#"<a:r xmlns:a="urn:a" xmlns="urn:d"><a:m><g xmlns=""/></a:m></a:r>"#).unwrap();
    let inner = document.elements().next().unwrap();
    assert_eq!(text(canonical(inner, &[""])), r#"<a:m xmlns="urn:d" xmlns:a="urn:a"><g xmlns=""></g></a:m>"#);
}

#[test]
fn what_is_left_out_leaves_nothing_behind() {
    let document = message("<r>1<a/>2<b/>3</r>").unwrap();
    assert_eq!(text(canonical_without(&document, &[], Some(1))), "<r>12<b></b>3</r>");
    assert_eq!(text(canonical_without(&document, &[], Some(3))), "<r>1<a></a>23</r>");
}

#[test]
fn what_misleads_readers_ends_the_reading() {
    for (bad, error) in [
        ("<r><!-- --></r>", XmlError::Comment),
        ("<!-- --><r/>", XmlError::Comment),
        ("<!DOCTYPE r><r/>", XmlError::DocumentType),
        ("<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><r>&x;</r>", XmlError::DocumentType),
        ("<r>&x;</r>", XmlError::Entity),
        ("<r>&nbsp;</r>", XmlError::Entity),
        ("<r>&#0;</r>", XmlError::Entity),
        ("<r>&#xD800;</r>", XmlError::Entity),
        ("<r>&#xFFFE;</r>", XmlError::Entity),
        ("<r>&#x110000;</r>", XmlError::Entity),
        ("<r>&#38</r>", XmlError::Entity),
        ("<r>&#-1;</r>", XmlError::Entity),
        ("<r><![CDATA[x]]></r>", XmlError::Section),
        ("<r><?x y?></r>", XmlError::Instruction),
        ("<?x y?><r/>", XmlError::Instruction),
        ("<?xml version='1.1'?><r/>", XmlError::Encoding),
        ("<?xml version='1.0' encoding='UTF-16'?><r/>", XmlError::Encoding),
        ("<?xml version='1.0' encoding='latin1'?><r/>", XmlError::Encoding),
        ("<p:r/>", XmlError::Prefix(1)),
        ("<r p:a=''/>", XmlError::Prefix(1)),
        ("<r xmlns:p=''/>", XmlError::Prefix(3)),
        ("<r xmlns:xml='urn:x'/>", XmlError::Prefix(3)),
        ("<r xmlns:xmlns='urn:x'/>", XmlError::Prefix(3)),
        ("<r xmlns:x='http://www.w3.org/2000/xmlns/'/>", XmlError::Prefix(3)),
        ("<r xmlns='http://www.w3.org/XML/1998/namespace'/>", XmlError::Prefix(3)),
    ] {
        assert_eq!(message(bad), Err(error), "{bad}");
    }
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for bad in [
        "",
        " ",
        "x",
        "<",
        "<r",
        "<r>",
        "<r/",
        "</r>",
        "<r></s>",
        "<r><s></r></s>",
        "<r/><r/>",
        "<r/>x",
        "x<r/>",
        "<r a/>",
        "<r a=b/>",
        "<r a='1'b='2'/>",
        "<r a='1' a='2'/>",
        "<r a='<'/>",
        "<r a='1/>",
        "<r>]]></r>",
        "<1/>",
        "<-r/>",
        "<:r/>",
        "<r:/>",
        "<a:b:c xmlns:a='u'/>",
        "<ä/>",
        "<r a:='1'/>",
        "<r>\u{1}</r>",
        "<r>\u{ffff}</r>",
        "<r a='\u{2}'/>",
        "< r/>",
        "<r / >",
        "<?xml?><r/>",
        "<?xml encoding='UTF-8'?><r/>",
        " <?xml version='1.0'?><r/>",
        "<?xml version='1.0' standalone='yes' encoding='UTF-8'?><r/>",
        "<r xmlns='u' xmlns='u'/>",
        "<r xmlns:b='urn:\u{e4}'/>",
        "<r xmlns:a='u' xmlns:b='u' a:x='1' b:x='2'/>",
        "\u{feff}\u{feff}<r/>",
    ] {
        assert!(message(bad).is_err(), "{bad}");
    }
    assert!(read(b"<r>\xff</r>", Limits::MESSAGE).is_err());
    assert!(read(b"\xff\xfe<\0r\0/\0>\0", Limits::MESSAGE).is_err());
    for good in ["<r/>", "\u{feff}<r/>", "<?xml version='1.0'?>\n<r a='>'> </r>\n", "<r>]] ></r>", "<_r.-1/>"]
    {
        assert!(message(good).is_ok(), "{good}");
    }
}

#[test]
fn files_of_administrators_may_have_comments_which_say_nothing() {
    let file = "<!-- x --> <r>a<!-- - -->b<!----><s/></r><!-- -->";
    assert_eq!(read(file.as_bytes(), Limits::METADATA), message("<r>ab<s/></r>"));
    for bad in ["<r><!-- -- --></r>", "<r><!-- ", "<r><!-- ---></r>", "<r><!--\u{1}--></r>", "<r <!-- -->/>"]
    {
        assert!(read(bad.as_bytes(), Limits::METADATA).is_err(), "{bad}");
    }
}

#[test]
fn budgets_end_the_reading_before_they_are_spent() {
    let nested = |depth: usize| "<r>".repeat(depth) + &"</r>".repeat(depth);
    assert!(message(&nested(Limits::MESSAGE.depth)).is_ok());
    for depth in [Limits::MESSAGE.depth + 1, 10_000, 30_000] {
        assert_eq!(message(&nested(depth)), Err(XmlError::TooMuch));
    }
    assert_eq!(message(&format!("<r>{}</r>", "<e/>".repeat(5_000))), Err(XmlError::TooMuch));
    let attributes = |count: usize| (0..count).map(|n| format!(" a{n}=''")).collect::<String>();
    assert!(message(&format!("<r{}/>", attributes(64))).is_ok());
    assert_eq!(message(&format!("<r{}/>", attributes(20_000))), Err(XmlError::TooMuch));
    let declarations = (0..10_000).map(|n| format!(" xmlns:a{n}='u'")).collect::<String>();
    assert_eq!(message(&format!("<r{declarations}/>")), Err(XmlError::TooMuch));
    let many = format!("<e{}/>", attributes(64)).repeat(200);
    assert_eq!(message(&format!("<r>{many}</r>")), Err(XmlError::TooMuch));
    let long = format!("<r>{}</r>", "x".repeat(Limits::MESSAGE.bytes));
    assert_eq!(message(&long), Err(XmlError::TooLarge(Limits::MESSAGE.bytes)));
    assert_eq!(message(&format!("<{0}/>", "r".repeat(101))), Err(XmlError::Malformed(1)));
    assert_eq!(message(&format!("<r xmlns='{}'/>", "u".repeat(513))), Err(XmlError::Prefix(3)));
}

/// What another reader takes the same document for.
fn as_others_read(node: roxmltree::Node<'_, '_>) -> Element {
    let space = |uri: Option<&str>| uri.unwrap_or_default().to_owned();
    let mut element = Element::new(NONE, node.tag_name().name());
    element.space = space(node.tag_name().namespace()).into();
    for attribute in node.attributes() {
        element = element.with(attribute.name(), attribute.value());
        element.attributes.last_mut().unwrap().space = space(attribute.namespace()).into();
    }
    for child in node.children() {
        match (child.is_element(), element.children.last_mut()) {
            (true, _) => element.children.push(Node::Element(as_others_read(child))),
            (false, Some(Node::Text(before))) => before.push_str(child.text().unwrap()),
            (false, _) => element.children.push(Node::Text(child.text().unwrap().to_owned())),
        }
    }
    element
}

fn without_prefixes(mut element: Element) -> Element {
    element.prefix.clear();
    for attribute in &mut element.attributes {
        attribute.prefix.clear();
    }
    let children = std::mem::take(&mut element.children);
    element.children = children
        .into_iter()
        .map(|node| match node {
            Node::Element(child) => Node::Element(without_prefixes(child)),
            Node::Text(text) => Node::Text(text),
        })
        .collect();
    element
}

fn trees() -> impl Strategy<Value = Element> {
    let names = prop::sample::select(vec!["r", "Assertion", "x-1", "_"]);
    let spaces = prop::sample::select(vec![A, B, D, NONE]);
    let leaf = (spaces.clone(), names.clone(), "[ -~\t\n\r\u{e4}\u{1f600}]{0,12}", any::<bool>()).prop_map(
        |(space, name, text, of)| {
            let element = Element::new(space, name).with("v", text.clone());
            let element = if of { element.with_of(A, "v", text.clone()) } else { element };
            if text.is_empty() { element } else { element.text(&text) }
        },
    );
    leaf.prop_recursive(4, 24, 4, move |inner| {
        (spaces.clone(), names.clone(), prop::collection::vec(inner, 1..4))
            .prop_map(|(space, name, children)| Element::new(space, name).children(children))
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back_as_the_same(tree in trees()) {
        let written = canonical(&tree, &[]);
        let back = read(&written, Limits::MESSAGE).unwrap();
        prop_assert_eq!(&back, &sorted(tree));
        prop_assert_eq!(canonical(&back, &[]), written);
    }

    // Without carriage returns, which the other reader leaves alone before a reference.
    #[test]
    fn whatever_is_read_others_read_the_same(
        text in r#"(<(/)?(r|a:r|s)( (a|xmlns|xmlns:a|a:b)=("|')[ur:&;#x3A]{0,4}("|'))?(/)?>|[ x&;\n]|&amp;|&#65;|]]>|<!|--|\?){0,9}"#,
        wrapped in any::<bool>(),
    ) {
        let text = if wrapped { format!("<a:r xmlns:a='u'>{text}</a:r>") } else { text };
        if let Ok(ours) = message(&text) {
            let theirs = roxmltree::Document::parse(&text).unwrap();
            prop_assert_eq!(without_prefixes(ours), as_others_read(theirs.root_element()));
        }
    }

    #[test]
    fn no_bytes_are_too_much(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = read(&bytes, Limits::METADATA);
    }
}

/// Attributes in the order in which they are written.
fn sorted(mut element: Element) -> Element {
    element.attributes.sort_by(|a, b| (&a.space, &a.local).cmp(&(&b.space, &b.local)));
    let children = std::mem::take(&mut element.children);
    element.children = children
        .into_iter()
        .map(|node| match node {
            Node::Element(child) => Node::Element(sorted(child)),
            Node::Text(text) => Node::Text(text),
        })
        .collect();
    element
}
