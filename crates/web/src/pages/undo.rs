//! The way back from what was just done, where there is one: a button beside the notice, which posts the inverse. It names the
//! version that was left behind, so whatever has changed since is not overwritten.
//!
//! What the button would do travels in a cookie of ours and not in the address: nobody can make somebody a link that shows
//! them a button of another's choosing. It is for the one page that the step led to, and for a few minutes.

use axum::{
    extract::Query,
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Redirect, Response},
};

use super::{cookie, fields::encode};

/// How long it is offered, in seconds.
const OFFERED: u32 = 300;
/// Longest cookie; a way back that needs more words is not offered.
const LONGEST: usize = 3000;

/// The form that takes the last step back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Undo {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Undo {
    pub(crate) fn new(action: impl Into<String>) -> Self {
        Self { action: action.into(), fields: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.fields.push((name.to_owned(), value.to_string()));
        self
    }

    /// The same with a field that may have no value.
    pub(crate) fn with_some(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// To a page that says what was done, and how it is undone.
    pub(crate) fn beside(self, page: &str) -> Response {
        let on = page.split('?').next().unwrap_or_default();
        let pairs = [("on", on), ("action", self.action.as_str())].into_iter();
        let pairs = pairs.chain(self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let value: Vec<String> =
            pairs.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let value = value.join("&");
        let mut response = Redirect::to(page).into_response();
        if value.len() <= LONGEST {
            cookie::set_strictly(response.headers_mut(), cookie::UNDO, &value, OFFERED);
        }
        response
    }

    /// What the page at this address offers.
    pub(crate) fn of(headers: &HeaderMap, uri: &Uri) -> Option<Self> {
        let is_after_a_step = uri.query()?.split('&').any(|pair| pair.starts_with("done="));
        let value = cookie::find(headers, cookie::UNDO).filter(|_| is_after_a_step)?;
        let pairs = format!("/?{value}").parse().ok()?;
        let mut pairs = Query::<Vec<(String, String)>>::try_from_uri(&pairs).ok()?.0.into_iter();
        let (on, action) = (pairs.next()?, pairs.next()?);
        let is_ours = on.0 == "on" && on.1 == uri.path() && action.0 == "action" && action.1.starts_with('/');
        (is_ours && !action.1.starts_with("//")).then(|| Self { action: action.1, fields: pairs.collect() })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header};

    use super::*;

    fn offered(cookie: &str, uri: &str) -> Option<Undo> {
        let mut headers = HeaderMap::new();
        let line = format!("{}={cookie}", cookie::UNDO);
        headers.append(header::COOKIE, HeaderValue::from_str(&line).unwrap());
        Undo::of(&headers, &uri.parse().unwrap())
    }

    #[test]
    fn a_way_back_stands_on_the_page_that_the_step_led_to_and_nowhere_else() {
        let undo = Undo::new("/admin/users/usr_1/activate").with("version", 7).with("name", "a&b=c; d");
        let response = undo.clone().beside("/admin/users/usr_1?done=suspended");
        let set = response.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(set.contains("; Max-Age=300; Secure; HttpOnly; SameSite=Strict"), "{set}");
        let value = set.split_once('=').unwrap().1.split(';').next().unwrap();
        assert_eq!(offered(value, "/admin/users/usr_1?done=suspended"), Some(undo));
        for elsewhere in ["/admin/users/usr_1", "/admin/users/usr_2?done=suspended", "/admin?done=x"] {
            assert_eq!(offered(value, elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn what_is_no_way_back_of_ours_is_none() {
        for strange in
            ["", "on=/x", "on=/x&action=//evil.example", "action=/y&on=/x", "on=/x&action=https:", "%"]
        {
            assert_eq!(offered(strange, "/x?done=saved"), None, "{strange}");
        }
    }

    #[test]
    fn a_way_back_that_needs_too_many_words_is_not_offered() {
        let response = Undo::new("/y").with("text", "x".repeat(LONGEST)).beside("/x?done=saved");
        assert!(!response.headers().contains_key(header::SET_COOKIE));
    }
}
