//! The phone page in a headless browser: somebody's phone, that a program holds.

use anyhow::{Context as _, ensure};

use crate::{browser::Browser, chromium::Chromium, story::until};

/// A phone whose page is open.
pub struct PhonePage {
    window: Chromium,
}

impl PhonePage {
    /// Opens the page and activates it by a code of its owner's own page.
    ///
    /// # Errors
    /// Chromium does not start, or the server refuses.
    pub fn activate(url: &str, ca_pem: &str, code: &str, name: &str) -> anyhow::Result<Self> {
        let window = Chromium::start_trusting(500, 900, ca_pem)?;
        window.become_phone(390, 844)?;
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        window.open(&format!("{url}/phone#{digits}"))?;
        let filled = "document.getElementById('code').value";
        until("the form", || Ok((window.evaluate(filled)? == digits.as_str()).then_some(())))?;
        window.type_into("#name", name)?;
        window.click("#activate button:not([hidden])")?;
        until("the activation", || Ok(window.text("#said")?.contains("yours now").then_some(())))?;
        Ok(Self { window })
    }

    /// Signs in to the portal with a password and this code, and makes the page a factor of whoever that is.
    ///
    /// # Errors
    /// Chromium does not start, or the server refuses.
    pub fn of(who: (&str, &str, &str), url: &str, ca_pem: &str) -> anyhow::Result<Self> {
        let name = format!("Phone of {}", who.0);
        Self::all_of(who, url, ca_pem, &[&name])?.pop().context("no phone")
    }

    /// The same with several phones of these names.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn all_of(
        (name, password, code): (&str, &str, &str),
        url: &str,
        ca_pem: &str,
        names: &[&str],
    ) -> anyhow::Result<Vec<Self>> {
        let browser = Browser::new(url, ca_pem)?;
        let page = browser.open("/sign-in")?.ok()?;
        let page = browser.submit(&page, "password", &[("name", name), ("password", password)])?.ok()?;
        let home = browser.submit(&page, "passcode", &[("passcode", code)])?.ok()?;
        let phone = |name: &&str| {
            let shown = browser.submit_to(&home, "/factors/push", &[])?.ok()?;
            let code = shown.text_of("phone-code").context("no code for the phone")?;
            Self::activate(url, ca_pem, &code, name)
        };
        names.iter().map(phone).collect()
    }

    /// How many requests the server has for this phone now.
    ///
    /// # Errors
    /// It is not told.
    pub fn asked(&self) -> anyhow::Result<u64> {
        let requests =
            "fetch('/phone/requests').then((answer) => answer.json()).then((requests) => requests.length)";
        self.window.evaluate(requests)?.as_u64().context("no list of requests")
    }

    /// Waits for a request and says yes to it with the number that is shown where somebody signs in, which is nothing where
    /// none is shown. What the phone showed of it.
    ///
    /// # Errors
    /// No request comes, or the number is not taken.
    pub fn say_yes(&self, number: &str) -> anyhow::Result<String> {
        self.answer(number, "let yourself in")
    }

    /// Waits for a help desk's question and says yes to it with the number that was read out. What the phone showed of it.
    ///
    /// # Errors
    /// No question comes, or the number is not taken.
    pub fn confirm(&self, number: &str) -> anyhow::Result<String> {
        self.answer(number, "knows that it is you")
    }

    /// Waits for a request and says no to it.
    ///
    /// # Errors
    /// No request comes, or the word is not taken.
    pub fn say_no(&self) -> anyhow::Result<()> {
        self.request()?;
        self.tap("[data-no]", "You said no.")
    }

    fn answer(&self, number: &str, said: &str) -> anyhow::Result<String> {
        let shown = self.request()?;
        if !number.is_empty() {
            self.window.type_into("#requests input", number)?;
        }
        self.tap("[data-yes]", said)?;
        Ok(shown)
    }

    /// What the phone shows of the request that it waits for.
    fn request(&self) -> anyhow::Result<String> {
        let shown = || self.window.text("#requests dl").ok().filter(|shown| !shown.is_empty());
        until("a request", || Ok(shown()))
    }

    /// Taps this button of the request, and waits for what the phone says of it.
    fn tap(&self, button: &str, said: &str) -> anyhow::Result<()> {
        self.window.click(&format!("#requests {button}"))?;
        until("the phone's word", || {
            let problem = self.window.text("#problem").unwrap_or_default();
            ensure!(problem.is_empty(), "the phone says: {problem}");
            Ok(self.window.text("#said")?.contains(said).then_some(()))
        })
    }
}

/// The number that a prompt at a device tells to type on the phone.
///
/// # Errors
/// There is none.
pub fn number_in(prompt: &str) -> anyhow::Result<String> {
    let words = prompt.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_ascii_digit()));
    let is_number = |word: &&str| (3..=6).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
    let number = words.into_iter().find(is_number);
    number.map(str::to_owned).with_context(|| format!("no number in `{prompt}`"))
}
