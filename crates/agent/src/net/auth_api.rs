//! The second door, asked of a service by Duo's Auth API: one login, or one look at whether the service is there.
//!
//! What the service says is translated into the words of a login conversation, so that nothing of the protocol comes
//! to the privileged half. The service vouches for itself by its certificate alone; so this runs in a process of its
//! own for each login, and what one answer could do to it ends with that login.

use std::time::Duration;

use sallyport_connect::{
    ConnectError, Connection, ServerAddress, Tls,
    http::{self, Limits},
};
use sallyport_crypto::{Random, Secret, digest, random};
use sallyport_model::time::Time;
use sallyport_wire::{
    duo::{
        self, ApiError, Call, Code, Method, ResponseError,
        auth::{
            AuthFactor, AuthRequest, AuthResponse, AuthResult, AuthStatus, AuthStatusRequest, Capability,
            Device, DeviceKind, DeviceRef, Origin, PreauthRequest, PreauthResponse, PreauthResult, Prompt,
            PromptAnswer, PushNotice, Shown, Status, TimeResponse, UserRef, VerifiedPush,
        },
        signing::{Keys, SignVersion},
    },
    http::retry_after,
};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::half::{AuthApiLogin, AuthApiWord, Service};

const CONNECT: Duration = Duration::from_secs(8);
/// For an answer that nobody has to be waited for.
const ANSWER: Duration = Duration::from_secs(8);
/// For one that the service holds back until something happens.
const HELD: Duration = Duration::from_secs(75);
/// For a person to find their phone.
const PERSON: Duration = Duration::from_secs(120);
const LONGEST_ANSWER: u64 = duo::envelope::MAX_RESPONSE as u64;
/// Sendings of passcodes in one login; they cost money, and no wrong answer is counted for them.
const MOST_SENT: u8 = 3;

/// The screen and keyboard at the other end of the line.
pub(crate) trait Door {
    /// # Errors
    /// The person, or the program they came through, is gone.
    fn inform(&mut self, text: &str) -> Result<(), Gone>;

    /// # Errors
    /// As [`Door::inform`].
    fn prompt(&mut self, text: &str) -> Result<Secret, Gone>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nobody is there any more")]
pub(crate) struct Gone;

/// Why there is no answer to go on with.
#[derive(Debug)]
enum Trouble {
    Gone,
    /// The service says no to what was asked, and may say yes to something else.
    Refused(ApiError),
    Unavailable(String),
}

impl From<Gone> for Trouble {
    fn from(Gone: Gone) -> Self {
        Self::Gone
    }
}

/// Pauses that keep the service from being asked all the time.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// Before a busy service is asked again, each twice the one before, where it does not say itself.
    busy: Duration,
    /// Between two questions how a push stands, should the service not hold its answer back.
    follow: Duration,
}

const PACE: Pace = Pace { busy: Duration::from_secs(1), follow: Duration::from_secs(1) };
/// As the service's own clients: so often a busy service is asked again, after no longer than this each time.
const MOST_BUSY: u32 = 6;
const LONGEST_BUSY: Duration = Duration::from_secs(32);
/// In all, for one answer, once the door has heard something. The login would end by itself soon after.
const ALL_BUSY: Duration = Duration::from_secs(64);
/// The first word has to be there sooner: the half that waits for it goes on after ten seconds as if the service were away.
const FIRST_WORD: Duration = Duration::from_secs(8);
/// Of these, so that there is time left for an answer.
const FIRST_BUSY: Duration = Duration::from_secs(6);

/// How long a number that was told is good for certain.
const FRESH: Duration = Duration::from_secs(45);

/// The numbers of pushes in one login.
struct Numbers {
    /// Whether the service shows any.
    shown: bool,
    /// One that no push has used yet.
    next: Option<VerifiedPush>,
    told: Instant,
}

/// The service, and how to speak with it.
pub(crate) struct Api {
    address: ServerAddress,
    tls: Tls,
    keys: Keys,
    now: fn() -> Time,
    random: Box<dyn Random>,
    pace: Pace,
    /// How far the service's clock is ahead of ours, in seconds.
    ahead: i64,
}

