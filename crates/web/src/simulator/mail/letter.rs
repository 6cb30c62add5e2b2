//! A letter as people read it: its subject and its text, out of the encodings that mail travels in (RFC 2045, RFC 2047).

use serde::Serialize;

/// A letter that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    pub from: String,
    pub to: String,
    pub subject: String,
    pub text: String,
}

impl Letter {
    /// What cannot be read stays as it came.
    pub(super) fn read(from: &str, to: &[String], raw: &str) -> Self {
        let (head, body) = raw.split_once("\n\n").unwrap_or((raw, ""));
        // A line that begins with a blank goes on with the one before.
        let head = head.replace("\n ", " ").replace("\n\t", " ");
        let header = |name: &str| {
            let found = head.lines().filter_map(|line| line.split_once(':'));
            let mut found = found.filter(|(given, _)| given.eq_ignore_ascii_case(name));
            found.next().map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        let text = match header("content-transfer-encoding").to_ascii_lowercase().as_str() {
            "base64" => base64(&body.replace('\n', "")).unwrap_or_else(|| body.to_owned()),
            "quoted-printable" => quoted_printable(&body.replace("=\n", "")),
            _ => body.to_owned(),
        };
        Self {
            from: from.to_owned(),
            to: to.join(", "),
            subject: decoded_words(&header("subject")),
            text: text.replace("\r\n", "\n"),
        }
    }

    /// The text line by line, and whether a line is nothing but a link.
    pub(super) fn lines(&self) -> Vec<(&str, bool)> {
        let is_link = |line: &str| {
            (line.starts_with("https://") || line.starts_with("http://"))
                && !line.contains(char::is_whitespace)
        };
        self.text.lines().map(|line| (line, is_link(line))).collect()
    }
}

fn base64(text: &str) -> Option<String> {
    String::from_utf8(data_encoding::BASE64.decode(text.as_bytes()).ok()?).ok()
}

fn quoted_printable(text: &str) -> String {
    let mut parts = text.split('=');
    let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                out.extend_from_slice(part.get(2..).unwrap_or_default().as_bytes());
            }
            None => {
                out.push(b'=');
                out.extend_from_slice(part.as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Words of the form `=?utf-8?b?...?=` or `=?utf-8?q?...?=` among others; blanks between two of them are none.
fn decoded_words(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("=?") {
        // The text of a word may begin with `=`, so its end is looked for behind what comes before that.
        let parts: Vec<&str> = after.splitn(3, '?').collect();
        let [charset, how, text] = parts[..] else { break };
        let Some((text, behind)) = text.split_once("?=") else { break };
        let decoded = match how {
            "b" | "B" => base64(text),
            "q" | "Q" => Some(quoted_printable(&text.replace('_', " "))),
            _ => None,
        };
        let decoded = decoded.filter(|_| charset.eq_ignore_ascii_case("utf-8"));
        let Some(decoded) = decoded else { break };
        if out.is_empty() || !before.trim().is_empty() {
            out.push_str(before);
        }
        out.push_str(&decoded);
        rest = behind;
    }
    out.push_str(rest);
    out
}
