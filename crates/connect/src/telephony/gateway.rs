//! A gateway of whatever kind: one HTTP request, written from a template.
//!
//! What a placeholder stands for is written as the place needs it, so a text cannot become another field, another header
//! or another path.

use sallyport_crypto::Secret;
use sallyport_model::{
    PhoneNumber,
    telephony::{GatewayContent, GatewayMethod, Header, Provider},
};
use sallyport_wire::twilio::Form;

use super::{Carrier, PATIENCE, TelephonyError, failed};
use crate::{
    http::{Call, Method},
    outbound::{Outbound, Url},
};

/// Headers that say how a request is framed, or whom it is for.
const OURS: [&str; 8] =
    ["connection", "content-length", "content-type", "host", "te", "trailer", "transfer-encoding", "upgrade"];
const MOST_HEADERS: usize = 16;
const LONGEST_TEMPLATE: usize = 4096;

/// What a template's placeholders stand for.
struct Filling<'a> {
    to: &'a str,
    text: &'a str,
    from: &'a str,
    secret: &'a Secret,
}

#[derive(Clone, Copy)]
enum Place {
    Header,
    Json,
    Plain,
    /// A URL, or a form.
    Percent,
}

pub(super) async fn text(
    carrier: &Carrier<'_>,
    to: &PhoneNumber,
    text: &str,
    outbound: &Outbound,
) -> Result<(), TelephonyError> {
    let Provider::Gateway { method, url, headers, content_type, body } = carrier.provider else {
        return Err(TelephonyError::Misconfigured("that is no gateway".into()));
    };
    let filling = Filling { to: to.as_str(), text, from: carrier.sender, secret: carrier.secret };
    let url: Url = filling.fill(url, Place::Percent).expose().parse().map_err(failed)?;
    let filled: Vec<(&str, Secret)> = headers
        .iter()
        .map(|header| (header.name.as_str(), filling.fill(&header.value, Place::Header)))
        .collect();
    let headers: Vec<(&str, &str)> = filled.iter().map(|(name, value)| (*name, value.expose())).collect();
    let (method, body) = match method {
        GatewayMethod::Get => (Method::GET, None),
        GatewayMethod::Post => {
            let body = filling.fill(body, place_of(*content_type));
            (Method::POST, Some((media_type(*content_type), body.expose().as_bytes().to_vec())))
        }
    };
    let call = Call { method, path: url.path(), headers: &headers, body };
    let response = outbound.send(&url, call, PATIENCE).await.map_err(failed)?;
    let said = format!("the gateway answered {}", response.status);
    match response.status {
        200..=299 => Ok(()),
        401 | 403 | 404 | 405 => Err(TelephonyError::Misconfigured(said)),
        429 | 500..=599 => Err(TelephonyError::Unavailable(said)),
        _ => Err(TelephonyError::Refused(said)),
    }
}

/// Why a template cannot be used, with the field it is about.
///
/// # Errors
/// One of its parts is not what it has to be.
pub fn check(provider: &Provider) -> Result<(), (&'static str, String)> {
    let Provider::Gateway { method, url, headers, content_type, body } = provider else { return Ok(()) };
    let filling = Filling { to: "+15550100", text: "1", from: "+15550101", secret: &Secret::from("secret") };
    if url.contains("{secret}") {
        let text = "a secret in a URL ends up in logs; put `{secret}` into a header or the body";
        return Err(("telephony.provider.url", text.into()));
    }
    let filled = filling.fill(url, Place::Percent);
    filled.expose().parse::<Url>().map_err(|error| ("telephony.provider.url", error.to_string()))?;
    let host = url.split_once("://").map_or("", |(_, rest)| rest).split(['/', '?']).next();
    if host.is_some_and(|host| host.contains('{')) {
        return Err(("telephony.provider.url", "the host must be written out".into()));
    }
    if headers.len() > MOST_HEADERS {
        return Err(("telephony.provider.headers", format!("at most {MOST_HEADERS}")));
    }
    for Header { name, value } in headers {
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        let usable = (1..=64).contains(&name.len())
            && name.bytes().all(token)
            && !OURS.contains(&name.to_ascii_lowercase().as_str());
        if !usable || value.len() > LONGEST_TEMPLATE || value.chars().any(char::is_control) {
            return Err(("telephony.provider.headers", format!("`{name}` cannot be sent")));
        }
    }
    if body.len() > LONGEST_TEMPLATE {
        return Err(("telephony.provider.body", format!("at most {LONGEST_TEMPLATE} bytes")));
    }
    let says = |what: &str| url.contains(what) || (*method == GatewayMethod::Post && body.contains(what));
    if !says("{to}") || !says("{text}") {
        return Err((
            "telephony.provider.body",
            "must have `{to}` and `{text}` in it, or the URL must".into(),
        ));
    }
    let json = filling.fill(body, Place::Json);
    let is_json = serde_json::from_str::<serde_json::Value>(json.expose()).is_ok();
    if *method == GatewayMethod::Post && *content_type == GatewayContent::Json && !is_json {
        let text = "is no JSON once it is filled in; placeholders stand inside quotes";
        return Err(("telephony.provider.body", text.into()));
    }
    Ok(())
}

