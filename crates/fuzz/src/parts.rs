//! Inputs of several parts, written so that a seed can be read and edited: lines first, then the rest.

/// The first line, as text, and what is behind it.
pub(crate) fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at(end);
    Some((std::str::from_utf8(line).ok()?, rest.get(1..)?))
}

/// A request: its line, its headers, an empty line, its body.
pub(crate) struct Sent<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) headers: Vec<(&'a str, &'a [u8])>,
    pub(crate) body: &'a [u8],
}

impl<'a> Sent<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (first, mut rest) = line(bytes)?;
        let (method, target) = first.split_once(' ')?;
        let mut headers = Vec::new();
        loop {
            let (header, after) = line(rest)?;
            rest = after;
            if header.is_empty() {
                return Some(Self { method, target, headers, body: rest });
            }
            let (name, value) = header.split_once(": ")?;
            headers.push((name, value.as_bytes()));
        }
    }
}
