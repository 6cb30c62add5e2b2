//! The envelope around every answer: `{"stat":"OK",...}` or `{"stat":"FAIL",...}`.
//!
//! Clients raise on any status but 200, and the first three digits of a failure's code are its status, so
//! the two are made together here and cannot disagree.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::params::ParamError;
use super::signing::SignatureError;
use super::text::printable_line;

/// The exact content type of every JSON answer; one client refuses it with a charset.
pub const CONTENT_TYPE: &str = "application/json";
/// The most bytes an answer from a service may have.
pub const MAX_RESPONSE: usize = 1024 * 1024;

/// The failures a server of this protocol answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    MissingParameters,
    InvalidParameters,
    MissingCredentials,
    InvalidKey,
    InvalidSignature,
    MissingTimestamp,
    BadTimestamp,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    TooManyRequests,
    Internal,
}

impl Code {
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::MissingParameters => 40001,
            Self::InvalidParameters => 40002,
            Self::MissingCredentials => 40101,
            Self::InvalidKey => 40102,
            Self::InvalidSignature => 40103,
            Self::MissingTimestamp => 40104,
            Self::BadTimestamp => 40105,
            Self::Forbidden => 40301,
            Self::NotFound => 40401,
            Self::MethodNotAllowed => 40501,
            Self::TooManyRequests => 42901,
            Self::Internal => 50000,
        }
    }

    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::MissingParameters => "Missing required request parameters",
            Self::InvalidParameters => "Invalid request parameters",
            Self::MissingCredentials => "Missing request credentials",
            Self::InvalidKey => "Invalid integration key in request credentials",
            Self::InvalidSignature => "Invalid signature in request credentials",
            Self::MissingTimestamp => "Missing request timestamp",
            Self::BadTimestamp => "Bad request timestamp",
            Self::Forbidden => "Access forbidden",
            Self::NotFound => "Resource not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::TooManyRequests => "Too Many Requests",
            Self::Internal => "Internal server error",
        }
    }
}

/// A failure as it travels. As a client we take any code, so it is a number here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} ({code})")]
pub struct ApiError {
    pub code: u32,
    pub message: Cow<'static, str>,
    /// Usually the name of the offending parameter.
    pub detail: Option<String>,
}

impl ApiError {
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self { code: code.number(), message: Cow::Borrowed(code.message()), detail: None }
    }

    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The HTTP status: the first three digits of the code.
    #[must_use]
    pub fn status(&self) -> u16 {
        u16::try_from(self.code / 100).ok().filter(|status| (400..600).contains(status)).unwrap_or(500)
    }
}

impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<ParamError> for ApiError {
    fn from(error: ParamError) -> Self {
        match error {
            ParamError::Missing(name) => Self::new(Code::MissingParameters).with_detail(name),
            ParamError::Invalid(name) | ParamError::Repeated(name) => {
                Self::new(Code::InvalidParameters).with_detail(name)
            }
            ParamError::NotJson | ParamError::NotUtf8 | ParamError::TooLarge | ParamError::TooMany => {
                Self::new(Code::InvalidParameters).with_detail(error.to_string())
            }
        }
    }
}

impl From<SignatureError> for ApiError {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::CredentialsMissing => Code::MissingCredentials.into(),
            SignatureError::DateInvalid => Code::BadTimestamp.into(),
            SignatureError::DateMissing => Code::MissingTimestamp.into(),
            SignatureError::KeyUnknown => Code::InvalidKey.into(),
            SignatureError::Mismatch => Code::InvalidSignature.into(),
            SignatureError::Params(error) => error.into(),
        }
    }
}

/// Where a page of a list stands in the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Page {
    pub total_objects: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev_offset: Option<u64>,
}

/// A whole answer: HTTP status and JSON body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub body: String,
}

impl Reply {
    /// Whether clients take this for an outage, upon which they let people in if they are set to fail safe.
    pub(super) const fn reads_as_outage(&self) -> bool {
        self.status == 401 || self.status >= 500
    }

    /// A failure of a call that decides a login, told so that no client takes it for an outage. The code in the body stays,
    /// by which the clock is set right.
    #[must_use]
    pub fn closed(self) -> Self {
        if self.reads_as_outage() { Self { status: 403, ..self } } else { self }
    }

