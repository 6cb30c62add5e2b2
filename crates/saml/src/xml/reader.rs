//! The reader (XML 1.0 fifth edition, Namespaces in XML 1.0), one character at a time, without recursion.

use std::sync::Arc;

use super::tree::{Attribute, Element, Node, Scope};

/// Most bytes of a name, with its prefix.
const LONGEST_NAME: usize = 100;
/// Most bytes of the name of a namespace, which canonical forms repeat.
const LONGEST_SPACE: usize = 512;
/// Most attributes and declarations of one element.
const MOST_OF_ONE: usize = 64;
const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// What a document may cost, looked at before it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub bytes: usize,
    pub depth: usize,
    pub elements: usize,
    /// Attributes and declarations of all elements together.
    pub attributes: usize,
    /// Whether comments are passed over. In files that administrators bring they are common; in messages they have misled
    /// readers about who was meant, so there they end the reading.
    pub comments: bool,
}

impl Limits {
    /// One message of a browser.
    pub const MESSAGE: Self =
        Self { bytes: 256 << 10, depth: 24, elements: 2_000, attributes: 6_000, comments: false };
    /// Metadata of one application.
    pub const METADATA: Self =
        Self { bytes: 1 << 20, depth: 24, elements: 10_000, attributes: 30_000, comments: true };
}

/// Why something is not taken for a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    #[error("has a comment")]
    Comment,
    #[error("declares a document type")]
    DocumentType,
    #[error("declares an encoding other than UTF-8, or a version other than 1.0")]
    Encoding,
    #[error("names an entity that is none of the five of XML, or a character that is none")]
    Entity,
    #[error("has a processing instruction")]
    Instruction,
    #[error("is not well formed at byte {0}")]
    Malformed(usize),
    #[error("uses a prefix that it does not declare, or declares one wrongly, at byte {0}")]
    Prefix(usize),
    #[error("has a section of character data")]
    Section,
    #[error("has more than {0} bytes")]
    TooLarge(usize),
    #[error("has too many elements or attributes, or too deep ones")]
    TooMuch,
}

