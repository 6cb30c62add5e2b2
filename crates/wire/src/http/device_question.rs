//! What a browser asks the agent of the machine that it is on: to say for whoever sent it that this is a device of theirs. Any page
//! of any site can send a browser here, and any program of the machine can pretend to be one.

/// The path that is asked for.
pub const PATH: &str = "/prove";
/// Longest head of a request that is looked at, in bytes.
pub const LONGEST: usize = 8 * 1024;

const MOST_HEADERS: usize = 64;
const LONGEST_ORIGIN: usize = 255;
/// How long a challenge is, in hexadecimal digits.
const CHALLENGE: usize = 64;

/// A question, and where its answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// 64 hexadecimal digits.
    pub challenge: String,
    /// `https://host` or `https://host:port`.
    pub origin: String,
}

/// Why a request is no question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoQuestion {
    #[error("the request has not come whole")]
    Partial,
    #[error("this is no request that a browser makes of an agent")]
    Malformed,
    #[error("a script, a frame or a prefetch asks, and not a browser on its way")]
    NotOnItsWay,
}

/// The address of a question for the agent on the machine where it is opened. `origin`: ours, as browsers write it.
#[must_use]
pub fn address(port: u16, challenge: &str, origin: &str) -> String {
    format!("http://127.0.0.1:{port}{PATH}?challenge={challenge}&origin={origin}")
}

/// Reads the head of a request to the agent that listens on this port.
///
/// # Errors
/// [`NoQuestion::Partial`] until the head ends; then for everything but the navigation of a window to [`address`]. Where a browser
/// says how it came to ask (W3C Fetch Metadata, `Sec-Fetch-*`), it has to be that; old browsers say nothing.
pub fn question(head: &[u8], port: u16) -> Result<Question, NoQuestion> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(head) {
        Ok(status) if status.is_complete() => {}
        Ok(_) if head.len() < LONGEST => return Err(NoQuestion::Partial),
        Ok(_) | Err(_) => return Err(NoQuestion::Malformed),
    }
    let named = |name: &str| {
        let mut all = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
        (all.next().map(|header| header.value), all.next().is_some())
    };
    // A name that leads to this machine by somebody else's name service is no name of it.
    let host = format!("127.0.0.1:{port}");
    if request.method != Some("GET") || named("host") != (Some(host.as_bytes()), false) {
        return Err(NoQuestion::Malformed);
    }
    let is = |name, wanted: &[u8]| named(name).0.is_none_or(|value| value == wanted);
    let foreseen = named("sec-purpose").0.is_some() || named("purpose").0.is_some();
    if !is("sec-fetch-mode", b"navigate") || !is("sec-fetch-dest", b"document") || foreseen {
        return Err(NoQuestion::NotOnItsWay);
    }
    let query = request.path.and_then(|path| path.strip_prefix(PATH)?.strip_prefix("?challenge="));
    let (challenge, origin) =
        query.and_then(|query| query.split_once("&origin=")).ok_or(NoQuestion::Malformed)?;
    if !is_challenge(challenge) || !is_origin(origin) {
        return Err(NoQuestion::Malformed);
    }
    Ok(Question { challenge: challenge.to_owned(), origin: origin.to_owned() })
}

/// Whether this is a challenge as [`address`] carries it.
#[must_use]
pub fn is_challenge(text: &str) -> bool {
    text.len() == CHALLENGE && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether an answer can be led back there: nothing in it ends the host early or changes it.
fn is_origin(text: &str) -> bool {
    let plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']')
    };
    let host = text.strip_prefix("https://").unwrap_or_default();
    !host.is_empty() && text.len() <= LONGEST_ORIGIN && host.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORT: u16 = 47_653;

    fn asked(line: &str, headers: &str) -> Result<Question, NoQuestion> {
        question(format!("{line} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n{headers}\r\n").as_bytes(), PORT)
    }

    fn line(origin: &str) -> String {
        let address = address(PORT, &"0a".repeat(32), origin);
        format!("GET {}", address.strip_prefix("http://127.0.0.1:47653").unwrap())
    }

    #[test]
    fn a_window_on_its_way_asks() {
        let ours = "https://sallyport.example.com:8443";
        let expected = Question { challenge: "0a".repeat(32), origin: ours.into() };
        let says = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Site: cross-site\r\n";
        for headers in ["", says, "Accept: text/html\r\n"] {
            assert_eq!(asked(&line(ours), headers), Ok(expected.clone()));
        }
        let head = format!("{} HTTP/1.1\r\nHost: 127.0", line(ours));
        assert_eq!(question(head.as_bytes(), PORT), Err(NoQuestion::Partial));
        let long = format!("{head}{}", "x".repeat(LONGEST));
        assert_eq!(question(long.as_bytes(), PORT), Err(NoQuestion::Malformed));
    }

    #[test]
    fn scripts_frames_and_prefetches_do_not() {
        for header in [
            "Sec-Fetch-Mode: cors",
            "Sec-Fetch-Mode: no-cors",
            "Sec-Fetch-Dest: iframe",
            "Sec-Fetch-Dest: image",
            "Sec-Purpose: prefetch",
            "Purpose: prefetch",
        ] {
            let found = asked(&line("https://x.example"), &format!("{header}\r\n"));
            assert_eq!(found, Err(NoQuestion::NotOnItsWay), "{header}");
        }
    }

    #[test]
    fn nothing_else_is_a_question() {
        let good = line("https://x.example");
        for bad in [
            good.replace("GET", "POST"),
            good.replace("0a", "0A"),
            good.replacen("0a", "", 1),
            good.replace("/prove", "/prove/"),
            good.replace("?challenge", "?x&challenge"),
        ] {
            assert_eq!(asked(&bad, ""), Err(NoQuestion::Malformed), "{bad}");
        }
        for origin in [
            "http://x.example",
            "https://",
            "https://x.example/",
            "https://x.example?",
            "https://x.example#",
            "https://x@y.example",
            "https://x%2fy",
            "https://X.example",
            "https://x.example\\",
        ] {
            assert_eq!(asked(&line(origin), ""), Err(NoQuestion::Malformed), "{origin}");
        }
        for host in ["localhost:47653", "127.0.0.1", "127.0.0.1:1", "rebound.example:47653"] {
            let head = format!("{good} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            assert_eq!(question(head.as_bytes(), PORT), Err(NoQuestion::Malformed), "{host}");
        }
        let twice = format!("Host: 127.0.0.1:{PORT}\r\n");
        assert_eq!(asked(&good, &twice), Err(NoQuestion::Malformed));
    }
}
