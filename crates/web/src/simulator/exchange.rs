//! What was carried, and where each call stands.

use std::collections::VecDeque;

use sallyport_wire::twilio::{
    Call, CallState, Message, Sender,
    twiml::{Gather, Twiml, Verb},
};
use serde::Serialize;

/// Texts and calls kept, the oldest forgotten first.
const KEPT: usize = 500;

#[derive(Debug, Default)]
pub(super) struct Exchange {
    count: u64,
    pub(super) texts: VecDeque<Text>,
    pub(super) calls: VecDeque<Ringing>,
}

/// A text that was taken.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Text {
    pub(super) sid: String,
    pub(super) to: String,
    pub(super) from: String,
    pub(super) body: String,
}

/// A call that was placed.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Ringing {
    pub(super) sid: String,
    pub(super) to: String,
    pub(super) from: String,
    pub(super) state: &'static str,
    /// All that was said in it.
    pub(super) said: Vec<String>,
    /// How many digits it waits for, if it does.
    pub(super) wants: Option<u8>,
    #[serde(skip)]
    pub(super) action: String,
    #[serde(skip)]
    pub(super) status_callback: Option<String>,
}

impl Exchange {
    /// A number of its own, such as `SM00000000000000000000000000000001`.
    fn sid(&mut self, prefix: &str) -> String {
        self.count += 1;
        format!("{prefix}{:032x}", self.count)
    }

    pub(super) fn take_text(&mut self, message: Message) -> String {
        let sid = self.sid("SM");
        let from = match message.from {
            Sender::From(from) | Sender::Service(from) => from,
        };
        keep(&mut self.texts, Text { sid: sid.clone(), to: message.to, from, body: message.body });
        sid
    }

    pub(super) fn take_call(&mut self, call: Call, twiml: &Twiml) -> String {
        let sid = self.sid("CA");
        let mut ringing = Ringing {
            sid: sid.clone(),
            to: call.to,
            from: call.from,
            state: CallState::Ringing.as_str(),
            said: Vec::new(),
            wants: None,
            action: String::new(),
            status_callback: call.status_callback,
        };
        ringing.follow(twiml);
        // It is said once somebody answers.
        ringing.state = CallState::Ringing.as_str();
        keep(&mut self.calls, ringing);
        sid
    }

    pub(super) fn call(&mut self, sid: &str) -> Option<&mut Ringing> {
        self.calls.iter_mut().find(|call| call.sid == sid)
    }
}

impl Ringing {
    pub(super) fn is_over(&self) -> bool {
        CallState::parse(self.state).is_none_or(CallState::is_over)
    }

    /// Does what the instructions say, up to where somebody has to type something.
    pub(super) fn follow(&mut self, twiml: &Twiml) {
        self.wants = None;
        self.state = CallState::InProgress.as_str();
        for verb in &twiml.0 {
            match verb {
                Verb::Gather(Gather { action, digits, say, .. }) => {
                    self.said.push(say.clone());
                    self.action.clone_from(action);
                    self.wants = Some(*digits);
                    return;
                }
                Verb::Hangup => break,
                Verb::Say(text) => self.said.push(text.clone()),
            }
        }
        // Where the instructions end, so does the call.
        self.state = CallState::Completed.as_str();
    }
}

fn keep<T>(kept: &mut VecDeque<T>, new: T) {
    if kept.len() >= KEPT {
        kept.pop_front();
    }
    kept.push_back(new);
}
