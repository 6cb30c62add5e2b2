//! Logins at a device: prompts in, one signed word out.
//!
//! The sign-in itself is [`signin`]'s; here it is translated into the conversation that the agent leads at the door.
//! A conversation lives as long as its connection, is bound to a device, a name and a service, and ends with one
//! decision. Where we cannot decide because something of ours failed, nothing is said at all: the agent then does
//! what it does without a server, which is to ask for the break-glass code.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use sallyport_api::agent::{LoginBegin, LoginDecision, LoginFirstDoor, LoginStep, ServerMessage, context};
use sallyport_crypto::{Secret, digest};
use sallyport_model::{
    Device, FactorKind, Proof, Span, Time,
    id::FactorId,
    name::printable,
    signin::{Reason, Resource},
};
use sallyport_wire::duo::auth::PromptAnswer;

use crate::{
    AppError, Ctx, Phrase,
    channel::signed,
    device::login_settings,
    signin::{
        self, Admission, Answer, Begin, Denial, FirstDoorProof, Offer, SecondDoorStep, Step,
        challenge::{self, Shows},
    },
};

/// Most conversations of one device at a time.
const MOST_OPEN: usize = 64;

/// How long an answer may take.
const ANSWER_WITHIN: Span = Span::minutes(2);

/// How long a phone may take to answer, and how long it is waited for: below what the agent gives up after.
const PHONE_WITHIN: Span = Span::seconds(65);
const PHONE_PATIENCE: Duration = Duration::from_secs(65);

/// How long a decision can be used.
const DECISION_LASTS: Span = Span::seconds(60);

const LONGEST_NAME: usize = 64;
const LONGEST_SERVICE: usize = 64;

/// Longest answer looked at; no code of ours is anywhere near it.
const LONGEST_ANSWER: usize = 128;

const REFUSED: &str = "Login refused.";
const BUSY: &str = "The server is busy. Please try again.";
const TOO_MANY_LOGINS: &str = "Too many logins at once. Please try again.";
/// Said to somebody who has nothing but passkeys, which need a browser.
const NO_CODE: &str = "None of your factors can be used here. Add an authenticator app to them in the portal, or ask your \
    administrator for a bypass code.";
const TOO_MANY_WRONG: &str = "Too many wrong codes.";

/// The conversations of one connection.
#[derive(Default)]
pub(crate) struct Logins {
    open: HashMap<String, Login>,
}

/// What a decision is bound to, besides the device.
#[derive(Clone)]
struct Door {
    conversation: String,
    user: String,
    service: String,
    /// Whether somebody else checked the first door.
    vouched: bool,
}

/// A login that waits for an answer.
struct Login {
    door: Door,
    handle: Secret,
    source: Option<IpAddr>,
    prompts_left: u8,
    until: Time,
    /// Whether a phone was asked, so that an empty answer means: I have answered there.
    waits: bool,
    /// Those that can be texted or called, as the words count them.
    phones: Vec<Offer>,
}

/// What to do with a login after a step of its sign-in.
enum Next {
    Decide {
        allow: bool,
        exempt: bool,
        text: String,
    },
    Prompt(SecondDoorStep),
    /// We cannot decide.
    Silence,
}

impl Logins {
    /// Begins a conversation.
    pub(crate) async fn begin(
        &mut self,
        ctx: &Ctx,
        device: &Device,
        begin: LoginBegin,
    ) -> Vec<ServerMessage> {
        self.open.retain(|_, login| ctx.now <= login.until);
        let LoginBegin { conversation, user, service, remote_host, first_door } = begin;
        if !is_conversation(&conversation) {
            return Vec::new();
        }
        let (proof, vouched) = match first_door {
            LoginFirstDoor::Password { password } => (FirstDoorProof::Password(password.into()), false),
            LoginFirstDoor::Vouched { by } => {
                (FirstDoorProof::Vouched { by: printable(&by, LONGEST_SERVICE) }, true)
            }
        };
        let door = Door { conversation, user, service, vouched };
        if self.open.len() >= MOST_OPEN || self.open.contains_key(&door.conversation) {
            return decided(ctx, device, &door, false, false, TOO_MANY_LOGINS);
        }
        if door.user.len() > LONGEST_NAME || !is_service(&door.service) {
            return decided(ctx, device, &door, false, false, REFUSED);
        }
        let resource = Resource::DeviceLogin {
            device: device.id,
            name: device.name.clone(),
            service: door.service.clone(),
        };
        let ctx = from(ctx, remote_host.as_deref());
        let step = signin::begin(&ctx, Begin { name: door.user.clone(), resource, first_door: proof }).await;
        let id = device.id;
        let (prompts, auto_push) = ctx
            .read(move |reader| {
                let settings = login_settings::effective(reader, id)?;
                Ok((settings.prompts, settings.auto_push))
            })
            .await
            .unwrap_or((1, false));
        let step = match step {
            Ok(Step::SecondDoor(step)) if auto_push && has_phone(&step) => {
                ask(&ctx, &step.handle, None).await
            }
            step => step,
        };
        self.go_on(&ctx, device, door, prompts, step, None)
    }

