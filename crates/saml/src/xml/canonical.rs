//! Exclusive XML Canonicalization 1.0, without comments (there are none), of an element and all that is in it.

use super::{
    reader::is_char,
    tree::{Element, Node},
};

/// What has been declared by what was written around the present place, the innermost last.
type Written<'a> = Vec<(&'a str, &'a str)>;

/// The canonical form. `inclusive` are prefixes to be declared wherever they are in scope (section 2.1, `PrefixList`), the
/// empty one for the default.
#[must_use]
pub fn canonical(element: &Element, inclusive: &[&str]) -> Vec<u8> {
    canonical_without(element, inclusive, None)
}

/// The same as if the node at this place directly in it were not there.
#[must_use]
pub fn canonical_without(element: &Element, inclusive: &[&str], without: Option<usize>) -> Vec<u8> {
    let mut out = String::new();
    write(element, inclusive, without, &mut Written::new(), &mut out);
    out.into_bytes()
}

/// As deep as the reader or our own messages go, which is bounded.
fn write<'a>(
    element: &'a Element,
    inclusive: &[&'a str],
    without: Option<usize>,
    written: &mut Written<'a>,
    out: &mut String,
) {
    let outside = written.len();
    out.push('<');
    name(&element.prefix, &element.local, out);
    for (prefix, uri) in declarations(element, inclusive, written) {
        out.push_str(" xmlns");
        if !prefix.is_empty() {
            out.push(':');
            out.push_str(prefix);
        }
        out.push_str("=\"");
        escape(uri, true, out);
        out.push('"');
        written.push((prefix, uri));
    }
    let mut attributes: Vec<_> = element.attributes.iter().collect();
    attributes.sort_by_key(|attribute| (&*attribute.space, &*attribute.local));
    for attribute in attributes {
        out.push(' ');
        name(&attribute.prefix, &attribute.local, out);
        out.push_str("=\"");
        escape(&attribute.value, true, out);
        out.push('"');
    }
    out.push('>');
    for (place, node) in element.children.iter().enumerate() {
        match node {
            _ if without == Some(place) => {}
            Node::Element(child) => write(child, inclusive, None, written, out),
            Node::Text(text) => escape(text, false, out),
        }
    }
    out.push_str("</");
    name(&element.prefix, &element.local, out);
    out.push('>');
    written.truncate(outside);
}

/// What has to be declared here, in order: what is visibly used or asked for, and not already so around it.
fn declarations<'a>(
    element: &'a Element,
    inclusive: &[&'a str],
    written: &Written<'a>,
) -> Vec<(&'a str, &'a str)> {
    let used = std::iter::once((&*element.prefix, &*element.space));
    let of_attributes = element.attributes.iter().filter(|attribute| !attribute.prefix.is_empty());
    let used = used.chain(of_attributes.map(|attribute| (attribute.prefix.as_str(), &*attribute.space)));
    let asked = inclusive.iter().filter_map(|prefix| match element.scope.find(prefix) {
        Some(uri) => Some((*prefix, &**uri)),
        // A default that is none here and was one around it is taken back.
        None => prefix.is_empty().then_some(("", "")),
    });
    let around = |prefix: &str| {
        let found = written.iter().rev().find(|(written, _)| *written == prefix);
        found.map_or("", |(_, uri)| *uri)
    };
    let mut all: Vec<_> =
        used.chain(asked).filter(|(prefix, uri)| *prefix != "xml" && around(prefix) != *uri).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn name(prefix: &str, local: &str, out: &mut String) {
    if !prefix.is_empty() {
        out.push_str(prefix);
        out.push(':');
    }
    out.push_str(local);
}

fn escape(text: &str, in_attribute: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' if !in_attribute => out.push_str("&gt;"),
            '"' if in_attribute => out.push_str("&quot;"),
            '\t' if in_attribute => out.push_str("&#x9;"),
            '\n' if in_attribute => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            c if is_char(c) => out.push(c),
            _ => out.push('\u{fffd}'),
        }
    }
}
