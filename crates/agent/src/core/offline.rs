//! Logins by the first door alone while the server cannot be reached, where the signed state lets a person do so.
//!
//! It is given seldom and counted strictly, for whoever keeps the server away must not win by it:
//!
//! * to people of whom the signed state says so, with a standard account that is as desired, behind a password that
//!   `pam_unix` found right, in front of the machine: not over the network, not to become somebody else;
//! * while the machine has no network at all: one that is up and leads to everybody but the server may be a trick;
//! * [`MOST_LOGINS`] times, and for [`LONGEST`], since the organisation last proved that it is there. The proof is
//!   signed over a nonce of the privileged half, so that the network half, which carries it, cannot make one. Time is
//!   that of a clock which nobody sets and which runs on while the machine sleeps; in a life of the machine without
//!   any proof, nobody can tell how long it has been, and nobody passes.
//!
//! What was given is on disk before the door opens, and is forgotten only when the organisation has it for good. So
//! the count *is* the list of logins it has not heard of, and neither a restart nor a crash makes it shorter.

use std::collections::VecDeque;

use sallyport_api::agent::{
    AgentMessage, Contact, ContactProof, LoginBegin, LoginFirstDoor, OfflineLogin, Signed, context,
};
use sallyport_model::{
    id::{DeviceId, UserId},
    time::{Span, Time},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Action, Now, RefusedMessage, later};
use crate::trust::Trust;

/// Logins that the server has not heard of.
const MOST_LOGINS: usize = 3;
/// Since the organisation last proved that it is there.
const LONGEST: Span = Span::hours(1);
/// How often it is asked to. The hour may begin so much before the server was really lost, never after it.
const PROVE_EVERY: Span = Span::minutes(5);
/// Services of programs that let people in who sit in front of the machine. What is not named is closed.
const CONSOLES: [&str; 5] = ["gdm-password", "lightdm", "login", "sddm", "xdm"];
const FIRST_DOOR: &str = "pam_unix";

/// A moment in one life of the machine, from its start to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uptime {
    /// Which life.
    pub boot: Uuid,
    /// Since its start, sleep included.
    pub at: Span,
}

/// What has to be remembered, whatever happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfflineRecord {
    /// Of which enrolment this is.
    pub device: DeviceId,
    /// When the organisation last proved that it is there.
    pub contact: Option<Uptime>,
    /// What it has not heard of.
    pub logins: Vec<OfflineLogin>,
}

/// Why somebody does not pass without the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    /// Not by this kind of login.
    Door,
    /// Too long, or nobody can tell how long.
    Hour,
    Network,
    /// Nobody is there to let anybody do so.
    NotEnrolled,
    /// So many did already.
    Spent,
}

#[derive(Debug)]
pub(super) struct Offline {
    record: Option<OfflineRecord>,
    asked: Option<Asked>,
    /// When to ask for the next.
    due: Option<Span>,
}

/// A proof that was asked for.
#[derive(Debug)]
struct Asked {
    nonce: String,
    /// Proven is that the organisation was there at some time after this, whenever its word may come through.
    at: Option<Uptime>,
    /// Of how many logins it was told.
    logins: usize,
}

impl Offline {
    /// Goes on where it stood; what was remembered of another enrolment is nothing.
    pub(super) fn new(trust: Option<&Trust>, kept: Option<OfflineRecord>) -> Self {
        let fresh = |device| OfflineRecord { device, contact: None, logins: Vec::new() };
        let record = trust.map(|trust| {
            kept.filter(|record| record.device == trust.device).unwrap_or_else(|| fresh(trust.device))
        });
        Self { record, asked: None, due: None }
    }

    pub(super) fn due(&self) -> Option<Span> {
        self.due
    }