    /// Takes what the person answered.
    pub(crate) async fn answer(
        &mut self,
        ctx: &Ctx,
        device: &Device,
        conversation: String,
        answer: Secret,
    ) -> Vec<ServerMessage> {
        let Some(login) = self.open.remove(&conversation) else { return Vec::new() };
        let Login { door, handle, source, prompts_left, until, waits, phones } = login;
        if ctx.now > until {
            return decided(ctx, device, &door, false, false, &signin::START_AGAIN.text());
        }
        // Something so long is wrong; it is counted as such by what a wrong code is counted by.
        let answer = if answer.expose().len() > LONGEST_ANSWER { Secret::default() } else { answer };
        let ctx = Ctx { source, ..ctx.clone() };
        if waits && answer.expose().trim().is_empty() {
            self.wait(&ctx, device, Login { door, handle, source, prompts_left, until, waits, phones });
            return Vec::new();
        }
        if is_push(&answer) {
            // Nothing was guessed by that.
            let step = ask(&ctx, &handle, None).await;
            return self.go_on(&ctx, device, door, prompts_left, step, None);
        }
        // Asking for a text or a call is no wrong answer. How often it may be asked for is counted elsewhere.
        match by_telephone(&answer, &phones) {
            Some(By::Call(phone)) => {
                let step = ask(&ctx, &handle, Some(phone)).await;
                return self.go_on(&ctx, device, door, prompts_left, step, None);
            }
            Some(By::Text(phone)) => {
                let step = signin::text(&ctx, &handle, phone).await;
                return self.go_on(&ctx, device, door, prompts_left, step, Some(signin::ON_ITS_WAY));
            }
            None => {}
        }
        let step = signin::passcode(&ctx, &handle, &answer).await;
        self.go_on(&ctx, device, door, prompts_left.saturating_sub(1), step, None)
    }

    /// Waits for a phone, beside the connection's other messages. What comes of it is sent when it is there; until then
    /// the login stands open, for it may ask again.
    fn wait(&mut self, ctx: &Ctx, device: &Device, login: Login) {
        let (ctx, device, handle, door) =
            (ctx.clone(), device.clone(), login.handle.clone(), login.door.clone());
        let last = login.prompts_left <= 1;
        let until = ctx.org.clock.now().plus(PHONE_WITHIN).plus(ANSWER_WITHIN);
        let next = Login { prompts_left: login.prompts_left.saturating_sub(1), until, waits: false, ..login };
        self.open.insert(door.conversation.clone(), next);
        tokio::spawn(async move {
            let step = challenge::wait(&ctx, &handle, PHONE_PATIENCE).await;
            let messages = match next_of(&ctx, &door, step) {
                Next::Decide { allow, exempt, text } => decided(&ctx, &device, &door, allow, exempt, &text),
                Next::Prompt(step) if last => {
                    let text = step.problem.map_or_else(|| REFUSED.to_owned(), Phrase::text);
                    decided(&ctx, &device, &door, false, false, &text)
                }
                Next::Prompt(step) => {
                    let prompt = LoginStep::Prompt { echo: true, text: prompt(&step, step.problem) };
                    vec![ServerMessage::Login { conversation: door.conversation.clone(), step: prompt }]
                }
                Next::Silence => Vec::new(),
            };
            for message in messages {
                ctx.org.hub.send(device.id, message);
            }
        });
    }

    /// The person went away.
    pub(crate) fn cancel(&mut self, conversation: &str) {
        self.open.remove(conversation);
    }

