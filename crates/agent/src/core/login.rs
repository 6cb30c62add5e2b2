//! Logins: the agent leads, the server decides, and without the server only a break-glass code opens.
//!
//! There is one way to `Allow` with the server, [`verdict`], one at a machine that is not enrolled,
//! [`Logins::handle_auth_api`], and one without either, [`Logins::handle_spent`]. Whom the organisation does not ask for
//! the second door is left to the first, by the server's word or, while the server says nothing, by the signed state;
//! and whom that state lets pass while the server is away, as long as [`super::offline`] does not object.
//! Everything that is late, unknown, unreadable or too much denies.

use std::collections::{BTreeMap, VecDeque};

use sallyport_api::agent::{
    AgentMessage, DesiredLogin, Failure, LoginBegin, LoginDecision, LoginFirstDoor, LoginStep, OfflineLogin,
    Report, Signed, context,
};
use sallyport_crypto::{constant_time_eq, digest, token::typed_digits};
use sallyport_ipc::login::Verdict;
use sallyport_model::time::{Span, Time};
use serde::{Deserialize, Serialize};

use super::{Action, Now, RefusedMessage, Say, desired::Desired, later, offline::Offline};
use crate::{half::AuthApiWord, trust::Trust};

/// What the account that somebody logs in to is to the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The directory's, and active.
    Active,
    /// A local account that the directory does not own; none of our business.
    Local,
    /// The directory's, and suspended or no longer bound.
    Locked,
    /// No account of this name, or nobody can say.
    Unknown,
}

/// A break-glass code that opened a door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedCode {
    /// As in [`DesiredLogin::break_glass_hash`].
    pub hash: String,
    pub user: String,
    pub at: Time,
}

const MOST_LOGINS: usize = 64;
/// Of one account: nobody can keep all the others out.
const MOST_OF_ONE: usize = 4;
/// So long may the server take for its first word before it counts as unreachable.
const FIRST_WORD: Span = Span::seconds(10);
/// So long afterwards, for a person may have to find their phone.
const NEXT_WORD: Span = Span::seconds(90);
const ANSWER: Span = Span::seconds(180);
/// Fewer than the shim takes, so that the verdict always gets through.
const MOST_TEXTS: u8 = 24;
const MOST_TRIES: u8 = 10;
/// Wrong break-glass codes over all logins of one account in [`WRONG_WITHIN`]. Another account is not held back by
/// them: the code is much too long to be guessed, and whoever is locked out needs it.
const MOST_WRONG: usize = 10;
const WRONG_WITHIN: Span = Span::minutes(15);

const PASSED_OFFLINE: &str = "The server of the second door cannot be reached. Your password alone was enough this \
    time, and your administrators will see that.";
const BREAK_GLASS_PROMPT: &str = "The server cannot be reached. Break-glass code: ";

#[derive(Debug)]
struct Login {
    user: String,
    service: String,
    prompts: bool,
    /// Somebody else checked the first door, and no state since this began asks for the second.
    excused: bool,
    stage: Stage,
    deadline: Span,
    texts: u8,
}

#[derive(Debug, PartialEq)]
enum Stage {
    /// The server has not said anything yet.
    Opening,
    /// The person has to answer the server.
    Asked,
    /// The server that asked is gone, and another connection knows nothing of the question.
    AskedInVain,
    /// The server has to speak.
    Answered,
    /// The person has to give the break-glass code.
    BreakGlass { tries: u8 },
    /// The first door is to be enough, and that is being remembered.
    Remembering,
    /// The code was right and is being marked.
    Spending,
}

#[derive(Debug)]
pub(super) struct Logins {
    open: BTreeMap<String, Login>,
    used: Vec<UsedCode>,
    /// By account. Only the directory's accounts come this far, and of those there are not many.
    wrong: BTreeMap<String, VecDeque<Span>>,
}

impl Logins {
    pub(super) fn new(used: Vec<UsedCode>) -> Self {
        Self { open: BTreeMap::new(), used, wrong: BTreeMap::new() }
    }

