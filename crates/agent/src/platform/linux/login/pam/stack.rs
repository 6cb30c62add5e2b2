//! One kind of lines of a service, with what they include, as libpam goes through them.

use std::collections::BTreeMap;

use super::{COMPOSE, DEEPEST, Included, Kind, Line, MODULE, PamError, include, lines_of, parse};

/// Modules that check nobody's password or the like. Any other is taken for a first door.
const NEUTRAL: [&str; 39] = [
    "pam_access",
    "pam_cap",
    "pam_debug",
    "pam_deny",
    "pam_echo",
    "pam_env",
    "pam_faildelay",
    "pam_faillock",
    "pam_fscrypt",
    "pam_gnome_keyring",
    "pam_group",
    "pam_issue",
    "pam_keyinit",
    "pam_kwallet5",
    "pam_lastlog",
    "pam_lastlog2",
    "pam_limits",
    "pam_localuser",
    "pam_loginuid",
    "pam_mail",
    "pam_mkhomedir",
    "pam_motd",
    "pam_namespace",
    "pam_nologin",
    "pam_permit",
    "pam_rootok",
    "pam_securetty",
    "pam_selinux",
    "pam_sepermit",
    "pam_setquota",
    "pam_shells",
    "pam_succeed_if",
    "pam_systemd",
    "pam_time",
    "pam_tty_audit",
    "pam_umask",
    "pam_warn",
    "pam_wheel",
    "pam_xauth",
];

/// Controls by which nothing is passed over.
const PLAIN: [&str; 3] = ["required", "requisite", "optional"];

#[derive(Debug, Clone)]
struct Rule {
    /// Of the outermost file.
    origin: usize,
    text: String,
    control: String,
    module: String,
    /// The rule behind the innermost substack this is in; `die` ends no more than that.
    substack_end: Option<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct Stack {
    rules: Vec<Rule>,
}

/// How a module ends, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Failure,
    Success,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Bad,
    Die,
    Done,
    /// `ok` or `ignore`.
    GoOn,
    Jump(usize),
    Reset,
}

/// What has happened on the way to a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Past {
    /// A first door was opened.
    passed: bool,
    /// One was not, and the login will fail in the end.
    failed: bool,
}

impl Stack {
    pub(super) fn new(lines: &[&str], kind: Kind, included: &Included<'_>) -> Result<Self, PamError> {
        let mut stack = Self { rules: Vec::new() };
        for (index, line) in lines.iter().enumerate() {
            stack.flatten(line, kind, (index, index), included, 0)?;
        }
        Ok(stack)
    }

    /// Whether there is more in it than what lets root alone in, or nobody.
    pub(super) fn lets_in(&self) -> bool {
        self.rules.iter().any(|rule| !matches!(rule.name(), "pam_rootok" | "pam_deny"))
    }

    /// What comes before our line, if there is one.
    pub(super) fn ours(&self) -> Option<Self> {
        let position = self.rules.iter().position(Rule::asks)?;
        Some(Self { rules: self.rules.iter().take(position).cloned().collect() })
    }

    /// The line of the outermost file in front of which passwords can be composed: everything from there to the first
    /// door asks nobody anything and is gone through in any case, the door is one that takes the password which is
    /// there already, and no jump would land elsewhere.
    pub(super) fn place_to_compose(&self) -> Option<usize> {
        let door = self.rules.iter().position(Rule::is_door)?;
        let origin = self.rules.get(door)?.origin;
        let start = self.rules.iter().position(|rule| rule.origin == origin)?;
        let mut between = self.rules.iter().take(door).skip(start);
        let takes = self.rules.get(door).is_some_and(Rule::takes_what_is_there);
        let plain = between.all(|rule| rule.name() != "pam_rootok" && PLAIN.contains(&rule.control.as_str()));
        (takes && plain && !self.is_jumped_over(start)).then_some(origin)
    }

    /// Whether a rule before this place can go on behind it. Nobody counts on how many lines a substack is.
    fn is_jumped_over(&self, place: usize) -> bool {
        let before = || self.rules.iter().take(place).enumerate();
        let substacks = before().any(|(_, rule)| rule.substack_end.is_some());
        before().any(|(position, rule)| {
            let mut jumps = jumps(&rule.control);
            jumps.any(|count| substacks || position.saturating_add(count) >= place)
        })
    }