    fn go_on(
        &mut self,
        ctx: &Ctx,
        device: &Device,
        door: Door,
        prompts_left: u8,
        step: Result<Step, AppError>,
        done: Option<Phrase>,
    ) -> Vec<ServerMessage> {
        match next_of(ctx, &door, step) {
            Next::Decide { allow, exempt, text } => decided(ctx, device, &door, allow, exempt, &text),
            Next::Prompt(step) if !has_phone(&step) && !takes_codes(&step) => {
                decided(ctx, device, &door, false, false, NO_CODE)
            }
            Next::Prompt(SecondDoorStep { problem, .. }) if prompts_left == 0 => {
                let text = problem
                    .map_or(TOO_MANY_WRONG.to_owned(), |problem| format!("{problem} {TOO_MANY_WRONG}"));
                decided(ctx, device, &door, false, false, &text)
            }
            Next::Prompt(step) => {
                let conversation = door.conversation.clone();
                let text = prompt(&step, step.problem.or(done));
                let phones = telephones(&step).cloned().collect();
                let prompt = LoginStep::Prompt { echo: true, text };
                let until = ctx.org.clock.now().plus(ANSWER_WITHIN);
                let (handle, source, waits) = (step.handle, ctx.source, step.waiting.is_some());
                let login = Login { door, handle, source, prompts_left, until, waits, phones };
                self.open.insert(conversation.clone(), login);
                vec![ServerMessage::Login { conversation, step: prompt }]
            }
            Next::Silence => Vec::new(),
        }
    }
}

fn next_of(ctx: &Ctx, door: &Door, step: Result<Step, AppError>) -> Next {
    let deny = |text: &str| Next::Decide { allow: false, exempt: false, text: text.to_owned() };
    match step {
        Ok(Step::Allowed(admission)) => allowed(door, &admission),
        Ok(Step::Denied(denial)) => deny(&denied(ctx, &denial)),
        Ok(Step::EnrollmentNeeded { .. }) => deny(&format!(
            "You have nothing yet to open the second door with. Set it up at {} and log in again.",
            ctx.org.config.external_url
        )),
        Ok(Step::SecondDoor(step)) => Next::Prompt(step),
        Err(AppError::Busy) => deny(BUSY),
        Err(error) => {
            tracing::error!(request = &*ctx.request, %error, "a login at a device could not be decided");
            Next::Silence
        }
    }
}

fn allowed(door: &Door, admission: &Admission) -> Next {
    // The account that is opened bears the name as it was given, so another spelling of it is another account.
    if admission.user().name.as_str() != door.user {
        return Next::Decide { allow: false, exempt: false, text: REFUSED.to_owned() };
    }
    // Only where somebody else answers for the first door can we step back and leave the word to them.
    let spared = admission.reasons().iter().any(Reason::spares);
    let exempt = door.vouched && !admission.both_doors() && spared;
    Next::Decide { allow: true, exempt, text: String::new() }
}

fn denied(ctx: &Ctx, denial: &Denial) -> String {
    // Only whoever gave the right password hears this, or whom the device answers for.
    if denial.reasons == [Reason::PasswordExpired] {
        let portal = &ctx.org.config.external_url;
        return format!("{} Set a new one at {portal} and log in again.", signin::PASSWORD_EXPIRED);
    }
    denial.text.text()
}

async fn ask(ctx: &Ctx, handle: &Secret, phone: Option<FactorId>) -> Result<Step, AppError> {
    signin::answer(ctx, handle, Answer::Ask { phone, shows: Shows::Number }).await
}

fn has_phone(step: &SecondDoorStep) -> bool {
    step.offers.iter().any(|offer| offer.kind() == FactorKind::Push)
}

fn takes_codes(step: &SecondDoorStep) -> bool {
    step.offers.iter().any(|offer| offer.kind().is_code())
}

/// Whether somebody typed the word for their phone in place of a code.
fn is_push(answer: &Secret) -> bool {
    answer.expose().trim().eq_ignore_ascii_case("push")
}

/// The phones that can be texted or called, and the mail address, in the order in which the words count them.
fn telephones(step: &SecondDoorStep) -> impl Iterator<Item = &Offer> {
    step.offers.iter().filter(|offer| matches!(offer.kind(), FactorKind::Mail | FactorKind::Phone))
}

/// What somebody wants of the telephone company in place of typing a code.
enum By {
    Call(FactorId),
    Text(FactorId),
}

fn by_telephone(answer: &Secret, phones: &[Offer]) -> Option<By> {
    let nth = |number: u8| phones.get(usize::from(number).saturating_sub(1));
    match PromptAnswer::parse(answer.expose()) {
        PromptAnswer::Phone { number, .. } => {
            let called = nth(number).filter(|offer| matches!(offer.proof, Proof::Phone { calls: true, .. }));
            called.map(|offer| By::Call(offer.factor))
        }
        PromptAnswer::Sms(number) => {
            let texted = nth(number).filter(|offer| offer.proof.is_sent_codes());
            texted.map(|offer| By::Text(offer.factor))
        }
        PromptAnswer::Nothing
        | PromptAnswer::Passcode(_)
        | PromptAnswer::Push(_)
        | PromptAnswer::VerifiedPush { .. } => None,
    }
}

