//! Our cookies. All are `__Host-`: bound to this host, sent over TLS only, out of reach of scripts.

use axum::http::{HeaderMap, HeaderValue, header};

/// The signed-in browser.
pub(crate) const SESSION: &str = "__Host-sallyport";
/// The language somebody chose.
pub(crate) const LANGUAGE: &str = "__Host-sallyport-language";
/// How the last step is taken back.
pub(crate) const UNDO: &str = "__Host-sallyport-undo";
/// Between the two doors.
pub(crate) const STEP: &str = "__Host-sallyport-step";
/// On the way to the agent of the machine that a browser is on, and back.
pub(crate) const QUESTION: &str = "__Host-sallyport-question";
/// A browser that has proved which device it is on.
pub(crate) const DEVICE: &str = "__Host-sallyport-device";
/// Twin of the token in forms that are shown before anybody is signed in.
pub(crate) const FORM: &str = "__Host-sallyport-form";
/// At the prompt of an application.
pub(crate) const PROMPT: &str = "__Host-sallyport-prompt";
/// Between the QR code and the first code.
pub(crate) const ENROLLMENT: &str = "__Host-sallyport-enroll";

/// The value of a cookie, where it came exactly once: two of one name are a sign of somebody planting one.
pub(crate) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    sallyport_wire::http::cookie::find(lines, name)
}

/// Sets a cookie that ends with the browser's session.
pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    put(headers, &format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax"));
}

/// Sets a cookie for a few minutes.
pub(crate) fn set_for(headers: &mut HeaderMap, name: &str, value: &str, seconds: u32) {
    put(headers, &format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax"));
}

/// Sets a cookie for so long that no other site can make a browser send.
pub(crate) fn set_strictly(headers: &mut HeaderMap, name: &str, value: &str, seconds: u32) {
    put(headers, &format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict"));
}

pub(crate) fn clear(headers: &mut HeaderMap, name: &str) {
    put(headers, &format!("{name}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"));
}

fn put(headers: &mut HeaderMap, line: &str) {
    // Values are secrets of our own alphabet; anything else is not sent at all.
    if let Ok(mut value) = HeaderValue::from_str(line) {
        value.set_sensitive(true);
        headers.append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name_and_only_if_it_came_once() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; __Host-sallyport=x=y; b=2"));
        assert_eq!(find(&headers, SESSION), Some("x=y"));
        assert_eq!(find(&headers, STEP), None);
        headers.append(header::COOKIE, HeaderValue::from_static("__Host-sallyport=planted"));
        assert_eq!(find(&headers, SESSION), None);
    }
}