    /// Whether passwords are composed before one is checked, or the server is what checks them.
    pub(super) fn composes(&self) -> bool {
        let Some(door) = self.rules.iter().position(Rule::is_door) else { return false };
        let before = self.rules.iter().take(door).any(Rule::composes);
        before || self.rules.get(door).is_some_and(Rule::asks)
    }

    /// Its lines one after the other: nobody's password is asked, and root goes through like anybody. Lines keep their
    /// number, for jumps count them.
    pub(super) fn rehearsal(&self, kind: &str) -> Option<Vec<String>> {
        let line = |rule: &Rule| {
            if rule.substack_end.is_some() {
                return None;
            }
            Some(match rule.name() {
                "pam_rootok" => format!("{kind} optional pam_permit.so"),
                name if kind == "auth" && !NEUTRAL.contains(&name) && !rule.module.contains(MODULE) => {
                    format!("{kind} {} pam_permit.so", rule.control)
                }
                _ => rule.text.clone(),
            })
        };
        self.rules.iter().map(line).collect()
    }

    /// Refuses a stack that can end well before it comes to the line behind it.
    pub(super) fn require_no_bypass(&self) -> Result<(), PamError> {
        for (position, rule) in self.rules.iter().enumerate() {
            let left = self.rules.len() - position - 1;
            // Root becomes whoever it wants without any door; that is what this module is for.
            if ends_well(&rule.control, left) && rule.name() != "pam_rootok" {
                return Err(PamError::Bypass { line: rule.origin + 1, text: rule.text.trim().to_owned() });
            }
        }
        Ok(())
    }

    /// Refuses a stack that can come to the line behind it without a first door having been opened, or after one
    /// stayed shut. Every way through is followed.
    pub(super) fn require_vouched(&self) -> Result<(), PamError> {
        let mut blame = None;
        let mut ways = BTreeMap::from([((0, Past { passed: false, failed: false }), None)]);
        while let Some(((position, past), shut)) = ways.pop_first() {
            let Some(rule) = self.rules.get(position) else {
                if past.failed || !past.passed {
                    blame = Some(shut);
                }
                continue;
            };
            for (next, past, failed) in rule.ways(position, past) {
                ways.entry((next, past)).or_insert(if failed { Some(position) } else { shut });
            }
        }
        let Some(shut) = blame else { return Ok(()) };
        let Some(rule) = shut.and_then(|position| self.rules.get(position)) else {
            return Err(PamError::NoFirstDoor);
        };
        Err(PamError::Vouch { line: rule.origin + 1, text: rule.text.trim().to_owned() })
    }

    /// `at` is the line here and the one of the outermost file that led here.
    fn flatten(
        &mut self,
        line: &str,
        wanted: Kind,
        at: (usize, usize),
        included: &Included<'_>,
        depth: u8,
    ) -> Result<(), PamError> {
        if depth > DEEPEST {
            return Err(PamError::Nested);
        }
        let name = match parse(line, at.0)? {
            Line::Module { kind, control: "include" | "substack", module } if kind == wanted => module,
            Line::Module { kind, control, module } if kind == wanted => {
                self.rules.push(Rule {
                    origin: at.1,
                    text: line.to_owned(),
                    control: control.to_owned(),
                    module: module.to_owned(),
                    substack_end: None,
                });
                return Ok(());
            }
            Line::Include(name) => name,
            Line::Empty | Line::Module { .. } => return Ok(()),
        };
        let substack = matches!(parse(line, at.0)?, Line::Module { control: "substack", .. });
        let start = self.rules.len();
        for (index, line) in lines_of(&include(name, at.1, included)?).enumerate() {
            self.flatten(line, wanted, (index, at.1), included, depth + 1)?;
        }
        let end = self.rules.len();
        for rule in self.rules.iter_mut().skip(start).filter(|_| substack) {
            rule.substack_end.get_or_insert(end);
        }
        Ok(())
    }
}

impl Rule {
    /// A line of ours that composes, and has no say in who comes in.
    fn composes(&self) -> bool {
        let words = self.text.split('#').next().unwrap_or_default().split_whitespace();
        let mut words = words.map(|word| word.trim_matches(['[', ']']));
        self.module.contains(MODULE) && words.any(|word| word == COMPOSE)
    }

    /// A line of ours that asks for the second door.
    fn asks(&self) -> bool {
        self.module.contains(MODULE) && !self.composes()
    }

    fn is_door(&self) -> bool {
        !NEUTRAL.contains(&self.name()) && !self.composes()
    }

