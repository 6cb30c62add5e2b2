//! What a document is once it is read, and before it is written.

use std::sync::Arc;

/// A namespace and the prefix we write it with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    pub prefix: &'static str,
    pub uri: &'static str,
}

/// Namespaces that one element declares, above those its ancestors do.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) declared: Vec<(String, Arc<str>)>,
    pub(super) outer: Option<Arc<Scope>>,
}

impl Scope {
    /// What a prefix stands for here, the empty one included; nothing if it stands for nothing.
    pub(super) fn find(&self, prefix: &str) -> Option<&Arc<str>> {
        let mut scope = Some(self);
        while let Some(here) = scope {
            if let Some((_, uri)) = here.declared.iter().find(|(declared, _)| declared == prefix) {
                return Some(uri).filter(|uri| !uri.is_empty());
            }
            scope = here.outer.as_deref();
        }
        None
    }
}

/// An attribute; one without a prefix is in no namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    pub(super) prefix: String,
    pub(super) space: Arc<str>,
    pub(super) local: String,
    pub(super) value: String,
}

impl Attribute {
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Element(Element),
    Text(String),
}

/// An element with all that is in it. Two are equal that say the same with the same prefixes.
#[derive(Debug, Clone)]
pub struct Element {
    pub(super) prefix: String,
    pub(super) space: Arc<str>,
    pub(super) local: String,
    pub(super) attributes: Vec<Attribute>,
    pub(super) children: Vec<Node>,
    pub(super) scope: Arc<Scope>,
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        (&self.prefix, &self.space, &self.local) == (&other.prefix, &other.space, &other.local)
            && self.attributes == other.attributes
            && self.children == other.children
    }
}

impl Eq for Element {}

/// Writing.
impl Element {
    /// An empty one.
    #[must_use]
    pub fn new(space: Space, local: &str) -> Self {
        Self {
            prefix: space.prefix.to_owned(),
            space: space.uri.into(),
            local: local.to_owned(),
            attributes: Vec::new(),
            children: Vec::new(),
            scope: Arc::default(),
        }
    }

    /// With an attribute without namespace.
    #[must_use]
    pub fn with(mut self, local: &str, value: impl Into<String>) -> Self {
        let local = local.to_owned();
        self.attributes.push(Attribute {
            prefix: String::new(),
            space: "".into(),
            local,
            value: value.into(),
        });
        self
    }

    /// With an attribute where there is a value for it.
    #[must_use]
    pub fn with_some(self, local: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with(local, value),
            None => self,
        }
    }

    /// With an attribute of a namespace, which needs a prefix.
    #[must_use]
    pub fn with_of(mut self, space: Space, local: &str, value: impl Into<String>) -> Self {
        let (prefix, local) = (space.prefix.to_owned(), local.to_owned());
        self.attributes.push(Attribute { prefix, space: space.uri.into(), local, value: value.into() });
        self
    }

    /// With a prefix declared for what is written in values; who writes the element asks for it.
    #[must_use]
    pub fn declaring(mut self, space: Space) -> Self {
        let declared = vec![(space.prefix.to_owned(), space.uri.into())];
        self.scope = Arc::new(Scope { declared, outer: Some(Arc::clone(&self.scope)) });
        self
    }

    /// With text behind what is in it. Characters that XML cannot carry become the replacement character.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.children.push(Node::Text(text.to_owned()));
        self
    }

    #[must_use]
    pub fn child(mut self, child: Self) -> Self {
        self.children.push(Node::Element(child));
        self
    }

    /// The same element with these nodes in it, and no others.
    #[must_use]
    pub fn holding(&self, nodes: Vec<Node>) -> Self {
        Self {
            prefix: self.prefix.clone(),
            space: Arc::clone(&self.space),
            local: self.local.clone(),
            attributes: self.attributes.clone(),
            children: nodes,
            scope: Arc::clone(&self.scope),
        }
    }

    #[must_use]
    pub fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children.into_iter().map(Node::Element));
        self
    }

    /// With an element at this place among what is in it, or at the end.
    #[must_use]
    pub fn child_at(mut self, place: usize, child: Self) -> Self {
        self.children.insert(place.min(self.children.len()), Node::Element(child));
        self
    }
}

/// Reading.
impl Element {
    #[must_use]
    pub fn is(&self, space: Space, local: &str) -> bool {
        self.local == local && *self.space == *space.uri
    }

    #[must_use]
    pub fn space(&self) -> &str {
        &self.space
    }

    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The value of an attribute without namespace.
    #[must_use]
    pub fn attribute(&self, local: &str) -> Option<&str> {
        let mut found = self.attributes.iter().filter(|attribute| attribute.space.is_empty());
        found.find(|attribute| attribute.local == local).map(Attribute::value)
    }

    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.children
    }

    /// The elements directly in it.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The elements of this name directly in it.
    pub fn named(&self, space: Space, local: &str) -> impl Iterator<Item = &Self> {
        self.elements().filter(move |element| element.is(space, local))
    }

    /// The element of this name directly in it, if there is exactly one.
    #[must_use]
    pub fn only(&self, space: Space, local: &str) -> Option<&Self> {
        let mut found = self.named(space, local);
        found.next().filter(|_| found.next().is_none())
    }

    /// Its text, if there is nothing else in it. White space around it is no part of what SAML's types say.
    #[must_use]
    pub fn only_text(&self) -> Option<&str> {
        match self.children.as_slice() {
            [] => Some(""),
            [Node::Text(text)] => Some(text.trim_matches([' ', '\t', '\r', '\n'])),
            [Node::Element(_), ..] | [Node::Text(_), ..] => None,
        }
    }

    /// Whether there is no text in it but white space.
    #[must_use]
    pub fn has_elements_only(&self) -> bool {
        self.children.iter().all(|node| match node {
            Node::Element(_) => true,
            Node::Text(text) => text.chars().all(|c| matches!(c, ' ' | '\t' | '\r' | '\n')),
        })
    }

    /// How many elements it holds that are so, itself included and at any depth.
    pub fn count(&self, is_so: &impl Fn(&Self) -> bool) -> usize {
        usize::from(is_so(self)) + self.elements().map(|element| element.count(is_so)).sum::<usize>()
    }
}
