//! Messages as people read them: an element a line, and what makes a message good for anything cut short.

use crate::{
    names::{DSIG, XENC},
    xml::{Element, Node, canonical},
};

/// How much is left of what is cut: enough to tell one from another.
const LEFT: usize = 12;

/// A message that is recognised, and cannot be used.
#[must_use]
pub fn shown(message: &Element) -> String {
    String::from_utf8_lossy(&canonical(&laid_out(message, 0), &[])).into_owned()
}

/// As deep as the reader or our own messages go, which is bounded.
fn laid_out(element: &Element, depth: usize) -> Element {
    if element.is(DSIG, "SignatureValue") || element.is(XENC, "CipherValue") {
        return element.holding(vec![Node::Text(cut(element))]);
    }
    let has_lines = element.has_elements_only() && element.elements().next().is_some();
    let line = |depth: usize| Node::Text(format!("\n{}", "  ".repeat(depth)));
    let mut nodes = Vec::with_capacity(element.nodes().len() * 2 + 1);
    for node in element.nodes() {
        match node {
            Node::Element(child) if has_lines => {
                nodes.extend([line(depth + 1), Node::Element(laid_out(child, depth + 1))]);
            }
            Node::Element(child) => nodes.push(Node::Element(laid_out(child, depth + 1))),
            // White space between elements is ours to say.
            Node::Text(_) if has_lines => {}
            Node::Text(text) => nodes.push(Node::Text(text.clone())),
        }
    }
    nodes.extend(has_lines.then(|| line(depth)));
    element.holding(nodes)
}

/// The start of a text, whatever else was put in beside it.
fn cut(element: &Element) -> String {
    let texts = element.nodes().iter().filter_map(|node| match node {
        Node::Text(text) => Some(text.as_str()),
        Node::Element(_) => None,
    });
    let start: String = texts.flat_map(str::chars).filter(|c| !c.is_whitespace()).take(LEFT).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, read};

    #[test]
    fn a_message_is_laid_out_and_cannot_be_used() {
        let message = format!(
            "<a:R xmlns:a=\"urn:a\" xmlns:d=\"{}\">  <a:B x=\"&lt;\">one <a:C/> two</a:B>\n\
             <d:SignatureValue>\nabcdefgh\nijklmnop<a:C>secret</a:C>qrs</d:SignatureValue><a:D/></a:R>",
            DSIG.uri
        );
        let message = read(message.as_bytes(), Limits::MESSAGE).unwrap();
        assert_eq!(
            shown(&message),
            format!(
                "<a:R xmlns:a=\"urn:a\">\n  <a:B x=\"&lt;\">one <a:C></a:C> two</a:B>\n  \
                 <d:SignatureValue xmlns:d=\"{}\">abcdefghijkl…</d:SignatureValue>\n  <a:D></a:D>\n</a:R>",
                DSIG.uri
            )
        );
    }
}
