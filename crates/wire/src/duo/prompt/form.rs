//! Parameters of a request wherever the SDKs put them: Python's token request has them all in its query, PHP's come as
//! `multipart/form-data` (RFC 7578), all others' as a form.

use super::super::params::{MAX_FORM, MAX_PARAMS, ParamError, Params};
use super::super::urlencoded::Pair;

/// Longest mark between parts (RFC 2046, section 5.1.1). Every part is searched for it.
const LONGEST_BOUNDARY: usize = 70;

/// The parameters of a request, none of them twice. `content_type` is the header of its body.
pub fn params(query: &str, content_type: Option<&str>, body: &[u8]) -> Result<Params, ParamError> {
    if query.len() > MAX_FORM || body.len() > MAX_FORM {
        return Err(ParamError::TooLarge);
    }
    let of_body = match content_type.and_then(boundary) {
        Some(boundary) => Params::from_pairs(multipart(body, boundary)?)?,
        None => Params::from_form(body)?,
    };
    let params = Params::from_query(query)?.and(of_body);
    params.says_nothing_twice()?;
    Ok(params)
}

/// What separates the parts, if the body has parts.
fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        name.eq_ignore_ascii_case("boundary")
            .then(|| value.trim_matches('"'))
            .filter(|value| (1..=LONGEST_BOUNDARY).contains(&value.len()))
    })
}

/// The fields in the order received. Whatever does not end as it should is an error, not a shorter form.
fn multipart(body: &[u8], boundary: &str) -> Result<Vec<Pair>, ParamError> {
    const BROKEN: ParamError = ParamError::Invalid("body");
    let mark = format!("--{boundary}");
    let between = format!("\r\n{mark}");
    let mut rest = body.strip_prefix(mark.as_bytes()).ok_or(BROKEN)?;
    let mut pairs = Vec::new();
    while !rest.starts_with(b"--") {
        if pairs.len() == MAX_PARAMS {
            return Err(ParamError::TooMany);
        }
        let part = rest.strip_prefix(b"\r\n").ok_or(BROKEN)?;
        let (head, after) = split(part, b"\r\n\r\n").ok_or(BROKEN)?;
        let (value, next) = split(after, between.as_bytes()).ok_or(BROKEN)?;
        let name = name(head).ok_or(BROKEN)?;
        pairs.push((name.as_bytes().to_vec(), value.to_vec()));
        rest = next;
    }
    Ok(pairs)
}

/// The name of a field in the lines above its value. A file is no field.
fn name(head: &[u8]) -> Option<&str> {
    let head = std::str::from_utf8(head).ok()?;
    let disposition = head.split("\r\n").find_map(|line| {
        let (header, value) = line.split_once(':')?;
        header.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let mut parameters = disposition.split(';').map(str::trim);
    let is_field = parameters.next()?.eq_ignore_ascii_case("form-data");
    let named: Vec<(&str, &str)> = parameters.filter_map(|parameter| parameter.split_once('=')).collect();
    match named.as_slice() {
        [(key, value)] if is_field && key.eq_ignore_ascii_case("name") => {
            value.strip_prefix('"')?.strip_suffix('"').filter(|name| !name.contains('"'))
        }
        _ => None,
    }
}

fn split<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    Some((bytes.get(..at)?, bytes.get(at + mark.len()..)?))
}