    #[must_use]
    pub fn ok(response: &impl Serialize) -> Self {
        Self::success(response, None)
    }

    /// A success with nothing to say, which is an empty text.
    #[must_use]
    pub fn empty() -> Self {
        Self::ok(&"")
    }

    /// One page of a list.
    #[must_use]
    pub fn page(items: &impl Serialize, page: Page) -> Self {
        Self::success(items, Some(page))
    }

    fn success(response: &impl Serialize, metadata: Option<Page>) -> Self {
        #[derive(Serialize)]
        struct Success<'a, T> {
            stat: &'static str,
            response: &'a T,
            #[serde(skip_serializing_if = "Option::is_none")]
            metadata: Option<Page>,
        }
        match serde_json::to_string(&Success { stat: "OK", response, metadata }) {
            Ok(body) => Self { status: 200, body },
            Err(_) => ApiError::new(Code::Internal).into(),
        }
    }
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        let mut body = json!({ "stat": "FAIL", "code": error.code, "message": error.message });
        if let (Some(object), Some(detail)) = (body.as_object_mut(), &error.detail) {
            object.insert("message_detail".to_owned(), Value::String(detail.clone()));
        }
        Self { status: error.status(), body: body.to_string() }
    }
}

/// Why an answer of a service is no success, named by what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// Wait and send again.
    #[error("the service is busy")]
    Busy,
    /// The answer is not in this protocol, or says two things at once.
    #[error("the service gave an answer that cannot be understood")]
    Malformed,
    /// The service says no to the request as such: keys, clock or parameters are wrong.
    #[error("the service refused the request: {0}")]
    Refused(ApiError),
    /// Not a success, and no reason that could be read.
    #[error("the service answered with status {0}")]
    Status(u16),
}

/// Reads an answer. Only status 200 together with `stat` `OK` is a success.
pub fn parse<T: DeserializeOwned>(status: u16, body: &[u8]) -> Result<T, ResponseError> {
    if status == 429 {
        return Err(ResponseError::Busy);
    }
    let envelope =
        (body.len() <= MAX_RESPONSE).then(|| serde_json::from_slice::<Envelope>(body).ok()).flatten();
    match envelope {
        Some(Envelope { stat: Stat::Ok, response: Some(response), .. }) if status == 200 => {
            serde_json::from_value(response).map_err(|_| ResponseError::Malformed)
        }
        Some(Envelope { stat: Stat::Fail, code: Some(code), message, message_detail, .. }) => {
            Err(ResponseError::Refused(ApiError {
                code: code.number().ok_or(ResponseError::Malformed)?,
                message: Cow::Owned(printable_line(&message.unwrap_or_default(), 500)),
                detail: message_detail.map(|detail| printable_line(&detail, 500)),
            }))
        }
        Some(_) | None if status == 200 => Err(ResponseError::Malformed),
        Some(_) | None => Err(ResponseError::Status(status)),
    }
}

/// One page of a list, and where the next one begins, as the service says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageOf<T> {
    pub items: Vec<T>,
    pub next_offset: Option<u64>,
    pub total_objects: Option<u64>,
}

/// Reads an answer that is a page of a list. An item that cannot be read makes the whole unreadable: who is left out of a
/// list might be taken for somebody who is not there.
pub fn parse_page<T: DeserializeOwned>(status: u16, body: &[u8]) -> Result<PageOf<T>, ResponseError> {
    #[derive(Deserialize)]
    struct Paged {
        metadata: Option<Metadata>,
    }
    #[derive(Deserialize)]
    struct Metadata {
        next_offset: Option<LooseCode>,
        total_objects: Option<LooseCode>,
    }
    let items: Vec<T> = parse(status, body)?;
    let paged: Paged = serde_json::from_slice(body).map_err(|_| ResponseError::Malformed)?;
    let number = |given: Option<LooseCode>| match given {
        None => Ok(None),
        Some(given) => given.number().map(|n| Some(u64::from(n))).ok_or(ResponseError::Malformed),
    };
    let (next, total) = paged.metadata.map_or((None, None), |said| (said.next_offset, said.total_objects));
    Ok(PageOf { items, next_offset: number(next)?, total_objects: number(total)? })
}