impl Api {
    /// # Errors
    /// The address or the authorities are none.
    pub(crate) fn new(service: &Service, now: fn() -> Time, random: Box<dyn Random>) -> Result<Self, String> {
        let address: ServerAddress =
            service.address.parse().map_err(|error: sallyport_connect::AddressError| error.to_string())?;
        let tls = Tls::service(service.ca.as_deref(), address.host()).map_err(|error| error.to_string())?;
        let keys = Keys { ikey: service.ikey.clone(), skey: Secret::from(service.skey.as_str()) };
        Ok(Self { address, tls, keys, now, random, pace: PACE, ahead: 0 })
    }

    /// Whether the service is there and takes our keys.
    pub(crate) async fn check(&mut self) -> AuthApiWord {
        match self.call(&TimeResponse::check(), ANSWER, ALL_BUSY, TimeResponse::parse).await {
            Ok(_) => AuthApiWord::Decided { allow: true, text: String::new() },
            Err(trouble) => word(trouble),
        }
    }

    /// Goes through one login. The last word is returned; those before it went to the door.
    ///
    /// # Errors
    /// Nobody is there any more.
    pub(crate) async fn log_in(
        &mut self,
        login: &AuthApiLogin,
        door: &mut impl Door,
    ) -> Result<AuthApiWord, Gone> {
        match self.try_log_in(login, door).await {
            Ok(word) => Ok(word),
            Err(Trouble::Gone) => Err(Gone),
            Err(trouble) => Ok(word(trouble)),
        }
    }

    async fn try_log_in(
        &mut self,
        login: &AuthApiLogin,
        door: &mut impl Door,
    ) -> Result<AuthApiWord, Trouble> {
        let first = timeout(FIRST_WORD, self.preauth(login, FIRST_BUSY)).await;
        let in_vain = |_| Trouble::Unavailable("the service does not answer in time".to_owned());
        let PreauthResponse { result, status_msg } = first.map_err(in_vain)??;
        match result {
            PreauthResult::Allow => Ok(AuthApiWord::Decided { allow: true, text: status_msg }),
            PreauthResult::Deny => Ok(denied(&status_msg)),
            PreauthResult::Enroll { portal_url, .. } => {
                let url = if portal_url.is_empty() {
                    "the address your administrator gives you"
                } else {
                    &portal_url
                };
                Ok(denied(&format!("{status_msg}\nSet up your second factor at {url} and log in again.")))
            }
            PreauthResult::Auth { devices, verified_push, .. } => {
                self.second_door(login, &devices, verified_push, door).await
            }
        }
    }

    async fn preauth(
        &mut self,
        login: &AuthApiLogin,
        all_busy: Duration,
    ) -> Result<PreauthResponse, Trouble> {
        let request = PreauthRequest {
            user: UserRef::Name(login.user.clone()),
            origin: origin(login),
            trusted_device_token: None,
            client_supports_verified_push: true,
            text_prompt: false,
            fail_mode: Some(duo::auth::FailMode::Closed),
        };
        self.call(&request.call(), ANSWER, all_busy, PreauthResponse::parse).await
    }

    async fn second_door(
        &mut self,
        login: &AuthApiLogin,
        devices: &[Device],
        verified: Option<VerifiedPush>,
        door: &mut impl Door,
    ) -> Result<AuthApiWord, Trouble> {
        let menu = Prompt::menu(&login.user, devices, verified.is_some(), &Shown::default());
        let mut numbers = Numbers { told: Instant::now(), shown: verified.is_some(), next: verified };
        let mut by_itself = if login.auto_push { menu.default_answer() } else { None };
        let (mut left, mut sent) = (login.prompts.max(1), 0);
        let mut problem = String::new();
        loop {
            let answer = match by_itself.take() {
                Some(answer) => answer,
                None => menu.resolve(door.prompt(&asked(&problem, &menu.text))?.expose()),
            };
            let outcome = match factor(&answer, devices) {
                Some(factor) => {
                    let is_push = matches!(factor, AuthFactor::Push(_));
                    let number = if is_push { self.number(login, &mut numbers).await? } else { None };
                    self.auth(login, factor, number.as_ref(), door).await
                }
                None => Ok(AuthStatus::new(Status::Deny, NO_SUCH_OPTION)),
            };
            let status = match outcome {
                Err(Trouble::Refused(error)) => AuthStatus::new(Status::Deny, error.to_string()),
                outcome => outcome?,
            };
            problem.clone_from(&status.status_msg);
            match (status.result(), status.status()) {
                (AuthResult::Allow, _) => {
                    return Ok(AuthApiWord::Decided { allow: true, text: status.status_msg });
                }
                (_, Some(Status::Sent)) if sent < MOST_SENT => sent += 1,
                (_, Some(Status::LockedOut | Status::Fraud)) => return Ok(denied(&problem)),
                (AuthResult::Deny | AuthResult::Waiting, _) => left -= 1,
            }
            if left == 0 {
                return Ok(denied(&problem));
            }
        }
    }