    #[expect(clippy::too_many_arguments, reason = "each is a different thing the beginning depends on")]
    pub(super) fn handle_begin(
        &mut self,
        begin: LoginBegin,
        standing: Standing,
        prompts: bool,
        link: bool,
        excused: bool,
        offline: Option<(OfflineLogin, &mut Offline)>,
        policy: Option<&DesiredLogin>,
        now: Now,
        actions: &mut VecDeque<Action>,
    ) {
        let conversation = begin.conversation.clone();
        if standing == Standing::Active && !self.has_place(&begin.user) {
            say(
                &conversation,
                Say::Warn("Too many logins are open. Please end one of them.".to_owned()),
                actions,
            );
            say(&conversation, Say::Done(Verdict::Deny), actions);
            return;
        }
        let verdict = match standing {
            Standing::Active => None,
            Standing::Local => Some(Verdict::Exempt),
            Standing::Locked | Standing::Unknown => Some(Verdict::Deny),
        };
        if let Some(verdict) = verdict {
            say(&conversation, Say::Done(verdict), actions);
            return;
        }
        let excused = excused && matches!(begin.first_door, LoginFirstDoor::Vouched { .. });
        let offline = offline.filter(|_| !link && !excused);
        let login = Login {
            user: begin.user.clone(),
            service: begin.service.clone(),
            prompts,
            excused,
            stage: if offline.is_some() { Stage::Remembering } else { Stage::Opening },
            deadline: later(now, FIRST_WORD),
            texts: 0,
        };
        self.open.insert(conversation.clone(), login);
        match offline {
            Some((login, offline)) => offline.spend(login, actions),
            None if link => actions.push_back(Action::Send(AgentMessage::LoginBegin(begin))),
            None => self.without_server(&conversation, policy, now, actions),
        }
    }

    /// What was not asked before the state changed may be asked now.
    pub(super) fn handle_state(&mut self, desired: &Desired) {
        for login in self.open.values_mut() {
            login.excused &= desired.excuses(&login.user);
        }
    }

    fn has_place(&self, user: &str) -> bool {
        let of_one = self.open.values().filter(|login| login.user == user).count();
        self.open.len() < MOST_LOGINS && of_one < MOST_OF_ONE
    }

    pub(super) fn handle_step(
        &mut self,
        conversation: &str,
        step: LoginStep,
        trust: &Trust,
        time: Time,
        now: Now,
        actions: &mut VecDeque<Action>,
    ) -> Result<(), RefusedMessage> {
        let login = self.waiting(conversation)?;
        match step {
            LoginStep::Decided { decision } => {
                let verdict = verdict(&decision, conversation, login, trust, time);
                self.close(conversation, &verdict, actions);
                return verdict.map(|_| ());
            }
            LoginStep::Prompt { echo, text } => self.prompt(conversation, echo, text, now, actions),
            LoginStep::Inform { text } => self.inform(conversation, text, now, actions),
        }
        Ok(())
    }

    /// As [`Logins::handle_step`], from the network half that asks a service for exactly this conversation. Nothing is
    /// signed there; who speaks is told by the line it comes on.
    pub(super) fn handle_auth_api(
        &mut self,
        conversation: &str,
        word: AuthApiWord,
        policy: Option<&DesiredLogin>,
        now: Now,
        actions: &mut VecDeque<Action>,
    ) {
        if self.waiting(conversation).is_err() {
            return;
        }
        match word {
            AuthApiWord::Decided { allow, text } => {
                let verdict = if allow { Verdict::Allow } else { Verdict::Deny };
                self.close(conversation, &Ok((verdict, text)), actions);
            }
            AuthApiWord::Inform { text } => self.inform(conversation, text, now, actions),
            AuthApiWord::Prompt { text } => self.prompt(conversation, true, text, now, actions),
            AuthApiWord::Unavailable { .. } => self.without_server(conversation, policy, now, actions),
        }
    }

    /// The login, if it is the server's turn to speak.
    fn waiting(&mut self, conversation: &str) -> Result<&mut Login, RefusedMessage> {
        let unexpected = RefusedMessage::NotExpected("no such login waits for the server");
        let Some(login) = self.open.get_mut(conversation) else { return Err(unexpected) };
        match login.stage {
            Stage::Opening | Stage::Answered => Ok(login),
            Stage::Asked
            | Stage::AskedInVain
            | Stage::BreakGlass { .. }
            | Stage::Remembering
            | Stage::Spending => Err(unexpected),
        }
    }