    /// `pam_unix` asks for a password only where none is there; others ask in any case, or mean another one.
    fn takes_what_is_there(&self) -> bool {
        self.name() == "pam_unix" && !self.text.split_whitespace().any(|word| word == "use_first_pass")
    }

    fn name(&self) -> &str {
        let file = self.module.rsplit('/').next().unwrap_or_default();
        file.strip_suffix(".so").unwrap_or(file)
    }

    /// Where it can go on from here, and whether it does so because a first door stayed shut.
    fn ways(&self, position: usize, past: Past) -> Vec<(usize, Past, bool)> {
        let door = self.is_door();
        let outcomes: &[Outcome] = match self.name() {
            _ if self.composes() => &[Outcome::Failure],
            "pam_deny" => &[Outcome::Failure],
            "pam_permit" => &[Outcome::Success],
            _ => &[Outcome::Failure, Outcome::Success],
        };
        let mut ways = Vec::new();
        for outcome in outcomes {
            let shut = door && *outcome == Outcome::Failure;
            for action in actions(&self.control, *outcome) {
                let opened = door && *outcome == Outcome::Success;
                let mut then = Past { passed: past.passed || opened, failed: past.failed };
                let next = match action {
                    Action::GoOn => position + 1,
                    Action::Jump(count) => position.saturating_add(count).saturating_add(1),
                    Action::Bad => {
                        then.failed |= door;
                        position + 1
                    }
                    Action::Reset => {
                        then = Past { passed: false, failed: false };
                        position + 1
                    }
                    Action::Die => {
                        let Some(end) = self.substack_end else { continue };
                        then.failed = true;
                        end
                    }
                    // With a failure before it, it does not end.
                    Action::Done if past.failed => position + 1,
                    Action::Done => {
                        let Some(end) = self.substack_end else { continue };
                        end
                    }
                };
                ways.push((next, then, shut || (then.failed && !past.failed)));
            }
        }
        ways
    }
}

/// What can follow when a module ends like this.
fn actions(control: &str, outcome: Outcome) -> Vec<Action> {
    let pairs = match control {
        "required" => "success=ok new_authtok_reqd=ok ignore=ignore default=bad",
        "requisite" => "success=ok new_authtok_reqd=ok ignore=ignore default=die",
        "sufficient" => "success=done new_authtok_reqd=done default=ignore",
        "optional" => "success=ok new_authtok_reqd=ok default=ignore",
        other => other.trim_start_matches('[').trim_end_matches(']'),
    };
    let pairs: Vec<(&str, &str)> = pairs.split_whitespace().filter_map(|pair| pair.split_once('=')).collect();
    let named = |value: &str| pairs.iter().find(|(name, _)| *name == value).map(|(_, action)| *action);
    let default = named("default").unwrap_or("bad");
    let is_good = |value: &str| matches!(value, "success" | "new_authtok_reqd");
    let mut words = match outcome {
        Outcome::Success => {
            vec![named("success").unwrap_or(default), named("new_authtok_reqd").unwrap_or(default)]
        }
        // One that is to be ignored says nothing about the person.
        Outcome::Failure => {
            let bad = pairs.iter().filter(|(value, _)| !is_good(value) && *value != "ignore");
            bad.map(|(_, action)| *action).chain([default]).collect()
        }
    };
    words.sort_unstable();
    words.dedup();
    words.into_iter().map(action).collect()
}

fn action(word: &str) -> Action {
    match word {
        "ok" | "ignore" => Action::GoOn,
        "die" => Action::Die,
        "done" => Action::Done,
        "reset" => Action::Reset,
        number => number.parse().map_or(Action::Bad, Action::Jump),
    }
}

/// How many lines this control may pass over.
fn jumps(control: &str) -> impl Iterator<Item = usize> {
    let pairs = control.trim_start_matches('[').trim_end_matches(']').split_whitespace();
    pairs.filter_map(|pair| pair.split_once('=')?.1.parse().ok())
}

/// Whether this control can end the stack with success, or jump over more lines than are left.
fn ends_well(control: &str, left: usize) -> bool {
    if control == "sufficient" {
        return true;
    }
    let Some(pairs) = control.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else { return false };
    pairs.split_whitespace().filter_map(|pair| pair.split_once('=')).any(|(value, action)| {
        let good = matches!(value, "success" | "new_authtok_reqd" | "default");
        let jumps_over = action.parse::<usize>().is_ok_and(|count| count > left);
        (good && action == "done") || jumps_over
    })
}