    /// The number of the next push, where the service shows numbers. One is good once and for a minute, so that whoever
    /// pushes again, or late, is told another.
    async fn number(
        &mut self,
        login: &AuthApiLogin,
        numbers: &mut Numbers,
    ) -> Result<Option<VerifiedPush>, Trouble> {
        let fresh = numbers.next.take().filter(|_| numbers.told.elapsed() < FRESH);
        if fresh.is_some() || !numbers.shown {
            return Ok(fresh);
        }
        match self.preauth(login, ALL_BUSY).await?.result {
            PreauthResult::Auth { verified_push, .. } => Ok(verified_push),
            PreauthResult::Allow | PreauthResult::Deny | PreauthResult::Enroll { .. } => Ok(None),
        }
    }

    async fn auth(
        &mut self,
        login: &AuthApiLogin,
        factor: AuthFactor,
        verified: Option<&VerifiedPush>,
        door: &mut impl Door,
    ) -> Result<AuthStatus, Trouble> {
        let is_push = matches!(factor, AuthFactor::Push(_));
        // Only what somebody has to be waited for is asked in a way that tells how it stands.
        let is_async = is_push || matches!(factor, AuthFactor::Phone(_));
        if let Some(push) = verified.filter(|_| is_push) {
            door.inform(&format!("Enter this code on your phone: {}", push.verification_code))?;
        }
        let request = AuthRequest {
            user: UserRef::Name(login.user.clone()),
            factor,
            origin: origin(login),
            is_async,
            notice: PushNotice { kind: Some("Login".to_owned()), ..PushNotice::default() },
            txid: verified.filter(|_| is_push).map(|push| push.txid.clone()),
        };
        // A service answers a signed request that it has had before as it did before, and by the second all logins with
        // one code would be the same request. Parameters that it does not know it leaves alone.
        let nonce = random::bytes::<16>(&*self.random)
            .map_err(|_| Trouble::Unavailable("no randomness".to_owned()))?;
        let call = request.call().with(NONCE, digest::hex(&nonce));
        match self.call(&call, if is_async { ANSWER } else { HELD }, ALL_BUSY, AuthResponse::parse).await? {
            AuthResponse::Accepted { txid } => self.follow(txid, door).await,
            AuthResponse::Done(status) => Ok(status),
        }
    }

    /// Asks how a transaction stands until it is decided.
    async fn follow(&mut self, txid: String, door: &mut impl Door) -> Result<AuthStatus, Trouble> {
        let request = AuthStatusRequest { txid };
        let (deadline, mut shown) = (Instant::now() + PERSON, String::new());
        while Instant::now() < deadline {
            let next = Instant::now() + self.pace.follow;
            let status = self.call(&request.call(), HELD, ALL_BUSY, AuthStatus::parse).await?;
            if status.result() != AuthResult::Waiting {
                return Ok(status);
            }
            if status.status_msg != shown && !status.status_msg.is_empty() {
                door.inform(&status.status_msg)?;
                shown = status.status_msg;
            }
            sleep_until(next).await;
        }
        Ok(AuthStatus::new(Status::Timeout, "Nobody answered in time."))
    }

    /// Asks again only where the service has said that it did not do what was asked: it is busy, for `all_busy` at most,
    /// or our clock is wrong.
    async fn call<T>(
        &mut self,
        call: &Call,
        patience: Duration,
        all_busy: Duration,
        parse: fn(u16, &[u8]) -> Result<T, ResponseError>,
    ) -> Result<T, Trouble> {
        let (mut busy, mut clock_is_right) = (Busy::new(self.pace.busy, all_busy), false);
        loop {
            let response = self.send(call, patience).await.map_err(|error| unavailable(&error))?;
            match parse(response.status, &response.body) {
                Ok(answer) => return Ok(answer),
                Err(ResponseError::Busy) => match busy.pause(response.retry_after.as_deref()) {
                    Some(pause) => sleep(pause).await,
                    None => return Err(Trouble::Unavailable("the service is busy".to_owned())),
                },
                Err(ResponseError::Refused(error))
                    if error.code == Code::BadTimestamp.number() && !clock_is_right =>
                {
                    self.set_clock().await?;
                    clock_is_right = true;
                }
                Err(ResponseError::Refused(error)) if matches!(error.status(), 401 | 403) => {
                    return Err(Trouble::Unavailable(format!("the service does not take our keys: {error}")));
                }
                Err(ResponseError::Refused(error)) => return Err(Trouble::Refused(error)),
                Err(error @ (ResponseError::Malformed | ResponseError::Status(_))) => {
                    return Err(Trouble::Unavailable(error.to_string()));
                }
            }
        }
    }