    /// The login, with one more text counted; `None` if that is one too many, and the login has ended.
    fn shown(&mut self, conversation: &str, actions: &mut VecDeque<Action>) -> Option<&mut Login> {
        let login = self.open.get_mut(conversation)?;
        login.texts = login.texts.saturating_add(1);
        if login.texts > MOST_TEXTS {
            self.deny(conversation, "Too many questions.", actions);
            return None;
        }
        self.open.get_mut(conversation)
    }

    fn prompt(
        &mut self,
        conversation: &str,
        echo: bool,
        text: String,
        now: Now,
        actions: &mut VecDeque<Action>,
    ) {
        let Some(login) = self.shown(conversation, actions) else { return };
        if login.prompts {
            login.stage = Stage::Asked;
            login.deadline = later(now, ANSWER);
            say(conversation, Say::Prompt { echo, text }, actions);
        } else {
            let cancelled = conversation.to_owned();
            actions.push_back(Action::Send(AgentMessage::LoginCancel { conversation: cancelled }));
            self.deny(conversation, "This login needs an answer, and nobody can be asked here.", actions);
        }
    }

    fn inform(&mut self, conversation: &str, text: String, now: Now, actions: &mut VecDeque<Action>) {
        let Some(login) = self.shown(conversation, actions) else { return };
        login.stage = Stage::Answered;
        login.deadline = later(now, NEXT_WORD);
        say(conversation, Say::Inform(text), actions);
    }

    pub(super) fn handle_answer(
        &mut self,
        conversation: &str,
        text: String,
        link: bool,
        policy: Option<&DesiredLogin>,
        now: Now,
        actions: &mut VecDeque<Action>,
    ) {
        let Some(login) = self.open.get_mut(conversation) else { return };
        match login.stage {
            Stage::Asked if link => {
                login.stage = Stage::Answered;
                login.deadline = later(now, NEXT_WORD);
                let conversation = conversation.to_owned();
                actions.push_back(Action::Send(AgentMessage::LoginAnswer { conversation, text }));
            }
            Stage::AskedInVain if link => {
                let text = "The connection to the server was interrupted. Please log in again.";
                self.deny(conversation, text, actions);
            }
            Stage::Asked | Stage::AskedInVain => self.without_server(conversation, policy, now, actions),
            Stage::BreakGlass { tries } => self.try_code(conversation, &text, tries, policy, now, actions),
            // Nobody asked.
            Stage::Opening | Stage::Answered | Stage::Remembering | Stage::Spending => {
                self.deny(conversation, "Login refused.", actions);
            }
        }
    }

    pub(super) fn handle_gone(&mut self, conversation: &str, link: bool, actions: &mut VecDeque<Action>) {
        let Some(login) = self.open.remove(conversation) else { return };
        let at_server = matches!(login.stage, Stage::Opening | Stage::Asked | Stage::Answered);
        if link && at_server {
            let conversation = conversation.to_owned();
            actions.push_back(Action::Send(AgentMessage::LoginCancel { conversation }));
        }
    }

    /// The code is marked as used, so that it opened one door and no other.
    pub(super) fn handle_spent(&mut self, conversation: &str, marked: bool, actions: &mut VecDeque<Action>) {
        match self.open.get(conversation) {
            Some(Login { stage: Stage::Spending, .. }) if marked => {
                self.open.remove(conversation);
                say(conversation, Say::Done(Verdict::Allow), actions);
            }
            Some(_) => self.deny(conversation, "The code cannot be marked as used.", actions),
            None => {}
        }
    }

    /// That the first door is enough is remembered, or could not be.
    pub(super) fn handle_remembered(
        &mut self,
        conversation: &str,
        remembered: bool,
        offline: &mut Offline,
        actions: &mut VecDeque<Action>,
    ) {
        let waits = self.open.get(conversation).is_some_and(|login| login.stage == Stage::Remembering);
        if waits && remembered {
            self.close(conversation, &Ok((Verdict::Exempt, PASSED_OFFLINE.to_owned())), actions);
            return;
        }
        if !remembered {
            offline.take_back(conversation);
        }
        if waits {
            self.deny(
                conversation,
                "This login cannot be remembered, and without the server it must be.",
                actions,
            );
        }
    }