impl Filling<'_> {
    /// The template with everything in its place, in one pass: what is filled in is not looked at again.
    fn fill(&self, template: &str, place: Place) -> Secret {
        let mut out = String::with_capacity(template.len() + self.text.len());
        let mut rest = template;
        while let Some(at) = rest.find('{') {
            let (before, from_here) = rest.split_at(at);
            out.push_str(before);
            let known = [
                ("{to}", self.to),
                ("{text}", self.text),
                ("{from}", self.from),
                ("{secret}", self.secret.expose()),
            ];
            match known.into_iter().find(|(name, _)| from_here.starts_with(name)) {
                Some((name, value)) => {
                    out.push_str(&place.write(value));
                    rest = from_here.get(name.len()..).unwrap_or_default();
                }
                None => {
                    out.push('{');
                    rest = from_here.get(1..).unwrap_or_default();
                }
            }
        }
        out.push_str(rest);
        Secret::new(out)
    }
}

impl Place {
    fn write(self, value: &str) -> String {
        match self {
            Self::Header => value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
            Self::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
            }
            Self::Plain => value.to_owned(),
            Self::Percent => Form::default().with("", value).encode().trim_start_matches('=').to_owned(),
        }
    }
}

const fn place_of(content: GatewayContent) -> Place {
    match content {
        GatewayContent::Form => Place::Percent,
        GatewayContent::Json => Place::Json,
        GatewayContent::Text => Place::Plain,
    }
}

const fn media_type(content: GatewayContent) -> &'static str {
    match content {
        GatewayContent::Form => "application/x-www-form-urlencoded",
        GatewayContent::Json => "application/json",
        GatewayContent::Text => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gateway(url: &str, body: &str) -> Provider {
        Provider::Gateway {
            method: GatewayMethod::Post,
            url: url.into(),
            headers: vec![Header { name: "Authorization".into(), value: "Bearer {secret}".into() }],
            content_type: GatewayContent::Json,
            body: body.into(),
        }
    }

    const BODY: &str = r#"{"to":"{to}","message":"{text}","from":"{from}"}"#;

    #[test]
    fn what_is_filled_in_stays_where_it_was_put() {
        let secret = Secret::from("s3cr\"et");
        let filling = Filling { to: "+15550100", text: "a\"b{secret}&c\n", from: "x y", secret: &secret };
        let json = filling.fill(BODY, Place::Json);
        let value: serde_json::Value = serde_json::from_str(json.expose()).unwrap();
        assert_eq!(value["message"], "a\"b{secret}&c\n", "and a placeholder in the text is text");
        assert_eq!(value["to"], "+15550100");
        let url = filling.fill("https://a.example/{to}?t={text}&f={from}", Place::Percent);
        assert_eq!(url.expose(), "https://a.example/%2B15550100?t=a%22b%7Bsecret%7D%26c%0A&f=x%20y");
        assert_eq!(filling.fill("a{b}{{to}", Place::Plain).expose(), "a{b}{+15550100");
        assert_eq!(filling.fill("{text}", Place::Header).expose(), "a\"b{secret}&c ");
    }

    #[test]
    fn a_template_is_checked_before_it_is_needed() {
        assert_eq!(check(&gateway("https://a.example/send", BODY)), Ok(()));
        for (provider, field) in [
            (gateway("ftp://a.example", BODY), "telephony.provider.url"),
            (gateway("https://{to}.example/", BODY), "telephony.provider.url"),
            (gateway("https://a.example/?key={secret}", BODY), "telephony.provider.url"),
            (gateway("https://a.example/", r#"{"to":"{to}"}"#), "telephony.provider.body"),
            (gateway("https://a.example/", r#"{"to":{to},"t":"{text}"}"#), "telephony.provider.body"),
        ] {
            assert_eq!(check(&provider).unwrap_err().0, field, "{provider:?}");
        }
        for (name, value) in
            [("Host", "x"), ("a b", "x"), ("", "x"), ("Content-Length", "1"), ("X", "a\r\nb")]
        {
            let Provider::Gateway { method, url, content_type, body, .. } =
                gateway("https://a.example/", BODY)
            else {
                panic!("no gateway")
            };
            let headers = vec![Header { name: name.into(), value: value.into() }];
            let provider = Provider::Gateway { method, url, headers, content_type, body };
            assert_eq!(check(&provider).unwrap_err().0, "telephony.provider.headers", "{name}");
        }
    }
}