    async fn set_clock(&mut self) -> Result<(), Trouble> {
        let response = self.send(&TimeResponse::ping(), ANSWER).await.map_err(|error| unavailable(&error))?;
        let told = TimeResponse::parse(response.status, &response.body)
            .map_err(|error| Trouble::Unavailable(error.to_string()))?;
        self.ahead = told.time.saturating_sub(seconds((self.now)()));
        Ok(())
    }

    async fn send(&self, call: &Call, patience: Duration) -> Result<http::Response, ConnectError> {
        let now = seconds((self.now)()).saturating_add(self.ahead);
        let signed = duo::sign(call, self.address.host(), &self.keys, SignVersion::V2, now)
            .map_err(|error| ConnectError::Protocol(error.to_string()))?;
        let headers: Vec<(&str, &str)> =
            signed.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let is_type = |name: &str| name.eq_ignore_ascii_case("content-type");
        let content_type = headers.iter().find(|(name, _)| is_type(name)).map(|(_, value)| *value);
        let others: Vec<(&str, &str)> = headers.iter().filter(|(name, _)| !is_type(name)).copied().collect();
        let method = match signed.method {
            Method::Delete => http::Method::DELETE,
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
        };
        let body = content_type.map(|content_type| (content_type, signed.body.clone()));
        let call = http::Call { method, path: &signed.target, headers: &others, body };
        let connection = Connection::open(&self.address, &self.tls, CONNECT).await?;
        http::send(connection, call, Limits { time: patience, bytes: LONGEST_ANSWER }).await
    }
}

/// How long a busy service has been waited for.
struct Busy {
    tries: u32,
    next: Duration,
    /// In pauses.
    waited: Duration,
    since: Instant,
    all: Duration,
}

impl Busy {
    fn new(first: Duration, all: Duration) -> Self {
        Self { tries: 0, next: first, waited: Duration::ZERO, since: Instant::now(), all }
    }

    /// How long to wait once more, for which the service may have a word of its own; nothing if that is too long.
    fn pause(&mut self, told: Option<&str>) -> Option<Duration> {
        let told = told.and_then(retry_after::number).map(Duration::from_secs);
        let pause = told.unwrap_or(self.next);
        // Whatever takes its time to say that it is busy is waited for as well.
        let answering = Duration::from_secs(self.since.elapsed().as_secs());
        let waited = self.waited.max(answering).saturating_add(pause);
        if self.tries >= MOST_BUSY || pause > LONGEST_BUSY || waited > self.all {
            return None;
        }
        self.tries += 1;
        self.next = self.next.saturating_mul(2);
        self.waited = waited;
        Some(pause)
    }
}

fn origin(login: &AuthApiLogin) -> Origin {
    let ipaddr = login.remote_host.as_deref().and_then(|host| host.parse().ok());
    Origin { ipaddr, hostname: Some(login.host_name.clone()).filter(|name| !name.is_empty()) }
}

/// What to ask for, if there is a phone of that number that can do it.
fn factor(answer: &PromptAnswer, devices: &[Device]) -> Option<AuthFactor> {
    let phone = |number: u8, capability| {
        let is_phone = |device: &&Device| matches!(device.kind, DeviceKind::Phone { .. });
        let device = devices.iter().filter(is_phone).nth(usize::from(number).checked_sub(1)?)?;
        device.can(capability).then(|| DeviceRef::Id(device.device.clone()))
    };
    match answer {
        PromptAnswer::Nothing => None,
        PromptAnswer::Passcode(code) if code.is_empty() => None,
        PromptAnswer::Passcode(code) => Some(AuthFactor::Passcode(code.clone())),
        PromptAnswer::Phone { number, .. } => phone(*number, Capability::Phone).map(AuthFactor::Phone),
        PromptAnswer::Push(number) | PromptAnswer::VerifiedPush { number, .. } => {
            phone(*number, Capability::Push).map(AuthFactor::Push)
        }
        PromptAnswer::Sms(number) => phone(*number, Capability::Sms).map(AuthFactor::Sms),
    }
}

