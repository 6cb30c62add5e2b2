//! What a screen reader is told of a page: the accessibility tree, as the DevTools protocol gives it away.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::Chromium;

/// One thing on a page, as it is read aloud.
#[derive(Debug, Clone)]
pub struct Heard {
    pub role: String,
    pub name: String,
    pub description: String,
    pub level: u64,
    pub is_focused: bool,
    /// Whether it can have the focus.
    pub is_stop: bool,
    /// Whether what stands in it is said to be wrong.
    pub is_invalid: bool,
}

impl Heard {
    fn of(node: &Value) -> Self {
        let text = |name: &str| {
            let said = node.get(name).and_then(|field| field.get("value")).and_then(Value::as_str);
            said.unwrap_or_default().to_owned()
        };
        let properties = node.get("properties").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let property = |name: &str| {
            let found = properties.iter().find(|found| found.get("name").is_some_and(|named| named == name));
            found.and_then(|found| found.pointer("/value/value")).cloned().unwrap_or_default()
        };
        Self {
            role: text("role"),
            name: text("name"),
            description: text("description"),
            level: property("level").as_u64().unwrap_or(0),
            is_focused: property("focused") == true,
            is_stop: property("focusable") == true,
            is_invalid: property("invalid") == "true",
        }
    }

    /// Whether people act on it.
    #[must_use]
    pub fn is_control(&self) -> bool {
        let controls = [
            "button",
            "checkbox",
            "combobox",
            "DisclosureTriangle",
            "link",
            "radio",
            "spinbutton",
            "switch",
            "textbox",
        ];
        controls.contains(&self.role.as_str())
    }
}

impl Chromium {
    /// All that is read aloud of the page that is shown, in its order.
    ///
    /// # Errors
    /// The window is gone.
    pub fn read_aloud(&self) -> anyhow::Result<Vec<Heard>> {
        let tree = self.ask("Accessibility.getFullAXTree", json!({}))?;
        let nodes = tree.get("nodes").and_then(Value::as_array).context("no accessibility tree")?;
        let is_heard = |node: &&Value| node.get("ignored").and_then(Value::as_bool) != Some(true);
        Ok(nodes.iter().filter(is_heard).map(Heard::of).collect())
    }
}