    /// The server is there, or says something new: its proof is wanted where it may be needed one day, or while it
    /// has not heard of everything.
    pub(super) fn handle_contact(&mut self, opens: bool, now: Now, actions: &mut VecDeque<Action>) {
        let untold = self.record.as_ref().is_some_and(|record| !record.logins.is_empty());
        if opens || untold {
            self.due = Some(later(now, PROVE_EVERY));
            actions.push_back(Action::ProveContact);
        } else {
            self.due = None;
        }
    }

    pub(super) fn handle_link_down(&mut self) {
        (self.asked, self.due) = (None, None);
    }

    /// A fresh nonce, as it was asked for.
    pub(super) fn handle_nonce(&mut self, nonce: String, now: Now, actions: &mut VecDeque<Action>) {
        let Some(record) = &self.record else { return };
        let logins = record.logins.clone();
        self.asked = Some(Asked { nonce: nonce.clone(), at: now.uptime, logins: logins.len() });
        actions.push_back(Action::Send(AgentMessage::Contact(Contact { nonce, logins })));
    }

    /// The organisation's word, if it answers the present question.
    pub(super) fn handle_proof(
        &mut self,
        proof: &Signed,
        trust: &Trust,
        actions: &mut VecDeque<Action>,
    ) -> Result<(), RefusedMessage> {
        let proof: ContactProof = trust.open(proof, context::CONTACT)?;
        if proof.device != trust.device {
            return Err(RefusedMessage::OtherDevice);
        }
        let Some(asked) = self.asked.take_if(|asked| asked.nonce == proof.nonce) else {
            return Err(RefusedMessage::NotExpected("no proof with this nonce was asked for"));
        };
        let Some(record) = &mut self.record else { return Err(RefusedMessage::NotEnrolled) };
        record.contact = asked.at;
        record.logins.drain(..asked.logins.min(record.logins.len()));
        actions.push_back(Action::KeepOffline { record: Box::new(record.clone()), conversation: None });
        Ok(())
    }

    /// Whether this login may pass now. Whoever asks has seen to it that the state lets the person, and that the
    /// server is away.
    pub(super) fn allows(&self, begin: &LoginBegin, network: bool, now: Now) -> Result<(), Closed> {
        let vouched = matches!(&begin.first_door, LoginFirstDoor::Vouched { by } if by == FIRST_DOOR);
        if !vouched || begin.remote_host.is_some() || !CONSOLES.contains(&begin.service.as_str()) {
            return Err(Closed::Door);
        }
        if network {
            return Err(Closed::Network);
        }
        let record = self.record.as_ref().ok_or(Closed::NotEnrolled)?;
        if record.logins.len() >= MOST_LOGINS {
            return Err(Closed::Spent);
        }
        let (Some(contact), Some(present)) = (record.contact, now.uptime) else { return Err(Closed::Hour) };
        let since = present.at.0.saturating_sub(contact.at.0);
        let within = contact.boot == present.boot && (0..=LONGEST.0).contains(&since);
        if within { Ok(()) } else { Err(Closed::Hour) }
    }

    /// The login counts from now on, for every other as well; it is to be remembered before the door opens.
    pub(super) fn spend(&mut self, login: OfflineLogin, actions: &mut VecDeque<Action>) {
        let Some(record) = &mut self.record else { return };
        let conversation = Some(login.conversation.clone());
        record.logins.push(login);
        actions.push_back(Action::KeepOffline { record: Box::new(record.clone()), conversation });
    }

    /// It could not be remembered, and the door stays shut: nobody passed.
    pub(super) fn take_back(&mut self, conversation: &str) {
        if let Some(record) = &mut self.record {
            record.logins.retain(|login| login.conversation != conversation);
        }
    }
}

/// What is told of a login.
pub(super) fn login(begin: &LoginBegin, user: UserId, at: Time) -> OfflineLogin {
    OfflineLogin {
        conversation: begin.conversation.clone(),
        user,
        name: begin.user.clone(),
        service: begin.service.clone(),
        first_door: FIRST_DOOR.to_owned(),
        at,
    }
}
