//! Which state the device should be in: the newest one, ever, and applied again now and then.

use std::collections::VecDeque;

use sallyport_api::agent::{
    AgentMessage, Condition, DesiredLogin, DesiredState, Report, Signed, StateVersion, context,
};
use sallyport_model::{Right, id::UserId, time::Span};

use super::{Action, Now, RefusedMessage, later};
use crate::trust::Trust;

/// How often the device is compared with what it should be without being told.
const APPLY_EVERY: Span = Span::minutes(15);

#[derive(Debug, Default)]
pub(super) struct Desired {
    state: Option<DesiredState>,
    applying: bool,
    /// Apply once more as soon as the present attempt is over.
    again: bool,
    due: Option<Span>,
    report: Option<Report>,
}

/// The state in `signed`, if the organisation signed it for this device.
pub(super) fn verified(trust: &Trust, signed: &Signed) -> Result<DesiredState, RefusedMessage> {
    let state: DesiredState = trust.open(signed, context::DESIRED_STATE)?;
    if state.device == trust.device { Ok(state) } else { Err(RefusedMessage::OtherDevice) }
}

impl Desired {
    pub(super) fn version(&self) -> Option<StateVersion> {
        self.state.as_ref().map(|state| state.version)
    }

    pub(super) fn state(&self) -> Option<&DesiredState> {
        self.state.as_ref()
    }

    pub(super) fn login(&self) -> Option<&DesiredLogin> {
        self.state.as_ref().map(|state| &state.login)
    }

    /// Whether the organisation does not ask this person for the second door here. Somebody of whom the state says
    /// nothing, or two things, is asked.
    pub(super) fn excuses(&self, user: &str) -> bool {
        let accounts = self.state.iter().flat_map(|state| &state.accounts);
        let mut found = accounts.filter(|account| account.name == user).peekable();
        found.peek().is_some() && found.all(|account| !account.second_door && !account.suspended)
    }

    /// Whether the organisation lets anybody pass here while it cannot be reached.
    pub(super) fn opens(&self) -> bool {
        self.state.iter().flat_map(|state| &state.accounts).any(|account| account.fail_open)
    }

    /// Who this is, if the organisation lets them pass here while it cannot be reached: one standard account of this
    /// name, which is as desired. Of an administrator it is not believed, whatever the state says.
    pub(super) fn fails_open(&self, user: &str) -> Option<UserId> {
        let mut found = self.state.iter().flat_map(|state| &state.accounts).filter(|one| one.name == user);
        let (Some(account), None) = (found.next(), found.next()) else { return None };
        let standard = match account.right {
            Right::Standard => true,
            Right::Administrator => false,
        };
        let reported = self.report.iter().flat_map(|report| &report.accounts);
        let in_place = reported
            .filter(|one| one.user == account.user && one.name == user)
            .any(|one| one.condition == Condition::InPlace);
        (account.fail_open && standard && !account.suspended && in_place).then_some(account.user)
    }

    /// Whether the newest state that came, or was kept from before, still has to be applied: a first time, well or
    /// badly. Comparing once more what was applied is no such case.
    pub(super) fn is_pending(&self) -> bool {
        let applied = |version| self.report.as_ref().is_some_and(|report| report.version == version);
        self.version().is_some_and(|version| !applied(version))
    }

    pub(super) fn report(&self) -> Option<&Report> {
        self.report.as_ref()
    }

    pub(super) fn due(&self) -> Option<Span> {
        self.due.filter(|_| !self.applying)
    }

    /// Takes a state that was kept from before.
    pub(super) fn adopt(&mut self, state: DesiredState, now: Now, actions: &mut VecDeque<Action>) {
        self.state = Some(state);
        self.apply(now, actions);
    }

    pub(super) fn handle_state(
        &mut self,
        state: DesiredState,
        signed: Signed,
        now: Now,
        actions: &mut VecDeque<Action>,
    ) -> Result<(), RefusedMessage> {
        match self.version() {
            Some(version) if state.version < version => return Err(RefusedMessage::Older),
            // The same again: what is there is compared and reported once more.
            Some(version) if state.version == version => {}
            Some(_) | None => {
                actions.push_back(Action::Keep(Box::new(signed)));
                self.state = Some(state);
            }
        }
        self.report = None;
        self.apply(now, actions);
        Ok(())
    }

    pub(super) fn handle_applied(
        &mut self,
        report: Report,
        link: bool,
        now: Now,
        actions: &mut VecDeque<Action>,
    ) {
        self.applying = false;
        let news = self.report.as_ref() != Some(&report);
        if news && link {
            actions.push_back(Action::Send(AgentMessage::Report(Box::new(report.clone()))));
        }
        self.report = Some(report);
        if std::mem::take(&mut self.again) {
            self.apply(now, actions);
        }
    }

    pub(super) fn handle_link_up(&self, actions: &mut VecDeque<Action>) {
        if let Some(report) = &self.report {
            actions.push_back(Action::Send(AgentMessage::Report(Box::new(report.clone()))));
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Now, actions: &mut VecDeque<Action>) {
        if self.due().is_some_and(|due| due <= now.monotonic) {
            self.apply(now, actions);
        }
    }

    pub(super) fn look_again(&mut self, now: Now, actions: &mut VecDeque<Action>) {
        self.apply(now, actions);
    }

    fn apply(&mut self, now: Now, actions: &mut VecDeque<Action>) {
        self.due = Some(later(now, APPLY_EVERY));
        if self.applying {
            self.again = true;
        } else if let Some(state) = &self.state {
            self.applying = true;
            actions.push_back(Action::Apply(Box::new(state.clone())));
        }
    }
}