#[derive(Deserialize)]
struct Envelope {
    stat: Stat,
    response: Option<Value>,
    code: Option<LooseCode>,
    message: Option<String>,
    message_detail: Option<String>,
}

#[derive(Deserialize)]
enum Stat {
    #[serde(rename = "OK")]
    Ok,
    #[serde(rename = "FAIL")]
    Fail,
}

/// A code as number, or as text of digits.
#[derive(Deserialize)]
#[serde(untagged)]
enum LooseCode {
    Number(u32),
    Text(String),
}

impl LooseCode {
    fn number(&self) -> Option<u32> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_and_failure_have_the_documented_shape() {
        assert_eq!(Reply::ok(&json!({"time": 5})).body, r#"{"stat":"OK","response":{"time":5}}"#);
        assert_eq!(Reply::empty().body, r#"{"stat":"OK","response":""}"#);
        let page = Page { total_objects: 3, next_offset: Some(2), prev_offset: None };
        assert_eq!(
            Reply::page(&[1, 2], page).body,
            r#"{"stat":"OK","response":[1,2],"metadata":{"total_objects":3,"next_offset":2}}"#
        );
        let reply = Reply::from(ApiError::from(ParamError::Invalid("username")));
        assert_eq!(reply.status, 400);
        assert_eq!(
            serde_json::from_str::<Value>(&reply.body).unwrap(),
            json!({"stat":"FAIL","code":40002,"message":"Invalid request parameters","message_detail":"username"})
        );
    }

    #[test]
    fn what_decides_a_login_is_never_told_as_an_outage() {
        for code in [Code::InvalidKey, Code::InvalidSignature, Code::BadTimestamp, Code::Internal] {
            let reply = Reply::from(ApiError::from(code));
            let closed = reply.clone().closed();
            assert_eq!((closed.status, closed.body), (403, reply.body), "{code:?}");
        }
        for code in [Code::MissingParameters, Code::Forbidden, Code::NotFound, Code::TooManyRequests] {
            let reply = Reply::from(ApiError::from(code));
            assert_eq!(reply.clone().closed(), reply, "{code:?}");
        }
        assert_eq!(Reply::empty().closed(), Reply::empty());
    }

    #[test]
    fn every_signature_error_has_its_code() {
        let codes = [
            (SignatureError::CredentialsMissing, 40101),
            (SignatureError::KeyUnknown, 40102),
            (SignatureError::Mismatch, 40103),
            (SignatureError::DateMissing, 40104),
            (SignatureError::DateInvalid, 40105),
        ];
        for (error, code) in codes {
            let api = ApiError::from(error);
            assert_eq!((api.code, api.status()), (code, 401));
        }
        assert_eq!(ApiError::from(SignatureError::Params(ParamError::Missing("txid"))).code, 40001);
    }

    #[test]
    fn only_200_with_ok_is_a_success() {
        let read = |status, body: &str| parse::<Value>(status, body.as_bytes());
        assert_eq!(read(200, r#"{"stat":"OK","response":""}"#), Ok(json!("")));
        assert_eq!(read(201, r#"{"stat":"OK","response":""}"#), Err(ResponseError::Status(201)));
        assert_eq!(read(200, r#"{"stat":"ok","response":""}"#), Err(ResponseError::Malformed));
        assert_eq!(read(200, r#"{"response":""}"#), Err(ResponseError::Malformed));
        assert_eq!(read(200, "<html>"), Err(ResponseError::Malformed));
        assert_eq!(read(502, "<html>"), Err(ResponseError::Status(502)));
        assert_eq!(read(429, "anything"), Err(ResponseError::Busy));
    }

    #[test]
    fn a_refusal_keeps_code_and_detail_without_control_characters() {
        let body = br#"{"stat":"FAIL","code":"40002","message":"Bad\u001b[0m","message_detail":"username"}"#;
        let Err(ResponseError::Refused(error)) = parse::<Value>(400, body) else { panic!("not refused") };
        assert_eq!((error.code, error.message.as_ref()), (40002, "Bad[0m"));
        assert_eq!(error.detail.as_deref(), Some("username"));
        assert!(matches!(parse::<Value>(200, body), Err(ResponseError::Refused(_))));
    }
}