/// Reads a document.
///
/// # Errors
/// It is none, or more of one than `limits` allows.
pub fn read(bytes: &[u8], limits: Limits) -> Result<Element, XmlError> {
    if bytes.len() > limits.bytes {
        return Err(XmlError::TooLarge(limits.bytes));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| XmlError::Malformed(error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { text, at: 0, limits, elements: 0, attributes: 0, open: Vec::new() };
    reader.declaration()?;
    reader.document()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    limits: Limits,
    elements: usize,
    attributes: usize,
    /// The elements that have begun and not ended, the outermost first.
    open: Vec<Element>,
}

/// An attribute before it is known what its prefix stands for.
struct Raw<'a> {
    prefix: &'a str,
    local: &'a str,
    value: String,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    const fn malformed<T>(&self) -> Result<T, XmlError> {
        Err(XmlError::Malformed(self.at))
    }

    fn take(&mut self, what: &str) -> bool {
        let is_there = self.rest().starts_with(what);
        if is_there {
            self.at += what.len();
        }
        is_there
    }

    fn expect(&mut self, what: &str) -> Result<(), XmlError> {
        if self.take(what) { Ok(()) } else { self.malformed() }
    }

    /// What stands before the first character that is not so.
    fn take_while(&mut self, is_so: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !is_so(c)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn space(&mut self) -> bool {
        !self.take_while(is_space).is_empty()
    }

    /// `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`, or nothing.
    fn declaration(&mut self) -> Result<(), XmlError> {
        if !self.rest().starts_with("<?xml") || self.rest().chars().nth(5).is_some_and(|c| !is_space(c)) {
            return Ok(());
        }
        self.at += 5;
        for (name, good) in
            [("version", &["1.0"][..]), ("encoding", &["UTF-8"]), ("standalone", &["yes", "no"])]
        {
            let before = self.at;
            if !self.space() || !self.take(name) {
                self.at = before;
                if name == "version" {
                    return self.malformed();
                }
                continue;
            }
            self.space();
            self.expect("=")?;
            self.space();
            let value = self.value()?;
            if !good.iter().any(|good| good.eq_ignore_ascii_case(&value)) {
                return Err(XmlError::Encoding);
            }
        }
        self.space();
        self.expect("?>")
    }

    fn document(&mut self) -> Result<Element, XmlError> {
        self.between()?;
        loop {
            let ended = if self.rest().starts_with("</") { self.end()? } else { self.markup()? };
            if let Some(element) = ended {
                let Some(parent) = self.open.last_mut() else {
                    self.between()?;
                    return if self.rest().is_empty() { Ok(element) } else { self.malformed() };
                };
                parent.children.push(Node::Element(element));
            }
            self.content()?;
        }
    }

    /// White space and allowed comments around the root.
    fn between(&mut self) -> Result<(), XmlError> {
        loop {
            self.space();
            if !self.comment()? {
                return Ok(());
            }
        }
    }

    /// Passes over a comment where that is allowed.
    fn comment(&mut self) -> Result<bool, XmlError> {
        if !self.rest().starts_with("<!--") {
            return Ok(false);
        }
        if !self.limits.comments {
            return Err(XmlError::Comment);
        }
        self.at += 4;
        let Some(length) = self.rest().find("--") else { return self.malformed() };
        if !self.rest().get(..length).is_some_and(|text| text.chars().all(is_char)) {
            return self.malformed();
        }
        self.at += length;
        self.expect("-->").map(|()| true)
    }

    /// Text and comments up to the next tag.
    fn content(&mut self) -> Result<(), XmlError> {
        let mut text = String::new();
        loop {
            self.characters(&mut text)?;
            if !self.comment()? {
                break;
            }
        }
        if let Some(parent) = self.open.last_mut().filter(|_| !text.is_empty()) {
            parent.children.push(Node::Text(text));
        }
        Ok(())
    }

    /// Characters with what they stand for, up to a tag. The end of a line is one character, however written.
    fn characters(&mut self, into: &mut String) -> Result<(), XmlError> {
        loop {
            let plain = self.take_while(|c| !matches!(c, '<' | '&' | '\r' | ']') && is_char(c));
            into.push_str(plain);
            let rest = self.rest();
            match rest.chars().next() {
                Some('&') => into.push(self.reference()?),
                Some('\r') => {
                    self.at += if rest.starts_with("\r\n") { 2 } else { 1 };
                    into.push('\n');
                }
                // Behind two of these, a `>` is no text.
                Some(']') if !rest.starts_with("]]>") => {
                    self.at += 1;
                    into.push(']');
                }
                Some('<') => return Ok(()),
                Some(_) | None => return self.malformed(),
            }
        }
    }

    fn reference(&mut self) -> Result<char, XmlError> {
        for (name, stands_for) in
            [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&apos;", '\'')]
        {
            if self.take(name) {
                return Ok(stands_for);
            }
        }
        let base = if self.take("&#x") {
            16
        } else if self.take("&#") {
            10
        } else {
            return Err(XmlError::Entity);
        };
        let digits = self.take_while(|c| c.is_digit(base));
        let number = if digits.len() <= 8 { u32::from_str_radix(digits, base).ok() } else { None };
        let named = number.and_then(char::from_u32).filter(|c| is_char(*c)).ok_or(XmlError::Entity)?;
        if self.take(";") { Ok(named) } else { Err(XmlError::Entity) }
    }

    /// A quoted value; white space in it that is written as such is a blank (section 3.3.3).
    fn value(&mut self) -> Result<String, XmlError> {
        let quote = if self.take("\"") {
            '"'
        } else if self.take("'") {
            '\''
        } else {
            return self.malformed();
        };
        let mut value = String::new();
        loop {
            let plain =
                self.take_while(|c| c != quote && !matches!(c, '&' | '<') && !is_space(c) && is_char(c));
            value.push_str(plain);
            let rest = self.rest();
            match rest.chars().next() {
                Some('&') => value.push(self.reference()?),
                Some(c) if is_space(c) => {
                    self.at += if rest.starts_with("\r\n") { 2 } else { 1 };
                    value.push(' ');
                }
                Some(c) if c == quote => {
                    self.at += 1;
                    return Ok(value);
                }
                Some(_) | None => return self.malformed(),
            }
        }
    }

    /// A name with its prefix, which may be empty.
    fn name(&mut self) -> Result<(&'a str, &'a str), XmlError> {
        let at = self.at;
        let name = self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'));
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let begins = |part: &str| part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let is_good = name.len() <= LONGEST_NAME
            && begins(local)
            && !local.contains(':')
            && (begins(prefix) || !name.contains(':'));
        if is_good { Ok((prefix, local)) } else { Err(XmlError::Malformed(at)) }
    }

    /// The start of an element; all of it if there is nothing in it.
    fn markup(&mut self) -> Result<Option<Element>, XmlError> {
        let rest = self.rest();
        if rest.starts_with("<!DOCTYPE") {
            return Err(XmlError::DocumentType);
        }
        if rest.starts_with("<![CDATA[") {
            return Err(XmlError::Section);
        }
        if rest.starts_with("<?") {
            return Err(XmlError::Instruction);
        }
        self.expect("<")?;
        self.elements += 1;
        if self.elements > self.limits.elements || self.open.len() >= self.limits.depth {
            return Err(XmlError::TooMuch);
        }
        let at = self.at;
        let (prefix, local) = self.name()?;
        let (raw, declared) = self.attributes()?;
        let outer = self.open.last().map(|parent| parent.scope.clone());
        let scope = match (declared.is_empty(), outer) {
            (true, Some(outer)) => outer,
            (_, outer) => Arc::new(Scope { declared, outer }),
        };
        let space = resolved(prefix, &scope, at)?;
        let attributes = attributes(raw, &scope, at)?;
        let (prefix, local) = (prefix.to_owned(), local.to_owned());
        let element = Element { prefix, space, local, attributes, children: Vec::new(), scope };
        if self.take("/>") {
            return Ok(Some(element));
        }
        self.expect(">")?;
        self.open.push(element);
        Ok(None)
    }

    /// Attributes and declarations of one element.
    #[expect(clippy::type_complexity, reason = "the two halves of one list")]
    fn attributes(&mut self) -> Result<(Vec<Raw<'a>>, Vec<(String, Arc<str>)>), XmlError> {
        let (mut raw, mut declared) = (Vec::<Raw<'a>>::new(), Vec::<(String, Arc<str>)>::new());
        loop {
            let apart = self.space();
            if self.rest().starts_with(['>', '/']) {
                return Ok((raw, declared));
            }
            let at = self.at;
            let (prefix, local) = self.name()?;
            self.attributes += 1;
            if self.attributes > self.limits.attributes || raw.len() + declared.len() >= MOST_OF_ONE {
                return Err(XmlError::TooMuch);
            }
            self.space();
            self.expect("=")?;
            self.space();
            let value = self.value()?;
            let declares = match (prefix, local) {
                ("", "xmlns") => Some(""),
                ("xmlns", prefix) => Some(prefix),
                (_, _) => None,
            };
            let twice = match declares {
                Some(prefix) => declared.iter().any(|(other, _)| other == prefix),
                None => raw.iter().any(|other| (other.prefix, other.local) == (prefix, local)),
            };
            if !apart || twice {
                return Err(XmlError::Malformed(at));
            }
            match declares {
                Some(prefix) if may_declare(prefix, &value) => {
                    declared.push((prefix.to_owned(), value.into()))
                }
                Some(_) => return Err(XmlError::Prefix(at)),
                None => raw.push(Raw { prefix, local, value }),
            }
        }
    }

    /// The end of an element, which has to be the one that began last.
    fn end(&mut self) -> Result<Option<Element>, XmlError> {
        let at = self.at;
        self.expect("</")?;
        let (prefix, local) = self.name()?;
        self.space();
        self.expect(">")?;
        let began = self.open.pop().filter(|began| (&*began.prefix, &*began.local) == (prefix, local));
        began.map(Some).ok_or(XmlError::Malformed(at))
    }
}

/// Whether a prefix may stand for a namespace (Namespaces in XML sections 3 and 5).
fn may_declare(prefix: &str, uri: &str) -> bool {
    let written = uri.bytes().all(|byte| byte.is_ascii_graphic()) && uri.len() <= LONGEST_SPACE;
    let reserved = match prefix {
        "xml" => uri != XML,
        "xmlns" => true,
        _ => uri == XML || (uri.is_empty() && !prefix.is_empty()),
    };
    written && !reserved && uri != XMLNS
}

fn resolved(prefix: &str, scope: &Scope, at: usize) -> Result<Arc<str>, XmlError> {
    match (prefix, scope.find(prefix)) {
        (_, Some(uri)) => Ok(uri.clone()),
        ("", None) => Ok("".into()),
        ("xml", None) => Ok(XML.into()),
        (_, None) => Err(XmlError::Prefix(at)),
    }
}

fn attributes(raw: Vec<Raw<'_>>, scope: &Scope, at: usize) -> Result<Vec<Attribute>, XmlError> {
    let mut attributes = Vec::<Attribute>::with_capacity(raw.len());
    for Raw { prefix, local, value } in raw {
        let space = if prefix.is_empty() { "".into() } else { resolved(prefix, scope, at)? };
        if attributes.iter().any(|other| other.local == local && other.space == space) {
            return Err(XmlError::Malformed(at));
        }
        attributes.push(Attribute { prefix: prefix.to_owned(), space, local: local.to_owned(), value });
    }
    Ok(attributes)
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// What XML can carry (section 2.2).
pub(super) const fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}
