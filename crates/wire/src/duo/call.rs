//! A call as the client means it, before it is signed and put on a connection.

use std::{borrow::Cow, collections::BTreeMap, fmt};

/// The two methods of the Auth API, and one more of the Admin API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Delete,
    Get,
    Post,
}

impl Method {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// Method, path and parameters. Where the parameters travel depends on the signature version.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    pub method: Method,
    pub path: Cow<'static, str>,
    pub params: BTreeMap<String, String>,
}

impl Call {
    #[must_use]
    pub const fn get(path: &'static str) -> Self {
        Self { method: Method::Get, path: Cow::Borrowed(path), params: BTreeMap::new() }
    }

    #[must_use]
    pub const fn post(path: &'static str) -> Self {
        Self { method: Method::Post, path: Cow::Borrowed(path), params: BTreeMap::new() }
    }

    /// A call whose path names what it is about.
    #[must_use]
    pub const fn at(method: Method, path: String) -> Self {
        Self { method, path: Cow::Owned(path), params: BTreeMap::new() }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a parameter if there is a value.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds `1` if the flag is set; an unset flag is not sent, as its default is off.
    #[must_use]
    pub fn with_flag(self, name: &str, is_set: bool) -> Self {
        self.with_some(name, is_set.then_some("1"))
    }
}

/// Shows names only, because values may be passcodes.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?}", self.method.as_str(), self.path, self.params.keys().collect::<Vec<_>>())
    }
}