    /// Conversations with the server are over; who waited for it is offered the other way.
    pub(super) fn handle_link_down(
        &mut self,
        policy: Option<&DesiredLogin>,
        now: Now,
        actions: &mut VecDeque<Action>,
    ) {
        for login in self.open.values_mut().filter(|login| login.stage == Stage::Asked) {
            login.stage = Stage::AskedInVain;
        }
        let waiting = |login: &Login| matches!(login.stage, Stage::Opening | Stage::Answered);
        for conversation in self.conversations(waiting) {
            self.without_server(&conversation, policy, now, actions);
        }
    }

    pub(super) fn handle_timeout(
        &mut self,
        link: bool,
        policy: Option<&DesiredLogin>,
        now: Now,
        actions: &mut VecDeque<Action>,
    ) {
        for conversation in self.conversations(|login| login.deadline <= now.monotonic) {
            let Some(login) = self.open.get(&conversation) else { continue };
            match login.stage {
                Stage::Opening | Stage::Answered => {
                    if link {
                        let conversation = conversation.clone();
                        actions.push_back(Action::Send(AgentMessage::LoginCancel { conversation }));
                    }
                    self.without_server(&conversation, policy, now, actions);
                }
                Stage::Asked
                | Stage::AskedInVain
                | Stage::BreakGlass { .. }
                | Stage::Remembering
                | Stage::Spending => {
                    self.handle_gone(&conversation, link, actions);
                    say(&conversation, Say::Done(Verdict::Deny), actions);
                }
            }
        }
    }

    pub(super) fn due(&self) -> Option<Span> {
        self.open.values().map(|login| login.deadline).min()
    }

    /// The report, with what nobody at the server has seen: that a break-glass code was used.
    pub(super) fn with_used_codes(&self, mut report: Report, policy: Option<&DesiredLogin>) -> Report {
        let present = policy.and_then(|policy| policy.break_glass_hash.as_deref());
        for used in self.used.iter().filter(|used| Some(used.hash.as_str()) == present) {
            for account in report.accounts.iter_mut().filter(|account| account.name == used.user) {
                let reason = format!("the break-glass code was used at {}", used.at);
                account.failures.push(Failure { aspect: "break_glass".to_owned(), reason });
            }
        }
        report
    }

    /// The server will not speak: the signed state does if it had not spoken before, and otherwise a break-glass code
    /// is asked for, if there is one that can still be used and somebody to ask.
    fn without_server(
        &mut self,
        conversation: &str,
        policy: Option<&DesiredLogin>,
        now: Now,
        actions: &mut VecDeque<Action>,
    ) {
        if let Some(Login { excused: true, stage: Stage::Opening, .. }) = self.open.get(conversation) {
            self.open.remove(conversation);
            say(conversation, Say::Done(Verdict::Exempt), actions);
            return;
        }
        let tries = policy.map_or(1, |policy| policy.prompts.clamp(1, MOST_TRIES));
        let user = self.open.get(conversation).map(|login| login.user.clone());
        let usable = user.is_some_and(|user| self.usable_hash(&user, policy, now).is_some());
        match self.open.get_mut(conversation) {
            Some(login) if usable && login.prompts => {
                login.stage = Stage::BreakGlass { tries };
                login.deadline = later(now, ANSWER);
                let text = BREAK_GLASS_PROMPT.to_owned();
                say(conversation, Say::Prompt { echo: false, text }, actions);
            }
            Some(_) => {
                self.open.remove(conversation);
                say(
                    conversation,
                    Say::Warn("The server of the second door cannot be reached.".to_owned()),
                    actions,
                );
                say(conversation, Say::Done(Verdict::Unavailable), actions);
            }
            None => {}
        }
    }

