//! The protocols of Duo, both ways.

use sallyport_crypto::Secret;
use sallyport_wire::duo::{
    Call, Params, Reply,
    auth::{
        Activation, AuthRequest, AuthResponse, AuthStatus, AuthStatusRequest, EnrollRequest, EnrollResponse,
        EnrollStatus, EnrollStatusRequest, PreauthRequest, PreauthResponse, PromptAnswer, TimeResponse,
        enrollment_digits, parse_pushinfo,
    },
    params::ParamError,
    rest_v1::{self, Format},
    signing::{Policy, Request, VerifyingKey, verify},
};

use crate::parts::{Sent, line};

/// Key and moment of the protocol's published examples, which are seeds.
const SKEY: &str = "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep";
const NOW: i64 = 1_345_570_158;
/// Under which one reads a parameter.
const NAME: &str = "a";

/// A signed request.
pub(crate) fn signing(bytes: &[u8]) -> bool {
    let Some(Sent { method, target, headers, body }) = Sent::read(bytes) else { return false };
    let request = Request { method, target, headers: &headers, body };
    let Ok(credentials) = request.credentials() else { return false };
    let [key, other] = [SKEY, "another"].map(|skey| VerifyingKey::from(&Secret::from(skey)));
    let hosts = ["public.example.org:8443".to_owned()];
    let mut holds = false;
    for policy in [Policy { allow_v1: true, public_hosts: &hosts }, Policy::default()] {
        let verified = verify(&request, &credentials, &key, &policy, NOW);
        assert!(verify(&request, &credentials, &other, &policy, NOW).is_err());
        holds |= verified.is_ok();
    }
    holds
}

/// Parameters, from wherever they may come.
pub(crate) fn params(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let all = [Params::from_query(text), Params::from_form(bytes), Params::from_json(bytes)];
    let mut understood = false;
    for params in all.into_iter().flatten() {
        understood |= !params.is_empty();
        let names: Vec<_> = params.names().collect();
        assert_eq!(names.is_empty(), params.is_empty());
        if let Ok(Some(text)) = params.text(NAME, 8) {
            assert!(text.len() <= 8 * 4);
        }
        if let Ok(Some(list)) = params.list(NAME) {
            assert!(list.len() <= sallyport_wire::duo::params::MAX_PARAMS);
        }
        let read =
            (params.json(NAME), params.string(NAME), params.line(NAME, 8), params.required_line(NAME, 8));
        let _ = (read, params.int(NAME), params.required_int(NAME), params.bool(NAME), params.is_set(NAME));
    }
    understood
}

/// An activation code. Its digits are digits, and it is written as it was read, but for what groups them.
pub(crate) fn activation(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let digits = enrollment_digits(text);
    assert!(
        digits
            .iter()
            .all(|digits| { (1..=64).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) })
    );
    let Some(read) = Activation::read(text) else { return false };
    assert!(Activation::read(&read.write()).is_some_and(|again| again == read));
    assert_eq!(digits, Some(read.digits).filter(|_| !read.is_phone));
    true
}

/// The questions of the Auth API and of the older one: parameters in, and out again as a client writes them.
pub(crate) fn requests(bytes: &[u8]) -> bool {
    let read = if bytes.starts_with(b"{") { Params::from_json(bytes) } else { Params::from_form(bytes) };
    let Ok(params) = read else { return false };
    let again = [
        same(&params, PreauthRequest::read, PreauthRequest::call),
        same(&params, AuthRequest::read, AuthRequest::call),
        same(&params, EnrollRequest::read, EnrollRequest::call),
        same(&params, EnrollStatusRequest::read, EnrollStatusRequest::call),
        same(&params, AuthStatusRequest::read, AuthStatusRequest::call),
    ];
    let older = [rest_v1::preauth_request(&params).is_ok(), rest_v1::auth_request(&params).is_ok()];
    if let Ok(Some(text)) = params.string("pushinfo") {
        let _ = parse_pushinfo(&text);
    }
    if let Ok(Some(text)) = params.string("auto") {
        let word = PromptAnswer::parse(&text).word();
        assert_eq!(PromptAnswer::parse(&word).word(), word);
    }
    again.into_iter().chain(older).any(|read| read)
}

/// What was read is asked, read and asked once more: both questions are the same.
fn same<R>(params: &Params, read: fn(&Params) -> Result<R, ParamError>, ask: fn(&R) -> Call) -> bool {
    let Ok(request) = read(params) else { return false };
    let asked = ask(&request);
    let sent = serde_json::to_vec(&asked.params).unwrap_or_default();
    let received = Params::from_json(&sent).and_then(|params| read(&params));
    assert!(received.is_ok_and(|request| ask(&request) == asked), "not read again as it was asked");
    true
}

/// The answers of a service, as a login component reads them: the question, the status, then the body.
pub(crate) fn answers(bytes: &[u8]) -> bool {
    let Some((first, body)) = line(bytes) else { return false };
    let Some((question, status)) = first.split_once(' ') else { return false };
    let Ok(status) = status.parse() else { return false };
    match question {
        "auth" => AuthResponse::parse(status, body).is_ok(),
        "auth_status" => AuthStatus::parse(status, body).is_ok(),
        "enroll" => EnrollResponse::parse(status, body).is_ok(),
        "enroll_status" => EnrollStatus::parse(status, body).is_ok(),
        "ping" => TimeResponse::parse(status, body).is_ok(),
        "preauth" => PreauthResponse::parse(status, body).is_ok(),
        _ => false,
    }
}

/// Answers of the older API: what no client takes for an outage, and BSON whose length is its own.
pub(crate) fn bson(bytes: &[u8]) -> bool {
    let Some((status, body)) = line(bytes) else { return false };
    let (Ok(status), Ok(body)) = (status.parse(), std::str::from_utf8(body)) else { return false };
    let reply = rest_v1::closed(Reply { status, body: body.to_owned() });
    assert!(reply.status != 401 && !(500..600).contains(&reply.status));
    let (written, bytes) = Format::Bson.write(reply);
    let length = bytes.first_chunk::<4>().map(|length| i32::from_le_bytes(*length));
    let whole = length.is_some_and(|length| usize::try_from(length) == Ok(bytes.len()));
    assert!(whole || (bytes.is_empty() && written == 403));
    whole
}
