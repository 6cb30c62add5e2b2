//! TwiML: what happens in a call, as XML. Of its verbs those that a sign-in needs: to say something, to ask for digits,
//! to hang up.

use std::fmt::Write as _;

use roxmltree::{Document, Node, ParsingOptions};

pub const CONTENT_TYPE: &str = "text/xml; charset=utf-8";

const MOST_NODES: u32 = 200;
const LARGEST: usize = 8 * 1024;

/// Instructions, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Twiml(pub Vec<Verb>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    Gather(Gather),
    Hangup,
    Say(String),
}

/// Asks for digits and posts them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gather {
    /// Where they are posted.
    pub action: String,
    /// How many.
    pub digits: u8,
    /// How many seconds of silence end it.
    pub seconds: u8,
    pub say: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TwimlError {
    #[error("the instructions are too large")]
    TooLarge,
    #[error("`{0}` is no instruction known here")]
    Unknown(String),
    #[error("the instructions cannot be read as XML")]
    Xml,
}

impl Twiml {
    #[must_use]
    pub fn write(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>");
        for verb in &self.0 {
            match verb {
                Verb::Gather(Gather { action, digits, seconds, say }) => {
                    // Writing to a `String` cannot fail.
                    let _ = write!(
                        out,
                        "<Gather input=\"dtmf\" method=\"POST\" action=\"{}\" numDigits=\"{digits}\" timeout=\"{seconds}\" actionOnEmptyResult=\"true\"><Say>{}</Say></Gather>",
                        escaped(action),
                        escaped(say)
                    );
                }
                Verb::Hangup => out.push_str("<Hangup/>"),
                Verb::Say(text) => {
                    let _ = write!(out, "<Say>{}</Say>", escaped(text));
                }
            }
        }
        out.push_str("</Response>");
        out
    }

    /// # Errors
    /// Too large, no XML, or not from here.
    pub fn parse(text: &str) -> Result<Self, TwimlError> {
        if text.len() > LARGEST {
            return Err(TwimlError::TooLarge);
        }
        // A document type is refused, so nothing expands.
        let options =
            ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
        let document = Document::parse_with_options(text, options).map_err(|_| TwimlError::Xml)?;
        let root = document.root_element();
        if !root.has_tag_name("Response") {
            return Err(unknown(root));
        }
        root.children().filter(Node::is_element).map(verb).collect::<Result<_, _>>().map(Self)
    }
}

fn verb(node: Node<'_, '_>) -> Result<Verb, TwimlError> {
    match node.tag_name().name() {
        "Gather" => {
            let number = |name, usual| node.attribute(name).map_or(Some(usual), |text| text.parse().ok());
            let say = node.children().find(|child| child.has_tag_name("Say"));
            Ok(Verb::Gather(Gather {
                action: node.attribute("action").unwrap_or_default().to_owned(),
                digits: number("numDigits", 0).ok_or(TwimlError::Xml)?,
                seconds: number("timeout", 5).ok_or(TwimlError::Xml)?,
                say: say.and_then(|say| say.text()).unwrap_or_default().to_owned(),
            }))
        }
        "Hangup" => Ok(Verb::Hangup),
        "Say" => Ok(Verb::Say(node.text().unwrap_or_default().to_owned())),
        _ => Err(unknown(node)),
    }
}

fn unknown(node: Node<'_, '_>) -> TwimlError {
    TwimlError::Unknown(node.tag_name().name().chars().take(40).collect())
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML has no way to write most control characters.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
