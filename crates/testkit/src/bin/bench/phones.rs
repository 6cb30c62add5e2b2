//! Phones of people: pages that were activated with a key of the browser, and what they say.

use anyhow::{Context as _, ensure};
use data_encoding::BASE64URL_NOPAD;
use hyper::Method;
use sallyport_crypto::{SystemRandom, p256::EcdsaKey};
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::Instant};

use crate::{
    browser::{Browser, hidden},
    house::{Api, AsyncEach, House, joined, name_of, text},
    http::Origin,
};

/// Where a phone's page keeps who it is.
const COOKIE: &str = "__Host-sallyport-phone";
/// People who set their phones up at once.
const HANDS: usize = 16;

/// A phone whose page was activated.
pub(crate) struct Phone {
    key: EcdsaKey,
    secret: String,
}

/// A phone whose page is open and shows a request.
pub(crate) struct Shown {
    page: Browser,
    /// A yes to it.
    word: Value,
}

/// Gives each of the first so many people a phone, as they would themselves: by a code for their first factor.
pub(crate) async fn activate(house: &House, people: usize) -> anyhow::Result<Vec<Phone>> {
    let codes = house.for_each((0..people).collect(), EnrollmentCodes).await?;
    let mut hands = JoinSet::new();
    for hand in 0..HANDS {
        let mut browser = Browser::new(house.origin()?.connect().await?);
        let mine: Vec<(usize, String)> =
            codes.iter().cloned().enumerate().skip(hand).step_by(HANDS).collect();
        hands.spawn(async move {
            let form = hidden(&browser.open("/enroll").await?, "code")?;
            let mut phones = Vec::with_capacity(mine.len());
            for (place, code) in mine {
                phones.push((place, Phone::enroll(&mut browser, &form, &code).await?));
            }
            anyhow::Ok(phones)
        });
    }
    joined(hands).await
}

impl Phone {
    async fn enroll(desk: &mut Browser, form: &[(String, String)], code: &str) -> anyhow::Result<Self> {
        let form: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let with_code = [form.as_slice(), &[("code", code)]].concat();
        desk.submit("/enroll", &with_code).await?;
        let page = desk.submit("/enroll/phone", &form).await?;
        let code = page.text_of("phone-code").context("no code for a phone")?;
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        let key = EcdsaKey::generate(&SystemRandom::new()).ok().and_then(|key| EcdsaKey::from_pkcs8(&key));
        let key = key.context("no key")?;
        let proof = json!({
            "kind": "browser_key",
            "point": BASE64URL_NOPAD.encode(key.public()),
            "signature": signed(&key, &format!("sallyport phone 1\n{digits}"))?,
        });
        desk.say("/phone/activate", &json!({ "code": digits, "key": proof })).await?;
        let secret = desk.take_cookie(COOKIE).context("the phone is not known")?;
        Ok(Self { key, secret })
    }

    /// Opens the page on a connection of its own and signs the one request that it shows.
    pub(crate) async fn open(&self, origin: &Origin) -> anyhow::Result<Shown> {
        let mut page = Browser::new(origin.connect().await?).with_cookie(COOKIE, &self.secret);
        let reply = page.get("/phone/requests").await?;
        let requests: Vec<Value> = serde_json::from_slice(&reply.body)?;
        let [request] = requests.as_slice() else {
            anyhow::bail!("the phone shows {} requests: it took longer than a push lives", requests.len())
        };
        ensure!(request.get("digits").and_then(Value::as_u64) == Some(0), "a number is asked for: {request}");
        let at = request.get("at").and_then(Value::as_i64).context("no time")?;
        let (id, what, place) = (text(request, "id")?, text(request, "what")?, text(request, "place")?);
        let device = text(request, "device")?;
        let approval = format!("sallyport approve 2\n{id}\n{what}\n{place}\n{device}\n{at}\n");
        let key = json!({ "kind": "browser_key", "signature": signed(&self.key, &approval)? });
        Ok(Shown { page, word: json!({ "said": "yes", "id": id, "number": "", "key": key }) })
    }
}

impl Shown {
    /// Says yes; when that was sent.
    pub(crate) async fn approve(&mut self) -> anyhow::Result<Instant> {
        let sent = Instant::now();
        self.page.say("/phone/answer", &self.word).await?;
        Ok(sent)
    }
}

fn signed(key: &EcdsaKey, text: &str) -> anyhow::Result<String> {
    Ok(BASE64URL_NOPAD.encode(&key.sign(text.as_bytes()).context("no signature")?))
}

/// Makes a code with which a person enrols their first factor.
#[derive(Clone)]
struct EnrollmentCodes;

impl AsyncEach<usize, String> for EnrollmentCodes {
    async fn each(&self, api: &mut Api, n: usize) -> anyhow::Result<String> {
        let path = format!("/users/{}/enrollment-code", name_of(n));
        text(&api.call(Method::POST, &path, json!({})).await?, "code")
    }
}