    fn usable_hash<'a>(&mut self, user: &str, policy: Option<&'a DesiredLogin>, now: Now) -> Option<&'a str> {
        self.wrong.retain(|_, times| {
            times.retain(|at| at.0.saturating_add(WRONG_WITHIN.0) > now.monotonic.0);
            !times.is_empty()
        });
        let hash = policy?.break_glass_hash.as_deref()?;
        let fresh = self.used.iter().all(|used| used.hash != hash);
        let wrong = self.wrong.get(user).map_or(0, VecDeque::len);
        (fresh && wrong < MOST_WRONG).then_some(hash)
    }

    fn try_code(
        &mut self,
        conversation: &str,
        text: &str,
        tries: u8,
        policy: Option<&DesiredLogin>,
        now: Now,
        actions: &mut VecDeque<Action>,
    ) {
        let salt = policy.map_or("", |policy| policy.break_glass_salt.as_str());
        let given = typed_digits(text).map(|digits| break_glass_hash(salt, &digits));
        let Some(user) = self.open.get(conversation).map(|login| login.user.clone()) else { return };
        let right = self
            .usable_hash(&user, policy, now)
            .filter(|hash| given.is_some_and(|given| constant_time_eq(given.as_bytes(), hash.as_bytes())))
            .map(str::to_owned);
        let Some(login) = self.open.get_mut(conversation) else { return };
        if let Some(hash) = right {
            login.stage = Stage::Spending;
            let code = UsedCode { hash, user, at: now.wall };
            // Used from this moment on, for every other login as well.
            self.used.push(code.clone());
            actions.push_back(Action::Spend { conversation: conversation.to_owned(), code });
            return;
        }
        self.wrong.entry(user.clone()).or_default().push_back(now.monotonic);
        if tries > 1 && self.usable_hash(&user, policy, now).is_some() {
            self.ask_again(conversation, tries - 1, now, actions);
        } else {
            self.deny(conversation, "Wrong code.", actions);
        }
    }

    fn ask_again(&mut self, conversation: &str, tries: u8, now: Now, actions: &mut VecDeque<Action>) {
        let Some(login) = self.open.get_mut(conversation) else { return };
        login.stage = Stage::BreakGlass { tries };
        login.deadline = later(now, ANSWER);
        let text = format!("Wrong code. {BREAK_GLASS_PROMPT}");
        say(conversation, Say::Prompt { echo: false, text }, actions);
    }

    fn close(
        &mut self,
        conversation: &str,
        verdict: &Result<(Verdict, String), RefusedMessage>,
        actions: &mut VecDeque<Action>,
    ) {
        self.open.remove(conversation);
        let (verdict, text) = match verdict {
            Ok((verdict, text)) => (*verdict, text.as_str()),
            Err(_) => (Verdict::Deny, "The answer of the server cannot be believed."),
        };
        if !text.is_empty() {
            let text = text.to_owned();
            let words = if verdict == Verdict::Deny { Say::Warn(text) } else { Say::Inform(text) };
            say(conversation, words, actions);
        }
        say(conversation, Say::Done(verdict), actions);
    }

    fn deny(&mut self, conversation: &str, text: &str, actions: &mut VecDeque<Action>) {
        self.open.remove(conversation);
        say(conversation, Say::Warn(text.to_owned()), actions);
        say(conversation, Say::Done(Verdict::Deny), actions);
    }

    fn conversations(&self, which: impl Fn(&Login) -> bool) -> Vec<String> {
        self.open.iter().filter(|(_, login)| which(login)).map(|(id, _)| id.clone()).collect()
    }
}

/// Hexadecimal SHA-256 of the digits with the salt in front.
#[must_use]
pub fn break_glass_hash(salt: &str, digits: &str) -> String {
    digest::hex(&digest::sha256(format!("{salt}{digits}").as_bytes()))
}

/// The organisation's word, if it is about exactly this login and still holds.
fn verdict(
    signed: &Signed,
    conversation: &str,
    login: &Login,
    trust: &Trust,
    time: Time,
) -> Result<(Verdict, String), RefusedMessage> {
    let decision: LoginDecision = trust.open(signed, context::LOGIN)?;
    if decision.device != trust.device {
        return Err(RefusedMessage::OtherDevice);
    }
    let same = decision.conversation == conversation
        && decision.user == login.user
        && decision.service == login.service;
    if !same {
        return Err(RefusedMessage::NotExpected("the decision is about another login"));
    }
    if decision.not_after < time {
        return Err(RefusedMessage::NotExpected("the decision is too old"));
    }
    let verdict = match (decision.allow, decision.exempt) {
        (true, false) => Verdict::Allow,
        (true, true) => Verdict::Exempt,
        (false, _) => Verdict::Deny,
    };
    Ok((verdict, decision.text))
}

fn say(conversation: &str, say: Say, actions: &mut VecDeque<Action>) {
    actions.push_back(Action::Say { conversation: conversation.to_owned(), say });
}