fn asked(problem: &str, menu: &str) -> String {
    if problem.is_empty() { menu.to_owned() } else { format!("{problem}\n\n{menu}") }
}

fn denied(text: &str) -> AuthApiWord {
    let text = if text.trim().is_empty() { "Login refused." } else { text.trim() };
    AuthApiWord::Decided { allow: false, text: text.to_owned() }
}

/// The last word where there is no answer to go on with.
fn word(trouble: Trouble) -> AuthApiWord {
    match trouble {
        Trouble::Gone => denied(""),
        Trouble::Refused(error) => denied(&format!("Login refused: {error}.")),
        Trouble::Unavailable(reason) => AuthApiWord::Unavailable { reason },
    }
}

fn unavailable(error: &ConnectError) -> Trouble {
    Trouble::Unavailable(error.to_string())
}

/// Of the Unix epoch.
fn seconds(time: Time) -> i64 {
    time.0.div_euclid(1_000_000)
}

const NONCE: &str = "client_nonce";
const NO_SUCH_OPTION: &str = "There is no such option.";

#[cfg(unix)]
pub(crate) mod process {
    //! A network half for one login.

    use std::{os::unix::net::UnixStream, process::ExitCode};

    use sallyport_crypto::{Secret, SystemRandom};
    use sallyport_ipc::{frame, wipe_bytes};

    use super::{Api, Door, Gone};
    use crate::{
        clock,
        half::{AUTH_API_FRAME, AuthApiRequest, AuthApiWord},
        log, net,
    };

    /// The line to the privileged half.
    struct Line(UnixStream);

    impl Line {
        fn say(&mut self, word: &AuthApiWord) -> Result<(), Gone> {
            let bytes = serde_json::to_vec(word).map_err(|_| Gone)?;
            frame::write(&mut self.0, &bytes, AUTH_API_FRAME).map_err(|_| Gone)
        }
    }

    impl Door for Line {
        fn inform(&mut self, text: &str) -> Result<(), Gone> {
            self.say(&AuthApiWord::Inform { text: text.to_owned() })
        }

        fn prompt(&mut self, text: &str) -> Result<Secret, Gone> {
            self.say(&AuthApiWord::Prompt { text: text.to_owned() })?;
            let answer = frame::read(&mut self.0, AUTH_API_FRAME).map_err(|_| Gone)?;
            String::from_utf8(answer).map(Secret::new).map_err(|_| Gone)
        }
    }

    /// The whole life of it.
    #[must_use]
    pub(crate) fn main() -> ExitCode {
        match serve() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                log::warn(format_args!("asking for the second door: {error:#}"));
                ExitCode::FAILURE
            }
        }
    }

    fn serve() -> anyhow::Result<()> {
        #[cfg(target_os = "linux")]
        crate::platform::privileges::harden()?;
        let mut line = Line(UnixStream::from(net::process::stdin()?));
        let mut bytes = frame::read(&mut line.0, AUTH_API_FRAME)?;
        let request = serde_json::from_slice(&bytes);
        wipe_bytes(&mut bytes);
        #[cfg(target_os = "linux")]
        crate::platform::syscalls::confine()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let word = runtime.block_on(answer(request?, &mut line))?;
        Ok(line.say(&word)?)
    }

    async fn answer(request: AuthApiRequest, line: &mut Line) -> Result<AuthApiWord, Gone> {
        let service = match &request {
            AuthApiRequest::Check { service } | AuthApiRequest::Login { service, .. } => service,
        };
        let mut api = match Api::new(service, clock::wall, Box::new(SystemRandom::new())) {
            Ok(api) => api,
            Err(reason) => return Ok(AuthApiWord::Unavailable { reason }),
        };
        match &request {
            AuthApiRequest::Check { .. } => Ok(api.check().await),
            AuthApiRequest::Login { login, .. } => api.log_in(login, line).await,
        }
    }
}

#[cfg(test)]
mod tests;