/// The words that have a phone texted or called.
fn words_for(number: u8, offer: &Offer) -> Vec<String> {
    let name = printable(&offer.name, 40);
    if offer.kind() == FactorKind::Mail {
        return vec![format!("`{}` for a code by mail to {name}", PromptAnswer::Sms(number).word())];
    }
    let Proof::Phone { texts, calls, .. } = offer.proof else { return Vec::new() };
    let text = texts.then(|| format!("`{}` for a code by text to {name}", PromptAnswer::Sms(number).word()));
    let call = calls
        .then(|| format!("`{}` for a call to {name}", PromptAnswer::Phone { number, txid: None }.word()));
    text.into_iter().chain(call).collect()
}

/// What the person is asked: to go to their phone, or for a code, with the kinds that would do and the words that have one
/// texted. `told`: what came of the answer before.
fn prompt(step: &SecondDoorStep, told: Option<Phrase>) -> String {
    if let Some(waiting) = &step.waiting {
        let number = waiting.number.as_deref().unwrap_or_default();
        let name = printable(&waiting.name, 40);
        let or = if takes_codes(step) { " (or type a code)" } else { "" };
        return match waiting.kind {
            FactorKind::Phone => format!("{name} rings. Type {number} there and then press Enter here{or}: "),
            FactorKind::BypassCode
            | FactorKind::Duo
            | FactorKind::HardwareToken
            | FactorKind::Mail
            | FactorKind::Passkey
            | FactorKind::Push
            | FactorKind::Totp => format!("Type {number} on {name} and press Enter here{or}: "),
        };
    }
    let has = |kind: FactorKind| step.offers.iter().any(|offer| offer.kind() == kind);
    let kinds = [
        (FactorKind::Totp, "authenticator"),
        (FactorKind::HardwareToken, "hardware token"),
        (FactorKind::BypassCode, "bypass code"),
    ];
    let mut ways: Vec<String> =
        kinds.into_iter().filter(|(kind, _)| has(*kind)).map(|(_, text)| text.to_owned()).collect();
    ways.extend(telephones(step).zip(1u8..).flat_map(|(offer, number)| words_for(number, offer)));
    let ways = if ways.is_empty() { String::new() } else { format!(" ({})", ways.join(" or ")) };
    let told = told.map(|told| format!("{told} ")).unwrap_or_default();
    match (has_phone(step), takes_codes(step)) {
        (true, true) => format!("{told}Passcode for the second door{ways}, or `push` to ask your phone: "),
        (true, false) => format!("{told}Type `push` to ask your phone: "),
        (false, _) => format!("{told}Passcode for the second door{ways}: "),
    }
}

/// The organisation's word on this login. Should even signing it fail, nothing is said, which allows nobody.
fn decided(
    ctx: &Ctx,
    device: &Device,
    door: &Door,
    allow: bool,
    exempt: bool,
    text: &str,
) -> Vec<ServerMessage> {
    let decision = LoginDecision {
        device: device.id,
        conversation: door.conversation.clone(),
        user: door.user.clone(),
        service: door.service.clone(),
        allow,
        exempt,
        text: text.to_owned(),
        not_after: ctx.org.clock.now().plus(DECISION_LASTS),
    };
    match signed(&ctx.org, context::LOGIN, &decision) {
        Ok(decision) => {
            let conversation = door.conversation.clone();
            vec![ServerMessage::Login { conversation, step: LoginStep::Decided { decision } }]
        }
        Err(error) => {
            tracing::error!(request = &*ctx.request, %error, "a decision cannot be signed");
            Vec::new()
        }
    }
}

/// The call as coming from where the person is. Whoever is at the device itself comes from where it is; where somebody else
/// comes from whose host is told by a name, nobody knows.
fn from(ctx: &Ctx, remote_host: Option<&str>) -> Ctx {
    let source = match remote_host {
        None => ctx.source,
        Some(host) => host.split('%').next().unwrap_or(host).parse::<IpAddr>().ok(),
    };
    Ctx { source, ..ctx.clone() }
}

/// Whether this is a conversation as agents name them: 32 bytes in hexadecimal.
fn is_conversation(text: &str) -> bool {
    text.len() == 64 && digest::is_hex(text)
}

/// Whether this could be the name of a PAM service.
fn is_service(text: &str) -> bool {
    (1..=LONGEST_SERVICE).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'@'))
}

#[cfg(test)]
mod tests;
